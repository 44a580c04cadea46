/* The table of the call list's columns. */
#ifndef UI_CALL_COLUMNS_H
#define UI_CALL_COLUMNS_H

#include "record/record.h"
#include "ui/aliases.h"
#include "ui/columns.h"
#include "ui/header_values.h"

/* What cells look things up in: the context of their columns. */
struct call_cells {
    const struct aliases *aliases;
    struct header_values *headers;
    const struct message_store *messages;
};

/* Of call records. */
extern const struct column call_columns[];
extern const size_t call_column_count;

/* The column of a SIP header, which is its title; borrowed. */
struct column call_column_header(const char *header);

#endif

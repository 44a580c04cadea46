/* The table of the call list's columns. */
#ifndef UI_CALL_COLUMNS_H
#define UI_CALL_COLUMNS_H

#include "record/record.h"
#include "ui/columns.h"

/* Of call records. */
extern const struct column call_columns[];
extern const size_t call_column_count;

#endif

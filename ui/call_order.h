/* The order of the call list: by one column, up or down. */
#ifndef UI_CALL_ORDER_H
#define UI_CALL_ORDER_H

#include "ui/call_store.h"
#include "ui/columns.h"

/* Sorts rows of the store by a column; rows that are equal there stay in the order of their ids. Without memory nothing happens. */
void call_order(const struct call_store *store, size_t *rows, size_t count, const struct column *column, bool down);

#endif

/* What a column is sorted by is taken out of the records once, as 16 bytes a row: comparing them touches no record any more. Texts
   sort by their first 16 bytes, without case. */
#include "ui/call_order.h"

#include <stdlib.h>

struct key {
    struct column_key by;
    size_t row;
};

static int by_key(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    if (a->by.high != b->by.high)
        return a->by.high < b->by.high ? -1 : 1;
    if (a->by.low != b->by.low)
        return a->by.low < b->by.low ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

void call_order(const struct call_store *store, size_t *rows, size_t count, const struct column *column, bool down)
{
    struct key *keys = malloc((count + 1) * sizeof *keys);
    if (keys == NULL || column->key == NULL) {
        free(keys);
        return;
    }
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct key){column->key(store->calls[rows[i]].record), rows[i]};
    qsort(keys, count, sizeof *keys, by_key);
    for (size_t i = 0; i < count; i++)
        rows[i] = keys[down ? count - 1 - i : i].row;
    free(keys);
}

/* What a column is sorted by is taken out of the records once, as 16 bytes a row: comparing them touches no record any more. Texts
   sort by their first 16 bytes, without case. */
#include "ui/call_order.h"

#include <stdlib.h>

struct key {
    struct column_key by;
    size_t row;
};

/* One byte's pass of a radix sort, which keeps the order of equal ones; false where all have the same byte, and nothing was moved. */
static bool pass_sort(const struct key *from, struct key *to, size_t count, unsigned shift, bool high)
{
    size_t places[256] = {0}, at = 0;
    for (size_t i = 0; i < count; i++)
        places[(high ? from[i].by.high : from[i].by.low) >> shift & 0xff]++;
    if (count == 0 || places[(high ? from[0].by.high : from[0].by.low) >> shift & 0xff] == count)
        return false;
    for (int b = 0; b < 256; b++) {
        size_t here = places[b];
        places[b] = at;
        at += here;
    }
    for (size_t i = 0; i < count; i++)
        to[places[(high ? from[i].by.high : from[i].by.low) >> shift & 0xff]++] = from[i];
    return true;
}

/* From the last byte to the first; most columns have few bytes that differ, and a pass costs a look at each. Returns where they are. */
static struct key *keys_sort(struct key *keys, struct key *other, size_t count)
{
    for (unsigned byte = 0; byte < 16; byte++)
        if (pass_sort(keys, other, count, byte % 8 * 8, byte >= 8)) {
            struct key *sorted = other;
            other = keys;
            keys = sorted;
        }
    return keys;
}

void call_order(const struct call_store *store, size_t *rows, size_t count, const struct column *column, bool down)
{
    struct key *keys = malloc((2 * count + 1) * sizeof *keys);
    if (keys == NULL || column->key == NULL) {
        free(keys);
        return;
    }
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct key){column->key(call_store_record(store, &store->calls[rows[i]])), rows[i]};
    const struct key *sorted = keys_sort(keys, keys + count, count);
    for (size_t i = 0; i < count; i++)
        rows[i] = sorted[down ? count - 1 - i : i].row;
    free(keys);
}

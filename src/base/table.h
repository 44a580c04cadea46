/* An open-addressing hash index of 8-byte slots {tag, index}: finds numbered items by hash; the items live elsewhere. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX

struct table_slot {
    uint32_t tag;   /* upper half of the hash: it chooses the home slot and tells most strangers apart */
    uint32_t index; /* TABLE_NONE: empty */
};

/* Owns its slots. Zeroed memory is a valid, empty table. At most 2^30 items. */
struct table {
    struct table_slot *slots;
    uint32_t mask;  /* slots - 1 */
    uint32_t count;
};

void table_fini(struct table *table);

/* Adds (hash -> index); the caller has checked that it is not there. False when memory is exhausted (table unchanged). */
bool table_add(struct table *table, uint64_t hash, uint32_t index);

/* Takes (hash -> index) out; false when it is not there. */
bool table_remove(struct table *table, uint64_t hash, uint32_t index);

/* Walks the items whose hash may equal `hash`: start with *cursor = 0, call until TABLE_NONE, compare the keys yourself. */
static inline uint32_t table_next(const struct table *table, uint64_t hash, uint32_t *cursor)
{
    if (table->slots == NULL)
        return TABLE_NONE;
    uint32_t tag = (uint32_t)(hash >> 32);
    while (*cursor <= table->mask) {
        const struct table_slot *slot = &table->slots[(tag + (*cursor)++) & table->mask];
        if (slot->index == TABLE_NONE)
            return TABLE_NONE;
        if (slot->tag == tag)
            return slot->index;
    }
    return TABLE_NONE;
}

/* Fetches the home slot ahead of table_next. */
static inline void table_prefetch(const struct table *table, uint64_t hash)
{
    if (table->slots != NULL)
        __builtin_prefetch(&table->slots[(uint32_t)(hash >> 32) & table->mask]);
}

static inline size_t table_bytes(const struct table *table)
{
    return table->slots == NULL ? 0 : ((size_t)table->mask + 1) * sizeof *table->slots;
}

#endif

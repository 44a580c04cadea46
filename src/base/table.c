/* Linear probing at a load of at most one half; removal shifts the run back, so no tombstones age the table. */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SLOTS_FIRST = 64 };

void table_fini(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}

static void slot_put(struct table_slot *slots, uint32_t mask, struct table_slot slot)
{
    uint32_t at = slot.tag & mask;
    while (slots[at].index != TABLE_NONE)
        at = (at + 1) & mask;
    slots[at] = slot;
}

static bool table_grow(struct table *table)
{
    size_t before = table->slots == NULL ? 0 : (size_t)table->mask + 1;
    size_t after = before == 0 ? SLOTS_FIRST : before * 2;
    if (after > UINT32_C(1) << 31)
        return false;
    struct table_slot *slots = memory_new(after * sizeof *slots);
    if (slots == NULL)
        return false;
    memset(slots, 0xff, after * sizeof *slots); /* every index is TABLE_NONE */
    for (size_t i = 0; i < before; i++)
        if (table->slots[i].index != TABLE_NONE)
            slot_put(slots, (uint32_t)(after - 1), table->slots[i]);
    free(table->slots);
    table->slots = slots;
    table->mask = (uint32_t)(after - 1);
    return true;
}

bool table_add(struct table *table, uint64_t hash, uint32_t index)
{
    if ((table->slots == NULL || table->count > table->mask / 2) && !table_grow(table))
        return false;
    slot_put(table->slots, table->mask, (struct table_slot){(uint32_t)(hash >> 32), index});
    table->count++;
    return true;
}

bool table_remove(struct table *table, uint64_t hash, uint32_t index)
{
    if (table->slots == NULL)
        return false;
    uint32_t mask = table->mask, hole = (uint32_t)(hash >> 32) & mask;
    while (table->slots[hole].index != index) {
        if (table->slots[hole].index == TABLE_NONE)
            return false;
        hole = (hole + 1) & mask;
    }
    /* Pull back every later slot of the run that may stand at the hole: those whose home is not after it. */
    for (uint32_t at = (hole + 1) & mask; table->slots[at].index != TABLE_NONE; at = (at + 1) & mask) {
        uint32_t home = table->slots[at].tag & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            table->slots[hole] = table->slots[at];
            hole = at;
        }
    }
    table->slots[hole].index = TABLE_NONE;
    table->count--;
    return true;
}

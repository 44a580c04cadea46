/* A sorted array: people mark few, and looking is what happens for each line that is drawn. */
#include "ui/id_set.h"

#include <stdlib.h>
#include <string.h>

void id_set_fini(struct id_set *set)
{
    free(set->ids);
    *set = (struct id_set){0};
}

/* The first place whose id is not below. */
static size_t place_of(const struct id_set *set, uint64_t id)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool id_set_has(const struct id_set *set, uint64_t id)
{
    size_t at = place_of(set, id);
    return at < set->count && set->ids[at] == id;
}

void id_set_add(struct id_set *set, uint64_t id)
{
    size_t at = place_of(set, id);
    if (at < set->count && set->ids[at] == id)
        return;
    if (set->count == set->room) {
        size_t room = set->room == 0 ? 16 : set->room * 2;
        uint64_t *ids = realloc(set->ids, room * sizeof *ids);
        if (ids == NULL)
            return;
        set->ids = ids;
        set->room = room;
    }
    memmove(set->ids + at + 1, set->ids + at, (set->count - at) * sizeof *set->ids);
    set->ids[at] = id;
    set->count++;
}

void id_set_remove(struct id_set *set, uint64_t id)
{
    size_t at = place_of(set, id);
    if (at == set->count || set->ids[at] != id)
        return;
    set->count--;
    memmove(set->ids + at, set->ids + at + 1, (set->count - at) * sizeof *set->ids);
}

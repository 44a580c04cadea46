/* A set of numbers, in order: which calls are marked. */
#ifndef UI_ID_SET_H
#define UI_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Owns its ids. Zeroed memory is valid and empty. */
struct id_set {
    uint64_t *ids; /* ascending, each once */
    size_t count, room;
};

void id_set_fini(struct id_set *set);

static inline void id_set_reset(struct id_set *set)
{
    set->count = 0;
}

bool id_set_has(const struct id_set *set, uint64_t id);

/* Without memory it is not added. */
void id_set_add(struct id_set *set, uint64_t id);
void id_set_remove(struct id_set *set, uint64_t id);

#endif

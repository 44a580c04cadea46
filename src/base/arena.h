/* A bump allocator: many small copies with one owner, freed together. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_chunk;

/* Owns its chunks. `bytes` is what it holds from the heap, for memory budgets. */
struct arena {
    struct arena_chunk *first;
    uint32_t used, size; /* of the first chunk */
    size_t bytes;
};

/* The empty arena begins with n bytes of its owner's memory, aligned to 8, that stay as long as it does. n: more than 8. */
void arena_borrow(struct arena *arena, void *memory, uint32_t n);

/* Zeroed memory is a valid, empty arena. Frees everything and leaves it so. */
void arena_fini(struct arena *arena);

/* n bytes, aligned to 8, not zeroed; NULL when the heap is exhausted. */
void *arena_alloc(struct arena *arena, size_t n);

/* Makes the first chunk just large enough for n bytes, when none of it is taken yet; for owners that know what they will copy. False
   without memory. */
bool arena_reserve(struct arena *arena, size_t n);

/* A copy of s that lives as long as the arena; SLICE_NONE for an empty slice or when the heap is exhausted. Unaligned, so
   short strings pack densely. */
struct slice arena_copy(struct arena *arena, struct slice s);

#endif

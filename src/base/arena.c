/* Arena chunks double from 256 bytes to 64 kB: a call with five short strings costs one small block. */
#include "base/arena.h"

#include <stdlib.h>

struct arena_chunk {
    struct arena_chunk *next; /* itself: borrowed, and the last */
    uint8_t bytes[];
};

enum { CHUNK_FIRST = 240, CHUNK_LAST = 65536 };

void arena_borrow(struct arena *arena, void *memory, uint32_t n)
{
    struct arena_chunk *chunk = memory;
    chunk->next = chunk;
    *arena = (struct arena){.first = chunk, .size = n - (uint32_t)sizeof *chunk};
}

void arena_fini(struct arena *arena)
{
    while (arena->first != NULL && arena->first->next != arena->first) {
        struct arena_chunk *chunk = arena->first;
        arena->first = chunk->next;
        free(chunk);
    }
    *arena = (struct arena){0};
}

static bool arena_grow(struct arena *arena, size_t n)
{
    size_t size = arena->size == 0 ? CHUNK_FIRST : (size_t)arena->size * 2;
    if (size > CHUNK_LAST)
        size = CHUNK_LAST;
    if (size < n)
        size = n;
    if (size > UINT32_MAX - sizeof(struct arena_chunk))
        return false;
    struct arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL)
        return false;
    chunk->next = arena->first;
    arena->first = chunk;
    arena->used = 0;
    arena->size = (uint32_t)size;
    arena->bytes += sizeof *chunk + size;
    return true;
}

bool arena_reserve(struct arena *arena, size_t n)
{
    if (n <= arena->size || arena->used > 0 || n > CHUNK_LAST)
        return true;
    uint32_t size = arena->size;
    arena->size = (uint32_t)(n + 1) / 2; /* growth doubles it to n */
    if (arena_grow(arena, n))
        return true;
    arena->size = size;
    return false;
}

static void *arena_take(struct arena *arena, size_t n, size_t align)
{
    size_t from = (arena->used + align - 1) & ~(align - 1);
    if (arena->first == NULL || from > arena->size || arena->size - from < n) {
        if (!arena_grow(arena, n))
            return NULL;
        from = 0;
    }
    arena->used = (uint32_t)(from + n);
    return arena->first->bytes + from;
}

void *arena_alloc(struct arena *arena, size_t n)
{
    return arena_take(arena, n, 8);
}

struct slice arena_copy(struct arena *arena, struct slice s)
{
    if (s.len == 0)
        return SLICE_NONE;
    void *copy = arena_take(arena, s.len, 1);
    if (copy == NULL)
        return SLICE_NONE;
    memcpy(copy, s.data, s.len);
    return slice_of(copy, s.len);
}

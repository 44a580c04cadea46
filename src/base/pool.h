/* Numbered items of one size in chunks that never move: pointers stay good until the item is freed, numbers are reused. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_NONE UINT32_MAX

/* Owns its chunks. */
struct pool {
    uint8_t **chunks;
    size_t item_size;
    uint32_t chunk_count;
    uint32_t used;       /* items ever taken in order; numbers below it are live or on the free list */
    uint32_t free_first; /* POOL_NONE: no freed item */
    uint32_t live;
    uint32_t group;      /* chunks that lie on one large page */
};

enum { POOL_CHUNK_ITEMS = 256 };

/* item_size: at least 4. */
void pool_init(struct pool *pool, size_t item_size);
void pool_fini(struct pool *pool);

/* A zeroed item; its number goes to *index. NULL when memory is exhausted. */
void *pool_take(struct pool *pool, uint32_t *index);

/* Gives item `index`, which must be live, back. */
void pool_give(struct pool *pool, uint32_t index);

/* The item of a number that pool_take gave and that was not given back. */
static inline void *pool_at(const struct pool *pool, uint32_t index)
{
    return pool->chunks[index / POOL_CHUNK_ITEMS] + (size_t)(index % POOL_CHUNK_ITEMS) * pool->item_size;
}

static inline size_t pool_bytes(const struct pool *pool)
{
    return (size_t)pool->chunk_count * (POOL_CHUNK_ITEMS * pool->item_size + sizeof(uint8_t *));
}

#endif

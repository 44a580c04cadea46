/* Pool chunks hold 256 items; freed items form a list through their first four bytes. */
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

void pool_init(struct pool *pool, size_t item_size)
{
    *pool = (struct pool){.item_size = (item_size + 7) & ~(size_t)7, .free_first = POOL_NONE};
}

void pool_fini(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++)
        free(pool->chunks[i]);
    free(pool->chunks);
    pool_init(pool, pool->item_size);
}

static bool pool_grow(struct pool *pool)
{
    if ((pool->chunk_count & (pool->chunk_count - 1)) == 0) { /* at each power of two the list doubles */
        size_t room = pool->chunk_count == 0 ? 1 : (size_t)pool->chunk_count * 2;
        uint8_t **chunks = realloc(pool->chunks, room * sizeof *chunks);
        if (chunks == NULL)
            return false;
        pool->chunks = chunks;
    }
    /* Items of a whole number of cache lines begin at one. */
    uint8_t *chunk = pool->item_size % 64 == 0 ? aligned_alloc(64, POOL_CHUNK_ITEMS * pool->item_size)
                                               : malloc(POOL_CHUNK_ITEMS * pool->item_size);
    if (chunk == NULL)
        return false;
    pool->chunks[pool->chunk_count++] = chunk;
    return true;
}

void *pool_take(struct pool *pool, uint32_t *index)
{
    uint32_t number = pool->free_first;
    if (number != POOL_NONE) {
        memcpy(&pool->free_first, pool_at(pool, number), sizeof pool->free_first);
    } else {
        if (pool->used == pool->chunk_count * POOL_CHUNK_ITEMS &&
            (pool->used > POOL_NONE - POOL_CHUNK_ITEMS || !pool_grow(pool)))
            return NULL;
        number = pool->used++;
    }
    void *item = pool_at(pool, number);
    memset(item, 0, pool->item_size);
    pool->live++;
    *index = number;
    return item;
}

void pool_give(struct pool *pool, uint32_t index)
{
    memcpy(pool_at(pool, index), &pool->free_first, sizeof pool->free_first);
    pool->free_first = index;
    pool->live--;
}

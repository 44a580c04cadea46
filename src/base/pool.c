/* Pool chunks hold 256 items; freed items form a list through their first four bytes. Once the chunks fill a large page, further ones are
   taken a large page at a time. */
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void pool_init(struct pool *pool, size_t item_size)
{
    size_t size = (item_size + 7) & ~(size_t)7;
    *pool = (struct pool){.item_size = size, .free_first = POOL_NONE, .group = (uint32_t)(MEMORY_LARGE / (POOL_CHUNK_ITEMS * size))};
}

/* True for the first chunk of a block: of a group, once the pool is larger than one. */
static bool chunk_leads(const struct pool *pool, uint32_t chunk)
{
    return chunk < pool->group || pool->group < 2 || chunk % pool->group == 0;
}

void pool_fini(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++)
        if (chunk_leads(pool, i))
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
    size_t bytes = POOL_CHUNK_ITEMS * pool->item_size;
    uint8_t *chunk = !chunk_leads(pool, pool->chunk_count)                ? pool->chunks[pool->chunk_count - 1] + bytes
                     : pool->group < 2 || pool->chunk_count < pool->group ? memory_new(bytes)
                                                                          : memory_new(MEMORY_LARGE);
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
        if (pool->free_first != POOL_NONE)
            __builtin_prefetch(pool_at(pool, pool->free_first), 1); /* the next one's link will be read first */
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

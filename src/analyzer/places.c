/* A call's places are a list of small blocks that begins with the newest; its ends and transport are numbers of hops, which are few. */
#include "analyzer/places.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/pool.h"
#include "base/table.h"

enum { BLOCK_PLACES = 5, HOPS_MOST = (1 << 20) - 1 };

struct place {
    int64_t at_ns;
    uint64_t frame : 44, hop : 20;
};

struct block {
    struct place places[BLOCK_PLACES];
    uint32_t call, count;
    uint32_t next; /* POOL_NONE */
};

struct hop {
    struct endpoint src, dst;
    uint8_t transport;
};

struct places {
    struct pool blocks;
    struct table by_call;    /* its first block */
    struct hop *hops;
    size_t hop_count, hop_room;
    struct table by_hop;
    uint64_t seed;
};

struct places *places_new(uint64_t hash_seed)
{
    struct places *places = calloc(1, sizeof *places);
    if (places != NULL) {
        places->seed = hash_seed;
        pool_init(&places->blocks, sizeof(struct block));
    }
    return places;
}

void places_free(struct places *places)
{
    if (places == NULL)
        return;
    pool_fini(&places->blocks);
    table_fini(&places->by_call);
    table_fini(&places->by_hop);
    free(places->hops);
    free(places);
}

size_t places_bytes(const struct places *places)
{
    return places == NULL ? 0
                          : (size_t)places->blocks.live * sizeof(struct block) + table_bytes(&places->by_call) + table_bytes(&places->by_hop) +
                                places->hop_room * sizeof *places->hops;
}

/* HOPS_MOST: there is no room for it. */
static uint32_t hop_number(struct places *places, const struct sighting *sighting)
{
    uint64_t hash = hash_word(endpoint_hash(places->seed, &sighting->src), endpoint_hash(~places->seed, &sighting->dst) ^ sighting->transport);
    uint32_t cursor = 0, number;
    while ((number = table_next(&places->by_hop, hash, &cursor)) != TABLE_NONE) {
        const struct hop *hop = &places->hops[number];
        if (hop->transport == sighting->transport && endpoint_equal(&hop->src, &sighting->src) && endpoint_equal(&hop->dst, &sighting->dst))
            return number;
    }
    if (places->hop_count == places->hop_room) {
        size_t room = places->hop_room == 0 ? 64 : places->hop_room * 2;
        struct hop *grown = places->hop_count >= HOPS_MOST ? NULL : realloc(places->hops, room * sizeof *grown);
        if (grown == NULL)
            return HOPS_MOST;
        places->hops = grown;
        places->hop_room = room;
    }
    if (places->hop_count >= HOPS_MOST || !table_add(&places->by_hop, hash, (uint32_t)places->hop_count))
        return HOPS_MOST;
    places->hops[places->hop_count] = (struct hop){sighting->src, sighting->dst, (uint8_t)sighting->transport};
    return (uint32_t)places->hop_count++;
}

static struct block *block_at(const struct places *places, uint32_t number)
{
    return pool_at(&places->blocks, number);
}

static uint32_t call_find(const struct places *places, uint32_t call)
{
    uint64_t hash = hash_word(places->seed, call);
    uint32_t cursor = 0, number;
    while ((number = table_next(&places->by_call, hash, &cursor)) != TABLE_NONE)
        if (block_at(places, number)->call == call)
            return number;
    return POOL_NONE;
}

/* The call's first block, with room for one more: what filled it goes into one behind it. POOL_NONE without memory. */
static uint32_t call_room(struct places *places, uint32_t call)
{
    uint32_t first = call_find(places, call), number;
    if (first != POOL_NONE && block_at(places, first)->count < BLOCK_PLACES)
        return first;
    struct block *block = pool_take(&places->blocks, &number);
    if (block == NULL)
        return POOL_NONE;
    if (first == POOL_NONE) {
        block->call = call;
        block->count = 0;
        block->next = POOL_NONE;
        if (table_add(&places->by_call, hash_word(places->seed, call), number))
            return number;
        pool_give(&places->blocks, number);
        return POOL_NONE;
    }
    struct block *head = block_at(places, first);
    *block = *head;
    head->next = number;
    head->count = 0;
    return first;
}

void places_add(struct places *places, uint32_t call, const struct sighting *sighting)
{
    uint32_t number = call_room(places, call);
    if (number == POOL_NONE)
        return;
    struct block *block = block_at(places, number);
    block->places[block->count++] = (struct place){.at_ns = sighting->time_ns,
                                                   .frame = sighting->frame & ((UINT64_C(1) << 44) - 1),
                                                   .hop = hop_number(places, sighting) & HOPS_MOST};
}

struct message_record place_record(const struct sighting *sighting, uint64_t call)
{
    return (struct message_record){.frame = sighting->frame, .at = sighting->time_ns, .src = sighting->src, .dst = sighting->dst,
                                   .transport = slice_str(transport_name(sighting->transport)), .call = call, .status = NUMBER_NONE,
                                   .copy = -1, .well_formed = -1};
}

static void place_give(const struct places *places, const struct place *place, uint32_t call, record_reader *read, void *context)
{
    struct sighting sighting = {.frame = place->frame, .time_ns = place->at_ns};
    if (place->hop < places->hop_count) {
        const struct hop *hop = &places->hops[place->hop];
        sighting.src = hop->src;
        sighting.dst = hop->dst;
        sighting.transport = (enum transport)hop->transport;
    }
    struct message_record record = place_record(&sighting, call);
    read(context, &(struct record){.kind = RECORD_MESSAGE, .message = &record});
}

void places_end(struct places *places, uint32_t call, record_reader *read, void *context)
{
    uint32_t number = call_find(places, call), next;
    if (number == POOL_NONE)
        return;
    (void)table_remove(&places->by_call, hash_word(places->seed, call), number);
    for (; number != POOL_NONE; number = next) {
        const struct block *block = block_at(places, number);
        for (uint32_t i = 0; i < block->count && read != NULL; i++)
            place_give(places, &block->places[i], call, read, context);
        next = block->next;
        pool_give(&places->blocks, number);
    }
}

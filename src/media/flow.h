/* From a packet's addresses, ports and SSRC to its stream: the look-up that every packet makes. Private to media/. */
#ifndef MEDIA_FLOW_H
#define MEDIA_FLOW_H

#include "media/state.h"

static inline uint64_t words_hash(uint64_t seed, uint64_t addresses, uint64_t rest)
{
    const uint64_t right = (seed << 29 | seed >> 35) ^ UINT64_C(0xe7037ed1a0b428db);
    uint64_t half = hash_mix(addresses ^ seed ^ UINT64_C(0xa0761d6478bd642f), rest ^ right);
    return hash_mix(half ^ right, ~seed ^ UINT64_C(0x8ebc6af09c88c6e3));
}

/* Of source, destination and SSRC; never 0. */
static inline uint64_t flow_hash(uint64_t seed, const struct media_packet *packet)
{
    const struct endpoint *src = packet->src, *dst = packet->dst;
    uint64_t rest = (uint64_t)src->port << 48 | (uint64_t)dst->port << 32 | hash_load32(packet->bytes + 8);
    if (src->family == 4)
        return words_hash(seed, hash_load32(src->address) << 32 | hash_load32(dst->address), rest) | 1;
    uint64_t from = words_hash(seed, hash_load64(src->address), hash_load64(src->address + 8));
    uint64_t to = words_hash(~seed, hash_load64(dst->address), hash_load64(dst->address + 8));
    return words_hash(seed, from ^ (to << 31 | to >> 33), rest) | 1;
}

/* The first stream in the flow's run of slots, whose key has still to be looked at; POOL_NONE. */
static inline uint32_t stream_find_likely(const struct media *media, uint64_t hash)
{
    uint32_t cursor = 0;
    return table_next(&media->index, hash, &cursor);
}

/* 64 seeded bits: two flows that share them do not happen. */
static inline uint32_t stream_find(const struct media *media, uint64_t hash)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&media->index, hash, &cursor)) != TABLE_NONE)
        if (stream_at(media, number)->key == (uint32_t)hash)
            return number;
    return POOL_NONE;
}

/* The stream of the packet's flow, by its hash, made where there is none (its `packets` is then 0); POOL_NONE without memory. */
uint32_t stream_number(struct media *media, struct media_packet *packet);

/* The stream's memory is given back. */
void stream_free(struct media *media, uint32_t number);

/* The flow's next packet begins another stream: its endpoints were announced anew. */
void stream_close(struct media *media, uint32_t number);

/* What all media holds, of what is live: pools keep the room of what was freed. */
size_t flow_bytes(const struct media *media);

/* What the stream holds besides its two parts. */
void detail_fini(struct media *media, struct detail *detail);

#endif

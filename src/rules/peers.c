/* Whose side each address is on. */
#include <stdlib.h>

#include "rules/checking.h"

enum { PEERS_MAX = 1 << 16, SLOTS_FIRST = 64 };

static uint32_t hash_of(const struct vetting *vetting, const struct endpoint *endpoint)
{
    uint64_t seed = vetting->config.hash_seed ^ UINT64_C(0xa0761d6478bd642f);
    return (uint32_t)hash_mix(hash_load64(endpoint->address) ^ seed, hash_load64(endpoint->address + 8) ^ ~vetting->config.hash_seed);
}

/* The address's slot, or the free one where it belongs. */
static struct peer *slot_of(const struct vetting *vetting, const struct endpoint *endpoint)
{
    const struct peers *peers = &vetting->peers;
    uint32_t at = hash_of(vetting, endpoint);
    while (peers->slots[at & peers->mask].address.family != 0 && !endpoint_equal_address(&peers->slots[at & peers->mask].address, endpoint))
        at++;
    return &peers->slots[at & peers->mask];
}

/* Room for two more; false: there is none. */
static bool peers_reserve(struct vetting *vetting)
{
    struct peers before = vetting->peers;
    if (before.slots != NULL && before.count + 2 <= before.mask / 2)
        return true;
    size_t slots = before.slots == NULL ? SLOTS_FIRST : ((size_t)before.mask + 1) * 2;
    if (slots > 2 * PEERS_MAX)
        return false;
    struct peer *room = calloc(slots, sizeof *room);
    if (room == NULL)
        return false;
    vetting->peers = (struct peers){.slots = room, .mask = (uint32_t)slots - 1, .count = before.count};
    for (size_t i = 0; before.slots != NULL && i <= before.mask; i++)
        if (before.slots[i].address.family != 0)
            *slot_of(vetting, &before.slots[i].address) = before.slots[i];
    free(before.slots);
    return true;
}

static void peer_place(const struct vetting *vetting, struct peer *peer)
{
    const struct profile *profile = vetting->config.profile;
    peer->own = vetting->config.site != NULL && site_is_own(vetting->config.site, &peer->address);
    for (size_t r = 0; r < profile->region_count && !peer->trunk; r++)
        for (size_t i = 0; i < profile->regions[r].signaling_count && !peer->trunk; i++)
            if (profile->regions[r].signaling[i].network.bits > 0 &&
                network_has(&profile->regions[r].signaling[i].network, &peer->address)) {
                peer->trunk = true;
                peer->region = (uint16_t)r;
            }
}

/* A new peer; NULL where there is no room for it. */
static struct peer *peer_make(struct vetting *vetting, const struct endpoint *endpoint, bool room)
{
    struct peer *peer = vetting->peers.slots == NULL ? NULL : slot_of(vetting, endpoint);
    if (peer == NULL || peer->address.family != 0)
        return peer;
    if (!room || endpoint->family == 0)
        return NULL;
    peer->address = *endpoint;
    peer->address.port = 0;
    peer_place(vetting, peer);
    vetting->peers.count++;
    return peer;
}

void peers_of(struct vetting *vetting, const struct endpoint *src, const struct endpoint *dst, struct peer **src_peer, struct peer **dst_peer)
{
    if (vetting->peers.slots != NULL) {
        *src_peer = slot_of(vetting, src);
        *dst_peer = slot_of(vetting, dst);
        if ((*src_peer)->address.family != 0 && (*dst_peer)->address.family != 0)
            return;
    }
    bool room = peers_reserve(vetting);
    *src_peer = peer_make(vetting, src, room);
    *dst_peer = peer_make(vetting, dst, room);
}

void peers_fini(struct peers *peers)
{
    free(peers->slots);
    *peers = (struct peers){0};
}

size_t peers_bytes(const struct peers *peers)
{
    return peers->slots == NULL ? 0 : ((size_t)peers->mask + 1) * sizeof *peers->slots;
}

void vetting_prefetch(const struct vetting *vetting, const struct sighting *sighting)
{
    if (vetting->peers.slots == NULL)
        return;
    __builtin_prefetch(&vetting->peers.slots[hash_of(vetting, &sighting->src) & vetting->peers.mask]);
    __builtin_prefetch(&vetting->peers.slots[hash_of(vetting, &sighting->dst) & vetting->peers.mask]);
}

void vetting_fetch(const struct vetting *vetting, uint32_t vetted)
{
    if (vetted == VETTED_NONE)
        return;
    const char *state = pool_at(&vetting->calls, vetted);
    for (size_t at = 0; at < sizeof(struct vetted); at += 64)
        __builtin_prefetch(state + at, 1);
}

/* How calls are found: by a key of their Call-ID in one hash index. */
#include "signaling/shelf.h"

/* REGISTERs have a key space of their own. Messages without a Call-ID (a defect) are kept together per pair of ends, so that they
   show up in some call. */
struct call_key call_key_of(const struct calls *calls, const struct sighting *sighting, struct slice call_id, bool registration)
{
    uint64_t seed = calls->config.hash_seed + registration;
    if (call_id.len > 0)
        return (struct call_key){hash_bytes(seed, call_id), call_id_tail(call_id)};
    return (struct call_key){endpoint_hash(seed, &sighting->src) + endpoint_hash(seed, &sighting->dst),
                             endpoint_hash(~seed, &sighting->src) + endpoint_hash(~seed, &sighting->dst)};
}

static void fetch(const void *memory, size_t bytes)
{
    for (size_t line = 0; line < bytes; line += 64)
        __builtin_prefetch((const char *)memory + line, 1);
}

void call_fetch(const struct calls *calls, struct call_key key)
{
    uint32_t cursor = 0, number = table_next(&calls->index, key.hash, &cursor);
    if (number == TABLE_NONE)
        return;
    const struct call *call = call_at(calls, number);
    fetch(&call->hash, sizeof *call - sizeof call->own); /* most lines are needed: together they cost one wait */
}

void call_fetch_whole(const struct calls *calls, uint32_t number)
{
    const struct call *call = call_live(calls, number);
    if (call != NULL)
        fetch(call, sizeof *call);
}

static void fetch_transactions(const struct calls *calls, const struct call *call)
{
    if (call->transactions.more != POOL_NONE)
        fetch(pool_at(&calls->transactions, call->transactions.more), sizeof(struct transaction));
}

void call_fetch_older(const struct calls *calls, const struct call *call)
{
    if (call->transactions.more == POOL_NONE)
        return;
    const struct transaction *newest = pool_at(&calls->transactions, call->transactions.more);
    if (newest->next != POOL_NONE)
        fetch(pool_at(&calls->transactions, newest->next), sizeof *newest);
}

void call_fetch_parts(const struct calls *calls, const struct call *call)
{
    __builtin_prefetch(call->from_tag.data);
    fetch_transactions(calls, call);
}

void call_fetch_texts(const struct calls *calls, const struct call *call)
{
    bool own = call->call_id.data >= (const uint8_t *)call && call->call_id.data < (const uint8_t *)(call + 1);
    if (call->call_id.len > 0 && !own)
        fetch(call->call_id.data, 192);
    fetch_transactions(calls, call);
    table_prefetch(&calls->packed_index, call->hash);
}

void call_fetch_packed(const struct calls *calls, uint32_t number)
{
    enum { AHEAD = 6 };
    if (calls->places == NULL || calls->ids - number <= AHEAD)
        return;
    uint32_t place = calls->places[number + AHEAD];
    if ((place & PLACE_PACKED) != 0 && place != PLACE_GONE)
        shelf_fetch(&calls->shelf, place);
}

uint32_t call_find_whole(const struct calls *calls, struct call_key key)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&calls->index, key.hash, &cursor)) != TABLE_NONE) {
        const struct call *call = call_at(calls, number);
        if (call->hash == key.hash && call->tail == key.tail)
            break;
    }
    return number;
}

uint32_t call_find(const struct calls *calls, struct call_key key)
{
    uint32_t cursor = 0, number = call_find_whole(calls, key);
    if (number != TABLE_NONE)
        return number;
    while ((number = table_next(&calls->packed_index, key.hash, &cursor)) != TABLE_NONE)
        if (shelf_has_key(&calls->shelf, call_place(calls, number), key))
            break;
    return number;
}

void call_unname(struct calls *calls, uint64_t hash, uint32_t number)
{
    (void)table_remove(call_live(calls, number) != NULL ? &calls->index : &calls->packed_index, hash, number);
}

struct call *calls_find_by_id(struct calls *calls, struct slice call_id)
{
    uint32_t number = TABLE_NONE;
    for (int registration = 0; registration < 2 && number == TABLE_NONE && call_id.len > 0; registration++)
        number = call_find(calls, call_key_of(calls, NULL, call_id, registration == 1));
    return number == TABLE_NONE ? NULL : call_open(calls, number);
}

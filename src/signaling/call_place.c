/* Where calls are: in the pool, with their neighbours in the queue and in time, or packed in the shelf. */
#include <stdlib.h>

#include "signaling/publish.h"
#include "signaling/shelf.h"

static void queue_unlink(struct calls *calls, struct call *call)
{
    if (call->before == POOL_NONE)
        calls->queue_first = call->after;
    else
        call_at(calls, call->before)->after = call->after;
    if (call->after == POOL_NONE)
        calls->queue_last = call->before;
    else
        call_at(calls, call->after)->before = call->before;
}

static void queue_append(struct calls *calls, struct call *call, uint32_t number)
{
    call->before = calls->queue_last;
    call->after = POOL_NONE;
    call->queued_ns = calls->now_ns;
    if (call->before == POOL_NONE)
        calls->queue_first = number;
    else
        call_at(calls, call->before)->after = number;
    calls->queue_last = number;
}

void call_queue_again(struct calls *calls, struct call *call, uint32_t number)
{
    queue_unlink(calls, call);
    queue_append(calls, call, number);
}

static void birth_append(struct calls *calls, struct call *call, uint32_t number)
{
    call->older = calls->newest;
    call->newer = POOL_NONE;
    if (call->older == POOL_NONE)
        calls->oldest = number;
    else
        call_at(calls, call->older)->newer = number;
    calls->newest = number;
}

static void birth_unlink(struct calls *calls, const struct call *call)
{
    if (call->older == POOL_NONE)
        calls->oldest = call->newer;
    else
        call_at(calls, call->older)->newer = call->newer;
    if (call->newer == POOL_NONE)
        calls->newest = call->older;
    else
        call_at(calls, call->newer)->older = call->older;
}

uint32_t call_from(const struct calls *calls, uint32_t number)
{
    while (number < calls->ids && calls->places[number] == PLACE_GONE)
        number++;
    return number < calls->ids ? number : POOL_NONE;
}

uint32_t call_oldest(const struct calls *calls)
{
    return calls->places == NULL ? calls->oldest : call_from(calls, calls->evict_oldest);
}

uint32_t call_newer(const struct calls *calls, uint32_t number)
{
    return calls->places == NULL ? call_at(calls, number)->newer : call_from(calls, number + 1);
}

static bool places_reserve(struct calls *calls)
{
    if (calls->ids < calls->place_room)
        return true;
    uint32_t *places = calls->place_room > UINT32_MAX / 4 ? NULL : realloc(calls->places, (size_t)calls->place_room * 2 * sizeof *places);
    if (places == NULL)
        return false;
    calls->places = places;
    calls->place_room *= 2;
    return true;
}

struct call *call_take(struct calls *calls, uint32_t *number)
{
    uint32_t place;
    if (calls->places != NULL && !places_reserve(calls))
        return NULL;
    struct call *call = pool_take(&calls->pool, &place);
    if (call == NULL)
        return NULL;
    arena_borrow(&call->arena, call->own, sizeof call->own);
    *number = place;
    if (calls->places != NULL) {
        *number = calls->ids;
        calls->places[*number] = place;
    }
    call->id = ++calls->ids;
    if (calls->places == NULL) {
        queue_append(calls, call, *number);
        birth_append(calls, call, *number);
    }
    return call;
}

/* All that the call holds in the pools and on the heap. */
static void call_empty(struct calls *calls, struct call *call, uint32_t place)
{
    transactions_free(&call->transactions, &calls->transactions);
    calls->arena_bytes -= call->counted_bytes;
    arena_fini(&call->arena);
    call->id = 0; /* correlation's chains know a freed slot by it */
    call->keys = NULL;
    pool_give(&calls->pool, place);
}

/* A call whose Call-ID names a newer one is in no index. False without memory: it stays where it was. */
static bool index_move(struct table *from, struct table *to, uint64_t hash, uint32_t number)
{
    if (!table_remove(from, hash, number) || table_add(to, hash, number))
        return true;
    (void)table_add(from, hash, number); /* there was room for it a moment ago */
    return false;
}

bool call_pack(struct calls *calls, struct call *call, uint32_t number)
{
    uint32_t place = call_place(calls, number), packed;
    call->packed++;
    packed = shelf_put(&calls->shelf, call, &calls->transactions);
    if (packed == PLACE_GONE)
        return false;
    if (!index_move(&calls->index, &calls->packed_index, call->hash, number)) {
        shelf_give(&calls->shelf, packed);
        return false;
    }
    calls->places[number] = packed;
    call_empty(calls, call, place);
    return true;
}

/* What was read from the shelf borrows from it: copies of that in the call's own memory. */
static bool call_settle(struct call *call)
{
    struct slice *const texts[] = {&call->call_id,     &call->from_user,   &call->to_user, &call->from_tag,
                                   &call->request_uri, &call->reason_text, &call->caller_id};
    size_t bytes = call->keys == NULL ? 0 : CALL_KEYS_BYTES;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        bytes += texts[i]->len;
    if (!arena_reserve(&call->arena, bytes))
        return false;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = arena_copy(&call->arena, *texts[i]);
    if (call->keys != NULL) {
        struct call_keys *keys = arena_alloc(&call->arena, sizeof *keys);
        if (keys == NULL)
            return false;
        *keys = *call->keys;
        call->keys = keys;
    }
    return true;
}

static struct call *call_unpack(struct calls *calls, uint32_t number)
{
    uint32_t place, packed = calls->places[number];
    struct call_keys keys;
    struct call *call = pool_take(&calls->pool, &place);
    if (call == NULL)
        return NULL;
    arena_borrow(&call->arena, call->own, sizeof call->own);
    struct shelf_transactions transactions = shelf_read(&calls->shelf, packed, call, &keys);
    if (!shelf_read_transactions(transactions, &call->transactions, &calls->transactions)) {
        pool_give(&calls->pool, place);
        return NULL;
    }
    if (!call_settle(call) || !index_move(&calls->packed_index, &calls->index, call->hash, number)) {
        transactions_free(&call->transactions, &calls->transactions);
        arena_fini(&call->arena);
        pool_give(&calls->pool, place);
        return NULL;
    }
    call->id = number + 1;
    given_unpacked(calls, call);
    calls->places[number] = place;
    call_count_bytes(calls, call);
    shelf_give(&calls->shelf, packed);
    return call;
}

struct call *call_open(struct calls *calls, uint32_t number)
{
    struct call *call = call_live(calls, number);
    if (call == NULL && calls->places[number] != PLACE_GONE)
        call = call_unpack(calls, number);
    return call;
}

void call_give(struct calls *calls, uint32_t number)
{
    uint32_t place = call_place(calls, number);
    struct call *call = call_live(calls, number);
    if (call == NULL) {
        shelf_give(&calls->shelf, place);
    } else {
        if (calls->places == NULL) {
            queue_unlink(calls, call);
            birth_unlink(calls, call);
        }
        call_empty(calls, call, place);
    }
    if (calls->places != NULL)
        calls->places[number] = PLACE_GONE;
}

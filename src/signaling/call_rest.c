/* Which calls are packed, and when: those that are over, once they were silent for a moment. */
#include <stdlib.h>

#include "signaling/publish.h"
#include "signaling/shelf.h"

/* How long after its end a call is looked at, and how long it must have been silent then: a repeated message or two come behind most
   ends. The shorter, the fewer calls are whole, and the more of their memory is in the cache. */
static const struct {
    int64_t look_ns, silent_ns;
} rest_rows[CALL_RESTS] = {
    [REST_BRIEF] = {1 * NS_PER_SECOND, NS_PER_SECOND / 2},
    [REST_INVITE] = {4 * NS_PER_SECOND, 3 * NS_PER_SECOND}, /* its media may be forgotten then, too */
};

/* What never ends is looked for now and then: requests that nobody answers. */
#define SWEEP_NS (32 * NS_PER_SECOND)
#define SILENT_UNHEARD_NS (32 * NS_PER_SECOND)

enum {
    PACKED_MOST = 3, /* each time leaves a hole in the shelf: a Call-ID that is used for hours stays whole after some */
    RING_FIRST = 256
};

struct call_rest {
    int64_t noted_ns;
    uint32_t number;
};

static const struct call_rest *ring_at(const struct call_ring *ring, uint32_t i)
{
    return &ring->items[(ring->first + i) & (ring->room - 1)];
}

static bool ring_grow(struct call_ring *ring)
{
    uint32_t room = ring->room == 0 ? RING_FIRST : ring->room * 2;
    struct call_rest *items = malloc((size_t)room * sizeof *items);
    if (items == NULL)
        return false;
    for (uint32_t i = 0; i < ring->count; i++)
        items[i] = *ring_at(ring, i);
    free(ring->items);
    *ring = (struct call_ring){.items = items, .count = ring->count, .room = room};
    return true;
}

void call_rest_note(struct calls *calls, struct call *call, uint32_t number)
{
    struct call_ring *ring = &calls->rests[call->method == SIP_INVITE ? REST_INVITE : REST_BRIEF];
    if (call->packed >= PACKED_MOST || (ring->count == ring->room && !ring_grow(ring)))
        return;
    ring->items[(ring->first + ring->count++) & (ring->room - 1)] = (struct call_rest){calls->now_ns, number};
    call->noted = true;
}

static bool may_pack(const struct call *call)
{
    return call->packed < PACKED_MOST && shelf_takes(call);
}

/* The follower has no use for the session of a call that nothing brings to life again: a challenged caller comes back. */
static void session_forget(struct calls *calls, struct call *call)
{
    const struct session_follower *follower = &calls->config.follower;
    bool over = call->bye || (call->status != 401 && call->status != 407);
    if (call->session != SESSION_NONE && follower->forget != NULL && over && dialog_ended(call) &&
        follower->forget(follower->context, call->session, calls->now_ns))
        call->session = SESSION_NONE;
}

/* What packing will look at was not touched for a second or more: it is fetched some calls ahead, a step further each time. */
static void rest_fetch(const struct calls *calls, const struct call_ring *ring)
{
    enum { FIRST = 8, STEP = 2 };
    const struct session_follower *follower = &calls->config.follower;
    if (ring->count <= FIRST)
        return;
    call_fetch_whole(calls, ring_at(ring, FIRST)->number);
    for (unsigned step = 0; step < 3; step++) {
        const struct call *call = call_live(calls, ring_at(ring, FIRST - (step + 1) * STEP)->number);
        if (call == NULL)
            continue;
        if (step == 0)
            call_fetch_texts(calls, call);
        else if (step == 1)
            call_fetch_older(calls, call);
        if (call->session != SESSION_NONE && follower->forget_soon != NULL)
            follower->forget_soon(follower->context, call->session, step);
    }
}

/* Who looks on has to know the call as it is: else it waits for the next look. */
static void rest_pack(struct calls *calls, struct call *call, uint32_t number)
{
    session_forget(calls, call);
    if (calls->watched && !given_for_good(calls, call))
        return;
    enum call_state state = dialog_state(call, calls->now_ns);
    if (call_pack(calls, call, number))
        given_packed(calls, state);
}

/* A ring is in the order of its times. */
static void ring_pack(struct calls *calls, enum call_rest_kind kind)
{
    struct call_ring *ring = &calls->rests[kind];
    while (ring->count > 0 && calls->now_ns - ring_at(ring, 0)->noted_ns >= rest_rows[kind].look_ns) {
        uint32_t number = ring_at(ring, 0)->number;
        rest_fetch(calls, ring);
        ring->first = (ring->first + 1) & (ring->room - 1);
        ring->count--;
        struct call *call = call_live(calls, number);
        if (call == NULL)
            continue; /* it was given up */
        call->noted = false;
        if (!dialog_ended(call) || !may_pack(call))
            continue;
        if (calls->now_ns - call->last_ns < rest_rows[kind].silent_ns)
            call_rest_note(calls, call, number);
        else
            rest_pack(calls, call, number);
    }
}

/* The more calls there are, the seldomer: then few of them are new since the last time. */
static void rest_sweep(struct calls *calls)
{
    bool soon = calls->swept_ns != CLOCK_NONE && calls->now_ns - calls->swept_ns < SWEEP_NS;
    if (soon || calls->ids - calls->swept_ids < calls->swept_ids / 8)
        return;
    calls->swept_ns = calls->now_ns;
    calls->swept_ids = calls->ids;
    for (uint32_t number = call_oldest(calls); number != POOL_NONE; number = call_newer(calls, number)) {
        struct call *call = call_live(calls, number);
        if (call != NULL && !call->noted && (call->method != SIP_INVITE || dialog_ended(call)) &&
            calls->now_ns - call->last_ns >= SILENT_UNHEARD_NS && may_pack(call))
            rest_pack(calls, call, number);
    }
}

void call_rest_pack(struct calls *calls)
{
    for (int kind = 0; kind < CALL_RESTS; kind++)
        ring_pack(calls, (enum call_rest_kind)kind);
    rest_sweep(calls);
}

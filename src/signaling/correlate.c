/* Other legs of a conversation: a B2BUA gives each side its own Call-ID, but leaves traces. Each trace is a key; the newest call
   with a key is found by one hash look-up, older ones by a short chain, so that a key that all calls share (a constant SDP
   origin) costs no more than a rare one. */

#include <stdlib.h>

#include "dissectors/sip_uri.h"
#include "signaling/shelf.h"

enum {
    CHAIN_MAX = 8,
    ORIGIN_FEW = 4 /* calls of one conversation; an origin that more have is constant */
};

static const struct {
    const char *why;
    unsigned score;
    int64_t within_ns; /* of each other's beginning; 0: any time */
} trace_rows[TRACES] = {
    [TRACE_CALL_ID] = {"X-Call-ID names it", 100, 0},
    [TRACE_SESSION_ID] = {"same Session-ID (RFC 7989)", 95, 0},
    [TRACE_ORIGIN] = {"same SDP origin", 90, 10 * NS_PER_SECOND},
    [TRACE_NUMBERS] = {"same numbers within 3 s", 60, 3 * NS_PER_SECOND},
};

struct correlation {
    uint64_t seed;
    uint64_t named;     /* calls that named another Call-ID, ever: mostly none, and then no look-up is needed */
    struct table table; /* key -> number of the newest call with it */
};

struct correlation *correlation_new(uint64_t seed)
{
    struct correlation *correlation = calloc(1, sizeof *correlation);
    if (correlation != NULL)
        correlation->seed = seed;
    return correlation;
}

void correlation_free(struct correlation *correlation)
{
    if (correlation == NULL)
        return;
    table_fini(&correlation->table);
    free(correlation);
}

size_t correlation_bytes(const struct correlation *correlation)
{
    return table_bytes(&correlation->table);
}

static void related_add(struct calls *calls, struct call *call, const struct call *other, enum trace trace, unsigned score)
{
    for (struct call_related *at = call->related; at != NULL; at = at->next)
        if (at->related.id == other->id) {
            if (score > at->related.score) {
                at->related.score = score;
                at->related.why = trace_rows[trace].why;
            }
            return;
        }
    struct call_related *related = call->related_count == CALL_RELATED_MAX ? NULL : arena_alloc(&call->arena, sizeof *related);
    if (related == NULL)
        return;
    *related = (struct call_related){call->related, {other->id, trace_rows[trace].why, score}};
    call->related = related;
    call->related_count++;
    call_count_bytes(calls, call);
}

static bool same_hop(const struct call *a, const struct call *b)
{
    return endpoint_equal(&a->src, &b->src) && endpoint_equal(&a->dst, &b->dst);
}

static bool same_address(const struct endpoint *a, const struct endpoint *b)
{
    return a->family == b->family && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* True when a trace says something of two calls that began at these times. */
static bool trace_reaches(enum trace trace, int64_t a_ns, int64_t b_ns)
{
    int64_t apart = a_ns - b_ns, within = trace_rows[trace].within_ns;
    return within == 0 || (apart <= within && -apart <= within);
}

/* Relates the two calls unless the trace is too weak for what is known of them. */
static void pair_weigh(struct calls *calls, struct call *call, struct call *other, enum trace trace)
{
    unsigned score = trace_rows[trace].score;
    if (trace >= TRACE_ORIGIN && same_hop(call, other))
        return; /* two calls of one client, not two legs: a constant origin or a redial */
    if (trace == TRACE_NUMBERS && (same_address(&call->src, &other->dst) || same_address(&other->src, &call->dst)))
        score += 15; /* one's receiver is the other's sender: the B2BUA is in between */
    related_add(calls, call, other, trace, score);
    related_add(calls, other, call, trace, score);
}

/* What tells of another call whether the trace leads to it; calls that are packed need not be unpacked for it. */
struct trace_sight {
    int64_t start_ns;
    struct trace_link link;
};

/* False where the call is gone or has no such trace. */
static bool trace_look(const struct calls *calls, uint32_t number, enum trace trace, struct trace_sight *sight)
{
    uint32_t place = call_place(calls, number);
    const struct call *call = call_live(calls, number);
    if (place == PLACE_GONE || (call != NULL && call->keys == NULL))
        return false;
    if (call == NULL)
        return shelf_trace(&calls->shelf, place, trace, &sight->start_ns, &sight->link);
    sight->start_ns = call->start_ns;
    sight->link = call->keys->links[trace];
    return true;
}

/* The number of the newest call with the key, and what is known of it; TABLE_NONE. */
static uint32_t key_holder(const struct calls *calls, enum trace trace, uint64_t key, struct trace_sight *sight)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&calls->correlation->table, key, &cursor)) != TABLE_NONE)
        if (trace_look(calls, number, trace, sight) && sight->link.key == key)
            break;
    return number;
}

/* The call that had the key before the one with `link`; TABLE_NONE: it is gone, or its number belongs to another. */
static uint32_t key_older(const struct calls *calls, enum trace trace, const struct trace_link *link, struct trace_sight *sight)
{
    bool there = link->number != POOL_NONE && trace_look(calls, link->number, trace, sight) && sight->link.key == link->key &&
                 (calls->places != NULL || call_at(calls, link->number)->id == link->id);
    return there ? link->number : TABLE_NONE;
}

/* An origin that says nothing: many calls have it, or one on the same hop had it just before (SIPp, old Asterisk). The chain
   begins with the call `at`. */
static bool origin_constant(struct calls *calls, const struct call *call, uint32_t at, struct trace_sight sight)
{
    for (int i = 0; at != TABLE_NONE; i++) {
        struct trace_link older = sight.link;
        if (i + 1 == ORIGIN_FEW)
            return true;
        struct call *other = trace_reaches(TRACE_ORIGIN, call->start_ns, sight.start_ns) ? call_open(calls, at) : NULL;
        if (other != NULL && same_hop(call, other))
            return true;
        at = key_older(calls, TRACE_ORIGIN, &older, &sight);
    }
    return false;
}

static void trace_add(struct calls *calls, struct call *call, uint32_t number, enum trace trace, uint64_t key)
{
    if (call->keys == NULL) {
        call->keys = arena_alloc(&call->arena, sizeof *call->keys);
        if (call->keys == NULL)
            return;
        memset(call->keys, 0, sizeof *call->keys);
    }
    struct trace_link *link = &call->keys->links[trace];
    if (link->key != 0)
        return; /* the first one of a call counts */
    struct trace_sight sight;
    uint32_t at = key_holder(calls, trace, key, &sight);
    link->key = key;
    link->number = at;
    if (at != TABLE_NONE) {
        link->id = calls->places != NULL ? at + 1 : call_at(calls, at)->id;
        table_remove(&calls->correlation->table, key, at);
    }
    (void)table_add(&calls->correlation->table, key, number);
    if (trace == TRACE_ORIGIN && at != TABLE_NONE && origin_constant(calls, call, at, sight))
        return;
    for (int i = 0; i < CHAIN_MAX && at != TABLE_NONE; i++) {
        struct trace_link older = sight.link;
        struct call *other = trace_reaches(trace, call->start_ns, sight.start_ns) ? call_open(calls, at) : NULL;
        if (other != NULL)
            pair_weigh(calls, call, other, trace);
        at = key_older(calls, trace, &older, &sight);
    }
}

/* Digits of a telephone number, without a leading plus: "+1 (617) 555-0100" and 16175550100 are the same. */
static uint64_t number_hash(uint64_t seed, struct slice user)
{
    uint8_t digits[32];
    size_t count = 0;
    user = slice_cut(user, 0, slice_find(user, 0, ';')); /* RFC 3966, RFC 4694: what follows are parameters */
    for (size_t i = 0; i < user.len && count < sizeof digits; i++)
        if (ascii_digit(user.data[i]))
            digits[count++] = user.data[i];
    return count < 3 ? 0 : hash_bytes(seed, slice_of(digits, count));
}

/* 0: there is none. */
static uint64_t numbers_key(const struct correlation *correlation, struct slice from_user, struct slice to_user)
{
    uint64_t from = number_hash(correlation->seed, from_user), to = number_hash(correlation->seed, to_user);
    return from == 0 || to == 0 ? 0 : hash_word(from + TRACE_NUMBERS, to) | 1;
}

static uint64_t origin_key(const struct correlation *correlation, const struct sdp *sdp)
{
    if (sdp->origin_id.len < 3 || sdp->origin_address.len == 0)
        return 0; /* "0" and "1" say nothing */
    uint64_t key = hash_bytes(correlation->seed + TRACE_ORIGIN, sdp->origin_id);
    return hash_bytes(key, sdp->origin_address) | 1;
}

void correlate_expect(const struct calls *calls, struct slice from_user, struct slice to_user)
{
    uint64_t key = numbers_key(calls->correlation, from_user, to_user);
    if (key != 0)
        table_prefetch(&calls->correlation->table, key);
}

void correlate_expect_origin(const struct calls *calls, const struct sdp *sdp)
{
    uint64_t key = origin_key(calls->correlation, sdp);
    if (key != 0)
        table_prefetch(&calls->correlation->table, key);
}

void correlate_begin(struct calls *calls, struct call *call, uint32_t number, const struct sip_message *message)
{
    static const enum sip_header_id names[] = {SIP_HEADER_X_CALL_ID, SIP_HEADER_X_CID};
    uint64_t seed = calls->correlation->seed;
    /* Both the header's value and the own Call-ID are keys of one kind: whichever leg comes first, the other finds it. */
    struct slice named = SLICE_NONE;
    for (size_t i = 0; i < 2 && named.len == 0; i++)
        named = sip_header_value(message, names[i]);
    if (named.len > 0 && !slice_equal(named, call->call_id)) {
        struct call *other = calls_find_by_id(calls, named);
        if (other != NULL && other != call)
            pair_weigh(calls, call, other, TRACE_CALL_ID);
        else
            trace_add(calls, call, number, TRACE_CALL_ID, hash_bytes(seed + TRACE_CALL_ID, named) | 1);
        calls->correlation->named++;
    }
    struct trace_sight sight;
    uint32_t holder = calls->correlation->named == 0
                          ? TABLE_NONE
                          : key_holder(calls, TRACE_CALL_ID, hash_bytes(seed + TRACE_CALL_ID, call->call_id) | 1, &sight);
    struct call *namer = holder == TABLE_NONE ? NULL : call_open(calls, holder);
    if (namer != NULL && namer != call)
        pair_weigh(calls, call, namer, TRACE_CALL_ID);

    struct slice session = sip_header_value(message, SIP_HEADER_SESSION_ID);
    session = slice_trim(slice_cut(session, 0, slice_find(session, 0, ';')));
    if (session.len >= 32 && !slice_is(session, "00000000000000000000000000000000"))
        trace_add(calls, call, number, TRACE_SESSION_ID, hash_bytes(seed + TRACE_SESSION_ID, session) | 1);

    uint64_t numbers = numbers_key(calls->correlation, call->from_user, call->to_user);
    if (numbers != 0)
        trace_add(calls, call, number, TRACE_NUMBERS, numbers);
}

void correlate_origin(struct calls *calls, struct call *call, uint32_t number, const struct sdp *sdp)
{
    uint64_t key = origin_key(calls->correlation, sdp);
    if (key != 0)
        trace_add(calls, call, number, TRACE_ORIGIN, key);
}

void correlate_forget(struct calls *calls, const struct call *call, uint32_t number)
{
    for (int trace = 0; trace < TRACES && call->keys != NULL; trace++)
        if (call->keys->links[trace].key != 0)
            (void)table_remove(&calls->correlation->table, call->keys->links[trace].key, number);
}

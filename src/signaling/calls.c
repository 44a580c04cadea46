/* The table of calls: found by Call-ID, kept in the order of their last message, given up within a memory budget. */
#include "signaling/call.h"

#include <stdlib.h>

#include "dissectors/sip_uri.h"
#include "signaling/publish.h"

/* After the last message of an ended call nothing of it can still come: 64 * T1 (RFC 3261 17). */
#define QUIET_ENDED_NS (32 * NS_PER_SECOND)
/* Registrations and keep-alives reuse their Call-ID: one record while they refresh at least hourly. */
#define QUIET_BRIEF_NS (3700 * NS_PER_SECOND)

struct calls *calls_new(const struct calls_config *config)
{
    struct calls *calls = calloc(1, sizeof *calls);
    if (calls == NULL)
        return NULL;
    calls->config = *config;
    calls->intern.seed = config->hash_seed;
    pool_init(&calls->pool, sizeof(struct call));
    pool_init(&calls->transactions, sizeof(struct transaction));
    calls->now_ns = CLOCK_NONE;
    for (int i = 0; i < CALL_LISTS; i++)
        calls->list_first[i] = calls->list_last[i] = POOL_NONE;
    calls->oldest = calls->newest = POOL_NONE;
    calls->correlation = correlation_new(config->hash_seed);
    calls->sdp = malloc(sizeof *calls->sdp);
    if (calls->correlation != NULL && calls->sdp != NULL)
        return calls;
    calls_free(calls);
    return NULL;
}

static void list_unlink(struct calls *calls, struct call *call)
{
    uint32_t *first = &calls->list_first[call->list], *last = &calls->list_last[call->list];
    if (call->before == POOL_NONE)
        *first = call->after;
    else
        call_at(calls, call->before)->after = call->after;
    if (call->after == POOL_NONE)
        *last = call->before;
    else
        call_at(calls, call->after)->before = call->before;
}

static void list_append(struct calls *calls, struct call *call, uint32_t number, enum call_list list)
{
    call->list = (uint8_t)list;
    call->before = calls->list_last[list];
    call->after = POOL_NONE;
    if (call->before == POOL_NONE)
        calls->list_first[list] = number;
    else
        call_at(calls, call->before)->after = number;
    calls->list_last[list] = number;
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

static void call_free(struct calls *calls, uint32_t number)
{
    struct call *call = call_at(calls, number);
    list_unlink(calls, call);
    birth_unlink(calls, call);
    (void)table_remove(&calls->index, call->hash, number);
    correlate_forget(calls, call, number);
    transaction_free_all(&calls->transactions, &call->transactions);
    calls->arena_bytes -= call->arena.bytes;
    arena_fini(&call->arena);
    pool_give(&calls->pool, number);
}

void calls_free(struct calls *calls)
{
    if (calls == NULL)
        return;
    while (calls->oldest != POOL_NONE)
        call_free(calls, calls->oldest);
    pool_fini(&calls->pool);
    pool_fini(&calls->transactions);
    table_fini(&calls->index);
    intern_fini(&calls->intern);
    correlation_free(calls->correlation);
    free(calls->sdp);
    free(calls);
}

/* Messages without a Call-ID (a defect) are kept together per pair of ends, so that they show up in some call. */
static uint64_t call_hash(const struct calls *calls, const struct sighting *sighting, struct slice call_id, bool registration)
{
    uint64_t seed = calls->config.hash_seed;
    if (call_id.len > 0)
        return hash_bytes(seed, call_id) ^ (registration ? UINT64_MAX : 0);
    return endpoint_hash(seed, &sighting->src) + endpoint_hash(seed, &sighting->dst);
}

static uint32_t call_find(const struct calls *calls, uint64_t hash, struct slice call_id, bool registration)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&calls->index, hash, &cursor)) != TABLE_NONE) {
        const struct call *call = call_at(calls, number);
        if (call->hash == hash && call->registration == registration && slice_equal(call->call_id, call_id))
            break;
    }
    return number;
}

struct call *calls_find_by_id(struct calls *calls, struct slice call_id)
{
    uint32_t number = call_find(calls, hash_bytes(calls->config.hash_seed, call_id), call_id, false);
    if (number == TABLE_NONE)
        number = call_find(calls, ~hash_bytes(calls->config.hash_seed, call_id), call_id, true);
    return number == TABLE_NONE ? NULL : call_at(calls, number);
}

static struct slice user_of(struct slice value)
{
    struct sip_address address;
    (void)sip_address_parse(value, &address);
    return slice_cut(address.uri.user, 0, CALL_TEXT_MAX);
}

/* Requests that cannot be the first of anything: what they belong to began before the capture did. */
static bool request_begins(const struct sip_message *message, const struct message_tags *tags)
{
    switch (message->method) {
    case SIP_ACK:
    case SIP_BYE:
    case SIP_CANCEL:
    case SIP_PRACK:
    case SIP_UPDATE:
        return false;
    case SIP_OPTIONS: /* these may stand in a dialog, but each is a transaction of its own */
    case SIP_MESSAGE:
    case SIP_REGISTER:
    case SIP_PUBLISH:
    case SIP_SUBSCRIBE:
    case SIP_NOTIFY:
        return true;
    default:
        return tags->to.len == 0;
    }
}

/* The parts of an INVITE's dialog that are seen first when the capture begins late are shown as that INVITE's call. */
static enum sip_method call_method(const struct sip_message *message)
{
    return message->method == SIP_ACK || message->method == SIP_CANCEL || message->method == SIP_PRACK ? SIP_INVITE
                                                                                                        : message->method;
}

static void call_begin(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                       const struct message_tags *tags)
{
    struct slice from = user_of(sip_header_value(message, SIP_HEADER_FROM));
    struct slice to = user_of(sip_header_value(message, SIP_HEADER_TO));
    struct slice tag = slice_cut(tags->from, 0, CALL_TEXT_MAX);
    struct slice uri = slice_cut(message->uri, 0, CALL_TEXT_MAX);
    size_t keys = message->method == SIP_INVITE ? CALL_KEYS_BYTES : 0;
    arena_reserve(&call->arena, call->call_id.len + from.len + to.len + tag.len + uri.len + keys);
    call->call_id = arena_copy(&call->arena, call->call_id);
    call->from_user = arena_copy(&call->arena, from);
    call->to_user = arena_copy(&call->arena, to);
    call->from_tag = arena_copy(&call->arena, tag);
    call->request_uri = arena_copy(&call->arena, uri);
    call->transactions = POOL_NONE;
    call->start_ns = sighting->time_ns;
    call->first_frame = sighting->frame;
    call->invite_ns = call->ring_ns = call->answer_ns = call->answered_invite_ns = call->final_ns = call->end_ns = CLOCK_NONE;
    call->silent_ns = sighting->time_ns;
    call->transport = (uint8_t)sighting->transport;
    /* A response travels the other way. */
    call->src = message->request ? sighting->src : sighting->dst;
    call->dst = message->request ? sighting->dst : sighting->src;
    call->method = (uint8_t)call_method(message);
    call->first_method = (uint8_t)message->method;
    call->begun = message->request && request_begins(message, tags);
    if (message->method == SIP_METHOD_UNKNOWN)
        call->custom_method = intern_number(&calls->intern, message->request ? message->method_text : message->cseq_method);
    call->invite_cseq = message->cseq;
}

/* A new call for the message's Call-ID; POOL_NONE without memory. */
static uint32_t call_new(struct calls *calls, uint64_t hash, const struct sighting *sighting, const struct sip_message *message,
                         const struct message_tags *tags)
{
    uint32_t number, old = call_find(calls, hash, message->call_id, message->method == SIP_REGISTER);
    if (old != TABLE_NONE)
        (void)table_remove(&calls->index, hash, old); /* the Call-ID now names the newer call */
    struct call *call = pool_take(&calls->pool, &number);
    if (call == NULL)
        return POOL_NONE;
    if (!table_add(&calls->index, hash, number)) {
        pool_give(&calls->pool, number);
        return POOL_NONE;
    }
    call->hash = hash;
    call->call_id = message->call_id;
    call->registration = message->method == SIP_REGISTER;
    call->id = ++calls->ids;
    call_begin(calls, call, sighting, message, tags);
    list_append(calls, call, number, LIST_ACTIVE);
    birth_append(calls, call, number);
    if (call->method == SIP_INVITE && call->begun)
        correlate_begin(calls, call, number, message);
    return number;
}

static void agent_take(struct calls *calls, struct call *call, const struct sip_message *message)
{
    struct slice agent = sip_header_value(message, message->request ? SIP_HEADER_USER_AGENT : SIP_HEADER_SERVER);
    if (agent.len == 0)
        agent = sip_header_value(message, message->request ? SIP_HEADER_SERVER : SIP_HEADER_USER_AGENT);
    uint16_t number = intern_number(&calls->intern, agent);
    for (int i = 0; i < CALL_AGENTS_MAX && number != INTERN_NONE; i++) {
        if (call->agents[i] == number)
            return;
        if (call->agents[i] == INTERN_NONE) {
            call->agents[i] = number;
            return;
        }
    }
}

static enum call_list list_for(const struct call *call)
{
    if (call->method != SIP_INVITE)
        return LIST_BRIEF;
    return dialog_ended(call) ? LIST_ENDED : LIST_ACTIVE;
}

struct call_sight calls_see(struct calls *calls, const struct sighting *sighting, const struct sip_message *message)
{
    struct message_tags tags = {sip_tag(sip_header_value(message, SIP_HEADER_FROM)), sip_tag(sip_header_value(message, SIP_HEADER_TO))};
    bool registration = message->method == SIP_REGISTER; /* a response's method is its CSeq's */
    uint64_t hash = call_hash(calls, sighting, message->call_id, registration);
    uint32_t number = call_find(calls, hash, message->call_id, registration);
    if (calls->now_ns == CLOCK_NONE || sighting->time_ns > calls->now_ns)
        calls->now_ns = sighting->time_ns;
    if (number == TABLE_NONE || dialog_is_new(call_at(calls, number), message, &tags))
        number = call_new(calls, hash, sighting, message, &tags);
    if (number == POOL_NONE)
        return (struct call_sight){0};
    struct call *call = call_at(calls, number);
    size_t arena_before = call->arena.bytes;
    struct transaction_sight sight =
        transaction_see(&calls->transactions, &call->transactions, calls->config.hash_seed, sighting, message, &tags);
    if (sight.transaction == NULL)
        return (struct call_sight){0};
    call->messages++;
    call->retransmissions += sight.retransmission;
    call->last_ns = sighting->time_ns;
    dialog_update(calls, call, sighting, message, &sight, &tags);
    if (!sight.retransmission) {
        agent_take(calls, call, message);
        offer_answer_update(calls, call, number, message);
    }
    list_unlink(calls, call);
    list_append(calls, call, number, list_for(call));
    calls->arena_bytes += call->arena.bytes - arena_before;
    return (struct call_sight){.call = call, .call_id = call->id, .retransmission = sight.retransmission};
}

void calls_add_finding(struct calls *calls, struct call *call, const struct rule *rule, const struct sighting *sighting,
                       struct slice subject, struct slice text)
{
    subject = slice_cut(subject, 0, CALL_TEXT_MAX);
    for (struct call_finding *at = call->findings; at != NULL; at = at->next)
        if (at->rule == rule && slice_equal(at->subject, subject)) {
            at->count++;
            return;
        }
    size_t arena_before = call->arena.bytes;
    struct call_finding *finding =
        call->finding_count == CALL_FINDINGS_MAX ? NULL : arena_alloc(&call->arena, sizeof *finding);
    if (finding == NULL)
        return;
    *finding = (struct call_finding){.next = call->findings,
                                     .frame = sighting->frame,
                                     .at_ns = sighting->time_ns,
                                     .rule = rule,
                                     .subject = arena_copy(&call->arena, subject),
                                     .text = arena_copy(&call->arena, slice_cut(text, 0, CALL_TEXT_MAX)),
                                     .count = 1};
    call->findings = finding;
    call->finding_count++;
    calls->arena_bytes += call->arena.bytes - arena_before;
}

static struct slice kept(struct call *call, struct slice s)
{
    return arena_copy(&call->arena, slice_cut(s, 0, CALL_TEXT_MAX));
}

void calls_keep_message(struct calls *calls, struct call *call, const struct message_record *message)
{
    size_t arena_before = call->arena.bytes;
    struct call_message *node = arena_alloc(&call->arena, sizeof *node);
    struct slice *defects = arena_alloc(&call->arena, (message->defects.count + 1) * sizeof *defects);
    if (node != NULL && defects != NULL) {
        *node = (struct call_message){.record = *message};
        node->record.call_id = call->call_id;
        node->record.method = kept(call, message->method);
        node->record.reason = kept(call, message->reason);
        node->record.cseq = kept(call, message->cseq);
        node->record.content_type = kept(call, message->content_type);
        for (size_t i = 0; i < message->defects.count; i++)
            defects[i] = message->defects.items[i]; /* names of rules: they outlive the run */
        node->record.defects.items = defects;
        if (call->message_last == NULL)
            call->message_first = node;
        else
            call->message_last->next = node;
        call->message_last = node;
    }
    calls->arena_bytes += call->arena.bytes - arena_before;
}

static size_t calls_bytes(const struct calls *calls)
{
    return pool_bytes(&calls->pool) + pool_bytes(&calls->transactions) + table_bytes(&calls->index) +
           correlation_bytes(calls->correlation) + calls->arena_bytes;
}

static void call_release(struct calls *calls, uint32_t number)
{
    publish_call(calls, call_at(calls, number));
    call_free(calls, number);
}

/* Pools never shrink, so what is live decides: the oldest ended calls go first, then the oldest brief ones, then the oldest. */
static void calls_evict(struct calls *calls)
{
    static const enum call_list order[] = {LIST_ENDED, LIST_BRIEF, LIST_ACTIVE};
    size_t fixed = table_bytes(&calls->index) + correlation_bytes(calls->correlation);
    for (size_t i = 0; i < CALL_LISTS; i++)
        while (calls->list_first[order[i]] != POOL_NONE) {
            size_t live = fixed + calls->arena_bytes + (size_t)calls->pool.live * sizeof(struct call) +
                          (size_t)calls->transactions.live * sizeof(struct transaction);
            if (live < calls->config.memory_limit / 8 * 7)
                return;
            calls->evicted++;
            call_release(calls, calls->list_first[order[i]]);
        }
}

void calls_expire(struct calls *calls, int64_t now_ns)
{
    if (calls->now_ns == CLOCK_NONE || now_ns > calls->now_ns)
        calls->now_ns = now_ns;
    if (calls_bytes(calls) > calls->config.memory_limit)
        calls_evict(calls);
    if (calls->config.keep_to_end)
        return;
    static const struct {
        enum call_list list;
        int64_t quiet_ns;
    } rules[] = {{LIST_ENDED, QUIET_ENDED_NS}, {LIST_BRIEF, QUIET_BRIEF_NS}};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        for (uint32_t first; (first = calls->list_first[rules[i].list]) != POOL_NONE;) {
            if (calls->now_ns - call_at(calls, first)->last_ns < rules[i].quiet_ns)
                break;
            call_release(calls, first);
        }
}

void calls_finish(struct calls *calls, int64_t now_ns)
{
    if (calls->now_ns == CLOCK_NONE || now_ns > calls->now_ns)
        calls->now_ns = now_ns;
    while (calls->oldest != POOL_NONE)
        call_release(calls, calls->oldest);
}

const struct calls_totals *calls_totals(const struct calls *calls)
{
    return &calls->totals;
}

uint64_t calls_evicted(const struct calls *calls)
{
    return calls->evicted;
}

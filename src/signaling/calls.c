/* The table of calls: found by Call-ID, kept in the order of their last message, given up within a memory budget. */
#include <stdlib.h>

#include "dissectors/sip_uri.h"
#include "signaling/publish.h"
#include "signaling/shelf.h"

/* After the last message of an ended call nothing of it can still come: 64 * T1 (RFC 3261 17). */
#define QUIET_ENDED_NS (32 * NS_PER_SECOND)
/* A challenged caller may still come back with credentials: a person may be typing them. */
#define QUIET_CHALLENGED_NS (300 * NS_PER_SECOND)
/* Registrations and keep-alives reuse their Call-ID: one record while they refresh at least hourly. */
#define QUIET_BRIEF_NS (3700 * NS_PER_SECOND)

enum { PLACES_FIRST = 1024 };

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
    calls->swept_ns = CLOCK_NONE;
    calls->queue_first = calls->queue_last = POOL_NONE;
    calls->oldest = calls->newest = POOL_NONE;
    calls->correlation = correlation_new(config->hash_seed);
    calls->sdp = calloc(1, sizeof *calls->sdp);
    if (config->keep_to_end) {
        calls->places = malloc(PLACES_FIRST * sizeof *calls->places);
        calls->place_room = PLACES_FIRST;
    }
    if (calls->correlation != NULL && calls->sdp != NULL && (calls->places != NULL || !config->keep_to_end))
        return calls;
    calls_free(calls);
    return NULL;
}

void calls_free(struct calls *calls)
{
    if (calls == NULL)
        return;
    for (uint32_t at = call_oldest(calls); at != POOL_NONE; at = call_newer(calls, at))
        if (call_live(calls, at) != NULL)
            arena_fini(&call_at(calls, at)->arena);
    for (int i = 0; i < CALL_RESTS; i++)
        free(calls->rests[i].items);
    free(calls->places);
    shelf_fini(&calls->shelf);
    pool_fini(&calls->pool);
    pool_fini(&calls->transactions);
    table_fini(&calls->index);
    table_fini(&calls->packed_index);
    intern_fini(&calls->intern);
    correlation_free(calls->correlation);
    free(calls->sdp);
    free(calls);
}

static struct slice user_of(struct slice value)
{
    return slice_cut(sip_user(value), 0, CALL_TEXT_MAX);
}

/* Requests that cannot be the first of anything: what they belong to began before the capture did. */
static bool request_begins(const struct sip_message *message, struct message_tags *tags)
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
        return tags_to(tags).len == 0;
    }
}

/* The parts of an INVITE's dialog that are seen first when the capture begins late are shown as that INVITE's call. */
static enum sip_method call_method(const struct sip_message *message, struct message_tags *tags)
{
    switch (message->method) {
    case SIP_ACK:
    case SIP_CANCEL:
    case SIP_PRACK:
    case SIP_BYE:
    case SIP_UPDATE:
        return SIP_INVITE;
    case SIP_INFO:
    case SIP_REFER:
        return tags_to(tags).len > 0 ? SIP_INVITE : message->method;
    default:
        return message->method;
    }
}

static void call_begin(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                       struct message_tags *tags)
{
    struct slice from = user_of(sip_header_value(message, SIP_HEADER_FROM));
    struct slice to = user_of(sip_header_value(message, SIP_HEADER_TO));
    if (message->method == SIP_INVITE)
        correlate_expect(calls, from, to);
    struct slice tag = slice_cut(tags_from(tags), 0, CALL_TEXT_MAX);
    struct slice uri = slice_cut(message->uri, 0, CALL_TEXT_MAX);
    size_t keys = message->method == SIP_INVITE ? CALL_KEYS_BYTES : 0;
    (void)arena_reserve(&call->arena, call->call_id.len + from.len + to.len + tag.len + uri.len + keys);
    call->call_id = arena_copy(&call->arena, call->call_id);
    call->from_user = arena_copy(&call->arena, from);
    call->to_user = arena_copy(&call->arena, to);
    call->from_tag = arena_copy(&call->arena, tag);
    call->request_uri = arena_copy(&call->arena, uri);
    call->start_ns = sighting->time_ns;
    call->first_frame = sighting->frame;
    call->invite_ns = call->ring_ns = call->answer_ns = call->answered_invite_ns = call->end_ns = CLOCK_NONE;
    call->silent_ns = sighting->time_ns;
    call->transport = (uint8_t)sighting->transport;
    /* A response travels the other way. */
    call->src = message->request ? sighting->src : sighting->dst;
    call->dst = message->request ? sighting->dst : sighting->src;
    call->method = (uint8_t)call_method(message, tags);
    call->first_method = (uint8_t)message->method;
    call->begun = message->request && request_begins(message, tags);
    /* Responses repeat the caller's From; of the requests inside a dialog only these are surely the caller's. */
    call->caller_known = call->begun || message->method == SIP_ACK || message->method == SIP_CANCEL || message->method == SIP_PRACK ||
                         (!message->request && message->method == SIP_INVITE);
    if (message->method == SIP_METHOD_UNKNOWN)
        call->custom_method = intern_number(&calls->intern, message->request ? message->method_text : message->cseq_method);
    call->invite_cseq = message->cseq;
}

/* A new call for the message's Call-ID; POOL_NONE without memory. */
static uint32_t call_new(struct calls *calls, struct call_key key, const struct sighting *sighting, const struct sip_message *message,
                         struct message_tags *tags)
{
    uint32_t number, old = call_find(calls, key);
    if (old != TABLE_NONE)
        call_unname(calls, key.hash, old); /* the Call-ID now names the newer call */
    struct call *call = call_take(calls, &number);
    if (call == NULL)
        return POOL_NONE;
    call->hash = key.hash;
    call->tail = key.tail;
    call->call_id = message->call_id;
    call->session = SESSION_NONE;
    call->vetted = UINT32_MAX;

    call->transactions.more = POOL_NONE;
    if (!table_add(&calls->index, key.hash, number)) {
        call_give(calls, number);
        return POOL_NONE;
    }
    call_begin(calls, call, sighting, message, tags);
    if (call->method == SIP_INVITE && call->begun)
        correlate_begin(calls, call, number, message);
    return number;
}

static void agent_take(struct calls *calls, struct call *call, const struct sip_message *message)
{
    struct slice agent = sip_header_value(message, message->request ? SIP_HEADER_USER_AGENT : SIP_HEADER_SERVER);
    if (agent.len == 0)
        agent = sip_header_value(message, message->request ? SIP_HEADER_SERVER : SIP_HEADER_USER_AGENT);
    if (agent.len == 0)
        return;
    for (int i = 0; i < CALL_AGENTS_MAX; i++) {
        if (call->agents[i] == INTERN_NONE) {
            call->agents[i] = calls->agents_last[message->request] =
                intern_number_like(&calls->intern, agent, calls->agents_last[message->request]);
            return;
        }
        if (slice_equal(intern_text(&calls->intern, call->agents[i]), slice_cut(agent, 0, INTERN_TEXT_MAX)))
            return;
    }
}

struct call_key calls_prefetch(const struct calls *calls, const struct sighting *sighting, const struct sip_message *message)
{
    struct call_key key = call_key_of(calls, sighting, message->call_id, message->method == SIP_REGISTER);
    table_prefetch(&calls->index, key.hash);
    if (message->request && message->method != SIP_ACK && message->method != SIP_BYE)
        table_prefetch(&calls->packed_index, key.hash); /* it may be the first of a call */
    return key;
}

void calls_prefetch_more(const struct calls *calls, struct call_key key)
{
    call_fetch(calls, key);
}

uint32_t calls_prefetch_parts(const struct calls *calls, struct call_key key)
{
    uint32_t number = call_find_whole(calls, key);
    if (number == TABLE_NONE)
        return UINT32_MAX;
    const struct call *call = call_at(calls, number);
    call_fetch_parts(calls, call);
    return call->vetted;
}

struct call_sight calls_see(struct calls *calls, struct call_key key, const struct sighting *sighting, const struct sip_message *message)
{
    struct message_tags tags = {.message = message};
    uint32_t number = call_find(calls, key);
    struct transaction_name name = transaction_name(calls->config.hash_seed, sighting, message, &tags);
    if (calls->now_ns == CLOCK_NONE || sighting->time_ns > calls->now_ns)
        calls->now_ns = sighting->time_ns;
    struct call *call = number == TABLE_NONE ? NULL : call_open(calls, number);
    if (number == TABLE_NONE || (call != NULL && dialog_is_new(call, message, &tags))) {
        number = call_new(calls, key, sighting, message, &tags);
        call = number == POOL_NONE ? NULL : call_at(calls, number);
    }
    if (call == NULL)
        return (struct call_sight){0};
    struct transaction_sight sight =
        transaction_see(&call->transactions, &calls->transactions, calls->config.hash_seed, name, sighting, message, &tags);
    if (sight.transaction == NULL)
        return (struct call_sight){0};
    call->messages++;
    call->retransmissions += sight.retransmission && !sight.copy;
    call->last_ns = sighting->time_ns;
    bool begun = call->begun;
    dialog_update(calls, call, sighting, message, &sight, &tags);
    if (!begun && call->begun) /* a later message of it was seen first */
        correlate_begin(calls, call, number, message);
    enum description description = DESCRIPTION_NONE;
    if (!sight.retransmission) {
        agent_take(calls, call, message);
        description = offer_answer_update(calls, call, number, sighting, message, &tags);
    }
    bool ended = dialog_ended(call);
    if (ended && call->session != SESSION_NONE)
        calls->config.follower.ended(calls->config.follower.context, call->session, call->end_ns);
    if (ended && !call->noted && calls->places != NULL)
        call_rest_note(calls, call, number);
    call_count_bytes(calls, call);
    return (struct call_sight){.call = call,
                               .call_id = call->id,
                               .sdp = description == DESCRIPTION_NONE ? NULL : &calls->sdp->sdp,
                               .answer = description == DESCRIPTION_ANSWER,
                               .retransmission = sight.retransmission,
                               .copy = sight.copy,
                               .to_tag = tags_to(&tags).len > 0,
                               .status = call->status};
}

/* One that weighs less, whose place the new one takes; NULL: none does. */
static struct call_finding *finding_give_up(struct call *call, enum severity severity)
{
    struct call_finding *least = NULL;
    for (struct call_finding *at = call->findings; at != NULL; at = at->next)
        if (at->rule->severity > severity && (least == NULL || at->rule->severity > least->rule->severity))
            least = at;
    return least;
}

void calls_add_finding(struct calls *calls, struct call *call, const struct firing *firing)
{
    struct slice subject = slice_cut(firing->subject, 0, CALL_TEXT_MAX);
    call->watched = 0;
    for (struct call_finding *at = call->findings; at != NULL; at = at->next)
        if (at->rule == firing->rule && at->stream == firing->stream && slice_equal(at->subject, subject)) {
            at->count++;
            return;
        }
    bool full = call->finding_count == CALL_FINDINGS_MAX;
    struct call_finding *finding = full ? finding_give_up(call, firing->rule->severity) : arena_alloc(&call->arena, sizeof *finding);
    if (finding == NULL)
        return;
    struct call_finding *next = full ? finding->next : call->findings;
    *finding = (struct call_finding){.next = next,
                                     .frame = firing->sighting->frame,
                                     .at_ns = firing->sighting->time_ns,
                                     .src = firing->sighting->src,
                                     .stream = firing->stream,
                                     .rule = firing->rule,
                                     .subject = arena_copy(&call->arena, subject),
                                     .text = arena_copy(&call->arena, slice_cut(firing->text, 0, CALL_TEXT_MAX)),
                                     .count = 1};
    if (!full) {
        call->findings = finding;
        call->finding_count++;
    }
    call_count_bytes(calls, call);
}

uint32_t *calls_session(struct call *call)
{
    return &call->session;
}

uint32_t *calls_vetted(struct call *call)
{
    return &call->vetted;
}

uint32_t calls_id(const struct call *call)
{
    return call->id;
}

bool calls_sender_is_caller(const struct call *call, const struct sip_message *message)
{
    struct message_tags tags = {.message = message};
    return slice_equal(tags_from(&tags), call->from_tag) == message->request;
}

static struct slice kept(struct call *call, struct slice s)
{
    return arena_copy(&call->arena, slice_cut(s, 0, CALL_TEXT_MAX));
}

void calls_keep_message(struct calls *calls, struct call *call, const struct message_record *message)
{
    struct call_message *node = arena_alloc(&call->arena, sizeof *node);
    struct slice *defects = arena_alloc(&call->arena, (message->defects.count + 1) * sizeof *defects);
    if (node != NULL && defects != NULL) {
        *node = (struct call_message){.record = *message};
        node->record.call_id = call->call_id;
        node->record.method = kept(call, message->method);
        node->record.reason = kept(call, message->reason);
        node->record.cseq = kept(call, message->cseq);
        node->record.content_type = kept(call, message->content_type);
        node->record.transaction = kept(call, message->transaction); /* connector and region outlive the run */
        node->record.text = arena_copy(&call->arena, message->text);
        for (size_t i = 0; i < message->defects.count; i++)
            defects[i] = message->defects.items[i]; /* names of rules: they outlive the run */
        node->record.defects.items = defects;
        if (call->message_last == NULL)
            call->message_first = node;
        else
            call->message_last->next = node;
        call->message_last = node;
    }
    call_count_bytes(calls, call);
}

static size_t other_bytes(const struct calls *calls)
{
    return calls->config.other_bytes == NULL ? 0 : calls->config.other_bytes(calls->config.other_context);
}

static size_t calls_table_bytes(const struct calls *calls)
{
    return table_bytes(&calls->index) + table_bytes(&calls->packed_index) + correlation_bytes(calls->correlation) +
           calls->place_room * sizeof *calls->places;
}

static size_t calls_bytes(const struct calls *calls)
{
    return pool_bytes(&calls->pool) + pool_bytes(&calls->transactions) + calls_table_bytes(calls) +
           calls->arena_bytes + calls->shelf.chunk_bytes + other_bytes(calls);
}

/* Publishes a packed call, and reads where its traces lead into *keys. */
static void packed_publish(struct calls *calls, uint32_t number, struct call *call, struct call_keys *keys)
{
    *call = (struct call){.id = number + 1};
    (void)shelf_read(&calls->shelf, call_place(calls, number), call, keys);
    given_unpacked(calls, call);
    publish_call(calls, call);
    calls->arena_bytes -= call->counted_bytes; /* a finding may have been added */
    arena_fini(&call->arena);
}

static void call_release(struct calls *calls, uint32_t number)
{
    struct call packed, *call = call_live(calls, number);
    struct call_keys keys;
    if (call != NULL)
        publish_call(calls, call);
    else
        packed_publish(calls, number, call = &packed, &keys);
    call_unname(calls, call->hash, number);
    correlate_forget(calls, call, number);
    call_give(calls, number);
}

/* The bytes of what is live: pools keep the room of what was freed. */
static size_t calls_live_bytes(const struct calls *calls)
{
    return calls_table_bytes(calls) + calls->arena_bytes + other_bytes(calls) + calls->shelf.live_bytes +
           (size_t)calls->pool.live * sizeof(struct call) + (size_t)calls->transactions.live * sizeof(struct transaction);
}

/* The next call to give up: one of the oldest that ended, else the oldest; where calls leave as they end, those in whose queue they
   stand longest. */
static uint32_t evict_choose(struct calls *calls)
{
    enum { LOOK = 64 };
    bool queued = calls->places == NULL;
    uint32_t at = queued ? calls->queue_first : call_from(calls, calls->evict_from);
    for (int i = 0; i < LOOK && at != POOL_NONE; i++) {
        const struct call *call = call_live(calls, at);
        if (call == NULL || dialog_ended(call)) {
            calls->evict_from = at; /* those before go on: they are not looked at again for each one that leaves */
            return at;
        }
        at = queued ? call->after : call_newer(calls, at);
    }
    if (queued)
        return calls->queue_first;
    return calls->evict_oldest = call_oldest(calls);
}

static void calls_evict(struct calls *calls)
{
    uint32_t number;
    while (calls_live_bytes(calls) > calls->config.memory_limit / 8 * 7 && (number = evict_choose(calls)) != POOL_NONE) {
        calls->evicted++;
        call_release(calls, number);
    }
}

/* How long after its last message a call is over; INT64_MAX: never. */
static int64_t quiet_limit(const struct call *call)
{
    if (call->method != SIP_INVITE)
        return QUIET_BRIEF_NS;
    if (call->status == 401 || call->status == 407)
        return QUIET_CHALLENGED_NS;
    return dialog_ended(call) ? QUIET_ENDED_NS : INT64_MAX;
}

/* Looks at each call every QUIET_ENDED_NS of capture time, not at each message: that would touch its neighbours' memory too. */
static void calls_release_quiet(struct calls *calls)
{
    for (uint32_t first; (first = calls->queue_first) != POOL_NONE;) {
        struct call *call = call_at(calls, first);
        if (calls->now_ns - call->queued_ns < QUIET_ENDED_NS)
            break;
        if (calls->now_ns - call->last_ns >= quiet_limit(call)) {
            call_release(calls, first);
        } else {
            call_queue_again(calls, call, first);
        }
    }
}

void calls_expire(struct calls *calls, int64_t now_ns)
{
    if (calls->now_ns == CLOCK_NONE || now_ns > calls->now_ns)
        calls->now_ns = now_ns;
    if (calls_bytes(calls) > calls->config.memory_limit)
        calls_evict(calls);
    if (calls->places == NULL)
        calls_release_quiet(calls);
    else
        call_rest_pack(calls);
}

void calls_finish(struct calls *calls, int64_t now_ns)
{
    if (calls->now_ns == CLOCK_NONE || now_ns > calls->now_ns)
        calls->now_ns = now_ns;
    for (uint32_t at = call_oldest(calls); at != POOL_NONE; at = call_newer(calls, at)) {
        struct call packed;
        struct call_keys keys;
        call_fetch_packed(calls, at);
        if (call_live(calls, at) != NULL) {
            publish_call(calls, call_at(calls, at));
        } else {
            packed_publish(calls, at, &packed, &keys);
            calls->places[at] = PLACE_GONE;
        }
    }
}

const struct calls_totals *calls_totals(const struct calls *calls)
{
    return &calls->totals;
}

uint64_t calls_evicted(const struct calls *calls)
{
    return calls->evicted;
}

/* The table of calls: found by Call-ID, kept in the order of their last message, given up within a memory budget. */
#include "signaling/call.h"

#include <stdlib.h>

#include "dissectors/sip_uri.h"
#include "signaling/publish.h"

/* After the last message of an ended call nothing of it can still come: 64 * T1 (RFC 3261 17). */
#define QUIET_ENDED_NS (32 * NS_PER_SECOND)
/* A challenged caller may still come back with credentials: a person may be typing them. */
#define QUIET_CHALLENGED_NS (300 * NS_PER_SECOND)
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
    calls->queue_first = calls->queue_last = POOL_NONE;
    calls->oldest = calls->newest = POOL_NONE;
    calls->correlation = correlation_new(config->hash_seed);
    calls->sdp = malloc(sizeof *calls->sdp);
    if (calls->correlation != NULL && calls->sdp != NULL)
        return calls;
    calls_free(calls);
    return NULL;
}

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
    queue_unlink(calls, call);
    birth_unlink(calls, call);
    (void)table_remove(&calls->index, call->hash, number);
    correlate_forget(calls, call, number);
    transactions_free(&call->transactions, &calls->transactions);
    calls->arena_bytes -= call->counted_bytes;
    arena_fini(&call->arena);
    call->id = 0; /* correlation's chains know a freed slot by it */
    call->keys = NULL;
    pool_give(&calls->pool, number);
}

void calls_free(struct calls *calls)
{
    if (calls == NULL)
        return;
    for (uint32_t at = calls->oldest; at != POOL_NONE; at = call_at(calls, at)->newer)
        arena_fini(&call_at(calls, at)->arena);
    pool_fini(&calls->pool);
    pool_fini(&calls->transactions);
    table_fini(&calls->index);
    intern_fini(&calls->intern);
    correlation_free(calls->correlation);
    free(calls->sdp);
    free(calls);
}

static struct slice user_of(struct slice value)
{
    struct sip_address address;
    (void)sip_address_parse(value, &address);
    return slice_cut(address.uri.user, 0, CALL_TEXT_MAX);
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
    struct slice tag = slice_cut(tags_from(tags), 0, CALL_TEXT_MAX);
    struct slice uri = slice_cut(message->uri, 0, CALL_TEXT_MAX);
    size_t keys = message->method == SIP_INVITE ? CALL_KEYS_BYTES : 0;
    arena_reserve(&call->arena, call->call_id.len + from.len + to.len + tag.len + uri.len + keys);
    call->call_id = arena_copy(&call->arena, call->call_id);
    call->from_user = arena_copy(&call->arena, from);
    call->to_user = arena_copy(&call->arena, to);
    call->from_tag = arena_copy(&call->arena, tag);
    call->request_uri = arena_copy(&call->arena, uri);
    call->transactions.more = POOL_NONE;
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
        (void)table_remove(&calls->index, key.hash, old); /* the Call-ID now names the newer call */
    struct call *call = pool_take(&calls->pool, &number);
    if (call == NULL)
        return POOL_NONE;
    if (!table_add(&calls->index, key.hash, number)) {
        pool_give(&calls->pool, number);
        return POOL_NONE;
    }
    call->hash = key.hash;
    call->tail = key.tail;
    call->call_id = message->call_id;
    call->id = ++calls->ids;
    call->session = SESSION_NONE;
    call->vetted = UINT32_MAX;
    call_begin(calls, call, sighting, message, tags);
    queue_append(calls, call, number);
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
    if (agent.len == 0)
        return;
    for (int i = 0; i < CALL_AGENTS_MAX; i++) {
        if (call->agents[i] == INTERN_NONE) {
            call->agents[i] = intern_number(&calls->intern, agent);
            return;
        }
        if (slice_equal(intern_text(&calls->intern, call->agents[i]), slice_cut(agent, 0, INTERN_TEXT_MAX)))
            return;
    }
}

void calls_prefetch(struct calls *calls, const struct sighting *sighting, const struct sip_message *message)
{
    calls->looked = message;
    calls->looked_key = call_key_of(calls, sighting, message->call_id, message->method == SIP_REGISTER);
    table_prefetch(&calls->index, calls->looked_key.hash);
}

void calls_prefetch_more(const struct calls *calls)
{
    call_fetch(calls, calls->looked_key);
}

struct call_sight calls_see(struct calls *calls, const struct sighting *sighting, const struct sip_message *message)
{
    struct message_tags tags = {.message = message};
    if (calls->looked != message)
        calls_prefetch(calls, sighting, message);
    calls->looked = NULL;
    struct call_key key = calls->looked_key;
    struct transaction_name name = transaction_name(calls->config.hash_seed, sighting, message, &tags);
    uint32_t number = call_find(calls, key);
    if (calls->now_ns == CLOCK_NONE || sighting->time_ns > calls->now_ns)
        calls->now_ns = sighting->time_ns;
    if (number == TABLE_NONE || dialog_is_new(call_at(calls, number), message, &tags))
        number = call_new(calls, key, sighting, message, &tags);
    if (number == POOL_NONE)
        return (struct call_sight){0};
    struct call *call = call_at(calls, number);
    struct transaction_sight sight =
        transaction_see(&call->transactions, &calls->transactions, calls->config.hash_seed, name, sighting, message, &tags);
    if (sight.transaction == NULL)
        return (struct call_sight){0};
    call->messages++;
    call->retransmissions += sight.retransmission;
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
    if (call->session != SESSION_NONE && dialog_ended(call))
        calls->config.follower.ended(calls->config.follower.context, call->session, call->end_ns);
    call_count_bytes(calls, call);
    return (struct call_sight){.call = call,
                               .call_id = call->id,
                               .sdp = description == DESCRIPTION_NONE ? NULL : calls->sdp,
                               .answer = description == DESCRIPTION_ANSWER,
                               .retransmission = sight.retransmission};
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
    struct call_finding *finding =
        call->finding_count == CALL_FINDINGS_MAX ? NULL : arena_alloc(&call->arena, sizeof *finding);
    if (finding == NULL)
        return;
    *finding = (struct call_finding){.next = call->findings,
                                     .frame = firing->sighting->frame,
                                     .at_ns = firing->sighting->time_ns,
                                     .src = firing->sighting->src,
                                     .stream = firing->stream,
                                     .rule = firing->rule,
                                     .subject = arena_copy(&call->arena, subject),
                                     .text = arena_copy(&call->arena, slice_cut(firing->text, 0, CALL_TEXT_MAX)),
                                     .count = 1};
    call->findings = finding;
    call->finding_count++;
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

/* The bytes of what is live: pools keep the room of what was freed. */
static size_t calls_live_bytes(const struct calls *calls)
{
    return table_bytes(&calls->index) + correlation_bytes(calls->correlation) + calls->arena_bytes +
           (size_t)calls->pool.live * sizeof(struct call) + (size_t)calls->transactions.live * sizeof(struct transaction);
}

/* The next call to give up: the first ended one near the front of the queue, else the front. */
static uint32_t evict_choose(const struct calls *calls)
{
    enum { LOOK = 64 };
    uint32_t at = calls->queue_first;
    for (int i = 0; i < LOOK && at != POOL_NONE; i++, at = call_at(calls, at)->after)
        if (dialog_ended(call_at(calls, at)))
            return at;
    return calls->queue_first;
}

static void calls_evict(struct calls *calls)
{
    while (calls->queue_first != POOL_NONE && calls_live_bytes(calls) > calls->config.memory_limit / 8 * 7) {
        calls->evicted++;
        call_release(calls, evict_choose(calls));
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
            queue_unlink(calls, call);
            queue_append(calls, call, first);
        }
    }
}

void calls_expire(struct calls *calls, int64_t now_ns)
{
    if (calls->now_ns == CLOCK_NONE || now_ns > calls->now_ns)
        calls->now_ns = now_ns;
    if (calls_bytes(calls) > calls->config.memory_limit)
        calls_evict(calls);
    if (!calls->config.keep_to_end)
        calls_release_quiet(calls);
}

void calls_finish(struct calls *calls, int64_t now_ns)
{
    if (calls->now_ns == CLOCK_NONE || now_ns > calls->now_ns)
        calls->now_ns = now_ns;
    for (uint32_t at = calls->oldest; at != POOL_NONE; at = call_at(calls, at)->newer)
        publish_call(calls, call_at(calls, at));
}

const struct calls_totals *calls_totals(const struct calls *calls)
{
    return &calls->totals;
}

uint64_t calls_evicted(const struct calls *calls)
{
    return calls->evicted;
}

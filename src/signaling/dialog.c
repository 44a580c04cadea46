/* A call's state from what was seen, in any order and with anything missing: facts are collected per message, and the state is
   derived from them when somebody asks. The wire is a witness, not a party: a 2xx answers a call whether or not its ACK was
   captured, and a BYE ends it whether or not it was answered. */
#include "signaling/call.h"

#include "base/hash.h"
#include "dissectors/sip_uri.h"

/* RFC 3261 17.1.1.2 timer B and 17.1.2.2 timer F: 64 * T1. */
#define TRANSACTION_TIMEOUT_NS (32 * NS_PER_SECOND)

static bool status_is_challenge(unsigned status)
{
    return status == 401 || status == 407;
}

bool dialog_ended(const struct call *call)
{
    if (call->method != SIP_INVITE)
        return call->status != 0;
    return call->bye || (call->answer_ns == CLOCK_NONE && call->status >= 300);
}

bool dialog_is_new(const struct call *call, const struct sip_message *message, struct message_tags *tags)
{
    if (!message->request || message->method != SIP_INVITE || tags_to(tags).len > 0)
        return false; /* no request that begins a call, or inside a dialog */
    if (call->method != SIP_INVITE)
        return true; /* some clients keep one Call-ID for everything: a call must not vanish in their keep-alives */
    bool same_caller = slice_equal(tags_from(tags), call->from_tag);
    if (message->cseq == call->invite_cseq && same_caller)
        return false; /* the same INVITE on another hop or once more */
    if (call->begun && call->answer_ns != CLOCK_NONE)
        return call->bye || !same_caller; /* another caller under the Call-ID of an answered call: its BYE was not captured */
    if (!dialog_ended(call))
        return false;
    if (call->bye)
        return true;
    if (status_is_challenge(call->status))
        return false;
    /* A corrected retry keeps the caller's tag (RFC 3261 8.1.3.5); a new call, or one after the caller gave up, does not. */
    return call->status == 487 || !same_caller;
}

/* The caller tries once more: what became of the last try is history. */
static void attempt_begin(struct call *call)
{
    call->status = 0;
    call->end_ns = CLOCK_NONE;
    call->reason = INTERN_NONE;
    call->reason_text = SLICE_NONE;
    call->q850 = 0;
    call->cancelled = false;
}

/* Whether a message from there is the caller's own, not one that a proxy passes on. A connection has a port of its own. */
static bool is_callers(const struct call *call, const struct sighting *sighting, const struct endpoint *from)
{
    return sighting->transport == TRANSPORT_UDP ? endpoint_equal(from, &call->src)
                                                : memcmp(from->address, call->src.address, sizeof from->address) == 0;
}

/* The initial INVITE, or the request of a transaction of the call's own method that stands alone. */
static void request_first(struct call *call, const struct sighting *sighting, const struct sip_message *message, struct message_tags *tags)
{
    call->invite_cseq = message->cseq;
    call->invite_ns = sighting->time_ns;
    call->silent_ns = sighting->time_ns;
    if (call->answer_ns == CLOCK_NONE) {
        attempt_begin(call);
        call->ring_ns = CLOCK_NONE;
        call->heard = false;
    }
    if (!call->begun) { /* two clocks or a late merge: a later message of the dialog was seen first */
        call->begun = true;
        call->caller_known = true;
        call->first_method = (uint8_t)message->method;
        call->start_ns = sighting->time_ns;
        call->src = sighting->src;
        call->dst = sighting->dst;
        call->request_uri = call_copy(call, message->uri, call->request_uri);
    }
    if (!slice_equal(tags_from(tags), call->from_tag))
        call->from_tag = call_copy(call, tags_from(tags), call->from_tag);
}

/* RFC 3326: Reason: Q.850;cause=16;text="..." */
static void reason_take(struct call *call, const struct sip_message *message)
{
    for (unsigned i = message->first[SIP_HEADER_REASON] - 1u; i < message->header_count; i++) {
        const struct sip_header *line = &message->headers[i];
        struct slice rest = slice_cut(message->bytes, line->value, (size_t)line->value + line->value_len), value;
        while (line->id == SIP_HEADER_REASON && sip_list_next(&rest, &value)) {
            uint64_t cause;
            if (slice_starts_nocase(value, "Q.850") && slice_uint(sip_parameter(slice_after(value, 5), "cause", NULL), &cause) &&
                cause > 0 && cause < 128)
                call->q850 = (uint8_t)cause;
        }
    }
}

/* True when the sender of an in-dialog request is the one that called. */
static bool sender_is_caller(const struct call *call, const struct sighting *sighting, struct message_tags *tags)
{
    if (call->from_tag.len > 0 && (slice_equal(tags_from(tags), call->from_tag) || slice_equal(tags_to(tags), call->from_tag)))
        return slice_equal(tags_from(tags), call->from_tag);
    return memcmp(sighting->src.address, call->src.address, sizeof call->src.address) == 0;
}

static void status_set(struct calls *calls, struct call *call, const struct sip_message *message)
{
    call->status = (uint16_t)message->status;
    if (slice_equal(call_reason(calls, call), message->reason))
        return;
    /* Nearly all calls share a handful of phrases. */
    call->reason = message->reason.len > INTERN_TEXT_MAX
                       ? INTERN_NONE
                       : intern_number_like(&calls->intern, message->reason, calls->reason_last);
    calls->reason_last = call->reason;
    call->reason_text = call->reason != INTERN_NONE ? SLICE_NONE : call_copy(call, message->reason, SLICE_NONE);
}

static uint32_t tag_hash(struct slice tag)
{
    return (uint32_t)(hash_bytes(0, tag) >> 32);
}

/* A 2xx makes a dialog per To tag (RFC 3261 13.2.2.4). */
static void dialog_begin(struct call *call, struct message_tags *tags)
{
    uint32_t tag = tag_hash(tags_to(tags));
    for (unsigned i = 0; i < call->dialog_count; i++)
        if (call->dialogs[i] == tag)
            return;
    if (call->dialog_count == CALL_DIALOGS_MAX)
        return;
    if (call->bye && (tag == call->bye_tags[0] || tag == call->bye_tags[1]))
        call->dialogs_over |= (uint8_t)(1u << call->dialog_count);
    call->dialogs[call->dialog_count++] = tag;
}

/* The dialog that a request's tags name: a bit of dialogs_acked and dialogs_over; 0 where none is known. */
static uint8_t dialog_bit(const struct call *call, struct message_tags *tags)
{
    uint32_t from = tag_hash(tags_from(tags)), to = tag_hash(tags_to(tags));
    for (unsigned i = 0; i < call->dialog_count; i++)
        if (call->dialogs[i] == from || call->dialogs[i] == to)
            return (uint8_t)(1u << i);
    return 0;
}

/* A fork whose 2xx was acknowledged talks until its own BYE, whatever became of the others. A 2xx that nobody acknowledged (a
   proxy that passed on another branch's answer) is no second conversation. */
static bool dialogs_left(const struct call *call)
{
    return (call->dialogs_acked & ~call->dialogs_over) != 0;
}

static void ack_take(struct call *call, const struct sip_message *message, const struct transaction *transaction,
                     struct message_tags *tags)
{
    /* An ACK that belongs to no failed INVITE confirms a 2xx (RFC 3261 13.2.2.4), captured or not. */
    if (transaction->method != SIP_ACK || message->cseq != call->invite_cseq || call->status >= 300)
        return;
    call->confirmed = true;
    call->dialogs_acked |= dialog_bit(call, tags);
    if (dialogs_left(call))
        call->bye = false;
}

/* Whether a provisional response says that the callee is told: no 100, no 199, which ends an early dialog (RFC 6228). */
static bool status_is_ringing(unsigned status)
{
    return status >= 180 && status < 199;
}

static void invite_goes_on(struct call *call, const struct sighting *sighting, const struct transaction_sight *sight,
                           const struct sip_message *message)
{
    const struct transaction *transaction = sight->transaction;
    call->silent_ns = sighting->time_ns; /* stops timer B (RFC 3261 17.1.1.2): the wait begins anew */
    /* What failed was one branch of several, or what a proxy did not pass on. */
    if (call->status >= 300 && transaction->top && transaction->final_status == 0 && call->answer_ns == CLOCK_NONE && !sight->retransmission)
        attempt_begin(call);
    if (status_is_ringing(message->status) && call->ring_ns == CLOCK_NONE && call->answer_ns == CLOCK_NONE && call->status == 0)
        call->ring_ns = sighting->time_ns;
}

/* Where a proxy tries several targets, the caller is told of one failure: the best (RFC 3261 16.7). On the hops behind it the others are
   seen, before and after. Of the caller's own forks the last failure stands, but for a 6xx, which stops them all. */
static bool failure_counts(const struct calls *calls, const struct call *call, const struct transaction *transaction, bool top)
{
    if (!top)
        return !call->heard;
    return !transactions_pending(&call->transactions, &calls->transactions, transaction) && call->status < 600;
}

/* A response to the initial INVITE. False: it says nothing of the call. */
static bool invite_answered(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                            const struct transaction_sight *sight, struct message_tags *tags)
{
    const struct transaction *transaction = sight->transaction;
    unsigned status = message->status;
    bool newest = message->cseq == call->invite_cseq;
    bool top = transaction->request_ns != CLOCK_NONE ? transaction->top : is_callers(call, sighting, &sighting->dst);
    bool counts = status < 300 || (!sight->retransmission && newest && call->answer_ns == CLOCK_NONE && failure_counts(calls, call, transaction, top));
    if (status < 200 && newest) {
        invite_goes_on(call, sighting, sight, message);
    } else if (status >= 200 && status < 300 && call->answer_ns == CLOCK_NONE) {
        call->answer_ns = sighting->time_ns;
        call->answered_invite_ns = newest ? call->invite_ns : transaction->request_ns;
        if (!call->bye)
            call->end_ns = CLOCK_NONE; /* a fork that failed, or a CANCEL that came too late, is history */
        status_set(calls, call, message);
        dialog_begin(call, tags);
    } else if (status >= 200 && status < 300) {
        dialog_begin(call, tags);
    } else if (counts && status >= 300) {
        status_set(calls, call, message);
        call->end_ns = sighting->time_ns;
    }
    call->heard = call->heard || (top && newest);
    return counts;
}

/* True for a response of the call's beginning: not one to a re-INVITE, whatever its CSeq number. */
static bool response_is_initial(const struct call *call, const struct sip_message *message, const struct transaction *transaction)
{
    if (transaction->request_ns != CLOCK_NONE)
        return transaction->initial;
    return message->cseq == call->invite_cseq || call->invite_cseq == 0;
}

static void bye_take(struct call *call, const struct sighting *sighting, struct message_tags *tags)
{
    uint8_t known = dialog_bit(call, tags);
    call->dialogs_over |= known;
    if (call->bye || dialogs_left(call))
        return; /* the first of two that cross ends the call */
    if (known == 0) {
        call->bye_tags[0] = tag_hash(tags_from(tags));
        call->bye_tags[1] = tag_hash(tags_to(tags));
    }
    call->bye = true;
    call->ended_by_caller = sender_is_caller(call, sighting, tags);
    call->end_ns = sighting->time_ns;
    if (!call->ended_by_caller)
        call->confirmed = true; /* the callee may not end an early dialog with a BYE (RFC 3261 15) */
}

/* The number that the trunk takes for the caller's, where it is not From's: of the first INVITE on any hop that has such a header. */
static void caller_take(const struct calls *calls, struct call *call, const struct sip_message *message)
{
    const enum sip_header_id *order = calls->config.caller_order;
    for (; order != NULL && *order != SIP_HEADER_OTHER && *order != SIP_HEADER_FROM && call->caller_id.len == 0; order++) {
        struct slice rest = sip_header_value(message, *order), value;
        struct slice user = rest.len > 0 && sip_list_next(&rest, &value) ? sip_user(value) : SLICE_NONE;
        call->caller_id = call_copy(call, slice_cut(user, 0, slice_find(user, 0, ';')), SLICE_NONE);
    }
}

/* A request without To tag that is no repeat. */
static void invite_begins(const struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                          struct transaction *transaction, struct message_tags *tags)
{
    /* A B2BUA may keep the Call-ID on its other side: an INVITE with another tag while this one waits is that leg's. */
    bool ours = call->status >= 300 || slice_equal(tags_from(tags), call->from_tag);
    bool another = call->invite_ns == CLOCK_NONE || (ours && message->cseq != call->invite_cseq);
    caller_take(calls, call, message);
    if (another)
        request_first(call, sighting, message, tags);
    transaction->foreign = !ours && message->cseq != call->invite_cseq;
    transaction->top = !transaction->foreign && is_callers(call, sighting, &sighting->src);
    if (transaction->top && !another && call->status >= 300 && call->answer_ns == CLOCK_NONE) {
        attempt_begin(call); /* the next target of the same request (RFC 3263 4.3) */
        call->silent_ns = sighting->time_ns;
    }
    if (call->answer_ns != CLOCK_NONE && call->answered_invite_ns == CLOCK_NONE && transaction->final_status >= 200 && transaction->final_status < 300)
        call->answered_invite_ns = sighting->time_ns; /* two clocks or a late merge: its answer was read first */
}

/* Messages of a call that an INVITE began or would have begun. False: the message says nothing of how the call went. */
static bool invite_update(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                          const struct transaction_sight *sight, struct message_tags *tags)
{
    struct transaction *transaction = sight->transaction;
    if (!message->request) {
        bool sane = message->status >= 100 && message->status < 700; /* a damaged status line says nothing */
        bool ours = transaction->request_ns != CLOCK_NONE
                        ? !transaction->foreign
                        : message->cseq == call->invite_cseq || slice_equal(tags_from(tags), call->from_tag);
        if (sane && ours && message->method == SIP_INVITE && response_is_initial(call, message, transaction))
            return invite_answered(calls, call, sighting, message, sight, tags);
        return true;
    }
    switch (message->method) {
    case SIP_INVITE:
        if (tags_to(tags).len == 0 && !sight->retransmission)
            invite_begins(calls, call, sighting, message, transaction, tags);
        break;
    case SIP_CANCEL:
        if (call->heard && !is_callers(call, sighting, &sighting->src))
            return false; /* a proxy ends a fork */
        call->cancelled = true;
        break;
    case SIP_ACK:
        ack_take(call, message, transaction, tags);
        break;
    case SIP_BYE:
        bye_take(call, sighting, tags);
        break;
    default:
        break;
    }
    return true;
}

/* REGISTER, OPTIONS, SUBSCRIBE, MESSAGE, ...: the newest transaction of the first method is the record's. */
static void brief_update(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                         const struct transaction_sight *sight, struct message_tags *tags)
{
    if (message->method != call->method)
        return;
    if (message->request) {
        if (!sight->retransmission && message->cseq != call->invite_cseq && call->begun)
            request_first(call, sighting, message, tags);
        if (!sight->retransmission && call->invite_ns == CLOCK_NONE)
            call->invite_ns = sighting->time_ns;
    } else if (message->status >= 200 && !sight->retransmission && (message->cseq == call->invite_cseq || !call->begun)) {
        status_set(calls, call, message);
        call->end_ns = sighting->time_ns;
        if (message->status < 300)
            call->good_status = call->status;
        else if (status_is_challenge(message->status) && call->good_status != 0)
            call->status = call->good_status; /* what was granted before holds until it is refused: a challenge is no refusal */
    }
}

/* A capture that begins in the middle of a call may show an OPTIONS, a MESSAGE or a NOTIFY of it first: what only an INVITE's dialog
   has tells. */
static bool belongs_to_invite(const struct sip_message *message, struct message_tags *tags)
{
    switch (message->method) {
    case SIP_INVITE:
        return tags_to(tags).len > 0;
    case SIP_ACK:
    case SIP_BYE:
    case SIP_PRACK:
    case SIP_UPDATE:
        return true;
    default:
        return false;
    }
}

static void invite_discover(struct call *call)
{
    call->method = SIP_INVITE;
    call->begun = call->caller_known = false;
    call->status = 0;
    call->reason = INTERN_NONE;
    call->reason_text = SLICE_NONE;
    call->invite_ns = call->end_ns = CLOCK_NONE;
}

void dialog_update(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                   const struct transaction_sight *sight, struct message_tags *tags)
{
    bool counts = true;
    if (call->method != SIP_INVITE && message->request && belongs_to_invite(message, tags))
        invite_discover(call);
    if (call->method == SIP_INVITE)
        counts = invite_update(calls, call, sighting, message, sight, tags);
    else
        brief_update(calls, call, sighting, message, sight, tags);
    if (counts && message->first[SIP_HEADER_REASON] != 0)
        reason_take(call, message);
}

static enum call_state state_of_failure(const struct call *call)
{
    if (call->status == 487)
        return CALL_CANCELLED;
    if (call->status == 486 || call->status == 600)
        return CALL_BUSY;
    return call->status < 400 ? CALL_REDIRECTED : CALL_REJECTED;
}

static enum call_state invite_state(const struct call *call, int64_t now_ns)
{
    if (!call->begun)
        return CALL_PARTIAL;
    if (call->answer_ns != CLOCK_NONE || call->confirmed)
        return call->bye ? CALL_COMPLETED : CALL_IN_CALL;
    if (call->status >= 300)
        return state_of_failure(call);
    if (call->cancelled || call->bye) /* a BYE before the answer ends an early dialog (RFC 3261 15) */
        return CALL_CANCELLED;
    if (now_ns - call->silent_ns >= TRANSACTION_TIMEOUT_NS)
        return CALL_TIMEOUT;
    return call->ring_ns != CLOCK_NONE ? CALL_RINGING : CALL_SETUP;
}

enum call_state dialog_state(const struct call *call, int64_t now_ns)
{
    if (call->method == SIP_INVITE)
        return invite_state(call, now_ns);
    if (!call->begun)
        return CALL_PARTIAL;
    if (call->status != 0)
        return call->status < 300 ? CALL_DONE : CALL_REJECTED;
    return now_ns - call->silent_ns >= TRANSACTION_TIMEOUT_NS ? CALL_TIMEOUT : CALL_PENDING;
}

/* One call: all that one Call-ID does between two ends, as the tap saw it. Private to signaling/. */
#ifndef SIGNALING_CALL_H
#define SIGNALING_CALL_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/table.h"
#include "dissectors/sdp.h"
#include "record/record.h"
#include "signaling/calls.h"
#include "signaling/transaction.h"

enum { CALL_KEYS_BYTES = 96 }; /* room that an INVITE's correlation keys take in its arena */

enum { CALL_DIALOGS_MAX = 4, CALL_AGENTS_MAX = 4, CALL_CODECS_MAX = 6, CALL_RELATED_MAX = 8, CALL_FINDINGS_MAX = 32, CALL_TEXT_MAX = 512 };

enum { CALL_ARENA_MAX = 64 << 10 }; /* a call whose texts change with every message keeps its older ones from here on */

/* A rule that fired in the call; repeats are counted. In the call's arena. */
struct call_finding {
    struct call_finding *next;
    uint64_t frame;
    int64_t at_ns;
    struct endpoint src;
    uint64_t stream;
    const struct rule *rule;
    struct slice subject, text;
    uint32_t count;
};

struct call_related {
    struct call_related *next;
    struct related_call related;
};

/* A message record that waits for its call's end (only where messages are asked for together with a query). */
struct call_message {
    struct call_message *next;
    struct message_record record;
};

struct call_keys;

struct call {
    uint64_t hash;        /* of the Call-ID; of the hop where there is none */
    uint64_t tail;        /* see struct call_key */
    uint32_t id;          /* in order of first packet, from 1 */
    uint32_t before, after; /* neighbours in the queue, POOL_NONE at its ends */
    uint32_t older, newer;  /* neighbours in the order of beginning */
    struct transactions transactions;
    struct slice call_id;
    struct arena arena;
    size_t counted_bytes; /* of the arena, in calls->arena_bytes */
    int64_t start_ns, last_ns;
    int64_t queued_ns;    /* when it was put at the queue's end */
    int64_t invite_ns;    /* first request of the newest initial INVITE transaction; for others of the newest transaction */
    int64_t ring_ns;      /* first 18x to the newest initial INVITE */
    int64_t answer_ns;    /* first 2xx to it */
    int64_t answered_invite_ns; /* the request that this 2xx answers */
    int64_t end_ns;       /* BYE, 487 or failure */
    int64_t silent_ns;    /* since when a final response is waited for: the request, or the newest 1xx to an INVITE */
    uint64_t first_frame;
    struct endpoint src, dst;
    uint32_t session;     /* the follower's number; SESSION_NONE */
    uint32_t vetted;      /* the rules' number; UINT32_MAX: none */
    uint64_t watched;     /* what calls_watch last gave (watch.c); 0: nothing yet */
    struct slice from_user, to_user, request_uri, from_tag, reason;
    uint32_t messages, retransmissions;
    uint32_t invite_cseq; /* of the newest initial INVITE */
    uint32_t offer_cseq;  /* of the transaction with an offer that waits for its answer */
    uint32_t dialogs[CALL_DIALOGS_MAX]; /* To tags (their hashes) of the 2xx: each answered fork is a dialog of its own */
    uint32_t bye_tags[2]; /* of a BYE whose dialog was not known yet: it may come before its 2xx (two taps, a crossing) */
    uint8_t dialog_count, dialogs_acked, dialogs_over; /* a bit per dialog: its ACK, its BYE was seen */
    uint16_t status;      /* final, 0: none */
    uint16_t good_status; /* newest 2xx of what is no INVITE: a challenge after it does not undo it */
    uint16_t q850;        /* 0: none */
    uint16_t agents[CALL_AGENTS_MAX], codecs[CALL_CODECS_MAX]; /* interned; INTERN_NONE ends the list */
    uint16_t custom_method; /* interned text of an unknown method */
    uint8_t method;       /* enum sip_method that decides how the state is derived: INVITE for all that belongs to one */
    uint8_t first_method; /* of the first request (of the CSeq where only responses were seen): the record's */
    uint8_t transport;
    uint8_t finding_count, related_count;
    bool begun;           /* its beginning is in the capture: a request that may begin a dialog or stands alone */
    bool caller_known;    /* from_tag is the caller's: the first message told who called */
    bool cancelled;       /* a CANCEL was seen */
    bool bye;             /* a BYE ended the (last) dialog */
    bool confirmed;       /* it was answered, though the 2xx may not be in the capture */
    bool ended_by_caller; /* of the BYE */
    bool offered;         /* an offer waits for its answer */
    bool offered_late;    /* it came in a response: an ACK or PRACK answers it */
    struct call_finding *findings;
    struct call_related *related;
    struct call_message *message_first, *message_last;
    struct call_keys *keys; /* correlate.c: what other legs may share; NULL for what is no INVITE */
};

struct correlation;

#define WATCHED_PUBLISHED UINT64_MAX /* call.watched: the last word on it was said */

/* What a call is found by: the seeded hash of its Call-ID, and the Call-ID's length and last bytes, so that a look-up need not
   touch the text of each call. Two Call-IDs with the same key would need the same 64 seeded bits. */
struct call_key {
    uint64_t hash, tail;
};

struct calls {
    struct calls_config config;
    const struct sip_message *looked; /* the message that calls_prefetch looked at, with its key; NULL */
    struct call_key looked_key;
    struct pool pool;         /* struct call */
    struct pool transactions; /* struct transaction */
    struct table index;       /* Call-ID hash -> newest call of that Call-ID */
    struct intern intern;
    struct correlation *correlation;
    struct sdp *sdp;          /* scratch: too large for the stack */
    uint32_t queue_first, queue_last; /* calls in the order in which their silence is looked at */
    uint32_t oldest, newest;  /* in the order of beginning */
    uint32_t ids;             /* given so far */
    size_t arena_bytes;       /* of all calls */
    uint64_t evicted;
    int64_t now_ns;           /* newest capture time */
    struct calls_totals totals;
};

/* dialog.c: what the message does to the call's state (RFC 3261 9, 12 to 15). */
void dialog_update(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                   const struct transaction_sight *sight, struct message_tags *tags);

/* dialog.c: the state as the record names it, at the newest capture time. */
enum call_state dialog_state(const struct call *call, int64_t now_ns);

/* dialog.c: true when nothing that could still come would change the state. */
bool dialog_ended(const struct call *call);

/* dialog.c: the message begins another call under a Call-ID that was used before. */
bool dialog_is_new(const struct call *call, const struct sip_message *message, struct message_tags *tags);

enum description { DESCRIPTION_NONE, DESCRIPTION_OFFER, DESCRIPTION_ANSWER };

/* offer_answer.c: follows RFC 3264 through the message's SDP, if it has one; calls->sdp is it then. */
enum description offer_answer_update(struct calls *calls, struct call *call, uint32_t number, const struct sighting *sighting,
                         const struct sip_message *message, struct message_tags *tags);

/* correlate.c: finds other legs of the call. number: the call's number in the pool. */
struct correlation *correlation_new(uint64_t seed);
void correlation_free(struct correlation *correlation);
void correlate_begin(struct calls *calls, struct call *call, uint32_t number, const struct sip_message *message);
void correlate_origin(struct calls *calls, struct call *call, uint32_t number, const struct sdp *sdp);
void correlate_forget(struct calls *calls, const struct call *call, uint32_t number);
size_t correlation_bytes(const struct correlation *correlation);

/* call_index.c: the key of a Call-ID; of the two ends where there is none (a defect). */
struct call_key call_key_of(const struct calls *calls, const struct sighting *sighting, struct slice call_id, bool registration);

/* call_index.c: fetches the memory of the call that the key probably names; its slot should have been fetched before. */
void call_fetch(const struct calls *calls, struct call_key key);

/* call_index.c: the newest call with the key; TABLE_NONE. */
uint32_t call_find(const struct calls *calls, struct call_key key);

/* Brings calls->arena_bytes up to date after the call's arena may have grown. */
static inline void call_count_bytes(struct calls *calls, struct call *call)
{
    calls->arena_bytes += call->arena.bytes - call->counted_bytes;
    call->counted_bytes = call->arena.bytes;
}

/* A copy in the call's arena, cut to CALL_TEXT_MAX; `old` where there is no room. */
static inline struct slice call_copy(struct call *call, struct slice text, struct slice old)
{
    if (text.len == 0 || call->arena.bytes > CALL_ARENA_MAX)
        return old;
    struct slice copy = arena_copy(&call->arena, slice_cut(text, 0, CALL_TEXT_MAX));
    return copy.len > 0 ? copy : old;
}

static inline struct call *call_at(const struct calls *calls, uint32_t number)
{
    return pool_at(&calls->pool, number);
}

#endif

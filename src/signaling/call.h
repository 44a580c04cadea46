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

enum { CALL_OWN_BYTES = 216 }; /* of texts and keys in struct call itself: most calls need no other memory */

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

/* Traces that the legs of one conversation may share; correlate.c says what each is worth. */
enum trace { TRACE_CALL_ID, TRACE_SESSION_ID, TRACE_ORIGIN, TRACE_NUMBERS, TRACES };

struct trace_link {
    uint64_t key;     /* 0: the call has no such trace */
    uint32_t number;  /* number and id of the call that had the key before; the id tells a reused number */
    uint32_t id;
};

struct call_keys {
    struct trace_link links[TRACES];
};

_Static_assert(sizeof(struct call_keys) + 8 <= CALL_KEYS_BYTES, "the keys fit what call_begin reserves, with their alignment");

struct call {
    uint64_t own[CALL_OWN_BYTES / 8]; /* the arena's first bytes */
    uint64_t hash;        /* of the Call-ID; of the hop where there is none */
    uint64_t tail;        /* see struct call_key (calls.h) */
    uint32_t id;          /* in order of first packet, from 1 */
    uint32_t before, after; /* neighbours in the queue, POOL_NONE at its ends; these and the next only where calls leave as they end */
    uint32_t older, newer;  /* neighbours in the order of beginning */
    bool noted;           /* it is in one of calls->rests */
    struct transactions transactions;
    struct arena arena;
    size_t counted_bytes; /* of the arena, in calls->arena_bytes */
    int64_t queued_ns;    /* when it was put at its queue's end */
    uint64_t watched;     /* what calls_watch last gave (watch.c); 0: nothing yet */
    struct slice call_id, from_user, to_user, request_uri, from_tag;
    struct slice caller_id; /* by another header than From; empty: From's */
    struct slice reason_text; /* where `reason` is INTERN_NONE */
    struct call_finding *findings;
    struct call_related *related;
    struct call_message *message_first, *message_last;
    struct call_keys *keys; /* correlate.c: what other legs may share; NULL for what is no INVITE */

    /* From here on shelf.c keeps each byte of a call that it packs: the times; the facts; what only INVITEs have, first its times. */
    int64_t start_ns;
    int64_t last_ns;
    int64_t invite_ns;    /* first request of the newest initial INVITE transaction; for others of the newest transaction */
    int64_t end_ns;       /* BYE, 487 or failure */
    int64_t silent_ns;    /* since when a final response is waited for: the request, or the newest 1xx to an INVITE */

    struct endpoint src, dst;
    uint32_t messages, retransmissions;
    uint64_t first_frame;
    uint32_t session;     /* the follower's number; SESSION_NONE */
    uint32_t vetted;      /* the rules' number; UINT32_MAX: none */
    uint32_t invite_cseq; /* of the newest initial INVITE */
    uint16_t agents[CALL_AGENTS_MAX]; /* interned; INTERN_NONE ends the list */
    uint16_t status;      /* final, 0: none */
    uint16_t good_status; /* newest 2xx of what is no INVITE: a challenge after it does not undo it */
    uint16_t reason;      /* the status line's phrase, interned; INTERN_NONE: see reason_text */
    uint8_t q850;         /* 0: none */
    uint8_t transport;
    uint16_t custom_method; /* interned text of an unknown method */
    uint8_t method;       /* enum sip_method that decides how the state is derived: INVITE for all that belongs to one */
    uint8_t first_method; /* of the first request (of the CSeq where only responses were seen): the record's */
    uint8_t finding_count, related_count;
    uint8_t packed;       /* how often it was */
    bool begun : 1;       /* its beginning is in the capture: a request that may begin a dialog or stands alone */
    bool caller_known : 1; /* from_tag is the caller's: the first message told who called */
    bool cancelled : 1;   /* a CANCEL was seen */
    bool bye : 1;         /* a BYE ended the (last) dialog */
    bool confirmed : 1;   /* it was answered, though the 2xx may not be in the capture */
    bool ended_by_caller : 1; /* of the BYE */
    bool offered : 1;     /* an offer waits for its answer */
    bool offered_late : 1; /* it came in a response: an ACK or PRACK answers it */
    bool heard : 1;       /* the caller itself was answered; before that, what a proxy behind it was told has to do */

    int64_t ring_ns;      /* first 18x to the newest initial INVITE */
    int64_t answer_ns;    /* first 2xx to it */
    int64_t answered_invite_ns; /* the request that this 2xx answers */
    uint32_t offer_cseq;  /* of the transaction with an offer that waits for its answer */
    uint32_t bye_tags[2]; /* of a BYE whose dialog was not known yet: it may come before its 2xx (two taps, a crossing) */
    uint32_t dialogs[CALL_DIALOGS_MAX]; /* To tags (their hashes) of the 2xx: each answered fork is a dialog of its own */
    uint8_t dialog_count, dialogs_acked, dialogs_over; /* a bit per dialog: its ACK, its BYE was seen */
    uint16_t codecs[CALL_CODECS_MAX]; /* interned; INTERN_NONE ends the list */
};

struct correlation;

#define WATCHED_PUBLISHED UINT64_MAX /* call.watched: the last word on it was said */

/* Owns its chunks; see shelf.h. */
struct shelf {
    struct shelf_chunk **chunks;
    uint32_t count, used; /* chunks; bytes of the last one */
    size_t chunk_bytes, live_bytes; /* of the heap; of what lies there */
};

/* Calls that ended, to be packed when they stay silent. Owns its items. */
enum call_rest_kind { REST_BRIEF, REST_INVITE, CALL_RESTS };

struct call_ring {
    struct call_rest *items;
    uint32_t first, count, room;
};

struct calls {
    struct calls_config config;
    struct pool pool;         /* struct call */
    struct pool transactions; /* struct transaction */
    /* Calls are named by numbers. Where calls leave as they end, a call's number is its place in the pool and is used again. Where all
       are kept to the end it is its id less one, and places[number] says where the call is. */
    uint32_t *places;
    uint32_t place_room;
    struct shelf shelf;       /* calls that are over, packed */
    bool watched;             /* somebody looks at calls as they go on: none is packed before it was given */
    uint64_t rested[CALL_STATE_COUNT]; /* calls that were packed since then, by state */
    /* Call-ID hash -> newest call of that Call-ID. Those that are packed have an index of their own: most messages belong to one of a
       few whole calls, whose index stays in the cache. */
    struct table index, packed_index;
    struct intern intern;
    uint16_t agents_last[2], reason_last; /* interned last, for a response and a request: the next one is often the same */
    struct correlation *correlation;
    struct sdp_memory *sdp;   /* scratch: too large for the stack */
    /* Where calls leave as they end: in the order in which their silence is looked at, and in the order of beginning. */
    uint32_t queue_first, queue_last, oldest, newest;
    /* Where all are kept. */
    struct call_ring rests[CALL_RESTS];
    int64_t swept_ns;         /* when all were looked at, and how many there were */
    uint32_t swept_ids;
    uint32_t evict_oldest, evict_from; /* numbers: all before are gone; all before are gone or had not ended */
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

/* correlate.c: finds other legs of the call. number: the call's. */
struct correlation *correlation_new(uint64_t seed);
void correlation_free(struct correlation *correlation);
void correlate_begin(struct calls *calls, struct call *call, uint32_t number, const struct sip_message *message);
void correlate_origin(struct calls *calls, struct call *call, uint32_t number, const struct sdp *sdp);

/* correlate.c: fetch the memory that the two above will look at. */
void correlate_expect(const struct calls *calls, struct slice from_user, struct slice to_user);
void correlate_expect_origin(const struct calls *calls, const struct sdp *sdp);
void correlate_forget(struct calls *calls, const struct call *call, uint32_t number);
size_t correlation_bytes(const struct correlation *correlation);

/* call_index.c: the key of a Call-ID; of the two ends where there is none (a defect). */
struct call_key call_key_of(const struct calls *calls, const struct sighting *sighting, struct slice call_id, bool registration);

/* call_index.c: fetches the memory of the call that the key probably names; its slot should have been fetched before. */
void call_fetch(const struct calls *calls, struct call_key key);

/* call_index.c: fetch the memory of a call: its own; what it points to, and what that points to; of it, what each message needs. */
void call_fetch_whole(const struct calls *calls, uint32_t number);
void call_fetch_texts(const struct calls *calls, const struct call *call);
void call_fetch_older(const struct calls *calls, const struct call *call);
void call_fetch_parts(const struct calls *calls, const struct call *call);

/* call_index.c: fetches the packed call that comes some calls behind this one. */
void call_fetch_packed(const struct calls *calls, uint32_t number);

/* call_index.c: the number of the newest call with the key; TABLE_NONE. */
uint32_t call_find(const struct calls *calls, struct call_key key);

/* call_index.c: the same among those that are not packed. */
uint32_t call_find_whole(const struct calls *calls, struct call_key key);

/* The length and last bytes of a Call-ID. */
static inline uint64_t call_id_tail(struct slice call_id)
{
    uint64_t tail = call_id.len >= 8 ? hash_load64(call_id.data + call_id.len - 8) : 0;
    return tail ^ (uint64_t)call_id.len << 56;
}

/* call_index.c: the key no longer names the call. */
void call_unname(struct calls *calls, uint64_t hash, uint32_t number);

/* call_place.c: a zeroed call with a number of its own; NULL without memory. */
struct call *call_take(struct calls *calls, uint32_t *number);

/* call_place.c: unpacks the call if need be; NULL where it is gone, or without memory. */
struct call *call_open(struct calls *calls, uint32_t number);

/* call_place.c: puts the call, which must not be packed, into the shelf. False: it is as it was. */
bool call_pack(struct calls *calls, struct call *call, uint32_t number);

/* call_place.c: frees all that the call holds, and its number. */
void call_give(struct calls *calls, uint32_t number);

/* call_place.c: the calls in the order of their beginning; POOL_NONE behind the last one. */
uint32_t call_oldest(const struct calls *calls);
uint32_t call_newer(const struct calls *calls, uint32_t number);

/* call_place.c: where all calls are kept: the first one that is still there, from `number` on. */
uint32_t call_from(const struct calls *calls, uint32_t number);

/* call_place.c: the call goes to the end of the queue. */
void call_queue_again(struct calls *calls, struct call *call, uint32_t number);

/* call_rest.c: the call ended: it is to be packed when it stays silent. */
void call_rest_note(struct calls *calls, struct call *call, uint32_t number);

/* call_rest.c: packs what was silent for long enough. */
void call_rest_pack(struct calls *calls);

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

/* The phrase of call->status. */
static inline struct slice call_reason(const struct calls *calls, const struct call *call)
{
    return call->reason != INTERN_NONE ? intern_text(&calls->intern, call->reason) : call->reason_text;
}

/* Where a call is: its number in the pool, or with this bit where it lies in the shelf; or nowhere any more. */
#define PLACE_PACKED (UINT32_C(1) << 31)
#define PLACE_GONE UINT32_MAX

static inline uint32_t call_place(const struct calls *calls, uint32_t number)
{
    return calls->places == NULL ? number : calls->places[number];
}

/* The call of a number, or NULL where it is packed or gone. */
static inline struct call *call_live(const struct calls *calls, uint32_t number)
{
    uint32_t place = call_place(calls, number);
    return (place & PLACE_PACKED) != 0 ? NULL : pool_at(&calls->pool, place);
}

/* The call of a number that is neither packed nor gone. */
static inline struct call *call_at(const struct calls *calls, uint32_t number)
{
    return pool_at(&calls->pool, call_place(calls, number));
}

#endif

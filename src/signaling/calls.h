/* All calls of a run: SIP messages in, call records out. */
#ifndef SIGNALING_CALLS_H
#define SIGNALING_CALLS_H

#include "dissectors/sip.h"
#include "record/firing.h"
#include "record/session.h"

struct calls;
struct call;

struct calls_config {
    uint64_t hash_seed;
    size_t memory_limit;       /* bytes that calls may hold; the oldest finished are given up first */
    bool keep_to_end;          /* publish all calls at the end, in order of their beginning (else as they end) */
    /* The headers that name the caller, the first that is there counts; SIP_HEADER_OTHER ends the list. NULL: no trunk says which. */
    const enum sip_header_id *caller_order;
    bool keep_messages;        /* message records wait for their call and are published behind it */
    record_reader *publish;    /* gets call, finding and (kept) message records */
    void *publish_context;
    /* Asked before a call's records are published; false drops them. NULL: all pass. */
    bool (*wanted)(void *context, const struct call_record *call);
    void *wanted_context;
    struct session_follower follower; /* is told of descriptions and ends; context NULL: nobody follows */
    /* Asked before a call's records are published, and before `wanted`: fills in what other trackers know of the call, and may add
       findings. Then told that they are published (call NULL: not wanted), after which the call is forgotten. NULL: nobody. */
    void (*complete)(void *context, struct call *call, uint32_t session, struct call_record *record);
    void (*published)(void *context, uint32_t session, const struct call_record *record);
    /* For calls_watch: fills in the same of a call that goes on, and changes nothing. NULL: nobody. */
    void (*describe)(void *context, uint32_t session, struct call_record *record);
    /* For calls_watch too: gives the records of the session's streams. NULL: nobody. */
    void (*streams)(void *context, uint32_t session, const struct call_record *record, record_reader *read, void *read_context);
    void *complete_context;
    /* Bytes that others keep of calls and give back with them; counted in memory_limit. NULL: none. */
    size_t (*other_bytes)(void *context);
    void *other_context;
};

struct calls_totals {
    uint64_t calls;                          /* published */
    uint64_t states[CALL_STATE_COUNT];
    uint64_t findings[SEVERITY_COUNT];       /* each repeat counted once per call and subject */
};

/* What a message was to its call. call: 0 where memory ran out. */
struct call_sight {
    struct call *call;   /* good until the next call of this layer's functions */
    uint32_t call_id;    /* the record's id */
    const struct sdp *sdp; /* the description that the message carried and the call followed; NULL */
    bool answer;         /* it answers an offer */
    bool retransmission;
    bool copy;               /* and it was only captured once more: nobody sent it again */
    bool to_tag;         /* its To header has a tag */
    uint16_t status;     /* the call's final one so far; 0: none */
};

struct calls *calls_new(const struct calls_config *config);
void calls_free(struct calls *calls);

/* What a call is found by: the seeded hash of its Call-ID, and the Call-ID's length and last bytes, so that a look-up need not
   touch the text of each call. Two Call-IDs with the same key would need the same 64 seeded bits. */
struct call_key {
    uint64_t hash, tail;
};

/* The message's key. Fetches the memory that calls_see will look at, in three steps; worth calling when other work comes in between.
   The last one gives the number that calls_vetted keeps, UINT32_MAX where there is none yet. */
struct call_key calls_prefetch(const struct calls *calls, const struct sighting *sighting, const struct sip_message *message);
void calls_prefetch_more(const struct calls *calls, struct call_key key);
uint32_t calls_prefetch_parts(const struct calls *calls, struct call_key key);

/* Tracks one SIP message, whose key calls_prefetch gave. */
struct call_sight calls_see(struct calls *calls, struct call_key key, const struct sighting *sighting, const struct sip_message *message);

/* A rule fired in the call. Texts are copied; the same rule and subject (and stream) in one call are one finding, counted. */
void calls_add_finding(struct calls *calls, struct call *call, const struct firing *firing);

/* The number that the follower keeps the call's session under, to be read and set. */
uint32_t *calls_session(struct call *call);

/* The number that the rules keep of the call, to be read and set; UINT32_MAX at first. */
uint32_t *calls_vetted(struct call *call);

/* The record's id. */
uint32_t calls_id(const struct call *call);

/* True when the sender of the message is the one that called. */
bool calls_sender_is_caller(const struct call *call, const struct sip_message *message);

/* Keeps a message record with its call (config.keep_messages). */
void calls_keep_message(struct calls *calls, struct call *call, const struct message_record *message);

/* The call whose Call-ID this is; NULL. */
struct call *calls_find_by_id(struct calls *calls, struct slice call_id);

/* Publishes what ended and stayed silent, and gives up what does not fit in memory any more. Cheap: call it per batch. */
void calls_expire(struct calls *calls, int64_t now_ns);

/* End of the input at capture time now_ns: publishes everything. */
void calls_finish(struct calls *calls, int64_t now_ns);

/* Gives the records, as they are now, of calls that were not published yet and changed since they were last given here: the
   call's, then its findings', then its streams'. Calls with media change all the time. *totals counts what was published and
   what was looked at. It walks all calls: for screens, a few times a second. */
void calls_watch(struct calls *calls, record_reader *read, void *context, struct calls_totals *totals);

const struct calls_totals *calls_totals(const struct calls *calls);
uint64_t calls_evicted(const struct calls *calls);

#endif

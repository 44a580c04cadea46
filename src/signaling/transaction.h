/* SIP transactions (RFC 3261 17) as seen from the wire: which messages belong together, and which are repeats. */
#ifndef SIGNALING_TRANSACTION_H
#define SIGNALING_TRANSACTION_H

#include "base/pool.h"
#include "dissectors/sip.h"
#include "record/sighting.h"

enum { RESPONSES_KEPT = 4 };

/* One transaction on one hop. A proxy's two hops carry the same Call-ID but are two transactions. */
struct transaction {
    uint64_t key;          /* top Via branch, or the From tag where the branch has no cookie (RFC 2543); CSeq number and method */
    int64_t request_ns;    /* first request; CLOCK_NONE: only responses were captured */
    uint32_t hop;          /* the two endpoints, whatever the direction */
    uint32_t next;         /* of the same call, newest first; POOL_NONE at the end */
    uint32_t cseq;
    uint32_t ack_digest;
    uint32_t response_digests[RESPONSES_KEPT];
    uint16_t final_status : 10; /* 0: none yet */
    uint16_t response_count : 4; /* of response_digests */
    uint16_t initial : 1;  /* its request had no To tag: it may begin a dialog */
    uint16_t top : 1;      /* an INVITE that the caller sent itself, not a proxy behind it */
    uint8_t method;        /* enum sip_method; SIP_ACK: only an ACK to a 2xx, which stands alone (RFC 3261 17) */
    bool foreign : 1;      /* an initial INVITE of another leg under this Call-ID (a B2BUA that keeps it) */
    bool acked : 1;
    bool requested : 1;    /* request_ns is known; only where the transaction is packed (shelf.c) */
    uint16_t request_ms, response_ms; /* the newest request and response: capture time modulo 65 s; 0: not known */
};

/* The tags of a message's From and To, read when they are first asked for: most messages never need them. Refs: borrow from the
   message. */
struct message_tags {
    const struct sip_message *message;
    struct slice from_read, to_read;
    bool has_from, has_to;
};

struct slice tags_from(struct message_tags *tags);
struct slice tags_to(struct message_tags *tags);

/* What a message is to its transaction. */
struct transaction_sight {
    struct transaction *transaction; /* NULL: no memory */
    bool retransmission;             /* the same message was sent before on this hop */
    bool copy;                       /* it was captured before: a mirror or the "any" device shows it once more */
};

/* The transactions of a call: the first one in place, since most calls have no other; the rest as a list in a pool. */
struct transactions {
    struct transaction first; /* key 0: none yet */
    uint32_t more;            /* pool number of the newest of the others; POOL_NONE */
};

/* Another initial INVITE that the caller sent with this CSeq was answered provisionally and not yet finally: forks are tried together. */
bool transactions_pending(const struct transactions *transactions, const struct pool *pool, const struct transaction *besides);

/* What a transaction is found by within its call. */
struct transaction_name {
    uint64_t key;
    uint32_t hop;
};

struct transaction_name transaction_name(uint64_t seed, const struct sighting *sighting, const struct sip_message *message,
                                         struct message_tags *tags);

/* Finds or makes the message's transaction, and marks repeats. */
struct transaction_sight transaction_see(struct transactions *transactions, struct pool *pool, uint64_t seed,
                                         struct transaction_name name, const struct sighting *sighting, const struct sip_message *message,
                                         struct message_tags *tags);

/* Gives all but the first back to the pool. */
void transactions_free(struct transactions *transactions, struct pool *pool);

#endif

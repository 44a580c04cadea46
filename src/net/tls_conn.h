/* One TLS connection: what its handshake said, and two directions that wait for each other and for keys. Private. */
#ifndef NET_TLS_CONN_H
#define NET_TLS_CONN_H

#include "base/clock.h"
#include "base/pool.h"
#include "base/text.h"
#include "net/tls.h"
#include "net/tls_cipher.h"
#include "net/tls_dtls.h"
#include "net/tls_keylog.h"

enum {
    TLS_HELD_MAX = 256 << 10,     /* records of one direction that wait */
    TLS_MESSAGE_MAX = 128 << 10,  /* a handshake message */
    TLS_SEALED_SEEN = 8,          /* records without keys that are looked at before a direction is left alone */
    TLS_TRIES = 64,               /* sequence numbers tried behind a hole */
    TLS_SEARCH_MAX = 4096         /* records opened in vain in all before a direction is given up */
};

enum tls_why {
    TLS_WHY_NONE,
    TLS_WHY_NO_KEYLOG,
    TLS_WHY_NO_KEY,
    TLS_WHY_SUITE,
    TLS_WHY_VERSION,
    TLS_WHY_NO_HANDSHAKE,
    TLS_WHY_GAP,
    TLS_WHY_WRONG_KEY,
    TLS_WHY_RECORD,
    TLS_WHY_MEMORY,
    TLS_WHYS
};

/* Which secret a direction's records are sealed with. Before TLS 1.3 it is CLEAR or TRAFFIC. */
enum tls_epoch { TLS_EPOCH_CLEAR, TLS_EPOCH_EARLY, TLS_EPOCH_HANDSHAKE, TLS_EPOCH_TRAFFIC };

/* A record that waits, in front of its body. */
struct tls_held {
    int64_t time_ns;
    uint64_t frame;
    uint32_t length;
    uint16_t version;
    uint8_t type;
};

/* One direction. Owns its buffers, cipher and the inner reader's state. */
struct tls_half {
    struct text held;           /* struct tls_held and body, over and over */
    size_t held_at;             /* where the first of them is */
    struct text handshake;      /* a message that is not whole */
    struct text plain;          /* application data that the inner reader wants to see again */
    void *inner_state;
    struct tls_cipher *cipher;  /* NULL: none yet, or in the clear */
    uint64_t sequence;
    uint32_t tries;             /* left for records that do not open */
    uint32_t sealed;            /* records that were not opened */
    uint32_t first_sealed;      /* length of the first of them */
    uint8_t epoch;
    uint8_t why;                /* enum tls_why, of the first record that stayed closed */
    bool released;              /* the stream ended */
    bool open;                  /* the stream goes on */
    bool lost;                  /* record borders are searched for */
    bool searching;             /* the sequence number is not known: records were lost, or belong to a secret that was not logged */
    bool dead;                  /* nothing more can be read */
    bool ignored;               /* the inner reader wants no more */
    bool finished;              /* its Finished was seen, or must have been */
    bool inner_closed, inner_gap;
    bool begun;                 /* bytes came */
    bool draining;              /* its first waiting record is being taken */
    uint64_t frame;             /* of the newest bytes */
};

struct tls_conn {
    uint32_t connection;
    uint32_t older, newer;      /* neighbours in its list, in order of their newest bytes; POOL_NONE */
    struct endpoint ends[2];    /* who sends in direction 0, 1 */
    int64_t begin_ns, open_ns, end_ns;
    uint64_t frame, certificate_frame;
    const struct tls_suite *suite;
    struct tls_certificate *certificate;
    struct tls_half half[2];
    struct tls_alert alert;
    uint64_t records, plain_bytes;
    uint16_t version, suite_number;
    uint8_t client;             /* the direction that it sends in */
    uint8_t list;               /* enum tls_list_id */
    uint8_t named;              /* of `randoms` that are known */
    bool asked;                 /* the client random is in the table that keys look into */
    bool client_hello, server_hello, retry;
    bool early;                 /* the client announced early data */
    bool encrypt_then_mac, resumed, certificate_asked, reset, begun_late, application;
    uint8_t client_random[TLS_RANDOM_BYTES], server_random[TLS_RANDOM_BYTES];
    uint8_t randoms[2][TLS_RANDOM_BYTES]; /* of the first and the newest client hello, by which key logs name its secrets */
    uint8_t session_bytes;
    uint8_t session[32];        /* the session id that the client asked for */
    char server_name[TLS_NAME_MAX], alpn[32];
};

enum tls_list_id { TLS_LIST_LIVE, TLS_LIST_OVER, TLS_LISTS }; /* OVER: ended, and waits for keys */

struct tls_list {
    uint32_t oldest, newest;
};

struct tls {
    struct tls_config config;
    struct pool conns;
    struct table by_connection;
    struct table by_random;     /* client random -> connection: keys look for it */
    struct tls_keylog keylog;
    struct dtls dtls;
    struct tls_list lists[TLS_LISTS];
    size_t heap_bytes;          /* of buffers, ciphers, certificates */
    uint8_t opened[TLS_RECORD_MAX];
};

static inline struct tls_conn *tls_conn_at(const struct tls *tls, uint32_t number)
{
    return pool_at(&tls->conns, number);
}

static inline bool tls_conn_is_13(const struct tls_conn *conn)
{
    return conn->version == 0x0304;
}

/* Where in time a record came to be whole. */
struct tls_moment {
    int64_t time_ns;
    uint64_t frame;
};

enum tls_taken { TLS_TAKEN, TLS_WAITS };

/* tls_record.c: one record of a direction, in its turn. WAITS: for the other direction, or for keys; nothing was done. */
enum tls_taken tls_record_take(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record,
                               const struct tls_moment *moment);

/* tls_hello.c: handshake bytes of a direction, in the clear or opened. */
void tls_handshake_take(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice bytes, const struct tls_moment *moment);

/* tls.c: application data for the inner reader. */
void tls_deliver(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice plain, const struct tls_moment *moment);

/* tls.c: the client random is known (again): keys that come for it find the connection. */
void tls_ask(struct tls *tls, struct tls_conn *conn, const uint8_t random[TLS_RANDOM_BYTES]);

/* tls.c: no more is read of the direction. */
void tls_half_kill(struct tls *tls, struct tls_conn *conn, unsigned direction, enum tls_why why);

/* tls_facts.c: all that is known of the connection; borrows from it. */
void tls_facts_fill(const struct tls_conn *conn, struct tls_facts *facts);

/* tls_record.c: the direction's records are sealed with another secret from here on; its cipher is made when the first one comes. */
void tls_half_epoch(struct tls *tls, struct tls_half *half, enum tls_epoch epoch);

#endif

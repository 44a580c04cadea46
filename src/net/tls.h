/* TLS connections on TCP streams (RFC 5246, RFC 8446): what their handshakes show, and their content where a key log has the secrets. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/text.h"
#include "net/tcp.h"

struct tls;

enum tls_state {
    TLS_HANDSHAKE, /* it had not ended */
    TLS_OPEN,      /* the handshake was completed */
    TLS_FAILED,    /* by a fatal alert or a reset before that */
    TLS_PARTIAL    /* the handshake is not in the capture */
};

enum { TLS_SUBJECT_MAX = 200, TLS_NAME_MAX = 128, TLS_NAMES_MAX = 8 };

/* What a server's certificate says of itself (RFC 5280). Texts are what the wire says: not to be trusted, not made fit for a terminal. */
struct tls_certificate {
    char subject[TLS_SUBJECT_MAX], issuer[TLS_SUBJECT_MAX]; /* RFC 4514 */
    char names[TLS_NAMES_MAX][TLS_NAME_MAX]; /* DNS names of subjectAltName, else the common name */
    unsigned name_count;
    unsigned chain;      /* certificates sent */
    int64_t from_ns, until_ns; /* CLOCK_NONE where it does not say */
    bool self_signed;
};

struct tls_alert {
    bool seen, fatal, by_client;
    bool sealed;         /* encrypted: only its length tells that it is one */
    uint8_t code;
    uint64_t frame;
    int64_t time_ns;
};

/* One connection. Refs: borrowed for the call that hands it over. */
struct tls_facts {
    struct endpoint client, server;
    int64_t begin_ns, open_ns, end_ns; /* open_ns: the handshake's end; CLOCK_NONE */
    uint64_t frame, certificate_frame; /* first record; 0: no certificate was seen */
    enum tls_state state;
    struct slice version, suite, server_name, alpn; /* empty: not known */
    struct slice client_random;  /* 32 bytes; 64 where it was renegotiated: of the first and the newest hello; empty: none was seen */
    bool resumed, certificate_asked, reset;
    const struct tls_certificate *certificate; /* NULL: not seen */
    struct tls_alert alert;
    uint64_t records, plain_bytes; /* plain_bytes: of application data, decrypted */
    bool sealed;         /* it carried application data */
    bool decrypted;
    const char *why;     /* why not, or not all of it; NULL */
    bool datagrams;      /* DTLS: decrypted means that the keys of its media are known */
    const char *profile; /* DTLS: how media is protected, as RFC 4568 names it; NULL: not agreed, or not known */
};

enum { TLS_MEDIA_KEY_MAX = 46 };

/* What DTLS agreed on for the media that src sends to dst (RFC 5764). Secret; wiped when the reader returns. */
struct tls_media_key {
    struct endpoint src, dst;
    const char *suite;   /* as RFC 4568 names it */
    uint64_t frame;
    int64_t time_ns;
    uint8_t master[TLS_MEDIA_KEY_MAX]; /* key, salt */
};

/* Refs: bytes are borrowed for the call. */
struct tls_datagram {
    struct endpoint src, dst;
    int64_t time_ns;
    uint64_t frame;
    struct slice bytes;
};

struct tls_config {
    struct tcp_reader inner; /* reads the application data as if it were the stream; tcp_stream.secure is set */
    void (*ended)(void *context, const struct tls_facts *facts);
    void (*media_keys)(void *context, const struct tls_media_key *key); /* NULL: nobody wants them */
    void *ended_context;     /* of both */
    uint64_t hash_seed;
    size_t memory_limit;     /* connections, and records that wait for keys; the oldest give way */
    bool keys_expected;      /* keys may come: records wait for them */
    bool keep_to_end;        /* connections that ended wait for keys to the end of the input, else for a minute */
    struct anomalies *anomalies;
};

/* NULL without memory. */
struct tls *tls_new(const struct tls_config *config);
void tls_free(struct tls *tls);

/* One direction's bytes, as struct tcp_reader's read. */
size_t tls_read(struct tls *tls, const struct tcp_stream *stream, struct slice data);

/* Whether the stream's connection is known to be TLS by its other direction. */
bool tls_knows(const struct tls *tls, const struct tcp_stream *stream);

/* What the connection's client asked for (RFC 6066 3); empty: nothing, or not seen. Good until the next read. */
struct slice tls_server_name(const struct tls *tls, uint32_t connection);

/* The direction ended: no read follows. */
void tls_release(struct tls *tls, uint32_t connection, unsigned direction);

/* One datagram of DTLS: its handshakes are followed as far as the keys of the media need it. */
void tls_datagram(struct tls *tls, const struct tls_datagram *datagram);

/* One datagram that nothing else claims: an encrypted record of DTLS 1.3 shows that little of itself (RFC 9147 4). */
void tls_datagram_sealed(struct tls *tls, const struct tls_datagram *datagram);

/* Text in the NSS key log format, any number of whole lines; nothing of it is kept but the secrets. Connections that wait for them go on. */
void tls_keys(struct tls *tls, struct slice lines);

enum { TLS_LINES_MAX = 2048 };

/* Appends the key log's lines for a client random, none where it has no secret of it, to out, which has TLS_LINES_MAX bytes of room. They
   are secret: the caller wipes them. */
void tls_secrets(const struct tls *tls, struct slice client_random, struct text *out);

/* Secrets that are kept. */
size_t tls_key_count(const struct tls *tls);

/* Gives up connections that ended long ago and still wait for keys. */
void tls_expire(struct tls *tls, int64_t now_ns);

/* End of the input, after tcp_finish: tells of all that is left. */
void tls_finish(struct tls *tls);

/* Bytes held. */
size_t tls_bytes(const struct tls *tls);

/* "unknown_ca"; NULL for a number without a name (RFC 8446 6). */
const char *tls_alert_name(uint8_t code);

#endif

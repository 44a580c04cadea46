/* DTLS over UDP, which carries the keys of media (RFC 5764): the handshake is seen, and with the secrets of a key log these keys are exported.
   Private. */
#ifndef NET_TLS_DTLS_H
#define NET_TLS_DTLS_H

#include "net/tls.h"
#include "net/tls_cipher.h"
#include "net/tls_keylog.h"

enum { DTLS_KEPT = 4096 }; /* handshakes; then the oldest give way */
enum { DTLS_PROFILES_MAX = 8 };
enum { VERSION_DTLS10 = 0xfeff, VERSION_DTLS12 = 0xfefd, VERSION_DTLS13 = 0xfefc };

/* One handshake between two endpoints. */
struct dtls_flow {
    struct endpoint client, server;
    const struct tls_suite *suite;
    struct tls_alert alert;
    int64_t begin_ns, open_ns, end_ns;
    uint64_t first_frame, records;
    uint64_t frame;            /* of the server's hello */
    int64_t time_ns;
    uint16_t version, suite_number;
    uint16_t profiles[DTLS_PROFILES_MAX]; /* SRTP protection: the one that the server chose; before that, and in DTLS 1.3, where its choice
                                             is encrypted, those that the client offered */
    uint8_t profile_count;
    uint8_t sealed;            /* bit 1: the client sent encrypted records; bit 2: the server */
    bool client_hello, server_hello;
    bool told;                 /* keys of the media were exported */
    bool ended;                /* its record is published */
    uint8_t client_random[TLS_RANDOM_BYTES], server_random[TLS_RANDOM_BYTES];
};

/* Owns its flows. Zeroed memory is valid and empty. */
struct dtls {
    struct dtls_flow *flows;
    uint32_t count, room, next;
    uint32_t looked;           /* dtls_expire goes on behind it */
    struct table by_ends;      /* of both directions */
    struct table by_random;
};

void dtls_fini(struct dtls *dtls);

/* One datagram between the endpoints. */
void dtls_datagram(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const struct tls_datagram *datagram);

/* One that may be an encrypted record of DTLS 1.3. */
void dtls_sealed(struct dtls *dtls, const struct tls_config *config, const struct tls_datagram *datagram);

/* A secret of the client random came. */
void dtls_keys_came(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES]);

/* Tells config->ended of what is idle for long: of a few at each call. */
void dtls_expire(struct dtls *dtls, const struct tls_config *config, int64_t now_ns);

/* Tells it of all that is left. */
void dtls_finish(struct dtls *dtls, const struct tls_config *config);

size_t dtls_bytes(const struct dtls *dtls);

/* tls_dtls_media.c: gives config->media_keys the keys of both directions, once: as soon as both hellos and the secret are there. */
void dtls_export(struct dtls_flow *flow, const struct tls_config *config, const struct tls_keylog *keylog);

/* tls_dtls_media.c: all that is known of the flow; borrows from it. */
void dtls_facts_fill(const struct dtls_flow *flow, const struct tls_config *config, struct tls_facts *facts);

#endif

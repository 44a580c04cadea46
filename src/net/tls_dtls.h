/* DTLS-SRTP (RFC 5764): the handshake is seen, and with the master secret of a key log the keys of the media are exported. Private. */
#ifndef NET_TLS_DTLS_H
#define NET_TLS_DTLS_H

#include "net/tls.h"
#include "net/tls_cipher.h"
#include "net/tls_keylog.h"

enum { DTLS_KEPT = 4096 }; /* handshakes; then the oldest give way */

/* One handshake between two endpoints. */
struct dtls_flow {
    struct endpoint client, server;
    const struct tls_suite *suite;
    uint64_t frame;
    int64_t time_ns;
    uint16_t version, profile; /* profile 0: not negotiated, or not seen */
    bool client_hello, server_hello, told;
    uint8_t client_random[TLS_RANDOM_BYTES], server_random[TLS_RANDOM_BYTES];
};

/* Owns its flows. Zeroed memory is valid and empty. */
struct dtls {
    struct dtls_flow *flows;
    uint32_t count, room, next;
    struct table by_ends;   /* of both directions */
    struct table by_random;
};

void dtls_fini(struct dtls *dtls);

/* One datagram between the endpoints. */
void dtls_datagram(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const struct tls_datagram *datagram);

/* A secret of the client random came. */
void dtls_keys_came(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES]);

size_t dtls_bytes(const struct dtls *dtls);

#endif

/* The numbers of TLS and their names: versions, cipher suites, alerts. Private. */
#ifndef NET_TLS_SUITES_H
#define NET_TLS_SUITES_H

#include <stdbool.h>
#include <stdint.h>

enum tls_seal {
    TLS_SEAL_NONE, /* named, but not read */
    TLS_SEAL_CBC,
    TLS_SEAL_GCM,
    TLS_SEAL_CCM,
    TLS_SEAL_CCM8, /* with a tag of 8 bytes */
    TLS_SEAL_CHACHA20
};

enum tls_hash { TLS_SHA256, TLS_SHA384, TLS_SHA1 };

struct tls_suite {
    uint16_t number;
    uint8_t seal, key_bytes;
    uint8_t hash;  /* enum tls_hash of the key derivation */
    uint8_t mac;   /* of CBC */
    const char *name; /* without TLS_ */
};

/* The row of a suite's number; NULL: not even named. */
const struct tls_suite *tls_suite_find(uint16_t number);

/* "TLS 1.2"; NULL. */
const char *tls_version_name(uint16_t version);

#endif

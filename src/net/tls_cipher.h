/* The protection of TLS records in one direction: keys derived from a secret, and records opened with them. Private. */
#ifndef NET_TLS_CIPHER_H
#define NET_TLS_CIPHER_H

#include "base/slice.h"
#include "net/tls_suites.h"

struct tls_cipher;

enum { TLS_RECORD_MAX = (1 << 14) + 2048, TLS_HEADER_BYTES = 5 }; /* RFC 5246 6.2.3 */

/* One record as it stands on the wire, without its header. */
struct tls_record {
    uint8_t type;
    uint16_t version;
    struct slice body;
};

/* TLS 1.0 to 1.2. */
struct tls_master {
    const struct tls_suite *suite;
    uint16_t version;
    bool client;           /* whose records it opens */
    bool encrypt_then_mac; /* RFC 7366 */
    struct slice secret;
    const uint8_t *client_random, *server_random;
};

/* NULL without memory, or where the suite is not read. */
struct tls_cipher *tls_cipher_new(const struct tls_master *master);

/* TLS 1.3, from a traffic secret. */
struct tls_cipher *tls_cipher_new_traffic(const struct tls_suite *suite, struct slice secret);

/* Wipes it. NULL is fine. */
void tls_cipher_free(struct tls_cipher *cipher);

/* Goes on to the next traffic secret (RFC 8446 7.2). False without memory. */
bool tls_cipher_update(struct tls_cipher *cipher);

/* Opens the record with this sequence number; false where its authentication fails. out: room for TLS_RECORD_MAX. */
bool tls_cipher_open(struct tls_cipher *cipher, uint64_t sequence, const struct tls_record *record, uint8_t *out, size_t *length);

/* RFC 5705 without context: keys for another purpose from the connection's master secret; client is not looked at. */
bool tls_export(const struct tls_master *master, const char *label, uint8_t *out, size_t length);

/* RFC 8446 7.5 without context, from the exporter secret. prefix: "tls13 ", or "dtls13". False where the secret is not of the suite. */
bool tls_export_13(const struct tls_suite *suite, struct slice secret, const char *prefix, const char *label, uint8_t *out, size_t length);

/* Bytes that one takes, about. */
size_t tls_cipher_bytes(void);

#endif

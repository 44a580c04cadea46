/* The secrets of an NSS key log (draft-ietf-tls-keylogfile), found by label and client random. Private. */
#ifndef NET_TLS_KEYLOG_H
#define NET_TLS_KEYLOG_H

#include "base/table.h"
#include "base/text.h"

enum { TLS_RANDOM_BYTES = 32, TLS_SECRET_MAX = 48 };

enum tls_label {
    TLS_MASTER_SECRET, /* CLIENT_RANDOM: TLS 1.2 and before */
    TLS_CLIENT_EARLY,
    TLS_CLIENT_HANDSHAKE,
    TLS_SERVER_HANDSHAKE,
    TLS_CLIENT_TRAFFIC,
    TLS_SERVER_TRAFFIC,
    TLS_EXPORTER,      /* keys for another purpose, of media */
    TLS_LABELS
};

struct tls_secret {
    uint8_t random[TLS_RANDOM_BYTES];
    uint8_t secret[TLS_SECRET_MAX];
    uint8_t length, label;
};

/* Owns its secrets, and wipes what it gives back. When `most` are there the oldest goes. */
struct tls_keylog {
    struct tls_secret *secrets;
    uint32_t count, room, most, next; /* next: where the next one goes */
    struct table index;
    uint64_t seed;
};

void tls_keylog_init(struct tls_keylog *keylog, uint64_t seed, uint32_t most);
void tls_keylog_fini(struct tls_keylog *keylog);

enum tls_line { TLS_LINE_OTHER, TLS_LINE_SECRET, TLS_LINE_BAD };

/* One line without its end. OTHER: a comment, or a label that is not used. SECRET: *random is whose. */
enum tls_line tls_keylog_line(struct tls_keylog *keylog, struct slice line, uint8_t random[TLS_RANDOM_BYTES]);

/* Empty where there is none. Refs: until the next line. */
struct slice tls_keylog_find(const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES], enum tls_label label);

/* Appends a line for each secret of the client random to out, which has TLS_LINES_MAX bytes of room: a text that grows leaves copies. */
void tls_keylog_write(const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES], struct text *out);

size_t tls_keylog_bytes(const struct tls_keylog *keylog);

#endif

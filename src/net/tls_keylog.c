/* One line is LABEL, a space, the client random and a space, and the secret, both in hexadecimal. */
#include "net/tls_keylog.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "base/hash.h"

static const char *const label_names[TLS_LABELS] = {
    [TLS_MASTER_SECRET] = "CLIENT_RANDOM",
    [TLS_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
    [TLS_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    [TLS_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    [TLS_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
    [TLS_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
    [TLS_EXPORTER] = "EXPORTER_SECRET",
};

void tls_keylog_init(struct tls_keylog *keylog, uint64_t seed, uint32_t most)
{
    *keylog = (struct tls_keylog){.seed = seed, .most = most};
}

static void secrets_wipe(struct tls_secret *secrets, size_t count)
{
    if (secrets != NULL)
        OPENSSL_cleanse(secrets, count * sizeof *secrets);
    free(secrets);
}

void tls_keylog_fini(struct tls_keylog *keylog)
{
    secrets_wipe(keylog->secrets, keylog->room);
    table_fini(&keylog->index);
    *keylog = (struct tls_keylog){0};
}

static uint64_t secret_hash(const struct tls_keylog *keylog, const uint8_t *random, unsigned label)
{
    return hash_bytes(keylog->seed + label, slice_of(random, TLS_RANDOM_BYTES));
}

static uint32_t secret_number(const struct tls_keylog *keylog, const uint8_t *random, unsigned label)
{
    uint64_t hash = secret_hash(keylog, random, label);
    uint32_t cursor = 0, number;
    while ((number = table_next(&keylog->index, hash, &cursor)) != TABLE_NONE) {
        const struct tls_secret *secret = &keylog->secrets[number];
        if (secret->label == label && memcmp(secret->random, random, TLS_RANDOM_BYTES) == 0)
            return number;
    }
    return TABLE_NONE;
}

/* realloc would leave the old copy behind. */
static bool room_make(struct tls_keylog *keylog)
{
    if (keylog->next < keylog->room)
        return true;
    uint32_t room = keylog->room == 0 ? 16 : keylog->room * 2;
    room = room > keylog->most ? keylog->most : room;
    struct tls_secret *grown = room <= keylog->room ? NULL : calloc(room, sizeof *grown);
    if (grown == NULL)
        return false;
    if (keylog->count > 0)
        memcpy(grown, keylog->secrets, keylog->count * sizeof *grown);
    secrets_wipe(keylog->secrets, keylog->room);
    keylog->secrets = grown;
    keylog->room = room;
    return true;
}

static void secret_add(struct tls_keylog *keylog, const struct tls_secret *secret)
{
    uint32_t number = secret_number(keylog, secret->random, secret->label);
    if (number != TABLE_NONE) { /* logged twice, or by both ends */
        keylog->secrets[number] = *secret;
        return;
    }
    if (keylog->next == keylog->most)
        keylog->next = 0;
    if (!room_make(keylog))
        return;
    struct tls_secret *place = &keylog->secrets[keylog->next];
    if (keylog->next < keylog->count)
        (void)table_remove(&keylog->index, secret_hash(keylog, place->random, place->label), keylog->next);
    if (!table_add(&keylog->index, secret_hash(keylog, secret->random, secret->label), keylog->next))
        return;
    *place = *secret;
    keylog->next++;
    if (keylog->next > keylog->count)
        keylog->count = keylog->next;
}

static int hex_digit(uint8_t c)
{
    c = ascii_lower(c);
    return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False where the text is no hexadecimal number of whole bytes, at most `most`. */
static bool hex_read(struct slice text, uint8_t *out, size_t most)
{
    if (text.len % 2 != 0 || text.len / 2 > most)
        return false;
    for (size_t i = 0; i < text.len / 2; i++) {
        int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static struct slice word_take(struct slice *line)
{
    size_t end = slice_find(*line, 0, ' ');
    struct slice word = slice_cut(*line, 0, end);
    *line = slice_after(*line, end + 1);
    return word;
}

/* A master secret has 48 bytes (RFC 5246 8.1), those of TLS 1.3 as many as their hash. */
static bool length_is_right(unsigned label, size_t length)
{
    return length == 48 || (length == 32 && label != TLS_MASTER_SECRET);
}

enum tls_line tls_keylog_line(struct tls_keylog *keylog, struct slice line, uint8_t random[TLS_RANDOM_BYTES])
{
    struct tls_secret secret = {.label = TLS_LABELS};
    line = slice_trim(line);
    if (line.len == 0 || line.data[0] == '#')
        return TLS_LINE_OTHER;
    struct slice name = word_take(&line), whose = word_take(&line), value = word_take(&line);
    for (unsigned i = 0; i < TLS_LABELS; i++)
        if (slice_is(name, label_names[i]))
            secret.label = (uint8_t)i;
    if (secret.label == TLS_LABELS)
        return whose.len > 0 && value.len > 0 ? TLS_LINE_OTHER : TLS_LINE_BAD;
    secret.length = (uint8_t)(value.len / 2);
    bool good = whose.len == 2 * TLS_RANDOM_BYTES && hex_read(whose, secret.random, sizeof secret.random) &&
                hex_read(value, secret.secret, sizeof secret.secret) && length_is_right(secret.label, value.len / 2);
    if (good) {
        memcpy(random, secret.random, TLS_RANDOM_BYTES);
        secret_add(keylog, &secret);
    }
    OPENSSL_cleanse(&secret, sizeof secret);
    return good ? TLS_LINE_SECRET : TLS_LINE_BAD;
}

struct slice tls_keylog_find(const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES], enum tls_label label)
{
    uint32_t number = secret_number(keylog, random, label);
    return number == TABLE_NONE ? SLICE_NONE : slice_of(keylog->secrets[number].secret, keylog->secrets[number].length);
}

static void hex_write(struct text *out, struct slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        text_put(out, digits[bytes.data[i] >> 4]);
        text_put(out, digits[bytes.data[i] & 15]);
    }
}

void tls_keylog_write(const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES], struct text *out)
{
    for (unsigned label = 0; label < TLS_LABELS; label++) {
        struct slice secret = tls_keylog_find(keylog, random, (enum tls_label)label);
        if (secret.len == 0)
            continue;
        text_str(out, label_names[label]);
        text_put(out, ' ');
        hex_write(out, slice_of(random, TLS_RANDOM_BYTES));
        text_put(out, ' ');
        hex_write(out, secret);
        text_put(out, '\n');
    }
}

size_t tls_keylog_bytes(const struct tls_keylog *keylog)
{
    return keylog->room * sizeof *keylog->secrets + table_bytes(&keylog->index);
}

/* DTLS 1.0 and 1.2 (RFC 6347). Record: type | version | epoch (16) | sequence (48) | length (16); handshake message: type | length (24) |
   message sequence (16) | fragment offset (24) | fragment length (24) | body. Only the two hellos are read, which fit into one fragment.
   The exporter (RFC 5705): PRF(master secret, "EXTRACTOR-dtls_srtp", client random, server random) =
   client key | server key | client salt | server salt. */
#include "net/tls_dtls.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "base/hash.h"
#include "base/reader.h"

enum { RECORD_HANDSHAKE = 22, HELLO_CLIENT = 1, HELLO_SERVER = 2, EXTENSION_USE_SRTP = 14 };
enum { VERSION_DTLS10 = 0xfeff, VERSION_DTLS12 = 0xfefd };

/* RFC 5764 4.1.2, RFC 7714 14.2: the names are those of RFC 4568. */
static const struct profile {
    uint16_t number;
    const char *suite;
    uint8_t key_bytes, salt_bytes;
} profiles[] = {{1, "AES_CM_128_HMAC_SHA1_80", 16, 14},
                {2, "AES_CM_128_HMAC_SHA1_32", 16, 14},
                {5, "NULL_HMAC_SHA1_80", 16, 14},
                {6, "NULL_HMAC_SHA1_32", 16, 14},
                {7, "AEAD_AES_128_GCM", 16, 12},
                {8, "AEAD_AES_256_GCM", 32, 12}};

static const struct profile *profile_find(uint16_t number)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (profiles[i].number == number)
            return &profiles[i];
    return NULL;
}

void dtls_fini(struct dtls *dtls)
{
    free(dtls->flows);
    table_fini(&dtls->by_ends);
    table_fini(&dtls->by_random);
    *dtls = (struct dtls){0};
}

size_t dtls_bytes(const struct dtls *dtls)
{
    return dtls->room * sizeof *dtls->flows + table_bytes(&dtls->by_ends) + table_bytes(&dtls->by_random);
}

/* The same for both directions. */
static uint64_t ends_hash(uint64_t seed, const struct endpoint *a, const struct endpoint *b)
{
    return endpoint_hash(seed, a) + endpoint_hash(seed, b);
}

static uint64_t random_hash(uint64_t seed, const uint8_t *random)
{
    return hash_bytes(~seed, slice_of(random, TLS_RANDOM_BYTES));
}

static bool flow_is_of(const struct dtls_flow *flow, const struct endpoint *a, const struct endpoint *b)
{
    return (endpoint_equal(&flow->client, a) && endpoint_equal(&flow->server, b)) || (endpoint_equal(&flow->client, b) && endpoint_equal(&flow->server, a));
}

static struct dtls_flow *flow_find(const struct dtls *dtls, uint64_t seed, const struct endpoint *a, const struct endpoint *b)
{
    uint64_t hash = ends_hash(seed, a, b);
    uint32_t cursor = 0, number;
    while ((number = table_next(&dtls->by_ends, hash, &cursor)) != TABLE_NONE)
        if (flow_is_of(&dtls->flows[number], a, b))
            return &dtls->flows[number];
    return NULL;
}

static void flow_forget(struct dtls *dtls, uint64_t seed, uint32_t number)
{
    struct dtls_flow *flow = &dtls->flows[number];
    (void)table_remove(&dtls->by_ends, ends_hash(seed, &flow->client, &flow->server), number);
    if (flow->client_hello)
        (void)table_remove(&dtls->by_random, random_hash(seed, flow->client_random), number);
    *flow = (struct dtls_flow){0};
}

/* NULL without memory. */
static struct dtls_flow *flow_new(struct dtls *dtls, uint64_t seed, const struct endpoint *client, const struct endpoint *server)
{
    if (dtls->next == dtls->room && dtls->room < DTLS_KEPT) {
        uint32_t room = dtls->room == 0 ? 16 : dtls->room * 2;
        struct dtls_flow *grown = realloc(dtls->flows, room * sizeof *grown);
        if (grown == NULL)
            return NULL;
        dtls->flows = grown;
        dtls->room = room;
    }
    uint32_t number = dtls->next % dtls->room;
    if (number < dtls->count)
        flow_forget(dtls, seed, number);
    dtls->next = number + 1;
    dtls->count = number + 1 > dtls->count ? number + 1 : dtls->count;
    struct dtls_flow *flow = &dtls->flows[number];
    *flow = (struct dtls_flow){.client = *client, .server = *server};
    return table_add(&dtls->by_ends, ends_hash(seed, client, server), number) ? flow : NULL;
}

/* Both hellos and the secret are there: the keys of the two directions, once. */
static void flow_export(struct dtls_flow *flow, const struct tls_config *config, const struct tls_keylog *keylog)
{
    const struct profile *profile = profile_find(flow->profile);
    struct slice secret = tls_keylog_find(keylog, flow->client_random, TLS_MASTER_SECRET);
    uint8_t block[2 * (32 + 14)];
    if (flow->told || !flow->server_hello || profile == NULL || secret.len == 0 || config->media_keys == NULL)
        return;
    size_t key = profile->key_bytes, salt = profile->salt_bytes;
    struct tls_master master = {.suite = flow->suite, .version = flow->version == VERSION_DTLS12 ? 0x0303 : 0x0302, .secret = secret,
                                .client_random = flow->client_random, .server_random = flow->server_random};
    flow->told = flow->suite != NULL && tls_export(&master, "EXTRACTOR-dtls_srtp", block, 2 * (key + salt));
    for (unsigned side = 0; side < 2 && flow->told; side++) {
        struct tls_media_key told = {.src = side == 0 ? flow->client : flow->server, .dst = side == 0 ? flow->server : flow->client,
                                     .suite = profile->suite, .frame = flow->frame, .time_ns = flow->time_ns};
        memcpy(told.master, block + side * key, key);
        memcpy(told.master + key, block + 2 * key + side * salt, salt);
        config->media_keys(config->ended_context, &told);
        OPENSSL_cleanse(&told, sizeof told);
    }
    OPENSSL_cleanse(block, sizeof block);
}

static uint16_t use_srtp_find(struct reader *hello)
{
    struct reader r = reader_over(reader_slice(hello, reader_be16(hello)));
    while (!r.fault && reader_left(&r) > 0) {
        uint16_t kind = reader_be16(&r);
        struct reader value = reader_over(reader_slice(&r, reader_be16(&r)));
        if (!r.fault && kind == EXTENSION_USE_SRTP && reader_be16(&value) == 2) /* the server chose one (RFC 5764 4.1.1) */
            return reader_be16(&value);
    }
    return 0;
}

static void client_hello(struct dtls *dtls, const struct tls_config *config, const struct tls_datagram *datagram, struct reader *r)
{
    reader_skip(r, 2);
    const uint8_t *random = reader_take(r, TLS_RANDOM_BYTES);
    if (random == NULL)
        return;
    struct dtls_flow *flow = flow_find(dtls, config->hash_seed, &datagram->src, &datagram->dst);
    if (flow != NULL && flow->client_hello && memcmp(flow->client_random, random, TLS_RANDOM_BYTES) == 0)
        return; /* repeated, or with the cookie that was asked for */
    if (flow != NULL)
        flow_forget(dtls, config->hash_seed, (uint32_t)(flow - dtls->flows)); /* a new handshake of the endpoints */
    flow = flow_new(dtls, config->hash_seed, &datagram->src, &datagram->dst);
    if (flow == NULL)
        return;
    memcpy(flow->client_random, random, TLS_RANDOM_BYTES);
    flow->client_hello = table_add(&dtls->by_random, random_hash(config->hash_seed, random), (uint32_t)(flow - dtls->flows));
}

static void server_hello(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const struct tls_datagram *datagram,
                         struct reader *r)
{
    uint16_t version = reader_be16(r);
    const uint8_t *random = reader_take(r, TLS_RANDOM_BYTES);
    reader_skip(r, reader_u8(r)); /* session */
    uint16_t suite = reader_be16(r);
    reader_skip(r, 1); /* compression */
    struct dtls_flow *flow = flow_find(dtls, config->hash_seed, &datagram->src, &datagram->dst);
    if (r->fault || flow == NULL || !flow->client_hello || !endpoint_equal(&flow->server, &datagram->src) ||
        (version != VERSION_DTLS12 && version != VERSION_DTLS10))
        return;
    flow->version = version;
    flow->suite = tls_suite_find(suite);
    flow->profile = use_srtp_find(r);
    flow->server_hello = true;
    flow->frame = datagram->frame;
    flow->time_ns = datagram->time_ns;
    memcpy(flow->server_random, random, TLS_RANDOM_BYTES);
    flow_export(flow, config, keylog);
}

/* The messages of one record, as far as they are whole. */
static void messages_read(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const struct tls_datagram *datagram,
                          struct slice record)
{
    struct reader r = reader_over(record);
    while (!r.fault && reader_left(&r) >= 12) {
        uint8_t type = reader_u8(&r);
        uint32_t length = reader_be24(&r);
        reader_skip(&r, 2);
        uint32_t offset = reader_be24(&r), fragment = reader_be24(&r);
        struct reader body = reader_over(reader_slice(&r, fragment));
        if (r.fault || offset != 0 || fragment != length)
            continue;
        if (type == HELLO_CLIENT)
            client_hello(dtls, config, datagram, &body);
        else if (type == HELLO_SERVER)
            server_hello(dtls, config, keylog, datagram, &body);
    }
}

void dtls_datagram(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const struct tls_datagram *datagram)
{
    struct reader r = reader_over(datagram->bytes);
    while (!r.fault && reader_left(&r) >= 13) {
        uint8_t type = reader_u8(&r);
        reader_skip(&r, 2);
        uint16_t epoch = reader_be16(&r);
        reader_skip(&r, 6);
        struct slice record = reader_slice(&r, reader_be16(&r));
        if (!r.fault && type == RECORD_HANDSHAKE && epoch == 0)
            messages_read(dtls, config, keylog, datagram, record);
    }
}

void dtls_keys_came(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES])
{
    uint64_t hash = random_hash(config->hash_seed, random);
    uint32_t cursor = 0, number;
    while ((number = table_next(&dtls->by_random, hash, &cursor)) != TABLE_NONE)
        if (memcmp(dtls->flows[number].client_random, random, TLS_RANDOM_BYTES) == 0)
            flow_export(&dtls->flows[number], config, keylog);
}

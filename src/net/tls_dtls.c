/* RFC 6347, RFC 9147. Record: type | version | epoch (16) | sequence (48) | length (16); handshake message: type | length (24) |
   message sequence (16) | fragment offset (24) | fragment length (24) | body. Only the two hellos are read, which fit into one fragment.
   Encrypted records of DTLS 1.3 begin with other bytes: 001 and five flags. */
#include "net/tls_dtls.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/reader.h"

enum { RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, HELLO_CLIENT = 1, HELLO_SERVER = 2, EXTENSION_USE_SRTP = 14, EXTENSION_VERSIONS = 43 };
enum { ALERT_FATAL = 2, EXPIRE_LOOKS = 8 };

#define IDLE_NS (60 * NS_PER_SECOND)

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

static void flow_end(struct dtls_flow *flow, const struct tls_config *config)
{
    struct tls_facts facts;
    if (flow->ended || config->ended == NULL)
        return;
    flow->ended = true;
    dtls_facts_fill(flow, config, &facts);
    config->ended(config->ended_context, &facts);
}

static void flow_forget(struct dtls *dtls, const struct tls_config *config, uint32_t number)
{
    struct dtls_flow *flow = &dtls->flows[number];
    uint64_t seed = config->hash_seed;
    flow_end(flow, config);
    (void)table_remove(&dtls->by_ends, ends_hash(seed, &flow->client, &flow->server), number);
    if (flow->client_hello)
        (void)table_remove(&dtls->by_random, random_hash(seed, flow->client_random), number);
    *flow = (struct dtls_flow){.ended = true};
}

/* NULL without memory. */
static struct dtls_flow *flow_new(struct dtls *dtls, const struct tls_config *config, const struct tls_datagram *datagram)
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
        flow_forget(dtls, config, number);
    dtls->next = number + 1;
    dtls->count = number + 1 > dtls->count ? number + 1 : dtls->count;
    struct dtls_flow *flow = &dtls->flows[number];
    *flow = (struct dtls_flow){.client = datagram->src, .server = datagram->dst, .begin_ns = datagram->time_ns, .end_ns = datagram->time_ns,
                               .open_ns = CLOCK_NONE, .first_frame = datagram->frame};
    return table_add(&dtls->by_ends, ends_hash(config->hash_seed, &flow->client, &flow->server), number) ? flow : NULL;
}

/* use_srtp: the client's list, or the server's one choice (RFC 5764 4.1.1). */
static void profiles_read(struct dtls_flow *flow, struct reader *value)
{
    struct reader list = reader_over(reader_slice(value, reader_be16(value)));
    flow->profile_count = 0;
    while (!list.fault && reader_left(&list) >= 2 && flow->profile_count < DTLS_PROFILES_MAX)
        flow->profiles[flow->profile_count++] = reader_be16(&list);
}

/* Of a hello. The server says there that the version is 1.3: its own field stays at 1.2 (RFC 9147 5.4). */
static void extensions_read(struct dtls_flow *flow, struct reader *hello, bool server)
{
    struct reader r = reader_over(reader_slice(hello, reader_be16(hello)));
    if (server)
        flow->profile_count = 0;
    while (!r.fault && reader_left(&r) > 0) {
        uint16_t kind = reader_be16(&r);
        struct reader value = reader_over(reader_slice(&r, reader_be16(&r)));
        if (r.fault)
            break;
        if (kind == EXTENSION_USE_SRTP)
            profiles_read(flow, &value);
        else if (kind == EXTENSION_VERSIONS && server)
            flow->version = reader_be16(&value);
    }
}

/* random | session | cookie | suites | compressions | extensions */
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
        flow_forget(dtls, config, (uint32_t)(flow - dtls->flows)); /* a new handshake of the endpoints */
    flow = flow_new(dtls, config, datagram);
    if (flow == NULL)
        return;
    memcpy(flow->client_random, random, TLS_RANDOM_BYTES);
    flow->client_hello = table_add(&dtls->by_random, random_hash(config->hash_seed, random), (uint32_t)(flow - dtls->flows));
    reader_skip(r, reader_u8(r));
    reader_skip(r, reader_u8(r));
    reader_skip(r, reader_be16(r));
    reader_skip(r, reader_u8(r));
    extensions_read(flow, r, false);
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
    struct dtls_flow offered = *flow;
    flow->version = version;
    flow->suite = tls_suite_find(suite);
    flow->suite_number = suite;
    extensions_read(flow, r, true);
    if (flow->version == VERSION_DTLS13) {
        flow->profile_count = offered.profile_count;
        memcpy(flow->profiles, offered.profiles, sizeof flow->profiles);
    }
    flow->server_hello = true;
    flow->frame = datagram->frame;
    flow->time_ns = datagram->time_ns;
    memcpy(flow->server_random, random, TLS_RANDOM_BYTES);
    dtls_export(flow, config, keylog);
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

/* The flow's newest bytes; made where its handshake was not captured. */
static struct dtls_flow *flow_touch(struct dtls *dtls, const struct tls_config *config, const struct tls_datagram *datagram)
{
    struct dtls_flow *flow = flow_find(dtls, config->hash_seed, &datagram->src, &datagram->dst);
    if (flow == NULL)
        flow = flow_new(dtls, config, datagram);
    if (flow != NULL && datagram->time_ns > flow->end_ns)
        flow->end_ns = datagram->time_ns;
    return flow;
}

static void alert_take(struct dtls_flow *flow, const struct tls_datagram *datagram, struct slice record, bool sealed)
{
    if (flow->alert.seen && (flow->alert.fatal || sealed))
        return;
    flow->alert = (struct tls_alert){.seen = true, .sealed = sealed, .by_client = endpoint_equal(&datagram->src, &flow->client),
                                     .frame = datagram->frame, .time_ns = datagram->time_ns};
    if (sealed || record.len < 2)
        return;
    flow->alert.fatal = record.data[0] == ALERT_FATAL;
    flow->alert.code = record.data[1];
}

/* Encrypted records: the handshake's last message is among them, and once both sent one it is over. */
static void sealed_take(struct dtls_flow *flow, const struct tls_datagram *datagram)
{
    flow->sealed |= endpoint_equal(&datagram->src, &flow->client) ? 1 : 2;
    if (flow->sealed == 3 && flow->open_ns == CLOCK_NONE && flow->server_hello)
        flow->open_ns = datagram->time_ns;
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
        if (r.fault)
            return;
        if (type == RECORD_HANDSHAKE && epoch == 0)
            messages_read(dtls, config, keylog, datagram, record);
        struct dtls_flow *flow = flow_touch(dtls, config, datagram);
        if (flow == NULL)
            return;
        flow->records++;
        if (type == RECORD_ALERT)
            alert_take(flow, datagram, record, epoch > 0);
        else if (type == RECORD_HANDSHAKE && epoch > 0)
            sealed_take(flow, datagram);
    }
}

void dtls_sealed(struct dtls *dtls, const struct tls_config *config, const struct tls_datagram *datagram)
{
    struct dtls_flow *flow = flow_find(dtls, config->hash_seed, &datagram->src, &datagram->dst);
    if (flow == NULL || flow->version != VERSION_DTLS13)
        return;
    (void)flow_touch(dtls, config, datagram);
    flow->records++;
    sealed_take(flow, datagram);
}

void dtls_expire(struct dtls *dtls, const struct tls_config *config, int64_t now_ns)
{
    for (unsigned i = 0; i < EXPIRE_LOOKS && dtls->count > 0; i++) {
        struct dtls_flow *flow = &dtls->flows[dtls->looked++ % dtls->count];
        if (now_ns - flow->end_ns > IDLE_NS)
            flow_end(flow, config);
    }
}

void dtls_finish(struct dtls *dtls, const struct tls_config *config)
{
    for (uint32_t i = 0; i < dtls->count; i++)
        flow_end(&dtls->flows[i], config);
}

void dtls_keys_came(struct dtls *dtls, const struct tls_config *config, const struct tls_keylog *keylog, const uint8_t random[TLS_RANDOM_BYTES])
{
    uint64_t hash = random_hash(config->hash_seed, random);
    uint32_t cursor = 0, number;
    while ((number = table_next(&dtls->by_random, hash, &cursor)) != TABLE_NONE)
        if (memcmp(dtls->flows[number].client_random, random, TLS_RANDOM_BYTES) == 0)
            dtls_export(&dtls->flows[number], config, keylog);
}

/* Handshake messages (RFC 5246 7.4, RFC 8446 4): type | length (24) | body, over record borders. */
#include <stdlib.h>

#include "base/reader.h"
#include "net/tls_certificate.h"
#include "net/tls_conn.h"

enum {
    HELLO_CLIENT = 1,
    HELLO_SERVER = 2,
    END_OF_EARLY_DATA = 5,
    CERTIFICATE = 11,
    CERTIFICATE_REQUEST = 13,
    FINISHED = 20,
    KEY_UPDATE = 24
};

enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_ALPN = 16,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_PRE_SHARED_KEY = 41,
    EXTENSION_EARLY_DATA = 42,
    EXTENSION_VERSIONS = 43
};

/* RFC 8446 4.1.3: the random of a ServerHello that asks for another ClientHello. */
static const uint8_t retry_random[TLS_RANDOM_BYTES] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                                       0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                                       0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

static void text_keep(char *out, size_t room, struct slice text)
{
    size_t n = text.len < room ? text.len : room - 1;
    if (n > 0)
        memcpy(out, text.data, n);
    out[n] = '\0';
}

/* RFC 6066 3: the first host name of the list. */
static void server_name_take(struct tls_conn *conn, struct slice value)
{
    struct reader r = reader_over(value);
    reader_skip(&r, 2);
    uint8_t kind = reader_u8(&r);
    struct slice name = reader_slice(&r, reader_be16(&r));
    if (!r.fault && kind == 0)
        text_keep(conn->server_name, sizeof conn->server_name, name);
}

/* RFC 7301 3.1: the client's list (its first name is kept until the server chooses), or the server's choice. */
static void alpn_take(struct tls_conn *conn, struct slice value)
{
    struct reader r = reader_over(value);
    reader_skip(&r, 2);
    struct slice name = reader_slice(&r, reader_u8(&r));
    if (!r.fault)
        text_keep(conn->alpn, sizeof conn->alpn, name);
}

static void client_extension(struct tls_conn *conn, uint16_t kind, struct slice value)
{
    switch (kind) {
    case EXTENSION_SERVER_NAME:
        server_name_take(conn, value);
        break;
    case EXTENSION_EARLY_DATA:
        conn->early = true;
        break;
    default:
        break;
    }
}

static void server_extension(struct tls_conn *conn, uint16_t kind, struct slice value)
{
    switch (kind) {
    case EXTENSION_ALPN:
        alpn_take(conn, value);
        break;
    case EXTENSION_ENCRYPT_THEN_MAC:
        conn->encrypt_then_mac = true;
        break;
    case EXTENSION_PRE_SHARED_KEY:
        conn->resumed = true;
        break;
    case EXTENSION_VERSIONS:
        if (value.len == 2)
            conn->version = (uint16_t)(value.data[0] << 8 | value.data[1]);
        break;
    default:
        break;
    }
}

/* A list of kind (16) | length (16) | value. False where it does not add up. */
static bool extensions_walk(struct tls_conn *conn, struct reader *hello, void (*take)(struct tls_conn *, uint16_t, struct slice))
{
    if (reader_left(hello) == 0) /* the list may be missing as a whole (RFC 5246 7.4.1.2) */
        return !hello->fault;
    struct reader r = reader_over(reader_slice(hello, reader_be16(hello)));
    while (!r.fault && reader_left(&r) > 0) {
        uint16_t kind = reader_be16(&r);
        struct slice value = reader_slice(&r, reader_be16(&r));
        if (!r.fault)
            take(conn, kind, value);
    }
    return !r.fault && !hello->fault;
}

static bool client_hello(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice body)
{
    struct reader r = reader_over(body);
    reader_skip(&r, 2);
    const uint8_t *random = reader_take(&r, TLS_RANDOM_BYTES);
    struct slice session = reader_slice(&r, reader_u8(&r));
    reader_skip(&r, reader_be16(&r)); /* cipher suites */
    reader_skip(&r, reader_u8(&r));   /* compression methods */
    if (r.fault || session.len > sizeof conn->session)
        return false;
    bool renegotiates = conn->client_hello && conn->server_hello;
    conn->client = (uint8_t)direction;
    conn->client_hello = true;
    conn->early = conn->retry ? false : conn->early; /* RFC 8446 4.1.2: not in the second one */
    if (renegotiates)
        conn->server_hello = conn->encrypt_then_mac = false;
    tls_ask(tls, conn, random);
    conn->session_bytes = (uint8_t)session.len;
    if (session.len > 0)
        memcpy(conn->session, session.data, session.len);
    return extensions_walk(conn, &r, client_extension);
}

static bool server_hello(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice body)
{
    struct reader r = reader_over(body);
    uint16_t version = reader_be16(&r);
    const uint8_t *random = reader_take(&r, TLS_RANDOM_BYTES);
    struct slice session = reader_slice(&r, reader_u8(&r));
    uint16_t number = reader_be16(&r);
    reader_skip(&r, 1);
    if (r.fault || (conn->client_hello && conn->client == direction))
        return false;
    conn->version = version;
    conn->client = (uint8_t)!direction;
    bool good = extensions_walk(conn, &r, server_extension);
    if (memcmp(random, retry_random, sizeof retry_random) == 0) {
        conn->retry = true;
        return good;
    }
    memcpy(conn->server_random, random, TLS_RANDOM_BYTES);
    conn->suite_number = number;
    conn->suite = tls_suite_find(number);
    conn->server_hello = true;
    if (tls_conn_is_13(conn)) {
        tls_half_epoch(tls, &conn->half[direction], TLS_EPOCH_HANDSHAKE);
        tls_half_epoch(tls, &conn->half[!direction], conn->early ? TLS_EPOCH_EARLY : TLS_EPOCH_HANDSHAKE);
    } else if (session.len > 0 && session.len == conn->session_bytes && memcmp(session.data, conn->session, session.len) == 0) {
        conn->resumed = true; /* RFC 5246 7.4.1.3, RFC 5077 3.4 */
    }
    return good;
}

/* TLS 1.2: a list of length (24) | DER. TLS 1.3 has a context in front, and extensions behind each. */
static bool certificate_take(struct tls *tls, struct tls_conn *conn, struct slice body, const struct tls_moment *moment)
{
    struct reader r = reader_over(body);
    if (tls_conn_is_13(conn))
        reader_skip(&r, reader_u8(&r));
    struct reader list = reader_over(reader_slice(&r, reader_be24(&r)));
    struct tls_certificate *certificate = r.fault || conn->certificate != NULL ? NULL : calloc(1, sizeof *certificate);
    if (certificate == NULL)
        return !r.fault;
    bool good = true;
    while (!list.fault && reader_left(&list) > 0) {
        struct slice der = reader_slice(&list, reader_be24(&list));
        if (tls_conn_is_13(conn))
            reader_skip(&list, reader_be16(&list));
        if (!list.fault && certificate->chain++ == 0) /* the first is the server's own (RFC 5246 7.4.2) */
            good = tls_certificate_read(der, certificate);
    }
    if (!good || list.fault || certificate->chain == 0) {
        free(certificate);
        return good && !list.fault;
    }
    conn->certificate = certificate;
    conn->certificate_frame = moment->frame;
    tls->heap_bytes += sizeof *certificate;
    return true;
}

static bool finished_take(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    half->finished = true;
    if (tls_conn_is_13(conn))
        tls_half_epoch(tls, half, TLS_EPOCH_TRAFFIC);
    if (conn->half[!direction].finished && conn->open_ns == CLOCK_NONE)
        conn->open_ns = moment->time_ns;
    return true;
}

static bool message_take(struct tls *tls, struct tls_conn *conn, unsigned direction, uint8_t type, struct slice body, const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    switch (type) {
    case HELLO_CLIENT:
        return client_hello(tls, conn, direction, body);
    case HELLO_SERVER:
        return server_hello(tls, conn, direction, body);
    case CERTIFICATE:
        return !conn->client_hello || conn->client == direction || certificate_take(tls, conn, body, moment);
    case CERTIFICATE_REQUEST:
        conn->certificate_asked = true;
        return true;
    case END_OF_EARLY_DATA:
        if (half->epoch == TLS_EPOCH_EARLY)
            tls_half_epoch(tls, half, TLS_EPOCH_HANDSHAKE);
        return true;
    case FINISHED:
        return finished_take(tls, conn, direction, moment);
    case KEY_UPDATE: /* RFC 8446 4.6.3: behind it the next secret */
        if (half->cipher != NULL && tls_conn_is_13(conn) && half->epoch == TLS_EPOCH_TRAFFIC) {
            half->sequence = 0;
            return tls_cipher_update(half->cipher);
        }
        return false;
    default:
        return true;
    }
}

void tls_handshake_take(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice bytes, const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    struct text *kept = &half->handshake;
    bool whole = kept->len == 0;
    if (!whole) {
        size_t room = kept->room;
        text_slice(kept, bytes);
        tls->heap_bytes += kept->room - room;
        bytes = slice_of(kept->data, kept->len);
    }
    size_t used = 0;
    bool good = true;
    while (bytes.len - used >= 4) {
        const uint8_t *at = bytes.data + used;
        size_t length = (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
        good = good && length <= TLS_MESSAGE_MAX;
        if (!good || bytes.len - used - 4 < length)
            break;
        good = message_take(tls, conn, direction, at[0], slice_cut(bytes, used + 4, used + 4 + length), moment);
        used += 4 + length;
    }
    if (!good)
        anomaly_add(tls->config.anomalies, ANOMALY_TLS_HANDSHAKE);
    if (!good)
        used = bytes.len;
    if (whole) {
        size_t room = kept->room;
        text_slice(kept, slice_after(bytes, used));
        tls->heap_bytes += kept->room - room;
    } else {
        memmove(kept->data, kept->data + used, kept->len - used);
        kept->len -= used;
    }
}

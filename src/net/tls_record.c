/* Records in their order: in the clear, sealed and opened, or waiting for what opens them.

   A direction's records wait where the other direction has to speak first (the ServerHello says how all is sealed) and where the key log
   has no secret yet. Behind a hole the sequence number, which the seal needs, is found by trying. */
#include <openssl/crypto.h>

#include "net/tls_conn.h"

enum { RECORD_GAP = 0, RECORD_CHANGE_CIPHER = 20, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_APPLICATION = 23 };

/* TLS 1.3: an alert is 2 bytes, its type and a tag of 16; a Finished has 36 or more with its head. */
enum { SEALED_ALERT_MAX = 24 };

void tls_half_epoch(struct tls *tls, struct tls_half *half, enum tls_epoch epoch)
{
    if (half->cipher != NULL)
        tls->heap_bytes -= tls_cipher_bytes();
    tls_cipher_free(half->cipher);
    half->cipher = NULL;
    half->sequence = 0;
    half->epoch = (uint8_t)epoch;
    half->tries = TLS_SEARCH_MAX;
}

static enum tls_label label_of(enum tls_epoch epoch, bool client)
{
    if (epoch == TLS_EPOCH_EARLY)
        return TLS_CLIENT_EARLY;
    if (epoch == TLS_EPOCH_HANDSHAKE)
        return client ? TLS_CLIENT_HANDSHAKE : TLS_SERVER_HANDSHAKE;
    return client ? TLS_CLIENT_TRAFFIC : TLS_SERVER_TRAFFIC;
}

/* NULL: no secret is known (or the suite is not read). */
static struct tls_cipher *cipher_for(const struct tls *tls, const struct tls_conn *conn, unsigned direction, enum tls_epoch epoch)
{
    bool client = conn->client == direction;
    struct slice secret;
    if (tls_conn_is_13(conn)) {
        secret = tls_keylog_find(&tls->keylog, conn->client_random, label_of(epoch, client));
        return secret.len == 0 ? NULL : tls_cipher_new_traffic(conn->suite, secret);
    }
    secret = tls_keylog_find(&tls->keylog, conn->client_random, TLS_MASTER_SECRET);
    struct tls_master master = {.suite = conn->suite, .version = conn->version, .client = client, .encrypt_then_mac = conn->encrypt_then_mac,
                                .secret = secret, .client_random = conn->client_random, .server_random = conn->server_random};
    return secret.len == 0 ? NULL : tls_cipher_new(&master);
}

static void cipher_set(struct tls *tls, struct tls_half *half, struct tls_cipher *cipher, enum tls_epoch epoch)
{
    tls_half_epoch(tls, half, epoch);
    half->cipher = cipher;
    tls->heap_bytes += tls_cipher_bytes();
}

/* Why no secret would help; NONE where one would. */
static enum tls_why hopeless(const struct tls *tls, const struct tls_conn *conn)
{
    if (conn->version < 0x0301 || conn->version > 0x0304)
        return TLS_WHY_VERSION;
    if (conn->suite == NULL || conn->suite->seal == TLS_SEAL_NONE)
        return TLS_WHY_SUITE;
    return !tls->config.keys_expected && tls->keylog.count == 0 ? TLS_WHY_NO_KEYLOG : TLS_WHY_NONE;
}

/* The direction's cipher for what comes now; false: there is none yet. */
static bool cipher_ready(struct tls *tls, struct tls_conn *conn, unsigned direction)
{
    struct tls_half *half = &conn->half[direction];
    if (half->cipher != NULL)
        return true;
    struct tls_cipher *cipher = cipher_for(tls, conn, direction, half->epoch);
    if (cipher != NULL) {
        cipher_set(tls, half, cipher, half->epoch);
        return true;
    }
    /* Some logs hold only what application data needs: what the handshake sealed stays closed then. */
    if (tls_conn_is_13(conn) && half->epoch != TLS_EPOCH_TRAFFIC && (cipher = cipher_for(tls, conn, direction, TLS_EPOCH_TRAFFIC)) != NULL) {
        cipher_set(tls, half, cipher, TLS_EPOCH_TRAFFIC);
        half->searching = half->finished = true;
        return true;
    }
    return false;
}

/* Opens with one of the sequence numbers [from, from + tries). */
static bool open_any(struct tls *tls, struct tls_cipher *cipher, uint64_t from, unsigned tries, const struct tls_record *record, size_t *length,
                     uint64_t *sequence)
{
    for (unsigned i = 0; i < tries; i++)
        if (tls_cipher_open(cipher, from + i, record, tls->opened, length)) {
            *sequence = from + i + 1;
            return true;
        }
    return false;
}

/* What the next secret opens: the message that announced it was lost, or the early data ended, or was refused (RFC 8446 4.2.10). */
static bool open_ahead(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record, size_t *length)
{
    struct tls_half *half = &conn->half[direction];
    bool may = tls_conn_is_13(conn) && (half->epoch == TLS_EPOCH_EARLY || (half->searching && half->epoch == TLS_EPOCH_HANDSHAKE));
    struct tls_cipher *cipher = may ? cipher_for(tls, conn, direction, half->epoch + 1u) : NULL;
    uint64_t sequence;
    if (cipher == NULL)
        return false;
    if (!open_any(tls, cipher, 0, half->searching ? TLS_TRIES : 1, record, length, &sequence)) {
        tls_cipher_free(cipher);
        return false;
    }
    cipher_set(tls, half, cipher, half->epoch + 1u);
    half->sequence = sequence;
    half->finished = half->epoch == TLS_EPOCH_TRAFFIC;
    return true;
}

static bool half_open(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record, size_t *length)
{
    struct tls_half *half = &conn->half[direction];
    if (open_any(tls, half->cipher, half->sequence, half->searching ? TLS_TRIES : 1, record, length, &half->sequence) ||
        open_ahead(tls, conn, direction, record, length)) {
        half->searching = false;
        return true;
    }
    return false;
}

/* A record stays closed. What its outside tells is whether the handshake went well. */
static void sealed_note(struct tls_conn *conn, unsigned direction, const struct tls_record *record, const struct tls_moment *moment, enum tls_why why)
{
    struct tls_half *half = &conn->half[direction];
    bool v13 = tls_conn_is_13(conn), client = conn->client == direction;
    if (half->sealed++ == 0)
        half->first_sealed = (uint32_t)record->body.len;
    if (half->why == TLS_WHY_NONE)
        half->why = (uint8_t)why;
    bool alert = v13 ? client && half->sealed == 1 && record->body.len <= SEALED_ALERT_MAX : record->type == RECORD_ALERT && !half->finished;
    if (alert && !conn->alert.seen)
        conn->alert = (struct tls_alert){.seen = true, .fatal = true, .by_client = client, .sealed = true, .frame = moment->frame, .time_ns = moment->time_ns};
    half->finished = half->finished || (v13 ? !alert : record->type == RECORD_HANDSHAKE);
    if (half->finished && conn->half[!direction].finished && conn->open_ns == CLOCK_NONE && !conn->alert.fatal)
        conn->open_ns = moment->time_ns;
    conn->application = conn->application || (v13 ? half->sealed > 1 && conn->open_ns != CLOCK_NONE : record->type == RECORD_APPLICATION);
}

static void alert_take(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice body, const struct tls_moment *moment)
{
    enum { CLOSE_NOTIFY = 0, USER_CANCELED = 90, FATAL = 2 };
    if (body.len != 2) {
        anomaly_add(tls->config.anomalies, ANOMALY_TLS_RECORD);
        return;
    }
    uint8_t code = body.data[1];
    /* RFC 8446 6: there the level says nothing. */
    bool fatal = tls_conn_is_13(conn) ? code != CLOSE_NOTIFY && code != USER_CANCELED : body.data[0] == FATAL;
    if (code != CLOSE_NOTIFY && (!conn->alert.seen || (fatal && !conn->alert.fatal)))
        conn->alert = (struct tls_alert){.seen = true, .fatal = fatal, .by_client = conn->client_hello && conn->client == direction, .code = code,
                                         .frame = moment->frame, .time_ns = moment->time_ns};
}

/* Behind a hole: what was half there is given up, and the sequence number is searched for. */
static void gap_take(struct tls *tls, struct tls_conn *conn, unsigned direction)
{
    struct tls_half *half = &conn->half[direction];
    half->handshake.len = 0;
    half->searching = half->epoch != TLS_EPOCH_CLEAR;
    half->inner_gap = true;
    if (half->epoch == TLS_EPOCH_CLEAR && !(conn->client_hello && conn->server_hello))
        tls_half_kill(tls, conn, direction, TLS_WHY_GAP);
}

static enum tls_taken opened_take(struct tls *tls, struct tls_conn *conn, unsigned direction, uint8_t type, size_t length, const struct tls_moment *moment)
{
    struct slice content = slice_of(tls->opened, length);
    if (tls_conn_is_13(conn)) { /* RFC 8446 5.2: content | type | zeros */
        while (content.len > 0 && content.data[content.len - 1] == 0)
            content.len--;
        type = content.len == 0 ? RECORD_GAP : content.data[--content.len];
    }
    switch (type) {
    case RECORD_HANDSHAKE:
        tls_handshake_take(tls, conn, direction, content, moment);
        break;
    case RECORD_ALERT:
        alert_take(tls, conn, direction, content, moment);
        break;
    case RECORD_CHANGE_CIPHER: /* renegotiation */
        tls_half_epoch(tls, &conn->half[direction], TLS_EPOCH_TRAFFIC);
        break;
    case RECORD_APPLICATION:
        tls_deliver(tls, conn, direction, content, moment);
        break;
    default:
        anomaly_add(tls->config.anomalies, ANOMALY_TLS_RECORD);
        break;
    }
    OPENSSL_cleanse(tls->opened, length);
    return TLS_TAKEN;
}

static enum tls_taken sealed_take(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record,
                                  const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    size_t length;
    if (record->type == RECORD_CHANGE_CIPHER && !conn->server_hello)
        return TLS_WAITS; /* renegotiation: as in the clear */
    enum tls_why why = half->cipher != NULL ? TLS_WHY_NONE : hopeless(tls, conn);
    if (why == TLS_WHY_NONE && !cipher_ready(tls, conn, direction))
        return TLS_WAITS;
    if (why != TLS_WHY_NONE) {
        sealed_note(conn, direction, record, moment, why);
        if (half->sealed >= TLS_SEALED_SEEN)
            tls_half_kill(tls, conn, direction, why);
        return TLS_TAKEN;
    }
    if (half->ignored && conn->open_ns != CLOCK_NONE)
        return TLS_TAKEN;
    if (half_open(tls, conn, direction, record, &length))
        return opened_take(tls, conn, direction, record->type, length, moment);
    bool may = half->epoch == TLS_EPOCH_EARLY || half->searching;
    sealed_note(conn, direction, record, moment, half->searching ? TLS_WHY_GAP : TLS_WHY_WRONG_KEY);
    if (!may)
        anomaly_add(tls->config.anomalies, ANOMALY_TLS_AUTHENTICATION);
    half->tries -= half->searching ? TLS_TRIES : 1;
    if (!may || half->tries <= TLS_TRIES)
        tls_half_kill(tls, conn, direction, half->searching ? TLS_WHY_GAP : TLS_WHY_WRONG_KEY);
    return TLS_TAKEN;
}

static enum tls_taken clear_take(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record,
                                 const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    bool hello = conn->client_hello || conn->server_hello;
    bool begins = record->type == RECORD_ALERT || (record->type == RECORD_HANDSHAKE && record->body.len > 0 && record->body.data[0] <= 2);
    if (!hello && half->handshake.len == 0 && !begins) {
        conn->application = record->type == RECORD_APPLICATION;
        tls_half_kill(tls, conn, direction, TLS_WHY_NO_HANDSHAKE);
        return TLS_TAKEN;
    }
    switch (record->type) {
    case RECORD_HANDSHAKE:
        tls_handshake_take(tls, conn, direction, record->body, moment);
        return TLS_TAKEN;
    case RECORD_ALERT:
        alert_take(tls, conn, direction, record->body, moment);
        return TLS_TAKEN;
    case RECORD_CHANGE_CIPHER:
        if (conn->server_hello)
            tls_half_epoch(tls, half, TLS_EPOCH_TRAFFIC);
        else if (conn->retry) /* RFC 8446 D.4: for middleboxes */
            return TLS_TAKEN;
        break;
    default: /* application data */
        if (conn->server_hello) {
            anomaly_add(tls->config.anomalies, ANOMALY_TLS_RECORD);
            tls_half_kill(tls, conn, direction, TLS_WHY_RECORD);
            return TLS_TAKEN;
        }
        break;
    }
    if (conn->server_hello)
        return TLS_TAKEN;
    if (conn->client_hello && conn->client == direction)
        return TLS_WAITS; /* early data, or segments of the other direction came late */
    tls_half_kill(tls, conn, direction, TLS_WHY_NO_HANDSHAKE);
    return TLS_TAKEN;
}

enum tls_taken tls_record_take(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record,
                               const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    bool v13 = tls_conn_is_13(conn) && conn->server_hello;
    if (record->type == RECORD_GAP) {
        if (!half->dead)
            gap_take(tls, conn, direction);
        return TLS_TAKEN;
    }
    if (half->dead) {
        sealed_note(conn, direction, record, moment, half->why);
        return TLS_TAKEN;
    }
    if (v13 && record->type == RECORD_CHANGE_CIPHER)
        return TLS_TAKEN; /* RFC 8446 5: it means nothing */
    bool sealed = v13 ? record->type == RECORD_APPLICATION : half->epoch != TLS_EPOCH_CLEAR;
    return sealed ? sealed_take(tls, conn, direction, record, moment) : clear_take(tls, conn, direction, record, moment);
}

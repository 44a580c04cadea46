/* TLS connections of a run: records cut out of the streams, held while they wait, and handed on in the order of their capture. */
#include "net/tls.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "base/hash.h"
#include "net/tcp_half.h"
#include "net/tls_conn.h"

enum { KEY_SHARE = 4, PLAIN_MAX = 1 << 20 };

#define KEYS_WAIT_NS (60 * NS_PER_SECOND)

struct tls *tls_new(const struct tls_config *config)
{
    struct tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL)
        return NULL;
    tls->config = *config;
    tls->lists[TLS_LIST_LIVE] = tls->lists[TLS_LIST_OVER] = (struct tls_list){POOL_NONE, POOL_NONE};
    pool_init(&tls->conns, sizeof(struct tls_conn));
    size_t most = config->memory_limit / KEY_SHARE / sizeof(struct tls_secret);
    tls_keylog_init(&tls->keylog, config->hash_seed, most < 64 ? 64 : most > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)most);
    return tls;
}

/* ---- lists ---- */

static void list_remove(struct tls *tls, uint32_t number)
{
    struct tls_conn *conn = tls_conn_at(tls, number);
    struct tls_list *list = &tls->lists[conn->list];
    *(conn->older == POOL_NONE ? &list->oldest : &tls_conn_at(tls, conn->older)->newer) = conn->newer;
    *(conn->newer == POOL_NONE ? &list->newest : &tls_conn_at(tls, conn->newer)->older) = conn->older;
}

static void list_append(struct tls *tls, uint32_t number, enum tls_list_id id)
{
    struct tls_conn *conn = tls_conn_at(tls, number);
    struct tls_list *list = &tls->lists[id];
    conn->list = (uint8_t)id;
    conn->older = list->newest;
    conn->newer = POOL_NONE;
    *(list->newest == POOL_NONE ? &list->oldest : &tls_conn_at(tls, list->newest)->newer) = number;
    list->newest = number;
}

/* ---- buffers, whose bytes are counted and wiped ---- */

static void buffer_add(struct tls *tls, struct text *buffer, struct slice bytes)
{
    size_t room = buffer->room;
    if (buffer->room - buffer->len < bytes.len) { /* realloc would leave a copy behind */
        struct text grown = {0};
        if (!text_reserve(&grown, buffer->len + bytes.len))
            return;
        text_bytes(&grown, buffer->data, buffer->len);
        if (buffer->data != NULL)
            OPENSSL_cleanse(buffer->data, buffer->room);
        text_fini(buffer);
        *buffer = grown;
    }
    text_slice(buffer, bytes);
    tls->heap_bytes += buffer->room - room;
}

static void buffer_free(struct tls *tls, struct text *buffer)
{
    tls->heap_bytes -= buffer->room;
    if (buffer->data != NULL)
        OPENSSL_cleanse(buffer->data, buffer->room);
    text_fini(buffer);
    *buffer = (struct text){0};
}

/* ---- the inner reader ---- */

static void inner_read(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice data, const struct tls_moment *moment, bool cut, bool closed,
                       size_t *used)
{
    struct tls_half *half = &conn->half[direction];
    struct tcp_stream stream = {.connection = conn->connection,
                                .direction = (uint8_t)direction,
                                .gap = half->inner_gap && !cut,
                                .cut = cut && !closed,
                                .closed = closed,
                                .secure = true,
                                .src = conn->ends[direction],
                                .dst = conn->ends[!direction],
                                .time_ns = moment->time_ns,
                                .frame = moment->frame,
                                .state = &half->inner_state};
    *used = tls->config.inner.read(tls->config.inner.context, &stream, data);
    if (!cut)
        half->inner_gap = false;
    if (*used == TCP_IGNORE)
        half->ignored = true;
    if (*used > data.len)
        *used = data.len;
}

/* What the reader left before a hole is given up. */
static void inner_cut(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    size_t used;
    if (half->plain.len > 0 && !half->ignored)
        inner_read(tls, conn, direction, slice_of(half->plain.data, half->plain.len), moment, true, false, &used);
    half->plain.len = 0;
}

void tls_deliver(struct tls *tls, struct tls_conn *conn, unsigned direction, struct slice plain, const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    struct slice data = plain;
    size_t used;
    conn->application = true;
    conn->plain_bytes += plain.len;
    if (half->ignored || plain.len == 0)
        return;
    if (half->inner_gap)
        inner_cut(tls, conn, direction, moment);
    bool kept = half->plain.len > 0;
    if (kept) {
        buffer_add(tls, &half->plain, plain);
        data = slice_of(half->plain.data, half->plain.len);
    }
    inner_read(tls, conn, direction, data, moment, false, false, &used);
    if (half->ignored || data.len - used > PLAIN_MAX) {
        half->inner_gap = half->plain.len > 0;
        buffer_free(tls, &half->plain);
    } else if (!kept) {
        buffer_add(tls, &half->plain, slice_after(data, used));
    } else {
        memmove(half->plain.data, half->plain.data + used, half->plain.len - used);
        half->plain.len -= used;
    }
}

static void inner_close(struct tls *tls, struct tls_conn *conn, unsigned direction)
{
    struct tls_half *half = &conn->half[direction];
    struct tls_moment moment = {conn->end_ns, half->frame};
    size_t used;
    if (half->inner_closed)
        return;
    half->inner_closed = true;
    if (half->inner_state != NULL && !half->ignored)
        inner_read(tls, conn, direction, slice_of(half->plain.data, half->plain.len), &moment, false, true, &used);
    if (half->inner_state != NULL && tls->config.inner.release != NULL)
        tls->config.inner.release(tls->config.inner.context, half->inner_state);
    half->inner_state = NULL;
    buffer_free(tls, &half->plain);
}

/* ---- connections ---- */

static uint64_t number_hash(const struct tls *tls, uint32_t connection)
{
    return hash_word(tls->config.hash_seed, connection);
}

static uint32_t conn_find(const struct tls *tls, uint32_t connection)
{
    uint64_t hash = number_hash(tls, connection);
    uint32_t cursor = 0, number;
    while ((number = table_next(&tls->by_connection, hash, &cursor)) != TABLE_NONE)
        if (tls_conn_at(tls, number)->connection == connection)
            return number;
    return POOL_NONE;
}

static uint64_t random_hash(const struct tls *tls, const uint8_t *random)
{
    return hash_bytes(tls->config.hash_seed, slice_of(random, TLS_RANDOM_BYTES));
}

static void asked_remove(struct tls *tls, struct tls_conn *conn, uint32_t number)
{
    if (conn->asked)
        (void)table_remove(&tls->by_random, random_hash(tls, conn->client_random), number);
    conn->asked = false;
}

void tls_ask(struct tls *tls, struct tls_conn *conn, const uint8_t random[TLS_RANDOM_BYTES])
{
    uint32_t number = conn_find(tls, conn->connection);
    asked_remove(tls, conn, number);
    memcpy(conn->client_random, random, TLS_RANDOM_BYTES);
    if (conn->named == 0 || memcmp(conn->randoms[0], random, TLS_RANDOM_BYTES) != 0) {
        memcpy(conn->randoms[conn->named > 0], random, TLS_RANDOM_BYTES);
        conn->named = conn->named > 0 ? 2 : 1;
    }
    conn->asked = table_add(&tls->by_random, random_hash(tls, random), number);
}

/* The first record that waits; false where there is none. */
static bool held_first(const struct tls_half *half, struct tls_held *head, struct tls_record *record)
{
    if (half->held.len - half->held_at < sizeof *head)
        return false;
    memcpy(head, half->held.data + half->held_at, sizeof *head);
    *record = (struct tls_record){head->type, head->version, slice_of(half->held.data + half->held_at + sizeof *head, head->length)};
    return true;
}

static void held_drop(struct tls *tls, struct tls_half *half, const struct tls_held *head)
{
    half->held_at += sizeof *head + head->length;
    if (half->held_at == half->held.len) {
        buffer_free(tls, &half->held);
        half->held_at = 0;
    }
}

static void held_add(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record, const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    struct tls_held head = {.time_ns = moment->time_ns, .frame = moment->frame, .length = (uint32_t)record->body.len, .version = record->version,
                            .type = record->type};
    if (half->held.len - half->held_at + sizeof head + record->body.len > TLS_HELD_MAX) {
        anomaly_add(tls->config.anomalies, ANOMALY_TLS_EVICTED);
        tls_half_kill(tls, conn, direction, TLS_WHY_MEMORY);
        return;
    }
    size_t before = half->held.len;
    buffer_add(tls, &half->held, slice_of(&head, sizeof head));
    buffer_add(tls, &half->held, record->body);
    if (half->held.len != before + sizeof head + record->body.len)
        half->held.len = before; /* no memory: the record is lost */
}

void tls_half_kill(struct tls *tls, struct tls_conn *conn, unsigned direction, enum tls_why why)
{
    struct tls_half *half = &conn->half[direction];
    struct tls_held head;
    struct tls_record record;
    half->dead = true;
    if (half->why == TLS_WHY_NONE)
        half->why = (uint8_t)why;
    tls_half_epoch(tls, half, half->epoch);
    while (!half->draining && held_first(half, &head, &record)) {
        struct tls_moment moment = {head.time_ns, head.frame};
        (void)tls_record_take(tls, conn, direction, &record, &moment); /* what its outside tells */
        held_drop(tls, half, &head);
    }
    buffer_free(tls, &half->handshake);
}

/* One record that waited, if it need not any more. */
static bool half_advance(struct tls *tls, struct tls_conn *conn, unsigned direction)
{
    struct tls_half *half = &conn->half[direction];
    struct tls_held head;
    struct tls_record record;
    if (!held_first(half, &head, &record))
        return false;
    struct tls_moment moment = {head.time_ns, head.frame};
    half->draining = true;
    bool taken = tls_record_take(tls, conn, direction, &record, &moment) == TLS_TAKEN;
    half->draining = false;
    if (taken)
        held_drop(tls, half, &head);
    return taken;
}

static uint64_t held_frame(const struct tls_half *half)
{
    struct tls_held head;
    struct tls_record record;
    return held_first(half, &head, &record) ? head.frame : UINT64_MAX;
}

/* Both directions go on as far as they can, in the order of the capture. */
static void conn_advance(struct tls *tls, struct tls_conn *conn)
{
    for (;;) {
        unsigned first = held_frame(&conn->half[0]) <= held_frame(&conn->half[1]) ? 0 : 1;
        if (!half_advance(tls, conn, first) && !half_advance(tls, conn, !first))
            return;
    }
}

static bool conn_waits(const struct tls_conn *conn)
{
    return conn->half[0].held.len + conn->half[1].held.len > 0;
}

static uint32_t conn_new(struct tls *tls, const struct tcp_stream *stream)
{
    uint32_t number;
    struct tls_conn *conn = pool_take(&tls->conns, &number);
    if (conn == NULL)
        return POOL_NONE;
    if (!table_add(&tls->by_connection, number_hash(tls, stream->connection), number)) {
        pool_give(&tls->conns, number);
        return POOL_NONE;
    }
    conn->connection = stream->connection;
    conn->begin_ns = conn->end_ns = stream->time_ns;
    conn->open_ns = CLOCK_NONE;
    conn->frame = stream->frame;
    conn->begun_late = stream->begun_late;
    conn->ends[stream->direction] = stream->src;
    conn->ends[!stream->direction] = stream->dst;
    conn->half[0].tries = conn->half[1].tries = TLS_SEARCH_MAX;
    list_append(tls, number, TLS_LIST_LIVE);
    return number;
}

static void conn_end(struct tls *tls, uint32_t number)
{
    struct tls_conn *conn = tls_conn_at(tls, number);
    for (unsigned d = 0; d < 2; d++) {
        inner_close(tls, conn, d);
        if (conn_waits(conn))
            tls_half_kill(tls, conn, d, conn->client_hello && conn->server_hello ? TLS_WHY_NO_KEY : TLS_WHY_NO_HANDSHAKE);
    }
    struct tls_facts facts;
    tls_facts_fill(conn, &facts);
    if (facts.why != NULL && !facts.decrypted)
        anomaly_add(tls->config.anomalies, ANOMALY_TLS_UNDECRYPTED);
    if (tls->config.ended != NULL)
        tls->config.ended(tls->config.ended_context, &facts);
    for (unsigned d = 0; d < 2; d++) {
        tls_half_epoch(tls, &conn->half[d], TLS_EPOCH_CLEAR);
        buffer_free(tls, &conn->half[d].held);
        buffer_free(tls, &conn->half[d].handshake);
    }
    if (conn->certificate != NULL)
        tls->heap_bytes -= sizeof *conn->certificate;
    free(conn->certificate);
    asked_remove(tls, conn, number);
    (void)table_remove(&tls->by_connection, number_hash(tls, conn->connection), number);
    list_remove(tls, number);
    pool_give(&tls->conns, number);
}

void tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    tls->config.ended = NULL;
    tls_finish(tls);
    pool_fini(&tls->conns);
    table_fini(&tls->by_connection);
    table_fini(&tls->by_random);
    tls_keylog_fini(&tls->keylog);
    dtls_fini(&tls->dtls);
    OPENSSL_cleanse(tls->opened, sizeof tls->opened);
    free(tls);
}

size_t tls_bytes(const struct tls *tls)
{
    return (size_t)tls->conns.live * sizeof(struct tls_conn) + table_bytes(&tls->by_connection) + table_bytes(&tls->by_random) + tls->heap_bytes;
}

size_t tls_key_count(const struct tls *tls)
{
    return tls->keylog.count;
}

bool tls_knows(const struct tls *tls, const struct tcp_stream *stream)
{
    return conn_find(tls, stream->connection) != POOL_NONE;
}

struct slice tls_server_name(const struct tls *tls, uint32_t connection)
{
    uint32_t number = conn_find(tls, connection);
    return number == POOL_NONE ? SLICE_NONE : slice_str(tls_conn_at(tls, number)->server_name);
}

/* The longest idle goes first, and before it those that ended and wait for keys. */
static void room_make(struct tls *tls, uint32_t spare)
{
    while (tls_bytes(tls) > tls->config.memory_limit) {
        uint32_t number = tls->lists[TLS_LIST_OVER].oldest != POOL_NONE ? tls->lists[TLS_LIST_OVER].oldest : tls->lists[TLS_LIST_LIVE].oldest;
        if (number == POOL_NONE || number == spare)
            return;
        struct tls_conn *conn = tls_conn_at(tls, number);
        anomaly_add(tls->config.anomalies, ANOMALY_TLS_EVICTED);
        for (unsigned d = 0; d < 2 && conn_waits(conn); d++)
            tls_half_kill(tls, conn, d, TLS_WHY_MEMORY);
        conn_end(tls, number);
    }
}

/* ---- streams ---- */

static void record_in(struct tls *tls, struct tls_conn *conn, unsigned direction, const struct tls_record *record, const struct tls_moment *moment)
{
    struct tls_half *half = &conn->half[direction];
    bool waits = half->held.len > 0;
    if (!waits)
        waits = tls_record_take(tls, conn, direction, record, moment) == TLS_WAITS;
    if (waits)
        held_add(tls, conn, direction, record, moment);
    if (conn_waits(conn))
        conn_advance(tls, conn);
}

/* type | version 03 xx | length (16): a header that stands at the beginning of bytes; 0 where there is none, else the record's length. */
static size_t record_bytes(struct slice bytes)
{
    if (bytes.len < TLS_HEADER_BYTES || bytes.data[0] < 20 || bytes.data[0] > 23 || bytes.data[1] != 3 || bytes.data[2] > 4)
        return 0;
    size_t length = (size_t)bytes.data[3] << 8 | bytes.data[4];
    return length == 0 && bytes.data[0] != 23 ? 0 : length > TLS_RECORD_MAX ? 0 : TLS_HEADER_BYTES + length;
}

/* Behind a hole: bytes passed over to where a record seems to begin: one that another follows, or that ends with the bytes. */
static size_t record_search(struct slice data, bool last)
{
    for (size_t at = 0; at + TLS_HEADER_BYTES <= data.len; at++) {
        struct slice rest = slice_after(data, at);
        size_t whole = record_bytes(rest);
        if (whole == 0)
            continue;
        bool followed = whole < rest.len && (rest.len - whole < TLS_HEADER_BYTES || record_bytes(slice_after(rest, whole)) > 0);
        if (whole == rest.len || (whole > rest.len && !last) || followed)
            return at;
    }
    return data.len < TLS_HEADER_BYTES ? 0 : data.len - TLS_HEADER_BYTES + 1;
}

static size_t records_read(struct tls *tls, struct tls_conn *conn, const struct tcp_stream *stream, struct slice data)
{
    struct tls_half *half = &conn->half[stream->direction];
    struct tls_moment moment = {stream->time_ns, stream->frame};
    bool last = stream->closed || stream->cut;
    size_t used = 0;
    while (data.len - used >= TLS_HEADER_BYTES && !half->dead) {
        if (half->lost)
            used += record_search(slice_after(data, used), last);
        struct slice rest = slice_after(data, used);
        size_t whole = record_bytes(rest);
        if (rest.len < TLS_HEADER_BYTES || (whole > rest.len))
            break;
        if (whole == 0) {
            if (half->lost)
                break;
            anomaly_add(tls->config.anomalies, ANOMALY_TLS_RECORD);
            tls_half_kill(tls, conn, stream->direction, TLS_WHY_RECORD);
            break;
        }
        half->lost = false;
        struct tls_record record = {rest.data[0], (uint16_t)(rest.data[1] << 8 | rest.data[2]), slice_cut(rest, TLS_HEADER_BYTES, whole)};
        conn->records++;
        record_in(tls, conn, stream->direction, &record, &moment);
        used += whole;
    }
    return half->dead || last ? data.len : used;
}

size_t tls_read(struct tls *tls, const struct tcp_stream *stream, struct slice data)
{
    uint32_t number = conn_find(tls, stream->connection);
    if (number == POOL_NONE) {
        room_make(tls, POOL_NONE);
        number = conn_new(tls, stream);
    }
    if (number == POOL_NONE)
        return TCP_IGNORE;
    struct tls_conn *conn = tls_conn_at(tls, number);
    struct tls_half *half = &conn->half[stream->direction];
    half->open = true;
    half->frame = stream->frame;
    conn->end_ns = stream->time_ns > conn->end_ns ? stream->time_ns : conn->end_ns;
    conn->reset = conn->reset || stream->reset;
    list_remove(tls, number);
    list_append(tls, number, TLS_LIST_LIVE);
    if (stream->gap || (stream->begun_late && !half->begun)) {
        struct tls_moment moment = {stream->time_ns, stream->frame};
        half->lost = true;
        if (stream->gap)
            record_in(tls, conn, stream->direction, &(struct tls_record){0}, &moment);
    }
    half->begun = true;
    size_t used = records_read(tls, conn, stream, data);
    bool dead = half->dead; /* room_make gives up others only */
    room_make(tls, number);
    return dead ? TCP_IGNORE : used;
}

void tls_release(struct tls *tls, uint32_t connection, unsigned direction)
{
    uint32_t number = conn_find(tls, connection);
    if (number == POOL_NONE)
        return;
    struct tls_conn *conn = tls_conn_at(tls, number);
    conn->half[direction].open = false;
    conn->half[direction].released = true;
    if (conn->half[direction].held.len == 0)
        inner_close(tls, conn, direction);
    if (conn->half[!direction].open)
        return;
    if (!conn_waits(conn)) {
        conn_end(tls, number);
        return;
    }
    list_remove(tls, number);
    list_append(tls, number, TLS_LIST_OVER);
}

/* ---- keys ---- */

/* What waits for secrets of the client random goes on. */
static void keys_came(struct tls *tls, const uint8_t *random)
{
    uint64_t hash = random_hash(tls, random);
    uint32_t cursor = 0, number;
    while ((number = table_next(&tls->by_random, hash, &cursor)) != TABLE_NONE) {
        struct tls_conn *conn = tls_conn_at(tls, number);
        if (memcmp(conn->client_random, random, TLS_RANDOM_BYTES) != 0)
            continue;
        conn_advance(tls, conn);
        for (unsigned d = 0; d < 2; d++)
            if (conn->half[d].released && conn->half[d].held.len == 0)
                inner_close(tls, conn, d);
        if (conn->list == TLS_LIST_OVER && !conn_waits(conn))
            conn_end(tls, number);
        return;
    }
}

void tls_keys(struct tls *tls, struct slice lines)
{
    uint8_t random[TLS_RANDOM_BYTES];
    while (lines.len > 0) {
        size_t end = slice_find(lines, 0, '\n');
        switch (tls_keylog_line(&tls->keylog, slice_cut(lines, 0, end), random)) {
        case TLS_LINE_SECRET:
            keys_came(tls, random);
            dtls_keys_came(&tls->dtls, &tls->config, &tls->keylog, random);
            break;
        case TLS_LINE_BAD:
            anomaly_add(tls->config.anomalies, ANOMALY_KEYLOG_LINE);
            break;
        case TLS_LINE_OTHER:
            break;
        }
        lines = slice_after(lines, end + 1);
    }
}

void tls_secrets(const struct tls *tls, struct slice client_random, struct text *out)
{
    if (client_random.len == TLS_RANDOM_BYTES)
        tls_keylog_write(&tls->keylog, client_random.data, out);
}

void tls_datagram(struct tls *tls, const struct tls_datagram *datagram)
{
    dtls_datagram(&tls->dtls, &tls->config, &tls->keylog, datagram);
}

void tls_datagram_sealed(struct tls *tls, const struct tls_datagram *datagram)
{
    dtls_sealed(&tls->dtls, &tls->config, datagram);
}

void tls_expire(struct tls *tls, int64_t now_ns)
{
    uint32_t number;
    if (!tls->config.keep_to_end)
        dtls_expire(&tls->dtls, &tls->config, now_ns);
    while (!tls->config.keep_to_end && (number = tls->lists[TLS_LIST_OVER].oldest) != POOL_NONE &&
           tcp_elapsed_ns(tls_conn_at(tls, number)->end_ns, now_ns) > KEYS_WAIT_NS)
        conn_end(tls, number);
}

void tls_finish(struct tls *tls)
{
    for (unsigned list = 0; list < TLS_LISTS; list++)
        while (tls->lists[list].oldest != POOL_NONE)
            conn_end(tls, tls->lists[list].oldest);
    dtls_finish(&tls->dtls, &tls->config);
}

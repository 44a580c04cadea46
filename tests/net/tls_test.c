/* TLS: OpenSSL talks to itself in memory in every way that is read, and what it said in the dark must come out; then with holes, late,
   wrong and missing keys, and garbage. */
#include "base/clock.h"
#include "net/tls.h"
#include "tls_talk.h"

/* ---- the reader ---- */

struct witness {
    char heard[2][SPOKEN_MAX];
    size_t len[2];
    uint64_t frames[2];
    struct tls_facts facts;
    struct tls_certificate certificate;
    char server_name[TLS_NAME_MAX];
    unsigned ended, gaps, closed, states;
    struct anomalies anomalies;
};

static size_t witness_read(void *context, const struct tcp_stream *stream, struct slice data)
{
    struct witness *witness = context;
    unsigned d = stream->direction;
    assert_true(stream->secure);
    if (*stream->state == NULL) {
        *stream->state = malloc(1);
        witness->states++;
    }
    witness->gaps += stream->gap;
    witness->closed += stream->closed;
    witness->frames[d] = stream->frame;
    if (witness->len[d] + data.len < SPOKEN_MAX && data.len > 0)
        memcpy(witness->heard[d] + witness->len[d], data.data, data.len);
    witness->len[d] += data.len;
    return data.len;
}

static void witness_release(void *context, void *state)
{
    ((struct witness *)context)->states--;
    free(state);
}

static void witness_ended(void *context, const struct tls_facts *facts)
{
    struct witness *witness = context;
    witness->ended++;
    witness->facts = *facts;
    if (facts->certificate != NULL)
        witness->certificate = *facts->certificate;
    memcpy(witness->server_name, facts->server_name.data, facts->server_name.len);
}

static struct tls *tls_begin(struct witness *witness, bool keys_expected, size_t memory)
{
    struct tls *tls = tls_new(&(struct tls_config){.inner = {witness, witness_read, witness_release},
                                                   .ended = witness_ended,
                                                   .ended_context = witness,
                                                   .hash_seed = 7,
                                                   .memory_limit = memory,
                                                   .keys_expected = keys_expected,
                                                   .keep_to_end = true,
                                                   .anomalies = &witness->anomalies});
    assert_non_null(tls);
    return tls;
}

/* Gives a stream's bytes as tcp does: in segments, what is not consumed again with what follows. */
struct wire {
    struct tls *tls;
    uint8_t kept[2][1 << 17];
    size_t len[2];
    bool ignored[2], gap[2];
    uint64_t frame;
};

static void wire_give(struct wire *wire, unsigned d, struct slice bytes, size_t segment, bool closed)
{
    static const uint8_t addresses[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
    static const uint16_t ports[2] = {40000, 5061};
    for (size_t at = 0; at < bytes.len || (closed && at == 0); at += segment) {
        struct slice piece = slice_cut(bytes, at, at + segment);
        wire->frame++;
        if (wire->ignored[d])
            continue;
        if (piece.len > 0)
            memcpy(wire->kept[d] + wire->len[d], piece.data, piece.len);
        wire->len[d] += piece.len;
        void *state = NULL;
        struct tcp_stream stream = {.connection = 1, .direction = (uint8_t)d, .src = endpoint_ipv4(addresses[d], ports[d]),
                                    .dst = endpoint_ipv4(addresses[!d], ports[!d]), .gap = wire->gap[d], .closed = closed,
                                    .time_ns = (int64_t)wire->frame, .frame = wire->frame, .state = &state};
        wire->gap[d] = false;
        size_t used = tls_read(wire->tls, &stream, slice_of(wire->kept[d], wire->len[d]));
        wire->ignored[d] = used == TCP_IGNORE;
        if (wire->ignored[d])
            continue;
        assert_true(used <= wire->len[d]);
        memmove(wire->kept[d], wire->kept[d] + used, wire->len[d] - used);
        wire->len[d] -= used;
    }
}

static void wire_end(struct wire *wire)
{
    for (unsigned d = 0; d < 2; d++) {
        wire_give(wire, d, SLICE_NONE, 1, true);
        tls_release(wire->tls, 1, d);
    }
    tls_finish(wire->tls);
}

static void play(struct tls *tls, const struct talk *talk, size_t segment)
{
    struct wire *wire = calloc(1, sizeof *wire);
    wire->tls = tls;
    for (size_t i = 0; i < talk->count; i++)
        wire_give(wire, talk->flights[i].direction, slice_of(talk->flights[i].bytes, talk->flights[i].len), segment, false);
    wire_end(wire);
    free(wire);
}

static bool heard(const struct witness *witness, unsigned d, const char *words)
{
    return memmem(witness->heard[d], witness->len[d], words, strlen(words)) != NULL;
}

static bool silent(const struct witness *witness)
{
    const struct anomalies *a = &witness->anomalies;
    return a->count[ANOMALY_TLS_RECORD] + a->count[ANOMALY_TLS_HANDSHAKE] + a->count[ANOMALY_TLS_AUTHENTICATION] + a->count[ANOMALY_KEYLOG_LINE] == 0;
}

static void check_good(const struct witness *witness, const struct manner *manner, const char *name)
{
    assert_true(heard(witness, 0, said[0]));
    assert_true(heard(witness, 1, said[1]));
    if (manner->early)
        assert_true(heard(witness, 0, "early words "));
    if (manner->renegotiate)
        assert_true(heard(witness, 0, " renegotiated"));
    size_t updates = manner->key_update ? 3 * strlen(" updated") : 0;
    if (manner->key_update)
        assert_int_equal(witness->len[0], strlen(said[0]) + updates);
    if (manner->big)
        assert_int_equal(witness->len[1], strlen(said[1]) + updates + 50000);
    assert_true(silent(witness));
    assert_int_equal(witness->ended, 1);
    assert_int_equal(witness->states, 0);
    assert_int_equal(witness->closed, 2);
    assert_int_equal(witness->facts.state, TLS_OPEN);
    assert_true(witness->facts.decrypted);
    assert_null(witness->facts.why);
    assert_true(slice_is(witness->facts.version, name));
    assert_string_equal(witness->server_name, "sip.example.com");
    assert_int_equal(witness->facts.resumed, manner->resume);
    assert_int_equal(witness->anomalies.count[ANOMALY_TLS_UNDECRYPTED], 0);
}

static const struct manner manners[] = {
    {TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", 0, false, false, false, false, true, false},
    {TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384", 0, true, false, false, false, false, false},
    {TLS1_2_VERSION, "DHE-RSA-CHACHA20-POLY1305", SSL_OP_NO_TICKET, true, false, false, false, false, false},
    {TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305", 0, false, false, false, false, true, false},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM", 0, false, false, false, false, true, true},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM8", 0, false, false, false, false, false, true},
    {TLS1_2_VERSION, "AES128-SHA", 0, false, false, false, false, true, false},
    {TLS1_2_VERSION, "AES128-SHA", SSL_OP_NO_ENCRYPT_THEN_MAC, false, false, false, false, true, false},
    {TLS1_2_VERSION, "AES256-SHA256", SSL_OP_NO_ENCRYPT_THEN_MAC, false, false, false, false, false, false},
    {TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384", 0, false, false, false, false, false, false},
    {TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384", SSL_OP_NO_ENCRYPT_THEN_MAC, true, false, false, false, false, false},
    {TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", SSL_OP_NO_EXTENDED_MASTER_SECRET, false, false, false, false, false, false},
    {TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", SSL_OP_ALLOW_CLIENT_RENEGOTIATION, false, false, true, false, false, false},
    {TLS1_2_VERSION, "AES256-SHA", SSL_OP_ALLOW_CLIENT_RENEGOTIATION, false, false, true, false, false, false},
    {TLS1_1_VERSION, "AES128-SHA", 0, false, false, false, false, true, false},
    {TLS1_VERSION, "AES256-SHA", SSL_OP_NO_ENCRYPT_THEN_MAC, false, false, false, false, true, false},
    {TLS1_VERSION, "AES128-SHA", 0, false, false, false, false, false, false},
    {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", 0, false, false, false, false, true, false},
    {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", 0, false, true, false, false, false, false},
    {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", 0, false, true, false, false, false, false},
    {TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256", 0, false, true, false, false, true, false},
    {TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256", 0, false, false, false, false, false, false},
    {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", 0, true, false, false, false, false, false},
    {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", 0, true, false, false, true, false, false},
};

static const char *version_of(const struct manner *manner)
{
    return manner->version == TLS1_3_VERSION ? "TLS 1.3" : manner->version == TLS1_2_VERSION ? "TLS 1.2" : manner->version == TLS1_1_VERSION ? "TLS 1.1" : "TLS 1.0";
}

/* Keys before the packets, behind all of them, and in segments of any size. */
static void test_everything_comes_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++)
        for (unsigned way = 0; way < 3; way++) {
            struct talk *talk = talk_make(&manners[i]);
            struct witness *witness = calloc(1, sizeof *witness);
            struct tls *tls = tls_begin(witness, true, 1 << 24);
            struct slice keys = slice_of(talk->keys, talk->keys_len);
            if (way != 1)
                tls_keys(tls, keys);
            if (way == 1) {
                struct wire *wire = calloc(1, sizeof *wire);
                wire->tls = tls;
                for (size_t f = 0; f < talk->count; f++)
                    wire_give(wire, talk->flights[f].direction, slice_of(talk->flights[f].bytes, talk->flights[f].len), 1 << 16, false);
                for (unsigned d = 0; d < 2; d++) {
                    wire_give(wire, d, SLICE_NONE, 1, true);
                    tls_release(tls, 1, d);
                }
                assert_int_equal(witness->ended, 0); /* it waits */
                tls_keys(tls, keys);
                tls_finish(tls);
                free(wire);
            } else {
                play(tls, talk, way == 0 ? 1 << 16 : 7);
            }
            check_good(witness, &manners[i], version_of(&manners[i]));
            assert_int_equal(tls_bytes(tls) > 0, true);
            tls_free(tls);
            free(witness);
            talk_free(talk);
        }
}

static void test_facts_without_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
        struct talk *talk = talk_make(&manners[i]);
        struct witness *witness = calloc(1, sizeof *witness);
        struct tls *tls = tls_begin(witness, false, 1 << 24);
        play(tls, talk, 1400);
        assert_true(silent(witness));
        assert_int_equal(witness->len[0] + witness->len[1], 0);
        assert_int_equal(witness->facts.state, TLS_OPEN);
        assert_string_equal(witness->facts.why, "no key log was given");
        assert_true(slice_is(witness->facts.version, version_of(&manners[i])));
        assert_int_equal(witness->anomalies.count[ANOMALY_TLS_UNDECRYPTED], 1);
        bool shown = manners[i].version != TLS1_3_VERSION && !manners[i].resume;
        assert_int_equal(witness->facts.certificate != NULL, shown);
        if (shown) {
            assert_string_equal(witness->certificate.subject, "CN=sip.example.com");
            assert_int_equal(witness->certificate.name_count, 2);
            assert_string_equal(witness->certificate.names[1], "*.example.net");
            assert_true(witness->certificate.self_signed);
            assert_int_equal(witness->certificate.from_ns, INT64_C(1767225600) * NS_PER_SECOND);
        }
        tls_free(tls);
        free(witness);
        talk_free(talk);
    }
}

/* A key log of another connection, and one whose secrets are wrong. */
static void test_wrong_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++)
        for (int wrong = 0; wrong < 2; wrong++) {
            struct talk *talk = talk_make(&manners[i]);
            struct witness *witness = calloc(1, sizeof *witness);
            struct tls *tls = tls_begin(witness, true, 1 << 24);
            for (char *line = talk->keys; *line != '\0'; line = strchr(line, '\n') + 1) {
                char *random = strchr(line, ' ') + 1, *digit = wrong ? strchr(random, ' ') + 5 : random + 5;
                *digit = *digit == '0' ? '1' : '0';
            }
            tls_keys(tls, slice_of(talk->keys, talk->keys_len));
            play(tls, talk, 1 << 16);
            assert_int_equal(witness->len[0] + witness->len[1], 0);
            assert_string_equal(witness->facts.why, wrong ? "the key log's secret does not open its records" : "the key log has no secret of this connection");
            assert_true(!wrong || manners[i].early || witness->anomalies.count[ANOMALY_TLS_AUTHENTICATION] > 0);
            assert_int_equal(witness->facts.state, TLS_OPEN);
            tls_free(tls);
            free(witness);
            talk_free(talk);
        }
}

/* A flight of the server is missing behind the handshake: what follows it comes out, marked with a gap. */
static void test_holes(void **state)
{
    (void)state;
    static const char *const ciphers[] = {"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"};
    for (int i = 0; i < 4; i++) {
        struct manner manner = {.version = i < 2 ? TLS1_3_VERSION : TLS1_2_VERSION,
                                .ciphers = i < 2 ? ciphers[i] : i == 2 ? "ECDHE-RSA-AES128-GCM-SHA256" : "AES128-SHA", .big = true};
        struct talk *talk = talk_make(&manner);
        struct witness *witness = calloc(1, sizeof *witness);
        struct wire *wire = calloc(1, sizeof *wire);
        wire->tls = tls_begin(witness, true, 1 << 24);
        tls_keys(wire->tls, slice_of(talk->keys, talk->keys_len));
        for (size_t f = 0; f < talk->count; f++) {
            struct slice bytes = slice_of(talk->flights[f].bytes, talk->flights[f].len);
            if (bytes.len > 40000) { /* 20,000 bytes in the middle of a record are lost */
                wire_give(wire, 1, slice_cut(bytes, 0, 3000), 1000, false);
                wire->len[1] = 0;
                wire->gap[1] = true;
                bytes = slice_after(bytes, 23000);
            }
            wire_give(wire, talk->flights[f].direction, bytes, 1400, false);
        }
        wire_end(wire);
        assert_int_equal(witness->gaps, 1);
        assert_in_range(witness->len[1], strlen(said[1]) + 17000, strlen(said[1]) + 17400); /* the record that the hole ends in is lost too */
        assert_true(heard(witness, 1, said[1]));
        assert_true(silent(witness));
        tls_free(wire->tls);
        free(wire);
        free(witness);
        talk_free(talk);
    }
}

/* The server's bytes come late, as behind a hole that was filled: the client's wait for them. */
static void test_directions_wait_for_each_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
        struct talk *talk = talk_make(&manners[i]);
        struct witness *witness = calloc(1, sizeof *witness);
        struct wire *wire = calloc(1, sizeof *wire);
        wire->tls = tls_begin(witness, true, 1 << 24);
        tls_keys(wire->tls, slice_of(talk->keys, talk->keys_len));
        for (unsigned d = 0; d < 2; d++)
            for (size_t f = 0; f < talk->count && !manners[i].renegotiate; f++)
                if (talk->flights[f].direction == d)
                    wire_give(wire, d, slice_of(talk->flights[f].bytes, talk->flights[f].len), 1 << 16, false);
        wire_end(wire);
        if (!manners[i].renegotiate)
            check_good(witness, &manners[i], version_of(&manners[i]));
        tls_free(wire->tls);
        free(wire);
        free(witness);
        talk_free(talk);
    }
}

/* Garbage behind the handshake, a record that is too long, a stream that is cut anywhere, bits that flip: named, and no more. */
static void test_damage(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 400; round++) {
        const struct manner *manner = &manners[(size_t)round % (sizeof manners / sizeof manners[0])];
        static struct talk *talks[sizeof manners / sizeof manners[0]];
        struct talk **talk = &talks[(size_t)round % (sizeof manners / sizeof manners[0])];
        if (*talk == NULL)
            *talk = talk_make(manner);
        struct witness *witness = calloc(1, sizeof *witness);
        struct tls *tls = tls_begin(witness, round % 3 != 0, 1 << 20);
        struct wire *wire = calloc(1, sizeof *wire);
        wire->tls = tls;
        if (round % 3 != 1)
            tls_keys(tls, slice_of((*talk)->keys, (*talk)->keys_len));
        size_t bad = (size_t)rand() % (*talk)->count;
        for (size_t f = 0; f < (*talk)->count; f++) {
            struct flight *flight = &(*talk)->flights[f];
            uint8_t *copy = malloc(flight->len);
            size_t len = flight->len;
            memcpy(copy, flight->bytes, len);
            if (f == bad && round % 4 == 0)
                copy[(size_t)rand() % len] ^= (uint8_t)(1 + rand() % 255);
            if (f == bad && round % 4 == 1)
                len = (size_t)rand() % len;
            if (f == bad && round % 4 == 2 && len > 5)
                copy[3] = 0xff;
            if (f == bad && round % 4 == 3)
                for (size_t i = 0; i < len; i++)
                    copy[i] = (uint8_t)rand();
            wire_give(wire, flight->direction, slice_of(copy, len), 1000, false);
            assert_true(tls_bytes(tls) < (1 << 20) + (1 << 16));
            free(copy);
        }
        wire_end(wire);
        assert_int_equal(witness->states, 0);
        if (round % 4 == 2)
            assert_true(witness->anomalies.count[ANOMALY_TLS_RECORD] == 1 || (*talk)->flights[bad].len <= 5);
        tls_free(tls);
        free(wire);
        free(witness);
        if (round >= 400 - (int)(sizeof manners / sizeof manners[0]))
            talk_free(*talk);
    }
}

static void test_alerts(void **state)
{
    (void)state;
    static const uint8_t hello[] = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                    24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0, 2, 0, 47, 1, 0};
    static const uint8_t alert[] = {21, 3, 3, 0, 2, 2, 40};
    struct witness *witness = calloc(1, sizeof *witness);
    struct wire *wire = calloc(1, sizeof *wire);
    wire->tls = tls_begin(witness, false, 1 << 20);
    wire_give(wire, 0, slice_of(hello, sizeof hello), 1 << 16, false);
    wire_give(wire, 1, slice_of(alert, sizeof alert), 1 << 16, false);
    wire_end(wire);
    assert_int_equal(witness->facts.state, TLS_FAILED);
    assert_true(witness->facts.alert.fatal && !witness->facts.alert.by_client);
    assert_string_equal(tls_alert_name(witness->facts.alert.code), "handshake_failure");
    assert_int_equal(witness->facts.alert.frame, 2);
    assert_int_equal(witness->anomalies.count[ANOMALY_TLS_UNDECRYPTED], 0); /* there was nothing to read */
    tls_free(wire->tls);
    free(wire);
    free(witness);
}

/* Connections without end that wait for keys stay within memory; a new one still works. */
static void test_many_connections_stay_within_memory(void **state)
{
    (void)state;
    struct manner manner = {.version = TLS1_3_VERSION, .ciphers = "TLS_AES_128_GCM_SHA256"};
    struct talk *talk = talk_make(&manner);
    struct witness *witness = calloc(1, sizeof *witness);
    struct tls *tls = tls_begin(witness, true, 1 << 20);
    for (uint32_t c = 1; c <= 5000; c++)
        for (size_t f = 0; f < talk->count; f++) {
            void *none = NULL;
            struct tcp_stream stream = {.connection = c, .direction = (uint8_t)talk->flights[f].direction, .frame = c, .state = &none};
            (void)tls_read(tls, &stream, slice_of(talk->flights[f].bytes, talk->flights[f].len));
            assert_true(tls_bytes(tls) < (1 << 20) + (1 << 16));
        }
    assert_true(witness->ended > 4000);
    assert_true(witness->anomalies.count[ANOMALY_TLS_EVICTED] > 4000);
    tls_keys(tls, slice_of(talk->keys, talk->keys_len));
    assert_true(heard(witness, 0, said[0]));
    tls_free(tls);
    free(witness);
    talk_free(talk);
}

static void test_key_log_lines(void **state)
{
    (void)state;
    struct witness *witness = calloc(1, sizeof *witness);
    struct tls *tls = tls_begin(witness, true, 1 << 20);
    char line[400];
    tls_keys(tls, slice_str("# a comment\n\n\r\nEARLY_EXPORTER_SECRET 00 11\nRSA 00 11\n"));
    assert_int_equal(tls_key_count(tls), 0);
    assert_int_equal(witness->anomalies.count[ANOMALY_KEYLOG_LINE], 0);
    tls_keys(tls, slice_str("CLIENT_RANDOM 0011 2233\nCLIENT_RANDOM\nnonsense\n"));
    assert_int_equal(witness->anomalies.count[ANOMALY_KEYLOG_LINE], 3);
    for (int i = 0; i < 20000; i++) { /* more than are kept: the oldest go */
        snprintf(line, sizeof line, "CLIENT_RANDOM %064x %096x\r\n", i, i);
        tls_keys(tls, slice_str(line));
    }
    assert_in_range(tls_key_count(tls), 1000, 10000);
    assert_int_equal(witness->anomalies.count[ANOMALY_KEYLOG_LINE], 3);
    struct talk *talk = talk_make(&manners[0]);
    tls_keys(tls, slice_of(talk->keys, talk->keys_len));
    play(tls, talk, 1400);
    assert_true(heard(witness, 0, said[0])); /* the newest is there */
    tls_free(tls);
    free(witness);
    talk_free(talk);
}

/* One connection that says much without its keys does not take the room of the others. */
static void test_one_connection_holds_little(void **state)
{
    (void)state;
    struct manner manner = {.version = TLS1_3_VERSION, .ciphers = "TLS_AES_128_GCM_SHA256", .big = true};
    struct talk *talk = talk_make(&manner);
    struct witness *witness = calloc(1, sizeof *witness);
    struct wire *wire = calloc(1, sizeof *wire);
    wire->tls = tls_begin(witness, true, 1 << 24);
    for (int i = 0; i < 20; i++)
        for (size_t f = 0; f < talk->count; f++)
            if (i == 0 || talk->flights[f].len > 40000)
                wire_give(wire, talk->flights[f].direction, slice_of(talk->flights[f].bytes, talk->flights[f].len), 1400, false);
    assert_in_range(tls_bytes(wire->tls), 0, 400000);
    wire_end(wire);
    assert_string_equal(witness->facts.why, "it was given up to stay within memory before its keys came");
    tls_free(wire->tls);
    free(wire);
    free(witness);
    talk_free(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_comes_out),
        cmocka_unit_test(test_facts_without_keys),
        cmocka_unit_test(test_wrong_keys),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_directions_wait_for_each_other),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_many_connections_stay_within_memory),
        cmocka_unit_test(test_key_log_lines),
        cmocka_unit_test(test_one_connection_holds_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

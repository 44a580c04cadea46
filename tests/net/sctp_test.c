/* SCTP packets made by hand: chunks in, user messages out. */
#include "net/sctp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { B = 2, E = 1, U = 4 };

struct rig {
    struct sctp *sctp;
    struct anomalies anomalies;
    uint8_t bytes[4096];
    size_t len;
    char log[8192]; /* the messages, each followed by '|' */
    size_t log_len;
    uint32_t ppid;
    size_t messages;
};

static void rig_open(struct rig *rig, size_t limit)
{
    memset(rig, 0, sizeof *rig);
    rig->sctp = sctp_new(7, limit, &rig->anomalies);
    assert_non_null(rig->sctp);
}

static void put32(struct rig *rig, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        rig->bytes[rig->len++] = (uint8_t)(value >> shift);
}

static void chunk(struct rig *rig, unsigned type, unsigned flags, size_t length)
{
    put32(rig, (uint32_t)(type << 24 | flags << 16 | length));
}

static void text(struct rig *rig, const char *bytes)
{
    for (; *bytes != '\0'; bytes++)
        rig->bytes[rig->len++] = (uint8_t)*bytes;
    while (rig->len % 4 != 0)
        rig->bytes[rig->len++] = 0;
}

static void data(struct rig *rig, unsigned flags, uint32_t tsn, uint32_t stream_ssn, const char *bytes)
{
    chunk(rig, 0, flags, 16 + strlen(bytes));
    put32(rig, tsn);
    put32(rig, stream_ssn);
    put32(rig, 99);
    text(rig, bytes);
}

static void idata(struct rig *rig, unsigned flags, uint32_t tsn, uint32_t message, uint32_t number, const char *bytes)
{
    chunk(rig, 64, flags, 20 + strlen(bytes));
    put32(rig, tsn);
    put32(rig, 3 << 16);
    put32(rig, message);
    put32(rig, number);
    text(rig, bytes);
}

static void hear(void *context, const struct packet *packet, struct slice bytes, uint32_t ppid)
{
    struct rig *rig = context;
    assert_int_equal(packet->protocol, IP_SCTP);
    rig->ppid = ppid;
    rig->messages++;
    if (rig->log_len + bytes.len + 1 > sizeof rig->log)
        return;
    memcpy(rig->log + rig->log_len, bytes.data, bytes.len);
    rig->log_len += bytes.len;
    rig->log[rig->log_len++] = '|';
}

static void send_from(struct rig *rig, uint16_t port, size_t cut)
{
    static const uint8_t a[4] = {192, 0, 2, 1}, b[4] = {192, 0, 2, 2};
    size_t len = rig->len - cut;
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, rig->bytes, len);
    struct packet packet = {.payload = copy, .payload_len = (uint32_t)len, .wire_len = (uint32_t)rig->len, .protocol = IP_SCTP,
                            .src = endpoint_ipv4(a, port), .dst = endpoint_ipv4(b, 5060)};
    sctp_packet(rig->sctp, &packet, hear, rig);
    free(copy);
    rig->len = 0;
}

static void send(struct rig *rig)
{
    send_from(rig, 5060, 0);
}

static void said(const struct rig *rig, const char *expected)
{
    if (rig->log_len != strlen(expected) || memcmp(rig->log, expected, rig->log_len) != 0)
        fail_msg("\"%.*s\", not \"%s\"", (int)rig->log_len, rig->log, expected);
}

#define COUNT(rig, id) ((int)(rig).anomalies.count[ANOMALY_##id])

static void bundled_messages(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    chunk(&rig, 3, 0, 16); /* SACK */
    put32(&rig, 1);
    put32(&rig, 2);
    put32(&rig, 3);
    data(&rig, B | E, 100, 0, "first");
    data(&rig, B | E | U, 101, 0, "second!!");
    send(&rig);
    said(&rig, "first|second!!|");
    assert_int_equal(rig.ppid, 99);
    assert_int_equal(COUNT(rig, SCTP_CHUNK), 0);
    sctp_free(rig.sctp);
}

static void repeated_tsn_once(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    data(&rig, B | E, 0xffffffff, 0, "a");
    data(&rig, B | E, 1, 0, "c");
    send(&rig);
    data(&rig, B | E, 0, 0, "b"); /* late, across the wrap */
    data(&rig, B | E, 1, 0, "c");
    data(&rig, B | E, 0xffffffff, 0, "a");
    send(&rig);
    data(&rig, B | E, 0, 0, "b");
    send(&rig);
    said(&rig, "a|c|b|");
    data(&rig, B | E, 0, 0, "b"); /* the other ports: another sender */
    send_from(&rig, 5061, 0);
    said(&rig, "a|c|b|b|");
    data(&rig, B | E, 2000, 0, "far");
    data(&rig, B | E, 1, 0, "c"); /* older than what is remembered */
    send(&rig);
    said(&rig, "a|c|b|b|far|");
    chunk(&rig, 1, 0, 20); /* INIT: numbers begin anew */
    for (uint32_t i = 0; i < 4; i++)
        put32(&rig, i);
    data(&rig, B | E, 1, 0, "again");
    send(&rig);
    said(&rig, "a|c|b|b|far|again|");
    data(&rig, B | E, 0x50000000, 0, "jump"); /* an association whose INIT was not captured */
    data(&rig, B | E, 0x50000000, 0, "jump");
    send(&rig);
    said(&rig, "a|c|b|b|far|again|jump|");
    sctp_free(rig.sctp);
}

static void split_message_in_any_order(void **unused)
{
    (void)unused;
    static const int orders[6][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}, {0, 3, 1, 2}, {3, 0, 2, 1}};
    static const char *const parts[4] = {"INV", "ITE", " sip", ":x"};
    for (size_t order = 0; order < 6; order++) {
        struct rig rig;
        rig_open(&rig, 1 << 20);
        for (size_t i = 0; i < 4; i++) {
            int part = orders[order][i];
            data(&rig, (part == 0 ? B : 0u) | (part == 3 ? E : 0u), 0xfffffffe + (uint32_t)part, 5, parts[part]);
            data(&rig, (part == 0 ? B : 0u) | (part == 3 ? E : 0u), 0xfffffffe + (uint32_t)part, 5, parts[part]);
            send(&rig);
        }
        said(&rig, "INVITE sip:x|");
        sctp_finish(rig.sctp);
        assert_int_equal(COUNT(rig, SCTP_FRAGMENT), 0);
        sctp_free(rig.sctp);
    }
}

static void neighbours_of_other_messages_do_not_join(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    data(&rig, B, 10, 1, "one-");
    data(&rig, E, 11, 1, "end");
    data(&rig, B, 12, 2, "two-");
    data(&rig, E, 13, 3, "not two's");
    send(&rig);
    said(&rig, "one-end|");
    sctp_finish(rig.sctp);
    assert_int_equal(COUNT(rig, SCTP_FRAGMENT), 2);
    sctp_free(rig.sctp);
}

static void interleaved_messages(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    idata(&rig, B, 1, 7, 46, "x1"); /* RFC 8260: the first fragment's word is the PPID */
    idata(&rig, B, 2, 8, 47, "y1");
    idata(&rig, 0, 3, 7, 1, "x2");
    idata(&rig, E, 4, 8, 1, "y2");
    idata(&rig, E, 5, 7, 2, "x3");
    send(&rig);
    said(&rig, "y1y2|x1x2x3|");
    assert_int_equal(rig.ppid, 46);
    sctp_free(rig.sctp);
}

static void impossible_lengths(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    chunk(&rig, 0, B | E, 3);
    send(&rig);
    chunk(&rig, 0, B | E, 100);
    send(&rig);
    chunk(&rig, 0, B | E, 12); /* shorter than its own header */
    put32(&rig, 1);
    put32(&rig, 1);
    send(&rig);
    chunk(&rig, 0, B | E, 16); /* no user data */
    for (uint32_t i = 0; i < 3; i++)
        put32(&rig, i);
    send(&rig);
    assert_int_equal(COUNT(rig, SCTP_CHUNK), 4);
    data(&rig, B | E, 9, 0, "cut by the snap length");
    send_from(&rig, 5060, 8);
    said(&rig, "cut by the snap |");
    data(&rig, B, 10, 0, "a part cut is of no use");
    send_from(&rig, 5060, 8);
    assert_int_equal(COUNT(rig, SCTP_FRAGMENT), 1);
    assert_int_equal(COUNT(rig, SCTP_CHUNK), 4);
    sctp_free(rig.sctp);
}

static void memory_is_bounded(void **unused)
{
    (void)unused;
    struct rig rig;
    static char big[1001];
    memset(big, 'z', 1000);
    rig_open(&rig, 100000);
    for (uint32_t i = 0; i < 2000; i++) { /* 2 MB in messages that never end */
        data(&rig, i % 10 == 0 ? B : 0u, i, 1, big);
        send_from(&rig, (uint16_t)(1000 + i / 10), 0);
    }
    assert_int_equal(rig.messages, 0);
    int dropped = COUNT(rig, SCTP_FRAGMENT);
    assert_in_range(dropped, 180, 199);
    data(&rig, E, 2000, 1, "end"); /* the newest one is still there */
    send_from(&rig, 1199, 0);
    assert_int_equal(rig.messages, 1);
    sctp_finish(rig.sctp);
    assert_int_equal(COUNT(rig, SCTP_FRAGMENT), 199);
    /* One message may not grow without end. */
    for (uint32_t i = 0; i < 200; i++) {
        data(&rig, i == 0 ? B : 0u, i, 1, big);
        send(&rig);
    }
    sctp_free(rig.sctp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bundled_messages),
        cmocka_unit_test(repeated_tsn_once),
        cmocka_unit_test(split_message_in_any_order),
        cmocka_unit_test(neighbours_of_other_messages_do_not_join),
        cmocka_unit_test(interleaved_messages),
        cmocka_unit_test(impossible_lengths),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

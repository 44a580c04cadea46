/* TCP streams from hand-made segments: what the reader sees, in which order, and what is counted. */
#include "base/clock.h"
#include "net/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { LOG_MAX = 1 << 21, SEGMENT_MAX = 60000, FIN = TCP_FIN, SYN = TCP_SYN, RST = TCP_RST, ACK = TCP_ACK };

/* What a direction gave: the consumed bytes, with '|' where a gap was told, '$' at the close. */
struct heard {
    char *log;
    size_t len, calls, copies, cuts, closes;
    uint64_t last_frame;
    uint32_t connection;
    bool late, truncated, ignore;
};

/* consume: 0 everything; 1 nothing until the close; 2 whole lines. */
struct rig {
    struct tcp *tcp;
    struct anomalies anomalies;
    struct heard heard[2];
    int consume;
    unsigned states;
    uint64_t frame;
    int64_t now_ns;
    uint32_t port;
};

static void put(struct heard *heard, const void *bytes, size_t len)
{
    assert_true(heard->len + len < LOG_MAX);
    if (len > 0)
        memcpy(heard->log + heard->len, bytes, len);
    heard->len += len;
}

static size_t rig_read(void *context, const struct tcp_stream *stream, struct slice data)
{
    struct rig *rig = context;
    struct heard *heard = &rig->heard[stream->direction];
    if (*stream->state == NULL) {
        *stream->state = malloc(1);
        rig->states++;
    }
    heard->calls++;
    heard->copies += !stream->whole_frame;
    heard->cuts += stream->cut;
    heard->connection = stream->connection;
    heard->late = stream->begun_late;
    heard->truncated |= stream->truncated;
    heard->last_frame = stream->frame;
    if (heard->ignore)
        return TCP_IGNORE;
    if (stream->gap)
        put(heard, "|", 1);
    size_t used = data.len;
    if (rig->consume == 1 && !stream->closed)
        used = 0;
    if (rig->consume == 2 && !stream->closed)
        while (used > 0 && data.data[used - 1] != '\n')
            used--;
    put(heard, data.data, used);
    if (stream->closed) {
        heard->closes++;
        put(heard, "$", 1);
    }
    return used;
}

static void rig_release(void *context, void *state)
{
    ((struct rig *)context)->states--;
    free(state);
}

static void rig_open(struct rig *rig, size_t limit)
{
    *rig = (struct rig){.now_ns = 1000 * NS_PER_SECOND, .port = 40000};
    rig->heard[0].log = malloc(LOG_MAX);
    rig->heard[1].log = malloc(LOG_MAX);
    assert_true(rig->heard[0].log != NULL && rig->heard[1].log != NULL);
    struct tcp_reader reader = {rig, rig_read, rig_release};
    rig->tcp = tcp_new(&reader, 42, limit, &rig->anomalies);
    assert_non_null(rig->tcp);
}

static void rig_close(struct rig *rig)
{
    tcp_free(rig->tcp);
    assert_int_equal(rig->states, 0);
    free(rig->heard[0].log);
    free(rig->heard[1].log);
}

/* A segment from A (way 0) or from B; wire_len beyond the text's length means cut by the snap length. */
static void send_cut(struct rig *rig, int way, uint32_t seq, uint32_t ack, unsigned flags, const void *bytes, size_t len,
                     size_t wire_len)
{
    static const uint8_t a[4] = {192, 0, 2, 1}, b[4] = {192, 0, 2, 2};
    uint8_t *copy = malloc(len == 0 ? 1 : len); /* exact, so that the sanitizer sees any read beyond */
    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    struct packet packet = {.time_ns = rig->now_ns, .frame = ++rig->frame, .payload = copy, .payload_len = (uint32_t)len,
                            .wire_len = (uint32_t)wire_len, .tcp_seq = seq, .tcp_ack = ack, .protocol = IP_TCP,
                            .flags = len < wire_len ? PACKET_TRUNCATED : 0, .tcp_flags = (uint8_t)flags};
    struct endpoint ends[2] = {endpoint_ipv4(a, (uint16_t)rig->port), endpoint_ipv4(b, 5060)};
    packet.src = ends[way];
    packet.dst = ends[1 - way];
    rig->now_ns += NS_PER_MS;
    tcp_segment(rig->tcp, &packet);
    free(copy);
}

static void send(struct rig *rig, int way, uint32_t seq, uint32_t ack, unsigned flags, const char *text)
{
    send_cut(rig, way, seq, ack, flags, text, strlen(text), strlen(text));
}

/* A's first byte is 1001, B's 5001. */
static void greet(struct rig *rig)
{
    send(rig, 0, 1000, 0, SYN, "");
    send(rig, 1, 5000, 1001, SYN | ACK, "");
    send(rig, 0, 1001, 5001, ACK, "");
}

static void said(const struct rig *rig, int way, const char *text)
{
    const struct heard *heard = &rig->heard[way];
    if (heard->len != strlen(text) || memcmp(heard->log, text, heard->len) != 0)
        fail_msg("direction %d: \"%.*s\", not \"%s\"", way, (int)heard->len, heard->log, text);
}

#define COUNT(rig, id) ((int)(rig).anomalies.count[ANOMALY_##id])

static size_t bytes_held(const struct rig *rig)
{
    size_t bytes;
    tcp_open(rig->tcp, &bytes);
    return bytes;
}

static void in_order_without_a_copy(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "hello ");
    send(&rig, 1, 5001, 1007, ACK, "good day");
    send(&rig, 0, 1007, 5009, ACK, "world");
    said(&rig, 0, "hello world");
    said(&rig, 1, "good day");
    assert_int_equal(rig.heard[0].copies, 0);
    assert_int_equal(rig.heard[0].last_frame, 6);
    assert_false(rig.heard[0].late);
    assert_int_equal(bytes_held(&rig), 0);
    send(&rig, 0, 1012, 5009, FIN | ACK, "");
    said(&rig, 0, "hello world$");
    send(&rig, 1, 5009, 1013, FIN | ACK, "!");
    said(&rig, 1, "good day!$");
    assert_int_equal(rig.states, 0);
    size_t bytes;
    assert_int_equal(tcp_open(rig.tcp, &bytes), 0);
    /* A late copy does not begin another connection. */
    send(&rig, 0, 1007, 5009, ACK, "world");
    said(&rig, 0, "hello world$");
    tcp_finish(rig.tcp);
    said(&rig, 0, "hello world$");
    assert_int_equal(COUNT(rig, TCP_GAP) + COUNT(rig, TCP_OVERLAP), 0);
    rig_close(&rig);
}

static void reordered_and_repeated(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    greet(&rig);
    send(&rig, 0, 1007, 5001, ACK, "ghi");
    send(&rig, 0, 1001, 5001, ACK, "abc");
    said(&rig, 0, "abc");
    send(&rig, 0, 1007, 5001, ACK, "ghi");
    send(&rig, 0, 1001, 5001, ACK, "abc");
    assert_true(bytes_held(&rig) > 0);
    send(&rig, 0, 1004, 5001, ACK, "def");
    said(&rig, 0, "abcdefghi");
    send(&rig, 0, 1004, 5001, ACK, "defghijk"); /* a copy that brings more */
    said(&rig, 0, "abcdefghijk");
    assert_int_equal(bytes_held(&rig), 0);
    assert_int_equal(COUNT(rig, TCP_GAP) + COUNT(rig, TCP_OVERLAP), 0);
    rig_close(&rig);
}

static void first_copy_wins(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    greet(&rig);
    send(&rig, 0, 1003, 5001, ACK, "CD");
    send(&rig, 0, 1002, 5001, ACK, "bcde"); /* differs at two places, fills one on each side */
    assert_int_equal(COUNT(rig, TCP_OVERLAP), 1);
    send(&rig, 0, 1001, 5001, ACK, "a");
    said(&rig, 0, "abCDe");
    rig.consume = 1;
    send(&rig, 0, 1006, 5001, ACK, "keep");
    send(&rig, 0, 1006, 5001, ACK, "keep");
    assert_int_equal(COUNT(rig, TCP_OVERLAP), 1);
    send(&rig, 0, 1007, 5001, ACK, "EEP"); /* against bytes that wait for the reader */
    assert_int_equal(COUNT(rig, TCP_OVERLAP), 2);
    tcp_finish(rig.tcp);
    said(&rig, 0, "abCDekeep$");
    rig_close(&rig);
}

static void sequence_wraps(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    send(&rig, 0, 0xfffffffc, 0, SYN, "");
    send(&rig, 0, 0xfffffffd, 0, ACK, "ab");
    send(&rig, 0, 3, 0, ACK, "ij");
    send(&rig, 0, 0xffffffff, 0, ACK, "cdef");
    said(&rig, 0, "abcdefij");
    send(&rig, 0, 0xfffffffe, 0, ACK, "bcdefij");
    send(&rig, 0, 5, 0, ACK | FIN, "k");
    said(&rig, 0, "abcdefijk$");
    assert_int_equal(COUNT(rig, TCP_GAP), 0);
    rig_close(&rig);
}

static void lines_over_segments(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    rig.consume = 2;
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "one\ntwo\nthr");
    said(&rig, 0, "one\ntwo\n");
    send(&rig, 0, 1012, 5001, ACK, "e");
    send(&rig, 0, 1013, 5001, ACK, "e\nfour");
    said(&rig, 0, "one\ntwo\nthree\n");
    assert_int_equal(rig.heard[0].copies, 2);
    send(&rig, 0, 1019, 5001, ACK, "\n");
    said(&rig, 0, "one\ntwo\nthree\nfour\n");
    assert_int_equal(bytes_held(&rig), 0);
    rig_close(&rig);
}

static void a_megabyte_byte_by_byte(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 8 << 20);
    rig.consume = 1;
    greet(&rig);
    enum { BYTES = 1 << 20 };
    for (uint32_t i = 0; i < BYTES; i++)
        send_cut(&rig, 0, 1001 + i, 5001, ACK, &"0123456789"[i % 10], 1, 1);
    assert_true(bytes_held(&rig) < 4 * BYTES);
    tcp_finish(rig.tcp);
    assert_int_equal(rig.heard[0].len, BYTES + 1);
    for (uint32_t i = 0; i < BYTES; i++)
        if (rig.heard[0].log[i] != "0123456789"[i % 10])
            fail_msg("byte %u differs", i);
    rig_close(&rig);
}

static void keepalives_and_window_probes(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    rig.consume = 2;
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "abc");
    send_cut(&rig, 0, 1003, 5001, ACK, "", 1, 1); /* garbage byte below the next one */
    send_cut(&rig, 0, 1003, 5001, ACK, "", 0, 0);
    assert_int_equal(COUNT(rig, TCP_OVERLAP), 0);
    send(&rig, 0, 1004, 5001, ACK, "d"); /* a zero-window probe carries the next byte, again and again */
    send(&rig, 0, 1004, 5001, ACK, "d");
    send(&rig, 0, 1004, 5001, ACK, "def\n");
    said(&rig, 0, "abcdef\n");
    assert_int_equal(COUNT(rig, TCP_OVERLAP) + COUNT(rig, TCP_GAP), 0);
    rig_close(&rig);
}

static void fast_open(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    send(&rig, 0, 1000, 0, SYN, "hello ");
    said(&rig, 0, "hello ");
    send(&rig, 1, 5000, 1007, SYN | ACK, "");
    send(&rig, 0, 1007, 5001, ACK, "you");
    send(&rig, 0, 1000, 0, SYN, "hello "); /* the SYN again */
    said(&rig, 0, "hello you");
    assert_int_equal(rig.heard[0].connection, 0);
    rig_close(&rig);
}

static void begun_in_the_middle(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    send(&rig, 0, 777, 888, ACK, ""); /* nothing to read: no connection */
    size_t bytes;
    assert_int_equal(tcp_open(rig.tcp, &bytes), 0);
    send(&rig, 0, 777, 888, ACK, "middle");
    assert_true(rig.heard[0].late);
    send(&rig, 1, 888, 783, ACK, "answer");
    assert_true(rig.heard[1].late);
    said(&rig, 0, "middle");
    said(&rig, 1, "answer");
    rig_close(&rig);
}

static void syn_answer_alone_tells_both_sides(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    send(&rig, 1, 5000, 1001, SYN | ACK, "");
    send(&rig, 0, 1004, 5001, ACK, "def"); /* the first bytes come second */
    send(&rig, 0, 1001, 5001, ACK, "abc");
    said(&rig, 0, "abcdef");
    assert_false(rig.heard[0].late);
    rig_close(&rig);
}

static void one_direction_captured(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    send(&rig, 0, 1000, 0, SYN, "");
    send(&rig, 0, 1001, 5001, ACK, "abc");
    send(&rig, 0, 1010, 5001, ACK, "def");
    said(&rig, 0, "abc");
    rig.now_ns += 6 * NS_PER_SECOND; /* nobody acknowledges: time decides */
    send(&rig, 0, 1013, 5001, ACK, "ghi");
    said(&rig, 0, "abc|defghi");
    assert_int_equal(COUNT(rig, TCP_GAP), 1);
    rig_close(&rig);
}

static void another_connection_lets_time_pass(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    greet(&rig);
    send(&rig, 0, 1004, 5001, ACK, "def");
    rig.port++;
    rig.now_ns += 4 * NS_PER_SECOND;
    send(&rig, 1, 1, 0, ACK, "x");
    said(&rig, 0, "x"); /* whoever is seen first is direction 0 */
    rig.now_ns += 2 * NS_PER_SECOND;
    send(&rig, 1, 2, 0, ACK, "y");
    said(&rig, 0, "x|defy");
    rig_close(&rig);
}

static void hole_ends_when_acknowledged(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    rig.consume = 2;
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "half");
    send(&rig, 0, 1010, 5001, ACK, "next\n");
    send(&rig, 1, 5001, 1007, ACK, ""); /* covers a part of the hole only */
    said(&rig, 0, "");
    send(&rig, 1, 5001, 1015, ACK, "");
    said(&rig, 0, "|next\n"); /* the half message was given up: the reader had one last look at it */
    assert_int_equal(rig.heard[0].cuts, 1);
    assert_int_equal(rig.heard[0].last_frame, 5);
    assert_int_equal(COUNT(rig, TCP_GAP), 1);
    /* Acknowledged before the newer data is there: lost at once. */
    send(&rig, 1, 5001, 1030, ACK, "");
    said(&rig, 0, "|next\n");
    send(&rig, 0, 1030, 5001, ACK, "more\n");
    said(&rig, 0, "|next\n|more\n");
    send(&rig, 0, 1035, 5001, ACK, "no gap\n");
    said(&rig, 0, "|next\n|more\nno gap\n");
    assert_int_equal(COUNT(rig, TCP_GAP), 2);
    rig_close(&rig);
}

static void hole_ends_when_much_waits(void **unused)
{
    (void)unused;
    struct rig rig;
    static char block[16000];
    memset(block, 'x', sizeof block);
    rig_open(&rig, 8 << 20);
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "a");
    for (uint32_t i = 0; i < 20; i++)
        send_cut(&rig, 0, 1003 + i * 16000, 5001, ACK, block, sizeof block, sizeof block);
    assert_int_equal(rig.heard[0].len, 1 + 1 + 20 * 16000);
    assert_int_equal(COUNT(rig, TCP_GAP), 1);
    /* Many tiny holes end too: a bounded list. */
    for (uint32_t i = 0; i < 2000; i++)
        send(&rig, 0, 400000 + 2 * i, 5001, ACK, "y");
    assert_true(COUNT(rig, TCP_GAP) > 1400);
    assert_true(bytes_held(&rig) < 300000);
    rig_close(&rig);
}

static void stray_segment_does_not_tear(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "abc");
    send(&rig, 0, 900000000, 77777777 + 5001, ACK, "evil");
    send(&rig, 0, 1004, 5001, ACK, "def");
    said(&rig, 0, "abcdef");
    assert_int_equal(COUNT(rig, TCP_GAP), 0);
    send(&rig, 0, 900000000, 5001, ACK, "real"); /* acknowledges what B sent: a very large loss */
    said(&rig, 0, "abcdef|real");
    send(&rig, 0, 5, 5001 + 77777777, ACK, "one"); /* dropped, but the next one in line is believed */
    send(&rig, 0, 8, 5001 + 77777777, ACK, "two");
    said(&rig, 0, "abcdef|real|two");
    rig_close(&rig);
}

static void snap_length_cuts(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    greet(&rig);
    send_cut(&rig, 0, 1001, 5001, ACK, "abc", 3, 10);
    assert_true(rig.heard[0].truncated);
    assert_int_equal(rig.heard[0].cuts, 1);
    send(&rig, 0, 1011, 5001, ACK, "klm");
    said(&rig, 0, "abc|klm");
    send_cut(&rig, 0, 1014, 5001, ACK, "", 0, 6);
    send(&rig, 0, 1020, 5001, ACK | FIN, "end");
    said(&rig, 0, "abc|klm|end$");
    assert_int_equal(COUNT(rig, TCP_GAP), 2);
    rig_close(&rig);
}

static void fin_before_its_data(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    greet(&rig);
    send(&rig, 0, 1004, 5001, ACK | FIN, "def");
    said(&rig, 0, "");
    send(&rig, 0, 1001, 5001, ACK, "abc");
    said(&rig, 0, "abcdef$");
    send(&rig, 0, 1007, 5001, ACK, "beyond the end");
    said(&rig, 0, "abcdef$");
    assert_int_equal(COUNT(rig, TCP_GAP), 0);
    /* A hole before a bare FIN: told by the close, counted once. */
    send(&rig, 1, 5001, 1008, ACK, "x");
    send(&rig, 1, 5005, 1008, ACK | FIN, "");
    said(&rig, 1, "x");
    send(&rig, 0, 1008, 5006, ACK, "");
    said(&rig, 1, "x|$");
    assert_int_equal(COUNT(rig, TCP_GAP), 1);
    rig_close(&rig);
}

static void reset_with_late_data(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    rig.consume = 2;
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "abc");
    send(&rig, 1, 5001, 1001, ACK, "first\n");
    send(&rig, 1, 900005001, 0, RST, ""); /* blind: ignored */
    send(&rig, 1, 5014, 1001, RST | ACK, "bye"); /* overtakes B's last line */
    said(&rig, 1, "first\n");
    send(&rig, 1, 5007, 1001, ACK, "second\n");
    said(&rig, 1, "first\nsecond\n$");
    send(&rig, 0, 1004, 5001, ACK, "def\n"); /* was on its way when B gave up */
    said(&rig, 0, "abcdef\n");
    size_t bytes;
    assert_int_equal(tcp_open(rig.tcp, &bytes), 0);
    rig.now_ns += 61 * NS_PER_SECOND;
    rig.port++;
    send(&rig, 0, 1, 0, SYN, "");
    said(&rig, 0, "abcdef\n$");
    assert_int_equal(rig.states, 0);
    rig_close(&rig);
}

static void ports_used_again(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    rig.consume = 2;
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "old");
    send(&rig, 0, 7000, 0, SYN, "");
    said(&rig, 0, "old$"); /* the first one ends without its FIN */
    send(&rig, 1, 9000, 7001, SYN | ACK, "");
    send(&rig, 0, 7001, 9001, ACK, "new\n");
    send(&rig, 1, 9001, 7005, ACK, "answer\n");
    said(&rig, 0, "old$new\n");
    said(&rig, 1, "answer\n");
    assert_int_equal(rig.heard[0].connection, 1);
    send(&rig, 0, 7005, 9008, FIN | ACK, "");
    send(&rig, 1, 9008, 7006, FIN | ACK, "");
    send(&rig, 0, 0x60000000, 0x70000000, ACK, "third\n"); /* its SYN was not captured */
    said(&rig, 0, "old$new\n$third\n");
    assert_true(rig.heard[0].late);
    assert_int_equal(rig.heard[0].connection, 2);
    rig_close(&rig);
}

static void ignored_direction_buffers_nothing(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    rig.heard[0].ignore = true;
    greet(&rig);
    send(&rig, 0, 1001, 5001, ACK, "abc");
    send(&rig, 0, 1010, 5001, ACK, "jkl");
    send(&rig, 0, 1004, 5001, ACK, "def");
    assert_int_equal(rig.heard[0].calls, 1);
    assert_int_equal(bytes_held(&rig), 0);
    send(&rig, 0, 1013, 5001, ACK | FIN, "");
    send(&rig, 1, 5001, 1014, ACK | FIN, "ok");
    said(&rig, 1, "ok$");
    assert_int_equal(rig.states, 0);
    assert_int_equal(COUNT(rig, TCP_GAP), 0);
    rig_close(&rig);
}

static void memory_is_bounded(void **unused)
{
    (void)unused;
    struct rig rig;
    static char block[10000];
    memset(block, 'z', sizeof block);
    rig_open(&rig, 1 << 20);
    rig.consume = 1;
    for (uint32_t i = 0; i < 500; i++) { /* 5 MB in unfinished messages, on 500 connections */
        rig.port = 10000 + i;
        send_cut(&rig, 0, 1001 + (i & 1), 5001, ACK, block, sizeof block, sizeof block);
        assert_true(bytes_held(&rig) <= 1 << 20);
    }
    assert_true(COUNT(rig, TCP_EVICTED) > 300 && COUNT(rig, TCP_EVICTED) < 500);
    /* The first one, long idle, gave way; it goes on behind a gap. */
    rig.port = 10000;
    rig.consume = 0;
    send(&rig, 0, 1001 + 10000, 5001, ACK, "on");
    said(&rig, 0, "|on");
    /* A reader that never consumes cannot make one direction grow for ever. */
    rig_close(&rig);
    rig_open(&rig, 64 << 20);
    rig.consume = 1;
    for (uint32_t i = 0; i < 1000; i++)
        send_cut(&rig, 0, 1 + i * 10000, 0, ACK, block, sizeof block, sizeof block);
    assert_true(bytes_held(&rig) < 8 << 20);
    assert_true(COUNT(rig, TCP_EVICTED) > 2);
    rig_close(&rig);
}

static void connections_are_bounded(void **unused)
{
    (void)unused;
    struct rig rig;
    rig_open(&rig, 1 << 20);
    size_t bytes;
    for (uint32_t i = 0; i < 300000; i++) {
        rig.port = 1024 + i % 60000;
        send(&rig, 0, i * 7919, 0, SYN, "");
        send(&rig, 1, i * 31, i * 7919 + 1, SYN | ACK, "");
        if (i % 3 == 0) {
            send(&rig, 0, i * 7919 + 1, i * 31 + 1, ACK | FIN, "");
            send(&rig, 1, i * 31 + 1, i * 7919 + 2, ACK | FIN, "");
        }
    }
    assert_true(tcp_open(rig.tcp, &bytes) <= 60000);
    assert_int_equal(bytes, 0);
    tcp_finish(rig.tcp);
    assert_int_equal(tcp_open(rig.tcp, &bytes), 0);
    rig_close(&rig);
}

static uint32_t dice_state;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)dice_state * sides >> 32);
}

struct cut {
    uint32_t from, len;
};

/* Any stream, cut anyhow, shuffled, repeated and overlapping, with any initial sequence number, comes out as it was. */
static void any_segmenting_gives_the_stream(void **unused)
{
    (void)unused;
    static char stream[4000];
    for (uint32_t round = 0; round < 2000; round++) {
        struct rig rig;
        struct cut cuts[300];
        uint32_t count = 0;
        dice_state = round;
        uint32_t len = 1 + dice(sizeof stream), longest = 1 + dice(400), isn = dice(4) == 0 ? UINT32_MAX - dice(4000) : dice(UINT32_MAX);
        for (uint32_t i = 0; i < len; i++)
            stream[i] = (char)(dice(8) == 0 ? '\n' : 'a' + (int)dice(26));
        for (uint32_t at = 0; at < len && count < 200;) {
            uint32_t n = count == 199 ? len - at : 1 + dice(longest);
            n = n < len - at ? n : len - at;
            cuts[count++] = (struct cut){at, n};
            at += n;
        }
        for (uint32_t extra = dice(100); extra > 0; extra--) {
            uint32_t from = dice(len);
            cuts[count++] = (struct cut){from, 1 + dice(len - from < longest ? len - from : longest)};
        }
        for (uint32_t i = count - 1; i > 0; i--) {
            uint32_t j = dice(3) == 0 ? dice(i + 1) : (i > 4 ? i - dice(4) : i);
            struct cut swap = cuts[i];
            cuts[i] = cuts[j];
            cuts[j] = swap;
        }
        rig_open(&rig, 8 << 20);
        rig.consume = (int)dice(3);
        send(&rig, 0, isn, 0, SYN, "");
        uint32_t fin = dice(count);
        for (uint32_t i = 0; i < count; i++) {
            send_cut(&rig, 0, isn + 1 + cuts[i].from, 0, ACK, stream + cuts[i].from, cuts[i].len, cuts[i].len);
            if (i == fin)
                send(&rig, 0, isn + 1 + len, 0, FIN | ACK, "");
        }
        const struct heard *heard = &rig.heard[0];
        if (heard->len != len + 1 || memcmp(heard->log, stream, len) != 0 || heard->log[len] != '$')
            fail_msg("round %u: %zu bytes of %u", round, heard->len, len);
        assert_int_equal(COUNT(rig, TCP_GAP) + COUNT(rig, TCP_OVERLAP) + COUNT(rig, TCP_EVICTED), 0);
        assert_int_equal(bytes_held(&rig), 0);
        rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_without_a_copy),
        cmocka_unit_test(reordered_and_repeated),
        cmocka_unit_test(first_copy_wins),
        cmocka_unit_test(sequence_wraps),
        cmocka_unit_test(lines_over_segments),
        cmocka_unit_test(a_megabyte_byte_by_byte),
        cmocka_unit_test(keepalives_and_window_probes),
        cmocka_unit_test(fast_open),
        cmocka_unit_test(begun_in_the_middle),
        cmocka_unit_test(syn_answer_alone_tells_both_sides),
        cmocka_unit_test(one_direction_captured),
        cmocka_unit_test(another_connection_lets_time_pass),
        cmocka_unit_test(hole_ends_when_acknowledged),
        cmocka_unit_test(hole_ends_when_much_waits),
        cmocka_unit_test(stray_segment_does_not_tear),
        cmocka_unit_test(snap_length_cuts),
        cmocka_unit_test(fin_before_its_data),
        cmocka_unit_test(reset_with_late_data),
        cmocka_unit_test(ports_used_again),
        cmocka_unit_test(ignored_direction_buffers_nothing),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(connections_are_bounded),
        cmocka_unit_test(any_segmenting_gives_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

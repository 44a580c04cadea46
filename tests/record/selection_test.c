/* Selections: which packets belong to the calls whose records were taken, asked by frame, ends, SSRC and time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/selection.h"

enum { START_S = 1000, END_S = 1060 };

static struct endpoint at(uint8_t host, uint16_t port)
{
    return endpoint_ipv4((const uint8_t[4]){10, 0, 0, host}, port);
}

/* Call 1 with a message over UDP and one over TCP, and a stream; a message of no call and a stream of none. */
static struct selection *made(bool chosen)
{
    struct selection *selection = selection_new(chosen, true);
    struct call_record call = {.id = 1, .start = START_S * NS_PER_SECOND, .end = END_S * NS_PER_SECOND};
    struct message_record udp = {.frame = 10, .at = call.start, .src = at(1, 5060), .dst = at(2, 5060), .transport = slice_str("udp"), .call = 1};
    struct message_record tcp = {.frame = 20, .at = call.end, .src = at(2, 777), .dst = at(3, 5060), .transport = slice_str("tcp"), .call = 1};
    struct message_record loose = {.frame = 5, .at = call.end, .src = at(8, 1), .dst = at(9, 1), .transport = slice_str("udp"), .call = NUMBER_NONE};
    struct stream_record stream = {.call = 1, .src = at(1, 4000), .dst = at(2, 6000), .ssrc = slice_str("0xcafe0001"), .frame = 12,
                                   .start = (START_S + 2) * NS_PER_SECOND, .end = (END_S - 1) * NS_PER_SECOND};
    struct stream_record other = {.call = NUMBER_NONE, .src = at(8, 4000), .dst = at(9, 6000), .ssrc = slice_str("0xcafe0002"), .frame = 7,
                                  .start = stream.start, .end = stream.end};
    struct finding_record finding = {.call = 1, .frame = 13, .severity = slice_str("error"), .rule = slice_str("a-rule"), .text = slice_str("It is wrong."),
                                     .source = slice_str("RFC 1")};
    assert_non_null(selection);
    selection_take(selection, &(struct record){.kind = RECORD_MESSAGE, .message = &loose});
    selection_take(selection, &(struct record){.kind = RECORD_CALL, .call = &call});
    selection_take(selection, &(struct record){.kind = RECORD_FINDING, .finding = &finding});
    selection_take(selection, &(struct record){.kind = RECORD_MESSAGE, .message = &tcp});
    selection_take(selection, &(struct record){.kind = RECORD_MESSAGE, .message = &udp});
    selection_take(selection, &(struct record){.kind = RECORD_STREAM, .stream = &stream});
    selection_take(selection, &(struct record){.kind = RECORD_STREAM, .stream = &other});
    assert_true(selection_close(selection));
    return selection;
}

static void by_frame(void **state)
{
    (void)state;
    for (int chosen = 0; chosen < 2; chosen++) {
        struct selection *selection = made(chosen != 0);
        static const uint64_t in[] = {10, 12, 13, 20};
        for (size_t i = 0; i < sizeof in / sizeof in[0]; i++)
            assert_true(selection_frame(selection, in[i]));
        assert_int_equal(selection_frame(selection, 5), !chosen);
        assert_int_equal(selection_frame(selection, 7), !chosen);
        assert_false(selection_frame(selection, 11));
        assert_false(selection_frame(selection, 0));
        assert_int_equal(selection_streams(selection), chosen ? 1 : 2);
        selection_free(selection);
    }
}

/* A datagram of `length` bytes that begins with these eight. */
static bool has(const struct selection *selection, struct endpoint src, struct endpoint dst, int64_t second, const char *begin, size_t length)
{
    uint8_t bytes[64] = {0};
    memcpy(bytes, begin, 12);
    return selection_packet(selection, &(struct selection_packet){.time_ns = second * NS_PER_SECOND, .src = &src, .dst = &dst,
                                                                  .payload = slice_of(bytes, length)});
}

static void media(void **state)
{
    (void)state;
    struct selection *selection = made(true);
    static const char rtp[] = "\x80\x00\x00\x01\x00\x00\x00\x00\xca\xfe\x00\x01", stray[] = "\x80\x00\x00\x01\x00\x00\x00\x00\x0b\xad\x0b\xad";
    static const char stun[] = "\x00\x01\x00\x00\x21\x12\xa4\x42\x00\x00\x00\x00", rr[] = "\x80\xc9\x00\x01\xca\xfe\x00\x01\x00\x00\x00\x00";
    assert_true(has(selection, at(1, 4000), at(2, 6000), START_S + 30, rtp, 40));
    assert_false(has(selection, at(1, 4000), at(2, 6000), START_S + 1, rtp, 40));  /* before the stream began */
    assert_false(has(selection, at(1, 4000), at(2, 6000), END_S + 1, rtp, 40));
    assert_false(has(selection, at(2, 6000), at(1, 4000), START_S + 30, rtp, 40)); /* that way there is no stream of the call */
    assert_true(has(selection, at(1, 4000), at(2, 6000), START_S + 30, stray, 40));
    assert_false(has(selection, at(1, 4000), at(2, 6000), START_S + 1, stray, 40));
    assert_true(has(selection, at(2, 6000), at(1, 4000), START_S + 1, stun, 20));  /* while the call lasts, either way */
    assert_true(has(selection, at(2, 6000), at(1, 4000), END_S + 4, stun, 20));
    assert_false(has(selection, at(2, 6000), at(1, 4000), END_S + 6, stun, 20));
    assert_false(has(selection, at(2, 6002), at(1, 4000), START_S + 30, stun, 20));
    assert_true(has(selection, at(2, 6001), at(1, 4001), START_S + 30, rr, 8));    /* RTCP's own ports */
    assert_true(has(selection, at(2, 7777), at(1, 4001), START_S + 30, rr, 8));    /* another port at one end, the stream's SSRC */
    assert_false(has(selection, at(2, 7777), at(1, 8888), START_S + 30, rr, 8));
    assert_false(has(selection, at(3, 6001), at(1, 4001), START_S + 30, rr, 8));
    assert_false(has(selection, at(8, 4000), at(9, 6000), START_S + 30, rtp, 40));
    selection_free(selection);
}

static void connections(void **state)
{
    (void)state;
    struct selection *selection = made(true);
    struct endpoint a = at(3, 5060), b = at(2, 777), c = at(1, 5060), d = at(2, 5060);
    struct selection_packet tcp = {.time_ns = 1, .src = &a, .dst = &b, .stream = true};
    assert_true(selection_packet(selection, &tcp)); /* without content: whenever */
    tcp.payload = slice_str("INVITE");
    assert_false(selection_packet(selection, &tcp));
    tcp.time_ns = (END_S + 4) * NS_PER_SECOND;
    assert_true(selection_packet(selection, &tcp));
    tcp.time_ns = (END_S + 6) * NS_PER_SECOND;
    assert_false(selection_packet(selection, &tcp));
    tcp.time_ns = END_S * NS_PER_SECOND;
    tcp.stream = false;
    assert_false(selection_packet(selection, &tcp));
    struct selection_packet udp = {.time_ns = START_S * NS_PER_SECOND, .src = &d, .dst = &c};
    assert_false(selection_packet(selection, &udp)); /* messages go by their frames */
    udp.quoted = true;
    assert_true(selection_packet(selection, &udp));
    selection_free(selection);
}

static void comment_look(void *context, struct slice comment)
{
    assert_true(slice_is(comment, "error a-rule: It is wrong. [RFC 1]"));
    ++*(unsigned *)context;
}

static void comments(void **state)
{
    (void)state;
    struct selection *selection = made(true);
    unsigned count = 0;
    selection_comments(selection, 12, comment_look, &count);
    selection_comments(selection, 14, comment_look, &count);
    assert_int_equal(count, 0);
    selection_comments(selection, 13, comment_look, &count);
    assert_int_equal(count, 1);
    selection_free(selection);
}

static void random_look(void *context, struct slice random)
{
    assert_int_equal(random.len, 32);
    *(unsigned *)context += random.data[0];
}

/* Only of connections that calls used, each of their handshakes. */
static void secrets(void **state)
{
    (void)state;
    struct selection *selection = selection_new(true, false);
    uint8_t randoms[3][64] = {{1}, {10}, {100}};
    randoms[0][32] = 2;
    struct message_record message = {.frame = 20, .at = NS_PER_SECOND, .src = at(1, 777), .dst = at(2, 5061), .transport = slice_str("tls"), .call = 1};
    selection_take(selection, &(struct record){.kind = RECORD_MESSAGE, .message = &message});
    struct connection_record used = {.src = at(1, 777), .dst = at(2, 5061), .start = 0, .end = 2 * NS_PER_SECOND, .client_random = slice_of(randoms[0], 64)};
    struct connection_record later = {.src = at(1, 777), .dst = at(2, 5061), .start = 3600 * NS_PER_SECOND, .end = 3601 * NS_PER_SECOND,
                                      .client_random = slice_of(randoms[1], 32)};
    struct connection_record other = {.src = at(1, 778), .dst = at(2, 5061), .start = 0, .end = 2 * NS_PER_SECOND, .client_random = slice_of(randoms[2], 32)};
    selection_take(selection, &(struct record){.kind = RECORD_CONNECTION, .connection = &used});
    selection_take(selection, &(struct record){.kind = RECORD_CONNECTION, .connection = &later});
    selection_take(selection, &(struct record){.kind = RECORD_CONNECTION, .connection = &other});
    assert_true(selection_close(selection));
    unsigned sum = 0;
    selection_connections(selection, random_look, &sum);
    assert_int_equal(sum, 3);
    selection_free(selection);
}

/* What is before a frame and time is gone; what lasts longer stays, and more can come. */
static void forgotten(void **state)
{
    (void)state;
    static const char rtp[] = "\x80\x00\x00\x01\x00\x00\x00\x00\xca\xfe\x00\x01";
    for (int late = 0; late < 2; late++) {
        struct selection *selection = made(true);
        selection_forget(selection, 13, (late ? END_S + 60 : START_S + 30) * NS_PER_SECOND);
        struct stream_record more = {.call = 1, .src = at(1, 4000), .dst = at(2, 6000), .ssrc = slice_str("0xcafe0001"), .frame = 900,
                                     .start = (END_S + 100) * NS_PER_SECOND, .end = (END_S + 200) * NS_PER_SECOND};
        selection_take(selection, &(struct record){.kind = RECORD_STREAM, .stream = &more});
        assert_true(selection_close(selection));
        assert_false(selection_frame(selection, 10));
        assert_true(selection_frame(selection, 13));
        assert_int_equal(has(selection, at(1, 4000), at(2, 6000), START_S + 40, rtp, 40), !late);
        assert_true(has(selection, at(1, 4000), at(2, 6000), END_S + 150, rtp, 40));
        struct endpoint a = at(3, 5060), b = at(2, 777);
        struct selection_packet ack = {.time_ns = END_S * NS_PER_SECOND, .src = &a, .dst = &b, .stream = true};
        assert_int_equal(selection_packet(selection, &ack), !late);
        selection_free(selection);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_frame), cmocka_unit_test(media), cmocka_unit_test(connections), cmocka_unit_test(comments), cmocka_unit_test(secrets), cmocka_unit_test(forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

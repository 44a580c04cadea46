/* RTP headers whole, cut at every byte, and with lengths that lie; RTP behind lengths (RFC 4571) and in channels (RFC 8656). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dissectors/dissector.h"
#include "dissectors/rtp.h"
#include "dissectors/rtp_framing.h"
#include "dissectors/turn.h"
#include "exact.h"

/* Two CSRCs, an extension of one word, five bytes of payload, three of padding. */
static const uint8_t whole[] = {0xb2, 0x88, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 8, 8, 8, 8, 0xbe, 0xde, 0, 1, 7, 7, 7, 7,
                                'h',  'e',  'l',  'l',  'o', 0, 0, 3};

static void whole_header(void **state)
{
    (void)state;
    struct rtp_header header;
    assert_true(rtp_parse(exact(whole, sizeof whole), &header));
    assert_true(header.marker && header.payload_type == 8 && header.sequence == 0x1234 && header.csrc_count == 2 && header.extension);
    assert_true(header.timestamp == 0x01020304 && header.ssrc == 0x05060708 && !header.bad_padding);
    assert_true(slice_is(header.payload, "hello"));
}

static void cut_anywhere(void **state)
{
    (void)state;
    struct rtp_header header;
    for (size_t n = 0; n < 28; n++) /* up to the end of the extension */
        assert_false(rtp_parse(exact(whole, n), &header));
    for (size_t n = 28; n < sizeof whole; n++)
        assert_true(rtp_parse(exact(whole, n), &header));
}

static void padding_that_lies(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0xa0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 'a', 'b', 'c', 0};
    struct rtp_header header;
    static const struct {
        uint8_t count;
        size_t payload;
        bool bad;
    } rows[] = {{0, 4, true}, {1, 3, false}, {4, 0, false}, {5, 4, true}, {255, 4, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bytes[15] = rows[i].count;
        assert_true(rtp_parse(exact(bytes, sizeof bytes), &header));
        assert_int_equal(header.payload.len, rows[i].payload);
        assert_int_equal(header.bad_padding, rows[i].bad);
    }
    assert_true(rtp_parse(exact(bytes, 12), &header) && header.bad_padding && header.payload.len == 0);
    bytes[0] = 0x40;
    assert_false(rtp_parse(exact(bytes, sizeof bytes), &header)); /* version 1 */
}

/* "len RTP len RTP", and every beginning of it. */
static void frames_on_a_stream(void **state)
{
    (void)state;
    uint8_t stream[2 * 34] = {0};
    for (int i = 0; i < 2; i++) {
        stream[34 * i + 1] = 32;
        stream[34 * i + 2] = 0x80;
    }
    bool more;
    for (size_t n = 1; n <= sizeof stream; n++) {
        enum protocol protocol = dissector_claim_stream(exact(stream, n), &more);
        if (protocol != PROTOCOL_RTP_FRAMES && !(protocol == PROTOCOL_NONE && more))
            fail_msg("%zu bytes: protocol %d, more %d", n, protocol, more);
        assert_true(n < 34 || n == 35 || n == 36 || n == 37 || protocol == PROTOCOL_RTP_FRAMES);
    }
    struct slice rest = exact(stream, sizeof stream - 1), frame;
    assert_true(rtp_framing_next(&rest, &frame) && frame.len == 32);
    assert_false(rtp_framing_next(&rest, &frame)); /* a byte is missing */
    assert_int_equal(rest.len, 33);
    stream[2] = 'G';
    assert_int_not_equal(dissector_claim_stream(exact(stream, sizeof stream), &more), PROTOCOL_RTP_FRAMES);
    assert_false(more);
}

static void channels(void **state)
{
    (void)state;
    struct slice payload;
    static const uint8_t bytes[] = {0x40, 1, 0, 5, 'h', 'e', 'l', 'l', 'o', 0, 0, 0};
    for (size_t n = 0; n <= sizeof bytes; n++)
        assert_int_equal(turn_channel_parse(exact(bytes, n), &payload), n >= 9);
    assert_true(turn_channel_parse(exact(bytes, sizeof bytes), &payload) && slice_is(payload, "hello"));
    uint8_t other[sizeof bytes + 1];
    memcpy(other, bytes, sizeof bytes);
    assert_false(turn_channel_parse(exact(other, sizeof other), &payload)); /* more than padding behind it */
    other[0] = 0x50;
    assert_false(turn_channel_parse(exact(other, sizeof bytes), &payload)); /* RFC 8656 reserves 0x5000 and above */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_header), cmocka_unit_test(cut_anywhere), cmocka_unit_test(padding_that_lies),
                                       cmocka_unit_test(frames_on_a_stream), cmocka_unit_test(channels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

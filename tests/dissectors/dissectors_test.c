/* Which protocol the table sees in given first bytes. */
#include "dissectors/dissector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static enum protocol datagram(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    enum protocol protocol = dissector_claim_datagram(slice_of(copy, len));
    free(copy);
    return protocol;
}

static enum protocol stream(const void *bytes, size_t len, bool *more)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    enum protocol protocol = dissector_claim_stream(slice_of(copy, len), more);
    free(copy);
    return protocol;
}

#define RTP "\x80\x08\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44"
#define STUN "\x00\x01\x00\x00\x21\x12\xa4\x42" "abcdefghijkl"
#define DTLS "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04" "abcd"

static void every_row_claims_its_own(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < dissector_count; i++) {
        assert_true(dissectors[i].claim != NULL && dissectors[i].name != NULL && dissectors[i].source != NULL);
        assert_true(dissectors[i].datagram || dissectors[i].stream);
        assert_false(dissectors[i].claim(SLICE_NONE));
    }
}

static void datagrams(void **unused)
{
    (void)unused;
    static const uint8_t receiver_report[] = {0x81, 201, 0, 7, 1, 2, 3, 4, [31] = 0};
    static const uint8_t short_report[] = {0x81, 201, 0, 1, 1, 2, 3, 4}; /* promises a block that its length has no room for */
    static const uint8_t feedback[] = {0x81, 206, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 0xee, 0xee}; /* then an SRTCP index */
    assert_int_equal(datagram("OPTIONS sip:a@b SIP/2.0\r\n\r\n", 27), PROTOCOL_SIP);
    assert_int_equal(datagram("SIP/2.0 200 OK\r\n\r\n", 18), PROTOCOL_SIP);
    assert_int_equal(datagram("\r\n\r\n", 4), PROTOCOL_SIP_KEEPALIVE);
    assert_int_equal(datagram("\0", 1), PROTOCOL_SIP_KEEPALIVE);
    assert_int_equal(datagram(RTP, 12), PROTOCOL_RTP);
    assert_int_equal(datagram(receiver_report, 32), PROTOCOL_RTCP);
    assert_int_equal(datagram(receiver_report, 31), PROTOCOL_NONE);
    assert_int_equal(datagram(short_report, 8), PROTOCOL_NONE);
    assert_int_equal(datagram(feedback, sizeof feedback), PROTOCOL_RTCP);
    assert_int_equal(datagram(STUN, 20), PROTOCOL_STUN);
    assert_int_equal(datagram(DTLS, 17), PROTOCOL_DTLS);
    assert_int_equal(datagram("HEP3\x00\x06", 6), PROTOCOL_HEP);
    assert_int_equal(datagram("", 0), PROTOCOL_NONE);
    assert_int_equal(datagram("hello there, world", 18), PROTOCOL_NONE);
}

static void rtp_needs_its_whole_header(void **unused)
{
    (void)unused;
    assert_int_equal(datagram(RTP, 11), PROTOCOL_NONE);
    assert_int_equal(datagram("\x40" "x\0\1\0\0\0\0\1\2\3\4", 12), PROTOCOL_NONE); /* version 1 */
    assert_int_equal(datagram("\x82\x08\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44" "abcdefg", 19), PROTOCOL_NONE);
    assert_int_equal(datagram("\x82\x08\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44" "abcdefgh", 20), PROTOCOL_RTP);
    assert_int_equal(datagram("\x90\x08\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44" "\xbe\xde\x00\x01" "abc", 19), PROTOCOL_NONE);
    assert_int_equal(datagram("\x90\x08\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44" "\xbe\xde\x00\x01" "abcd", 20), PROTOCOL_RTP);
    /* RFC 5761 4: the second byte 192 to 223 is RTCP, on both sides of it RTP. */
    for (unsigned type = 0; type < 256; type++) {
        uint8_t bytes[12] = {0x80, (uint8_t)type, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8};
        enum protocol expected = type < 192 || type > 223 ? PROTOCOL_RTP : (type == 200 ? PROTOCOL_NONE : PROTOCOL_RTCP);
        assert_int_equal(datagram(bytes, 12), expected);
    }
}

static void stun_with_and_without_cookie(void **unused)
{
    (void)unused;
    assert_int_equal(datagram(STUN, 19), PROTOCOL_NONE);
    assert_int_equal(datagram("\x01\x01\x00\x04" "abcdefghijklmnop" "1234", 24), PROTOCOL_STUN); /* RFC 3489 */
    assert_int_equal(datagram("\x01\x01\x00\x04" "abcdefghijklmnop" "12345", 25), PROTOCOL_NONE);
    assert_int_equal(datagram("\x00\x01\x00\x08\x21\x12\xa4\x42" "abcdefghijkl" "1234", 24), PROTOCOL_NONE);
}

static void streams(void **unused)
{
    (void)unused;
    bool more;
    static const char invite[] = "INVITE sip:bob@example.com SIP/2.0\r\n";
    for (size_t len = 0; len < sizeof invite - 1; len++) { /* never refused on the way */
        if (stream(invite, len, &more) == PROTOCOL_NONE)
            assert_true(more);
    }
    assert_int_equal(stream(invite, sizeof invite - 1, &more), PROTOCOL_SIP);
    assert_false(more);
    assert_int_equal(stream("\r\n\r\n", 4, &more), PROTOCOL_NONE);
    assert_true(more); /* a keep-alive before the first message */
    assert_int_equal(stream("\x16\x03\x01\x02\x00\x01", 6, &more), PROTOCOL_TLS);
    for (size_t len = 1; len < 5; len++) {
        assert_int_equal(stream("\x16\x03\x01\x02", len < 5 ? len : 4, &more), PROTOCOL_NONE);
        assert_true(more);
    }
    assert_int_equal(stream("GET /ws HTTP/1.1\r\n", 18, &more), PROTOCOL_HTTP);
    assert_int_equal(stream("HTT", 3, &more), PROTOCOL_NONE);
    assert_true(more);
    assert_int_equal(stream("\x16\x04", 2, &more), PROTOCOL_NONE);
    assert_false(more);
    assert_int_equal(stream("\x00\x00\x00\x20", 4, &more), PROTOCOL_NONE);
    assert_false(more);
    assert_int_equal(stream("220 mail.example.com\r\n", 22, &more), PROTOCOL_NONE);
    assert_false(more);
    assert_int_equal(stream(RTP, 12, &more), PROTOCOL_NONE); /* never in a stream */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_claims_its_own),     cmocka_unit_test(datagrams), cmocka_unit_test(rtp_needs_its_whole_header),
        cmocka_unit_test(stun_with_and_without_cookie), cmocka_unit_test(streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

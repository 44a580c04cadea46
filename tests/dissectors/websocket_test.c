/* WebSocket frames of RFC 6455 5.7, and the handshake of RFC 7118 8.1. */
#include "dissectors/websocket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static bool parse(const void *bytes, size_t len, struct websocket_frame *frame)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    bool whole = websocket_frame_parse(slice_of(copy, len), frame);
    free(copy);
    return whole;
}

static void unmasked_text(void **unused)
{
    (void)unused;
    static const uint8_t bytes[] = {0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f};
    struct websocket_frame frame;
    uint8_t out[5];
    assert_true(parse(bytes, sizeof bytes, &frame));
    assert_int_equal(frame.opcode, WEBSOCKET_TEXT);
    assert_true(frame.final && !frame.masked && !frame.compressed && !frame.bad);
    assert_int_equal(frame.header_len, 2);
    assert_int_equal(frame.payload_len, 5);
    websocket_unmask(&frame, slice_of(bytes + 2, 5), out);
    assert_memory_equal(out, "Hello", 5);
}

static void masked_text(void **unused)
{
    (void)unused;
    static const uint8_t bytes[] = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
    struct websocket_frame frame;
    uint8_t out[5];
    for (size_t len = 0; len < 6; len++)
        assert_false(parse(bytes, len, &frame));
    assert_true(parse(bytes, sizeof bytes, &frame));
    assert_true(frame.masked);
    assert_int_equal(frame.header_len, 6);
    websocket_unmask(&frame, slice_of(bytes + 6, 5), out);
    assert_memory_equal(out, "Hello", 5);
}

static void fragments_and_control(void **unused)
{
    (void)unused;
    struct websocket_frame frame;
    assert_true(parse("\x01\x03Hel", 5, &frame));
    assert_true(frame.opcode == WEBSOCKET_TEXT && !frame.final && !frame.bad);
    assert_true(parse("\x80\x02lo", 4, &frame));
    assert_true(frame.opcode == WEBSOCKET_CONTINUATION && frame.final && !frame.bad);
    assert_true(parse("\x89\x05Hello", 7, &frame));
    assert_true(frame.opcode == WEBSOCKET_PING && !frame.bad);
    assert_true(parse("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11, &frame));
    assert_true(frame.opcode == WEBSOCKET_PONG && frame.masked && !frame.bad);
    assert_true(parse("\x88\x00", 2, &frame));
    assert_true(frame.opcode == WEBSOCKET_CLOSE && frame.payload_len == 0 && !frame.bad);
}

static void long_lengths(void **unused)
{
    (void)unused;
    struct websocket_frame frame;
    assert_true(parse("\x82\x7e\x01\x00", 4, &frame));
    assert_int_equal(frame.payload_len, 256);
    assert_int_equal(frame.header_len, 4);
    assert_true(parse("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10, &frame));
    assert_int_equal(frame.payload_len, 65536);
    assert_int_equal(frame.header_len, 10);
    assert_false(parse("\x82\x7f\x00\x00\x00\x00\x00\x01\x00", 9, &frame));
    assert_true(parse("\x82\x7f\x80\x00\x00\x00\x00\x01\x00\x00", 10, &frame));
    assert_true(frame.bad);
}

static void forbidden_frames(void **unused)
{
    (void)unused;
    struct websocket_frame frame;
    assert_true(parse("\xc1\x05", 2, &frame));
    assert_true(frame.compressed && !frame.bad);
    static const char *const bad[] = {"\xa1\x01", "\x91\x01", "\x83\x01", "\x8b\x01", "\x09\x01", "\x89\x7e", "\xc9\x01", "\x8f\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_true(parse(bad[i], 2, &frame));
        assert_true(frame.bad);
    }
}

#define REQUEST "GET / HTTP/1.1\r\nHost: sip-ws.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"
#define ANSWER "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c, WebSocket\r\nConnection: Upgrade\r\n\r\n"

static void handshake(void **unused)
{
    (void)unused;
    static const char *const texts[] = {REQUEST, ANSWER};
    for (size_t i = 0; i < 2; i++) {
        char with_frame[500];
        size_t len = strlen(texts[i]), used = 0;
        memcpy(with_frame, texts[i], len);
        memcpy(with_frame + len, "\x81\x05Hello", 7);
        for (size_t n = 0; n < len; n++)
            assert_int_equal(websocket_handshake_parse(slice_of(with_frame, n), &used), WEBSOCKET_HANDSHAKE_MORE);
        assert_int_equal(websocket_handshake_parse(slice_of(with_frame, len + 7), &used), WEBSOCKET_HANDSHAKE_UPGRADE);
        assert_int_equal(used, len);
    }
}

static void plain_http(void **unused)
{
    (void)unused;
    size_t used;
    static const char *const texts[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n\r\n",
                                        "HTTP/1.1 404 Not Found\r\n", "INVITE sip:x SIP/2.0\r\n", "G\n",
                                        "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", "HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(websocket_handshake_parse(slice_str(texts[i]), &used), WEBSOCKET_HANDSHAKE_OTHER);
    char *endless = malloc(100000);
    assert_non_null(endless);
    memset(endless, 'x', 100000);
    memcpy(endless, "GET ", 4);
    assert_int_equal(websocket_handshake_parse(slice_of(endless, 100000), &used), WEBSOCKET_HANDSHAKE_OTHER);
    free(endless);
}

static void http_heads(void **unused)
{
    (void)unused;
    size_t body;
    assert_int_equal(websocket_http_head(slice_str("GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\n"), &body), 27);
    assert_int_equal(body, 0);
    assert_int_equal(websocket_http_head(slice_str("HTTP/1.1 200 OK\r\ncontent-length : 12\r\n\r\nhello"), &body), 40);
    assert_int_equal(body, 12);
    assert_int_equal(websocket_http_head(slice_str("HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n"), &body), 41);
    assert_true(body == SIZE_MAX);
    assert_int_equal(websocket_http_head(slice_str("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"), &body), 0);
}

/* A frame with this text as the start of its 200 bytes, at `at` of bytes that look like no frame; returns how many there are. */
static size_t frame_in(uint8_t *bytes, size_t at, uint8_t first, bool masked, const char *text)
{
    uint8_t *p = bytes + at, *mask = p + 4;
    memset(bytes, 'x', at);
    memcpy(p, (uint8_t[]){first, masked ? 0xfe : 0x7e, 0, 200, 0x9a, 0x01, 0x82, 0x55}, masked ? 8 : 4);
    for (size_t i = 0; i < 200; i++)
        p[i + (masked ? 8 : 4)] = (uint8_t)((i < strlen(text) ? text[i] : '.') ^ (masked ? mask[i & 3] : 0));
    return at + 200 + (masked ? 8 : 4);
}

static void sip_found(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"INVITE sip:bob@example.com SIP/2.0", "SUBSCRIBE sips:a SIP/2.0", "SIP/2.0 200 OK",
                                        "INVITE urn:service:sos SIP/2.0"};
    static const char *const others[] = {"{\"INVITE\": \"sip:bob\"}", "INVITE bob to the party", "SIP/2.0 is a version", "invite sip:bob SIP/2.0",
                                         "JUMP sip:bob SIP/2.0", "GET sip:bob", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"};
    uint8_t bytes[400];
    bool found;
    for (unsigned i = 0; i < 4 * 2 * 2 * 2; i++) {
        size_t at = i & 4 ? 57 : 0;
        size_t len = frame_in(bytes, at, i & 1 ? 0x81 : 0x02, i & 2, texts[i / 8]);
        assert_int_equal(websocket_sip_find(slice_of(bytes, len), &found), at);
        assert_true(found);
        for (size_t n = at; n < len; n++) { /* of a start that is too short nothing is given up */
            uint8_t *copy = malloc(n + 1);
            assert_non_null(copy);
            memcpy(copy, bytes, n);
            assert_int_equal(websocket_sip_find(slice_of(copy, n), &found), at);
            free(copy);
        }
    }
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t len = frame_in(bytes, 10, 0x81, i & 1, others[i]);
        (void)websocket_sip_find(slice_of(bytes, len), &found);
        assert_false(found);
    }
    (void)websocket_sip_find(slice_of(bytes, frame_in(bytes, 0, 0xc1, true, texts[0])), &found); /* compressed */
    assert_false(found);
    bytes[0] = 0x80; /* continuation */
    (void)websocket_sip_find(slice_of(bytes, 200), &found);
    assert_false(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unmasked_text),   cmocka_unit_test(masked_text),      cmocka_unit_test(fragments_and_control),
        cmocka_unit_test(long_lengths),    cmocka_unit_test(forbidden_frames), cmocka_unit_test(handshake),
        cmocka_unit_test(plain_http),      cmocka_unit_test(http_heads),
        cmocka_unit_test(sip_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What stands before SIP on a stream, whole and in pieces, and what only looks like it. */
#include "dissectors/preamble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static enum preamble parse(const void *bytes, size_t len, size_t *used)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    enum preamble found = preamble_parse(slice_of(copy, len), used);
    free(copy);
    return found;
}

/* All of bytes are the preamble: a shorter start waits, and what follows is not part of it. */
static void expect(enum preamble kind, const char *bytes, size_t len)
{
    char more[300];
    size_t used;
    memcpy(more, bytes, len);
    memcpy(more + len, "INVITE", 6);
    for (size_t n = 0; n < len; n++)
        assert_int_equal(parse(bytes, n, &used), PREAMBLE_MORE);
    for (size_t n = len; n <= len + 6; n++) {
        assert_int_equal(parse(more, n, &used), kind);
        assert_int_equal(used, len);
    }
}

#define EXPECT(kind, text) expect(kind, text, sizeof text - 1)

static void proxy(void **unused)
{
    (void)unused;
    EXPECT(PREAMBLE_PROXY, "PROXY TCP4 192.0.2.1 198.51.100.1 40000 5060\r\n");
    EXPECT(PREAMBLE_PROXY, "PROXY TCP6 2001:db8::1 2001:db8::2 40000 5060\r\n");
    EXPECT(PREAMBLE_PROXY, "PROXY UNKNOWN\r\n");
    EXPECT(PREAMBLE_PROXY, "\0\r\nQUIT\n\x21\x11\0\x0c" "abcdabcdpqrs");
    EXPECT(PREAMBLE_PROXY, "\0\r\nQUIT\n\x20\0\0\0");
}

static void stun(void **unused)
{
    (void)unused;
    EXPECT(PREAMBLE_KEEPALIVE, "\0\1\0\0\x21\x12\xa4\x42" "abcdefghijkl");
    EXPECT(PREAMBLE_KEEPALIVE, "\1\1\0\4\x21\x12\xa4\x42" "abcdefghijkl1234");
}

static void nuls(void **unused)
{
    (void)unused;
    size_t used;
    assert_int_equal(parse("\0\0\0\0", 4, &used), PREAMBLE_KEEPALIVE);
    assert_int_equal(used, 4);
    assert_int_equal(parse("\0\0INVITE", 8, &used), PREAMBLE_KEEPALIVE);
    assert_int_equal(used, 2);
}

static void others(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {{"PROXY TCP5 a b c d\r\n", 20}, {"PUBLISH sip:x SIP/2.0\r\n", 23}, {"INVITE", 6}, {"\2\1\0\0", 4},
                {"\1\1\0\3\x21\x12\xa4\x42zzzz", 12}, {"\1\1\0\0zzzz", 8}, {"\1\1\xff\0\x21\x12\xa4\x42", 8}};
    size_t used;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(parse(rows[i].bytes, rows[i].len, &used), PREAMBLE_NONE);
    /* The mark of version 2 with another version, or too long: what is left is a NUL. */
    assert_int_equal(parse("\0\r\nQUIT\n\x31\x11\0\1a", 13, &used), PREAMBLE_KEEPALIVE);
    assert_int_equal(parse("\0\r\nQUIT\n\x21\x11\xff\xff", 12, &used), PREAMBLE_KEEPALIVE);
    assert_int_equal(used, 1);
    char endless[200];
    memset(endless, 'x', sizeof endless);
    memcpy(endless, "PROXY ", 6);
    assert_int_equal(parse(endless, sizeof endless, &used), PREAMBLE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(proxy), cmocka_unit_test(stun), cmocka_unit_test(nuls), cmocka_unit_test(others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

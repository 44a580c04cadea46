/* Endpoints as text and back: IPv4 in dotted decimal, IPv6 as RFC 5952 writes it, and what is neither. */
#include "base/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static void formats(const struct endpoint *endpoint, const char *expected)
{
    char text[ENDPOINT_TEXT_SIZE];
    memset(text, 'x', sizeof text);
    size_t length = endpoint_format(endpoint, text);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

/* Bytes on the heap and without a NUL, so that a sanitizer sees each read behind them. */
static bool reads_bytes(const char *text, size_t len, struct endpoint *endpoint)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool good = endpoint_parse_address(slice_of(copy, len), endpoint);
    free(copy);
    return good;
}

/* Reads as an address that is written `expected` with port 0. */
static void reads(const char *text, const char *expected)
{
    struct endpoint endpoint = {.port = 7};
    if (!reads_bytes(text, strlen(text), &endpoint))
        fail_msg("\"%s\" was refused", text);
    formats(&endpoint, expected);
}

static void refuses_bytes(const char *text, size_t len)
{
    struct endpoint endpoint, before;
    memset(&before, 0xa5, sizeof before);
    endpoint = before;
    if (reads_bytes(text, len, &endpoint))
        fail_msg("\"%.*s\" was taken", (int)len, text);
    assert_memory_equal(&endpoint, &before, sizeof endpoint);
}

static void refuses(const char *text)
{
    refuses_bytes(text, strlen(text));
}

static void ipv4_text(void **unused)
{
    (void)unused;
    static const struct {
        uint8_t address[4];
        uint16_t port;
        const char *text;
    } rows[] = {{{0, 0, 0, 0}, 0, "0.0.0.0:0"},
                {{255, 255, 255, 255}, 65535, "255.255.255.255:65535"},
                {{192, 0, 2, 1}, 5060, "192.0.2.1:5060"},
                {{9, 10, 99, 100}, 9, "9.10.99.100:9"},
                {{100, 101, 109, 200}, 10, "100.101.109.200:10"},
                {{1, 2, 3, 4}, 99, "1.2.3.4:99"},
                {{1, 2, 3, 4}, 100, "1.2.3.4:100"},
                {{1, 2, 3, 4}, 999, "1.2.3.4:999"},
                {{1, 2, 3, 4}, 1000, "1.2.3.4:1000"},
                {{1, 2, 3, 4}, 10005, "1.2.3.4:10005"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct endpoint endpoint = endpoint_ipv4(rows[i].address, rows[i].port);
        formats(&endpoint, rows[i].text);
    }
}

static void ipv6_text_is_that_of_rfc_5952(void **unused)
{
    (void)unused;
    reads("::", "[::]:0");
    reads("::1", "[::1]:0");
    reads("2001:0db8:0:0:0:0:0:1", "[2001:db8::1]:0");           /* 4.1, 4.2.1: no leading zeros, the longest run */
    reads("2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]:0");   /* 4.2.2: one group is not shortened */
    reads("2001:0:0:1:0:0:0:1", "[2001:0:0:1::1]:0");            /* 4.2.3: the longer run */
    reads("2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:0");      /* 4.2.3: the first of equal ones */
    reads("2001:DB8::ABCD", "[2001:db8::abcd]:0");               /* 4.3 */
    reads("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:0");           /* 5 */
    reads("[fe80::1]", "[fe80::1]:0");
    reads("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:0");
    static const uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x1};
    struct endpoint endpoint = endpoint_ipv6(address, 5061);
    formats(&endpoint, "[2001:db8::1]:5061");
}

static void ipv4_reads_strictly(void **unused)
{
    (void)unused;
    reads("192.0.2.1", "192.0.2.1:0");
    reads("0.0.0.0", "0.0.0.0:0");
    reads("255.255.255.255", "255.255.255.255:0");
    reads("[192.0.2.1]", "192.0.2.1:0"); /* brackets of any address */
    static const char *const bad[] = {
        "",         "1",         "1.2.3",     "1.2.3.",     "1.2.3.4.", "1.2.3.4.5",    ".1.2.3.4", "1..2.3",
        "1.2.3.00", "256.0.0.1", "1.2.3.256", "1.2.3.999",  "01.2.3.4", "1.2.3.1000",   "1.2.3.04", "1.2.3.4 ",
        " 1.2.3.4", "1.2.3.-4",  "0x1.2.3.4", "1.2.3.4a",   "a.b.c.d",  "1.2.3.4:5060", "example.com",
        "4294967297.0.0.1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
    refuses_bytes("1.2.3.4\0", 8);
    refuses_bytes("1.2\0.3.4", 8);
}

static void ipv6_reads_strictly(void **unused)
{
    (void)unused;
    static const char *const bad[] = {":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g",
                                      "fe80::1%eth0", "[::1", "::1]", "[]", "[[::1]]", "::ffff:1.2.3.256",
                                      "00000000000000000000000000000000000000000000001",
                                      "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
    refuses_bytes("::1\0", 4);
}

static void unknown_families_are_empty(void **unused)
{
    (void)unused;
    struct endpoint endpoint = {.port = 5060};
    formats(&endpoint, "");
}

/* A key: addresses of different families, ports or bytes differ, and what was read equals what was built. */
static void endpoints_compare_as_keys(void **unused)
{
    (void)unused;
    static const uint8_t four[4] = {192, 0, 2, 1}, sixteen[16] = {192, 0, 2, 1};
    struct endpoint a = endpoint_ipv4(four, 0), b = endpoint_ipv6(sixteen, 0), c = endpoint_ipv4(four, 1), read;
    memset(&read, 0xff, sizeof read); /* nothing of it may stay */
    assert_true(endpoint_parse_address(slice_str("192.0.2.1"), &read));
    assert_true(endpoint_equal(&a, &read));
    assert_true(endpoint_hash(1, &a) == endpoint_hash(1, &read));
    assert_false(endpoint_equal(&a, &b));
    assert_false(endpoint_equal(&a, &c));
    assert_true(endpoint_hash(1, &a) != endpoint_hash(1, &c));
    assert_true(endpoint_hash(1, &a) != endpoint_hash(2, &a));
}

static void transports_have_names(void **unused)
{
    (void)unused;
    assert_string_equal(transport_name(TRANSPORT_UDP), "udp");
    assert_string_equal(transport_name(TRANSPORT_WSS), "wss");
    assert_string_equal(transport_name(TRANSPORT_SCTP), "sctp");
}

static void each_octet(void **unused)
{
    (void)unused;
    for (unsigned n = 0; n < 256; n++) {
        const uint8_t address[4] = {(uint8_t)n, (uint8_t)(255 - n), (uint8_t)(n ^ 5), (uint8_t)n};
        struct endpoint endpoint = endpoint_ipv4(address, (uint16_t)(n * 257));
        char text[ENDPOINT_TEXT_SIZE], want[ENDPOINT_TEXT_SIZE];
        snprintf(want, sizeof want, "%u.%u.%u.%u:%u", n, 255 - n, n ^ 5, n, n * 257);
        assert_int_equal(endpoint_format(&endpoint, text), strlen(want));
        assert_string_equal(text, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_octet),
        cmocka_unit_test(ipv4_text),           cmocka_unit_test(ipv6_text_is_that_of_rfc_5952),
        cmocka_unit_test(ipv4_reads_strictly), cmocka_unit_test(ipv6_reads_strictly),
        cmocka_unit_test(unknown_families_are_empty), cmocka_unit_test(endpoints_compare_as_keys),
        cmocka_unit_test(transports_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

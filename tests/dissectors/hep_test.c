/* HEP packets made by hand: versions 1, 2 and 3, and what must be refused. */
#include "base/clock.h"
#include "dissectors/hep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

struct builder {
    uint8_t bytes[512];
    size_t len;
};

static void put(struct builder *b, const void *bytes, size_t len)
{
    memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
}

static void chunk(struct builder *b, unsigned vendor, unsigned type, const void *value, size_t len)
{
    uint8_t head[6] = {(uint8_t)(vendor >> 8), (uint8_t)vendor, (uint8_t)(type >> 8), (uint8_t)type, (uint8_t)((len + 6) >> 8), (uint8_t)(len + 6)};
    put(b, head, 6);
    put(b, value, len);
}

static void total(struct builder *b)
{
    b->bytes[4] = (uint8_t)(b->len >> 8);
    b->bytes[5] = (uint8_t)b->len;
}

static struct builder version3(void)
{
    struct builder b = {.len = 0};
    put(&b, "HEP3\0\0", 6);
    chunk(&b, 0, 1, "\x02", 1);
    chunk(&b, 0, 2, "\x11", 1);
    chunk(&b, 0, 3, "\xc0\x00\x02\x01", 4);
    chunk(&b, 0, 4, "\xc0\x00\x02\x02", 4);
    chunk(&b, 0, 7, "\x13\xc4", 2);
    chunk(&b, 0, 8, "\x13\xc5", 2);
    chunk(&b, 0, 9, "\x50\x00\x00\x00", 4);
    chunk(&b, 0, 10, "\x00\x07\xa1\x20", 4);
    chunk(&b, 0, 11, "\x01", 1);
    chunk(&b, 0, 12, "\x00\x00\x07\xd1", 4);
    chunk(&b, 0, 14, "secret key longer than it should be", 35);
    chunk(&b, 9, 15, "a vendor's own chunk", 20);
    chunk(&b, 0, 15, "OPTIONS sip:x SIP/2.0\r\n\r\n", 25);
    total(&b);
    return b;
}

/* On an exact heap copy, so that the sanitizer sees any read beyond. */
static bool parse(const struct builder *b, struct hep *hep)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(b->len == 0 ? 1 : b->len);
    assert_non_null(copy);
    memcpy(copy, b->bytes, b->len);
    return hep_parse(slice_of(copy, b->len), hep);
}

static void endpoints(const struct hep *hep, const char *src, const char *dst)
{
    char text[ENDPOINT_TEXT_SIZE];
    endpoint_format(&hep->src, text);
    assert_string_equal(text, src);
    endpoint_format(&hep->dst, text);
    assert_string_equal(text, dst);
}

static void reads_version_3(void **unused)
{
    (void)unused;
    struct builder b = version3();
    struct hep hep;
    assert_true(hep_claim(slice_of(b.bytes, b.len)));
    assert_true(parse(&b, &hep));
    endpoints(&hep, "192.0.2.1:5060", "192.0.2.2:5061");
    assert_int_equal(hep.time_ns, 0x50000000 * NS_PER_SECOND + 500 * NS_PER_MS);
    assert_int_equal(hep.kind, HEP_SIP);
    assert_int_equal(hep.ip_protocol, 17);
    assert_int_equal(hep.version, 3);
    assert_int_equal(hep.capture_id, 2001);
    assert_false(hep.compressed);
    assert_true(slice_is(hep.payload, "OPTIONS sip:x SIP/2.0\r\n\r\n"));
    put(&b, "bytes behind the total length", 29);
    assert_true(parse(&b, &hep));
}

static void reads_version_3_over_ipv6(void **unused)
{
    (void)unused;
    struct builder b = {.len = 0};
    struct hep hep;
    static const uint8_t one[16] = {0x20, 1, 0xd, 0xb8, [15] = 1}, two[16] = {0x20, 1, 0xd, 0xb8, [15] = 2};
    put(&b, "HEP3\0\0", 6);
    chunk(&b, 0, 16, "squeezed", 8);
    chunk(&b, 0, 7, "\x13\xc4", 2);
    chunk(&b, 0, 5, one, 16);
    chunk(&b, 0, 6, two, 16);
    chunk(&b, 0, 11, "\x05", 1);
    total(&b);
    assert_true(parse(&b, &hep));
    endpoints(&hep, "[2001:db8::1]:5060", "[2001:db8::2]:0");
    assert_true(hep.compressed);
    assert_int_equal(hep.kind, HEP_RTCP);
    assert_true(hep.time_ns == CLOCK_NONE);
}

static void every_cut_is_refused(void **unused)
{
    (void)unused;
    struct builder whole = version3();
    struct hep hep;
    for (size_t len = 0; len < whole.len; len++) {
        struct builder b = whole;
        b.len = len;
        assert_false(parse(&b, &hep));
        if (len < 6)
            continue;
        total(&b); /* now the total length agrees, but a chunk is cut or the payload missing */
        assert_false(parse(&b, &hep));
    }
}

static void bad_chunks_are_refused(void **unused)
{
    (void)unused;
    struct hep hep;
    struct builder b = version3();
    b.bytes[11] = 5; /* a chunk shorter than its own header */
    assert_false(parse(&b, &hep));
    b = version3();
    b.bytes[10] = 0xff; /* longer than the packet */
    assert_false(parse(&b, &hep));
    b = version3();
    chunk(&b, 0, 7, "\x13", 1); /* a port of one byte */
    total(&b);
    assert_false(parse(&b, &hep));
    b = version3();
    chunk(&b, 0, 5, "0123456789abcdef", 16); /* one address of each family */
    total(&b);
    assert_false(parse(&b, &hep));
    b = (struct builder){.len = 0};
    put(&b, "HEP3\0\0", 6);
    chunk(&b, 0, 15, "payload without addresses", 25);
    total(&b);
    assert_false(parse(&b, &hep));
}

static void reads_versions_1_and_2(void **unused)
{
    (void)unused;
    struct builder b = {.len = 0};
    struct hep hep;
    put(&b, "\x01\x10\x02\x11\x13\xc4\x13\xc5\xc0\x00\x02\x01\xc0\x00\x02\x02", 16);
    put(&b, "OPTIONS", 7);
    assert_true(hep_claim(slice_of(b.bytes, b.len)));
    assert_true(parse(&b, &hep));
    endpoints(&hep, "192.0.2.1:5060", "192.0.2.2:5061");
    assert_true(slice_is(hep.payload, "OPTIONS"));
    assert_int_equal(hep.version, 1);
    assert_true(hep.time_ns == CLOCK_NONE);

    /* Version 2: both byte orders, with and without padding, with both ideas of the length. */
    for (unsigned variant = 0; variant < 8; variant++) {
        bool big = variant & 1, padded = variant & 2, counted = variant & 4;
        b.len = 0;
        put(&b, "\x02\x10\x02\x11\x13\xc4\x13\xc5\xc0\x00\x02\x01\xc0\x00\x02\x02", 16);
        b.bytes[1] = (uint8_t)(16 + (counted ? (padded ? 12 : 10) : 0));
        put(&b, big ? "\x50\x00\x00\x01\x00\x07\xa1\x20" : "\x01\x00\x00\x50\x20\xa1\x07\x00", 8);
        put(&b, "\x07\x00\x00\x00", padded ? 4 : 2);
        put(&b, "SIP/2.0 200 OK\r\n", 16);
        assert_true(hep_claim(slice_of(b.bytes, b.len)));
        assert_true(parse(&b, &hep));
        assert_int_equal(hep.version, 2);
        assert_int_equal(hep.time_ns, 0x50000001 * NS_PER_SECOND + 500 * NS_PER_MS);
        assert_int_equal(hep.capture_id, 7);
        assert_true(slice_is(hep.payload, "SIP/2.0 200 OK\r\n"));
        for (size_t len = 0; len < 26; len++) {
            struct builder cut = b;
            cut.len = len;
            assert_false(parse(&cut, &hep));
        }
    }
}

static void claims_little_else(void **unused)
{
    (void)unused;
    assert_false(hep_claim(SLICE_NONE));
    assert_false(hep_claim(slice_str("HEP3")));
    assert_false(hep_claim(slice_of("HEP3\x00\xff", 6)));
    assert_false(hep_claim(slice_of("\x02\x10\x02\x01\x13\xc4\x13\xc5\xc0\x00\x02\x01\xc0\x00\x02\x02xxxxxxxxxxxxx", 29)));
    assert_false(hep_claim(slice_of("\x01\x11\x02\x11\x13\xc4\x13\xc5\xc0\x00\x02\x01\xc0\x00\x02\x02x", 17)));
    assert_false(hep_claim(slice_str("OPTIONS sip:x SIP/2.0\r\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_version_3),       cmocka_unit_test(reads_version_3_over_ipv6),
        cmocka_unit_test(every_cut_is_refused),  cmocka_unit_test(bad_chunks_are_refused),
        cmocka_unit_test(reads_versions_1_and_2), cmocka_unit_test(claims_little_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Capture filters: frames of each link type by themselves, and what fragments, tags and tunnels hid by its datagram. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../net/frames.h"
#include "capture/filter.h"

static struct built frame_bytes;

/* A SIP datagram from 192.0.2.1:5060 to 198.51.100.2:5062, bare. */
static void datagram_make(void)
{
    built_set(&frame_bytes, "hello", 5);
    built_udp(&frame_bytes, 5060, 5062);
    built_ipv4(&frame_bytes, 17, 1, 0);
}

static bool frame_matches(struct filter *filter, uint16_t link)
{
    struct frame frame = built_frame(&frame_bytes, link, 0, 1);
    return filter_frame(filter, &frame);
}

static bool datagram_matches(struct filter *filter, size_t from, size_t to)
{
    return filter_datagram(filter, slice_cut(slice_of(frame_bytes.bytes, frame_bytes.len), from, to), (uint32_t)(frame_bytes.len - from));
}

static struct filter *filter_of(const char *expression)
{
    struct error error;
    struct filter *filter = filter_new(expression, &error);
    assert_non_null(filter);
    return filter;
}

static void each_link_type(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        bool expected;
    } rows[] = {{"udp port 5060", true},  {"udp src port 5060 and host 198.51.100.2", true},
                {"tcp", false},           {"host 10.0.0.1", false},
                {"udp portrange 5061-5063", true}, {"", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct filter *filter = filter_of(rows[i].expression);
        datagram_make();
        assert_int_equal(frame_matches(filter, LINK_RAW), rows[i].expected);
        assert_int_equal(frame_matches(filter, LINK_IPV4), rows[i].expected);
        assert_int_equal(frame_matches(filter, LINK_RAW_BSD), rows[i].expected);
        assert_int_equal(datagram_matches(filter, 0, SIZE_MAX), rows[i].expected);
        built_ethernet(&frame_bytes, 0x0800);
        assert_int_equal(frame_matches(filter, LINK_ETHERNET), rows[i].expected);
        datagram_make();
        built_front(&frame_bytes, "\0\0\0\1\0\6\0\0\0\0\0\0\0\0\x08\0", 16);
        assert_int_equal(frame_matches(filter, LINK_SLL), rows[i].expected);
        filter_free(filter);
    }
}

/* A VLAN tag hides the datagram from a program that expects IP behind the Ethernet header; its datagram shows it. */
static void behind_a_tag(void **state)
{
    (void)state;
    struct filter *filter = filter_of("udp port 5060");
    datagram_make();
    built_front(&frame_bytes, "\0\x64\x08\0", 4);
    built_ethernet(&frame_bytes, 0x8100);
    assert_false(frame_matches(filter, LINK_ETHERNET));
    assert_true(datagram_matches(filter, 18, SIZE_MAX));
    filter_free(filter);
    filter = filter_of("vlan 100"); /* means nothing for bare IP, and is right for Ethernet */
    assert_true(frame_matches(filter, LINK_ETHERNET));
    assert_false(datagram_matches(filter, 18, SIZE_MAX));
    filter_free(filter);
}

static void inside_a_tunnel(void **state)
{
    (void)state;
    struct filter *filter = filter_of("udp port 5060");
    datagram_make();
    built_ethernet(&frame_bytes, 0x0800);
    built_front(&frame_bytes, "\x08\0\0\0\0\0\x2a\0", 8); /* VXLAN (RFC 7348) */
    built_udp(&frame_bytes, 40000, 4789);
    built_ipv4(&frame_bytes, 17, 1, 0);
    size_t inner = 20 + 8 + 8 + 14;
    built_ethernet(&frame_bytes, 0x0800);
    assert_false(frame_matches(filter, LINK_ETHERNET));
    assert_true(datagram_matches(filter, 14 + inner, SIZE_MAX));
    assert_false(datagram_matches(filter, 14, SIZE_MAX));
    filter_free(filter);
}

/* The first fragment shows its ports, the later ones do not: only the whole datagram can be judged. */
static void fragments(void **state)
{
    (void)state;
    struct filter *filter = filter_of("udp port 5060");
    built_set(&frame_bytes, "hello world 1234567890 1234567890", 32);
    built_udp(&frame_bytes, 5060, 5062);
    size_t cut = frame_bytes.len - 16;
    struct built whole = frame_bytes;
    frame_bytes.len = cut;
    built_ipv4(&frame_bytes, 17, 9, 0x2000);
    assert_true(datagram_matches(filter, 0, SIZE_MAX));
    built_set(&frame_bytes, whole.bytes + cut, 16);
    built_ipv4(&frame_bytes, 17, 9, (uint16_t)(cut / 8));
    assert_false(datagram_matches(filter, 0, SIZE_MAX));
    frame_bytes = whole;
    built_ipv4(&frame_bytes, 17, 9, 0);
    assert_true(datagram_matches(filter, 0, SIZE_MAX));
    filter_free(filter);
}

static void cut_datagrams(void **state)
{
    (void)state;
    struct filter *filter = filter_of("udp port 5060");
    datagram_make();
    for (size_t n = 0; n <= frame_bytes.len; n++)
        assert_int_equal(datagram_matches(filter, 0, n), n >= 22); /* the source port is there */
    filter_free(filter);
    filter = filter_of("greater 30"); /* the length on the wire counts, not the captured one */
    assert_true(datagram_matches(filter, 0, 20));
    filter_free(filter);
}

static void wrong_expressions(void **state)
{
    (void)state;
    static const char *const wrong[] = {"udp prot 5060", "host", "(udp", "port 70000", "udp port 5060 and"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {""};
        assert_null(filter_new(wrong[i], &error));
        assert_string_not_equal(error.text, "");
    }
    filter_free(NULL);
}

/* More link types than it keeps programs for: the last ones match nothing, and nothing breaks. */
static void many_link_types(void **state)
{
    (void)state;
    struct filter *filter = filter_of("udp port 5060");
    datagram_make();
    for (unsigned link = 0; link < 300; link++)
        (void)frame_matches(filter, (uint16_t)link);
    assert_true(frame_matches(filter, LINK_RAW));
    filter_free(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_link_type),    cmocka_unit_test(behind_a_tag),    cmocka_unit_test(inside_a_tunnel),
        cmocka_unit_test(fragments),         cmocka_unit_test(cut_datagrams),   cmocka_unit_test(wrong_expressions),
        cmocka_unit_test(many_link_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Address ranges: how they are written, and what lies in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/network.h"

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int bits; /* -1: refused */
    } rows[] = {{"192.0.2.0/24", 24}, {"192.0.2.7", 32},   {"0.0.0.0/0", 0},      {"2001:db8::/32", 32}, {"2001:db8::1", 128},
                {"::/0", 0},          {"192.0.2.0/33", -1}, {"2001:db8::/129", -1}, {"192.0.2.0/", -1},    {"192.0.2/24", -1},
                {"/24", -1},          {"192.0.2.0/-1", -1}, {"192.0.2.0/2 4", -1},  {"here", -1},          {"", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct network network;
        if (network_parse(slice_str(rows[i].text), &network) != (rows[i].bits >= 0) ||
            (rows[i].bits >= 0 && network.bits != (unsigned)rows[i].bits))
            fail_msg("%s", rows[i].text);
    }
}

static void ranges_in_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool has, overlaps; /* a has b's address; both have one in common */
    } rows[] = {{"192.0.2.0/25", "192.0.2.127", true, true},     {"192.0.2.0/25", "192.0.2.128", false, false},
                {"192.0.2.0/24", "192.0.0.0/16", false, true},   {"192.0.0.0/16", "192.0.2.0/24", true, true},
                {"192.0.2.0/25", "192.0.2.128/25", false, false}, {"0.0.0.0/0", "203.0.113.5", true, true},
                {"0.0.0.0/0", "2001:db8::1", false, false},      {"2001:db8:40::/42", "2001:db8:7f::/48", true, true},
                {"2001:db8:40::/42", "2001:db8:80::/48", false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct network a, b;
        assert_true(network_parse(slice_str(rows[i].a), &a) && network_parse(slice_str(rows[i].b), &b));
        if (network_has(&a, &b.address) != rows[i].has || network_overlaps(&a, &b) != rows[i].overlaps ||
            network_overlaps(&b, &a) != rows[i].overlaps)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(ranges_in_ranges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

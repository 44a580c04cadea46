/* Keys in telephone events and in the bodies of INFO, in every spelling that gateways use; UDPTL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dissectors/dtmf_info.h"
#include "dissectors/telephone_event.h"
#include "dissectors/udptl.h"
#include "exact.h"

static void events(void **state)
{
    (void)state;
    static const uint8_t two[] = {5, 0x8a, 3, 0x20, 11, 0x4a, 0, 1};
    struct slice rest = exact(two, sizeof two);
    struct telephone_event event;
    assert_true(telephone_event_next(&rest, &event));
    assert_true(event.event == 5 && event.end && !event.reserved && event.volume == 10 && event.duration == 800);
    assert_true(telephone_event_next(&rest, &event) && event.event == 11 && !event.end && event.reserved);
    assert_false(telephone_event_next(&rest, &event));
    for (size_t n = 0; n < 4; n++) {
        rest = exact(two, n);
        assert_false(telephone_event_next(&rest, &event));
    }
    static const char keys[] = "0123456789*#ABCD!";
    for (uint8_t i = 0; i < 17; i++)
        assert_int_equal(telephone_event_digit(i), keys[i]);
    assert_int_equal(telephone_event_digit(17), 0);
    assert_string_equal(telephone_event_name(36), "CNG");
    assert_null(telephone_event_name(31));
    assert_null(telephone_event_name(255));
}

static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
        char digit;
        uint32_t ms;
    } rows[] = {{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5', 160},
                {"application/dtmf-relay", "Signal= 10\r\nDuration= 250", '*', 250},
                {"Application/DTMF-Relay ;x=y", "signal=#\n", '#', 0},
                {"application/dtmf-relay", "Signal=d\r\n", 'D', 0},
                {"application/dtmf-relay", "Signal=16\r\nDuration=x", '!', 0},
                {"application/dtmf-relay", "Duration=100\r\nSignal=0\r\n", '0', 100},
                {"application/dtmf", "7", '7', 0},
                {"application/dtmf", " 11 \r\n", '#', 0},
                {"audio/telephone-event", "d=3", '3', 0},
                {"application/hook-flash", "", '!', 0},
                {"application/dtmf-relay", "Signal=E", '\0', 0},
                {"application/dtmf-relay", "Signal=", '\0', 0},
                {"application/dtmf-relay", "Signal=99", '\0', 0},
                {"application/dtmf", "", '\0', 0},
                {"text/plain", "5", '\0', 0}};
    struct dtmf_info info;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(dtmf_info_parse(slice_str(rows[i].type), exact(rows[i].body, strlen(rows[i].body)), &info), rows[i].digit != 0);
        assert_int_equal(info.digit, rows[i].digit);
        assert_int_equal(info.duration_ms, rows[i].ms);
    }
}

static void fax_packets(void **state)
{
    (void)state;
    static const uint8_t plain[] = {0, 7, 1, 0x06, 0, 2, 1, 0x02, 1, 0x02}, fec[] = {0, 8, 2, 0xc0, 1, 0x80, 1, 2, 1, 3, 0xaa, 0xbb, 0xcc};
    struct udptl udptl;
    assert_true(udptl_parse(exact(plain, sizeof plain), &udptl));
    assert_true(udptl.sequence == 7 && udptl.redundancy == 2 && !udptl.fec);
    assert_string_equal(udptl_ifp_name(udptl.primary), "V.21 preamble");
    for (size_t n = 0; n < sizeof plain; n++)
        assert_false(udptl_parse(exact(plain, n), &udptl));
    assert_true(udptl_parse(exact(fec, sizeof fec), &udptl) && udptl.fec && udptl.redundancy == 1);
    assert_string_equal(udptl_ifp_name(udptl.primary), "data");
    uint8_t longer[sizeof plain + 1] = {0};
    memcpy(longer, plain, sizeof plain);
    assert_false(udptl_parse(exact(longer, sizeof longer), &udptl)); /* a byte too many */
    longer[2] = 0xc1;
    assert_false(udptl_parse(exact(longer, sizeof longer), &udptl));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(events), cmocka_unit_test(bodies), cmocka_unit_test(fax_packets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

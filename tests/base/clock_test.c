/* Capture times as ISO 8601 text: known instants, the borders of days and years, and both ends of the range. */
#include "base/clock.h"

#include <stdbool.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static void is(int64_t time_ns, const char *expected)
{
    char text[CLOCK_ISO_SIZE];
    memset(text, 'x', sizeof text);
    size_t length = clock_format_iso(time_ns, text);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void known_instants(void **unused)
{
    (void)unused;
    is(0, "1970-01-01T00:00:00.000000Z");
    is(1000000000 * NS_PER_SECOND, "2001-09-09T01:46:40.000000Z");
    is(1234567890 * NS_PER_SECOND + 123456789, "2009-02-13T23:31:30.123456Z");
    is(INT64_C(2147483647) * NS_PER_SECOND, "2038-01-19T03:14:07.000000Z");
    is(1769860800 * NS_PER_SECOND, "2026-01-31T12:00:00.000000Z");
    is(90061 * NS_PER_SECOND + 1020300, "1970-01-02T01:01:01.001020Z");
}

static void times_before_1970_round_down(void **unused)
{
    (void)unused;
    is(-1, "1969-12-31T23:59:59.999999Z");
    is(-1000, "1969-12-31T23:59:59.999999Z");
    is(-1001, "1969-12-31T23:59:59.999998Z");
    is(-NS_PER_SECOND, "1969-12-31T23:59:59.000000Z");
    is(-86400 * NS_PER_SECOND, "1969-12-31T00:00:00.000000Z");
    is(-86400 * NS_PER_SECOND - 1, "1969-12-30T23:59:59.999999Z");
    is(INT64_C(-2208988800) * NS_PER_SECOND, "1900-01-01T00:00:00.000000Z"); /* the NTP era, RFC 5905 6 */
}

static void leap_days(void **unused)
{
    (void)unused;
    is(INT64_C(951782400) * NS_PER_SECOND, "2000-02-29T00:00:00.000000Z"); /* divisible by 400: a leap year */
    is(INT64_C(951868800) * NS_PER_SECOND - 1, "2000-02-29T23:59:59.999999Z");
    is(INT64_C(951868800) * NS_PER_SECOND, "2000-03-01T00:00:00.000000Z");
    is(INT64_C(1709164800) * NS_PER_SECOND, "2024-02-29T00:00:00.000000Z");
    is(INT64_C(-2203977600) * NS_PER_SECOND, "1900-02-28T00:00:00.000000Z");
    is(INT64_C(-2203891200) * NS_PER_SECOND, "1900-03-01T00:00:00.000000Z"); /* divisible by 100 alone: none */
    is(INT64_C(4107542400) * NS_PER_SECOND, "2100-03-01T00:00:00.000000Z");
    is(INT64_C(4107542400) * NS_PER_SECOND - 1, "2100-02-28T23:59:59.999999Z");
    is(INT64_C(1735689600) * NS_PER_SECOND - 1, "2024-12-31T23:59:59.999999Z");
}

static void both_ends_of_the_range(void **unused)
{
    (void)unused;
    is(INT64_MAX, "2262-04-11T23:47:16.854775Z");
    is(INT64_MIN, "1677-09-21T00:12:43.145224Z");
    is(INT64_MIN + 1, "1677-09-21T00:12:43.145224Z");
}

/* Day by day through the whole range against a calendar that only counts. */
static void every_day_of_six_centuries(void **unused)
{
    (void)unused;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1678, month = 1, day = 1;
    for (int64_t days = -106650; year < 2262; days++) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "%04d-%02d-%02dT23:59:59.999999Z", year, month, day);
        is(days * 86400 * NS_PER_SECOND + 86400 * NS_PER_SECOND - 1, expected);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (day++ < lengths[month - 1] + (month == 2 && leap))
            continue;
        day = 1;
        if (month++ == 12) {
            month = 1;
            year++;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants),         cmocka_unit_test(times_before_1970_round_down),
        cmocka_unit_test(leap_days),              cmocka_unit_test(both_ends_of_the_range),
        cmocka_unit_test(every_day_of_six_centuries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

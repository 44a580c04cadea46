/* ISO 8601 text of capture times, from integers alone (no locale, no time zone, no libc state). */
#include "base/clock.h"

#include "base/digits.h"

/* Days since 1970-01-01 to a civil date: the year is taken to begin in March, so that the leap day is its last. */
static void civil_from_days(int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    days += 719468; /* 0000-03-01 */
    int64_t era = days / 146097;
    unsigned of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * of_year + 2) / 153;
    *day = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (unsigned)(era * 400) + year_of_era + (*month <= 2);
}

size_t clock_format_iso(int64_t time_ns, char out[CLOCK_ISO_SIZE])
{
    int64_t seconds = time_ns / NS_PER_SECOND;
    int64_t rest = time_ns % NS_PER_SECOND;
    if (rest < 0) {
        rest += NS_PER_SECOND;
        seconds--;
    }
    int64_t days = seconds / 86400;
    int64_t second_of_day = seconds % 86400;
    if (second_of_day < 0) {
        second_of_day += 86400;
        days--;
    }
    unsigned year, month, day;
    civil_from_days(days, &year, &month, &day); /* 64-bit ns reach the years 1677 to 2262 */
    unsigned s = (unsigned)second_of_day, us = (unsigned)(rest / NS_PER_US);
    char *at = digits_pair(digits_pair(out, year / 100), year % 100);
    *at++ = '-';
    at = digits_pair(at, month);
    *at++ = '-';
    at = digits_pair(at, day);
    *at++ = 'T';
    at = digits_pair(at, s / 3600);
    *at++ = ':';
    at = digits_pair(at, s / 60 % 60);
    *at++ = ':';
    at = digits_pair(at, s % 60);
    *at++ = '.';
    at = digits_pair(digits_pair(digits_pair(at, us / 10000), us / 100 % 100), us % 100);
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}

/* Decimal digits of unsigned numbers, written two at a time where printf would cost too much. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

enum { DIGITS_MAX = 20 }; /* of UINT64_MAX */

/* Both digits of a value below 100; returns where they end. */
static inline char *digits_pair(char *at, unsigned value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    memcpy(at, pairs + (size_t)value * 2, 2);
    return at + 2;
}

/* A value below 1000 without leading zeros. */
static inline char *digits_small(char *at, unsigned value)
{
    if (value < 10) {
        *at = (char)('0' + value);
        return at + 1;
    }
    if (value >= 100) {
        *at++ = (char)('0' + value / 100);
        value %= 100;
    }
    return digits_pair(at, value);
}

/* At most DIGITS_MAX bytes, without leading zeros and without a NUL; returns where they end. */
static inline char *digits_uint(char *at, uint64_t value)
{
    if (value < 1000)
        return digits_small(at, (unsigned)value);
    at = digits_uint(at, value / 1000);
    unsigned rest = (unsigned)(value % 1000);
    *at = (char)('0' + rest / 100);
    return digits_pair(at + 1, rest % 100);
}

#endif

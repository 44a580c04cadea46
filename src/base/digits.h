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

/* A value below 256 without leading zeros. Writes four bytes: nothing here depends on how many digits it has. */
static inline char *digits_octet(char *at, uint8_t value)
{
#define DIGIT(v, of) (char)('0' + (v) / (of) % 10)
#define OCTET(v) {(v) < 10 ? DIGIT(v, 1) : (v) < 100 ? DIGIT(v, 10) : DIGIT(v, 100), (v) < 100 ? DIGIT(v, 1) : DIGIT(v, 10), DIGIT(v, 1), 1 + ((v) > 9) + ((v) > 99)}
#define FOUR_OCTETS(v) OCTET(v), OCTET((v) + 1), OCTET((v) + 2), OCTET((v) + 3)
#define SIXTEEN_OCTETS(v) FOUR_OCTETS(v), FOUR_OCTETS((v) + 4), FOUR_OCTETS((v) + 8), FOUR_OCTETS((v) + 12)
#define SIXTY_FOUR_OCTETS(v) SIXTEEN_OCTETS(v), SIXTEEN_OCTETS((v) + 16), SIXTEEN_OCTETS((v) + 32), SIXTEEN_OCTETS((v) + 48)
    static const char octets[256][4] = {SIXTY_FOUR_OCTETS(0), SIXTY_FOUR_OCTETS(64), SIXTY_FOUR_OCTETS(128), SIXTY_FOUR_OCTETS(192)};
    memcpy(at, octets[value], 4);
    return at + octets[value][3]; /* how many */
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

/* Several bytes at once: which of them a text must not pass on as they are (the usual tricks of "has a zero byte"). */
#ifndef BASE_RUN_H
#define BASE_RUN_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Not 0 where a byte is no printable ASCII, or for JSON a quote or a backslash. Above the first such byte there may be false ones. */
static inline uint64_t eight_stops(uint64_t word, int json)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
    uint64_t bad = (word - ones * 0x20) | ((word ^ ones * 0x7f) - ones) | word;
    if (json)
        bad |= ((word ^ ones * '"') - ones) | ((word ^ ones * '\\') - ones);
    return bad & high;
}

/* Copies RUN_BYTES; how many of them go out as they are before the first one that JSON escapes or that is no printable ASCII. */
#ifdef __SSE2__
enum { RUN_BYTES = 16 };

static inline unsigned run_copy(char *to, const uint8_t *from)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
    _mm_storeu_si128((__m128i *)(void *)to, bytes);
    __m128i stops = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f))); /* 0x80 up: below 0 */
    stops = _mm_or_si128(stops, _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(stops) | 1u << RUN_BYTES);
}
#else
enum { RUN_BYTES = 8 };

static inline unsigned run_copy(char *to, const uint8_t *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    memcpy(to, &word, sizeof word);
    uint64_t stops = eight_stops(le64toh(word), 1);
    return stops == 0 ? RUN_BYTES : (unsigned)__builtin_ctzll(stops) / 8;
}
#endif

#endif

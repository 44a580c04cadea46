/* A borrowed run of bytes with its length: how all wire data and text travels through sipvet. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Refs: never owns `data`; data may be NULL only when len is 0. */
struct slice {
    const uint8_t *data;
    size_t len;
};

#define SLICE_NONE ((struct slice){NULL, 0})

static inline struct slice slice_of(const void *data, size_t len)
{
    return (struct slice){(const uint8_t *)data, len};
}

/* The bytes of a C string without its terminator. */
static inline struct slice slice_str(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

/* The bytes [from, to) of s; clipped to s, so it is never outside of it. */
static inline struct slice slice_cut(struct slice s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct slice){s.data == NULL ? NULL : s.data + from, to - from};
}

static inline struct slice slice_after(struct slice s, size_t from)
{
    return slice_cut(s, from, s.len);
}

/* Index of the first byte c at or after `from`; s.len where there is none. */
static inline size_t slice_find(struct slice s, size_t from, uint8_t c)
{
    if (from >= s.len)
        return s.len;
    const void *hit = memchr(s.data + from, c, s.len - from);
    return hit == NULL ? s.len : (size_t)((const uint8_t *)hit - s.data);
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline uint8_t ascii_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20u) : c;
}

/* ASCII letters compare without case; all other bytes as they are. The usual spelling costs a comparison of words where b is a literal. */
static inline bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    if (b.len == 0 || memcmp(a.data, b.data, b.len) == 0)
        return true;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

static inline bool slice_is(struct slice s, const char *text)
{
    return slice_equal(s, slice_str(text));
}

static inline bool slice_is_nocase(struct slice s, const char *text)
{
    return slice_equal_nocase(s, slice_str(text));
}

static inline bool slice_starts(struct slice s, const char *text)
{
    size_t n = strlen(text);
    return s.len >= n && memcmp(s.data, text, n) == 0;
}

static inline bool slice_starts_nocase(struct slice s, const char *text)
{
    size_t n = strlen(text);
    return s.len >= n && slice_equal_nocase(slice_cut(s, 0, n), slice_str(text));
}

/* SIP's linear white space: space, tab, CR, LF (a folded line is white space too). */
static inline bool ascii_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool ascii_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* s without white space at either end. */
static inline struct slice slice_trim(struct slice s)
{
    while (s.len > 0 && ascii_space(s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && ascii_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

/* Decimal digits only, the whole slice; false (and *value untouched) for anything else or more than 64 bits. */
static inline bool slice_uint(struct slice s, uint64_t *value)
{
    uint64_t sum = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t digit = (uint8_t)(s.data[i] - '0');
        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

#endif

/* A bounds-checked cursor over wire bytes: a read past the end sets a sticky fault and returns zero. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/slice.h"

/* Refs: borrows the bytes. Check `fault` once, after a group of reads. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool fault;
};

static inline struct reader reader_over(struct slice s)
{
    return (struct reader){s.data, s.data == NULL ? NULL : s.data + s.len, false};
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next n bytes, then moves past them; NULL and a fault where there are fewer. */
static inline const uint8_t *reader_take(struct reader *r, size_t n)
{
    if (r->fault || reader_left(r) < n) {
        r->fault = true;
        r->at = r->end;
        return NULL;
    }
    const uint8_t *bytes = r->at;
    if (n > 0)
        r->at += n;
    return bytes;
}

static inline void reader_skip(struct reader *r, size_t n)
{
    (void)reader_take(r, n);
}

static inline struct slice reader_slice(struct reader *r, size_t n)
{
    const uint8_t *bytes = reader_take(r, n);
    return bytes == NULL ? SLICE_NONE : slice_of(bytes, n);
}

/* All that is left; leaves the reader at its end. */
static inline struct slice reader_rest(struct reader *r)
{
    return r->fault ? SLICE_NONE : reader_slice(r, reader_left(r));
}

static inline uint8_t reader_u8(struct reader *r)
{
    const uint8_t *b = reader_take(r, 1);
    return b == NULL ? 0 : b[0];
}

static inline uint16_t reader_be16(struct reader *r)
{
    const uint8_t *b = reader_take(r, 2);
    if (b == NULL)
        return 0;
    return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t reader_be24(struct reader *r)
{
    const uint8_t *b = reader_take(r, 3);
    return b == NULL ? 0 : (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
}

static inline uint32_t reader_be32(struct reader *r)
{
    const uint8_t *b = reader_take(r, 4);
    return b == NULL ? 0 : (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline uint64_t reader_be64(struct reader *r)
{
    uint64_t high = reader_be32(r);
    return high << 32 | reader_be32(r);
}

static inline uint16_t reader_le16(struct reader *r)
{
    return __builtin_bswap16(reader_be16(r));
}

static inline uint32_t reader_le32(struct reader *r)
{
    return __builtin_bswap32(reader_be32(r));
}

#endif

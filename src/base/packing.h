/* Words in as few bytes as each one needs: for what is put away and rarely looked at again. */
#ifndef BASE_PACKING_H
#define BASE_PACKING_H

#include <stddef.h>
#include <stdint.h>

enum { PACKING_SLACK = 8 }; /* bytes behind what is written or read that are touched, too */

/* The most bytes that count words take. */
#define PACKING_ROOM(count) (((count) + 1) / 2 + (count) * sizeof(uint64_t))

/* Writes the words to `out`; returns where the next byte goes. There has to be room for PACKING_ROOM and PACKING_SLACK. */
uint8_t *packing_put(uint8_t *out, const uint64_t *words, size_t count);

/* Reads as many words as were written at `in`; returns what stands behind them. PACKING_SLACK bytes more have to be readable. */
const uint8_t *packing_get(const uint8_t *in, uint64_t *words, size_t count);

/* A signed difference as a word that is small where the difference is, whatever its sign. */
static inline uint64_t packing_fold(int64_t value)
{
    return (uint64_t)value << 1 ^ (0 - ((uint64_t)value >> 63));
}

static inline int64_t packing_unfold(uint64_t word)
{
    return (int64_t)(word >> 1 ^ (0 - (word & 1)));
}

#endif

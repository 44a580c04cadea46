/* Seeded 64-bit hashing of binary keys: fast, and not predictable from outside, so that hostile traffic cannot aim at one slot. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"

/* Folds the 128-bit product of two words: every input bit reaches every output bit. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_load64(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t hash_load32(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* The same seed and bytes give the same hash within a process run on one machine; never store it. Each factor of each product holds
   the seed in another rotation and nothing else that cancels it, so that no input makes a factor zero for all seeds. */
static inline uint64_t hash_bytes(uint64_t seed, struct slice s)
{
    const uint8_t *p = s.data;
    size_t n = s.len;
    const uint64_t left = seed ^ UINT64_C(0xa0761d6478bd642f);
    const uint64_t right = (seed << 29 | seed >> 35) ^ UINT64_C(0xe7037ed1a0b428db);
    uint64_t h = s.len, a = 0, b = 0;
    for (; n > 16; n -= 16, p += 16)
        h = hash_mix(hash_load64(p) ^ left, hash_load64(p + 8) ^ h ^ right);
    if (n >= 8) {
        a = hash_load64(p);
        b = hash_load64(p + n - 8);
    } else if (n >= 4) {
        a = hash_load32(p);
        b = hash_load32(p + n - 4);
    } else if (n > 0) {
        a = (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1];
    }
    return hash_mix(hash_mix(a ^ left, b ^ h ^ right) ^ left, UINT64_C(0x8ebc6af09c88c6e3) ^ s.len);
}

static inline uint64_t hash_word(uint64_t seed, uint64_t word)
{
    return hash_mix(word ^ seed ^ UINT64_C(0xa0761d6478bd642f), ~seed ^ UINT64_C(0xe7037ed1a0b428db));
}

#endif

/* First the lengths of all words, half a byte each, then their bytes, the lowest first:

       | l1 l0 | l3 l2 | ... | word 0 | word 1 | ...

   Each word is stored and loaded whole, and only the step to the next one depends on its length: no branch. */
#include "base/packing.h"

#include <string.h>

static inline uint64_t little(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

static inline unsigned length_of(uint64_t word)
{
    return word == 0 ? 0 : (unsigned)(71 - __builtin_clzll(word)) / 8;
}

static inline void word_store(uint8_t *at, uint64_t word)
{
    uint64_t bytes = little(word);
    memcpy(at, &bytes, sizeof bytes);
}

uint8_t *packing_put(uint8_t *out, const uint64_t *words, size_t count)
{
    uint8_t *at = out + (count + 1) / 2;
    for (size_t i = 0; i < count; i += 2) {
        uint64_t first = words[i], second = i + 1 < count ? words[i + 1] : 0;
        unsigned one = length_of(first), two = length_of(second);
        *out++ = (uint8_t)(one | two << 4);
        word_store(at, first);
        word_store(at + one, second);
        at += one + two;
    }
    return at;
}

static inline uint64_t word_load(const uint8_t *at, unsigned length)
{
    static const uint64_t masks[16] = {
        0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, UINT64_MAX};
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return little(bytes) & masks[length];
}

const uint8_t *packing_get(const uint8_t *in, uint64_t *words, size_t count)
{
    const uint8_t *at = in + (count + 1) / 2;
    for (size_t i = 0; i < count; i += 2) {
        unsigned one = *in & 15u, two = *in++ >> 4;
        words[i] = word_load(at, one);
        if (i + 1 < count)
            words[i + 1] = word_load(at + one, two);
        at += one + two;
    }
    return at;
}

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

uint8_t *packing_put(uint8_t *out, const uint64_t *words, size_t count)
{
    uint8_t *at = out + (count + 1) / 2;
    memset(out, 0, (count + 1) / 2);
    for (size_t i = 0; i < count; i++) {
        uint64_t word = words[i], bytes = little(word);
        unsigned length = word == 0 ? 0 : (unsigned)(71 - __builtin_clzll(word)) / 8;
        memcpy(at, &bytes, sizeof bytes);
        out[i / 2] = (uint8_t)(out[i / 2] | length << (i % 2 * 4));
        at += length;
    }
    return at;
}

const uint8_t *packing_get(const uint8_t *in, uint64_t *words, size_t count)
{
    static const uint64_t masks[16] = {
        0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, UINT64_MAX};
    const uint8_t *at = in + (count + 1) / 2;
    for (size_t i = 0; i < count; i++) {
        unsigned length = (unsigned)in[i / 2] >> (i % 2 * 4) & 15;
        uint64_t bytes;
        memcpy(&bytes, at, sizeof bytes);
        words[i] = little(bytes) & masks[length];
        at += length;
    }
    return at;
}

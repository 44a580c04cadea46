/* The quick way through SIP messages as nearly all are written, on processors with SSE2: whatever is the least bit odd
   is left to the tolerant walk of sip.c and sip_start.c, which gives the same answers. Part of sip.c. */
#ifndef DISSECTORS_SIP_PLAIN_H
#define DISSECTORS_SIP_PLAIN_H

#include "dissectors/sip_index.h"

#if defined __SSE2__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SIP_PLAIN 1
#include <immintrin.h>

/* Forced, because what these share must stay in registers: this is the program's innermost loop. */
#define PLAIN_INLINE static inline __attribute__((always_inline))

enum {
    PLAIN_LEN_MIN = 66,      /* a block and the two bytes after its line ends */
    PLAIN_HEADERS_MAX = 64   /* another block, of at most 64 lines, still leaves room for one header of each id */
};

/* A bit for each LF among 64 bytes; the least byte seen in each column is kept, to tell of a NUL. The walk over the lines is the same
   for both kinds of vectors: it is given one of the functions below, and made twice. */
typedef uint64_t plain_block(const uint8_t *p, uint8_t least[32]);

PLAIN_INLINE uint64_t plain_block_16(const uint8_t *p, uint8_t least[32])
{
    const __m128i lf = _mm_set1_epi8('\n');
    /* One after the other, not as a tree, so that no vector must be kept or read twice. */
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + 32));
    __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(p + 48));
    __m128i *seen = (__m128i *)(void *)least;
    _mm_store_si128(seen, _mm_min_epu8(_mm_min_epu8(_mm_min_epu8(_mm_min_epu8(_mm_load_si128(seen), a), b), c), d));
    unsigned low = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, lf)) |
                   (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(b, lf)) << 16;
    unsigned high = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(c, lf)) |
                    (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(d, lf)) << 16;
    return low | (uint64_t)high << 32;
}

#define PLAIN_WIDE __attribute__((target("avx2,bmi")))

static inline bool plain_wide(struct slice payload)
{
#ifdef SIPVET_TIDY /* under the sanitizers both are walked */
    if (payload.len % 2 == 0)
        return false;
#endif
    (void)payload;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

PLAIN_INLINE PLAIN_WIDE uint64_t plain_block_32(const uint8_t *p, uint8_t least[32])
{
    const __m256i lf = _mm256_set1_epi8('\n');
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    __m256i *seen = (__m256i *)(void *)least;
    _mm256_store_si256(seen, _mm256_min_epu8(_mm256_min_epu8(_mm256_load_si256(seen), a), b));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, lf)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, lf)) << 32;
}

PLAIN_INLINE bool plain_has_nul(const uint8_t least[32])
{
    __m128i low = _mm_load_si128((const __m128i *)(const void *)least), high = _mm_load_si128((const __m128i *)(const void *)(least + 16));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(low, high), _mm_setzero_si128())) != 0;
}

/* Which of the first 16 bytes at p differ from the name's; the bits from 16 on are set. */
PLAIN_INLINE unsigned plain_differ(const uint8_t *p, const struct sip_name *name)
{
    __m128i there = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i text = _mm_load_si128((const __m128i *)(const void *)name->text);
    return ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(there, text));
}

/* The registered method that the text at p, of at least 16 readable bytes, begins with: with a blank after it, or
   (blank = 0) whatever follows. */
PLAIN_INLINE enum sip_method plain_method(const uint8_t *p, unsigned blank)
{
    unsigned method = sip_method_slots[sip_method_slot(p)];
    const struct sip_name *name = &sip_method_rows[method];
    return (plain_differ(p, name) & (name->mask >> (1 - blank))) == 0 ? (enum sip_method)method : SIP_METHOD_UNKNOWN;
}

/* METHOD uri SIP/2.0 CRLF, its LF at `end`, with a registered method and single blanks. */
PLAIN_INLINE bool plain_request(struct sip_message *message, const uint8_t *data, size_t end)
{
    enum sip_method method = plain_method(data, 1);
    size_t uri = (size_t)sip_method_rows[method].len + 1;
    if (method == SIP_METHOD_UNKNOWN || end < uri + 10 || memcmp(data + end - 9, " SIP/2.0", 8) != 0 ||
        data[uri] <= ' ' || data[end - 10] <= ' ')
        return false;
    message->method = method;
    message->method_text = slice_of(data, uri - 1);
    message->uri = slice_of(data + uri, end - 9 - uri);
    message->version = slice_of(data + end - 8, 7);
    message->status_text = SLICE_NONE;
    message->reason = SLICE_NONE;
    message->status = 0;
    message->request = true;
    return true;
}

/* SIP/2.0 200 OK CRLF, its LF at `end`, with three digits, single blanks and a reason. */
PLAIN_INLINE bool plain_response(struct sip_message *message, const uint8_t *data, size_t end)
{
    unsigned hundreds = data[8] - (unsigned)'0', tens = data[9] - (unsigned)'0', ones = data[10] - (unsigned)'0';
    if (end < 14 || hundreds > 9 || tens > 9 || ones > 9 || data[11] != ' ' || data[12] <= ' ' || data[end - 2] <= ' ')
        return false;
    message->method_text = SLICE_NONE;
    message->uri = SLICE_NONE;
    message->version = slice_of(data, 7);
    message->status_text = slice_of(data + 8, 3);
    message->reason = slice_of(data + 12, end - 13);
    message->status = hundreds * 100 + tens * 10 + ones;
    message->request = false;
    return true;
}

/* The start line, its LF at `end`. */
PLAIN_INLINE bool plain_start(struct sip_message *message, struct slice payload, size_t end)
{
    const uint8_t *data = payload.data;
    bool response = memcmp(data, "SIP/2.0 ", 8) == 0;
    if (end < 12 || data[end - 1] != '\r' ||
        !(response ? plain_response(message, data, end) : plain_request(message, data, end)))
        return false;
    message->bytes = payload;
    message->start_line = slice_of(data, end - 1);
    message->flags = 0;
    message->header_lines = 0;
    memset(message->first, 0, sizeof message->first);
    return true;
}

/* A name that is neither the first nor the second that the quick table gives; NULL: for the tolerant walk. */
static __attribute__((noinline, unused)) const struct sip_name *plain_name_again(const uint8_t *line,
                                                                                 const uint8_t *last)
{
    if (line[1] == ':')
        return line[2] == ' ' ? sip_compact_name(line[0]) : NULL;
    const struct sip_name *name = &sip_names[sip_quick_slots[sip_quick_slot(line)]];
    for (;; name = &sip_names[name->next]) {
        unsigned differ = plain_differ(line, name) & name->mask;
        /* Names too long for one comparison: 16 + 8 bytes. */
        if (differ == 0 || (differ == SIP_NAME_LONG && last - line >= 8 &&
                            memcmp(line + 16, name->text + 16, name->header.value - 16u) == 0))
            return name;
        if (name->next == 0)
            return NULL;
    }
}

/* The header line "Name: value" CRLF at `at`, that the line at `next` does not continue; nothing is kept of it where it
   is any other. From `last` on 16 bytes may be read. */
PLAIN_INLINE bool plain_header(struct sip_message *message, const uint8_t *data, size_t at, size_t next, size_t last,
                               struct sip_header *header, unsigned number)
{
    if (at > last || data[next - 2] != '\r' || data[next - 3] <= ' ')
        return false;
    const struct sip_name *name = &sip_names[sip_quick_slots[sip_quick_slot(data + at)]];
    if ((plain_differ(data + at, name) & name->mask) != 0) {
        name = &sip_names[name->next]; /* one more try here, as Contact needs it */
        if ((plain_differ(data + at, name) & name->mask) != 0) {
            name = plain_name_again(data + at, data + last);
            if (name == NULL)
                return false;
        }
    }
    size_t value = at + name->header.value;
    size_t id = name->header.id;
    if (data[value] <= ' ')
        return false;
    if (message->first[id] == 0)
        message->first[id] = (uint8_t)number;
    else if (id == SIP_HEADER_CONTENT_LENGTH)
        return false; /* to be compared with the first */
    *header = name->header;
    header->name = (uint32_t)at;
    header->value = (uint32_t)value;
    header->value_len = (uint32_t)(next - 2 - value);
    return true;
}

#endif
#endif

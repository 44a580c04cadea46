/* A CRLF is as long as the \n that stands for it, so that a block of bytes stays in step with its copy: only quotes make it longer. */
#include "output/sip_copy.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* The first three bytes of the line tell: a=crypto, a=key-mgmt, Authorization, Proxy-Authorization, k=, or that it is folded. Some that
   are none of these stop too: alternatives that differ in a few bits are compared at once, with those bits set. MARK gives the form that
   they are compared in. */
#define LINE_STOPS(first, second, third, MARK)                                                                                         \
    ((((first | MARK(0x31)) == MARK(0x71)) &                                                                                           \
      (((second | MARK(0x27)) == MARK(0x77)) | ((second == MARK('=')) & ((third | MARK(0x28)) == MARK('k'))))) |                        \
     ((first | MARK(0x20)) == MARK('k')) | ((first | MARK(0x29)) == MARK(0x29)))

#define ITSELF(c) c

bool sip_copy_stops(struct slice line)
{
    if (line.len == 0)
        return false;
    uint8_t first = line.data[0], second = line.len > 1 ? line.data[1] : 0, third = line.len > 2 ? line.data[2] : 0;
    return LINE_STOPS(first, second, third, ITSELF);
}

enum { BLOCK_MOST = 32, BEFORE = 1, BEHIND = 3 };

/* The end of the text, with what blocks read behind it: bytes that stop the copy. */
struct copy_end {
    size_t from;             /* of the text; its first byte is here at 0 */
    uint8_t bytes[3 * BLOCK_MOST];
};

/* What turns CR LF into a backslash and an n. */
enum { CR_TO = '\r' ^ '\\', LF_TO = '\n' ^ 'n' };

typedef const uint8_t block_marks[BLOCK_MOST];

/* Copies some bytes, which have BEFORE bytes before them and BEHIND behind them. A bit for each that does not go on as it is or as half of
   "\n", and for an LF behind which the copy stops. */
typedef uint32_t block_copy(char *to, const uint8_t *from, struct sip_copy_rules rules, block_marks *of);

#ifdef __x86_64__
typedef uint8_t block_16 __attribute__((vector_size(16)));
typedef uint8_t block_32 __attribute__((vector_size(32)));

#define FOUR_OF(c) c, c, c, c
#define BLOCK_OF(c) [c] = {FOUR_OF(c), FOUR_OF(c), FOUR_OF(c), FOUR_OF(c), FOUR_OF(c), FOUR_OF(c), FOUR_OF(c), FOUR_OF(c)}

/* Blocks of what bytes are compared with; in memory, because compilers make them anew for each block of text. */
static const uint8_t marks[128][BLOCK_MOST] __attribute__((aligned(BLOCK_MOST))) = {
    BLOCK_OF('"'),  BLOCK_OF('\\'), BLOCK_OF('\r'), BLOCK_OF('\n'), BLOCK_OF(0x20),        BLOCK_OF(0x5e),       BLOCK_OF(0x31), BLOCK_OF(0x71),
    BLOCK_OF(0x27), BLOCK_OF(0x77), BLOCK_OF('='),  BLOCK_OF(0x28), BLOCK_OF('k'),         BLOCK_OF(0x29),       BLOCK_OF(CR_TO), BLOCK_OF(LF_TO),
};

#define MARK_16(c) (*(const block_16 *)(const void *)of[c])
#define MARK_32(c) (*(const block_32 *)(const void *)of[c])

static inline uint32_t bits_16(const block_16 *block)
{
    __m128i bytes;
    memcpy(&bytes, block, sizeof bytes);
    return (unsigned)_mm_movemask_epi8(bytes);
}

#define COPY_WIDE __attribute__((target("avx2,bmi")))

static inline COPY_WIDE uint32_t bits_32(const block_32 *block)
{
    __m256i bytes;
    memcpy(&bytes, block, sizeof bytes);
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

/* The same for both widths. */
#define BLOCK_COPY(block, MARK, bits)                                                                                                  \
    block bytes, before, first, second, third;                                                                                         \
    memcpy(&bytes, from, sizeof bytes);                                                                                                \
    memcpy(&before, from - 1, sizeof before);                                                                                          \
    memcpy(&first, from + 1, sizeof first);                                                                                            \
    memcpy(&second, from + 2, sizeof second);                                                                                          \
    memcpy(&third, from + 3, sizeof third);                                                                                            \
    block odd = (block)(bytes - MARK(0x20) > MARK(0x5e)) | (block)(bytes == MARK('"')) | (block)(bytes == MARK('\\'));                 \
    if (!rules.line_ends_kept) {                                                                                                       \
        block cr = (block)((bytes == MARK('\r')) & (first == MARK('\n')));                                                             \
        block lf = (block)((bytes == MARK('\n')) & (before == MARK('\r')));                                                            \
        odd &= ~(cr | lf);                                                                                                             \
        if (!rules.secrets_kept)                                                                                                       \
            odd |= lf & (block)LINE_STOPS(first, second, third, MARK);                                                                 \
        bytes ^= (cr & MARK(CR_TO)) | (lf & MARK(LF_TO));                                                                              \
    }                                                                                                                                  \
    memcpy(to, &bytes, sizeof bytes);                                                                                                  \
    return bits(&odd)

static inline uint32_t block_copy_16(char *to, const uint8_t *from, struct sip_copy_rules rules, block_marks *of)
{
    BLOCK_COPY(block_16, MARK_16, bits_16);
}

static inline COPY_WIDE uint32_t block_copy_32(char *to, const uint8_t *from, struct sip_copy_rules rules, block_marks *of)
{
    BLOCK_COPY(block_32, MARK_32, bits_32);
}

static inline bool copy_wide(struct slice text)
{
#ifdef SIPVET_TIDY /* under the sanitizers both are used */
    if (text.len % 2 == 0)
        return false;
#endif
    (void)text;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}
#endif

/* The byte at *at, or the CRLF; false where the copy stops before it. */
static bool byte_copy(char **to, struct slice text, size_t *at, struct sip_copy_rules rules)
{
    uint8_t c = text.data[*at];
    bool ends = c == '\r' && *at + 1 < text.len && text.data[*at + 1] == '\n';
    if (c == '\n' && *at > 0 && text.data[*at - 1] == '\r' && !rules.line_ends_kept) {
        *(*to)++ = 'n'; /* its CR became a backslash */
    } else if (c == '\n') {
        *to = (char *)memcpy(*to, "\\n", 2) + 2;
    } else if (ends && rules.line_ends_kept) {
        *to = (char *)memcpy(*to, "\\r\\n", 4) + 4;
        ++*at;
    } else if (ends || c == '"' || c == '\\') {
        *(*to)++ = '\\';
        if (!ends)
            *(*to)++ = (char)c;
    } else if (c >= 0x20 && c < 0x7f) {
        *(*to)++ = (char)c;
    } else {
        return false;
    }
    ++*at;
    return true;
}

/* Early, because what was just written in pieces is read slowly. */
static inline void end_take(struct copy_end *end, struct slice text)
{
    size_t len = text.len < BEFORE + BLOCK_MOST + BEHIND ? text.len : BEFORE + BLOCK_MOST + BEHIND;
    *end = (struct copy_end){.from = text.len - len};
    memcpy(end->bytes, text.data + end->from, len);
}

/* Made once for each width. */
static inline __attribute__((always_inline)) size_t copy_with(struct text *out, struct slice text, struct sip_copy_rules rules,
                                                              block_copy *copy, unsigned block, block_marks *of)
{
    struct copy_end end;
    char *to = out->data + out->len;
    size_t at = 0;
    end_take(&end, text);
    while (at < text.len) {
        if (block > 0 && at >= BEFORE) {
            bool inside = text.len - at >= BLOCK_MOST + BEHIND;
            uint32_t odd = copy(to, inside ? text.data + at : end.bytes + (at - end.from), rules, of);
            unsigned n = odd == 0 ? block : (unsigned)__builtin_ctz(odd);
            at += n;
            to += n;
            if (odd == 0 || at == text.len)
                continue;
        }
        if (!byte_copy(&to, text, &at, rules) ||
            (text.data[at - 1] == '\n' && !rules.secrets_kept && sip_copy_stops(slice_after(text, at))))
            break;
    }
    out->len = (size_t)(to - out->data);
    return at;
}

#ifdef __x86_64__
static COPY_WIDE size_t copy_32(struct text *out, struct slice text, struct sip_copy_rules rules)
{
    block_marks *of = marks;
    __asm__("" : "+r"(of)); /* what they are is not known any more */
    return copy_with(out, text, rules, block_copy_32, sizeof(block_32), of);
}

static size_t copy_16(struct text *out, struct slice text, struct sip_copy_rules rules)
{
    return copy_with(out, text, rules, block_copy_16, sizeof(block_16), marks);
}

size_t sip_copy(struct text *out, struct slice text, struct sip_copy_rules rules)
{
    return copy_wide(text) ? copy_32(out, text, rules) : copy_16(out, text, rules);
}
#else
size_t sip_copy(struct text *out, struct slice text, struct sip_copy_rules rules)
{
    return copy_with(out, text, rules, NULL, 0, NULL);
}
#endif

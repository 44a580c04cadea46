/* Indexes a SIP message's lines in place, in one pass, without allocation and whatever is broken in it. */
#include "dissectors/sip_index.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Finds line ends 64 bytes at a time. The bits of `mask` are the line ends of the block at `block` that were not
   given yet. */
struct line_scan {
    const uint8_t *base;
    size_t block, len;
    uint64_t mask;
    uint8_t line_end;
};

/* A bit for each byte c among the n <= 64 at p. */
static inline uint64_t byte_mask(const uint8_t *p, size_t n, uint8_t c)
{
    uint64_t mask = 0;
#ifdef __SSE2__
    if (n == 64) {
        const __m128i wanted = _mm_set1_epi8((char)c);
        const __m128i *blocks = (const __m128i *)(const void *)p;
#define BLOCK_BITS(i)                                                                                          \
    (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(blocks + (i)), wanted)) << 16 * (i)
        return BLOCK_BITS(0) | BLOCK_BITS(1) | BLOCK_BITS(2) | BLOCK_BITS(3);
#undef BLOCK_BITS
    }
#endif
    for (size_t i = 0; i < n; i++)
        mask |= (uint64_t)(p[i] == c) << i;
    return mask;
}

static inline uint64_t block_mask(const struct line_scan *scan)
{
    size_t left = scan->len - scan->block;
    if (left >= 64)
        return byte_mask(scan->base + scan->block, 64, scan->line_end);
    /* The last block reaches back over bytes that were seen already, so that it is read like the others. */
    if (scan->len >= 64)
        return byte_mask(scan->base + scan->len - 64, 64, scan->line_end) >> (64 - left);
    return byte_mask(scan->base + scan->block, left, scan->line_end);
}

static inline struct line_scan line_scan_from(struct slice bytes, size_t from, uint8_t line_end)
{
    struct line_scan scan = {bytes.data, from, bytes.len, 0, line_end};
    if (from < bytes.len)
        scan.mask = block_mask(&scan);
    return scan;
}

/* Where the next line end is; scan->len where there is none. */
static inline size_t line_scan_next(struct line_scan *scan)
{
    while (scan->mask == 0) {
        if (scan->len - scan->block <= 64) {
            scan->block = scan->len;
            return scan->len;
        }
        scan->block += 64;
        scan->mask = block_mask(scan);
    }
    size_t at = scan->block + (unsigned)__builtin_ctzll(scan->mask);
    scan->mask &= scan->mask - 1;
    return at;
}

/* RFC 3261 20.14: a second Content-Length with another value leaves the body's end unknown. */
static void compare_lengths(struct sip_message *message, struct slice again)
{
    uint64_t first, second;
    if (!slice_uint(sip_header_value(message, SIP_HEADER_CONTENT_LENGTH), &first) || !slice_uint(again, &second) ||
        first != second)
        message->flags |= SIP_INDEX_BAD_LENGTH;
}

/* A header whose id was seen before, or that comes late. Past the first SIP_HEADERS_MAX - SIP_HEADER_COUNT lines
   only the first header of each known name is kept: a flood of lines cannot hide the Call-ID. Returns whether to
   store it. */
static bool admit(struct sip_message *message, unsigned id, unsigned count, struct slice value)
{
    if (id == SIP_HEADER_CONTENT_LENGTH && message->first[id] != 0)
        compare_lengths(message, value);
    if (count < SIP_HEADERS_MAX - SIP_HEADER_COUNT ||
        (count < SIP_HEADERS_MAX && id != SIP_HEADER_OTHER && message->first[id] == 0))
        return true;
    message->flags |= SIP_INDEX_MORE;
    return false;
}

/* One header [from, to) without its line end, with its folded lines inside; returns the new count of headers. */
static __attribute__((noinline)) unsigned index_header(struct sip_message *message, const uint8_t *data, size_t from,
                                                       size_t to, unsigned count)
{
    size_t colon = slice_find(slice_of(data, to), from, ':'), name_end = colon, value = colon + 1;
    unsigned id = SIP_HEADER_OTHER;
    while (to > value && data[to - 1] <= ' ' && ascii_space(data[to - 1]))
        to--;
    if (colon < to) {
        while (name_end > from && data[name_end - 1] <= ' ' && ascii_space(data[name_end - 1]))
            name_end--;
        while (value < to && data[value] <= ' ' && ascii_space(data[value]))
            value++;
        if (name_end > from)
            id = sip_header_find(data + from, name_end - from);
    } else {
        message->flags |= SIP_INDEX_NO_COLON;
        value = to;
    }
    if ((message->first[id] != 0 || count >= SIP_HEADERS_MAX - SIP_HEADER_COUNT) &&
        !admit(message, id, count, slice_of(data + value, to - value)))
        return count;
    size_t name_len = name_end - from;
    struct sip_header *header = &message->headers[count++];
    header->name = (uint32_t)from;
    header->value = (uint32_t)value;
    header->value_len = (uint32_t)(to - value);
    header->name_len = (uint16_t)(name_len > UINT16_MAX ? UINT16_MAX : name_len);
    header->id = (uint8_t)id;
    header->compact = id != SIP_HEADER_OTHER && name_len == 1;
    if (message->first[id] == 0)
        message->first[id] = (uint16_t)count;
    return count;
}

/* A header as nearly all are written: "Name: value" CRLF, a known name of at most 15 letters in its usual
   spelling, met for the first time. Takes it and returns true, or leaves it to index_header. Readable: 18 bytes
   from `line` on, and the one before it; `len` is where the CR stands, >= 0. */
static inline bool index_plain(struct sip_message *message, const uint8_t *line, size_t from, size_t len,
                               unsigned count)
{
#if defined __SSE2__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    __m128i start = _mm_loadu_si128((const __m128i *)(const void *)line);
    unsigned id = sip_quick_slots[sip_quick_slot(line)];
    for (;; id = sip_names[id].next) {
        if (id == 0)
            return false;
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)sip_names[id].text);
        unsigned differ = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(start, text));
        if ((differ & sip_names[id].mask) == 0)
            break;
    }
    size_t colon = sip_names[id].len;
    if (message->first[id] != 0 || line[colon + 1] != ' ' || line[colon + 2] <= ' ' || line[len - 1] <= ' ')
        return false;
    struct sip_header *header = &message->headers[count];
    message->first[id] = (uint16_t)(count + 1);
    header->name = (uint32_t)from;
    header->value = (uint32_t)(from + colon + 2);
    header->value_len = (uint32_t)(len - colon - 2);
    header->name_len = (uint16_t)colon;
    header->id = (uint8_t)id;
    header->compact = 0;
    return true;
#else
    return (void)message, (void)line, (void)from, (void)len, (void)count, false;
#endif
}

/* What the walk over the lines knows; the message's own fields are set at its end. */
struct header_walk {
    struct line_scan scan;
    size_t at;        /* where the next line begins */
    unsigned count;   /* headers taken */
    unsigned dropped; /* and not */
    uint8_t line_end;
    bool bare, ended;
};

/* The line [at, end) of any form, with the lines that continue it. */
static __attribute__((noinline)) void index_line(struct sip_message *message, struct header_walk *walk, size_t end)
{
    const uint8_t *data = message->bytes.data;
    size_t len = message->bytes.len, at = walk->at, text_end;
    /* RFC 3261 7.3.1: a line that begins with white space continues the one before; not so the one after an
       empty line. */
    bool empty = end == at || (end == at + 1 && data[at] == '\r');
    while (!empty && end + 1 < len && (data[end + 1] == ' ' || data[end + 1] == '\t'))
        end = line_scan_next(&walk->scan);
    text_end = end;
    if (end < len && walk->line_end == '\n') {
        bool crlf = end > at && data[end - 1] == '\r';
        walk->bare |= !crlf;
        text_end -= crlf;
    }
    if (!empty) {
        unsigned count = index_header(message, data, at, text_end, walk->count);
        walk->dropped += count == walk->count;
        walk->count = count;
    }
    walk->ended = empty && end < len;
    walk->at = end + (end < len);
}

/* All header lines from `at` on; returns where the body begins. */
static size_t index_headers(struct sip_message *message, size_t at, uint8_t line_end)
{
    const uint8_t *data = message->bytes.data;
    size_t len = message->bytes.len;
    struct header_walk walk = {line_scan_from(message->bytes, at, line_end), at, 0, 0, line_end, false, false};
    /* The loop works on locals, which no store through `message` can change. */
    struct line_scan scan = walk.scan;
    unsigned count = 0;
    while (at < len && !walk.ended) {
        size_t end = line_scan_next(&scan);
        /* A CR before and no blank after the LF: a whole line that no other continues. */
        if (at + 18 <= len && end + 1 < len && (data[end + 1] > ' ' || data[end + 1] == '\r') &&
            data[end - 1] == '\r' && count < SIP_HEADERS_MAX - SIP_HEADER_COUNT && index_plain(message, data + at, at, end - 1 - at, count)) {
            count++;
            at = end + 1;
            continue;
        }
        walk.scan = scan;
        walk.at = at;
        walk.count = count;
        index_line(message, &walk, end);
        scan = walk.scan;
        at = walk.at;
        count = walk.count;
    }
    message->header_count = (uint16_t)count;
    message->header_lines = count + walk.dropped;
    if (walk.bare)
        message->flags |= SIP_INDEX_BARE_LF;
    if (!walk.ended)
        message->flags |= SIP_INDEX_TRUNCATED;
    return at;
}

/* RFC 3261 18.3: in a datagram the body ends with it, or earlier where Content-Length says so. */
static void cut_body(struct sip_message *message, size_t at)
{
    size_t there = message->bytes.len - at;
    uint64_t length = there;
    if (message->first[SIP_HEADER_CONTENT_LENGTH] == 0)
        message->flags |= SIP_INDEX_NO_LENGTH;
    else if (!slice_uint(sip_header_value(message, SIP_HEADER_CONTENT_LENGTH), &length))
        message->flags |= SIP_INDEX_BAD_LENGTH;
    if (message->flags & SIP_INDEX_BAD_LENGTH)
        length = there;
    if (length > there) {
        message->flags |= SIP_INDEX_BODY_SHORT;
        length = there;
    } else if (length < there) {
        message->flags |= SIP_INDEX_BODY_LONG;
    }
    message->body = slice_cut(message->bytes, at, at + (size_t)length);
    message->bytes = slice_cut(message->bytes, 0, at + (size_t)length);
}

/* RFC 3261 20.16: CSeq = number, white space, method. */
static void read_cseq(struct sip_message *message)
{
    if (message->first[SIP_HEADER_CSEQ] == 0) {
        message->cseq = 0;
        message->has_cseq = false;
        message->cseq_method = SLICE_NONE;
        return;
    }
    struct slice value = sip_header_value(message, SIP_HEADER_CSEQ);
    const uint8_t *at = value.data, *end = value.data + value.len;
    uint64_t number = 0;
    for (; at < end && ascii_digit(*at); at++)
        if (number <= UINT32_MAX)
            number = number * 10 + (uint64_t)(*at - '0');
    message->has_cseq = at > value.data && number <= UINT32_MAX;
    message->cseq = message->has_cseq ? (uint32_t)number : 0;
    while (at < end && ascii_space(*at))
        at++;
    const uint8_t *method = at;
    while (at < end && (*at > ' ' || !ascii_space(*at)))
        at++;
    message->cseq_method = slice_of(method, (size_t)(at - method));
}

static unsigned read_status(struct slice text)
{
    uint64_t number;
    return text.len <= 3 && slice_uint(text, &number) ? (unsigned)number : 0;
}

/* All but the headers and what is read from them. */
static void take_start(struct sip_message *message, struct slice payload, const struct sip_start *start)
{
    message->bytes = slice_after(payload, start->at);
    message->start_line = start->line;
    message->method_text = start->method;
    message->uri = start->uri;
    message->version = start->version;
    message->status_text = start->status;
    message->reason = start->reason;
    message->body = SLICE_NONE;
    message->request = start->request;
    message->status = start->request ? 0 : read_status(start->status);
    message->flags = start->bare ? SIP_INDEX_BARE_LF : 0;
    message->header_count = 0;
    message->header_lines = 0;
    /* In two pieces, each small enough to become a few stores instead of a string instruction. */
    memset(message->first, 0, 64);
    memset((uint8_t *)message->first + 64, 0, sizeof message->first - 64);
    if (start->junk)
        message->flags |= SIP_INDEX_JUNK_BEFORE;
}

bool sip_parse(struct slice payload, struct sip_message *message)
{
    struct sip_start start;
    payload = slice_cut(payload, 0, UINT32_MAX - 1); /* offsets are 32 bits wide */
    if (!sip_start_find(payload, &start))
        return false;
    take_start(message, payload, &start);
    size_t body = index_headers(message, start.next - start.at, start.line_end);
    if (memchr(message->bytes.data, 0, body) != NULL)
        message->flags |= SIP_INDEX_NUL;
    cut_body(message, body);
    message->call_id = sip_header_value(message, SIP_HEADER_CALL_ID);
    read_cseq(message);
    message->method = sip_method_of(message->request ? message->method_text : message->cseq_method);
    return true;
}

bool sip_list_next(struct slice *rest, struct slice *value)
{
    bool quoted = false, bracketed = false;
    size_t i = 0, from = 0;
    for (; i < rest->len; i++) {
        uint8_t c = rest->data[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"' && !bracketed)
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '<')
            bracketed = true;
        else if (c == '>')
            bracketed = false;
        else if (c == ',' && !bracketed) {
            *value = slice_trim(slice_cut(*rest, from, i));
            from = i + 1;
            if (value->len > 0) {
                *rest = slice_after(*rest, from);
                return true;
            }
        }
    }
    *value = slice_trim(slice_after(*rest, from));
    *rest = SLICE_NONE;
    return value->len > 0;
}

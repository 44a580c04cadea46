/* Indexes a SIP message's lines in place, in one pass, without allocation and whatever is broken in it. */
#include "dissectors/sip_plain.h"

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
        message->first[id] = (uint8_t)count;
    return count;
}

/* Where the walk over the lines is. */
struct walk {
    uint32_t at;    /* where the next line begins */
    uint16_t count; /* headers taken */
    bool ended;     /* the empty line was seen */
};

/* The line [at, end) of any form, with the lines that continue it. Apart from the loops over plain lines, and all in
   registers, so that it costs those nothing. */
static __attribute__((noinline)) struct walk index_line(struct sip_message *message, size_t at, size_t end,
                                                        unsigned count, uint8_t line_end)
{
    const uint8_t *data = message->bytes.data;
    size_t len = message->bytes.len, text_end;
    /* RFC 3261 7.3.1: a line that begins with white space continues the one before; not so the one after an
       empty line. */
    bool empty = end == at || (end == at + 1 && data[at] == '\r');
    while (!empty && end + 1 < len && (data[end + 1] == ' ' || data[end + 1] == '\t'))
        end = slice_find(message->bytes, end + 1, line_end);
    text_end = end;
    if (end < len && line_end == '\n') {
        bool crlf = end > at && data[end - 1] == '\r';
        if (!crlf)
            message->flags |= SIP_INDEX_BARE_LF;
        text_end -= crlf;
    }
    if (!empty) {
        unsigned before = count;
        count = index_header(message, data, at, text_end, count);
        message->header_lines += count == before;
    }
    return (struct walk){(uint32_t)(end + (end < len)), (uint16_t)count, empty && end < len};
}

/* All header lines from `walk.at` on; returns where the body begins. */
static __attribute__((noinline)) size_t index_lines(struct sip_message *message, struct walk walk, uint8_t line_end)
{
    while (walk.at < message->bytes.len && !walk.ended) {
        size_t end = slice_find(message->bytes, walk.at, line_end);
        walk = index_line(message, walk.at, end, walk.count, line_end);
    }
    message->header_count = walk.count;
    message->header_lines += walk.count;
    if (!walk.ended)
        message->flags |= SIP_INDEX_TRUNCATED;
    if (memchr(message->bytes.data, 0, walk.at) != NULL)
        message->flags |= SIP_INDEX_NUL;
    return walk.at;
}

#ifdef SIP_PLAIN
/* Indexes a message that begins with a plain start line; lines that are not plain are taken by index_line on the way.
   Returns where the body begins; 0: not such a message. */
PLAIN_INLINE size_t index_plain(struct slice payload, struct sip_message *message, plain_block *block_ends)
{
    const uint8_t *data = payload.data;
    if (payload.len < PLAIN_LEN_MIN)
        return 0;
    /* Of a line end before `limit` the two bytes after it may be read. The first block is the one that is cut short,
       so that the others end at `limit` and need no care. */
    const size_t limit = payload.len - 2, last = payload.len - 16, first = (limit - 1) % 64 + 1;
    size_t block = 0, end, body;
    struct sip_header *header = message->headers;
    unsigned number = 1; /* of the next header */
    _Alignas(32) uint8_t least[32];
    memset(least, 0xff, sizeof least);
    uint64_t ends = block_ends(data, least) & UINT64_MAX >> (64 - first);
    for (size_t step = first; ends == 0; step = 64) {
        block += step;
        if (block >= limit)
            return 0;
        ends = block_ends(data + block, least);
    }
    end = block + (unsigned)__builtin_ctzll(ends);
    if (!plain_start(message, payload, end))
        return 0;
    /* The first block is shorter than the others: as if it had begun earlier. */
    if (block == 0) {
        ends <<= 64 - first;
        block -= 64 - first;
    }
    for (size_t at = end + 1, next;; at = next) {
        ends &= ends - 1;
        if (ends == 0) {
            do {
                block += 64;
                if (block >= limit || number > PLAIN_HEADERS_MAX)
                    return index_lines(message, (struct walk){(uint32_t)at, (uint16_t)(number - 1), false}, '\n');
                ends = block_ends(data + block, least);
            } while (ends == 0);
        }
        next = block + (unsigned)__builtin_ctzll(ends) + 1;
        if (data[next] > ' ') {
            if (plain_header(message, data, at, next, last, header, number)) {
                number++;
                header++;
                continue;
            }
        } else if (data[next] == '\r' && data[next + 1] == '\n' &&
                   plain_header(message, data, at, next, last, header, number)) {
            number++;
            body = next + 2;
            break;
        }
        struct walk walk = index_line(message, at, next - 1, number - 1, '\n');
        /* Continued lines are rare enough to leave the rest to the other walk, too. */
        if (walk.at != next && !walk.ended)
            return index_lines(message, walk, '\n');
        number = walk.count + 1u;
        header = &message->headers[walk.count];
        if (walk.ended) {
            body = walk.at;
            break;
        }
    }
    message->header_count = (uint16_t)(number - 1);
    message->header_lines += number - 1;
    if (plain_has_nul(least) && memchr(data, 0, body) != NULL)
        message->flags |= SIP_INDEX_NUL;
    return body;
}

static size_t index_plain_16(struct slice payload, struct sip_message *message)
{
    return index_plain(payload, message, plain_block_16);
}

static PLAIN_WIDE size_t index_plain_32(struct slice payload, struct sip_message *message)
{
    return index_plain(payload, message, plain_block_32);
}
#endif

/* The first value of a header that is there. */
static inline struct slice value_of(const struct sip_message *message, enum sip_header_id id)
{
    const struct sip_header *header = &message->headers[message->first[id] - 1];
    return slice_of(message->bytes.data + header->value, header->value_len);
}

/* The number that the text begins with, where it has 1 to 9 digits; returns how many, 0 where it has more or none. */
static inline size_t short_number(struct slice text, uint64_t *number)
{
    uint64_t sum = 0;
    size_t digits = 0, most = text.len < 10 ? text.len : 10;
    for (unsigned digit; digits < most && (digit = text.data[digits] - (unsigned)'0') <= 9; digits++)
        sum = sum * 10 + digit;
    if (digits == 0 || digits > 9)
        return 0;
    *number = sum;
    return digits;
}

/* RFC 3261 18.3: in a datagram the body ends with it, or earlier where Content-Length says so. */
static inline void cut_body(struct sip_message *message, size_t at)
{
    size_t there = message->bytes.len - at;
    uint64_t length = there;
    if (message->first[SIP_HEADER_CONTENT_LENGTH] == 0) {
        message->flags |= SIP_INDEX_NO_LENGTH;
    } else {
        struct slice value = value_of(message, SIP_HEADER_CONTENT_LENGTH);
        size_t digits = short_number(value, &length);
        if ((digits == 0 || digits != value.len) && !slice_uint(value, &length))
            message->flags |= SIP_INDEX_BAD_LENGTH;
    }
    if (message->flags & SIP_INDEX_BAD_LENGTH)
        length = there;
    if (length > there) {
        message->flags |= SIP_INDEX_BODY_SHORT;
        length = there;
    } else if (length < there) {
        message->flags |= SIP_INDEX_BODY_LONG;
    }
    message->body = slice_of(message->bytes.data + at, (size_t)length);
    message->bytes.len = at + (size_t)length;
}

/* RFC 3261 20.16: CSeq = number, white space, method. */
static __attribute__((noinline)) void read_any_cseq(struct sip_message *message)
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

/* "CSeq: 1 INVITE"; for a response its method is the message's. */
static inline void read_cseq(struct sip_message *message)
{
#ifdef SIP_PLAIN
    struct slice value = message->first[SIP_HEADER_CSEQ] == 0 ? SLICE_NONE : value_of(message, SIP_HEADER_CSEQ);
    uint64_t number;
    size_t digits = short_number(value, &number);
    if (digits != 0 && value.len > digits && value.data[digits] == ' ' &&
        message->bytes.data + message->bytes.len - value.data >= (ptrdiff_t)digits + 17) {
        const uint8_t *text = value.data + digits + 1;
        enum sip_method method = plain_method(text, 0);
        if (method != SIP_METHOD_UNKNOWN && value.len - digits - 1 == sip_method_rows[method].len) {
            message->cseq = (uint32_t)number;
            message->has_cseq = true;
            message->cseq_method = slice_of(text, value.len - digits - 1);
            if (!message->request)
                message->method = method;
            return;
        }
    }
#endif
    read_any_cseq(message);
    if (!message->request)
        message->method = sip_method_of(message->cseq_method);
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
    message->request = start->request;
    message->status = start->request ? 0 : read_status(start->status);
    message->method = start->request ? sip_method_of(start->method) : SIP_METHOD_UNKNOWN;
    message->flags = start->bare ? SIP_INDEX_BARE_LF : 0;
    message->header_lines = 0;
    memset(message->first, 0, sizeof message->first);
    if (start->junk)
        message->flags |= SIP_INDEX_JUNK_BEFORE;
}

/* Any message; returns where the body begins. 0: no start line. */
static __attribute__((noinline)) size_t index_any(struct slice payload, struct sip_message *message)
{
    struct sip_start start;
    if (!sip_start_find(payload, &start))
        return 0;
    take_start(message, payload, &start);
    return index_lines(message, (struct walk){(uint32_t)(start.next - start.at), 0, false}, start.line_end);
}

bool sip_parse(struct slice payload, struct sip_message *message)
{
    size_t body = 0;
    payload = slice_cut(payload, 0, UINT32_MAX - 1); /* offsets are 32 bits wide */
#ifdef SIP_PLAIN
    body = plain_wide(payload) ? index_plain_32(payload, message) : index_plain_16(payload, message);
#endif
    if (body == 0)
        body = index_any(payload, message);
    if (body == 0)
        return false;
    cut_body(message, body);
    message->call_id = message->first[SIP_HEADER_CALL_ID] == 0 ? SLICE_NONE : value_of(message, SIP_HEADER_CALL_ID);
    read_cseq(message);
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

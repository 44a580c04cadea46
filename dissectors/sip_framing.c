/* Finds where a SIP message on a stream ends: start line, header up to the empty line, then Content-Length bytes. */
#include "dissectors/sip_framing.h"

#include "dissectors/sip.h"

enum {
    LINE_MAX_BYTES = 16 << 10,    /* a longer first line is no start line */
    HEADER_MAX_BYTES = 128 << 10, /* a longer header belongs to no message */
    METHOD_MAX = 32,
    TRIM_MAX = 1024               /* letters before a method that are looked through */
};

/* Without the CR that may end it. */
static struct slice line_trim(struct slice line)
{
    return line.len > 0 && line.data[line.len - 1] == '\r' ? slice_cut(line, 0, line.len - 1) : line;
}

/* RFC 3261 25.1 token. */
static bool token_byte(uint8_t c)
{
    return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           (c != 0 && strchr("-.!%*_+`'~", c) != NULL);
}

static bool version_at(struct slice line, size_t at)
{
    struct slice version = slice_cut(line, at, at + 5);
    return version.len == 5 && slice_starts_nocase(version, "SIP/") && ascii_digit(version.data[4]);
}

/* A whole line: "SIP/2.0 200 OK", or "METHOD uri SIP/2.0". */
static bool line_is_start(struct slice line)
{
    line = line_trim(line);
    if (version_at(line, 0))
        return slice_find(line, 0, ' ') < line.len;
    size_t token = 0;
    while (token < line.len && token < METHOD_MAX && token_byte(line.data[token]))
        token++;
    if (token == 0 || token == line.len || line.data[token] != ' ')
        return false;
    while (line.len > 0 && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
        line.len--;
    const uint8_t *space = memrchr(line.data, ' ', line.len);
    size_t last = space == NULL ? 0 : (size_t)(space - line.data);
    return last > token && version_at(line, last + 1);
}

/* A line whose end is not there yet: may it become a start line? */
static bool line_may_start(struct slice line)
{
    size_t token = 0;
    if (line.len > LINE_MAX_BYTES)
        return false;
    while (token < line.len && (token_byte(line.data[token]) || line.data[token] == '/'))
        token++;
    if (token > METHOD_MAX)
        return false;
    return token == line.len || (token > 0 && line.data[token] == ' ');
}

/* The same for one in the middle of a body, where any word could begin a text line: only upper case is believed. */
static bool line_may_start_strictly(struct slice line)
{
    if (line.len == 0 || !line_may_start(line))
        return false;
    for (size_t i = 0; i < line.len && line.data[i] != ' ' && line.data[i] != '/'; i++)
        if (line.data[i] < 'A' || line.data[i] > 'Z')
            return false;
    return true;
}

/* Where the next start line begins, looking at the lines that begin at or after `from`; bytes.len where there is
   none. A last, unfinished line counts when it may become one. */
static size_t start_find(struct slice bytes, size_t from)
{
    while (from < bytes.len) {
        size_t end = slice_find(bytes, from, '\n');
        struct slice line = slice_cut(bytes, from, end);
        if (end == bytes.len)
            return line_may_start_strictly(line) ? from : end;
        if (line_is_start(line))
            return from;
        from = end + 1;
    }
    return bytes.len;
}

/* A registered method that ends just before `end` and follows no blank, as words of a sentence do; `end` when there is none.
   The longest: PRACK ends with ACK. */
static size_t method_before(struct slice line, size_t end)
{
    size_t at = end;
    for (size_t from = end; from > 0 && end - from < METHOD_MAX; from--) {
        if (line.data[from - 1] < 'A' || line.data[from - 1] > 'Z')
            break;
        if (sip_method_of(slice_cut(line, from - 1, end)) != SIP_METHOD_UNKNOWN)
            at = from - 1;
    }
    return at > 0 && at < end && (line.data[at - 1] == ' ' || line.data[at - 1] == '\t') ? end : at;
}

/* "SIP/2.0 200" somewhere behind the line's first byte and no blank; line.len when there is none. */
static size_t status_inside(struct slice line)
{
    static const char version[] = "SIP/2.0 ";
    size_t at = 1;
    while (at < line.len) {
        const uint8_t *p = memmem(line.data + at, line.len - at, version, sizeof version - 1);
        if (p == NULL)
            break;
        at = (size_t)(p - line.data);
        struct slice status = slice_cut(line, at + sizeof version - 1, at + sizeof version + 2);
        if (status.len == 3 && ascii_digit(status.data[0]) && ascii_digit(status.data[1]) && ascii_digit(status.data[2]) &&
            p[-1] != ' ' && p[-1] != '\t')
            return at;
        at++;
    }
    return line.len;
}

/* A whole line that ends as a start line, behind other bytes: where that begins; line.len when it does not. */
static size_t start_inside(struct slice line)
{
    size_t at = status_inside(line);
    line = line_trim(line);
    const uint8_t *space = at < line.len ? NULL : memrchr(line.data, ' ', line.len);
    size_t version = space == NULL ? 0 : (size_t)(space - line.data);
    if (version == 0 || !slice_is(slice_after(line, version + 1), "SIP/2.0"))
        return at;
    space = memrchr(line.data, ' ', version);
    size_t uri = space == NULL ? 0 : (size_t)(space - line.data);
    size_t method = uri > 0 && slice_find(slice_cut(line, uri, version), 0, ':') < version - uri ? method_before(line, uri) : uri;
    return method < uri ? method : at;
}

/* The same for a line whose end is not there yet: "METHOD sip:" or a status. */
static size_t start_inside_unfinished(struct slice line)
{
    size_t at = status_inside(line);
    for (size_t space = slice_find(line, 0, ' '); space < at; space = slice_find(line, space + 1, ' ')) {
        size_t method = method_before(line, space);
        struct slice uri = slice_cut(line, space + 1, space + 4);
        if (method < space && (uri.len < 3 || slice_is_nocase(uri, "sip") || slice_is_nocase(uri, "tel")))
            return method;
    }
    return at;
}

size_t sip_framing_trim(struct slice bytes)
{
    size_t token = 0;
    while (token < bytes.len && token < TRIM_MAX && token_byte(bytes.data[token]))
        token++;
    if (token == bytes.len || bytes.data[token] != ' ')
        return 0;
    size_t method = method_before(bytes, token);
    return method < token ? method : 0;
}

/* The line behind a start line is a header's: "name:"; also as far as it is there. */
static bool header_follows(struct slice bytes, size_t from)
{
    size_t at = from;
    while (at < bytes.len && token_byte(bytes.data[at]))
        at++;
    while (at > from && at < bytes.len && (bytes.data[at] == ' ' || bytes.data[at] == '\t'))
        at++;
    return at == bytes.len || (at > from && bytes.data[at] == ':');
}

size_t sip_framing_find(struct slice bytes, bool *whole)
{
    *whole = false;
    for (size_t from = 0, end; from < bytes.len; from = end + 1) {
        end = slice_find(bytes, from, '\n');
        struct slice line = slice_cut(bytes, from, end);
        if (end == bytes.len) {
            size_t at = line_may_start_strictly(line) ? 0 : start_inside_unfinished(line);
            return line.len - at > LINE_MAX_BYTES ? end : from + at;
        }
        *whole = true;
        if (line_is_start(line))
            return from;
        size_t inside = start_inside(line);
        if (inside < line.len && header_follows(bytes, end + 1))
            return from + inside;
        *whole = false;
    }
    return bytes.len;
}

/* The value of one header line where it is Content-Length (RFC 3261 20.14) or its compact form. */
static bool length_line(struct slice line, struct slice *value)
{
    size_t colon = slice_find(line, 0, ':');
    struct slice name = slice_trim(slice_cut(line, 0, colon));
    if (colon == line.len || !(slice_is_nocase(name, "Content-Length") || slice_is_nocase(name, "l")))
        return false;
    *value = slice_trim(slice_after(line, colon + 1));
    return true;
}

struct header {
    uint64_t length;
    bool has_length; /* one that can be used: a number, the same wherever it stands */
    bool has_type;
};

static struct header header_read(struct slice header)
{
    struct header result = {0};
    bool bad = false;
    for (size_t at = slice_find(header, 0, '\n') + 1; at < header.len;) {
        size_t end = slice_find(header, at, '\n');
        /* RFC 3261 7.3.1: a line that begins with white space continues the one before. */
        while (end + 1 < header.len && (header.data[end + 1] == ' ' || header.data[end + 1] == '\t'))
            end = slice_find(header, end + 1, '\n');
        struct slice line = slice_cut(header, at, end), value;
        uint64_t length = 0;
        uint8_t first = ascii_lower(header.data[at]);
        at = end + 1;
        if (first == 'c' && slice_starts_nocase(line, "Content-Type"))
            result.has_type = true;
        else if (first == 'c' && line.len > 1 && (line.data[1] == ':' || line.data[1] == ' '))
            result.has_type = true;
        if ((first != 'c' && first != 'l') || !length_line(line, &value))
            continue;
        if (!slice_uint(value, &length) || (result.has_length && length != result.length))
            bad = true;
        result.length = length;
        result.has_length = true;
    }
    result.has_length = result.has_length && !bad;
    return result;
}

static struct sip_framing framing(enum sip_framing_kind kind, size_t used)
{
    return (struct sip_framing){.kind = kind, .used = used};
}

static struct sip_framing framing_wait(size_t need, size_t scanned)
{
    return (struct sip_framing){.kind = SIP_FRAMING_INCOMPLETE, .need = need, .scanned = scanned};
}

/* Line ends between messages: RFC 3261 7.5 lets them stand before a start line, RFC 5626 3.5.1 makes them
   keep-alives. */
static struct sip_framing framing_line_ends(struct slice bytes, bool closed)
{
    size_t used = 0;
    while (used < bytes.len && (bytes.data[used] == '\r' || bytes.data[used] == '\n'))
        used++;
    if (used == bytes.len && bytes.data[used - 1] == '\r' && !closed) {
        if (--used == 0) /* the LF of this CR is still to come */
            return framing_wait(2, 0);
    }
    return framing(SIP_FRAMING_KEEPALIVE, used);
}

/* The message has a whole header, bytes[0..header_end). */
static struct sip_framing framing_body(struct slice bytes, size_t header_end, bool closed)
{
    struct header header = header_read(slice_cut(bytes, 0, header_end));
    struct sip_framing result = framing(SIP_FRAMING_MESSAGE, header_end);
    if (header.has_length && header.length <= SIP_STREAM_MESSAGE_MAX - header_end) {
        size_t end = header_end + (size_t)header.length;
        if (end > bytes.len)
            return framing_wait(end, header_end - 1); /* resumes at the line end of the empty line */
        result.used = end;
        return result;
    }
    result.no_length = true;
    size_t next = start_find(bytes, header_end);
    if (next < bytes.len || closed || header.has_type)
        result.used = next < SIP_STREAM_MESSAGE_MAX ? next : header_end;
    return result;
}

/* bytes begin with no start line, or with one of no use where `from` is the line behind it: drop what comes before the next
   one. */
static struct sip_framing framing_junk(struct slice bytes, size_t from)
{
    bool whole;
    return framing(SIP_FRAMING_JUNK, from + sip_framing_find(slice_after(bytes, from), &whole));
}

struct sip_framing sip_framing_next(struct slice bytes, bool closed)
{
    return sip_framing_resume(bytes, 0, closed);
}

struct sip_framing sip_framing_resume(struct slice bytes, size_t scanned, bool closed)
{
    if (bytes.len == 0)
        return framing_wait(0, 0);
    if (bytes.data[0] == '\r' || bytes.data[0] == '\n')
        return framing_line_ends(bytes, closed);
    size_t at = scanned < bytes.len ? scanned : bytes.len, line_start = 0;
    if (at > 0) {
        const uint8_t *line_end = memrchr(bytes.data, '\n', at);
        line_start = line_end == NULL ? 0 : (size_t)(line_end - bytes.data) + 1;
    }
    for (;;) {
        size_t end = slice_find(bytes, at, '\n');
        struct slice line = slice_cut(bytes, line_start, end);
        if (end == bytes.len) {
            if (line_start == 0 && !line_may_start(line))
                return framing_junk(bytes, 0);
            if (bytes.len > HEADER_MAX_BYTES)
                return framing_junk(bytes, slice_find(bytes, 0, '\n') + 1);
            return framing_wait(0, bytes.len);
        }
        if (line_start == 0) {
            if (!line_is_start(line))
                return framing_junk(bytes, 0);
        } else if (line_trim(line).len == 0) {
            return framing_body(bytes, end + 1, closed);
        } else if (line_is_start(line)) {
            /* Another message begins inside this header: its rest was lost, or it was no header. */
            struct sip_framing result = framing(SIP_FRAMING_MESSAGE, line_start);
            if (memchr(bytes.data, '\n', line_start - 1) == NULL)
                result.kind = SIP_FRAMING_JUNK; /* a start line alone */
            result.no_length = true;
            return result;
        }
        if (end + 1 > HEADER_MAX_BYTES)
            return framing_junk(bytes, slice_find(bytes, 0, '\n') + 1);
        at = line_start = end + 1;
    }
}

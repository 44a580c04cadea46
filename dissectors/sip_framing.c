/* Finds where a SIP message on a stream ends: start line, header up to the empty line, then Content-Length bytes. */
#include "dissectors/sip_framing.h"

enum {
    LINE_MAX_BYTES = 16 << 10,    /* a longer first line is no start line */
    HEADER_MAX_BYTES = 128 << 10, /* a longer header belongs to no message */
    METHOD_MAX = 32
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

/* bytes begin with no start line: drop what comes before the next one. */
static struct sip_framing framing_junk(struct slice bytes, size_t from)
{
    size_t next = from >= bytes.len ? bytes.len : start_find(bytes, from);
    return framing(SIP_FRAMING_JUNK, next);
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
                return framing_junk(bytes, end);
            if (bytes.len > HEADER_MAX_BYTES)
                return framing_junk(bytes, slice_find(bytes, 0, '\n') + 1);
            return framing_wait(0, bytes.len);
        }
        if (line_start == 0) {
            if (!line_is_start(line))
                return framing_junk(bytes, end + 1);
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

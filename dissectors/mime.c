/* Splits a SIP body into its leaf parts (RFC 2046 5.1), with nested multiparts, and where its end is cut off. */
#include "dissectors/mime.h"

#include "dissectors/sip_uri.h"

enum { DEPTH_MAX = 4, BOUNDARY_MAX = 200 /* RFC 2046 5.1.1 allows 70; some senders write more */ };

struct mime_split {
    struct mime_part *parts;
    size_t count;
};

static struct slice without_parameters(struct slice value)
{
    return slice_trim(slice_cut(value, 0, slice_find(value, 0, ';')));
}

/* Index after the line that begins at `at`. */
static size_t next_line(struct slice s, size_t at)
{
    size_t lf = slice_find(s, at, '\n');
    return lf < s.len ? lf + 1 : s.len;
}

/* A delimiter is a line of "--" boundary, then "--" where it closes, then white space (RFC 2046 5.1.1). */
static bool is_delimiter(struct slice line, struct slice boundary, bool *closing)
{
    if (line.len < boundary.len + 2 || line.data[0] != '-' || line.data[1] != '-' ||
        memcmp(line.data + 2, boundary.data, boundary.len) != 0)
        return false;
    struct slice rest = slice_after(line, boundary.len + 2);
    *closing = slice_starts(rest, "--");
    return slice_trim(*closing ? slice_after(rest, 2) : rest).len == 0;
}

/* The next delimiter line at or after `at`: *start is where it begins, the answer where the line after it does;
   0: none. */
static size_t find_delimiter(struct slice body, size_t at, struct slice boundary, size_t *start, bool *closing)
{
    while (at < body.len) {
        size_t next = next_line(body, at);
        if (body.data[at] == '-' && is_delimiter(slice_cut(body, at, next), boundary, closing)) {
            *start = at;
            return next;
        }
        at = next;
    }
    return 0;
}

static void add_part(struct mime_split *split, struct slice type, struct slice disposition, struct slice body)
{
    if (split->count < MIME_PARTS_MAX)
        split->parts[split->count++] =
            (struct mime_part){without_parameters(type), without_parameters(disposition), body};
}

/* One header of a part: name ":" value, folded lines included. */
static void read_header(struct slice line, struct slice *type, struct slice *disposition)
{
    size_t colon = slice_find(line, 0, ':');
    struct slice name = slice_trim(slice_cut(line, 0, colon)), value = slice_trim(slice_after(line, colon + 1));
    if (slice_is_nocase(name, "Content-Type") || slice_is_nocase(name, "c"))
        *type = value;
    else if (slice_is_nocase(name, "Content-Disposition"))
        *disposition = value;
}

/* Reads the part's own header up to the empty line; returns where its body begins. */
static size_t read_part_header(struct slice part, struct slice *type, struct slice *disposition)
{
    size_t at = 0;
    while (at < part.len) {
        size_t next = next_line(part, at);
        if (slice_trim(slice_cut(part, at, next)).len == 0)
            return next;
        while (next < part.len && (part.data[next] == ' ' || part.data[next] == '\t'))
            next = next_line(part, next);
        struct slice line = slice_cut(part, at, next);
        /* A part without any header must begin with an empty line; where it does not, all of it is content. */
        if (slice_find(line, 0, ':') == line.len)
            return at;
        read_header(line, type, disposition);
        at = next;
    }
    return part.len;
}

static void split_body(struct mime_split *split, struct slice type, struct slice disposition, struct slice body,
                       unsigned depth);

static void split_part(struct mime_split *split, struct slice part, unsigned depth)
{
    struct slice type = SLICE_NONE, disposition = SLICE_NONE;
    size_t at = read_part_header(part, &type, &disposition);
    split_body(split, type, disposition, slice_after(part, at), depth);
}

/* The line end before a delimiter belongs to the delimiter. */
static struct slice drop_line_end(struct slice part)
{
    if (part.len > 0 && part.data[part.len - 1] == '\n')
        part.len--;
    if (part.len > 0 && part.data[part.len - 1] == '\r')
        part.len--;
    return part;
}

static void split_body(struct mime_split *split, struct slice type, struct slice disposition, struct slice body,
                       unsigned depth)
{
    struct slice boundary = SLICE_NONE;
    bool closing = false;
    size_t start = 0, at = 0;
    if (depth < DEPTH_MAX && slice_starts_nocase(type, "multipart/"))
        boundary = sip_parameter(slice_after(type, slice_find(type, 0, ';') + 1), "boundary", NULL);
    if (boundary.len > 0 && boundary.len <= BOUNDARY_MAX)
        at = find_delimiter(body, 0, boundary, &start, &closing);
    if (at == 0) {
        add_part(split, type, disposition, body);
        return;
    }
    while (!closing && split->count < MIME_PARTS_MAX) {
        size_t end = body.len, next = find_delimiter(body, at, boundary, &end, &closing);
        /* RFC 2046 5.1.2: where the closing delimiter is missing, the last part ends with the body. */
        struct slice part = slice_cut(body, at, end);
        if (next != 0)
            part = drop_line_end(part);
        if (next != 0 || slice_trim(part).len > 0)
            split_part(split, part, depth + 1);
        if (next == 0)
            return;
        at = next;
    }
}

size_t mime_split(struct slice content_type, struct slice body, struct mime_part parts[MIME_PARTS_MAX])
{
    struct mime_split split = {parts, 0};
    split_body(&split, slice_trim(content_type), SLICE_NONE, body, 0);
    return split.count;
}

/* The start line of a SIP message: tells SIP from everything else, and takes the line apart however it is spaced. */
#include "dissectors/sip_index.h"

enum {
    METHOD_MAX = 4096, /* longer method tokens are not looked for: bounds what a claim reads of binary payloads */
    JUNK_MAX = 8      /* stray bytes before the start line that are stepped over */
};

static inline bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* RFC 3261 25.1: token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~"), one bit a
   character. */
static inline bool token_byte(uint8_t c)
{
    static const uint64_t set[4] = {UINT64_C(0x03ff6ca200000000), UINT64_C(0x47ffffff87fffffe), 0, 0};
    return set[c >> 6] >> (c & 63) & 1;
}

/* "SIP/" without case and a digit. */
static bool version_starts(const uint8_t *p, size_t n)
{
    return n >= 5 && (p[0] | 0x20) == 's' && (p[1] | 0x20) == 'i' && (p[2] | 0x20) == 'p' && p[3] == '/' &&
           ascii_digit(p[4]);
}

/* SIP/2.0 200 OK: any spacing, any status text, the reason may be missing. */
static bool split_status(struct slice line, struct sip_start *start)
{
    size_t at = 5;
    while (at < line.len && !blank(line.data[at]))
        at++;
    start->version = slice_cut(line, 0, at);
    while (at < line.len && blank(line.data[at]))
        at++;
    size_t status = at;
    while (at < line.len && !blank(line.data[at]))
        at++;
    start->status = slice_cut(line, status, at);
    start->reason = slice_trim(slice_after(line, at));
    start->method = start->uri = SLICE_NONE;
    start->request = false;
    return start->status.len > 0;
}

/* METHOD uri SIP/2.0: the method is the first word and the version the last; what lies between is the URI, also
   where it has blanks inside (RFC 4475 lwsruri). */
static bool split_request(struct slice line, size_t method_len, struct sip_start *start)
{
    size_t end = line.len;
    while (end > method_len && blank(line.data[end - 1]))
        end--;
    size_t version = end;
    while (version > method_len && !blank(line.data[version - 1]))
        version--;
    if (!version_starts(line.data + version, end - version))
        return false;
    size_t uri = method_len, uri_end = version;
    while (uri < uri_end && blank(line.data[uri]))
        uri++;
    while (uri_end > uri && blank(line.data[uri_end - 1]))
        uri_end--;
    start->method = slice_cut(line, 0, method_len);
    start->uri = slice_cut(line, uri, uri_end);
    start->version = slice_cut(line, version, end);
    start->status = start->reason = SLICE_NONE;
    start->request = true;
    /* A strange method must at least have something like a URI, so that a sentence about SIP/2.0 is not taken
       for a message. */
    return start->uri.len > 0 && (sip_method_of(start->method) != SIP_METHOD_UNKNOWN ||
                                  memchr(start->uri.data, ':', start->uri.len) != NULL || slice_is(start->uri, "*"));
}

/* The first line from `at` on; sets line, next, line_end, bare. */
static void cut_line(struct slice payload, size_t at, struct sip_start *start)
{
    size_t lf = slice_find(payload, at, '\n');
    size_t end = lf;
    start->line_end = '\n';
    start->bare = false;
    if (lf == payload.len) {
        /* CR alone ended lines in RFC 2543 (section 3). */
        end = slice_find(payload, at, '\r');
        start->line_end = '\r';
        start->bare = end < payload.len;
    } else if (end > at && payload.data[end - 1] == '\r') {
        end--;
    } else {
        start->bare = true;
    }
    start->at = at;
    start->line = slice_cut(payload, at, end);
    start->next = start->line_end == '\n' ? lf + 1 : end + 1;
    if (start->next > payload.len)
        start->next = payload.len;
}

/* The usual request: a registered method, single blanks, SIP/2.0, CRLF. False sends it to the tolerant path. */
static inline bool find_plain(struct slice payload, size_t at, struct sip_start *start)
{
    const uint8_t *p = payload.data + at;
    size_t left = payload.len - at, method = 0;
    while (method < 10 && method < left && p[method] != ' ')
        method++;
    const uint8_t *lf = memchr(p, '\n', left);
    if (lf == NULL || lf < p + method + 11 || lf[-1] != '\r' || memcmp(lf - 9, " SIP/2.0", 8) != 0 ||
        blank(p[method + 1]) || blank(lf[-10]) || sip_method_of(slice_of(p, method)) == SIP_METHOD_UNKNOWN)
        return false;
    start->at = at;
    start->next = (size_t)(lf - payload.data) + 1;
    start->line = slice_of(p, (size_t)(lf - p) - 1);
    start->method = slice_of(p, method);
    start->uri = slice_of(p + method + 1, (size_t)(lf - p) - 10 - method);
    start->version = slice_of(lf - 8, 7);
    start->status = start->reason = SLICE_NONE;
    start->line_end = '\n';
    start->request = true;
    start->bare = false;
    return true;
}

static bool find_at(struct slice payload, size_t at, struct sip_start *start)
{
    const uint8_t *p = payload.data + at;
    size_t left = payload.len - at;
    if (version_starts(p, left)) {
        cut_line(payload, at, start);
        return split_status(start->line, start);
    }
    if (!token_byte(p[0]))
        return false;
    if (find_plain(payload, at, start))
        return true;
    size_t method = 1;
    while (method < left && method < METHOD_MAX && token_byte(p[method]))
        method++;
    /* The shortest request has a one-letter method, a blank, a URI, a blank and SIP/2 */
    if (method + 8 > left || !blank(p[method]))
        return false;
    cut_line(payload, at, start);
    return split_request(start->line, method, start);
}

/* Stray bytes of other protocols stand before some messages; only a few are stepped over, and only non-token
   ones begin such a run, so that text and RTP cost nothing more. */
static bool find_after_junk(struct slice payload, size_t at, struct sip_start *start)
{
    if (payload.data[at] >= ' ' && payload.data[at] < 0x7f)
        return false;
    for (size_t skip = 1; skip <= JUNK_MAX && at + skip < payload.len; skip++) {
        uint8_t c = payload.data[at + skip];
        if (c < 'A' || c > 'Z')
            continue;
        return find_at(payload, at + skip, start) &&
               (!start->request || sip_method_of(start->method) != SIP_METHOD_UNKNOWN);
    }
    return false;
}

bool sip_start_find(struct slice payload, struct sip_start *start)
{
    size_t at = 0;
    /* RFC 3261 7.5: CRLFs before the start line are to be ignored. */
    while (at < payload.len && (payload.data[at] == '\r' || payload.data[at] == '\n'))
        at++;
    if (at == payload.len)
        return false;
    start->junk = false;
    if (find_at(payload, at, start))
        return true;
    start->junk = true;
    return find_after_junk(payload, at, start);
}

bool sip_claim(struct slice payload)
{
    struct sip_start start;
    return sip_start_find(payload, &start);
}

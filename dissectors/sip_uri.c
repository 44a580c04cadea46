/* Takes SIP addresses, parameters and Via values apart in place; reads what is broken as far as it makes sense. */
#include "dissectors/sip_uri.h"

#include "base/hash.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool scheme_byte(uint8_t c)
{
    uint8_t lower = (uint8_t)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || ascii_digit(c) || c == '+' || c == '-' || c == '.';
}

static uint32_t read_port(struct slice text)
{
    uint64_t port;
    return slice_uint(slice_trim(text), &port) && port <= UINT16_MAX ? (uint32_t)port : 0;
}

/* Index of the first of two bytes at or after `from`; s.len where there is neither. */
static size_t find_either(struct slice s, size_t from, uint8_t a, uint8_t b)
{
    while (from < s.len && s.data[from] != a && s.data[from] != b)
        from++;
    return from;
}

/* host[:port]; an IPv6 address without brackets is all host, as no port can be told from it. */
static void split_host(struct slice text, struct slice *host, uint32_t *port)
{
    size_t end = 0;
    if (text.len > 0 && text.data[0] == '[') {
        end = slice_find(text, 0, ']');
        end += end < text.len;
    } else {
        end = slice_find(text, 0, ':');
        if (end < text.len && slice_find(text, end + 1, ':') < text.len)
            end = text.len;
    }
    *host = slice_trim(slice_cut(text, 0, end));
    size_t colon = slice_find(text, end, ':');
    *port = read_port(slice_after(text, colon + 1));
}

/* Where the user part ends: the last '@' before the parameters, which may stand after ';' and '?' of the user
   part itself (RFC 3261 25.1 user-unreserved; RFC 4475 semiuri). s.len where there is none. */
static size_t find_at_sign(struct slice rest)
{
    size_t at = slice_find(rest, 0, '@');
    size_t limit = find_either(rest, at, ';', '?');
    for (size_t next = at; (next = slice_find(rest, next + 1, '@')) < limit;)
        at = next;
    return at;
}

/* The bytes at which the parts of a plain URI may end; and blanks and what plain ones do not have. */
static const uint8_t uri_mark[256] = {
    [0] = 1,   [' '] = 1, ['\t'] = 1, ['\r'] = 1, ['\n'] = 1, ['@'] = 1,
    [':'] = 1, [';'] = 1, ['?'] = 1,  ['['] = 1,  ['/'] = 1,
};

static inline const uint8_t *next_mark(const uint8_t *at, const uint8_t *end)
{
    while (at < end && !uri_mark[*at])
        at++;
    return at;
}

/* sip:user@host[:port][;parameters] in one walk, as nearly all are. False, with *uri as it was, for any other. */
static bool parse_plain(struct slice text, struct sip_uri *uri)
{
    if (text.len < 8 || (text.data[0] | 0x20) != 's' || (text.data[1] | 0x20) != 'i' || (text.data[2] | 0x20) != 'p')
        return false;
    size_t scheme = (text.data[3] | 0x20) == 's' ? 4 : 3;
    const uint8_t *user = text.data + scheme + 1, *end = text.data + text.len;
    if (user[-1] != ':')
        return false;
    const uint8_t *host = next_mark(user, end);
    if (host == end || *host != '@')
        return false;
    const uint8_t *host_end = next_mark(++host, end), *at = host_end;
    uint32_t port = 0;
    if (at < end && *at == ':') {
        for (at++; at < end && ascii_digit(*at) && at - host_end < 7; at++)
            port = port * 10 + (uint32_t)(*at - '0');
        port = port > UINT16_MAX ? 0 : port;
    }
    if (at < end && (*at != ';' || memchr(at, '?', (size_t)(end - at)) != NULL))
        return false;
    uri->scheme = slice_of(text.data, scheme);
    uri->user = slice_of(user, (size_t)(host - 1 - user));
    uri->host = slice_of(host, (size_t)(host_end - host));
    uri->port = port;
    if (at < end)
        uri->parameters = slice_of(at + 1, (size_t)(end - at - 1));
    return true;
}

bool sip_uri_parse(struct slice text, struct sip_uri *uri)
{
    *uri = (struct sip_uri){.port = 0};
    text = slice_trim(text);
    if (parse_plain(text, uri))
        return true;
    size_t colon = 0;
    while (colon < text.len && scheme_byte(text.data[colon]))
        colon++;
    if (colon == 0 || colon == text.len || text.data[colon] != ':' || ascii_digit(text.data[0])) {
        uri->host = text;
        return false;
    }
    uri->scheme = slice_cut(text, 0, colon);
    struct slice rest = slice_after(text, colon + 1);
    if (slice_is_nocase(uri->scheme, "tel")) {
        size_t end = find_either(rest, 0, ';', '?');
        uri->user = slice_cut(rest, 0, end);
        uri->parameters = slice_after(rest, end + 1);
        return true;
    }
    if (slice_starts(rest, "//"))
        rest = slice_after(rest, 2);
    size_t at = find_at_sign(rest);
    if (at < rest.len) {
        struct slice userinfo = slice_cut(rest, 0, at);
        uri->user = slice_cut(userinfo, 0, slice_find(userinfo, 0, ':'));
        rest = slice_after(rest, at + 1);
    }
    size_t host_end = find_either(rest, 0, ';', '?');
    size_t mark = slice_find(rest, host_end, '?');
    split_host(slice_cut(rest, 0, host_end), &uri->host, &uri->port);
    uri->parameters = slice_cut(rest, host_end + 1, mark);
    uri->headers = slice_after(rest, mark + 1);
    return true;
}

/* Index after a quoted string that opens at `at`; `at` itself where it does not close. */
static size_t skip_quoted(struct slice s, size_t at)
{
    for (size_t i = at + 1; i < s.len; i++) {
        if (s.data[i] == '\\')
            i++;
        else if (s.data[i] == '"')
            return i + 1;
    }
    return at;
}

/* Where the '<' of a name-addr is: not inside the quotes of the display name, unless they never close; s.len:
   none. */
static size_t find_bracket(struct slice s)
{
    size_t quote = slice_find(s, 0, '"'), open = slice_find(s, 0, '<');
    while (quote < open && open < s.len) {
        size_t after = skip_quoted(s, quote);
        if (after == quote)
            break;
        if (open < after)
            open = slice_find(s, after, '<');
        quote = slice_find(s, after, '"');
    }
    return open;
}

/* The parameters of a header value after the address: from the ';' that follows `from`, without it. */
static struct slice parameters_from(struct slice text, size_t from)
{
    return slice_trim(slice_after(text, slice_find(text, from, ';') + 1));
}

static struct slice unquote(struct slice text)
{
    text = slice_trim(text);
    if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"')
        return slice_cut(text, 1, text.len - 1);
    return text;
}

/* The first '"' or '\\' at or after `at`; `end` where there is none. */
static inline const uint8_t *quote_end(const uint8_t *at, const uint8_t *end)
{
#ifdef __SSE2__
    for (; end - at >= 16; at += 16) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('"')),
                                                                 _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'))));
        if (bits != 0)
            return at + (unsigned)__builtin_ctz(bits);
    }
#endif
    while (at < end && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* The '<' of `<uri>` or `"name" <uri>` without escapes; s.len for any other form. */
static size_t find_plain_bracket(struct slice s)
{
    size_t at = 0;
    if (s.len > 0 && s.data[0] == '"') {
        at = (size_t)(quote_end(s.data + 1, s.data + s.len) - s.data);
        if (at == s.len || s.data[at] == '\\')
            return s.len;
        for (at++; at < s.len && s.data[at] == ' '; at++)
            ;
    }
    return at < s.len && s.data[at] == '<' ? at : s.len;
}

bool sip_address_parse(struct slice text, struct sip_address *address)
{
    *address = (struct sip_address){.bracketed = false};
    text = slice_trim(text);
    size_t open = find_plain_bracket(text), close;
    if (open == text.len)
        open = find_bracket(text);
    if (open < text.len) {
        close = slice_find(text, open, '>');
        address->bracketed = true;
        address->display = unquote(slice_cut(text, 0, open));
        address->uri_text = slice_trim(slice_cut(text, open + 1, close));
    } else {
        /* RFC 3261 20.10: without <> all parameters are the header's. */
        close = slice_find(text, 0, ';');
        address->uri_text = slice_trim(slice_cut(text, 0, close));
    }
    address->parameters = parameters_from(text, close);
    return sip_uri_parse(address->uri_text, &address->uri);
}

struct slice sip_user(struct slice text)
{
    struct sip_address address;
    text = slice_trim(text);
    size_t open = find_plain_bracket(text);
    if (open < text.len) {
        address.uri = (struct sip_uri){.port = 0};
        if (parse_plain(slice_trim(slice_cut(text, open + 1, slice_find(text, open, '>'))), &address.uri))
            return address.uri.user;
    }
    (void)sip_address_parse(text, &address);
    return address.uri.user;
}

/* The next ;-separated parameter; false at the end. Quotes protect their content. */
static bool next_parameter(struct slice *rest, struct slice *name, struct slice *value)
{
    while (rest->len > 0) {
        size_t i = 0, equals = 0;
        bool has_value = false;
        while (i < rest->len && rest->data[i] != ';') {
            if (rest->data[i] == '=' && !has_value) {
                equals = i;
                has_value = true;
            }
            size_t after = rest->data[i] == '"' ? skip_quoted(*rest, i) : i;
            if (after == i && rest->data[i] == '"') {
                /* An open quote swallows the rest: nothing behind it can be trusted, and no byte is read twice. */
                i = rest->len;
                break;
            }
            i = after > i ? after : i + 1;
        }
        struct slice one = slice_cut(*rest, 0, i);
        *rest = slice_after(*rest, i + 1);
        *name = slice_trim(slice_cut(one, 0, has_value ? equals : one.len));
        *value = has_value ? unquote(slice_after(one, equals + 1)) : SLICE_NONE;
        if (name->len > 0)
            return true;
    }
    return false;
}

struct slice sip_parameter(struct slice parameters, const char *name, bool *found)
{
    struct slice one, value;
    size_t name_len = strlen(name);
    if (found != NULL)
        *found = false;
    while (next_parameter(&parameters, &one, &value)) {
        if (one.len == name_len && slice_is_nocase(one, name)) {
            if (found != NULL)
                *found = true;
            return value;
        }
    }
    return SLICE_NONE;
}

/* The first byte at or after `at` that is ';', '"', ',' or not above ' '; `end` where there is none. `from` <= at is
   where the readable bytes begin. */
static inline const uint8_t *tag_end(const uint8_t *from, const uint8_t *at, const uint8_t *end)
{
#ifdef __SSE2__
    while (end - from >= 16 && at < end) {
        /* The last 16 bytes reach back over bytes that are then shifted out. */
        const uint8_t *block = end - at < 16 ? end - 16 : at;
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)block);
        __m128i blank = _mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8(' ')), text);
        __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8(';')),
                                    _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('"')),
                                                 _mm_cmpeq_epi8(text, _mm_set1_epi8(','))));
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_or_si128(blank, mark)) >> (at - block);
        if (bits != 0)
            return at + (unsigned)__builtin_ctz(bits);
        at = block + 16;
    }
#else
    (void)from;
#endif
    while (at < end && *at > ' ' && *at != ';' && *at != '"' && *at != ',')
        at++;
    return at;
}

static inline bool tag_starts(const uint8_t *at, const uint8_t *end)
{
    static const uint8_t lower[4] = {'t', 'a', 'g', '='}, fold[4] = {32, 32, 32, 0};
    return end - at >= 5 && at[0] == ';' && (hash_load32(at + 1) | hash_load32(fold)) == hash_load32(lower);
}

/* The '>' at or behind `at`, `end` where there is none: it is near, mostly. */
static inline const uint8_t *bracket_end(const uint8_t *at, const uint8_t *end)
{
#ifdef __SSE2__
    for (; end - at >= 16; at += 16) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('>')));
        if (bits != 0)
            return at + (unsigned)__builtin_ctz(bits);
    }
#endif
    while (at < end && *at != '>')
        at++;
    return at;
}

/* The common forms, `<uri>;tag=x` with or without a display name and other parameters, without the general walk: this
   is asked twice of every message. *sure: the answer holds (also when it is "none"). */
static inline struct slice tag_of_plain(struct slice value, bool *sure)
{
    *sure = value.len == 0;
    if (*sure)
        return SLICE_NONE; /* no header at all: no pointer to walk from */
    const uint8_t *at = value.data, *end = value.data + value.len;
    if (at < end && *at == '"') { /* a quoted display name without escapes */
        at = quote_end(at + 1, end);
        if (at == end || *at == '\\')
            return SLICE_NONE;
        at++;
    }
    while (at < end && *at != '<' && *at != '"' && *at != ';')
        at++;
    if (at == end || *at != '<')
        return SLICE_NONE;
    at = bracket_end(at, end);
    if (at == end)
        return SLICE_NONE;
    for (at++; at < end; at = tag_end(value.data, at + 1, end)) {
        if (tag_starts(at, end)) {
            const uint8_t *tag = at + 5;
            at = tag_end(value.data, tag, end);
            *sure = at == end || *at == ';';
            return slice_of(tag, (size_t)(at - tag));
        }
        if (*at != ';') /* quotes, a second value or blanks: not plain */
            return SLICE_NONE;
    }
    *sure = true;
    return SLICE_NONE;
}

struct slice sip_tag(struct slice value)
{
    bool sure;
    struct slice tag = tag_of_plain(value, &sure);
    if (sure)
        return tag;
    size_t open = find_bracket(value);
    size_t close = open < value.len ? slice_find(value, open, '>') : 0;
    return sip_parameter(parameters_from(value, close), "tag", NULL);
}

/* Skips blanks and folding. */
static size_t skip_space(struct slice s, size_t at)
{
    while (at < s.len && ascii_space(s.data[at]))
        at++;
    return at;
}

/* The sent-by ends at its parameters, at the next value, or at a blank that no ':' touches. */
static size_t sent_by_end(struct slice s, size_t at)
{
    for (; at < s.len && s.data[at] != ';' && s.data[at] != ','; at++) {
        if (!ascii_space(s.data[at]))
            continue;
        size_t next = skip_space(s, at);
        if (next == s.len || (s.data[next] != ':' && s.data[at - 1] != ':'))
            return at;
        at = next - 1;
    }
    return at;
}

static size_t value_end(struct slice s, size_t at)
{
    while (at < s.len && s.data[at] != ',') {
        size_t after = s.data[at] == '"' ? skip_quoted(s, at) : at;
        at = after > at ? after : at + 1;
        if (after == at - 1 && s.data[after] == '"')
            return slice_find(s, at, ',');
    }
    return at;
}

bool sip_via_parse(struct slice value, struct sip_via *via)
{
    *via = (struct sip_via){.port = 0};
    /* RFC 3261 20.42: SIP / 2.0 / transport LWS sent-by, blanks allowed around the slashes. */
    size_t slash = slice_find(value, 0, '/');
    slash = slice_find(value, slash + 1, '/');
    size_t at = skip_space(value, slash + 1), end = at;
    while (end < value.len && !ascii_space(value.data[end]) && value.data[end] != ';' && value.data[end] != ',')
        end++;
    via->transport = slice_cut(value, at, end);
    at = skip_space(value, end);
    end = at;
    if (at < value.len)
        end = sent_by_end(value, at);
    via->sent_by = slice_trim(slice_cut(value, at, end));
    split_host(via->sent_by, &via->host, &via->port);
    size_t semicolon = find_either(value, end, ';', ',');
    if (semicolon < value.len && value.data[semicolon] == ';')
        via->parameters = slice_trim(slice_cut(value, semicolon + 1, value_end(value, semicolon + 1)));
    struct slice rest = via->parameters, name, text;
    while (next_parameter(&rest, &name, &text)) {
        if (slice_is_nocase(name, "branch") && via->branch.len == 0)
            via->branch = text;
        else if (slice_is_nocase(name, "received") && via->received.len == 0)
            via->received = text;
        else if (slice_is_nocase(name, "rport") && via->rport.len == 0)
            via->rport = text;
    }
    return slash < value.len && via->transport.len > 0 && via->host.len > 0;
}

/* Checks what SIP's headers share (RFC 3261 25.1): quoted strings, hosts, URIs, parameters, addresses. */
#include "dissectors/sip_syntax.h"

#include "base/endpoint.h"

/* Bits of enum sip_class for each ASCII character; bytes from 0x80 on are of no class. A test derives it from
   the RFC's text. */
const uint8_t sip_class_table[256] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* 00 */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* 10 */
    0x00, 0x7f, 0x02, 0x00, 0x7c, 0x03, 0x5c, 0x7f, 0x7e, 0x7e, 0x7f, 0x7f, 0x4c, 0xff, 0xff, 0x76, /* 20 */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x44, 0x02, 0x4c, 0x02, 0x66, /* 30 */
    0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* 40 */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x02, 0x72, 0x00, 0x7f, /* 50 */
    0x03, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* 60 */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x02, 0x7f, 0x00, /* 70 */
};

size_t sip_quoted_span(struct slice s, size_t at)
{
    for (size_t i = at + 1; i < s.len; i++) {
        if (s.data[i] == '\\')
            i++;
        else if (s.data[i] == '"')
            return i + 1;
    }
    return 0;
}

static bool fail(struct sip_check *check, enum sip_defect_id id, struct slice value)
{
    sip_defect_add(check, id, value);
    return false;
}

static inline bool hex_digit(uint8_t c)
{
    uint8_t lower = (uint8_t)(c | 0x20);
    return ascii_digit(c) || (lower >= 'a' && lower <= 'f');
}

/* Like sip_class_span, and steps over escapes: "%" HEX HEX. */
static size_t escaped_span(struct slice s, size_t at, enum sip_class class)
{
    for (;;) {
        at = sip_class_span(s, at, class);
        if (at + 2 >= s.len || s.data[at] != '%' || !hex_digit(s.data[at + 1]) || !hex_digit(s.data[at + 2]))
            return at;
        at += 3;
    }
}

/* IPv6 with three colons before an IPv4 part: what the grammar of RFC 2373 made of hexseq "::" ":" IPv4address. */
static bool three_colons(struct slice inner)
{
    char text[64];
    struct endpoint unused;
    if (inner.len >= sizeof text)
        return false;
    for (size_t i = 0; i + 3 < inner.len; i++) {
        if (memcmp(inner.data + i, ":::", 3) != 0)
            continue;
        memcpy(text, inner.data, i);
        memcpy(text + i, inner.data + i + 1, inner.len - i - 1);
        return memchr(inner.data + i, '.', inner.len - i) != NULL &&
               endpoint_parse_address(slice_of(text, inner.len - 1), &unused);
    }
    return false;
}

/* The reference is [...] as a whole. */
static bool check_ipv6(struct sip_check *check, struct slice reference, bool has_port)
{
    struct slice inner = slice_cut(reference, 1, reference.len - 1);
    struct endpoint address;
    if (!endpoint_parse_address(inner, &address) || address.family != 6) {
        if (!three_colons(inner))
            return fail(check, SIP_DEFECT_HOST_IPV6, reference);
        sip_defect_add(check, SIP_DEFECT_HOST_IPV6_COLONS, reference);
    }
    /* RFC 5118 4.3: all in the brackets is address; what was meant as the usual ports 5060 to 5099 is worth a
       remark. */
    size_t last = inner.len;
    while (last > 0 && inner.data[last - 1] != ':')
        last--;
    if (!has_port && inner.len - last == 4 && memcmp(inner.data + last, "50", 2) == 0 && inner.data[last + 2] >= '6' &&
        ascii_digit(inner.data[last + 2]) && ascii_digit(inner.data[last + 3]))
        sip_defect_add(check, SIP_DEFECT_HOST_IPV6_PORT, reference);
    return true;
}

/* IPv4address = 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT */
static bool is_ipv4(struct slice host, bool *range)
{
    unsigned dots = 0, digits = 0, number = 0;
    *range = true;
    for (size_t i = 0; i <= host.len; i++) {
        if (i == host.len || host.data[i] == '.') {
            if (digits == 0 || digits > 3)
                return false;
            *range = *range && number <= 255;
            dots += i < host.len;
            digits = number = 0;
        } else if (ascii_digit(host.data[i]) && digits < 4) {
            number = number * 10 + (unsigned)(host.data[i] - '0');
            digits++;
        } else {
            return false;
        }
    }
    return dots == 3;
}

/* hostname = *( domainlabel "." ) toplabel [ "." ]: labels neither begin nor end with '-', the last begins with
   a letter. */
static bool is_hostname(struct slice host)
{
    size_t len = host.len - (host.len > 1 && host.data[host.len - 1] == '.'), label = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && host.data[i] != '.') {
            if (!(sip_class_table[host.data[i]] & SIP_CLASS_HOST))
                return false;
            continue;
        }
        if (i == label || host.data[label] == '-' || host.data[i - 1] == '-')
            return false;
        if (i == len)
            return !ascii_digit(host.data[label]);
        label = i + 1;
    }
    return false;
}

static bool check_name(struct sip_check *check, struct slice host)
{
    bool range;
    if (host.len == 0)
        return fail(check, SIP_DEFECT_HOST, host);
    if (ascii_digit(host.data[0]) && is_ipv4(host, &range)) {
        if (!range)
            sip_defect_add(check, SIP_DEFECT_HOST_IPV4, host);
        return true;
    }
    return is_hostname(host) || fail(check, SIP_DEFECT_HOST, host);
}

static bool check_port(struct sip_check *check, struct slice port)
{
    uint64_t number = 0;
    size_t digits = 0;
    while (digits < port.len && ascii_digit(port.data[digits]))
        digits++;
    if (digits == 0 || digits < port.len)
        return fail(check, SIP_DEFECT_PORT, port);
    if (!slice_uint(port, &number) || number == 0 || number > UINT16_MAX)
        sip_defect_add(check, SIP_DEFECT_PORT_RANGE, port);
    return true;
}

/* host [ ":" port ]; spaced: COLON, white space allowed around it, as in a Via's sent-by. */
bool sip_check_host_port(struct sip_check *check, struct slice text, bool spaced)
{
    size_t end;
    bool bracketed = text.len > 0 && text.data[0] == '[';
    if (bracketed) {
        end = slice_find(text, 0, ']');
        if (end == text.len)
            return fail(check, SIP_DEFECT_HOST_IPV6, text);
        end++;
    } else {
        end = slice_find(text, 0, ':');
        if (slice_find(text, end + 1, ':') < text.len)
            return fail(check, SIP_DEFECT_HOST_IPV6_BARE, text);
    }
    size_t colon = spaced ? sip_space_span(text, end) : end;
    struct slice host = slice_cut(text, 0, end);
    if (spaced)
        host = slice_trim(host);
    if (bracketed ? !check_ipv6(check, host, colon < text.len) : !check_name(check, host))
        return false;
    if (colon == text.len)
        return true;
    if (text.data[colon] != ':')
        return fail(check, SIP_DEFECT_HOST, text);
    struct slice port = slice_after(text, colon + 1);
    return check_port(check, spaced ? slice_trim(port) : port);
}

/* uri-parameters = *( ";" pname [ "=" pvalue ] ), both 1*paramchar. `at` is at the first ';' or at the end. */
static size_t check_uri_parameters(struct sip_check *check, struct slice s, size_t at, bool *good)
{
    while (at < s.len && s.data[at] == ';') {
        size_t name = at + 1, equals = escaped_span(s, name, SIP_CLASS_PARAM), end = equals;
        bool broken = equals == name;
        if (equals < s.len && s.data[equals] == '=') {
            end = escaped_span(s, equals + 1, SIP_CLASS_PARAM);
            broken = broken || end == equals + 1;
        }
        if (broken || (end < s.len && s.data[end] != ';' && s.data[end] != '?')) {
            size_t next = end < s.len ? slice_find(s, end + (end == at), ';') : end;
            *good = fail(check, SIP_DEFECT_URI_PARAMETER, slice_cut(s, at, next));
            return s.len;
        }
        at = end;
    }
    return at;
}

/* headers = "?" hname "=" hvalue *( "&" hname "=" hvalue ) */
static bool check_uri_headers(struct sip_check *check, struct slice headers)
{
    for (size_t at = 0;; at++) {
        size_t equals = escaped_span(headers, at, SIP_CLASS_HNV);
        if (equals == at || equals == headers.len || headers.data[equals] != '=')
            return fail(check, SIP_DEFECT_URI_HEADER, headers);
        at = escaped_span(headers, equals + 1, SIP_CLASS_HNV);
        if (at == headers.len)
            return true;
        if (headers.data[at] != '&')
            return fail(check, SIP_DEFECT_URI_HEADER, headers);
    }
}

/* userinfo = ( user / telephone-subscriber ) [ ":" password ] */
static bool check_userinfo(struct sip_check *check, struct slice userinfo)
{
    size_t user = escaped_span(userinfo, 0, SIP_CLASS_USER);
    size_t end = user;
    if (user > 0 && user < userinfo.len && userinfo.data[user] == ':')
        end = escaped_span(userinfo, user + 1, SIP_CLASS_PASSWORD);
    return (user > 0 && end == userinfo.len) || fail(check, SIP_DEFECT_URI_USER, userinfo);
}

static bool check_sip_uri(struct sip_check *check, struct slice rest)
{
    /* '@' must be escaped everywhere else, so the last one ends the user part (RFC 3261 25.1). */
    size_t at = slice_find(rest, 0, '@');
    bool good = true;
    if (at < rest.len) {
        for (size_t next; (next = slice_find(rest, at + 1, '@')) < rest.len;)
            at = next;
        good = check_userinfo(check, slice_cut(rest, 0, at));
        rest = slice_after(rest, at + 1);
    }
    size_t host = 0;
    while (host < rest.len && rest.data[host] != ';' && rest.data[host] != '?')
        host++;
    good = sip_check_host_port(check, slice_cut(rest, 0, host), false) && good;
    size_t end = check_uri_parameters(check, rest, host, &good);
    if (end < rest.len && rest.data[end] == '?')
        good = check_uri_headers(check, slice_after(rest, end + 1)) && good;
    return good;
}

/* RFC 3966 3: the number of a tel URI has digits and visual separators; local ones also A-F, '*' and '#'. */
static bool check_tel_uri(struct sip_check *check, struct slice rest)
{
    size_t at = 0, digits = 0;
    bool global = rest.len > 0 && rest.data[0] == '+', good = true;
    for (at = global; at < rest.len && rest.data[at] != ';'; at++) {
        uint8_t c = rest.data[at];
        bool digit = ascii_digit(c) || (!global && (hex_digit(c) || c == '*' || c == '#'));
        if (!digit && memchr("-.()", c, 4) == NULL)
            return fail(check, SIP_DEFECT_URI, rest);
        digits += digit;
    }
    if (digits == 0)
        return fail(check, SIP_DEFECT_URI, rest);
    return check_uri_parameters(check, rest, at, &good) == rest.len && good;
}

bool sip_check_uri(struct sip_check *check, struct slice text)
{
    size_t colon = slice_find(text, 0, ':');
    struct slice scheme = slice_cut(text, 0, colon), rest = slice_after(text, colon + 1);
    bool letters = scheme.len > 0 && (scheme.data[0] | 0x20) >= 'a' && (scheme.data[0] | 0x20) <= 'z';
    for (size_t i = 0; letters && i < scheme.len; i++)
        letters = scheme.data[i] == '+' || (sip_class_table[scheme.data[i]] & SIP_CLASS_HOST);
    if (!letters || colon == text.len)
        return fail(check, SIP_DEFECT_URI, text);
    if (slice_is_nocase(scheme, "sip") || slice_is_nocase(scheme, "sips"))
        return check_sip_uri(check, rest);
    if (slice_is_nocase(scheme, "tel"))
        return check_tel_uri(check, rest);
    /* absoluteURI of another scheme: its characters, no more (RFC 4475 3.3.2: the scheme's own rules are not
       ours). */
    return (rest.len > 0 && escaped_span(rest, 0, SIP_CLASS_URIC) == rest.len) || fail(check, SIP_DEFECT_URI, text);
}

/* gen-value = token / host / quoted-string; received= of a Via may also be an IPv6 address without brackets (RFC
   5118 4.5). Returns the index after it, `at` itself where there is none. */
static size_t value_span(struct slice s, size_t at)
{
    if (at < s.len && s.data[at] == '"') {
        size_t end = sip_quoted_span(s, at);
        return end == 0 ? at : end;
    }
    if (at < s.len && s.data[at] == '[') {
        size_t end = at;
        while (end < s.len && s.data[end] != ']' && s.data[end] != ';' && s.data[end] != ',')
            end++;
        return end < s.len && s.data[end] == ']' ? end + 1 : at;
    }
    return sip_class_span(s, at, SIP_CLASS_TOKEN);
}

static bool is_address_parameter(struct slice name)
{
    return slice_is_nocase(name, "received") || slice_is_nocase(name, "maddr");
}

/* Where a broken parameter ends, to go on with the next: at ';', or at ',' of a list, or the end. */
static size_t parameter_end(struct slice s, size_t at, bool list)
{
    while (at < s.len && s.data[at] != ';' && !(list && s.data[at] == ','))
        at++;
    return at;
}

size_t sip_check_parameters(struct sip_check *check, struct slice s, size_t at, bool list)
{
    bool bad = false;
    for (at = sip_space_span(s, at); at < s.len && s.data[at] == ';'; at = sip_space_span(s, at)) {
        size_t name = sip_space_span(s, at + 1), equals = sip_class_span(s, name, SIP_CLASS_TOKEN), end = equals;
        size_t next = sip_space_span(s, equals);
        enum sip_defect_id id = name == equals ? SIP_DEFECT_PARAMETER_EMPTY : SIP_DEFECT_PARAMETER;
        bool broken = name == equals;
        if (!broken && next < s.len && s.data[next] == '=') {
            size_t value = sip_space_span(s, next + 1);
            end = value_span(s, value);
            if (end < s.len && s.data[end] == ':' && is_address_parameter(slice_cut(s, name, equals)))
                while (end < s.len && (hex_digit(s.data[end]) || s.data[end] == ':' || s.data[end] == '.'))
                    end++;
            broken = end == value;
            if (broken && value < s.len && s.data[value] == '"')
                id = SIP_DEFECT_QUOTE;
            next = sip_space_span(s, end);
        }
        broken = broken || (next < s.len && s.data[next] != ';' && !(list && s.data[next] == ','));
        if (broken) {
            end = id == SIP_DEFECT_QUOTE ? s.len : parameter_end(s, end > at ? end : at + 1, list);
            if (!bad) /* one row for one value: the rest of a broken list of parameters says nothing new */
                sip_defect_add(check, id, slice_cut(s, at, end));
            bad = true;
        }
        at = end;
    }
    return at;
}

/* display-name before a '<' at `open`: *(token LWS) / quoted-string. RFC 4475 lwsdisp: no LWS is needed before
   the '<'. */
static void check_display_name(struct sip_check *check, struct slice s, size_t from, size_t open)
{
    struct slice name = slice_cut(s, 0, open);
    size_t at = sip_space_span(name, from);
    if (at < open && name.data[at] == '"') {
        size_t end = sip_quoted_span(name, at);
        if (end == 0 || sip_space_span(name, end) < open)
            sip_defect_add(check, SIP_DEFECT_DISPLAY_NAME, slice_trim(slice_cut(s, from, open)));
        return;
    }
    while (at < open) {
        size_t end = sip_class_span(name, at, SIP_CLASS_TOKEN);
        if (end == at || (end < open && !ascii_space(name.data[end]))) {
            sip_defect_add(check, SIP_DEFECT_DISPLAY_NAME, slice_trim(slice_cut(s, from, open)));
            return;
        }
        at = sip_space_span(name, end);
    }
}

/* Where the next '<' outside quotes is, looking no further than a comma of the list; s.len: none. *open_quote: a
   quoted string does not end. */
static size_t next_bracket(struct slice s, size_t at, bool list, bool *open_quote)
{
    *open_quote = false;
    for (; at < s.len && s.data[at] != '<'; at++) {
        if (s.data[at] == '"') {
            size_t end = sip_quoted_span(s, at);
            *open_quote = end == 0;
            if (*open_quote)
                return s.len;
            at = end - 1;
        } else if (list && s.data[at] == ',') {
            return s.len;
        }
    }
    return at;
}

/* The URI of one value without <>, from `at`; returns where its parameters begin. */
static size_t check_bare(struct sip_check *check, struct slice s, size_t at, unsigned form)
{
    size_t end = at;
    while (end < s.len && s.data[end] != ';' && !((form & SIP_ADDRESS_LIST) && s.data[end] == ','))
        end++;
    struct slice text = slice_trim(slice_cut(s, at, end));
    if (!(form & SIP_ADDRESS_BARE))
        sip_defect_add(check, SIP_DEFECT_NAME_ADDR, text);
    /* RFC 3261 20.10: a URI with comma, question mark or semicolon must be enclosed. */
    else if (slice_find(text, 0, '?') < text.len || slice_find(text, 0, ',') < text.len)
        sip_defect_add(check, SIP_DEFECT_BRACKET_MISSING, text);
    else
        sip_check_uri(check, text);
    return end;
}

/* display-name <URI>; `open` is at the '<'; returns where its parameters begin. */
static size_t check_bracketed(struct sip_check *check, struct slice s, size_t at, size_t open)
{
    size_t close = slice_find(s, open, '>');
    if (at < open)
        check_display_name(check, s, at, open);
    struct slice uri = slice_cut(s, open + 1, close);
    if (close == s.len) {
        sip_defect_add(check, SIP_DEFECT_BRACKET_OPEN, slice_cut(s, open, close));
        return s.len;
    }
    if (uri.len > 0 && (ascii_space(uri.data[0]) || ascii_space(uri.data[uri.len - 1]))) {
        sip_defect_add(check, SIP_DEFECT_BRACKET_SPACE, slice_cut(s, open, close + 1));
        uri = slice_trim(uri);
    }
    sip_check_uri(check, uri);
    return close + 1;
}

void sip_check_address(struct sip_check *check, struct slice value, unsigned form)
{
    bool list = (form & SIP_ADDRESS_LIST) != 0, open_quote;
    size_t at = 0;
    for (;;) {
        at = sip_space_span(value, at);
        if (at == value.len || value.data[at] == ',') {
            sip_defect_add(check, value.len == 0 ? SIP_DEFECT_EMPTY : SIP_DEFECT_EMPTY_ITEM, value);
            return;
        }
        /* In a list a comma ends the search for '<', which is why an unquoted comma in a display name is found
           there too. */
        size_t open = next_bracket(value, at, list, &open_quote);
        /* Nothing behind an open quote can be trusted; and going on would read the rest once for each comma. */
        if (open_quote) {
            sip_defect_add(check, SIP_DEFECT_QUOTE, slice_after(value, at));
            return;
        }
        size_t semicolon = open < value.len ? slice_find(slice_cut(value, 0, open), at, ';') : 0;
        bool bracketed = open < value.len && (semicolon == open || value.data[at] == '"');
        at = bracketed ? check_bracketed(check, value, at, open) : check_bare(check, value, at, form);
        at = sip_check_parameters(check, value, at, list);
        if (at >= value.len)
            return;
        if (!list || value.data[at] != ',') {
            sip_defect_add(check, SIP_DEFECT_PARAMETER, slice_after(value, at));
            return;
        }
        at++;
    }
}

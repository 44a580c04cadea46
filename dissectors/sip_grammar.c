/* Names the defects of one SIP message: its start line, which headers it has, its body's length; values are checked by
   sip_grammar_headers.c. */
#include "dissectors/sip_syntax.h"

#include "dissectors/sip_uri.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

const struct sip_defect_row sip_defect_rows[] = {
#define X(id, name, level, text, source) [SIP_DEFECT_##id] = {name, SIP_DEFECT_##level, text, source},
    SIP_DEFECTS(X)
#undef X
};

const size_t sip_defect_count = SIP_DEFECT_ROWS;

enum { VALUE_MAX = 256 }; /* offending text is cut to what a reader can take in */

void sip_defect_add(struct sip_check *check, enum sip_defect_id id, struct slice value)
{
    struct sip_verdict *verdict = check->verdict;
    if (sip_defect_rows[id].level == SIP_DEFECT_INVALID)
        verdict->well_formed = false;
    if (verdict->count < SIP_DEFECTS_MAX)
        verdict->defects[verdict->count++] =
            (struct sip_defect){(uint16_t)id, check->subject, slice_cut(value, 0, VALUE_MAX)};
}

static void add_about(struct sip_check *check, enum sip_defect_id id, const char *subject, struct slice value)
{
    check->subject = slice_str(subject);
    sip_defect_add(check, id, value);
}

/* SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT; only 2.0 exists (RFC 3261 21.5.7). */
static void check_version(struct sip_check *check)
{
    struct slice version = check->message->version;
    if (!slice_is_nocase(version, "SIP/2.0"))
        sip_defect_add(check, SIP_DEFECT_VERSION, version);
    else if (!slice_is(version, "SIP/2.0"))
        sip_defect_add(check, SIP_DEFECT_VERSION_CASE, version);
}

static bool is_one_space(const uint8_t *from, const uint8_t *to)
{
    return to - from == 1 && *from == ' ';
}

static void check_request_uri(struct sip_check *check)
{
    struct slice uri = check->message->uri;
    bool sip = slice_starts_nocase(uri, "sip:") || slice_starts_nocase(uri, "sips:");
    struct sip_uri parts;
    for (size_t i = 0; i < uri.len; i++) {
        if (ascii_space(uri.data[i])) {
            sip_defect_add(check, SIP_DEFECT_URI_SPACE, uri);
            return;
        }
    }
    if (uri.data[0] == '<') {
        sip_defect_add(check, SIP_DEFECT_URI_BRACKETS, uri);
        return;
    }
    if (!sip_check_uri(check, uri) || !sip || slice_find(uri, 0, '?') == uri.len)
        return;
    /* A '?' may also be part of the user (RFC 4475 intmeth). */
    sip_uri_parse(uri, &parts);
    if (parts.headers.len > 0)
        sip_defect_add(check, SIP_DEFECT_URI_HEADERS, uri);
}

/* RFC 3261 7.1: Method SP Request-URI SP SIP-Version CRLF */
static void check_request_line(struct sip_check *check)
{
    const struct sip_message *message = check->message;
    const uint8_t *method_end = message->method_text.data + message->method_text.len;
    const uint8_t *uri_end = message->uri.data + message->uri.len;
    const uint8_t *version_end = message->version.data + message->version.len;
    const uint8_t *end = message->start_line.data + message->start_line.len;
    check->subject = slice_str("request line");
    if (!is_one_space(method_end, message->uri.data) || !is_one_space(uri_end, message->version.data))
        sip_defect_add(check, SIP_DEFECT_LINE_SPACE, message->start_line);
    check_request_uri(check);
    check_version(check);
    if (version_end < end)
        sip_defect_add(check, SIP_DEFECT_LINE_TRAILING, slice_of(version_end, (size_t)(end - version_end)));
}

/* RFC 3261 7.2: SIP-Version SP Status-Code SP Reason-Phrase CRLF; the reason may be empty, its space may not be
   missing. */
static void check_status_line(struct sip_check *check)
{
    const struct sip_message *message = check->message;
    const uint8_t *version_end = message->version.data + message->version.len;
    const uint8_t *status_end = message->status_text.data + message->status_text.len;
    const uint8_t *end = message->start_line.data + message->start_line.len;
    uint64_t number;
    check->subject = slice_str("status line");
    check_version(check);
    if (!is_one_space(version_end, message->status_text.data))
        sip_defect_add(check, SIP_DEFECT_LINE_SPACE, message->start_line);
    if (message->status_text.len != 3 || !slice_uint(message->status_text, &number))
        sip_defect_add(check, SIP_DEFECT_STATUS_CODE, message->status_text);
    else if (number < 100 || number >= 700)
        sip_defect_add(check, SIP_DEFECT_STATUS_CLASS, message->status_text);
    if (status_end == end || *status_end != ' ')
        sip_defect_add(check, SIP_DEFECT_STATUS_SPACE, message->start_line);
}

/* A control character is only allowed as a quoted pair (RFC 3261 25.1 quoted-pair; RFC 4475 intmeth has a NUL
   there). */
static void check_controls(struct sip_check *check, struct slice value)
{
    bool quoted = false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        if (quoted && c == '\\' && i + 1 < value.len && value.data[i + 1] < 0x80 && value.data[i + 1] != '\r' &&
            value.data[i + 1] != '\n')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if ((c < ' ' && !ascii_space(c)) || c == 0x7f) {
            sip_defect_add(check, SIP_DEFECT_CONTROL, slice_after(value, i));
            return;
        }
    }
}

/* TEXT-UTF8char: UTF8-NONASCII is a lead byte and its continuation bytes; header-value and the reason phrase
   also allow continuation bytes alone (UTF8-CONT), so only a lead byte without them is wrong. */
static void check_utf8(struct sip_check *check, struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        if (c < 0xc0)
            continue;
        size_t more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : c < 0xfc ? 4 : c < 0xfe ? 5 : SIZE_MAX;
        for (size_t k = 1; k <= more; k++) {
            if (i + k >= value.len || value.data[i + k] < 0x80 || value.data[i + k] >= 0xc0) {
                sip_defect_add(check, SIP_DEFECT_UTF8, value);
                return;
            }
        }
        i += more;
    }
}

static inline bool is_strange(uint8_t c)
{
    return (c < ' ' && !ascii_space(c)) || c >= 0x7f;
}

/* Is there a byte that needs one of the two checks above? Nearly never, so this looks at 16 at a time. */
static bool has_strange_bytes(struct slice s)
{
    size_t i = 0;
#ifdef __SSE2__
    for (; i + 16 <= s.len; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(s.data + i));
        /* A signed comparison: bytes from 0x80 on are below the space too. */
        __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
        __m128i ends = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'));
        ends = _mm_or_si128(ends, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
        ends = _mm_or_si128(ends, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
        __m128i strange = _mm_or_si128(_mm_andnot_si128(ends, low), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
        if (_mm_movemask_epi8(strange) != 0)
            return true;
    }
#endif
    for (; i < s.len; i++)
        if (is_strange(s.data[i]))
            return true;
    return false;
}

static void check_header(struct sip_check *check, const struct sip_header *header, unsigned index)
{
    const struct sip_message *message = check->message;
    struct slice name = slice_cut(message->bytes, header->name, (size_t)header->name + header->name_len);
    struct slice value = slice_cut(message->bytes, header->value, (size_t)header->value + header->value_len);
    check->subject = name;
    if (header->id == SIP_HEADER_OTHER) {
        size_t colon = sip_space_span(message->bytes, (size_t)header->name + header->name_len);
        if (header->value_len == 0 && (colon >= message->bytes.len || message->bytes.data[colon] != ':')) {
            sip_defect_add(check, SIP_DEFECT_NO_COLON, name);
            return;
        }
        if (!sip_class_all(name, SIP_CLASS_TOKEN))
            sip_defect_add(check, SIP_DEFECT_HEADER_NAME, name);
        return;
    }
    if ((sip_header_rows[header->id].flags & SIP_HEADER_SINGLE) && message->first[header->id] != index + 1)
        sip_defect_add(check, SIP_DEFECT_REPEATED, value);
    sip_check_header(check, header->id, value);
}

static void check_headers(struct sip_check *check, bool cut)
{
    const struct sip_message *message = check->message;
    /* Where the capture cut the header, its last line may be half a line. */
    unsigned count = message->header_count;
    if (cut && count > 0)
        count--;
    for (unsigned i = 0; i < count; i++)
        check_header(check, &message->headers[i], i);
    size_t header_len = (size_t)(message->body.data == NULL ? message->bytes.len
                                                            : (size_t)(message->body.data - message->bytes.data));
    if (!has_strange_bytes(slice_cut(message->bytes, 0, header_len)))
        return;
    for (unsigned i = 0; i < count; i++) {
        const struct sip_header *header = &message->headers[i];
        struct slice value = slice_cut(message->bytes, header->value, (size_t)header->value + header->value_len);
        check->subject = slice_cut(message->bytes, header->name, (size_t)header->name + header->name_len);
        check_controls(check, value);
        check_utf8(check, value);
    }
}

/* RFC 3261 8.1.1.7: the magic cookie tells an RFC 3261 branch from an older one. Returns whether it is there. */
static bool check_branch(struct sip_check *check)
{
    struct sip_via via;
    struct slice value = sip_header_value(check->message, SIP_HEADER_VIA);
    if (check->message->first[SIP_HEADER_VIA] == 0 || !sip_via_parse(value, &via))
        return true;
    check->subject = slice_str("Via");
    bool cookie = slice_starts_nocase(via.branch, "z9hG4bK");
    if (!cookie)
        sip_defect_add(check, SIP_DEFECT_BRANCH_OLD, via.branch);
    else if (via.branch.len == 7)
        sip_defect_add(check, SIP_DEFECT_BRANCH_BARE, via.branch);
    return cookie;
}

static bool has(const struct sip_message *message, enum sip_header_id id)
{
    return message->first[id] != 0;
}

static void check_contact_present(struct sip_check *check, bool cookie)
{
    const struct sip_message *message = check->message;
    bool needed = message->method == SIP_INVITE && (message->request || message->status / 100 == 2);
    if (needed && !has(message, SIP_HEADER_CONTACT))
        add_about(check, cookie ? SIP_DEFECT_CONTACT_MISSING : SIP_DEFECT_CONTACT_MISSING_OLD, "Contact", SLICE_NONE);
}

/* RFC 3261 8.1.1, 8.2.6.2: which headers a message must have, and the tags. */
static void check_presence(struct sip_check *check, bool cookie)
{
    static const uint8_t mandatory[] = {SIP_HEADER_TO, SIP_HEADER_FROM, SIP_HEADER_CSEQ, SIP_HEADER_CALL_ID,
                                        SIP_HEADER_VIA};
    const struct sip_message *message = check->message;
    for (size_t i = 0; i < sizeof mandatory; i++)
        if (!has(message, mandatory[i]))
            add_about(check, SIP_DEFECT_MISSING, sip_header_rows[mandatory[i]].name, SLICE_NONE);
    if (message->request && !has(message, SIP_HEADER_MAX_FORWARDS))
        add_about(check, SIP_DEFECT_MAX_FORWARDS_MISSING, "Max-Forwards", SLICE_NONE);
    check_contact_present(check, cookie);
    struct slice from = sip_header_value(message, SIP_HEADER_FROM), to = sip_header_value(message, SIP_HEADER_TO);
    if (from.len > 0 && sip_tag(from).len == 0)
        add_about(check, SIP_DEFECT_FROM_TAG, "From", from);
    if (!message->request && message->status != 100 && to.len > 0 && sip_tag(to).len == 0)
        add_about(check, SIP_DEFECT_TO_TAG, "To", to);
}

/* Bytes that a receiver would take for a body: padding of CRLF, NUL and blanks after the header of a datagram without
   Content-Length is none. */
static bool has_body(struct slice body)
{
    for (size_t i = 0; i < body.len; i++)
        if (body.data[i] != 0 && !ascii_space(body.data[i]))
            return true;
    return false;
}

static void check_lengths(struct sip_check *check, bool stream, bool truncated)
{
    const struct sip_message *message = check->message;
    struct slice length = sip_header_value(message, SIP_HEADER_CONTENT_LENGTH);
    uint64_t number;
    check->subject = slice_str("Content-Length");
    if (message->flags & SIP_INDEX_BAD_LENGTH)
        sip_defect_add(check, slice_uint(length, &number) ? SIP_DEFECT_LENGTH_DIFFERS : SIP_DEFECT_LENGTH_VALUE,
                       length);
    if ((message->flags & SIP_INDEX_BODY_SHORT) && !truncated && !(message->flags & SIP_INDEX_TRUNCATED))
        sip_defect_add(check, SIP_DEFECT_LENGTH_LARGE, length);
    if (stream && (message->flags & SIP_INDEX_NO_LENGTH) && !(message->flags & SIP_INDEX_TRUNCATED))
        sip_defect_add(check, SIP_DEFECT_LENGTH_MISSING, SLICE_NONE);
    if (message->flags & SIP_INDEX_BODY_LONG)
        add_about(check, SIP_DEFECT_BODY_LONG, "body", SLICE_NONE);
    if (!has(message, SIP_HEADER_CONTENT_TYPE) && has_body(message->body))
        add_about(check, SIP_DEFECT_TYPE_MISSING, "Content-Type", slice_cut(message->body, 0, 32));
}

void sip_grammar_check(const struct sip_message *message, bool stream, bool truncated, struct sip_verdict *verdict)
{
    struct sip_check check = {message, verdict, SLICE_NONE};
    bool cut = truncated && (message->flags & SIP_INDEX_TRUNCATED);
    verdict->count = 0;
    verdict->well_formed = true;
    if (message->request)
        check_request_line(&check);
    else
        check_status_line(&check);
    check_headers(&check, cut);
    bool cookie = check_branch(&check);
    if (!cut) {
        check_presence(&check, cookie);
        check_lengths(&check, stream, truncated);
    }
    if (message->flags & SIP_INDEX_BARE_LF)
        add_about(&check, SIP_DEFECT_LINE_END, "header", SLICE_NONE);
    if ((message->flags & SIP_INDEX_TRUNCATED) && !truncated)
        add_about(&check, SIP_DEFECT_NO_END, "header", SLICE_NONE);
    if (message->flags & SIP_INDEX_JUNK_BEFORE)
        add_about(&check, SIP_DEFECT_JUNK_BEFORE, "start line", SLICE_NONE);
}

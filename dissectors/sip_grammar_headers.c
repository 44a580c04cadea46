/* The grammar of each header's value (RFC 3261 20, 25.1, and the RFCs of the extension headers), a row a header. */
#include "dissectors/sip_syntax.h"

static void add(struct sip_check *check, enum sip_defect_id id, struct slice value)
{
    sip_defect_add(check, id, value);
}

static size_t digit_span(struct slice s, size_t at)
{
    while (at < s.len && ascii_digit(s.data[at]))
        at++;
    return at;
}

/* 1*DIGIT from `at`, not above max; returns the index after it, 0 where there is none (and says so). */
static size_t check_number(struct sip_check *check, struct slice value, size_t at, uint64_t max)
{
    size_t end = digit_span(value, at);
    uint64_t number = 0;
    if (end == at) {
        add(check, SIP_DEFECT_NUMBER, value);
        return 0;
    }
    if (!slice_uint(slice_cut(value, at, end), &number) || number > max)
        add(check, SIP_DEFECT_NUMBER_RANGE, slice_cut(value, at, end));
    return end;
}

static void check_whole_number(struct sip_check *check, struct slice value, uint64_t max)
{
    size_t end = check_number(check, value, 0, max);
    if (end != 0 && end < value.len)
        add(check, SIP_DEFECT_NUMBER, value);
}

/* RFC 3261 20.22: 0 to 255. */
static void check_max_forwards(struct sip_check *check, struct slice value)
{
    check_whole_number(check, value, 255);
}

/* RFC 3262 7.1: RSeq is 1 to 2^32 - 1. */
static void check_rseq(struct sip_check *check, struct slice value)
{
    check_whole_number(check, value, UINT32_MAX);
}

/* delta-seconds *( SEMI param ): Session-Expires, Min-SE (RFC 4028 4, 5). */
static void check_seconds(struct sip_check *check, struct slice value)
{
    size_t end = check_number(check, value, 0, UINT32_MAX);
    if (end != 0 && sip_check_parameters(check, value, end, false) < value.len)
        add(check, SIP_DEFECT_PARAMETER, value);
}

/* RFC 3261 20.19; RFC 2543 6.20 also allowed a date. */
static void check_expires(struct sip_check *check, struct slice value)
{
    if (value.len > 20 && slice_find(value, 0, ',') == 3)
        add(check, SIP_DEFECT_EXPIRES_DATE, value);
    else
        check_whole_number(check, value, UINT32_MAX);
}

/* A comment: "(" with nested comments and quoted pairs; returns the index after it, 0 where it does not end. */
static size_t comment_span(struct slice s, size_t at)
{
    unsigned depth = 0;
    for (; at < s.len; at++) {
        if (s.data[at] == '\\')
            at++;
        else if (s.data[at] == '(')
            depth++;
        else if (s.data[at] == ')' && --depth == 0)
            return at + 1;
    }
    return 0;
}

/* RFC 3261 20.33: delta-seconds [ comment ] *( SEMI retry-param ) */
static void check_retry_after(struct sip_check *check, struct slice value)
{
    size_t end = check_number(check, value, 0, UINT32_MAX);
    if (end == 0)
        return;
    size_t at = sip_space_span(value, end);
    if (at < value.len && value.data[at] == '(') {
        at = comment_span(value, at);
        if (at == 0)
            at = end;
    }
    if (sip_check_parameters(check, value, at, false) < value.len)
        add(check, SIP_DEFECT_PARAMETER, value);
}

/* RFC 3261 20.16 and 8.1.1.5: 1*DIGIT LWS Method, less than 2^31. */
static void check_cseq(struct sip_check *check, struct slice value)
{
    const struct sip_message *message = check->message;
    size_t digits = digit_span(value, 0), method = sip_space_span(value, digits);
    struct slice name = slice_after(value, method);
    uint64_t number;
    if (digits == 0 || method == digits || !sip_class_all(name, SIP_CLASS_TOKEN)) {
        add(check, SIP_DEFECT_CSEQ, value);
        return;
    }
    if (!slice_uint(slice_cut(value, 0, digits), &number) || number > INT32_MAX)
        add(check, SIP_DEFECT_CSEQ_RANGE, slice_cut(value, 0, digits));
    if (message->request && !slice_equal(name, message->method_text))
        add(check, SIP_DEFECT_CSEQ_METHOD, name);
}

/* RFC 3262 7.2: response-num LWS CSeq-num LWS Method */
static void check_rack(struct sip_check *check, struct slice value)
{
    size_t end = check_number(check, value, 0, UINT32_MAX);
    size_t at = sip_space_span(value, end), second = digit_span(value, at), method = sip_space_span(value, second);
    if (end != 0 && (at == end || second == at || method == second ||
                     !sip_class_all(slice_after(value, method), SIP_CLASS_TOKEN)))
        add(check, SIP_DEFECT_CSEQ, value);
}

/* callid = word [ "@" word ] */
static size_t call_id_span(struct slice value)
{
    size_t end = sip_class_span(value, 0, SIP_CLASS_WORD);
    if (end == 0 || end == value.len || value.data[end] != '@')
        return end;
    size_t second = sip_class_span(value, end + 1, SIP_CLASS_WORD);
    return second == end + 1 ? end : second;
}

static void check_call_id(struct sip_check *check, struct slice value)
{
    if (value.len == 0 || call_id_span(value) < value.len)
        add(check, value.len == 0 ? SIP_DEFECT_EMPTY : SIP_DEFECT_CALL_ID, value);
}

/* RFC 3891 6.1: callid *( SEMI replaces-param ); a ';' is no word character. */
static void check_replaces(struct sip_check *check, struct slice value)
{
    size_t end = call_id_span(value);
    if (end == 0 || sip_check_parameters(check, value, end, false) < value.len)
        add(check, SIP_DEFECT_CALL_ID, value);
}

static void check_one_address(struct sip_check *check, struct slice value)
{
    sip_check_address(check, value, SIP_ADDRESS_BARE);
}

static void check_address_list(struct sip_check *check, struct slice value)
{
    sip_check_address(check, value, SIP_ADDRESS_BARE | SIP_ADDRESS_LIST);
}

/* Route, Record-Route, Path, Service-Route, ...: name-addr only. */
static void check_route(struct sip_check *check, struct slice value)
{
    sip_check_address(check, value, SIP_ADDRESS_LIST);
}

/* RFC 3261 20.10: expires is a number of seconds up to 2^32 - 1; a quoted or strange one is an extension
   parameter. */
static void check_contact_expires(struct sip_check *check, struct slice value)
{
    size_t at = 0;
    for (size_t i = 0; i + 8 < value.len; i++) {
        if (value.data[i] != ';')
            continue;
        at = sip_space_span(value, i + 1);
        if (at + 8 > value.len || !slice_is_nocase(slice_cut(value, at, at + 7), "expires"))
            continue;
        size_t equals = sip_space_span(value, at + 7), number = sip_space_span(value, equals + 1);
        size_t end = digit_span(value, number);
        uint64_t seconds;
        if (equals < value.len && value.data[equals] == '=' && end > number &&
            (!slice_uint(slice_cut(value, number, end), &seconds) || seconds > UINT32_MAX))
            add(check, SIP_DEFECT_NUMBER_RANGE, slice_cut(value, at, end));
    }
}

static void check_contact(struct sip_check *check, struct slice value)
{
    /* RFC 3261 10.2.2: * stands alone, and only a REGISTER may carry it. */
    if (value.len > 0 && value.data[0] == '*') {
        bool registers = check->message->method == SIP_REGISTER || check->message->method == SIP_METHOD_UNKNOWN;
        if (value.len > 1 || !registers)
            add(check, SIP_DEFECT_STAR, value);
        return;
    }
    check_address_list(check, value);
    check_contact_expires(check, value);
}

/* sent-protocol LWS sent-by of one Via value; returns where its parameters begin, 0 where it does not read. */
static size_t check_sent(struct sip_check *check, struct slice s, size_t at)
{
    for (int part = 0; part < 3; part++) {
        size_t end = sip_class_span(s, at, SIP_CLASS_TOKEN);
        if (end == at)
            return 0;
        at = part < 2 ? sip_space_span(s, end) : end;
        if (part < 2 && (at == s.len || s.data[at] != '/'))
            return 0;
        if (part < 2)
            at = sip_space_span(s, at + 1);
    }
    size_t host = sip_space_span(s, at), end = host;
    while (end < s.len && s.data[end] != ';' && s.data[end] != ',')
        end++;
    if (host == at || host == end)
        return 0;
    struct slice sent_by = slice_trim(slice_cut(s, host, end));
    if (slice_is(sent_by, "255.255.255.255"))
        add(check, SIP_DEFECT_VIA_BROADCAST, sent_by);
    sip_check_host_port(check, sent_by, true);
    return end;
}

/* RFC 3261 20.42: via-parm *( COMMA via-parm ) */
static void check_via(struct sip_check *check, struct slice value)
{
    size_t at = 0;
    for (;;) {
        at = sip_space_span(value, at);
        if (at == value.len || value.data[at] == ',') {
            add(check, value.len == 0 ? SIP_DEFECT_EMPTY : SIP_DEFECT_EMPTY_ITEM, value);
            return;
        }
        size_t end = check_sent(check, value, at);
        if (end == 0) {
            add(check, SIP_DEFECT_VIA, slice_after(value, at));
            return;
        }
        at = sip_check_parameters(check, value, end, true);
        if (at >= value.len)
            return;
        if (value.data[at] != ',') {
            add(check, SIP_DEFECT_VIA, slice_after(value, at));
            return;
        }
        at++;
    }
}

/* token *( COMMA token ) */
static void check_token_list(struct sip_check *check, struct slice value)
{
    size_t at = 0;
    for (;;) {
        at = sip_space_span(value, at);
        size_t end = sip_class_span(value, at, SIP_CLASS_TOKEN), next = sip_space_span(value, end);
        if (end == at && (at == value.len || value.data[at] == ',')) {
            add(check, value.len == 0 ? SIP_DEFECT_EMPTY : SIP_DEFECT_EMPTY_ITEM, value);
            return;
        }
        if (end == at || (next < value.len && value.data[next] != ',')) {
            add(check, SIP_DEFECT_TOKEN, value);
            return;
        }
        if (next == value.len)
            return;
        at = next + 1;
    }
}

/* Allow and Supported may be empty (RFC 3261 25.1). */
static void check_token_list_or_empty(struct sip_check *check, struct slice value)
{
    if (value.len > 0)
        check_token_list(check, value);
}

/* token *( SEMI generic-param ), in lists too: Event, Subscription-State, Reason (RFC 3326 2). */
static void check_token_parameters(struct sip_check *check, struct slice value, bool list)
{
    for (size_t at = 0;; at++) {
        at = sip_space_span(value, at);
        size_t end = sip_class_span(value, at, SIP_CLASS_TOKEN);
        if (end == at) {
            add(check, value.len == 0 ? SIP_DEFECT_EMPTY : SIP_DEFECT_TOKEN, value);
            return;
        }
        at = sip_check_parameters(check, value, end, list);
        if (at >= value.len)
            return;
        if (!list || value.data[at] != ',') {
            add(check, SIP_DEFECT_TOKEN, value);
            return;
        }
    }
}

static void check_event(struct sip_check *check, struct slice value)
{
    check_token_parameters(check, value, false);
}

static void check_reason(struct sip_check *check, struct slice value)
{
    check_token_parameters(check, value, true);
}

/* type SLASH subtype *( SEMI parameter ) from `at`; returns where it ended, 0 where it does not read. */
static size_t check_media_type(struct sip_check *check, struct slice s, size_t at, bool list)
{
    size_t type = sip_class_span(s, at, SIP_CLASS_TOKEN), slash = sip_space_span(s, type);
    size_t start = sip_space_span(s, slash + 1), subtype = sip_class_span(s, start, SIP_CLASS_TOKEN);
    if (type == at || slash >= s.len || s.data[slash] != '/' || subtype == start) {
        add(check, s.len == 0 ? SIP_DEFECT_EMPTY : SIP_DEFECT_MEDIA_TYPE, s);
        return 0;
    }
    return sip_check_parameters(check, s, subtype, list);
}

static void check_content_type(struct sip_check *check, struct slice value)
{
    size_t end = check_media_type(check, value, 0, false);
    if (end != 0 && end < value.len)
        add(check, SIP_DEFECT_MEDIA_TYPE, value);
}

static void check_accept(struct sip_check *check, struct slice value)
{
    if (value.len == 0)
        return;
    for (size_t at = 0;; at++) {
        at = check_media_type(check, value, sip_space_span(value, at), true);
        if (at == 0 || at >= value.len)
            return;
        if (value.data[at] != ',') {
            add(check, SIP_DEFECT_MEDIA_TYPE, value);
            return;
        }
    }
}

/* RFC 3261 20.43: warn-code (3DIGIT) SP warn-agent SP warn-text, in lists. */
static void check_warning(struct sip_check *check, struct slice value)
{
    for (size_t at = 0;; at++) {
        at = sip_space_span(value, at);
        size_t code = digit_span(value, at), agent = code + 1, end = agent;
        while (end < value.len && value.data[end] != ' ' && value.data[end] != '"')
            end++;
        bool good = code == at + 3 && code < value.len && value.data[code] == ' ' && end > agent &&
                    end + 1 < value.len && value.data[end] == ' ' && value.data[end + 1] == '"';
        size_t next = good ? sip_quoted_span(value, end + 1) : 0;
        at = sip_space_span(value, next);
        if (next == 0 || (at < value.len && value.data[at] != ',')) {
            add(check, SIP_DEFECT_WARNING, value);
            return;
        }
        if (at == value.len)
            return;
    }
}

/* The form of RFC 1123: d a letter of a day, m of a month, 0 a digit, all else itself. */
static bool date_matches(struct slice value)
{
    static const char form[] = "ddd, 00 mmm 0000 00:00:00 ";
    static const char days[] = "montuewedthufrisatsun", months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    bool day = false, month = false;
    if (value.len < sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++) {
        uint8_t c = value.data[i];
        if (form[i] == '0' ? !ascii_digit(c) : form[i] != 'd' && form[i] != 'm' && c != (uint8_t)form[i])
            return false;
    }
    for (size_t i = 0; i < sizeof days - 1; i += 3)
        day = day || slice_equal_nocase(slice_cut(value, 0, 3), slice_of(days + i, 3));
    for (size_t i = 0; i < sizeof months - 1; i += 3)
        month = month || slice_equal_nocase(slice_cut(value, 8, 11), slice_of(months + i, 3));
    return day && month;
}

static void check_date(struct sip_check *check, struct slice value)
{
    struct slice zone = slice_after(value, 26);
    if (!date_matches(value))
        add(check, SIP_DEFECT_DATE, value);
    else if (!slice_is_nocase(zone, "GMT"))
        add(check, SIP_DEFECT_DATE_ZONE, zone);
}

/* auth-scheme LWS auth-param *( COMMA auth-param ), auth-param = name EQUAL ( token / quoted-string ). Other
   schemes than Digest have their own forms (RFC 8898 token68): only their name is looked at. */
static void check_credentials(struct sip_check *check, struct slice value)
{
    size_t scheme = sip_class_span(value, 0, SIP_CLASS_TOKEN);
    if (scheme == 0 || (scheme < value.len && !ascii_space(value.data[scheme]))) {
        add(check, value.len == 0 ? SIP_DEFECT_EMPTY : SIP_DEFECT_CHALLENGE, value);
        return;
    }
    if (!slice_is_nocase(slice_cut(value, 0, scheme), "Digest"))
        return;
    for (size_t at = scheme;; at++) {
        size_t name = sip_space_span(value, at), equals = sip_class_span(value, name, SIP_CLASS_TOKEN);
        size_t sign = sip_space_span(value, equals), text = sip_space_span(value, sign + 1), end = text;
        if (text < value.len && value.data[text] == '"')
            end = sip_quoted_span(value, text);
        else
            end = sip_class_span(value, text, SIP_CLASS_TOKEN);
        at = sip_space_span(value, end);
        if (equals == name || sign >= value.len || value.data[sign] != '=' || end <= text ||
            (at < value.len && value.data[at] != ',')) {
            add(check, SIP_DEFECT_CHALLENGE, slice_after(value, name));
            return;
        }
        if (at == value.len)
            return;
    }
}

/* server-val *( LWS server-val ): product = token [ SLASH token ] or a comment. */
static void check_product(struct sip_check *check, struct slice value)
{
    for (size_t at = 0; at < value.len;) {
        size_t end = value.data[at] == '(' ? comment_span(value, at) : sip_class_span(value, at, SIP_CLASS_TOKEN);
        if (value.data[at] != '(' && end > at && end < value.len && value.data[end] == '/')
            end = sip_class_span(value, end + 1, SIP_CLASS_TOKEN);
        if (end <= at || (end < value.len && !ascii_space(value.data[end]) && value.data[end] != '(')) {
            add(check, SIP_DEFECT_PRODUCT, value);
            return;
        }
        at = sip_space_span(value, end);
    }
}

/* RFC 3261 20.24 */
static void check_mime_version(struct sip_check *check, struct slice value)
{
    size_t major = digit_span(value, 0), minor = digit_span(value, major + 1);
    if (major == 0 || major >= value.len || value.data[major] != '.' || minor == major + 1 || minor < value.len)
        add(check, SIP_DEFECT_NUMBER, value);
}

/* RFC 3261 20.38: 1*DIGIT [ "." *DIGIT ] [ LWS delay ] */
static void check_timestamp(struct sip_check *check, struct slice value)
{
    size_t end = digit_span(value, 0);
    if (end == 0) {
        add(check, SIP_DEFECT_NUMBER, value);
        return;
    }
    for (; end < value.len; end++) {
        uint8_t c = value.data[end];
        if (!ascii_digit(c) && c != '.' && !ascii_space(c)) {
            add(check, SIP_DEFECT_NUMBER, value);
            return;
        }
    }
}

static void (*const header_checks[SIP_HEADER_COUNT])(struct sip_check *check, struct slice value) = {
    [SIP_HEADER_VIA] = check_via,
    [SIP_HEADER_FROM] = check_one_address,
    [SIP_HEADER_TO] = check_one_address,
    [SIP_HEADER_CALL_ID] = check_call_id,
    [SIP_HEADER_CSEQ] = check_cseq,
    [SIP_HEADER_CONTACT] = check_contact,
    [SIP_HEADER_MAX_FORWARDS] = check_max_forwards,
    [SIP_HEADER_CONTENT_TYPE] = check_content_type,
    [SIP_HEADER_ROUTE] = check_route,
    [SIP_HEADER_RECORD_ROUTE] = check_route,
    [SIP_HEADER_PATH] = check_route,
    [SIP_HEADER_SERVICE_ROUTE] = check_route,
    [SIP_HEADER_HISTORY_INFO] = check_route,
    [SIP_HEADER_DIVERSION] = check_route,
    [SIP_HEADER_REFER_TO] = check_one_address,
    [SIP_HEADER_REFERRED_BY] = check_one_address,
    [SIP_HEADER_P_ASSERTED_IDENTITY] = check_address_list,
    [SIP_HEADER_P_PREFERRED_IDENTITY] = check_address_list,
    [SIP_HEADER_REMOTE_PARTY_ID] = check_route,
    [SIP_HEADER_USER_AGENT] = check_product,
    [SIP_HEADER_SERVER] = check_product,
    [SIP_HEADER_REASON] = check_reason,
    [SIP_HEADER_EXPIRES] = check_expires,
    [SIP_HEADER_AUTHORIZATION] = check_credentials,
    [SIP_HEADER_PROXY_AUTHORIZATION] = check_credentials,
    [SIP_HEADER_WWW_AUTHENTICATE] = check_credentials,
    [SIP_HEADER_PROXY_AUTHENTICATE] = check_credentials,
    [SIP_HEADER_RSEQ] = check_rseq,
    [SIP_HEADER_RACK] = check_rack,
    [SIP_HEADER_EVENT] = check_event,
    [SIP_HEADER_SUBSCRIPTION_STATE] = check_event,
    [SIP_HEADER_REPLACES] = check_replaces,
    [SIP_HEADER_SUPPORTED] = check_token_list_or_empty,
    [SIP_HEADER_ALLOW] = check_token_list_or_empty,
    [SIP_HEADER_REQUIRE] = check_token_list,
    [SIP_HEADER_PROXY_REQUIRE] = check_token_list,
    [SIP_HEADER_CONTENT_ENCODING] = check_token_list,
    [SIP_HEADER_WARNING] = check_warning,
    [SIP_HEADER_RETRY_AFTER] = check_retry_after,
    [SIP_HEADER_DATE] = check_date,
    [SIP_HEADER_SESSION_EXPIRES] = check_seconds,
    [SIP_HEADER_MIN_SE] = check_seconds,
    [SIP_HEADER_MIME_VERSION] = check_mime_version,
    [SIP_HEADER_ACCEPT] = check_accept,
    [SIP_HEADER_TIMESTAMP] = check_timestamp,
};

void sip_check_header(struct sip_check *check, enum sip_header_id id, struct slice value)
{
    if (header_checks[id] != NULL)
        header_checks[id](check, value);
}

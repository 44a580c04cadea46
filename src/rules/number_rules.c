/* Request-URIs, dialed numbers and caller ids. */
#include "record/numbering.h"
#include "rules/checking.h"

enum { NUMBER_SIZE = 64 };

static uint32_t bit_of(enum sip_method method)
{
    return UINT32_C(1) << method;
}

/* SIPREC (RFC 7866): the session recording protocol's INVITE. */
static bool is_siprec(const struct sip_message *message)
{
    static const char metadata[] = "rs-metadata";
    struct slice type = sip_header_value(message, SIP_HEADER_CONTENT_TYPE);
    if (slice_starts_nocase(type, "multipart/") && message->body.len > 0 && memmem(message->body.data, message->body.len, metadata, sizeof metadata - 1) != NULL)
        return true;
    struct slice rest = sip_header_value(message, SIP_HEADER_REQUIRE), value;
    while (sip_list_next(&rest, &value))
        if (slice_is_nocase(value, "siprec"))
            return true;
    struct slice contact = sip_header_value(message, SIP_HEADER_CONTACT);
    for (size_t at = slice_find(contact, 0, '+'); at < contact.len; at = slice_find(contact, at + 1, '+'))
        if (slice_starts_nocase(slice_after(contact, at), "+sip.src"))
            return true;
    return false;
}

static void host_wrong(struct checking *checking, const struct sip_uri *uri, enum rule_id rule, int severity)
{
    enum severity own = rules_at(checking->vetting->config.rules, rule)->severity;
    found_as(checking, rule, severity_or(severity, own), slice_str("Request-URI"), "the Request-URI's host is %.*s, not the trunk's name", WORDS(uri->host));
}

static void connector_compare(struct checking *checking, const struct sip_uri *uri)
{
    if (checking->site == NULL || checking->site->connector_id.len == 0)
        return;
    struct slice id = host_connector(checking->vetting, uri->host);
    if (id.len > 0 && !slice_equal_nocase(id, checking->site->connector_id))
        found(checking, RULE_OPTIONS_CONNECTOR, slice_str("Request-URI"), "it names connector %.*s; the site's is %.*s", WORDS(id),
              WORDS(checking->site->connector_id));
}

/* 911, 933, 112, 988: short codes of a country, emergency calls among them, which have no plus. */
static bool is_short_code(struct slice number)
{
    return number.len == 3 && number.data[0] >= '1' && number.data[0] <= '9' && ascii_digit(number.data[1]) && ascii_digit(number.data[2]);
}

static bool is_national(struct slice number)
{
    size_t digits = 0;
    while (digits < number.len && ascii_digit(number.data[digits]))
        digits++;
    return digits == number.len && digits >= 7 && digits <= 15;
}

/* NULL: the number is of the format. */
static const char *format_fault(enum number_format format, struct slice number)
{
    struct slice rest;
    if (format == NUMBER_FORMAT_ANY || is_short_code(number) || (format == NUMBER_E164_OR_NATIONAL && is_national(number)))
        return NULL;
    return number_fault(number, &rest);
}

static void dialed_number(struct checking *checking, const struct sip_uri *uri, enum number_format format, int severity)
{
    char buffer[NUMBER_SIZE];
    struct slice number = number_of(uri->user, buffer, sizeof buffer);
    bool outbound = checking->when & WHEN_FROM_CUSTOMER;
    const char *fault = format_fault(format, number);
    enum rule_id rule = outbound ? RULE_RURI_E164 : RULE_INBOUND_E164;
    if (fault != NULL)
        found_as(checking, rule, severity_or(severity, rules_at(checking->vetting->config.rules, rule)->severity), number, "the dialed number \"%.*s\" is not E.164: %s",
              WORDS(number), fault);
}

/* A number that reads well may still be of no country, or of one that the site does not call. */
static void country(struct checking *checking)
{
    char buffer[NUMBER_SIZE], words[100];
    struct slice rest;
    const struct sip_uri *uri = request_uri_of(checking);
    if (uri == NULL)
        return;
    struct slice number = number_of(uri->user, buffer, sizeof buffer);
    if (number_fault(number, &rest) != NULL)
        return;
    const struct numbering *row = numbering_find(number);
    const char *fault = numbering_fault(number, row, words, sizeof words);
    if (fault != NULL) {
        found(checking, RULE_DIALED_INVALID, number, "the dialed number %.*s cannot be one: %s", WORDS(number), fault);
        return;
    }
    if (checking->site == NULL || checking->site->calling_plan == NULL || row->country[0] == '\0')
        return;
    for (const struct json *item = json_first(checking->site->calling_plan); item != NULL; item = json_next(item))
        if (slice_is(json_text(item), row->country))
            return;
    found(checking, RULE_NOT_IN_PLAN, number, "%.*s is a number of %s, which is not in the site's calling_plan", WORDS(number), row->country);
}

static void request_uri(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    const struct sip_uri *uri = request_uri_of(checking);
    bool outbound = checking->when & WHEN_FROM_CUSTOMER;
    bool recording = checking->message->method == SIP_INVITE && profile->siprec_host && is_siprec(checking->message);
    enum rule_id host_rule = checking->message->method == SIP_OPTIONS ? RULE_OPTIONS_HOST : RULE_INVITE_HOST;
    for (size_t i = 0; i < profile->request_uri_count; i++) {
        const struct profile_request_uri *row = &profile->request_uris[i];
        if (!(row->methods & bit_of(checking->message->method)) ||
            (row->direction != DIRECTION_ANY && (row->direction == DIRECTION_OUTBOUND) != outbound))
            continue;
        if (slice_is_nocase(checking->uri->scheme, "tel")) {
            found(checking, RULE_RURI_TEL, slice_str("Request-URI"), "the Request-URI is %.*s", WORDS(checking->message->uri));
            return;
        }
        if (uri == NULL)
            return; /* the grammar says why */
        if (row->host_identify && host_is_trunk(checking->vetting, uri->host))
            connector_compare(checking, uri);
        else if (row->host_identify && !recording) /* that has its own rule */
            host_wrong(checking, uri, host_rule, row->severity);
        if (row->user != NUMBER_FORMAT_ANY)
            dialed_number(checking, uri, row->user, row->severity);
    }
}

static void siprec_invite(struct checking *checking)
{
    struct sip_address from;
    char buffer[NUMBER_SIZE];
    if (!is_siprec(checking->message))
        return;
    if (checking->vetted != NULL)
        checking->vetted->siprec = true;
    const struct sip_uri *uri = request_uri_of(checking);
    if (checking->profile->siprec_host && uri != NULL && !host_is_trunk(checking->vetting, uri->host))
        host_wrong(checking, uri, RULE_SIPREC_HOST, -1);
    (void)sip_address_parse(sip_header_value(checking->message, SIP_HEADER_FROM), &from);
    struct slice number = number_of(from.uri.user, buffer, sizeof buffer);
    const char *fault = format_fault(checking->profile->siprec_from, number);
    if (fault != NULL)
        found(checking, RULE_SIPREC_FROM, slice_str("From"), "From's user \"%.*s\" is not E.164: %s", WORDS(number), fault);
}

/* The first number of the format among all values of a header, or the first value where none is. */
static struct slice user_of(const struct sip_message *message, enum sip_header_id header, enum number_format format, char *buffer,
                            struct sip_address *address)
{
    *address = (struct sip_address){.bracketed = false};
    struct sip_address at;
    char other[NUMBER_SIZE];
    struct slice first = SLICE_NONE;
    for (unsigned i = message->first[header] == 0 ? message->header_count : message->first[header] - 1u; i < message->header_count; i++) {
        const struct sip_header *line = &message->headers[i];
        if (line->id != header)
            continue;
        struct slice rest = slice_cut(message->bytes, line->value, (size_t)line->value + line->value_len), value;
        while (sip_list_next(&rest, &value)) {
            (void)sip_address_parse(value, &at);
            struct slice number = number_of(at.uri.user, other, sizeof other);
            bool fits = format_fault(format, number) == NULL;
            if (!fits && first.data != NULL)
                continue;
            memcpy(buffer, other, number.len);
            first = slice_of(buffer, number.len);
            *address = at;
            if (fits || header == SIP_HEADER_FROM)
                return first;
        }
    }
    return first;
}

static bool is_owned(const struct site *site, struct slice number)
{
    for (const struct json *item = json_first(site->owned_numbers); item != NULL; item = json_next(item))
        if (slice_equal(json_text(item), number))
            return true;
    return false;
}

/* The headers in the profile's order: the first that is there counts. */
static void caller_id(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    const struct sip_message *message = checking->message;
    char buffer[NUMBER_SIZE], from_buffer[NUMBER_SIZE];
    struct sip_address address, from_address;
    enum sip_header_id header = SIP_HEADER_OTHER;
    for (size_t i = 0; i < 4 && header == SIP_HEADER_OTHER && profile->caller_order[i] != SIP_HEADER_OTHER; i++)
        header = message->first[profile->caller_order[i]] != 0 ? profile->caller_order[i] : SIP_HEADER_OTHER;
    if (header == SIP_HEADER_OTHER)
        return;
    const char *name = sip_header_rows[header].name;
    struct slice from = user_of(message, SIP_HEADER_FROM, profile->caller_format, from_buffer, &from_address);
    struct slice number = header == SIP_HEADER_FROM ? from : user_of(message, header, profile->caller_format, buffer, &address);
    const char *from_fault = format_fault(profile->caller_format, from);
    const char *fault = header == SIP_HEADER_FROM ? from_fault : format_fault(profile->caller_format, number);
    if (fault != NULL && header != SIP_HEADER_FROM && from_fault == NULL)
        found(checking, RULE_PAI_SHADOWS, slice_str(name), "%s \"%.*s\" is taken before From \"%.*s\" and is not E.164: %s", name,
              WORDS(number), WORDS(from), fault);
    else if (fault != NULL)
        found(checking, RULE_CALLERID_E164, slice_str(name), "the caller id, by %s, is \"%.*s\", which is not E.164: %s", name,
              WORDS(number), fault);
    else if (header != SIP_HEADER_FROM && from_fault == NULL && !slice_equal(number, from))
        found(checking, RULE_PAI_DIFFERS, slice_str(name), "%s says %.*s and From %.*s; the trunk shows %.*s", name, WORDS(number),
              WORDS(from), WORDS(number));
    if (fault == NULL && checking->site != NULL && checking->site->owned_numbers != NULL && !is_owned(checking->site, number))
        found(checking, RULE_CALLERID_OWNED, slice_str(name), "the caller id %.*s (%s) is not among the site's owned_numbers", WORDS(number), name);
    if (from_address.display.len > 0 && !slice_equal(from_address.display, from))
        found(checking, RULE_DISPLAY_IGNORED, slice_str("From"), "From's display name \"%.*s\" is not passed on", WORDS(from_address.display));
}

static void inbound_caller(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    char buffer[NUMBER_SIZE];
    struct sip_address address;
    if (profile->inbound_caller_format == NUMBER_FORMAT_ANY)
        return;
    for (size_t i = 0; i < 4 && profile->inbound_caller[i] != SIP_HEADER_OTHER; i++) {
        enum sip_header_id header = profile->inbound_caller[i];
        const char *name = sip_header_rows[header].name;
        struct slice number = user_of(checking->message, header, profile->inbound_caller_format, buffer, &address);
        bool there = checking->message->first[header] != 0;
        const char *fault = format_fault(profile->inbound_caller_format, number);
        enum severity own = rules_at(checking->vetting->config.rules, RULE_INBOUND_CALLERID)->severity;
        if (there && fault != NULL)
            found_as(checking, RULE_INBOUND_CALLERID, header == SIP_HEADER_FROM ? own : severity_or(profile->inbound_caller_severity, own), slice_str(name), "%s of the trunk is \"%.*s\", which is not E.164: %s", name, WORDS(number), fault);
        else if (!there && header != SIP_HEADER_FROM)
            found(checking, RULE_INBOUND_NO_PAI, slice_str(name), "the trunk sends no %s", name);
        if (header == SIP_HEADER_FROM && address.display.len > 0)
            found(checking, RULE_INBOUND_DISPLAY, slice_str("From"), "From of the trunk has the display name \"%.*s\"", WORDS(address.display));
    }
}

static void refusal(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    if (checking->vetted != NULL && checking->vetted->answer_frame != 0)
        return; /* of something inside the call */
    for (size_t i = 0; i < profile->explanation_count; i++)
        if (profile->explanations[i].status == checking->message->status)
            found(checking, RULE_REJECT_EXPLAINED, checking->message->status_text, "\"%.*s\": for %.*s that means %.*s",
                  WORDS(checking->message->reason), WORDS(profile->name), (int)profile->explanations[i].text.len,
                  (const char *)profile->explanations[i].text.data);
}

static const struct check rows[] = {
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH, request_uri},
    {WHEN_FROM_TRUNK | WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH, request_uri},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH | WHEN_INVITE, country},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH | WHEN_INVITE, siprec_invite},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH | WHEN_INVITE, caller_id},
    {WHEN_FROM_TRUNK | WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH | WHEN_INVITE, inbound_caller},
    {WHEN_FROM_TRUNK | WHEN_RESPONSE | WHEN_FRESH | WHEN_INVITE, refusal},
};

const struct check_list number_checks = {rows, sizeof rows / sizeof rows[0]};

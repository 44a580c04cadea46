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

static void host_wrong(struct checking *checking, const struct sip_uri *uri)
{
    enum rule_id rule = checking->message->method == SIP_OPTIONS ? RULE_OPTIONS_HOST
                        : is_siprec(checking->message)           ? RULE_SIPREC_HOST
                                                                 : RULE_INVITE_HOST;
    found(checking, rule, slice_str("Request-URI"), "the Request-URI's host is %.*s, not the trunk's name", WORDS(uri->host));
}

static void connector_compare(struct checking *checking, const struct sip_uri *uri)
{
    struct slice id = host_connector(checking->vetting, uri->host);
    if (checking->site != NULL && checking->site->connector_id.len > 0 && id.len > 0 && !slice_equal_nocase(id, checking->site->connector_id))
        found(checking, RULE_OPTIONS_CONNECTOR, slice_str("Request-URI"), "it names connector %.*s; the site's is %.*s", WORDS(id),
              WORDS(checking->site->connector_id));
}

/* The reserved short numbers of North America that every trunk takes without plus. */
static bool is_short_code(struct slice number)
{
    return number.len == 3 && ascii_digit(number.data[0]) && number.data[1] == '1' && number.data[2] == '1';
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

static void dialed_number(struct checking *checking, const struct sip_uri *uri, enum number_format format)
{
    char buffer[NUMBER_SIZE];
    struct slice number = number_of(uri->user, buffer, sizeof buffer);
    bool outbound = checking->when & WHEN_FROM_CUSTOMER;
    const char *fault = format_fault(format, number);
    if (fault != NULL)
        found(checking, outbound ? RULE_RURI_E164 : RULE_INBOUND_E164, number, "the dialed number \"%.*s\" is not E.164: %s",
              WORDS(number), fault);
}

/* A number that reads well may still be of no country, or of one that the site does not call. */
static void country(struct checking *checking)
{
    char buffer[NUMBER_SIZE], words[100];
    struct sip_uri uri;
    struct slice rest;
    if (!sip_uri_parse(checking->message->uri, &uri))
        return;
    struct slice number = number_of(uri.user, buffer, sizeof buffer);
    if (number_fault(number, &rest) != NULL)
        return;
    const char *fault = numbering_fault(number, words, sizeof words);
    if (fault != NULL) {
        found(checking, RULE_DIALED_INVALID, number, "the dialed number %.*s cannot be one: %s", WORDS(number), fault);
        return;
    }
    const struct numbering *row = numbering_find(number);
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
    struct sip_uri uri;
    bool readable = sip_uri_parse(checking->message->uri, &uri);
    for (size_t i = 0; i < profile->request_uri_count; i++) {
        const struct profile_request_uri *row = &profile->request_uris[i];
        bool outbound = checking->when & WHEN_FROM_CUSTOMER;
        if (!(row->methods & bit_of(checking->message->method)) ||
            (row->direction != DIRECTION_ANY && (row->direction == DIRECTION_OUTBOUND) != outbound))
            continue;
        if (slice_is_nocase(uri.scheme, "tel")) {
            found(checking, RULE_RURI_TEL, slice_str("Request-URI"), "the Request-URI is %.*s", WORDS(checking->message->uri));
            continue;
        }
        if (!readable)
            continue; /* the grammar says why */
        if (row->host_identify && !host_is_trunk(checking->vetting, uri.host))
            host_wrong(checking, &uri);
        else if (row->host_identify)
            connector_compare(checking, &uri);
        if (row->user != NUMBER_FORMAT_ANY)
            dialed_number(checking, &uri, row->user);
    }
}

static void siprec_invite(struct checking *checking)
{
    struct sip_uri uri;
    struct sip_address from;
    char buffer[NUMBER_SIZE];
    if (!is_siprec(checking->message))
        return;
    if (checking->vetted != NULL)
        checking->vetted->siprec = true;
    if (checking->profile->siprec_host && sip_uri_parse(checking->message->uri, &uri) && !host_is_trunk(checking->vetting, uri.host))
        host_wrong(checking, &uri);
    (void)sip_address_parse(sip_header_value(checking->message, SIP_HEADER_FROM), &from);
    struct slice number = number_of(from.uri.user, buffer, sizeof buffer);
    const char *fault = format_fault(checking->profile->siprec_from, number);
    if (fault != NULL)
        found(checking, RULE_SIPREC_FROM, slice_str("From"), "From's user \"%.*s\" is not E.164: %s", WORDS(number), fault);
}

static struct slice user_of(const struct sip_message *message, enum sip_header_id header, char *buffer, struct sip_address *address)
{
    struct slice rest = sip_header_value(message, header), value;
    *address = (struct sip_address){.bracketed = false};
    if (!sip_list_next(&rest, &value))
        return SLICE_NONE;
    (void)sip_address_parse(value, address);
    return number_of(address->uri.user, buffer, NUMBER_SIZE);
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
    struct slice number = user_of(message, header, buffer, &address);
    struct slice from = user_of(message, SIP_HEADER_FROM, from_buffer, &from_address);
    const char *fault = format_fault(profile->caller_format, number);
    const char *from_fault = format_fault(profile->caller_format, from);
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
        struct slice number = user_of(checking->message, header, buffer, &address);
        bool there = checking->message->first[header] != 0;
        const char *fault = format_fault(profile->inbound_caller_format, number);
        if (there && fault != NULL)
            found(checking, RULE_INBOUND_CALLERID, slice_str(name), "%s of the trunk is \"%.*s\", which is not E.164: %s", name, WORDS(number), fault);
        else if (!there && header != SIP_HEADER_FROM)
            found(checking, RULE_INBOUND_NO_PAI, slice_str(name), "the trunk sends no %s", name);
        if (header == SIP_HEADER_FROM && address.display.len > 0)
            found(checking, RULE_INBOUND_DISPLAY, slice_str("From"), "From of the trunk has the display name \"%.*s\"", WORDS(address.display));
    }
}

static void refusal(struct checking *checking)
{
    const struct profile *profile = checking->profile;
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

/* Headers that the trunk requires, refuses or wants to be of some form; and RFC 3261's rules that need more than one message's
   grammar. */
#include "rules/checking.h"

static uint32_t bit_of(enum sip_method method)
{
    return UINT32_C(1) << method;
}

static bool direction_fits(const struct checking *checking, enum profile_direction direction)
{
    return direction == DIRECTION_ANY || (direction == DIRECTION_OUTBOUND) == ((checking->when & WHEN_FROM_CUSTOMER) != 0);
}

/* A bit per enum sip_header_id that is there. */
static uint64_t headers_of(struct checking *checking)
{
    if (checking->headers == 0)
        for (unsigned id = 1; id < SIP_HEADER_COUNT; id++)
            checking->headers |= (uint64_t)(checking->message->first[id] != 0) << id;
    return checking->headers;
}

static void missing_found(struct checking *checking, unsigned id, bool recommended)
{
    enum severity severity = recommended ? SEVERITY_WARNING : rules_at(checking->vetting->config.rules, RULE_MISSING_HEADER)->severity;
    const char *name = sip_header_rows[id].name;
    checking->missing |= UINT64_C(1) << id;
    found_as(checking, RULE_MISSING_HEADER, severity, slice_str(name), "there is no %s header, which %.*s %s", name, WORDS(checking->profile->name),
             recommended ? "recommends" : "requires");
}

static void headers_required(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    for (size_t i = 0; i < profile->required_count; i++) {
        const struct profile_headers *row = &profile->required[i];
        uint64_t missing = row->names & ~headers_of(checking);
        if (!(row->methods & bit_of(checking->message->method)) || !direction_fits(checking, row->direction))
            continue;
        for (unsigned id = 1; missing != 0; id++, missing >>= 1)
            if (missing >> 1 & 1)
                missing_found(checking, id, row->recommended);
    }
}

static void headers_forbidden(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    for (size_t i = 0; i < profile->forbidden_count; i++) {
        const struct profile_headers *row = &profile->forbidden[i];
        uint64_t there = row->names & headers_of(checking);
        if (!(row->methods & bit_of(checking->message->method)) || !direction_fits(checking, row->direction))
            continue;
        for (unsigned id = 1; id < SIP_HEADER_COUNT; id++)
            if (there >> id & 1)
                found(checking, RULE_FORBIDDEN_HEADER, slice_str(sip_header_rows[id].name), "%s stands in it, which %.*s refuses",
                      sip_header_rows[id].name, WORDS(profile->name));
    }
}

static void headers_constrained(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    for (size_t i = 0; i < profile->constraint_count; i++) {
        const struct profile_constraint *row = &profile->constraints[i];
        struct sip_address address;
        struct endpoint numeric;
        if (!(row->methods & bit_of(checking->message->method)) || !direction_fits(checking, row->direction) ||
            !sip_address_parse(sip_header_value(checking->message, row->header), &address))
            continue;
        const char *name = sip_header_rows[row->header].name;
        struct slice host = address.uri.host;
        struct slice wanted = checking->site == NULL ? SLICE_NONE : checking->site->sbc_fqdn;
        if (row->host_name && endpoint_parse_address(host, &numeric))
            found(checking, RULE_HEADER_CONSTRAINT, slice_str(name), "the host of %s is the address %.*s; %.*s wants a name", name,
                  WORDS(host), WORDS(profile->name));
        else if (row->site_fqdn && wanted.len > 0 && !slice_equal_nocase(host, wanted))
            found(checking, RULE_HEADER_CONSTRAINT, slice_str(name), "the host of %s is %.*s; the site's SBC is %.*s", name, WORDS(host),
                  WORDS(wanted));
    }
}

/* RFC 3261 12.2.1.1. A CANCEL repeats its INVITE's To; an ACK to a failure repeats the response's. */
static void dialog_tag(struct checking *checking)
{
    const struct sip_message *message = checking->message;
    if (checking->vetted != NULL && !checking->vetted->to_tag && checking->vetted->final_frame != 0)
        return; /* the peer never gave one: an RFC 2543 agent (12.2.1.1) */
    if (message->method == SIP_BYE || message->method == SIP_PRACK || message->method == SIP_UPDATE)
        found(checking, RULE_TO_TAG_MISSING, slice_str("To"), "To has no tag (%.*s)", WORDS(sip_header_value(message, SIP_HEADER_TO)));
}

static void via_transport(struct checking *checking)
{
    static const char *const names[TRANSPORT_COUNT] = {"UDP", "TCP", "TLS", "WS", "WSS", "SCTP"};
    struct sip_via via;
    enum transport used = checking->sighting->transport;
    struct slice value = sip_header_value(checking->message, SIP_HEADER_VIA);
    if (value.len > 12 && memcmp(value.data, "SIP/2.0/UDP ", 12) == 0 && used == TRANSPORT_UDP)
        return; /* nearly all */
    if (!sip_via_parse(value, &via) || via.transport.len == 0 ||
        slice_is_nocase(via.transport, names[used]))
        return;
    /* What is decrypted elsewhere (a HEP agent, a TLS offload) comes in the clear here. */
    bool secured = slice_is_nocase(via.transport, "TLS") || slice_is_nocase(via.transport, "WSS");
    if (secured && (used == TRANSPORT_TCP || used == TRANSPORT_WS))
        return;
    if (used == TRANSPORT_TCP && checking->message->bytes.len > 1300 && slice_is_nocase(via.transport, "UDP"))
        found(checking, RULE_TCP_VIA_UDP, slice_str("Via"), "%zu bytes over TCP, and Via says %.*s", checking->message->bytes.len,
              WORDS(via.transport));
    else
        found(checking, RULE_VIA_TRANSPORT, slice_str("Via"), "Via says %.*s, the message came over %s", WORDS(via.transport), names[used]);
}

static void max_forwards(struct checking *checking)
{
    uint64_t value;
    double least = checking->profile->max_forwards_min;
    if (!slice_uint(sip_header_value(checking->message, SIP_HEADER_MAX_FORWARDS), &value))
        return;
    if (value == 0)
        found_as(checking, RULE_MAX_FORWARDS_LOW, SEVERITY_ERROR, slice_str("Max-Forwards"), "Max-Forwards is 0: no proxy may pass it on");
    else if (value > 255)
        found(checking, RULE_MAX_FORWARDS_LOW, slice_str("Max-Forwards"), "Max-Forwards is %llu, more than 255", (unsigned long long)value);
    else if (!isnan(least) && (double)value < least && (checking->when & WHEN_FROM_CUSTOMER))
        found(checking, RULE_MAX_FORWARDS_LOW, slice_str("Max-Forwards"), "Max-Forwards is %llu, less than %g", (unsigned long long)value, least);
}

static void contact_invite(struct checking *checking)
{
    struct slice rest = sip_header_value(checking->message, SIP_HEADER_CONTACT), value, more;
    struct sip_address address;
    if (rest.len == 0 || (checking->message->status != 0 && (checking->message->status < 200 || checking->message->status > 299)))
        return;
    if (rest.len > 6 && memcmp(rest.data, "<sip:", 5) == 0 && memchr(rest.data, ',', rest.len) == NULL)
        return; /* nearly all */
    struct slice whole = rest;
    if (!sip_list_next(&rest, &value))
        return;
    bool sip = sip_address_parse(value, &address) && (slice_is_nocase(address.uri.scheme, "sip") || slice_is_nocase(address.uri.scheme, "sips"));
    if (!sip || address.uri.host.len == 0)
        found(checking, RULE_CONTACT_INVALID, slice_str("Contact"), "Contact is %.*s", WORDS(whole));
    else if (checking->message->request && sip_list_next(&rest, &more))
        found(checking, RULE_CONTACT_INVALID, slice_str("Contact"), "Contact has more than one value (%.*s)", WORDS(whole));
}

static const struct check rows[] = {
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_FRESH | WHEN_WHOLE, headers_required},
    {WHEN_FROM_TRUNK | WHEN_REQUEST | WHEN_FRESH | WHEN_WHOLE, headers_required},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_FRESH, headers_forbidden},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_FRESH, headers_constrained},
    {WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH | WHEN_WHOLE, dialog_tag},
    {WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH, via_transport},
    {WHEN_REQUEST | WHEN_INITIAL | WHEN_FRESH, max_forwards},
    {WHEN_INVITE | WHEN_FRESH | WHEN_WHOLE, contact_invite},
};

const struct check_list header_checks = {rows, sizeof rows / sizeof rows[0]};

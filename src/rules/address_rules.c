/* Whether signaling goes where the trunk takes it (addresses, ports, transports, regions). */
#include "rules/checking.h"

/* The hop's end on the trunk's side. */
static const struct endpoint *trunk_end(const struct checking *checking)
{
    return checking->when & WHEN_FROM_CUSTOMER ? &checking->sighting->dst : &checking->sighting->src;
}

static const struct peer *trunk_peer(const struct checking *checking)
{
    return checking->when & WHEN_FROM_CUSTOMER ? checking->dst : checking->src;
}

/* A request that names the trunk and goes elsewhere may still be on its way through the customer's own proxies: the call's end tells. */
static void signaling_address(struct checking *checking)
{
    struct vetted *vetted = checking->vetted;
    bool ranges = false;
    for (size_t r = 0; r < checking->profile->region_count; r++)
        ranges = ranges || checking->profile->regions[r].signaling_count > 0;
    if (!ranges || vetted == NULL)
        return;
    if (checking->dst->trunk) {
        vetted->reached = true;
        return;
    }
    struct route *route = route_make(checking->vetting, vetted);
    if (route != NULL && route->astray.family == 0) {
        route->astray = checking->sighting->dst;
        route->astray_frame = checking->sighting->frame;
        route->astray_ns = checking->sighting->time_ns;
    }
}

/* The customer's own hosts are called by strangers. */
static void unknown_source(struct checking *checking)
{
    char text[ENDPOINT_TEXT_SIZE];
    if (checking->src == NULL || checking->dst == NULL || !checking->dst->own || checking->src->own || checking->src->trunk ||
        address_is_private(&checking->sighting->src) || checking->profile->region_count == 0)
        return;
    endpoint_format(&checking->sighting->src, text);
    found(checking, RULE_UNKNOWN_SOURCE, slice_str(text), "it comes from %s, which is in no signaling range of %.*s", text,
          WORDS(checking->profile->name));
}

/* The transports that the ranges of the peer's region serve on a port. */
static unsigned port_serves(const struct profile_region *region, const struct endpoint *endpoint)
{
    unsigned transports = 0;
    for (size_t i = 0; i < region->signaling_count; i++)
        if (range_has(&region->signaling[i], endpoint))
            transports |= region->signaling[i].transports;
    return transports;
}

static void ports_list(const struct profile_region *region, const struct endpoint *endpoint, struct text *out)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{PROFILE_UDP, "UDP"}, {PROFILE_TCP, "TCP"}, {PROFILE_TLS, "TLS"}};
    for (size_t i = 0; i < region->signaling_count; i++) {
        const struct profile_range *range = &region->signaling[i];
        for (size_t n = 0; n < 3 && network_has(&range->network, endpoint); n++)
            if (range->transports & names[n].bit) {
                text_format(out, "%s%s %u", out->len > 0 ? ", " : "", names[n].name, range->port_low);
                if (range->port_high != range->port_low)
                    text_format(out, "-%u", range->port_high);
            }
    }
    text_put(out, '\0');
}

static unsigned wire_transport(const struct sighting *sighting)
{
    switch (sighting->transport) {
    case TRANSPORT_UDP:
        return PROFILE_UDP;
    case TRANSPORT_TLS:
    case TRANSPORT_WSS:
        return PROFILE_TLS;
    default:
        return PROFILE_TCP;
    }
}

static void signaling_port(struct checking *checking)
{
    const struct peer *peer = trunk_peer(checking);
    const struct endpoint *end = trunk_end(checking);
    bool from_trunk = checking->when & WHEN_FROM_TRUNK;
    /* A connection that the trunk opened comes from any port, and serves requests both ways. */
    if (!peer->trunk || is_offloaded(checking) || ((checking->when & WHEN_STREAM) && (from_trunk || !(checking->when & WHEN_INITIAL))))
        return;
    const struct profile_region *region = &checking->profile->regions[peer->region];
    unsigned serves = port_serves(region, end), used = wire_transport(checking->sighting);
    char text[ENDPOINT_TEXT_SIZE];
    if (serves & used)
        return;
    endpoint_format(end, text);
    struct text ports = {0};
    ports_list(region, end, &ports);
    const char *list = ports.failed || ports.data == NULL ? "" : ports.data;
    if (used == PROFILE_UDP && (serves & PROFILE_TLS))
        found(checking, RULE_UDP_ON_TLS_PORT, slice_str(text), "UDP to %s; the trunk serves %s", text, list);
    else if (used == PROFILE_TCP && (serves & PROFILE_TLS))
        found(checking, RULE_CLEARTEXT_ON_TLS_PORT, slice_str(text), "in the clear over TCP to %s; the trunk serves %s", text, list);
    else
        found(checking, RULE_SIGNALING_PORT, slice_str(text), "%s %s %s; the trunk serves %s", used == PROFILE_UDP ? "UDP" : used == PROFILE_TLS ? "TLS" : "TCP",
              checking->when & WHEN_FROM_CUSTOMER ? "to" : "from", text, list);
    text_fini(&ports);
}

static void signaling_region(struct checking *checking)
{
    const struct peer *peer = trunk_peer(checking);
    char text[ENDPOINT_TEXT_SIZE];
    if (!peer->trunk || checking->site == NULL || checking->site->region.len == 0)
        return;
    struct slice region = checking->profile->regions[peer->region].name;
    if (region.len == 0 || slice_equal(region, checking->site->region) || slice_is(region, "global"))
        return;
    endpoint_format(trunk_end(checking), text);
    found(checking, RULE_SIGNALING_REGION, slice_str(text), "%s is of region %.*s; the site says %.*s", text, WORDS(region),
          WORDS(checking->site->region));
}

static void source_listed(struct checking *checking)
{
    const struct site *site = checking->site;
    char text[ENDPOINT_TEXT_SIZE];
    if (site == NULL || site->allowed_host_count == 0)
        return;
    for (size_t i = 0; i < site->allowed_host_count; i++)
        if (network_has(&site->allowed_hosts[i], &checking->sighting->src))
            return;
    endpoint_format(&checking->sighting->src, text);
    found(checking, RULE_SOURCE_NOT_LISTED, slice_str(text), "it comes from %s, which is not among the site's allowed_hosts", text);
}

static void clear_signaling(struct checking *checking)
{
    if (checking->sighting->transport == TRANSPORT_TLS || checking->sighting->transport == TRANSPORT_WSS || checking->sighting->decrypted ||
        is_offloaded(checking))
        return;
    bool on = checking->site != NULL && checking->site->encryption != NULL && strcmp(checking->site->encryption, "on") == 0;
    const char *name = transport_name(checking->sighting->transport);
    if (on)
        found(checking, RULE_CLEAR_SIGNALING, slice_str(name), "SIP over %s in the clear, while the site says that encryption is on", name);
    else if (checking->profile->tls_only)
        found(checking, RULE_SECURE_REQUIRED, slice_str(name), "SIP over %s in the clear; %.*s takes TLS only", name, WORDS(checking->profile->name));
}

/* The trunk refuses what it does not know: then the source is the likely reason. */
static void source_refused(struct checking *checking)
{
    const struct site *site = checking->site;
    char text[ENDPOINT_TEXT_SIZE];
    if (checking->message->status != 403 || site == NULL || site->allowed_host_count == 0)
        return;
    for (size_t i = 0; i < site->allowed_host_count; i++)
        if (network_has(&site->allowed_hosts[i], &checking->sighting->dst))
            return;
    endpoint_format(&checking->sighting->dst, text);
    found_as(checking, RULE_SOURCE_NOT_LISTED, SEVERITY_ERROR, slice_str(text), "the request that is refused came from %s, which is not among the site's allowed_hosts", text);
}

/* "_sip._udp.host": of services, the host (RFC 2782). */
static struct slice dns_host(const struct dns_response *response)
{
    struct slice host = slice_str(response->name);
    while (host.len > 0 && host.data[0] == '_')
        host = slice_after(host, slice_find(host, 0, '.') + 1);
    return host;
}

void vetting_dns(struct vetting *vetting, const struct sighting *sighting, const struct dns_response *response)
{
    const struct vetting_config *config = &vetting->config;
    const struct rule *rule = rules_at(config->rules, RULE_DNS_FAILURE);
    const char *code = dns_code_name(response->code);
    if (config->profile == NULL || response->code == 0 || rules_is_off(config->rules, rule) || !host_is_trunk(vetting, dns_host(response)))
        return;
    uint64_t told = hash_bytes(endpoint_hash(config->hash_seed, &sighting->src) + response->code + response->type, slice_str(response->name)) | 1;
    uint64_t *slot = &vetting->dns_told[told % (sizeof vetting->dns_told / sizeof vetting->dns_told[0])];
    if (*slot == told)
        return;
    *slot = told;
    char from[ENDPOINT_TEXT_SIZE];
    endpoint_format(&sighting->src, from);
    text_reset(&vetting->text);
    text_format(&vetting->text, "The resolver %s answers the question for %s (%s) with ", from, response->name,
                response->type == 1 ? "A" : response->type == 28 ? "AAAA" : response->type == 33 ? "SRV" : response->type == 35 ? "NAPTR" : "another type");
    if (code == NULL)
        text_format(&vetting->text, "code %u", response->code);
    else
        text_str(&vetting->text, code);
    config->found(config->found_context, NULL,
                  &(struct firing){.rule = rule, .sighting = sighting, .subject = slice_str(response->name),
                                   .text = slice_of(vetting->text.data, vetting->text.len), .stream = NUMBER_NONE});
}

static const struct check rows[] = {
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST, signaling_address},
    {WHEN_REQUEST | WHEN_INITIAL, unknown_source},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST, signaling_port},
    {WHEN_FROM_TRUNK | WHEN_REQUEST, signaling_port},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST, signaling_region},
    {WHEN_FROM_TRUNK | WHEN_REQUEST, signaling_region},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST, source_listed},
    {WHEN_FROM_TRUNK | WHEN_RESPONSE | WHEN_FRESH, source_refused},
    {WHEN_FROM_CUSTOMER, clear_signaling},
    {WHEN_FROM_TRUNK, clear_signaling},
};

const struct check_list address_checks = {rows, sizeof rows / sizeof rows[0]};

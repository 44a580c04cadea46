/* The engine: whose side each address is on, what a message is, and which checks look at it. A check is one row of its file's
   table; a row costs one comparison for the messages that it is not for. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "rules/checking.h"

enum { PEERS_MAX = 1 << 16 };

static const struct check_list *const lists[] = {&address_checks, &method_checks, &header_checks, &number_checks,
                                                 &size_checks,    &digest_checks, &sdp_checks,    &crypto_checks};

static void rules_set(struct rules *rules, const struct profile *profile)
{
    for (size_t i = 0; i < profile->rule_count && i < rules_count(rules); i++) {
        if (profile->severities != NULL && profile->severities[i] >= 0)
            rules_set_severity(rules, i, (enum severity)profile->severities[i]);
        if (profile->disabled != NULL && profile->disabled[i])
            rules_switch_off(rules, i);
    }
}

/* The rows that can be for a message: most of the traffic of a capture is no trunk's, and half of it are responses. */
static unsigned check_list_of(unsigned when)
{
    return (when & WHEN_REQUEST ? 1 : 0) | (when & (WHEN_FROM_CUSTOMER | WHEN_FROM_TRUNK) ? 2 : 0);
}

static bool checks_sort(struct vetting *vetting)
{
    size_t all = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        all += lists[i]->count;
    for (unsigned n = 0; n < CHECK_LISTS; n++) {
        unsigned never = (n & 1 ? WHEN_RESPONSE | WHEN_CHALLENGE : WHEN_REQUEST | WHEN_INITIAL) |
                         (n & 2 ? 0 : WHEN_FROM_CUSTOMER | WHEN_FROM_TRUNK);
        vetting->checks[n] = calloc(all, sizeof *vetting->checks[n]);
        if (vetting->checks[n] == NULL)
            return false;
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
            for (size_t k = 0; k < lists[i]->count; k++)
                if ((lists[i]->rows[k].when & never) == 0)
                    vetting->checks[n][vetting->check_counts[n]++] = &lists[i]->rows[k];
    }
    return true;
}

struct vetting *vetting_new(const struct vetting_config *config)
{
    struct vetting *vetting = calloc(1, sizeof *vetting);
    if (vetting == NULL)
        return NULL;
    vetting->config = *config;
    vetting->missing_header = rules_find(config->rules, slice_str("missing-header"));
    vetting->heard.call = VETTED_NONE;
    pool_init(&vetting->calls, sizeof(struct vetted));
    pool_init(&vetting->descriptions, sizeof(struct descriptions));
    pool_init(&vetting->digests, sizeof(struct digest_state));
    pool_init(&vetting->peers, sizeof(struct peer));
    if (config->profile != NULL)
        rules_set(config->rules, config->profile);
    if (checks_sort(vetting))
        return vetting;
    vetting_free(vetting);
    return NULL;
}

void vetting_free(struct vetting *vetting)
{
    if (vetting == NULL)
        return;
    for (unsigned n = 0; n < CHECK_LISTS; n++)
        free(vetting->checks[n]);
    pool_fini(&vetting->calls);
    pool_fini(&vetting->descriptions);
    pool_fini(&vetting->digests);
    pool_fini(&vetting->peers);
    table_fini(&vetting->by_address);
    text_fini(&vetting->text);
    text_fini(&vetting->verdict);
    free(vetting);
}

size_t vetting_bytes(const struct vetting *vetting)
{
    return pool_bytes(&vetting->calls) + pool_bytes(&vetting->descriptions) + pool_bytes(&vetting->digests) + pool_bytes(&vetting->peers) + table_bytes(&vetting->by_address);
}

bool rule_on(const struct vetting *vetting, enum rule_id rule)
{
    return !rules_is_off(vetting->config.rules, rules_at(vetting->config.rules, rule));
}

/* "INVITE: " or "200 BYE: ": how a sentence names its message. */
static void name_put(struct text *text, const struct sip_message *message)
{
    if (message->request)
        text_slice(text, slice_cut(message->method_text, 0, 32));
    else
        text_format(text, "%u to %.*s", message->status, WORDS(slice_cut(message->cseq_method, 0, 32)));
    text_str(text, ": ");
}

void found(struct checking *checking, enum rule_id rule, struct slice subject, const char *format, ...)
{
    struct vetting *vetting = checking->vetting;
    const struct vetting_config *config = &vetting->config;
    const struct rule *row = rules_at(config->rules, rule == RULE_OWN_COUNT ? (size_t)vetting->missing_header : (size_t)rule);
    char words[600];
    if (rules_is_off(config->rules, row))
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    text_reset(&vetting->text);
    name_put(&vetting->text, checking->message);
    text_str(&vetting->text, words);
    config->found(config->found_context, checking->seen->call,
                  &(struct firing){.rule = row, .sighting = checking->sighting, .subject = subject,
                                   .text = slice_of(vetting->text.data, vetting->text.len), .stream = NUMBER_NONE});
}

static void peer_place(const struct vetting *vetting, struct peer *peer)
{
    const struct profile *profile = vetting->config.profile;
    peer->own = vetting->config.site != NULL && site_is_own(vetting->config.site, &peer->address);
    for (size_t r = 0; r < profile->region_count && !peer->trunk; r++)
        for (size_t i = 0; i < profile->regions[r].signaling_count && !peer->trunk; i++)
            if (profile->regions[r].signaling[i].network.bits > 0 &&
                network_has(&profile->regions[r].signaling[i].network, &peer->address)) {
                peer->trunk = true;
                peer->region = (uint16_t)r;
            }
}

struct descriptions *descriptions_make(struct vetting *vetting, struct vetted *vetted)
{
    if (vetted->descriptions == VETTED_NONE && pool_take(&vetting->descriptions, &vetted->descriptions) == NULL)
        vetted->descriptions = VETTED_NONE;
    return descriptions_of(vetting, vetted);
}

struct digest_state *digest_make(struct vetting *vetting, struct vetted *vetted)
{
    if (vetted->digest == VETTED_NONE && pool_take(&vetting->digests, &vetted->digest) == NULL)
        vetted->digest = VETTED_NONE;
    return digest_of(vetting, vetted);
}

static struct peer *peer_find(struct vetting *vetting, const struct endpoint *endpoint)
{
    struct endpoint address = *endpoint;
    address.port = 0;
    uint64_t hash = endpoint_hash(vetting->config.hash_seed, &address);
    uint32_t cursor = 0, number;
    while ((number = table_next(&vetting->by_address, hash, &cursor)) != TABLE_NONE) {
        struct peer *peer = pool_at(&vetting->peers, number);
        if (endpoint_equal(&peer->address, &address))
            return peer;
    }
    struct peer *peer = vetting->peers.live >= PEERS_MAX ? NULL : pool_take(&vetting->peers, &number);
    if (peer == NULL)
        return NULL;
    if (!table_add(&vetting->by_address, hash, number)) {
        pool_give(&vetting->peers, number);
        return NULL;
    }
    peer->address = address;
    peer_place(vetting, peer);
    return peer;
}

struct peer *peer_of(struct vetting *vetting, const struct endpoint *endpoint)
{
    uint64_t bits = hash_load64(endpoint->address) + hash_load64(endpoint->address + 8);
    struct peer **slot = &vetting->near[(bits * UINT64_C(0x9e3779b97f4a7c15)) >> 56];
    if (*slot == NULL || memcmp((*slot)->address.address, endpoint->address, sizeof endpoint->address) != 0 ||
        (*slot)->address.family != endpoint->family)
        *slot = peer_find(vetting, endpoint);
    return *slot;
}

bool host_is_trunk(struct vetting *vetting, struct slice host)
{
    const struct profile *profile = vetting->config.profile;
    char name[256];
    if (!profile->has_host || host.len == 0 || host.len >= sizeof name)
        return false;
    uint64_t hash = hash_bytes(vetting->config.hash_seed, host);
    uint64_t *kept = &vetting->hosts[hash % 256];
    if ((*kept & ~UINT64_C(1)) == (hash & ~UINT64_C(1)) && *kept != 0)
        return *kept & 1;
    memcpy(name, host.data, host.len);
    name[host.len] = '\0';
    bool is = memchr(name, '\0', host.len) == NULL && regexec(&profile->host, name, 0, NULL, 0) == 0;
    *kept = (hash & ~UINT64_C(1)) | is;
    return is;
}

struct slice host_connector(const struct vetting *vetting, struct slice host)
{
    const struct profile *profile = vetting->config.profile;
    regmatch_t groups[10];
    char name[256];
    unsigned group = profile->connector_group;
    if (!profile->has_host || group == 0 || group > 9 || host.len >= sizeof name)
        return SLICE_NONE;
    memcpy(name, host.data, host.len);
    name[host.len] = '\0';
    if (regexec(&profile->host, name, 10, groups, 0) != 0 || groups[group].rm_so < 0)
        return SLICE_NONE;
    return slice_cut(host, (size_t)groups[group].rm_so, (size_t)groups[group].rm_eo);
}

/* A request that names the trunk goes to it, wherever its address is: unless that address is an inner hop of the customer's. */
static void peers_learn(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    const struct sip_message *message = checking->message;
    const struct profile *profile = checking->profile;
    struct sip_uri uri;
    if (!message->request || !profile->has_host || checking->dst == NULL || checking->src == NULL)
        return;
    if (!checking->dst->own && !address_is_private(&checking->dst->address) && sip_uri_parse(message->uri, &uri) &&
        host_is_trunk(vetting, uri.host))
        ((struct peer *)(uintptr_t)checking->dst)->learned = true;
}

static bool is_trunk(const struct peer *peer)
{
    return peer->trunk || peer->learned;
}

/* Which end of the hop is the trunk; neither where nothing tells. */
static unsigned sides_of(const struct checking *checking)
{
    const struct peer *src = checking->src, *dst = checking->dst;
    if (src == NULL || dst == NULL)
        return 0;
    bool from = is_trunk(src) || (dst->own && !src->own), to = is_trunk(dst) || (src->own && !dst->own);
    return from == to ? 0 : from ? WHEN_FROM_TRUNK : WHEN_FROM_CUSTOMER;
}

static unsigned kind_of(const struct checking *checking)
{
    const struct sip_message *message = checking->message;
    const struct sighting *sighting = checking->sighting;
    unsigned when = message->request ? WHEN_REQUEST : WHEN_RESPONSE;
    when |= message->method == SIP_INVITE ? WHEN_INVITE : message->method == SIP_OPTIONS ? WHEN_OPTIONS : 0;
    when |= sighting->transport == TRANSPORT_UDP ? WHEN_UDP : sighting->transport == TRANSPORT_SCTP ? 0 : WHEN_STREAM;
    when |= checking->seen->retransmission ? 0 : WHEN_FRESH;
    when |= checking->seen->sdp != NULL ? WHEN_SDP : 0;
    when |= checking->vetted != NULL ? WHEN_CALL : 0;
    when |= message->status == 401 || message->status == 407 ? WHEN_CHALLENGE : 0;
    if (message->first[SIP_HEADER_AUTHORIZATION] != 0 || message->first[SIP_HEADER_PROXY_AUTHORIZATION] != 0)
        when |= WHEN_CREDENTIALS;
    if (message->request && sip_tag(sip_header_value(message, SIP_HEADER_TO)).len == 0)
        when |= WHEN_INITIAL;
    return when;
}

static struct vetted *vetted_of(struct vetting *vetting, const struct vetted_message *seen)
{
    if (seen->call == NULL || seen->vetted == NULL)
        return NULL;
    if (*seen->vetted != VETTED_NONE)
        return pool_at(&vetting->calls, *seen->vetted);
    uint32_t number;
    bool worth = seen->message->method == SIP_INVITE || seen->message->status == 401 || seen->message->status == 407 ||
                 seen->message->first[SIP_HEADER_AUTHORIZATION] != 0 || seen->message->first[SIP_HEADER_PROXY_AUTHORIZATION] != 0;
    struct vetted *vetted = worth ? pool_take(&vetting->calls, &number) : NULL;
    if (vetted == NULL)
        return NULL;
    *seen->vetted = number;
    vetted->descriptions = vetted->digest = VETTED_NONE;
    vetted->copy_ns = vetted->invite_ns = vetted->answer_ns = vetted->bye_ns = CLOCK_NONE;
    return vetted;
}

/* RFC 4028: the interval that the answer settles. */
static void session_timer_keep(struct vetted *vetted, const struct sip_message *message)
{
    struct slice value = sip_header_value(message, SIP_HEADER_SESSION_EXPIRES);
    uint64_t seconds;
    if (slice_uint(slice_trim(slice_cut(value, 0, slice_find(value, 0, ';'))), &seconds) && seconds <= 86400)
        vetted->session_expires = (uint32_t)seconds;
}

/* Which frames a verdict would name. */
static void frames_keep(const struct checking *checking)
{
    struct vetted *vetted = checking->vetted;
    const struct sip_message *message = checking->message;
    uint64_t frame = checking->sighting->frame;
    int64_t at_ns = checking->sighting->time_ns;
    if (message->request) {
        vetted->copies++;
        vetted->copy_frame = frame;
        vetted->copy_ns = at_ns;
        if (message->method == SIP_INVITE && vetted->invite_frame == 0) {
            vetted->invite_frame = frame;
            vetted->invite_ns = at_ns;
        } else if (message->method == SIP_INVITE || message->method == SIP_UPDATE) {
            vetted->refreshed = vetted->refreshed || vetted->answer_frame != 0;
        } else if (message->method == SIP_BYE && vetted->bye_frame == 0) {
            vetted->bye_frame = frame;
            vetted->bye_ns = at_ns;
        } else if (message->method == SIP_ACK) {
            vetted->ack_frame = frame;
            vetted->acked = true;
        }
        return;
    }
    vetted->copies = 0;
    vetted->answered_by_peer = true;
    if (message->method == SIP_INVITE && message->status >= 200) {
        if (message->status < 300 && vetted->answer_frame == 0) {
            vetted->answer_frame = frame;
            vetted->answer_ns = at_ns;
            session_timer_keep(vetted, message);
        }
        vetted->final_frame = frame;
    }
}

static void link_check(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    double link = checking->site == NULL ? (double)NAN : checking->site->link_kbps, call = checking->profile->kbps_per_call;
    if (isnan(link) || isnan(call) || (double)vetting->active * call <= link || vetting->capacity_told)
        return;
    vetting->capacity_told = true;
    found(checking, RULE_BANDWIDTH_TOTAL, slice_str("calls at once"), "it is call %llu at once: at %g kbit/s each they take more than the link's %g kbit/s",
          (unsigned long long)vetting->active, call, link);
}

/* New calls in one second of capture time, against the trunk's limit. */
static void second_count(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    double limit = checking->profile->cps;
    int64_t second = checking->sighting->time_ns / NS_PER_SECOND;
    if (second != vetting->second) {
        vetting->second = second;
        vetting->begun = vetting->second_calls = 0;
        vetting->cps_told = false;
    }
    vetting->second_calls++;
    if (vetting->second_calls > vetting->totals.per_second)
        vetting->totals.per_second = vetting->second_calls;
    vetting->begun += (checking->when & WHEN_FROM_CUSTOMER) != 0;
    if ((checking->when & WHEN_FROM_CUSTOMER) && (double)vetting->begun > limit && !vetting->cps_told) {
        vetting->cps_told = true;
        found(checking, RULE_CPS, slice_str("calls per second"), "it is call %u to the trunk in this second; the limit is %g a second",
              vetting->begun, limit);
    }
}

/* Calls that go on, by what was captured: from the INVITE to a BYE or a final failure. */
static void calls_count(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    struct vetted *vetted = checking->vetted;
    const struct sip_message *message = checking->message;
    if (vetted == NULL)
        return;
    bool begins = checking_is(checking, WHEN_REQUEST | WHEN_INVITE | WHEN_INITIAL) && !vetted->active && vetted->answer_frame == 0;
    bool fails = message->method == SIP_INVITE && message->status >= 300 && vetted->answer_frame == 0;
    if (begins) {
        vetted->active = true;
        vetting->active++;
        if (vetting->active > vetting->totals.at_once)
            vetting->totals.at_once = vetting->active;
        if (vetted->invite_frame == 0) /* not the retry with credentials */
            second_count(checking);
        link_check(checking);
    } else if (vetted->active && (fails || (message->request && message->method == SIP_BYE))) {
        vetted->active = false;
        vetting->active--;
    }
}

static void checks_run(struct checking *checking)
{
    unsigned list = check_list_of(checking->when);
    const struct check *const *checks = checking->vetting->checks[list];
    for (size_t i = 0; i < checking->vetting->check_counts[list]; i++)
        if (checking_is(checking, checks[i]->when))
            checks[i]->look(checking);
}

void vetting_message(struct vetting *vetting, const struct vetted_message *seen)
{
    if (vetting->config.profile == NULL)
        return;
    struct checking checking = {.vetting = vetting,
                                .profile = vetting->config.profile,
                                .site = vetting->config.site,
                                .seen = seen,
                                .message = seen->message,
                                .sighting = seen->sighting,
                                .vetted = vetted_of(vetting, seen),
                                .src = peer_of(vetting, &seen->sighting->src),
                                .dst = peer_of(vetting, &seen->sighting->dst)};
    checking.when = kind_of(&checking);
    if (seen->sighting->time_ns > vetting->now_ns)
        vetting->now_ns = seen->sighting->time_ns;
    if (checking.when & WHEN_INITIAL)
        peers_learn(&checking);
    checking.when |= sides_of(&checking);
    if (checking.vetted != NULL) {
        if (checking_is(&checking, WHEN_REQUEST | WHEN_INITIAL) && checking.vetted->direction == DIRECTION_ANY)
            checking.vetted->direction = checking.when & WHEN_FROM_CUSTOMER ? DIRECTION_OUTBOUND
                                         : checking.when & WHEN_FROM_TRUNK  ? DIRECTION_INBOUND
                                                                            : DIRECTION_ANY;
    }
    checks_run(&checking);
    calls_count(&checking);
    if (checking.vetted != NULL)
        frames_keep(&checking); /* last: the checks see the call as it was before */
}

void vetting_fired(struct vetting *vetting, uint32_t vetted, const struct rule *rule, uint64_t frame)
{
    if (vetting->config.profile == NULL || vetted == VETTED_NONE)
        return;
    static const struct {
        enum rule_id rule;
        enum fired fired;
    } rows[] = {{RULE_ICMP_ERROR, FIRED_ICMP},        {RULE_ICMP_TOO_BIG, FIRED_TOO_BIG},      {RULE_SIGNALING_IP, FIRED_ADDRESS},
                {RULE_SIGNALING_PORT, FIRED_PORT},    {RULE_UDP_ON_TLS_PORT, FIRED_PORT},      {RULE_CLEARTEXT_ON_TLS_PORT, FIRED_PORT},
                {RULE_RURI_E164, FIRED_NUMBER},       {RULE_CALLERID_E164, FIRED_NUMBER},      {RULE_PAI_SHADOWS, FIRED_NUMBER},
                {RULE_SIPREC_FROM, FIRED_NUMBER},     {RULE_PRIVATE_ADDRESS, FIRED_PRIVATE},   {RULE_DTMF_INFO, FIRED_DTMF}};
    struct vetted *state = pool_at(&vetting->calls, vetted);
    state->fired |= rule->severity == SEVERITY_ERROR ? FIRED_ERROR : 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rule == rules_at(vetting->config.rules, rows[i].rule)) {
            state->fired |= rows[i].fired;
            if (rows[i].fired == FIRED_DTMF && state->dtmf_frame == 0)
                state->dtmf_frame = frame;
        }
}

struct vetting_totals vetting_totals(const struct vetting *vetting)
{
    return vetting->config.profile == NULL ? (struct vetting_totals){NUMBER_NONE, NUMBER_NONE} : vetting->totals;
}

enum profile_direction vetting_direction(const struct vetting *vetting, uint32_t vetted)
{
    return vetted == VETTED_NONE ? DIRECTION_ANY : (enum profile_direction)((const struct vetted *)pool_at(&vetting->calls, vetted))->direction;
}

void vetting_release(struct vetting *vetting, uint32_t vetted)
{
    if (vetted == VETTED_NONE)
        return;
    const struct vetted *state = pool_at(&vetting->calls, vetted);
    vetting->heard.call = VETTED_NONE;
    vetting->active -= state->active;
    if (state->descriptions != VETTED_NONE)
        pool_give(&vetting->descriptions, state->descriptions);
    if (state->digest != VETTED_NONE)
        pool_give(&vetting->digests, state->digest);
    pool_give(&vetting->calls, vetted);
}

/* The engine: whose side each address is on, what a message is, and what the checks that look at it leave behind. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/check_plan.h"
#include "rules/checking.h"

/* The rows cite the Voice Connector's documents; another trunk's profile cites its own. The RFCs hold for all. */
static bool cites_voice_connector(const char *source)
{
    static const char *const beginnings[] = {"network configuration", "Voice Connector", "trunking sample guide",
                                             "connectivity guide", "media quality guide"};
    bool cites = false;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        cites |= strncmp(source, beginnings[i], strlen(beginnings[i])) == 0;
    return cites;
}

static bool is_voice_connector(const struct profile *profile)
{
    bool is = slice_is(profile->name, "voice-connector");
    for (size_t i = 0; i < profile->extends_count; i++)
        is |= slice_is(profile->extends[i], "voice-connector");
    return is;
}

static void rules_set(struct rules *rules, const struct profile *profile)
{
    for (size_t i = 0; !is_voice_connector(profile) && profile->source_count > 0 && i < rules_count(rules); i++)
        if (cites_voice_connector(rules_at(rules, i)->source))
            rules_set_source(rules, i, (const char *)profile->sources[0].doc.data); /* JSON texts end with a NUL */
    if (!is_voice_connector(profile)) { /* statements that no other trunk's documents make */
        rules_switch_off(rules, RULE_DISPLAY_IGNORED);
        rules_switch_off(rules, RULE_INBOUND_DISPLAY);
    }
    for (size_t i = 0; i < profile->rule_count && i < rules_count(rules); i++) {
        if (profile->severities != NULL && profile->severities[i] >= 0)
            rules_set_severity(rules, i, (enum severity)profile->severities[i]);
        if (profile->disabled != NULL && profile->disabled[i])
            rules_switch_off(rules, i);
    }
}

struct vetting *vetting_new(const struct vetting_config *config)
{
    struct vetting *vetting = calloc(1, sizeof *vetting);
    if (vetting == NULL)
        return NULL;
    vetting->config = *config;
    vetting->heard.call = VETTED_NONE;
    pool_init(&vetting->calls, sizeof(struct vetted));
    pool_init(&vetting->descriptions, sizeof(struct descriptions));
    pool_init(&vetting->digests, sizeof(struct digest_state));
    pool_init(&vetting->suites, sizeof(struct suites[2]));
    pool_init(&vetting->routes, sizeof(struct route));
    if (config->profile != NULL)
        rules_set(config->rules, config->profile);
    vetting->plans = check_plans_new();
    if (vetting->plans != NULL)
        return vetting;
    vetting_free(vetting);
    return NULL;
}

void vetting_free(struct vetting *vetting)
{
    if (vetting == NULL)
        return;
    free(vetting->plans);
    pool_fini(&vetting->calls);
    pool_fini(&vetting->descriptions);
    pool_fini(&vetting->digests);
    pool_fini(&vetting->suites);
    pool_fini(&vetting->routes);
    peers_fini(&vetting->peers);
    free(vetting->unanswered.items);
    text_fini(&vetting->text);
    text_fini(&vetting->verdict);
    free(vetting);
}

size_t vetting_bytes(const struct vetting *vetting)
{
    return vetting->calls.live * sizeof(struct vetted) + vetting->descriptions.live * sizeof(struct descriptions) +
           vetting->digests.live * sizeof(struct digest_state) + vetting->suites.live * sizeof(struct suites[2]) +
           vetting->routes.live * sizeof(struct route) + peers_bytes(&vetting->peers) + activity_bytes(vetting);
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

__attribute__((format(printf, 4, 0))) static void found_say(struct checking *checking, const struct rule *row, struct slice subject,
                                                           const char *format, va_list arguments)
{
    struct vetting *vetting = checking->vetting;
    const struct vetting_config *config = &vetting->config;
    char words[600];
    vsnprintf(words, sizeof words, format, arguments);
    text_reset(&vetting->text);
    name_put(&vetting->text, checking->message);
    text_str(&vetting->text, words);
    config->found(config->found_context, checking->seen->call,
                  &(struct firing){.rule = row, .sighting = checking->sighting, .subject = subject,
                                   .text = slice_of(vetting->text.data, vetting->text.len), .stream = NUMBER_NONE});
}

void found(struct checking *checking, enum rule_id rule, struct slice subject, const char *format, ...)
{
    const struct rule *row = rules_at(checking->vetting->config.rules, rule);
    va_list arguments;
    if (rules_is_off(checking->vetting->config.rules, row))
        return;
    va_start(arguments, format);
    found_say(checking, row, subject, format, arguments);
    va_end(arguments);
}

void found_as(struct checking *checking, enum rule_id rule, enum severity severity, struct slice subject, const char *format, ...)
{
    struct rules *rules = checking->vetting->config.rules;
    const struct rule *row = rules_at(rules, rule);
    va_list arguments;
    if (rules_is_off(rules, row))
        return;
    va_start(arguments, format);
    found_say(checking, row->severity == severity ? row : rules_as(rules, rule, severity), subject, format, arguments);
    va_end(arguments);
}

bool is_offloaded(const struct checking *checking)
{
    struct sip_via via;
    if (checking->sighting->transport != TRANSPORT_TCP && checking->sighting->transport != TRANSPORT_WS)
        return false;
    return sip_via_parse(sip_header_value(checking->message, SIP_HEADER_VIA), &via) &&
           (slice_is_nocase(via.transport, "TLS") || slice_is_nocase(via.transport, "WSS"));
}

struct descriptions *descriptions_make(struct vetting *vetting, struct vetted *vetted)
{
    if (vetted->descriptions != VETTED_NONE)
        return descriptions_of(vetting, vetted);
    struct descriptions *descriptions = pool_take(&vetting->descriptions, &vetted->descriptions);
    if (descriptions == NULL)
        vetted->descriptions = VETTED_NONE;
    else
        descriptions->suites = VETTED_NONE;
    return descriptions;
}

struct suites *suites_make(struct vetting *vetting, struct descriptions *descriptions)
{
    if (descriptions->suites == VETTED_NONE && pool_take(&vetting->suites, &descriptions->suites) == NULL)
        descriptions->suites = VETTED_NONE;
    return suites_of(vetting, descriptions);
}

struct route *route_make(struct vetting *vetting, struct vetted *vetted)
{
    if (vetted->route == VETTED_NONE && pool_take(&vetting->routes, &vetted->route) == NULL)
        vetted->route = VETTED_NONE;
    return route_of(vetting, vetted);
}

struct digest_state *digest_make(struct vetting *vetting, struct vetted *vetted)
{
    if (vetted->digest == VETTED_NONE && pool_take(&vetting->digests, &vetted->digest) == NULL)
        vetted->digest = VETTED_NONE;
    return digest_of(vetting, vetted);
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

static bool has_ranges(const struct profile *profile)
{
    for (size_t r = 0; r < profile->region_count; r++)
        if (profile->regions[r].signaling_count > 0)
            return true;
    return false;
}

static bool is_inside(const struct peer *peer)
{
    return peer->own || address_is_private(&peer->address);
}

/* The trunk's name in a header of its own: what the profile calls connector_header. */
static bool names_connector(const struct checking *checking)
{
    struct slice name = checking->profile->connector_header;
    const struct sip_message *message = checking->message;
    for (unsigned i = 0; name.len > 0 && i < message->header_count; i++) {
        const struct sip_header *header = &message->headers[i];
        if (header->id == SIP_HEADER_OTHER && header->name_len == name.len &&
            slice_equal_nocase(slice_cut(message->bytes, header->name, (size_t)header->name + header->name_len), name))
            return true;
    }
    return false;
}

/* A request that names the trunk goes to it, wherever its address is: unless that address is an inner hop of the customer's. */
static void peers_learn(struct checking *checking)
{
    struct peer *src = checking->src, *dst = checking->dst;
    if (!checking->message->request || !checking->profile->has_host || src == NULL || dst == NULL || src->trunk)
        return;
    if (!is_inside(src) && names_connector(checking)) {
        src->learned = true;
        return;
    }
    const struct sip_uri *uri = is_inside(dst) || dst->trunk || dst->learned ? NULL : request_uri_of(checking);
    if (uri != NULL && host_is_trunk(checking->vetting, uri->host))
        dst->learned = true;
}

/* An address in the ranges is surely the trunk's; one that only was called by its name may be a proxy on the way. */
static unsigned trunk_likeness(const struct peer *peer)
{
    return peer->own ? 0 : peer->trunk ? 2 : peer->learned ? 1 : 0;
}

/* Which end of the hop is the trunk; neither where nothing tells. Where the profile has no ranges, whatever talks with the customer's
   own networks is the trunk. */
static unsigned sides_of(const struct checking *checking)
{
    const struct peer *src = checking->src, *dst = checking->dst;
    if (src == NULL || dst == NULL)
        return 0;
    unsigned from = trunk_likeness(src), to = trunk_likeness(dst);
    if (from == 0 && to == 0 && src->own != dst->own && !has_ranges(checking->profile)) {
        from = dst->own;
        to = src->own;
    }
    return from == to ? 0 : from > to ? WHEN_FROM_TRUNK : WHEN_FROM_CUSTOMER;
}

static unsigned kind_of(const struct checking *checking)
{
    const struct sip_message *message = checking->message;
    const struct sighting *sighting = checking->sighting;
    unsigned when = message->request ? WHEN_REQUEST : WHEN_RESPONSE;
    when |= message->method == SIP_INVITE ? WHEN_INVITE : message->method == SIP_OPTIONS ? WHEN_OPTIONS : 0;
    when |= sighting->transport == TRANSPORT_UDP ? WHEN_UDP : sighting->transport == TRANSPORT_SCTP ? 0 : WHEN_STREAM;
    when |= checking->seen->retransmission ? 0 : WHEN_FRESH;
    when |= sighting->truncated ? 0 : WHEN_WHOLE;
    when |= checking->seen->sdp != NULL ? WHEN_SDP : 0;
    when |= message->status == 401 || message->status == 407 ? WHEN_CHALLENGE : 0;
    if (message->first[SIP_HEADER_AUTHORIZATION] != 0 || message->first[SIP_HEADER_PROXY_AUTHORIZATION] != 0)
        when |= WHEN_CREDENTIALS;
    if (message->request && !checking->seen->to_tag)
        when |= WHEN_INITIAL;
    return when;
}

/* State is kept of calls, of what is challenged, and of all that goes to the trunk: its answer may never come. */
static struct vetted *vetted_of(struct vetting *vetting, const struct checking *checking)
{
    const struct vetted_message *seen = checking->seen;
    if (seen->call == NULL || seen->vetted == NULL)
        return NULL;
    if (*seen->vetted != VETTED_NONE)
        return pool_at(&vetting->calls, *seen->vetted);
    uint32_t number;
    bool worth = seen->message->method == SIP_INVITE || (checking->when & (WHEN_CHALLENGE | WHEN_CREDENTIALS)) ||
                 ((checking->when & WHEN_REQUEST) && (checking->when & WHEN_FROM_CUSTOMER));
    struct vetted *vetted = worth ? pool_take(&vetting->calls, &number) : NULL;
    if (vetted == NULL)
        return NULL;
    *seen->vetted = number;
    vetted->descriptions = vetted->digest = vetted->route = VETTED_NONE;
    vetted->invite_ns = vetted->answer_ns = vetted->bye_ns = CLOCK_NONE;
    return vetted;
}

/* RFC 4028: the interval that the answer settles. */
static void session_timer_keep(struct vetted *vetted, const struct sip_message *message)
{
    struct slice value = sip_header_value(message, SIP_HEADER_SESSION_EXPIRES);
    size_t end = slice_find(value, 0, ';');
    uint64_t seconds;
    if (!slice_uint(slice_trim(slice_cut(value, 0, end)), &seconds) || seconds > 86400)
        return;
    struct slice refresher = sip_parameter(slice_after(value, end + 1), "refresher", NULL);
    vetted->session_expires = (uint32_t)seconds;
    vetted->refresher = slice_is_nocase(refresher, "uac") ? 1 : slice_is_nocase(refresher, "uas") ? 2 : 0;
}

static uint32_t hop_key(const struct endpoint *from, const struct endpoint *to)
{
    return (uint32_t)(endpoint_hash(1, from) >> 32) ^ (uint32_t)(endpoint_hash(2, to) >> 32) ^ 1;
}

/* The hop's place, where a request makes one; NULL: the call has more hops than are kept, or no such one. */
static struct hop *hop_of(struct vetting *vetting, struct vetted *vetted, uint32_t key, bool make)
{
    if (vetted->hop.key == key || vetted->hop.key == 0)
        return &vetted->hop;
    struct route *route = make ? route_make(vetting, vetted) : route_of(vetting, vetted);
    return route != NULL && (route->hop.key == key || route->hop.key == 0) ? &route->hop : NULL;
}

/* Requests that began something, copy by copy, and whether anything came back on the same hop. */
static void hops_keep(const struct checking *checking)
{
    const struct sip_message *message = checking->message;
    const struct sighting *sighting = checking->sighting;
    bool asks = checking_is(checking, WHEN_REQUEST | WHEN_INITIAL) && message->method != SIP_ACK && message->method != SIP_CANCEL;
    if (!asks && (message->request || message->method == SIP_CANCEL))
        return;
    uint32_t key = asks ? hop_key(&sighting->src, &sighting->dst) : hop_key(&sighting->dst, &sighting->src);
    struct hop *hop = hop_of(checking->vetting, checking->vetted, key, asks);
    if (hop == NULL || (!asks && (hop->key == 0 || hop->cseq != message->cseq)))
        return;
    if (!asks) {
        hop->answered = true;
        hop->final = hop->final || message->status >= 200;
        if (message->status < 200) {
            hop->provisional = (uint16_t)message->status;
            hop->provisional_frame = sighting->frame;
        }
        return;
    }
    if (hop->key == 0 || hop->cseq != message->cseq)
        *hop = (struct hop){.key = key, .cseq = message->cseq, .to = sighting->dst, .first_frame = sighting->frame, .first_ns = sighting->time_ns};
    hop->copies = (uint16_t)(hop->copies + (hop->copies < UINT16_MAX));
    hop->last_frame = sighting->frame;
    hop->last_ns = sighting->time_ns;
}

static void request_keep(struct checking *checking)
{
    struct vetted *vetted = checking->vetted;
    const struct sip_message *message = checking->message;
    uint64_t frame = checking->sighting->frame;
    switch (message->method) {
    case SIP_INVITE:
    case SIP_UPDATE:
        vetted->refreshed = vetted->refreshed || vetted->answer_frame != 0;
        if (message->method == SIP_INVITE && vetted->invite_frame == 0) {
            vetted->invite_frame = frame;
            vetted->invite_ns = checking->sighting->time_ns;
        }
        break;
    case SIP_ACK:
        vetted->ack_frame = frame;
        vetted->acked = vetted->acked || (vetted->answer_frame != 0 && message->cseq == vetted->answer_cseq);
        break;
    case SIP_BYE:
        if (vetted->bye_frame == 0) {
            vetted->bye_frame = frame;
            vetted->bye_ns = checking->sighting->time_ns;
        }
        break;
    default:
        break;
    }
}

static void response_keep(struct checking *checking)
{
    struct vetted *vetted = checking->vetted;
    const struct sip_message *message = checking->message;
    if (message->method != SIP_INVITE)
        return;
    vetted->to_tag = vetted->to_tag || checking->seen->to_tag;
    if (message->status < 200)
        return;
    if (message->status < 300 && vetted->answer_frame == 0) {
        vetted->answer_frame = checking->sighting->frame;
        vetted->answer_ns = checking->sighting->time_ns;
        vetted->answer_cseq = message->cseq;
        session_timer_keep(vetted, message);
    }
    /* A proxy tries several targets: what one of them said is the call's end only where the caller was told the same. */
    bool ends = !checking->seen->retransmission && (checking->seen->call_status == 0 || checking->seen->call_status == message->status);
    if (ends && (vetted->final_cseq != message->cseq || vetted->final_status != message->status)) {
        vetted->final_cseq = message->cseq;
        vetted->final_status = (uint16_t)message->status;
        vetted->final_frame = checking->sighting->frame; /* of the hop that is nearest to whoever said so */
        vetted->final_src = checking->sighting->src;
    }
}

/* Which frames a verdict would name. */
static void frames_keep(struct checking *checking)
{
    checking->vetted->truncated = checking->vetted->truncated || checking->sighting->truncated;
    if (checking->seen->copy)
        return;
    hops_keep(checking);
    if (checking->message->request)
        request_keep(checking);
    else
        response_keep(checking);
}

uint64_t vetting_message(struct vetting *vetting, const struct vetted_message *seen)
{
    if (vetting->config.profile == NULL)
        return 0;
    struct checking checking = {.vetting = vetting,
                                .uri = &vetting->uri,
                                .profile = vetting->config.profile,
                                .site = vetting->config.site,
                                .seen = seen,
                                .message = seen->message,
                                .sighting = seen->sighting};
    peers_of(vetting, &seen->sighting->src, &seen->sighting->dst, &checking.src, &checking.dst);
    vetting_time(vetting, seen->sighting->time_ns);
    activity_lapse(vetting);
    checking.when = kind_of(&checking);
    if (checking.when & WHEN_INITIAL)
        peers_learn(&checking);
    checking.when |= sides_of(&checking);
    vetting->at_trunk = (checking.when & (WHEN_FROM_CUSTOMER | WHEN_FROM_TRUNK)) != 0;
    struct vetted *vetted = vetted_of(vetting, &checking);
    if (vetted != NULL) {
        checking.vetted = vetted;
        checking.when |= WHEN_CALL;
        if (checking_is(&checking, WHEN_REQUEST | WHEN_INITIAL) && vetted->direction == DIRECTION_ANY)
            vetted->direction = checking.when & WHEN_FROM_CUSTOMER ? DIRECTION_OUTBOUND
                                : checking.when & WHEN_FROM_TRUNK  ? DIRECTION_INBOUND
                                                                   : DIRECTION_ANY;
        if (seen->message->method == SIP_INVITE && seen->message->status >= 300)
            vetted->fired_final = vetted->fired; /* before its own findings */
    }
    check_plans_run(vetting->plans, &checking);
    activity_count(&checking);
    if (vetted != NULL)
        frames_keep(&checking); /* last: the checks see the call as it was before */
    return checking.missing;
}

void vetting_time(struct vetting *vetting, int64_t now_ns)
{
    if (now_ns > vetting->now_ns)
        vetting->now_ns = now_ns;
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
                {RULE_SIPREC_FROM, FIRED_NUMBER},     {RULE_PRIVATE_ADDRESS, FIRED_PRIVATE},   {RULE_DTMF_INFO, FIRED_DTMF},
                {RULE_SOURCE_NOT_LISTED, FIRED_SOURCE}};
    struct vetted *state = pool_at(&vetting->calls, vetted);
    state->fired = (uint16_t)(state->fired | (rule->severity == SEVERITY_ERROR ? FIRED_ERROR : 0));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rule->id, rules_at(vetting->config.rules, rows[i].rule)->id) == 0) /* whatever its severity */
            state->fired = (uint16_t)(state->fired | rows[i].fired);
    if ((state->fired & FIRED_DTMF) != 0 && state->dtmf_frame == 0)
        state->dtmf_frame = frame;
}

struct vetting_totals vetting_totals(const struct vetting *vetting)
{
    return vetting->config.profile == NULL ? (struct vetting_totals){NUMBER_NONE, NUMBER_NONE} : vetting->totals;
}

void vetting_release(struct vetting *vetting, uint32_t vetted)
{
    const struct vetted *state = vetted == VETTED_NONE ? NULL : pool_at(&vetting->calls, vetted);
    if (state == NULL)
        return;
    vetting->heard.call = VETTED_NONE;
    activity_forget(vetting, vetted);
    const struct descriptions *descriptions = descriptions_of(vetting, state);
    if (descriptions != NULL && descriptions->suites != VETTED_NONE)
        pool_give(&vetting->suites, descriptions->suites);
    if (descriptions != NULL)
        pool_give(&vetting->descriptions, state->descriptions);
    if (state->route != VETTED_NONE)
        pool_give(&vetting->routes, state->route);
    if (state->digest != VETTED_NONE)
        pool_give(&vetting->digests, state->digest);
    pool_give(&vetting->calls, vetted);
}

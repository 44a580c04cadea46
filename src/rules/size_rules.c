/* Datagrams that are too large for their way (RFC 3261 18.1.1). */
#include "rules/checking.h"

enum { IPV4_UDP = 28, IPV6_UDP = 48, MTU_USUAL = 1500 };

/* The way's MTU: what a router told, or the site's. NAN: not known. */
static double mtu_of(const struct checking *checking)
{
    double site = checking->site == NULL ? (double)NAN : checking->site->mtu;
    double told = checking->dst == NULL || checking->dst->mtu == 0 ? (double)NAN : checking->dst->mtu;
    return told > site ? site : isnan(told) ? site : told;
}

static const char *mtu_source(const struct checking *checking, double mtu)
{
    return checking->dst != NULL && checking->dst->mtu == mtu ? " by an ICMP error" : "";
}

static double margin_of(const struct profile *profile)
{
    return isnan(profile->mtu_margin) ? 200 : profile->mtu_margin;
}

/* The message's datagram with its IP and UDP headers. */
static unsigned datagram_bytes(const struct checking *checking)
{
    if (checking->sighting->ip_bytes > 0)
        return checking->sighting->ip_bytes;
    return (unsigned)checking->message->bytes.len + (checking->sighting->src.family == 6 ? IPV6_UDP : IPV4_UDP);
}

static void request_size(struct checking *checking)
{
    const struct profile *profile = checking->profile;
    size_t size = checking->message->bytes.len;
    double mtu = mtu_of(checking);
    unsigned whole = datagram_bytes(checking);
    bool df = checking->sighting->dont_fragment;
    if (checking->vetted != NULL && whole > checking->vetted->datagram_bytes) {
        checking->vetted->datagram_bytes = (uint16_t)(whole < UINT16_MAX ? whole : UINT16_MAX);
        checking->vetted->dont_fragment = df;
    }
    if (isnan(mtu)) {
        if (!isnan(profile->udp_request_bytes) && (double)size > profile->udp_request_bytes)
            found(checking, RULE_UDP_SIZE, slice_str("size"), "%zu bytes over UDP; the limit where the path's MTU is not known is %g", size,
                  profile->udp_request_bytes);
    } else if ((double)whole > mtu) {
        found_as(checking, RULE_UDP_OVER_MTU, df ? SEVERITY_ERROR : SEVERITY_WARNING, slice_str("size"), "its datagram has %u bytes, the MTU is %g%s: %s", whole, mtu, mtu_source(checking, mtu),
              df ? "with DF set it cannot pass" : "it is sent in fragments");
    } else if ((double)whole > mtu - margin_of(profile)) {
        found(checking, RULE_UDP_NEAR_MTU, slice_str("size"), "its datagram has %u bytes, the MTU is %g%s; %g bytes less are the limit", whole,
              mtu, mtu_source(checking, mtu), margin_of(profile));
    }
}

static void dont_fragment(struct checking *checking)
{
    if (!checking->sighting->dont_fragment || checking->profile->df_large < 0)
        return;
    double mtu = mtu_of(checking), limit = (isnan(mtu) ? MTU_USUAL : mtu) - margin_of(checking->profile);
    unsigned whole = datagram_bytes(checking);
    if ((double)whole >= limit)
        found_as(checking, RULE_DF_LARGE, (enum severity)checking->profile->df_large, slice_str("DF"), "its datagram has %u bytes and DF is set", whole);
}

static void fragments(struct checking *checking)
{
    if (checking->sighting->fragments > 1)
        found(checking, RULE_UDP_FRAGMENTED, slice_str("fragments"), "it came in %u IP fragments, %u bytes in all",
              checking->sighting->fragments, datagram_bytes(checking));
}

static void response_size(struct checking *checking)
{
    double mtu = mtu_of(checking);
    unsigned whole = datagram_bytes(checking);
    if ((double)whole > (isnan(mtu) ? MTU_USUAL : mtu))
        found(checking, RULE_LARGE_RESPONSE, slice_str("size"), "its datagram has %u bytes", whole);
}

/* RFC 1191 5, RFC 8201 5.2: below these it is no MTU of today's networks. */
static void mtu_learn(struct vetting *vetting, const struct sighting *sighting, unsigned mtu)
{
    struct peer *src, *dst;
    if (mtu < (sighting->dst.family == 6 ? 1280 : 576) || mtu > UINT16_MAX)
        return;
    peers_of(vetting, &sighting->src, &sighting->dst, &src, &dst);
    if (dst != NULL && (dst->mtu == 0 || mtu < dst->mtu))
        dst->mtu = (uint16_t)mtu;
}

void vetting_too_big(struct vetting *vetting, struct call *call, const struct sighting *sighting, unsigned mtu)
{
    const struct vetting_config *config = &vetting->config;
    const struct rule *rule = rules_at(config->rules, RULE_ICMP_TOO_BIG);
    char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
    if (config->profile == NULL || rules_is_off(config->rules, rule))
        return;
    mtu_learn(vetting, sighting, mtu);
    endpoint_format(&sighting->src, src);
    endpoint_format(&sighting->dst, dst);
    text_reset(&vetting->text);
    text_format(&vetting->text, "A SIP datagram from %s to %s was too big for a router on the way", src, dst);
    if (mtu > 0)
        text_format(&vetting->text, ", whose next hop takes %u bytes", mtu);
    config->found(config->found_context, call,
                  &(struct firing){.rule = rule, .sighting = sighting, .subject = slice_str(dst),
                                   .text = slice_of(vetting->text.data, vetting->text.len), .stream = NUMBER_NONE});
}

static const struct check rows[] = {
    {WHEN_UDP | WHEN_REQUEST, request_size},
    {WHEN_UDP, dont_fragment},
    {WHEN_UDP, fragments},
    {WHEN_UDP | WHEN_RESPONSE, response_size},
};

const struct check_list size_checks = {rows, sizeof rows / sizeof rows[0]};

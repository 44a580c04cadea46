/* RTP streams of calls against what was described and against the profile's limits. */
#include <stdarg.h>
#include <stdio.h>

#include "base/hash.h"
#include "rules/checking.h"

enum { PACKETS_LEAST = 50, ETHERNET_IP_UDP = 46, PLAIN_20MS = 172, SRTP_80 = 182 };

struct stream_check {
    struct vetting *vetting;
    const struct vetted *vetted;
    const struct descriptions *descriptions; /* NULL: none */
    struct call *call;
    const struct stream_record *stream;
    char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
};

__attribute__((format(printf, 4, 5))) static void stream_found(struct stream_check *check, enum rule_id rule, const char *subject,
                                                                const char *format, ...)
{
    struct vetting *vetting = check->vetting;
    const struct vetting_config *config = &vetting->config;
    const struct rule *row = rules_at(config->rules, rule);
    char words[400];
    if (rules_is_off(config->rules, row))
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    text_reset(&vetting->text);
    text_format(&vetting->text, "%s from %s to %s: %s", check->stream->fax != NULL ? "T.38" : "RTP", check->src, check->dst, words);
    struct sighting sighting = {.time_ns = check->stream->start, .frame = check->stream->frame, .src = check->stream->src, .dst = check->stream->dst};
    config->found(config->found_context, check->call,
                  &(struct firing){.rule = row, .sighting = &sighting, .subject = slice_str(subject),
                                   .text = slice_of(vetting->text.data, vetting->text.len), .stream = check->stream->id});
}

static void quality(struct stream_check *check)
{
    const struct profile *profile = check->vetting->config.profile;
    const struct stream_record *stream = check->stream;
    const struct stream_rtcp *rtcp = stream->rtcp;
    if (stream->packets < PACKETS_LEAST)
        return;
    if (!isnan(profile->loss_pct) && stream->loss_pct >= profile->loss_pct)
        stream_found(check, RULE_LOSS_HIGH, "loss", "%.2f %% of %llu packets were lost%s%.*s; the limit is %g %%", stream->loss_pct,
                     (unsigned long long)stream->expected, rtcp != NULL && rtcp->where.len > 0 ? ", by RTCP " : "",
                     rtcp == NULL ? 0 : (int)rtcp->where.len, rtcp == NULL ? "" : (const char *)rtcp->where.data, profile->loss_pct);
    if (!isnan(profile->burst_packets) && stream->burst != NULL && (double)stream->burst->longest >= profile->burst_packets)
        stream_found(check, RULE_BURST_LOSS, "burst", "%llu packets in a row were lost or too late; the limit is %g",
                     (unsigned long long)stream->burst->longest, profile->burst_packets);
    double jitter = stream->jitter == NULL || stream->jitter->mean == CLOCK_NONE ? (double)NAN : (double)stream->jitter->mean / NS_PER_MS;
    if (!isnan(profile->jitter_ms) && jitter >= profile->jitter_ms)
        stream_found(check, RULE_JITTER_HIGH, "jitter", "mean jitter is %.1f ms; the limit is %g ms", jitter, profile->jitter_ms);
    double rtt = rtcp == NULL || rtcp->rtt == CLOCK_NONE ? (double)NAN : (double)rtcp->rtt / NS_PER_MS;
    if (!isnan(profile->rtt_ms) && rtt >= profile->rtt_ms)
        stream_found(check, RULE_RTT_HIGH, "round trip", "the round trip takes %.0f ms; the limit is %g ms", rtt, profile->rtt_ms);
    double mos = stream->mos == NULL ? (double)NAN : stream->mos->lq;
    if (!isnan(profile->mos_min) && mos < profile->mos_min)
        stream_found(check, RULE_MOS_LOW, "MOS", "MOS is %.2f; the limit is %g", mos, profile->mos_min);
}

/* The side whose audio the endpoint is; 2: none's. */
static unsigned side_of(const struct stream_check *check, const struct endpoint *endpoint)
{
    for (unsigned i = 0; i < 2 && check->descriptions != NULL; i++)
        if (check->descriptions->sides[i].seen && endpoint_equal(&check->descriptions->sides[i].audio, endpoint))
            return i;
    return 2;
}

static void types(struct stream_check *check)
{
    unsigned side = side_of(check, &check->stream->dst);
    enum { COMFORT_NOISE = 13 }; /* static; sent unasked by many (RFC 3389 4) */
    if (side == 2 || check->vetted->fax)
        return; /* UDPTL at the same port may look like RTP */
    const struct described *receiver = &check->descriptions->sides[side];
    for (size_t i = 0; i < check->stream->payload_types.count; i++) {
        uint64_t type = check->stream->payload_types.items[i];
        if (type < 128 && type != COMFORT_NOISE && !(receiver->types[type / 64] >> type % 64 & 1))
            stream_found(check, RULE_PT_MISMATCH, "payload type", "payload type %llu is not in the receiver's description", (unsigned long long)type);
    }
}

static void encryption(struct stream_check *check)
{
    const struct stream_record *stream = check->stream;
    uint64_t size = stream->packets < PACKETS_LEAST ? 0 : stream->bytes / stream->packets;
    bool g711_20 = (slice_is(stream->codec, "PCMU") || slice_is(stream->codec, "PCMA")) && stream->ptime == 20 * NS_PER_MS;
    if (!g711_20)
        return;
    if (stream->srtp != NULL && size == PLAIN_20MS)
        stream_found(check, RULE_SRTP_PLAIN, "size", "packets have 172 bytes; with an authentication tag they would have 176 or 182");
    else if (stream->srtp == NULL && size == SRTP_80) /* with a tag of 32 bits they would be as long as with one CSRC */
        stream_found(check, RULE_RTP_SRTP, "size", "packets have 182 bytes, plain ones have 172");
}

static void events(struct stream_check *check)
{
    unsigned open = 0;
    for (size_t i = 0; i < check->stream->dtmf_count; i++)
        open += !check->stream->dtmf[i].ended;
    if (open > 0)
        stream_found(check, RULE_DTMF_MALFORMED, "telephone-event", "%u of %zu digits have no end packet", open, check->stream->dtmf_count);
}

/* Tones are only looked for where asked (--tones). */
static void tones(struct stream_check *check)
{
    const struct descriptions *both = check->descriptions;
    if (check->stream->tone_count > 0 && both != NULL && both->sides[0].telephone_event && both->sides[1].telephone_event)
        stream_found(check, RULE_DTMF_INBAND, "tones", "%zu DTMF tones are in the audio, though both sides have telephone-event",
                     check->stream->tone_count);
}

/* What only the trunk's own contract says. */
static void contract(struct stream_check *check)
{
    const struct profile *profile = check->vetting->config.profile;
    const struct stream_record *stream = check->stream;
    if (stream->packets < PACKETS_LEAST || stream->ptime == CLOCK_NONE || stream->ptime <= 0)
        return;
    double ptime = (double)stream->ptime / NS_PER_MS;
    double kbps = ((double)stream->bytes / (double)stream->packets + ETHERNET_IP_UDP) * 8 / ptime;
    double limit = profile->kbps_per_call * (1 + (isnan(profile->kbps_tolerance) ? 0.1 : profile->kbps_tolerance));
    bool audio = stream->media.len == 0 || slice_is(stream->media, "audio");
    if (audio && !isnan(profile->ptime_ms) && ptime != profile->ptime_ms)
        stream_found(check, RULE_PTIME, "ptime", "packets carry %g ms; the trunk counts with %g", ptime, profile->ptime_ms);
    if (audio && !isnan(limit) && kbps > limit)
        stream_found(check, RULE_BANDWIDTH, "bandwidth", "it takes %.1f kbit/s on Ethernet; %g are planned for a call", kbps, profile->kbps_per_call);
}

/* What the stream takes on the wire while it lasts, as IP: kbit/s; NAN where it is too short to say. */
static double ip_kbps(const struct stream_record *stream)
{
    enum { IP_UDP = 28, SHORT_S = 5 };
    double seconds = (double)(stream->end - stream->start) / NS_PER_SECOND;
    if (stream->packets < PACKETS_LEAST || !(seconds >= SHORT_S))
        return (double)NAN;
    double each = (double)stream->bytes / (double)stream->packets + IP_UDP;
    return each * 8 / 1000 * ((double)stream->packets - 1) / seconds; /* from the first to the last begins */
}

/* Opus alone adapts to the link; pauses of speech take nothing, so that only a stream without them says what there is. */
static void bandwidth(struct stream_check *check)
{
    const struct profile *profile = check->vetting->config.profile;
    const struct stream_record *stream = check->stream;
    double kbps = ip_kbps(stream);
    if (stream->fax != NULL && kbps > profile->fax_kbps)
        stream_found(check, RULE_FAX_BANDWIDTH, "bandwidth", "the fax takes %.1f kbit/s; %g are enough for T.38", kbps, profile->fax_kbps);
    double all = stream->ptime == CLOCK_NONE ? 0 : (double)(stream->end - stream->start) / (double)stream->ptime;
    bool steady = slice_is_nocase(stream->codec, "opus") && all > 0 && (double)stream->packets >= 0.95 * all;
    if (steady && kbps < profile->audio_kbps_min)
        stream_found(check, RULE_AUDIO_BANDWIDTH, "bandwidth", "it has %.1f kbit/s without a pause; %g are to be there for audio", kbps,
                     profile->audio_kbps_min);
}

/* Somebody in the call said that audio is at the endpoint; so too where not all that was said is kept. */
static bool was_announced(const struct stream_check *check, const struct endpoint *endpoint)
{
    uint32_t mark = endpoint_mark(endpoint);
    for (unsigned i = 0; i < 2 && check->descriptions != NULL; i++) {
        const struct described *side = &check->descriptions->sides[i];
        if (side->announced_count == ANNOUNCED_KEPT)
            return true;
        for (unsigned k = 0; k < side->announced_count; k++)
            if (side->announced[k] == mark)
                return true;
    }
    return false;
}

/* The SSRC went on from another endpoint to the same receiver: a NAT gave it a new mapping, or the sender moved. Streams of a call
   come in the order in which they began. */
static bool rebinding(struct stream_check *check)
{
    struct vetting *vetting = check->vetting;
    const struct stream_record *stream = check->stream;
    uint64_t ssrc = hash_bytes(0, stream->ssrc);
    bool moved = false;
    for (unsigned i = 0; i < vetting->flow_count && !moved && !was_announced(check, &stream->src); i++) {
        const struct seen_flow *before = &vetting->flows[i];
        char from[ENDPOINT_TEXT_SIZE];
        moved = before->ssrc == ssrc && endpoint_equal(&before->dst, &stream->dst) && !endpoint_equal(&before->src, &stream->src) &&
                before->end_ns <= stream->start + 200 * NS_PER_MS; /* one after the other, not two places of one path */
        endpoint_format(&before->src, from);
        if (moved)
            stream_found(check, RULE_NAT_REBINDING, "source", "it goes on with the SSRC that came from %s until then", from);
    }
    if (vetting->flow_count < FLOWS_KEPT)
        vetting->flows[vetting->flow_count++] =
            (struct seen_flow){.ssrc = ssrc, .src = stream->src, .dst = stream->dst, .end_ns = stream->end};
    return moved;
}

static void flow(struct stream_check *check)
{
    const struct stream_record *stream = check->stream;
    unsigned to = side_of(check, &stream->dst);
    if (rebinding(check) || to == 2 || check->vetted->direction == DIRECTION_ANY || stream->packets < PACKETS_LEAST)
        return;
    const struct described *sender = &check->descriptions->sides[1 - to];
    char announced[ENDPOINT_TEXT_SIZE];
    if (!sender->seen || sender->audio.family == 0 || was_announced(check, &stream->src))
        return;
    endpoint_format(&sender->audio, announced);
    stream_found(check, RULE_MEDIA_FLOW, "source", "its sender announced %s", announced);
}

/* What the verdict needs of the worst one. */
static void worst_keep(struct stream_check *check)
{
    struct heard *heard = &check->vetting->heard;
    const struct stream_record *stream = check->stream;
    double mos = stream->mos == NULL ? (double)NAN : stream->mos->lq;
    unsigned to = side_of(check, &stream->dst);
    if (to < 2 && heard->streams[to] < UINT8_MAX)
        heard->streams[to]++;
    if (stream->rtcp != NULL && stream->rtcp->sr > 0 && to < 2)
        heard->reports |= (uint8_t)(1u << to);
    if (stream->end > heard->media_end_ns)
        heard->media_end_ns = stream->end;
    if (isnan(mos) || (heard->worst_stream != 0 && mos >= heard->worst_mos))
        return;
    heard->worst_stream = stream->id;
    heard->worst_mos = mos;
    heard->worst_loss_pct = stream->loss_pct;
    heard->worst_late_pct = isnan(stream->late_pct) ? 0 : stream->late_pct;
    heard->worst_ie = stream->mos->ie;
    heard->worst_codec[0] = '\0';
    if (stream->codec.len < sizeof heard->worst_codec) {
        memcpy(heard->worst_codec, stream->codec.data, stream->codec.len);
        heard->worst_codec[stream->codec.len] = '\0';
    }
    heard->worst_at_tap = stream->gaps != NULL || (stream->rtcp != NULL && slice_is(stream->rtcp->where, "at the tap"));
    heard->worst_frame = stream->frame;
    heard->worst_toward = (uint8_t)to;
    heard->worst_where = stream->rtcp == NULL || stream->rtcp->where.len == 0 ? NULL
                          : slice_is(stream->rtcp->where, "before the tap")    ? "before the tap"
                          : slice_is(stream->rtcp->where, "after the tap")     ? "after the tap"
                          : slice_is(stream->rtcp->where, "both")              ? "on both sides of the tap"
                                                                               : "in the capture itself";
    heard->worst_src = stream->src;
    heard->worst_dst = stream->dst;
}

void vetting_stream(struct vetting *vetting, uint32_t number, struct call *call, const struct stream_record *stream)
{
    if (vetting->config.profile == NULL || number == VETTED_NONE)
        return;
    if (vetting->heard.call != number) {
        vetting->heard = (struct heard){.call = number};
        vetting->flow_count = 0;
    }
    struct vetted *vetted = pool_at(&vetting->calls, number);
    struct stream_check check = {.vetting = vetting, .vetted = vetted, .descriptions = descriptions_of(vetting, vetted), .call = call, .stream = stream};
    endpoint_format(&stream->src, check.src);
    endpoint_format(&stream->dst, check.dst);
    worst_keep(&check);
    quality(&check);
    types(&check);
    encryption(&check);
    events(&check);
    tones(&check);
    flow(&check);
    bandwidth(&check);
    if (check.vetted->direction != DIRECTION_ANY)
        contract(&check);
}

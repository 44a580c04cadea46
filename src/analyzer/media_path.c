/* Between calls and media: what a SIP message says of media, and what media says of a call when its record is made. */
#include "analyzer/pipeline.h"
#include "base/text.h"
#include "dissectors/claims.h"
#include "dissectors/dtmf_info.h"
#include "dissectors/quality_report.h"
#include "dissectors/sip_uri.h"

/* Media that stopped so long before the end of the capture belongs to a call that is over, BYE or not. */
#define MEDIA_STOPPED_NS (30 * NS_PER_SECOND)

void media_path_datagram(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting)
{
    struct media_packet packet = {.time_ns = sighting->time_ns,
                                  .frame = sighting->frame,
                                  .src = &sighting->src,
                                  .dst = &sighting->dst,
                                  .bytes = payload.data,
                                  .len = (uint32_t)payload.len,
                                  .wire_len = (uint32_t)payload.len};
    if (claim_rtcp(payload))
        media_rtcp(analyzer->media, sighting, payload);
    else if (claim_rtp(payload))
        media_rtp(analyzer->media, &packet, 1);
}

/* Statistics in a BYE or its response speak of what their sender received. */
static void header_path(struct analyzer *analyzer, struct call *call, const struct sip_message *message)
{
    struct quality_report report;
    for (unsigned i = 0; i < message->header_count; i++) {
        const struct sip_header *header = &message->headers[i];
        if (header->id == SIP_HEADER_OTHER && quality_header_is(slice_cut(message->bytes, header->name, (size_t)header->name + header->name_len)) &&
            quality_header_parse(slice_cut(message->bytes, header->value, (size_t)header->value + header->value_len), &report))
            media_quality(analyzer->media, *calls_session(call), &report, calls_sender_is_caller(call, message), "X-RTP-Stat");
    }
}

/* RFC 6035: a PUBLISH (or NOTIFY) of its own Call-ID that names the call it speaks of; who saves that call needs it too. */
static void report_path(struct analyzer *analyzer, const struct sighting *sighting, const struct sip_message *message)
{
    struct quality_report report;
    struct slice type = sip_header_value(message, SIP_HEADER_CONTENT_TYPE);
    if (!slice_starts_nocase(type, "application/vq-rtcpxr") || !quality_report_parse(message->body, &report))
        return;
    struct call *call = report.call_id.len == 0 ? NULL : calls_find_by_id(analyzer->calls, report.call_id);
    if (call == NULL)
        return;
    media_quality(analyzer->media, *calls_session(call), &report, false, "RFC 6035");
    if (analyzer->places != NULL)
        places_add(analyzer->places, calls_id(call), sighting);
}

/* What a proxy leaves as it is (RFC 3261 16.6): the dialog's tags and the CSeq, which names each request of their sender (12.2.1.1).
   The Call-ID is the call's. */
static uint64_t request_name(const struct analyzer *analyzer, const struct sip_message *message)
{
    if (!message->has_cseq)
        return 0;
    uint64_t name = hash_word(analyzer->config.hash_seed, message->cseq);
    name = hash_bytes(name, sip_tag(sip_header_value(message, SIP_HEADER_FROM)));
    return hash_bytes(name, sip_tag(sip_header_value(message, SIP_HEADER_TO))) | 1;
}

void media_path_message(struct analyzer *analyzer, struct call *call, const struct sighting *sighting, const struct sip_message *message)
{
    struct dtmf_info info;
    if (message->method == SIP_BYE)
        header_path(analyzer, call, message);
    if (message->method == SIP_PUBLISH || message->method == SIP_NOTIFY)
        report_path(analyzer, sighting, message);
    if (!message->request || message->method != SIP_INFO)
        return;
    if (!dtmf_info_parse(sip_header_value(message, SIP_HEADER_CONTENT_TYPE), message->body, &info))
        return;
    uint32_t *session = calls_session(call);
    struct media_press press = {.digit = info.digit,
                                .by_caller = calls_sender_is_caller(call, message),
                                .duration_ns = (int64_t)info.duration_ms * NS_PER_MS,
                                .request = request_name(analyzer, message)};
    *session = media_digit(analyzer->media, *session, calls_id(call), sighting, &press);
}

/* By the site's own networks: whatever else talks SIP with them is the trunk's side. */
static const char *direction_of(const struct site *site, const struct call_record *call)
{
    bool from_own = site != NULL && site_is_own(site, &call->src), to_own = site != NULL && site_is_own(site, &call->dst);
    return from_own == to_own ? "unknown" : from_own ? "outbound" : "inbound";
}

void media_path_describe(void *context, uint32_t session, struct call_record *record)
{
    struct analyzer *analyzer = context;
    record->direction = slice_str(direction_of(analyzer->config.site, record));
    media_describe(analyzer->media, session, record);
}

void media_path_streams(void *context, uint32_t session, const struct call_record *record, record_reader *read, void *read_context)
{
    const struct analyzer *analyzer = context;
    media_streams(analyzer->media, session, record, read, read_context);
}

struct stream_vetting {
    struct analyzer *analyzer;
    struct call *call;
};

static void stream_vet(void *context, const struct record *record)
{
    const struct stream_vetting *vet = context;
    vetting_stream(vet->analyzer->vetting, *calls_vetted(vet->call), vet->call, record->stream);
}

static int64_t one_way_least(const struct profile *profile)
{
    return profile == NULL || isnan(profile->one_way_s) ? CLOCK_NONE : (int64_t)(profile->one_way_s * (double)NS_PER_SECOND);
}

static void stream_ends(void *context, const struct record *record)
{
    trunk_media_end(context, record->stream->end);
}

/* A call without BYE goes on, unless its media stopped long ago. */
static void trunk_complete(struct analyzer *analyzer, uint32_t session, struct call_record *record)
{
    trunk_describe(analyzer->trunk, analyzer->completing, record);
    if (record->trunk == NULL || record->answer == CLOCK_NONE || record->end != CLOCK_NONE)
        return;
    media_streams(analyzer->media, session, record, stream_ends, analyzer->trunk);
    if (record->trunk->media_end == CLOCK_NONE || analyzer_now(analyzer) - record->trunk->media_end < MEDIA_STOPPED_NS)
        trunk_media_end(analyzer->trunk, CLOCK_NONE);
}

void media_path_complete(void *context, struct call *call, uint32_t session, struct call_record *record)
{
    struct analyzer *analyzer = context;
    struct media_one_way found;
    uint32_t vetted = *calls_vetted(call);
    struct vetting_facts facts = {.rtp_packets = media_totals(analyzer->media).rtp_packets};
    media_path_describe(context, session, record);
    analyzer->completing = calls_id(call);
    if (analyzer->minutes != NULL)
        minutes_end(analyzer->minutes, analyzer->completing, session, record->end != CLOCK_NONE ? record->end : analyzer_now(analyzer));
    if (analyzer->trunk != NULL)
        trunk_complete(analyzer, session, record);
    if (analyzer->config.profile != NULL)
        media_streams(analyzer->media, session, record, stream_vet, &(struct stream_vetting){analyzer, call});
    if (media_one_way(analyzer->media, session, record, one_way_least(analyzer->config.profile), &found)) {
        struct sighting sighting = {.time_ns = found.at_ns, .frame = found.frame};
        const struct rule *rule = rules_at(analyzer->rules, RULE_ONE_WAY);
        if (found.meant && rule->severity == SEVERITY_ERROR)
            rule = rules_as(analyzer->rules, RULE_ONE_WAY, SEVERITY_WARNING);
        finding_add(analyzer, call,
                    &(struct firing){.rule = rule, .sighting = &sighting,
                                     .subject = slice_str(found.subject), .text = slice_str(found.text), .stream = NUMBER_NONE});
        facts.one_way = found.meant ? NULL : found.text;
        facts.one_way_frame = found.frame;
        facts.one_way_later = found.later;
    }
    vetting_time(analyzer->vetting, analyzer_now(analyzer));
    vetting_call(analyzer->vetting, vetted, call, record);
    vetting_verdict(analyzer->vetting, vetted, &facts, record);
    vetting_release(analyzer->vetting, vetted);
    *calls_vetted(call) = VETTED_NONE;
}

void media_path_published(void *context, uint32_t session, const struct call_record *record)
{
    struct analyzer *analyzer = context;
    if (analyzer->places != NULL)
        places_end(analyzer->places, analyzer->completing, record == NULL ? NULL : analyzer->config.publish, analyzer->config.publish_context);
    media_release(analyzer->media, session, record);
    if (analyzer->minutes != NULL)
        minutes_forget(analyzer->minutes, analyzer->completing, record != NULL);
    if (analyzer->trunk != NULL)
        trunk_forget(analyzer->trunk, analyzer->completing);
}

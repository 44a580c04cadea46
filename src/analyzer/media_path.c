/* Between calls and media: what a SIP message says of media, and what media says of a call when its record is made. */
#include "analyzer/pipeline.h"
#include "base/text.h"
#include "dissectors/claims.h"
#include "dissectors/dtmf_info.h"

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

void media_path_message(struct analyzer *analyzer, struct call *call, const struct sighting *sighting, const struct sip_message *message)
{
    struct dtmf_info info;
    if (!message->request || message->method != SIP_INFO)
        return;
    if (!dtmf_info_parse(sip_header_value(message, SIP_HEADER_CONTENT_TYPE), message->body, &info))
        return;
    uint32_t *session = calls_session(call);
    *session = media_digit(analyzer->media, *session, calls_id(call), sighting, info.digit, (int64_t)info.duration_ms * NS_PER_MS,
                           calls_sender_is_caller(call, message));
}

void media_path_complete(void *context, struct call *call, uint32_t session, struct call_record *record)
{
    struct analyzer *analyzer = context;
    struct media_one_way found;
    media_describe(analyzer->media, session, record);
    if (!media_one_way(analyzer->media, session, record, &found))
        return;
    struct sighting sighting = {.time_ns = found.at_ns, .frame = found.frame};
    calls_add_finding(analyzer->calls, call, rules_at(analyzer->rules, RULE_ONE_WAY), &sighting, slice_str(found.subject),
                      slice_str(found.text));
}

void media_path_published(void *context, uint32_t session, const struct call_record *record)
{
    struct analyzer *analyzer = context;
    media_release(analyzer->media, session, record);
}

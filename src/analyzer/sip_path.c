/* A SIP message's way: index, call, conformance, records. */
#include "analyzer/pipeline.h"

#include "base/text.h"
#include "dissectors/sip_uri.h"

static void finding_say(struct analyzer *analyzer, struct call *call, const struct rule *rule, const struct sighting *sighting,
                        struct slice subject, const struct text *text)
{
    finding_add(analyzer, call,
                &(struct firing){.rule = rule, .sighting = sighting, .subject = subject, .text = slice_of(text->data, text->len),
                                 .stream = NUMBER_NONE});
}

/* "INVITE" or "180 Ringing": how a sentence names a message. */
static void message_name(struct text *text, const struct sip_message *message)
{
    if (message->request) {
        text_slice(text, slice_cut(message->method_text, 0, 64));
    } else {
        text_slice(text, slice_cut(message->status_text, 0, 16));
        text_put(text, ' ');
        text_slice(text, slice_cut(message->cseq_method, 0, 32));
    }
}

/* The trunk's rule said that this header is missing: the RFC's needs not say it again. */
static bool told_missing(const struct sip_defect *defect, const struct rule *rule, uint64_t missing)
{
    for (unsigned id = 1; missing >> id != 0; id++)
        if ((missing >> id & 1) && slice_is(defect->subject, sip_header_rows[id].name) && strstr(rule->id, "-missing") != NULL)
            return true;
    return false;
}

/* A body that lost its place may stand where a header's value is: what follows "inline:" in it is a key (RFC 4568 6.1). */
static struct slice secret_cut(struct slice value)
{
    static const char mark[] = "inline:";
    for (size_t at = 0; at + sizeof mark - 1 <= value.len; at++)
        if (slice_starts_nocase(slice_after(value, at), mark))
            return slice_cut(value, 0, at + sizeof mark - 1);
    return value;
}

static void findings_of_verdict(struct analyzer *analyzer, struct call *call, const struct sighting *sighting,
                                const struct sip_message *message, uint64_t missing)
{
    struct text text = {0};
    for (unsigned i = 0; i < analyzer->verdict.count; i++) {
        const struct sip_defect *defect = &analyzer->verdict.defects[i];
        const struct rule *rule = rules_of_defect(analyzer->rules, defect->row);
        if (told_missing(defect, rule, missing))
            continue;
        text_reset(&text);
        message_name(&text, message);
        text_str(&text, ": ");
        text_str(&text, rule->title);
        if (defect->value.len > 0) {
            text_str(&text, " (");
            text_slice(&text, secret_cut(slice_cut(slice_trim(defect->value), 0, 120)));
            text_put(&text, ')');
        } else if (strcmp(rule->id, "sip-header-missing") == 0) {
            text_str(&text, " (");
            text_slice(&text, slice_cut(defect->subject, 0, 64));
            text_put(&text, ')');
        }
        finding_say(analyzer, call, rule, sighting, defect->subject, &text);
    }
    text_fini(&text);
}

static void findings_of_capture(struct analyzer *analyzer, struct call *call, const struct sighting *sighting,
                                const struct sip_message *message, bool strict_refuses)
{
    struct text text = {0};
    if (sighting->truncated) {
        message_name(&text, message);
        text_format(&text, ": only its first %zu bytes were captured", message->bytes.len);
        finding_say(analyzer, call, rules_at(analyzer->rules, RULE_TRUNCATED), sighting, slice_str("capture"), &text);
    }
    if (strict_refuses) {
        text_reset(&text);
        message_name(&text, message);
        text_str(&text, ": GNU osip2 refuses this message; sipvet sees no defect in it");
        finding_say(analyzer, call, rules_at(analyzer->rules, RULE_STRICT_PARSER), sighting, slice_str("message"), &text);
    }
    text_fini(&text);
}

/* As far as the messages so far tell. */
static struct slice direction_name(const struct analyzer *analyzer, const struct call_sight *sight)
{
    enum profile_direction direction =
        sight->call == NULL ? DIRECTION_ANY : vetting_direction(analyzer->vetting, *calls_vetted(sight->call));
    return direction == DIRECTION_OUTBOUND ? slice_str("outbound") : direction == DIRECTION_INBOUND ? slice_str("inbound") : SLICE_NONE;
}

static void message_publish(struct analyzer *analyzer, const struct call_sight *sight, const struct sighting *sighting,
                            const struct sip_message *message, bool checked, bool at_trunk)
{
    struct slice defects[SIP_DEFECTS_MAX];
    size_t defect_count = checked ? analyzer->verdict.count : 0;
    for (size_t i = 0; i < defect_count; i++)
        defects[i] = slice_str(sip_defect_rows[analyzer->verdict.defects[i].row].name);
    struct message_record record = { /* all of it: clearing it first would take as long again */
        .frame = sighting->frame,
        .at = sighting->time_ns,
        .src = sighting->src,
        .dst = sighting->dst,
        .transport = slice_str(transport_name(sighting->transport)),
        .call = sight->call == NULL ? NUMBER_NONE : sight->call_id,
        .call_id = message->call_id,
        .method = message->request ? message->method_text : SLICE_NONE,
        .status = message->request || message->status == 0 ? NUMBER_NONE : message->status,
        .reason = message->reason,
        .cseq = sip_header_value(message, SIP_HEADER_CSEQ),
        .size = message->bytes.len,
        .content_type = sip_header_value(message, SIP_HEADER_CONTENT_TYPE),
        .retransmission = sight->retransmission && !sight->copy,
        .copy = sight->copy ? 1 : -1,
        .decrypted = sighting->decrypted,
        .truncated = sighting->truncated,
        .well_formed = (int8_t)(checked ? analyzer->verdict.well_formed : -1),
        .defects = {defects, defect_count},
        .text = analyzer->config.texts ? message->bytes : SLICE_NONE,
        .transaction = SLICE_NONE,
        .connector = SLICE_NONE,
        .region = SLICE_NONE,
        .direction = SLICE_NONE,
        .at_trunk = at_trunk,
        .event = SLICE_NONE,
    };
    if (analyzer->trunk != NULL) {
        trunk_describe_message(analyzer->trunk, sight->call_id, &record);
        record.direction = direction_name(analyzer, sight);
    }
    if (analyzer->config.hear != NULL)
        analyzer->config.hear(analyzer->config.hear_context, &record, message->bytes);
    if (!analyzer->config.messages)
        return;
    if (analyzer->config.wanted != NULL && sight->call != NULL)
        calls_keep_message(analyzer->calls, sight->call, &record);
    else
        analyzer->config.publish(analyzer->config.publish_context, &(struct record){.kind = RECORD_MESSAGE, .message = &record});
}

/* Where a message was, for those who look it up again. */
static void frame_publish(struct analyzer *analyzer, const struct call_sight *sight, const struct sighting *sighting)
{
    if (analyzer->places != NULL && sight->call != NULL) {
        places_add(analyzer->places, sight->call_id, sighting);
        return;
    }
    struct message_record record = place_record(sighting, sight->call == NULL ? NUMBER_NONE : sight->call_id);
    analyzer->config.publish(analyzer->config.publish_context, &(struct record){.kind = RECORD_MESSAGE, .message = &record});
}

/* The profile's view of the message. */
static uint64_t vet(struct analyzer *analyzer, const struct sip_message *message, const struct call_sight *sight,
                    const struct sighting *sighting)
{
    if (analyzer->config.profile == NULL)
        return 0; /* nobody looks at it */
    struct vetted_message seen = {.message = message,
                                  .sighting = sighting,
                                  .sdp = sight->sdp,
                                  .call = sight->call,
                                  .vetted = sight->call == NULL ? NULL : calls_vetted(sight->call),
                                  .answer = sight->answer,
                                  .by_caller = sight->sdp != NULL && calls_sender_is_caller(sight->call, message),
                                  .retransmission = sight->retransmission,
                                  .copy = sight->copy,
                                  .call_status = sight->status,
                                  .to_tag = sight->call != NULL ? sight->to_tag : sip_tag(sip_header_value(message, SIP_HEADER_TO)).len > 0};
    return vetting_message(analyzer->vetting, &seen);
}

/* The call's media are counted by the minute from its answer on. */
static void minute_see(struct analyzer *analyzer, const struct call_sight *sight, const struct sighting *sighting,
                       const struct sip_message *message)
{
    struct minutes_sight seen = {.call = sight->call_id,
                                 .session = *calls_session(sight->call),
                                 .at_ns = sighting->time_ns,
                                 .direction = vetting_direction(analyzer->vetting, *calls_vetted(sight->call)),
                                 .call_id = message->call_id,
                                 .answer = message->method == SIP_INVITE && message->status >= 200 && message->status < 300,
                                 .bye = message->request && message->method == SIP_BYE};
    analyzer->due_ns = minutes_see(analyzer->minutes, &seen);
}

static bool sip_index(struct analyzer *analyzer, struct sip_ahead *ahead, struct slice payload, const struct sighting *sighting,
                      bool stream)
{
    struct sip_message *message = &ahead->message;
    if (!sip_parse(payload, message))
        return false;
    /* A Call-ID that runs up to the end of what was captured may be a piece of a longer one: it names no call. */
    if (sighting->truncated && message->call_id.len > 0 && message->call_id.data + message->call_id.len == payload.data + payload.len)
        message->call_id = SLICE_NONE;
    ahead->sighting = *sighting;
    ahead->stream = stream;
    ahead->key = calls_prefetch(analyzer->calls, sighting, message);
    vetting_prefetch(analyzer->vetting, sighting);
    ahead->shape = conformance_shape(analyzer, message, sighting);
    return true;
}

static void sip_track(struct analyzer *analyzer, const struct sip_ahead *ahead)
{
    const struct sip_message *message = &ahead->message;
    const struct sighting *sighting = &ahead->sighting;
    bool strict_refuses;
    analyzer->sip_messages++;
    struct call_sight sight = calls_see(analyzer->calls, ahead->key, sighting, message);
    if (analyzer->trunk != NULL)
        trunk_prefetch(analyzer->trunk, sight.call_id);
    if (sight.call != NULL && !sight.retransmission && media_path_speaks(message))
        media_path_message(analyzer, sight.call, sighting, message);
    uint64_t missing = vet(analyzer, message, &sight, sighting);
    bool at_trunk = analyzer->config.profile != NULL && vetting_at_trunk(analyzer->vetting);
    if (analyzer->trunk != NULL)
        trunk_see(analyzer->trunk, sight.call_id, sighting, message, at_trunk);
    if (analyzer->minutes != NULL && sight.call != NULL)
        minute_see(analyzer, &sight, sighting, message);
    bool checked = conformance_check(analyzer, message, sighting, ahead->shape, ahead->stream, &strict_refuses);
    if (checked && !analyzer->verdict.well_formed)
        anomaly_add(&analyzer->decoder.anomalies, ANOMALY_SIP_MALFORMED);
    if (checked && analyzer->verdict.count > 0)
        findings_of_verdict(analyzer, sight.call, sighting, message, missing);
    if (strict_refuses || sighting->truncated)
        findings_of_capture(analyzer, sight.call, sighting, message, strict_refuses);
    if (analyzer->config.messages || analyzer->config.hear != NULL)
        message_publish(analyzer, &sight, sighting, message, checked, at_trunk);
    if (analyzer->config.frames && !analyzer->config.messages)
        frame_publish(analyzer, &sight, sighting);
}

/* The call's own memory has come: what it points to is fetched. */
static void fetch_parts(struct analyzer *analyzer, const struct sip_ahead *ahead)
{
    vetting_fetch(analyzer->vetting, calls_prefetch_parts(analyzer->calls, ahead->key));
}

static struct sip_ahead *ahead_at(struct analyzer *analyzer, unsigned place)
{
    return &analyzer->ahead[(analyzer->oldest + place) % SIP_AHEAD];
}

bool sip_path(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting, bool stream)
{
    sip_path_flush(analyzer);
    struct sip_ahead *ahead = ahead_at(analyzer, 0);
    if (!sip_index(analyzer, ahead, payload, sighting, stream))
        return false;
    calls_prefetch_more(analyzer->calls, ahead->key);
    fetch_parts(analyzer, ahead);
    sip_track(analyzer, ahead);
    return true;
}

void sip_path_step(struct analyzer *analyzer, size_t step)
{
    const struct sip_ahead *newest = ahead_at(analyzer, analyzer->waiting - 1);
    if (step == 0)
        calls_prefetch_more(analyzer->calls, newest->key);
    else
        fetch_parts(analyzer, newest);
}

/* Each message waits for as many others as it takes steps to fetch its memory: a step's look costs nothing once what the step before
   asked for has come. */
bool sip_path_ahead(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting)
{
    if (analyzer->waiting > 0)
        calls_prefetch_more(analyzer->calls, ahead_at(analyzer, analyzer->waiting - 1)->key);
    if (analyzer->waiting > 1)
        fetch_parts(analyzer, ahead_at(analyzer, analyzer->waiting - 2));
    if (!sip_index(analyzer, ahead_at(analyzer, analyzer->waiting), payload, sighting, false))
        return false;
    if (++analyzer->waiting == SIP_AHEAD) {
        struct sip_ahead *oldest = ahead_at(analyzer, 0);
        analyzer->oldest = (analyzer->oldest + 1) % SIP_AHEAD;
        analyzer->waiting--;
        sip_track(analyzer, oldest);
    }
    return true;
}

void sip_path_finish(struct analyzer *analyzer)
{
    unsigned waiting = analyzer->waiting;
    analyzer->waiting = 0; /* what a message brings about may lead here again */
    for (unsigned i = 0; i < waiting; i++)
        sip_track(analyzer, ahead_at(analyzer, i));
}

/* The meaning of an ICMP or ICMPv6 error, as a person would say it (RFC 792, RFC 1812 5.2.7, RFC 4443). */
static const char *icmp_meaning(const struct packet *packet)
{
    static const char *const unreachable4[] = {"network unreachable", "host unreachable", "protocol unreachable", "port unreachable",
                                               "fragmentation needed but DF set", "source route failed"};
    static const char *const unreachable6[] = {"no route", "administratively prohibited", "beyond the scope of the source",
                                               "address unreachable", "port unreachable", "source policy refused"};
    bool six = packet->src.family == 6;
    uint8_t code = packet->icmp_code;
    if (six)
        return packet->icmp_type == 1 && code < 6 ? unreachable6[code]
               : packet->icmp_type == 2           ? "packet too big"
               : packet->icmp_type == 3           ? "hop limit exceeded"
                                                  : "parameter problem";
    if (packet->icmp_type == 3)
        return code < 6 ? unreachable4[code] : code == 9 || code == 10 || code == 13 ? "administratively prohibited" : "unreachable";
    return packet->icmp_type == 11 ? "time exceeded" : packet->icmp_type == 5 ? "redirect" : "other error";
}

void sip_path_quoted(struct analyzer *analyzer, const struct packet *packet)
{
    sip_path_flush(analyzer);
    struct sip_message *message = &analyzer->ahead[0].message;
    analyzer->icmp_errors++;
    struct slice payload = packet_payload(packet);
    bool redirect = packet->src.family == 4 && packet->icmp_type == 5; /* a hint for the sender, nothing was lost */
    if (redirect || !sip_claim(payload) || !sip_parse(payload, message))
        return;
    struct call *call = message->call_id.len == 0 ? NULL : calls_find_by_id(analyzer->calls, message->call_id);
    struct sighting sighting = {.time_ns = packet->time_ns, .frame = packet->frame, .src = packet->src, .dst = packet->dst};
    char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
    endpoint_format(&packet->src, src);
    endpoint_format(&packet->dst, dst);
    struct text text = {0};
    message_name(&text, message);
    bool too_big = packet->src.family == 4 ? packet->icmp_type == 3 && packet->icmp_code == 4 : packet->icmp_type == 2;
    if (too_big)
        vetting_too_big(analyzer->vetting, call, &sighting, packet->icmp_mtu);
    text_format(&text, " from %s to %s came back: ICMP %s", src, dst, icmp_meaning(packet));
    finding_say(analyzer, call, rules_at(analyzer->rules, RULE_ICMP_ERROR), &sighting, slice_str(dst), &text);
    text_fini(&text);
}

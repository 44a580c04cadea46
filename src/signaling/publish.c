/* Builds call, finding and message records from a call. */
#include "signaling/publish.h"

/* a - b where both are known and in order; CLOCK_NONE else: captures with two clocks run backwards at times. */
static int64_t span(int64_t from_ns, int64_t to_ns)
{
    return from_ns == CLOCK_NONE || to_ns == CLOCK_NONE || to_ns < from_ns ? CLOCK_NONE : to_ns - from_ns;
}

static struct text_list interned_list(const struct calls *calls, const uint16_t *numbers, size_t max, struct slice *out)
{
    size_t count = 0;
    while (count < max && numbers[count] != INTERN_NONE) {
        out[count] = intern_text(&calls->intern, numbers[count]);
        count++;
    }
    return (struct text_list){out, count};
}

static const char *ended_by(const struct call *call, enum call_state state)
{
    if (call->method != SIP_INVITE)
        return NULL;
    if (call->bye && !call->caller_known)
        return NULL; /* who called is not in the capture */
    if (call->bye)
        return call->ended_by_caller ? "caller" : "callee";
    switch (state) {
    case CALL_CANCELLED:
        return call->cancelled ? "caller" : NULL; /* a 487 alone: its cause was not captured */
    case CALL_BUSY:
    case CALL_REJECTED:
    case CALL_REDIRECTED:
        return "callee";
    default:
        return "none";
    }
}

static void record_times(const struct call *call, enum call_state state, struct call_record *record)
{
    bool invite = call->method == SIP_INVITE;
    record->start = call->start_ns;
    record->answer = invite ? call->answer_ns : CLOCK_NONE;
    record->end = call->end_ns;
    record->pdd = invite ? span(call->invite_ns, call->ring_ns) : CLOCK_NONE;
    record->ring = invite ? span(call->ring_ns, call->answer_ns) : CLOCK_NONE;
    record->setup = invite ? span(call->answered_invite_ns, call->answer_ns) : CLOCK_NONE;
    record->duration = invite && state == CALL_COMPLETED ? span(call->answer_ns, call->end_ns) : CLOCK_NONE;
}

/* The number that the profile's header order picks; empty without such an order, and for what is no call. */
static struct slice caller_id_of(const struct calls *calls, const struct call *call)
{
    const enum sip_header_id *order = calls->config.caller_order;
    if (call->first_method != SIP_INVITE || order == NULL || *order == SIP_HEADER_OTHER)
        return SLICE_NONE;
    return call->caller_id.len > 0 ? call->caller_id : slice_cut(call->from_user, 0, slice_find(call->from_user, 0, ';'));
}

/* The fields that need no buffer. */
static void record_fill(const struct calls *calls, const struct call *call, enum call_state state, struct call_record *record)
{
    struct slice method = call->first_method == SIP_METHOD_UNKNOWN ? intern_text(&calls->intern, call->custom_method)
                                                                    : slice_str(sip_method_names[call->first_method]);
    const char *by = ended_by(call, state);
    *record = (struct call_record){
        .id = call->id,
        .call_id = call->call_id,
        .method = method,
        .state = slice_str(call_state_names[state]),
        .direction = slice_str("unknown"),
        .from_user = call->from_user,
        .to_user = call->to_user,
        .request_uri = call->request_uri,
        .caller_id = caller_id_of(calls, call),
        .src = call->src,
        .dst = call->dst,
        .transport = slice_str(transport_name((enum transport)call->transport)),
        .jitter = CLOCK_NONE,
        .loss_pct = NAN,
        .mos = NAN,
        .status = call->status == 0 ? NUMBER_NONE : call->status,
        .q850 = call->q850 == 0 ? NUMBER_NONE : call->q850,
        .reason = call_reason(calls, call),
        .ended_by = by == NULL ? SLICE_NONE : slice_str(by),
        .messages = call->messages,
        .retransmissions = call->retransmissions,
        .frame = call->first_frame,
    };
    record_times(call, state, record);
}

void publish_findings(const struct call *call, record_reader *read, void *context)
{
    const struct call_finding *order[CALL_FINDINGS_MAX];
    size_t count = 0;
    for (const struct call_finding *at = call->findings; at != NULL && count < CALL_FINDINGS_MAX; at = at->next)
        order[count++] = at;
    while (count > 0) { /* the list is newest first */
        const struct call_finding *finding = order[--count];
        struct finding_record record = {
            .rule = slice_str(finding->rule->id),
            .severity = slice_str(severity_names[finding->rule->severity]),
            .call = call->id,
            .call_id = call->call_id,
            .stream = finding->stream,
            .frame = finding->frame,
            .at = finding->at_ns,
            .src = finding->src,
            .subject = finding->subject,
            .text = finding->text,
            .fix = finding->rule->fix == NULL ? SLICE_NONE : slice_str(finding->rule->fix),
            .source = slice_str(finding->rule->source),
            .count = finding->count,
        };
        read(context, &(struct record){.kind = RECORD_FINDING, .finding = &record});
    }
}

static void publish_records(struct calls *calls, const struct call *call, const struct call_record *record)
{
    const struct calls_config *config = &calls->config;
    calls->totals.calls++;
    calls->totals.states[dialog_state(call, calls->now_ns)]++;
    for (int i = 0; i < SEVERITY_COUNT; i++)
        calls->totals.findings[i] += record->findings[i];
    config->publish(config->publish_context, &(struct record){
                        .kind = RECORD_CALL, .call = record, .given = record->verdict == NULL && publish_given(calls, call)});
    publish_findings(call, config->publish, config->publish_context);
    for (const struct call_message *at = call->message_first; at != NULL; at = at->next)
        config->publish(config->publish_context, &(struct record){.kind = RECORD_MESSAGE, .message = &at->record});
}

void publish_record(const struct calls *calls, const struct call *call, struct publish_room *room, struct call_record *record)
{
    record_fill(calls, call, dialog_state(call, calls->now_ns), record);
    record->user_agents = interned_list(calls, call->agents, CALL_AGENTS_MAX, room->agents);
    record->codecs = interned_list(calls, call->codecs, CALL_CODECS_MAX, room->codecs);
    for (const struct call_related *at = call->related; at != NULL && record->related_count < CALL_RELATED_MAX; at = at->next)
        room->related[record->related_count++] = at->related;
    record->related = room->related;
}

void publish_call(struct calls *calls, struct call *call)
{
    const struct calls_config *config = &calls->config;
    struct publish_room room;
    struct call_record record;
    publish_record(calls, call, &room, &record);
    if (config->complete != NULL)
        config->complete(config->complete_context, call, call->session, &record);
    for (const struct call_finding *at = call->findings; at != NULL; at = at->next)
        record.findings[at->rule->severity]++;
    bool wanted = config->wanted == NULL || config->wanted(config->wanted_context, &record);
    if (wanted)
        publish_records(calls, call, &record);
    if (config->published != NULL)
        config->published(config->complete_context, call->session, wanted ? &record : NULL);
    call->session = SESSION_NONE;
    call->watched = WATCHED_PUBLISHED;
}

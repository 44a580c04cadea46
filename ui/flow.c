/* Messages of a call lie close together in the capture: from the calls' first frame on they are looked for until all are found. */
#include "ui/flow.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/reading.h"
#include "ui/words.h"

void flow_fini(struct flow *flow)
{
    free(flow->events);
    text_fini(&flow->words);
    *flow = (struct flow){0};
}

static struct flow_event *event_add(struct flow *flow, struct flow_event event)
{
    if (flow->count == FLOW_EVENTS_MAX) {
        flow->left_out = true;
        return NULL;
    }
    if (flow->count == flow->room) {
        size_t room = flow->room == 0 ? 64 : flow->room * 2;
        struct flow_event *events = realloc(flow->events, room * sizeof *events);
        if (events == NULL)
            return NULL;
        flow->events = events;
        flow->room = room;
    }
    flow->events[flow->count] = event;
    return &flow->events[flow->count++];
}

/* ---- columns ---- */

static bool same_address(const struct endpoint *a, const struct endpoint *b)
{
    return a->family == b->family && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* The column of an endpoint; a media endpoint goes to its address' column, whatever the port. */
static uint16_t column_of(struct flow *flow, const struct endpoint *endpoint, bool by_port)
{
    for (unsigned i = 0; i < flow->column_count; i++) {
        struct flow_column *column = &flow->columns[i];
        if (!same_address(&column->endpoint, endpoint) || (by_port && column->endpoint.port != endpoint->port))
            continue;
        return (uint16_t)i;
    }
    if (flow->column_count == FLOW_COLUMNS_MAX) {
        flow->left_out = true;
        return FLOW_COLUMNS_MAX - 1;
    }
    flow->columns[flow->column_count] = (struct flow_column){.endpoint = *endpoint};
    return (uint16_t)flow->column_count++;
}

/* A host that talks to itself, or two programs on one host, would be one column. */
static bool ports_needed(const struct flow *flow, const struct message_store *messages)
{
    for (size_t i = 0; i < flow->count; i++) {
        if (flow->events[i].kind != FLOW_MESSAGE)
            continue;
        const struct hop *hop = message_store_hop(messages, &flow->events[i].message);
        if (same_address(&hop->src, &hop->dst) && hop->src.port != hop->dst.port)
            return true;
    }
    return false;
}

static void ports_note(struct flow *flow, uint16_t at, const struct endpoint *endpoint)
{
    flow->columns[at].several |= flow->columns[at].endpoint.port != endpoint->port;
}

static void columns_build(struct flow *flow, const struct flow_choice *choice)
{
    bool by_port = choice->by_port || ports_needed(flow, choice->messages);
    for (size_t i = 0; i < flow->count; i++) {
        struct flow_event *event = &flow->events[i];
        if (event->kind == FLOW_MESSAGE) {
            const struct hop *hop = message_store_hop(choice->messages, &event->message);
            event->from = column_of(flow, &hop->src, by_port);
            event->to = column_of(flow, &hop->dst, by_port);
            ports_note(flow, event->from, &hop->src);
            ports_note(flow, event->to, &hop->dst);
        } else {
            event->from = column_of(flow, event->back ? &event->stream->dst : &event->stream->src, false);
            event->to = column_of(flow, event->back ? &event->stream->src : &event->stream->dst, false);
        }
    }
}

/* ---- events ---- */

static enum severity finding_worst(const struct call_copy *copy, uint64_t frame, uint64_t stream)
{
    enum severity worst = SEVERITY_COUNT;
    for (size_t i = 0; i < copy->finding_count; i++) {
        const struct finding_record *finding = copy->findings[i];
        bool meant = stream != NUMBER_NONE ? finding->stream == stream : finding->frame == frame && finding->stream == NUMBER_NONE;
        for (int s = 0; meant && s < (int)worst; s++)
            if (slice_is(finding->severity, severity_names[s]))
                worst = (enum severity)s;
    }
    return worst;
}

/* A text that is gone still has its status. */
static void label_put(struct text *out, const struct kept_message *message, struct slice text)
{
    size_t before = out->len;
    reading_label(out, text);
    if (out->len == before && message->code != 0)
        text_uint(out, message->code);
    else if (out->len == before)
        text_str(out, "request");
}

static void message_add(struct flow *flow, const struct flow_choice *choice, const struct call_copy *copy,
                        const struct kept_message *message, struct text *text)
{
    struct error error;
    struct flow_event event = {.at = message->at, .kind = FLOW_MESSAGE, .call = copy->id, .message = *message,
                               .severity = finding_worst(copy, message->frame, NUMBER_NONE)};
    struct slice bytes = message_store_text(choice->messages, message, text, &error) ? slice_of(text->data, text->len) : SLICE_NONE;
    event.label_at = flow->words.len;
    label_put(&flow->words, message, bytes);
    event.label_len = flow->words.len - event.label_at;
    event.sdp_at = flow->words.len;
    reading_sdp(&flow->words, bytes);
    event.sdp_len = flow->words.len - event.sdp_at;
    (void)event_add(flow, event);
}

static const struct call_copy *call_of(const struct call_store *store, uint64_t id)
{
    size_t row = call_store_find(store, id);
    return row == store->count ? NULL : &store->calls[row];
}

/* One walk for all calls, from the first frame of any of them until all their messages are found. */
static void messages_add(struct flow *flow, const struct flow_choice *choice)
{
    enum { SLACK = 4096 }; /* TCP may deliver a message behind messages of later frames */
    const struct message_store *store = choice->messages;
    struct text text = {0};
    uint64_t first = UINT64_MAX, missing = 0;
    for (size_t i = 0; i < choice->calls->count; i++) {
        const struct call_copy *copy = call_of(choice->store, choice->calls->ids[i]);
        if (copy == NULL)
            continue;
        const struct call_record *call = call_store_record(choice->store, copy);
        first = call->frame < first ? call->frame : first;
        missing += call->messages;
    }
    size_t at = message_store_from(store, first);
    for (at = at > SLACK ? at - SLACK : 0; at < store->count && missing > 0; at++) {
        if (!id_set_has(choice->calls, store->messages[at].call))
            continue;
        const struct call_copy *copy = call_of(choice->store, store->messages[at].call);
        if (copy == NULL)
            continue;
        message_add(flow, choice, copy, &store->messages[at], &text);
        missing--;
    }
    text_fini(&text);
}

static void stream_add(struct flow *flow, const struct call_copy *copy, const struct stream_record *stream)
{
    struct flow_event event = {.at = stream->start, .kind = FLOW_STREAM, .call = copy->id, .stream = stream,
                               .severity = finding_worst(copy, 0, stream->id), .label_at = flow->words.len};
    text_str(&flow->words, stream->fax != NULL ? "UDPTL " : stream->srtp != NULL ? "SRTP " : "RTP ");
    text_plain(&flow->words, stream->codec);
    text_put(&flow->words, ' ');
    words_percent(&flow->words, stream->loss_pct);
    text_str(&flow->words, " lost");
    if (stream->mos != NULL && !isnan(stream->mos->lq)) {
        text_str(&flow->words, " MOS ");
        text_real(&flow->words, stream->mos->lq, 2);
    }
    event.label_len = flow->words.len - event.label_at;
    (void)event_add(flow, event);
    for (size_t i = 0; i < stream->dtmf_count; i++) {
        struct flow_event digit = {.at = stream->dtmf[i].at, .kind = FLOW_DIGIT, .call = copy->id, .stream = stream,
                                   .severity = SEVERITY_COUNT, .label_at = flow->words.len};
        text_str(&flow->words, "DTMF ");
        text_plain(&flow->words, stream->dtmf[i].digit);
        digit.label_len = flow->words.len - digit.label_at;
        (void)event_add(flow, digit);
    }
}

/* "RTCP RR 6.25% lost jitter 10 RTT 70": what the report says, and nothing that it does not. */
static void report_put(struct text *out, const struct stream_report *report)
{
    text_str(out, "RTCP ");
    text_slice(out, report->kind);
    if (!isnan(report->loss_pct)) {
        text_put(out, ' ');
        words_percent(out, report->loss_pct);
        text_str(out, " lost");
    }
    if (report->jitter != CLOCK_NONE) {
        text_str(out, " jitter ");
        words_ms(out, report->jitter);
    }
    if (report->rtt != CLOCK_NONE) {
        text_str(out, " RTT ");
        words_ms(out, report->rtt);
    }
}

static void reports_add(struct flow *flow, const struct call_copy *copy, const struct stream_record *stream)
{
    for (size_t i = 0; i < stream->report_count; i++) {
        const struct stream_report *report = &stream->reports[i];
        struct flow_event event = {.at = report->at, .kind = FLOW_REPORT, .back = report->from_receiver, .call = copy->id, .stream = stream,
                                   .severity = SEVERITY_COUNT, .label_at = flow->words.len};
        report_put(&flow->words, report);
        event.label_len = flow->words.len - event.label_at;
        (void)event_add(flow, event);
    }
}

/* By time; at the same time as they were read, messages first. */
static int by_time(const void *left, const void *right)
{
    const struct flow_event *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    uint64_t first = a->kind == FLOW_MESSAGE ? a->message.frame : a->stream->id;
    uint64_t second = b->kind == FLOW_MESSAGE ? b->message.frame : b->stream->id;
    if (first != second)
        return first < second ? -1 : 1;
    return (a->label_at > b->label_at) - (a->label_at < b->label_at);
}

void flow_build(struct flow *flow, const struct flow_choice *choice)
{
    flow->count = 0;
    flow->column_count = 0;
    flow->left_out = false;
    text_reset(&flow->words);
    messages_add(flow, choice);
    for (size_t i = 0; i < choice->calls->count && choice->media; i++) {
        const struct call_copy *copy = call_of(choice->store, choice->calls->ids[i]);
        for (size_t s = 0; copy != NULL && s < copy->stream_count; s++) {
            stream_add(flow, copy, copy->streams[s]);
            if (choice->reports)
                reports_add(flow, copy, copy->streams[s]);
        }
    }
    if (flow->count > 0)
        qsort(flow->events, flow->count, sizeof *flow->events, by_time);
    columns_build(flow, choice);
}

void flow_relate(struct id_set *calls, const struct call_store *store)
{
    struct id_set legs = {0};
    for (size_t i = 0; i < calls->count; i++) {
        size_t row = call_store_find(store, calls->ids[i]);
        const struct call_record *call = row == store->count ? NULL : call_store_record(store, &store->calls[row]);
        for (size_t r = 0; call != NULL && r < call->related_count; r++)
            id_set_add(&legs, call->related[r].id);
    }
    for (size_t i = 0; i < legs.count; i++)
        id_set_add(calls, legs.ids[i]);
    id_set_fini(&legs);
}

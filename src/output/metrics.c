/* -o metrics: one event a connector and minute in CloudWatch's Embedded Metric Format, under the trunk's own metric names in a namespace
   of ours. Message records are counted as they pass, minute records bring the media. */
#include <math.h>
#include <stdlib.h>

#include "output/attempts.h"
#include "output/log_line.h"
#include "output/sink.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define MOS_MOST 4.4

enum { CONNECTORS_MAX = 1024, NAME_MAX_BYTES = 256, VALUES_MAX = 100, CLASSES = 6, QUIET_MINUTES = 60 };

enum way { OUTBOUND, INBOUND, WAYS };
enum side { FROM_CUSTOMER, TO_CUSTOMER, SIDES };

/* One value a call: the format takes 100 at most; behind those, each place keeps the mean of its share. */
struct values {
    double items[VALUES_MAX];
    uint64_t count;
};

struct connector {
    char name[NAME_MAX_BYTES], region[NAME_MAX_BYTES];
    size_t name_len, region_len;
    unsigned quiet;                        /* minutes in a row in which nothing happened; QUIET_MINUTES: it is forgotten */
    bool counted;                          /* something happened in this minute */
    uint64_t attempts[WAYS], answers[WAYS], failures[WAYS], active[WAYS];
    uint64_t codes[CLASSES];
    uint64_t rtp_packets[SIDES], rtp_bytes[SIDES], rtcp_packets[SIDES], rtcp_bytes[SIDES];
    struct values lost[SIDES], jitter_us[SIDES], rtt_us, mos;
};

struct metrics {
    struct connector *connectors[CONNECTORS_MAX]; /* NULL: a free place */
    size_t count;                          /* places that were ever used */
    struct attempts attempts;              /* that nobody has responded to; where: their connector's place */
    int64_t latest_ns;                     /* time that has come; CLOCK_NONE */
    int64_t minute;                        /* of what is counted, in minutes since 1970; CLOCK_NONE: nothing yet */
};

static bool metrics_open(struct sink *sink)
{
    struct metrics *metrics = sink->state = calloc(1, sizeof *metrics);
    if (metrics == NULL)
        return false;
    metrics->minute = metrics->latest_ns = CLOCK_NONE;
    attempts_init(&metrics->attempts);
    return true;
}

static void value_add(struct values *values, double value)
{
    double *item = &values->items[values->count % VALUES_MAX];
    double turn = (double)(values->count / VALUES_MAX);
    *item = (*item * turn + value) / (turn + 1);
    values->count++;
}

/* Its place; CONNECTORS_MAX without memory, or where all places are taken. Names longer than a dimension's value bears are cut. */
static size_t connector_of(struct metrics *metrics, struct slice name, struct slice region)
{
    size_t place = metrics->count;
    name = slice_cut(name.len == 0 ? slice_str("unknown") : name, 0, NAME_MAX_BYTES);
    region = slice_cut(region.len == 0 ? slice_str("unknown") : region, 0, NAME_MAX_BYTES);
    for (size_t i = 0; i < metrics->count; i++) {
        const struct connector *connector = metrics->connectors[i];
        if (connector == NULL)
            place = i;
        else if (slice_equal(slice_of(connector->name, connector->name_len), name) &&
                 slice_equal(slice_of(connector->region, connector->region_len), region))
            return i;
    }
    struct connector *connector = place == CONNECTORS_MAX ? NULL : calloc(1, sizeof *connector);
    if (connector == NULL)
        return CONNECTORS_MAX;
    memcpy(connector->name, name.data, connector->name_len = name.len);
    memcpy(connector->region, region.data, connector->region_len = region.len);
    metrics->connectors[place] = connector;
    metrics->count += place == metrics->count;
    return place;
}

/* An event is put together twice: once its list of metrics, once their values. */
struct event {
    struct text definitions, values;
};

static void define(struct event *event, const char *name, const char *unit)
{
    text_str(&event->definitions, event->definitions.len == 0 ? "{\"Name\":\"" : ",{\"Name\":\"");
    text_str(&event->definitions, name);
    text_str(&event->definitions, "\",\"Unit\":\"");
    text_str(&event->definitions, unit);
    text_str(&event->definitions, "\"}");
    text_str(&event->values, ",\"");
    text_str(&event->values, name);
    text_str(&event->values, "\":");
}

static void count_put(struct event *event, const char *name, uint64_t count)
{
    define(event, name, "Count");
    text_uint(&event->values, count);
}

static void values_put(struct event *event, const char *name, const char *unit, const struct values *values)
{
    size_t count = values->count < VALUES_MAX ? (size_t)values->count : VALUES_MAX;
    if (count == 0)
        return;
    define(event, name, unit);
    for (size_t i = 0; i < count; i++) {
        text_put(&event->values, i == 0 ? '[' : ',');
        text_real(&event->values, values->items[i], 2);
    }
    text_put(&event->values, ']');
}

static void calls_put(struct event *event, const struct connector *c)
{
    count_put(event, "VoiceConnectorActiveCallCount", c->active[OUTBOUND] + c->active[INBOUND]);
    count_put(event, "InboundCallAttempts", c->attempts[INBOUND]);
    count_put(event, "InboundCallFailures", c->failures[INBOUND]);
    count_put(event, "InboundCallsAnswered", c->answers[INBOUND]);
    count_put(event, "InboundCallsActive", c->active[INBOUND]);
    count_put(event, "OutboundCallAttempts", c->attempts[OUTBOUND]);
    count_put(event, "OutboundCallFailures", c->failures[OUTBOUND]);
    count_put(event, "OutboundCallsAnswered", c->answers[OUTBOUND]);
    count_put(event, "OutboundCallsActive", c->active[OUTBOUND]);
    static const char *const names[CLASSES] = {"Sip1xxCodes", "Sip2xxCodes", "Sip3xxCodes", "Sip4xxCodes", "Sip5xxCodes", "Sip6xxCodes"};
    for (size_t i = 0; i < CLASSES; i++)
        count_put(event, names[i], c->codes[i]);
}

static void media_put(struct event *event, const struct connector *c)
{
    static const struct {
        const char *rtp_packets, *rtp_bytes, *rtcp_packets, *rtcp_bytes, *lost, *jitter;
    } names[SIDES] = {{"CustomerToVcRtpPackets", "CustomerToVcRtpBytes", "CustomerToVcRtcpPackets", "CustomerToVcRtcpBytes",
                       "CustomerToVcPacketsLost", "CustomerToVcJitter"},
                      {"VcToCustomerRtpPackets", "VcToCustomerRtpBytes", "VcToCustomerRtcpPackets", "VcToCustomerRtcpBytes",
                       "VcToCustomerPacketsLost", "VcToCustomerJitter"}};
    for (size_t i = 0; i < SIDES; i++) {
        count_put(event, names[i].rtp_packets, c->rtp_packets[i]);
        count_put(event, names[i].rtp_bytes, c->rtp_bytes[i]);
        count_put(event, names[i].rtcp_packets, c->rtcp_packets[i]);
        count_put(event, names[i].rtcp_bytes, c->rtcp_bytes[i]);
        values_put(event, names[i].lost, "Count", &c->lost[i]);
        values_put(event, names[i].jitter, "Microseconds", &c->jitter_us[i]);
    }
    values_put(event, "RTTBetweenVcAndCustomer", "Microseconds", &c->rtt_us);
    values_put(event, "MOSBetweenVcAndCustomer", "None", &c->mos);
}

static void event_write(struct sink *sink, const struct connector *c, int64_t at_ns)
{
    struct event event = {{0}, {0}};
    struct text *out = &sink->out;
    const char *name_space = sink->settings->name_space != NULL ? sink->settings->name_space : "SipTrunkProbe";
    at_ns = settings_time(sink->settings, at_ns);
    calls_put(&event, c);
    media_put(&event, c);
    log_line_begin(out, sink->settings, at_ns);
    text_str(out, ",\"_aws\":{\"Timestamp\":");
    text_int(out, at_ns / NS_PER_MS);
    text_str(out, ",\"CloudWatchMetrics\":[{\"Namespace\":");
    text_json(out, slice_str(name_space));
    text_str(out, ",\"Dimensions\":[[\"VoiceConnectorId\",\"Region\"]],\"Metrics\":[");
    text_bytes(out, event.definitions.data, event.definitions.len);
    text_str(out, "]}]}");
    log_line_text(out, "VoiceConnectorId", slice_of(c->name, c->name_len));
    log_line_text(out, "Region", slice_of(c->region, c->region_len));
    text_bytes(out, event.values.data, event.values.len);
    text_str(out, "}\n");
    out->failed |= event.definitions.failed || event.values.failed;
    text_fini(&event.definitions);
    text_fini(&event.values);
}

/* Attempts whose time without any response was over by then, in the minute that is counted. */
static void attempts_fail(struct metrics *metrics, int64_t now_ns)
{
    struct attempt attempt;
    while (attempts_due(&metrics->attempts, now_ns, &attempt)) {
        struct connector *c = metrics->connectors[attempt.where];
        if (c == NULL) /* forgotten: none that waited only for this */
            continue;
        c->failures[attempt.way]++;
        c->counted = true;
    }
}

/* The minute is over: one event for each connector that is known, with zeros where nothing happened. */
static void minute_end(struct sink *sink)
{
    struct metrics *metrics = sink->state;
    for (size_t i = 0; i < metrics->count; i++) {
        struct connector *c = metrics->connectors[i];
        if (c == NULL)
            continue;
        unsigned quiet = c->counted ? 0 : c->quiet + 1;
        if (quiet >= QUIET_MINUTES) {
            free(c);
            metrics->connectors[i] = NULL;
            continue;
        }
        event_write(sink, c, metrics->minute * MINUTE_NS);
        struct connector fresh = {.name_len = c->name_len, .region_len = c->region_len, .quiet = quiet};
        memcpy(fresh.name, c->name, c->name_len);
        memcpy(fresh.region, c->region, c->region_len);
        *c = fresh;
    }
}

/* Behind a longer gap nobody knows whether anything was captured in it. */
static void gap_pass(struct metrics *metrics)
{
    struct attempt attempt;
    while (attempts_due(&metrics->attempts, INT64_MAX, &attempt)) {
    }
    for (size_t i = 0; i < metrics->count; i++) {
        free(metrics->connectors[i]);
        metrics->connectors[i] = NULL;
    }
    metrics->count = 0;
}

static void metrics_pass(struct sink *sink, int64_t now_ns)
{
    struct metrics *metrics = sink->state;
    int64_t minute = now_ns / MINUTE_NS - (now_ns % MINUTE_NS < 0);
    metrics->latest_ns = now_ns > metrics->latest_ns ? now_ns : metrics->latest_ns;
    if (metrics->minute != CLOCK_NONE && minute <= metrics->minute)
        return; /* what comes a little late belongs to the minute that goes on */
    bool gap = metrics->minute != CLOCK_NONE && minute - metrics->minute > QUIET_MINUTES;
    while (metrics->minute != CLOCK_NONE && metrics->minute < minute) {
        if (!gap)
            attempts_fail(metrics, (metrics->minute + 1) * MINUTE_NS);
        minute_end(sink);
        metrics->minute = gap ? minute : metrics->minute + 1;
    }
    if (gap)
        gap_pass(metrics);
    metrics->minute = minute;
}

static bool responds_to_invite(const struct message_record *message)
{
    static const char method[] = "INVITE";
    struct slice cseq = slice_trim(message->cseq);
    return message->status != NUMBER_NONE && cseq.len >= sizeof method - 1 && slice_is(slice_after(cseq, cseq.len - (sizeof method - 1)), method);
}

static void message_count(struct metrics *metrics, size_t place, const struct message_record *message)
{
    struct connector *c = metrics->connectors[place];
    bool known = message->direction.len > 0;
    enum way way = slice_is(message->direction, "inbound") ? INBOUND : OUTBOUND;
    if (message->status != NUMBER_NONE && message->status >= 100 && message->status < 700 && !message->retransmission && message->copy < 0)
        c->codes[message->status / 100 - 1]++;
    if (responds_to_invite(message))
        attempts_drop(&metrics->attempts, message->call);
    if (!known)
        return;
    if (slice_is(message->event, "attempt")) {
        c->attempts[way]++;
        attempts_add(&metrics->attempts, message->call, message->at, (uint16_t)place, (uint8_t)way);
    }
    c->failures[way] += slice_is(message->event, "failure");
    if (slice_is(message->event, "answer")) {
        c->answers[way]++;
        c->active[way]++;
    }
}

static void side_count(struct connector *c, enum side side, const struct minute_way *way)
{
    c->rtp_packets[side] += way->rtp_packets;
    c->rtp_bytes[side] += way->rtp_bytes;
    c->rtcp_packets[side] += way->rtcp_packets;
    c->rtcp_bytes[side] += way->rtcp_bytes;
    if (way->packets_lost != NUMBER_NONE)
        value_add(&c->lost[side], (double)way->packets_lost);
    if (way->jitter != CLOCK_NONE)
        value_add(&c->jitter_us[side], (double)way->jitter / 1e3);
}

/* Active are the calls that were on in this minute: those answered in it, and older ones of which media came, each once. */
static void media_count(struct connector *c, const struct minute_record *minute, int64_t begin_ns)
{
    uint64_t packets = minute->from_customer->rtp_packets + minute->to_customer->rtp_packets;
    side_count(c, FROM_CUSTOMER, minute->from_customer);
    side_count(c, TO_CUSTOMER, minute->to_customer);
    if (minute->rtt != CLOCK_NONE)
        value_add(&c->rtt_us, (double)minute->rtt / 1e3);
    if (!isnan(minute->mos))
        value_add(&c->mos, fmin(minute->mos, MOS_MOST));
    if (packets > 0 && minute->since < begin_ns)
        c->active[slice_is(minute->direction, "inbound") ? INBOUND : OUTBOUND]++;
}

/* What touches no trunk is not counted. */
static void metrics_write(struct sink *sink, const struct record *record)
{
    struct metrics *metrics = sink->state;
    bool message = record->kind == RECORD_MESSAGE;
    if (!message && record->kind != RECORD_MINUTE)
        return;
    struct slice name = message ? record->message->connector : record->minute->connector;
    struct slice region = message ? record->message->region : record->minute->region;
    metrics_pass(sink, message ? record->message->at : record->minute->at);
    bool strange = (message && !record->message->at_trunk) || name.len + region.len == 0;
    size_t place = strange ? CONNECTORS_MAX : connector_of(metrics, name, region);
    if (place == CONNECTORS_MAX)
        return;
    metrics->connectors[place]->counted = true;
    if (message)
        message_count(metrics, place, record->message);
    else
        media_count(metrics->connectors[place], record->minute, metrics->minute * MINUTE_NS);
}

static void metrics_close(struct sink *sink)
{
    struct metrics *metrics = sink->state;
    attempts_fail(metrics, metrics->latest_ns);
    minute_end(sink);
    for (size_t i = 0; i < metrics->count; i++)
        free(metrics->connectors[i]);
    attempts_fini(&metrics->attempts);
    free(metrics);
}

const struct sink_kind sink_kind_metrics = {.name = "metrics",
                                            .help = "an event a connector and minute in Embedded Metric Format: calls, SIP codes, media",
                                            .target = SINK_LINES,
                                            .counts_all = true,
                                            .needs = SINK_NEEDS_MESSAGES | SINK_NEEDS_MINUTES | SINK_NEEDS_TRUNK,
                                            .open = metrics_open,
                                            .write = metrics_write,
                                            .pass = metrics_pass,
                                            .close = metrics_close};

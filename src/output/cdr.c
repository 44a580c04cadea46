/* -o cdr and -o sdr: a call as the trunk bills it (Voice Connector whitepaper, appendix A), from what packets show. */
#include "output/log_line.h"
#include "output/object_file.h"
#include "output/sink.h"
#include "output/template.h"

/* The times and the money of a call. CLOCK_NONE and NAN: not known. */
struct bill {
    int64_t start, end;
    double seconds;
    bool answered, inferred;
};

/* ITU-T Q.850 2.2.7: what a Reason header says. */
static const char *cause_text(uint64_t cause)
{
    static const struct {
        uint16_t cause;
        const char *text;
    } rows[] = {{1, "Unallocated Number"}, {2, "No Route To Transit Network"}, {3, "No Route To Destination"}, {16, "Normal Call Clearing"},
                {17, "User Busy"}, {18, "No User Responding"}, {19, "No Answer From User"}, {20, "Subscriber Absent"}, {21, "Call Rejected"},
                {22, "Number Changed"}, {27, "Destination Out Of Order"}, {28, "Invalid Number Format"}, {29, "Facility Rejected"},
                {31, "Normal, Unspecified"}, {34, "No Circuit Available"}, {38, "Network Out Of Order"}, {41, "Temporary Failure"},
                {42, "Switching Equipment Congestion"}, {44, "Requested Circuit Not Available"}, {47, "Resource Unavailable"},
                {50, "Facility Not Subscribed"}, {55, "Incoming Calls Barred"}, {57, "Bearer Capability Not Authorized"},
                {58, "Bearer Capability Not Available"}, {63, "Service Not Available"}, {65, "Bearer Capability Not Implemented"},
                {79, "Service Not Implemented"}, {88, "Incompatible Destination"}, {102, "Recovery On Timer Expiry"},
                {111, "Protocol Error"}, {127, "Interworking, Unspecified"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].cause == cause)
            return rows[i].text;
    return NULL;
}

static bool state_is(const struct call_record *call, enum call_state state)
{
    return slice_is(call->state, call_state_names[state]);
}

/* A call whose fate is known. One that goes on, or whose beginning was not captured, is billed by nobody. */
static bool is_over(const struct call_record *call)
{
    if (!slice_is(call->method, "INVITE") || call->trunk == NULL || state_is(call, CALL_PARTIAL))
        return false;
    if (state_is(call, CALL_IN_CALL))
        return call->trunk->media_end != CLOCK_NONE && call->trunk->media_end >= call->answer;
    return !state_is(call, CALL_SETUP) && !state_is(call, CALL_RINGING);
}

/* From answer to BYE, in steps of the profile's increment, at least its minimum; an unanswered call costs nothing. */
static struct bill bill_of(const struct call_record *call, const struct sink_settings *settings)
{
    struct bill bill = {.answered = state_is(call, CALL_COMPLETED) || state_is(call, CALL_IN_CALL), .end = call->end, .seconds = NAN};
    bill.start = bill.answered && call->answer != CLOCK_NONE ? call->answer : call->start;
    if (bill.answered && call->end == CLOCK_NONE) {
        bill.end = call->trunk->media_end;
        bill.inferred = true;
    }
    if (!bill.answered) {
        bill.seconds = 0;
    } else if (call->answer != CLOCK_NONE && bill.end != CLOCK_NONE && bill.end >= call->answer) {
        double step = isnan(settings->billing_increment_s) ? 1 : settings->billing_increment_s;
        bill.seconds = ceil((double)(bill.end - call->answer) / 1e9 / step) * step;
        if (bill.seconds < settings->billing_minimum_s) /* false for NAN */
            bill.seconds = settings->billing_minimum_s;
    }
    return bill;
}

static struct slice status_message(const struct call_record *call, const struct bill *bill)
{
    const char *cause = cause_text(call->q850);
    if (state_is(call, CALL_CANCELLED))
        return slice_str("Request Terminated");
    if (bill->answered)
        return slice_str(cause != NULL ? cause : "Normal Call Clearing");
    if (cause != NULL)
        return slice_str(cause);
    if (call->reason.len > 0)
        return call->reason;
    return slice_str(state_is(call, CALL_TIMEOUT) ? "Request Timeout" : "Failed");
}

static void seconds_put(struct text *out, const char *name, int64_t at_ns, struct sink_settings *settings)
{
    if (at_ns == CLOCK_NONE)
        return;
    int64_t ns = settings_shift(settings, at_ns);
    log_line_integer(out, name, ns / NS_PER_SECOND - (ns % NS_PER_SECOND < 0));
}

static void usage_put(struct text *out, struct slice template, const struct call_trunk *trunk)
{
    struct text usage = {0};
    const struct template_value values[] = {{"billing_code", trunk->billing_code}, {"src", log_country(trunk->source)},
                                            {"dst", log_country(trunk->destination)}, {"connector", trunk->connector}};
    if (template_fill(&usage, template, values, sizeof values / sizeof values[0]))
        log_line_text(out, "UsageType", slice_of(usage.data, usage.len));
    text_fini(&usage);
}

/* Members in the order of the vendor's schema, version 2.0. */
static void cdr_put(struct text *out, const struct call_record *call, const struct bill *bill, struct sink_settings *settings)
{
    const struct call_trunk *trunk = call->trunk;
    const struct site *site = settings->site;
    bool outbound = slice_is(call->direction, "outbound"), inbound = slice_is(call->direction, "inbound");
    text_put(out, '{');
    if (site != NULL)
        log_line_text(out, "AwsAccountId", site->account_id);
    log_line_text(out, "TransactionId", trunk->transaction);
    log_line_text(out, "CallId", call->call_id);
    log_line_text(out, "VoiceConnectorId", trunk->connector);
    log_line_text(out, "Status", slice_str(bill->answered ? "Completed" : "Failed"));
    log_line_text(out, "StatusMessage", status_message(call, bill));
    log_line_text(out, "SipAuthUser", trunk->auth_user);
    log_line_real(out, "BillableDurationSeconds", bill->seconds);
    log_line_real(out, "BillableDurationMinutes", bill->seconds / 60);
    log_line_text(out, "SchemaVersion", slice_str("2.0"));
    log_line_text(out, "SourcePhoneNumber", trunk->source);
    log_line_text(out, "SourcePhoneNumberName", site_number_name(site, trunk->source));
    log_line_text(out, "SourceCountry", log_country(trunk->source));
    log_line_text(out, "DestinationPhoneNumber", trunk->destination);
    log_line_text(out, "DestinationPhoneNumberName", site_number_name(site, trunk->destination));
    log_line_text(out, "DestinationCountry", log_country(trunk->destination));
    if (outbound || inbound)
        usage_put(out, outbound ? settings->outbound_usage : settings->inbound_usage, trunk);
    log_line_text(out, "ServiceCode", settings->service_code);
    if (outbound || inbound)
        log_line_text(out, "Direction", slice_str(outbound ? "Outbound" : "Inbound"));
    seconds_put(out, "StartTimeEpochSeconds", bill->start, settings);
    seconds_put(out, "EndTimeEpochSeconds", bill->end, settings);
    log_line_text(out, "Region", trunk->region);
    log_line_known(out, "Streaming", trunk->streaming ? 1 : site == NULL ? -1 : site->streaming);
    log_line_known(out, "IsProxyCall", site == NULL ? -1 : site->proxy_calls);
    if (bill->inferred)
        log_line_known(out, "InferredEnd", 1);
    text_put(out, '}');
}

/* Version 1.0 of the streaming record's schema. */
static void sdr_put(struct text *out, const struct call_record *call, const struct bill *bill, struct sink_settings *settings)
{
    const struct call_trunk *trunk = call->trunk;
    text_put(out, '{');
    log_line_text(out, "SchemaVersion", slice_str("1.0"));
    if (settings->site != NULL)
        log_line_text(out, "AwsAccountId", settings->site->account_id);
    log_line_text(out, "TransactionId", trunk->transaction);
    log_line_text(out, "CallId", call->call_id);
    log_line_text(out, "VoiceConnectorId", trunk->connector);
    seconds_put(out, "StartTimeEpochSeconds", bill->start, settings);
    seconds_put(out, "EndTimeEpochSeconds", bill->end, settings);
    log_line_text(out, "Status", slice_str(bill->answered ? "Completed" : "Failed"));
    log_line_text(out, "StatusMessage", bill->answered ? slice_str("Streaming succeeded") : status_message(call, bill));
    log_line_text(out, "ServiceCode", settings->streaming_service_code);
    usage_put(out, settings->streaming_usage, trunk);
    log_line_real(out, "BillableDurationSeconds", bill->seconds);
    log_line_text(out, "Region", trunk->region);
    if (bill->inferred)
        log_line_known(out, "InferredEnd", 1);
    text_put(out, '}');
}

/* A name from the wire, fit for a path. */
static struct slice path_part(struct slice name, char *buffer, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < size; i++) {
        uint8_t c = name.data[i];
        bool plain = ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '_' || (c == '.' && len > 0);
        buffer[len++] = plain ? (char)c : '_';
    }
    return len == 0 ? slice_str("unknown") : slice_of(buffer, len);
}

static void key_put(struct text *out, struct slice template, const struct call_trunk *trunk, int64_t start_ns)
{
    char time[CLOCK_ISO_SIZE], connector[128]; /* "2026-01-31T12:00:00.000000Z" */
    (void)clock_format_iso(start_ns, time);
    const struct template_value values[] = {{"connector", path_part(trunk->connector, connector, sizeof connector)},
                                            {"transaction", trunk->transaction},
                                            {"Y", slice_of(time, 4)},
                                            {"m", slice_of(time + 5, 2)},
                                            {"d", slice_of(time + 8, 2)},
                                            {"H", slice_of(time + 11, 2)},
                                            {"M", slice_of(time + 14, 2)},
                                            {"S", slice_of(time + 17, 2)},
                                            {"ms", slice_of(time + 20, 3)}};
    (void)template_fill(out, template, values, sizeof values / sizeof values[0]);
}

static void bill_write(struct sink *sink, const struct call_record *call, bool streaming)
{
    struct sink_settings *settings = sink->settings;
    struct text *out = &sink->out;
    struct bill bill = bill_of(call, settings);
    if (streaming)
        sdr_put(out, call, &bill, settings);
    else
        cdr_put(out, call, &bill, settings);
    if (sink->lines != NULL) {
        text_put(out, '\n');
        return;
    }
    struct text key = {0};
    struct slice given = streaming ? settings->sdr_key : settings->cdr_key;
    struct slice usual = slice_str(streaming ? "SDRs/json/{connector}/{Y}/{m}/{d}/{H}.{M}.{S}.{ms}_{transaction}"
                                             : "CDRs/json/{connector}/{Y}/{m}/{d}/{H}.{M}.{S}.{ms}_{transaction}");
    key_put(&key, given.len > 0 ? given : usual, call->trunk, settings_shift(settings, bill.start));
    if (key.failed || out->failed)
        error_set(&sink->error, "%s: out of memory", sink->path);
    if (key.failed || out->failed ||
        !object_write(sink->path, slice_of(key.data, key.len), slice_of(out->data, out->len), &sink->error))
        sink->objects_lost++;
    text_fini(&key);
    text_reset(out);
}

static void cdr_write(struct sink *sink, const struct record *record)
{
    if (record->kind == RECORD_CALL && is_over(record->call))
        bill_write(sink, record->call, false);
}

/* A recording session, or a call that the trunk streams because the site has it so. */
static bool is_streamed(const struct call_record *call, const struct site *site)
{
    bool by_site = site != NULL && site->streaming == 1 && !slice_is(call->direction, "unknown") &&
                   (state_is(call, CALL_COMPLETED) || state_is(call, CALL_IN_CALL));
    return call->trunk->streaming || by_site;
}

static void sdr_write(struct sink *sink, const struct record *record)
{
    if (record->kind == RECORD_CALL && is_over(record->call) && is_streamed(record->call, sink->settings->site))
        bill_write(sink, record->call, true);
}

const struct sink_kind sink_kind_cdr = {.name = "cdr",
                                        .help = "call detail records: a file for each under its S3 key in a folder, or lines into a .json, .jsonl, .log",
                                        .target = SINK_OBJECTS,
                                        .needs = SINK_NEEDS_TRUNK,
                                        .write = cdr_write};

const struct sink_kind sink_kind_sdr = {.name = "sdr",
                                        .help = "streaming detail records, of SIPREC sessions and calls that the site has streamed: as cdr",
                                        .target = SINK_OBJECTS,
                                        .needs = SINK_NEEDS_TRUNK,
                                        .write = sdr_write};

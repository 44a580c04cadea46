/* -o text: for people. A line per call with the columns that fit, its legs and findings under it, and a summary. */
#include <stdlib.h>

#include "output/sink.h"

enum { CELL_MAX = 160, PLAIN_WIDTH = 160 };

/* Columns in the order in which they stand; the least `need` terminal width says when each one appears. */
struct column {
    const char *title;
    unsigned width;     /* cells; a longer value is cut on a terminal */
    unsigned need;      /* shown from this terminal width on */
    void (*cell)(struct text *out, const struct call_record *call);
};

static void cell_id(struct text *out, const struct call_record *call)
{
    text_uint(out, call->id);
}

static void cell_start(struct text *out, const struct call_record *call)
{
    char iso[CLOCK_ISO_SIZE];
    clock_format_iso(call->start, iso);
    text_bytes(out, iso + 11, 12); /* HH:MM:SS.mmm */
}

static void cell_method(struct text *out, const struct call_record *call)
{
    text_plain(out, call->method);
}

static void cell_state(struct text *out, const struct call_record *call)
{
    text_slice(out, call->state);
}

static void cell_status(struct text *out, const struct call_record *call)
{
    if (call->status == NUMBER_NONE) {
        text_put(out, '-');
        return;
    }
    text_uint(out, call->status);
    text_put(out, ' ');
    text_plain(out, call->reason);
}

static void cell_from(struct text *out, const struct call_record *call)
{
    if (call->from_user.len > 0)
        text_plain(out, call->from_user);
    else
        text_put(out, '-');
}

static void cell_to(struct text *out, const struct call_record *call)
{
    if (call->to_user.len > 0)
        text_plain(out, call->to_user);
    else
        text_put(out, '-');
}

static void cell_endpoint(struct text *out, const struct endpoint *endpoint)
{
    char text[ENDPOINT_TEXT_SIZE];
    text_bytes(out, text, endpoint_format(endpoint, text));
}

static void cell_src(struct text *out, const struct call_record *call)
{
    cell_endpoint(out, &call->src);
}

static void cell_dst(struct text *out, const struct call_record *call)
{
    cell_endpoint(out, &call->dst);
}

static void cell_transport(struct text *out, const struct call_record *call)
{
    text_slice(out, call->transport);
}

/* "312 ms", "4.2 s", "2:05": three digits that a person needs. */
static void cell_span(struct text *out, int64_t ns)
{
    if (ns == CLOCK_NONE)
        text_put(out, '-');
    else if (ns < NS_PER_SECOND)
        text_format(out, "%lld ms", (long long)(ns / NS_PER_MS));
    else if (ns < 60 * NS_PER_SECOND)
        text_format(out, "%lld.%lld s", (long long)(ns / NS_PER_SECOND), (long long)(ns / (NS_PER_SECOND / 10) % 10));
    else if (ns < 3600 * NS_PER_SECOND)
        text_format(out, "%lld:%02lld", (long long)(ns / NS_PER_SECOND / 60), (long long)(ns / NS_PER_SECOND % 60));
    else
        text_format(out, "%lld:%02lld:%02lld", (long long)(ns / NS_PER_SECOND / 3600), (long long)(ns / NS_PER_SECOND / 60 % 60),
                    (long long)(ns / NS_PER_SECOND % 60));
}

static void cell_pdd(struct text *out, const struct call_record *call)
{
    cell_span(out, call->pdd);
}

static void cell_duration(struct text *out, const struct call_record *call)
{
    cell_span(out, call->duration);
}

static void cell_messages(struct text *out, const struct call_record *call)
{
    text_uint(out, call->messages);
    if (call->retransmissions > 0) {
        text_str(out, " +");
        text_uint(out, call->retransmissions);
        text_put(out, 'r');
    }
}

static void cell_codecs(struct text *out, const struct call_record *call)
{
    size_t shown = 0;
    for (size_t i = 0; i < call->codecs.count && shown < 2; i++) {
        if (slice_is_nocase(call->codecs.items[i], "telephone-event"))
            continue;
        if (shown++ > 0)
            text_put(out, ',');
        text_plain(out, call->codecs.items[i]);
    }
    if (shown == 0)
        text_put(out, '-');
}

static const struct column columns[] = {
    {"#", 4, 0, cell_id},           {"START UTC", 12, 60, cell_start},    {"METHOD", 9, 0, cell_method},
    {"STATE", 9, 0, cell_state},    {"ANSWER", 20, 100, cell_status},     {"FROM", 14, 0, cell_from},
    {"TO", 14, 0, cell_to},         {"SRC", 21, 132, cell_src},           {"DST", 21, 110, cell_dst},
    {"TRSP", 4, 150, cell_transport}, {"PDD", 7, 80, cell_pdd},           {"TALK", 7, 40, cell_duration},
    {"MSGS", 7, 140, cell_messages},  {"CODEC", 12, 155, cell_codecs},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

struct report {
    struct text cell;
    uint64_t calls;
    char date[11]; /* of the last line's start: shown when it changes */
};

static bool report_open(struct sink *sink)
{
    sink->state = calloc(1, sizeof(struct report));
    return sink->state != NULL;
}

static void report_close(struct sink *sink)
{
    struct report *report = sink->state;
    text_fini(&report->cell);
    free(report);
}

static unsigned report_width(const struct sink *sink)
{
    return sink->width == 0 ? PLAIN_WIDTH : sink->width;
}

/* Cells that the UTF-8 text takes when each code point takes one. */
static size_t cells_of(const struct text *text, size_t from)
{
    size_t cells = 0;
    for (size_t i = from; i < text->len; i++)
        cells += ((uint8_t)text->data[i] & 0xc0) != 0x80;
    return cells;
}

/* Cuts the text after `cells` code points. */
static void text_cut(struct text *text, size_t from, size_t cells)
{
    size_t at = from;
    while (at < text->len && (cells > 0 || ((uint8_t)text->data[at] & 0xc0) == 0x80)) {
        cells -= ((uint8_t)text->data[at] & 0xc0) != 0x80;
        at++;
        if (cells == 0 && at < text->len && ((uint8_t)text->data[at] & 0xc0) != 0x80)
            break;
    }
    text->len = at;
}

static void cell_put(struct sink *sink, const struct column *column, const struct text *cell, bool last)
{
    struct text *out = &sink->out;
    size_t from = out->len;
    text_bytes(out, cell->data, cell->len);
    size_t cells = cells_of(out, from);
    if (cells > column->width && sink->width != 0) {
        text_cut(out, from, column->width - 1);
        text_str(out, "~"); /* one cell, in every character set: something was cut here */
        cells = column->width;
    }
    for (; cells < column->width && !last; cells++)
        text_put(out, ' ');
}

static void line_end(struct text *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    text_put(out, '\n');
}

static void header_put(struct sink *sink, struct report *report)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i].need > report_width(sink))
            continue;
        text_reset(&report->cell);
        text_str(&report->cell, columns[i].title);
        cell_put(sink, &columns[i], &report->cell, false);
        text_put(&sink->out, ' ');
    }
    line_end(&sink->out);
}

static void date_put(struct sink *sink, struct report *report, int64_t start)
{
    char iso[CLOCK_ISO_SIZE];
    clock_format_iso(start, iso);
    if (memcmp(iso, report->date, 10) == 0)
        return;
    memcpy(report->date, iso, 10);
    text_format(&sink->out, "-- %s --\n", report->date);
}

static void call_put(struct sink *sink, const struct call_record *call)
{
    struct report *report = sink->state;
    if (report->calls++ == 0)
        header_put(sink, report);
    date_put(sink, report, call->start);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i].need > report_width(sink))
            continue;
        text_reset(&report->cell);
        columns[i].cell(&report->cell, call);
        cell_put(sink, &columns[i], &report->cell, i == COLUMNS - 1);
        text_put(&sink->out, ' ');
    }
    line_end(&sink->out);
    for (size_t i = 0; i < call->related_count; i++)
        text_format(&sink->out, "     leg of call %llu: %s (score %u)\n", (unsigned long long)call->related[i].id,
                    call->related[i].why, call->related[i].score);
}

static void finding_put(struct sink *sink, const struct finding_record *finding)
{
    struct text *out = &sink->out;
    text_str(out, "     ");
    text_slice(out, finding->severity);
    text_format(out, ", frame %llu: ", (unsigned long long)finding->frame);
    text_plain(out, finding->text);
    if (finding->count > 1)
        text_format(out, " [%llu times]", (unsigned long long)finding->count);
    text_str(out, " [");
    text_slice(out, finding->source);
    text_str(out, "]\n");
}

static void counted(struct text *out, const char *before, uint64_t count, const char *what, const char *many)
{
    text_str(out, before);
    text_uint(out, count);
    text_put(out, ' ');
    text_str(out, count == 1 ? what : many);
}

static void states_put(struct text *out, const struct summary_record *summary)
{
    const char *mark = " (";
    for (int i = 0; i < CALL_STATE_COUNT; i++) {
        if (summary->call_states[i] == 0)
            continue;
        text_str(out, mark);
        text_uint(out, summary->call_states[i]);
        text_put(out, ' ');
        text_str(out, call_state_names[i]);
        mark = ", ";
    }
    if (mark[0] == ',')
        text_put(out, ')');
}

static void anomalies_put(struct text *out, const struct summary_record *summary)
{
    static const char *const groups[ANOMALY_GROUPS] = {"truncated", "malformed", "not understood", "lost"};
    for (int group = 0; group < ANOMALY_GROUPS; group++) {
        const char *mark = ": ";
        for (int i = 0; i < ANOMALY_COUNT; i++) {
            if ((int)anomaly_rows[i].group != group || summary->anomalies.count[i] == 0)
                continue;
            if (mark[0] == ':')
                text_str(out, groups[group]);
            text_str(out, mark);
            text_uint(out, summary->anomalies.count[i]);
            text_put(out, ' ');
            text_str(out, anomaly_rows[i].name);
            mark = ", ";
        }
        if (mark[0] == ',')
            text_put(out, '\n');
    }
}

static void drops_put(struct text *out, const struct summary_record *summary)
{
    bool kernel = summary->kernel_drops != NUMBER_NONE, interface = summary->interface_drops != NUMBER_NONE;
    if (!kernel && !interface)
        return;
    text_str(out, "dropped before sipvet saw them:");
    if (kernel)
        text_format(out, " %llu by the kernel", (unsigned long long)summary->kernel_drops);
    if (interface)
        text_format(out, "%s %llu by the interface", kernel ? "," : "", (unsigned long long)summary->interface_drops);
    text_put(out, '\n');
}

static void summary_put(struct sink *sink, const struct summary_record *summary)
{
    struct text *out = &sink->out;
    const struct report *report = sink->state;
    if (report->calls > 0)
        text_put(out, '\n');
    counted(out, "", summary->packets, "packet", "packets");
    if (summary->first != CLOCK_NONE) {
        char first[CLOCK_ISO_SIZE];
        clock_format_iso(summary->first, first);
        text_format(out, " from %.19sZ, ", first);
        cell_span(out, summary->last - summary->first);
    }
    counted(out, "; ", summary->sip_messages, "SIP message", "SIP messages");
    counted(out, ", ", summary->calls, "call record", "call records");
    states_put(out, summary);
    text_put(out, '\n');
    if (summary->rtp_packets + summary->rtcp_packets > 0)
        text_format(out, "media: %llu RTP and %llu RTCP packets by their look\n", (unsigned long long)summary->rtp_packets,
                    (unsigned long long)summary->rtcp_packets);
    if (summary->findings[SEVERITY_ERROR] + summary->findings[SEVERITY_WARNING] + summary->findings[SEVERITY_INFO] > 0)
        text_format(out, "findings: %llu error, %llu warning, %llu info\n", (unsigned long long)summary->findings[SEVERITY_ERROR],
                    (unsigned long long)summary->findings[SEVERITY_WARNING], (unsigned long long)summary->findings[SEVERITY_INFO]);
    if (summary->sip_checked < summary->sip_messages)
        text_format(out, "grammar: %llu of the messages were checked (all of the first ones, then each new shape)\n",
                    (unsigned long long)summary->sip_checked);
    if (summary->icmp_errors > 0)
        text_format(out, "ICMP errors that quote a datagram: %llu\n", (unsigned long long)summary->icmp_errors);
    anomalies_put(out, summary);
    drops_put(out, summary);
    if (summary->evicted > 0)
        text_format(out, "given up early to stay within memory: %llu calls\n", (unsigned long long)summary->evicted);
    for (size_t i = 0; i < summary->problems.count; i++) {
        text_str(out, "! ");
        text_plain(out, summary->problems.items[i]);
        text_put(out, '\n');
    }
}

static void report_write(struct sink *sink, const struct record *record)
{
    switch (record->kind) {
    case RECORD_CALL:
        call_put(sink, record->call);
        break;
    case RECORD_FINDING:
        finding_put(sink, record->finding);
        break;
    case RECORD_SUMMARY:
        summary_put(sink, record->summary);
        break;
    case RECORD_MESSAGE:
        break;
    }
}

const struct sink_kind sink_kind_text = {.name = "text",
                                         .help = "a report for people: calls, findings, summary",
                                         .in_order = true,
                                         .open = report_open,
                                         .write = report_write,
                                         .close = report_close};

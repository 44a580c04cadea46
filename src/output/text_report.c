/* -o text: for people. A line per call with the columns that fit, its legs and findings under it, and a summary. */
#include <stdlib.h>

#include "base/digits.h"
#include "output/line_wrap.h"
#include "output/sink.h"
#include "output/span.h"
#include "output/stream_lines.h"

enum { INDENT = 9, PLAIN_WIDTH = 200, COLUMN_MAX = 32 };

#define NS_PER_DAY (86400 * NS_PER_SECOND)

/* Columns in the order in which they stand; `need` is the terminal width from which each one appears. */
struct column {
    const char *title;
    unsigned width;     /* cells, fewer than COLUMN_MAX; a longer value is cut on a terminal */
    unsigned need;      /* shown from this terminal width on */
    bool wire;          /* text from the wire: may be more bytes than cells; the others are ASCII */
    void (*cell)(struct text *out, const struct call_record *call);
};

static void cell_id(struct text *out, const struct call_record *call)
{
    text_uint(out, call->id);
}

/* Whole days since 1970, rounded down like all that clock_format_iso writes; *rest is the time of that day. */
static int64_t day_of(int64_t time_ns, int64_t *rest)
{
    int64_t day = time_ns / NS_PER_DAY;
    *rest = time_ns % NS_PER_DAY;
    if (*rest < 0) {
        *rest += NS_PER_DAY;
        day--;
    }
    return day;
}

static void cell_start(struct text *out, const struct call_record *call)
{
    int64_t rest;
    (void)day_of(call->start, &rest);
    unsigned ms = (unsigned)(rest / NS_PER_MS), s = ms / 1000;
    if (!text_reserve(out, 12))
        return;
    char *at = out->data + out->len; /* HH:MM:SS.mmm */
    digits_pair(at, s / 3600);
    at[2] = ':';
    digits_pair(at + 3, s / 60 % 60);
    at[5] = ':';
    digits_pair(at + 6, s % 60);
    at[8] = '.';
    at[9] = (char)('0' + ms / 100 % 10);
    digits_pair(at + 10, ms % 100);
    out->len += 12;
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
    if (text_reserve(out, ENDPOINT_TEXT_SIZE))
        out->len += endpoint_format(endpoint, out->data + out->len);
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

static void cell_pdd(struct text *out, const struct call_record *call)
{
    span_put(out, call->pdd);
}

static void cell_duration(struct text *out, const struct call_record *call)
{
    span_put(out, call->duration);
}

static void cell_loss(struct text *out, const struct call_record *call)
{
    if (isnan(call->loss_pct)) {
        text_put(out, '-');
        return;
    }
    text_real(out, call->loss_pct, call->loss_pct < 10 ? 2 : 1);
    text_put(out, '%');
}

static void cell_mos(struct text *out, const struct call_record *call)
{
    if (isnan(call->mos))
        text_put(out, '-');
    else
        text_real(out, call->mos, 2);
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
    {"#", 4, 0, false, cell_id},
    {"START UTC", 12, 79, false, cell_start},
    {"METHOD", 9, 66, true, cell_method},
    {"STATE", 9, 0, false, cell_state},
    {"ANSWER", 20, 108, true, cell_status},
    {"FROM", 13, 0, true, cell_from},
    {"TO", 13, 56, true, cell_to},
    {"SRC", 21, 159, false, cell_src},
    {"DST", 21, 137, false, cell_dst},
    {"TRSP", 4, 164, false, cell_transport},
    {"PDD", 7, 87, false, cell_pdd},
    {"TALK", 7, 37, false, cell_duration},
    {"LOSS", 6, 115, false, cell_loss},
    {"MOS", 4, 42, false, cell_mos},
    {"MSGS", 7, 172, false, cell_messages},
    {"CODEC", 12, 185, true, cell_codecs},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

struct report {
    uint64_t calls;
    uint64_t loose; /* streams of no call */
    int64_t day; /* of the last line's start: shown when it changes */
};

static bool report_open(struct sink *sink)
{
    sink->state = calloc(1, sizeof(struct report));
    return sink->state != NULL;
}

static void report_close(struct sink *sink)
{
    free(sink->state);
}

static unsigned report_width(const struct sink *sink)
{
    return sink->width == 0 ? PLAIN_WIDTH : sink->width;
}

/* Cells that the UTF-8 text takes when each code point takes one. Eight bytes at a time: what stands behind the text
   has to be seven spaces or more. */
static size_t cells_of(const struct text *text, size_t from)
{
    size_t cells = text->len - from;
    for (size_t i = from; i < text->len; i += 8) {
        uint64_t word;
        memcpy(&word, text->data + i, sizeof word);
        uint64_t continuation = word & ~(word << 1) & UINT64_C(0x8080808080808080); /* 10xxxxxx */
        if (continuation != 0)
            cells -= (size_t)__builtin_popcountll(continuation);
    }
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

static void cell_cut(struct text *out, const struct column *column, size_t from)
{
    text_cut(out, from, column->width - 1);
    text_put(out, '~'); /* one cell, in every character set: something was cut here */
}

/* Pads what was written from `from` on to the column's width, or cuts it, and leaves a space behind it. */
static inline void cell_close(struct text *out, const struct column *column, size_t from, bool cut)
{
    if (!text_reserve(out, COLUMN_MAX))
        return;
    memset(out->data + out->len, ' ', COLUMN_MAX); /* of fixed size: a store or two */
    size_t cells = column->wire ? cells_of(out, from) : out->len - from;
    if (cells > column->width && cut)
        cell_cut(out, column, from);
    out->len += cells < column->width ? column->width - cells : 0;
    text_put(out, ' ');
}

static void line_end(struct text *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    text_put(out, '\n');
}

static void header_put(struct sink *sink)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i].need > report_width(sink))
            continue;
        size_t from = sink->out.len;
        text_str(&sink->out, columns[i].title);
        cell_close(&sink->out, &columns[i], from, sink->width != 0);
    }
    line_end(&sink->out);
}

static void date_put(struct text *out, int64_t start)
{
    char iso[CLOCK_ISO_SIZE];
    clock_format_iso(start, iso);
    text_format(out, "-- %.10s --\n", iso);
}

static void call_put(struct sink *sink, const struct call_record *call)
{
    struct report *report = sink->state;
    struct text *out = &sink->out;
    int64_t rest, day = day_of(call->start, &rest);
    if (report->calls == 0)
        header_put(sink);
    if (report->calls++ == 0 || day != report->day)
        date_put(out, call->start);
    report->day = day;
    bool cut = sink->width != 0;
    for (size_t i = 0, width = report_width(sink); i < COLUMNS; i++) {
        if (columns[i].need > width)
            continue;
        size_t from = out->len;
        columns[i].cell(out, call);
        cell_close(out, &columns[i], from, cut);
    }
    line_end(out);
    if (call->verdict != NULL && !slice_is(call->verdict->code, "ok")) {
        text_str(out, "     => ");
        text_plain(out, call->verdict->code);
        text_str(out, ": ");
        text_plain(out, call->verdict->text);
        text_put(out, '\n');
    }
    for (size_t i = 0; i < call->related_count; i++)
        text_format(out, "     leg of call %llu: %s (score %u)\n", (unsigned long long)call->related[i].id,
                    call->related[i].why, call->related[i].score);
}

static void stream_put(struct sink *sink, const struct stream_record *stream)
{
    struct report *report = sink->state;
    if (stream->call == NUMBER_NONE && report->loose++ == 0)
        text_str(&sink->out, report->calls > 0 ? "\nRTP of no call:\n" : "RTP of no call:\n");
    stream_lines(&sink->out, stream);
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

static void tally_put(struct text *out, struct slice severity, struct slice rule, uint64_t findings, uint64_t count)
{
    text_str(out, "  ");
    size_t from = out->len;
    text_slice(out, severity);
    while (out->len < from + 9)
        text_put(out, ' ');
    text_slice(out, rule);
    text_format(out, ": %llu", (unsigned long long)findings);
    if (count > findings)
        text_format(out, " (%llu times)", (unsigned long long)count);
    text_put(out, '\n');
}

/* Which rules fired how often, and on what of whose. */
static void tallies_put(struct text *out, const struct summary_record *summary)
{
    enum { HOSTS_SHOWN = 12 };
    if (summary->rule_count > 0)
        text_str(out, "by rule:\n");
    for (size_t i = 0; i < summary->rule_count; i++)
        tally_put(out, summary->rules[i].severity, summary->rules[i].rule, summary->rules[i].findings, summary->rules[i].count);
    for (size_t i = 0; i < summary->host_count && i < HOSTS_SHOWN; i++) {
        text_str(out, i == 0 ? "by sender:\n  " : "  ");
        text_slice(out, summary->hosts[i].host);
        tally_put(out, summary->hosts[i].severity, summary->hosts[i].rule, summary->hosts[i].findings, summary->hosts[i].count);
    }
    if (summary->host_count > HOSTS_SHOWN)
        text_format(out, "  and %zu more, in the summary record of -o json\n", summary->host_count - HOSTS_SHOWN);
}

static void summary_put(struct sink *sink, const struct summary_record *summary)
{
    struct text *out = &sink->out;
    const struct report *report = sink->state;
    if (report->calls + report->loose > 0)
        text_put(out, '\n');
    counted(out, "", summary->packets, "packet", "packets");
    if (summary->first != CLOCK_NONE) {
        char first[CLOCK_ISO_SIZE];
        clock_format_iso(summary->first, first);
        text_format(out, " from %.19sZ, ", first);
        span_put(out, summary->last - summary->first);
    }
    counted(out, "; ", summary->sip_messages, "SIP message", "SIP messages");
    counted(out, ", ", summary->calls, "call record", "call records");
    states_put(out, summary);
    text_put(out, '\n');
    if (summary->rtp_packets + summary->rtcp_packets > 0)
        text_format(out, "media: %llu RTP and %llu RTCP packets, %llu streams\n", (unsigned long long)summary->rtp_packets,
                    (unsigned long long)summary->rtcp_packets, (unsigned long long)summary->streams);
    if (summary->findings[SEVERITY_ERROR] + summary->findings[SEVERITY_WARNING] + summary->findings[SEVERITY_INFO] > 0)
        text_format(out, "findings: %llu error, %llu warning, %llu info\n", (unsigned long long)summary->findings[SEVERITY_ERROR],
                    (unsigned long long)summary->findings[SEVERITY_WARNING], (unsigned long long)summary->findings[SEVERITY_INFO]);
    tallies_put(out, summary);
    if (summary->calls_at_once != NUMBER_NONE && summary->calls_at_once > 0)
        text_format(out, "calls: at most %llu at once, at most %llu new in a second\n", (unsigned long long)summary->calls_at_once,
                    (unsigned long long)summary->calls_per_second);
    if (summary->sip_checked < summary->sip_messages)
        text_format(out, "grammar: %llu of the messages were checked (all of the first ones, then each new shape)\n",
                    (unsigned long long)summary->sip_checked);
    if (summary->icmp_errors > 0)
        text_format(out, "ICMP errors that quote a datagram: %llu\n", (unsigned long long)summary->icmp_errors);
    anomalies_put(out, summary);
    drops_put(out, summary);
    if (summary->evicted > 0)
        text_format(out, "given up early to stay within memory: %llu calls and streams\n", (unsigned long long)summary->evicted);
    enum { COMMENTS_SHOWN = 10 };
    for (size_t i = 0; i < summary->comments.count && i < COMMENTS_SHOWN; i++) {
        text_str(out, "comment in ");
        text_plain(out, summary->comments.items[i]);
        text_put(out, '\n');
    }
    for (size_t i = 0; i < summary->problems.count; i++) {
        text_str(out, "! ");
        text_plain(out, summary->problems.items[i]);
        text_put(out, '\n');
    }
}

static void report_write(struct sink *sink, const struct record *record)
{
    size_t from = sink->out.len;
    switch (record->kind) {
    case RECORD_CALL:
        call_put(sink, record->call);
        break;
    case RECORD_STREAM:
        stream_put(sink, record->stream);
        break;
    case RECORD_FINDING:
        finding_put(sink, record->finding);
        break;
    case RECORD_SUMMARY:
        summary_put(sink, record->summary);
        break;
    case RECORD_MESSAGE:
    case RECORD_MINUTE:
    case RECORD_KINDS:
        break;
    }
    if (sink->width != 0)
        line_wrap(&sink->out, from, sink->width, sink->width > 4 * INDENT ? INDENT : 0);
}

const struct sink_kind sink_kind_text = {.name = "text",
                                         .help = "a report for people: calls, findings, summary",
                                         .open = report_open,
                                         .write = report_write,
                                         .close = report_close};

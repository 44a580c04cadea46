/* -o text: for people. A line per call with the columns that fit, its legs and findings under it, and a summary. */
#include <stdlib.h>

#include "base/digits.h"
#include "output/line_wrap.h"
#include "output/sink.h"
#include "output/span.h"
#include "output/stream_lines.h"

enum { INDENT = 9, PLAIN_WIDTH = 200, COLUMN_MAX = 32, CODECS_SHOWN = 2 };

#define NS_PER_DAY (86400 * NS_PER_SECOND)

/* Columns in the order in which they stand; `need` is the terminal width from which each one appears. A cell is written to `at`, where
   cells_reserve made room for all of a line, and returns its end. */
struct column {
    const char *title;
    unsigned width;     /* cells, fewer than COLUMN_MAX; a longer value is cut on a terminal */
    unsigned need;      /* shown from this terminal width on */
    bool wire;          /* text from the wire: may be more bytes than cells; the others are ASCII */
    char *(*cell)(char *at, const struct call_record *call);
};

static char *cell_none(char *at)
{
    *at = '-';
    return at + 1;
}

static char *cell_text(char *at, struct slice text)
{
    if (text.len > 0)
        memcpy(at, text.data, text.len);
    return at + text.len;
}

static char *cell_id(char *at, const struct call_record *call)
{
    return digits_uint(at, call->id);
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

static char *cell_start(char *at, const struct call_record *call)
{
    int64_t rest;
    (void)day_of(call->start, &rest);
    unsigned ms = (unsigned)(rest / NS_PER_MS), s = ms / 1000;
    digits_pair(at, s / 3600); /* HH:MM:SS.mmm */
    at[2] = ':';
    digits_pair(at + 3, s / 60 % 60);
    at[5] = ':';
    digits_pair(at + 6, s % 60);
    at[8] = '.';
    at[9] = (char)('0' + ms / 100 % 10);
    return digits_pair(at + 10, ms % 100);
}

static char *cell_method(char *at, const struct call_record *call)
{
    return text_plain_at(at, call->method);
}

static char *cell_state(char *at, const struct call_record *call)
{
    return cell_text(at, call->state);
}

static char *cell_status(char *at, const struct call_record *call)
{
    if (call->status == NUMBER_NONE)
        return cell_none(at);
    at = digits_uint(at, call->status);
    *at = ' ';
    return text_plain_at(at + 1, call->reason);
}

static char *cell_from(char *at, const struct call_record *call)
{
    return call->from_user.len > 0 ? text_plain_at(at, call->from_user) : cell_none(at);
}

static char *cell_to(char *at, const struct call_record *call)
{
    return call->to_user.len > 0 ? text_plain_at(at, call->to_user) : cell_none(at);
}

static char *cell_src(char *at, const struct call_record *call)
{
    return at + endpoint_format(&call->src, at);
}

static char *cell_dst(char *at, const struct call_record *call)
{
    return at + endpoint_format(&call->dst, at);
}

static char *cell_transport(char *at, const struct call_record *call)
{
    return cell_text(at, call->transport);
}

static char *cell_pdd(char *at, const struct call_record *call)
{
    return span_at(at, call->pdd);
}

static char *cell_duration(char *at, const struct call_record *call)
{
    return span_at(at, call->duration);
}

/* Few calls have media: these may go through a text of their own. */
static char *cell_real(char *at, double value, unsigned decimals)
{
    struct text text = {.data = at, .room = COLUMN_MAX};
    text_real(&text, value, decimals);
    return at + text.len;
}

static char *cell_loss(char *at, const struct call_record *call)
{
    if (isnan(call->loss_pct))
        return cell_none(at);
    at = cell_real(at, call->loss_pct, call->loss_pct < 10 ? 2 : 1);
    *at = '%';
    return at + 1;
}

static char *cell_mos(char *at, const struct call_record *call)
{
    return isnan(call->mos) ? cell_none(at) : cell_real(at, call->mos, 2);
}

static char *cell_messages(char *at, const struct call_record *call)
{
    at = digits_uint(at, call->messages);
    if (call->retransmissions == 0)
        return at;
    at[0] = ' ';
    at[1] = '+';
    at = digits_uint(at + 2, call->retransmissions);
    *at = 'r';
    return at + 1;
}

static char *cell_codecs(char *at, const struct call_record *call)
{
    size_t shown = 0;
    for (size_t i = 0; i < call->codecs.count && shown < CODECS_SHOWN; i++) {
        if (slice_is_nocase(call->codecs.items[i], "telephone-event"))
            continue;
        if (shown++ > 0)
            *at++ = ',';
        at = text_plain_at(at, call->codecs.items[i]);
    }
    return shown == 0 ? cell_none(at) : at;
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
    uint64_t connections;
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
static size_t cells_of(const char *from, const char *end)
{
    size_t cells = (size_t)(end - from);
    for (; from < end; from += 8) {
        uint64_t word;
        memcpy(&word, from, sizeof word);
        uint64_t continuation = word & ~(word << 1) & UINT64_C(0x8080808080808080); /* 10xxxxxx */
        if (continuation != 0)
            cells -= (size_t)__builtin_popcountll(continuation);
    }
    return cells;
}

/* Cuts the text after `cells` code points; returns its new end. */
static char *text_cut(char *at, const char *end, size_t cells)
{
    while (at < end && (cells > 0 || ((uint8_t)*at & 0xc0) == 0x80)) {
        cells -= ((uint8_t)*at & 0xc0) != 0x80;
        at++;
        if (cells == 0 && at < end && ((uint8_t)*at & 0xc0) != 0x80)
            break;
    }
    return at;
}

static char *cell_cut(const struct column *column, char *from, char *end)
{
    end = text_cut(from, end, column->width - 1);
    *end = '~'; /* one cell, in every character set: something was cut here */
    return end + 1;
}

/* Pads what was written from `from` on to the column's width, or cuts it, and leaves a space behind it. */
static inline char *cell_close(const struct column *column, char *from, char *end, bool cut)
{
    memset(end, ' ', COLUMN_MAX); /* of fixed size: a store or two */
    size_t cells = column->wire ? cells_of(from, end) : (size_t)(end - from);
    if (cells > column->width && cut)
        end = cell_cut(column, from, end);
    end += cells < column->width ? column->width - cells : 0;
    *end = ' ';
    return end + 1;
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
        if (!text_reserve(&sink->out, 2 * COLUMN_MAX))
            return;
        char *from = sink->out.data + sink->out.len, *end = cell_text(from, slice_str(columns[i].title));
        sink->out.len = (size_t)(cell_close(&columns[i], from, end, sink->width != 0) - sink->out.data);
    }
    line_end(&sink->out);
}

static void date_put(struct text *out, int64_t start)
{
    char iso[CLOCK_ISO_SIZE];
    clock_format_iso(start, iso);
    text_format(out, "-- %.10s --\n", iso);
}

/* Room for all of a line's cells, and for what cell_close writes behind the last one. */
static bool cells_reserve(struct text *out, const struct call_record *call)
{
    enum { CELL_MAX = ENDPOINT_TEXT_SIZE + 2 * COLUMN_MAX }; /* but for the texts from the wire */
    size_t wire = call->method.len + call->reason.len + call->from_user.len + call->to_user.len + call->state.len + call->transport.len;
    for (size_t i = 0; i < call->codecs.count; i++)
        wire += call->codecs.items[i].len;
    return text_reserve(out, COLUMNS * CELL_MAX + wire);
}

static void cells_put(struct sink *sink, const struct call_record *call)
{
    struct text *out = &sink->out;
    bool cut = sink->width != 0;
    if (!cells_reserve(out, call))
        return;
    char *at = out->data + out->len;
    for (size_t i = 0, width = report_width(sink); i < COLUMNS; i++)
        if (columns[i].need <= width)
            at = cell_close(&columns[i], at, columns[i].cell(at, call), cut);
    out->len = (size_t)(at - out->data);
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
    cells_put(sink, call);
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

/* What is known of a connection, in one line. */
static void connection_put(struct sink *sink, const struct connection_record *connection)
{
    enum { SHOWN = 40 };
    struct report *report = sink->state;
    struct text *out = &sink->out;
    char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
    if (report->connections++ >= SHOWN)
        return;
    endpoint_format(&connection->src, src);
    endpoint_format(&connection->dst, dst);
    text_slice(out, connection->protocol);
    text_format(out, " %s > %s, frame %llu: ", src, dst, (unsigned long long)connection->frame);
    const struct slice parts[] = {connection->version, connection->suite, connection->sni, connection->srtp};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].len > 0) {
            text_plain(out, parts[i]);
            text_str(out, ", ");
        }
    text_slice(out, slice_is(connection->state, "handshake") ? slice_str("the handshake did not end")
                    : slice_is(connection->state, "partial") ? slice_str("begun before the capture")
                                                             : connection->state);
    if (connection->alert != NULL && connection->alert->fatal) {
        text_str(out, " by the ");
        text_slice(out, connection->alert->by);
        text_str(out, connection->alert->name.len > 0 ? ": " : ": an encrypted alert");
        text_slice(out, connection->alert->name);
    }
    text_str(out, connection->decrypted ? ", decrypted" : connection->why.len > 0 ? ", not decrypted: " : "");
    text_str(out, connection->decrypted && connection->why.len > 0 ? " in part: " : "");
    text_slice(out, connection->why);
    text_put(out, '\n');
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
    if (summary->tls_connections > 0)
        text_format(out, "TLS: %llu connections, %llu decrypted, %llu failed in the handshake\n", (unsigned long long)summary->tls_connections,
                    (unsigned long long)summary->tls_decrypted, (unsigned long long)summary->tls_failed);
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
    case RECORD_CONNECTION:
        connection_put(sink, record->connection);
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

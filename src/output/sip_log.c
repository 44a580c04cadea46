/* -o sip-log: each SIP message in the form of the trunk's own message log, one JSON object a line. */
#include <stdlib.h>

#include "output/line_order.h"
#include "output/log_line.h"
#include "output/sip_text.h"
#include "output/sink.h"

enum { TAIL_ROOM = 80 };

static bool sip_log_open(struct sink *sink)
{
    struct line_order *order = sink->state = malloc(sizeof *order);
    if (order == NULL)
        return false;
    line_order_end(order);
    return true;
}

static void sip_log_close(struct sink *sink)
{
    free(sink->state);
    sink->state = NULL;
}

static void sip_log_pass(struct sink *sink, int64_t now_ns)
{
    struct line_order *order = sink->state;
    if (order->newest_ns != CLOCK_NONE)
        line_order_pass(order, settings_shift(sink->settings, now_ns));
}

static size_t sip_log_ready(const struct sink *sink)
{
    return sink->state == NULL ? sink->out.len : line_order_ready(sink->state, slice_of(sink->out.data, sink->out.len));
}

static void sip_log_write(struct sink *sink, const struct record *record)
{
    if (record->kind == RECORD_SUMMARY)
        line_order_end(sink->state);
    if (record->kind != RECORD_MESSAGE || record->message->text.len == 0)
        return;
    const struct message_record *message = record->message;
    struct sink_settings *settings = sink->settings;
    struct text *out = &sink->out;
    size_t begin = out->len;
    int64_t at_ns = settings_time(sink->settings, message->at);
    log_line_begin(out, settings, at_ns);
    log_line_text(out, "voice_connector_id", message->connector);
    log_line_text(out, "aws_region", message->region);
    log_line_timestamp(out, settings, at_ns);
    log_line_plain(out, "call_id", message->transaction);
    log_line_endpoint(out, "src", &message->src);
    log_line_endpoint(out, "dst", &message->dst);
    text_str(out, ",\"sip_message\":\"");
    struct sip_text_rules rules = {.line_ends_kept = settings->line_ends_kept, .secrets_kept = settings->secrets_kept};
    size_t used = out->len - begin + TAIL_ROOM;
    rules.room = settings->line_most > used ? settings->line_most - used : 0;
    struct sip_text_fate fate = sip_text_put(out, message->text, &rules);
    text_put(out, '"');
    if (fate.truncated || message->truncated)
        text_str(out, ",\"truncated\":true");
    if (fate.invalid)
        text_str(out, ",\"invalid_utf8\":true");
    if (fate.redacted)
        text_str(out, ",\"redacted\":true");
    text_str(out, "}\n");
    if (!out->failed)
        line_order_put(sink->state, out, begin, at_ns);
}

const struct sink_kind sink_kind_sip_log = {.name = "sip-log",
                                            .help = "SIP messages as a trunk's message log has them: one JSON object a line, whole lines, rotation",
                                            .target = SINK_LINES,
                                            .needs = SINK_NEEDS_MESSAGES | SINK_NEEDS_TRUNK,
                                            .open = sip_log_open,
                                            .write = sip_log_write,
                                            .pass = sip_log_pass,
                                            .ready = sip_log_ready,
                                            .close = sip_log_close};

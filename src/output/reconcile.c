/* --reconcile DIR: the capture's calls beside what the service wrote of them, joined by SIP Call-ID; only what differs is told. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "output/exports.h"
#include "output/sink.h"

/* Differences below these say nothing: another second of rounding, a few packets under way, another jitter buffer. */
#define LOSS_SLACK 3
#define LOSS_SHARE 0.1
#define MOS_SLACK 0.3
#define TIME_SLACK_S 5

/* A call of the capture. Texts in the arena. */
struct seen_call {
    struct slice call_id, state;
    int64_t start, answer, end;
    double to_trunk_lost, to_customer_lost, mos;  /* NAN: not measured */
    bool billed;                                  /* an INVITE with the trunk whose fate is known */
    bool matched;
};

struct reconcile {
    struct exports exports;
    struct arena arena;
    struct seen_call *calls;
    size_t count, room;
    struct table by_call_id;
};

static bool reconcile_open(struct sink *sink)
{
    struct reconcile *reconcile = sink->state = calloc(1, sizeof *reconcile);
    if (reconcile == NULL)
        return false;
    if (exports_read(&reconcile->exports, sink->path, &sink->error))
        return true;
    exports_fini(&reconcile->exports);
    free(reconcile);
    return false;
}

static struct seen_call *seen_find(const struct reconcile *reconcile, struct slice call_id)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&reconcile->by_call_id, hash_bytes(0, call_id), &cursor)) != TABLE_NONE)
        if (slice_equal(reconcile->calls[number].call_id, call_id))
            return &reconcile->calls[number];
    return NULL;
}

/* NULL without memory. */
static struct seen_call *seen_of(struct reconcile *reconcile, struct slice call_id)
{
    struct seen_call *seen = seen_find(reconcile, call_id);
    if (seen != NULL)
        return seen;
    if (reconcile->count == reconcile->room) {
        size_t room = reconcile->room == 0 ? 256 : reconcile->room * 2;
        struct seen_call *calls = realloc(reconcile->calls, room * sizeof *calls);
        if (calls == NULL)
            return NULL;
        reconcile->calls = calls;
        reconcile->room = room;
    }
    seen = &reconcile->calls[reconcile->count];
    *seen = (struct seen_call){.call_id = arena_copy(&reconcile->arena, call_id), .start = CLOCK_NONE, .answer = CLOCK_NONE, .end = CLOCK_NONE,
                               .to_trunk_lost = NAN, .to_customer_lost = NAN, .mos = NAN};
    (void)table_add(&reconcile->by_call_id, hash_bytes(0, seen->call_id), (uint32_t)reconcile->count++);
    return seen;
}

static double lost_of(uint64_t lost)
{
    return lost == NUMBER_NONE ? (double)NAN : (double)lost;
}

static void reconcile_write(struct sink *sink, const struct record *record)
{
    struct reconcile *reconcile = sink->state;
    struct seen_call *seen = NULL;
    if (record->kind == RECORD_CALL && slice_is(record->call->method, "INVITE"))
        seen = seen_of(reconcile, record->call->call_id);
    else if (record->kind == RECORD_MINUTE)
        seen = seen_of(reconcile, record->minute->call_id);
    if (seen == NULL)
        return;
    if (record->kind == RECORD_MINUTE) {
        seen->to_trunk_lost = lost_of(record->minute->from_customer->packets_lost);
        seen->to_customer_lost = lost_of(record->minute->to_customer->packets_lost);
        seen->mos = fmin(seen->mos, record->minute->mos);
        return;
    }
    const struct call_record *call = record->call;
    seen->state = arena_copy(&reconcile->arena, call->state);
    seen->start = call->start;
    seen->answer = call->answer;
    seen->end = call->end;
    seen->billed = !slice_is(call->direction, "unknown") && !slice_is(call->state, "partial") && !slice_is(call->state, "setup") &&
                   !slice_is(call->state, "ringing") && !slice_is(call->state, "in-call");
}

static void begin_line(struct text *out, struct slice call_id)
{
    text_plain(out, slice_cut(call_id, 0, 200));
    text_str(out, ": ");
}

static void lost_compare(struct text *out, struct slice call_id, const char *way, double there, double here)
{
    if (isnan(there) || isnan(here) || fabs(there - here) <= LOSS_SLACK + LOSS_SHARE * fmax(there, here))
        return;
    begin_line(out, call_id);
    text_format(out, "%s: the service lost %.0f packets, %.0f are missing in the capture\n", way, there, here);
}

static void call_compare(struct text *out, const struct sink_settings *settings, const struct export_call *there, const struct seen_call *here)
{
    bool completed = slice_is(there->status, "Completed"), answered = slice_is(here->state, "completed") || slice_is(here->state, "in-call");
    if (there->status.len > 0 && completed != answered && here->billed) {
        begin_line(out, here->call_id);
        text_format(out, "%.*s at the service, %.*s in the capture\n", (int)there->status.len, (const char *)there->status.data,
                    (int)here->state.len, (const char *)here->state.data);
    }
    double took = here->answer == CLOCK_NONE || here->end == CLOCK_NONE ? (double)NAN : (double)(here->end - here->answer) / 1e9;
    double step = isnan(settings->billing_increment_s) ? 1 : settings->billing_increment_s;
    if (completed && answered && !isnan(there->billable_s) && !isnan(took) && fabs(there->billable_s - ceil(took / step) * step) >= step &&
        fabs(there->billable_s - took) > step) {
        begin_line(out, here->call_id);
        text_format(out, "%.0f s billed, %.1f s from answer to BYE in the capture\n", there->billable_s, took);
    }
    int64_t start = answered && here->answer != CLOCK_NONE ? here->answer : here->start;
    if (!isnan(there->start_s) && start != CLOCK_NONE && fabs(there->start_s - (double)start / 1e9) > TIME_SLACK_S) {
        begin_line(out, here->call_id);
        text_format(out, "it began %+.0f s later at the service than in the capture\n", there->start_s - (double)start / 1e9);
    }
    lost_compare(out, here->call_id, "customer to trunk", there->to_trunk_lost, here->to_trunk_lost);
    lost_compare(out, here->call_id, "trunk to customer", there->to_customer_lost, here->to_customer_lost);
    if (!isnan(there->mos) && !isnan(here->mos) && fabs(there->mos - here->mos) > MOS_SLACK) {
        begin_line(out, here->call_id);
        text_format(out, "MOS %.2f at the service, %.2f by the capture, each the worst minute\n", there->mos, here->mos);
    }
}

static void reconcile_close(struct sink *sink)
{
    struct reconcile *reconcile = sink->state;
    struct exports *exports = &reconcile->exports;
    struct text lines = {0}, *out = &sink->out;
    size_t both = 0, bills = 0, named = 0;
    for (size_t i = 0; i < exports->count; i++) {
        const struct export_call *there = &exports->calls[i];
        struct seen_call *here = there->call_id.len == 0 ? NULL : seen_find(reconcile, there->call_id);
        bills += there->status.len > 0;
        named += there->call_id.len > 0;
        if (here != NULL) {
            here->matched = true;
            both++;
            call_compare(&lines, sink->settings, there, here);
        } else if (there->status.len > 0) {
            begin_line(&lines, there->call_id);
            text_format(&lines, "billed by the service (%.0f s), not in the capture\n", there->billable_s);
        }
    }
    for (size_t i = 0; i < reconcile->count && bills > 0; i++) {
        const struct seen_call *here = &reconcile->calls[i];
        const struct export_call *there = exports_find(exports, here->call_id);
        if (here->billed && (there == NULL || there->status.len == 0)) {
            begin_line(&lines, here->call_id);
            text_str(&lines, "in the capture, but the service has no detail record of it\n");
        }
    }
    text_format(out, "%zu files with %zu records of %zu calls (%zu with a detail record, %zu with a SIP Call-ID), %zu calls in the capture, %zu in both\n",
                exports->files, exports->records, exports->count, bills, named, reconcile->count, both);
    if (exports->unread > 0)
        text_format(out, "%zu files or lines are no records of the service\n", exports->unread);
    text_slice(out, lines.len > 0 ? slice_of(lines.data, lines.len) : slice_str("nothing differs\n"));
    text_fini(&lines);
    exports_fini(exports);
    arena_fini(&reconcile->arena);
    table_fini(&reconcile->by_call_id);
    free(reconcile->calls);
    free(reconcile);
}

const struct sink_kind sink_kind_reconcile = {.name = "reconcile",
                                              .help = "what differs from the service's own CDRs and logs in a folder; the same as --reconcile",
                                              .target = SINK_COMPARES,
                                              .needs = SINK_NEEDS_TRUNK | SINK_NEEDS_MINUTES,
                                              .open = reconcile_open,
                                              .write = reconcile_write,
                                              .close = reconcile_close};

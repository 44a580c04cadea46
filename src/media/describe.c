/* A stream's record. Nothing here changes a stream but for the sums that are folded. */
#include "media/describe.h"

#include <stdio.h>
#include <stdlib.h>

#include "media/decrypt.h"
#include "media/digits.h"
#include "media/fax.h"
#include "media/reports.h"
#include "media/score.h"
#include "media/tap.h"
#include "media/tones.h"
#include "media/window.h"

enum { WINDOWS_SHOWN = 721 }; /* all that are kept, and the one that goes on */

/* What the record borrows while it is read. */
struct description {
    struct stream_record record;
    char ssrc[11];
    uint64_t types[TYPES_MAX];
    struct stream_jitter jitter;
    struct stream_delta delta;
    struct stream_burst burst;
    struct stream_rtcp rtcp;
    struct stream_gaps gaps;
    struct stream_fax fax;
    struct stream_srtp srtp;
    struct score score;
    struct stream_digit digits[EVENTS_KEPT];
    char digit_texts[EVENTS_KEPT][2];
    struct stream_tone tones[TONES_KEPT];
    struct stream_windows windows;
    uint64_t window_values[6][WINDOWS_SHOWN];
};

static const char *const why_names[] = {[WHY_HEURISTIC] = "heuristic", [WHY_SDP] = "sdp", [WHY_SYMMETRIC] = "symmetric",
                                        [WHY_CONTINUITY] = "ssrc-continuity"};

static const char *const kind_names[] = {[MEDIA_UNKNOWN] = "", [MEDIA_AUDIO] = "audio", [MEDIA_VIDEO] = "video",
                                         [MEDIA_IMAGE] = "image", [MEDIA_OTHER] = ""};

static struct slice codec_name(const struct media *media, const struct detail *detail, uint8_t payload_type)
{
    const struct format *format = format_of(media, detail, payload_type);
    if (format != NULL)
        return intern_text(&media->intern, format->name);
    uint32_t clock;
    const char *name = sdp_static_encoding(payload_type, &clock);
    return name == NULL ? SLICE_NONE : slice_str(name);
}

static void types_put(const struct media *media, const struct stream *stream, const struct detail *detail, struct description *out)
{
    uint8_t type = stream_type_main(media, stream, detail);
    uint32_t clock = detail->clock_hz;
    for (unsigned i = 0; i < detail->type_count; i++)
        out->types[i] = detail->types[i].payload_type;
    out->record.payload_types = (struct number_list){out->types, detail->type_count};
    out->record.codec = codec_name(media, detail, type);
    if (type != detail->usual && detail->usual != STREAM_SLOW) /* which is the newest one that is measured */
        (void)codec_of_type(media, detail, type, &clock);
    out->record.clock_hz = clock == 0 ? NUMBER_NONE : clock;
}

static void timing_put(const struct stream *stream, const struct detail *detail, struct description *out)
{
    struct stream_record *record = &out->record;
    if (detail->jitter_samples > 0) {
        out->jitter = (struct stream_jitter){.mean = (int64_t)(detail->jitter_sum / (double)detail->jitter_samples),
                                             .max = (int64_t)detail->jitter_max,
                                             .last = (int64_t)stream->jitter_ns};
        record->jitter = &out->jitter;
    }
    if (stream->packets > 1) {
        out->delta = (struct stream_delta){.mean = (stream->arrival_ns - detail->first_ns) / (stream->packets - 1),
                                           .max = (int64_t)detail->delta_max};
        record->delta = &out->delta;
    }
    record->ptime = stream->step == 0 || detail->kind == MEDIA_VIDEO ? CLOCK_NONE : stream->step_ns;
    record->skew_ppm = window_skew_ppm(detail);
}

static void losses_put(const struct stream *stream, const struct detail *detail, const struct loss_figures *losses,
                       struct description *out)
{
    struct stream_record *record = &out->record;
    uint64_t unique = stream_unique(stream, detail);
    record->expected = stream_expected(stream, detail);
    record->lost = record->expected > unique ? record->expected - unique : 0;
    record->loss_pct = 100 * (double)record->lost / (double)record->expected;
    record->late = detail->clock_hz == 0 ? NUMBER_NONE : detail->late;
    record->late_pct = detail->clock_hz == 0 ? NAN : 100 * (double)detail->late / (double)record->expected;
    int64_t step = stream->step == 0 ? CLOCK_NONE : stream->step_ns;
    double none = NAN;
    out->burst = (struct stream_burst){
        .burst_loss_pct = losses->bad == 0 || losses->burst_pct < 0 ? none : losses->burst_pct,
        .gap_loss_pct = losses->bad == 0 || losses->gap_pct < 0 ? none : losses->gap_pct,
        .burst = losses->bad == 0 || losses->burst_packets < 0 || step == CLOCK_NONE ? CLOCK_NONE
                                                                                      : (int64_t)(losses->burst_packets * (double)step),
        .gap = losses->bad == 0 || losses->gap_packets < 0 || step == CLOCK_NONE ? CLOCK_NONE
                                                                                  : (int64_t)(losses->gap_packets * (double)step),
        .longest = losses->longest,
        .burst_r = loss_burst_r(losses->bad, losses->runs, record->expected)};
    record->burst = &out->burst;
    if (detail->tap_gaps > 0) {
        out->gaps = (struct stream_gaps){.count = detail->tap_gaps, .packets = detail->tap_packets, .first_at = detail->tap_first_ns};
        record->gaps = &out->gaps;
    }
}

/* By a wrong clock nothing of these was measured; what is late is among the losses of the bursts. */
static void untimed_put(struct stream_record *record)
{
    record->jitter = NULL;
    record->burst = NULL;
    record->ptime = CLOCK_NONE;
    record->skew_ppm = NAN;
    record->late = NUMBER_NONE;
    record->late_pct = NAN;
}

static void digits_put(const struct detail *detail, struct description *out)
{
    const struct events *events = detail->events;
    size_t count = events_kept(events);
    for (size_t i = 0; i < count; i++)
        digits_describe(&events->items[i], out->digit_texts[i], &out->digits[i]);
    out->record.dtmf = count == 0 ? NULL : out->digits;
    out->record.dtmf_count = count;
    out->record.dtmf_left_out = events == NULL || events->left_out == 0 ? NUMBER_NONE : events->left_out;
}

static void tones_put(const struct detail *detail, struct description *out)
{
    size_t count;
    const struct tone *tones = tones_list(detail->tones, &count);
    for (size_t i = 0; i < count; i++)
        out->tones[i] = (struct stream_tone){.digit = slice_of(&tones[i].digit, 1),
                                             .at = tones[i].at_ns,
                                             .duration = tones[i].duration_ns == 0 ? CLOCK_NONE : tones[i].duration_ns,
                                             .level = tones[i].level_dbm0};
    out->record.tones = count == 0 ? NULL : out->tones;
    out->record.tone_count = count;
}

static void windows_put(const struct media *media, uint32_t number, struct description *out)
{
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    const struct history *history = detail->history;
    struct window windows[WINDOWS_SHOWN];
    size_t count = media->config.windows ? windows_list(stream, detail, windows, WINDOWS_SHOWN) : 0;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        out->window_values[0][i] = windows[i].packets;
        out->window_values[1][i] = windows[i].lost;
        out->window_values[2][i] = windows[i].late;
        out->window_values[3][i] = windows[i].jitter_us;
        out->window_values[4][i] = windows[i].delta_us;
    }
    size_t scored = score_windows(media, number, out->burst.burst_r, windows, count, out->window_values[5]);
    out->windows = (struct stream_windows){.length = history->window_step * WINDOW_NS,
                                           .packets = {out->window_values[0], count},
                                           .lost = {out->window_values[1], count},
                                           .late = {out->window_values[2], count},
                                           .jitter_us = {out->window_values[3], count},
                                           .delta_us = {out->window_values[4], count},
                                           .mos_x100 = {out->window_values[5], scored}};
    out->record.windows = &out->windows;
}

static void record_fill(struct media *media, uint32_t number, const struct call_record *call, struct description *out)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    stream_fold(stream, detail);
    stream_types_settle(stream, detail);
    tap_settle(media, number);
    (void)snprintf(out->ssrc, sizeof out->ssrc, "0x%08x", detail->ssrc);
    bool tied = detail->session != SESSION_NONE;
    out->record = (struct stream_record){.id = detail->id,
                                         .call = tied ? session_at(media, detail->session)->call : NUMBER_NONE,
                                         .call_id = call == NULL ? SLICE_NONE : call->call_id,
                                         .media = slice_str(kind_names[detail->kind]),
                                         .src = detail->src,
                                         .dst = detail->dst,
                                         .ssrc = slice_of(out->ssrc, 10),
                                         .why = slice_str(why_names[detail->why]),
                                         .start = detail->first_ns,
                                         .end = stream->arrival_ns,
                                         .packets = stream->packets,
                                         .bytes = detail->bytes,
                                         .duplicates = detail->duplicates,
                                         .reordered = detail->reordered,
                                         .restarts = detail->restarts,
                                         .strays = detail->strays,
                                         .frame = detail->first_frame};
    struct loss_figures losses = loss_figures(&detail->loss, stream_expected(stream, detail));
    types_put(media, stream, detail, out);
    timing_put(stream, detail, out);
    losses_put(stream, detail, &losses, out);
    if (stream_clock_true(stream, detail) != 0) {
        untimed_put(&out->record);
        out->record.clock_hz = stream->flags & STREAM_CLOCK_GUESSED ? NUMBER_NONE : out->record.clock_hz; /* a guess that was wrong */
    }
    digits_put(detail, out);
    tones_put(detail, out);
    windows_put(media, number, out);
    out->record.reports = reports_listed(detail, &out->record.report_count);
    if (reports_describe(media, number, &out->rtcp))
        out->record.rtcp = &out->rtcp;
    out->record.reported = reports_by_sip(detail);
    if (detail->suite != INTERN_NONE) {
        decrypt_describe(media, detail, &out->srtp);
        out->record.srtp = &out->srtp;
    }
    if (fax_describe(detail, &out->fax)) { /* no RTP: what only RTP has is not known, not 0 */
        out->record.fax = &out->fax;
        out->record.ssrc = SLICE_NONE;
        out->record.codec = slice_str("t38");
        out->record.payload_types.count = 0;
    }
    score_stream(media, number, &losses, &out->score);
    out->record.mos = &out->score.mos;
}

void describe_give(struct media *media, uint32_t number, const struct call_record *call, record_reader *read, void *context)
{
    record_fill(media, number, call, media->description);
    read(context, &(struct record){.kind = RECORD_STREAM, .stream = &media->description->record});
}

void describe_publish(struct media *media, uint32_t number, const struct call_record *call)
{
    media->totals.streams++;
    describe_give(media, number, call, media->config.publish, media->config.publish_context);
}

bool describe_init(struct media *media)
{
    return (media->description = malloc(sizeof *media->description)) != NULL;
}

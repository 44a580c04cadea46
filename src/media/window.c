/* Windows of 5 s from the stream's first packet on. A long stream merges its windows pairwise, so that their number is bounded; the
   worst one is found before that. */
#include "media/window.h"

#include <stdlib.h>

enum { WINDOWS_FIRST = 4, WINDOWS_MAX = 720, SKEW_WINDOWS = 8 };

/* A fit worse than this says nothing about clocks: the path changed, or the sender's timestamps do not follow any clock. */
#define SKEW_ERROR_PPM 20.0

void window_begin(struct stream *stream, struct detail *detail, int64_t time_ns)
{
    detail->window_begin_ns = time_ns;
    detail->least_ns = INT64_MAX; /* the first window is not looked at: most streams have no second one */
    stream->window_end = (uint32_t)((uint64_t)(time_ns + WINDOW_NS) >> WINDOW_SHIFT);
}

static void windows_merge(struct history *history)
{
    for (unsigned i = 0; i < history->window_count; i += 2) {
        struct window a = history->windows[i], b = i + 1u < history->window_count ? history->windows[i + 1] : (struct window){0};
        uint64_t packets = (uint64_t)a.packets + b.packets;
        uint64_t jitter = packets == 0 ? 0 : ((uint64_t)a.jitter_us * a.packets + (uint64_t)b.jitter_us * b.packets) / packets;
        history->windows[i / 2] = (struct window){a.packets + b.packets, a.lost + b.lost, a.late + b.late, (uint32_t)jitter};
    }
    history->window_count = (uint16_t)((history->window_count + 1) / 2);
    history->window_step = (uint16_t)(history->window_step * 2);
}

static void window_keep(struct history *history, struct window window, int64_t index)
{
    while (index / history->window_step >= WINDOWS_MAX && history->window_step < UINT16_MAX / 2)
        windows_merge(history);
    int64_t at = index / history->window_step;
    if (at >= WINDOWS_MAX)
        return; /* more than five years */
    if (at >= history->window_room) {
        unsigned room = history->window_room == 0 ? WINDOWS_FIRST : history->window_room;
        while (room <= (unsigned)at)
            room *= 2;
        struct window *grown = realloc(history->windows, room * sizeof *grown);
        if (grown == NULL)
            return;
        history->windows = grown;
        history->window_room = (uint16_t)room;
    }
    while (history->window_count <= at)
        history->windows[history->window_count++] = (struct window){0};
    struct window *kept = &history->windows[at];
    uint64_t packets = (uint64_t)kept->packets + window.packets;
    if (packets > 0)
        kept->jitter_us = (uint32_t)(((uint64_t)kept->jitter_us * kept->packets + (uint64_t)window.jitter_us * window.packets) / packets);
    kept->packets += window.packets;
    kept->lost += window.lost;
    kept->late += window.late;
}

/* The window whose loss weighs most in Ie,eff (G.107 7.4) is the worst, whatever the codec's Ie. */
static void worst_take(struct detail *detail, uint64_t bad, uint64_t runs, uint64_t expected)
{
    if (bad == 0 || expected == 0)
        return;
    double loss = 100 * (double)(bad < expected ? bad : expected) / (double)expected, burst_r = loss_burst_r(bad, runs, expected);
    double bpl = detail->codec != NULL && detail->codec->bpl > 0 ? detail->codec->bpl : CODEC_BPL_LEAST;
    double weight = loss / (loss / burst_r + bpl);
    if (weight <= detail->history->worst)
        return;
    detail->history->worst = weight;
    detail->history->worst_loss_pct = loss;
    detail->history->worst_burst_r = burst_r;
    detail->history->worst_ns = detail->window_begin_ns;
}

static void skew_take(struct detail *detail, int64_t time_ns)
{
    double t = (double)(time_ns - detail->first_ns) / 1e9, x = (double)detail->least_ns / 1e9;
    detail->history->skew_n += 1;
    detail->history->skew_t += t;
    detail->history->skew_x += x;
    detail->history->skew_tt += t * t;
    detail->history->skew_tx += t * x;
    detail->history->skew_xx += x * x;
}

double window_skew_ppm(const struct detail *detail)
{
    const struct history *history = detail->history;
    double n = history == NULL ? 0 : history->skew_n;
    if (n < SKEW_WINDOWS)
        return NAN;
    double tt = history->skew_tt - history->skew_t * history->skew_t / n, tx = history->skew_tx - history->skew_t * history->skew_x / n;
    double xx = history->skew_xx - history->skew_x * history->skew_x / n;
    if (tt <= 0)
        return NAN;
    double slope = tx / tt, rest = xx - slope * tx;
    double error = rest > 0 ? sqrt(rest / (n - 2) / tt) : 0;
    return error * 1e6 > SKEW_ERROR_PPM ? NAN : -slope * 1e6;
}

static uint64_t above(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0; /* a late packet may take a loss back that an earlier window counted */
}

/* False without memory: then this window is not told apart. */
static bool history_begin(struct detail *detail)
{
    if (detail->history == NULL && (detail->history = calloc(1, sizeof *detail->history)) != NULL)
        detail->history->window_step = 1;
    return detail->history != NULL;
}

static void heap_count(struct media *media, struct detail *detail)
{
    const struct history *history = detail->history;
    uint32_t heap = (uint32_t)(sizeof *history + history->window_room * sizeof *history->windows + loss_bytes(&detail->loss));
    media->heap_bytes += heap - detail->heap_bytes;
    detail->heap_bytes = heap;
}

static void window_end(struct media *media, struct stream *stream, struct detail *detail)
{
    if (!history_begin(detail))
        return;
    struct window_base *base = &detail->history->base;
    stream_fold(stream, detail);
    uint64_t expected = stream_expected(stream, detail), unique = stream_unique(stream, detail);
    uint64_t added = above(expected, base->expected), lost = above(added, above(unique, base->unique));
    uint64_t late = above(detail->late, base->late), samples = above(detail->jitter_samples, base->jitter_samples);
    double jitter = samples == 0 ? 0 : (detail->jitter_sum - base->jitter_sum) / (double)samples;
    struct window window = {.packets = stream->packets - base->packets,
                            .lost = (uint32_t)lost,
                            .late = (uint32_t)late,
                            .jitter_us = (uint32_t)(jitter > 0 && jitter < 4e12 ? jitter / 1000 : 0)};
    worst_take(detail, lost + late, above(detail->loss_runs, base->bad_runs), added);
    window_keep(detail->history, window, (detail->window_begin_ns - detail->first_ns) / WINDOW_NS);
    if (detail->least_ns != INT64_MAX) {
        skew_take(detail, detail->window_begin_ns);
        if (detail->least_ns < detail->history->fastest_ns)
            detail->history->fastest_ns = detail->least_ns;
    }
    *base = (struct window_base){.expected = expected,
                                 .unique = unique,
                                 .late = detail->late,
                                 .bad_runs = detail->loss_runs,
                                 .jitter_samples = detail->jitter_samples,
                                 .jitter_sum = detail->jitter_sum,
                                 .packets = stream->packets};
    detail->least_ns = INT64_MAX;
    detail->skew_wait = WINDOW_LOOKS;
    heap_count(media, detail);
}

void window_pass(struct media *media, struct stream *stream, struct detail *detail, int64_t time_ns)
{
    int64_t passed = (time_ns - detail->window_begin_ns) / WINDOW_NS;
    if (passed <= 0)
        return;
    window_end(media, stream, detail);
    detail->window_begin_ns += passed * WINDOW_NS; /* silent ones between them stay empty */
    stream->window_end = (uint32_t)((uint64_t)(detail->window_begin_ns + WINDOW_NS) >> WINDOW_SHIFT);
}

/* Windows of 5 s from the stream's first packet on. A long stream merges its windows pairwise, so that their number is bounded; the
   worst one is found before that. */
#include "media/window.h"

#include <stdlib.h>

#include "media/playout.h"

enum { WINDOWS_FIRST = 4, WINDOWS_MAX = 720, SKEW_WINDOWS = 8 };

/* A fit worse than this says nothing about clocks: the path changed, or the sender's timestamps do not follow any clock. */
#define SKEW_ERROR_PPM 20.0

void window_begin(struct stream *stream, struct detail *detail, int64_t time_ns)
{
    detail->window.begin_ns = time_ns;
    detail->window_step = 1;
    detail->least_ns = INT64_MAX;
    detail->anchor_ns = CLOCK_NONE;
    detail->skew_wait = WINDOW_LOOKS;
    stream->window_end = (uint32_t)((uint64_t)(time_ns + WINDOW_NS) >> WINDOW_SHIFT);
}

static void windows_merge(struct detail *detail)
{
    for (unsigned i = 0; i < detail->window_count; i += 2) {
        struct window a = detail->windows[i], b = i + 1u < detail->window_count ? detail->windows[i + 1] : (struct window){0};
        uint64_t packets = (uint64_t)a.packets + b.packets;
        uint64_t jitter = packets == 0 ? 0 : ((uint64_t)a.jitter_us * a.packets + (uint64_t)b.jitter_us * b.packets) / packets;
        detail->windows[i / 2] = (struct window){a.packets + b.packets, a.lost + b.lost, a.late + b.late, (uint32_t)jitter};
    }
    detail->window_count = (uint16_t)((detail->window_count + 1) / 2);
    detail->window_step = (uint16_t)(detail->window_step * 2);
}

static void window_keep(struct detail *detail, struct window window, int64_t index)
{
    while (index / detail->window_step >= WINDOWS_MAX && detail->window_step < UINT16_MAX / 2)
        windows_merge(detail);
    int64_t at = index / detail->window_step;
    if (at >= WINDOWS_MAX)
        return; /* more than five years */
    if (at >= detail->window_room) {
        unsigned room = detail->window_room == 0 ? WINDOWS_FIRST : detail->window_room;
        while (room <= (unsigned)at)
            room *= 2;
        struct window *grown = realloc(detail->windows, room * sizeof *grown);
        if (grown == NULL)
            return;
        detail->windows = grown;
        detail->window_room = (uint16_t)room;
    }
    while (detail->window_count <= at)
        detail->windows[detail->window_count++] = (struct window){0};
    struct window *kept = &detail->windows[at];
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
    if (weight <= detail->worst)
        return;
    detail->worst = weight;
    detail->worst_loss_pct = loss;
    detail->worst_burst_r = burst_r;
    detail->worst_ns = detail->window.begin_ns;
}

static void skew_take(struct detail *detail, int64_t time_ns)
{
    double t = (double)(time_ns - detail->first_ns) / 1e9, x = (double)detail->least_ns / 1e9;
    detail->skew_n += 1;
    detail->skew_t += t;
    detail->skew_x += x;
    detail->skew_tt += t * t;
    detail->skew_tx += t * x;
    detail->skew_xx += x * x;
}

double window_skew_ppm(const struct detail *detail)
{
    double n = detail->skew_n;
    if (n < SKEW_WINDOWS)
        return NAN;
    double tt = detail->skew_tt - detail->skew_t * detail->skew_t / n, tx = detail->skew_tx - detail->skew_t * detail->skew_x / n;
    double xx = detail->skew_xx - detail->skew_x * detail->skew_x / n;
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

static void window_end(struct media *media, struct stream *stream, struct detail *detail)
{
    struct window_base *base = &detail->window;
    stream_fold(stream, detail);
    uint64_t expected = stream_expected(stream, detail), unique = stream_unique(stream, detail);
    uint64_t added = above(expected, base->expected), lost = above(added, above(unique, base->unique));
    uint64_t late = above(detail->late, base->late), samples = detail->jitter_samples - base->jitter_samples;
    double jitter = samples == 0 ? 0 : (detail->jitter_sum - base->jitter_sum) / (double)samples;
    struct window window = {.packets = stream->packets - base->packets,
                            .lost = (uint32_t)lost,
                            .late = (uint32_t)late,
                            .jitter_us = (uint32_t)(jitter < 4e12 ? jitter / 1000 : 4e9)};
    worst_take(detail, lost + late, above(detail->loss_runs, base->bad_runs), added);
    window_keep(detail, window, (base->begin_ns - detail->first_ns) / WINDOW_NS);
    if (detail->least_ns != INT64_MAX) {
        skew_take(detail, base->begin_ns);
        playout_follow(media, stream, detail, detail->least_ns);
    }
    *base = (struct window_base){.expected = expected,
                                 .unique = unique,
                                 .late = detail->late,
                                 .bad_runs = detail->loss_runs,
                                 .jitter_samples = detail->jitter_samples,
                                 .jitter_sum = detail->jitter_sum,
                                 .packets = stream->packets,
                                 .begin_ns = base->begin_ns};
    detail->least_ns = INT64_MAX;
    detail->skew_wait = WINDOW_LOOKS;
    uint32_t heap = (uint32_t)(detail->window_room * sizeof *detail->windows + loss_bytes(&detail->loss));
    media->heap_bytes += heap - detail->heap_bytes;
    detail->heap_bytes = heap;
}

void window_pass(struct media *media, struct stream *stream, struct detail *detail, int64_t time_ns)
{
    int64_t passed = (time_ns - detail->window.begin_ns) / WINDOW_NS;
    if (passed <= 0)
        return;
    window_end(media, stream, detail);
    detail->window.begin_ns += passed * WINDOW_NS; /* silent ones between them stay empty */
    stream->window_end = (uint32_t)((uint64_t)(detail->window.begin_ns + WINDOW_NS) >> WINDOW_SHIFT);
}

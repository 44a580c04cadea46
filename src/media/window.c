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
        history->windows[i / 2] = (struct window){a.packets + b.packets, a.lost + b.lost, a.late + b.late, (uint32_t)jitter,
                                                       a.delta_us > b.delta_us ? a.delta_us : b.delta_us};
    }
    history->window_count = (uint16_t)((history->window_count + 1) / 2);
    history->window_step = (uint16_t)(history->window_step * 2);
}

static void window_add(struct window *kept, struct window window)
{
    uint64_t packets = (uint64_t)kept->packets + window.packets;
    if (packets > 0)
        kept->jitter_us = (uint32_t)(((uint64_t)kept->jitter_us * kept->packets + (uint64_t)window.jitter_us * window.packets) / packets);
    kept->packets += window.packets;
    kept->lost += window.lost;
    kept->late += window.late;
    kept->delta_us = window.delta_us > kept->delta_us ? window.delta_us : kept->delta_us;
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
    window_add(&history->windows[at], window);
}

static uint64_t above(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0; /* a late packet may take a loss back that an earlier window counted */
}

/* The counters now, where a window ends and the next one begins. */
static struct window_base base_now(const struct stream *stream, const struct detail *detail)
{
    return (struct window_base){.begin_ns = detail->window_begin_ns,
                                .expected = stream_expected(stream, detail),
                                .unique = stream_unique(stream, detail),
                                .late = detail->late,
                                .bad_runs = detail->loss_runs,
                                .jitter_samples = detail->jitter_samples,
                                .jitter_sum = detail->jitter_sum,
                                .packets = stream->packets};
}

static uint64_t lost_between(const struct window_base *from, const struct window_base *to)
{
    return above(above(to->expected, from->expected), above(to->unique, from->unique));
}

/* The window whose loss weighs most in Ie,eff (G.107 7.4) is the worst, whatever the codec's Ie. */
static void worst_take(const struct detail *detail, const struct window_base *from, const struct window_base *to, struct worst *worst)
{
    uint64_t expected = above(to->expected, from->expected), bad = lost_between(from, to) + above(to->late, from->late);
    if (bad == 0 || expected == 0)
        return;
    double loss = 100 * (double)(bad < expected ? bad : expected) / (double)expected;
    double burst_r = loss_burst_r(bad, above(to->bad_runs, from->bad_runs), expected);
    double bpl = detail->codec != NULL && detail->codec->bpl > 0 ? detail->codec->bpl : CODEC_BPL_LEAST;
    double weight = loss / (loss / burst_r + bpl);
    if (weight > worst->weight)
        *worst = (struct worst){.weight = weight, .loss_pct = loss, .burst_r = burst_r, .at_ns = from->begin_ns};
}

struct worst window_worst(const struct stream *stream, const struct detail *detail)
{
    if (detail->history == NULL)
        return (struct worst){0};
    struct worst worst = detail->history->worst;
    struct window_base end = base_now(stream, detail);
    bool whole = stream->arrival_ns - detail->window_begin_ns >= WINDOW_NS / 2;
    worst_take(detail, whole ? &detail->history->base : &detail->history->before, &end, &worst);
    return worst;
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

/* False without memory: then this window is not told apart. */
static bool history_begin(struct detail *detail)
{
    if (detail->history != NULL)
        return true;
    detail->history = calloc(1, sizeof *detail->history);
    if (detail->history == NULL)
        return false;
    detail->history->window_step = 1;
    detail->history->base.begin_ns = detail->window_begin_ns;
    return true;
}

static void heap_count(struct media *media, struct detail *detail)
{
    const struct history *history = detail->history;
    uint32_t heap = (uint32_t)(sizeof *history + history->window_room * sizeof *history->windows + loss_bytes(&detail->loss));
    media->heap_bytes += heap - detail->heap_bytes;
    detail->heap_bytes = heap;
}

/* delta_ns: the longest time between two arrivals of the window. */
static struct window window_between(const struct window_base *from, const struct window_base *to, float delta_ns)
{
    uint64_t samples = above(to->jitter_samples, from->jitter_samples);
    double jitter = samples == 0 ? 0 : (to->jitter_sum - from->jitter_sum) / (double)samples;
    return (struct window){.packets = to->packets - from->packets,
                           .lost = (uint32_t)lost_between(from, to),
                           .late = (uint32_t)above(to->late, from->late),
                           .jitter_us = (uint32_t)(jitter > 0 && jitter < 4e12 ? jitter / 1000 : 0),
                           .delta_us = (uint32_t)(delta_ns < 4e12f ? delta_ns / 1000 : 4e9f)};
}

static void window_end(struct media *media, struct stream *stream, struct detail *detail)
{
    if (!history_begin(detail))
        return;
    struct history *history = detail->history;
    stream_fold(stream, detail);
    struct window_base end = base_now(stream, detail);
    worst_take(detail, &history->base, &end, &history->worst);
    window_keep(history, window_between(&history->base, &end, detail->window_delta_max), (detail->window_begin_ns - detail->first_ns) / WINDOW_NS);
    if (detail->least_ns != INT64_MAX) {
        skew_take(detail, detail->window_begin_ns);
        if (detail->least_ns < history->fastest_ns)
            history->fastest_ns = detail->least_ns;
    }
    history->before = history->base;
    history->base = end;
    detail->window_delta_max = 0;
    detail->least_ns = INT64_MAX;
    detail->skew_wait = WINDOW_LOOKS;
    heap_count(media, detail);
}

size_t windows_list(const struct stream *stream, const struct detail *detail, struct window *out, size_t room)
{
    const struct history *history = detail->history;
    if (history == NULL)
        return 0;
    size_t count = history->window_count < room ? history->window_count : room;
    if (count > 0)
        memcpy(out, history->windows, count * sizeof *out);
    struct window_base end = base_now(stream, detail);
    size_t at = (size_t)((detail->window_begin_ns - detail->first_ns) / WINDOW_NS / history->window_step);
    if (at >= room)
        return count;
    while (count <= at)
        out[count++] = (struct window){0};
    window_add(&out[at], window_between(&history->base, &end, detail->window_delta_max));
    return count;
}

void window_pass(struct media *media, struct stream *stream, struct detail *detail, int64_t time_ns)
{
    int64_t passed = (time_ns - detail->window_begin_ns) / WINDOW_NS;
    if (passed <= 0)
        return;
    window_end(media, stream, detail);
    detail->window_begin_ns += passed * WINDOW_NS; /* silent ones between them stay empty */
    if (detail->history != NULL)
        detail->history->base.begin_ns = detail->window_begin_ns;
    stream->window_end = (uint32_t)((uint64_t)(detail->window_begin_ns + WINDOW_NS) >> WINDOW_SHIFT);
}

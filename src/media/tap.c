/* The tap's own losses: a sequence gap on many streams at the same moment is no network's, it is the capture's (a mirror port that
   was full, a kernel buffer that overflowed, a disk that was slow). */
#include <stdlib.h>

#include "media/state.h"

/* Gaps that end in the same moment, or in two that follow one another, are looked at together. */
#define MOMENT_NS (50 * NS_PER_MS)

/* So many streams must share the gap, and this part of those that flow, in percent. */
enum { SHARED_LEAST = 4, SHARED_PCT = 60, GAPS_MAX = 1 << 17, SAMPLE = 1024 };

/* Streams that had a packet within the last second, told from at most SAMPLE of them; looked at once a second. */
static uint32_t active_count(struct media *media, int64_t now_ns)
{
    struct tap *tap = &media->tap;
    if (tap->active_ns != CLOCK_NONE && now_ns - tap->active_ns < NS_PER_SECOND && now_ns >= tap->active_ns)
        return tap->active;
    tap->active_ns = now_ns;
    uint32_t stride = media->streams.used / SAMPLE + 1, active = 0;
    for (uint32_t i = 0; i < media->streams.used; i += stride)
        active += now_ns - stream_at(media, i)->arrival_ns < NS_PER_SECOND && (stream_at(media, i)->flags & STREAM_PROVEN) != 0;
    tap->active = active * stride;
    return tap->active;
}

static void moment_pass(struct tap *tap, int64_t now_ns)
{
    if (tap->moment_ns != CLOCK_NONE && now_ns - tap->moment_ns < MOMENT_NS && now_ns >= tap->moment_ns)
        return;
    uint32_t drop = tap->moment_ns != CLOCK_NONE && now_ns - tap->moment_ns < 2 * MOMENT_NS ? tap->before : tap->count;
    tap->count -= drop;
    tap->dropped += drop;
    tap->told = tap->told > drop ? tap->told - drop : 0;
    tap->before = tap->count;
    if (tap->count > 0)
        memmove(tap->gaps, tap->gaps + drop, tap->count * sizeof *tap->gaps);
    tap->moment_ns = now_ns;
}

static void gap_tell(struct media *media, const struct tap_gap *gap)
{
    struct detail *detail = detail_at(media, gap->stream);
    if (detail->id != gap->id)
        return; /* the stream is gone */
    detail->tap_gaps++;
    detail->tap_packets += gap->packets;
    if (detail->tap_first_ns == CLOCK_NONE)
        detail->tap_first_ns = gap->from_ns;
}

void tap_gap(struct media *media, uint32_t number, int64_t from_ns, int64_t to_ns, uint32_t packets)
{
    struct tap *tap = &media->tap;
    moment_pass(tap, to_ns);
    struct detail *detail = detail_at(media, number);
    uint32_t slot = detail->tap_slot - tap->dropped;
    if (slot < tap->count && tap->gaps[slot].stream == number && tap->gaps[slot].id == detail->id) {
        tap->gaps[slot].packets += packets; /* it loses twice in a moment: that counts once */
        detail->tap_packets += slot < tap->told ? packets : 0;
        return;
    }
    if (tap->count == tap->room) {
        uint32_t room = tap->room == 0 ? 64 : tap->room * 2;
        struct tap_gap *grown = room > GAPS_MAX ? NULL : realloc(tap->gaps, room * sizeof *grown);
        if (grown == NULL)
            return;
        tap->gaps = grown;
        tap->room = room;
    }
    detail->tap_slot = tap->dropped + tap->count;
    tap->gaps[tap->count++] = (struct tap_gap){.from_ns = from_ns, .stream = number, .id = detail->id, .packets = packets};
    if (tap->count < SHARED_LEAST || (uint64_t)tap->count * 100 < (uint64_t)active_count(media, to_ns) * SHARED_PCT)
        return;
    for (; tap->told < tap->count; tap->told++)
        gap_tell(media, &tap->gaps[tap->told]);
}

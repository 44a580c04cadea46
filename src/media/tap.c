/* The tap's own losses (a mirror port that was full, a kernel buffer that overflowed, a disk that was slow), told from the network's.

   A tap that is deaf captures nothing of any stream: all that were sending then have a hole in their sequence, and all these holes have
   an instant in common. Losses of a network fall on each stream by itself. So instants on a grid of 5 ms count the holes that cover
   them, and one that 90 % of the streams that were sending then have in common is suspected.

   Chance does that too where streams are few or losses many: four that lose 10 % are all in a hole several times a minute. Therefore what
   the streams lose besides, in the 2 s before and behind, is measured: f, the part of their time that lies in other holes at least as
   long as what is shared, one hole more than were seen. Holes of k of n independent streams have an instant in common with a
   probability of at most C(n, k) f^k, whatever the single streams' rates are, of which f is the mean (Maclaurin's inequality); such
   instants begin with any of the k holes, which makes it at most k times as many a hole's length. A packet that is lost before a relay
   is missing on both of its legs, so that two streams count as one. Suspects with less than 1e-7 by that count are the tap's.

   The errors that remain: of independent losses, one in 55 hours of 20 ms packets is blamed on the tap, and only where f is as large as
   may be; all else is far rarer. The other way, an outage stays loss where fewer than 6 streams send or losses hide it (60 ms on 8
   streams that lose 10 %), where it is shorter than a packet (it does not touch all), and where only one of several taps was deaf. A
   path that fails in all directions at once looks like a deaf tap from here; a path that fails in one does not. */
#include "media/tap.h"

#include <math.h>
#include <stdlib.h>

#define INSTANT_NS (5 * NS_PER_MS)
#define AROUND_NS (2 * NS_PER_SECOND)

/* A longer hole is counted by its last second. */
#define HOLE_MOST_NS NS_PER_SECOND
/* One that loses a packet of the usual 20 ms. */
#define HOLE_LEAST_NS (40 * NS_PER_MS)

#define CHANCE_MOST 1e-7
enum { SHARED_PCT = 90, SHARED_LEAST = 6, INSTANTS = 1024, GAPS_FIRST = 64, GAPS_MAX = 1 << 17, SAMPLE = 1024 };

_Static_assert(INSTANTS * INSTANT_NS > AROUND_NS + 2 * HOLE_MOST_NS, "an instant is kept until its holes are judged");

struct gap {
    int64_t from_ns, to_ns; /* arrivals before and behind */
    uint32_t stream, id, packets;
    uint32_t before;        /* number of the stream's gap before this one; its own: none */
    bool judged;
};

struct instant {
    int64_t number;      /* capture time in INSTANT_NS */
    uint32_t holes;      /* streams that miss packets around it */
    uint32_t look_at;    /* holes from which the streams that send are counted (again) */
    uint32_t sending;    /* as counted last; 0: not yet */
    bool judged, deaf;
    int64_t exposure_ns; /* for how long those streams had been there, of the last AROUND_NS each, in sum */
};

/* Owns `gaps`: those of the last moments, in order of to_ns. */
struct tap {
    struct gap *gaps;
    uint32_t first, judged, count, room; /* indexes: kept, not judged yet, end */
    uint32_t dropped;  /* gaps that left the list, ever: an index and this make a number that stays */
    int64_t active_ns; /* when `active` was counted; CLOCK_NONE */
    uint32_t active;
    struct instant instants[INSTANTS];
};

static struct instant *instant_at(struct tap *tap, int64_t number)
{
    struct instant *instant = &tap->instants[(uint64_t)number % INSTANTS];
    if (instant->number != number)
        *instant = (struct instant){.number = number};
    return instant;
}

/* The first and the last instant that a hole covers; none where last < first. */
static int64_t hole_first(const struct gap *gap)
{
    int64_t from = gap->to_ns - gap->from_ns > HOLE_MOST_NS ? gap->to_ns - HOLE_MOST_NS : gap->from_ns;
    return from / INSTANT_NS + 1;
}

static int64_t hole_last(const struct gap *gap)
{
    return (gap->to_ns - 1) / INSTANT_NS;
}

/* Streams that had a packet within the last second, told from at most SAMPLE of them; looked at once a second. */
static uint32_t active_count(const struct media *media, struct tap *tap, int64_t now_ns)
{
    if (tap->active_ns != CLOCK_NONE && now_ns - tap->active_ns < NS_PER_SECOND && now_ns >= tap->active_ns)
        return tap->active;
    tap->active_ns = now_ns;
    uint32_t stride = media->streams.used / SAMPLE + 1, active = 0;
    for (uint32_t i = 0; i < media->streams.used; i += stride)
        active += now_ns - stream_at(media, i)->arrival_ns < NS_PER_SECOND && (stream_at(media, i)->flags & STREAM_PROVEN) != 0;
    tap->active = active * stride;
    return tap->active;
}

/* Counts the streams that were sending at the instant: those that had a packet less than two packet times before it, or later. One that
   is silent (RFC 3551 4.1) misses nothing. */
static void sending_count(const struct media *media, struct instant *instant)
{
    int64_t at = instant->number * INSTANT_NS;
    uint32_t stride = media->streams.used / SAMPLE + 1, sending = 0;
    int64_t exposure = 0;
    for (uint32_t i = 0; i < media->streams.used; i += stride) {
        const struct stream *stream = stream_at(media, i);
        const struct detail *detail = detail_at(media, i);
        int64_t step = stream->step == 0 ? HOLE_LEAST_NS / 2 : stream->step_ns, age = at - detail->first_ns;
        if ((stream->flags & STREAM_PROVEN) == 0 || stream->arrival_ns <= at - 2 * step || detail->id == 0 || age <= 0)
            continue;
        sending++;
        exposure += age < AROUND_NS ? age : AROUND_NS;
    }
    instant->sending = sending * stride;
    instant->exposure_ns = exposure * stride;
    instant->look_at = instant->holes + instant->holes / 16 + 1;
}

static bool suspected(const struct instant *instant)
{
    return instant->sending > 0 && (uint64_t)instant->holes * 100 >= (uint64_t)instant->sending * SHARED_PCT;
}

static void hole_cover(const struct media *media, struct tap *tap, const struct gap *gap)
{
    struct instant *most = NULL;
    for (int64_t number = hole_first(gap), last = hole_last(gap); number <= last; number++) {
        struct instant *instant = instant_at(tap, number);
        instant->holes++;
        if (most == NULL || instant->holes > most->holes)
            most = instant;
    }
    if (most != NULL && most->holes >= SHARED_LEAST && most->holes >= most->look_at &&
        (uint64_t)most->holes * 2 >= active_count(media, tap, gap->to_ns))
        sending_count(media, most);
}

/* Time in other holes than those that cover the instant, near it and at least as long as is told. */
static double others_ns(const struct tap *tap, int64_t number, int64_t least_ns)
{
    double sum = 0;
    for (uint32_t i = tap->first; i < tap->count; i++) {
        const struct gap *gap = &tap->gaps[i];
        int64_t length = gap->to_ns - gap->from_ns, off = gap->to_ns - number * INSTANT_NS;
        if ((hole_first(gap) <= number && hole_last(gap) >= number) || length < least_ns || off < -AROUND_NS || off > AROUND_NS)
            continue;
        sum += (double)(length < HOLE_MOST_NS ? length : HOLE_MOST_NS);
    }
    return sum;
}

/* See at the top: k of n streams, the part f of their time in holes. */
static bool beyond_chance(uint32_t holes, uint32_t sending, double part)
{
    double k = holes / 2.0, n = (sending > holes ? sending : holes) / 2.0;
    double choices = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
    return part < 1 && log(k) + choices + k * log(part) < log(CHANCE_MOST);
}

/* Instants in a row. */
struct row {
    int64_t first, last;
};

/* Those around one that at least so many holes cover. */
static struct row row_around(struct tap *tap, int64_t number, uint32_t holes)
{
    struct row row = {number, number};
    while (row.last - row.first < INSTANTS / 2 && instant_at(tap, row.first - 1)->holes >= holes)
        row.first--;
    while (row.last - row.first < INSTANTS / 2 && instant_at(tap, row.last + 1)->holes >= holes)
        row.last++;
    return row;
}

/* Judges the suspect with all around it that nearly as many holes cover. What most cover is what they share; the rest has holes that
   only touch it: losses just before or behind. */
static void suspect_judge(const struct media *media, struct tap *tap, const struct instant *suspect)
{
    int64_t now = tap->gaps[tap->count - 1].to_ns;
    struct row all = row_around(tap, suspect->number, (suspect->sending * SHARED_PCT + 99) / 100);
    const struct instant *most = suspect;
    for (int64_t number = all.first; number <= all.last; number++)
        if (instant_at(tap, number)->holes > most->holes)
            most = instant_at(tap, number);
    struct row shared = row_around(tap, most->number, most->holes);
    now = (media->now_ns > now ? media->now_ns : now) - most->number * INSTANT_NS;
    double exposure = (double)suspect->exposure_ns + (double)(now < AROUND_NS ? now : AROUND_NS) * suspect->sending;
    double others = others_ns(tap, most->number, (shared.last - shared.first) * INSTANT_NS);
    bool deaf = beyond_chance(most->holes, suspect->sending, (others + (double)HOLE_LEAST_NS) / exposure);
    for (int64_t number = all.first; number <= all.last; number++) {
        struct instant *instant = instant_at(tap, number);
        instant->judged = true;
        instant->deaf = deaf && number >= shared.first && number <= shared.last;
    }
}

/* The suspect that most holes cover, of those that this hole covers and that are not judged yet; NULL. deaf: one was judged to be. */
static const struct instant *suspect_find(struct tap *tap, const struct gap *gap, bool *deaf)
{
    const struct instant *most = NULL;
    for (int64_t number = hole_first(gap), last = hole_last(gap); number <= last; number++) {
        const struct instant *instant = instant_at(tap, number);
        *deaf |= instant->deaf;
        if (!instant->judged && suspected(instant) && (most == NULL || instant->holes > most->holes))
            most = instant;
    }
    return most;
}

static void gap_tell(const struct media *media, const struct gap *gap)
{
    struct detail *detail = detail_at(media, gap->stream);
    if (detail->id != gap->id)
        return; /* the stream is gone */
    detail->tap_gaps++;
    detail->tap_packets += gap->packets;
    if (detail->tap_first_ns == CLOCK_NONE)
        detail->tap_first_ns = gap->from_ns;
}

static void gap_judge(const struct media *media, struct tap *tap, struct gap *gap)
{
    bool deaf = gap->judged;
    const struct instant *suspect;
    while (!deaf && (suspect = suspect_find(tap, gap, &deaf)) != NULL && !deaf)
        suspect_judge(media, tap, suspect);
    if (deaf && !gap->judged)
        gap_tell(media, gap);
    gap->judged = true;
}

/* Judges what is old enough to know what came behind it, and forgets what is older still. */
static void time_pass(const struct media *media, struct tap *tap, int64_t now_ns)
{
    while (tap->judged < tap->count && tap->gaps[tap->judged].to_ns <= now_ns - AROUND_NS)
        gap_judge(media, tap, &tap->gaps[tap->judged++]);
    while (tap->first < tap->judged && tap->gaps[tap->first].to_ns <= now_ns - 2 * AROUND_NS)
        tap->first++;
}

static void list_shift(struct tap *tap)
{
    uint32_t by = tap->first;
    memmove(tap->gaps, tap->gaps + by, (tap->count - by) * sizeof *tap->gaps);
    tap->first = 0;
    tap->judged -= by;
    tap->count -= by;
    tap->dropped += by;
}

/* False without memory. More gaps than there is room for are judged early. */
static bool room_make(const struct media *media, struct tap *tap)
{
    if (tap->count < tap->room)
        return true;
    if (tap->count == GAPS_MAX && tap->first < tap->count / 2) {
        for (tap->first = tap->count / 2; tap->judged < tap->first; tap->judged++)
            gap_judge(media, tap, &tap->gaps[tap->judged]);
    }
    if (tap->first > 0 && tap->first >= tap->count / 2) {
        list_shift(tap);
        return true;
    }
    uint32_t room = tap->room == 0 ? GAPS_FIRST : tap->room * 2;
    struct gap *grown = realloc(tap->gaps, room * sizeof *grown);
    if (grown == NULL)
        return false;
    tap->gaps = grown;
    tap->room = room;
    return true;
}

void tap_gap(struct media *media, uint32_t number, int64_t from_ns, int64_t to_ns, uint32_t packets)
{
    if (media->tap == NULL) {
        media->tap = calloc(1, sizeof *media->tap);
        if (media->tap == NULL)
            return;
        media->tap->active_ns = CLOCK_NONE;
    }
    struct tap *tap = media->tap;
    struct detail *detail = detail_at(media, number);
    time_pass(media, tap, to_ns);
    if ((stream_at(media, number)->flags & STREAM_PROVEN) == 0 || to_ns <= from_ns || !room_make(media, tap))
        return;
    uint32_t own = tap->dropped + tap->count, before = detail->tap_slot - tap->dropped;
    bool follows = before < tap->count && tap->gaps[before].stream == number && tap->gaps[before].id == detail->id;
    tap->gaps[tap->count++] = (struct gap){.from_ns = from_ns,
                                           .to_ns = to_ns,
                                           .stream = number,
                                           .id = detail->id,
                                           .packets = packets,
                                           .before = follows ? detail->tap_slot : own};
    detail->tap_slot = own;
    hole_cover(media, tap, &tap->gaps[tap->count - 1]);
}

void tap_settle(struct media *media, uint32_t number)
{
    struct tap *tap = media->tap;
    const struct detail *detail = detail_at(media, number);
    uint32_t at = detail->tap_slot;
    while (tap != NULL && at - tap->dropped < tap->count) {
        struct gap *gap = &tap->gaps[at - tap->dropped];
        if (gap->stream != number || gap->id != detail->id)
            return;
        gap_judge(media, tap, gap);
        if (gap->before == at)
            return;
        at = gap->before;
    }
}

void tap_free(struct tap *tap)
{
    if (tap != NULL)
        free(tap->gaps);
    free(tap);
}

/* Runs of lost and late packets. Holes wait, because late arrivals fill them; what waited long enough is settled into counters
   that do not grow. */
#include "media/loss.h"

#include <stdlib.h>
#include <string.h>

enum { PENDING_FIRST = 8, PENDING_MAX = 128, SETTLE = 32, GMIN = 16 };

void loss_fini(struct loss *loss)
{
    free(loss->pending);
    free(loss->missing);
    *loss = (struct loss){0};
}

size_t loss_bytes(const struct loss *loss)
{
    return loss->room * sizeof *loss->pending + (loss->missing == NULL ? 0 : LOSS_REMEMBERED / 8);
}

/* RFC 3611 A.2, one run of bad packets at once: its first packet by the good ones before it, the others follow without any. */
static void settle_run(struct loss *loss, const struct hole *hole)
{
    uint32_t good = hole->from - (loss->any ? loss->last + 1 : loss->first);
    if (good >= GMIN) {
        if (loss->in_burst == 1)
            loss->c14++;
        else
            loss->c13++;
        loss->in_burst = 1;
        loss->c11 += good;
    } else {
        loss->in_burst++;
        if (good == 0) {
            loss->c33++;
        } else {
            loss->c23++;
            loss->c22 += good - 1;
        }
    }
    loss->c33 += hole->count - 1;
    loss->in_burst += hole->count - 1;
    bool begins = !loss->any || good > 0;
    loss->runs += begins;
    loss->run = (begins ? 0 : loss->run) + hole->count;
    loss->longest = loss->run > loss->longest ? loss->run : loss->longest;
    loss->bad += hole->count;
    loss->last = hole->from + hole->count - 1;
    loss->any = true;
}

static uint64_t *word_of(const struct loss *loss, uint32_t sequence)
{
    return &loss->missing[sequence % LOSS_REMEMBERED / 64];
}

static uint64_t bit_of(uint32_t sequence)
{
    return UINT64_C(1) << sequence % 64;
}

/* What settles is remembered number by number. */
static void remember(struct loss *loss, const struct hole *hole)
{
    uint32_t last = hole->from + hole->count - 1, from = loss->any ? loss->last + 1 : loss->first;
    if (loss->missing == NULL && (loss->missing = calloc(LOSS_REMEMBERED / 64, sizeof *loss->missing)) == NULL)
        return;
    if (last - from >= LOSS_REMEMBERED)
        from = last - LOSS_REMEMBERED + 1;
    for (; from != last + 1; from++) {
        bool missing = !hole->late && from - hole->from < hole->count;
        uint64_t *word = word_of(loss, from);
        *word = missing ? *word | bit_of(from) : *word & ~bit_of(from);
    }
}

/* The first ones, to make room. */
static void settle_oldest(struct loss *loss, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        remember(loss, &loss->pending[i]);
        settle_run(loss, &loss->pending[i]);
    }
    loss->count = (uint16_t)(loss->count - count);
    memmove(loss->pending, loss->pending + count, loss->count * sizeof *loss->pending);
}

/* Room for a hole at index `at`; false where it cannot be kept: a run of it stays unknown to the burst figures. */
static bool make_room(struct loss *loss, unsigned *at)
{
    if (loss->count == loss->room) {
        unsigned room = loss->room == 0 ? PENDING_FIRST : loss->room * 2u;
        struct hole *grown = room > PENDING_MAX ? NULL : realloc(loss->pending, room * sizeof *grown);
        if (grown != NULL) {
            loss->pending = grown;
            loss->room = (uint16_t)room;
        } else if (*at > 0) {
            unsigned count = *at < SETTLE ? *at : SETTLE;
            settle_oldest(loss, count);
            *at -= count;
        } else {
            return false;
        }
    }
    if (*at < loss->count)
        memmove(loss->pending + *at + 1, loss->pending + *at, (loss->count - *at) * sizeof *loss->pending);
    loss->count++;
    return true;
}

static void put(struct loss *loss, unsigned at, struct hole hole)
{
    if (make_room(loss, &at))
        loss->pending[at] = hole;
}

void loss_gap(struct loss *loss, uint32_t from, uint32_t count)
{
    put(loss, loss->count, (struct hole){.from = from, .count = count});
}

void loss_begin_earlier(struct loss *loss, uint32_t first, uint32_t was)
{
    loss->first = first;
    if (!loss->any && was - first > 1)
        put(loss, 0, (struct hole){.from = first + 1, .count = was - first - 1});
}

/* Index of the first hole that does not end before the packet; they are looked at from the newest on. */
static unsigned place_of(const struct loss *loss, uint32_t sequence)
{
    unsigned at = loss->count;
    while (at > 0 && (int32_t)(loss->pending[at - 1].from + loss->pending[at - 1].count - 1 - sequence) >= 0)
        at--;
    return at;
}

static bool hole_has(const struct loss *loss, unsigned at, uint32_t sequence)
{
    return at < loss->count && (int32_t)(sequence - loss->pending[at].from) >= 0;
}

/* True once for a packet that was settled as missing. */
static bool settled_fill(struct loss *loss, uint32_t sequence)
{
    if (loss->missing == NULL || !loss->any || loss->last - sequence >= LOSS_REMEMBERED || (*word_of(loss, sequence) & bit_of(sequence)) == 0)
        return false;
    *word_of(loss, sequence) &= ~bit_of(sequence);
    return true;
}

bool loss_fill(struct loss *loss, uint32_t sequence)
{
    if (settled_fill(loss, sequence))
        return true;
    unsigned at = place_of(loss, sequence);
    if (!hole_has(loss, at, sequence) || loss->pending[at].late)
        return false;
    struct hole *hole = &loss->pending[at];
    uint32_t before = sequence - hole->from, after = hole->count - before - 1;
    if (before > 0 && after > 0) {
        hole->count = before;
        put(loss, at + 1, (struct hole){.from = sequence + 1, .count = after});
    } else if (before > 0) {
        hole->count = before;
    } else if (after > 0) {
        hole->from++;
        hole->count = after;
    } else {
        loss->count--;
        memmove(hole, hole + 1, (loss->count - at) * sizeof *hole);
    }
    return true;
}

void loss_late(struct loss *loss, uint32_t sequence)
{
    unsigned at = place_of(loss, sequence);
    if (at > 0 && loss->pending[at - 1].late && loss->pending[at - 1].from + loss->pending[at - 1].count == sequence)
        loss->pending[at - 1].count++;
    else if (!loss->any || (int32_t)(sequence - loss->last) > 0)
        put(loss, at, (struct hole){.from = sequence, .count = 1, .late = true});
}

void loss_restart(struct loss *loss, uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < loss->count; i++)
        settle_run(loss, &loss->pending[i]);
    loss->count = 0;
    free(loss->missing); /* the numbers mean other packets now */
    loss->missing = NULL;
    if (loss->any)
        loss->last += to - from;
    else
        loss->first += to - from;
}

double loss_burst_r(uint64_t bad, uint64_t runs, uint64_t expected)
{
    if (bad == 0 || runs == 0 || bad >= expected)
        return 1;
    double burst_r = (double)bad / (double)runs * (1 - (double)bad / (double)expected);
    return burst_r < 1 ? 1 : burst_r;
}

struct loss_figures loss_figures(const struct loss *loss, uint64_t expected)
{
    struct loss all = *loss;
    for (unsigned i = 0; i < loss->count; i++)
        settle_run(&all, &loss->pending[i]);
    struct loss_figures figures = {.bad = all.bad, .runs = all.runs, .longest = all.longest, .burst_pct = -1, .gap_pct = -1, .burst_packets = -1,
                                   .gap_packets = -1};
    double c11 = (double)all.c11, c13 = (double)all.c13, c14 = (double)all.c14, c22 = (double)all.c22, c23 = (double)all.c23,
           c33 = (double)all.c33, c31 = c13, c32 = c23;
    if (c13 == 0 || c23 + c33 == 0) { /* no burst: every loss stands alone in the one gap that the stream is */
        if (c23 + c33 == 0 && expected > 0) {
            figures.gap_pct = 100 * (double)all.bad / (double)expected;
            figures.gap_packets = (double)expected;
        } else if (expected > 0) { /* one burst from the beginning to the end */
            figures.burst_pct = 100 * (double)all.bad / (double)expected;
            figures.burst_packets = (double)expected;
        }
        return figures;
    }
    double p32 = c32 / (c31 + c32 + c33), p23 = c22 + c23 < 1 ? 1 : 1 - c22 / (c22 + c23);
    figures.burst_pct = 100 * p23 / (p23 + p32);
    figures.gap_pct = c11 + c14 > 0 ? 100 * c14 / (c11 + c14) : 0;
    figures.gap_packets = (c11 + c14 + c13) / c13;
    figures.burst_packets = (c11 + c14 + c13 + c22 + c23 + c31 + c32 + c33) / c13 - figures.gap_packets;
    return figures;
}

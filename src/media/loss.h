/* Which packets of a stream are bad, lost or too late, in the order of their sequence numbers: runs, bursts and gaps. */
#ifndef MEDIA_LOSS_H
#define MEDIA_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sequence numbers here are extended ones, of 32 bits; they only grow from settle to settle. */

/* A run of bad packets that later ones may still change. */
struct hole {
    uint32_t from, count;
    bool late; /* received, but too late for the buffer; else missing */
};

/* For how long what is settled can still be told from a repeat: 80 s of 20 ms packets. */
enum { LOSS_REMEMBERED = 4096 };

/* Owns `pending` and `missing`. Zeroed memory with `first` set is valid. */
struct loss {
    struct hole *pending; /* in order; what leaves at the front is settled */
    uint16_t count, room;
    uint64_t *missing;    /* bits by number: settled as missing, of the newest LOSS_REMEMBERED up to `last`; NULL: none yet */
    bool any;             /* a bad packet was settled: `last` is set */
    uint32_t first;       /* the stream's first packet */
    uint32_t last;        /* the newest bad packet that was settled */
    uint64_t bad, runs;   /* settled: packets, and runs of them without a good one between */
    uint32_t run, longest; /* the newest run so far; the longest one */
    /* Counters of RFC 3611 A.2, Gmin 16: transitions between 1 gap without loss, 2 burst without loss, 3 burst with loss, 4 gap with
       an isolated loss. */
    uint32_t in_burst;
    uint64_t c11, c13, c14, c22, c23, c33;
};

void loss_fini(struct loss *loss);
size_t loss_bytes(const struct loss *loss);

/* Packets [from, from + count) are missing; they follow all that was told before. */
void loss_gap(struct loss *loss, uint32_t from, uint32_t count);

/* The stream began with `first`, not with `was`: what lies between is missing so far. */
void loss_begin_earlier(struct loss *loss, uint32_t first, uint32_t was);

/* The packet came after all: true when it was missing. It leaves the run, which may fall in two; where the run was settled, it stays
   bad: it is later than any buffer. */
bool loss_fill(struct loss *loss, uint32_t sequence);

/* The packet came, but too late to be played. */
void loss_late(struct loss *loss, uint32_t sequence);

/* The sender began a new sequence at `to`; the old one ended before `from`. */
void loss_restart(struct loss *loss, uint32_t from, uint32_t to);

/* Burst and gap figures of RFC 3611 4.7.2. Percentages; lengths in packets; negative: not defined (no burst, no gap). */
struct loss_figures {
    uint64_t bad, runs, longest;
    double burst_pct, gap_pct, burst_packets, gap_packets;
};

/* The figures as if the stream ended now with `expected` packets. Changes nothing. */
struct loss_figures loss_figures(const struct loss *loss, uint64_t expected);

/* G.107: mean run of bad packets by the one that random loss of the same rate would have; 1 without loss, at least 1. */
double loss_burst_r(uint64_t bad, uint64_t runs, uint64_t expected);

#endif

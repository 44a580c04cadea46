/* Where a packet stands in its stream's sequence (RFC 3550 A.1), told apart from repeats, late ones and restarts. Private to media/. */
#ifndef MEDIA_SEQUENCE_H
#define MEDIA_SEQUENCE_H

#include "media/state.h"

enum place_kind {
    PLACE_NEXT,      /* ahead of all so far, perhaps by more than one */
    PLACE_REORDERED, /* it was missing */
    PLACE_DUPLICATE,
    PLACE_STRAY,     /* far from the sequence; alone so far */
    PLACE_RESTART    /* the second one in a row from elsewhere: the sender began anew */
};

struct place {
    enum place_kind kind;
    uint32_t extended; /* not for strays */
    uint32_t missing;  /* PLACE_NEXT: packets that were skipped */
    uint32_t step;     /* timestamp less that of the highest packet before */
    uint32_t ticks;    /* for how long that packet's event lasted; 0, DIGITS_UNREAD: see digits_ticks */
};

/* The stream's first packet. */
void sequence_begin(struct stream *stream, struct detail *detail, uint16_t sequence);

/* What a packet says of its place. */
struct numbers {
    uint16_t sequence;
    bool apart;        /* an event or the like, whose timestamps may be of their own */
    uint32_t timestamp;
    uint32_t newest;   /* timestamp of the highest packet so far */
    int64_t delta_ns;  /* since the newest arrival */
};

/* Finds the place of a packet and brings the sequence up to date: extended numbers, counts and holes. */
struct place sequence_see(struct stream *stream, struct detail *detail, const struct numbers *numbers);

#endif

/* T.38 fax over UDPTL: packets in sequence, what redundancy brings back, and the T.30 signals. Private to media/. */
#ifndef MEDIA_FAX_H
#define MEDIA_FAX_H

#include "dissectors/udptl.h"
#include "media/state.h"

enum { FAX_SIGNALS_MAX = 32 };

/* The fax side of a stream. */
struct fax {
    int64_t switchover_ns;   /* CLOCK_NONE: no description announced it */
    uint32_t recovered;
    uint8_t redundancy;
    bool fec;
    uint8_t signal_count;
    struct slice signals[FAX_SIGNALS_MAX]; /* names that live as long as the program */
};

/* The stream, new or not, is one of UDPTL. */
void fax_begin(struct media *media, uint32_t number, int64_t time_ns);

/* A packet of it. */
void fax_see(struct media *media, uint32_t number, const struct media_packet *packet, const struct udptl *udptl);

void fax_free(struct media *media, struct fax *fax);

/* The record's part; false where the stream is no fax. */
bool fax_describe(const struct detail *detail, struct stream_fax *record);

#endif

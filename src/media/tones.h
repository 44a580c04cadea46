/* DTMF tones inside G.711 audio, found by spandsp's detector. Only where asked for: it looks at every sample. Private to media/. */
#ifndef MEDIA_TONES_H
#define MEDIA_TONES_H

#include "media/state.h"

/* One key heard. */
struct tone {
    int64_t at_ns, duration_ns; /* duration 0: it has not ended */
    int level_dbm0;
    char digit;
};

struct tones;

enum { TONES_KEPT = 1024 };

void tones_free(struct media *media, struct tones *tones);

/* The audio of the stream's next packet, after `missing` lost ones of the same length. Other codecs than PCMU and PCMA are ignored. */
void tones_hear(struct media *media, uint32_t number, int64_t time_ns, struct slice payload, uint32_t missing);

/* What was heard, in order of time; NULL. */
const struct tone *tones_list(const struct tones *tones, size_t *count);

#endif

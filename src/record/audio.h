/* The audio of one RTP packet, for those who save it. */
#ifndef RECORD_AUDIO_H
#define RECORD_AUDIO_H

#include "base/endpoint.h"

/* Refs: all borrowed for the call. */
struct audio_packet {
    const struct endpoint *src, *dst;
    uint32_t ssrc, timestamp;
    uint32_t clock_hz;      /* of the timestamps, and of the samples; 0: not known */
    int64_t time_ns;
    struct slice codec;     /* RTP encoding name; empty: not known */
    bool sealed;            /* encrypted, and no key was right */
    const int16_t *samples; /* linear; NULL: it is sealed, or of a codec that is not decoded */
    size_t count;
};

typedef void audio_reader(void *context, const struct audio_packet *packet);

#endif

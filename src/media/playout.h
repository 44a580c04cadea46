/* The jitter buffer that decides which packets come too late to be played: fixed, or adapting as receivers do. Private to media/. */
#ifndef MEDIA_PLAYOUT_H
#define MEDIA_PLAYOUT_H

#include "media/state.h"

/* The packet begins a talkspurt or a new sequence: it will be played after the buffer's delay, and those behind it at the distance
   that their timestamps tell. deviation_ns: how much later it came than its timestamp says, against the packet before. */
void playout_anchor(const struct media *media, struct stream *stream, struct detail *detail, int64_t deviation_ns);

/* Any other packet; its slack below 0 means that it came too late. */
void playout_see(const struct media *media, struct stream *stream, struct detail *detail, int64_t deviation_ns);

/* The first packets of a window had a least transit of least_ns: where the path or the clocks have moved by more than half the buffer's delay
   since the buffer was set, a receiver would have set it anew. */
void playout_follow(const struct media *media, struct stream *stream, struct detail *detail, int64_t least_ns);

/* "fixed 60 ms": how the records name it. */
const char *playout_name(const struct buffer_model *model, char out[40]);

#endif

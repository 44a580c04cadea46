/* Which sequence gaps are the capture's own, not the network's: see tap.c. Private to media/. */
#ifndef MEDIA_TAP_H
#define MEDIA_TAP_H

#include "media/state.h"

/* A gap of `packets` on the stream between two arrivals. It is judged when it is known what followed. */
void tap_gap(struct media *media, uint32_t number, int64_t from_ns, int64_t to_ns, uint32_t packets);

/* The stream's record is made: its gaps are judged by what is known now. */
void tap_settle(struct media *media, uint32_t number);

void tap_free(struct tap *tap);

#endif

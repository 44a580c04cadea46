/* A stream's 5-second windows: what each added, for plots and for the worst moment. Private to media/. */
#ifndef MEDIA_WINDOW_H
#define MEDIA_WINDOW_H

#include "media/state.h"

#define WINDOW_NS (5 * NS_PER_SECOND)

/* Packets of a window that look for the least transit. */
enum { WINDOW_LOOKS = 6 };

/* The stream's first window begins. */
void window_begin(struct stream *stream, struct detail *detail, int64_t time_ns);

/* Ends all windows that end at time_ns or before. */
void window_pass(struct media *media, struct stream *stream, struct detail *detail, int64_t time_ns);

/* The worst window so far. What a stream's end leaves is a window where it is at least half of one; a shorter rest, too short to be
   scored by itself, is weighed together with the window before it. Its sums must be folded. */
struct worst window_worst(const struct stream *stream, const struct detail *detail);

/* All windows of a stream that has lived for more than one, with the one that goes on, each history->window_step long; at most `room`.
   Sums must be folded. Returns their number. */
size_t windows_list(const struct stream *stream, const struct detail *detail, struct window *out, size_t room);

/* The sender's clock against the capture's in ppm, positive when the sender is fast; NAN where the windows are too few or do not
   lie on a line. */
double window_skew_ppm(const struct detail *detail);

#endif

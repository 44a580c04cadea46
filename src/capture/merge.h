/* Several sources as one sequence of frames in the order of their capture times, numbered from 1. */
#ifndef CAPTURE_MERGE_H
#define CAPTURE_MERGE_H

#include "capture/source.h"

struct merge;

/* Takes the sources over (merge_free closes them). NULL when memory is exhausted; then the caller still owns them. */
struct merge *merge_new(struct source **sources, size_t count);
void merge_free(struct merge *merge);

/* Up to `room` frames, good until the next call; 0: the end, or (live sources) nothing now. Files are merged by time, each in its
   own order; live frames come as they are. */
size_t merge_read(struct merge *merge, struct frame *frames, size_t room);

/* What Decryption Secrets Blocks held since the last time, which are for the packets behind them: after each merge_read, before its frames are
   looked at. The lines are wiped when take returns. */
void merge_secrets(struct merge *merge, void (*take)(void *context, struct slice lines), void *context);

/* True when no source will give a frame any more. */
bool merge_over(const struct merge *merge);

/* Waits until a live source may have frames, at most timeout_ms; returns at once when a file still has some. */
void merge_wait(const struct merge *merge, int timeout_ms);

size_t merge_count(const struct merge *merge);
const struct source *merge_source(const struct merge *merge, size_t index);

/* Fetches the newest drop counters of all sources. */
void merge_count_drops(struct merge *merge);

#endif

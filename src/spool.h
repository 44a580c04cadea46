/* Packets of inputs that cannot be read twice (devices, pipes), kept on disk within a budget so that a call's packets can be saved when it is over. */
#ifndef SPOOL_H
#define SPOOL_H

#include "capture/merge.h"

enum { SPOOL_SEGMENTS = 8 };

struct spool;

/* Keeps at least 7/8 of `most` bytes, the newest, in files without names. NULL with a message. */
struct spool *spool_open(uint64_t most, struct error *error);
void spool_close(struct spool *spool);

/* Keeps the frames that the merge just gave. Where that fails, nothing is kept from there on; spool_read says so. True where older ones
   were given up for them: see spool_first. */
bool spool_put(struct spool *spool, const struct merge *merge, const struct frame *frames, size_t count);

/* The oldest frame that is kept: its number and time. Thread: that of spool_put. */
uint64_t spool_first(const struct spool *spool, int64_t *time_ns);

/* A reading of what is there now. */
struct spool_reading {
    struct source *sources[SPOOL_SEGMENTS]; /* in order; the reader closes them */
    uint64_t firsts[SPOOL_SEGMENTS];        /* number of the first frame in each */
    size_t count;
    uint64_t lost;                              /* frames before the first one, which are not kept any more */
    struct error failed;                        /* not empty: why nothing is kept behind the last one */
};

/* Thread: any; a second reading waits until spool_read_end. False with a message. */
bool spool_read(struct spool *spool, struct spool_reading *reading, struct error *error);
void spool_read_end(struct spool *spool);

#endif

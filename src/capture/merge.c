/* Each source keeps a batch of frames whose bytes it still holds; the merge takes the earliest head, and never refills a source
   whose bytes are in the batch that it is about to return. */
#include "capture/merge.h"

#include <poll.h>
#include <stdlib.h>

enum { BATCH = 64 };

struct feed {
    struct source *source;
    struct frame frames[BATCH];
    size_t at, count;
    bool borrowed; /* frames of this batch are in what merge_read will return */
};

struct merge {
    size_t count;
    uint64_t number; /* of the last frame given */
    struct feed feeds[];
};

struct merge *merge_new(struct source **sources, size_t count)
{
    struct merge *merge = calloc(1, sizeof *merge + count * sizeof merge->feeds[0]);
    if (merge == NULL)
        return NULL;
    merge->count = count;
    for (size_t i = 0; i < count; i++)
        merge->feeds[i].source = sources[i];
    return merge;
}

void merge_free(struct merge *merge)
{
    if (merge == NULL)
        return;
    for (size_t i = 0; i < merge->count; i++)
        source_close(merge->feeds[i].source);
    free(merge);
}

/* One source: its frames go straight into the caller's array. */
static size_t read_single(struct merge *merge, struct frame *frames, size_t room)
{
    size_t count = source_read(merge->feeds[0].source, frames, room);
    for (size_t i = 0; i < count; i++) {
        frames[i].number = ++merge->number;
        frames[i].source = 0;
    }
    return count;
}

/* True when the feed has a head, or will never have one. */
static bool feed_ready(struct feed *feed)
{
    if (feed->at < feed->count || feed->source->over)
        return true;
    if (feed->borrowed)
        return false;
    feed->at = 0;
    feed->count = source_read(feed->source, feed->frames, BATCH);
    /* A live source without frames now does not hold the files up. */
    return feed->count > 0 || feed->source->over || feed->source->kind->live;
}

size_t merge_read(struct merge *merge, struct frame *frames, size_t room)
{
    if (merge->count == 1)
        return read_single(merge, frames, room);
    for (size_t i = 0; i < merge->count; i++)
        merge->feeds[i].borrowed = false;
    size_t taken = 0;
    while (taken < room) {
        struct feed *first = NULL;
        for (size_t i = 0; i < merge->count; i++) {
            struct feed *feed = &merge->feeds[i];
            if (!feed_ready(feed))
                return taken;
            if (feed->at < feed->count && (first == NULL || feed->frames[feed->at].time_ns < first->frames[first->at].time_ns))
                first = feed;
        }
        if (first == NULL)
            break;
        frames[taken] = first->frames[first->at++];
        frames[taken].number = ++merge->number;
        frames[taken].source = (uint16_t)(first - merge->feeds);
        first->borrowed = true;
        taken++;
    }
    return taken;
}

bool merge_over(const struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        if (!merge->feeds[i].source->over || merge->feeds[i].at < merge->feeds[i].count)
            return false;
    return true;
}

void merge_wait(const struct merge *merge, int timeout_ms)
{
    struct pollfd waits[64];
    nfds_t count = 0;
    for (size_t i = 0; i < merge->count && count < 64; i++) {
        const struct source *source = merge->feeds[i].source;
        if (source->over)
            continue;
        if (!source->kind->live)
            return;
        waits[count++] = (struct pollfd){.fd = source_descriptor(source), .events = POLLIN};
    }
    (void)poll(waits, count, timeout_ms);
}

size_t merge_count(const struct merge *merge)
{
    return merge->count;
}

const struct source *merge_source(const struct merge *merge, size_t index)
{
    return merge->feeds[index].source;
}

void merge_count_drops(struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++) {
        struct source *source = merge->feeds[i].source;
        if (source->kind->count_drops != NULL)
            source->kind->count_drops(source);
    }
}

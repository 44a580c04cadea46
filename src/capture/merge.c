/* Each source keeps a batch of frames whose bytes it still holds; a heap finds the earliest head among them. A source is never
   refilled while its bytes are in the batch that merge_read is about to return: it waits for the next call. */
#include "capture/merge.h"

#include <poll.h>
#include <stdlib.h>

enum { BATCH = 64 };

struct feed {
    struct source *source;
    struct frame frames[BATCH];
    size_t at, count;
};

struct merge {
    size_t count;
    uint64_t number;      /* of the last frame given */
    size_t heap_count;    /* feeds that have a head, the earliest first: heap[i] is not later than its children 2i+1, 2i+2 */
    size_t waiting_count; /* feeds that need a refill */
    bool secrets;         /* a source may have some */
    struct feed *feeds;
    uint32_t *heap, *waiting;
};

struct merge *merge_new(struct source **sources, size_t count)
{
    struct merge *merge = calloc(1, sizeof *merge);
    if (merge == NULL)
        return NULL;
    size_t room = count == 0 ? 1 : count;
    merge->feeds = calloc(room, sizeof *merge->feeds);
    merge->heap = calloc(room, sizeof *merge->heap);
    merge->waiting = calloc(room, sizeof *merge->waiting);
    if (merge->feeds == NULL || merge->heap == NULL || merge->waiting == NULL) {
        merge_free(merge); /* count is still 0: the sources stay the caller's */
        return NULL;
    }
    merge->count = count;
    for (size_t i = 0; i < count; i++) {
        merge->feeds[i].source = sources[i];
        merge->waiting[merge->waiting_count++] = (uint32_t)i;
    }
    return merge;
}

void merge_free(struct merge *merge)
{
    if (merge == NULL)
        return;
    for (size_t i = 0; i < merge->count; i++)
        source_close(merge->feeds[i].source);
    free(merge->feeds);
    free(merge->heap);
    free(merge->waiting);
    free(merge);
}

/* True when feed a comes before feed b: by time, then in the order of the command line. */
static bool feed_before(const struct merge *merge, uint32_t a, uint32_t b)
{
    int64_t left = merge->feeds[a].frames[merge->feeds[a].at].time_ns, right = merge->feeds[b].frames[merge->feeds[b].at].time_ns;
    return left != right ? left < right : a < b;
}

static void heap_swap(struct merge *merge, size_t i, size_t j)
{
    uint32_t feed = merge->heap[i];
    merge->heap[i] = merge->heap[j];
    merge->heap[j] = feed;
}

static void heap_push(struct merge *merge, uint32_t feed)
{
    size_t at = merge->heap_count++;
    merge->heap[at] = feed;
    for (; at > 0 && feed_before(merge, merge->heap[at], merge->heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap_swap(merge, at, (at - 1) / 2);
}

/* The first feed's head changed (or it is another feed now): puts it where it belongs. */
static void heap_sink(struct merge *merge)
{
    for (size_t at = 0;;) {
        size_t first = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < merge->heap_count; child++)
            if (feed_before(merge, merge->heap[child], merge->heap[first]))
                first = child;
        if (first == at)
            return;
        heap_swap(merge, at, first);
        at = first;
    }
}

static size_t feed_read(struct merge *merge, struct feed *feed, struct frame *frames, size_t room)
{
    size_t count = source_read(feed->source, frames, room);
    merge->secrets = merge->secrets || feed->source->secrets.len > 0;
    return count;
}

void merge_secrets(struct merge *merge, void (*take)(void *context, struct slice lines), void *context)
{
    for (size_t i = 0; i < merge->count && merge->secrets; i++) {
        struct text *secrets = &merge->feeds[i].source->secrets;
        if (secrets->len == 0)
            continue;
        take(context, slice_of(secrets->data, secrets->len));
        explicit_bzero(secrets->data, secrets->room);
        text_reset(secrets);
    }
    merge->secrets = false;
}

/* Refills what waits; what is at its end waits no more. */
static void feeds_refill(struct merge *merge)
{
    size_t left = 0;
    for (size_t i = 0; i < merge->waiting_count; i++) {
        struct feed *feed = &merge->feeds[merge->waiting[i]];
        feed->at = 0;
        feed->count = feed_read(merge, feed, feed->frames, BATCH);
        if (feed->count > 0)
            heap_push(merge, merge->waiting[i]);
        else if (!feed->source->over) /* a live source without frames now does not hold the others up */
            merge->waiting[left++] = merge->waiting[i];
    }
    merge->waiting_count = left;
}

size_t merge_read(struct merge *merge, struct frame *frames, size_t room)
{
    if (merge->count == 1) /* its frames go straight into the caller's array, numbered as they should be */
        return feed_read(merge, &merge->feeds[0], frames, room);
    feeds_refill(merge);
    size_t taken = 0;
    while (taken < room && merge->heap_count > 0) {
        uint32_t number = merge->heap[0];
        struct feed *feed = &merge->feeds[number];
        frames[taken] = feed->frames[feed->at++];
        frames[taken].number = ++merge->number;
        frames[taken].source = (uint16_t)number;
        taken++;
        if (feed->at < feed->count) {
            heap_sink(merge);
            continue;
        }
        merge->waiting[merge->waiting_count++] = number;
        merge->heap[0] = merge->heap[--merge->heap_count];
        heap_sink(merge);
        break; /* its next frame may be the earliest, and reading it would move bytes that are in this batch */
    }
    return taken;
}

bool merge_over(const struct merge *merge)
{
    if (merge->heap_count > 0)
        return false;
    for (size_t i = 0; i < merge->count; i++)
        if (!merge->feeds[i].source->over)
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

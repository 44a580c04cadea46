/* Segments of pcapng: the oldest is given up whole. The writer goes by offset (pwrite), the reader by the descriptor's own position. */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "output/pcap_writer.h"

enum { FLUSH_BYTES = 256 << 10 };

struct segment {
    int fd;
    uint64_t first; /* number of its first frame; 0: none yet */
    int64_t first_ns;
    uint64_t bytes; /* written */
};

struct spool {
    pthread_mutex_t lock, reading;
    struct segment segments[SPOOL_SEGMENTS];
    size_t count;
    uint64_t segment_most;
    struct pcap_writer writer; /* of the newest */
    struct text out;           /* what waits to be written into it */
    bool dropped;              /* a segment, since spool_put began */
    struct error failed;
};

/* A file that only this process has, and that goes with it. */
static int file_new(struct error *error)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    if (folder == NULL || folder[0] == '\0')
        folder = "/var/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && snprintf(path, sizeof path, "%s/sipvet-XXXXXX", folder) < (int)sizeof path && (fd = mkostemp(path, O_CLOEXEC)) >= 0)
        (void)unlink(path);
    if (fd < 0)
        error_set(error, "packets cannot be kept in %s: %s", folder, strerror(errno));
    return fd;
}

static bool segment_begin(struct spool *spool)
{
    int fd = file_new(&spool->failed);
    if (fd < 0)
        return false;
    if (spool->count == SPOOL_SEGMENTS) {
        (void)close(spool->segments[0].fd);
        memmove(spool->segments, spool->segments + 1, --spool->count * sizeof *spool->segments);
        spool->dropped = true;
    }
    spool->segments[spool->count++] = (struct segment){.fd = fd};
    pcap_writer_fini(&spool->writer);
    spool->writer.ng = true;
    return true;
}

struct spool *spool_open(uint64_t most, struct error *error)
{
    struct spool *spool = calloc(1, sizeof *spool);
    if (spool == NULL) {
        error_set(error, "out of memory");
        return NULL;
    }
    spool->segment_most = most / SPOOL_SEGMENTS;
    pthread_mutex_init(&spool->lock, NULL);
    pthread_mutex_init(&spool->reading, NULL);
    if (segment_begin(spool))
        return spool;
    *error = spool->failed;
    spool_close(spool);
    return NULL;
}

void spool_close(struct spool *spool)
{
    if (spool == NULL)
        return;
    for (size_t i = 0; i < spool->count; i++)
        (void)close(spool->segments[i].fd);
    pcap_writer_fini(&spool->writer);
    text_fini(&spool->out);
    pthread_mutex_destroy(&spool->lock);
    pthread_mutex_destroy(&spool->reading);
    free(spool);
}

static void flush(struct spool *spool)
{
    struct segment *segment = &spool->segments[spool->count - 1];
    for (size_t at = 0; at < spool->out.len && spool->failed.text[0] == '\0';) {
        ssize_t n = pwrite(segment->fd, spool->out.data + at, spool->out.len - at, (off_t)segment->bytes);
        if (n > 0) {
            at += (size_t)n;
            segment->bytes += (uint64_t)n;
        } else if (n == 0 || errno != EINTR) {
            error_set(&spool->failed, "packets cannot be kept any more: %s", n == 0 ? "nothing is written" : strerror(errno));
        }
    }
    if (spool->out.failed)
        error_set(&spool->failed, "packets cannot be kept any more: out of memory");
    text_reset(&spool->out);
}

static void frame_keep(struct spool *spool, const struct merge *merge, const struct frame *frame)
{
    struct segment *segment = &spool->segments[spool->count - 1];
    if (segment->bytes + spool->out.len > spool->segment_most && segment->first != 0) {
        flush(spool);
        if (!segment_begin(spool))
            return;
        segment = &spool->segments[spool->count - 1];
    }
    if (segment->first == 0) {
        segment->first = frame->number;
        segment->first_ns = frame->time_ns;
    }
    struct source_interface known = source_interface(merge_source(merge, frame->source), frame->interface);
    struct frame_interface interface = {.name = known.name, .snaplen = known.snaplen};
    pcap_writer_frame(&spool->writer, &spool->out, frame, &interface, SLICE_NONE);
}

bool spool_put(struct spool *spool, const struct merge *merge, const struct frame *frames, size_t count)
{
    pthread_mutex_lock(&spool->lock);
    spool->dropped = false;
    for (size_t i = 0; i < count && spool->failed.text[0] == '\0'; i++)
        frame_keep(spool, merge, &frames[i]);
    if (spool->out.len >= FLUSH_BYTES)
        flush(spool);
    bool dropped = spool->dropped;
    pthread_mutex_unlock(&spool->lock);
    return dropped;
}

uint64_t spool_first(const struct spool *spool, int64_t *time_ns)
{
    *time_ns = spool->segments[0].first_ns;
    return spool->segments[0].first;
}

bool spool_read(struct spool *spool, struct spool_reading *reading, struct error *error)
{
    *reading = (struct spool_reading){0};
    pthread_mutex_lock(&spool->reading);
    pthread_mutex_lock(&spool->lock);
    flush(spool);
    bool opened = true;
    for (size_t i = 0; i < spool->count && opened; i++) {
        int fd = spool->segments[i].first == 0 ? -1 : fcntl(spool->segments[i].fd, F_DUPFD_CLOEXEC, 0);
        if (spool->segments[i].first == 0)
            continue; /* nothing is in it yet */
        struct source *source = source_open_descriptor(fd, "the packets that were kept", error);
        opened = source != NULL;
        if (opened) {
            reading->firsts[reading->count] = spool->segments[i].first;
            reading->sources[reading->count++] = source;
        }
    }
    reading->lost = reading->count > 0 ? reading->firsts[0] - 1 : 0;
    reading->failed = spool->failed;
    pthread_mutex_unlock(&spool->lock);
    if (!opened) {
        while (reading->count > 0)
            source_close(reading->sources[--reading->count]);
        pthread_mutex_unlock(&spool->reading);
    }
    return opened;
}

void spool_read_end(struct spool *spool)
{
    pthread_mutex_unlock(&spool->reading);
}

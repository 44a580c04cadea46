/* The writer. A write that crosses a page can be left half done when the writing process is killed (the kernel looks for a fatal signal
   between pages): a process that nobody kills does not have that moment. What is left of a line whose sipvet died before it had
   passed on the end is dropped here. */
#include "output/line_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { LOOK_MS = 500, BACKWARDS_BYTES = 64 << 10, NAMES_MOST = 1000 };

static uint64_t lines_count(struct slice lines)
{
    uint64_t count = 0;
    for (size_t at = 0; (at = slice_find(lines, at, '\n')) < lines.len; at++)
        count++;
    return count;
}

/* Bytes up to the end of the last whole line. */
static size_t lines_whole(struct slice lines)
{
    const void *end = lines.len == 0 ? NULL : memrchr(lines.data, '\n', lines.len);
    return end == NULL ? 0 : (size_t)((const uint8_t *)end - lines.data) + 1;
}

/* The size at which the file's last whole line ends. */
static uint64_t size_whole(int fd, uint64_t size)
{
    uint8_t bytes[BACKWARDS_BYTES];
    while (size > 0) {
        uint64_t from = size > sizeof bytes ? size - sizeof bytes : 0;
        ssize_t n = pread(fd, bytes, (size_t)(size - from), (off_t)from);
        if (n <= 0)
            return size; /* a file that cannot be read is left as it is */
        size_t whole = lines_whole(slice_of(bytes, (size_t)n));
        if (whole > 0)
            return from + whole;
        size = from;
    }
    return 0;
}

bool line_target_open(struct line_target *target)
{
    struct stat status;
    bool other = stat(target->path, &status) == 0 && !S_ISREG(status.st_mode); /* a FIFO that we could read would never be closed */
    int fd = open(target->path, (other ? O_WRONLY : O_RDWR) | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0 || fstat(fd, &status) != 0)
        return false;
    target->fd = fd;
    target->regular = S_ISREG(status.st_mode);
    target->size = target->regular ? (uint64_t)status.st_size : 0;
    uint64_t whole = target->regular ? size_whole(fd, target->size) : 0;
    if (whole < target->size && ftruncate(fd, (off_t)whole) == 0)
        target->size = whole;
    return true;
}

void line_target_write(struct line_target *target, struct slice lines)
{
    size_t done = 0;
    while (done < lines.len) {
        ssize_t n = write(target->fd, lines.data + done, lines.len - done);
        if (n < 0 && errno == EAGAIN) { /* a pipe that somebody made non-blocking */
            (void)poll(&(struct pollfd){.fd = target->fd, .events = POLLOUT}, 1, LOOK_MS);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (done < lines.len) {
        int trouble = errno;
        size_t whole = lines_whole(slice_cut(lines, 0, done));
        if (target->regular && whole < done && ftruncate(target->fd, (off_t)(target->size + whole)) == 0)
            done = whole;
        atomic_fetch_add(&target->shared->lost, lines_count(slice_after(lines, whole)));
        atomic_store(&target->shared->trouble, trouble);
    }
    target->size += done;
}

struct writer {
    struct line_target target;
    struct line_file_limits limits;
    uint64_t reopened;
    int64_t opened_s;   /* monotonic */
    uint32_t slot;      /* the next one */
    struct text begun;  /* lines whose last one is not whole yet */
};

static int64_t clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec;
}

/* The new file replaces the old one only when it is open: else the old one goes on. */
static void target_anew(struct writer *writer)
{
    struct line_target fresh = writer->target;
    writer->opened_s = clock_s(CLOCK_MONOTONIC);
    if (!line_target_open(&fresh)) {
        atomic_store(&writer->target.shared->trouble, errno);
        return;
    }
    close(writer->target.fd);
    writer->target = fresh;
}

/* "PATH.20260131T120000Z", and -1, -2, ... where that is taken. */
static void rotate(struct writer *writer)
{
    char stamp[32], name[4096];
    struct tm utc;
    time_t now = (time_t)clock_s(CLOCK_REALTIME);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    for (unsigned n = 0; n < NAMES_MOST; n++) {
        int length = n == 0 ? snprintf(name, sizeof name, "%s.%s", writer->target.path, stamp)
                            : snprintf(name, sizeof name, "%s.%s-%u", writer->target.path, stamp, n);
        if (length >= (int)sizeof name)
            return;
        if (renameat2(AT_FDCWD, writer->target.path, AT_FDCWD, name, RENAME_NOREPLACE) == 0)
            break;
        if (errno == ENOENT) /* somebody else did, and did not say so yet */
            break;
        if (errno != EEXIST) {
            atomic_store(&writer->target.shared->trouble, errno);
            writer->opened_s = clock_s(CLOCK_MONOTONIC); /* not again with each line */
            return;
        }
    }
    target_anew(writer);
}

/* Before `coming` more bytes. */
static void rotate_due(struct writer *writer, size_t coming)
{
    const struct line_file_limits *limits = &writer->limits;
    uint64_t reopens = atomic_load(&writer->target.shared->reopens);
    if (reopens != writer->reopened) {
        writer->reopened = reopens;
        target_anew(writer);
    }
    if (writer->target.size == 0)
        return;
    if ((limits->bytes > 0 && writer->target.size + coming > limits->bytes) ||
        (limits->age_s > 0 && clock_s(CLOCK_MONOTONIC) - writer->opened_s >= limits->age_s))
        rotate(writer);
}

/* A file with a limit of its size gets no more than that, but for a single line that is longer. */
static void batch_write(struct writer *writer, struct slice lines)
{
    uint64_t limit = writer->limits.bytes;
    while (lines.len > 0) {
        size_t part = lines.len;
        rotate_due(writer, 0);
        uint64_t room = limit > writer->target.size ? limit - writer->target.size : 0;
        if (limit > 0 && part > room) {
            part = lines_whole(slice_cut(lines, 0, (size_t)room));
            if (part == 0) {
                part = slice_find(lines, 0, '\n') + 1;
                rotate_due(writer, part);
            }
        }
        line_target_write(&writer->target, slice_cut(lines, 0, part));
        lines = slice_after(lines, part);
    }
}

static void signals_ignore(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaction(signals[i], &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

/* A line that is longer than a slot comes in pieces. */
static void slot_take(struct writer *writer, const struct line_notice *notice)
{
    struct line_shared *shared = writer->target.shared;
    struct slice bytes = slice_of(shared->slots[writer->slot++ % SLOTS], notice->bytes);
    if (notice->more == 0 && writer->begun.len == 0) {
        batch_write(writer, bytes);
    } else {
        text_slice(&writer->begun, bytes);
        if (notice->more == 0) {
            batch_write(writer, slice_of(writer->begun.data, writer->begun.len));
            text_reset(&writer->begun);
        }
    }
    sem_post(&shared->room);
}

_Noreturn void line_writer_run(struct line_target target, int in, struct line_file_limits limits)
{
    struct writer writer = {.target = target, .limits = limits, .opened_s = clock_s(CLOCK_MONOTONIC)};
    struct line_notice notice;
    signals_ignore();
    (void)prctl(PR_SET_NAME, "sipvet-writer");
    for (;;) {
        int ready = poll(&(struct pollfd){.fd = in, .events = POLLIN}, 1, LOOK_MS);
        if (ready == 0) {
            rotate_due(&writer, 0);
            continue;
        }
        ssize_t n = read(in, &notice, sizeof notice); /* written at once, so that it is there as a whole */
        if (n == (ssize_t)sizeof notice)
            slot_take(&writer, &notice);
        else if (n == 0 || errno != EINTR)
            _exit(0);
    }
}

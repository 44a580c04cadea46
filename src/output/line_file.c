/* sipvet's side: fills the slots in turn and says so through a pipe. */
#include "output/line_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_S = 1 };

struct line_file {
    char *path;
    struct line_target target; /* what is written directly; fd -1 where a writer does it */
    struct line_shared *shared;
    int pipe;                  /* to the writer; -1 */
    uint32_t slot;             /* the next one */
    bool held;                 /* it is ours already */
    bool gone;                 /* the writer was killed */
    pid_t writer;
};

/* The writer must hold no end of another file's pipe, or that one's end would never come. */
static void others_close(int keep, int also)
{
    unsigned low = (unsigned)(keep < also ? keep : also), high = (unsigned)(keep < also ? also : keep);
    if (low > STDERR_FILENO + 1)
        (void)close_range(STDERR_FILENO + 1, low - 1, 0);
    if (high > low + 1)
        (void)close_range(low + 1, high - 1, 0);
    (void)close_range(high + 1, ~0u, 0);
}

static bool writer_start(struct line_file *file, struct line_file_limits limits)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    file->writer = fork();
    if (file->writer == 0) {
        others_close(ends[0], file->target.fd);
        line_writer_run(file->target, ends[0], limits);
    }
    close(ends[0]);
    if (file->writer < 0) {
        close(ends[1]);
        return false;
    }
    close(file->target.fd);
    file->target.fd = -1;
    file->pipe = ends[1];
    return true;
}

static void file_free(struct line_file *file)
{
    if (file->shared != NULL)
        munmap(file->shared, sizeof *file->shared);
    free(file->path);
    free(file);
}

static struct line_file *file_new(const char *path)
{
    struct line_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return NULL;
    file->pipe = -1;
    file->path = strdup(path);
    void *shared = mmap(NULL, sizeof *file->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    file->shared = shared == MAP_FAILED ? NULL : shared;
    if (file->path != NULL && file->shared != NULL && sem_init(&file->shared->room, 1, SLOTS) == 0)
        return file;
    file_free(file);
    return NULL;
}

struct line_file *line_file_open(const char *path, struct line_file_limits limits, struct error *error)
{
    struct line_file *file = file_new(path);
    if (file == NULL) {
        error_set(error, "out of memory");
        return NULL;
    }
    file->target = (struct line_target){.path = file->path, .fd = STDOUT_FILENO, .shared = file->shared};
    if (strcmp(path, "-") == 0)
        return file;
    bool open = line_target_open(&file->target);
    if (open && (!file->target.regular || writer_start(file, limits)))
        return file;
    error_set(error, "%s: cannot write: %s", path, strerror(errno));
    if (open)
        close(file->target.fd);
    file_free(file);
    return NULL;
}

static void lines_lost(struct line_file *file, struct slice lines)
{
    for (size_t at = 0; (at = slice_find(lines, at, '\n')) < lines.len; at++)
        atomic_fetch_add(&file->shared->lost, 1);
    atomic_store(&file->shared->trouble, EPIPE);
}

/* Waits until the next slot is free; false when the writer is gone. */
static bool slot_wait(struct line_file *file)
{
    struct timespec until;
    while (!file->held && !file->gone && sem_trywait(&file->shared->room) != 0) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_S;
        if (sem_timedwait(&file->shared->room, &until) == 0)
            break;
        siginfo_t gone = {0};
        if (errno != EINTR && waitid(P_PID, (id_t)file->writer, &gone, WEXITED | WNOHANG | WNOWAIT) == 0 && gone.si_pid != 0)
            file->gone = true;
    }
    return file->held = !file->gone;
}

char *line_file_room(struct line_file *file, size_t *bytes)
{
    *bytes = SLOT_BYTES;
    return file->pipe >= 0 && slot_wait(file) ? (char *)file->shared->slots[file->slot % SLOTS] : NULL;
}

void line_file_write(struct line_file *file, struct slice lines)
{
    if (file->pipe < 0) {
        line_target_write(&file->target, lines);
        return;
    }
    while (lines.len > 0) {
        struct slice part = slice_cut(lines, 0, SLOT_BYTES);
        if (!slot_wait(file)) {
            lines_lost(file, lines);
            return;
        }
        uint8_t *slot = file->shared->slots[file->slot++ % SLOTS];
        if (part.data != slot)
            memcpy(slot, part.data, part.len);
        file->held = false;
        struct line_notice notice = {.bytes = (uint32_t)part.len, .more = part.len < lines.len};
        ssize_t n;
        while ((n = write(file->pipe, &notice, sizeof notice)) < 0 && errno == EINTR) {
        }
        if (n < 0) {
            file->gone = true;
            lines_lost(file, lines);
            return;
        }
        lines = slice_after(lines, part.len);
    }
}

void line_file_reopen(struct line_file *file)
{
    atomic_fetch_add(&file->shared->reopens, 1);
}

uint64_t line_file_lost(const struct line_file *file, struct error *why)
{
    int trouble = atomic_load(&file->shared->trouble);
    why->text[0] = '\0';
    if (trouble != 0)
        error_set(why, "%s: %s", strcmp(file->path, "-") == 0 ? "standard output" : file->path,
                  trouble == EPIPE && file->pipe >= 0 ? "its writer was killed" : strerror(trouble));
    return atomic_load(&file->shared->lost);
}

bool line_file_close(struct line_file *file, struct error *error)
{
    struct error why;
    if (file->pipe >= 0) {
        close(file->pipe);
        while (waitpid(file->writer, NULL, 0) < 0 && errno == EINTR) {
        }
    } else if (file->target.fd != STDOUT_FILENO) {
        close(file->target.fd);
    }
    uint64_t lost = line_file_lost(file, &why);
    if (lost > 0)
        error_set(error, "%s: %llu lines lost", why.text, (unsigned long long)lost);
    file_free(file);
    return lost == 0;
}

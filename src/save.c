/* The sinks do the work: what is saved reads as what -o writes. */
#include "save.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "packets.h"

bool same_file(const char *a, const char *b)
{
    struct stat left, right;
    return strcmp(a, b) == 0 || (stat(a, &left) == 0 && stat(b, &right) == 0 && S_ISREG(left.st_mode) &&
                                 left.st_dev == right.st_dev && left.st_ino == right.st_ino);
}

static void record_write(void *context, const struct record *record)
{
    sink_write(context, record);
}

/* The output that a file name asks for by its end. */
static const char *kind_of(const char *path)
{
    static const char *const ends[][2] = {{".json", "json"}, {".jsonl", "json"}, {".pcap", "pcap"}, {".pcapng", "pcapng"}};
    const char *end = strrchr(path, '.');
    for (size_t i = 0; i < sizeof ends / sizeof ends[0] && end != NULL; i++)
        if (strcmp(end, ends[i][0]) == 0)
            return ends[i][1];
    return "text";
}

/* What was lost, or left out: either way the user must hear of it. */
static void *packets_run(void *context)
{
    struct save_job *job = context;
    struct error note, lost;
    bool saved = packets_save(job->sink, job->inputs, NULL, &job->stop, &note, &job->error);
    if (saved)
        job->error = note;
    if (!sink_close(job->sink, &lost) && saved)
        job->error = lost;
    atomic_store(&job->over, true);
    return NULL;
}

static bool packets_begin(struct save_job *job, const struct saving *saving, struct error *error)
{
    job->error.text[0] = '\0';
    atomic_store(&job->over, false);
    atomic_store(&job->stop, false);
    sigset_t all, before;
    sigfillset(&all); /* signals are the drawing thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    job->begun = pthread_create(&job->thread, NULL, packets_run, job) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    *saving->goes_on = job->begun;
    if (job->begun)
        return true;
    struct error ignored;
    (void)sink_close(job->sink, &ignored);
    return error_set(error, "cannot start a thread");
}

static bool records_write(struct save_job *job, const char *path, const struct saving *saving, struct error *error)
{
    char specification[PATH_MAX + 8];
    bool usage;
    if (job->begun)
        return error_set(error, "the packets that were asked for before are still being saved");
    snprintf(specification, sizeof specification, "%s:%s", kind_of(path), path);
    job->settings = (struct sink_settings){.line_most = LINE_USUAL, .rebase_ns = CLOCK_NONE, .shift_ns = CLOCK_NONE, .chosen = true};
    job->sink = sink_open(specification, &job->settings, &usage, error);
    if (job->sink == NULL)
        return false;
    saving->feed(saving->feeder, record_write, job->sink);
    return (job->sink->kind->needs & SINK_NEEDS_PACKETS) != 0 ? packets_begin(job, saving, error) : sink_close(job->sink, error);
}

bool save_over(struct save_job *job, struct error *error)
{
    if (job->begun && !atomic_load(&job->over))
        return false;
    if (job->begun)
        pthread_join(job->thread, NULL);
    job->begun = false;
    *error = job->error;
    return true;
}

void save_stop(struct save_job *job)
{
    atomic_store(&job->stop, true);
    if (job->begun)
        pthread_join(job->thread, NULL);
    job->begun = false;
}

static bool text_write(const char *path, struct slice text, struct error *error)
{
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
    if (file != NULL && fclose(file) != 0)
        written = false;
    return written || error_set(error, "%s: %s", path, strerror(errno));
}

bool save_file(struct save_job *job, const struct inputs *inputs, const struct option_list *files, const char *path, const struct saving *saving,
               struct error *error)
{
    for (size_t i = 0; i < files->count; i++)
        if (same_file(path, files->items[i]))
            return error_set(error, "%s is an input: it would be overwritten", path);
    job->inputs = inputs;
    return saving->feed != NULL ? records_write(job, path, saving, error) : text_write(path, saving->text, error);
}

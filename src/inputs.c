/* Plain and compressed files are opened by their names again; of anything else the packets are spooled. */
#include "inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* All files are open at once, to be merged by time, and once more when they are read again. */
static void files_limit_raise(size_t files)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= 2 * files + 64)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void file_know(struct inputs *inputs, const char *path)
{
    struct stat status;
    if (strcmp(path, "-") == 0 || stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        inputs->once = true;
        return;
    }
    inputs->files[inputs->file_count++] = (struct input_file){path, status.st_dev, status.st_ino};
}

bool inputs_open(struct inputs *inputs, const struct options *options, inputs_complain *complain, void *context)
{
    size_t count = 0;
    struct error error;
    struct source **sources = calloc(options->files.count + options->interfaces.count, sizeof(struct source *));
    inputs->files = calloc(options->files.count + 1, sizeof *inputs->files);
    inputs->most = options->count;
    if (sources == NULL || inputs->files == NULL) {
        free(sources);
        return false;
    }
    files_limit_raise(options->files.count);
    for (size_t i = 0; i < options->files.count; i++) {
        sources[count] = source_open_file(options->files.items[i], &error);
        if (sources[count] == NULL) {
            complain(context, options->files.items[i], error.text);
            continue;
        }
        file_know(inputs, options->files.items[i]);
        count++;
    }
    for (size_t i = 0; i < options->interfaces.count; i++) {
        sources[count] = source_open_device(options->interfaces.items[i], options->filter, (size_t)options->buffer_bytes, &error);
        if (sources[count] == NULL) {
            complain(context, options->interfaces.items[i], error.text);
            continue;
        }
        inputs->live = inputs->once = true;
        count++;
    }
    inputs->merge = merge_new(sources, count);
    for (size_t i = 0; i < count && inputs->merge == NULL; i++)
        source_close(sources[i]);
    free(sources);
    return inputs->merge != NULL;
}

void inputs_close(struct inputs *inputs)
{
    merge_free(inputs->merge);
    spool_close(inputs->spool);
    free(inputs->files);
    *inputs = (struct inputs){0};
}

bool inputs_keep(struct inputs *inputs, uint64_t spool_bytes, struct error *error)
{
    if (!inputs->once)
        return true;
    if (spool_bytes == 0)
        return error_set(error, "packets of devices and pipes cannot be read again, and --spool 0 keeps none of them");
    inputs->spool = spool_open(spool_bytes, error);
    return inputs->spool != NULL;
}

/* What has its name now may be another file. */
static bool files_open(struct again *again, struct error *error)
{
    const struct inputs *inputs = again->inputs;
    struct source **sources = calloc(inputs->file_count + 1, sizeof(struct source *));
    size_t count = 0;
    bool good = sources != NULL || error_set(error, "out of memory");
    for (; good && count < inputs->file_count; count++) {
        const struct input_file *file = &inputs->files[count];
        struct stat status;
        good = stat(file->path, &status) == 0 || error_set(error, "%s: cannot be read again: %s", file->path, strerror(errno));
        good = good && ((status.st_dev == file->device && status.st_ino == file->inode) ||
                        error_set(error, "%s: cannot be read again: it is another file now", file->path));
        good = good && (sources[count] = source_open_file(file->path, error)) != NULL;
        if (!good)
            break;
    }
    again->merge = good ? merge_new(sources, count) : NULL;
    for (size_t i = 0; i < count && again->merge == NULL; i++)
        source_close(sources[i]);
    free(sources);
    return again->merge != NULL || (!good ? false : error_set(error, "out of memory"));
}

bool again_open(struct again *again, const struct inputs *inputs, struct error *error)
{
    *again = (struct again){.inputs = inputs};
    if (!inputs->once)
        return files_open(again, error);
    if (inputs->spool == NULL)
        return error_set(error, "packets of devices and pipes were not kept (--spool)");
    return spool_read(inputs->spool, &again->spool, error);
}

void again_close(struct again *again)
{
    merge_free(again->merge);
    if (again->inputs->once) {
        for (size_t i = 0; i < again->spool.count; i++)
            source_close(again->spool.sources[i]);
        spool_read_end(again->inputs->spool);
    }
}

/* A segment is a file of its own: its frames are numbered from 1. The newest may end within a block that is being written. */
static size_t spool_next(struct again *again, struct frame *frames, size_t room)
{
    size_t count = 0;
    while (count == 0 && again->segment < again->spool.count) {
        count = source_read(again->spool.sources[again->segment], frames, room);
        for (size_t i = 0; i < count; i++)
            frames[i].number += again->spool.firsts[again->segment] - 1;
        again->segment += count == 0;
    }
    return count;
}

size_t again_read(struct again *again, struct frame *frames, size_t room)
{
    uint64_t most = again->inputs->most;
    if (again->merge == NULL)
        return spool_next(again, frames, room);
    if (most > 0 && most - again->packets < room)
        room = (size_t)(most - again->packets);
    size_t count = room == 0 ? 0 : merge_read(again->merge, frames, room);
    while (room > 0 && count == 0 && !merge_over(again->merge))
        count = merge_read(again->merge, frames, room);
    again->packets += count;
    return count;
}

void again_secrets(struct again *again, void (*take)(void *context, struct slice lines), void *context)
{
    if (again->merge != NULL)
        merge_secrets(again->merge, take, context);
}

struct source_interface again_interface(const struct again *again, const struct frame *frame)
{
    const struct spool_reading *spool = &again->spool;
    if (again->merge != NULL)
        return source_interface(merge_source(again->merge, frame->source), frame->interface);
    return source_interface(spool->sources[again->segment < spool->count ? again->segment : spool->count - 1], frame->interface);
}

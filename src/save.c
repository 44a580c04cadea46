/* The sinks do the work: what is saved reads as what -o writes. */
#include "save.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "output/sink.h"

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

static bool records_write(const char *path, const struct saving *saving, struct error *error)
{
    char specification[PATH_MAX + 8];
    const char *end = strrchr(path, '.');
    bool json = end != NULL && (strcmp(end, ".json") == 0 || strcmp(end, ".jsonl") == 0), usage;
    snprintf(specification, sizeof specification, "%s:%s", json ? "json" : "text", path);
    struct sink_settings settings = {.line_most = LINE_USUAL, .rebase_ns = CLOCK_NONE, .shift_ns = CLOCK_NONE};
    struct sink *sink = sink_open(specification, &settings, &usage, error);
    if (sink == NULL)
        return false;
    saving->feed(saving->feeder, record_write, sink);
    return sink_close(sink, error);
}

static bool text_write(const char *path, struct slice text, struct error *error)
{
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
    if (file != NULL && fclose(file) != 0)
        written = false;
    return written || error_set(error, "%s: %s", path, strerror(errno));
}

bool save_file(const struct option_list *inputs, const char *path, const struct saving *saving, struct error *error)
{
    for (size_t i = 0; i < inputs->count; i++)
        if (same_file(path, inputs->items[i]))
            return error_set(error, "%s is an input: it would be overwritten", path);
    return saving->feed != NULL ? records_write(path, saving, error) : text_write(path, saving->text, error);
}

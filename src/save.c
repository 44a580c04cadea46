/* The sinks do the work: what is saved reads as what -o writes. */
#include "save.h"

#include <errno.h>
#include <limits.h>
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

static bool records_write(const struct inputs *inputs, const char *path, const struct saving *saving, struct error *error)
{
    char specification[PATH_MAX + 8];
    bool usage;
    snprintf(specification, sizeof specification, "%s:%s", kind_of(path), path);
    struct sink_settings settings = {.line_most = LINE_USUAL, .rebase_ns = CLOCK_NONE, .shift_ns = CLOCK_NONE, .chosen = true};
    struct sink *sink = sink_open(specification, &settings, &usage, error);
    struct error note = {""}, failed;
    if (sink == NULL)
        return false;
    saving->feed(saving->feeder, record_write, sink);
    bool saved = (sink->kind->needs & SINK_NEEDS_PACKETS) == 0 || packets_save(sink, inputs, NULL, &note, error);
    if (!sink_close(sink, &failed)) {
        if (saved)
            *error = failed;
        return false;
    }
    if (saved && note.text[0] != '\0') /* it is there, but not all of it: the user must hear of it */
        *error = note;
    return saved && note.text[0] == '\0';
}

static bool text_write(const char *path, struct slice text, struct error *error)
{
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
    if (file != NULL && fclose(file) != 0)
        written = false;
    return written || error_set(error, "%s: %s", path, strerror(errno));
}

bool save_file(const struct inputs *inputs, const struct option_list *files, const char *path, const struct saving *saving, struct error *error)
{
    for (size_t i = 0; i < files->count; i++)
        if (same_file(path, files->items[i]))
            return error_set(error, "%s is an input: it would be overwritten", path);
    return saving->feed != NULL ? records_write(inputs, path, saving, error) : text_write(path, saving->text, error);
}

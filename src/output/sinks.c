/* The table of sink kinds, and the buffered, whole-line writing that all of them share. */
#include "output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/object_file.h"

const struct sink_kind *const sink_kinds[] = {&sink_kind_text, &sink_kind_json, &sink_kind_sip_log, &sink_kind_media_log, &sink_kind_cdr, &sink_kind_sdr, &sink_kind_metrics, &sink_kind_reconcile,
    &sink_kind_pcap, &sink_kind_pcapng, &sink_kind_audio};
const size_t sink_kind_count = sizeof sink_kinds / sizeof sink_kinds[0];

const struct sink_kind *sink_kind_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sink_kind_count; i++)
        if (slice_equal(slice_of(name, length), slice_str(sink_kinds[i]->name)))
            return sink_kinds[i];
    return NULL;
}

static void width_find(struct sink *sink)
{
    struct winsize size;
    if (isatty(sink->fd) && ioctl(sink->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        sink->width = size.ws_col;
}

/* Records as files in a folder: unless the path is a file, or will be one. */
static bool is_folder(const char *path)
{
    static const char *const ends[] = {".json", ".jsonl", ".log"};
    struct stat status;
    if (strcmp(path, "-") == 0)
        return false;
    if (stat(path, &status) == 0)
        return S_ISDIR(status.st_mode);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (strlen(path) > strlen(ends[i]) && strcmp(path + strlen(path) - strlen(ends[i]), ends[i]) == 0)
            return false;
    return true;
}

bool sink_shares(const char *a, const char *b)
{
    const struct sink_kind *left = sink_kind_find(a, strcspn(a, ":")), *right = sink_kind_find(b, strcspn(b, ":"));
    return left != NULL && right != NULL && left != right && left->target == SINK_OBJECTS && right->target == SINK_OBJECTS &&
           is_folder(a + strcspn(a, ":") + 1);
}

/* The sink's target; false with a message. */
static bool target_open(struct sink *sink, struct error *error)
{
    sink->fd = -1;
    if (sink->kind->target == SINK_COMPARES) {
        sink->fd = STDOUT_FILENO;
        return true;
    }
    if (sink->kind->target == SINK_FOLDER && strcmp(sink->path, "-") == 0)
        return error_set(error, "-o %s needs a folder: -o %s:DIR", sink->kind->name, sink->kind->name);
    if (sink->kind->target == SINK_FOLDER || (sink->kind->target == SINK_OBJECTS && is_folder(sink->path)))
        return object_folder(sink->path, error);
    if (sink->kind->target != SINK_STREAM)
        return (sink->lines = line_file_open(sink->path, sink->settings->limits, error)) != NULL;
    sink->fd = strcmp(sink->path, "-") == 0 ? STDOUT_FILENO : open(sink->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (sink->fd < 0)
        return error_set(error, "%s: cannot write: %s", sink->path, strerror(errno));
    width_find(sink);
    return true;
}

static void sink_free(struct sink *sink)
{
    text_fini(&sink->out);
    free(sink->path);
    free(sink);
}

struct sink *sink_open(const char *specification, struct sink_settings *settings, bool *usage, struct error *error)
{
    size_t length = strcspn(specification, ":");
    const char *path = specification[length] == ':' && specification[length + 1] != '\0' ? specification + length + 1 : "-";
    const struct sink_kind *kind = sink_kind_find(specification, length);
    *usage = kind == NULL;
    if (kind == NULL) {
        error_set(error, "there is no output named \"%.*s\": see --list-outputs", (int)length, specification);
        return NULL;
    }
    struct sink *sink = calloc(1, sizeof *sink);
    if (sink == NULL || (sink->path = strdup(path)) == NULL) {
        free(sink);
        error_set(error, "out of memory");
        return NULL;
    }
    sink->kind = kind;
    sink->settings = settings;
    if (target_open(sink, error)) {
        if (kind->open == NULL || kind->open(sink))
            return sink;
        struct error ignored;
        if (sink->lines != NULL)
            (void)line_file_close(sink->lines, &ignored);
        else if (sink->fd >= 0 && sink->fd != STDOUT_FILENO)
            close(sink->fd);
        if (sink->error.text[0] != '\0')
            *error = sink->error;
        else
            error_set(error, "out of memory");
    }
    sink_free(sink);
    return NULL;
}

/* Message and minute records are made for logs: json shows messages where --messages asks. */
static bool record_wanted(const struct sink *sink, const struct record *record)
{
    if (record->kind == RECORD_MINUTE)
        return (sink->kind->needs & SINK_NEEDS_MINUTES) != 0;
    return record->kind != RECORD_MESSAGE || (sink->kind->needs & (SINK_NEEDS_MESSAGES | SINK_NEEDS_PLACES)) != 0 ||
           (sink->kind->messages && sink->settings->messages);
}

/* Lines are put together where their writer finds them; a line that does not fit there is copied. */
static void room_take(struct sink *sink)
{
    size_t bytes;
    char *data = line_file_room(sink->lines, &bytes);
    if (data == NULL)
        return;
    text_fini(&sink->out);
    sink->out = (struct text){.data = data, .room = bytes, .lent = true};
}

void sink_write(struct sink *sink, const struct record *record)
{
    bool over = (sink->kind->target == SINK_STREAM || sink->kind->target == SINK_COMPARES) && (sink->error.text[0] != '\0' || sink->closed_pipe);
    if (over || !record_wanted(sink, record))
        return;
    if (sink->lines != NULL && sink->out.len == 0 && !sink->out.lent)
        room_take(sink);
    sink->kind->write(sink, record);
    size_t most = sink->out.lent ? sink->out.room - SINK_ROOM_LEFT : sink->lines != NULL ? SINK_LINES_BYTES : SINK_BUFFER_BYTES;
    if (sink->out.len >= most)
        sink_flush(sink);
}

void sink_pass(struct sink *sink, int64_t now_ns)
{
    if (sink->kind->pass != NULL)
        sink->kind->pass(sink, now_ns);
}

static void stream_flush(struct sink *sink)
{
    for (size_t at = 0; at < sink->out.len && sink->error.text[0] == '\0' && !sink->closed_pipe;) {
        ssize_t n = write(sink->fd, sink->out.data + at, sink->out.len - at);
        if (n >= 0)
            at += (size_t)n;
        else if (errno == EPIPE)
            sink->closed_pipe = true; /* `sipvet ... | head`: the reader has seen enough */
        else if (errno != EINTR && errno != EAGAIN)
            error_set(&sink->error, "%s: cannot write: %s", sink->path, strerror(errno));
    }
}

/* The first `bytes` of the lines are written, the others wait. */
static void lines_flush(struct sink *sink, size_t bytes)
{
    struct text waiting = {0};
    if (sink->out.failed) { /* in the middle of a line */
        while (sink->out.len > 0 && sink->out.data[sink->out.len - 1] != '\n')
            sink->out.len--;
        bytes = sink->out.len;
    }
    if (bytes == 0)
        return;
    text_bytes(&waiting, sink->out.data + bytes, sink->out.len - bytes);
    line_file_write(sink->lines, slice_of(sink->out.data, bytes));
    if (sink->out.lent)
        sink->out = (struct text){0}; /* it went with the lines */
    sink->out.len = 0;
    if (waiting.len > 0)
        room_take(sink);
    text_bytes(&sink->out, waiting.data, waiting.len);
    sink->out.failed |= waiting.failed;
    text_fini(&waiting);
}

void sink_flush(struct sink *sink)
{
    bool failed = sink->out.failed;
    if (sink->lines == NULL)
        stream_flush(sink);
    else
        lines_flush(sink, sink->kind->ready != NULL ? sink->kind->ready(sink) : sink->out.len);
    if (failed)
        error_set(&sink->error, "%s: out of memory", sink->path);
    if (sink->lines == NULL)
        text_reset(&sink->out);
    sink->out.failed = false;
}

void sink_reopen(struct sink *sink)
{
    if (sink->lines != NULL)
        line_file_reopen(sink->lines);
}

uint64_t sink_lost(const struct sink *sink, struct error *why)
{
    *why = sink->error;
    return sink->lines == NULL ? sink->objects_lost : line_file_lost(sink->lines, why);
}

bool sink_close(struct sink *sink, struct error *error)
{
    if (sink->kind->close != NULL)
        sink->kind->close(sink);
    sink_flush(sink);
    struct error lost = sink->error;
    bool whole = sink->lines == NULL || line_file_close(sink->lines, &lost);
    if (sink->fd >= 0 && sink->fd != STDOUT_FILENO && close(sink->fd) != 0 && lost.text[0] == '\0')
        error_set(&lost, "%s: cannot write: %s", sink->path, strerror(errno));
    if (sink->objects_lost > 0)
        error_set(&lost, "%s: %llu records lost", sink->error.text, (unsigned long long)sink->objects_lost);
    *error = lost;
    sink_free(sink);
    return whole && lost.text[0] == '\0';
}

/* The table of sink kinds, and the buffered, whole-line writing that all of them share. */
#include "output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct sink_kind *const sink_kinds[] = {&sink_kind_text, &sink_kind_json};
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

struct sink *sink_open(const char *specification, bool *usage, struct error *error)
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
    sink->fd = strcmp(path, "-") == 0 ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (sink->fd < 0) {
        error_set(error, "%s: cannot write: %s", path, strerror(errno));
    } else {
        width_find(sink);
        if (kind->open == NULL || kind->open(sink))
            return sink;
        error_set(error, "out of memory");
        if (sink->fd != STDOUT_FILENO)
            close(sink->fd);
    }
    free(sink->path);
    free(sink);
    return NULL;
}

void sink_write(struct sink *sink, const struct record *record)
{
    if (sink->error.text[0] != '\0' || sink->closed_pipe)
        return;
    sink->kind->write(sink, record);
    if (sink->out.len >= SINK_BUFFER_BYTES)
        sink_flush(sink);
}

void sink_flush(struct sink *sink)
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
    if (sink->out.failed)
        error_set(&sink->error, "%s: out of memory", sink->path);
    text_reset(&sink->out);
}

bool sink_close(struct sink *sink, struct error *error)
{
    if (sink->kind->close != NULL)
        sink->kind->close(sink);
    sink_flush(sink);
    if (sink->fd != STDOUT_FILENO && close(sink->fd) != 0 && sink->error.text[0] == '\0')
        error_set(&sink->error, "%s: cannot write: %s", sink->path, strerror(errno));
    bool whole = sink->error.text[0] == '\0';
    *error = sink->error;
    text_fini(&sink->out);
    free(sink->path);
    free(sink);
    return whole;
}

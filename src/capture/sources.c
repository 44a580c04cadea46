/* The table of source kinds, and what all sources share. */
#include <stdlib.h>

#include "capture/capture_file.h"
#include "capture/device.h"

const struct source_kind *const source_kinds[] = {&source_kind_file, &source_kind_device};
const size_t source_kind_count = sizeof source_kinds / sizeof source_kinds[0];

static struct source *source_new(const struct source_kind *kind, const char *name, struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    if (source == NULL || (source->name = strdup(name)) == NULL) {
        free(source);
        error_set(error, "out of memory");
        return NULL;
    }
    source->kind = kind;
    source->file = -1;
    source->kernel_drops = source->interface_drops = SOURCE_COUNT_NONE;
    return source;
}

struct source *source_open_file(const char *path, struct error *error)
{
    struct source *source = source_new(&source_kind_file, path, error);
    if (source == NULL || capture_file_open(source, byte_stream_open(path, error), error))
        return source;
    source_close(source);
    return NULL;
}

struct source *source_open_descriptor(int fd, const char *name, struct error *error)
{
    struct source *source = source_new(&source_kind_file, name, error);
    struct byte_stream *stream = byte_stream_over(fd, error);
    if (source == NULL)
        byte_stream_close(stream);
    if (source == NULL || capture_file_open(source, stream, error))
        return source;
    source_close(source);
    return NULL;
}

struct source *source_open_device(const char *name, const char *filter, size_t buffer_bytes, struct error *error)
{
    struct source *source = source_new(&source_kind_device, name, error);
    if (source == NULL || device_open(source, name, filter, buffer_bytes, error))
        return source;
    source_close(source);
    return NULL;
}

void source_close(struct source *source)
{
    if (source == NULL)
        return;
    source->kind->close(source);
    for (size_t i = 0; i < source->comment_count; i++)
        free(source->comments[i].text);
    free(source->comments);
    if (source->secrets.data != NULL)
        explicit_bzero(source->secrets.data, source->secrets.room);
    text_fini(&source->secrets);
    free(source->name);
    free(source);
}

size_t source_read(struct source *source, struct frame *frames, size_t room)
{
    if (source->over)
        return 0;
    size_t count = source->kind->read(source, frames, room);
    source->packets += count;
    if (source->over && source->kind->count_drops != NULL)
        source->kind->count_drops(source);
    return count;
}

int source_descriptor(const struct source *source)
{
    return source->kind->live ? device_descriptor(source) : -1;
}

uint64_t source_place(const struct source *source, const uint8_t *byte)
{
    return source->file < 0 || source->kind->place == NULL ? SOURCE_COUNT_NONE : source->kind->place(source, byte);
}

struct source_interface source_interface(const struct source *source, uint32_t number)
{
    struct source_interface interface = {0};
    if (source->kind->interface != NULL)
        source->kind->interface(source, number, &interface);
    return interface;
}

void source_comment_add(struct source *source, uint64_t number, struct slice text)
{
    if (source->comment_count == SOURCE_COMMENTS_MAX)
        return;
    if (source->comments == NULL) {
        source->comments = calloc(SOURCE_COMMENTS_MAX, sizeof *source->comments);
        if (source->comments == NULL)
            return;
    }
    size_t length = text.len < 1000 ? text.len : 1000;
    char *copy = strndup((const char *)text.data, length);
    if (copy != NULL)
        source->comments[source->comment_count++] = (struct source_comment){number, copy};
}

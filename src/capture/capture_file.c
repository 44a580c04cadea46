/* Capture files as a source: recognises the format by its first bytes and gives frames in batches that borrow the window. */
#include "capture/capture_file.h"

#include <stdlib.h>

static const struct capture_format *const formats[] = {&capture_format_pcap, &capture_format_pcapng};

/* Formats that we can name but not read, so that the message says what to do. */
static const struct {
    const char *magic;
    const char *name;
} foreign[] = {
    {"GMBU", "a Microsoft Network Monitor 2 file"}, {"RTSS", "a Microsoft Network Monitor 1 file"},
    {"snoop", "a Solaris snoop file"},              {"#!rtpplay", "an rtpdump file"},
    {"XCP", "a Sniffer file"},                      {"TRSNIFF", "a Sniffer file"},
    {"btsnoop", "a Bluetooth snoop file"},          {"\x7fver", "a Visual Networks file"},
};

static void format_refuse(struct slice start, struct error *error)
{
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (slice_starts(start, foreign[i].magic)) {
            error_set(error, "is %s, which sipvet does not read: convert it to pcapng (editcap)", foreign[i].name);
            return;
        }
    error_set(error, start.len == 0 ? "is empty: not even a file header" : "is not a capture file (pcap or pcapng, plain, gzip or zstd)");
}

/* Refills the window for a record that needs more; at the end of the file, says what is missing of it. */
static void file_refill(struct source *source, struct capture_file *file)
{
    if (!window_fill(&file->window, file->need, &source->error)) {
        source->over = true;
    } else if (window_ready(&file->window) < file->need) {
        source->over = true;
        if (window_ready(&file->window) > 0)
            error_set(&source->error, "ends in the middle of packet %llu: %zu of its %zu bytes are there",
                      (unsigned long long)file->packets + 1, window_ready(&file->window), file->need);
    }
    byte_stream_position(file->window.stream, &source->read_bytes, &source->size_bytes);
}

static size_t file_read(struct source *source, struct frame *frames, size_t room)
{
    struct capture_file *file = source->state;
    size_t count = 0;
    while (count == 0 && !source->over) {
        enum record_result result = file->format->next(file, frames, room, &count);
        if (result == RECORD_BAD)
            source->over = true;
        else if (result == RECORD_MORE && count == 0) /* a refill would move the bytes that a batch borrows */
            file_refill(source, file);
    }
    return count;
}

static void file_drops(struct source *source)
{
    struct capture_file *file = source->state;
    if (source->over && file->format->end != NULL)
        file->format->end(file);
}

static void file_close(struct source *source)
{
    struct capture_file *file = source->state;
    if (file == NULL)
        return;
    free(file->interfaces);
    byte_stream_close(file->window.stream);
    window_fini(&file->window);
    free(file);
}

static uint64_t file_place(const struct source *source, const uint8_t *byte)
{
    const struct capture_file *file = source->state;
    return file->window.offset + (uint64_t)(byte - file->window.data);
}

static void file_interface(const struct source *source, uint32_t number, struct source_interface *interface)
{
    const struct capture_file *file = source->state;
    if (number >= file->interface_count)
        return;
    *interface = (struct source_interface){.name = slice_of(file->interfaces[number].name, file->interfaces[number].name_len),
                                           .snaplen = file->interfaces[number].snaplen};
}

const struct source_kind source_kind_file = {.name = "file",
                                             .help = "pcap and pcapng files (plain, gzip, zstd); - is standard input",
                                             .read = file_read,
                                             .count_drops = file_drops,
                                             .close = file_close,
                                             .interface = file_interface,
                                             .place = file_place};

bool capture_file_open(struct source *source, struct byte_stream *stream, struct error *error)
{
    if (stream == NULL)
        return false;
    struct capture_file *file = calloc(1, sizeof *file);
    if (file == NULL || !window_init(&file->window, stream)) {
        free(file);
        byte_stream_close(stream);
        return error_set(error, "out of memory");
    }
    source->state = file;
    file->source = source;
    source->file = byte_stream_file(stream);
    if (!window_fill(&file->window, 24, error))
        return false;
    struct slice start = slice_of(file->window.data, window_ready(&file->window));
    for (size_t i = 0; i < sizeof formats / sizeof formats[0] && file->format == NULL; i++)
        if (formats[i]->claims(start))
            file->format = formats[i];
    if (file->format == NULL) {
        format_refuse(start, error);
        return false;
    }
    if (!file->format->begin(file)) {
        *error = source->error;
        return false;
    }
    return true;
}

/* A sample stands in its file where the RTP timestamp puts it: what is lost stays a hole, which reads as silence; what came late or twice falls into its
   place. So nothing is kept but a small buffer for each stream that goes on, and a file is open only while one is written.
   WAV: "RIFF" | size | "WAVE" | "fmt " | 16 | 1 (PCM) | 1 channel | rate | bytes a second | 2 | 16 bits | "data" | size; little endian. */
#include "output/audio_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum { HEADER_BYTES = 44, BUFFER_SAMPLES = 4096, BUFFERS_MOST = 4096, RATE_USUAL = 8000, RATE_MOST = 192000, CODECS_MOST = 8, CODEC_NAME = 32 };

/* A timestamp that is so far from where its packet's arrival would put it begins a new count. */
enum { ASTRAY_S = 10 };

/* 2^32 bytes are the most that the header can say. */
#define SAMPLES_MOST ((UINT32_MAX - HEADER_BYTES) / 2)

struct audio_buffer {
    size_t stream;      /* whose */
    uint32_t at, count; /* samples from that place on */
    uint8_t bytes[2 * BUFFER_SAMPLES];
};

struct audio_file {
    int64_t first_ns;
    uint32_t timestamp, place; /* of the newest packet */
    uint32_t end;              /* samples */
    uint32_t rate;             /* 0: nothing was heard yet */
    bool sealed;               /* some of it, no key was right for */
    bool made;                 /* the file is there */
    uint8_t foreign;           /* codecs that are not decoded, a bit each */
    struct audio_buffer *buffer; /* NULL: nothing waits */
};

struct audio_sink {
    struct selection *selection;
    struct audio_file *files;  /* by stream; made with the first packet */
    size_t file_count;
    struct audio_buffer *buffers[BUFFERS_MOST];
    size_t open, hand;         /* hand: which one gives way next */
    char codecs[CODECS_MOST][CODEC_NAME];
    size_t codec_count;
};

static bool audio_open(struct sink *sink)
{
    struct audio_sink *audio = calloc(1, sizeof *audio);
    if (audio == NULL || (audio->selection = selection_new(sink->settings->chosen, false)) == NULL) {
        free(audio);
        return false;
    }
    sink->state = audio;
    return true;
}

static void audio_write(struct sink *sink, const struct record *record)
{
    struct audio_sink *audio = sink->state;
    selection_take(audio->selection, record);
}

struct selection *audio_sink_selection(struct sink *sink)
{
    struct audio_sink *audio = sink->state;
    return audio->selection;
}

/* ---- files ---- */

static bool bytes_put(struct sink *sink, int fd, const uint8_t *bytes, size_t length, uint64_t offset)
{
    for (size_t at = 0; at < length;) {
        ssize_t n = pwrite(fd, bytes + at, length - at, (off_t)(offset + at));
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return error_set(&sink->error, "%s: cannot write: %s", sink->path, n == 0 ? "nothing is written" : strerror(errno));
    }
    return true;
}

/* Into the stream's file, which is begun anew with the first bytes. */
static bool file_put(struct sink *sink, size_t number, const uint8_t *bytes, size_t length, uint64_t offset)
{
    const struct audio_sink *audio = sink->state;
    struct audio_file *file = &audio->files[number];
    struct selected_stream stream = selection_stream_at(audio->selection, number);
    char path[PATH_MAX];
    int size = stream.call == NUMBER_NONE
                   ? snprintf(path, sizeof path, "%s/stream-%llu.wav", sink->path, (unsigned long long)stream.id)
                   : snprintf(path, sizeof path, "%s/call-%llu-stream-%llu.wav", sink->path, (unsigned long long)stream.call, (unsigned long long)stream.id);
    if (size >= (int)sizeof path)
        errno = ENAMETOOLONG;
    int fd = size >= (int)sizeof path ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (file->made ? 0 : O_TRUNC), 0600); /* people speak in it */
    if (fd < 0)
        return error_set(&sink->error, "%.300s: cannot write: %s", path, strerror(errno));
    file->made = true;
    bool written = bytes_put(sink, fd, bytes, length, offset);
    if (close(fd) != 0 && written)
        return error_set(&sink->error, "%.300s: cannot write: %s", path, strerror(errno));
    return written;
}

static bool buffer_flush(struct sink *sink, struct audio_buffer *buffer)
{
    bool written = buffer->count == 0 ||
                   file_put(sink, buffer->stream, buffer->bytes, 2 * (size_t)buffer->count, HEADER_BYTES + 2 * (uint64_t)buffer->at);
    buffer->at += buffer->count;
    buffer->count = 0;
    return written;
}

/* Where the list is full, others give way in turn. */
static struct audio_buffer *buffer_of(struct sink *sink, size_t number)
{
    struct audio_sink *audio = sink->state;
    struct audio_file *file = &audio->files[number];
    struct audio_buffer *buffer = file->buffer;
    if (buffer != NULL)
        return buffer;
    if (audio->open < BUFFERS_MOST) {
        buffer = malloc(sizeof *buffer);
        if (buffer == NULL) {
            error_set(&sink->error, "%s: out of memory", sink->path);
            return NULL;
        }
        audio->buffers[audio->open++] = buffer;
    } else {
        buffer = audio->buffers[audio->hand++ % BUFFERS_MOST];
        if (!buffer_flush(sink, buffer))
            return NULL;
        audio->files[buffer->stream].buffer = NULL;
    }
    buffer->stream = number;
    buffer->at = buffer->count = 0;
    return file->buffer = buffer;
}

static bool samples_put(struct sink *sink, size_t number, uint32_t place, const int16_t *samples, size_t count)
{
    struct audio_sink *audio = sink->state;
    struct audio_file *file = &audio->files[number];
    struct audio_buffer *buffer = buffer_of(sink, number);
    if (buffer == NULL)
        return false;
    if ((place != buffer->at + buffer->count || buffer->count + count > BUFFER_SAMPLES) && !buffer_flush(sink, buffer))
        return false;
    if (buffer->count == 0)
        buffer->at = place;
    for (size_t i = 0; i < count; i++) {
        uint16_t value = (uint16_t)samples[i];
        buffer->bytes[2 * buffer->count] = (uint8_t)value;
        buffer->bytes[2 * buffer->count + 1] = (uint8_t)(value >> 8);
        buffer->count++;
    }
    if (place + count > file->end)
        file->end = (uint32_t)(place + count);
    return true;
}

/* ---- packets ---- */

/* Where the packet's first sample stands; false where it stands before the first one, or where no file ends so late. */
static bool place_find(struct audio_file *file, const struct audio_packet *packet, uint32_t *place)
{
    int64_t due = (packet->time_ns - file->first_ns) / NS_PER_MS * file->rate / 1000;
    int64_t at = (int64_t)file->place + (int32_t)(packet->timestamp - file->timestamp);
    int64_t astray = at - due;
    if (astray > (int64_t)ASTRAY_S * file->rate || astray < -(int64_t)ASTRAY_S * file->rate)
        at = due > (int64_t)file->end ? due : (int64_t)file->end;
    if (at < 0 || at + BUFFER_SAMPLES > (int64_t)SAMPLES_MOST)
        return false;
    *place = file->place = (uint32_t)at;
    file->timestamp = packet->timestamp;
    return true;
}

/* Remembers that the stream has a codec that is not decoded. */
static void foreign_note(struct audio_sink *audio, struct audio_file *file, struct slice codec)
{
    size_t i = 0;
    codec = codec.len == 0 ? slice_str("an unknown codec") : slice_cut(codec, 0, CODEC_NAME - 1);
    while (i < audio->codec_count && !slice_is(codec, audio->codecs[i]))
        i++;
    if (i == CODECS_MOST)
        return;
    if (i == audio->codec_count) {
        memcpy(audio->codecs[i], codec.data, codec.len);
        audio->codec_count++;
    }
    file->foreign |= (uint8_t)(1u << i);
}

bool audio_sink_packet(struct sink *sink, const struct audio_packet *packet)
{
    struct audio_sink *audio = sink->state;
    size_t count = selection_streams(audio->selection);
    size_t number = selection_stream(audio->selection, packet->src, packet->dst, packet->ssrc, packet->time_ns);
    if (number >= count)
        return true;
    if (audio->files == NULL) {
        audio->files = calloc(count, sizeof *audio->files);
        audio->file_count = audio->files == NULL ? 0 : count;
        if (audio->files == NULL)
            return error_set(&sink->error, "%s: out of memory", sink->path);
    }
    struct audio_file *file = &audio->files[number];
    uint32_t place;
    if (packet->samples == NULL) {
        if (packet->sealed)
            file->sealed = true;
        else
            foreign_note(audio, file, packet->codec);
        return true;
    }
    if (file->rate == 0) {
        file->rate = packet->clock_hz == 0 || packet->clock_hz > RATE_MOST ? RATE_USUAL : packet->clock_hz;
        file->first_ns = packet->time_ns;
        file->timestamp = packet->timestamp;
    }
    return packet->count == 0 || packet->count > BUFFER_SAMPLES || !place_find(file, packet, &place) ||
           samples_put(sink, number, place, packet->samples, packet->count);
}

/* ---- the end ---- */

static void put32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void file_complete(struct sink *sink, size_t number)
{
    const struct audio_sink *audio = sink->state;
    const struct audio_file *file = &audio->files[number];
    uint8_t header[HEADER_BYTES] = "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0........\2\0\x10\0data";
    put32(header + 4, HEADER_BYTES - 8 + 2 * file->end);
    put32(header + 24, file->rate);
    put32(header + 28, 2 * file->rate);
    put32(header + 40, 2 * file->end);
    (void)file_put(sink, number, header, sizeof header, 0);
}

/* "2 streams of G729, 1 of opus are not decoded (PCMU and PCMA are); no key opens 1 stream" */
static void note_make(const struct sink *sink, struct error *note)
{
    const struct audio_sink *audio = sink->state;
    struct text words = {0};
    size_t sealed = 0;
    for (size_t c = 0; c < audio->codec_count; c++) {
        size_t streams = 0;
        for (size_t i = 0; i < audio->file_count; i++)
            streams += (audio->files[i].foreign >> c & 1) != 0;
        text_format(&words, "%s%zu %s%s", c == 0 ? "" : ", ", streams, c > 0 ? "of " : streams == 1 ? "stream of " : "streams of ", audio->codecs[c]);
    }
    if (audio->codec_count > 0)
        text_str(&words, " not decoded (PCMU and PCMA are)");
    for (size_t i = 0; i < audio->file_count; i++)
        sealed += audio->files[i].sealed;
    if (sealed > 0)
        text_format(&words, "%sno key opens all of %zu %s", words.len > 0 ? "; " : "", sealed, sealed == 1 ? "stream" : "streams");
    if (words.len > 0 && !words.failed)
        error_set(note, "%s: %.*s", sink->path, (int)words.len, words.data);
    text_fini(&words);
}

static void buffers_leave(struct sink *sink)
{
    struct audio_sink *audio = sink->state;
    while (audio->open > 0) {
        struct audio_buffer *buffer = audio->buffers[--audio->open];
        if (sink->error.text[0] == '\0')
            (void)buffer_flush(sink, buffer);
        audio->files[buffer->stream].buffer = NULL;
        free(buffer);
    }
}

void audio_sink_end(struct sink *sink, struct error *note)
{
    struct audio_sink *audio = sink->state;
    buffers_leave(sink);
    for (size_t i = 0; i < audio->file_count && sink->error.text[0] == '\0'; i++)
        if (audio->files[i].end > 0)
            file_complete(sink, i);
    note_make(sink, note);
}

static void audio_close(struct sink *sink)
{
    struct audio_sink *audio = sink->state;
    buffers_leave(sink);
    selection_free(audio->selection);
    free(audio->files);
    free(audio);
    sink->state = NULL;
}

const struct sink_kind sink_kind_audio = {.name = "audio",
                                          .help = "what is said in the calls, a WAV file for each stream of PCMU or PCMA (decrypted where keys are known), into a folder",
                                          .target = SINK_FOLDER,
                                          .needs = SINK_NEEDS_PLACES | SINK_NEEDS_AUDIO,
                                          .open = audio_open,
                                          .write = audio_write,
                                          .close = audio_close};

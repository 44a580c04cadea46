/* Plain files go straight from read(2) into the caller's buffer; gzip (zlib) and Zstandard are told by their magic numbers. */
#include "capture/byte_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum compression { PLAIN, GZIP, ZSTANDARD };
enum { RAW_BYTES = 1 << 16 };

struct byte_stream {
    int fd;
    enum compression compression;
    uint64_t read_bytes, size_bytes;
    uint8_t *raw; /* read ahead: the magic number; then the compressed bytes */
    size_t raw_at, raw_end;
    z_stream gzip;
    ZSTD_DStream *zstandard;
    bool raw_over;    /* the file has no more bytes */
    bool frame_open;  /* inside a compressed member: the end of the file now is premature */
};

/* Fills raw from `raw_end` on; returns what read(2) does, with a message on failure. */
static ssize_t raw_fill(struct byte_stream *stream, struct error *error)
{
    /* EINTR is no cause to try again: on a pipe, Ctrl-C must end the wait. */
    ssize_t n = read(stream->fd, stream->raw + stream->raw_end, RAW_BYTES - stream->raw_end);
    if (n < 0)
        error_set(error, "cannot read: %s", strerror(errno));
    else if (n == 0)
        stream->raw_over = true;
    else
        stream->raw_end += (size_t)n;
    if (n > 0)
        stream->read_bytes += (uint64_t)n;
    return n;
}

static bool stream_begin(struct byte_stream *stream, struct error *error)
{
    static const uint8_t gzip_magic[2] = {0x1f, 0x8b}, zstandard_magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
    while (stream->raw_end < sizeof zstandard_magic && !stream->raw_over)
        if (raw_fill(stream, error) < 0)
            return false;
    if (stream->raw_end >= 2 && memcmp(stream->raw, gzip_magic, 2) == 0) {
        stream->compression = GZIP;
        if (inflateInit2(&stream->gzip, 15 + 16) != Z_OK) /* 15: largest window; 16: gzip wrapper only */
            return error_set(error, "out of memory");
    } else if (stream->raw_end >= 4 && memcmp(stream->raw, zstandard_magic, 4) == 0) {
        stream->compression = ZSTANDARD;
        stream->zstandard = ZSTD_createDStream();
        if (stream->zstandard == NULL)
            return error_set(error, "out of memory");
    }
    return true;
}

/* Takes the descriptor over; below 0: it could not be opened, errno says why. */
static struct byte_stream *stream_new(int fd, struct error *error)
{
    struct stat status;
    int why = errno;
    struct byte_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL || (stream->raw = malloc(RAW_BYTES)) == NULL) {
        free(stream);
        if (fd >= 0)
            close(fd);
        error_set(error, "out of memory");
        return NULL;
    }
    stream->fd = fd;
    if (fd < 0) {
        error_set(error, "cannot open: %s", strerror(why));
    } else if (fstat(fd, &status) != 0) {
        error_set(error, "cannot open: %s", strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        error_set(error, "is a directory, not a capture file");
    } else {
        stream->size_bytes = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
        if (stream_begin(stream, error))
            return stream;
    }
    byte_stream_close(stream);
    return NULL;
}

struct byte_stream *byte_stream_open(const char *path, struct error *error)
{
    return stream_new(strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), error);
}

struct byte_stream *byte_stream_over(int fd, struct error *error)
{
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return stream_new(fd, error);
}

void byte_stream_close(struct byte_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->fd >= 0)
        close(stream->fd);
    if (stream->compression == GZIP)
        inflateEnd(&stream->gzip);
    ZSTD_freeDStream(stream->zstandard);
    free(stream->raw);
    free(stream);
}

/* More compressed bytes when all were used. False: an error, or the file's end (*end). */
static bool raw_more(struct byte_stream *stream, bool *end, struct error *error)
{
    *end = false;
    if (stream->raw_at < stream->raw_end)
        return true;
    stream->raw_at = stream->raw_end = 0;
    if (stream->raw_over || raw_fill(stream, error) == 0)
        *end = true;
    else if (stream->raw_end == 0)
        return false;
    if (*end && stream->frame_open)
        return error_set(error, "the compressed data ends early");
    return !*end;
}

static ssize_t gzip_read(struct byte_stream *stream, void *out, size_t n, struct error *error)
{
    stream->gzip.next_out = out;
    stream->gzip.avail_out = (uInt)n;
    while (stream->gzip.avail_out == n) {
        bool end;
        if (!raw_more(stream, &end, error))
            return end && !stream->frame_open ? 0 : -1;
        stream->gzip.next_in = stream->raw + stream->raw_at;
        stream->gzip.avail_in = (uInt)(stream->raw_end - stream->raw_at);
        stream->frame_open = true;
        int result = inflate(&stream->gzip, Z_NO_FLUSH);
        stream->raw_at = stream->raw_end - stream->gzip.avail_in;
        if (result == Z_STREAM_END) { /* another member may follow (RFC 1952 2.2) */
            stream->frame_open = false;
            inflateReset(&stream->gzip);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            error_set(error, "the gzip data is damaged: %s", stream->gzip.msg != NULL ? stream->gzip.msg : "bad data");
            return -1;
        }
    }
    return (ssize_t)(n - stream->gzip.avail_out);
}

static ssize_t zstandard_read(struct byte_stream *stream, void *out, size_t n, struct error *error)
{
    ZSTD_outBuffer output = {out, n, 0};
    while (output.pos == 0) {
        bool end;
        if (!raw_more(stream, &end, error))
            return end && !stream->frame_open ? 0 : -1;
        ZSTD_inBuffer input = {stream->raw + stream->raw_at, stream->raw_end - stream->raw_at, 0};
        size_t result = ZSTD_decompressStream(stream->zstandard, &output, &input);
        stream->raw_at += input.pos;
        if (ZSTD_isError(result)) {
            error_set(error, "the zstd data is damaged: %s", ZSTD_getErrorName(result));
            return -1;
        }
        stream->frame_open = result != 0;
    }
    return (ssize_t)output.pos;
}

ssize_t byte_stream_read(struct byte_stream *stream, void *out, size_t n, struct error *error)
{
    if (stream->compression == GZIP)
        return gzip_read(stream, out, n, error);
    if (stream->compression == ZSTANDARD)
        return zstandard_read(stream, out, n, error);
    if (stream->raw_at < stream->raw_end) { /* what was read to see the magic number */
        size_t ready = stream->raw_end - stream->raw_at;
        n = n < ready ? n : ready;
        memcpy(out, stream->raw + stream->raw_at, n);
        stream->raw_at += n;
        return (ssize_t)n;
    }
    ssize_t got = read(stream->fd, out, n);
    if (got < 0)
        error_set(error, "cannot read: %s", strerror(errno));
    else
        stream->read_bytes += (uint64_t)got;
    return got;
}

void byte_stream_position(const struct byte_stream *stream, uint64_t *read_bytes, uint64_t *size_bytes)
{
    *read_bytes = stream->read_bytes;
    *size_bytes = stream->size_bytes;
}

int byte_stream_file(const struct byte_stream *stream)
{
    struct stat status;
    bool again = stream->compression == PLAIN && fstat(stream->fd, &status) == 0 && S_ISREG(status.st_mode) &&
                 lseek(stream->fd, 0, SEEK_CUR) == (off_t)stream->read_bytes; /* not so where standard input was read before */
    return again ? stream->fd : -1;
}

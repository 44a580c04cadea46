/* The part of a byte stream that a file walk is looking at: one buffer that stays in cache, refilled behind the last frame. */
#ifndef CAPTURE_WINDOW_H
#define CAPTURE_WINDOW_H

#include "capture/byte_stream.h"

/* 128 kB: large enough to amortise read(2), small enough to stay in the second-level cache. Grows for a larger record. */
enum { WINDOW_BYTES = 128 << 10, WINDOW_MAX = 32 << 20 };

/* Owns its buffer, borrows the stream. */
struct window {
    struct byte_stream *stream;
    uint8_t *data;
    size_t at, end, room;
    uint64_t offset; /* of data[0] in the (decompressed) stream */
    bool over;       /* the stream has no more bytes */
};

bool window_init(struct window *window, struct byte_stream *stream);
void window_fini(struct window *window);

static inline size_t window_ready(const struct window *window)
{
    return window->end - window->at;
}

/* Moves what is left to the front and reads until n bytes are ready or the stream ends; pointers into the window become
   invalid. False with a message when reading fails or n is more than WINDOW_MAX; the ready bytes stay. */
bool window_fill(struct window *window, size_t n, struct error *error);

#endif

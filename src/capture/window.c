/* Refilling the window. */
#include "capture/window.h"

#include <stdlib.h>

bool window_init(struct window *window, struct byte_stream *stream)
{
    *window = (struct window){.stream = stream, .data = malloc(WINDOW_BYTES), .room = WINDOW_BYTES};
    return window->data != NULL;
}

void window_fini(struct window *window)
{
    free(window->data);
    window->data = NULL;
}

bool window_fill(struct window *window, size_t n, struct error *error)
{
    if (n > WINDOW_MAX)
        return error_set(error, "a record of %zu bytes is larger than any capture has", n);
    if (n > window->room) {
        uint8_t *data = realloc(window->data, n);
        if (data == NULL)
            return error_set(error, "out of memory");
        window->data = data;
        window->room = n;
    }
    memmove(window->data, window->data + window->at, window_ready(window));
    window->offset += window->at;
    window->end -= window->at;
    window->at = 0;
    while (window->end < n && !window->over) {
        ssize_t got = byte_stream_read(window->stream, window->data + window->end, window->room - window->end, error);
        if (got < 0) {
            window->over = true;
            return false;
        }
        if (got == 0)
            window->over = true;
        window->end += (size_t)got;
    }
    return true;
}

/* The bytes of one TCP direction that wait: in order but not consumed yet, and behind holes. */
#ifndef NET_TCP_WINDOW_H
#define NET_TCP_WINDOW_H

#include "base/slice.h"

/* Stream positions are sequence numbers made 64 bits wide, so that they never wrap. */
struct tcp_block {
    uint64_t from, to;
};

/*  data   [ consumed | base .. next: in order | hole | block 0 | hole | block 1 | room ]
                      ^ start
    Bytes behind a hole are written where they belong at once: when the hole is filled nothing moves.
    Owns data and blocks. Zeroed memory with base set is a valid, empty window. */
struct tcp_window {
    uint8_t *data;
    size_t start, room;
    uint64_t base, next;
    struct tcp_block *blocks; /* sorted, apart from each other and from next */
    uint32_t block_count, block_room;
};

/* Heap. NULL when memory is exhausted. */
struct tcp_window *tcp_window_new(uint64_t base);
void tcp_window_free(struct tcp_window *window);

/* Heap bytes it holds; 0 for NULL. */
size_t tcp_window_bytes(const struct tcp_window *window);

/* Adds bytes at position from >= base; the first copy of each byte wins. *differs is set where a later copy is
   another one. Moves next over what became contiguous. False (window unchanged) when memory is exhausted. */
bool tcp_window_put(struct tcp_window *window, uint64_t from, struct slice bytes, bool *differs);

/* The bytes in order. Refs: until the next put. */
static inline struct slice tcp_window_ready(const struct tcp_window *window)
{
    size_t len = (size_t)(window->next - window->base);
    return window->data == NULL ? SLICE_NONE : slice_of(window->data + window->start, len);
}

/* Drops n of the bytes in order. */
static inline void tcp_window_consume(struct tcp_window *window, size_t n)
{
    window->base += n;
    window->start += n;
}

/* Gives up everything before position to, which lies in or at the end of the first hole; takes in the block that
   begins there. */
void tcp_window_skip(struct tcp_window *window, uint64_t to);

#endif

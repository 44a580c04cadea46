/* One growing buffer and a sorted list of the ranges that are filled behind holes. */
#include "net/tcp_window.h"

#include <stdlib.h>

enum { ROOM_FIRST = 2048, BLOCKS_FIRST = 8 };

struct tcp_window *tcp_window_new(uint64_t base)
{
    struct tcp_window *window = calloc(1, sizeof *window);
    if (window != NULL)
        window->base = window->next = base;
    return window;
}

void tcp_window_free(struct tcp_window *window)
{
    if (window == NULL)
        return;
    free(window->data);
    free(window->blocks);
    free(window);
}

size_t tcp_window_bytes(const struct tcp_window *window)
{
    return window == NULL ? 0 : sizeof *window + window->room + window->block_room * sizeof *window->blocks;
}

/* Room for `need` bytes from base on. Bytes move down only when at least as many were consumed before, and the
   buffer doubles: so each byte is moved a bounded number of times however small the segments are. */
static bool window_reserve(struct tcp_window *window, size_t need)
{
    uint64_t end = window->block_count > 0 ? window->blocks[window->block_count - 1].to : window->next;
    size_t used = (size_t)(end - window->base);
    if (window->room - window->start >= need)
        return true;
    if (need <= window->room / 2) {
        memmove(window->data, window->data + window->start, used);
        window->start = 0;
        return true;
    }
    size_t room = window->room < ROOM_FIRST ? ROOM_FIRST : window->room;
    while (room < need)
        room *= 2;
    if (room < need + need / 4) /* nearly full at once: the next segments would only double it again */
        room *= 2;
    uint8_t *data = malloc(room);
    if (data == NULL)
        return false;
    if (used > 0)
        memcpy(data, window->data + window->start, used);
    free(window->data);
    window->data = data;
    window->room = room;
    window->start = 0;
    return true;
}

static bool blocks_reserve(struct tcp_window *window)
{
    if (window->block_count < window->block_room)
        return true;
    uint32_t room = window->block_room == 0 ? BLOCKS_FIRST : window->block_room * 2;
    struct tcp_block *blocks = realloc(window->blocks, room * sizeof *blocks);
    if (blocks == NULL)
        return false;
    window->blocks = blocks;
    window->block_room = room;
    return true;
}

static uint8_t *window_at(const struct tcp_window *window, uint64_t position)
{
    return window->data + window->start + (size_t)(position - window->base);
}

/* Index of the first block that ends at or after position. */
static uint32_t block_find(const struct tcp_window *window, uint64_t position)
{
    uint32_t low = 0, high = window->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (window->blocks[middle].to < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Takes the first block in when nothing is missing before it any more. */
static void window_join(struct tcp_window *window)
{
    if (window->block_count == 0 || window->blocks[0].from > window->next)
        return;
    window->next = window->blocks[0].to;
    window->block_count--;
    memmove(window->blocks, window->blocks + 1, window->block_count * sizeof *window->blocks);
}

/* Fills what is missing of [from, to) and merges the blocks that it touches into one. */
static void blocks_fill(struct tcp_window *window, uint64_t from, const uint8_t *bytes, uint64_t to, bool *differs)
{
    uint32_t first = block_find(window, from), last = first;
    struct tcp_block merged = {from, to};
    uint64_t at = from;
    for (; last < window->block_count && window->blocks[last].from <= to; last++) {
        struct tcp_block old = window->blocks[last];
        if (old.from > at) {
            memcpy(window_at(window, at), bytes + (at - from), (size_t)(old.from - at));
            at = old.from;
        }
        uint64_t end = old.to < to ? old.to : to;
        if (end > at) {
            *differs = *differs || memcmp(window_at(window, at), bytes + (at - from), (size_t)(end - at)) != 0;
            at = end;
        }
        merged.from = old.from < merged.from ? old.from : merged.from;
        merged.to = old.to > merged.to ? old.to : merged.to;
    }
    if (at < to)
        memcpy(window_at(window, at), bytes + (at - from), (size_t)(to - at));
    memmove(window->blocks + first + 1, window->blocks + last, (window->block_count - last) * sizeof *window->blocks);
    window->blocks[first] = merged;
    window->block_count = window->block_count - (last - first) + 1;
}

bool tcp_window_put(struct tcp_window *window, uint64_t from, struct slice bytes, bool *differs)
{
    uint64_t to = from + bytes.len;
    if (bytes.len == 0)
        return true;
    bool ordered = from <= window->next && window->block_count == 0;
    if (!window_reserve(window, (size_t)(to - window->base)) || (!ordered && !blocks_reserve(window)))
        return false;
    if (from < window->next) {
        uint64_t end = to < window->next ? to : window->next;
        size_t known = (size_t)(end - from);
        *differs = *differs || memcmp(window_at(window, from), bytes.data, known) != 0;
        bytes = slice_after(bytes, known);
        from = end;
    }
    if (bytes.len == 0)
        return true;
    if (ordered) {
        memcpy(window_at(window, from), bytes.data, bytes.len);
        window->next = to;
    } else {
        blocks_fill(window, from, bytes.data, to, differs);
        window_join(window);
    }
    return true;
}

void tcp_window_skip(struct tcp_window *window, uint64_t to)
{
    uint64_t dropped = to - window->base;
    if (window->room - window->start >= dropped)
        window->start += (size_t)dropped;
    else
        window->start = window->room; /* there are no blocks then: nothing beyond is held */
    window->base = window->next = to;
    window_join(window);
}

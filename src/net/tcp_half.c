/* Segments go straight to the reader while they come in order and are consumed; else through the window.

   A hole is given up when it cannot be filled any more as far as we can tell: the receiver has acknowledged bytes
   that were never captured, too much waits behind it, it is too old, or the input ends. Each is counted once; the
   reader first gets a last look at what it had left before the hole (cut), then what follows it (gap). */
#include "net/tcp_half.h"

#include "base/clock.h"

/* One call of the reader; returns how many of the bytes need not be kept. Ends the direction with its last byte. */
static size_t half_read(struct tcp_half *half, struct tcp_outlet *outlet, struct slice data, bool cut)
{
    struct tcp_stream *stream = &outlet->stream;
    const struct tcp_reader *reader = outlet->reader;
    bool closed = (half->flags & HALF_END) != 0 && half->next >= half->end;
    size_t used = data.len;
    if (!(half->flags & HALF_IGNORED) && (data.len > 0 || (closed && half->flags & HALF_READ))) {
        half->flags |= HALF_READ;
        stream->begun_late = (half->flags & HALF_LATE) != 0;
        stream->gap = (half->flags & HALF_GAP) != 0;
        stream->cut = cut && !closed;
        stream->closed = closed;
        stream->time_ns = half->time_ns;
        stream->frame = half->frame;
        stream->state = &half->state;
        used = reader->read(reader->context, stream, data);
        half->flags &= (uint8_t)~HALF_GAP;
        if (used == TCP_IGNORE)
            half->flags |= HALF_IGNORED;
        if (used > data.len)
            used = data.len;
    }
    if (closed) {
        half->flags |= HALF_ENDED;
        tcp_window_free(half->window);
        half->window = NULL;
        if (half->state != NULL && reader->release != NULL)
            reader->release(reader->context, half->state);
        half->state = NULL;
    }
    return used;
}

static void window_release(struct tcp_half *half)
{
    tcp_window_free(half->window);
    half->window = NULL;
}

/* Gives the reader the window's bytes in order and keeps what it leaves. */
static void half_flush(struct tcp_half *half, struct tcp_outlet *outlet, bool cut)
{
    struct tcp_window *window = half->window;
    struct slice ready = window == NULL ? SLICE_NONE : tcp_window_ready(window);
    outlet->stream.whole_frame = false;
    size_t used = half_read(half, outlet, ready, cut);
    if (half->flags & HALF_ENDED || window == NULL)
        return;
    if (!cut && ready.len - used > TCP_KEEP_MAX) {
        anomaly_add(outlet->anomalies, ANOMALY_TCP_EVICTED);
        half->flags |= HALF_GAP;
        used = ready.len;
    }
    tcp_window_consume(window, cut ? ready.len : used);
    if (half->flags & HALF_IGNORED || (window->base == window->next && window->block_count == 0))
        window_release(half);
}

/* Gives up every hole before position `to`. */
static void half_skip(struct tcp_half *half, struct tcp_outlet *outlet, uint64_t to)
{
    while (half->next < to && !(half->flags & HALF_ENDED)) {
        uint64_t hole_end = to;
        if (half->window != NULL && half->window->block_count > 0 && half->window->blocks[0].from < to)
            hole_end = half->window->blocks[0].from;
        if (half->flags & HALF_END && half->end < hole_end)
            hole_end = half->end;
        if (!(half->flags & HALF_IGNORED))
            anomaly_add(outlet->anomalies, ANOMALY_TCP_GAP);
        if (half->window != NULL && half->window->base < half->window->next)
            half_flush(half, outlet, true);
        half->flags |= HALF_GAP;
        half->next = hole_end;
        if (half->window != NULL) {
            tcp_window_skip(half->window, hole_end);
            half->next = half->window->next;
        }
        if ((half->flags & HALF_END && half->next >= half->end) || half->window != NULL)
            half_flush(half, outlet, false);
    }
}

/* Where the first hole ends; only while waiting. */
static uint64_t hole_end(const struct tcp_half *half)
{
    return half->window != NULL && half->window->block_count > 0 ? half->window->blocks[0].from : half->end;
}

void tcp_half_begin(struct tcp_half *half, uint32_t seq, bool late)
{
    /* 2^32 above zero, so that positions before the first byte stay positive. */
    half->next = half->acked = (UINT64_C(1) << 32) + seq;
    half->first_seq = seq;
    half->flags = (uint8_t)(HALF_BEGUN | (late ? HALF_LATE : 0));
}

/* Bytes that do not just follow, or while others wait. */
static void half_buffer(struct tcp_half *half, struct tcp_outlet *outlet, uint64_t from, struct slice bytes)
{
    bool differs = false;
    uint64_t before = half->next;
    if (half->window == NULL)
        half->window = tcp_window_new(half->next);
    if (half->window == NULL || !tcp_window_put(half->window, from, bytes, &differs)) {
        /* No memory: what was kept and this segment are lost; the stream goes on behind them. */
        anomaly_add(outlet->anomalies, ANOMALY_TCP_EVICTED);
        window_release(half);
        half->next = from + bytes.len > half->next ? from + bytes.len : half->next;
        half->flags |= HALF_GAP;
        return;
    }
    if (differs)
        anomaly_add(outlet->anomalies, ANOMALY_TCP_OVERLAP);
    half->next = half->window->next;
    if (half->next > before)
        half_flush(half, outlet, false);
}

/* The common case: the reader sees the packet's own bytes, and only what it leaves is copied. */
static void half_direct(struct tcp_half *half, struct tcp_outlet *outlet, struct slice bytes, bool in_frame, bool cut)
{
    half->next += bytes.len;
    outlet->stream.whole_frame = in_frame;
    size_t used = half_read(half, outlet, bytes, cut);
    if (half->flags & (HALF_ENDED | HALF_IGNORED) || cut || used == bytes.len)
        return;
    bool differs = false;
    bytes = slice_after(bytes, used);
    half->window = tcp_window_new(half->next - bytes.len);
    if (half->window != NULL && tcp_window_put(half->window, half->next - bytes.len, bytes, &differs))
        return;
    anomaly_add(outlet->anomalies, ANOMALY_TCP_EVICTED);
    window_release(half);
    half->flags |= HALF_GAP;
}

void tcp_half_add(struct tcp_half *half, struct tcp_outlet *outlet, const struct packet *packet, uint64_t from)
{
    struct slice bytes = packet_payload(packet);
    uint64_t wire_end = from + packet->wire_len, before = half->next;
    bool was_waiting = tcp_half_waiting(half);
    if (half->flags & HALF_END && wire_end > half->end) {
        wire_end = half->end;
        bytes = slice_cut(bytes, 0, from < wire_end ? (size_t)(wire_end - from) : 0);
    }
    uint64_t to = from + bytes.len;
    bool tail_lost = wire_end > to && to >= half->next;
    if (half->flags & HALF_IGNORED) {
        half->next = wire_end > half->next ? wire_end : half->next;
        if (half->flags & HALF_END && half->next >= half->end)
            half_flush(half, outlet, false);
        return;
    }
    while (to > half->next + TCP_SPAN_MAX && tcp_half_waiting(half) && hole_end(half) < from)
        half_skip(half, outlet, hole_end(half));
    if (to > half->next + TCP_SPAN_MAX && from > half->next)
        half_skip(half, outlet, from);
    uint64_t base = half->window != NULL ? half->window->base : half->next;
    if (from < base) {
        bytes = slice_after(bytes, (size_t)(base - from));
        from = base;
    }
    if (to > half->next) {
        half->time_ns = packet->time_ns;
        half->frame = packet->frame;
    }
    outlet->stream.truncated = packet->payload_len < packet->wire_len;
    if (bytes.len > 0 && half->window == NULL && from == half->next)
        half_direct(half, outlet, bytes, !(packet->flags & PACKET_REASSEMBLED), tail_lost);
    else if (bytes.len > 0)
        half_buffer(half, outlet, from, bytes);
    /* What the snap length cut off nobody will send again for us. */
    if (tail_lost && to == half->next)
        half_skip(half, outlet, wire_end);
    outlet->stream.truncated = false;
    if (tcp_half_waiting(half) && (half->next > before || !was_waiting))
        half->waiting_ns = packet->time_ns;
}

void tcp_half_jump(struct tcp_half *half, struct tcp_outlet *outlet, uint32_t seq)
{
    tcp_half_drop(half, outlet);
    if (half->flags & HALF_ENDED)
        return;
    if (!(half->flags & HALF_IGNORED))
        anomaly_add(outlet->anomalies, ANOMALY_TCP_GAP);
    half->flags = (uint8_t)((half->flags & ~(HALF_END | HALF_WILD)) | HALF_GAP);
    half->next += (uint32_t)(seq - (uint32_t)half->next); /* always forward, so that positions never repeat */
    half->acked = half->next;
}

void tcp_half_end(struct tcp_half *half, struct tcp_outlet *outlet, uint64_t position, int64_t now_ns)
{
    if (half->flags & (HALF_END | HALF_ENDED))
        return;
    half->flags |= HALF_END;
    half->end = position;
    if (half->window == NULL || half->window->block_count == 0)
        half->waiting_ns = now_ns;
    if (half->next >= position)
        half_flush(half, outlet, false);
}

void tcp_half_check(struct tcp_half *half, struct tcp_outlet *outlet, int64_t now_ns)
{
    if (!tcp_half_waiting(half))
        return;
    bool late = tcp_elapsed_ns(half->waiting_ns, now_ns) > TCP_HOLE_WAIT_NS;
    while (tcp_half_waiting(half) &&
           (late || half->acked >= hole_end(half) ||
            (half->window != NULL && half->window->block_count > TCP_BLOCKS_MAX)))
        half_skip(half, outlet, hole_end(half));
}

void tcp_half_drop(struct tcp_half *half, struct tcp_outlet *outlet)
{
    while (tcp_half_waiting(half))
        half_skip(half, outlet, hole_end(half));
    if (half->window == NULL)
        return;
    half_flush(half, outlet, true);
    window_release(half);
    half->flags |= HALF_GAP;
}

void tcp_half_finish(struct tcp_half *half, struct tcp_outlet *outlet)
{
    if (!(half->flags & HALF_BEGUN) || half->flags & HALF_ENDED)
        return;
    while (tcp_half_waiting(half))
        half_skip(half, outlet, hole_end(half));
    if (half->flags & HALF_ENDED)
        return;
    half->flags |= HALF_END;
    half->end = half->next;
    half_flush(half, outlet, false);
}

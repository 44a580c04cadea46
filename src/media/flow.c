/* Streams come and go: each belongs to a flow, two ports and an SSRC. */
#include "media/flow.h"

#include <stdlib.h>

#include "media/decrypt.h"
#include "media/digits.h"
#include "media/fax.h"
#include "media/reports.h"
#include "media/tones.h"

size_t flow_bytes(const struct media *media)
{
    return (size_t)media->details.live * (sizeof(struct stream) + sizeof(struct detail)) + (size_t)media->ports.live * sizeof(struct port) +
           (size_t)media->sessions.live * sizeof(struct session) + table_bytes(&media->index) + table_bytes(&media->by_endpoint) +
           table_bytes(&media->by_ssrc) + media->heap_bytes;
}

void detail_fini(struct media *media, struct detail *detail)
{
    media->heap_bytes -= detail->heap_bytes;
    if (detail->history != NULL)
        free(detail->history->windows);
    free(detail->history);
    loss_fini(&detail->loss);
    digits_free(media, detail->events);
    reports_free(media, detail->reports);
    fax_free(media, detail->fax);
    tones_free(media, detail->tones);
    decrypt_free(media, detail->unsealed);
}

static void ports_take(struct media *media, uint32_t number, const struct media_packet *packet)
{
    struct detail *detail = detail_at(media, number);
    detail->src_port = port_number(media, packet->src);
    detail->dst_port = port_number(media, packet->dst);
    if (detail->src_port != POOL_NONE)
        list_add(media, LIST_FROM, &port_at(media, detail->src_port)->streams_from, number);
    if (detail->dst_port != POOL_NONE)
        list_add(media, LIST_TO, &port_at(media, detail->dst_port)->streams_to, number);
}

/* Port lists hold only streams that go on. */
static void ports_give(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    if (detail->src_port != POOL_NONE) {
        list_remove(media, LIST_FROM, &port_at(media, detail->src_port)->streams_from, number);
        port_release(media, detail->src_port);
    }
    if (detail->dst_port != POOL_NONE) {
        uint64_t hash = endpoint_hash(media->config.hash_seed, &detail->dst) | 1;
        if ((stream_at(media, number)->flags & STREAM_PROVEN) && detail->kind != MEDIA_VIDEO)
            media->heard[hash >> 32 & (HEARD_KEPT - 1)] = (struct heard_at){hash, stream_at(media, number)->arrival_ns};
        list_remove(media, LIST_TO, &port_at(media, detail->dst_port)->streams_to, number);
        port_release(media, detail->dst_port);
    }
    detail->src_port = detail->dst_port = POOL_NONE;
}

static void stream_drop(struct media *media, uint32_t number)
{
    pool_give(&media->streams, number);
    pool_give(&media->details, number);
}

void stream_close(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    if (detail->hash != 0)
        (void)table_remove(&media->index, detail->hash, number);
    detail->hash = 0;
    ports_give(media, number);
}

void stream_free(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    stream_close(media, number);
    ssrc_remove(media, number);
    if (detail->session != SESSION_NONE)
        list_remove(media, LIST_SESSION, &session_at(media, detail->session)->streams, number);
    detail_fini(media, detail);
    detail->id = 0; /* free slots are known by it */
    stream_drop(media, number);
}

static uint32_t ssrc_of(const struct media_packet *packet)
{
    const uint8_t *b = packet->bytes + 8;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* POOL_NONE without memory. */
static uint32_t stream_new(struct media *media, const struct media_packet *packet)
{
    uint32_t number, same, ssrc = ssrc_of(packet);
    port_prefetch(media, packet->src); /* three look-ups that wait for memory: at once */
    port_prefetch(media, packet->dst);
    ssrc_prefetch(media, ssrc);
    struct stream *stream = pool_take(&media->streams, &number);
    if (stream == NULL)
        return POOL_NONE;
    struct detail *detail = pool_take(&media->details, &same);
    if (detail == NULL) {
        pool_give(&media->streams, number);
        return POOL_NONE;
    }
    *detail = (struct detail){.src = *packet->src,
                              .dst = *packet->dst,
                              .first_ns = packet->time_ns,
                              .first_frame = packet->frame,
                              .session = SESSION_NONE,
                              .hash = packet->hash,
                              .ssrc = ssrc,
                              .usual = STREAM_SLOW,
                              .tap_first_ns = CLOCK_NONE};
    stream->key = (uint32_t)packet->hash;
    stream->payload_type = STREAM_SLOW;
    stream->arrival_ns = packet->time_ns;
    if (!ssrc_add(media, number)) {
        stream_drop(media, number);
        return POOL_NONE;
    }
    if (!table_add(&media->index, packet->hash, number)) {
        ssrc_remove(media, number);
        stream_drop(media, number);
        return POOL_NONE;
    }
    ports_take(media, number, packet);
    if (detail->src_port == POOL_NONE || detail->dst_port == POOL_NONE) {
        stream_free(media, number);
        return POOL_NONE;
    }
    detail->id = ++media->ids;
    return number;
}

uint32_t stream_number(struct media *media, struct media_packet *packet)
{
    uint32_t number = stream_find(media, packet->hash);
    if (number != POOL_NONE)
        return number;
    if (flow_bytes(media) > media->config.memory_limit / 4 * 5) { /* giving up what is silent did not help: a flood */
        media->totals.refused++;
        return POOL_NONE;
    }
    return stream_new(media, packet);
}

/* The table of streams: found by flow, made with their first packet, given up when they fell silent and no call waits for them. */
#include <stdlib.h>

#include "media/describe.h"
#include "media/digits.h"
#include "media/fax.h"
#include "media/reports.h"
#include "media/state.h"
#include "media/tones.h"

/* What never became a stream, and (live) streams of no call, are forgotten after this silence. */
#define UNPROVEN_NS (10 * NS_PER_SECOND)
#define SILENT_NS (60 * NS_PER_SECOND)
/* When memory is short. */
#define CROWDED_NS (2 * NS_PER_SECOND)

struct media *media_new(const struct media_config *config)
{
    struct media *media = calloc(1, sizeof *media);
    if (media == NULL)
        return NULL;
    media->config = *config;
    media->intern.seed = config->hash_seed;
    pool_init(&media->streams, sizeof(struct stream));
    pool_init(&media->details, sizeof(struct detail));
    pool_init(&media->ports, sizeof(struct port));
    pool_init(&media->sessions, sizeof(struct session));
    media->now_ns = media->looked_ns = media->tap.active_ns = media->tap.moment_ns = CLOCK_NONE;
    if (describe_init(media))
        return media;
    media_free(media);
    return NULL;
}

static void detail_fini(struct media *media, struct detail *detail)
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
}

void media_free(struct media *media)
{
    if (media == NULL)
        return;
    for (uint32_t i = 0; i < media->details.used; i++)
        if (detail_at(media, i)->id != 0)
            detail_fini(media, detail_at(media, i));
    for (uint32_t i = 0; i < media->sessions.used; i++)
        if (session_at(media, i)->call != 0)
            free(session_at(media, i)->digits);
    pool_fini(&media->streams);
    pool_fini(&media->details);
    pool_fini(&media->ports);
    pool_fini(&media->sessions);
    table_fini(&media->index);
    table_fini(&media->by_endpoint);
    table_fini(&media->by_ssrc);
    formats_fini(media);
    intern_fini(&media->intern);
    free(media->tap.gaps);
    free(media->description);
    free(media->ids_scratch);
    free(media);
}

void list_add(struct media *media, enum list list, uint32_t *head, uint32_t number)
{
    struct link *link = &detail_at(media, number)->links[list];
    link->before = POOL_NONE;
    link->next = *head;
    if (*head != POOL_NONE)
        detail_at(media, *head)->links[list].before = number;
    *head = number;
}

void list_remove(struct media *media, enum list list, uint32_t *head, uint32_t number)
{
    struct link *link = &detail_at(media, number)->links[list];
    if (link->before == POOL_NONE)
        *head = link->next;
    else
        detail_at(media, link->before)->links[list].next = link->next;
    if (link->next != POOL_NONE)
        detail_at(media, link->next)->links[list].before = link->before;
}

static uint64_t ssrc_hash(const struct media *media, uint32_t ssrc)
{
    return hash_word(media->config.hash_seed, ssrc);
}

uint32_t streams_of_ssrc(const struct media *media, uint32_t ssrc)
{
    uint64_t hash = ssrc_hash(media, ssrc);
    uint32_t cursor = 0, number;
    while ((number = table_next(&media->by_ssrc, hash, &cursor)) != TABLE_NONE)
        if (detail_at(media, number)->ssrc == ssrc)
            return number;
    return POOL_NONE;
}

static bool ssrc_add(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    uint64_t hash = ssrc_hash(media, detail->ssrc);
    uint32_t head = streams_of_ssrc(media, detail->ssrc);
    if (head != POOL_NONE)
        (void)table_remove(&media->by_ssrc, hash, head);
    list_add(media, LIST_SSRC, &head, number);
    return table_add(&media->by_ssrc, hash, number); /* after a removal there is room; else nothing was listed */
}

static void ssrc_remove(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    uint64_t hash = ssrc_hash(media, detail->ssrc);
    uint32_t head = streams_of_ssrc(media, detail->ssrc), next = head;
    list_remove(media, LIST_SSRC, &next, number);
    if (head == number) {
        (void)table_remove(&media->by_ssrc, hash, number);
        if (next != POOL_NONE)
            (void)table_add(&media->by_ssrc, hash, next);
    }
}

static inline uint64_t words_hash(uint64_t seed, uint64_t addresses, uint64_t rest)
{
    const uint64_t right = (seed << 29 | seed >> 35) ^ UINT64_C(0xe7037ed1a0b428db);
    uint64_t half = hash_mix(addresses ^ seed ^ UINT64_C(0xa0761d6478bd642f), rest ^ right);
    return hash_mix(half ^ right, ~seed ^ UINT64_C(0x8ebc6af09c88c6e3));
}

/* Of source, destination and SSRC; never 0. */
static inline uint64_t flow_hash(uint64_t seed, const struct media_packet *packet)
{
    const struct endpoint *src = packet->src, *dst = packet->dst;
    uint64_t rest = (uint64_t)src->port << 48 | (uint64_t)dst->port << 32 | hash_load32(packet->bytes + 8);
    if (src->family == 4)
        return words_hash(seed, hash_load32(src->address) << 32 | hash_load32(dst->address), rest) | 1;
    uint64_t from = words_hash(seed, hash_load64(src->address), hash_load64(src->address + 8));
    uint64_t to = words_hash(~seed, hash_load64(dst->address), hash_load64(dst->address + 8));
    return words_hash(seed, from ^ (to << 31 | to >> 33), rest) | 1;
}

/* The first stream in the flow's run of slots, whose key has still to be looked at; POOL_NONE. */
static inline uint32_t stream_find_likely(const struct media *media, uint64_t hash)
{
    uint32_t cursor = 0;
    return table_next(&media->index, hash, &cursor);
}

/* 64 seeded bits: two flows that share them do not happen. */
static uint32_t stream_find(const struct media *media, uint64_t hash)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&media->index, hash, &cursor)) != TABLE_NONE)
        if (stream_at(media, number)->key == (uint32_t)hash)
            return number;
    return POOL_NONE;
}

static size_t media_bytes(const struct media *media)
{
    return pool_bytes(&media->streams) + pool_bytes(&media->details) + pool_bytes(&media->ports) + pool_bytes(&media->sessions) +
           table_bytes(&media->index) + table_bytes(&media->by_endpoint) + table_bytes(&media->by_ssrc) + media->heap_bytes;
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
    table_prefetch(&media->by_ssrc, ssrc_hash(media, ssrc));
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
    packet->hash = flow_hash(media->config.hash_seed, packet);
    uint32_t number = stream_find(media, packet->hash);
    return number != POOL_NONE ? number : stream_new(media, packet);
}

static void packet_see(struct media *media, uint32_t number, const struct media_packet *packet)
{
    const uint8_t *b = packet->bytes;
    uint32_t timestamp = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];
    if (stream_usual(stream_at(media, number), packet, b[1], (uint16_t)(b[2] << 8 | b[3]), timestamp))
        return;
    stream_see(media, number, packet);
}

static void packet_new(struct media *media, const struct media_packet *packet)
{
    uint32_t number = stream_new(media, packet);
    if (number == POOL_NONE)
        return;
    stream_see(media, number, packet);
    if (stream_at(media, number)->packets == 0) /* no RTP after all */
        stream_free(media, number);
    else
        binding_tie(media, number);
}

void media_rtp(struct media *media, struct media_packet *packets, size_t count)
{
    uint32_t numbers[MEDIA_BATCH];
    for (size_t i = 0; i < count; i++) {
        packets[i].hash = flow_hash(media->config.hash_seed, &packets[i]);
        table_prefetch(&media->index, packets[i].hash);
    }
    for (size_t i = 0; i < count; i++) {
        numbers[i] = stream_find_likely(media, packets[i].hash);
        if (numbers[i] != POOL_NONE)
            __builtin_prefetch(stream_at(media, numbers[i]), 1);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t number = numbers[i];
        if (number == POOL_NONE || stream_at(media, number)->key != (uint32_t)packets[i].hash)
            number = stream_find(media, packets[i].hash); /* an earlier packet of the batch may have made it */
        if (number == POOL_NONE)
            packet_new(media, &packets[i]);
        else
            packet_see(media, number, &packets[i]);
    }
    media->totals.rtp_packets += count;
    if (count > 0 && packets[count - 1].time_ns > media->now_ns)
        media->now_ns = packets[count - 1].time_ns;
}

/* True when the stream was given up. */
static bool stream_look(struct media *media, uint32_t number, bool crowded)
{
    struct detail *detail = detail_at(media, number);
    const struct stream *stream = stream_at(media, number);
    int64_t silent = media->now_ns - stream->arrival_ns;
    bool proven = stream->flags & STREAM_PROVEN;
    if (!proven && silent > (crowded ? CROWDED_NS : UNPROVEN_NS)) {
        stream_free(media, number);
        return true;
    }
    bool waits = detail->session != SESSION_NONE || media->config.keep_to_end;
    if (proven && silent > (crowded ? CROWDED_NS : SILENT_NS) && (!waits || crowded)) {
        describe_publish(media, number, NULL);
        stream_free(media, number);
        media->totals.evicted += waits;
        return true;
    }
    return false;
}

void media_expire(struct media *media, int64_t now_ns)
{
    enum { LOOKS = 4096 };
    media->now_ns = now_ns > media->now_ns ? now_ns : media->now_ns;
    bool crowded = media_bytes(media) > media->config.memory_limit;
    if (!crowded && media->looked_ns != CLOCK_NONE && media->now_ns - media->looked_ns < NS_PER_SECOND)
        return;
    media->looked_ns = media->now_ns;
    for (unsigned i = 0; i < LOOKS && i < media->details.used; i++) {
        media->look = media->look + 1 < media->details.used ? media->look + 1 : 0;
        if (detail_at(media, media->look)->id != 0)
            (void)stream_look(media, media->look, crowded);
    }
}

static int by_id(const void *a, const void *b)
{
    const struct stream_order *left = a, *right = b;
    return left->id < right->id ? -1 : left->id > right->id;
}

void streams_sort(struct stream_order *order, size_t count)
{
    qsort(order, count, sizeof *order, by_id);
}

void media_finish(struct media *media)
{
    size_t count = 0;
    struct stream_order *order = malloc((media->details.live + 1) * sizeof *order);
    for (uint32_t i = 0; i < media->details.used && order != NULL; i++)
        if (detail_at(media, i)->id != 0)
            order[count++] = (struct stream_order){.id = detail_at(media, i)->id, .number = i};
    streams_sort(order, count);
    for (size_t i = 0; i < count; i++)
        if (stream_at(media, order[i].number)->flags & STREAM_PROVEN)
            describe_publish(media, order[i].number, NULL);
    free(order);
}

struct media_totals media_totals(const struct media *media)
{
    return media->totals;
}

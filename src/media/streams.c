/* All media: packets to their streams, streams that fell silent out of the way. */
#include <stdlib.h>

#include "media/audio.h"
#include "media/decrypt.h"
#include "media/describe.h"
#include "media/fax.h"
#include "media/flow.h"
#include "media/tap.h"

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
    media->now_ns = media->looked_ns = media->watched_ns = CLOCK_NONE;
    if (describe_init(media))
        return media;
    media_free(media);
    return NULL;
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
            session_fini(media, session_at(media, i));
    pool_fini(&media->streams);
    pool_fini(&media->details);
    pool_fini(&media->ports);
    pool_fini(&media->sessions);
    table_fini(&media->index);
    table_fini(&media->by_endpoint);
    table_fini(&media->by_ssrc);
    formats_fini(media);
    intern_fini(&media->intern);
    tap_free(media->tap);
    free(media->description);
    free(media->ids_scratch);
    free(media->digits_scratch);
    decrypt_forget(media);
    free(media);
}

static bool announced_for_fax(const struct media *media, const struct endpoint *endpoint)
{
    uint32_t number = port_find(media, endpoint);
    return number != POOL_NONE && port_at(media, number)->session != SESSION_NONE && port_at(media, number)->kind == MEDIA_IMAGE;
}

/* UDPTL has no SSRC: all that goes from here to there is one stream. False where it is no packet of it. */
static bool fax_take(struct media *media, const struct media_packet *from)
{
    static const uint8_t no_ssrc[12];
    struct udptl udptl;
    if ((!announced_for_fax(media, from->dst) && !announced_for_fax(media, from->src)) ||
        !udptl_parse(slice_of(from->bytes, from->len), &udptl))
        return false;
    struct media_packet packet = *from;
    packet.bytes = no_ssrc;
    packet.len = sizeof no_ssrc;
    packet.hash = flow_hash(media->config.hash_seed, &packet);
    uint32_t number = stream_number(media, &packet);
    if (number == POOL_NONE)
        return false;
    if (stream_at(media, number)->packets == 0) {
        fax_begin(media, number, packet.time_ns);
        binding_tie(media, number);
    } else if (detail_at(media, number)->fax == NULL) {
        return false; /* RTP whose SSRC is 0 */
    }
    fax_see(media, number, &packet, &udptl);
    return true;
}

/* False: it is no RTP. */
static bool packet_see(struct media *media, uint32_t number, const struct media_packet *packet)
{
    const uint8_t *b = packet->bytes;
    uint32_t timestamp = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];
    if (stream_usual(stream_at(media, number), packet, b[1], (uint16_t)(b[2] << 8 | b[3]), timestamp))
        return true;
    if (detail_at(media, number)->fax != NULL) /* zeros where an SSRC would be */
        return !fax_take(media, packet);
    stream_see(media, number, packet);
    return true;
}

/* Only now is known whose the stream is, and with which keys its first packet is to be checked. */
static void packet_first(struct media *media, uint32_t number, const struct media_packet *packet)
{
    struct rtp_header header;
    binding_tie(media, number);
    struct detail *detail = detail_at(media, number);
    if (detail->suite != INTERN_NONE)
        detail->sample_len = 0, detail->sample_size = 0; /* it was encrypted */
    bool sealed = decrypt_on(media, detail);
    if (sealed)
        decrypt_drop_newest(media, number);
    if ((!sealed && media->config.audio == NULL) || !rtp_parse(slice_of(packet->bytes, packet->len), &header))
        return;
    if (sealed)
        decrypt_first(media, number, packet, &header);
    else
        audio_hear(media, number, packet, &header);
}

/* A packet of no known flow. False: it is no RTP. A sequence number of UDPTL may look like RTP's version. */
static bool packet_new(struct media *media, struct media_packet *packet)
{
    if (fax_take(media, packet))
        return false;
    uint32_t number = stream_number(media, packet);
    if (number == POOL_NONE)
        return true;
    stream_see(media, number, packet);
    if (stream_at(media, number)->packets == 0) /* no RTP after all */
        stream_free(media, number);
    else
        packet_first(media, number, packet);
    return true;
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
        bool rtp = number == POOL_NONE ? packet_new(media, &packets[i]) : packet_see(media, number, &packets[i]);
        media->totals.rtp_packets += rtp;
    }
    if (count > 0 && packets[count - 1].time_ns > media->now_ns)
        media->now_ns = packets[count - 1].time_ns;
}

bool media_datagram(struct media *media, const struct sighting *sighting, struct slice bytes)
{
    return fax_take(media, &(struct media_packet){.time_ns = sighting->time_ns, .frame = sighting->frame, .src = &sighting->src,
                                                  .dst = &sighting->dst, .bytes = bytes.data, .len = (uint32_t)bytes.len,
                                                  .wire_len = (uint32_t)bytes.len});
}

/* True when the stream was given up. */
static bool stream_look(struct media *media, uint32_t number, bool crowded)
{
    struct detail *detail = detail_at(media, number);
    const struct stream *stream = stream_at(media, number);
    int64_t silent = media->now_ns - stream->arrival_ns;
    bool proven = stream->flags & STREAM_PROVEN;
    if (!proven && (crowded || silent > UNPROVEN_NS)) {
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
    bool crowded = flow_bytes(media) > media->config.memory_limit;
    if (!crowded && media->looked_ns != CLOCK_NONE && media->now_ns - media->looked_ns < NS_PER_SECOND)
        return;
    media->looked_ns = media->now_ns;
    for (unsigned i = 0; i < LOOKS && i < media->details.used; i++) {
        media->look = media->look + 1 < media->details.used ? media->look + 1 : 0;
        if (detail_at(media, media->look)->id != 0)
            (void)stream_look(media, media->look, crowded);
    }
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

void media_watch(struct media *media, record_reader *read, void *context)
{
    for (uint32_t i = 0; i < media->details.used; i++) {
        const struct detail *detail = detail_at(media, i);
        const struct stream *stream = stream_at(media, i);
        if (detail->id != 0 && detail->session == SESSION_NONE && (stream->flags & STREAM_PROVEN) != 0 &&
            stream->arrival_ns >= media->watched_ns)
            describe_give(media, i, NULL, read, context);
    }
    media->watched_ns = media->now_ns;
}

struct media_totals media_totals(const struct media *media)
{
    return media->totals;
}

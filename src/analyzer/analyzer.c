/* Decodes frames and sends each payload on its path; order within a batch is the capture's order. */
#include "analyzer/analyzer.h"

#include <stdlib.h>

#include "analyzer/pipeline.h"
#include "dissectors/dns.h"
#include "dissectors/sip_strict.h"

/* Shares of the memory budget for what waits to become whole; calls get the rest. */
enum { FRAGMENT_SHARE = 16, TCP_SHARE = 8, SCTP_SHARE = 32, TLS_SHARE = 16, MEDIA_SHARE = 3 };

/* Packets of two processors or interfaces may be written a little out of order; this is more. */
#define CLOCK_BACK_NS (100 * NS_PER_MS)

#define FIXED_BUFFER_NS (60 * NS_PER_MS)
#define ADAPTIVE_BUFFER_NS (500 * NS_PER_MS)

static struct media *media_begin(const struct analyzer_config *config, size_t memory)
{
    const struct site *site = config->site;
    int64_t delay = site == NULL || isnan(site->one_way_delay_ms) ? CLOCK_NONE : (int64_t)(site->one_way_delay_ms * (double)NS_PER_MS);
    struct buffer_model buffer = {.kind = config->adaptive_buffer ? BUFFER_ADAPTIVE : BUFFER_FIXED, .delay_ns = config->buffer_ns};
    if (buffer.delay_ns == 0)
        buffer.delay_ns = config->adaptive_buffer ? ADAPTIVE_BUFFER_NS : FIXED_BUFFER_NS;
    return media_new(&(struct media_config){.hash_seed = config->hash_seed,
                                            .memory_limit = memory,
                                            .keep_to_end = config->keep_to_end,
                                            .windows = config->windows,
                                            .tones = config->tones,
                                            .audio = config->audio,
                                            .audio_context = config->audio_context,
                                            .buffer = buffer,
                                            .one_way_delay_ns = delay,
                                            .counts = config->profile != NULL ? profile_is_trunks : NULL,
                                            .counts_context = config->profile,
                                            .publish = config->publish,
                                            .publish_context = config->publish_context});
}

static struct vetting *vetting_begin(struct analyzer *analyzer)
{
    return vetting_new(&(struct vetting_config){.hash_seed = analyzer->config.hash_seed,
                                                .profile = analyzer->config.profile,
                                                .site = analyzer->config.site,
                                                .rules = analyzer->rules,
                                                .found = finding_add,
                                                .found_context = analyzer});
}

/* What rules and logs keep of calls. */
static size_t others_hold(void *context)
{
    const struct analyzer *analyzer = context;
    return vetting_bytes(analyzer->vetting) + places_bytes(analyzer->places) + (analyzer->trunk == NULL ? 0 : trunk_bytes(analyzer->trunk)) +
           (analyzer->minutes == NULL ? 0 : minutes_bytes(analyzer->minutes));
}

static struct tls *tls_begin(struct analyzer *analyzer, const struct tcp_reader *reader, size_t memory)
{
    const struct analyzer_config *config = &analyzer->config;
    return tls_new(&(struct tls_config){.inner = *reader,
                                        .ended = connection_path,
                                        .media_keys = connection_path_keys,
                                        .ended_context = analyzer,
                                        .hash_seed = config->hash_seed,
                                        .memory_limit = memory,
                                        .keys_expected = config->keys_expected,
                                        .keep_to_end = config->keep_to_end,
                                        .anomalies = &analyzer->decoder.anomalies});
}

/* Where nobody asks, there is none. */
static bool trunk_begin(struct analyzer *analyzer)
{
    const struct analyzer_config *config = &analyzer->config;
    if (config->trunk)
        analyzer->trunk = trunk_new(&(struct trunk_config){
            .hash_seed = config->hash_seed, .profile = config->profile, .site = config->site});
    analyzer->due_ns = INT64_MAX;
    if (config->trunk && config->minutes)
        analyzer->minutes = minutes_new(&(struct minutes_config){.media = analyzer->media, .trunk = analyzer->trunk,
                                                                 .keep = config->wanted != NULL,
                                                                 .publish = config->publish, .publish_context = config->publish_context});
    return (!config->trunk || analyzer->trunk != NULL) && (!config->minutes || analyzer->minutes != NULL);
}

/* Places wait for their calls, unless all are wanted or their whole messages wait. */
static bool places_begin(struct analyzer *analyzer)
{
    const struct analyzer_config *config = &analyzer->config;
    if (!config->frames || config->messages || config->wanted == NULL)
        return true;
    analyzer->places = places_new(config->hash_seed);
    return analyzer->places != NULL;
}

struct analyzer *analyzer_new(const struct analyzer_config *config)
{
    struct analyzer *analyzer = calloc(1, sizeof *analyzer);
    if (analyzer == NULL)
        return NULL;
    analyzer->config = *config;
    analyzer->first_ns = analyzer->last_ns = analyzer->until_ns = CLOCK_NONE;
    size_t memory = config->memory_bytes;
    struct tcp_reader reader = {.context = analyzer, .read = stream_path, .release = stream_path_release};
    struct calls_config calls = {.hash_seed = config->hash_seed,
                                 .memory_limit = memory - memory / FRAGMENT_SHARE - memory / TCP_SHARE - memory / SCTP_SHARE -
                                                 memory / TLS_SHARE - memory / MEDIA_SHARE,
                                 .keep_to_end = config->keep_to_end,
                                 .caller_order = config->profile == NULL ? NULL : config->profile->caller_order,
                                 .keep_messages = config->messages && config->wanted != NULL,
                                 .publish = record_pass,
                                 .publish_context = analyzer,
                                 .wanted = config->wanted,
                                 .wanted_context = config->wanted_context,
                                 .complete = media_path_complete,
                                 .published = media_path_published,
                                 .describe = media_path_describe,
                                 .streams = media_path_streams,
                                 .complete_context = analyzer,
                                 .other_bytes = others_hold,
                                 .other_context = analyzer};
    analyzer->media = media_begin(config, memory / MEDIA_SHARE);
    calls.follower = (struct session_follower){.context = analyzer->media, .described = media_described, .ended = media_ended,
                                                .forget = media_forget, .forget_soon = media_forget_soon};
    sip_strict_init();
    if (analyzer->media != NULL && decoder_init(&analyzer->decoder, config->hash_seed, memory / FRAGMENT_SHARE) &&
        (analyzer->tcp = tcp_new(&reader, config->hash_seed, memory / TCP_SHARE, &analyzer->decoder.anomalies)) != NULL &&
        (analyzer->sctp = sctp_new(config->hash_seed, memory / SCTP_SHARE, &analyzer->decoder.anomalies)) != NULL &&
        (analyzer->tls = tls_begin(analyzer, &reader, memory / TLS_SHARE)) != NULL &&
        (analyzer->calls = calls_new(&calls)) != NULL && (analyzer->rules = rules_new()) != NULL &&
        (analyzer->vetting = vetting_begin(analyzer)) != NULL && trunk_begin(analyzer) && places_begin(analyzer)) {
        decoder_tell(&analyzer->decoder, fragment_path_lost, analyzer);
        return analyzer;
    }
    analyzer_free(analyzer);
    return NULL;
}

void analyzer_free(struct analyzer *analyzer)
{
    if (analyzer == NULL)
        return;
    tcp_free(analyzer->tcp); /* its streams' states are released through the analyzer */
    tls_free(analyzer->tls);
    sctp_free(analyzer->sctp);
    calls_free(analyzer->calls);
    media_free(analyzer->media);
    vetting_free(analyzer->vetting);
    minutes_free(analyzer->minutes);
    trunk_free(analyzer->trunk);
    places_free(analyzer->places);
    tally_fini(&analyzer->tally);
    rules_free(analyzer->rules);
    table_fini(&analyzer->conformance.shapes);
    decoder_fini(&analyzer->decoder);
    free(analyzer);
}

static struct sighting sighting_of(const struct packet *packet, enum transport transport)
{
    return (struct sighting){.time_ns = packet->time_ns,
                             .frame = packet->frame,
                             .src = packet->src,
                             .dst = packet->dst,
                             .transport = transport,
                             .truncated = (packet->flags & PACKET_TRUNCATED) != 0,
                             .dont_fragment = (packet->flags & PACKET_DF) != 0,
                             .fragments = packet->fragments,
                             .ip_bytes = packet->ip_wire_len};
}

static void sctp_message(void *context, const struct packet *packet, struct slice bytes, uint32_t ppid)
{
    (void)ppid; /* RFC 4168 asks for 0, but the content tells */
    struct sighting sighting = sighting_of(packet, TRANSPORT_SCTP);
    datagram_path(context, bytes, &sighting, false);
}

static bool packet_accepted(struct analyzer *analyzer, const struct frame *frame, const struct packet *packet)
{
    const struct analyzer_config *config = &analyzer->config;
    if (config->accept == NULL || config->accept(config->accept_context, frame, slice_of(packet->ip, packet->ip_len),
                                                 packet->ip_wire_len, (packet->flags & PACKET_REASSEMBLED) != 0))
        return true;
    analyzer->filtered_packets++;
    return false;
}

/* Version 2 in the first two bits: RTP or RTCP (RFC 3550 5.1), most of all traffic. A DNS response begins with any bits. */
static inline bool looks_like_rtp(const struct packet *packet)
{
    return packet->payload_len >= 12 && packet->payload[0] >> 6 == 2 && packet->src.port != DNS_PORT;
}

/* RTCP's packet types are 192 to 223 (RFC 5761 4). */
static inline bool is_rtp(const struct packet *packet)
{
    return packet->protocol == IP_UDP && (packet->flags & PACKET_QUOTED) == 0 && looks_like_rtp(packet) &&
           (packet->payload[1] < 192 || packet->payload[1] > 223);
}

/* All that waits, in its order: SIP messages, then the RTP that came behind them. */
static void rtp_flush(struct analyzer *analyzer)
{
    sip_path_flush(analyzer);
    if (analyzer->rtp_count > 0)
        media_rtp(analyzer->media, analyzer->rtp, analyzer->rtp_count);
    analyzer->rtp_count = 0;
}

/* Minutes that are over are published, with all packets so far; a message that waits may begin or end a call. */
static void minutes_reach(struct analyzer *analyzer, int64_t now_ns)
{
    if (analyzer->waiting > 0) /* one of them may begin a call */
        rtp_flush(analyzer);
    if (now_ns < analyzer->due_ns)
        return;
    rtp_flush(analyzer);
    analyzer->due_ns = minutes_pass(analyzer->minutes, now_ns);
}

static void packet_path(struct analyzer *analyzer, const struct packet *packet)
{
    struct sighting sighting = sighting_of(packet, TRANSPORT_UDP);
    bool quoted = (packet->flags & PACKET_QUOTED) != 0;
    if (!quoted && packet->protocol == IP_UDP && !looks_like_rtp(packet)) {
        datagram_path(analyzer, packet_payload(packet), &sighting, (packet->flags & PACKET_REASSEMBLED) == 0);
        return;
    }
    sip_path_flush(analyzer);
    if (quoted)
        sip_path_quoted(analyzer, packet);
    else if (packet->protocol == IP_UDP && !media_datagram(analyzer->media, &sighting, packet_payload(packet)))
        media_rtcp(analyzer->media, &sighting, packet_payload(packet)); /* RTP itself went the other way */
    else if (packet->protocol == IP_TCP)
        tcp_segment(analyzer->tcp, packet);
    else if (packet->protocol == IP_SCTP)
        sctp_packet(analyzer->sctp, packet, sctp_message, analyzer);
}

/* RTP waits for a batch, in which its memory is fetched ahead, and so is that of the SIP before it; anything else goes behind all that
   came before it. */
static inline void packet_take(struct analyzer *analyzer, const struct packet *packet)
{
    if (!is_rtp(packet)) {
        if (analyzer->rtp_count > 0)
            rtp_flush(analyzer);
        packet_path(analyzer, packet);
        return;
    }
    if (analyzer->waiting > 0 && analyzer->rtp_count < 2)
        sip_path_step(analyzer, analyzer->rtp_count);
    analyzer->rtp[analyzer->rtp_count++] = (struct media_packet){.time_ns = packet->time_ns,
                                                                 .frame = packet->frame,
                                                                 .src = &packet->src,
                                                                 .dst = &packet->dst,
                                                                 .bytes = packet->payload,
                                                                 .len = packet->payload_len,
                                                                 .wire_len = packet->wire_len};
    /* A reassembled datagram lives until the next one is decoded. */
    if (analyzer->rtp_count == MEDIA_BATCH || (packet->flags & PACKET_REASSEMBLED) != 0)
        rtp_flush(analyzer);
}

void analyzer_feed(struct analyzer *analyzer, const struct frame *frames, size_t count)
{
    int64_t first_ns = INT64_MAX, last_ns = analyzer->last_ns;
    int64_t before_ns = analyzer->packets == 0 ? INT64_MIN + CLOCK_BACK_NS : analyzer->before_ns;
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const struct frame *frame = &frames[i];
        bytes += frame->bytes.len;
        if (frame->time_ns < before_ns - CLOCK_BACK_NS)
            anomaly_add(&analyzer->decoder.anomalies, ANOMALY_CLOCK_BACK);
        before_ns = frame->time_ns;
        /* Times may run backwards (merged captures, two clocks): the extremes count. */
        first_ns = frame->time_ns < first_ns ? frame->time_ns : first_ns;
        last_ns = frame->time_ns > last_ns ? frame->time_ns : last_ns; /* CLOCK_NONE is the smallest */
        if (analyzer->minutes != NULL)
            minutes_reach(analyzer, frame->time_ns);
        struct packet *packet = &analyzer->scratch[analyzer->rtp_count];
        if (decode_frame(&analyzer->decoder, frame, packet) && packet_accepted(analyzer, frame, packet))
            packet_take(analyzer, packet);
    }
    rtp_flush(analyzer); /* frames are borrowed for this call */
    if (count == 0)
        return;
    analyzer->packets += count;
    analyzer->before_ns = before_ns;
    analyzer->bytes += bytes;
    analyzer->last_ns = last_ns;
    if (analyzer->first_ns == CLOCK_NONE || first_ns < analyzer->first_ns)
        analyzer->first_ns = first_ns;
    tls_expire(analyzer->tls, analyzer->last_ns);
    calls_expire(analyzer->calls, analyzer->last_ns);
    media_expire(analyzer->media, analyzer->last_ns);
}

void analyzer_tick(struct analyzer *analyzer, int64_t now_ns)
{
    tls_expire(analyzer->tls, now_ns);
    if (analyzer->minutes != NULL)
        minutes_reach(analyzer, now_ns);
    calls_expire(analyzer->calls, now_ns);
    media_expire(analyzer->media, now_ns);
}

void analyzer_until(struct analyzer *analyzer, int64_t end_ns)
{
    if (analyzer->last_ns != CLOCK_NONE && end_ns > analyzer_now(analyzer))
        analyzer->until_ns = end_ns;
}

void analyzer_keys(struct analyzer *analyzer, struct slice lines)
{
    tls_keys(analyzer->tls, lines);
}

void analyzer_secrets(const struct analyzer *analyzer, struct slice client_random, struct text *out)
{
    tls_secrets(analyzer->tls, client_random, out);
}

void analyzer_finish(struct analyzer *analyzer)
{
    tcp_finish(analyzer->tcp);
    tls_finish(analyzer->tls);
    sctp_finish(analyzer->sctp);
    decoder_finish(&analyzer->decoder);
    calls_finish(analyzer->calls, analyzer_now(analyzer));
    media_finish(analyzer->media);
    tally_sort(&analyzer->tally);
}

static void summary_fill(const struct analyzer *analyzer, const struct calls_totals *totals, struct summary_record *summary)
{
    struct media_totals media = media_totals(analyzer->media);
    *summary = (struct summary_record){
        .packets = analyzer->packets,
        .bytes = analyzer->bytes,
        .filtered_packets = analyzer->filtered_packets,
        .first = analyzer->first_ns,
        .last = analyzer->last_ns,
        .sip_messages = analyzer->sip_messages,
        .sip_checked = analyzer->conformance.checked,
        .sip_malformed = analyzer->conformance.malformed,
        .calls = totals->calls,
        .streams = media.streams,
        .rtp_packets = media.rtp_packets,
        .rtcp_packets = media.rtcp_packets,
        .tls_connections = analyzer->tls_tally.connections,
        .tls_decrypted = analyzer->tls_tally.decrypted,
        .tls_failed = analyzer->tls_tally.failed,
        .anomalies = analyzer->decoder.anomalies,
        .icmp_errors = analyzer->icmp_errors,
        .kernel_drops = NUMBER_NONE,
        .interface_drops = NUMBER_NONE,
        .rules = analyzer->tally.rules,
        .rule_count = analyzer->tally.rule_count,
        .hosts = analyzer->tally.hosts,
        .host_count = analyzer->tally.host_count,
        .calls_at_once = vetting_totals(analyzer->vetting).at_once,
        .calls_per_second = vetting_totals(analyzer->vetting).per_second,
        .evicted = calls_evicted(analyzer->calls) + media.evicted,
        .rtp_refused = media.refused,
        .rtcp_unread = media.rtcp_unread,
        .rtcp_decrypted = media.rtcp_decrypted,
    };
    memcpy(summary->call_states, totals->states, sizeof summary->call_states);
    for (int i = 0; i < SEVERITY_COUNT; i++)
        summary->findings[i] = totals->findings[i] + analyzer->loose_findings[i];
}

void analyzer_summary(const struct analyzer *analyzer, struct summary_record *summary)
{
    summary_fill(analyzer, calls_totals(analyzer->calls), summary);
}

void analyzer_watch(struct analyzer *analyzer, record_reader *read, void *context, struct summary_record *summary)
{
    struct calls_totals totals;
    calls_watch(analyzer->calls, read, context, &totals);
    media_watch(analyzer->media, read, context);
    summary_fill(analyzer, &totals, summary);
    summary->rules = NULL; /* the lists stay in this thread */
    summary->hosts = NULL;
    summary->rule_count = summary->host_count = 0;
}

/* RTCP goes by SSRC and address, and by port only where several streams fit: with rtcp-mux, a=rtcp and NAT no rule about ports holds.
   Round trips are the tap's own (RFC 3550 6.4.1 from where we stand): a sender report passes at t1, the receiver quotes it at t2 and says
   how long it kept it. */
#include "media/reports.h"

#include <stdlib.h>

#include "dissectors/quality_report.h"
#include "dissectors/rtcp.h"
#include "media/decrypt.h"

/* A round trip that no network has: the receiver's DLSR is in other units, or its clock stopped. */
#define ROUND_TRIP_MOST_NS (30 * NS_PER_SECOND)
/* A mirror port shows a packet as it comes and as it leaves again. */
#define AGAIN_NS (20 * NS_PER_MS)

void reports_free(struct media *media, struct reports *reports)
{
    if (reports == NULL)
        return;
    media->heap_bytes -= sizeof *reports + (reports->list == NULL ? 0 : sizeof *reports->list);
    free(reports->list);
    free(reports);
}

static struct reports *reports_of(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    if (detail->reports == NULL && (detail->reports = calloc(1, sizeof *detail->reports)) != NULL) {
        media->heap_bytes += sizeof *detail->reports;
        detail->reports->far_ns = detail->reports->near_ns = CLOCK_NONE;
    }
    return detail->reports;
}

/* Only where windows are asked for: both are for plots and ladders. */
static void report_list(struct media *media, struct reports *reports, struct stream_report report)
{
    struct report_list *list = reports->list;
    if (!media->config.windows)
        return;
    if (list == NULL) {
        reports->list = list = calloc(1, sizeof *list);
        if (list == NULL)
            return;
        media->heap_bytes += sizeof *list;
        list->step = 1;
    }
    if (list->seen++ % list->step != 0)
        return;
    if (list->count == REPORTS_LISTED) { /* each second one goes; this one would have been kept too */
        for (uint32_t i = 0; i < REPORTS_LISTED / 2; i++)
            list->items[i] = list->items[2 * i];
        list->count = REPORTS_LISTED / 2;
        list->step *= 2;
    }
    list->items[list->count++] = report;
}

const struct stream_report *reports_listed(const struct detail *detail, size_t *count)
{
    const struct report_list *list = detail->reports == NULL ? NULL : detail->reports->list;
    *count = list == NULL ? 0 : list->count;
    return list == NULL ? NULL : list->items;
}

static int64_t ms_ns(double ms)
{
    return isnan(ms) ? CLOCK_NONE : (int64_t)(ms * (double)NS_PER_MS);
}

/* The stream that the report's sender received: by the addresses that it names, else the one with most packets toward its side. */
static uint32_t stream_received(const struct media *media, uint32_t session, const struct quality_report *report, bool by_caller)
{
    uint32_t best = POOL_NONE;
    for (uint32_t at = session_at(media, session)->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next) {
        const struct detail *detail = detail_at(media, at);
        if (report->local.family != 0 && endpoint_equal(&report->local, &detail->dst))
            return at;
        bool toward = detail->toward == (by_caller ? SIDE_CALLER : SIDE_CALLEE) && detail->kind != MEDIA_VIDEO;
        if (toward && (best == POOL_NONE || stream_at(media, at)->packets > stream_at(media, best)->packets))
            best = at;
    }
    return best;
}

void media_quality(struct media *media, uint32_t session, const struct quality_report *report, bool by_caller, const char *by)
{
    uint32_t number = session == SESSION_NONE ? POOL_NONE : stream_received(media, session, report, by_caller);
    struct reports *reports = number == POOL_NONE ? NULL : reports_of(media, number);
    if (reports == NULL)
        return;
    reports->reported = (struct stream_reported){.by = slice_str(by),
                                                 .received = report->received,
                                                 .lost = report->lost,
                                                 .loss_pct = report->loss_pct,
                                                 .discard_pct = report->discard_pct,
                                                 .mos_lq = report->mos_lq,
                                                 .mos_cq = report->mos_cq,
                                                 .jitter = ms_ns(report->jitter_ms),
                                                 .rtt = ms_ns(report->round_trip_ms)};
}

/* How well an end of an RTCP packet fits an end of a stream: not at all, by its address, by its port too. RTCP has the port of the RTP or
   the next one (RFC 3550 11, RFC 5761), if nothing else was agreed. */
static unsigned end_fits(const struct endpoint *rtp, const struct endpoint *rtcp)
{
    if (!endpoint_equal_address(rtp, rtcp))
        return 0;
    return rtcp->port == rtp->port || rtcp->port == rtp->port + 1 ? 2 : 1;
}

/* The stream of the SSRC that the packet speaks of: sent by its source (SR, BYE), or received there (report blocks). More than one has it
   where a relay leaves the SSRC as it is: both ends by their addresses go before one, and then the ports tell, as they do on a host that
   talks to itself. An address that fits neither end (NAT) is no obstacle where only one stream has the SSRC. POOL_NONE. */
static uint32_t stream_meant(const struct media *media, uint32_t ssrc, const struct sighting *sighting, bool sent)
{
    enum { LOOKS = 16, BOTH_ENDS = 8 };
    uint32_t first = streams_of_ssrc(media, ssrc), at = first, best = POOL_NONE;
    unsigned looks = 0, most = 0;
    for (; at != POOL_NONE && looks < LOOKS; looks++) {
        const struct detail *detail = detail_at(media, at);
        unsigned near = end_fits(sent ? &detail->src : &detail->dst, &sighting->src), far = end_fits(sent ? &detail->dst : &detail->src, &sighting->dst);
        unsigned fit = near + far + (near > 0 && far > 0 ? BOTH_ENDS : 0);
        if (fit > most) {
            most = fit;
            best = at;
        }
        at = detail->links[LIST_SSRC].next;
    }
    return most > 0 ? best : looks == 1 ? first : POOL_NONE;
}

/* The middle 32 bits of an NTP time (RFC 3550 4). */
static uint32_t ntp_middle(uint32_t seconds, uint32_t fraction)
{
    return seconds << 16 | fraction >> 16;
}

/* t2 - t1 - the time that the other end kept it; CLOCK_NONE where that is impossible. */
static int64_t round_trip(int64_t from_ns, int64_t to_ns, uint32_t kept)
{
    int64_t trip = to_ns - from_ns - (int64_t)(((uint64_t)kept * (uint64_t)NS_PER_SECOND) >> 16);
    return trip < 0 || trip > ROUND_TRIP_MOST_NS ? CLOCK_NONE : trip;
}

static void sender_take(struct media *media, const struct sighting *sighting, const struct rtcp_packet *packet, struct slice *body)
{
    struct rtcp_sender sender;
    uint32_t number = stream_meant(media, packet->ssrc, sighting, true);
    if (!rtcp_sender_read(body, &sender) || number == POOL_NONE)
        return;
    struct reports *reports = reports_of(media, number);
    if (reports == NULL)
        return;
    reports->sr++;
    reports->sent[reports->sent_next++ % SENDER_REPORTS_KEPT] =
        (struct sender_report){.ntp_middle = ntp_middle(sender.ntp_seconds, sender.ntp_fraction), .time_ns = sighting->time_ns};
    if (packet->count == 0) /* else its reports of what it receives are listed */
        report_list(media, reports, (struct stream_report){.at = sighting->time_ns, .kind = slice_str("SR"), .loss_pct = NAN,
                                                           .lost = CLOCK_NONE, .jitter = CLOCK_NONE, .rtt = CLOCK_NONE});
}

static void quoted_take(struct reports *reports, const struct rtcp_report *report, int64_t time_ns)
{
    for (unsigned i = 0; report->last_sr != 0 && i < SENDER_REPORTS_KEPT; i++) {
        if (reports->sent[i].ntp_middle != report->last_sr)
            continue;
        int64_t trip = round_trip(reports->sent[i].time_ns, time_ns, report->delay);
        reports->far_ns = trip != CLOCK_NONE ? trip : reports->far_ns;
    }
}

static double of_256(uint8_t value)
{
    return 100.0 * value / 256;
}

/* Of timestamp units. */
static int64_t jitter_ns(const struct detail *detail, uint32_t jitter)
{
    return detail->clock_hz == 0 ? CLOCK_NONE : (int64_t)jitter * NS_PER_SECOND / detail->clock_hz;
}

/* The cumulative number of packets lost stands still at its ends (RFC 3550 6.4.1): how many were lost is then not known. */
static bool count_holds(int32_t lost)
{
    return lost > -0x800000 && lost < 0x7fffff;
}

static void report_take(struct media *media, const struct sighting *sighting, const struct rtcp_packet *packet,
                        const struct rtcp_report *report)
{
    uint32_t number = stream_meant(media, report->ssrc, sighting, false);
    struct reports *reports = number == POOL_NONE ? NULL : reports_of(media, number);
    if (reports == NULL)
        return;
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    uint64_t expected = stream_expected(stream, detail), unique = stream_unique(stream, detail);
    reports->rr++;
    reports->lost = report->lost;
    reports->lost_by_tap = expected > unique ? (uint32_t)(expected - unique) : 0;
    if (!reports->has_report) {
        reports->first_lost = reports->lost;
        reports->first_lost_by_tap = reports->lost_by_tap;
        reports->first_expected_by_tap = (uint32_t)expected;
    }
    reports->has_report = true;
    reports->expected_by_tap = (uint32_t)expected;
    reports->fraction_max = report->fraction > reports->fraction_max ? report->fraction : reports->fraction_max;
    reports->jitter_max = report->jitter > reports->jitter_max ? report->jitter : reports->jitter_max;
    quoted_take(reports, report, sighting->time_ns);
    report_list(media, reports, (struct stream_report){.at = sighting->time_ns,
                                                       .kind = slice_str(packet->type == RTCP_SR ? "SR" : "RR"),
                                                       .from_receiver = true,
                                                       .loss_pct = of_256(report->fraction),
                                                       .lost = count_holds(report->lost) ? report->lost : CLOCK_NONE,
                                                       .jitter = jitter_ns(detail, report->jitter),
                                                       .rtt = reports_round_trip_ns(media, number)});
}

static int64_t milliseconds(uint16_t ms)
{
    return ms * NS_PER_MS;
}

static void voip_take(struct media *media, const struct sighting *sighting, struct slice body)
{
    struct rtcp_voip_metrics m;
    uint32_t number = rtcp_voip_metrics_read(body, &m) ? stream_meant(media, m.ssrc, sighting, false) : POOL_NONE;
    struct reports *reports = number == POOL_NONE ? NULL : reports_of(media, number);
    if (reports == NULL)
        return;
    enum { UNAVAILABLE = 127 };
    reports->has_xr = true;
    reports->xr = (struct stream_xr){.loss_pct = of_256(m.loss),
                                     .discard_pct = of_256(m.discard),
                                     .burst_loss_pct = of_256(m.burst_density),
                                     .gap_loss_pct = of_256(m.gap_density),
                                     .burst = milliseconds(m.burst_ms),
                                     .gap = milliseconds(m.gap_ms),
                                     .round_trip = m.round_trip_ms == 0 ? CLOCK_NONE : milliseconds(m.round_trip_ms),
                                     .end_system_delay = m.end_system_ms == 0 ? CLOCK_NONE : milliseconds(m.end_system_ms),
                                     .r = m.r == UNAVAILABLE ? NUMBER_NONE : m.r,
                                     .mos_lq = m.mos_lq == UNAVAILABLE ? NAN : m.mos_lq / 10.0,
                                     .mos_cq = m.mos_cq == UNAVAILABLE ? NAN : m.mos_cq / 10.0,
                                     .buffer = milliseconds(m.buffer_nominal_ms)};
}

static void reference_take(struct media *media, const struct sighting *sighting, uint32_t ssrc, struct slice body)
{
    struct reader r = reader_over(body);
    uint32_t seconds = reader_be32(&r), fraction = reader_be32(&r);
    if (!r.fault)
        media->references[media->reference_next++ % REFERENCES_KEPT] =
            (struct reference_time){.ssrc = ssrc, .ntp_middle = ntp_middle(seconds, fraction), .time_ns = sighting->time_ns};
}

/* The sender of this block is the far end of the reference time's way. */
static void dlrr_take(struct media *media, const struct sighting *sighting, uint32_t sender, struct slice body)
{
    struct rtcp_dlrr dlrr;
    while (body.len > 0 && rtcp_dlrr_read(&body, &dlrr)) {
        for (unsigned i = 0; i < REFERENCES_KEPT; i++) {
            const struct reference_time *reference = &media->references[i];
            if (reference->ssrc != dlrr.ssrc || reference->ntp_middle != dlrr.last_rr || dlrr.last_rr == 0)
                continue;
            int64_t trip = round_trip(reference->time_ns, sighting->time_ns, dlrr.delay);
            uint32_t number = trip == CLOCK_NONE ? POOL_NONE : stream_meant(media, sender, sighting, true);
            struct reports *reports = number == POOL_NONE ? NULL : reports_of(media, number);
            if (reports != NULL)
                reports->near_ns = trip;
        }
    }
}

static void extended_take(struct media *media, const struct sighting *sighting, const struct rtcp_packet *packet)
{
    struct slice body = packet->body;
    struct rtcp_xr_block block;
    while (body.len > 0 && rtcp_xr_read(&body, &block)) {
        if (block.type == RTCP_XR_VOIP)
            voip_take(media, sighting, block.body);
        else if (block.type == RTCP_XR_RRT)
            reference_take(media, sighting, packet->ssrc, block.body);
        else if (block.type == RTCP_XR_DLRR)
            dlrr_take(media, sighting, packet->ssrc, block.body);
    }
}

/* SDES chunk of the sender (RFC 3550 6.5): items of type(8), length(8), text; CNAME is type 1. */
static void name_take(struct media *media, const struct sighting *sighting, const struct rtcp_packet *packet)
{
    uint32_t number = stream_meant(media, packet->ssrc, sighting, true);
    struct reports *reports = number == POOL_NONE ? NULL : reports_of(media, number);
    struct reader r = reader_over(packet->body);
    while (reports != NULL && reports->cname == INTERN_NONE && !r.fault && reader_left(&r) > 0) {
        uint8_t type = reader_u8(&r);
        if (type == 0)
            break;
        struct slice text = reader_slice(&r, reader_u8(&r));
        if (type == 1)
            reports->cname = intern_number(&media->intern, text);
    }
}

/* To whom a compound packet goes: with the stream of its sender, or against the one that it reports on. */
static void way_count(struct media *media, const struct sighting *sighting, struct slice bytes)
{
    struct rtcp_walk walk = {.reader = reader_over(bytes)};
    struct rtcp_packet packet;
    struct rtcp_report report;
    if (!rtcp_next(&walk, &packet) || (packet.type != RTCP_SR && packet.type != RTCP_RR))
        return;
    struct slice body = packet.body;
    struct rtcp_sender sender;
    bool sent = true;
    uint32_t number = stream_meant(media, packet.ssrc, sighting, true);
    if (number == POOL_NONE && (packet.type == RTCP_RR || rtcp_sender_read(&body, &sender)) && packet.count > 0 &&
        rtcp_report_read(&body, &report)) {
        sent = false;
        number = stream_meant(media, report.ssrc, sighting, false);
    }
    if (number == POOL_NONE || detail_at(media, number)->session == SESSION_NONE || !ways_count(media, number))
        return;
    struct session *session = session_at(media, detail_at(media, number)->session);
    unsigned toward = detail_at(media, number)->toward == SIDE_CALLER ? SIDE_CALLER : SIDE_CALLEE;
    session->rtcp_packets[sent ? toward : !toward]++;
    session->rtcp_bytes[sent ? toward : !toward] += (uint32_t)bytes.len;
}

/* The same bytes between the same ends a moment ago: no sender repeats a report so soon (RFC 3550 6.2). */
static bool rtcp_again(struct media *media, const struct sighting *sighting, struct slice bytes)
{
    uint64_t hash = hash_bytes(endpoint_hash(media->config.hash_seed, &sighting->src) , bytes);
    hash = hash_word(hash, endpoint_hash(media->config.hash_seed, &sighting->dst)) | 1;
    for (unsigned i = 0; i < RTCP_SEEN; i++)
        if (media->rtcp_seen[i].hash == hash && sighting->time_ns - media->rtcp_seen[i].time_ns < AGAIN_NS)
            return true;
    media->rtcp_seen[media->rtcp_seen_next++ % RTCP_SEEN] = (struct rtcp_seen){hash, sighting->time_ns};
    return false;
}

void media_rtcp(struct media *media, const struct sighting *sighting, struct slice bytes)
{
    struct rtcp_walk walk = {.reader = reader_over(bytes)};
    struct rtcp_packet packet;
    struct rtcp_report report;
    media->totals.rtcp_packets++;
    if (rtcp_again(media, sighting, bytes))
        return;
    if (!rtcp_plausible(bytes)) {
        bytes = decrypt_rtcp(media, sighting, bytes);
        if (!rtcp_plausible(bytes)) {
            media->totals.rtcp_unread++;
            return; /* encrypted, cut, or broken: nothing of it can be believed */
        }
        walk.reader = reader_over(bytes);
        media->totals.rtcp_decrypted++;
    }
    way_count(media, sighting, bytes);
    while (rtcp_next(&walk, &packet)) {
        struct slice body = packet.body;
        if (packet.type == RTCP_SR)
            sender_take(media, sighting, &packet, &body);
        for (unsigned i = 0; (packet.type == RTCP_SR || packet.type == RTCP_RR) && i < packet.count; i++)
            if (rtcp_report_read(&body, &report))
                report_take(media, sighting, &packet, &report);
        if (packet.type == RTCP_XR)
            extended_take(media, sighting, &packet);
        if (packet.type == RTCP_SDES && packet.count > 0)
            name_take(media, sighting, &packet);
        uint32_t number = packet.type == RTCP_BYE && packet.count > 0 ? stream_meant(media, packet.ssrc, sighting, true) : POOL_NONE;
        if (number != POOL_NONE && reports_of(media, number) != NULL)
            detail_at(media, number)->reports->bye = true;
    }
}

/* The stream of the same call that goes the other way between the same ends, with reports; POOL_NONE. */
static uint32_t opposite_of(const struct media *media, const struct detail *detail)
{
    enum { LOOKS = 16 };
    uint32_t at = detail->session == SESSION_NONE ? POOL_NONE : session_at(media, detail->session)->streams;
    for (unsigned looks = 0; at != POOL_NONE && looks < LOOKS; looks++) {
        const struct detail *other = detail_at(media, at);
        if (endpoint_equal(&other->dst, &detail->src) && endpoint_equal(&other->src, &detail->dst) && other->reports != NULL)
            return at;
        at = other->links[LIST_SESSION].next;
    }
    return POOL_NONE;
}

int64_t reports_round_trip_ns(const struct media *media, uint32_t number)
{
    const struct detail *detail = detail_at(media, number);
    const struct reports *reports = detail->reports;
    if (reports == NULL || reports->far_ns == CLOCK_NONE)
        return CLOCK_NONE;
    int64_t near = reports->near_ns;
    uint32_t other = near == CLOCK_NONE ? opposite_of(media, detail) : POOL_NONE;
    if (other != POOL_NONE)
        near = detail_at(media, other)->reports->far_ns;
    return near == CLOCK_NONE ? CLOCK_NONE : reports->far_ns + near;
}

/* The stream began before the tap's eyes: its call was described, and it goes on with no other one. Then the receiver has counted since the
   tap does; else what its oldest report says was lost may have been lost before the capture. */
static bool began_here(const struct media *media, const struct detail *detail)
{
    const struct session *session = detail->session == SESSION_NONE ? NULL : session_at(media, detail->session);
    return session != NULL && session->hop_key != 0 && session->described_ns <= detail->first_ns && detail->why != WHY_CONTINUITY;
}

/* By what the tap missed and what the receiver missed at the same time. A few packets under way prove nothing. */
static const char *lost_where(const struct media *media, const struct detail *detail)
{
    enum { SLACK = 2 };
    const struct reports *reports = detail->reports;
    int64_t tap = reports->lost_by_tap, receiver = reports->lost > 0 ? reports->lost : 0;
    if (!count_holds(reports->lost) || !count_holds(reports->first_lost))
        return NULL;
    if (!began_here(media, detail) || reports->first_lost > (int64_t)reports->first_expected_by_tap) {
        tap -= reports->first_lost_by_tap;
        receiver = reports->lost > reports->first_lost ? reports->lost - reports->first_lost : 0;
    }
    bool before = tap > SLACK && receiver > SLACK, after = receiver > tap + SLACK + tap / 10;
    if (tap > receiver + SLACK + receiver / 10)
        return receiver > SLACK ? "before the tap" : "at the tap";
    return before && after ? "both" : before ? "before the tap" : after ? "after the tap" : NULL;
}

bool reports_describe(const struct media *media, uint32_t number, struct stream_rtcp *rtcp)
{
    const struct detail *detail = detail_at(media, number);
    const struct reports *reports = detail->reports;
    if (reports == NULL || reports->sr + reports->rr + reports->bye + reports->has_xr == 0)
        return false;
    const char *where = reports->has_report ? lost_where(media, detail) : NULL;
    *rtcp = (struct stream_rtcp){.sr = reports->sr,
                                 .rr = reports->rr,
                                 .lost = !reports->has_report || !count_holds(reports->lost) ? NUMBER_NONE : reports->lost > 0 ? (uint64_t)reports->lost : 0,
                                 .fraction_pct = reports->has_report ? of_256(reports->fraction_max) : NAN,
                                 .jitter = reports->has_report ? jitter_ns(detail, reports->jitter_max) : CLOCK_NONE,
                                 .rtt = reports_round_trip_ns(media, number),
                                 .rtt_far = reports->far_ns,
                                 .where = where == NULL ? SLICE_NONE : slice_str(where),
                                 .cname = intern_text(&media->intern, reports->cname),
                                 .bye = reports->bye,
                                 .xr = reports->has_xr ? &reports->xr : NULL};
    return true;
}

const struct stream_reported *reports_by_sip(const struct detail *detail)
{
    return detail->reports == NULL || detail->reports->reported.by.len == 0 ? NULL : &detail->reports->reported;
}

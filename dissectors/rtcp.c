/*  V=2 P count(5) | type(8) | length in words less one(16) | SSRC(32) | ... */
#include "dissectors/rtcp.h"

bool rtcp_next(struct rtcp_walk *walk, struct rtcp_packet *packet)
{
    struct reader *r = &walk->reader;
    if (walk->bad || reader_left(r) == 0)
        return false;
    uint8_t first = reader_u8(r);
    packet->type = reader_u8(r);
    size_t length = (size_t)reader_be16(r) * 4;
    packet->count = first & 31u;
    struct slice rest = reader_slice(r, length);
    bool padded = (first & 0x20u) != 0;
    size_t padding = padded && rest.len > 0 ? rest.data[rest.len - 1] : 0;
    walk->bad = r->fault || first >> 6 != 2 || packet->type < 192 || packet->type > 223 || (padded && padding == 0) || padding > rest.len;
    if (walk->bad)
        return false;
    rest.len -= padding;
    struct reader body = reader_over(rest);
    packet->ssrc = rest.len < 4 ? 0 : reader_be32(&body);
    packet->body = reader_rest(&body);
    return true;
}

bool rtcp_plausible(struct slice datagram)
{
    struct rtcp_walk walk = {.reader = reader_over(datagram)};
    struct rtcp_packet packet;
    unsigned count = 0;
    while (rtcp_next(&walk, &packet))
        count++;
    return count > 0 && !walk.bad;
}

bool rtcp_sender_read(struct slice *body, struct rtcp_sender *sender)
{
    struct reader r = reader_over(*body);
    *sender = (struct rtcp_sender){reader_be32(&r), reader_be32(&r), reader_be32(&r), reader_be32(&r), reader_be32(&r)};
    *body = reader_rest(&r);
    return !r.fault;
}

/* SSRC(32) | fraction(8) cumulative(24) | highest(32) | jitter(32) | LSR(32) | DLSR(32) */
bool rtcp_report_read(struct slice *body, struct rtcp_report *report)
{
    struct reader r = reader_over(*body);
    report->ssrc = reader_be32(&r);
    uint32_t word = reader_be32(&r);
    report->fraction = (uint8_t)(word >> 24);
    report->lost = (int32_t)(word & 0x7fffffu) - (int32_t)(word & 0x800000u);
    report->highest = reader_be32(&r);
    report->jitter = reader_be32(&r);
    report->last_sr = reader_be32(&r);
    report->delay = reader_be32(&r);
    *body = reader_rest(&r);
    return !r.fault;
}

bool rtcp_xr_read(struct slice *body, struct rtcp_xr_block *block)
{
    struct reader r = reader_over(*body);
    block->type = reader_u8(&r);
    block->specific = reader_u8(&r);
    block->body = reader_slice(&r, (size_t)reader_be16(&r) * 4);
    *body = reader_rest(&r);
    return !r.fault;
}

/* RFC 3611 4.7: SSRC | loss, discard, burst density, gap density | burst ms, gap ms | round trip, end system delay |
   signal, noise, RERL, Gmin | R, ext. R, MOS-LQ, MOS-CQ | RX config, reserved, nominal | maximum, absolute maximum */
bool rtcp_voip_metrics_read(struct slice body, struct rtcp_voip_metrics *m)
{
    struct reader r = reader_over(body);
    m->ssrc = reader_be32(&r);
    m->loss = reader_u8(&r);
    m->discard = reader_u8(&r);
    m->burst_density = reader_u8(&r);
    m->gap_density = reader_u8(&r);
    m->burst_ms = reader_be16(&r);
    m->gap_ms = reader_be16(&r);
    m->round_trip_ms = reader_be16(&r);
    m->end_system_ms = reader_be16(&r);
    m->signal_dbm = (int8_t)reader_u8(&r);
    m->noise_dbm = (int8_t)reader_u8(&r);
    m->rerl = reader_u8(&r);
    m->gmin = reader_u8(&r);
    m->r = reader_u8(&r);
    m->external_r = reader_u8(&r);
    m->mos_lq = reader_u8(&r);
    m->mos_cq = reader_u8(&r);
    m->config = reader_u8(&r);
    reader_skip(&r, 1);
    m->buffer_nominal_ms = reader_be16(&r);
    m->buffer_max_ms = reader_be16(&r);
    m->buffer_limit_ms = reader_be16(&r);
    return !r.fault;
}

bool rtcp_dlrr_read(struct slice *body, struct rtcp_dlrr *dlrr)
{
    struct reader r = reader_over(*body);
    *dlrr = (struct rtcp_dlrr){reader_be32(&r), reader_be32(&r), reader_be32(&r)};
    *body = reader_rest(&r);
    return !r.fault;
}

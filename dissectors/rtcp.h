/* RTCP (RFC 3550 6.4, RFC 3611): a walk over the packets of a compound or reduced-size datagram, and views of the reports. */
#ifndef DISSECTORS_RTCP_H
#define DISSECTORS_RTCP_H

#include "base/reader.h"

enum rtcp_type { RTCP_SR = 200, RTCP_RR, RTCP_SDES, RTCP_BYE, RTCP_APP, RTCP_RTPFB, RTCP_PSFB, RTCP_XR };

/* One RTCP packet. Refs: borrows. */
struct rtcp_packet {
    uint8_t type;
    uint8_t count;       /* report blocks, chunks or sources; for feedback its format */
    uint32_t ssrc;       /* of the sender; 0 where there is none (an empty BYE) */
    struct slice body;   /* behind the SSRC, without padding */
};

/* Starts as {reader_over(datagram)}. */
struct rtcp_walk {
    struct reader reader;
    bool bad;            /* lengths that do not fit: the walk ended there, what came before holds */
};

bool rtcp_next(struct rtcp_walk *walk, struct rtcp_packet *packet);

/* True when the whole datagram walks to its exact end: not so when it is encrypted or something else. */
bool rtcp_plausible(struct slice datagram);

/* The sender's part of an SR. */
struct rtcp_sender {
    uint32_t ntp_seconds, ntp_fraction, timestamp, packets, octets;
};

/* One report block of an SR or RR (RFC 3550 6.4.1). */
struct rtcp_report {
    uint32_t ssrc;
    uint8_t fraction;     /* of 256, since the last report */
    int32_t lost;         /* cumulative; negative with duplicates */
    uint32_t highest;     /* extended sequence number */
    uint32_t jitter;      /* timestamp units */
    uint32_t last_sr;     /* middle 32 bits of the NTP time of the newest SR; 0: none came */
    uint32_t delay;       /* since then, 1/65536 s */
};

/* Reads an SR's sender part off the front of *body; the report blocks follow. */
bool rtcp_sender_read(struct slice *body, struct rtcp_sender *sender);
bool rtcp_report_read(struct slice *body, struct rtcp_report *report);

enum rtcp_xr_type { RTCP_XR_RRT = 4, RTCP_XR_DLRR = 5, RTCP_XR_SUMMARY = 6, RTCP_XR_VOIP = 7 };

/* One block of an extended report (RFC 3611 3). Refs: body borrows, behind the block's header. */
struct rtcp_xr_block {
    uint8_t type, specific;
    struct slice body;
};

/* Reads the next block off the front of an XR packet's body; false at the end or where lengths lie. */
bool rtcp_xr_read(struct slice *body, struct rtcp_xr_block *block);

/* VoIP metrics (RFC 3611 4.7), as sent. */
struct rtcp_voip_metrics {
    uint32_t ssrc;
    uint8_t loss, discard, burst_density, gap_density; /* of 256 */
    uint16_t burst_ms, gap_ms, round_trip_ms, end_system_ms;
    int8_t signal_dbm, noise_dbm;                      /* 127: unavailable */
    uint8_t rerl, gmin, r, external_r, mos_lq, mos_cq; /* 127: unavailable; MOS times ten */
    uint8_t config;
    uint16_t buffer_nominal_ms, buffer_max_ms, buffer_limit_ms;
};

bool rtcp_voip_metrics_read(struct slice body, struct rtcp_voip_metrics *metrics);

/* One sub-block of a DLRR block (RFC 3611 4.5): the receiver's view of a receiver's reference time. */
struct rtcp_dlrr {
    uint32_t ssrc, last_rr, delay;
};
bool rtcp_dlrr_read(struct slice *body, struct rtcp_dlrr *dlrr);

#endif

/* Voice quality that SIP carries: RFC 6035 bodies (application/vq-rtcpxr) and the statistics headers of BYE and its response. */
#ifndef DISSECTORS_QUALITY_REPORT_H
#define DISSECTORS_QUALITY_REPORT_H

#include "base/endpoint.h"

/* What an end says of the stream that it received. Numbers that it did not give are NAN. Refs: call_id borrows. */
struct quality_report {
    struct slice call_id;        /* RFC 6035: the call it speaks of */
    struct endpoint local, remote; /* RFC 6035: the two ends of its media; family 0 */
    double received, lost, discard_pct, loss_pct;
    double jitter_ms, round_trip_ms, mos_lq, mos_cq;
};

/* A body of RFC 6035: its LocalMetrics. False where it holds none. */
bool quality_report_parse(struct slice body, struct quality_report *report);

/* True for the names of the header: X-RTP-Stat, P-RTP-Stat, X-RTP-Stats, X-Siemens-RTP-stats. */
bool quality_header_is(struct slice name);

/* "PS=207;OS=49680;PR=314;OR=50240;PL=0;JI=6;LA=40", with commas or semicolons. False where it holds no number of packets. */
bool quality_header_parse(struct slice value, struct quality_report *report);

#endif

/* RTCP compounds: every report and block, lengths and counts that lie, and what is told apart from encrypted bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dissectors/rtcp.h"
#include "exact.h"

/* SR with a report block, SDES with a CNAME, XR with RRT, DLRR and VoIP metrics, BYE. */
static const uint8_t compound[] = {
    0x81, 200, 0, 12, 0, 0, 0, 1, 0x83, 0xaa, 0x7e, 0x80, 0x40, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 100, 0, 0, 0x3e, 0x80,
    0, 0, 0, 2, 64, 0xff, 0xff, 0xfe, 0, 1, 0, 5, 0, 0, 0, 80, 0xb7, 5, 0x20, 0, 0, 5, 0x40, 0,
    0x81, 202, 0, 3, 0, 0, 0, 1, 1, 3, 'a', '@', 'b', 0, 0, 0,
    0x80, 207, 0, 17, 0, 0, 0, 1,
    4, 0, 0, 2, 0x83, 0xaa, 0x7e, 0x81, 0x80, 0, 0, 0,
    5, 0, 0, 3, 0, 0, 0, 2, 0x7e, 0x81, 0x80, 0, 0, 1, 0, 0,
    7, 0, 0, 8, 0, 0, 0, 2, 5, 10, 128, 3, 0, 120, 15, 160, 0, 55, 0, 80, 0xec, 0xc4, 127, 16, 85, 127, 41, 127, 0xc5, 0, 0, 60, 0, 100, 0, 200,
    0x81, 203, 0, 1, 0, 0, 0, 1};

static void whole_compound(void **state)
{
    (void)state;
    struct rtcp_walk walk = {.reader = reader_over(exact(compound, sizeof compound))};
    struct rtcp_packet packet;
    struct rtcp_sender sender;
    struct rtcp_report report;
    struct rtcp_xr_block block;
    struct rtcp_voip_metrics metrics;
    struct rtcp_dlrr dlrr;
    assert_true(rtcp_next(&walk, &packet) && packet.type == RTCP_SR && packet.count == 1 && packet.ssrc == 1);
    struct slice body = packet.body;
    assert_true(rtcp_sender_read(&body, &sender) && sender.ntp_seconds == 0x83aa7e80 && sender.ntp_fraction == 0x40000000);
    assert_true(sender.timestamp == 0x1000 && sender.packets == 100 && sender.octets == 16000);
    assert_true(rtcp_report_read(&body, &report) && report.ssrc == 2 && report.fraction == 64 && report.lost == -2);
    assert_true(report.highest == 0x10005 && report.jitter == 80 && report.last_sr == 0xb7052000 && report.delay == 0x54000);
    assert_false(rtcp_report_read(&body, &report));
    assert_true(rtcp_next(&walk, &packet) && packet.type == RTCP_SDES && packet.body.len == 8);
    assert_true(rtcp_next(&walk, &packet) && packet.type == RTCP_XR);
    body = packet.body;
    assert_true(rtcp_xr_read(&body, &block) && block.type == RTCP_XR_RRT && block.body.len == 8);
    assert_true(rtcp_xr_read(&body, &block) && block.type == RTCP_XR_DLRR);
    struct slice rest = block.body;
    assert_true(rtcp_dlrr_read(&rest, &dlrr) && dlrr.ssrc == 2 && dlrr.last_rr == 0x7e818000 && dlrr.delay == 0x10000);
    assert_true(rtcp_xr_read(&body, &block) && block.type == RTCP_XR_VOIP && rtcp_voip_metrics_read(block.body, &metrics));
    assert_true(metrics.ssrc == 2 && metrics.loss == 5 && metrics.discard == 10 && metrics.burst_density == 128 && metrics.gap_density == 3);
    assert_true(metrics.burst_ms == 120 && metrics.gap_ms == 4000 && metrics.round_trip_ms == 55 && metrics.end_system_ms == 80);
    assert_true(metrics.signal_dbm == -20 && metrics.noise_dbm == -60 && metrics.r == 85 && metrics.mos_lq == 41 && metrics.mos_cq == 127);
    assert_true(metrics.buffer_nominal_ms == 60 && metrics.buffer_max_ms == 100 && metrics.buffer_limit_ms == 200);
    assert_false(rtcp_xr_read(&body, &block));
    assert_true(rtcp_next(&walk, &packet) && packet.type == RTCP_BYE && packet.ssrc == 1);
    assert_false(rtcp_next(&walk, &packet) || walk.bad);
    assert_true(rtcp_plausible(exact(compound, sizeof compound)));
}

/* A cut between packets is a shorter compound; anywhere else it is bad, and what came before holds. */
static void cut_anywhere(void **state)
{
    (void)state;
    static const size_t borders[] = {52, 68, 140, sizeof compound};
    for (size_t n = 1; n <= sizeof compound; n++) {
        bool border = false;
        for (size_t i = 0; i < 4; i++)
            border |= n == borders[i];
        assert_int_equal(rtcp_plausible(exact(compound, n)), border);
    }
    assert_false(rtcp_plausible(SLICE_NONE));
}

static void lying_fields(void **state)
{
    (void)state;
    uint8_t bytes[sizeof compound];
    struct rtcp_packet packet;
    struct rtcp_report report;
    memcpy(bytes, compound, sizeof bytes);
    bytes[0] = 0x9f; /* 31 blocks where one is */
    struct rtcp_walk walk = {.reader = reader_over(exact(bytes, sizeof bytes))};
    assert_true(rtcp_next(&walk, &packet) && packet.count == 31);
    struct slice body = packet.body;
    struct rtcp_sender sender;
    unsigned read = 0;
    (void)rtcp_sender_read(&body, &sender);
    for (unsigned i = 0; i < packet.count; i++)
        read += rtcp_report_read(&body, &report);
    assert_int_equal(read, 1);
    memcpy(bytes, compound, sizeof bytes);
    bytes[0] |= 0x20; /* padding: the last byte says how much */
    assert_false(rtcp_plausible(exact(bytes, sizeof bytes)));
    bytes[51] = 60; /* more than the packet has */
    assert_false(rtcp_plausible(exact(bytes, sizeof bytes)));
    bytes[51] = 4;
    assert_true(rtcp_plausible(exact(bytes, sizeof bytes)));
    memcpy(bytes, compound, sizeof bytes);
    bytes[2] = 0xff;
    assert_false(rtcp_plausible(exact(bytes, sizeof bytes)));
    bytes[2] = 0;
    bytes[1] = 100;
    assert_false(rtcp_plausible(exact(bytes, sizeof bytes)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_compound), cmocka_unit_test(cut_anywhere), cmocka_unit_test(lying_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

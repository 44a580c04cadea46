/* RFC 6035 bodies and the statistics headers, as devices write them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dissectors/quality_report.h"
#include "exact.h"

static void a_report(void **state)
{
    (void)state;
    static const char body[] =
        "VQSessionReport: CallTerm\r\nCallID: abc@x\r\nLocalAddr:IP=192.0.2.1 PORT=5000 SSRC=0x1a\r\n"
        "RemoteAddr: IP=2001:db8::5 PORT=5002 SSRC=2\r\nLocalMetrics:\r\nPacketLoss:NLR=5.25 JDR=2\r\nDelay: RTD=200 ESD=140 IAJ=3\r\n"
        "QualityEst:RLQ=90 MOSLQ=4.2 MOSCQ=x\r\nRemoteMetrics:\r\nPacketLoss:NLR=77\r\n";
    struct quality_report report;
    assert_true(quality_report_parse(exact(body, sizeof body - 1), &report));
    assert_true(slice_is(report.call_id, "abc@x") && report.local.port == 5000 && report.local.family == 4);
    assert_true(report.remote.family == 6 && report.remote.port == 5002);
    assert_true(report.loss_pct == 5.25 && report.discard_pct == 2 && report.round_trip_ms == 200 && report.jitter_ms == 3);
    assert_true(report.mos_lq == 4.2 && isnan(report.mos_cq) && isnan(report.lost));
    for (size_t n = 0; n < sizeof body; n++)
        (void)quality_report_parse(exact(body, n), &report);
    assert_false(quality_report_parse(slice_str("RemoteMetrics:\r\nPacketLoss:NLR=77\r\n"), &report));
}

static void a_header(void **state)
{
    (void)state;
    static const char *const values[] = {"PS=207;OS=49680;;PR=314;OR=50240;PL=3;JI=6;LA=40;",
                                         "PS=1234,OS=34560,PR=314,OR=24720,JI=6,DU=1230,PL=3,EN=G711U,MOS=4.0", "PR=314, PL=3, JI=6"};
    struct quality_report report;
    for (size_t i = 0; i < 3; i++) {
        assert_true(quality_header_parse(slice_str(values[i]), &report));
        assert_true(report.received == 314 && report.lost == 3 && report.jitter_ms == 6);
        assert_int_equal(isnan(report.mos_lq), i != 1);
    }
    assert_false(quality_header_parse(slice_str("JI=1"), &report));
    assert_false(quality_header_parse(slice_str("PR=12345678901234567890"), &report));
    assert_false(quality_header_parse(slice_str("PR=-1;PL="), &report));
    assert_true(quality_header_is(slice_str("x-rtp-stat")) && quality_header_is(slice_str("P-RTP-Stat")));
    assert_false(quality_header_is(slice_str("X-RTP")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_report), cmocka_unit_test(a_header)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

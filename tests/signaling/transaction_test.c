/* What repeats and what does not: the same message again, on another hop, from another fork; old and odd branches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "told.h"

static struct told told;

static bool again(struct line line)
{
    tell(&told, line);
    return told.retransmission;
}

static void requests(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    assert_false(again((struct line){.first = "INVITE"}));
    assert_true(again((struct line){.first = "INVITE"}));
    assert_false(again((struct line){.first = "INVITE", .cseq = 2}));
    assert_false(again((struct line){.first = "INVITE", .branch = "other"}));
    assert_false(again((struct line){.first = "CANCEL", .branch = "INVITE1"})); /* its own transaction (RFC 3261 9.1) */
    assert_true(again((struct line){.first = "CANCEL", .branch = "INVITE1"}));
    assert_false(again((struct line){.first = "OPTIONS", .call_id = "c2"}));
    assert_true(again((struct line){.first = "OPTIONS", .call_id = "c2"}));
    told_end(&told);
}

static void responses(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE"});
    assert_false(again((struct line){.first = "180"}));
    assert_true(again((struct line){.first = "180"}));
    assert_false(again((struct line){.first = "183"}));
    assert_false(again((struct line){.first = "180", .more = "RSeq: 2\n"})); /* another provisional response, no repeat */
    assert_true(again((struct line){.first = "183"}));
    assert_false(again((struct line){.first = "200"}));
    assert_true(again((struct line){.first = "200", .more = "X: other bytes\n"})); /* the same dialog's 2xx */
    assert_false(again((struct line){.first = "200", .to_tag = "fork"})); /* another fork's (RFC 3261 13.2.2.4) */
    assert_false(again((struct line){.first = "486", .call_id = "c2"}));
    assert_true(again((struct line){.first = "486", .call_id = "c2"}));
    told_end(&told);
}

static void acknowledgements(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE"});
    tell(&told, (struct line){.first = "486"});
    assert_false(again((struct line){.first = "ACK", .branch = "INVITE1"})); /* in the INVITE's transaction */
    assert_true(again((struct line){.first = "ACK", .branch = "INVITE1"}));
    tell(&told, (struct line){.first = "INVITE", .cseq = 2});
    tell(&told, (struct line){.first = "200", .cseq = 2});
    assert_false(again((struct line){.first = "ACK", .cseq = 2, .branch = "alone"}));
    assert_true(again((struct line){.first = "ACK", .cseq = 2, .branch = "alone"}));
    told_end(&told);
}

static const char invite[] = "INVITE sip:bob@x SIP/2.0\nVia: %s\nFrom: <sip:a@x>;tag=%s\nTo: <sip:b@x>\nCall-ID: h\nCSeq: %u INVITE\n\n";

static bool again_with(unsigned from, unsigned to, const char *via, const char *tag, unsigned cseq)
{
    char text[1000];
    snprintf(text, sizeof text, invite, via, tag, cseq);
    tell_raw(&told, from, to, text);
    return told.retransmission;
}

/* The same INVITE forwarded has a Via of its own, and even the same bytes on another hop are no repeat. */
static void hops(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    assert_false(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", "a", 1));
    assert_false(again_with(2, 3, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", "a", 1));
    assert_false(again_with(3, 4, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", "a", 1));
    assert_false(again_with(2, 3, "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKown", "a", 1));
    assert_true(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", "a", 1));
    assert_true(again_with(2, 3, "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKown", "a", 1));
    told_end(&told);
}

/* One transaction, however the Via is written. */
static void ways_to_write_a_via(void **state)
{
    (void)state;
    static const char *const same[] = {
        "SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKx",      "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx;received=10.9.9.9",
        "SIP/2.0/UDP 10.0.0.1;BRANCH=z9hG4bKx",            "SIP/2.0/UDP 10.0.0.1 ; branch = z9hG4bKx ;rport=5",
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx, SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKother",
        "SIP/2.0/UDP 10.0.0.1:5060;keep;comp=sigcomp;alias;received=192.0.2.255;branch=z9hG4bKx", /* it begins late */
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx;received=192.0.2.255;rport=65535;keep;comp=sigcomp;alias;oc-algo=\"loss\"",
    };
    static const char *const other[] = {
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKy", "SIP/2.0/UDP 10.0.0.1;xbranch=z9hG4bKx;branch=z9hG4bKz",
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx-and-a-branch-that-has-more-than-sixty-four-bytes-and-ends-here",
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx-and-a-branch-that-has-more-than-sixty-four-bytes-and-ends-there",
    };
    told_begin(&told, (struct calls_config){0});
    assert_false(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", "a", 1));
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (!again_with(1, 2, same[i], "a", 1))
            fail_msg("%s", same[i]);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        if (again_with(1, 2, other[i], "a", 1))
            fail_msg("%s", other[i]);
    told_end(&told);
}

/* RFC 2543 agents send branches without the cookie, all equal or none: From tag and CSeq decide. */
static void without_the_cookie(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    assert_false(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1", "a", 1));
    assert_true(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1", "a", 1));
    assert_false(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1", "a", 2));
    assert_false(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1", "other", 2));
    assert_true(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1;branch=1", "other", 2));
    assert_true(again_with(1, 2, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK", "other", 2)); /* the cookie alone names nothing */
    told_end(&told);
}

/* A mirror, or a capture on all devices, shows each packet again at once; a timer's repeat comes after T1. */
static void captured_twice(void **state)
{
    (void)state;
    static const struct line both[] = {{.first = "INVITE"}, {.first = "180"}, {.first = "200"}, {.first = "ACK", .branch = "ack"}};
    told_begin(&told, (struct calls_config){0});
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        wait_ms(&told, 1000);
        assert_false(again(both[i]));
        wait_ms(&told, 9);
        assert_true(again(both[i]));
        assert_true(told.copy);
        wait_ms(&told, 500);
        assert_true(again(both[i]));
        assert_false(told.copy);
    }
    const struct told_record *call = told_finish(&told);
    assert_int_equal(call->messages, 12);
    assert_int_equal(call->retransmissions, 4);
    told_end(&told);
}

/* Refreshes for hours keep a bounded list; the newest are still known. */
static void many_transactions(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    for (unsigned cseq = 1; cseq <= 5000; cseq++) {
        tell(&told, (struct line){.first = "OPTIONS", .cseq = cseq, .call_id = "keep"});
        assert_false(told.retransmission);
    }
    wait_ms(&told, 500);
    assert_true(again((struct line){.first = "OPTIONS", .cseq = 5000, .call_id = "keep"}));
    assert_true(again((struct line){.first = "OPTIONS", .cseq = 4950, .call_id = "keep"}));
    const struct told_record *call = told_finish(&told);
    assert_int_equal(call->messages, 5002);
    assert_int_equal(call->retransmissions, 2);
    told_end(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),          cmocka_unit_test(responses), cmocka_unit_test(acknowledgements),
        cmocka_unit_test(hops),              cmocka_unit_test(ways_to_write_a_via),
        cmocka_unit_test(without_the_cookie), cmocka_unit_test(captured_twice), cmocka_unit_test(many_transactions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

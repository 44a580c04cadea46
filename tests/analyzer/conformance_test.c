/* Which messages' grammar is checked: all of the first thousands, then what is new or looks wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../net/frames.h"
#include "analyzer/analyzer.h"

static struct analyzer *analyzer;
static uint64_t frames, malformed;

static void record_take(void *context, const struct record *record)
{
    (void)context;
    malformed += record->kind == RECORD_MESSAGE && record->message->defects.count > 0;
}

/* A request from a sender of its number, its lines after the usual ones. */
static void tell(unsigned sender, const char *max_forwards, const char *more)
{
    static struct built built;
    char text[1000];
    int n = snprintf(text, sizeof text,
                     "OPTIONS sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%llu\r\nFrom: <sip:a@x>;tag=a\r\nTo: <sip:b@x>\r\n"
                     "Call-ID: c\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: %s\r\n%sContent-Length: 0\r\n\r\n",
                     (unsigned long long)frames, max_forwards, more);
    built_set(&built, text, (size_t)n);
    built_udp(&built, 5060, 5060);
    built_ipv4(&built, 17, 1, 0x4000);
    built.bytes[14] = (uint8_t)(sender >> 8);
    built.bytes[15] = (uint8_t)sender;
    built_ethernet(&built, 0x0800);
    struct frame frame = built_frame(&built, LINK_ETHERNET, INT64_C(1769860800) * NS_PER_SECOND + (int64_t)frames, frames + 1);
    frames++;
    analyzer_feed(analyzer, &frame, 1);
}

static uint64_t checked(void)
{
    struct summary_record summary;
    analyzer_summary(analyzer, &summary);
    return summary.sip_checked;
}

static int begin(void **state)
{
    (void)state;
    frames = malformed = 0;
    analyzer = analyzer_new(&(struct analyzer_config){.hash_seed = 5, .memory_bytes = 64 << 20, .messages = true, .publish = record_take});
    return analyzer == NULL;
}

static int end(void **state)
{
    (void)state;
    analyzer_free(analyzer);
    return 0;
}

static void the_first_ones(void)
{
    for (unsigned i = 0; i < 4096; i++)
        tell(1, "70", "");
    assert_int_equal(checked(), 4096);
    tell(1, "70", "");
    assert_int_equal(checked(), 4096);
}

static void what_is_new(void **state)
{
    (void)state;
    the_first_ones();
    tell(1, "70", "Subject: x\r\n"); /* a shape of its own */
    assert_int_equal(checked(), 4097);
    tell(1, "70", "Subject: y\r\n");
    assert_int_equal(checked(), 4097);
    tell(2, "seventy", ""); /* a known shape, from another sender */
    assert_int_equal(checked(), 4098);
    assert_int_equal(malformed, 1);
    tell(2, "seventy", "Subject x\r\n"); /* what looks wrong, each time */
    tell(2, "seventy", "Subject x\r\n");
    assert_int_equal(checked(), 4100);
}

/* Of what hundreds say alike no more is learned; a shape of one's own is checked all the same. */
static void of_hundreds(void **state)
{
    (void)state;
    the_first_ones();
    for (unsigned sender = 2; sender <= 1000; sender++)
        tell(sender, "70", "");
    assert_int_equal(checked(), 4096 + 253); /* of 254 senders, one was among the first */
    for (unsigned sender = 2; sender <= 1000; sender++)
        tell(sender, "70", sender % 100 == 0 ? "Subject: x\r\n" : "");
    assert_int_equal(checked(), 4096 + 253 + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_new, begin, end),
        cmocka_unit_test_setup_teardown(of_hundreds, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

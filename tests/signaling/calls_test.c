/* The table of calls: what is published when and in which order, what is given up first, findings, kept messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "told.h"

static struct told told;

static const char *name_of(unsigned i)
{
    static char names[4][20];
    char *name = names[i % 4];
    snprintf(name, 20, "call-%u", i);
    return name;
}

static void expire(int64_t ms)
{
    wait_ms(&told, ms);
    calls_expire(told.calls, told.now_ns);
}

/* Streaming: an ended call leaves 32 s (64*T1) after its last message, looked at every 32 s; no sooner. */
static void ended_calls_leave(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    tell_whole(&told, "c1");
    expire(0);
    assert_int_equal(told_calls(&told), 0);
    expire(31900);
    assert_int_equal(told_calls(&told), 0);
    expire(32100);
    assert_int_equal(told_calls(&told), 1);
    assert_string_equal(told_call(&told, 0)->state, "completed");
    assert_int_equal(told_call(&told, 0)->messages, 6);
    calls_finish(told.calls, told.now_ns);
    assert_int_equal(told_calls(&told), 1); /* once */
    told_end(&told);
}

static void talking_calls_stay(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE"});
    tell(&told, (struct line){.first = "200"});
    for (int hour = 0; hour < 48; hour++)
        expire(3600 * 1000);
    assert_int_equal(told_calls(&told), 0);
    tell(&told, (struct line){.first = "BYE", .cseq = 2});
    expire(40000);
    expire(40000);
    assert_int_equal(told_calls(&told), 1);
    assert_int_equal(told_call(&told, 0)->duration, INT64_C(48) * 3600 * NS_PER_SECOND);
    told_end(&told);
}

/* Calls that come and go one after the other hold no more memory than one: none is given up early (the count of bytes once sank
   below zero with each call, and then looked enormous). */
static void released_bytes_are_given_back(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){.memory_limit = 1 << 20});
    for (unsigned i = 0; i < 400; i++) {
        tell_whole(&told, name_of(i));
        expire(33000);
    }
    expire(70000);
    assert_int_equal(calls_evicted(told.calls), 0);
    assert_int_equal(told_calls(&told), 400);
    told_end(&told);
}

/* A leg that is gone is in no other call's chain any more, though its number is not used again yet. */
static void released_legs_are_forgotten(void **state)
{
    (void)state;
    static const char session[] = "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000\n";
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE", .call_id = "first", .more = session});
    tell(&told, (struct line){.first = "486", .call_id = "first"});
    tell(&told, (struct line){.first = "INVITE", .call_id = "second", .more = session});
    tell(&told, (struct line){.first = "200", .call_id = "second"});
    expire(40000);
    expire(40000);
    assert_int_equal(told_calls(&told), 1);
    tell(&told, (struct line){.first = "INVITE", .call_id = "third", .more = session});
    calls_finish(told.calls, told.now_ns);
    assert_int_equal(told_calls(&told), 3);
    assert_string_equal(told_call(&told, 2)->call_id, "third");
    assert_int_equal(told_call(&told, 2)->related_count, 1);
    assert_int_equal(told_call(&told, 2)->related[0].id, told_call(&told, 1)->id);
    told_end(&told);
}

/* A registration that is refreshed within the hour is one record; it leaves 3700 s after its last message. */
static void brief_ones_stay_an_hour(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    for (unsigned i = 1; i <= 3; i++) {
        tell(&told, (struct line){.first = "REGISTER", .cseq = i});
        tell(&told, (struct line){.first = "200", .cseq = i, .method = "REGISTER"});
        for (int s = 0; s < 3600; s += 30)
            expire(30000);
    }
    assert_int_equal(told_calls(&told), 0);
    for (int s = 3600; s < 3690; s += 30)
        expire(30000);
    assert_int_equal(told_calls(&told), 0);
    for (int s = 0; s < 120; s += 30)
        expire(30000);
    assert_int_equal(told_calls(&told), 1);
    assert_int_equal(told_call(&told, 0)->messages, 6);
    assert_string_equal(told_call(&told, 0)->state, "done");
    told_end(&told);
}

/* As they end: a later call that ends first is published first. Kept to the end: in the order of their beginning, at the end. */
static void order(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        told_begin(&told, (struct calls_config){.keep_to_end = keep == 1});
        tell(&told, (struct line){.first = "INVITE", .call_id = "long"});
        tell(&told, (struct line){.first = "200", .call_id = "long"});
        tell_whole(&told, "short");
        expire(33000);
        expire(33000);
        assert_int_equal(told_calls(&told), keep == 1 ? 0 : 1);
        tell(&told, (struct line){.first = "BYE", .call_id = "long", .cseq = 2});
        tell(&told, (struct line){.first = "INVITE", .call_id = "last"});
        calls_finish(told.calls, told.now_ns);
        assert_int_equal(told_calls(&told), 3);
        static const char *const names[2][3] = {{"short", "long", "last"}, {"long", "short", "last"}};
        for (size_t i = 0; i < 3; i++)
            assert_string_equal(told_call(&told, i)->call_id, names[keep][i]);
        assert_int_equal(told_call(&told, keep == 1 ? 0 : 1)->id, 1); /* ids follow the first packets */
        told_end(&told);
    }
}

enum { FLOOD = 400 };

/* Over the budget the oldest ended call goes first, then the one that was silent longest; each is published all the same. */
static void eviction(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){.memory_limit = 96 << 10, .keep_to_end = true});
    tell(&told, (struct line){.first = "INVITE", .call_id = "talking"});
    tell(&told, (struct line){.first = "200", .call_id = "talking"});
    for (unsigned i = 0; i < FLOOD; i++) {
        tell(&told, (struct line){.first = "INVITE", .call_id = name_of(i)});
        tell(&told, (struct line){.first = "486", .call_id = name_of(i)});
        expire(10);
    }
    size_t evicted = calls_evicted(told.calls);
    assert_in_range(evicted, 10, FLOOD);
    assert_int_equal(told_calls(&told), evicted);
    for (unsigned i = 0; i < evicted; i++) {
        assert_string_equal(told_call(&told, i)->call_id, name_of(i)); /* the oldest ended ones, not the call that talks */
        assert_string_equal(told_call(&told, i)->state, "busy");
    }
    calls_finish(told.calls, told.now_ns);
    assert_int_equal(told_calls(&told), FLOOD + 1); /* none is lost */
    assert_string_equal(told_call(&told, evicted)->call_id, "talking");
    assert_int_equal(calls_totals(told.calls)->calls, FLOOD + 1);
    assert_int_equal(calls_totals(told.calls)->states[CALL_BUSY], FLOOD);
    told_end(&told);

    told_begin(&told, (struct calls_config){.memory_limit = 96 << 10, .keep_to_end = true});
    for (unsigned i = 0; i < FLOOD; i++) { /* none has ended */
        tell(&told, (struct line){.first = "INVITE", .call_id = name_of(i)});
        expire(10);
    }
    assert_in_range(calls_evicted(told.calls), 10, FLOOD);
    for (unsigned i = 0; i < calls_evicted(told.calls); i++)
        assert_string_equal(told_call(&told, i)->call_id, name_of(i));
    told_end(&told);
}

static const struct rule rule_one = {.id = "one", .severity = SEVERITY_ERROR, .title = "t", .source = "s", .fix = NULL};
static const struct rule rule_two = {.id = "two", .severity = SEVERITY_INFO, .title = "t", .source = "s", .fix = "f"};

static void find(const struct rule *rule, const char *subject)
{
    struct sighting sighting = {.time_ns = told.now_ns, .frame = told.frame};
    calls_add_finding(told.calls, told.call,
                      &(struct firing){.rule = rule, .sighting = &sighting, .subject = slice_str(subject), .text = slice_str("text"), .stream = NUMBER_NONE});
}

static void findings_are_counted(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE"});
    find(&rule_one, "Contact");
    find(&rule_two, "Contact");
    find(&rule_one, "Contact");
    find(&rule_one, "Via");
    find(&rule_one, "Contact");
    calls_finish(told.calls, told.now_ns);
    const struct told_record *call = told_call(&told, 0);
    assert_int_equal(call->findings[SEVERITY_ERROR], 2);
    assert_int_equal(call->findings[SEVERITY_WARNING], 0);
    assert_int_equal(call->findings[SEVERITY_INFO], 1);
    static const struct {
        const char *rule, *subject;
        uint64_t count;
    } rows[] = {{"one", "Contact", 3}, {"two", "Contact", 1}, {"one", "Via", 1}}; /* behind the call, in the order of the first */
    assert_int_equal(told.count, 4);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(told.records[i + 1].rule, rows[i].rule);
        assert_string_equal(told.records[i + 1].subject, rows[i].subject);
        assert_int_equal(told.records[i + 1].count, rows[i].count);
        assert_int_equal(told.records[i + 1].id, call->id);
    }
    assert_int_equal(calls_totals(told.calls)->findings[SEVERITY_ERROR], 2);
    told_end(&told);
}

/* A call that draws a finding with ever new subjects keeps a bounded list. */
static void findings_are_bounded(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE"});
    for (unsigned i = 0; i < 2000; i++)
        find(&rule_one, name_of(i));
    calls_finish(told.calls, told.now_ns);
    assert_in_range(told.count, 2, 100);
    assert_int_equal(told_call(&told, 0)->findings[SEVERITY_ERROR], told.count - 1);
    told_end(&told);
}

static bool only_busy(void *context, const struct call_record *call)
{
    (void)context;
    return slice_is(call->state, "busy");
}

static void messages_follow_their_call(void **state)
{
    (void)state;
    static struct slice defects[] = {{(const uint8_t *)"sip-x", 5}};
    told_begin(&told, (struct calls_config){.keep_messages = true, .keep_to_end = true, .wanted = only_busy});
    for (unsigned i = 0; i < 2; i++) {
        tell(&told, (struct line){.first = "INVITE", .call_id = name_of(i)});
        char method[] = "INVITE";
        struct message_record message = {.frame = 10 + i, .call_id = slice_str(name_of(i)), .method = slice_of(method, 6),
                                         .status = NUMBER_NONE, .defects = {defects, 1}};
        calls_keep_message(told.calls, told.call, &message);
        method[0] = 'X'; /* a copy was kept */
        if (i == 1) {
            tell(&told, (struct line){.first = "486", .call_id = name_of(i)});
            message = (struct message_record){.frame = 20, .status = 486};
            calls_keep_message(told.calls, told.call, &message);
        }
    }
    find(&rule_one, "Via");
    calls_finish(told.calls, told.now_ns);
    assert_int_equal(told.count, 4); /* the busy call, its finding, its two messages; nothing of the other */
    assert_int_equal(told.records[0].kind, RECORD_CALL);
    assert_int_equal(told.records[0].id, 2);
    assert_int_equal(told.records[1].kind, RECORD_FINDING);
    assert_int_equal(told.records[2].kind, RECORD_MESSAGE);
    assert_int_equal(told.records[2].id, 11);
    assert_string_equal(told.records[2].method, "INVITE");
    assert_string_equal(told.records[2].call_id, "call-1");
    assert_int_equal(told.records[3].id, 20);
    assert_int_equal(calls_totals(told.calls)->calls, 1);
    told_end(&told);
}

static void found_by_call_id(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE", .call_id = "x"});
    assert_ptr_equal(calls_find_by_id(told.calls, slice_str("x")), told.call);
    assert_null(calls_find_by_id(told.calls, slice_str("X"))); /* case counts (RFC 3261 20.8) */
    assert_null(calls_find_by_id(told.calls, SLICE_NONE));
    tell(&told, (struct line){.first = "REGISTER", .call_id = "r"});
    assert_ptr_equal(calls_find_by_id(told.calls, slice_str("r")), told.call);
    told_end(&told);
}

/* Offer and answer, wherever they travel, end as the codecs of both. */
static void codecs_of_the_answer(void **state)
{
    (void)state;
    static const char offer[] = "v=0\no=- 1234 1 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 8 0 101\n"
                                "a=rtpmap:101 telephone-event/8000\n";
    static const char answer[] = "v=0\no=- 9 1 IN IP4 10.0.0.2\ns=-\nc=IN IP4 10.0.0.2\nt=0 0\nm=audio 5000 RTP/AVP 0\n";
    for (int late = 0; late < 2; late++) {
        told_begin(&told, (struct calls_config){0});
        tell(&told, (struct line){.first = "INVITE", .body = late == 1 ? NULL : offer, .more = "X: y\n"});
        tell(&told, (struct line){.first = "200", .body = late == 1 ? offer : answer});
        tell(&told, (struct line){.first = "ACK", .branch = "ack", .body = late == 1 ? answer : NULL});
        (void)told_finish(&told);
        assert_string_equal(told_call(&told, 0)->codecs, "PCMU");
        told_end(&told);
    }
}

/* The first header of the order that is there names the caller, on whichever hop it is; without an order nobody says. */
static void caller_ids(void **state)
{
    (void)state;
    static const enum sip_header_id order[] = {SIP_HEADER_P_ASSERTED_IDENTITY, SIP_HEADER_FROM, SIP_HEADER_OTHER};
    for (int packed = 0; packed < 2; packed++) {
        told_begin(&told, (struct calls_config){.caller_order = order, .keep_to_end = packed == 1});
        tell(&told, (struct line){.first = "INVITE", .call_id = "from"});
        tell(&told, (struct line){.first = "INVITE", .call_id = "asserted", .more = "P-Asserted-Identity: \"A\" <sip:+12125551212;npdi@x>, <tel:+1>\n"});
        tell(&told, (struct line){.first = "INVITE", .call_id = "later"});
        tell(&told, (struct line){.first = "INVITE", .call_id = "later", .branch = "hop2", .more = "P-Asserted-Identity: <tel:+13>\n"});
        tell(&told, (struct line){.first = "OPTIONS", .call_id = "none"});
        for (int i = 0; packed == 1 && i < 3; i++) /* they fail, and are put away */
            tell(&told, (struct line){.first = "486", .call_id = i == 0 ? "from" : i == 1 ? "asserted" : "later"});
        for (int i = 0; i < 100; i++) {
            wait_ms(&told, 10000);
            calls_expire(told.calls, told.now_ns);
        }
        calls_finish(told.calls, told.now_ns);
        static const char *const want[] = {"alice", "+12125551212", "+13", ""};
        for (size_t i = 0; i < 4; i++)
            assert_string_equal(told_call(&told, i)->caller_id, want[i]);
        told_end(&told);
    }
    told_begin(&told, (struct calls_config){0});
    tell(&told, (struct line){.first = "INVITE", .more = "P-Asserted-Identity: <tel:+13>\n"});
    assert_string_equal(told_finish(&told)->caller_id, "");
    told_end(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ended_calls_leave), cmocka_unit_test(released_bytes_are_given_back),
        cmocka_unit_test(released_legs_are_forgotten),    cmocka_unit_test(talking_calls_stay),  cmocka_unit_test(brief_ones_stay_an_hour),
        cmocka_unit_test(order),                cmocka_unit_test(eviction),            cmocka_unit_test(findings_are_counted),
        cmocka_unit_test(findings_are_bounded), cmocka_unit_test(messages_follow_their_call), cmocka_unit_test(found_by_call_id),
        cmocka_unit_test(codecs_of_the_answer), cmocka_unit_test(caller_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

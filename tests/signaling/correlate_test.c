/* Other legs of a conversation: what relates two calls, how surely, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "told.h"

static struct told told;

/* An INVITE of a Call-ID from one place to another, with users, header lines and an SDP origin (NULL: no body). */
static void invite(unsigned from, unsigned to, const char *call_id, const char *from_user, const char *to_user, const char *more,
                   const char *origin)
{
    char text[2000], body[300] = "";
    if (origin != NULL)
        snprintf(body, sizeof body, "v=0\no=%s\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\n", origin);
    snprintf(text, sizeof text,
             "INVITE sip:x@x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.%u;branch=z9hG4bK%s\nFrom: <sip:%s@x>;tag=%s\nTo: <sip:%s@x>\nCall-ID: %s\n"
             "CSeq: 1 INVITE\n%s%s\n%s",
             from, call_id, from_user, call_id, to_user, call_id, more, origin == NULL ? "" : "Content-Type: application/sdp\n", body);
    tell_raw(&told, from, to, text);
}

static void begin(void)
{
    told_begin(&told, (struct calls_config){.keep_to_end = true});
}

/* The score of the relation between the first two calls, which must be mutual; 0: none. */
static unsigned score(void)
{
    (void)told_finish(&told);
    const struct told_record *a = told_call(&told, 0), *b = told_call(&told, 1);
    assert_int_equal(a->related_count, b->related_count);
    assert_in_range(a->related_count, 0, 1);
    unsigned result = 0;
    if (a->related_count == 1) {
        assert_int_equal(a->related[0].id, b->id);
        assert_int_equal(b->related[0].id, a->id);
        assert_int_equal(a->related[0].score, b->related[0].score);
        result = a->related[0].score;
    }
    told_end(&told);
    return result;
}

static void named_by_a_header(void **state)
{
    (void)state;
    begin();
    invite(1, 2, "leg1", "a", "b", "", NULL);
    invite(3, 4, "leg2", "c", "d", "X-Call-ID: leg1\n", NULL);
    assert_int_equal(score(), 100);
    begin(); /* the naming leg comes first */
    invite(3, 4, "leg2", "c", "d", "X-CID: leg1\n", NULL);
    invite(1, 2, "leg1", "a", "b", "", NULL);
    assert_int_equal(score(), 100);
    begin();
    invite(1, 2, "leg1", "a", "b", "X-Call-ID: leg1\n", NULL); /* its own name */
    invite(3, 4, "leg2", "c", "d", "X-Call-ID: leg3\n", NULL);
    assert_int_equal(score(), 0);
}

static void one_session_id(void **state)
{
    (void)state;
    begin();
    invite(1, 2, "leg1", "a", "b", "Session-ID: 0123456789abcdef0123456789abcdef;remote=0\n", NULL);
    invite(3, 4, "leg2", "c", "d", "Session-ID: 0123456789abcdef0123456789abcdef\n", NULL);
    assert_int_equal(score(), 95);
    begin(); /* the nil UUID names nothing (RFC 7989 5) */
    invite(1, 2, "leg1", "a", "b", "Session-ID: 00000000000000000000000000000000\n", NULL);
    invite(3, 4, "leg2", "c", "d", "Session-ID: 00000000000000000000000000000000\n", NULL);
    assert_int_equal(score(), 0);
}

static void one_origin(void **state)
{
    (void)state;
    static const char origin[] = "- 81237 1 IN IP4 10.9.9.9";
    begin();
    invite(1, 2, "leg1", "a", "b", "", origin);
    invite(2, 3, "leg2", "c", "d", "", "- 81237 2 IN IP4 10.9.9.9"); /* the version may grow */
    assert_int_equal(score(), 90);
    begin();
    invite(1, 2, "leg1", "a", "b", "", origin);
    invite(1, 2, "leg2", "c", "d", "", origin); /* one client's habit on one hop */
    assert_int_equal(score(), 0);
    begin();
    invite(1, 2, "leg1", "a", "b", "", origin);
    wait_ms(&told, 10001);
    invite(2, 3, "leg2", "c", "d", "", origin);
    assert_int_equal(score(), 0);
    begin();
    invite(1, 2, "leg1", "a", "b", "", origin);
    invite(2, 3, "leg2", "c", "d", "", "- 81237 1 IN IP4 10.9.9.8");
    assert_int_equal(score(), 0);
}

static void same_numbers(void **state)
{
    (void)state;
    begin();
    invite(1, 2, "leg1", "+16175550100", "+16175550199", "", NULL);
    wait_ms(&told, 2900);
    invite(2, 3, "leg2", "16175550100", "16175550199", "", NULL); /* written otherwise; 10.0.0.2 is in between */
    assert_int_equal(score(), 75);
    begin();
    invite(1, 2, "leg1", "+16175550100", "+16175550199", "", NULL);
    invite(5, 6, "leg2", "+16175550100", "+16175550199", "", NULL);
    assert_int_equal(score(), 60);
    begin();
    invite(1, 2, "leg1", "+16175550100", "+16175550199", "", NULL);
    wait_ms(&told, 3001);
    invite(2, 3, "leg2", "+16175550100", "+16175550199", "", NULL);
    assert_int_equal(score(), 0);
    begin(); /* names without digits are no numbers */
    invite(1, 2, "leg1", "alice", "bob", "", NULL);
    invite(2, 3, "leg2", "alice", "bob", "", NULL);
    assert_int_equal(score(), 0);
    begin();
    invite(1, 2, "leg1", "+16175550100", "+16175550199", "", NULL);
    invite(2, 3, "leg2", "+16175550199", "+16175550100", "", NULL); /* called back */
    assert_int_equal(score(), 0);
}

/* Parameters of the user part (RFC 3966, RFC 4694) are not part of the number. */
static void numbers_with_parameters(void **state)
{
    (void)state;
    begin();
    invite(1, 2, "leg1", "+16175550100", "+16175550199", "", NULL);
    invite(2, 3, "leg2", "16175550100;npdi;rn=+16170001", "16175550199;ext=22", "", NULL);
    assert_int_equal(score(), 75);
    begin();
    invite(1, 2, "leg1", "anonymous;x=12345", "bob;x=67890", "", NULL);
    invite(2, 3, "leg2", "other;x=12345", "carol;x=67890", "", NULL);
    assert_int_equal(score(), 0);
}

/* A user agent that writes the same origin in all calls (SIPp): after the first conversation it relates nothing. */
static void a_constant_origin(void **state)
{
    (void)state;
    static const char origin[] = "user1 53655765 2353687637 IN IP4 10.9.9.9";
    begin();
    for (unsigned i = 0; i < 4; i++) {
        char a[20], b[20];
        snprintf(a, sizeof a, "a%u", i);
        snprintf(b, sizeof b, "b%u", i);
        invite(1, 2, a, "sipp", "service", "", origin);
        invite(2, 3, b, "sipp", "service", "", origin);
        wait_ms(&told, 500);
    }
    (void)told_finish(&told);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(told_call(&told, i)->related_count, i < 2);
    told_end(&told);
    begin(); /* each on a hop of its own: a conversation may fork, but not into ever more legs */
    for (unsigned i = 0; i < 20; i++) {
        char a[20];
        snprintf(a, sizeof a, "a%u", i);
        invite(1 + i, 101 + i, a, "sipp", "service", "", origin);
    }
    (void)told_finish(&told);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(told_call(&told, i)->related_count, i < 4 ? 3 : 0);
    told_end(&told);
}

static void the_surest_trace_counts(void **state)
{
    (void)state;
    begin();
    invite(1, 2, "leg1", "1001001", "1001002", "", "- 81237 1 IN IP4 10.9.9.9");
    invite(2, 3, "leg2", "1001001", "1001002", "X-Call-ID: leg1\n", "- 81237 1 IN IP4 10.9.9.9");
    assert_int_equal(score(), 100);
}

/* A key that all calls share: each is related to a few, and a forgotten one is not found through its old number. */
static void a_shared_key_is_bounded(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 60; i++) {
        char call_id[20];
        snprintf(call_id, sizeof call_id, "leg%u", i);
        invite(1 + i % 100, 101 + i % 100, call_id, "1001001", "1001002", "", "- 81237 1 IN IP4 10.9.9.9");
    }
    (void)told_finish(&told);
    for (size_t i = 0; i < 60; i++)
        assert_in_range(told_call(&told, i)->related_count, 1, 8);
    told_end(&told);
    told_begin(&told, (struct calls_config){0});
    invite(1, 2, "gone", "1001001", "1001002", "", "- 81237 1 IN IP4 10.9.9.9");
    tell_raw(&told, 2, 1, "SIP/2.0 486 Busy\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKgone\nFrom: <sip:1001001@x>;tag=gone\nTo: <sip:1@x>;tag=z\n"
                          "Call-ID: gone\nCSeq: 1 INVITE\n\n");
    wait_ms(&told, 33000);
    calls_expire(told.calls, told.now_ns);
    assert_int_equal(told_calls(&told), 1);
    told.now_ns -= 33000 * NS_PER_MS; /* a merged file with an older clock */
    invite(3, 4, "next", "1001001", "1001002", "", "- 81237 1 IN IP4 10.9.9.9");
    (void)told_finish(&told);
    assert_string_equal(told_call(&told, 1)->call_id, "next");
    assert_int_equal(told_call(&told, 1)->related_count, 0);
    told_end(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_by_a_header),       cmocka_unit_test(one_session_id),         cmocka_unit_test(one_origin), cmocka_unit_test(same_numbers),
        cmocka_unit_test(numbers_with_parameters), cmocka_unit_test(a_constant_origin),
        cmocka_unit_test(the_surest_trace_counts), cmocka_unit_test(a_shared_key_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

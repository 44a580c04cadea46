/* Calls that are over lie packed until the end: no record, and nothing that comes later, may show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "told.h"

#include "signaling/call.h"

static struct told told, packed;

static const char offer[] = "v=0\no=- 1234567 1 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 8 0\n";
static const char answer[] = "v=0\no=- 9 1 IN IP4 10.0.0.2\ns=-\nc=IN IP4 10.0.0.2\nt=0 0\nm=audio 5000 RTP/AVP 0\n";

static void expire(struct told *to, int64_t ms)
{
    wait_ms(to, ms);
    calls_expire(to->calls, to->now_ns);
}

/* Long enough for every call that may be packed. */
static void rest(struct told *to)
{
    expire(to, 33000);
    expire(to, 33000);
}

static void tell_brief(struct told *to, const char *method, const char *call_id, unsigned cseq)
{
    tell(to, (struct line){.first = method, .call_id = call_id, .cseq = cseq});
    tell(to, (struct line){.first = "200", .call_id = call_id, .cseq = cseq, .method = method});
}

/* Something of all that a call may be, with a rest after each step. */
static void tell_all(struct told *to)
{
    tell(to, (struct line){.first = "INVITE", .body = offer, .more = "User-Agent: one\n"});
    tell(to, (struct line){.first = "180"});
    wait_ms(to, 70);
    tell(to, (struct line){.first = "200", .body = answer, .more = "Server: two\n"});
    tell(to, (struct line){.first = "200", .to_tag = "fork"});
    tell(to, (struct line){.first = "ACK", .branch = "ack"});
    tell(to, (struct line){.first = "BYE", .cseq = 2, .more = "Reason: Q.850;cause=17\n"});
    rest(to);
    tell(to, (struct line){.first = "200", .cseq = 2, .method = "BYE"}); /* its transaction is known */
    assert_false(to->retransmission);
    tell(to, (struct line){.first = "BYE", .cseq = 2});
    assert_true(to->retransmission);
    rest(to);
    tell(to, (struct line){.first = "200", .body = answer}); /* known to the byte, two transactions back */
    assert_true(to->retransmission);
    tell(to, (struct line){.first = "INVITE", .cseq = 9, .from_tag = "again"}); /* a new call under the old Call-ID */
    tell(to, (struct line){.first = "404 Nobody here who would want to answer", .cseq = 9, .from_tag = "again"});
    rest(to);

    tell(to, (struct line){.first = "INVITE", .call_id = "challenged"});
    tell(to, (struct line){.first = "401", .call_id = "challenged"});
    rest(to);
    tell(to, (struct line){.first = "INVITE", .call_id = "challenged", .cseq = 2});
    tell(to, (struct line){.first = "200", .call_id = "challenged", .cseq = 2});
    rest(to);
    tell_brief(to, "OPTIONS", "ping", 1);
    tell_brief(to, "REGISTER", "ping", 1); /* in a key space of its own */
    tell(to, (struct line){.first = "OPTIONS", .call_id = "unheard"});
    tell(to, (struct line){.first = "BREW", .call_id = "coffee"});
    tell(to, (struct line){.first = "418", .call_id = "coffee", .method = "BREW"});
    tell(to, (struct line){.first = "BYE", .call_id = "late", .cseq = 2, .back = true});
    for (unsigned i = 2; i < 8; i++) {
        rest(to);
        tell_brief(to, "OPTIONS", "ping", i);
    }
    rest(to);
    tell(to, (struct line){.first = "200", .call_id = "unheard", .method = "OPTIONS"});
    expire(to, 1);
}

static void records_are_the_same(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){.keep_to_end = true});
    told.calls->watched = true; /* nothing is packed */
    tell_all(&told);
    assert_int_equal(told.calls->shelf.live_bytes, 0);
    told_begin(&packed, (struct calls_config){.keep_to_end = true});
    tell_all(&packed);
    assert_true(packed.calls->shelf.live_bytes > 0);
    assert_in_range(packed.calls->pool.live, 1, 3); /* what goes on, and a Call-ID that is used again and again */
    (void)told_finish(&told);
    (void)told_finish(&packed);
    assert_int_equal(told.count, 8);
    assert_int_equal(packed.count, told.count);
    assert_memory_equal(packed.records, told.records, told.count * sizeof told.records[0]);
    assert_memory_equal(calls_totals(packed.calls), calls_totals(told.calls), sizeof(struct calls_totals));
    told_end(&told);
    told_end(&packed);
}

/* Sends the call to the shelf and takes it out again: all that is kept of it has to be there. */
static void pack_and_compare(const char *call_id)
{
    static const struct call_keys none;
    struct call before = *calls_find_by_id(told.calls, slice_str(call_id));
    struct call_keys keys = before.keys == NULL ? none : *before.keys;
    struct slice before_texts[] = {before.call_id, before.from_user, before.to_user, before.from_tag, before.request_uri, before.reason_text};
    char texts[6][600];
    for (size_t i = 0; i < 6; i++)
        memcpy(texts[i], before_texts[i].len == 0 ? (const uint8_t *)"" : before_texts[i].data, before_texts[i].len);
    rest(&told);
    assert_int_equal(told.calls->pool.live, 0);
    const struct call *call = calls_find_by_id(told.calls, slice_str(call_id));
    assert_int_equal(call->packed, 1);
    before.packed = 1;
    size_t from = offsetof(struct call, start_ns);
    assert_memory_equal((const char *)call + from, (const char *)&before + from, sizeof before - from);
    assert_memory_equal(call->keys == NULL ? &none : call->keys, &keys, sizeof keys);
    assert_int_equal(call->id, before.id);
    assert_true(call->hash == before.hash && call->tail == before.tail);
    struct slice after[] = {call->call_id, call->from_user, call->to_user, call->from_tag, call->request_uri, call->reason_text};
    for (size_t i = 0; i < 6; i++)
        assert_true(slice_equal(after[i], slice_of(texts[i], before_texts[i].len)));
}

static void tell_ipv6(const char *text)
{
    static const uint8_t address[16] = {0x20, 1, 0xd, 0xb8, [15] = 7};
    struct sighting sighting = {.time_ns = told.now_ns, .frame = 1, .src = endpoint_ipv6(address, 5060), .dst = endpoint_ipv6(address, 5061)};
    assert_true(sip_parse(slice_str(text), &told.message));
    (void)calls_see(told.calls, calls_prefetch(told.calls, &sighting, &told.message), &sighting, &told.message);
}

static void every_fact_comes_back(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        told_begin(&told, (struct calls_config){.keep_to_end = true});
        if (kind == 0) {
            tell(&told, (struct line){.first = "INVITE", .body = offer, .more = "User-Agent: one\n"});
            tell(&told, (struct line){.first = "180"});
            wait_ms(&told, 17);
            tell(&told, (struct line){.first = "200", .body = answer, .more = "Server: two\n"});
            tell(&told, (struct line){.first = "BYE", .cseq = 2, .more = "Reason: Q.850;cause=31\n"});
        } else if (kind == 1) {
            tell_brief(&told, "OPTIONS", "c1", 7);
        } else if (kind == 2) {
            tell_ipv6("OPTIONS sip:a@x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\n"
                      "Call-ID: c1\r\nCSeq: 1 OPTIONS\r\n\r\n");
        } else {
            static char text[700];
            char reason[401];
            memset(reason, 'r', 400); /* too long to be interned */
            reason[400] = '\0';
            snprintf(text, sizeof text,
                     "SIP/2.0 500 %s\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\n"
                     "Call-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n", reason);
            tell_ipv6(text);
        }
        pack_and_compare("c1");
        told_end(&told);
    }
}

/* Two legs that share their SDP's origin within 10 s; the first is over and packed when the second comes. */
static void legs_are_found(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        told_begin(&told, (struct calls_config){.keep_to_end = true});
        for (unsigned i = 0; i < 2; i++) { /* the newest with the key is no leg: the chain leads to the older one */
            tell(&told, (struct line){.first = "INVITE", .call_id = i == 0 ? "first" : "other", .body = offer});
            tell(&told, (struct line){.first = "486", .call_id = i == 0 ? "first" : "other"});
        }
        expire(&told, 6000);
        assert_int_equal(told.calls->pool.live, 0);
        wait_ms(&told, late == 1 ? 4001 : 4000);
        static char text[1024];
        snprintf(text, sizeof text,
                 "INVITE sip:bob@10.0.0.3 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKz\nFrom: <sip:x@x>;tag=z\nTo: <sip:y@x>\n"
                 "Call-ID: leg\nCSeq: 1 INVITE\nContent-Type: application/sdp\nContent-Length: %zu\n\n%s", told_wire_length(offer), offer);
        tell_raw(&told, 2, 3, text);
        (void)told_finish(&told);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(told_call(&told, i)->related_count, late == 1 ? 0 : i == 2 ? 2 : 1);
        told_end(&told);
    }
}

struct follower {
    unsigned described, forgotten;
    bool forgets;
};

static uint32_t follower_described(void *context, uint32_t session, const struct session_description *description)
{
    struct follower *follower = context;
    (void)description;
    follower->described += session == SESSION_NONE;
    return 77;
}

static void follower_ended(void *context, uint32_t session, int64_t at_ns)
{
    (void)context;
    (void)at_ns;
    assert_int_equal(session, 77);
}

static bool follower_forget(void *context, uint32_t session, int64_t now_ns)
{
    struct follower *follower = context;
    assert_int_equal(session, 77);
    assert_true(now_ns == told.now_ns);
    follower->forgotten++;
    return follower->forgets;
}

/* The session goes when the call is packed and its follower has no use for it; else it stays with the packed call. */
static void sessions_are_left(void **state)
{
    (void)state;
    static const char *const ends[] = {"486", "407"};
    for (int i = 0; i < 3; i++) {
        struct follower follower = {.forgets = i > 0};
        told_begin(&told, (struct calls_config){.keep_to_end = true,
                                                .follower = {.context = &follower, .described = follower_described,
                                                             .ended = follower_ended, .forget = follower_forget}});
        tell(&told, (struct line){.first = "INVITE", .body = offer});
        tell(&told, (struct line){.first = ends[i / 2]});
        rest(&told);
        assert_int_equal(told.calls->pool.live, 0);
        assert_int_equal(follower.forgotten, i < 2); /* a challenged caller comes back: nobody was asked */
        assert_int_equal(*calls_session(calls_find_by_id(told.calls, slice_str("c1"))), i == 1 ? SESSION_NONE : 77);
        told_end(&told);
    }
}

/* Over the budget packed calls are given up, too, and published as they were. */
static void eviction(void **state)
{
    (void)state;
    enum { CALLS = 200 };
    told_begin(&told, (struct calls_config){.keep_to_end = true, .memory_limit = 32 << 10});
    for (unsigned i = 0; i < CALLS; i++) {
        char name[20];
        snprintf(name, sizeof name, "call-%u", i);
        tell(&told, (struct line){.first = "INVITE", .call_id = name});
        tell(&told, (struct line){.first = "486", .call_id = name});
        expire(&told, 6000);
    }
    assert_in_range(calls_evicted(told.calls), 10, CALLS - 10);
    assert_int_equal(told_calls(&told), calls_evicted(told.calls));
    (void)told_finish(&told);
    assert_int_equal(told_calls(&told), CALLS);
    for (unsigned i = 0; i < CALLS; i++) {
        assert_int_equal(told_call(&told, i)->id, i + 1);
        assert_string_equal(told_call(&told, i)->state, "busy");
    }
    told_end(&told);
}

static void watch_take(void *context, const struct record *record)
{
    *(size_t *)context += record->kind == RECORD_CALL;
}

/* Who looks at calls as they go on sees the packed ones, once; those go back to the shelf. */
static void watched(void **state)
{
    (void)state;
    struct calls_totals totals;
    size_t seen = 0;
    told_begin(&told, (struct calls_config){.keep_to_end = true});
    tell_brief(&told, "OPTIONS", "ping", 1);
    tell(&told, (struct line){.first = "INVITE", .call_id = "talks"});
    rest(&told);
    assert_int_equal(told.calls->pool.live, 1);
    calls_watch(told.calls, watch_take, &seen, &totals);
    assert_int_equal(seen, 2);
    assert_int_equal(totals.calls, 2);
    rest(&told);
    calls_watch(told.calls, watch_take, &seen, &totals);
    assert_int_equal(seen, 2);
    assert_int_equal(totals.calls, 2);
    assert_int_equal(told.calls->pool.live, 1);
    tell_brief(&told, "OPTIONS", "ping", 2);
    calls_watch(told.calls, watch_take, &seen, &totals);
    assert_int_equal(seen, 3);
    assert_int_equal(totals.calls, 2);
    told_end(&told);

    told_begin(&told, (struct calls_config){.keep_to_end = true});
    tell_brief(&told, "OPTIONS", "ping", 1);
    rest(&told);
    (void)told_finish(&told);
    calls_watch(told.calls, watch_take, &seen, &totals);
    assert_int_equal(seen, 3); /* it is published */
    assert_int_equal(totals.calls, 1);
    told_end(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_the_same),
        cmocka_unit_test(every_fact_comes_back),
        cmocka_unit_test(legs_are_found),
        cmocka_unit_test(sessions_are_left),
        cmocka_unit_test(eviction),
        cmocka_unit_test(watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

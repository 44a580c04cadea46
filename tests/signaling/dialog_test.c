/* What becomes of a call: each state and time, whatever the order of the messages and whatever is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "told.h"

static struct told told;

/* Tells a script of words and returns the one call. Words: INVITE, 180, 200, 486, ACK, BYE (caller), bye (callee), ok (to BYE),
   CANCEL, 487, wait (1 s), w32 (32 s). */
static const struct told_record *played(const char *script)
{
    char copy[300], *rest = copy, *word;
    snprintf(copy, sizeof copy, "%s", script);
    told_begin(&told, (struct calls_config){.keep_to_end = true});
    while ((word = strsep(&rest, " ")) != NULL) {
        if (strcmp(word, "wait") == 0)
            wait_ms(&told, 1000);
        else if (strcmp(word, "w32") == 0)
            wait_ms(&told, 32000);
        else if (strcmp(word, "ACK") == 0)
            tell(&told, (struct line){.first = "ACK", .branch = "ack"});
        else if (strcmp(word, "NACK") == 0)
            tell(&told, (struct line){.first = "ACK", .branch = "INVITE1"});
        else if (strcmp(word, "BYE") == 0)
            tell(&told, (struct line){.first = "BYE", .cseq = 2});
        else if (strcmp(word, "bye") == 0)
            tell(&told, (struct line){.first = "BYE", .cseq = 9, .back = true});
        else if (strcmp(word, "ok") == 0)
            tell(&told, (struct line){.first = "200", .cseq = 2, .method = "BYE"});
        else if (strcmp(word, "CANCEL") == 0)
            tell(&told, (struct line){.first = "CANCEL", .branch = "INVITE1"});
        else
            tell(&told, (struct line){.first = word});
    }
    const struct told_record *call = told_finish(&told);
    assert_int_equal(told_calls(&told), 1);
    told_end(&told);
    return call;
}

static void states(void **state)
{
    (void)state;
    static const struct {
        const char *script, *state;
        uint64_t status;
        const char *ended_by;
    } rows[] = {
        {"INVITE", "setup", NUMBER_NONE, "none"},
        {"INVITE 100", "setup", NUMBER_NONE, "none"},
        {"INVITE 100 180", "ringing", NUMBER_NONE, "none"},
        {"INVITE 183", "ringing", NUMBER_NONE, "none"},
        {"INVITE w32", "timeout", NUMBER_NONE, "none"},
        {"INVITE 180 w32", "timeout", NUMBER_NONE, "none"},
        {"INVITE wait 100 wait 180", "ringing", NUMBER_NONE, "none"},
        {"INVITE 200", "in-call", 200, "none"},
        {"INVITE 200 w32", "in-call", 200, "none"},
        {"INVITE 200 ACK BYE ok", "completed", 200, "caller"},
        {"INVITE 200 ACK bye", "completed", 200, "callee"},
        {"INVITE 200 ACK bye BYE", "completed", 200, "callee"}, /* the first of two that cross */
        {"INVITE 180 486 NACK", "busy", 486, "callee"},
        {"INVITE 600", "busy", 600, "callee"},
        {"INVITE 404 NACK", "rejected", 404, "callee"},
        {"INVITE 503", "rejected", 503, "callee"},
        {"INVITE 302", "redirected", 302, "callee"},
        {"INVITE 180 CANCEL 487 NACK", "cancelled", 487, "caller"},
        {"INVITE 180 CANCEL", "cancelled", NUMBER_NONE, "caller"},
        {"INVITE 180 CANCEL 200 ACK BYE", "completed", 200, "caller"}, /* the CANCEL came too late */
        {"INVITE 180 CANCEL 200 ACK", "in-call", 200, "none"},
        {"INVITE 180 BYE", "cancelled", NUMBER_NONE, "caller"}, /* an early dialog (RFC 3261 15) */
        {"200 ACK BYE ok", "partial", 200, "caller"},
        {"ACK BYE", "partial", NUMBER_NONE, "caller"},
        {"BYE ok", "partial", NUMBER_NONE, ""}, /* the status is the INVITE's, which is not there; who called neither */
        {"INVITE ACK BYE", "completed", NUMBER_NONE, "caller"}, /* the 200 was not captured */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct told_record *call = played(rows[i].script);
        if (strcmp(call->state, rows[i].state) != 0 || call->status != rows[i].status || strcmp(call->ended_by, rows[i].ended_by) != 0)
            fail_msg("%s: %s %llu %s", rows[i].script, call->state, (unsigned long long)call->status, call->ended_by);
    }
}

static void times(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){.keep_to_end = true});
    tell_whole(&told, "c1");
    const struct told_record *call = told_finish(&told);
    assert_int_equal(call->pdd, 100 * NS_PER_MS);
    assert_int_equal(call->ring, 2000 * NS_PER_MS);
    assert_int_equal(call->setup, 2100 * NS_PER_MS);
    assert_int_equal(call->duration, 5000 * NS_PER_MS);
    assert_int_equal(call->start, 1000 * NS_PER_SECOND);
    assert_int_equal(call->end - call->answer, 5000 * NS_PER_MS);
    assert_int_equal(call->messages, 6);
    told_end(&told);
    call = played("INVITE wait 200 wait ACK");
    assert_true(call->pdd == CLOCK_NONE && call->ring == CLOCK_NONE && call->duration == CLOCK_NONE && call->end == CLOCK_NONE);
    assert_int_equal(call->setup, NS_PER_SECOND);
    call = played("INVITE 100 wait 183 wait 180 wait 486"); /* 100 says nothing of the callee; the first 18x counts */
    assert_int_equal(call->pdd, NS_PER_SECOND);
    assert_int_equal(call->end - call->start, 3 * NS_PER_SECOND);
    assert_true(call->answer == CLOCK_NONE && call->setup == CLOCK_NONE);
}

/* A challenge is part of the call; its times begin with the INVITE that went through. */
static void challenge(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){.keep_to_end = true});
    tell(&told, (struct line){.first = "INVITE"});
    wait_ms(&told, 10);
    tell(&told, (struct line){.first = "407"});
    tell(&told, (struct line){.first = "ACK", .branch = "INVITE1"});
    wait_ms(&told, 10);
    tell(&told, (struct line){.first = "INVITE", .cseq = 2});
    wait_ms(&told, 300);
    tell(&told, (struct line){.first = "180", .cseq = 2});
    wait_ms(&told, 700);
    tell(&told, (struct line){.first = "200", .cseq = 2});
    const struct told_record *call = told_finish(&told);
    assert_int_equal(told_calls(&told), 1);
    assert_string_equal(call->state, "in-call");
    assert_int_equal(call->pdd, 300 * NS_PER_MS);
    assert_int_equal(call->setup, 1000 * NS_PER_MS);
    assert_int_equal(call->start, 1000 * NS_PER_SECOND);
    told_end(&told);
}

/* Two forks answered and were acknowledged: one BYE leaves the other talking. */
static void forks(void **state)
{
    (void)state;
    for (int byes = 1; byes <= 2; byes++) {
        told_begin(&told, (struct calls_config){.keep_to_end = true});
        tell(&told, (struct line){.first = "INVITE"});
        tell(&told, (struct line){.first = "200", .to_tag = "b"});
        tell(&told, (struct line){.first = "200", .to_tag = "f"});
        tell(&told, (struct line){.first = "ACK", .branch = "k1", .to_tag = "b"});
        tell(&told, (struct line){.first = "ACK", .branch = "k2", .to_tag = "f"});
        wait_ms(&told, 1000);
        tell(&told, (struct line){.first = "BYE", .cseq = 2, .to_tag = "f"});
        wait_ms(&told, 1000);
        if (byes == 2)
            tell(&told, (struct line){.first = "BYE", .cseq = 3, .to_tag = "b"});
        const struct told_record *call = told_finish(&told);
        assert_string_equal(call->state, byes == 1 ? "in-call" : "completed");
        assert_true(byes == 1 || call->duration == 2 * NS_PER_SECOND);
        told_end(&told);
    }
}

static void new_calls_of_one_call_id(void **state)
{
    (void)state;
    told_begin(&told, (struct calls_config){.keep_to_end = true});
    tell_whole(&told, "c1");
    tell(&told, (struct line){.first = "INVITE", .cseq = 7, .from_tag = "new"});
    told_finish(&told);
    assert_int_equal(told_calls(&told), 2);
    assert_string_equal(told_call(&told, 0)->state, "completed");
    assert_string_equal(told_call(&told, 1)->state, "setup");
    told_end(&told);
    /* a re-INVITE is none */
    told_begin(&told, (struct calls_config){.keep_to_end = true});
    tell(&told, (struct line){.first = "INVITE"});
    tell(&told, (struct line){.first = "200"});
    tell(&told, (struct line){.first = "INVITE", .cseq = 2, .to_tag = "b"});
    tell(&told, (struct line){.first = "491", .cseq = 2});
    assert_string_equal(told_finish(&told)->state, "in-call"); /* its failure ends nothing (RFC 3261 14.1) */
    assert_int_equal(told_calls(&told), 1);
    assert_int_equal(told_call(&told, 0)->status, 200);
    told_end(&told);
}

static void other_methods(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second, *state;
        int wait_s;
    } rows[] = {{"200", NULL, "done", 0},      {"403", NULL, "rejected", 0}, {NULL, NULL, "pending", 0},
                {NULL, NULL, "timeout", 32},   {"100", NULL, "timeout", 32}, {"200", "401", "done", 0}, {"401", "200", "done", 0},
                {"200", "403", "rejected", 0}, {NULL, NULL, "pending", 31}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        told_begin(&told, (struct calls_config){.keep_to_end = true});
        tell(&told, (struct line){.first = "REGISTER"});
        if (rows[i].first != NULL)
            tell(&told, (struct line){.first = rows[i].first, .method = "REGISTER"});
        if (rows[i].second != NULL) {
            tell(&told, (struct line){.first = "REGISTER", .cseq = 2});
            tell(&told, (struct line){.first = rows[i].second, .method = "REGISTER", .cseq = 2});
        }
        wait_ms(&told, rows[i].wait_s * 1000);
        const struct told_record *call = told_finish(&told);
        if (strcmp(call->state, rows[i].state) != 0)
            fail_msg("row %zu: %s, expected %s", i, call->state, rows[i].state);
        assert_string_equal(call->method, "REGISTER");
        assert_string_equal(call->ended_by, "");
        assert_true(call->pdd == CLOCK_NONE && call->setup == CLOCK_NONE && call->duration == CLOCK_NONE);
        told_end(&told);
    }
}

static void causes(void **state)
{
    (void)state;
    static const struct {
        const char *reason;
        uint64_t q850;
    } rows[] = {{"Q.850;cause=16;text=\"Normal\"", 16}, {"q.850 ; cause = 34", 34}, {"SIP;cause=200, Q.850;cause=17", 17},
                {"SIP;cause=200", NUMBER_NONE},         {"Q.850;cause=999", NUMBER_NONE}, {"Q.850;cause=x", NUMBER_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char more[100];
        snprintf(more, sizeof more, "Reason: %s\n", rows[i].reason);
        told_begin(&told, (struct calls_config){.keep_to_end = true});
        tell(&told, (struct line){.first = "INVITE"});
        tell(&told, (struct line){.first = "200"});
        tell(&told, (struct line){.first = "BYE", .cseq = 2, .more = more});
        if (told_finish(&told)->q850 != rows[i].q850)
            fail_msg("%s: %llu", rows[i].reason, (unsigned long long)told_call(&told, 0)->q850);
        told_end(&told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states),        cmocka_unit_test(times), cmocka_unit_test(challenge),
        cmocka_unit_test(forks),         cmocka_unit_test(new_calls_of_one_call_id),
        cmocka_unit_test(other_methods), cmocka_unit_test(causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The query language: every operator on every kind of field, absent fields, precedence, and errors that show their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>

#include "record/query.h"

static struct slice codecs[] = {{(const uint8_t *)"PCMU", 4}, {(const uint8_t *)"telephone-event", 15}};
static const struct related_call related[] = {{7, "same SDP origin", 90}, {9, "same numbers", 60}};

static const uint64_t streams[] = {1, 2};

/* A call with a value of every kind; ring, answer, q850, reason and user_agents are absent. */
static struct call_record call_full(void)
{
    struct call_record call = {
        .id = 3,
        .call_id = slice_str("Call-1@example.com"),
        .method = slice_str("INVITE"),
        .state = slice_str("rejected"),
        .from_user = slice_str("+16175550100"),
        .src = endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, 5060),
        .dst = endpoint_ipv6((const uint8_t[]){0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 5061),
        .start = INT64_C(1769860800000000000), /* 2026-01-31T12:00:00Z */
        .answer = CLOCK_NONE,
        .end = INT64_C(1769860803000000000),
        .pdd = 1500 * NS_PER_US,
        .ring = CLOCK_NONE,
        .setup = CLOCK_NONE,
        .duration = CLOCK_NONE,
        .status = 503,
        .q850 = NUMBER_NONE,
        .messages = 12,
        .streams = {streams, 2},
        .loss_pct = 1.5,
        .jitter = 2500 * NS_PER_US,
        .mos = 3.6,
        .codecs = {codecs, 2},
        .related = related,
        .related_count = 2,
        .findings = {1, 2, 4},
        .frame = 17,
    };
    return call;
}

/* 1, 0; -1 where the text is no query. */
static int holds(const char *text)
{
    struct error error;
    struct call_record call = call_full();
    struct query *query = query_new(text, &error);
    if (query == NULL)
        return -1;
    int result = query_matches(query, &call);
    query_free(query);
    return result;
}

struct row {
    const char *text;
    int expected;
};

static void rows_check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (holds(rows[i].text) != rows[i].expected)
            fail_msg("%s is %d, expected %d", rows[i].text, holds(rows[i].text), rows[i].expected);
}

#define CHECK(rows) rows_check(rows, sizeof rows / sizeof rows[0])

static void texts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"state = rejected", 1},  {"state == REJECTED", 1}, {"state != rejected", 0}, {"state=busy", 0},
        {"state != busy", 1},     {"state < rejected", 0},  {"state <= rejected", 1}, {"state < sad", 1},
        {"state > reject", 1},    {"state >= rejectedx", 0}, {"state ~ ^rej", 1},     {"state ~ JECT", 1},
        {"state !~ ^rej", 0},     {"state !~ busy", 1},     {"state ~ \"rej|busy\"", 1}, {"state", 1},
        {"from_user = +16175550100", 1}, {"call_id = \"call-1@EXAMPLE.com\"", 1}, {"call_id ~ @example\\.com$", 1},
        {"method = \"\"", 0},     {"method != \"\"", 1},    {"method ~ \"\"", 1},
    };
    CHECK(rows);
}

static void numbers_and_spans(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"status = 503", 1},   {"status != 503", 0},  {"status < 503", 0},   {"status <= 503", 1}, {"status > 502", 1},
        {"status >= 504", 0},  {"status ~ ^5", 1},    {"status !~ ^5", 0},   {"status", 1},        {"status=5.03e2", 1},
        {"mos < 3.61", 1},     {"mos >= 3.7", 0},     {"loss_pct = 1.5", 1}, {"jitter_ms > 2.4", 1}, {"streams = 2", 1},
        {"pdd_ms = 1.5", 1},   {"pdd_ms > 1", 1},     {"pdd_ms < 1.5", 0},   {"pdd_ms >= 1.5", 1}, {"pdd_ms <= 1.4", 0},
        {"pdd_ms != 2", 1},    {"messages = 12", 1},  {"messages > -1", 1},  {"status = abc", -1}, {"pdd_ms > 3s", -1},
        {"status = \"\"", -1}, {"id = 3", 1},         {"frame = 17", 1},     {"status = nan", -1},
    };
    CHECK(rows);
}

static void times_sort_as_they_are_written(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"start = 2026-01-31T12:00:00.000000Z", 1}, {"start != 2026-01-31T12:00:00.000000Z", 0}, {"start > 2026-01-31", 1},
        {"start < 2026-02", 1},  {"start >= 2026-01-31T12:00:00.000000Z", 1}, {"start <= 2026-01-31T11", 0},
        {"start ~ T12:00", 1},   {"start !~ T12:00", 0},  {"start", 1},   {"end > 2026-01-31T12:00:02", 1},
        /* what is left out is filled in: a time to the second is that second's beginning */
        {"start >= 2026-01-31T12:00:00Z", 1}, {"start > 2026-01-31T12:00:00Z", 0}, {"start = 2026-01-31T12:00:00Z", 1},
        {"start = 2026-01-31", 1}, {"start != 2026-01-31", 0}, {"start < \"2026-01-31 13:00\"", 1}, {"start > \"2026-01-31 13:00\"", 0},
    };
    CHECK(rows);
}

static void endpoints_match_by_any_part(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"src = 192.0.2.1", 1},   {"src = 192.0.2.1:5060", 1}, {"src = 5060", 1},    {"src = 192.0.2.2", 0}, {"src != 192.0.2.1", 0},
        {"src != 5060", 0},       {"src != 192.0.2.9", 1},     {"src ~ ^192\\.", 1}, {"src !~ ^192\\.", 0},  {"src !~ ^10\\.", 1},
        {"dst = 2001:db8::1", 1}, {"dst = [2001:db8::1]:5061", 1}, {"dst = 5061", 1}, {"dst = 2001:DB8::1", 1}, {"dst ~ db8", 1},
        {"src", 1},
    };
    CHECK(rows);
}

static void lists_match_by_any_item(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"codecs = pcmu", 1},  {"codecs = telephone-event", 1}, {"codecs = opus", 0}, {"codecs != pcmu", 0}, {"codecs != opus", 1},
        {"codecs ~ ^tele", 1}, {"codecs !~ ^tele", 0},          {"codecs !~ opus", 1}, {"codecs", 1},
        {"related", 1},        {"related = 2", 1},              {"related > 2", 0},    {"related != 2", 0},
        {"findings = 7", 1},   {"findings > 7", 0},             {"findings", 1},       {"findings ~ 7", 1},
    };
    CHECK(rows);
}

/* A comparison with an absent field is false, whatever the operator; presence and not are what tells. */
static void absent_fields(void **state)
{
    (void)state;
    static const char *const names[] = {"answer", "ring_ms", "q850", "reason", "user_agents", "to_user"};
    static const char *const operators[] = {"=", "!=", "<", "<=", ">", ">=", "~", "!~"};
    char text[100];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (size_t k = 0; k < sizeof operators / sizeof operators[0]; k++) {
            snprintf(text, sizeof text, "%s %s 1", names[i], operators[k]);
            assert_int_equal(holds(text), 0);
        }
        snprintf(text, sizeof text, "%s", names[i]);
        assert_int_equal(holds(text), 0);
        snprintf(text, sizeof text, "not %s", names[i]);
        assert_int_equal(holds(text), 1);
    }
    struct call_record bare = {.status = NUMBER_NONE, .answer = CLOCK_NONE, .mos = NAN, .loss_pct = NAN, .jitter = CLOCK_NONE};
    struct error error;
    static const char *const nothing[] = {"src", "src != 1", "codecs", "codecs != x", "related", "findings", "state", "status", "answer",
                                          "mos", "mos < 5", "loss_pct >= 0", "jitter_ms", "streams", "streams > 0", "dtmf"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        struct query *query = query_new(nothing[i], &error);
        assert_non_null(query);
        assert_false(query_matches(query, &bare));
        query_free(query);
    }
}

static void precedence(void **state)
{
    (void)state;
    /* t and f stand for true and false; every grouping that could be mistaken gives another answer */
    static const struct row rows[] = {
        {"id=3 or id=3 and id=4", 1},         {"(id=3 or id=3) and id=4", 0},  {"id=4 and id=4 or id=3", 1},
        {"id=4 and (id=4 or id=3)", 0},       {"not id=4 and id=4", 0},        {"not (id=4 and id=4)", 1},
        {"not id=3 or id=3", 1},              {"not (id=3 or id=3)", 0},       {"not not id=3", 1},
        {"not not not id=3", 0},              {"id=4 or id=4 or id=3", 1},     {"id=3 and id=3 and id=4", 0},
        {"id=3 AND NOT id=4", 1},             {"id=4 Or id=3", 1},             {"((((id=3))))", 1},
        {"(id=3)and(id=3)", 1},               {"not(id=3)", 0},                {"  id\t=\n3  ", 1},
        {"notid = 3", -1},                    {"id=3 and", -1},                {"and id=3", -1},
    };
    CHECK(rows);
}

/* The message, the query, and a caret under the place. */
static void errors_show_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        int column; /* of the caret, from 0 */
    } rows[] = {
        {"stat = busy", "no such field", 0},        {"state = busy and stat = 1", "no such field", 17},
        {"state =", "value is missing", 7},         {"state = ", "value is missing", 8},
        {"status > abc", "with a number", 9},       {"state = \"busy", "does not end", 8},
        {"(state = busy", "not closed", 0},         {"state = busy)", "expected here", 12},
        {"state = busy state", "expected here", 13}, {"", "field name is missing", 0},
        {"state = busy and", "field name", 16},     {"reason ~ (", "regular expression", 9},
        {"reason ~ [a", "regular expression", 9},   {"= busy", "field name", 0},
        {"état = busy", "no such field", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error error = {""};
        assert_null(query_new(rows[i].text, &error));
        const char *second = strchr(error.text, '\n');
        if (strstr(error.text, rows[i].says) == NULL || second == NULL)
            fail_msg("\"%s\": %s", rows[i].text, error.text);
        const char *third = strchr(second + 1, '\n');
        assert_non_null(third);
        assert_memory_equal(second + 3, rows[i].text, strlen(rows[i].text));
        if ((int)strcspn(third + 3, "^") != rows[i].column)
            fail_msg("the caret is at %d, expected %d:\n%s", (int)strcspn(third + 3, "^"), rows[i].column, error.text);
    }
}

static char *repeated(const char *piece, unsigned times, const char *end)
{
    static char text[20000];
    size_t n = strlen(piece), at = 0;
    for (unsigned i = 0; i < times && at + n + strlen(end) < sizeof text; i++, at += n)
        memcpy(text + at, piece, n);
    strcpy(text + at, end);
    return text;
}

static void limits(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(holds(repeated("not ", 60, "id=3")), 1);
    assert_int_equal(holds(repeated("not ", 61, "id=3")), 0);
    assert_int_equal(holds(repeated("not ", 63, "id=3")), 0);
    assert_null(query_new(repeated("not ", 64, "id=3"), &error));
    assert_null(query_new(repeated("not ", 1000, "id=3"), &error));
    assert_non_null(strstr(error.text, "too deeply"));
    assert_null(query_new(repeated("(", 5000, "id=3"), &error));
    assert_non_null(strstr(error.text, "too deeply"));
    assert_int_equal(holds(repeated("id=4 or ", 100, "id=3")), 1);
    assert_null(query_new(repeated("id=4 or ", 1000, "id=3"), &error));
    assert_non_null(strstr(error.text, "too long"));
    assert_null(query_new(repeated("reason ~ a or ", 1000, "id=3"), &error)); /* what was compiled is freed */
    char pattern[1200];
    memset(pattern, 'a', sizeof pattern);
    memcpy(pattern, "reason ~ ", 9);
    pattern[sizeof pattern - 1] = '\0';
    assert_null(query_new(pattern, &error));
    assert_non_null(strstr(error.text, "too long"));
    query_free(NULL);
}

/* Wire text is no C string: a NUL does not hide what is behind it from equality, and long texts are bounded for expressions. */
static void hostile_texts(void **state)
{
    (void)state;
    static uint8_t large[5000];
    memset(large, 'x', sizeof large);
    struct error error;
    struct call_record call = call_full();
    call.from_user = slice_of("ab\0cd", 5);
    struct query *query = query_new("from_user = ab", &error);
    assert_false(query_matches(query, &call));
    query_free(query);
    call.from_user = slice_of(large, sizeof large);
    query = query_new("from_user ~ ^x+$", &error);
    assert_true(query_matches(query, &call));
    query_free(query);
}

/* libc would need gigabytes for the first one. */
static void test_greedy_patterns_are_refused(void **state)
{
    (void)state;
    struct error error;
    assert_null(query_new("from_user ~ \"((((((((((a+)+)+)+)+)+)+)+)+)+\"", &error));
    assert_non_null(strstr(error.text, "repeats too much"));
    assert_null(query_new("from_user ~ \"((a{99}){99}){99}\"", &error));
    struct query *query = query_new("from_user ~ \"^[+]1+[0-9]{10}$\"", &error);
    assert_non_null(query);
    query_free(query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greedy_patterns_are_refused),
        cmocka_unit_test(texts),
        cmocka_unit_test(numbers_and_spans),
        cmocka_unit_test(times_sort_as_they_are_written),
        cmocka_unit_test(endpoints_match_by_any_part),
        cmocka_unit_test(lists_match_by_any_item),
        cmocka_unit_test(absent_fields),
        cmocka_unit_test(precedence),
        cmocka_unit_test(errors_show_their_place),
        cmocka_unit_test(limits),
        cmocka_unit_test(hostile_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

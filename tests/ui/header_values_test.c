/* Values of headers: of the first request that has it, found in bounded steps, kept for few calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ui/header_values.h"

enum { STATUS_NONE = 0 };

static void message_add(struct snapshot *snapshot, uint64_t frame, uint64_t call, uint64_t status, const char *text)
{
    struct message_record message = {.frame = frame,
                                     .at = (int64_t)frame * NS_PER_MS,
                                     .call = call,
                                     .status = status == STATUS_NONE ? NUMBER_NONE : status,
                                     .transport = slice_str("udp")};
    snapshot_take_message(snapshot, &message, slice_str(text), KEPT_SPOOL, 0);
}

static void apply(struct message_store *store, struct snapshot *snapshot)
{
    message_store_apply(store, snapshot);
    snapshot_free(snapshot);
}

static void assert_value(struct header_values *values, const struct message_store *store, const struct call_record *call,
                         const char *name, const char *expected)
{
    struct slice value = header_values_find(values, store, call, name);
    if (!slice_is(value, expected))
        fail_msg("%s of call %d is \"%.*s\", not \"%s\"", name, (int)call->id, (int)value.len, (const char *)value.data, expected);
}

static void first_request_that_has_it(void **state)
{
    (void)state;
    struct message_store store = {0};
    struct header_values values = {0};
    struct snapshot *snapshot = snapshot_new();
    message_add(snapshot, 1, 8, STATUS_NONE, "INVITE sip:a SIP/2.0\r\nX-A: other\r\n\r\n");
    message_add(snapshot, 2, 7, STATUS_NONE, "INVITE sip:a SIP/2.0\r\ns: one\r\n\r\n");
    message_add(snapshot, 3, 7, 407, "SIP/2.0 407 No\r\nX-A: answer\r\n\r\n");
    message_add(snapshot, 4, 7, STATUS_NONE, "INVITE sip:a SIP/2.0\r\nX-A: two\r\nx-a: and\r\n\r\n");
    message_add(snapshot, 5, 7, STATUS_NONE, "BYE sip:a SIP/2.0\r\nX-A: three\r\n\r\n");
    apply(&store, snapshot);
    struct call_record call = {.id = 7, .frame = 2, .messages = 4, .end = CLOCK_NONE}, other = {.id = 8, .frame = 1, .messages = 1, .end = CLOCK_NONE};
    header_values_begin(&values);
    assert_value(&values, &store, &call, "X-A", "two, and");
    assert_value(&values, &store, &call, "Subject", "one");
    assert_value(&values, &store, &call, "X-B", "");
    assert_value(&values, &store, &other, "X-A", "other");
    assert_value(&values, &store, &call, "x-A", "two, and");
    assert_false(values.unfinished);
    header_values_fini(&values);
    message_store_fini(&store);
}

/* What comes later is looked at, and only that; what was given up meanwhile is passed over. */
static void later_messages(void **state)
{
    (void)state;
    struct message_store store = {.count_most = 8};
    struct header_values values = {0};
    struct call_record call = {.id = 7, .frame = 1, .messages = 1, .end = CLOCK_NONE};
    for (uint64_t frame = 1; frame <= 30; frame++) {
        struct snapshot *snapshot = snapshot_new();
        message_add(snapshot, frame, frame % 10 == 1 ? 7 : 100 + frame, STATUS_NONE,
                    frame == 21 ? "BYE sip:a SIP/2.0\r\nX-A: late\r\n\r\n" : "INVITE sip:a SIP/2.0\r\n\r\n");
        apply(&store, snapshot);
        call.messages = (frame + 9) / 10;
        if (frame > 1 && frame < 18)
            continue; /* what was to be looked at next is gone then */
        header_values_begin(&values);
        assert_value(&values, &store, &call, "X-A", frame < 21 ? "" : "late");
        assert_true(values.walk > 0);
    }
    assert_true(store.forgotten > 0);
    header_values_fini(&values);
    message_store_fini(&store);
}

/* A drawing goes a bounded way, and the next ones get to the end; a call that has ended is not looked for to the end of all. */
static void steps_are_bounded(void **state)
{
    (void)state;
    enum { OTHERS = 1000000 };
    struct message_store store = {0};
    struct header_values values = {0};
    struct snapshot *snapshot = snapshot_new();
    message_add(snapshot, 1, 7, STATUS_NONE, "INVITE sip:a SIP/2.0\r\n\r\n");
    for (uint64_t i = 0; i < OTHERS; i++)
        message_add(snapshot, 2 + i, 9, 200, "");
    message_add(snapshot, OTHERS + 2, 7, STATUS_NONE, "BYE sip:a SIP/2.0\r\nX-A: far\r\n\r\n");
    apply(&store, snapshot);
    struct call_record call = {.id = 7, .frame = 1, .messages = 2, .end = CLOCK_NONE};
    int drawings = 0;
    do {
        header_values_begin(&values);
        assert_value(&values, &store, &call, "X-A", drawings < 2 ? "..." : "far");
        drawings++;
    } while (values.unfinished);
    assert_int_equal(drawings, 3);
    header_values_fini(&values);
    values = (struct header_values){0};
    call.messages = 3; /* one was lost */
    call.end = 20 * NS_PER_SECOND;
    header_values_begin(&values);
    assert_value(&values, &store, &call, "X-B", "");
    assert_false(values.unfinished);
    header_values_fini(&values);
    message_store_fini(&store);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    enum { CALLS = 3 * HEADER_VALUES };
    struct message_store store = {0};
    struct header_values values = {0};
    struct snapshot *snapshot = snapshot_new();
    char text[100];
    for (uint64_t i = 1; i <= CALLS; i++) {
        snprintf(text, sizeof text, "INVITE sip:a SIP/2.0\r\nX-A: %d\r\n\r\n", (int)i);
        message_add(snapshot, i, i, STATUS_NONE, text);
    }
    apply(&store, snapshot);
    for (int again = 0; again < 2; again++)
        for (uint64_t i = 1; i <= CALLS; i++) {
            struct call_record call = {.id = i, .frame = i, .messages = 1, .end = CLOCK_NONE};
            snprintf(text, sizeof text, "%d", (int)i);
            if (i % 100 == 1)
                header_values_begin(&values);
            assert_value(&values, &store, &call, "X-A", text);
        }
    struct call_record one = {.id = 1, .frame = 1, .messages = 1, .end = CLOCK_NONE}, two = {.id = 2, .frame = 2, .messages = 1, .end = CLOCK_NONE};
    header_values_begin(&values);
    assert_value(&values, &store, &one, "X-A", "1");
    assert_value(&values, &store, &two, "X-A", "2");
    size_t reads = values.reads;
    assert_value(&values, &store, &one, "X-A", "1"); /* kept: what was drawn last goes last */
    assert_int_equal(values.reads, reads);
    header_values_fini(&values);
    message_store_fini(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_request_that_has_it), cmocka_unit_test(later_messages),
                                       cmocka_unit_test(steps_are_bounded), cmocka_unit_test(memory_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

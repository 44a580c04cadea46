/* The calls that are shown: the newest copy of each, none that is gone, the oldest given up first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ui/call_store.h"

static struct call_record call_of(uint64_t id, const char *state)
{
    return (struct call_record){.id = id, .state = slice_str(state), .status = NUMBER_NONE, .q850 = NUMBER_NONE};
}

static void call_add(struct snapshot *snapshot, uint64_t id, const char *state)
{
    struct call_record call = call_of(id, state);
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
}

static void apply(struct call_store *store, struct snapshot *snapshot)
{
    call_store_apply(store, snapshot);
    snapshot_free(snapshot);
}

static void assert_ids(const struct call_store *store, const char *expected)
{
    char ids[200] = "";
    size_t length = 0;
    for (size_t i = 0; i < store->count; i++)
        length += (size_t)snprintf(ids + length, sizeof ids - length, "%s%llu %.*s", i == 0 ? "" : ", ",
                                   (unsigned long long)store->calls[i].id, (int)call_store_record(store, &store->calls[i])->state.len,
                                   (const char *)call_store_record(store, &store->calls[i])->state.data);
    assert_string_equal(ids, expected);
}

/* The copy stands alone: what it was made from is gone. */
static void copies_are_whole(void **state)
{
    (void)state;
    char from[] = "alice", agent[] = "phone 1", text[] = "it is wrong";
    struct slice agents[] = {slice_str(agent), SLICE_NONE};
    struct related_call related[] = {{7, "same numbers", 60}, {9, "same SDP", 90}};
    uint64_t streams[] = {3, 4};
    struct call_record call = call_of(1, "setup");
    call.from_user = slice_str(from);
    call.user_agents = (struct text_list){agents, 2};
    call.related = related;
    call.related_count = 2;
    call.streams = (struct number_list){streams, 2};
    struct finding_record finding = {.rule = slice_str("r"), .call = 1, .text = slice_str(text), .count = 2};
    struct snapshot *snapshot = snapshot_new();
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
    snapshot_take(snapshot, &(struct record){.kind = RECORD_FINDING, .finding = &finding});
    finding.call = 2; /* of another call: not this one's */
    snapshot_take(snapshot, &(struct record){.kind = RECORD_FINDING, .finding = &finding});
    memset(from, '#', sizeof from);
    memset(agent, '#', sizeof agent);
    memset(text, '#', sizeof text);
    memset(agents, 0, sizeof agents);
    memset(related, 0, sizeof related);
    memset(streams, 0, sizeof streams);
    struct call_store store = {0};
    apply(&store, snapshot);
    const struct call_copy *copy = &store.calls[0];
    const struct call_record *record = call_store_record(&store, copy);
    assert_true(slice_is(record->from_user, "alice"));
    assert_int_equal(record->user_agents.count, 2);
    assert_true(slice_is(record->user_agents.items[0], "phone 1"));
    assert_int_equal(record->related[1].id, 9);
    assert_string_equal(record->related[1].why, "same SDP");
    assert_int_equal(record->streams.items[1], 4);
    assert_int_equal(copy->finding_count, 1);
    assert_true(slice_is(copy->findings[0]->text, "it is wrong"));
    assert_int_equal(copy->findings[0]->count, 2);
    call_store_fini(&store);
}

/* More calls than are at hand, in turn and again; and none of an old copy once a newer one came, wherever it lies. */
static void records_are_read_anew(void **state)
{
    (void)state;
    enum { CALLS = 3 * CALLS_READ };
    struct call_store store = {0};
    for (int round = 0; round < 9; round++) {
        struct snapshot *snapshot = snapshot_new();
        char states[CALLS][20];
        for (uint64_t i = 0; i < CALLS; i++) {
            snprintf(states[i], sizeof states[i], "state %d of %d", round, (int)i);
            call_add(snapshot, i + 1, states[i]);
        }
        apply(&store, snapshot);
        for (size_t look = 0; look < 5 * CALLS && round % 2 == 0; look++) { /* what is freed unseen is where the next ones lie */
            size_t row = look * 7 % CALLS;
            const struct call_record *first = call_store_record(&store, &store.calls[row]);
            assert_true(slice_is(call_store_record(&store, &store.calls[(row + 1) % CALLS])->state, states[(row + 1) % CALLS]));
            assert_true(slice_is(first->state, states[row]) && first->id == row + 1);
        }
    }
    call_store_fini(&store);
}

static struct stream_record stream_of(uint64_t id, uint64_t call)
{
    return (struct stream_record){.id = id, .call = call, .late = NUMBER_NONE, .dtmf_left_out = NUMBER_NONE};
}

/* A stream's copy stands alone too, with its objects, lists of objects and their texts. */
static void streams_are_whole(void **state)
{
    (void)state;
    char codec[] = "PCMU", digit[] = "5", why[] = "too short";
    uint64_t packets[] = {250, 249}, scores[] = {441, 0};
    struct stream_mos mos = {.lq = 4.41, .codec = slice_str(codec), .why = slice_str(why)};
    struct stream_digit digits[] = {{.digit = slice_str(digit), .at = 7}, {.digit = slice_str(digit), .at = 9}};
    struct stream_windows windows = {.length = 5, .packets = {packets, 2}, .mos_x100 = {scores, 2}};
    struct call_record call = call_of(1, "in-call");
    struct stream_record stream = stream_of(3, 1);
    stream.codec = slice_str(codec);
    stream.mos = &mos;
    stream.dtmf = digits;
    stream.dtmf_count = 2;
    stream.windows = &windows;
    struct snapshot *snapshot = snapshot_new();
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
    snapshot_take(snapshot, &(struct record){.kind = RECORD_STREAM, .stream = &stream});
    memset(codec, '#', sizeof codec);
    memset(digit, '#', sizeof digit);
    memset(why, '#', sizeof why);
    memset(packets, 0, sizeof packets);
    memset(scores, 0, sizeof scores);
    memset(digits, 0, sizeof digits);
    memset(&mos, 0, sizeof mos);
    memset(&windows, 0, sizeof windows);
    struct call_store store = {0};
    apply(&store, snapshot);
    const struct stream_record *copy = call_store_stream(&store, 1, 3);
    assert_non_null(copy);
    assert_true(slice_is(copy->codec, "PCMU"));
    assert_true(slice_is(copy->mos->codec, "PCMU"));
    assert_true(slice_is(copy->mos->why, "too short"));
    assert_int_equal(copy->dtmf_count, 2);
    assert_true(slice_is(copy->dtmf[1].digit, "5"));
    assert_int_equal(copy->dtmf[1].at, 9);
    assert_int_equal(copy->windows->packets.items[1], 249);
    assert_int_equal(copy->windows->mos_x100.items[0], 441);
    assert_null(call_store_stream(&store, 1, 4));
    assert_null(call_store_stream(&store, 2, 3));
    call_store_fini(&store);
}

static void stream_add(struct snapshot *snapshot, uint64_t id, uint64_t call)
{
    struct stream_record stream = stream_of(id, call);
    snapshot_take(snapshot, &(struct record){.kind = RECORD_STREAM, .stream = &stream});
}

/* Streams of no call are kept by id, newest copy; one that a call explains later is the call's alone. */
static void loose_streams(void **state)
{
    (void)state;
    struct call_store store = {0};
    struct snapshot *first = snapshot_new(), *second = snapshot_new();
    stream_add(first, 5, NUMBER_NONE);
    stream_add(first, 2, NUMBER_NONE);
    stream_add(first, 9, NUMBER_NONE);
    stream_add(first, 5, NUMBER_NONE);
    apply(&store, first);
    assert_int_equal(store.loose.stream_count, 3);
    assert_int_equal(store.loose.streams[0]->id, 2);
    assert_int_equal(store.loose.streams[2]->id, 9);
    call_add(second, 1, "in-call");
    stream_add(second, 5, 1);
    apply(&store, second);
    assert_int_equal(store.loose.stream_count, 2);
    assert_null(call_store_stream(&store, NUMBER_NONE, 5));
    assert_non_null(call_store_stream(&store, 1, 5));
    assert_int_equal(store.streams, 1);
    call_store_fini(&store);
}

static void newest_counts(void **state)
{
    (void)state;
    struct call_store store = {0};
    struct snapshot *first = snapshot_new(), *second = snapshot_new();
    call_add(first, 1, "setup");
    call_add(first, 3, "setup");
    call_add(second, 3, "ringing");
    call_add(second, 4, "setup");
    apply(&store, first);
    assert_int_equal(store.count_before, 0);
    apply(&store, second);
    assert_ids(&store, "1 setup, 3 ringing, 4 setup");
    assert_int_equal(store.count_before, 2);
    assert_false(store.moved);
    assert_int_equal(store.changed_count, 1);
    assert_int_equal(store.changed[0], 1);
    assert_int_equal(call_store_find(&store, 3), 1);
    assert_int_equal(call_store_find(&store, 2), store.count);
    call_store_fini(&store);
}

/* -w: calls come and go as their states change. */
static void calls_go_and_come(void **state)
{
    (void)state;
    struct call_store store = {0};
    struct snapshot *first = snapshot_new(), *second = snapshot_new(), *third = snapshot_new();
    call_add(first, 1, "setup");
    call_add(first, 2, "setup");
    call_add(first, 3, "setup");
    snapshot_take_gone(second, 9);
    snapshot_take_gone(second, 2);
    call_add(third, 2, "busy");
    apply(&store, first);
    apply(&store, second);
    assert_ids(&store, "1 setup, 3 setup");
    assert_true(store.moved);
    apply(&store, third);
    assert_ids(&store, "1 setup, 2 busy, 3 setup");
    assert_true(store.moved);
    call_store_fini(&store);
}

static void budget_is_kept(void **state)
{
    (void)state;
    struct call_store store = {.bytes_max = 20000};
    for (uint64_t id = 1; id <= 1000; id++) {
        struct snapshot *snapshot = snapshot_new();
        call_add(snapshot, id, "setup");
        if (id > 900)
            call_add(snapshot, 1, "late"); /* it was forgotten, and stays so */
        apply(&store, snapshot);
        assert_true(store.bytes <= 20000);
    }
    assert_true(store.count > 10);
    assert_int_equal(call_store_record(&store, &store.calls[store.count - 1])->id, 1000);
    assert_int_equal(store.calls[0].id, store.forgotten + 1);
    assert_int_equal(store.forgotten + store.count, 1000);
    assert_int_equal(store.lost, 0);
    size_t bytes = 0;
    for (size_t i = 0; i < store.count; i++)
        bytes += store.calls[i].bytes;
    assert_int_equal(store.bytes, bytes);
    call_store_fini(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_whole), cmocka_unit_test(records_are_read_anew), cmocka_unit_test(streams_are_whole), cmocka_unit_test(loose_streams),
        cmocka_unit_test(newest_counts),    cmocka_unit_test(calls_go_and_come), cmocka_unit_test(budget_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

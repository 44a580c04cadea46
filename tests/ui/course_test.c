/* Calls over time: counted against what a walk over all calls finds for each moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ui/call_store.h"
#include "ui/course.h"

enum { BEGIN_S = 1000 };

static void call_add(struct snapshot *snapshot, uint64_t id, const char *method, const char *state, int64_t start_ms, int64_t end_ms)
{
    struct call_record call = {.id = id,
                               .method = slice_str(method),
                               .state = slice_str(state),
                               .start = start_ms < 0 ? CLOCK_NONE : (BEGIN_S * 1000 + start_ms) * NS_PER_MS,
                               .end = end_ms < 0 ? CLOCK_NONE : (BEGIN_S * 1000 + end_ms) * NS_PER_MS};
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
}

static void course_of(struct course *course, struct call_store *store, int64_t last_ns)
{
    struct course_times times;
    course_times_init(&times, store->count);
    for (size_t i = 0; i < store->count; i++)
        course_note(&times, call_store_record(store, &store->calls[i]), last_ns);
    course_make(course, &times);
    course_times_fini(&times);
}

static void store_fill(struct call_store *store, struct snapshot *snapshot)
{
    *store = (struct call_store){0};
    call_store_apply(store, snapshot);
    snapshot_free(snapshot);
}

static void few_calls(void **state)
{
    (void)state;
    struct call_store store;
    struct course course;
    struct snapshot *snapshot = snapshot_new();
    call_add(snapshot, 1, "INVITE", "completed", 0, 2500);
    call_add(snapshot, 2, "INVITE", "completed", 2500, 2580); /* not at once with the first */
    call_add(snapshot, 3, "OPTIONS", "done", 2550, 9000);
    call_add(snapshot, 4, "INVITE", "in-call", 2599, -1);
    call_add(snapshot, 5, "INVITE", "partial", -1, 7000);
    call_add(snapshot, 6, "INVITE", "timeout", 6000, -1);
    store_fill(&store, snapshot);
    course_of(&course, &store, (BEGIN_S + 50) * NS_PER_SECOND);
    assert_int_equal(course.begin_ns, BEGIN_S * NS_PER_SECOND);
    assert_int_equal(course.step_ns, NS_PER_SECOND);
    assert_int_equal(course.count, 51);
    static const double at_once[] = {1, 1, 1, 1, 1, 1, 2}, per_second[] = {1, 0, 2, 0, 0, 0, 1};
    for (size_t i = 0; i < sizeof at_once / sizeof at_once[0]; i++) {
        assert_true(course.at_once[i] == at_once[i]);
        assert_true(course.per_second[i] == per_second[i]);
    }
    assert_true(course.at_once[38] == 2 && course.at_once[39] == 1 && course.at_once[50] == 1);
    call_store_fini(&store);
    course_of(&course, &store, CLOCK_NONE);
    assert_int_equal(course.count, 0);
}

/* The most at any call's beginning in a step, or at the step's own: there is no other moment at which it grows. */
static double most_between(const int64_t calls[][2], size_t count, int64_t from, int64_t until)
{
    double most = 0;
    for (size_t moment = 0; moment <= count; moment++) {
        int64_t at = moment < count ? calls[moment][0] : from;
        double at_once = 0;
        for (size_t i = 0; i < count && at >= from && at < until; i++)
            at_once += calls[i][0] <= at && (calls[i][1] > at || (calls[i][0] == at && calls[i][1] == at && i == moment));
        most = at_once > most ? at_once : most;
    }
    return most;
}

static void many_calls(void **state)
{
    (void)state;
    enum { CALLS = 700 };
    static int64_t calls[CALLS][2];
    for (int span_s = 60; span_s < 4000000; span_s *= 9) {
        struct call_store store;
        struct course course;
        struct snapshot *snapshot = snapshot_new();
        srand(7);
        for (int i = 0; i < CALLS; i++) {
            calls[i][0] = (int64_t)(rand() % 1000) * span_s;
            calls[i][1] = calls[i][0] + 1 + rand() % (200 * span_s);
            call_add(snapshot, (uint64_t)i + 1, "INVITE", "completed", calls[i][0], calls[i][1]);
        }
        store_fill(&store, snapshot);
        course_of(&course, &store, CLOCK_NONE);
        assert_true(course.count > COURSE_STEPS / 3 && course.count <= COURSE_STEPS);
        for (size_t step = 0; step < course.count; step++) {
            int64_t from = (course.begin_ns + (int64_t)step * course.step_ns) / NS_PER_MS - BEGIN_S * 1000;
            assert_true(course.at_once[step] == most_between((const int64_t(*)[2])calls, CALLS, from, from + course.step_ns / NS_PER_MS));
        }
        call_store_fini(&store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_calls), cmocka_unit_test(many_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

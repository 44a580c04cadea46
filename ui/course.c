/* Beginnings and ends in the order of time: one sweep counts up and down. */
#include "ui/course.h"

#include <stdlib.h>

#define ANSWER_NS (32 * NS_PER_SECOND)

void course_times_init(struct course_times *times, size_t room)
{
    *times = (struct course_times){.begins = malloc((room + 1) * sizeof(int64_t)), .ends = malloc((room + 1) * sizeof(int64_t))};
    times->room = times->begins == NULL || times->ends == NULL ? 0 : room;
}

void course_times_fini(struct course_times *times)
{
    free(times->begins);
    free(times->ends);
    *times = (struct course_times){0};
}

static int by_time(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

void course_note(struct course_times *times, const struct call_record *call, int64_t last_ns)
{
    int64_t end = call->end;
    if (times->count == times->room || call->start == CLOCK_NONE || !slice_is(call->method, "INVITE"))
        return;
    if (end == CLOCK_NONE && slice_is(call->state, call_state_names[CALL_TIMEOUT]) && call->start + ANSWER_NS < last_ns)
        end = call->start + ANSWER_NS;
    else if (end == CLOCK_NONE)
        end = last_ns;
    times->begins[times->count] = call->start;
    times->ends[times->count++] = end > call->start ? end : call->start;
}

/* So long that COURSE_STEPS of them reach over the span, and people can read the axis. */
static int64_t step_of(int64_t span_ns)
{
    static const int64_t steps_s[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400};
    size_t count = sizeof steps_s / sizeof steps_s[0];
    for (size_t i = 0; i < count; i++)
        if (span_ns / (steps_s[i] * NS_PER_SECOND) + 2 <= COURSE_STEPS)
            return steps_s[i] * NS_PER_SECOND;
    return (span_ns / (COURSE_STEPS - 2) / NS_PER_SECOND + 1) * NS_PER_SECOND;
}

static void second_count(struct course *course, size_t step, int64_t *second, double *begun, int64_t time_ns)
{
    int64_t now = time_ns / NS_PER_SECOND;
    *begun = now == *second ? *begun + 1 : 1;
    *second = now;
    if (*begun > course->per_second[step])
        course->per_second[step] = *begun;
}

/* A call that ends as another begins is not at once with it. */
static void times_sweep(struct course *course, const struct course_times *times)
{
    size_t begin = 0, end = 0;
    int64_t second = INT64_MIN;
    double at_once = 0, begun = 0;
    for (size_t step = 0; step < course->count; step++) {
        int64_t until = course->begin_ns + (int64_t)(step + 1) * course->step_ns;
        course->at_once[step] = at_once;
        while (begin < times->count && times->begins[begin] < until) {
            for (; times->ends[end] <= times->begins[begin] && end < begin; end++)
                at_once--;
            second_count(course, step, &second, &begun, times->begins[begin++]);
            at_once++;
            course->at_once[step] = at_once > course->at_once[step] ? at_once : course->at_once[step];
        }
        for (; end < begin && times->ends[end] < until; end++)
            at_once--;
    }
}

void course_make(struct course *course, struct course_times *times)
{
    *course = (struct course){0};
    if (times->count == 0)
        return;
    qsort(times->begins, times->count, sizeof(int64_t), by_time);
    qsort(times->ends, times->count, sizeof(int64_t), by_time);
    int64_t first = times->begins[0], last = times->ends[times->count - 1];
    course->step_ns = step_of(last - first);
    course->begin_ns = first - first % course->step_ns;
    course->count = (size_t)((last - course->begin_ns) / course->step_ns) + 1;
    times_sweep(course, times);
}

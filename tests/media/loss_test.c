/* Bad packets in sequence: the vectors of RFC 3611's counters, holes that fill in any order, and bounded memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "media/loss.h"

enum { FIRST = 0x10000 };

/* R received, L lost, D late; told as a stream tells it: gaps when the next packet comes. */
static struct loss loss_of(const char *pattern)
{
    struct loss loss = {.first = FIRST};
    uint32_t missing = 0;
    for (uint32_t i = 0; pattern[i] != '\0'; i++) {
        if (pattern[i] == 'L') {
            missing++;
            continue;
        }
        if (missing > 0)
            loss_gap(&loss, FIRST + i - missing, missing);
        missing = 0;
        if (pattern[i] == 'D')
            loss_late(&loss, FIRST + i);
    }
    return loss;
}

static void near(double got, double want)
{
    if (fabs(got - want) > 1e-3)
        fail_msg("%f instead of %f", got, want);
}

static const char forty[] = "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR";

/* R*40 L R*40 LRRLRRRLL R*40 D RRRRR L R*40: density 96/256, gap density 1/121, gap 61.5 packets, burst 8 packets. */
static void the_counters_of_rfc_3611(void **state)
{
    (void)state;
    char pattern[256];
    snprintf(pattern, sizeof pattern, "%sL%sLRRLRRRLL%sDRRRRRL%s", forty, forty, forty, forty);
    struct loss loss = loss_of(pattern);
    struct loss_figures figures = loss_figures(&loss, strlen(pattern));
    assert_int_equal(figures.bad, 7);
    assert_int_equal(figures.runs, 6);
    assert_int_equal(figures.longest, 2);
    near(figures.burst_pct, 37.5);
    near(figures.gap_pct, 100.0 / 121);
    near(figures.gap_packets, 61.5);
    near(figures.burst_packets, 8);
    near(loss_burst_r(figures.bad, figures.runs, strlen(pattern)), 1.1205);
    loss_fini(&loss);
}

static void threes(void **state)
{
    (void)state;
    char pattern[1001] = "";
    for (int i = 0; i < 10; i++) {
        memset(pattern + 100 * i, 'R', 97);
        memcpy(pattern + 100 * i + 97, "LLL", 4);
    }
    strcpy(pattern + 999, "R"); /* the last one must be told */
    struct loss loss = loss_of(pattern);
    struct loss_figures figures = loss_figures(&loss, 1000);
    near(figures.burst_pct, 100);
    near(figures.gap_packets, 98);
    assert_int_equal(figures.longest, 3);
    near(loss_burst_r(30, 10, 1000), 2.91);
    loss_fini(&loss);
}

static void no_burst_and_nothing_else(void **state)
{
    (void)state;
    struct loss none = {.first = FIRST};
    assert_true(loss_figures(&none, 100).bad == 0);
    near(loss_burst_r(0, 0, 100), 1);
    near(loss_burst_r(100, 1, 100), 1);
    char pattern[200];
    snprintf(pattern, sizeof pattern, "%sL%sL%s", forty, forty, forty);
    struct loss single = loss_of(pattern);
    struct loss_figures figures = loss_figures(&single, 122);
    assert_true(figures.burst_pct < 0 && figures.burst_packets < 0);
    near(figures.gap_pct, 200.0 / 122);
    loss_fini(&single);
}

/* A hole of ten is filled in a random order: each packet once, and at the end nothing was bad. */
static void holes_fill_in_any_order(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        struct loss loss = {.first = FIRST};
        unsigned order[10];
        loss_gap(&loss, FIRST + 5, 10);
        for (unsigned i = 0; i < 10; i++) {
            seed = seed * 1103515245 + 12345;
            unsigned at = (seed >> 16) % (i + 1);
            order[i] = order[at];
            order[at] = i;
        }
        for (unsigned i = 0; i < 10; i++) {
            assert_true(loss_fill(&loss, FIRST + 5 + order[i]));
            assert_false(loss_fill(&loss, FIRST + 5 + order[i]));
            assert_false(loss_fill(&loss, FIRST + 4) || loss_fill(&loss, FIRST + 15));
            assert_int_equal(loss_figures(&loss, 100).bad, 9 - i);
        }
        assert_int_equal(loss.count, 0);
        loss_fini(&loss);
    }
}

/* A reordered packet that is late too: no longer lost, but bad. */
static void filled_but_late(void **state)
{
    (void)state;
    struct loss loss = {.first = FIRST};
    loss_gap(&loss, FIRST + 10, 3);
    assert_true(loss_fill(&loss, FIRST + 11));
    loss_late(&loss, FIRST + 11);
    struct loss_figures figures = loss_figures(&loss, 100);
    assert_int_equal(figures.bad, 3);
    assert_int_equal(figures.runs, 1);
    assert_false(loss_fill(&loss, FIRST + 11)); /* it is there already */
    loss_fini(&loss);
}

/* Any number of losses: the list stays small, the counts are right. */
static void memory_is_bounded(void **state)
{
    (void)state;
    struct loss loss = {.first = FIRST};
    for (uint32_t i = 1; i <= 100000; i++)
        loss_gap(&loss, FIRST + 3 * i, 1);
    assert_in_range(loss_bytes(&loss), 1, 4096);
    assert_int_equal(loss_figures(&loss, 300001).bad, 100000);
    assert_int_equal(loss_figures(&loss, 300001).runs, 100000);
    loss_fini(&loss);
}

/* A packet comes when its hole was settled long ago: it was missing, once; one that was there before was not. */
static void settled_holes_are_remembered(void **state)
{
    (void)state;
    struct loss loss = {.first = FIRST};
    for (uint32_t i = 1; i <= 1000; i++)
        loss_gap(&loss, FIRST + 3 * i, 2);
    for (uint32_t i = 1; i <= 1000; i += 7) {
        assert_false(loss_fill(&loss, FIRST + 3 * i + 2));
        assert_true(loss_fill(&loss, FIRST + 3 * i));
        assert_false(loss_fill(&loss, FIRST + 3 * i));
        assert_true(loss_fill(&loss, FIRST + 3 * i + 1));
        assert_false(loss_fill(&loss, FIRST + 3 * i + 1));
    }
    assert_in_range(loss_bytes(&loss), 1, 4096);
    loss_gap(&loss, FIRST + 10000, 100000); /* longer than all that is remembered */
    for (uint32_t i = 0; i < 500; i++)
        loss_gap(&loss, FIRST + 120000 + 2 * i, 1);
    assert_true(loss_fill(&loss, FIRST + 120000) && loss_fill(&loss, FIRST + 120998));
    assert_false(loss_fill(&loss, FIRST + 120001) || loss_fill(&loss, FIRST + 115000));
    loss_restart(&loss, FIRST + 121000, FIRST + 200000);
    assert_false(loss_fill(&loss, FIRST + 200000 - 1000 + 2));
    loss_fini(&loss);
}

/* A full list: a hole near its front is split all the same. */
static void full_list_is_split(void **state)
{
    (void)state;
    struct loss loss = {.first = FIRST};
    for (uint32_t i = 0; i < 128; i++)
        loss_gap(&loss, FIRST + 100 * i + 1, 50);
    assert_true(loss_fill(&loss, FIRST + 25));
    assert_true(loss_fill(&loss, FIRST + 40) && loss_fill(&loss, FIRST + 10));
    assert_int_equal(loss_figures(&loss, 12800).bad, 128 * 50 - 2); /* the tenth was settled before: too late to be good */
    loss_fini(&loss);
}

static void restart_keeps_the_distance(void **state)
{
    (void)state;
    struct loss loss = {.first = FIRST};
    loss_gap(&loss, FIRST + 50, 1);
    loss_restart(&loss, FIRST + 60, FIRST + 100000); /* nine good ones since */
    loss_gap(&loss, FIRST + 100010, 1);              /* ten more */
    assert_int_equal(loss_figures(&loss, 200).bad, 2);
    struct loss_figures figures = loss_figures(&loss, 200);
    assert_true(figures.burst_pct < 0); /* 19 good ones between: no burst */
    loss_fini(&loss);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counters_of_rfc_3611), cmocka_unit_test(threes),          cmocka_unit_test(no_burst_and_nothing_else),
        cmocka_unit_test(holes_fill_in_any_order),  cmocka_unit_test(filled_but_late), cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(settled_holes_are_remembered), cmocka_unit_test(full_list_is_split),
        cmocka_unit_test(restart_keeps_the_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Interning: equal texts share a number, numbers run from 1, and when they are used up the old ones still work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/intern.h"

static void numbers(void **state)
{
    (void)state;
    static struct intern intern = {.seed = 1};
    char text[] = "PCMU";
    assert_int_equal(intern_number(&intern, slice_str(text)), 1);
    assert_int_equal(intern_number(&intern, slice_str("PCMA")), 2);
    text[3] = 'A'; /* its own copy is kept */
    assert_int_equal(intern_number(&intern, slice_str(text)), 2);
    assert_int_equal(intern_number(&intern, slice_str("PCMU")), 1);
    assert_int_equal(intern_number(&intern, slice_str("pcmu")), 3);
    assert_int_equal(intern_number(&intern, SLICE_NONE), INTERN_NONE);
    assert_true(slice_is(intern_text(&intern, 1), "PCMU"));
    assert_int_equal(intern_text(&intern, INTERN_NONE).len, 0);
    assert_int_equal(intern_text(&intern, 4).len, 0);
    intern_fini(&intern);
    assert_int_equal(intern_text(&intern, 1).len, 0);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    static struct intern intern = {.seed = 1};
    uint8_t text[INTERN_TEXT_MAX + 10];
    memset(text, 'x', sizeof text);
    uint16_t number = intern_number(&intern, slice_of(text, sizeof text));
    assert_int_equal(intern_text(&intern, number).len, INTERN_TEXT_MAX);
    assert_int_equal(intern_number(&intern, slice_of(text, INTERN_TEXT_MAX)), number);
    assert_int_not_equal(intern_number(&intern, slice_of(text, INTERN_TEXT_MAX - 1)), number);
    intern_fini(&intern);
}

static void all_numbers_taken(void **state)
{
    (void)state;
    static struct intern intern = {.seed = 1};
    char text[32];
    for (unsigned i = 0; i < INTERN_MAX; i++) {
        int n = snprintf(text, sizeof text, "agent %u", i);
        assert_int_equal(intern_number(&intern, slice_of(text, (size_t)n)), i + 1);
    }
    size_t bytes = intern.arena.bytes;
    assert_int_equal(intern_number(&intern, slice_str("one more")), INTERN_NONE);
    assert_int_equal(intern_number(&intern, slice_str("agent 0")), 1);
    assert_int_equal(intern_number(&intern, slice_str("agent 4095")), 4096);
    assert_true(slice_is(intern_text(&intern, 4096), "agent 4095"));
    for (unsigned guess = 0; guess <= INTERN_MAX; guess += 7) /* right or wrong, it changes nothing */
        assert_int_equal(intern_number_like(&intern, slice_str("agent 48"), (uint16_t)guess), 49);
    assert_int_equal(intern_number_like(&intern, SLICE_NONE, 1), INTERN_NONE);
    assert_int_equal(intern.arena.bytes, bytes); /* a flood of names costs nothing more */
    intern_fini(&intern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(all_numbers_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

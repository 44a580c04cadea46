/* What is typed into the filter bar, and which calls pass then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/call_filter.h"

static void type(struct call_filter *filter, const char *text)
{
    for (; *text != '\0'; text++)
        (void)call_filter_press(filter, *text == '\n' ? PRESS_ENTER : (uint32_t)*text);
}

static struct call_record call_of(const char *state, uint64_t status, double mos)
{
    return (struct call_record){.id = 1,
                                .state = slice_str(state),
                                .from_user = slice_str("+12025550143"),
                                .status = status,
                                .mos = mos,
                                .loss_pct = NAN,
                                .q850 = NUMBER_NONE};
}

static void assert_text(const struct call_filter *filter, const char *expected)
{
    assert_true(slice_is(prompt_text(&filter->prompt), expected));
}

static void words_and_queries(void **state)
{
    (void)state;
    struct call_filter filter = {0};
    struct call_record busy = call_of("busy", 486, NAN), good = call_of("completed", 200, 4.4);
    assert_false(call_filter_active(&filter));
    assert_true(call_filter_passes(&filter, &busy));
    call_filter_begin(&filter);
    type(&filter, "BUSY 5550");
    assert_true(call_filter_active(&filter) && call_filter_passes(&filter, &busy) && !call_filter_passes(&filter, &good));
    call_filter_reset(&filter);
    type(&filter, "mos > 4");
    assert_true(call_filter_passes(&filter, &good) && !call_filter_passes(&filter, &busy));
    type(&filter, " and");
    assert_string_equal(filter.wrong, "a field name is missing here");
    assert_int_equal(filter.wrong_at, 11);
    assert_true(call_filter_passes(&filter, &good) && !call_filter_passes(&filter, &busy)); /* as it was */
    assert_int_equal(call_filter_press(&filter, PRESS_ENTER), PROMPT_CHANGED);
    assert_true(filter.prompt.typing); /* what is wrong is not left behind */
    type(&filter, " status < 100\n");
    assert_false(filter.prompt.typing);
    assert_false(call_filter_passes(&filter, &good));
    call_filter_begin(&filter);
    assert_int_equal(call_filter_press(&filter, PRESS_ESCAPE), PROMPT_LEFT);
    assert_false(call_filter_active(&filter));
    type(&filter, "not mos");
    assert_true(call_filter_passes(&filter, &busy) && !call_filter_passes(&filter, &good));
    call_filter_fini(&filter);
}

static void fields_complete(void **state)
{
    (void)state;
    struct call_filter filter = {0};
    call_filter_begin(&filter);
    type(&filter, "not verd");
    (void)call_filter_press(&filter, PRESS_TAB);
    assert_text(&filter, "not verdict ");
    call_filter_reset(&filter);
    type(&filter, "r");
    (void)call_filter_press(&filter, PRESS_TAB);
    assert_text(&filter, "r");
    assert_string_equal(filter.hint, "request_uri ring_ms reason retransmissions related");
    type(&filter, "e");
    (void)call_filter_press(&filter, PRESS_TAB);
    assert_text(&filter, "re");
    type(&filter, "z");
    (void)call_filter_press(&filter, PRESS_TAB);
    assert_text(&filter, "rez");
    call_filter_fini(&filter);
}

static void history_comes_back(void **state)
{
    (void)state;
    struct call_filter filter = {0};
    static const char *const typed[] = {"one\n", "two\n", "one\n", "three\n"};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        call_filter_begin(&filter);
        filter.prompt.len = 0;
        type(&filter, typed[i]);
    }
    assert_int_equal(filter.history_count, 3); /* what is there already moves to the front */
    call_filter_begin(&filter);
    (void)call_filter_press(&filter, PRESS_UP);
    assert_text(&filter, "three");
    (void)call_filter_press(&filter, PRESS_UP);
    assert_text(&filter, "one");
    (void)call_filter_press(&filter, PRESS_UP);
    (void)call_filter_press(&filter, PRESS_UP);
    assert_text(&filter, "two");
    (void)call_filter_press(&filter, PRESS_DOWN);
    assert_text(&filter, "one");
    for (int i = 0; i < 100; i++) {
        char text[8] = {(char)('a' + i % 26), (char)('a' + i / 26), '\n', '\0'};
        call_filter_begin(&filter);
        filter.prompt.len = 0;
        type(&filter, text);
    }
    assert_int_equal(filter.history_count, FILTER_HISTORY);
    assert_string_equal(filter.history[0], "vd");
    call_filter_fini(&filter);
}

/* A line that is as long as it can be, and longer. */
static void length_is_bounded(void **state)
{
    (void)state;
    struct call_filter filter = {0};
    call_filter_begin(&filter);
    for (int i = 0; i < 2 * PROMPT_BYTES; i++)
        type(&filter, "(");
    (void)call_filter_press(&filter, PRESS_TAB);
    assert_true(filter.prompt.len < PROMPT_BYTES);
    assert_true(filter.wrong[0] != '\0');
    for (int i = 0; i < 4; i++)
        (void)call_filter_press(&filter, PRESS_BACKSPACE);
    type(&filter, "fro");
    (void)call_filter_press(&filter, PRESS_TAB); /* from_user has no room */
    assert_int_equal(filter.prompt.len, PROMPT_BYTES - 2);
    for (int i = 0; i < 2 * PROMPT_BYTES; i++)
        (void)call_filter_press(&filter, i % 3 == 0 ? 0x1f600 : PRESS_BACKSPACE);
    call_filter_fini(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_and_queries), cmocka_unit_test(fields_complete),
                                       cmocka_unit_test(history_comes_back), cmocka_unit_test(length_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Wrapping: no line wider than asked, no word lost, margins kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "output/line_wrap.h"

static void expect(const char *before, unsigned width, unsigned indent, const char *after)
{
    struct text text = {0};
    text_str(&text, "kept\n");
    text_str(&text, before);
    line_wrap(&text, 5, width, indent);
    text_put(&text, '\0');
    assert_string_equal(text.data + 5, after);
    assert_memory_equal(text.data, "kept\n", 5);
    text_fini(&text);
}

static void test_short_lines_stay(void **state)
{
    (void)state;
    expect("one two\nthree\n", 10, 2, "one two\nthree\n");
    expect("exactly 10\n", 10, 2, "exactly 10\n");
    expect("", 10, 2, "");
}

static void test_breaks_between_words(void **state)
{
    (void)state;
    expect("aaa bbb ccc ddd\n", 8, 2, "aaa bbb\n  ccc\n  ddd\n");
    expect("aaaa bbbb ccc\n", 9, 2, "aaaa bbbb\n  ccc\n"); /* the break falls on the space itself */
}

static void test_margin_is_no_place_to_break(void **state)
{
    (void)state;
    expect("    aaaaaaaa b\n", 8, 1, "    aaaa\n aaaa b\n");
}

static void test_long_words_are_cut(void **state)
{
    (void)state;
    expect("abcdefghijkl\n", 5, 1, "abcde\n fghi\n jkl\n");
}

static void test_code_points_not_bytes(void **state)
{
    (void)state;
    expect("\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f\n", 5, 0, "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f\n");
    expect("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\n", 2, 0, "\xc3\xa4\xc3\xb6\n\xc3\xbc\xc3\x9f\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_lines_stay),      cmocka_unit_test(test_breaks_between_words),
        cmocka_unit_test(test_margin_is_no_place_to_break), cmocka_unit_test(test_long_words_are_cut),
        cmocka_unit_test(test_code_points_not_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

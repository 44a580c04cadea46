/* Slices: cutting never leaves the bytes, comparisons know their lengths, numbers refuse what is no number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/slice.h"

static void cut_is_clipped(void **state)
{
    (void)state;
    struct slice s = slice_str("abcdef");
    assert_true(slice_is(slice_cut(s, 1, 3), "bc"));
    assert_true(slice_is(slice_cut(s, 4, 100), "ef"));
    assert_true(slice_is(slice_cut(s, 4, 7), "ef"));
    assert_int_equal(slice_cut(s, 6, 100).len, 0);
    assert_ptr_equal(slice_cut(s, 6, 100).data, s.data + 6);
    assert_int_equal(slice_cut(s, 100, 200).len, 0);
    assert_ptr_equal(slice_cut(s, 100, 200).data, s.data + 6); /* not behind its end */
    assert_int_equal(slice_cut(s, 4, 2).len, 0);
    assert_int_equal(slice_cut(s, SIZE_MAX, 0).len, 0);
    assert_true(slice_is(slice_after(s, 2), "cdef"));
    assert_int_equal(slice_after(s, 7).len, 0);
    assert_null(slice_cut(SLICE_NONE, 3, 9).data);
    assert_int_equal(slice_cut(SLICE_NONE, 3, 9).len, 0);
}

static void find_returns_the_length_for_nothing(void **state)
{
    (void)state;
    struct slice s = slice_of("a;b;\0;", 6);
    assert_int_equal(slice_find(s, 0, ';'), 1);
    assert_int_equal(slice_find(s, 1, ';'), 1);
    assert_int_equal(slice_find(s, 2, ';'), 3);
    assert_int_equal(slice_find(s, 0, '\0'), 4);
    assert_int_equal(slice_find(s, 5, ';'), 5);
    assert_int_equal(slice_find(s, 6, ';'), 6);
    assert_int_equal(slice_find(s, 100, ';'), 6);
    assert_int_equal(slice_find(s, 0, 'x'), 6);
    assert_int_equal(slice_find(slice_cut(s, 0, 1), 0, ';'), 1); /* not the one right behind its end */
    assert_int_equal(slice_find(SLICE_NONE, 0, ';'), 0);
}

static void equality_knows_lengths_and_case(void **state)
{
    (void)state;
    assert_true(slice_equal(SLICE_NONE, slice_str("")));
    assert_false(slice_equal(slice_str("ab"), slice_str("abc")));
    assert_true(slice_equal(slice_of("a\0b", 3), slice_of("a\0b", 3)));
    assert_false(slice_equal(slice_of("a\0b", 3), slice_of("a\0c", 3)));
    assert_false(slice_is(slice_str("INVITE"), "invite"));
    assert_true(slice_is_nocase(slice_str("iNVITe"), "InvitE"));
    assert_false(slice_is_nocase(slice_str("INVITE "), "INVITE"));
    /* '@' and '`', '[' and '{' differ by the bit that tells cases apart, but are no letters */
    assert_false(slice_is_nocase(slice_str("@["), "`{"));
    assert_false(slice_is_nocase(slice_of("\xc4", 1), "\xe4"));
    assert_true(slice_starts(slice_str("SIP/2.0"), "SIP/"));
    assert_false(slice_starts(slice_str("SIP"), "SIP/"));
    assert_false(slice_starts(slice_str("sip/2.0"), "SIP/"));
    assert_true(slice_starts_nocase(slice_str("sip/2.0"), "SIP/"));
    assert_false(slice_starts_nocase(slice_str("si"), "SIP"));
    assert_true(slice_starts(slice_str("x"), ""));
}

static void trim_takes_sips_white_space(void **state)
{
    (void)state;
    assert_true(slice_is(slice_trim(slice_str(" \t\r\n a b\r\n\t ")), "a b"));
    assert_int_equal(slice_trim(slice_str(" \r\n\t")).len, 0);
    assert_int_equal(slice_trim(SLICE_NONE).len, 0);
    assert_true(slice_is(slice_trim(slice_str("\vx\f")), "\vx\f")); /* no white space in SIP */
}

static void numbers_are_digits_within_64_bits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0}, {"007", 7}, {"4294967296", UINT64_C(4294967296)}, {"18446744073709551615", UINT64_MAX}};
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616", "99999999999999999999", "1\xb2"};
    uint64_t value;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(slice_uint(slice_str(good[i].text), &value));
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        value = 4711;
        assert_false(slice_uint(slice_str(bad[i]), &value));
        assert_int_equal(value, 4711);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_is_clipped),
        cmocka_unit_test(find_returns_the_length_for_nothing),
        cmocka_unit_test(equality_knows_lengths_and_case),
        cmocka_unit_test(trim_takes_sips_white_space),
        cmocka_unit_test(numbers_are_digits_within_64_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

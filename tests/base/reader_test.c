/* The reader: values in both byte orders, and a fault that sticks at the first byte that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"

static const uint8_t bytes[] = {0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x88, 0x09, 0x8a};

static void values_in_order(void **state)
{
    (void)state;
    struct reader r = reader_over(slice_of(bytes, sizeof bytes));
    assert_int_equal(reader_left(&r), 10);
    assert_int_equal(reader_u8(&r), 0x01);
    assert_int_equal(reader_be16(&r), 0x8203);
    assert_int_equal(reader_be24(&r), 0x840586);
    assert_int_equal(reader_be32(&r), 0x0788098a);
    assert_int_equal(reader_left(&r), 0);
    assert_false(r.fault);
    r = reader_over(slice_of(bytes + 1, 9));
    assert_true(reader_be32(&r) == UINT32_C(0x82038405)); /* the top bit is no sign */
    r = reader_over(slice_of(bytes, sizeof bytes));
    assert_true(reader_be64(&r) == UINT64_C(0x0182038405860788));
    r = reader_over(slice_of(bytes, sizeof bytes));
    assert_int_equal(reader_le16(&r), 0x8201);
    assert_true(reader_le32(&r) == UINT32_C(0x86058403));
}

static void fault_sticks(void **state)
{
    (void)state;
    for (size_t n = 0; n < 4; n++) {
        struct reader r = reader_over(slice_of(bytes, n));
        assert_int_equal(reader_be32(&r), 0);
        assert_true(r.fault);
        assert_int_equal(reader_left(&r), 0);
        assert_int_equal(reader_u8(&r), 0); /* though a byte was there before the failed read */
        assert_true(r.fault);
        assert_int_equal(reader_rest(&r).len, 0);
        assert_null(reader_slice(&r, 0).data);
    }
    struct reader r = reader_over(slice_of(bytes, 7));
    assert_int_equal(reader_be64(&r) & 0xffffffff, 0); /* the second half is missing */
    assert_true(r.fault);
}

static void slices_and_skips(void **state)
{
    (void)state;
    struct reader r = reader_over(slice_of(bytes, sizeof bytes));
    reader_skip(&r, 3);
    struct slice s = reader_slice(&r, 4);
    assert_ptr_equal(s.data, bytes + 3);
    assert_int_equal(s.len, 4);
    s = reader_slice(&r, 0);
    assert_int_equal(s.len, 0);
    assert_false(r.fault);
    s = reader_rest(&r);
    assert_ptr_equal(s.data, bytes + 7);
    assert_int_equal(s.len, 3);
    assert_int_equal(reader_rest(&r).len, 0); /* nothing is left, and that is no fault */
    assert_false(r.fault);
    reader_skip(&r, 1);
    assert_true(r.fault);
}

static void lengths_do_not_wrap(void **state)
{
    (void)state;
    struct reader r = reader_over(slice_of(bytes, sizeof bytes));
    reader_skip(&r, 5);
    assert_null(reader_take(&r, SIZE_MAX));
    assert_true(r.fault);
    r = reader_over(slice_of(bytes, sizeof bytes));
    reader_skip(&r, SIZE_MAX - 4);
    assert_true(r.fault);
}

static void nothing_can_be_read_from_nothing(void **state)
{
    (void)state;
    struct reader r = reader_over(SLICE_NONE);
    assert_int_equal(reader_left(&r), 0);
    assert_int_equal(reader_rest(&r).len, 0);
    assert_false(r.fault);
    assert_int_equal(reader_be24(&r), 0);
    assert_true(r.fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_in_order),     cmocka_unit_test(fault_sticks),
        cmocka_unit_test(slices_and_skips),    cmocka_unit_test(lengths_do_not_wrap),
        cmocka_unit_test(nothing_can_be_read_from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

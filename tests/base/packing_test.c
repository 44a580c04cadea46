/* Words as bytes: what was put comes back, in as few bytes as it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/packing.h"

static void lengths(void **state)
{
    (void)state;
    uint64_t words[65], again[65];
    uint8_t out[PACKING_ROOM(65) + PACKING_SLACK];
    words[0] = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        words[bit + 1] = UINT64_MAX >> bit;
    for (size_t count = 0; count <= 65; count++) {
        size_t bytes = (count + 1) / 2;
        for (size_t i = 1; i < count; i++)
            bytes += (64 - (i - 1) + 7) / 8;
        memset(out, 0xa5, sizeof out);
        assert_ptr_equal(packing_put(out, words, count), out + bytes);
        assert_ptr_equal(packing_get(out, again, count), out + bytes);
        assert_memory_equal(again, words, count * sizeof *words);
    }
    assert_true(PACKING_ROOM(65) == 33 + 65 * 8);
}

static void one_behind_the_other(void **state)
{
    (void)state;
    static const uint64_t first[] = {1, UINT64_MAX, 0}, second[] = {UINT64_C(1) << 56, 255, 256, 0, 7};
    uint64_t again[5];
    uint8_t out[PACKING_ROOM(8) + 8 + PACKING_SLACK];
    uint8_t *end = packing_put(packing_put(out, first, 3), second, 5);
    const uint8_t *at = packing_get(out, again, 3);
    assert_memory_equal(again, first, sizeof first);
    assert_ptr_equal(packing_get(at, again, 5), end);
    assert_memory_equal(again, second, sizeof second);
}

static void folded(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, -1, 1000, -1000, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_true(packing_unfold(packing_fold(values[i])) == values[i]);
    assert_true(packing_fold(-64) == 127 && packing_fold(63) == 126); /* one byte */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths),
        cmocka_unit_test(one_behind_the_other),
        cmocka_unit_test(folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

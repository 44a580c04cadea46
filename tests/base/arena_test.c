/* Arenas: copies stay as they were while it grows, blocks are aligned and apart, the budget counts what is held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"

enum { COPIES = 3000 };

static void copies_stay(void **state)
{
    (void)state;
    static struct slice copies[COPIES];
    struct arena arena = {0};
    size_t total = 0;
    char text[200];
    for (unsigned i = 0; i < COPIES; i++) {
        size_t n = 1 + i % sizeof text;
        memset(text, (int)('a' + i % 26), n);
        copies[i] = arena_copy(&arena, slice_of(text, n));
        assert_int_equal(copies[i].len, n);
        total += n;
    }
    for (unsigned i = 0; i < COPIES; i++)
        for (size_t k = 0; k < copies[i].len; k++)
            assert_int_equal(copies[i].data[k], 'a' + i % 26);
    assert_true(arena.bytes >= total);
    assert_true(arena.bytes < total * 2 + 70000);
    arena_fini(&arena);
    assert_int_equal(arena.bytes, 0);
    assert_null(arena.first);
}

static void blocks_are_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena = {0};
    uint8_t *blocks[100];
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(arena_copy(&arena, slice_str("odd")).len, 3);
        blocks[i] = arena_alloc(&arena, i + 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 8, 0);
        memset(blocks[i], (int)i, i + 1);
    }
    for (unsigned i = 0; i < 100; i++)
        for (unsigned k = 0; k <= i; k++)
            assert_int_equal(blocks[i][k], i);
    arena_fini(&arena);
}

static void large_and_empty(void **state)
{
    (void)state;
    struct arena arena = {0};
    uint8_t *large = arena_alloc(&arena, 1 << 20);
    assert_non_null(large);
    large[0] = large[(1 << 20) - 1] = 1;
    assert_true(arena.bytes >= 1 << 20);
    assert_non_null(arena_alloc(&arena, 8)); /* a chunk behind the large one */
    assert_true(arena.bytes < (1 << 20) + 200000);
    assert_int_equal(arena_copy(&arena, SLICE_NONE).len, 0);
    assert_null(arena_copy(&arena, slice_str("")).data);
    size_t before = arena.bytes;
    assert_null(arena_alloc(&arena, SIZE_MAX - 100)); /* refused, and nothing is lost */
    assert_null(arena_alloc(&arena, UINT32_MAX));
    assert_int_equal(arena.bytes, before);
    large[5] = 2;
    arena_fini(&arena);
    arena_fini(&arena);
}

static void reserve_fits_exactly(void **state)
{
    (void)state;
    for (size_t n = 1; n < 3000; n = n * 2 + 1) {
        struct arena arena = {0};
        arena_reserve(&arena, n);
        size_t held = arena.bytes;
        assert_true(held >= n && held <= n + 32);
        char text[3100] = {1};
        assert_int_equal(arena_copy(&arena, slice_of(text, n)).len, n);
        assert_int_equal(arena.bytes, held); /* no second chunk */
        arena_reserve(&arena, 100000);       /* there is a chunk already */
        assert_int_equal(arena.bytes, held);
        arena_fini(&arena);
    }
    struct arena arena = {0};
    arena_reserve(&arena, 0);
    arena_reserve(&arena, SIZE_MAX);
    assert_int_equal(arena.bytes, 0);
    arena_fini(&arena);
}

/* The owner's own bytes come first and are never freed; what does not fit goes to the heap. */
static void borrowed_bytes(void **state)
{
    (void)state;
    uint64_t own[8];
    const uint8_t *from = (const uint8_t *)own, *end = (const uint8_t *)(own + 8);
    struct arena arena;
    arena_borrow(&arena, own, sizeof own);
    assert_true(arena_reserve(&arena, 56));
    struct slice first = arena_copy(&arena, slice_str("first"));
    uint8_t *block = arena_alloc(&arena, 48);
    assert_true(first.data > from && block > from && block + 48 <= end);
    assert_int_equal(arena.bytes, 0);
    struct slice more = arena_copy(&arena, slice_str("more"));
    assert_true(more.data + more.len <= from || more.data >= end);
    assert_true(arena.bytes > 0);
    assert_true(slice_is(first, "first") && slice_is(more, "more"));
    arena_fini(&arena);
    arena_fini(&arena);
    assert_int_equal(arena.bytes, 0);

    arena_borrow(&arena, own, sizeof own);
    assert_true(arena_reserve(&arena, 100)); /* more than there is: a chunk of this size */
    assert_int_equal(arena_copy(&arena, slice_of(own, 64)).len, 64);
    assert_in_range(arena.bytes, 100, 132);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_stay),
        cmocka_unit_test(blocks_are_aligned_and_apart),
        cmocka_unit_test(large_and_empty),
        cmocka_unit_test(reserve_fits_exactly),
        cmocka_unit_test(borrowed_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

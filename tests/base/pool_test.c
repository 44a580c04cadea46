/* Pools: items never move, numbers are reused before new ones are taken, and a reused item comes back zeroed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/pool.h"

enum { ITEMS = POOL_CHUNK_ITEMS * 5 + 3 };

static void items_never_move(void **state)
{
    (void)state;
    static uint64_t *items[ITEMS];
    struct pool pool;
    pool_init(&pool, sizeof(uint64_t));
    for (uint32_t i = 0; i < ITEMS; i++) {
        uint32_t number;
        items[i] = pool_take(&pool, &number);
        assert_non_null(items[i]);
        assert_int_equal(number, i);
        assert_true(*items[i] == 0);
        *items[i] = UINT64_C(0x123456789) + i;
    }
    assert_int_equal(pool.live, ITEMS);
    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_ptr_equal(pool_at(&pool, i), items[i]);
        assert_true(*items[i] == UINT64_C(0x123456789) + i);
    }
    assert_true(pool_bytes(&pool) >= ITEMS * sizeof(uint64_t));
    pool_fini(&pool);
    assert_int_equal(pool_bytes(&pool), 0);
}

static void numbers_are_reused_and_zeroed(void **state)
{
    (void)state;
    struct pool pool;
    uint32_t number;
    pool_init(&pool, 20);
    for (uint32_t i = 0; i < 10; i++)
        memset(pool_take(&pool, &number), 0xff, 20);
    size_t bytes = pool_bytes(&pool);
    pool_give(&pool, 3);
    pool_give(&pool, 7);
    assert_int_equal(pool.live, 8);
    uint8_t zero[20] = {0};
    assert_memory_equal(pool_take(&pool, &number), zero, 20);
    assert_int_equal(number, 7);
    assert_memory_equal(pool_take(&pool, &number), zero, 20);
    assert_int_equal(number, 3);
    assert_non_null(pool_take(&pool, &number));
    assert_int_equal(number, 10);
    uint8_t full[20];
    memset(full, 0xff, sizeof full);
    assert_memory_equal(pool_at(&pool, 6), full, 20); /* neighbours are untouched */
    assert_memory_equal(pool_at(&pool, 8), full, 20);
    assert_int_equal(pool_bytes(&pool), bytes);
    pool_fini(&pool);
}

/* Random takes and gives against a plain array of who owns what. */
static void random_use(void **state)
{
    (void)state;
    static uint32_t owner[ITEMS];
    struct pool pool;
    uint32_t live = 0, highest = 0, seed = 1, number;
    memset(owner, 0, sizeof owner);
    pool_init(&pool, 4);
    for (uint32_t step = 1; step < 20000; step++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t at = (seed >> 8) % ITEMS;
        if (owner[at] != 0) {
            assert_memory_equal(pool_at(&pool, at), &owner[at], 4);
            pool_give(&pool, at);
            owner[at] = 0;
            live--;
        } else if (live < ITEMS) {
            uint32_t *item = pool_take(&pool, &number);
            assert_non_null(item);
            assert_in_range(number, 0, ITEMS - 1);
            assert_int_equal(owner[number], 0);
            assert_int_equal(*item, 0);
            *item = owner[number] = step;
            live++;
            highest = number > highest ? number : highest;
        }
        assert_int_equal(pool.live, live);
    }
    assert_true(pool.used == highest + 1);
    pool_fini(&pool);
}

/* Past some megabytes the chunks of a pool come in blocks: items are apart and stay all the same. */
static void large_pools(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct pool pool;
    uint32_t number;
    pool_init(&pool, 504);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t *item = pool_take(&pool, &number);
        assert_int_equal(number, i);
        for (size_t at = 0; at < 504 / sizeof *item; at++)
            item[at] = i;
    }
    for (uint32_t i = 0; i < MANY; i++) {
        const uint32_t *item = pool_at(&pool, i);
        assert_true(item[0] == i && item[504 / sizeof *item - 1] == i);
    }
    pool_fini(&pool);
    assert_non_null(pool_take(&pool, &number)); /* it may be used again */
    assert_int_equal(number, 0);
    pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_never_move),
        cmocka_unit_test(numbers_are_reused_and_zeroed),
        cmocka_unit_test(random_use),
        cmocka_unit_test(large_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

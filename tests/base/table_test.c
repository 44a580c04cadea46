/* The hash index against a naive map: random use with hashes that cluster, removal in the middle of runs, wrapping ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/table.h"

enum { KEYS = 400 };

struct naive {
    uint64_t hash[KEYS];
    bool there[KEYS];
    uint32_t count;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static bool table_has(const struct table *table, uint64_t hash, uint32_t index)
{
    uint32_t cursor = 0, at, seen = 0;
    while ((at = table_next(table, hash, &cursor)) != TABLE_NONE)
        seen += at == index;
    assert_true(seen <= 1);
    return seen == 1;
}

/* mask: how many different home slots there are; few of them make long runs. */
static void compare_with_naive(uint64_t tag_mask, uint64_t tag_base)
{
    struct table table = {0};
    static struct naive naive;
    uint64_t seed = UINT64_C(0x9e3779b97f4a7c15) ^ tag_mask;
    naive = (struct naive){0};
    for (uint32_t i = 0; i < KEYS; i++)
        naive.hash[i] = (tag_base + (next_random(&seed) & tag_mask)) << 32 | i;
    for (int step = 0; step < 6000; step++) {
        uint32_t at = (uint32_t)(next_random(&seed) % KEYS);
        if (naive.there[at]) {
            assert_true(table_remove(&table, naive.hash[at], at));
            naive.count--;
        } else {
            assert_false(table_remove(&table, naive.hash[at], at));
            assert_true(table_add(&table, naive.hash[at], at));
            naive.count++;
        }
        naive.there[at] = !naive.there[at];
        assert_int_equal(table.count, naive.count);
        if (step % 64 == 0)
            for (uint32_t i = 0; i < KEYS; i++)
                assert_int_equal(table_has(&table, naive.hash[i], i), naive.there[i]);
    }
    for (uint32_t i = 0; i < KEYS; i++)
        assert_int_equal(table_remove(&table, naive.hash[i], i), naive.there[i]);
    assert_int_equal(table.count, 0);
    for (uint32_t slot = 0; slot <= table.mask; slot++)
        assert_int_equal(table.slots[slot].index, TABLE_NONE); /* no tombstones */
    table_fini(&table);
    assert_int_equal(table_bytes(&table), 0);
}

static void spread_hashes(void **state)
{
    (void)state;
    compare_with_naive(UINT32_MAX, 0);
}

static void clustered_hashes(void **state)
{
    (void)state;
    compare_with_naive(0, 5);
    compare_with_naive(3, 17);
    compare_with_naive(7, UINT64_C(0x3fc)); /* runs across the end of the slots */
    compare_with_naive(15, UINT64_C(0xfffffff0));
}

/* Three items with one home, two with the next: taking out each one in turn must leave the others to be found. */
static void removal_in_a_run(void **state)
{
    (void)state;
    static const uint64_t tags[5] = {63, 63, 0, 63, 0}; /* 64 slots: the run wraps */
    for (uint32_t gone = 0; gone < 5; gone++) {
        struct table table = {0};
        for (uint32_t i = 0; i < 5; i++)
            assert_true(table_add(&table, tags[i] << 32, i));
        assert_true(table_remove(&table, tags[gone] << 32, gone));
        for (uint32_t i = 0; i < 5; i++)
            assert_int_equal(table_has(&table, tags[i] << 32, i), i != gone);
        assert_false(table_remove(&table, tags[gone] << 32, gone));
        table_fini(&table);
    }
}

static void empty_table(void **state)
{
    (void)state;
    struct table table = {0};
    uint32_t cursor = 0;
    assert_int_equal(table_next(&table, 1, &cursor), TABLE_NONE);
    assert_false(table_remove(&table, 1, 1));
    table_prefetch(&table, 1);
    assert_int_equal(table_bytes(&table), 0);
    table_fini(&table);
}

/* A walk ends though all items share one tag, and it gives each once. */
static void equal_hashes(void **state)
{
    (void)state;
    struct table table = {0};
    bool seen[KEYS] = {false};
    for (uint32_t i = 0; i < KEYS; i++)
        assert_true(table_add(&table, UINT64_C(7) << 32, i));
    uint32_t cursor = 0, at, count = 0;
    while ((at = table_next(&table, UINT64_C(7) << 32, &cursor)) != TABLE_NONE) {
        assert_in_range(at, 0, KEYS - 1);
        assert_false(seen[at]);
        seen[at] = true;
        count++;
    }
    assert_int_equal(count, KEYS);
    assert_true(table_bytes(&table) <= KEYS * 4 * sizeof(struct table_slot)); /* at least a quarter full */
    table_fini(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_hashes), cmocka_unit_test(clustered_hashes), cmocka_unit_test(removal_in_a_run),
        cmocka_unit_test(empty_table),   cmocka_unit_test(equal_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

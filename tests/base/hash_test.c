/* Hashing: keys that differ in one byte, in length or in order differ, also where factors of a product could become zero. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/endpoint.h"
#include "base/hash.h"

enum { MANY = 40000 };

static int compare_words(const void *a, const void *b)
{
    uint64_t left, right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return left < right ? -1 : left > right;
}

/* How many of the hashes stand twice. */
static size_t collisions(uint64_t *hashes, size_t count)
{
    size_t found = 0;
    qsort(hashes, count, sizeof *hashes, compare_words);
    for (size_t i = 1; i < count; i++)
        found += hashes[i] == hashes[i - 1];
    return found;
}

/* Every Call-ID that differs from one in a single byte, at every length that takes another path through the function. */
static void one_byte_decides(void **state)
{
    (void)state;
    static uint64_t hashes[48 * 256];
    char text[] = "3848276298220188511@atlanta.example.com-0123456";
    static const uint64_t seeds[] = {0, 1, UINT64_MAX, UINT64_C(0xa0761d6478bd642f), ~UINT64_C(0xe7037ed1a0b428db)};
    for (size_t s = 0; s < sizeof seeds / sizeof seeds[0]; s++) {
        for (size_t n = 1; n < sizeof text; n++) {
            size_t count = 0;
            hashes[count++] = hash_bytes(seeds[s], slice_of(text, n));
            for (size_t at = 0; at < n; at++) {
                char before = text[at];
                for (int c = 0; c < 256; c++)
                    if ((char)c != before) {
                        text[at] = (char)c;
                        hashes[count++] = hash_bytes(seeds[s], slice_of(text, n));
                    }
                text[at] = before;
            }
            assert_int_equal(collisions(hashes, count), 0);
        }
    }
}

/* Wire bytes that cancel the function's constants make a factor zero, and then the other factor's bytes do not count: that must
   depend on the seed, or whoever reads the source can make Call-IDs that are all one call. */
static void zero_operands(void **state)
{
    (void)state;
    static const uint64_t constants[] = {UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db), UINT64_C(0x8ebc6af09c88c6e3), 0};
    for (uint64_t seed = 1; seed < 5; seed++)
        for (size_t len = 16; len <= 32; len += 8)
            for (size_t c = 0; c < 8; c++) {
                uint64_t hashes[20];
                for (uint64_t other = 0; other < 20; other++) {
                    uint64_t zero = (c < 4 ? constants[c] : ~constants[c - 4]) ^ (other >= 10 ? len : 0);
                    uint64_t words[4] = {'a' + other, zero, 'a' + other, zero};
                    hashes[other] = hash_bytes(seed * UINT64_C(0x9e3779b97f4a7c15), slice_of(words, len));
                }
                assert_int_equal(collisions(hashes, 20), 0);
            }
}

static void zeros_of_each_length_differ(void **state)
{
    (void)state;
    static const uint8_t zeros[200];
    uint64_t hashes[200];
    for (size_t n = 0; n < 200; n++)
        hashes[n] = hash_bytes(0, slice_of(zeros, n));
    assert_int_equal(collisions(hashes, 200), 0);
    assert_int_equal(hash_bytes(3, SLICE_NONE), hash_bytes(3, slice_of(zeros, 0)));
}

static void seeds_change_everything(void **state)
{
    (void)state;
    uint64_t hashes[1000];
    for (uint64_t seed = 0; seed < 1000; seed++)
        hashes[seed] = hash_bytes(seed, slice_str("call-1@example.com"));
    assert_int_equal(collisions(hashes, 1000), 0);
    assert_true(hash_bytes(1, slice_str("a")) != hash_bytes(2, slice_str("a")));
}

/* Both halves are used (tag and low bits): neither may crowd for counted Call-IDs or neighbouring endpoints. */
static void halves_spread(void **state)
{
    (void)state;
    static uint64_t hashes[MANY], halves[MANY];
    char text[64];
    for (unsigned i = 0; i < MANY; i++) {
        int n = snprintf(text, sizeof text, "call-%u@198.51.100.7", i);
        hashes[i] = hash_bytes(99, slice_of(text, (size_t)n));
        halves[i] = hashes[i] >> 32;
    }
    assert_int_equal(collisions(hashes, MANY), 0);
    assert_in_range(collisions(halves, MANY), 0, 3); /* expected of 40,000 in 2^32: 0.2 */
    for (unsigned i = 0; i < MANY; i++) {
        struct endpoint e = endpoint_ipv4((const uint8_t[]){10, 0, (uint8_t)(i >> 8), (uint8_t)i}, (uint16_t)(10000 + i % 2));
        halves[i] = endpoint_hash(99, &e) >> 32;
    }
    assert_in_range(collisions(halves, MANY), 0, 3);
    unsigned buckets[256] = {0}, low = MANY, high = 0;
    for (unsigned i = 0; i < MANY; i++)
        buckets[halves[i] & 255]++;
    for (unsigned i = 0; i < 256; i++) {
        low = buckets[i] < low ? buckets[i] : low;
        high = buckets[i] > high ? buckets[i] : high;
    }
    assert_in_range(low, 90, 156); /* 156 on average, deviation 12.5 */
    assert_in_range(high, 157, 225);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_byte_decides),        cmocka_unit_test(zero_operands), cmocka_unit_test(zeros_of_each_length_differ),
        cmocka_unit_test(seeds_change_everything), cmocka_unit_test(halves_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Merging: by time, ties in the order of the command line, each file in its own order, ends at any place, damage in one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/merge.h"
#include "made_file.h"

enum { FILES = 200, TOTAL_MAX = 30000 };

static struct made_file file;

/* A file of packets at the given times (seconds); its bytes say "file/packet". */
static struct source *file_of(unsigned name, const uint32_t *times, unsigned count)
{
    struct error error;
    char data[32];
    file.len = 0;
    pcap_head(&file, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < count; i++) {
        snprintf(data, sizeof data, "%u/%u", name, i);
        pcap_packet(&file, times[i], 0, data, 100);
    }
    struct source *source = made_open(&file, &error);
    assert_non_null(source);
    return source;
}

struct given {
    unsigned file, packet;
    int64_t time_ns;
};

static struct given given[TOTAL_MAX];

/* Reads everything in batches of `room`, checks numbers and sources; the bytes are read at once, as users must. */
static unsigned merged(struct source **sources, size_t count, size_t room)
{
    struct merge *merge = merge_new(sources, count);
    struct frame frames[64];
    unsigned total = 0, empty = 0;
    assert_non_null(merge);
    assert_int_equal(merge_count(merge), count);
    while (!merge_over(merge)) {
        size_t n = merge_read(merge, frames, room);
        assert_in_range(n, 0, room);
        empty = n == 0 ? empty + 1 : 0;
        assert_true(empty < 3); /* it comes to an end */
        for (size_t i = 0; i < n; i++, total++) {
            char text[32] = {0};
            assert_true(frames[i].bytes.len < sizeof text && total < TOTAL_MAX);
            memcpy(text, frames[i].bytes.data, frames[i].bytes.len);
            assert_int_equal(sscanf(text, "%u/%u", &given[total].file, &given[total].packet), 2);
            given[total].time_ns = frames[i].time_ns;
            assert_int_equal(frames[i].number, total + 1);
            assert_int_equal(frames[i].source, given[total].file);
        }
    }
    assert_int_equal(merge_read(merge, frames, room), 0);
    merge_free(merge);
    return total;
}

static void by_time_then_command_line(void **state)
{
    (void)state;
    static const uint32_t a[] = {1, 5, 5, 9}, b[] = {1, 2, 5, 10}, c[] = {0, 5};
    static const unsigned want[][2] = {{2, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {1, 2}, {2, 1}, {0, 3}, {1, 3}};
    for (size_t room = 1; room <= 64; room *= 2) {
        struct source *sources[] = {file_of(0, a, 4), file_of(1, b, 4), file_of(2, c, 2)};
        assert_int_equal(merged(sources, 3, room), 10);
        for (unsigned i = 0; i < 10; i++) {
            assert_int_equal(given[i].file, want[i][0]);
            assert_int_equal(given[i].packet, want[i][1]);
        }
    }
}

/* A file whose clock runs backwards keeps its own order. */
static void each_file_keeps_its_order(void **state)
{
    (void)state;
    static const uint32_t a[] = {5, 1, 6}, b[] = {2, 3, 7};
    static const unsigned want[][2] = {{1, 0}, {1, 1}, {0, 0}, {0, 1}, {0, 2}, {1, 2}};
    struct source *sources[] = {file_of(0, a, 3), file_of(1, b, 3)};
    assert_int_equal(merged(sources, 2, 32), 6);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(given[i].file, want[i][0]);
        assert_int_equal(given[i].packet, want[i][1]);
    }
}

/* Many files of different lengths, some empty: nothing is lost, nothing doubled, all sorted. */
static void many_files(void **state)
{
    (void)state;
    static struct source *sources[FILES];
    uint32_t times[128], seed = 3;
    unsigned total = 0, next[FILES] = {0};
    for (unsigned i = 0; i < FILES; i++) {
        unsigned count = i % 128;
        uint32_t at = 0;
        for (unsigned k = 0; k < count; k++) {
            seed = seed * 1664525 + 1013904223;
            at += seed >> 30;
            times[k] = at;
        }
        sources[i] = file_of(i, times, count);
        total += count;
    }
    assert_int_equal(merged(sources, FILES, 32), total);
    for (unsigned i = 0; i < total; i++) {
        assert_int_equal(given[i].packet, next[given[i].file]++);
        if (i > 0) {
            assert_true(given[i].time_ns >= given[i - 1].time_ns);
            if (given[i].time_ns == given[i - 1].time_ns)
                assert_true(given[i].file >= given[i - 1].file);
        }
    }
}

/* One file ends in the middle of a packet: what it has is merged, its error stays, the others go on. */
static void one_ends_early(void **state)
{
    (void)state;
    static const uint32_t a[] = {1, 3, 5}, b[] = {2, 4, 6, 8};
    struct source *sources[2] = {file_of(0, a, 3), NULL};
    struct error error;
    struct frame frames[8];
    source_close(file_of(1, b, 4));
    file.len -= 5;
    sources[1] = made_open(&file, &error);
    struct merge *merge = merge_new(sources, 2);
    unsigned count = 0;
    while (!merge_over(merge))
        count += (unsigned)merge_read(merge, frames, 8);
    assert_int_equal(count, 3 + 3);
    assert_string_equal(merge_source(merge, 0)->error.text, "");
    assert_non_null(strstr(merge_source(merge, 1)->error.text, "packet 4"));
    merge_free(merge);
}

static void one_file_and_none(void **state)
{
    (void)state;
    static const uint32_t a[] = {3, 2, 1};
    struct frame frames[8];
    struct source *sources[] = {file_of(0, a, 3)};
    assert_int_equal(merged(sources, 1, 2), 3);
    assert_int_equal(given[2].packet, 2);
    struct merge *merge = merge_new(NULL, 0);
    assert_non_null(merge);
    assert_true(merge_over(merge));
    assert_int_equal(merge_read(merge, frames, 8), 0);
    merge_wait(merge, 0);
    merge_free(merge);
    merge_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_time_then_command_line), cmocka_unit_test(each_file_keeps_its_order), cmocka_unit_test(many_files),
        cmocka_unit_test(one_ends_early),            cmocka_unit_test(one_file_and_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

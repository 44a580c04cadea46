/* pcapng: clocks of every resolution, offsets, several interfaces and sections, options, drop counters, comments, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "made_file.h"

static struct made_file file;

static size_t block_begin(uint32_t type)
{
    size_t at = file.len;
    made_u32(&file, type);
    made_u32(&file, 0);
    return at;
}

static void pad(void)
{
    while (file.len % 4 != 0)
        made_u8(&file, 0);
}

static void block_end(size_t at)
{
    pad();
    uint32_t length = (uint32_t)(file.len - at + 4);
    made_u32(&file, length);
    made_u32_at(&file, at + 4, length);
}

static void option(unsigned code, const void *value, size_t n)
{
    made_u16(&file, code);
    made_u16(&file, (unsigned)n);
    made_bytes(&file, value, n);
    pad();
}

static void option_u64(unsigned code, uint64_t value)
{
    made_u16(&file, code);
    made_u16(&file, 8);
    made_u64(&file, value);
}

static void section(bool big, const char *comment)
{
    file.big = big;
    size_t at = block_begin(0x0a0d0d0a);
    made_u32(&file, 0x1a2b3c4d);
    made_u16(&file, 1);
    made_u16(&file, 0);
    made_u64(&file, UINT64_MAX);
    if (comment != NULL) {
        option(1, comment, strlen(comment));
        option(0, "", 0);
    }
    block_end(at);
}

static void file_begin(bool big)
{
    file.len = 0;
    section(big, NULL);
}

/* resolution < 0: no such option. */
static void interface(unsigned link_type, uint32_t snaplen, int resolution, int64_t offset)
{
    size_t at = block_begin(1);
    made_u16(&file, link_type);
    made_u16(&file, 0);
    made_u32(&file, snaplen);
    option(2, "eth7", 4); /* if_name */
    if (resolution >= 0)
        option(9, &(uint8_t){(uint8_t)resolution}, 1);
    if (offset != 0)
        option_u64(14, (uint64_t)offset);
    option(0, "", 0);
    block_end(at);
}

static void packet(uint32_t number, uint64_t units, const char *data, const char *comment)
{
    uint32_t n = (uint32_t)strlen(data);
    size_t at = block_begin(6);
    made_u32(&file, number);
    made_u32(&file, (uint32_t)(units >> 32));
    made_u32(&file, (uint32_t)units);
    made_u32(&file, n);
    made_u32(&file, n + 1);
    made_bytes(&file, data, n);
    pad();
    if (comment != NULL) {
        option(1, comment, strlen(comment));
        option(0, "", 0);
    }
    block_end(at);
}

static struct frame frames[16];

/* Opens the file and reads all frames; their number goes to *count. */
static struct source *opened(size_t *count)
{
    struct error error;
    struct source *source = made_open(&file, &error);
    assert_non_null(source);
    *count = 0;
    for (size_t n; (n = source_read(source, frames + *count, 16 - *count)) > 0;)
        *count += n;
    return source;
}

static void resolutions(void **state)
{
    (void)state;
    static const struct {
        int resolution;
        uint64_t units;
        int64_t ns;
    } rows[] = {
        {-1, UINT64_C(1700000000123456), INT64_C(1700000000123456000)}, /* microseconds where nothing is said */
        {6, UINT64_C(1700000000123456), INT64_C(1700000000123456000)},
        {9, UINT64_C(1700000000123456789), INT64_C(1700000000123456789)},
        {3, UINT64_C(1700000000123), INT64_C(1700000000123000000)},
        {0, 1700000000, INT64_C(1700000000000000000)},
        {12, UINT64_C(1700000012345678999), INT64_C(1700000012345678)},
        {19, UINT64_C(15000000000000000000), INT64_C(1500000000)},
        {0x80, 1700000000, INT64_C(1700000000000000000)},
        {0x80 | 1, 3400000001, INT64_C(1700000000500000000)},
        {0x80 | 20, (UINT64_C(1700000000) << 20) + (1 << 19), INT64_C(1700000000500000000)},
        {0x80 | 63, (UINT64_C(1) << 63) + (UINT64_C(1) << 62), INT64_C(1500000000)},
        {9, UINT64_C(4294967296000000000), 0}, /* 2106 and later: a damaged time */
        {6, UINT64_MAX, 0},
    };
    for (int big = 0; big < 2; big++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            size_t count;
            file_begin(big == 1);
            interface(1, 0, rows[i].resolution, 0);
            packet(0, rows[i].units, "x", NULL);
            struct source *source = opened(&count);
            assert_int_equal(count, 1);
            assert_int_equal(frames[0].time_ns, rows[i].ns);
            source_close(source);
        }
}

static void offsets(void **state)
{
    (void)state;
    size_t count;
    file_begin(true);
    interface(1, 0, 9, 1700000000);
    interface(1, 0, 6, -5);
    packet(0, 500, "a", NULL);
    packet(1, 7000000, "b", NULL);
    packet(1, 4000000, "c", NULL); /* before 1970: no time that a capture has */
    struct source *source = opened(&count);
    assert_int_equal(count, 3);
    assert_int_equal(frames[0].time_ns, INT64_C(1700000000000000500));
    assert_int_equal(frames[1].time_ns, 2 * NS_PER_SECOND);
    assert_int_equal(frames[2].time_ns, 0);
    source_close(source);
}

static void sections_begin_anew(void **state)
{
    (void)state;
    size_t count;
    file_begin(false);
    interface(1, 0, 6, 0);
    interface(101, 0, 9, 0);
    packet(1, 5, "raw", NULL);
    packet(0, 5, "ethernet", NULL);
    section(true, NULL);
    interface(113, 0, 3, 0);
    packet(0, 5, "cooked", NULL);
    struct source *source = opened(&count);
    assert_int_equal(count, 3);
    assert_true(frame_is(&frames[0], "raw") && frame_is(&frames[1], "ethernet") && frame_is(&frames[2], "cooked"));
    assert_int_equal(frames[0].link_type, 101);
    assert_int_equal(frames[0].interface, 1);
    assert_int_equal(frames[0].time_ns, 5);
    assert_int_equal(frames[1].link_type, 1);
    assert_int_equal(frames[1].time_ns, 5000);
    assert_int_equal(frames[2].link_type, 113);
    assert_int_equal(frames[2].interface, 0);
    assert_int_equal(frames[2].time_ns, 5 * NS_PER_MS);
    assert_int_equal(frames[2].wire_len, 7);
    assert_string_equal(source->error.text, "");
    source_close(source);

    file_begin(false);
    interface(1, 0, 6, 0);
    interface(1, 0, 6, 0);
    section(false, NULL);
    interface(1, 0, 6, 0);
    packet(1, 0, "x", NULL); /* that interface was the last section's */
    source = opened(&count);
    assert_int_equal(count, 0);
    assert_non_null(strstr(source->error.text, "interface"));
    source_close(source);
}

static void simple_and_old_packets(void **state)
{
    (void)state;
    size_t count;
    file_begin(false);
    interface(1, 6, 6, 0);
    packet(0, 42, "timed", NULL);
    size_t at = block_begin(3); /* simple: no time of its own, cut at the snap length */
    made_u32(&file, 9);
    made_bytes(&file, "123456", 6);
    block_end(at);
    at = block_begin(2); /* the old packet block: 16 bits of interface, 16 of drops */
    made_u16(&file, 0);
    made_u16(&file, 65535);
    made_u32(&file, 0);
    made_u32(&file, 43);
    made_u32(&file, 3);
    made_u32(&file, 3);
    made_bytes(&file, "old", 3);
    block_end(at);
    struct source *source = opened(&count);
    assert_int_equal(count, 3);
    assert_true(frame_is(&frames[1], "123456"));
    assert_int_equal(frames[1].wire_len, 9);
    assert_int_equal(frames[1].time_ns, 42000);
    assert_true(frame_is(&frames[2], "old"));
    assert_int_equal(frames[2].time_ns, 43000);
    source_close(source);
}

static void statistics(uint32_t number, uint64_t interface_drops, uint64_t kernel_drops)
{
    size_t at = block_begin(5);
    made_u32(&file, number);
    made_u64(&file, 0);
    option_u64(5, interface_drops);
    option_u64(7, kernel_drops);
    option(0, "", 0);
    block_end(at);
}

static void drop_counters(void **state)
{
    (void)state;
    size_t count;
    file_begin(true);
    interface(1, 0, 6, 0);
    interface(1, 0, 6, 0);
    statistics(0, 1, 10);
    packet(0, 1, "x", NULL);
    statistics(0, 3, 30); /* the newest of an interface counts */
    statistics(1, 4, 400);
    statistics(9, 1000, 1000); /* no such interface */
    section(false, NULL);
    interface(1, 0, 6, 0);
    statistics(0, 5, 5000);
    struct source *source = opened(&count);
    assert_int_equal(count, 1);
    assert_int_equal(source->interface_drops, 3 + 4 + 5);
    assert_int_equal(source->kernel_drops, 30 + 400 + 5000);
    source_close(source);

    file_begin(true);
    interface(1, 0, 6, 0);
    source = opened(&count);
    assert_true(source->kernel_drops == SOURCE_COUNT_NONE && source->interface_drops == SOURCE_COUNT_NONE);
    source_close(source);
}

/* What is told of interfaces, and of when the capture ended: high and low word, in the interface's own units. */
static void names_and_the_end(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct error error;
        char longest[100];
        memset(longest, 'x', sizeof longest);
        file_begin(big != 0);
        interface(1, 1600, 6, 0);
        size_t at = block_begin(1);
        made_u16(&file, 101);
        made_u16(&file, 0);
        made_u32(&file, 0);
        option(2, longest, sizeof longest);
        option(0, "", 0);
        block_end(at);
        packet(0, 1000000, "a", NULL);
        at = block_begin(5);
        made_u32(&file, 0);
        made_u64(&file, 0);
        made_u16(&file, 3);
        made_u16(&file, 8);
        made_u32(&file, 1);
        made_u32(&file, 5);
        option(0, "", 0);
        block_end(at);
        struct source *source = made_open(&file, &error);
        assert_non_null(source);
        assert_int_equal(source_read(source, frames, 4), 1);
        assert_int_equal(source_interface(source, 0).snaplen, 1600);
        assert_true(slice_is(source_interface(source, 0).name, "eth7"));
        assert_int_equal(source_interface(source, 1).name.len, 39);
        assert_memory_equal(source_interface(source, 1).name.data, longest, 39);
        assert_int_equal(source_interface(source, 7).name.len, 0);
        assert_int_equal(source_read(source, frames, 4), 0);
        assert_int_equal(source->end_ns, ((INT64_C(1) << 32) + 5) * NS_PER_US);
        source_close(source);
    }
}

static void comments(void **state)
{
    (void)state;
    size_t count;
    file.len = 0;
    section(true, "taken on the trunk");
    interface(1, 0, 6, 0);
    packet(0, 1, "abc", NULL);
    packet(0, 2, "abcde", "the one that failed");
    size_t at = block_begin(10); /* TLS secrets */
    made_u32(&file, 0x544c534b);
    made_u32(&file, 0);
    block_end(at);
    at = block_begin(4); /* name resolution, and a block of the future */
    made_u32(&file, 0);
    block_end(at);
    block_end(block_begin(0x70000001));
    struct source *source = opened(&count);
    assert_int_equal(count, 2);
    assert_int_equal(source->comment_count, 2);
    assert_int_equal(source->comments[0].number, 0);
    assert_string_equal(source->comments[0].text, "taken on the trunk");
    assert_int_equal(source->comments[1].number, 2);
    assert_string_equal(source->comments[1].text, "the one that failed");
    assert_int_equal(source->secrets_blocks, 1);
    source_close(source);
}

static void comments_are_bounded(void **state)
{
    (void)state;
    size_t count;
    char comment[1500];
    memset(comment, 'c', sizeof comment);
    comment[sizeof comment - 1] = '\0';
    file.len = 0;
    for (int i = 0; i < SOURCE_COMMENTS_MAX / 2; i++)
        section(false, "short");
    section(false, comment);
    for (int i = 0; i < SOURCE_COMMENTS_MAX; i++)
        section(false, "short");
    struct source *source = opened(&count);
    assert_int_equal(source->comment_count, SOURCE_COMMENTS_MAX);
    assert_int_equal(strlen(source->comments[SOURCE_COMMENTS_MAX / 2].text), 1000);
    source_close(source);
}

/* A file with one good packet, then a block that damage() spoils: the good one is given, and the end is said. */
static void damaged(uint32_t type, size_t word, uint32_t value)
{
    size_t count;
    file_begin(false);
    interface(1, 0, 6, 0);
    packet(0, 1, "good", NULL);
    size_t at = file.len;
    if (type == 6)
        packet(0, 2, "spoilt", NULL);
    else
        section(false, NULL);
    made_u32_at(&file, at + 4 * word, value);
    packet(0, 3, "behind", NULL);
    struct source *source = opened(&count);
    assert_int_equal(count, 1);
    assert_true(source->over);
    assert_string_not_equal(source->error.text, "");
    source_close(source);
}

static void damage_ends_the_file(void **state)
{
    (void)state;
    damaged(6, 1, 8);          /* a block shorter than its own frame */
    damaged(6, 1, 0);
    damaged(6, 1, 0xfffffff0); /* longer than any file */
    damaged(6, 1, 36);         /* its two lengths differ */
    damaged(6, 2, 1);          /* no such interface */
    damaged(6, 5, 9);          /* more bytes than the block holds */
    damaged(6, 5, UINT32_MAX);
    damaged(0x0a0d0d0a, 2, 0x12345678); /* no byte-order mark */
}

/* An option longer than its block ends the option list and nothing else. */
static void lying_option_lengths(void **state)
{
    (void)state;
    size_t count;
    file_begin(false);
    interface(1, 0, 6, 0);
    size_t at = file.len;
    packet(0, 1, "abcd", "comment");
    file.bytes[at + 28 + 4 + 2] = 0xff; /* the comment's length */
    packet(0, 2, "next", NULL);
    struct source *source = opened(&count);
    assert_int_equal(count, 2);
    assert_int_equal(source->comment_count, 0);
    assert_string_equal(source->error.text, "");
    source_close(source);
}

static void cut_anywhere(void **state)
{
    (void)state;
    file_begin(true);
    interface(1, 0, 6, 0);
    packet(0, 1, "one", "comment");
    packet(0, 2, "two", NULL);
    size_t whole = file.len, count;
    for (size_t n = 12; n < whole; n++) {
        file.len = n;
        struct error error;
        struct source *source = made_open(&file, &error);
        assert_non_null(source);
        count = source_read(source, frames, 16);
        while (!source->over)
            count += source_read(source, frames, 16);
        assert_in_range(count, 0, 1);
        source_close(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolutions),          cmocka_unit_test(offsets),       cmocka_unit_test(sections_begin_anew),
        cmocka_unit_test(simple_and_old_packets), cmocka_unit_test(drop_counters), cmocka_unit_test(comments),
        cmocka_unit_test(names_and_the_end),
        cmocka_unit_test(comments_are_bounded), cmocka_unit_test(damage_ends_the_file),
        cmocka_unit_test(lying_option_lengths), cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Classic pcap: magic numbers, byte orders, lengths that lie, and files that end anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "made_file.h"

enum { SECONDS = 1700000000 };

static const struct {
    uint32_t magic;
    bool big;
    int64_t fraction_ns;
    unsigned more_header; /* bytes a record of the "modified" form has more */
} forms[] = {
    {0xa1b2c3d4, false, 1000, 0}, {0xa1b2c3d4, true, 1000, 0}, {0xa1b23c4d, false, 1, 0},
    {0xa1b23c4d, true, 1, 0},     {0xa1b2cd34, false, 1000, 8}, {0xa1b2cd34, true, 1000, 8},
};

static void each_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        static struct made_file f;
        struct error error;
        struct frame frames[8];
        f.len = 0;
        f.big = forms[i].big;
        pcap_head(&f, forms[i].magic, 101);
        for (int k = 0; k < 2; k++) {
            made_u32(&f, SECONDS + (uint32_t)k);
            made_u32(&f, 999999);
            made_u32(&f, 5);
            made_u32(&f, k == 0 ? 5 : 1500);
            made_bytes(&f, "abcdefgh", forms[i].more_header);
            made_bytes(&f, k == 0 ? "first" : "other", 5);
        }
        struct source *source = made_open(&f, &error);
        assert_non_null(source);
        assert_int_equal(source_read(source, frames, 8), 2);
        assert_true(frame_is(&frames[0], "first"));
        assert_true(frame_is(&frames[1], "other"));
        assert_int_equal(frames[0].time_ns, (int64_t)SECONDS * NS_PER_SECOND + 999999 * forms[i].fraction_ns);
        assert_int_equal(frames[1].time_ns - frames[0].time_ns, NS_PER_SECOND);
        assert_int_equal(frames[0].wire_len, 5);
        assert_int_equal(frames[1].wire_len, 1500);
        assert_int_equal(frames[0].link_type, 101);
        assert_int_equal(source_read(source, frames, 8), 0);
        assert_true(source->over);
        assert_string_equal(source->error.text, "");
        assert_true(source->kernel_drops == SOURCE_COUNT_NONE); /* the format does not say */
        source_close(source);
    }
}

static void odd_headers(void **state)
{
    (void)state;
    static struct made_file f;
    struct error error;
    struct frame frames[4];
    f.len = 0;
    pcap_head(&f, 0xa1b2c3d4, 0xf0000001); /* the upper bits tell of a frame check sequence */
    pcap_packet(&f, 1, 0, "short", 2);     /* a wire length below the captured one is a lie */
    pcap_packet(&f, UINT32_MAX, 0, "", 0); /* 2106, and no bytes at all */
    struct source *source = made_open(&f, &error);
    assert_int_equal(source_read(source, frames, 4), 2);
    assert_int_equal(frames[0].link_type, LINK_ETHERNET);
    assert_int_equal(frames[0].wire_len, 5);
    assert_int_equal(frames[1].bytes.len, 0);
    assert_int_equal(frames[1].time_ns, (int64_t)UINT32_MAX * NS_PER_SECOND);
    source_close(source);
}

/* Cut at each byte: whole packets are given, and the end says what is missing; cut between packets nothing is missing. */
static void cut_anywhere(void **state)
{
    (void)state;
    static struct made_file f;
    struct error error;
    struct frame frames[4];
    f.len = 0;
    f.big = false;
    pcap_head(&f, 0xa1b2c3d4, 1);
    pcap_packet(&f, 1, 0, "one", 3);
    pcap_packet(&f, 2, 0, "two!", 4);
    size_t whole = f.len, first = 24 + 16 + 3;
    for (size_t n = 0; n <= whole; n++) {
        f.len = n;
        struct source *source = made_open(&f, &error);
        if (n < 24) {
            assert_null(source);
            assert_string_not_equal(error.text, "");
            continue;
        }
        size_t expected = n < first ? 0 : n < whole ? 1 : 2;
        assert_non_null(source);
        size_t count = source_read(source, frames, 4);
        while (!source->over)
            count += source_read(source, frames, 4);
        assert_int_equal(count, expected);
        if (n == 24 || n == first || n == whole)
            assert_string_equal(source->error.text, "");
        else
            assert_non_null(strstr(source->error.text, n < first ? "packet 1" : "packet 2"));
        source_close(source);
    }
}

static void impossible_lengths_end_the_file(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {(1u << 20) + 1, 0x7fffffff, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        static struct made_file f;
        struct error error;
        struct frame frames[4];
        f.len = 0;
        pcap_head(&f, 0xa1b2c3d4, 1);
        pcap_packet(&f, 1, 0, "good", 4);
        size_t at = f.len;
        pcap_packet(&f, 2, 0, "damaged", 7);
        pcap_packet(&f, 3, 0, "lost", 4);
        made_u32_at(&f, at + 8, lengths[i]);
        struct source *source = made_open(&f, &error);
        assert_int_equal(source_read(source, frames, 4), 1);
        assert_true(frame_is(&frames[0], "good"));
        assert_int_equal(source_read(source, frames, 4), 0);
        assert_true(source->over);
        assert_non_null(strstr(source->error.text, "packet 2"));
        source_close(source);
    }
}

/* More than the window holds, in batches; every byte is there. */
static void larger_than_the_window(void **state)
{
    (void)state;
    static struct made_file f;
    struct error error;
    struct frame frames[32];
    char data[1001];
    f.len = 0;
    pcap_head(&f, 0xa1b2c3d4, 1);
    memset(data, 0, sizeof data);
    for (uint32_t i = 0; i < 250; i++) {
        memset(data, 'A' + (int)(i % 26), 1000 - i);
        data[1000 - i] = '\0';
        pcap_packet(&f, i, 0, data, 1000 - i);
    }
    struct source *source = made_open(&f, &error);
    uint32_t seen = 0;
    for (size_t count; (count = source_read(source, frames, 32)) > 0;)
        for (size_t i = 0; i < count; i++, seen++) {
            assert_int_equal(frames[i].bytes.len, 1000 - seen);
            assert_int_equal(frames[i].bytes.data[0], 'A' + seen % 26);
            assert_int_equal(frames[i].bytes.data[frames[i].bytes.len - 1], 'A' + seen % 26);
            assert_int_equal(frames[i].time_ns, seen * NS_PER_SECOND);
        }
    assert_int_equal(seen, 250);
    assert_int_equal(source->packets, 250);
    assert_int_equal(source->read_bytes, f.len);
    assert_int_equal(source->size_bytes, f.len);
    source_close(source);
}

static void what_is_no_capture(void **state)
{
    (void)state;
    static struct made_file f;
    struct error error;
    f.len = 0;
    assert_null(made_open(&f, &error));
    assert_non_null(strstr(error.text, "empty"));
    made_bytes(&f, "hello, this is only text and no capture", 39);
    assert_null(made_open(&f, &error));
    assert_non_null(strstr(error.text, "not a capture file"));
    f.len = 0;
    made_bytes(&f, "snoop\0\0\0\0\0\0\2\0\0\0\4zzzzzzzzzzzz", 28);
    assert_null(made_open(&f, &error));
    assert_non_null(strstr(error.text, "snoop"));
    assert_null(source_open_file("/no/such/file", &error));
    assert_non_null(strstr(error.text, "No such file"));
    assert_null(source_open_file("/", &error));
    assert_non_null(strstr(error.text, "directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form),
        cmocka_unit_test(odd_headers),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(impossible_lengths_end_the_file),
        cmocka_unit_test(larger_than_the_window),
        cmocka_unit_test(what_is_no_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

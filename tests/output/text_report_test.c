/* The report for people: no line is wider than the terminal, and nothing hostile reaches it raw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "output/span.h"
#include "written.h"

/* Cells of the widest line. */
static size_t widest(void)
{
    size_t most = 0, cells = 0;
    for (const char *at = written; *at != '\0'; at++) {
        cells = *at == '\n' ? 0 : cells + (((uint8_t)*at & 0xc0) != 0x80);
        most = cells > most ? cells : most;
    }
    return most;
}

static void report(unsigned width, struct slice text)
{
    static const struct related_call related[] = {{9, "same numbers within 3 s", 90}};
    struct writing writing = writing_begin("text", width);
    struct call_record call = call_of_text(&text, related), bare = call_bare();
    bare.start = 0;
    call_write(writing.sink, &call);
    stream_write(writing.sink, text);
    finding_write(writing.sink, text);
    call_write(writing.sink, &bare);
    summary_write(writing.sink, &text);
    writing_end(writing);
}

static void calls_fit(void **state)
{
    (void)state;
    static const unsigned widths[] = {40, 60, 80, 100, 120, 132, 160, 200};
    static const char sixteen_euros[] = "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                                        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";
    static const char *const texts[] = {"x", "a text that is much longer than any column of the report can show at once, and longer",
                                        sixteen_euros};
    for (size_t t = 0; t < 3; t++)
        for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
            struct slice text = slice_str(texts[t]);
            struct call_record call = call_of_text(&text, NULL);
            struct writing writing = writing_begin("text", widths[i]);
            call.related_count = 0;
            call_write(writing.sink, &call);
            writing_end(writing);
            if (widest() > widths[i])
                fail_msg("%zu cells on a terminal of %u:\n%s", widest(), widths[i], written);
        }
}

static void everything_fits(void **state)
{
    (void)state;
    static const unsigned widths[] = {40, 80, 120};
    for (size_t i = 0; i < 3; i++) {
        report(widths[i], slice_str("a text that is much longer than any column of the report can show at once, and longer"));
        if (widest() > widths[i])
            fail_msg("%zu cells on a terminal of %u:\n%s", widest(), widths[i], written);
    }
}

/* Into a file nothing is cut. */
static void files_keep_all(void **state)
{
    (void)state;
    static const char text[] = "a-user-name-that-is-much-longer-than-its-column";
    report(0, slice_str(text));
    assert_non_null(strstr(written, text));
    assert_non_null(strstr(written, "[2001:db8:102:304:506:708:90a:b0c]:50600"));
    assert_non_null(strstr(written, "leg of call 9"));
    assert_non_null(strstr(written, "12 times"));
    assert_non_null(strstr(written, "-- 2026-01-31 --"));
    assert_non_null(strstr(written, "given up early"));
}

/* Escape sequences, control bytes, C1 controls, bidirectional overrides and broken UTF-8 from the wire. */
static void nothing_hostile_is_raw(void **state)
{
    (void)state;
    static const char *const hostile[] = {"\x1b[2J\x1b]0;title\x07", "a\rb\nc\td\x08", "\x7f", "\xc2\x9b" "31m", "\xe2\x80\xae" "evil", "\xff\xfe\x80",
                                          "\xe2\x81\xa6x", "\xc3"};
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        for (unsigned width = 0; width <= 160; width += 80) {
            report(width, slice_str("plain"));
            size_t lines = 0, got = 0;
            for (const char *at = written; *at != '\0'; at++)
                lines += *at == '\n';
            report(width, slice_str(hostile[i]));
            for (const char *at = written; *at != '\0'; at++) {
                uint8_t c = (uint8_t)*at;
                got += c == '\n';
                if ((c < 0x20 && c != '\n') || c == 0x7f)
                    fail_msg("byte %02x of text %zu is in the report", c, i);
            }
            if (width == 0)
                assert_int_equal(got, lines); /* no line of its own */
            assert_null(strstr(written, "\xc2\x9b"));
            assert_null(strstr(written, "\xe2\x80\xae"));
            assert_null(strstr(written, "\xe2\x81\xa6"));
            size_t n = strlen(written);
            for (size_t at = 0; at < n;) {
                size_t length = utf8_length(slice_of(written, n), at);
                assert_true(length > 0);
                at += length;
            }
        }
}

static void nothing_to_report(void **state)
{
    (void)state;
    struct writing writing = writing_begin("text", 80);
    struct summary_record summary = {.first = CLOCK_NONE, .last = CLOCK_NONE, .kernel_drops = NUMBER_NONE, .interface_drops = NUMBER_NONE};
    sink_write(writing.sink, &(struct record){.kind = RECORD_SUMMARY, .summary = &summary});
    writing_end(writing);
    assert_non_null(strstr(written, "0 packets"));
    assert_null(strstr(written, "dropped"));
    assert_null(strstr(written, "METHOD")); /* no header over no calls */
}

static void spans(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{0, "0 ms"},         {999, "999 ms"},     {-1, "-1 ms"},         {-2500, "-2500 ms"}, {1000, "1.0 s"},
                {59999, "59.9 s"},   {60000, "1:00"},     {125000, "2:05"},      {3599000, "59:59"},  {3725000, "1:02:05"},
                {360000000, "100:00:00"}};
    struct text text = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        text_reset(&text);
        span_put(&text, rows[i].ms * NS_PER_MS);
        assert_int_equal(text.len, strlen(rows[i].text));
        assert_memory_equal(text.data, rows[i].text, text.len);
    }
    text_reset(&text);
    span_put(&text, CLOCK_NONE);
    assert_int_equal(text.len, 1);
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_fit),      cmocka_unit_test(everything_fits),
        cmocka_unit_test(files_keep_all), cmocka_unit_test(nothing_hostile_is_raw),
        cmocka_unit_test(nothing_to_report), cmocka_unit_test(spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

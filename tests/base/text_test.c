/* Growing texts: numbers, JSON strings (RFC 8259 7) and what a terminal may see of hostile bytes. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* The text is what is expected, byte for byte; and it is emptied. */
static void is(struct text *text, const char *expected)
{
    if (!slice_is(slice_of(text->data, text->len), expected))
        fail_msg("\"%.*s\", not \"%s\"", (int)text->len, text->data, expected);
    assert_false(text->failed);
    text_reset(text);
}

/* Bytes on the heap and without a NUL, so that a sanitizer sees each read behind them. */
static struct slice bytes(const char *data, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, data, len);
    return slice_of(copy, len);
}

static void json(const char *data, size_t len, const char *expected)
{
    struct text text = {0};
    struct slice s = bytes(data, len);
    text_json(&text, s);
    is(&text, expected);
    text_fini(&text);
    free((void *)(uintptr_t)s.data);
}

static void plain(const char *data, size_t len, const char *expected)
{
    struct text text = {0};
    struct slice s = bytes(data, len);
    text_plain(&text, s);
    is(&text, expected);
    text_fini(&text);
    char *to = malloc(len + 1); /* one more: malloc(0) may be NULL */
    assert_non_null(to);
    to[len] = '!';
    size_t written = (size_t)(text_plain_at(to, s) - to);
    assert_int_equal(written, strlen(expected));
    assert_memory_equal(to, expected, written);
    assert_int_equal(to[len], '!');
    free(to);
    free((void *)(uintptr_t)s.data);
}

/* Of a literal, which may hold NUL bytes. */
#define JSON(literal, expected) json(literal, sizeof literal - 1, expected)
#define PLAIN(literal, expected) plain(literal, sizeof literal - 1, expected)

static void numbers_at_each_count_of_digits(void **unused)
{
    (void)unused;
    struct text text = {0};
    uint64_t power = 1; /* 10^(digits - 1) */
    for (int digits = 1; digits <= 20; digits++, power *= 10) {
        char expected[48];
        (void)snprintf(expected, sizeof expected, "%llu %llu",
                       (unsigned long long)power, (unsigned long long)power - 1);
        text_uint(&text, power);
        text_put(&text, ' ');
        text_uint(&text, power - 1);
        is(&text, expected);
        if (digits == 20)
            break;
    }
    text_uint(&text, 1020304050607080900);
    is(&text, "1020304050607080900");
    text_uint(&text, UINT64_MAX);
    is(&text, "18446744073709551615");
    text_int(&text, INT64_MIN);
    is(&text, "-9223372036854775808");
    text_int(&text, INT64_MAX);
    is(&text, "9223372036854775807");
    text_int(&text, -1);
    is(&text, "-1");
    text_fini(&text);
}

static void milliseconds_drop_their_last_zeros(void **unused)
{
    (void)unused;
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "0"},
                {-999, "0"}, /* never "-0" */
                {1000, "0.001"},
                {-1000, "-0.001"},
                {10000, "0.01"},
                {500000, "0.5"},
                {20000000, "20"},
                {-20000000, "-20"},
                {1234567899, "1234.567"},
                {1230999999, "1230.999"},
                {1050000000, "1050"},
                {1000050000, "1000.05"},
                {INT64_MAX, "9223372036854.775"},
                {INT64_MIN, "-9223372036854.775"}};
    struct text text = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        text_ms(&text, rows[i].ns);
        is(&text, rows[i].text);
    }
    text_fini(&text);
}

static void json_escapes_what_rfc_8259_names(void **unused)
{
    (void)unused;
    json("", 0, "\"\"");
    JSON("a", "\"a\"");
    JSON("\"", "\"\\\"\"");
    JSON("\\", "\"\\\\\"");
    JSON("/", "\"/\"");
    JSON("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
    JSON("\0\1\x1f", "\"\\u0000\\u0001\\u001f\"");
    JSON("\x7f", "\"\\u007f\"");
    JSON(" ~", "\" ~\"");
}

/* Words of eight are looked at at once: a byte that needs an escape has to be seen at each place of each length. */
static void a_quote_is_found_at_each_place(void **unused)
{
    (void)unused;
    static const struct {
        char c;
        const char *json;
        const char *plain;
    } marks[] = {{'"', "\\\"", "\""},  {'\\', "\\\\", "\\"},         {'\x1f', "\\u001f", "."},
                 {'\x7f', "\\u007f", "."}, {'\x80', "\xef\xbf\xbd", "."}, {'!', "!", "!"}};
    for (size_t mark = 0; mark < sizeof marks / sizeof marks[0]; mark++)
        for (size_t len = 1; len <= 34; len++)
            for (size_t at = 0; at < len; at++) {
                char in[40], as_json[64], as_plain[64];
                memset(in, 'x', sizeof in);
                in[at] = marks[mark].c;
                (void)snprintf(as_json, sizeof as_json, "\"%.*s%s%.*s\"", (int)at, in, marks[mark].json,
                               (int)(len - at - 1), in + at + 1);
                (void)snprintf(as_plain, sizeof as_plain, "%.*s%s%.*s", (int)at, in, marks[mark].plain,
                               (int)(len - at - 1), in + at + 1);
                json(in, len, as_json);
                plain(in, len, as_plain);
            }
}

static void json_keeps_utf8_and_replaces_the_rest(void **unused)
{
    (void)unused;
    JSON("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\x9e", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\x9e\"");
    JSON("\xc3", "\"\xef\xbf\xbd\"");                            /* cut off */
    JSON("\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"");            /* cut off: each byte is replaced */
    JSON("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"");            /* overlong '/' */
    JSON("\xe0\x9f\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    JSON("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* the surrogate U+D800 */
    JSON("\xed\x9f\xbf", "\"\xed\x9f\xbf\"");                    /* U+D7FF, the last before them */
    JSON("\xff" "A", "\"\xef\xbf\xbd" "A\"");
}

static void utf8_lengths_at_the_borders(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {{"\x7f", 1},         {"\x80", 0},         {"\xc1\xbf", 0},         {"\xc2\x80", 2},
                {"\xdf\xbf", 2},     {"\xe0\x9f\xbf", 0}, {"\xe0\xa0\x80", 3},     {"\xed\x9f\xbf", 3},
                {"\xed\xa0\x80", 0}, {"\xed\xbf\xbf", 0}, {"\xee\x80\x80", 3},     {"\xef\xbf\xbf", 3},
                {"\xf0\x8f\xbf\xbf", 0}, {"\xf0\x90\x80\x80", 4}, {"\xf4\x8f\xbf\xbf", 4}, {"\xf4\x90\x80\x80", 0},
                {"\xf5\x80\x80\x80", 0}, {"\xe2\x82", 0},   {"\xe2\x28\xa1", 0},     {"\xf0\x9f\x93", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice s = bytes(rows[i].bytes, strlen(rows[i].bytes));
        if (utf8_length(s, 0) != rows[i].length)
            fail_msg("row %zu: %zu, not %zu", i, utf8_length(s, 0), rows[i].length);
        free((void *)(uintptr_t)s.data);
    }
}

static void a_terminal_sees_no_control(void **unused)
{
    (void)unused;
    PLAIN("plain \"text\" \\ ~", "plain \"text\" \\ ~");
    PLAIN("\x1b[31mred\x07", ".[31mred.");
    PLAIN("a\0b\r\n\tc\x7f", "a.b...c.");
    PLAIN("\xc2\x9b" "2J", ".2J");                   /* C1: CSI in two bytes */
    PLAIN("\xc2\x80\xc2\x9f\xc2\xa0", "..\xc2\xa0"); /* the first and last C1; a no-break space is none */
    PLAIN("\x9b" "2J", ".2J");                       /* CSI as a lone byte is no UTF-8 */
    PLAIN("a\xe2\x80\xae" "b", "a.b");               /* U+202E right-to-left override */
    PLAIN("\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad", "....");
    PLAIN("\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9", "...."); /* isolates */
    PLAIN("\xe2\x80\x8b\xe2\x80\x8e\xe2\x80\x8f", "...");              /* zero width, LRM, RLM */
    PLAIN("\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf", "...");              /* line and paragraph separators, BOM */
    PLAIN("\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf"); /* next to them: kept */
    PLAIN("\xed\xa0\x80\xc3", "....");
    PLAIN("Zo\xc3\xab \xe2\x98\x8e \xf0\x9f\x93\x9e", "Zo\xc3\xab \xe2\x98\x8e \xf0\x9f\x93\x9e");
}

static void a_text_grows_and_keeps_its_bytes(void **unused)
{
    (void)unused;
    struct text text = {0};
    for (int i = 0; i < 5000; i++)
        text_uint(&text, (uint64_t)(i % 10));
    assert_int_equal(text.len, 5000);
    for (size_t i = 0; i < text.len; i++)
        assert_int_equal(text.data[i], '0' + (int)(i % 10));
    text_reset(&text);
    char line[1500];
    memset(line, 'y', sizeof line);
    text_format(&text, "%.*s|%d", (int)sizeof line, line, 7); /* longer than what it prints into at first */
    assert_int_equal(text.len, 1502);
    assert_memory_equal(text.data + 1499, "y|7", 3);
    text_reset(&text);
    assert_false(text_reserve(&text, SIZE_MAX - 8)); /* no such memory: says so, and appends nothing */
    assert_true(text.failed);
    text_json(&text, slice_str("lost"));
    text_uint(&text, 1);
    assert_int_equal(text.len, 0);
    text_fini(&text);
}

/* Memory of somebody else is used as far as it goes, and never freed. */
static void lent_memory_is_left_when_it_is_full(void **unused)
{
    (void)unused;
    char memory[8] = "........";
    struct text text = {.data = memory, .room = sizeof memory, .lent = true};
    text_str(&text, "12345678");
    assert_true(text.lent && text.data == memory);
    text_fini(&text);
    text = (struct text){.data = memory, .room = sizeof memory, .lent = true};
    text_str(&text, "abcdef");
    text_str(&text, "ghi");
    assert_true(!text.lent && text.data != memory);
    is(&text, "abcdefghi");
    assert_memory_equal(memory, "abcdef78", sizeof memory);
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_at_each_count_of_digits),
        cmocka_unit_test(milliseconds_drop_their_last_zeros),
        cmocka_unit_test(json_escapes_what_rfc_8259_names),
        cmocka_unit_test(a_quote_is_found_at_each_place),
        cmocka_unit_test(json_keeps_utf8_and_replaces_the_rest),
        cmocka_unit_test(utf8_lengths_at_the_borders),
        cmocka_unit_test(a_terminal_sees_no_control),
        cmocka_unit_test(a_text_grows_and_keeps_its_bytes),
        cmocka_unit_test(lent_memory_is_left_when_it_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Late lines go back to their place, up to two seconds and so many bytes; what may still be passed waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "output/line_order.h"
#include "output/log_line.h"

static const int64_t base_ns = INT64_C(1769860800) * NS_PER_SECOND; /* 2026-01-31T12:00:00Z */

struct lines {
    struct line_order order;
    struct sink_settings settings;
    struct text out;
};

static void add(struct lines *lines, int64_t ms, const char *name)
{
    size_t begin = lines->out.len;
    log_line_begin(&lines->out, &lines->settings, base_ns + ms * NS_PER_MS);
    text_format(&lines->out, ",\"n\":\"%s\"}\n", name);
    line_order_put(&lines->order, &lines->out, begin, base_ns + ms * NS_PER_MS);
}

/* The names in order of the lines, of the first `bytes`. */
static void are(const struct lines *lines, size_t bytes, const char *want)
{
    static const char mark[] = ",\"n\":\"";
    char names[400];
    size_t used = 0;
    struct slice rest = slice_of(lines->out.data, bytes);
    assert_true(bytes == 0 || lines->out.data[bytes - 1] == '\n');
    for (size_t end; rest.len > 0; rest = slice_after(rest, end + 1)) {
        end = slice_find(rest, 0, '\n');
        const uint8_t *at = memmem(rest.data, end, mark, sizeof mark - 1);
        assert_non_null(at);
        assert_true(rest.data[0] == '{' && rest.data[end - 1] == '}');
        for (at += sizeof mark - 1; *at != '"'; at++)
            names[used++] = (char)*at;
    }
    names[used] = '\0';
    assert_string_equal(names, want);
}

static size_t ready(const struct lines *lines)
{
    return line_order_ready(&lines->order, slice_of(lines->out.data, lines->out.len));
}

static void late_lines(void **state)
{
    (void)state;
    struct lines lines = {.order = {CLOCK_NONE}};
    add(&lines, 0, "a");
    add(&lines, 1000, "c");
    add(&lines, 500, "b");
    add(&lines, 1000, "d"); /* the same time: as they came */
    add(&lines, 3000, "g");
    add(&lines, 1000, "f"); /* behind those of the same time; two seconds are not too late */
    are(&lines, lines.out.len, "abcdfg");
    add(&lines, 999, "h");  /* this is: it stays where it came */
    are(&lines, lines.out.len, "abcdfgh");
    add(&lines, 2999, "i"); /* not past that one, which stands in the way */
    are(&lines, lines.out.len, "abcdfghi");
    text_fini(&lines.out);
    lines = (struct lines){.order = {CLOCK_NONE}};
    add(&lines, 1500, "b");
    add(&lines, -600, "c"); /* more than two seconds */
    add(&lines, 1400, "a");
    are(&lines, lines.out.len, "bca");
    text_fini(&lines.out);
    lines = (struct lines){.order = {CLOCK_NONE}};
    add(&lines, 1500, "b");
    add(&lines, -400, "a"); /* to the very front, over a border of seconds */
    are(&lines, lines.out.len, "ab");
    text_fini(&lines.out);
}

static void what_waits(void **state)
{
    (void)state;
    struct lines lines = {.order = {CLOCK_NONE}};
    assert_int_equal(ready(&lines), 0);
    add(&lines, 0, "a");
    add(&lines, 1, "b");
    assert_int_equal(ready(&lines), 0);
    add(&lines, 2000, "c");
    are(&lines, ready(&lines), "");
    add(&lines, 2001, "d");
    are(&lines, ready(&lines), "a");
    line_order_pass(&lines.order, base_ns + 1000 * NS_PER_MS); /* that is over already */
    are(&lines, ready(&lines), "a");
    line_order_pass(&lines.order, base_ns + 4001 * NS_PER_MS);
    are(&lines, ready(&lines), "abc");
    line_order_end(&lines.order);
    are(&lines, ready(&lines), "abcd");
    text_fini(&lines.out);
}

/* A burst: no more than that many bytes wait, and no line goes back further. */
static void many_bytes(void **state)
{
    (void)state;
    struct lines lines = {.order = {CLOCK_NONE}};
    for (int i = 0; lines.out.len < 3 * LINE_ORDER_BYTES; i++)
        add(&lines, 100 + i / 20, "x");
    size_t len = lines.out.len, waiting = len - ready(&lines);
    assert_true(waiting <= LINE_ORDER_BYTES && waiting > LINE_ORDER_BYTES - 100);
    add(&lines, 50, "late");
    assert_true(memmem(lines.out.data, len - LINE_ORDER_BYTES - 200, "late", 4) == NULL);
    assert_true(memmem(lines.out.data, len - LINE_ORDER_BYTES + 200, "late", 4) != NULL);
    text_fini(&lines.out);
    lines = (struct lines){.order = {CLOCK_NONE}}; /* a line that is longer than all that */
    add(&lines, 0, "a");
    for (int i = 0; i < LINE_ORDER_BYTES; i++)
        text_put(&lines.out, 'x');
    text_put(&lines.out, '\n');
    assert_int_equal(ready(&lines), lines.out.len);
    text_fini(&lines.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(late_lines), cmocka_unit_test(what_waits), cmocka_unit_test(many_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

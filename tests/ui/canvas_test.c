/* Text on the canvas: sized, clipped, and harmless whatever bytes it is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>

#include "grid.h"

static struct canvas canvas;

static int canvas_begin(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    return canvas_init(&canvas, 3, 10, false) ? 0 : -1;
}

static int canvas_end(void **state)
{
    (void)state;
    canvas_fini(&canvas);
    return 0;
}

static void assert_grid(const char *expected)
{
    struct text grid = {0};
    grid_text(&canvas, &grid);
    text_put(&grid, '\0');
    assert_string_equal(grid.data, expected);
    text_fini(&grid);
}

static void assert_roles(const char *expected)
{
    struct text grid = {0};
    grid_roles(&canvas, &grid);
    text_put(&grid, '\0');
    assert_string_equal(grid.data, expected);
    text_fini(&grid);
}

static unsigned put(unsigned row, unsigned column, unsigned columns, const char *text)
{
    struct area area = area_left(area_right(area_row(canvas_area(&canvas), row), column), columns);
    return canvas_words(&canvas, area, ROLE_GOOD, text);
}

static void text_is_clipped(void **state)
{
    (void)state;
    assert_int_equal(put(0, 2, 5, "ab"), 2);
    assert_int_equal(put(1, 2, 5, "abcde"), 5);
    assert_int_equal(put(2, 2, 5, "abcdef"), 5);
    assert_grid("  ab\n  abcde\n  abcd…\n");
    assert_roles("..gg......\n..ggggg...\n..ggggg...\n");
    assert_int_equal(put(3, 0, 5, "below"), 0);
    assert_int_equal(put(0, 10, 5, "right of it"), 0);
    assert_int_equal(put(0, 8, 50, "beyond"), 2);
    assert_grid("  ab    b…\n  abcde\n  abcd…\n");
}

static void right_end(void **state)
{
    (void)state;
    canvas_text_right(&canvas, area_left(area_row(canvas_area(&canvas), 0), 6), ROLE_TEXT, slice_str("12"));
    canvas_text_right(&canvas, area_left(area_row(canvas_area(&canvas), 1), 6), ROLE_TEXT, slice_str("1234567"));
    assert_grid("    12\n12345…\n\n");
}

static void wide_characters(void **state)
{
    (void)state;
    assert_int_equal(put(0, 0, 10, "日本x"), 5);
    assert_int_equal(put(1, 0, 4, "日本語"), 4); /* the mark takes the half that is left */
    assert_int_equal(put(2, 0, 3, "日本"), 3);
    assert_grid("日本x\n日 …\n日…\n");
    put(0, 1, 1, "|"); /* over the right half: the left one goes too */
    assert_grid(" |本x\n日 …\n日…\n");
    put(0, 2, 1, "|");
    assert_grid(" || x\n日 …\n日…\n");
}

static void combining_characters(void **state)
{
    (void)state;
    assert_int_equal(put(0, 0, 10, "e\u0301x"), 2);
    assert_int_equal(put(1, 0, 10, "\u0301x"), 1);                   /* nothing to stand over */
    assert_int_equal(put(2, 0, 3, "e\u0301\u0302\u0303\u0304o"), 2); /* as many as a cell holds */
    assert_grid("e\u0301x\nx\ne\u0301\u0302o\n");
}

/* Everything that could steer a terminal, or that terminals do not agree about. */
static void hostile_bytes(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\x1b[2Jx", "\x07\x08\x0c", "\xc2\x9bm",              /* escape, control, C1 */
        "\xff\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",    /* no UTF-8: stray, overlong, surrogate, too large */
        "a\u202eb", "a\u200bb", "a\u2028b", "\ufeff", "\u00ad", "a\u061cb", "a\u2066b",
        "\U000e0041", "a\ufe0fb",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        canvas_fill(&canvas, canvas_area(&canvas), ROLE_TEXT);
        assert_true(put(0, 0, 10, texts[i]) > 0);
        for (unsigned column = 0; column < 10; column++) {
            const struct cell *cell = &canvas.cells[column];
            assert_true(cell->base >= 0x20 && cell->base < 0x7f);
            assert_int_equal(cell->marks[0], 0);
            assert_int_equal(cell->width, 1);
        }
    }
    canvas_fill(&canvas, canvas_area(&canvas), ROLE_TEXT);
    put(0, 0, 10, "a\x1b[0mb");
    assert_grid("a.[0mb\n\n\n");
}

static void ascii_terminal(void **state)
{
    (void)state;
    canvas.ascii = true;
    assert_int_equal(put(0, 0, 10, "é日e\u0301"), 4);
    assert_int_equal(put(1, 0, 3, "abcd"), 3);
    assert_grid("??e?\nab~\n\n");
}

static void areas(void **state)
{
    (void)state;
    struct area all = canvas_area(&canvas), row = area_row(all, 2), none = area_row(all, 3);
    assert_int_equal(row.row, 2);
    assert_int_equal(row.rows, 1);
    assert_int_equal(none.rows, 0);
    assert_int_equal(area_right(all, 11).columns, 0);
    assert_int_equal(area_below(all, 9).rows, 0);
    canvas_fill(&canvas, (struct area){1, 8, 9, 9}, ROLE_BAR); /* reaches beyond the canvas */
    canvas_paint(&canvas, (struct area){0, 9, 2, 5}, ROLE_ERROR);
    assert_roles(".........e\n........be\n........bb\n");
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(canvas_width(&canvas, slice_str("a日e\u0301"), 100), 4);
    assert_int_equal(canvas_fit(&canvas, slice_str("a日b"), 2), 1);
    assert_int_equal(canvas_fit(&canvas, slice_str("a日b"), 3), 4);
    assert_int_equal(canvas_fit(&canvas, slice_str("ab"), 9), 2);
    assert_true(canvas_width(&canvas, slice_str("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 5) == 6); /* stops soon */
}

#define ON_CANVAS(test) cmocka_unit_test_setup_teardown(test, canvas_begin, canvas_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CANVAS(text_is_clipped), ON_CANVAS(right_end), ON_CANVAS(wide_characters), ON_CANVAS(combining_characters),
        ON_CANVAS(hostile_bytes), ON_CANVAS(ascii_terminal), ON_CANVAS(areas), ON_CANVAS(widths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

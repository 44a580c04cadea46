/* Scrolling: what is selected is in sight, whatever happens to the rows and the size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/list_view.h"

static void assert_at(const struct list_view *view, size_t selected, size_t top)
{
    assert_int_equal(view->selected, selected);
    assert_int_equal(view->top, top);
}

static void moves(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_fit(&view, 100, 10);
    list_view_move(&view, MOVE_UP);
    assert_at(&view, 0, 0);
    for (int i = 0; i < 9; i++)
        list_view_move(&view, MOVE_DOWN);
    assert_at(&view, 9, 0);
    list_view_move(&view, MOVE_DOWN);
    assert_at(&view, 10, 1);
    list_view_move(&view, MOVE_PAGE_DOWN);
    assert_at(&view, 19, 10);
    list_view_move(&view, MOVE_END);
    assert_at(&view, 99, 90);
    list_view_move(&view, MOVE_PAGE_DOWN);
    assert_at(&view, 99, 90);
    list_view_move(&view, MOVE_PAGE_UP);
    assert_at(&view, 90, 90);
    list_view_move(&view, MOVE_UP);
    assert_at(&view, 89, 89);
    list_view_move(&view, MOVE_HOME);
    assert_at(&view, 0, 0);
}

static void fewer_rows_than_room(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_fit(&view, 3, 10);
    list_view_move(&view, MOVE_PAGE_DOWN);
    assert_at(&view, 2, 0);
    list_view_fit(&view, 2, 10);
    assert_at(&view, 1, 0);
    list_view_fit(&view, 0, 10);
    assert_at(&view, 0, 0);
    list_view_move(&view, MOVE_END);
    list_view_move(&view, MOVE_UP);
    assert_at(&view, 0, 0);
}

static void sizes_change(void **state)
{
    (void)state;
    struct list_view view = {.selected = 50, .top = 45};
    list_view_fit(&view, 100, 10);
    assert_at(&view, 50, 45);
    list_view_fit(&view, 100, 3); /* smaller: the selected row is the last in sight */
    assert_at(&view, 50, 48);
    list_view_fit(&view, 100, 80); /* larger: no empty room below while there are rows above */
    assert_at(&view, 50, 20);
    list_view_fit(&view, 100, 0);
    list_view_fit(&view, 100, 1);
    assert_at(&view, 50, 50);
}

static void text_scrolls(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_fit(&view, 25, 10);
    list_view_scroll(&view, MOVE_DOWN);
    assert_at(&view, 1, 1);
    list_view_scroll(&view, MOVE_END);
    assert_at(&view, 15, 15);
    list_view_scroll(&view, MOVE_DOWN);
    assert_at(&view, 15, 15);
    list_view_scroll(&view, MOVE_PAGE_UP);
    assert_at(&view, 6, 6);
    list_view_scroll(&view, MOVE_HOME);
    assert_at(&view, 0, 0);
}

struct lines {
    size_t heading, first, last, count, selected;
    unsigned first_row, rows_seen;
};

static void heading_see(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    struct lines *lines = context;
    (void)canvas;
    (void)row;
    assert_false(selected);
    assert_int_equal(area.row, 2);
    lines->heading++;
}

static void line_see(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    struct lines *lines = context;
    (void)canvas;
    if (lines->count++ == 0) {
        lines->first = row;
        lines->first_row = area.row;
    }
    lines->last = row;
    if (selected)
        lines->selected = row;
}

static void heading_stays(void **state)
{
    (void)state;
    struct list_view view = {.selected = 7};
    struct lines lines = {0};
    list_view_draw(&view, 20, NULL, (struct area){2, 0, 6, 40}, heading_see, line_see, &lines);
    assert_int_equal(lines.heading, 1);
    assert_int_equal(lines.first, 3);
    assert_int_equal(lines.first_row, 3);
    assert_int_equal(lines.last, 7);
    assert_int_equal(lines.selected, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves),        cmocka_unit_test(fewer_rows_than_room), cmocka_unit_test(sizes_change),
        cmocka_unit_test(text_scrolls), cmocka_unit_test(heading_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Arithmetic of scrolling. */
#include "ui/list_view.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t top_most(const struct list_view *view)
{
    return view->count > view->page ? view->count - view->page : 0;
}

void list_view_fit(struct list_view *view, size_t count, size_t page)
{
    view->count = count;
    view->page = page;
    view->selected = count == 0 ? 0 : least(view->selected, count - 1);
    if (view->top > view->selected)
        view->top = view->selected;
    if (page > 0 && view->selected - view->top >= page)
        view->top = view->selected - page + 1;
    view->top = least(view->top, top_most(view));
}

/* Where a move leads from `at`, in 0..last. */
static size_t moved(const struct list_view *view, size_t at, size_t last, enum move move)
{
    size_t page = view->page > 1 ? view->page - 1 : 1; /* a line stays in sight, for the eye to hold on to */
    switch (move) {
    case MOVE_UP:
        return at > 0 ? at - 1 : 0;
    case MOVE_DOWN:
        return least(at + 1, last);
    case MOVE_PAGE_UP:
        return at > page ? at - page : 0;
    case MOVE_PAGE_DOWN:
        return least(at + page, last);
    case MOVE_HOME:
        return 0;
    case MOVE_END:
        return last;
    }
    return at;
}

void list_view_move(struct list_view *view, enum move move)
{
    if (view->count == 0)
        return;
    view->selected = moved(view, view->selected, view->count - 1, move);
    list_view_fit(view, view->count, view->page);
}

void list_view_scroll(struct list_view *view, enum move move)
{
    view->top = moved(view, view->top, top_most(view), move);
    view->selected = view->top;
}

bool list_view_click(struct list_view *view, unsigned row)
{
    size_t at = view->top + row - 1; /* below the heading */
    if (row == 0 || row > view->page || at >= view->count)
        return false;
    bool again = at == view->selected;
    view->selected = at;
    return again;
}

void list_view_draw(struct list_view *view, size_t count, struct canvas *canvas, struct area area, list_view_row *heading,
                    list_view_row *row, void *context)
{
    heading(context, canvas, area_row(area, 0), 0, false);
    area = area_below(area, 1);
    list_view_fit(view, count, area.rows);
    for (size_t i = 0; i < area.rows && view->top + i < count; i++)
        row(context, canvas, area_row(area, (unsigned)i), view->top + i, view->top + i == view->selected);
}

/* A scrolling window over numbered rows, with a selected one: only numbers; a screen draws the rows. */
#ifndef UI_LIST_VIEW_H
#define UI_LIST_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"

struct list_view {
    size_t count;    /* rows there are */
    size_t selected; /* below count, or 0 */
    size_t top;      /* first row shown */
    size_t page;     /* rows that fit */
};

enum move { MOVE_UP, MOVE_DOWN, MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_HOME, MOVE_END };

/* Tells how many rows there are and fit now; what is selected stays where that can be, and is in sight. */
void list_view_fit(struct list_view *view, size_t count, size_t page);

/* Moves the selection. */
void list_view_move(struct list_view *view, enum move move);

/* Scrolls what has no selection: top moves. */
void list_view_scroll(struct list_view *view, enum move move);

/* Selects what stands on a row of the area that list_view_draw was given, if anything does. True when it was selected before. */
bool list_view_click(struct list_view *view, unsigned row);

/* Draws a row into one line of an area. */
typedef void list_view_row(void *context, struct canvas *canvas, struct area area, size_t row, bool selected);

/* The heading stays on the first line; the rows scroll below it. Calls list_view_fit. */
void list_view_draw(struct list_view *view, size_t count, struct canvas *canvas, struct area area, list_view_row *heading,
                    list_view_row *row, void *context);

#endif

/* Widths are given by rank, so that what matters most is there at any size. */
#include "ui/columns.h"

enum { MARKER = 2 }; /* the cursor; a mark */

static void columns_widen(struct columns *columns, unsigned cells, unsigned *used, bool most)
{
    for (unsigned rank = 0; rank < COLUMNS_MAX; rank++)
        for (size_t i = 0; i < columns->count; i++) {
            const struct column *column = &columns->rows[i];
            unsigned *width = &columns->widths[i], limit = most ? column->most : column->fair;
            if (column->rank != rank || *width == 0 || *width >= limit)
                continue;
            unsigned more = limit - *width, left = cells - *used;
            *width += more < left ? more : left;
            *used += more < left ? more : left;
        }
}

static unsigned column_least(const struct column *column, uint64_t number_most)
{
    unsigned digits = 1;
    for (; column->number && number_most >= 10; number_most /= 10)
        digits++;
    return digits > column->least ? digits : column->least;
}

void columns_fit(struct columns *columns, const struct column *rows, size_t count, unsigned cells, uint64_t number_most)
{
    unsigned used = MARKER;
    *columns = (struct columns){.rows = rows, .count = count < COLUMNS_MAX ? count : COLUMNS_MAX};
    for (unsigned rank = 0; rank < COLUMNS_MAX; rank++)
        for (size_t i = 0; i < columns->count; i++) {
            unsigned least = column_least(&rows[i], number_most), more = least + (used > MARKER);
            if (rows[i].rank != rank || used + more > cells)
                continue;
            columns->widths[i] = least;
            used += more;
        }
    columns_widen(columns, cells, &used, false);
    columns_widen(columns, cells, &used, true);
}

void columns_fini(struct columns *columns)
{
    text_fini(&columns->cell);
}

static void cell_draw(const struct column *column, struct canvas *canvas, struct area area, enum role role, struct slice text)
{
    if (column->right)
        canvas_text_right(canvas, area, role, text);
    else
        canvas_text(canvas, area, role, text);
}

void columns_heading(const struct columns *columns, struct canvas *canvas, struct area area)
{
    unsigned at = MARKER;
    canvas_fill(canvas, area, ROLE_HEADING);
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->widths[i] == 0)
            continue;
        struct area cell = area_left(area_right(area, at), columns->widths[i]);
        cell_draw(&columns->rows[i], canvas, cell, ROLE_HEADING, slice_str(columns->rows[i].title));
        at += columns->widths[i] + 1;
    }
}

void columns_draw(struct columns *columns, struct canvas *canvas, struct area area, const void *record, bool selected, bool marked)
{
    unsigned at = MARKER;
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->rows[i];
        if (columns->widths[i] == 0)
            continue;
        struct area cell = area_left(area_right(area, at), columns->widths[i]);
        text_reset(&columns->cell);
        column->cell(&columns->cell, record);
        cell_draw(column, canvas, cell, column->role == NULL ? ROLE_TEXT : column->role(record),
                  slice_of(columns->cell.data, columns->cell.len));
        at += columns->widths[i] + 1;
    }
    if (marked)
        canvas_words(canvas, area_right(area, 1), ROLE_KEY, "*");
    if (!selected)
        return;
    canvas_words(canvas, area, ROLE_SELECTED, ">"); /* seen without colours and attributes too */
    canvas_paint(canvas, area, ROLE_SELECTED);
}

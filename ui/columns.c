/* Widths are given by rank, so that what matters most is there at any size. */
#include "ui/columns.h"

#include <math.h>

struct column_key column_key_text(struct slice text)
{
    uint8_t bytes[16] = {0};
    struct column_key key = {0, 0};
    for (size_t i = 0; i < text.len && i < sizeof bytes; i++)
        bytes[i] = ascii_lower(text.data[i]);
    for (size_t i = 0; i < sizeof bytes / 2; i++) {
        key.high = key.high << 8 | bytes[i];
        key.low = key.low << 8 | bytes[i + 8];
    }
    return key;
}

struct column_key column_key_number(uint64_t number)
{
    return (struct column_key){number == UINT64_MAX ? 0 : number + 1, 0};
}

struct column_key column_key_signed(int64_t number)
{
    return (struct column_key){(uint64_t)number ^ UINT64_C(1) << 63, 0}; /* the order of the signed ones */
}

struct column_key column_key_real(double number)
{
    return (struct column_key){isnan(number) || number < 0 ? 0 : (uint64_t)(number * 1e6) + 1, 0};
}

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
        if (columns->sorted == &columns->rows[i]) { /* in the blank before it: seen without colours too */
            canvas_words(canvas, area_left(area_right(area, at - 1), 1), ROLE_KEY, columns->down ? "v" : "^");
            canvas_paint(canvas, area_row(cell, 0), ROLE_KEY);
        }
        at += columns->widths[i] + 1;
    }
}

void columns_heading_row(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    (void)row;
    (void)selected;
    columns_heading(context, canvas, area);
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
        if (column->look != NULL)
            column->look(&columns->cell, column, record, columns->context);
        else
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

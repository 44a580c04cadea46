/* A column of cells is one value, or several where there are more values than columns: then the worst of them is shown, for a short
   burst of loss is what a reader looks for. */
#include "ui/plot.h"

#include <math.h>

#include "ui/words.h"

enum { EIGHTHS = 8, AXIS_LEAST = 28 };

/* Of several plots with a text. */
enum { WIDE = 110, ROWS_LEAST = 2, ROWS_FAIR = 4, ROWS_MOST = 9, BESIDE = 72, TEXT_ROWS_LEAST = 6 };

/* The value of column `at` of `columns`. */
static double column_value(const struct plot *plot, size_t columns, size_t at)
{
    if (plot->count <= columns)
        return plot->values[at * plot->count / columns];
    double worst = NAN;
    for (size_t i = at * plot->count / columns; i < (at + 1) * plot->count / columns; i++) {
        double value = plot->values[i];
        if (isnan(worst) || (plot->least ? value < worst : value > worst))
            worst = value;
    }
    return worst;
}

enum { BAR_MOST = 8 }; /* a wider bar says no more */

/* Bars take whole columns, each value as many: 12 values on 70 columns are 5 columns each. */
static size_t columns_used(const struct plot *plot, unsigned room)
{
    size_t each = plot->count == 0 ? 0 : room / plot->count;
    return each == 0 ? room : (each < BAR_MOST ? each : BAR_MOST) * plot->count;
}

static double ceiling_of(const struct plot *plot)
{
    double ceiling = plot->ceiling;
    for (size_t i = 0; i < plot->count; i++)
        ceiling = plot->values[i] > ceiling ? plot->values[i] : ceiling;
    return ceiling;
}

/* One cell of a bar that is filled to so many eighths. */
static const char *block(const struct canvas *canvas, unsigned eighths)
{
    static const char *const blocks[EIGHTHS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[EIGHTHS + 1] = {" ", "_", "_", ".", ".", ":", ":", "|", "#"};
    return canvas->ascii ? ascii[eighths] : blocks[eighths];
}

static void bar_draw(const struct plot *plot, struct canvas *canvas, struct area column, double value, double ceiling)
{
    double part = ceiling > plot->floor ? (value - plot->floor) / (ceiling - plot->floor) : 0;
    unsigned height = part <= 0 ? 0 : (unsigned)lround(part * column.rows * EIGHTHS);
    if (height == 0 && value > plot->floor)
        height = 1; /* little is not nothing */
    enum role role = plot->role == NULL ? ROLE_TEXT : plot->role(value);
    for (unsigned row = 0; row < column.rows; row++) {
        unsigned below = (column.rows - 1 - row) * EIGHTHS, over = height > below ? height - below : 0;
        canvas_words(canvas, area_row(column, row), role, block(canvas, over < EIGHTHS ? over : EIGHTHS));
    }
}

static void scale_put(struct canvas *canvas, struct area row, const struct plot *plot, double value)
{
    struct text text = {0};
    text_real(&text, value, plot->decimals);
    canvas_text_right(canvas, area_left(row, PLOT_MARGIN - 1), ROLE_DIM, slice_of(text.data, text.len));
    text_fini(&text);
}

void plot_draw(const struct plot *plot, struct canvas *canvas, struct area area)
{
    struct area bars = area_right(area_below(area, 1), PLOT_MARGIN);
    double ceiling = ceiling_of(plot);
    canvas_words(canvas, area_row(area, 0), ROLE_LABEL, plot->title);
    if (bars.rows == 0 || bars.columns == 0)
        return;
    scale_put(canvas, area_row(area, 1), plot, ceiling);
    if (bars.rows > 1)
        scale_put(canvas, area_row(area, bars.rows), plot, plot->floor);
    size_t columns = columns_used(plot, bars.columns);
    for (size_t i = 0; i < columns && plot->count > 0; i++) {
        double value = column_value(plot, columns, i);
        if (!isnan(value))
            bar_draw(plot, canvas, area_left(area_right(bars, (unsigned)i), 1), value, ceiling);
    }
}

void plot_axis(struct canvas *canvas, struct area area, size_t count, int64_t begin_ns, int64_t step_ns)
{
    struct area line = area_right(area, PLOT_MARGIN);
    struct plot plot = {.count = count};
    unsigned shown = (unsigned)columns_used(&plot, line.columns);
    line = area_left(line, shown > AXIS_LEAST ? shown : AXIS_LEAST);
    struct text text = {0};
    words_time_of_day(&text, begin_ns);
    unsigned used = canvas_text(canvas, line, ROLE_DIM, slice_of(text.data, text.len));
    text_reset(&text);
    words_time_of_day(&text, begin_ns + (int64_t)count * step_ns);
    if (used * 2 + 1 < line.columns)
        canvas_text_right(canvas, line, ROLE_DIM, slice_of(text.data, text.len));
    text_fini(&text);
}

void plots_split(struct area all, size_t count, unsigned text_columns, struct area *text, struct area *drawn)
{
    unsigned most = (unsigned)count * ROWS_MOST + 1, rows = (all.rows > TEXT_ROWS_LEAST ? all.rows - TEXT_ROWS_LEAST : 0) * 2 / 3;
    rows = rows < most ? rows : most;
    *text = *drawn = all;
    if (count == 0 || (all.columns < WIDE && rows < count * ROWS_LEAST + 1)) {
        drawn->rows = 0;
    } else if (all.columns >= WIDE) {
        *text = area_left(all, text_columns);
        *drawn = area_right(all, text_columns + 2);
    } else {
        text->rows = all.rows - rows;
        *drawn = area_below(all, text->rows);
    }
}

void plots_draw(const struct plot *plots, size_t count, struct canvas *canvas, struct area area, int64_t begin_ns, int64_t step_ns)
{
    unsigned beside = area.columns >= BESIDE && area.rows < count * ROWS_FAIR ? 2 : 1, width = area.columns / beside;
    if (area.rows == 0)
        return;
    unsigned lines = ((unsigned)count + beside - 1) / beside, each = (area.rows - 1) / lines;
    each = each < ROWS_MOST ? each : ROWS_MOST;
    for (unsigned i = 0; i < count; i++) {
        struct area part = area_left(area_right(area_below(area, i / beside * each), i % beside * width), width);
        part.rows = each < part.rows ? each : part.rows;
        plot_draw(&plots[i], canvas, part);
    }
    for (unsigned i = 0; i < beside; i++)
        plot_axis(canvas, area_left(area_right(area_row(area, lines * each), i * width), width - 1), plots[0].count, begin_ns, step_ns);
}

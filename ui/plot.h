/* A series of values as a bar chart of block characters, or of ASCII ones. */
#ifndef UI_PLOT_H
#define UI_PLOT_H

#include <stddef.h>
#include <stdint.h>

#include "ui/canvas.h"

struct plot {
    const char *title;       /* "loss %" */
    const double *values;    /* one per step of time; NAN: nothing known */
    size_t count;
    double floor, ceiling;   /* of the scale; a ceiling below the greatest value is raised to it */
    bool least;              /* where several values share a column, the least is shown: of MOS; else the greatest */
    unsigned decimals;
    enum role (*role)(double value); /* NULL: text */
};

/* Cells left of the bars: the scale. */
enum { PLOT_MARGIN = 8 };

/* Title and range on the first row, bars below it. */
void plot_draw(const struct plot *plot, struct canvas *canvas, struct area area);

/* Beginning, middle and end of the time that the bars show, as times of day, under them. */
void plot_axis(struct canvas *canvas, struct area area, size_t count, int64_t begin_ns, int64_t step_ns);

/* Splits an area for a text and so many plots: beside each other where it is wide, then the text has text_columns; else the plots are
   below. Where there is no room for them, or none are asked for, drawn has no rows. */
void plots_split(struct area all, size_t count, unsigned text_columns, struct area *text, struct area *drawn);

/* Plots of the same time with its axis below each other, or two beside each other where they would be flat. An area without rows: none. */
void plots_draw(const struct plot *plots, size_t count, struct canvas *canvas, struct area area, int64_t begin_ns, int64_t step_ns);

#endif

/* Columns of a list: which of them fit, and the lines that they make. What stands in them is the table of each list. */
#ifndef UI_COLUMNS_H
#define UI_COLUMNS_H

#include "base/text.h"
#include "ui/canvas.h"

enum { COLUMNS_MAX = 32 };

/* In the order in which they stand. Those of a low rank stay when the terminal is narrow. Room that is left widens them by rank, first
   up to `fair`, then up to `most`. */
struct column {
    const char *title;
    unsigned least, fair, most, rank;
    bool right;                                          /* numbers end in one column */
    void (*cell)(struct text *out, const void *record);
    enum role (*role)(const void *record);               /* NULL: text */
    bool number;                                         /* a row's own number: it is never cut, for people name the row by it */
};

/* A table of columns, fitted into a line. Owns its text. */
struct columns {
    const struct column *rows;
    size_t count;
    unsigned widths[COLUMNS_MAX]; /* 0: not shown. A blank stands between two, and two cells before the first */
    struct text cell;             /* scratch */
};

/* For a line of so many cells; number_most: the greatest number of a row that is shown. */
void columns_fit(struct columns *columns, const struct column *rows, size_t count, unsigned cells, uint64_t number_most);
void columns_fini(struct columns *columns);

void columns_heading(const struct columns *columns, struct canvas *canvas, struct area area);
void columns_draw(struct columns *columns, struct canvas *canvas, struct area area, const void *record, bool selected, bool marked);

#endif

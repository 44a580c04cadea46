/* Columns of a list: which of them fit, and the lines that they make. What stands in them is the table of each list. */
#ifndef UI_COLUMNS_H
#define UI_COLUMNS_H

#include "base/text.h"
#include "ui/canvas.h"

enum { COLUMNS_MAX = 48 };

/* What rows sort by: unknown is 0, below all that is known. */
struct column_key {
    uint64_t high, low;
};

struct column_key column_key_text(struct slice text);
struct column_key column_key_number(uint64_t number); /* NUMBER_NONE, as UINT64_MAX: unknown */
struct column_key column_key_signed(int64_t number);  /* INT64_MIN: unknown */
struct column_key column_key_real(double number);     /* NAN: unknown */

struct column;

/* context: what the list gives to all of its columns. */
typedef void column_look(struct text *out, const struct column *column, const void *record, void *context);

/* In the order in which they stand. Those of a low rank stay when the terminal is narrow. Room that is left widens them by rank, first
   up to `fair`, then up to `most`. */
struct column {
    const char *name;  /* in settings */
    const char *title;
    unsigned least, fair, most, rank;
    bool right;                                          /* numbers end in one column */
    void (*cell)(struct text *out, const void *record);
    enum role (*role)(const void *record);               /* NULL: text */
    bool number;                                         /* a row's own number: it is never cut, for people name the row by it */
    struct column_key (*key)(const void *record);        /* NULL: it cannot be sorted by */
    bool extra;                                          /* shown only where it was chosen */
    column_look *look;                                   /* instead of cell, where that takes more than the record; NULL */
};

/* A table of columns, fitted into a line. Owns its text. */
struct columns {
    const struct column *rows;
    size_t count;
    const struct column *sorted; /* its title is marked; NULL */
    bool down;
    unsigned widths[COLUMNS_MAX]; /* 0: not shown. A blank stands between two, and two cells before the first */
    void *context;                /* for what looks; borrowed */
    struct text cell;             /* scratch */
};

/* For a line of so many cells; number_most: the greatest number of a row that is shown. */
void columns_fit(struct columns *columns, const struct column *rows, size_t count, unsigned cells, uint64_t number_most);
void columns_fini(struct columns *columns);

void columns_heading(const struct columns *columns, struct canvas *canvas, struct area area);
/* The same as the heading of a list_view: the context begins with the columns. */
void columns_heading_row(void *context, struct canvas *canvas, struct area area, size_t row, bool selected);

void columns_draw(struct columns *columns, struct canvas *canvas, struct area area, const void *record, bool selected, bool marked);

#endif

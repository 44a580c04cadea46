/* A grid of cells that screens draw on, with or without a terminal behind it: text is clipped, sized and made harmless here. */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include "base/text.h"

/* X(id, letter): what a cell is, not how it looks: term.c chooses that by what the terminal can do. The letter is for tests. */
#define ROLES(X)                                                                                                           \
    X(TEXT, '.') X(DIM, 'd') X(BAR, 'b') X(KEY, 'k') X(HEADING, 'h') X(SELECTED, 's') X(GOOD, 'g') X(WARNING, 'w')         \
    X(ERROR, 'e') X(LABEL, 'l')

enum role {
#define X(id, letter) ROLE_##id,
    ROLES(X)
#undef X
        ROLE_COUNT
};

enum { CELL_MARKS = 2 };

struct cell {
    uint32_t base;              /* code point; 0: the right half of a wide one */
    uint32_t marks[CELL_MARKS]; /* combining characters over it; 0: none */
    uint8_t width;              /* cells: 1, 2; 0: the right half */
    uint8_t role;
};

/* Owns its cells. */
struct canvas {
    struct cell *cells; /* rows * columns */
    unsigned rows, columns;
    bool ascii;         /* the terminal shows nothing else */
};

/* A rectangle of the canvas. */
struct area {
    unsigned row, column, rows, columns;
};

/* Blank. False without memory: then it is empty, 0 by 0. */
bool canvas_init(struct canvas *canvas, unsigned rows, unsigned columns, bool ascii);
void canvas_fini(struct canvas *canvas);

/* All of it. */
struct area canvas_area(const struct canvas *canvas);

/* One line of the area, row counted from its top; empty when it is below its bottom. */
struct area area_row(struct area area, unsigned row);

/* What is left of the area from a row, or from a column, on. */
struct area area_below(struct area area, unsigned row);
struct area area_right(struct area area, unsigned column);

/* At most `columns` of it, from the left. */
struct area area_left(struct area area, unsigned columns);

/* Blanks with the role. */
void canvas_fill(struct canvas *canvas, struct area area, enum role role);

/* Gives the area's cells another role and leaves what they show. */
void canvas_paint(struct canvas *canvas, struct area area, enum role role);

/* Writes UTF-8 into the area's first row; returns the cells used. What is no text (control characters, bidirectional overrides,
   invalid UTF-8) becomes '.'; a text that is wider ends with a mark. Time: linear in what is shown, whatever the text's length. */
unsigned canvas_text(struct canvas *canvas, struct area area, enum role role, struct slice text);

/* The same for the program's own texts. */
unsigned canvas_words(struct canvas *canvas, struct area area, enum role role, const char *text);

/* Writes it at the area's right end. */
unsigned canvas_text_right(struct canvas *canvas, struct area area, enum role role, struct slice text);

/* Cells that canvas_text would use for it, given room; counts up to `most` and a little beyond. */
unsigned canvas_width(const struct canvas *canvas, struct slice text, unsigned most);

/* What the cells show as UTF-8, a line per row, without blanks at its end. */
void canvas_print(const struct canvas *canvas, struct text *out);

/* Bytes of the text that fit into so many cells. */
size_t canvas_fit(const struct canvas *canvas, struct slice text, unsigned cells);

#endif

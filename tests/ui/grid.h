/* A canvas as text, for comparing: what its cells show, or their roles by letter. */
#ifndef TESTS_UI_GRID_H
#define TESTS_UI_GRID_H

#include "base/text.h"
#include "ui/canvas.h"

static inline void grid_code(struct text *out, uint32_t code)
{
    if (code < 0x80) {
        text_put(out, (char)code);
    } else if (code < 0x800) {
        text_put(out, (char)(0xc0 | code >> 6));
        text_put(out, (char)(0x80 | (code & 0x3f)));
    } else {
        if (code >= 0x10000) {
            text_put(out, (char)(0xf0 | code >> 18));
            text_put(out, (char)(0x80 | (code >> 12 & 0x3f)));
        } else {
            text_put(out, (char)(0xe0 | code >> 12));
        }
        text_put(out, (char)(0x80 | (code >> 6 & 0x3f)));
        text_put(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* A line per row, without blanks at its end. */
static inline void grid_text(const struct canvas *canvas, struct text *out)
{
    for (unsigned row = 0; row < canvas->rows; row++) {
        size_t end = out->len;
        for (unsigned column = 0; column < canvas->columns; column++) {
            const struct cell *cell = &canvas->cells[row * canvas->columns + column];
            if (cell->width == 0)
                continue;
            grid_code(out, cell->base);
            for (int i = 0; i < CELL_MARKS && cell->marks[i] != 0; i++)
                grid_code(out, cell->marks[i]);
            if (cell->base != ' ')
                end = out->len;
        }
        out->len = end;
        text_put(out, '\n');
    }
}

static inline void grid_roles(const struct canvas *canvas, struct text *out)
{
    static const char letters[ROLE_COUNT] = {
#define X(id, letter) letter,
        ROLES(X)
#undef X
    };
    for (unsigned row = 0; row < canvas->rows; row++) {
        for (unsigned column = 0; column < canvas->columns; column++)
            text_put(out, letters[canvas->cells[row * canvas->columns + column].role]);
        text_put(out, '\n');
    }
}

#endif

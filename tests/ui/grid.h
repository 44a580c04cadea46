/* A canvas as text, for comparing: what its cells show, or their roles by letter. */
#ifndef TESTS_UI_GRID_H
#define TESTS_UI_GRID_H

#include "base/text.h"
#include "ui/canvas.h"

static inline void grid_text(const struct canvas *canvas, struct text *out)
{
    canvas_print(canvas, out);
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

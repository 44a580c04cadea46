/* The columns of the call list: which of them fit, and what stands in them. */
#ifndef UI_CALL_COLUMNS_H
#define UI_CALL_COLUMNS_H

#include "base/text.h"
#include "record/record.h"
#include "ui/canvas.h"

enum { CALL_COLUMNS_MAX = 24 };

/* Width of each column in a line; 0: not shown. A blank stands between two, and a cell before the first. Owns its text. */
struct call_columns {
    unsigned widths[CALL_COLUMNS_MAX];
    struct text cell; /* scratch */
};

/* For a line of so many cells; id_most: the greatest id that is shown. */
void call_columns_fit(struct call_columns *fitted, unsigned cells, uint64_t id_most);
void call_columns_fini(struct call_columns *fitted);

void call_columns_heading(const struct call_columns *fitted, struct canvas *canvas, struct area area);
void call_columns_draw(struct call_columns *fitted, struct canvas *canvas, struct area area, const struct call_record *call, bool selected);

#endif

/* Two messages line by line: which lines belong together, and which part of a line differs. */
#ifndef UI_ALIGN_H
#define UI_ALIGN_H

#include <stddef.h>

#include "analyzer/reading.h"

#define ALIGN_NONE SIZE_MAX

/* One row: a line of each message, or of one alone. */
struct align_row {
    size_t left, right; /* index, or ALIGN_NONE */
    bool same;
};

/* Rows in order; lines keep their order within each message. Equal lines are put together first, then lines of the same header
   (or the same kind of SDP line). Returns how many; rows has room for left_count + right_count. Without memory: all of left,
   then all of right. */
size_t align_lines(const struct reading_line *left, size_t left_count, const struct reading_line *right, size_t right_count,
                   struct align_row *rows);

/* The part of `line` that is not in `other`: between what both begin with and what both end with. */
void align_differs(struct slice line, struct slice other, size_t *from, size_t *to);

#endif

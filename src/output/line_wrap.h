/* Breaks lines that are wider than the terminal, between words. */
#ifndef OUTPUT_LINE_WRAP_H
#define OUTPUT_LINE_WRAP_H

#include "base/text.h"

/* Rewrites the lines of out from byte `from` on so that none takes more than `width` cells (one a code point). Continuation lines
   begin with `indent` spaces; a word longer than a line is cut into pieces. Leaves all as it is without memory. */
void line_wrap(struct text *out, size_t from, unsigned width, unsigned indent);

#endif

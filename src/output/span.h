/* Times as a person reads them. */
#ifndef OUTPUT_SPAN_H
#define OUTPUT_SPAN_H

#include "base/text.h"

/* "312 ms", "4.2 s", "2:05", "1:02:05": what a person needs of it; "-" for CLOCK_NONE. */
void span_put(struct text *out, int64_t ns);

enum { SPAN_MAX = 32 };

/* The same to where there is room for SPAN_MAX bytes; returns its end. */
char *span_at(char *at, int64_t ns);

#endif

/* Lines in order of their times, where these come a little out of order: devices, queues and clocks of several senders. */
#ifndef OUTPUT_LINE_ORDER_H
#define OUTPUT_LINE_ORDER_H

#include "base/clock.h"
#include "base/text.h"

/* How far a line that comes late is moved back: so long, and past so many bytes. */
#define LINE_ORDER_NS (2 * NS_PER_SECOND)
enum { LINE_ORDER_BYTES = 128 << 10 };

struct line_order {
    int64_t newest_ns;  /* time of the newest line, or what time it is; CLOCK_NONE: no line yet */
};

/* The line that was appended to `out` at `begin`, with log_line_begin, goes to its place among those before it. */
void line_order_put(struct line_order *order, struct text *out, size_t begin, int64_t at_ns);

/* How many bytes of the lines, from the first on, need not wait for one that comes late. */
size_t line_order_ready(const struct line_order *order, struct slice lines);

/* Time has come to it without a line. */
void line_order_pass(struct line_order *order, int64_t now_ns);

/* Nothing comes any more. */
void line_order_end(struct line_order *order);

#endif

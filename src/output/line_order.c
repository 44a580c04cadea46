/* Times are compared as the lines show them: all have the same length. */
#include "output/line_order.h"

enum { TIME_AT = sizeof "{\"event_time\":\"" - 1, TIME_BYTES = sizeof "2026-01-31T12:00:00.000" - 1 };

/* Where the line begins that ends before `end`. */
static size_t line_before(const char *data, size_t end)
{
    const void *hit = end < 2 ? NULL : memrchr(data, '\n', end - 1);
    return hit == NULL ? 0 : (size_t)((const char *)hit - data) + 1;
}

void line_order_put(struct line_order *order, struct text *out, size_t begin, int64_t at_ns)
{
    if (order->newest_ns == CLOCK_NONE || at_ns >= order->newest_ns) {
        order->newest_ns = at_ns;
        return;
    }
    size_t len = out->len - begin, place = begin;
    if (order->newest_ns - at_ns > LINE_ORDER_NS || !text_reserve(out, len))
        return;
    char *data = out->data;
    while (place > 0 && begin - place < LINE_ORDER_BYTES) {
        size_t before = line_before(data, place);
        if (memcmp(data + before + TIME_AT, data + begin + TIME_AT, TIME_BYTES) <= 0)
            break;
        place = before;
    }
    memcpy(data + out->len, data + begin, len);
    memmove(data + place + len, data + place, begin - place);
    memcpy(data + place, data + out->len, len);
}

size_t line_order_ready(const struct line_order *order, struct slice lines)
{
    char late[CLOCK_ISO_SIZE];
    if (order->newest_ns == CLOCK_NONE || order->newest_ns < INT64_MIN + LINE_ORDER_NS)
        return lines.len;
    const char *data = (const char *)lines.data;
    (void)clock_format_iso(order->newest_ns - LINE_ORDER_NS, late);
    size_t ready = lines.len;
    while (ready > 0) {
        size_t before = line_before(data, ready);
        if (lines.len - before > LINE_ORDER_BYTES || memcmp(data + before + TIME_AT, late, TIME_BYTES) < 0)
            break;
        ready = before;
    }
    return ready;
}

void line_order_pass(struct line_order *order, int64_t now_ns)
{
    if (order->newest_ns != CLOCK_NONE && now_ns > order->newest_ns)
        order->newest_ns = now_ns;
}

void line_order_end(struct line_order *order)
{
    order->newest_ns = CLOCK_NONE;
}

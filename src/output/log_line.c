/* Milliseconds everywhere: what CloudWatch Logs keeps. */
#include "output/log_line.h"

#include <math.h>

#include "record/numbering.h"

static void time_put(struct text *out, int64_t at_ns)
{
    enum { TO_MILLISECONDS = 23 };
    char time[CLOCK_ISO_SIZE];
    (void)clock_format_iso(at_ns, time);
    text_put(out, '"');
    text_bytes(out, time, TO_MILLISECONDS);
    text_bytes(out, "Z\"", 2);
}

static void name_put(struct text *out, const char *name)
{
    if (out->len > 0 && out->data[out->len - 1] != '{')
        text_put(out, ',');
    text_put(out, '"');
    text_str(out, name);
    text_bytes(out, "\":", 2);
}

void log_line_begin(struct text *out, int64_t at_ns)
{
    text_str(out, "{\"event_time\":");
    time_put(out, at_ns);
}

void log_line_timestamp(struct text *out, const struct sink_settings *settings, int64_t at_ns)
{
    name_put(out, "event_timestamp");
    if (settings->time_iso)
        time_put(out, at_ns);
    else
        text_int(out, at_ns / NS_PER_MS - (at_ns % NS_PER_MS < 0));
}

void log_line_text(struct text *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    name_put(out, name);
    text_json(out, value);
}

void log_line_integer(struct text *out, const char *name, int64_t value)
{
    name_put(out, name);
    text_int(out, value);
}

void log_line_real(struct text *out, const char *name, double value)
{
    enum { DECIMALS = 6 };
    if (isnan(value))
        return;
    name_put(out, name);
    text_real(out, value, DECIMALS);
}

void log_line_flag(struct text *out, const char *name)
{
    name_put(out, name);
    text_str(out, "true");
}

struct slice log_country(struct slice number)
{
    const struct numbering *row = numbering_find(number);
    return row == NULL ? SLICE_NONE : slice_str(row->country);
}

void log_line_endpoint(struct text *out, const char *name, const struct endpoint *endpoint)
{
    char text[ENDPOINT_TEXT_SIZE];
    if (endpoint->family == 0)
        return;
    name_put(out, name);
    text_json(out, slice_of(text, endpoint_format(endpoint, text)));
}

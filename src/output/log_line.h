/* Members of the objects that logs are made of: behind a { without a comma. Absent values leave their member out. */
#ifndef OUTPUT_LOG_LINE_H
#define OUTPUT_LOG_LINE_H

#include "base/endpoint.h"
#include "base/text.h"
#include "output/settings.h"

/* {"event_time":"2026-01-31T12:00:00.000Z": first in the line, because log shippers take the first time that they find. */
void log_line_begin(struct text *out, struct sink_settings *settings, int64_t at_ns);

/* A member's name, with the comma that it needs. */
static inline void log_line_name(struct text *out, const char *name)
{
    enum { AROUND = 4 };
    size_t len = strlen(name);
    if (!text_reserve(out, len + AROUND))
        return;
    char *at = out->data + out->len;
    if (out->len > 0 && at[-1] != '{')
        *at++ = ',';
    *at++ = '"';
    memcpy(at, name, len);
    memcpy(at + len, "\":", 2);
    out->len = (size_t)(at + len + 2 - out->data);
}

static inline void log_line_text(struct text *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    log_line_name(out, name);
    text_json(out, value);
}

/* A text of our own, in which nothing is to be escaped. */
static inline void log_line_plain(struct text *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    log_line_name(out, name);
    text_put(out, '"');
    text_slice(out, value);
    text_put(out, '"');
}

/* event_timestamp in the form that the settings ask for. */
void log_line_timestamp(struct text *out, struct sink_settings *settings, int64_t at_ns);

void log_line_integer(struct text *out, const char *name, int64_t value);
void log_line_real(struct text *out, const char *name, double value); /* at most six decimals; NAN: absent */
void log_line_known(struct text *out, const char *name, int known);   /* 1: true, 0: false; -1: absent */

/* The ISO 3166-1 country of a telephone number with plus; empty where there is none. */
struct slice log_country(struct slice number);

void log_line_endpoint(struct text *out, const char *name, const struct endpoint *endpoint);

#endif

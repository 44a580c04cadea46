/* Milliseconds everywhere: what CloudWatch Logs keeps. */
#include "output/log_line.h"

#include <math.h>

#include "base/digits.h"
#include "record/numbering.h"

static const struct log_second *second_of(struct sink_settings *settings, int64_t at_s)
{
    struct log_second *second = &settings->second;
    char iso[CLOCK_ISO_SIZE];
    if (second->iso[0] != '\0' && second->at_s == at_s)
        return second;
    (void)clock_format_iso(at_s * NS_PER_SECOND, iso);
    memcpy(second->iso, iso, sizeof second->iso - 1);
    *digits_uint(second->epoch, at_s > 0 ? (uint64_t)at_s : 0) = '\0';
    second->at_s = at_s;
    return second;
}

static int64_t milliseconds(int64_t at_ns)
{
    return at_ns / NS_PER_MS - (at_ns % NS_PER_MS < 0);
}

static void time_put(struct text *out, struct sink_settings *settings, int64_t at_ns)
{
    int64_t ms = milliseconds(at_ns), at_s = ms / 1000 - (ms % 1000 < 0);
    const struct log_second *second = second_of(settings, at_s);
    char rest[] = "000Z\"";
    unsigned thousandths = (unsigned)(ms - at_s * 1000);
    rest[0] = (char)('0' + thousandths / 100);
    (void)digits_pair(rest + 1, thousandths % 100);
    text_put(out, '"');
    text_bytes(out, second->iso, sizeof second->iso - 1);
    text_bytes(out, rest, sizeof rest - 1);
}

void log_line_begin(struct text *out, struct sink_settings *settings, int64_t at_ns)
{
    text_str(out, "{\"event_time\":");
    time_put(out, settings, at_ns);
}

void log_line_timestamp(struct text *out, struct sink_settings *settings, int64_t at_ns)
{
    int64_t ms = milliseconds(at_ns);
    log_line_name(out, "event_timestamp");
    if (settings->time_iso) {
        time_put(out, settings, at_ns);
    } else if (ms < 1000) {
        text_int(out, ms);
    } else {
        unsigned thousandths = (unsigned)(ms % 1000);
        char rest[3] = {(char)('0' + thousandths / 100)};
        (void)digits_pair(rest + 1, thousandths % 100);
        text_str(out, second_of(settings, ms / 1000)->epoch);
        text_bytes(out, rest, sizeof rest);
    }
}

void log_line_integer(struct text *out, const char *name, int64_t value)
{
    log_line_name(out, name);
    text_int(out, value);
}

void log_line_real(struct text *out, const char *name, double value)
{
    enum { DECIMALS = 6 };
    if (isnan(value))
        return;
    log_line_name(out, name);
    text_real(out, value, DECIMALS);
}

void log_line_known(struct text *out, const char *name, int known)
{
    if (known < 0)
        return;
    log_line_name(out, name);
    text_str(out, known > 0 ? "true" : "false");
}

struct slice log_country(struct slice number)
{
    static const char *const none[] = {"AC", "TA", "XK"}; /* reserved, or of nobody's list */
    const struct numbering *row = numbering_find(number);
    struct slice country = row == NULL ? SLICE_NONE : slice_str(row->country);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (slice_is(country, none[i]))
            return SLICE_NONE;
    return country;
}

void log_line_endpoint(struct text *out, const char *name, const struct endpoint *endpoint)
{
    if (endpoint->family == 0)
        return;
    log_line_name(out, name);
    if (!text_reserve(out, ENDPOINT_TEXT_SIZE + 1))
        return;
    char *at = out->data + out->len;
    *at++ = '"';
    at += endpoint_format(endpoint, at);
    *at++ = '"';
    out->len = (size_t)(at - out->data);
}

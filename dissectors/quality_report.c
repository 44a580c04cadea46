/* Both forms are lists of NAME=value; RFC 6035 puts them on lines with a name of their own. */
#include "dissectors/quality_report.h"

#include <math.h>

static struct quality_report empty(void)
{
    return (struct quality_report){.received = NAN, .lost = NAN, .discard_pct = NAN, .loss_pct = NAN, .jitter_ms = NAN,
                                   .round_trip_ms = NAN, .mos_lq = NAN, .mos_cq = NAN};
}

/* A decimal number of at most nine digits before and after the point; NAN for anything else. */
static double number_of(struct slice text)
{
    size_t point = slice_find(text, 0, '.');
    uint64_t whole = 0, part = 0;
    struct slice after = slice_after(text, point + 1);
    if (point > 9 || after.len > 9 || !slice_uint(slice_cut(text, 0, point), &whole) || (after.len > 0 && !slice_uint(after, &part)))
        return NAN;
    double scale = 1;
    for (size_t i = 0; i < after.len; i++)
        scale *= 10;
    return (double)whole + (double)part / scale;
}

static bool separates(uint8_t c)
{
    return c == ' ' || c == '\t' || c == ',' || c == ';';
}

/* The next NAME=value of a line. */
static bool pair_next(struct slice *rest, struct slice *name, struct slice *value)
{
    size_t at = 0, end;
    while (at < rest->len && separates(rest->data[at]))
        at++;
    for (end = at; end < rest->len && !separates(rest->data[end]); end++)
        ;
    struct slice pair = slice_cut(*rest, at, end);
    *rest = slice_after(*rest, end);
    size_t sign = slice_find(pair, 0, '=');
    *name = slice_cut(pair, 0, sign);
    *value = slice_after(pair, sign + 1);
    return pair.len > 0;
}

static void address_take(struct slice line, struct endpoint *endpoint)
{
    struct slice name, value;
    uint64_t port = 0;
    struct endpoint address = {0};
    while (pair_next(&line, &name, &value)) {
        if (slice_is_nocase(name, "IP"))
            (void)endpoint_parse_address(value, &address);
        else if (slice_is_nocase(name, "PORT") && slice_uint(value, &port) && port > UINT16_MAX)
            port = 0;
    }
    address.port = (uint16_t)port;
    *endpoint = address;
}

/* RFC 6035 4.6.1: the metrics' own lines. */
static void metrics_take(struct slice line, struct quality_report *report)
{
    const struct {
        const char *name;
        double *number;
    } rows[] = {{"NLR", &report->loss_pct},        {"JDR", &report->discard_pct}, {"RTD", &report->round_trip_ms},
                {"IAJ", &report->jitter_ms},       {"MOSLQ", &report->mos_lq},    {"MOSCQ", &report->mos_cq}};
    struct slice name, value;
    while (pair_next(&line, &name, &value))
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (slice_is_nocase(name, rows[i].name))
                *rows[i].number = number_of(value);
}

bool quality_report_parse(struct slice body, struct quality_report *report)
{
    bool local = false, found = false;
    *report = empty();
    for (size_t at = 0; at < body.len;) {
        size_t end = slice_find(body, at, '\n');
        struct slice line = slice_trim(slice_cut(body, at, end));
        size_t colon = slice_find(line, 0, ':');
        struct slice name = slice_trim(slice_cut(line, 0, colon)), rest = slice_trim(slice_after(line, colon + 1));
        at = end + 1;
        if (slice_is_nocase(name, "CallID"))
            report->call_id = rest;
        else if (slice_is_nocase(name, "LocalAddr"))
            address_take(rest, &report->local);
        else if (slice_is_nocase(name, "RemoteAddr"))
            address_take(rest, &report->remote);
        else if (slice_is_nocase(name, "LocalMetrics"))
            local = found = true;
        else if (slice_is_nocase(name, "RemoteMetrics"))
            local = false;
        else if (local)
            metrics_take(rest, report);
    }
    return found;
}

bool quality_header_is(struct slice name)
{
    static const char *const names[] = {"X-RTP-Stat", "P-RTP-Stat", "X-RTP-Stats", "X-RTP-Statistics", "X-Siemens-RTP-stats"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is_nocase(name, names[i]))
            return true;
    return false;
}

bool quality_header_parse(struct slice value, struct quality_report *report)
{
    const struct {
        const char *name;
        double *number;
    } rows[] = {{"PR", &report->received}, {"PL", &report->lost}, {"JI", &report->jitter_ms}, {"MOS", &report->mos_lq}};
    struct slice name, number;
    *report = empty();
    while (pair_next(&value, &name, &number))
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (slice_is_nocase(name, rows[i].name))
                *rows[i].number = number_of(number);
    return !isnan(report->received) || !isnan(report->lost);
}

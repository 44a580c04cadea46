/* No RFC defines these bodies; this is what gateways send and what Asterisk and FreeSWITCH read: "Signal=5", "Signal= 10",
   "d=5", a bare "5". */
#include "dissectors/dtmf_info.h"

#include "dissectors/telephone_event.h"

/* A key by its sign, or by its event number of two digits ("10" is *). */
static char digit_of(struct slice value)
{
    static const char keys[] = "0123456789*#ABCD!";
    uint64_t number;
    value = slice_trim(value);
    if (value.len == 1) {
        char c = (char)value.data[0];
        if (c >= 'a' && c <= 'd')
            c = (char)(c - 'a' + 'A');
        return c != '\0' && strchr(keys, c) != NULL ? c : '\0';
    }
    if (value.len == 2 && slice_uint(value, &number) && number <= 16)
        return telephone_event_digit((uint8_t)number);
    return slice_is_nocase(value, "flash") || slice_is_nocase(value, "hf") ? '!' : '\0';
}

static void line_read(struct slice line, struct dtmf_info *info)
{
    size_t sign = slice_find(line, 0, '=');
    struct slice name = slice_trim(slice_cut(line, 0, sign)), value = slice_trim(slice_after(line, sign + 1));
    uint64_t number;
    if (sign == line.len) {
        if (info->digit == '\0')
            info->digit = digit_of(line);
    } else if (slice_is_nocase(name, "Signal") || slice_is_nocase(name, "d") || slice_is_nocase(name, "tone")) {
        info->digit = digit_of(value);
    } else if (slice_is_nocase(name, "Duration") && slice_uint(value, &number) && number <= 100000) {
        info->duration_ms = (uint32_t)number;
    }
}

bool dtmf_info_parse(struct slice type, struct slice body, struct dtmf_info *info)
{
    struct slice kind = slice_trim(slice_cut(type, 0, slice_find(type, 0, ';')));
    *info = (struct dtmf_info){0};
    if (slice_is_nocase(kind, "application/hook-flash")) {
        info->digit = '!';
        return true;
    }
    if (!slice_is_nocase(kind, "application/dtmf-relay") && !slice_is_nocase(kind, "application/dtmf") &&
        !slice_is_nocase(kind, "audio/telephone-event") && !slice_is_nocase(kind, "application/vnd.nortelnetworks.digits"))
        return false;
    for (size_t at = 0; at < body.len;) {
        size_t end = slice_find(body, at, '\n');
        struct slice line = slice_trim(slice_cut(body, at, end));
        if (line.len > 0)
            line_read(line, info);
        at = end + 1;
    }
    return info->digit != '\0';
}

/* Names of keys, both ways. */
#include "ui/press.h"

#include <stdio.h>

static const struct {
    uint32_t press;
    const char *name;
} rows[] = {
#define X(id, value, name) {value, name},
    PRESSES(X)
#undef X
};

enum { ROWS = sizeof rows / sizeof rows[0] };

size_t press_format(uint32_t press, char out[PRESS_NAME_SIZE])
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].press == press)
            return (size_t)snprintf(out, PRESS_NAME_SIZE, "%s", rows[i].name);
    if (press > 0 && press < ' ')
        return (size_t)snprintf(out, PRESS_NAME_SIZE, "^%c", (char)(press + '@'));
    if (press > ' ' && press < 0x7f)
        return (size_t)snprintf(out, PRESS_NAME_SIZE, "%c", (char)press);
    return (size_t)snprintf(out, PRESS_NAME_SIZE, "U+%04X", (unsigned)press);
}

/* A code point in hexadecimal digits; those below 0x80 have names. */
static uint32_t code_parse(struct slice digits)
{
    uint32_t code = 0;
    for (size_t i = 0; i < digits.len; i++) {
        uint8_t digit = ascii_lower(digits.data[i]);
        if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f'))
            return PRESS_NONE;
        code = code << 4 | (digit <= '9' ? digit - (uint32_t)'0' : digit - (uint32_t)'a' + 10);
    }
    return code >= 0x80 && code < 0x110000 ? code : PRESS_NONE;
}

uint32_t press_parse(struct slice name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (slice_is(name, rows[i].name))
            return rows[i].press;
    if (name.len == 2 && name.data[0] == '^' && name.data[1] > '@' && name.data[1] < ' ' + '@')
        return name.data[1] - (uint32_t)'@';
    if (slice_starts(name, "U+") && name.len <= 8)
        return code_parse(slice_after(name, 2));
    return name.len == 1 && name.data[0] > ' ' && name.data[0] < 0x7f ? name.data[0] : PRESS_NONE;
}

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
    if (press > ' ' && press < 0x7f)
        return (size_t)snprintf(out, PRESS_NAME_SIZE, "%c", (char)press);
    return (size_t)snprintf(out, PRESS_NAME_SIZE, "U+%04X", (unsigned)press);
}

uint32_t press_parse(struct slice name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (slice_is(name, rows[i].name))
            return rows[i].press;
    return name.len == 1 && name.data[0] > ' ' && name.data[0] < 0x7f ? name.data[0] : PRESS_NONE;
}

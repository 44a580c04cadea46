/* A sorted table, narrowed digit by digit. */
#include "record/numbering.h"

#include <stdio.h>

#include "record/numbering_rows.h"

enum { PREFIX_MOST = 8 };

static const struct numbering rows[] = {NUMBERING_ROWS};

/* The first row at or after `from` whose prefix has a digit of at least `digit` at place `at`; all rows from..to share what is before. */
static size_t narrow(size_t from, size_t to, size_t at, char digit)
{
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (rows[middle].prefix[at] < digit)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

const struct numbering *numbering_find(struct slice number)
{
    const struct numbering *found = NULL;
    size_t from = 0, to = sizeof rows / sizeof rows[0];
    if (number.len < 2 || number.data[0] != '+')
        return NULL;
    for (size_t at = 0; at < PREFIX_MOST && at + 1 < number.len && ascii_digit(number.data[at + 1]) && from < to; at++) {
        char digit = (char)number.data[at + 1];
        from = narrow(from, to, at, digit);
        to = narrow(from, to, at, (char)(digit + 1));
        if (from < to && rows[from].prefix[at + 1] == '\0') /* a prefix stands before those that it begins */
            found = &rows[from];
    }
    return found;
}

const char *numbering_fault(struct slice number, const struct numbering *row, char *buffer, size_t size)
{
    if (row == NULL) {
        snprintf(buffer, size, "no country has a code that begins so");
        return buffer;
    }
    size_t behind = number.len - 1 - row->code_len;
    if (behind >= row->least && behind <= row->most)
        return NULL;
    if (row->least == row->most)
        snprintf(buffer, size, "%zu digits follow +%.*s, where %u must", behind, row->code_len, row->prefix, row->least);
    else
        snprintf(buffer, size, "%zu digits follow +%.*s, where %u to %u may", behind, row->code_len, row->prefix, row->least, row->most);
    return buffer;
}

/* A sorted table searched for each length, longest first: numbers are looked up once a call, not per packet. */
#include "record/numbering.h"

#include <stdio.h>
#include <stdlib.h>

#include "record/numbering_rows.h"

enum { PREFIX_MOST = 8 };

static const struct numbering rows[] = {NUMBERING_ROWS};

static int by_prefix(const void *key, const void *row)
{
    return strcmp(key, ((const struct numbering *)row)->prefix);
}

const struct numbering *numbering_find(struct slice number)
{
    char digits[PREFIX_MOST + 1];
    size_t len = 0;
    if (number.len < 2 || number.data[0] != '+')
        return NULL;
    while (len < PREFIX_MOST && len + 1 < number.len && ascii_digit(number.data[len + 1])) {
        digits[len] = (char)number.data[len + 1];
        len++;
    }
    for (; len > 0; len--) {
        digits[len] = '\0';
        const struct numbering *row = bsearch(digits, rows, sizeof rows / sizeof rows[0], sizeof rows[0], by_prefix);
        if (row != NULL)
            return row;
    }
    return NULL;
}

const char *numbering_fault(struct slice number, char *buffer, size_t size)
{
    const struct numbering *row = numbering_find(number);
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

/* Wrapping by code points: each counts as one cell, which holds for what text_plain lets through but wide East Asian letters. */
#include "output/line_wrap.h"

#include <stdlib.h>

static bool starts_code_point(uint8_t c)
{
    return (c & 0xc0) != 0x80;
}

/* How many bytes of the line fit into `cells`; *space: where the last space is at which it may be broken, behind its margin; 0 where
   there is none. */
static size_t bytes_that_fit(struct slice line, unsigned cells, size_t *space)
{
    size_t at = 0, margin = 0;
    while (margin < line.len && line.data[margin] == ' ')
        margin++;
    *space = 0;
    for (; at < line.len; at++) {
        if (at > margin && line.data[at] == ' ')
            *space = at;
        if (!starts_code_point(line.data[at]))
            continue;
        if (cells == 0)
            break;
        cells--;
    }
    return at;
}

static void line_put(struct text *out, struct slice line, unsigned width, unsigned indent)
{
    size_t space, fit = bytes_that_fit(line, width, &space);
    while (fit < line.len) {
        size_t end = space > 0 ? space : fit;
        text_slice(out, slice_cut(line, 0, end));
        text_put(out, '\n');
        for (unsigned i = 0; i < indent; i++)
            text_put(out, ' ');
        line = slice_after(line, space > 0 ? space + 1 : end);
        fit = bytes_that_fit(line, width - indent, &space);
    }
    text_slice(out, line);
    text_put(out, '\n');
}

void line_wrap(struct text *out, size_t from, unsigned width, unsigned indent)
{
    size_t len = out->len - from;
    uint8_t *copy = out->failed || width <= indent || len == 0 ? NULL : malloc(len);
    if (copy == NULL)
        return;
    memcpy(copy, out->data + from, len);
    struct slice rest = slice_of(copy, len);
    out->len = from;
    while (rest.len > 0) {
        size_t end = slice_find(rest, 0, '\n');
        line_put(out, slice_cut(rest, 0, end), width, indent);
        rest = slice_after(rest, end + 1);
    }
    free(copy);
}

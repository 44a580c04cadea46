/* Cells. Widths are wcwidth's, so the locale must be set before; the C locale knows ASCII only, and then `ascii` should be set. */
#include "ui/canvas.h"

#include <stdlib.h>
#include <wchar.h>

bool canvas_init(struct canvas *canvas, unsigned rows, unsigned columns, bool ascii)
{
    *canvas = (struct canvas){.ascii = ascii};
    canvas->cells = calloc((size_t)rows * columns + 1, sizeof *canvas->cells);
    if (canvas->cells == NULL)
        return false;
    canvas->rows = rows;
    canvas->columns = columns;
    canvas_fill(canvas, canvas_area(canvas), ROLE_TEXT);
    return true;
}

void canvas_fini(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

struct area canvas_area(const struct canvas *canvas)
{
    return (struct area){.rows = canvas->rows, .columns = canvas->columns};
}

struct area area_below(struct area area, unsigned row)
{
    row = row < area.rows ? row : area.rows;
    return (struct area){area.row + row, area.column, area.rows - row, area.columns};
}

struct area area_right(struct area area, unsigned column)
{
    column = column < area.columns ? column : area.columns;
    return (struct area){area.row, area.column + column, area.rows, area.columns - column};
}

struct area area_left(struct area area, unsigned columns)
{
    return (struct area){area.row, area.column, area.rows, columns < area.columns ? columns : area.columns};
}

struct area area_row(struct area area, unsigned row)
{
    area = area_below(area, row);
    area.rows = area.rows > 0;
    return area;
}

/* The part of the area that is on the canvas. */
static struct area clip(const struct canvas *canvas, struct area area)
{
    unsigned rows = area.row < canvas->rows ? canvas->rows - area.row : 0;
    unsigned columns = area.column < canvas->columns ? canvas->columns - area.column : 0;
    area.rows = area.rows < rows ? area.rows : rows;
    area.columns = area.columns < columns ? area.columns : columns;
    return area;
}

static struct cell *cell_at(const struct canvas *canvas, unsigned row, unsigned column)
{
    return &canvas->cells[(size_t)row * canvas->columns + column];
}

/* Half of a wide character cannot be shown: when one half is written over, the other becomes a blank. */
static void cell_part(const struct canvas *canvas, unsigned row, unsigned column)
{
    struct cell *cell = cell_at(canvas, row, column);
    struct cell *other = cell->width == 0 && column > 0                       ? cell - 1
                         : cell->width == 2 && column + 1 < canvas->columns ? cell + 1
                                                                               : NULL;
    if (other != NULL)
        *other = (struct cell){.base = ' ', .width = 1, .role = other->role};
}

static void cell_put(const struct canvas *canvas, unsigned row, unsigned column, uint32_t base, unsigned width, enum role role)
{
    for (unsigned i = 0; i < width; i++) {
        cell_part(canvas, row, column + i);
        *cell_at(canvas, row, column + i) = (struct cell){
            .base = i == 0 ? base : 0, .width = (uint8_t)(i == 0 ? width : 0), .role = (uint8_t)role};
    }
}

void canvas_fill(struct canvas *canvas, struct area area, enum role role)
{
    area = clip(canvas, area);
    for (unsigned row = area.row; row < area.row + area.rows; row++)
        for (unsigned column = area.column; column < area.column + area.columns; column++)
            cell_put(canvas, row, column, ' ', 1, role);
}

void canvas_paint(struct canvas *canvas, struct area area, enum role role)
{
    area = clip(canvas, area);
    for (unsigned row = area.row; row < area.row + area.rows; row++)
        for (unsigned column = area.column; column < area.column + area.columns; column++)
            cell_at(canvas, row, column)->role = (uint8_t)role;
}

/* One code point of a text: its bytes, and the cells it takes. cells 0: it stands over the one before, or shows nothing. */
struct glyph {
    uint32_t code;
    size_t bytes;
    unsigned cells;
};

static uint32_t utf8_code(const uint8_t *b, size_t n)
{
    switch (n) {
    case 1:
        return b[0];
    case 2:
        return (b[0] & 0x1fu) << 6 | (b[1] & 0x3fu);
    case 3:
        return (b[0] & 0xfu) << 12 | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);
    default:
        return (b[0] & 7u) << 18 | (b[1] & 0x3fu) << 12 | (b[2] & 0x3fu) << 6 | (b[3] & 0x3fu);
    }
}

/* Code points that steer the terminal, or whose width terminals do not agree on: soft hyphen, bidirectional marks, joiners, line
   separators, variation selectors, byte order mark, tags. */
static bool code_steers(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c || code == 0x180e ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
           (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) || code >= 0xe0000;
}

static struct glyph glyph_next(const struct canvas *canvas, struct slice text, size_t at)
{
    struct glyph dot = {.code = '.', .bytes = 1, .cells = 1};
    if (text.data[at] >= 0x20 && text.data[at] < 0x7f)
        return (struct glyph){.code = text.data[at], .bytes = 1, .cells = 1};
    size_t bytes = utf8_length(text, at);
    if (bytes == 0)
        return dot;
    dot.bytes = bytes;
    uint32_t code = utf8_code(text.data + at, bytes);
    if (code_steers(code))
        return dot;
    int cells = wcwidth((wchar_t)code);
    if (canvas->ascii || cells < 0 || cells > 2) {
        dot.code = '?';
        return dot;
    }
    return (struct glyph){.code = code, .bytes = bytes, .cells = (unsigned)cells};
}

static void mark_put(struct cell *cell, uint32_t mark)
{
    for (int i = 0; i < CELL_MARKS; i++)
        if (cell->marks[i] == 0) {
            cell->marks[i] = mark;
            return;
        }
}

/* The last cell says that there is more. */
static void cut_mark(const struct canvas *canvas, struct area area, enum role role)
{
    cell_put(canvas, area.row, area.column + area.columns - 1, canvas->ascii ? '~' : 0x2026, 1, role);
}

unsigned canvas_text(struct canvas *canvas, struct area area, enum role role, struct slice text)
{
    unsigned used = 0, last = 0; /* last: the cell that a combining character joins */
    area = clip(canvas, area);
    if (area.rows == 0 || area.columns == 0)
        return 0;
    for (size_t at = 0; at < text.len;) {
        struct glyph glyph = glyph_next(canvas, text, at);
        at += glyph.bytes;
        if (glyph.cells == 0) {
            if (used > 0)
                mark_put(cell_at(canvas, area.row, area.column + last), glyph.code);
            continue;
        }
        if (used + glyph.cells > area.columns) {
            if (used < area.columns)
                canvas_fill(canvas, area_right(area_row(area, 0), used), role);
            cut_mark(canvas, area, role);
            return area.columns;
        }
        cell_put(canvas, area.row, area.column + used, glyph.code, glyph.cells, role);
        last = used;
        used += glyph.cells;
    }
    return used;
}

unsigned canvas_words(struct canvas *canvas, struct area area, enum role role, const char *text)
{
    return canvas_text(canvas, area, role, slice_str(text));
}

unsigned canvas_text_right(struct canvas *canvas, struct area area, enum role role, struct slice text)
{
    unsigned width = canvas_width(canvas, text, area.columns);
    return canvas_text(canvas, area_right(area, width < area.columns ? area.columns - width : 0), role, text);
}

unsigned canvas_width(const struct canvas *canvas, struct slice text, unsigned most)
{
    unsigned cells = 0;
    for (size_t at = 0; at < text.len && cells <= most;) {
        struct glyph glyph = glyph_next(canvas, text, at);
        at += glyph.bytes;
        cells += glyph.cells;
    }
    return cells;
}

size_t canvas_fit(const struct canvas *canvas, struct slice text, unsigned cells)
{
    size_t at = 0;
    while (at < text.len) {
        struct glyph glyph = glyph_next(canvas, text, at);
        if (glyph.cells > cells)
            break;
        cells -= glyph.cells;
        at += glyph.bytes;
    }
    return at;
}

static void code_print(struct text *out, uint32_t code)
{
    if (code < 0x80) {
        text_put(out, (char)code);
        return;
    }
    if (code < 0x800) {
        text_put(out, (char)(0xc0 | code >> 6));
    } else {
        if (code >= 0x10000)
            text_put(out, (char)(0xf0 | code >> 18));
        text_put(out, (char)(code >= 0x10000 ? 0x80 | (code >> 12 & 0x3f) : 0xe0 | code >> 12));
        text_put(out, (char)(0x80 | (code >> 6 & 0x3f)));
    }
    text_put(out, (char)(0x80 | (code & 0x3f)));
}

void canvas_print(const struct canvas *canvas, struct text *out)
{
    for (unsigned row = 0; row < canvas->rows; row++) {
        size_t end = out->len;
        for (unsigned column = 0; column < canvas->columns; column++) {
            const struct cell *cell = cell_at(canvas, row, column);
            if (cell->width == 0)
                continue; /* the left half says it */
            code_print(out, cell->base);
            for (int i = 0; i < CELL_MARKS && cell->marks[i] != 0; i++)
                code_print(out, cell->marks[i]);
            if (cell->base != ' ')
                end = out->len;
        }
        out->len = out->failed ? out->len : end;
        text_put(out, '\n');
    }
}

/* Wrapping happens at each drawing: a screen's text is short, and the terminal may have another width. */
#include "ui/text_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LABEL_CELLS = 17 };

void text_view_fini(struct text_view *view)
{
    text_fini(&view->text);
    free(view->lines);
    *view = (struct text_view){0};
}

void text_view_reset(struct text_view *view)
{
    text_reset(&view->text);
    view->count = 0;
    view->hit = 0;
}

static void line_add(struct text_view *view, struct text_view_line line)
{
    if (view->count == view->room) {
        size_t room = view->room == 0 ? 64 : view->room * 2;
        struct text_view_line *lines = realloc(view->lines, room * sizeof *lines);
        if (lines == NULL)
            return;
        view->lines = lines;
        view->room = room;
    }
    line.len = view->text.len - line.at;
    view->lines[view->count++] = line;
}

void text_view_line(struct text_view *view, enum role role, const char *format, ...)
{
    char words[400];
    size_t at = view->text.len;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    text_str(&view->text, words);
    line_add(view, (struct text_view_line){.at = at, .role = (uint8_t)role});
}

void text_view_pair(struct text_view *view, const char *label, enum role role, struct slice value)
{
    size_t at = view->text.len;
    text_format(&view->text, "%-*s", LABEL_CELLS - 1, label);
    text_put(&view->text, ' ');
    unsigned labelled = (unsigned)(view->text.len - at); /* a longer label pushes its value on */
    text_slice(&view->text, value);
    line_add(view, (struct text_view_line){.at = at, .indent = LABEL_CELLS, .labelled = labelled, .role = (uint8_t)role});
}

void text_view_named(struct text_view *view, size_t labelled, enum role role, struct slice text)
{
    size_t at = view->text.len;
    text_slice(&view->text, text);
    line_add(view, (struct text_view_line){.at = at, .indent = 2, .labelled = (unsigned)labelled, .role = (uint8_t)role});
}

void text_view_paragraph(struct text_view *view, unsigned indent, enum role role, struct slice text)
{
    size_t at = view->text.len;
    text_format(&view->text, "%*s", (int)indent, "");
    text_slice(&view->text, text);
    line_add(view, (struct text_view_line){.at = at, .indent = indent, .role = (uint8_t)role});
}

bool text_view_find(struct text_view *view, struct slice word, bool backwards)
{
    size_t at = view->hit > 0 ? view->hit - 1 : backwards ? 0 : view->count - 1;
    for (size_t i = 0; i < view->count && word.len > 0; i++) {
        at = backwards ? (at > 0 ? at - 1 : view->count - 1) : at + 1 < view->count ? at + 1 : 0;
        struct slice line = slice_of(view->text.data + view->lines[at].at, view->lines[at].len);
        for (size_t from = 0; from + word.len <= line.len; from++)
            if (slice_equal_nocase(slice_cut(line, from, from + word.len), word)) {
                view->hit = at + 1;
                return view->seek = true;
            }
    }
    view->hit = 0;
    return false;
}

void text_view_move(struct text_view *view, enum move move)
{
    list_view_scroll(&view->window, move);
}

/* How many bytes of the rest go on this line: up to a space where there is one behind the margin. */
static size_t line_fit(const struct canvas *canvas, struct slice rest, unsigned cells, size_t margin)
{
    size_t fit = canvas_fit(canvas, rest, cells);
    if (fit == 0)
        return rest.len; /* not even one character: the canvas will mark it */
    if (fit == rest.len)
        return fit;
    for (size_t at = fit; at > margin; at--)
        if (rest.data[at] == ' ')
            return at;
    return fit;
}

/* Goes through the wrapped lines of one line; draws those that `skip` leaves in the area. Returns how many there are. */
static size_t line_draw(const struct text_view_line *line, struct slice text, struct canvas *canvas, struct area area,
                        size_t skip, bool hit)
{
    size_t count = 0;
    unsigned indent = line->indent * 2 < area.columns ? line->indent : 0;
    size_t margin = line->indent;
    do {
        unsigned before = count == 0 ? 0 : indent;
        size_t fit = line_fit(canvas, text, area.columns - before, count == 0 ? margin : 0);
        if (count >= skip && count - skip < area.rows) {
            struct area row = area_row(area, (unsigned)(count - skip));
            canvas_text(canvas, area_right(row, before), (enum role)line->role, slice_cut(text, 0, fit));
            if (hit)
                canvas_paint(canvas, row, ROLE_SELECTED);
            else if (count == 0 && line->labelled > 0)
                canvas_paint(canvas, area_left(row, line->labelled), ROLE_LABEL);
        }
        text = slice_after(text, fit);
        while (text.len > 0 && text.data[0] == ' ')
            text = slice_after(text, 1);
        count++;
    } while (text.len > 0);
    return count;
}

void text_view_draw(struct text_view *view, struct canvas *canvas, struct area area)
{
    struct area nothing = {.columns = area.columns};
    size_t total = 0, at = 0, hit_at = 0;
    if (area.columns == 0 || view->text.failed)
        return;
    for (size_t i = 0; i < view->count; i++) {
        hit_at = i + 1 == view->hit ? total : hit_at;
        total += line_draw(&view->lines[i], slice_of(view->text.data + view->lines[i].at, view->lines[i].len), canvas, nothing,
                           0, false);
    }
    if (view->seek && view->hit > 0 && (hit_at < view->window.top || hit_at >= view->window.top + area.rows))
        view->window.top = hit_at > area.rows / 2 ? hit_at - area.rows / 2 : 0;
    view->seek = false;
    view->window.selected = view->window.top;
    list_view_fit(&view->window, total, area.rows);
    size_t top = view->window.top;
    for (size_t i = 0; i < view->count; i++) {
        struct slice text = slice_of(view->text.data + view->lines[i].at, view->lines[i].len);
        struct area rest = at < top ? area : area_below(area, (unsigned)(at - top));
        at += line_draw(&view->lines[i], text, canvas, rest, at < top ? top - at : 0, i + 1 == view->hit);
    }
}

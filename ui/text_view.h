/* Lines of text that scroll: made once, wrapped to the width that there is. */
#ifndef UI_TEXT_VIEW_H
#define UI_TEXT_VIEW_H

#include "base/text.h"
#include "ui/canvas.h"
#include "ui/list_view.h"

struct text_view_line {
    size_t at, len;   /* in text */
    unsigned indent;  /* of the lines that it is wrapped into, but the first */
    unsigned labelled; /* so many of its first cells are a label */
    uint8_t role;
};

/* Owns its text. Zeroed memory is valid and empty. */
struct text_view {
    struct text text;
    struct text_view_line *lines;
    size_t count, room;
    struct list_view window; /* over the lines as they are wrapped */
    size_t hit;              /* 1 + the line that text_view_find found; 0: none */
    bool seek;               /* it is brought into sight when it is drawn */
};

void text_view_fini(struct text_view *view);

/* Empties it and keeps where it was scrolled to. */
void text_view_reset(struct text_view *view);

/* A line of one role. */
void text_view_line(struct text_view *view, enum role role, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "label     value", the value wrapped below itself; value is text from the wire or the program's. */
void text_view_pair(struct text_view *view, const char *label, enum role role, struct slice value);

/* A line of which the first `labelled` bytes are a name, as they stand. */
void text_view_named(struct text_view *view, size_t labelled, enum role role, struct slice text);

/* A paragraph, wrapped and indented. */
void text_view_paragraph(struct text_view *view, unsigned indent, enum role role, struct slice text);

/* Looks for the word, without case, from the line behind the last hit on (or backwards from it), and around the end. False: nowhere. */
bool text_view_find(struct text_view *view, struct slice word, bool backwards);

void text_view_move(struct text_view *view, enum move move);

void text_view_draw(struct text_view *view, struct canvas *canvas, struct area area);

#endif

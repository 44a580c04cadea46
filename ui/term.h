/* The terminal: shows a canvas, gives key presses. The only place that knows ncurses. */
#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>

#include "base/error.h"
#include "ui/canvas.h"
#include "ui/press.h"
#include "ui/theme.h"

struct term;

/* Thread: one thread uses a term, and there is one at a time: ncurses keeps globals. */

/* Opens /dev/tty, so that standard input may be a capture and standard output a file. Sets the locale of characters. NULL with a
   message. Ctrl-C stays a signal; Ctrl-Z and the return from it are ncurses' own. */
struct term *term_open(struct error *error);

/* Gives the terminal back as it was. */
void term_close(struct term *term);

/* Changes colours, and whether the mouse is the program's (else the terminal selects text with it). */
void term_settle(struct term *term, enum theme theme, bool mouse);

/* True where nothing but ASCII can be shown. */
bool term_ascii(const struct term *term);

void term_size(const struct term *term, unsigned *rows, unsigned *columns);

/* The next press; PRESS_NONE when there is none now. */
uint32_t term_press(struct term *term);

/* Shows the canvas; only what differs from what is shown travels, but all of it with `again`. */
void term_show(struct term *term, const struct canvas *canvas, bool again);

/* Readable (poll) when a key was pressed. */
int term_descriptor(const struct term *term);

#endif

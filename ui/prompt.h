/* A line of text that is typed: search words, filters, file names. */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include <stdbool.h>

#include "base/slice.h"
#include "ui/press.h"

enum { PROMPT_BYTES = 400 };

/* Zeroed memory is valid and empty. */
struct prompt {
    char text[PROMPT_BYTES]; /* UTF-8 */
    size_t len;
    bool typing;
};

enum prompt_step { PROMPT_OTHER, PROMPT_CHANGED, PROMPT_DONE, PROMPT_LEFT };

/* Takes a press while it is typed: a letter, Backspace, ^U; Enter: done; Esc: left, and emptied. OTHER: the press is not for it. */
enum prompt_step prompt_press(struct prompt *prompt, uint32_t press);

/* Begins anew. */
void prompt_begin(struct prompt *prompt);

static inline struct slice prompt_text(const struct prompt *prompt)
{
    return slice_of(prompt->text, prompt->len);
}

#endif

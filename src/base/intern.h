/* Repeated short texts (codec names, user agents) kept once and named by a small number. */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include "base/arena.h"
#include "base/table.h"

enum { INTERN_NONE = 0, INTERN_MAX = 4096, INTERN_TEXT_MAX = 256 };

/* Owns its copies. Zeroed memory is valid and empty, but `seed` should be set. */
struct intern {
    struct slice texts[INTERN_MAX];
    uint16_t count;
    uint64_t seed;
    struct table table;
    struct arena arena;
};

void intern_fini(struct intern *intern);

/* The text's number (from 1), cut to INTERN_TEXT_MAX; INTERN_NONE for an empty text, when all numbers are taken, or without
   memory. */
uint16_t intern_number(struct intern *intern, struct slice text);

static inline struct slice intern_text(const struct intern *intern, uint16_t number)
{
    return number == INTERN_NONE || number > intern->count ? SLICE_NONE : intern->texts[number - 1];
}

/* The same as intern_number, quicker where the text is that of `guess`. */
static inline uint16_t intern_number_like(struct intern *intern, struct slice text, uint16_t guess)
{
    return guess != INTERN_NONE && slice_equal(intern_text(intern, guess), text) ? guess : intern_number(intern, text);
}

#endif

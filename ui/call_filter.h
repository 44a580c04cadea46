/* The filter bar: which calls of the list are shown. A comparison, or what begins with "not" or a bracket, is a query of -w; anything
   else is words that all have to stand somewhere in what identifies a call. */
#ifndef UI_CALL_FILTER_H
#define UI_CALL_FILTER_H

#include "record/query.h"
#include "ui/aliases.h"
#include "ui/canvas.h"
#include "ui/prompt.h"

enum { FILTER_HISTORY = 20 };

/* Owns its query. Zeroed memory is valid: all calls pass. */
struct call_filter {
    struct prompt prompt;
    const struct aliases *aliases; /* words may be their names, too; borrowed; NULL */
    struct query *query;       /* the newest that was right; NULL: words */
    char words[PROMPT_BYTES];  /* lower case does not matter */
    size_t words_len;
    char wrong[120];           /* why the text is no query; "" */
    size_t wrong_at;           /* where: a byte of the text */
    char hint[400];            /* the fields that a completion may mean; "" */
    char history[FILTER_HISTORY][PROMPT_BYTES]; /* newest first */
    size_t history_count, history_at;           /* at: 1 + which is shown while typing; 0: none */
};

void call_filter_fini(struct call_filter *filter);

/* False: all calls pass. */
bool call_filter_active(const struct call_filter *filter);

bool call_filter_passes(const struct call_filter *filter, const struct call_record *call);

/* What a press did: OTHER: not for the bar; CHANGED: other calls may pass now; DONE, LEFT: the bar is closed (left: all pass). */
enum prompt_step call_filter_press(struct call_filter *filter, uint32_t press);

/* Opens the bar with what the filter is. */
void call_filter_begin(struct call_filter *filter);

/* Lets all calls pass. */
void call_filter_reset(struct call_filter *filter);

/* Rows that the bar takes below a list while it is typed. */
enum { FILTER_ROWS = 2 };

void call_filter_draw(const struct call_filter *filter, struct canvas *canvas, struct area area);

#endif

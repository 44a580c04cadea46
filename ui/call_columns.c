/* The table of columns: to add one, write its cell and its row. */
#include "ui/call_columns.h"

#include "ui/words.h"

static void cell_id(struct text *out, const struct call_record *call)
{
    text_uint(out, call->id);
}

static void cell_start(struct text *out, const struct call_record *call)
{
    words_time_of_day(out, call->start);
}

static void cell_method(struct text *out, const struct call_record *call)
{
    text_slice(out, call->method);
}

static void cell_state(struct text *out, const struct call_record *call)
{
    text_slice(out, call->state);
}

static void cell_answer(struct text *out, const struct call_record *call)
{
    if (call->status != NUMBER_NONE)
        text_uint(out, call->status);
}

static void cell_reason(struct text *out, const struct call_record *call)
{
    text_slice(out, call->reason);
}

static void cell_from(struct text *out, const struct call_record *call)
{
    text_slice(out, call->from_user);
}

static void cell_to(struct text *out, const struct call_record *call)
{
    text_slice(out, call->to_user);
}

static void cell_src(struct text *out, const struct call_record *call)
{
    words_endpoint(out, &call->src);
}

static void cell_dst(struct text *out, const struct call_record *call)
{
    words_endpoint(out, &call->dst);
}

static void cell_pdd(struct text *out, const struct call_record *call)
{
    if (call->pdd != CLOCK_NONE)
        words_span(out, call->pdd);
}

static void cell_talk(struct text *out, const struct call_record *call)
{
    if (call->duration != CLOCK_NONE)
        words_span(out, call->duration);
}

static void cell_messages(struct text *out, const struct call_record *call)
{
    text_uint(out, call->messages);
}

static void cell_mos(struct text *out, const struct call_record *call)
{
    if (!isnan(call->mos))
        text_real(out, call->mos, 2);
}

static void cell_findings(struct text *out, const struct call_record *call)
{
    words_findings(out, call->findings);
}

/* In the order in which they stand. Those of a low rank stay when the terminal is narrow. Room that is left widens them by rank, first
   up to `fair`, then up to `most`. */
static const struct column {
    const char *title;
    unsigned least, fair, most, rank;
    bool right; /* numbers end in one column */
    void (*cell)(struct text *out, const struct call_record *call);
} columns[] = {
    {"#", 4, 4, 7, 5, true, cell_id},
    {"Start", 12, 12, 12, 10, false, cell_start},
    {"Method", 8, 8, 10, 8, false, cell_method},
    {"State", 9, 9, 10, 0, false, cell_state},
    {"Ans", 3, 3, 3, 6, false, cell_answer},
    {"Reason", 9, 14, 22, 14, false, cell_reason},
    {"From", 12, 13, 24, 1, false, cell_from},
    {"To", 12, 13, 24, 4, false, cell_to},
    {"Src", 17, 17, 26, 12, false, cell_src},
    {"Dst", 17, 17, 26, 11, false, cell_dst},
    {"PDD", 6, 6, 7, 9, true, cell_pdd},
    {"Talk", 6, 6, 8, 7, true, cell_talk},
    {"MOS", 4, 4, 4, 3, true, cell_mos},
    {"Msgs", 4, 4, 6, 13, true, cell_messages},
    {"Found", 5, 5, 9, 2, false, cell_findings},
};

enum { COLUMNS = sizeof columns / sizeof columns[0], MARKER = 1 };

_Static_assert(sizeof columns / sizeof columns[0] <= CALL_COLUMNS_MAX, "call_columns.widths has room for each");

static void columns_widen(unsigned cells, unsigned *used, unsigned widths[COLUMNS], bool most)
{
    for (unsigned rank = 0; rank < COLUMNS; rank++)
        for (int i = 0; i < COLUMNS; i++) {
            unsigned limit = most ? columns[i].most : columns[i].fair;
            if (columns[i].rank != rank || widths[i] == 0 || widths[i] >= limit)
                continue;
            unsigned more = limit - widths[i], left = cells - *used;
            widths[i] += more < left ? more : left;
            *used += more < left ? more : left;
        }
}

/* The numbers of calls are never cut: they are what "other legs" and people name a call by. */
static unsigned column_least(int column, uint64_t id_most)
{
    unsigned digits = 1;
    for (; columns[column].cell == cell_id && id_most >= 10; id_most /= 10)
        digits++;
    return digits > columns[column].least ? digits : columns[column].least;
}

void call_columns_fit(struct call_columns *fitted, unsigned cells, uint64_t id_most)
{
    unsigned used = MARKER, *widths = fitted->widths;
    *fitted = (struct call_columns){0};
    for (unsigned rank = 0; rank < COLUMNS; rank++)
        for (int i = 0; i < COLUMNS; i++) {
            unsigned least = column_least(i, id_most) + (used > MARKER);
            if (columns[i].rank != rank || used + least > cells)
                continue;
            widths[i] = column_least(i, id_most);
            used += least;
        }
    columns_widen(cells, &used, widths, false);
    columns_widen(cells, &used, widths, true);
}

static enum role state_role(const struct call_record *call)
{
    static const struct {
        enum call_state state;
        enum role role;
    } rows[] = {{CALL_IN_CALL, ROLE_GOOD},    {CALL_COMPLETED, ROLE_GOOD},     {CALL_DONE, ROLE_GOOD},
                {CALL_BUSY, ROLE_WARNING},    {CALL_CANCELLED, ROLE_WARNING},  {CALL_REDIRECTED, ROLE_WARNING},
                {CALL_REJECTED, ROLE_ERROR},  {CALL_TIMEOUT, ROLE_ERROR},      {CALL_PARTIAL, ROLE_DIM}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (slice_is(call->state, call_state_names[rows[i].state]))
            return rows[i].role;
    return ROLE_TEXT;
}

static enum role cell_role(const struct column *column, const struct call_record *call)
{
    if (column->cell == cell_state)
        return state_role(call);
    if (column->cell == cell_findings)
        return call->findings[SEVERITY_ERROR] > 0 ? ROLE_ERROR : call->findings[SEVERITY_WARNING] > 0 ? ROLE_WARNING : ROLE_DIM;
    return ROLE_TEXT;
}

void call_columns_fini(struct call_columns *fitted)
{
    text_fini(&fitted->cell);
}

void call_columns_heading(const struct call_columns *fitted, struct canvas *canvas, struct area area)
{
    unsigned at = MARKER;
    canvas_fill(canvas, area, ROLE_HEADING);
    for (int i = 0; i < COLUMNS; i++) {
        if (fitted->widths[i] == 0)
            continue;
        struct area cell = area_left(area_right(area, at), fitted->widths[i]);
        if (columns[i].right)
            canvas_text_right(canvas, cell, ROLE_HEADING, slice_str(columns[i].title));
        else
            canvas_words(canvas, cell, ROLE_HEADING, columns[i].title);
        at += fitted->widths[i] + 1;
    }
}

void call_columns_draw(struct call_columns *fitted, struct canvas *canvas, struct area area, const struct call_record *call, bool selected)
{
    unsigned at = MARKER;
    for (int i = 0; i < COLUMNS; i++) {
        if (fitted->widths[i] == 0)
            continue;
        struct area cell = area_left(area_right(area, at), fitted->widths[i]);
        text_reset(&fitted->cell);
        columns[i].cell(&fitted->cell, call);
        struct slice text = slice_of(fitted->cell.data, fitted->cell.len);
        if (columns[i].right)
            canvas_text_right(canvas, cell, cell_role(&columns[i], call), text);
        else
            canvas_text(canvas, cell, cell_role(&columns[i], call), text);
        at += fitted->widths[i] + 1;
    }
    if (!selected)
        return;
    canvas_words(canvas, area, ROLE_SELECTED, ">"); /* seen without colours and attributes too */
    canvas_paint(canvas, area, ROLE_SELECTED);
}

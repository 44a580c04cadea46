/* Two messages beside each other, the lines that belong together on one row, and what differs within a line marked; where the terminal
   is narrow, below each other: "-" the first one's line, "+" the second one's. */
#include <stdlib.h>

#include "ui/align.h"
#include "ui/message_words.h"
#include "ui/screen.h"

enum { DIFF_LINES = 400, BESIDE_FROM = 100, SHIFT_STEP = 8 };

struct side {
    struct text text;
    struct reading_line lines[DIFF_LINES];
    size_t count;
    struct kept_message message;
};

struct message_diff {
    struct list_view view;
    struct side *sides;                    /* two */
    struct align_row rows[2 * DIFF_LINES];
    size_t count;
    size_t different;
    bool only_different;                   /* equal lines are left out */
    unsigned shift;
};

static void side_read(const struct stage *stage, struct side *side, const struct kept_message *message)
{
    struct error error = {""};
    side->message = *message;
    if (!message_store_text(&stage->messages, message, &side->text, &error)) {
        text_reset(&side->text);
        text_str(&side->text, error.text);
    }
    size_t count = reading_lines(slice_of(side->text.data, side->text.len), side->lines, DIFF_LINES);
    side->count = count < DIFF_LINES ? count : DIFF_LINES;
}

static void diff_make(struct message_diff *diff)
{
    size_t all = align_lines(diff->sides[0].lines, diff->sides[0].count, diff->sides[1].lines, diff->sides[1].count, diff->rows);
    diff->count = diff->different = 0;
    for (size_t i = 0; i < all; i++) {
        diff->different += !diff->rows[i].same;
        if (!diff->rows[i].same || !diff->only_different)
            diff->rows[diff->count++] = diff->rows[i];
    }
    diff->view = (struct list_view){.page = diff->view.page};
}

/* The earlier one stands first. */
static void diff_open(struct stage *stage, void *state)
{
    struct message_diff *diff = state;
    bool turned = stage->message.at < stage->compared.at;
    if (diff->sides == NULL && (diff->sides = calloc(2, sizeof *diff->sides)) == NULL)
        return;
    side_read(stage, &diff->sides[0], turned ? &stage->message : &stage->compared);
    side_read(stage, &diff->sides[1], turned ? &stage->compared : &stage->message);
    diff->shift = 0;
    diff_make(diff);
}

/* One line, the part that differs marked. */
static void line_draw(const struct message_diff *diff, struct canvas *canvas, struct area area, const struct align_row *row,
                      int which)
{
    size_t at = which == 0 ? row->left : row->right, other = which == 0 ? row->right : row->left;
    if (at == ALIGN_NONE)
        return;
    struct slice line = diff->sides[which].lines[at].text;
    size_t from = 0, to = line.len, skip = canvas_fit(canvas, line, diff->shift);
    if (other != ALIGN_NONE)
        align_differs(line, diff->sides[!which].lines[other].text, &from, &to);
    canvas_text(canvas, area, row->same ? ROLE_TEXT : other == ALIGN_NONE ? ROLE_WARNING : ROLE_TEXT, slice_after(line, skip));
    if (row->same || other == ALIGN_NONE || to <= skip)
        return;
    from = from > skip ? from : skip;
    unsigned begin = canvas_width(canvas, slice_cut(line, skip, from), area.columns);
    unsigned end = canvas_width(canvas, slice_cut(line, skip, to), area.columns);
    canvas_paint(canvas, area_left(area_right(area, begin), end > begin ? end - begin : 0), ROLE_WARNING);
}

static void place_draw(const struct stage *stage, const struct side *side, struct canvas *canvas, struct area area)
{
    struct text place = {0};
    message_place(&place, &stage->messages, &stage->settings.aliases, &side->message);
    canvas_text(canvas, area, ROLE_HEADING, slice_of(place.data, place.len));
    text_fini(&place);
}

static void beside_draw(const struct stage *stage, struct message_diff *diff, struct canvas *canvas, struct area area)
{
    unsigned half = (area.columns - 3) / 2;
    struct area left = area_left(area, half), right = area_right(area, half + 3);
    canvas_fill(canvas, area_row(area, 0), ROLE_HEADING);
    place_draw(stage, &diff->sides[0], canvas, area_row(left, 0));
    place_draw(stage, &diff->sides[1], canvas, area_row(right, 0));
    list_view_fit(&diff->view, diff->count, area.rows - 1);
    for (unsigned i = 0; i + 1 < area.rows && diff->view.top + i < diff->count; i++) {
        const struct align_row *row = &diff->rows[diff->view.top + i];
        const char *mark = row->same ? " " : row->left == ALIGN_NONE ? ">" : row->right == ALIGN_NONE ? "<" : "|";
        line_draw(diff, canvas, area_row(left, i + 1), row, 0);
        canvas_words(canvas, area_left(area_right(area_row(area, i + 1), half + 1), 1), ROLE_WARNING, mark);
        line_draw(diff, canvas, area_row(right, i + 1), row, 1);
    }
}

/* Below each other: a row takes two lines where both messages have one and they differ. */
static unsigned below_row(struct message_diff *diff, struct canvas *canvas, struct area area, const struct align_row *row)
{
    unsigned used = 0;
    for (int which = 0; which < 2; which++) {
        if ((which == 0 ? row->left : row->right) == ALIGN_NONE || (which == 1 && row->same))
            continue;
        struct area line = area_row(area, used++);
        if (!row->same)
            canvas_words(canvas, area_left(line, 1), ROLE_WARNING, which == 0 ? "-" : "+");
        line_draw(diff, canvas, area_right(line, 2), row, which);
    }
    return used;
}

static void below_draw(const struct stage *stage, struct message_diff *diff, struct canvas *canvas, struct area area)
{
    canvas_fill(canvas, area_left(area_row(area, 0), area.columns), ROLE_HEADING);
    canvas_fill(canvas, area_row(area, 1), ROLE_HEADING);
    canvas_words(canvas, area_row(area, 0), ROLE_HEADING, "-");
    canvas_words(canvas, area_row(area, 1), ROLE_HEADING, "+");
    place_draw(stage, &diff->sides[0], canvas, area_right(area_row(area, 0), 2));
    place_draw(stage, &diff->sides[1], canvas, area_right(area_row(area, 1), 2));
    list_view_fit(&diff->view, diff->count, area.rows - 2);
    unsigned used = 2;
    for (size_t at = diff->view.top; at < diff->count && used < area.rows; at++)
        used += below_row(diff, canvas, area_below(area, used), &diff->rows[at]);
}

static void diff_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct message_diff *diff = state;
    if (diff->sides == NULL)
        return;
    if (area.columns >= BESIDE_FROM)
        beside_draw(stage, diff, canvas, area);
    else
        below_draw(stage, diff, canvas, area);
}

static void diff_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct message_diff *diff = state;
    (void)stage;
    text_format(out, "%zu %s", diff->different, diff->different == 1 ? "difference" : "differences");
}

static bool diff_command(struct stage *stage, void *state, enum command command)
{
    struct message_diff *diff = state;
    enum move move;
    (void)stage;
    if (screen_move(command, &move)) {
        list_view_scroll(&diff->view, move);
        return true;
    }
    switch (command) {
    case COMMAND_FORM:
        diff->only_different = !diff->only_different;
        if (diff->sides != NULL)
            diff_make(diff);
        return true;
    case COMMAND_LEFT:
        diff->shift -= diff->shift < SHIFT_STEP ? diff->shift : SHIFT_STEP;
        return true;
    case COMMAND_RIGHT:
        diff->shift += SHIFT_STEP;
        return true;
    default:
        return false;
    }
}

static void diff_close(void *state)
{
    struct message_diff *diff = state;
    for (int i = 0; i < 2 && diff->sides != NULL; i++)
        text_fini(&diff->sides[i].text);
    free(diff->sides);
}

static const struct key_row keys[] = {
    {COMMAND_FORM, {PRESS_TAB, 'e'}, "All/different", "all lines, or only those that differ"},
    {COMMAND_LEFT, {PRESS_LEFT, 'h'}, NULL, "to the left, where lines are longer than fits"},
    {COMMAND_RIGHT, {PRESS_RIGHT, 'l'}, NULL, "to the right"},
};

const struct screen screen_message_diff = {.name = "compare",
                                           .title = "Compare",
                                           .help = "two messages of the flow, line by line: what differs, also within a line",
                                           .keys = {keys, sizeof keys / sizeof keys[0]},
                                           .state_size = sizeof(struct message_diff),
                                           .open = diff_open,
                                           .close = diff_close,
                                           .draw = diff_draw,
                                           .command = diff_command,
                                           .status = diff_status};

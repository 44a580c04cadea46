/* What is shown and how: colours, mouse, the columns of the call list and their order. It takes effect at once; s keeps it. */
#include <stdio.h>

#include "ui/call_columns.h"
#include "ui/prompt.h"
#include "ui/screen.h"

enum { ROW_THEME, ROW_MOUSE, FIXED_ROWS };

struct settings_view {
    struct list_view view;
    uint8_t order[COLUMNS_MAX]; /* all columns: the chosen ones first, in order */
    size_t chosen;
    struct prompt header;           /* the name of a SIP header, while it is typed */
    char said[SETTINGS_PATH + 100]; /* of saving, or of that name */
    bool failed;
};

static void order_make(const struct settings *settings, struct settings_view *view)
{
    bool on[COLUMNS_MAX] = {false};
    size_t count = view->chosen = settings_columns(settings, view->order);
    for (size_t i = 0; i < count; i++)
        on[view->order[i]] = true;
    for (size_t i = 0; i < settings_column_count(settings); i++)
        if (!on[i])
            view->order[count++] = (uint8_t)i;
}

static size_t row_count(const struct stage *stage)
{
    return FIXED_ROWS + settings_column_count(&stage->settings);
}

static void settings_open(struct stage *stage, void *state)
{
    struct settings_view *view = state;
    view->said[0] = '\0';
    view->header.typing = false;
    order_make(&stage->settings, view);
    list_view_fit(&view->view, row_count(stage), view->view.page);
}

static void choice_take(struct settings *settings, const struct settings_view *view)
{
    memcpy(settings->columns, view->order, view->chosen);
    settings->column_count = view->chosen;
}

static void heading_draw(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    (void)context;
    (void)row;
    (void)selected;
    canvas_fill(canvas, area, ROLE_HEADING);
    canvas_words(canvas, area_right(area, 2), ROLE_HEADING, "Settings, and the columns of the call list");
}

static void row_draw(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    struct stage *stage = ((struct stage **)context)[0];
    const struct settings_view *view = ((void **)context)[1];
    struct area line = area_right(area, 2);
    if (row == ROW_THEME) {
        canvas_words(canvas, line, ROLE_LABEL, "theme");
        canvas_words(canvas, area_right(line, 22), ROLE_TEXT, theme_names[stage->settings.theme]);
    } else if (row == ROW_MOUSE) {
        canvas_words(canvas, line, ROLE_LABEL, "mouse");
        canvas_words(canvas, area_right(line, 22), ROLE_TEXT, stage->settings.no_mouse ? "no (the terminal selects text)" : "yes");
    } else {
        struct column column = settings_column(&stage->settings, view->order[row - FIXED_ROWS]);
        canvas_words(canvas, line, ROLE_TEXT, row - FIXED_ROWS < view->chosen ? "[x]" : "[ ]");
        canvas_words(canvas, area_left(area_right(line, 4), 17), ROLE_TEXT, column.title);
        canvas_words(canvas, area_right(line, 22), ROLE_DIM, column.name);
    }
    if (!selected)
        return;
    canvas_words(canvas, area, ROLE_SELECTED, ">");
    canvas_paint(canvas, area, ROLE_SELECTED);
}

static void header_draw(const struct settings_view *view, struct canvas *canvas, struct area area)
{
    unsigned at = canvas_words(canvas, area, ROLE_KEY, " SIP header: ");
    at += canvas_text(canvas, area_left(area_right(area, at), area.columns - at - 1), ROLE_TEXT, prompt_text(&view->header));
    at += canvas_words(canvas, area_right(area, at), ROLE_KEY, "_");
    if (view->header.len == 0)
        canvas_words(canvas, area_right(area, at + 1), ROLE_DIM, "its name: P-Asserted-Identity");
}

/* Lines of what is said; at most so many. */
static unsigned lines_of(const char *words, unsigned most)
{
    unsigned lines = 0;
    for (; *words != '\0' && lines < most; lines++) {
        words += strcspn(words, "\n");
        words += *words == '\n';
    }
    return lines;
}

static void settings_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct settings_view *view = state;
    void *context[] = {stage, view};
    struct area rows = area;
    const char *words = view->said[0] != '\0' ? view->said : stage->settings.problems.text;
    unsigned lines = view->header.typing ? 1 : lines_of(words, area.rows / 2);
    rows.rows -= lines;
    list_view_draw(&view->view, row_count(stage), canvas, rows, heading_draw, row_draw, context);
    if (view->header.typing) {
        header_draw(view, canvas, area_below(area, rows.rows));
        return;
    }
    struct slice rest = slice_str(words);
    for (unsigned i = 0; i < lines; i++) {
        size_t end = slice_find(rest, 0, '\n');
        canvas_text(canvas, area_right(area_below(area, rows.rows + i), 1),
                    view->failed || view->said[0] == '\0' ? ROLE_ERROR : ROLE_GOOD, slice_cut(rest, 0, end));
        rest = slice_after(rest, end + 1);
    }
}

/* The column under the cursor joins the chosen ones at their end, or leaves them. */
static void column_toggle(struct settings_view *view, size_t at)
{
    uint8_t column = view->order[at];
    bool on = at < view->chosen;
    if (on && view->chosen == 1)
        return; /* a list without columns shows nothing */
    size_t to = on ? view->chosen - 1 : view->chosen;
    memmove(on ? view->order + at : view->order + to + 1, on ? view->order + at + 1 : view->order + to, on ? to - at : at - to);
    view->order[to] = column;
    view->chosen = on ? view->chosen - 1 : view->chosen + 1;
}

/* It joins the chosen ones, and the cursor goes there. */
static void header_add(struct stage *stage, struct settings_view *view)
{
    struct error error;
    uint8_t at;
    view->failed = !settings_header(&stage->settings, prompt_text(&view->header), &at, &error);
    snprintf(view->said, sizeof view->said, "%s", view->failed ? error.text : "");
    if (view->failed)
        return;
    order_make(&stage->settings, view);
    size_t place = 0;
    while (view->order[place] != at)
        place++;
    if (place >= view->chosen)
        column_toggle(view, place);
    choice_take(&stage->settings, view);
    for (place = 0; view->order[place] != at;)
        place++;
    view->view.selected = FIXED_ROWS + place;
    list_view_fit(&view->view, row_count(stage), view->view.page);
}

static bool settings_type(struct stage *stage, void *state, uint32_t press)
{
    struct settings_view *view = state;
    if (!view->header.typing)
        return false;
    if (prompt_press(&view->header, press) == PROMPT_DONE)
        header_add(stage, view);
    return true;
}

static void row_change(struct stage *stage, struct settings_view *view)
{
    struct settings *settings = &stage->settings;
    if (view->view.selected == ROW_THEME) {
        settings->theme = (settings->theme + 1) % THEMES;
    } else if (view->view.selected == ROW_MOUSE) {
        settings->no_mouse = !settings->no_mouse;
    } else {
        column_toggle(view, view->view.selected - FIXED_ROWS);
        choice_take(settings, view);
    }
    stage->redraw = true;
}

static void column_shift(struct stage *stage, struct settings_view *view, bool up)
{
    size_t at = view->view.selected - FIXED_ROWS, other = up ? at - 1 : at + 1;
    if (view->view.selected < FIXED_ROWS || at >= view->chosen || (up && at == 0) || other >= view->chosen)
        return;
    uint8_t column = view->order[at];
    view->order[at] = view->order[other];
    view->order[other] = column;
    list_view_move(&view->view, up ? MOVE_UP : MOVE_DOWN);
    choice_take(&stage->settings, view);
}

static void settings_save(struct stage *stage, struct settings_view *view)
{
    struct error error;
    view->failed = !settings_write(&stage->settings, &error);
    snprintf(view->said, sizeof view->said, "%s%.*s", view->failed ? "not kept: " : "kept in ", SETTINGS_PATH,
             view->failed ? error.text : stage->settings.path);
}

static bool settings_command(struct stage *stage, void *state, enum command command)
{
    struct settings_view *view = state;
    enum move move;
    if (screen_move(command, &move)) {
        list_view_move(&view->view, move);
        return true;
    }
    switch (command) {
    case COMMAND_OPEN:
    case COMMAND_MARK:
        row_change(stage, view);
        return true;
    case COMMAND_LEFT:
    case COMMAND_RIGHT:
        column_shift(stage, view, command == COMMAND_LEFT);
        return true;
    case COMMAND_UNMARK:
        stage->settings.column_count = 0;
        order_make(&stage->settings, view);
        return true;
    case COMMAND_ADD:
        prompt_begin(&view->header);
        return true;
    case COMMAND_SAVE:
        settings_save(stage, view);
        return true;
    default:
        return false;
    }
}

static bool settings_click(struct stage *stage, void *state, unsigned row)
{
    struct settings_view *view = state;
    bool again = list_view_click(&view->view, row);
    (void)stage;
    return again;
}

static const struct key_row keys[] = {
    {COMMAND_MARK, {PRESS_SPACE, PRESS_ENTER}, "Change", "show the column or not; the next theme; mouse or not"},
    {COMMAND_LEFT, {'-', PRESS_LEFT}, "Earlier", "the column stands further left"},
    {COMMAND_RIGHT, {'+', PRESS_RIGHT}, "Later", "the column stands further right"},
    {COMMAND_ADD, {'n'}, "Header", "a column of any SIP header, by its name, as the call's first request has it"},
    {COMMAND_UNMARK, {'u'}, "Usual", "the usual columns again"},
    {COMMAND_SAVE, {'s', PRESS_F2}, "Keep", "keep all this in ~/.config/sipvet/config.json"},
};

const struct screen screen_settings = {.name = "settings",
                                       .title = "Settings",
                                       .help = "theme, mouse, and which columns the call list has, in which order",
                                       .keys = {keys, sizeof keys / sizeof keys[0]},
                                       .state_size = sizeof(struct settings_view),
                                       .open = settings_open,
                                       .draw = settings_draw,
                                       .command = settings_command,
                                       .click = settings_click,
                                       .type = settings_type};

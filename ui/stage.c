/* The frame around every screen: title, status line, key bar; which screen gets a key; the question before quitting. */
#include <stdlib.h>

#include "ui/screen.h"
#include "ui/words.h"

enum { ROWS_LEAST = 10, COLUMNS_LEAST = 40, HEAD_ROWS = 2, WHEEL_LINES = 3 };

bool stage_init(struct stage *stage, const char *title)
{
    *stage = (struct stage){.title = title, .stream_call = NUMBER_NONE, .summary = {.first = CLOCK_NONE, .last = CLOCK_NONE}};
    stage->newest = stage->summary;
    for (size_t i = 0; i < screen_count; i++)
        if (screens[i]->state_size > 0 && (stage->states[i] = calloc(1, screens[i]->state_size)) == NULL)
            return false;
    stage_open(stage, screens[0]);
    return true;
}

void stage_fini(struct stage *stage)
{
    for (size_t i = 0; i < screen_count; i++) {
        if (screens[i]->close != NULL && stage->states[i] != NULL)
            screens[i]->close(stage->states[i]);
        free(stage->states[i]);
    }
    call_store_fini(&stage->store);
    message_store_fini(&stage->messages);
    id_set_fini(&stage->marked);
    id_set_fini(&stage->flow);
    id_set_fini(&stage->saved);
    held_fini(&stage->held);
    header_values_fini(&stage->headers);
    text_fini(&stage->problems);
}

static void *state_of(const struct stage *stage, const struct screen *screen)
{
    for (size_t i = 0; i < screen_count; i++)
        if (screens[i] == screen)
            return stage->states[i];
    return NULL;
}

static const struct screen *shown(const struct stage *stage)
{
    return stage->open[stage->depth - 1];
}

const struct screen *stage_below(const struct stage *stage)
{
    return stage->depth < 2 ? NULL : stage->open[stage->depth - 2];
}

void stage_open(struct stage *stage, const struct screen *screen)
{
    unsigned at = 0;
    while (at < stage->depth && stage->open[at] != screen)
        at++;
    if (at == STAGE_DEPTH || at + 1 == stage->depth)
        return; /* full, or shown */
    stage->open[at] = screen;
    stage->depth = at + 1;
    if (screen->open != NULL)
        screen->open(stage, state_of(stage, screen));
}

/* The store changed: for all screens that are open. */
static void stage_update(struct stage *stage)
{
    for (unsigned i = 0; i < stage->depth; i++)
        if (stage->open[i]->updated != NULL)
            stage->open[i]->updated(stage, state_of(stage, stage->open[i]));
}

static void stage_go_on(struct stage *stage)
{
    held_release(&stage->held, &stage->store);
    stage->summary = stage->newest;
    stage_update(stage);
}

static void stage_pause(struct stage *stage)
{
    if (stage->held.paused) {
        stage_go_on(stage);
    } else if (!stage->over) {
        stage->held.paused = true;
        stage->held.packets = stage->summary.packets;
        stage->held.bytes_max = stage->store.bytes_max / 2;
    }
}

static void stage_clear(struct stage *stage)
{
    if (stage->held.paused)
        stage_go_on(stage);
    call_store_clear(&stage->store);
    message_store_clear(&stage->messages);
    id_set_reset(&stage->marked);
    stage->call = 0;
    stage_update(stage);
}

/* Messages are only looked at through their calls, and may come in at any time. */
void stage_apply(struct stage *stage, struct snapshot *snapshot)
{
    uint64_t last = stage->store.count == 0 ? stage->store.forgotten_id : stage->store.calls[stage->store.count - 1].id;
    bool paused = stage->held.paused, room = !paused || held_take(&stage->held, snapshot, last);
    if (!paused)
        call_store_apply(&stage->store, snapshot);
    message_store_apply(&stage->messages, snapshot);
    stage->newest = snapshot->summary;
    stage->summary = paused ? stage->summary : stage->newest;
    stage->read_bytes = snapshot->read_bytes;
    stage->size_bytes = snapshot->size_bytes;
    stage->live = snapshot->live;
    stage->over = snapshot->over;
    text_reset(&stage->problems);
    text_bytes(&stage->problems, snapshot->problems.data, snapshot->problems.len);
    snapshot_free(snapshot);
    stage->held_full = stage->held_full || !room;
    if (!room)
        stage_go_on(stage);
    else if (!paused)
        stage_update(stage);
}

static void stage_choose_flow(struct stage *stage)
{
    id_set_reset(&stage->flow);
    for (size_t i = 0; i < stage->marked.count; i++)
        id_set_add(&stage->flow, stage->marked.ids[i]);
    if (stage->marked.count == 0 && stage->call != 0)
        id_set_add(&stage->flow, stage->call);
}

void stage_open_flow(struct stage *stage, bool legs)
{
    stage_choose_flow(stage);
    stage->flow_legs = legs;
    if (stage->flow.count > 0)
        stage_open(stage, &screen_ladder);
}

void stage_step(struct stage *stage, const struct screen *list, enum command command)
{
    for (unsigned i = 0; i < stage->depth; i++)
        if (stage->open[i] == list)
            (void)list->command(stage, state_of(stage, list), command);
}

static void stage_rename(struct stage *stage)
{
    stage->settings.aliases.off = !stage->settings.aliases.off;
    for (unsigned i = 0; i < stage->depth; i++)
        if (stage->open[i]->renamed != NULL)
            stage->open[i]->renamed(stage, state_of(stage, stage->open[i]));
}

static void stage_back(struct stage *stage)
{
    if (stage->depth > 1)
        stage->depth--;
    else
        stage->asking = QUESTION_QUIT;
}

static void stage_command(struct stage *stage, enum command command)
{
    switch (command) {
    case COMMAND_HELP:
        stage_open(stage, &screen_help);
        break;
    case COMMAND_SUMMARY:
        stage_open(stage, &screen_summary);
        break;
    case COMMAND_VERDICT:
        if (stage->call != 0)
            stage_open(stage, &screen_call_view);
        break;
    case COMMAND_FLOW:
    case COMMAND_FLOW_LEGS:
        stage_open_flow(stage, command == COMMAND_FLOW_LEGS);
        break;
    case COMMAND_RAW:
        stage_choose_flow(stage);
        stage->flow_legs = false;
        stage->all_messages = true;
        if (stage->flow.count > 0)
            stage_open(stage, &screen_message_view);
        break;
    case COMMAND_FINDINGS:
        stage_open(stage, &screen_finding_list);
        break;
    case COMMAND_SETTINGS:
        stage_open(stage, &screen_settings);
        break;
    case COMMAND_STREAMS:
        stage_open(stage, &screen_stream_list);
        break;
    case COMMAND_BACK:
        stage_back(stage);
        break;
    case COMMAND_ALIASES:
        stage_rename(stage);
        break;
    case COMMAND_PAUSE:
        stage_pause(stage);
        break;
    case COMMAND_CLEAR:
        stage->asking = QUESTION_CLEAR;
        break;
    case COMMAND_QUIT:
        stage->ended = true;
        break;
    case COMMAND_REDRAW:
        stage->redraw = true;
        break;
    default:
        break;
    }
}

static void stage_answer(struct stage *stage, uint32_t press)
{
    bool yes = press == 'y' || press == 'Y' || press == PRESS_ENTER, quit = stage->asking == QUESTION_QUIT;
    stage->asking = QUESTION_NONE;
    if (quit)
        stage->ended = yes || press == 'q';
    else if (yes)
        stage_clear(stage);
}

/* An entry of the key bar: the first key of a row, and its word. */
struct bar_entry {
    const struct key_row *row;
    char key[PRESS_NAME_SIZE];
    unsigned at, width; /* in the bar; width 0: it is not there */
};

/* The entries in their order: help first, then the screen's own. False behind the last. Each stands behind the one before it, in
   `entry`; whole entries only: what does not fit is left to the help screen, which is the first. */
static bool bar_next(const struct stage *stage, size_t number, unsigned columns, struct bar_entry *entry)
{
    const struct key_table *own = &shown(stage)->keys, *table = number > 0 && number <= own->count ? own : &screen_common_keys;
    size_t row = number == 0 ? 0 : table == own ? number - 1 : number - own->count;
    if (row >= table->count)
        return false;
    char names[KEYS_NAMES];
    entry->at = number == 0 ? 1 : entry->width == 0 ? entry->at : entry->at + entry->width + 2;
    entry->row = &table->rows[row];
    entry->width = 0;
    uint32_t press = keys_names(&stage->settings.keys, table, table == own ? NULL : own, entry->row, names);
    if (entry->row->bar == NULL || press == PRESS_NONE)
        return true;
    unsigned width = (unsigned)(press_format(press, entry->key) + 1 + strlen(entry->row->bar));
    entry->width = entry->at + width + 1 > columns ? 0 : width;
    return true;
}

static void stage_do(struct stage *stage, const struct screen *screen, void *state, enum command command)
{
    if (screen->command == NULL || !screen->command(stage, state, command))
        stage_command(stage, command);
}

/* The entry of the key bar at a column, as it was drawn. */
static enum command bar_command(const struct stage *stage, unsigned column)
{
    struct bar_entry entry = {0};
    for (size_t i = 0; bar_next(stage, i, stage->columns, &entry); i++)
        if (column >= entry.at && column < entry.at + entry.width)
            return entry.row->command;
    return COMMAND_NONE;
}

static void stage_click(struct stage *stage, const struct screen *screen, void *state, uint32_t press)
{
    unsigned row = press_row(press);
    if (row + 1 == stage->rows)
        stage_do(stage, screen, state, bar_command(stage, press_column(press)));
    else if (row >= HEAD_ROWS && screen->click != NULL && screen->click(stage, state, row - HEAD_ROWS))
        stage_do(stage, screen, state, keys_command(&(const struct keys){0}, screen, PRESS_ENTER)); /* as usual, whatever is bound */
}

void stage_press(struct stage *stage, uint32_t press)
{
    const struct screen *screen = shown(stage);
    void *state = state_of(stage, screen);
    if (press == PRESS_NONE || press == PRESS_RESIZE)
        return;
    stage->held_full = false; /* it was read */
    if (stage->asking != QUESTION_NONE) {
        stage_answer(stage, press);
        return;
    }
    if (press >= PRESS_CLICKS) {
        stage_click(stage, screen, state, press);
        return;
    }
    if (press == PRESS_WHEEL_UP || press == PRESS_WHEEL_DOWN) {
        for (int i = 0; i < WHEEL_LINES; i++)
            stage_do(stage, screen, state, press == PRESS_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
        return;
    }
    if (screen->type != NULL && screen->type(stage, state, press))
        return;
    stage_do(stage, screen, state, keys_command(&stage->settings.keys, screen, press));
}

static void title_draw(const struct stage *stage, struct canvas *canvas, struct area area)
{
    canvas_fill(canvas, area, ROLE_BAR);
    unsigned used = canvas_words(canvas, area_right(area, 1), ROLE_BAR, "sipvet");
    used += canvas_words(canvas, area_right(area, used + 3), ROLE_BAR, shown(stage)->title) + 4;
    struct area rest = area_right(area_left(area, area.columns - 1), used);
    canvas_text_right(canvas, rest, ROLE_BAR, slice_str(stage->title));
}

/* "34M" */
static void size_put(struct text *out, uint64_t bytes)
{
    static const char units[] = "kMGT";
    double size = (double)bytes / 1024;
    size_t unit = 0;
    for (; size >= 1000 && units[unit + 1] != '\0'; unit++)
        size /= 1024;
    text_real(out, size, size < 10 ? 1 : 0);
    text_put(out, units[unit]);
}

static void drops_put(struct text *out, const struct summary_record *summary, bool zero)
{
    if (summary->kernel_drops != NUMBER_NONE && (zero || summary->kernel_drops > 0)) {
        text_str(out, "  ");
        words_count(out, summary->kernel_drops);
        text_str(out, " dropped");
    }
    if (summary->evicted > 0) {
        text_str(out, "  ");
        words_count(out, summary->evicted);
        text_str(out, " given up");
    }
}

/* Of a capture that goes on: is it whole, and will it go on? */
static void health_put(const struct stage *stage, struct text *out)
{
    const struct summary_record *newest = &stage->newest;
    if (stage->held.paused) {
        text_str(out, ", since then +");
        words_counted(out, stage->held.new_calls, "call", "calls");
        text_str(out, " +");
        words_counted(out, newest->packets - stage->held.packets, "packet", "packets");
    } else {
        text_str(out, "  ");
        words_counted(out, newest->packets, "packet", "packets");
    }
    drops_put(out, newest, true);
    if (stage->memory_bytes > 0) {
        text_str(out, "  ");
        size_put(out, stage->memory_bytes);
        text_str(out, " of ");
        size_put(out, stage->budget_bytes);
    }
    text_str(out, "  ");
    words_findings(out, stage->summary.findings);
}

static void progress_put(const struct stage *stage, struct text *out)
{
    const struct summary_record *summary = &stage->summary;
    if (stage->held_full)
        text_str(out, "pause ended, too much waited: ");
    if (stage->live || stage->held.paused) {
        text_str(out, stage->held.paused ? "PAUSED: " : stage->over ? "ended: " : "live: ");
        words_counted(out, stage->store.count, "call", "calls");
        health_put(stage, out);
        return;
    }
    if (stage->over) {
        text_str(out, "read: ");
    } else {
        text_str(out, "reading");
        if (stage->size_bytes > 0)
            text_format(out, " %3u%%", (unsigned)((double)stage->read_bytes * 100.0 / (double)stage->size_bytes));
        text_str(out, ": ");
    }
    words_counted(out, stage->store.count, "call", "calls");
    static const char *const names[SEVERITY_COUNT][2] = {{"error", "errors"}, {"warning", "warnings"}, {"info", "infos"}};
    for (int i = 0; i < SEVERITY_COUNT; i++)
        if (summary->findings[i] > 0) {
            text_str(out, "  ");
            words_counted(out, summary->findings[i], names[i][0], names[i][1]);
        }
    text_str(out, "  ");
    words_counted(out, summary->packets, "packet", "packets");
    drops_put(out, summary, false);
}

/* What is wrong, and the key of the call list that shows it. */
static void problem_put(const struct stage *stage, struct text *out, const char *what, enum command command)
{
    const struct key_table *table = &screen_call_list.keys;
    char names[KEYS_NAMES];
    text_str(out, what);
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].command == command && keys_names(&stage->settings.keys, table, NULL, &table->rows[i], names) != PRESS_NONE) {
            text_str(out, ": see ");
            text_bytes(out, names, strcspn(names, " "));
        }
}

static void status_draw(const struct stage *stage, struct canvas *canvas, struct area area)
{
    const struct screen *screen = shown(stage);
    struct text left = {0}, right = {0};
    progress_put(stage, &left);
    if (screen->status != NULL)
        screen->status(stage, state_of(stage, screen), &right);
    bool wrong = stage->problems.len > 0;
    bool loses = stage->newest.kernel_drops != NUMBER_NONE && stage->newest.kernel_drops > 0;
    if (wrong)
        problem_put(stage, &left, "  input problem", COMMAND_SUMMARY);
    else if (stage->settings.problems.text[0] != '\0')
        problem_put(stage, &left, "  settings problem", COMMAND_SETTINGS);
    struct slice position = slice_of(right.data, right.len);
    unsigned room = canvas_width(canvas, position, area.columns);
    canvas_text(canvas, area_left(area_right(area, 1), area.columns > room + 3 ? area.columns - room - 3 : 0),
                wrong || loses ? ROLE_ERROR : stage->over && !stage->held.paused ? ROLE_DIM : ROLE_WARNING, slice_of(left.data, left.len));
    canvas_text_right(canvas, area_left(area, area.columns - 1), ROLE_TEXT, position);
    text_fini(&left);
    text_fini(&right);
}

static void bar_draw(const struct stage *stage, struct canvas *canvas, struct area area)
{
    struct bar_entry entry = {0};
    canvas_fill(canvas, area, stage->asking != QUESTION_NONE ? ROLE_WARNING : ROLE_BAR);
    if (stage->asking != QUESTION_NONE) {
        canvas_words(canvas, area_right(area, 1), ROLE_WARNING,
                     stage->asking == QUESTION_QUIT ? "Quit sipvet?  y or Enter: yes   any other key: no"
                                                    : "Clear the list?  y or Enter: yes   any other key: no");
        return;
    }
    for (size_t i = 0; bar_next(stage, i, area.columns, &entry); i++) {
        if (entry.width == 0)
            continue;
        unsigned used = canvas_words(canvas, area_right(area, entry.at), ROLE_KEY, entry.key);
        canvas_words(canvas, area_right(area, entry.at + used + 1), ROLE_BAR, entry.row->bar);
    }
}

bool stage_unfinished(const struct stage *stage)
{
    return stage->headers.unfinished;
}

void stage_draw(struct stage *stage, struct canvas *canvas)
{
    const struct screen *screen = shown(stage);
    struct area all = canvas_area(canvas);
    canvas_fill(canvas, all, ROLE_TEXT);
    header_values_begin(&stage->headers);
    if (all.rows < ROWS_LEAST || all.columns < COLUMNS_LEAST) {
        canvas_words(canvas, all, ROLE_TEXT, "sipvet needs 40x10");
        return;
    }
    title_draw(stage, canvas, area_row(all, 0));
    stage->rows = all.rows;
    stage->columns = all.columns;
    bar_draw(stage, canvas, area_row(all, all.rows - 1));
    struct area middle = area_below(all, HEAD_ROWS);
    middle.rows--;
    screen->draw(stage, state_of(stage, screen), canvas, middle);
    status_draw(stage, canvas, area_row(all, 1)); /* last: it tells how far the screen is scrolled */
}

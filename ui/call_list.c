/* The first screen: a line per call, in any column's order, and a filter that narrows the list as it is typed. */
#include <stdlib.h>

#include "ui/call_columns.h"
#include "ui/call_filter.h"
#include "ui/call_order.h"
#include "ui/screen.h"

struct call_list {
    struct list_view view;
    uint64_t selected;      /* id of the call under the cursor, so that it stays there when rows move; 0: none yet */
    struct call_filter filter;
    uint8_t *hits;          /* by store row: passes the filter */
    size_t hits_room;
    size_t *rows;           /* store rows in the order of the list; only while there is a filter or an order */
    size_t row_count;
    size_t sorted;          /* index of the column that it is sorted by; 0: the calls' own order */
    bool down;
    bool follow;            /* the cursor stays on the newest call */
    bool shown[COLUMNS_MAX]; /* by index in call_columns, as they were drawn: others are not sorted by */
};

/* ---- filter and order ---- */

static bool room_make(struct call_list *list, size_t count)
{
    if (count > list->hits_room) {
        size_t room = count * 2;
        uint8_t *hits = realloc(list->hits, room);
        size_t *rows = hits == NULL ? NULL : realloc(list->rows, room * sizeof *rows);
        list->hits = hits == NULL ? list->hits : hits;
        list->rows = rows == NULL ? list->rows : rows;
        if (hits == NULL || rows == NULL)
            return false;
        list->hits_room = room;
    }
    return true;
}

static bool rows_apart(const struct call_list *list)
{
    return call_filter_active(&list->filter) || list->sorted > 0 || list->down;
}

/* Looks at the rows from `from` on, and at those that the store says changed. */
static void rows_update(struct call_list *list, const struct call_store *store, size_t from, bool changed)
{
    if (!rows_apart(list))
        return;
    if (!room_make(list, store->count)) { /* without memory: all, in their order */
        call_filter_reset(&list->filter);
        list->sorted = 0;
        list->down = false;
        return;
    }
    for (size_t i = 0; changed && i < store->changed_count; i++)
        list->hits[store->changed[i]] = call_filter_passes(&list->filter, call_store_record(store, &store->calls[store->changed[i]]));
    for (size_t row = from; row < store->count; row++)
        list->hits[row] = call_filter_passes(&list->filter, call_store_record(store, &store->calls[row]));
    list->row_count = 0;
    for (size_t row = 0; row < store->count; row++)
        if (list->hits[row])
            list->rows[list->row_count++] = row;
    if (list->sorted > 0 || list->down)
        call_order(store, list->rows, list->row_count, &call_columns[list->sorted], list->down);
}

/* ---- lines ---- */

static size_t line_count(const struct call_list *list, const struct call_store *store)
{
    return rows_apart(list) ? list->row_count : store->count;
}

static const struct call_copy *line_call(const struct call_list *list, const struct call_store *store, size_t line)
{
    return &store->calls[rows_apart(list) ? list->rows[line] : line];
}

/* The line of a call, or of the one that took its place. */
static size_t line_find(const struct call_list *list, const struct call_store *store, uint64_t id)
{
    size_t low = 0, high = line_count(list, store);
    if (list->sorted > 0 || list->down) {
        while (low < high && line_call(list, store, low)->id != id)
            low++;
        return low < high ? low : list->view.selected;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (line_call(list, store, middle)->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void cursor_keep(struct call_list *list, const struct call_store *store)
{
    if (list->selected != 0)
        list->view.selected = line_find(list, store, list->selected);
    list_view_fit(&list->view, line_count(list, store), list->view.page);
}

static void cursor_note(struct call_list *list, const struct call_store *store)
{
    if (list->view.selected < line_count(list, store))
        list->selected = line_call(list, store, list->view.selected)->id;
}

static void cursor_follow(struct call_list *list, const struct call_store *store)
{
    size_t count = line_count(list, store);
    if (!list->follow || count == 0)
        return;
    list->view.selected = count - 1;
    list_view_fit(&list->view, count, list->view.page);
    cursor_note(list, store);
}

struct drawing {
    struct columns columns; /* first: columns_heading_row */
    const struct call_list *list;
    const struct call_store *store;
    const struct id_set *marked;
};

static void call_draw(void *context, struct canvas *canvas, struct area area, size_t line, bool selected)
{
    struct drawing *drawing = context;
    const struct call_copy *call = line_call(drawing->list, drawing->store, line);
    columns_draw(&drawing->columns, canvas, area, call_store_record(drawing->store, call), selected, id_set_has(drawing->marked, call->id));
}

static void list_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct call_list *list = state;
    struct drawing drawing = {.list = list, .store = &stage->store, .marked = &stage->marked};
    size_t count = stage->store.count;
    struct area rows = area;
    rows.rows -= list->filter.prompt.typing ? FILTER_ROWS : 0;
    struct column chosen[COLUMNS_MAX];
    uint8_t order[COLUMNS_MAX];
    size_t chosen_count = settings_columns(&stage->settings, order);
    const struct column *sorted = NULL;
    for (size_t i = 0; i < chosen_count; i++) {
        chosen[i] = settings_column(&stage->settings, order[i]);
        if (order[i] == list->sorted && (list->sorted > 0 || list->down))
            sorted = &chosen[i];
    }
    columns_fit(&drawing.columns, chosen, chosen_count, area.columns,
                count == 0 ? 0 : stage->store.calls[count - 1].id);
    struct call_cells cells = {&stage->settings.aliases, &stage->headers, &stage->messages};
    drawing.columns.context = &cells;
    drawing.columns.sorted = sorted;
    drawing.columns.down = list->down;
    list_view_draw(&list->view, line_count(list, &stage->store), canvas, rows, columns_heading_row, call_draw, &drawing);
    memset(list->shown, 0, sizeof list->shown);
    for (size_t i = 0; i < chosen_count; i++)
        list->shown[order[i]] = drawing.columns.widths[i] > 0;
    columns_fini(&drawing.columns);
    if (list->filter.prompt.typing)
        call_filter_draw(&list->filter, canvas, area_below(area, rows.rows));
    if (line_count(list, &stage->store) > 0)
        return;
    const char *why = call_filter_active(&list->filter) ? "no call passes the filter"
                      : stage->over                     ? "no calls in here"
                                                        : "no calls yet";
    canvas_words(canvas, area_right(area_row(area, 2), 2), ROLE_DIM, why);
}

static void list_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct call_list *list = state;
    size_t count = line_count(list, &stage->store);
    if (call_filter_active(&list->filter) && !list->filter.prompt.typing) {
        text_put(out, '/');
        text_slice(out, prompt_text(&list->filter.prompt));
        text_str(out, "  ");
    }
    if (list->sorted > 0 || list->down)
        text_format(out, "by %s  ", call_columns[list->sorted].title);
    if (list->follow)
        text_str(out, "follows  ");
    if (stage->marked.count > 0)
        text_format(out, "%zu marked  ", stage->marked.count);
    text_format(out, "%zu/%zu", count == 0 ? 0 : list->view.selected + 1, count);
}

/* ---- keys ---- */

static void rows_changed(struct stage *stage, struct call_list *list)
{
    rows_update(list, &stage->store, 0, false);
    cursor_keep(list, &stage->store);
}

/* While a filter is typed, all keys but those of moving by pages belong to it. */
static bool list_type(struct stage *stage, void *state, uint32_t press)
{
    struct call_list *list = state;
    if (!list->filter.prompt.typing)
        return false;
    enum prompt_step step = call_filter_press(&list->filter, press);
    if (step == PROMPT_CHANGED || step == PROMPT_LEFT)
        rows_changed(stage, list);
    return step != PROMPT_OTHER;
}

/* The next column that can be sorted by, or the one before. */
static void order_step(struct call_list *list, bool forwards)
{
    do
        list->sorted = (list->sorted + (forwards ? 1 : call_column_count - 1)) % call_column_count;
    while (list->sorted > 0 && (call_columns[list->sorted].key == NULL || !list->shown[list->sorted]));
}

static bool list_order(struct stage *stage, struct call_list *list, enum command command)
{
    if (command == COMMAND_ORDER_NEXT || command == COMMAND_ORDER_BEFORE)
        order_step(list, command == COMMAND_ORDER_NEXT);
    else if (command == COMMAND_ORDER_TURN)
        list->down = !list->down;
    else
        return false;
    rows_update(list, &stage->store, 0, false);
    list->view.selected = list->view.top = 0; /* what comes first now is what was asked for */
    cursor_note(list, &stage->store);
    return true;
}

static void mark_toggle(struct stage *stage, struct call_list *list)
{
    cursor_note(list, &stage->store);
    if (list->view.selected >= line_count(list, &stage->store))
        return;
    if (id_set_has(&stage->marked, list->selected))
        id_set_remove(&stage->marked, list->selected);
    else
        id_set_add(&stage->marked, list->selected);
}

/* The marked calls; without marks those that are shown. */
static void calls_save(struct stage *stage, const struct call_list *list)
{
    id_set_reset(&stage->saved);
    stage->save_flow = false;
    for (size_t i = 0; i < stage->marked.count; i++)
        id_set_add(&stage->saved, stage->marked.ids[i]);
    for (size_t i = 0; stage->marked.count == 0 && i < stage->store.count; i++)
        if (!call_filter_active(&list->filter) || list->hits[i])
            id_set_add(&stage->saved, stage->store.calls[i].id);
    stage_open(stage, &screen_save);
}

static bool list_command(struct stage *stage, void *state, enum command command)
{
    struct call_list *list = state;
    enum move move;
    if (screen_move(command, &move)) {
        list->follow = false;
        list_view_move(&list->view, move);
        cursor_note(list, &stage->store);
        stage->call = list->selected;
        return true;
    }
    if (list_order(stage, list, command))
        return true;
    switch (command) {
    case COMMAND_MARK: /* and on to the next, so that several are marked quickly */
        mark_toggle(stage, list);
        list_view_move(&list->view, MOVE_DOWN);
        cursor_note(list, &stage->store);
        return true;
    case COMMAND_SAVE:
        calls_save(stage, list);
        return true;
    case COMMAND_UNMARK:
        id_set_reset(&stage->marked);
        return true;
    case COMMAND_FLOW:
    case COMMAND_FLOW_LEGS:
    case COMMAND_RAW:
    case COMMAND_VERDICT:
    case COMMAND_STREAMS: /* the stage opens them, at this call */
        cursor_note(list, &stage->store);
        stage->call = line_count(list, &stage->store) == 0 ? 0 : list->selected;
        return false;
    case COMMAND_SEARCH:
        list->filter.aliases = &stage->settings.aliases;
        call_filter_begin(&list->filter);
        return true;
    case COMMAND_FOLLOW:
        list->follow = !list->follow;
        cursor_follow(list, &stage->store);
        return true;
    case COMMAND_BACK: /* first out of the filter */
        if (!call_filter_active(&list->filter))
            return false;
        call_filter_reset(&list->filter);
        rows_changed(stage, list);
        return true;
    default:
        return false;
    }
}

static void list_updated(struct stage *stage, void *state)
{
    struct call_list *list = state;
    rows_update(list, &stage->store, stage->store.moved ? 0 : stage->store.count_before, !stage->store.moved);
    cursor_keep(list, &stage->store);
    if (list->selected == 0)
        cursor_note(list, &stage->store);
    if (list->follow)
        cursor_follow(list, &stage->store);
}

static void list_close(void *state)
{
    struct call_list *list = state;
    call_filter_fini(&list->filter);
    free(list->hits);
    free(list->rows);
}

static bool list_click(struct stage *stage, void *state, unsigned row)
{
    struct call_list *list = state;
    bool again = list_view_click(&list->view, row);
    list->follow = false;
    cursor_note(list, &stage->store);
    stage->call = list->selected;
    return again;
}

static const struct key_row keys[] = {
    {COMMAND_FLOW, {PRESS_ENTER, PRESS_RIGHT, 'l'}, "Flow", "the messages of the marked calls, or of the one under the cursor, between their ends"},
    {COMMAND_FLOW_LEGS, {'x', PRESS_F4}, "Legs", "the same with the calls that look like other legs of them"},
    {COMMAND_VERDICT, {'v'}, "Verdict", "the call under the cursor: verdict, findings, streams"},
    {COMMAND_MARK, {PRESS_SPACE}, "Mark", "mark the call, or take the mark away"},
    {COMMAND_SEARCH, {'/', PRESS_F3, PRESS_F7}, "Filter", "show only calls with these words, or that match a query as of -w: mos < 3.6 and not answer"},
    {COMMAND_ORDER_NEXT, {'>'}, "Sort", "sort by the next column"},
    {COMMAND_ORDER_BEFORE, {'<'}, NULL, "sort by the column before; the first is the order of their beginning"},
    {COMMAND_ORDER_TURN, {'z'}, NULL, "turn the order"},
    {COMMAND_FOLLOW, {'A'}, NULL, "the cursor stays on the newest call, or not"},
    {COMMAND_UNMARK, {PRESS_CTRL_U, PRESS_CTRL_W}, NULL, "take all marks away"},
    {COMMAND_CLEAR, {PRESS_F5, PRESS_CTRL_L}, NULL, "take all calls out of the list, after a question: only what begins later is shown"},
    {COMMAND_STREAMS, {'m'}, "Streams", "the list of RTP streams, at this call's first one"},
    {COMMAND_RAW, {'r', PRESS_F6}, NULL, "the texts of all messages of the marked calls, or of the one under the cursor"},
    {COMMAND_SETTINGS, {'t', 'o', PRESS_F8}, NULL, "columns of this list, theme, mouse"},
    {COMMAND_SAVE, {'s', PRESS_F2}, NULL, "save the marked calls, or those that are shown: as packets, text or JSON"},
    {COMMAND_FINDINGS, {'e'}, "Findings", "what was found wrong in all calls, by rule, by host or by call"},
    {COMMAND_SUMMARY, {'i'}, "Statistics", "verdicts, answers, times, MOS; totals, and what was damaged or not understood"},
};

const struct screen screen_call_list = {.name = "calls",
                                        .title = "Calls",
                                        .help = "a line per call; the first screen",
                                        .keys = {keys, sizeof keys / sizeof keys[0]},
                                        .state_size = sizeof(struct call_list),
                                        .close = list_close,
                                        .draw = list_draw,
                                        .command = list_command,
                                        .click = list_click,
                                        .type = list_type,
                                        .updated = list_updated,
                                        .status = list_status};

/* The first screen: a line per call, and a search that narrows the list as it is typed. */
#include <stdio.h>
#include <stdlib.h>

#include "ui/call_columns.h"
#include "ui/screen.h"

enum { SEARCH_BYTES = 120 };

struct call_list {
    struct list_view view;
    uint64_t selected;      /* id of the call under the cursor, so that it stays there when rows move; 0: none yet */
    char search[SEARCH_BYTES];
    size_t search_len;
    bool typing;
    uint8_t *hits;          /* by store row: matches the search */
    size_t hits_room;
    size_t *rows;           /* store rows of the hits, in order; only while there is a search */
    size_t row_count, rows_room;
};

/* ---- search ---- */

static bool contains(struct slice text, struct slice word)
{
    for (size_t at = 0; at + word.len <= text.len; at++) {
        size_t n = 0;
        while (n < word.len && ascii_lower(text.data[at + n]) == ascii_lower(word.data[n]))
            n++;
        if (n == word.len)
            return true;
    }
    return false;
}

/* The word is somewhere in what identifies a call, whichever columns are shown. */
static bool call_contains(const struct call_record *call, struct slice word)
{
    const struct slice texts[] = {call->from_user, call->to_user, call->state, call->method, call->reason, call->call_id, call->request_uri};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (contains(texts[i], word))
            return true;
    char address[ENDPOINT_TEXT_SIZE], status[24];
    if (contains(slice_of(address, endpoint_format(&call->src, address)), word) ||
        contains(slice_of(address, endpoint_format(&call->dst, address)), word))
        return true;
    int length = call->status == NUMBER_NONE ? 0 : snprintf(status, sizeof status, "%llu", (unsigned long long)call->status);
    return contains(slice_of(status, (size_t)length), word);
}

/* All words of the search. */
static bool call_matches(const struct call_list *list, const struct call_record *call)
{
    struct slice rest = slice_of(list->search, list->search_len);
    while (rest.len > 0) {
        size_t end = slice_find(rest, 0, ' ');
        struct slice word = slice_cut(rest, 0, end);
        if (word.len > 0 && !call_contains(call, word))
            return false;
        rest = slice_after(rest, end + 1);
    }
    return true;
}

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

/* Looks at the rows from `from` on, and at those that the store says changed. */
static void hits_update(struct call_list *list, const struct call_store *store, size_t from, bool changed)
{
    if (!room_make(list, store->count)) {
        list->search_len = 0; /* without memory there is no search */
        return;
    }
    for (size_t i = 0; changed && i < store->changed_count; i++)
        list->hits[store->changed[i]] = call_matches(list, store->calls[store->changed[i]].record);
    for (size_t row = from; row < store->count; row++)
        list->hits[row] = call_matches(list, store->calls[row].record);
    list->row_count = 0;
    for (size_t row = 0; row < store->count; row++)
        if (list->hits[row])
            list->rows[list->row_count++] = row;
}

/* ---- lines ---- */

static size_t line_count(const struct call_list *list, const struct call_store *store)
{
    return list->search_len > 0 ? list->row_count : store->count;
}

static const struct call_record *line_call(const struct call_list *list, const struct call_store *store, size_t line)
{
    return store->calls[list->search_len > 0 ? list->rows[line] : line].record;
}

/* The line of a call, or of the one that took its place. */
static size_t line_find(const struct call_list *list, const struct call_store *store, uint64_t id)
{
    size_t low = 0, high = line_count(list, store);
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

struct drawing {
    const struct call_list *list;
    const struct call_store *store;
    const struct id_set *marked;
    struct columns columns;
};

static void heading_draw(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    const struct drawing *drawing = context;
    (void)row;
    (void)selected;
    columns_heading(&drawing->columns, canvas, area);
}

static void call_draw(void *context, struct canvas *canvas, struct area area, size_t line, bool selected)
{
    struct drawing *drawing = context;
    const struct call_record *call = line_call(drawing->list, drawing->store, line);
    columns_draw(&drawing->columns, canvas, area, call, selected, id_set_has(drawing->marked, call->id));
}

static void list_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct call_list *list = state;
    struct drawing drawing = {.list = list, .store = &stage->store, .marked = &stage->marked};
    size_t count = stage->store.count;
    columns_fit(&drawing.columns, call_columns, call_column_count, area.columns,
                count == 0 ? 0 : stage->store.calls[count - 1].record->id);
    list_view_draw(&list->view, line_count(list, &stage->store), canvas, area, heading_draw, call_draw, &drawing);
    columns_fini(&drawing.columns);
    if (line_count(list, &stage->store) > 0)
        return;
    const char *why = list->search_len > 0 ? "no call matches the search" : stage->over ? "no calls in here" : "no calls yet";
    canvas_words(canvas, area_right(area_row(area, 2), 2), ROLE_DIM, why);
}

static void list_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct call_list *list = state;
    size_t count = line_count(list, &stage->store);
    if (list->typing || list->search_len > 0) {
        text_put(out, '/');
        text_bytes(out, list->search, list->search_len);
        text_str(out, list->typing ? "_  " : "  ");
    }
    if (stage->marked.count > 0)
        text_format(out, "%zu marked  ", stage->marked.count);
    text_format(out, "%zu/%zu", count == 0 ? 0 : list->view.selected + 1, count);
}

/* ---- keys ---- */

static void search_changed(struct stage *stage, struct call_list *list)
{
    if (list->search_len > 0)
        hits_update(list, &stage->store, 0, false);
    cursor_keep(list, &stage->store);
}

/* Cuts the last character, whatever its bytes. */
static void search_shorten(struct call_list *list)
{
    while (list->search_len > 0 && ((uint8_t)list->search[--list->search_len] & 0xc0) == 0x80) {
    }
}

static void search_add(struct call_list *list, uint32_t code)
{
    char bytes[4];
    size_t n = 0;
    if (code < 0x80) {
        bytes[n++] = (char)code;
    } else {
        if (code >= 0x10000)
            bytes[n++] = (char)(0xf0 | code >> 18);
        if (code >= 0x800)
            bytes[n++] = (char)((code >= 0x10000 ? 0x80 : 0xe0) | (code >> 12 & (code >= 0x10000 ? 0x3f : 0xf)));
        bytes[n++] = (char)((code >= 0x800 ? 0x80 : 0xc0) | (code >> 6 & (code >= 0x800 ? 0x3f : 0x1f)));
        bytes[n++] = (char)(0x80 | (code & 0x3f));
    }
    if (list->search_len + n > SEARCH_BYTES)
        return;
    memcpy(list->search + list->search_len, bytes, n);
    list->search_len += n;
}

/* While a search is typed, letters belong to it; the arrows still move. */
static bool list_type(struct stage *stage, void *state, uint32_t press)
{
    struct call_list *list = state;
    if (!list->typing)
        return false;
    if (press == PRESS_ENTER || press == PRESS_ESCAPE)
        list->typing = false;
    if (press == PRESS_ESCAPE)
        list->search_len = 0;
    else if (press == PRESS_BACKSPACE)
        search_shorten(list);
    else if (press >= ' ' && press < 0x110000)
        search_add(list, press);
    else
        return press == PRESS_ENTER;
    search_changed(stage, list);
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

static bool list_command(struct stage *stage, void *state, enum command command)
{
    struct call_list *list = state;
    enum move move;
    if (screen_move(command, &move)) {
        list_view_move(&list->view, move);
        cursor_note(list, &stage->store);
        stage->call = list->selected;
        return true;
    }
    switch (command) {
    case COMMAND_MARK: /* and on to the next, so that several are marked quickly */
        mark_toggle(stage, list);
        list_view_move(&list->view, MOVE_DOWN);
        cursor_note(list, &stage->store);
        return true;
    case COMMAND_UNMARK:
        id_set_reset(&stage->marked);
        return true;
    case COMMAND_FLOW:
    case COMMAND_FLOW_LEGS:
    case COMMAND_VERDICT:
    case COMMAND_STREAMS: /* the stage opens them, at this call */
        cursor_note(list, &stage->store);
        stage->call = line_count(list, &stage->store) == 0 ? 0 : list->selected;
        return false;
    case COMMAND_SEARCH:
        list->typing = true;
        list->search_len = 0;
        search_changed(stage, list);
        return true;
    case COMMAND_BACK: /* first out of the search */
        if (list->search_len == 0)
            return false;
        list->search_len = 0;
        search_changed(stage, list);
        return true;
    default:
        return false;
    }
}

static void list_updated(struct stage *stage, void *state)
{
    struct call_list *list = state;
    if (list->search_len > 0)
        hits_update(list, &stage->store, stage->store.moved ? 0 : stage->store.count_before, !stage->store.moved);
    cursor_keep(list, &stage->store);
    if (list->selected == 0)
        cursor_note(list, &stage->store);
}

static void list_close(void *state)
{
    struct call_list *list = state;
    free(list->hits);
    free(list->rows);
}

static const struct key_row keys[] = {
    {COMMAND_FLOW, {PRESS_ENTER, PRESS_RIGHT, 'l'}, "Flow", "the messages of the marked calls, or of the one under the cursor, between their ends"},
    {COMMAND_FLOW_LEGS, {'x', PRESS_F4}, "Legs", "the same with the calls that look like other legs of them"},
    {COMMAND_VERDICT, {'v'}, "Verdict", "the call under the cursor: verdict, findings, streams"},
    {COMMAND_MARK, {PRESS_SPACE}, "Mark", "mark the call, or take the mark away"},
    {COMMAND_UNMARK, {PRESS_CTRL_U, PRESS_CTRL_W}, NULL, "take all marks away"},
    {COMMAND_SEARCH, {'/', PRESS_F3}, "Search", "search as you type: names, numbers, addresses, state, status; several words all have to match"},
    {COMMAND_STREAMS, {'m'}, "Streams", "the list of RTP streams, at this call's first one"},
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
                                        .type = list_type,
                                        .updated = list_updated,
                                        .status = list_status};

/* The call flow: the ladder of some calls, and beside it, or below it where the terminal is narrow, the event under the cursor. */
#include "ui/ladder.h"
#include "ui/message_words.h"
#include "ui/screen.h"
#include "ui/stream_words.h"
#include "ui/text_view.h"
#include "ui/words.h"

enum { PANE_FROM = 120, PANE_PERCENT = 42, PANE_LEAST = 46, STRIP_ROWS = 3, STRIP_FROM = 16, SHIFT_STEP = 8 };

struct ladder_view {
    struct list_view view;
    struct flow flow;
    struct id_set calls;   /* with related legs where they are wanted */
    unsigned shift;
    bool sdp, no_media, no_reports, no_pane, by_port;
    uint64_t chosen;       /* frame of the first message to compare; 0: none */
    struct text_view pane;
    struct text scratch;
};

static const struct flow_event *event_at(const struct ladder_view *view, size_t at)
{
    return at < view->flow.count ? &view->flow.events[at] : NULL;
}

static void flow_make(struct stage *stage, struct ladder_view *view)
{
    id_set_reset(&view->calls);
    for (size_t i = 0; i < stage->flow.count; i++)
        id_set_add(&view->calls, stage->flow.ids[i]);
    if (stage->flow_legs)
        flow_relate(&view->calls, &stage->store);
    struct flow_choice choice = {.store = &stage->store,
                                 .messages = &stage->messages,
                                 .calls = &view->calls,
                                 .media = !view->no_media,
                                 .reports = !view->no_reports,
                                 .by_port = view->by_port};
    flow_build(&view->flow, &choice);
    list_view_fit(&view->view, view->flow.count, view->view.page);
}

/* What the other screens look at: the message, call or stream under the cursor. */
static void cursor_note(struct stage *stage, const struct ladder_view *view)
{
    const struct flow_event *event = event_at(view, view->view.selected);
    if (event == NULL)
        return;
    stage->call = event->call;
    if (event->kind == FLOW_MESSAGE) {
        stage->message = event->message;
    } else {
        stage->stream = event->stream->id;
        stage->stream_call = event->stream->call;
    }
}

static void ladder_open(struct stage *stage, void *state)
{
    struct ladder_view *view = state;
    view->view = (struct list_view){.page = view->view.page};
    view->shift = 0;
    view->chosen = 0;
    flow_make(stage, view);
    cursor_note(stage, view);
}

/* Streams point into the store, which took a snapshot. */
static void ladder_updated(struct stage *stage, void *state)
{
    flow_make(stage, state);
}

/* ---- the event under the cursor ---- */

static const struct call_copy *call_of(const struct stage *stage, uint64_t id)
{
    size_t row = call_store_find(&stage->store, id);
    return row == stage->store.count ? NULL : &stage->store.calls[row];
}

/* Where it was seen, and its text; or, where there is no room for that, what is wrong with it and what its session description says. */
static void pane_write(const struct stage *stage, struct ladder_view *view, bool text)
{
    const struct flow_event *event = event_at(view, view->view.selected);
    text_view_reset(&view->pane);
    view->pane.window = (struct list_view){0};
    text_reset(&view->scratch);
    if (event == NULL)
        return;
    if (event->kind != FLOW_MESSAGE) {
        stream_summary(&view->pane, &view->scratch, event->stream, &stage->settings.aliases);
        return;
    }
    const struct call_copy *call = call_of(stage, event->call);
    message_place(&view->scratch, &stage->messages, &stage->settings.aliases, &event->message);
    text_view_paragraph(&view->pane, 0, ROLE_DIM, slice_of(view->scratch.data, view->scratch.len));
    if (text) {
        message_write(&view->pane, &view->scratch, &stage->messages, &event->message, call, MESSAGE_RAW);
        return;
    }
    message_findings(&view->pane, call, &event->message);
    if (event->sdp_len > 0)
        text_view_paragraph(&view->pane, 0, ROLE_TEXT, flow_sdp(&view->flow, event));
}

/* ---- drawing ---- */

/* The greatest number of several calls. */
static uint64_t call_most(const struct ladder_view *view)
{
    return view->calls.count > 1 ? view->calls.ids[view->calls.count - 1] : 0;
}

static void events_draw(struct stage *stage, struct ladder_view *view, struct canvas *canvas, struct area area)
{
    struct ladder ladder;
    ladder_fit(&ladder, &view->flow, area.columns, call_most(view), view->sdp, &view->shift);
    ladder.aliases = &stage->settings.aliases;
    ladder_heading(&ladder, canvas, area);
    struct area rows = area_below(area, LADDER_HEADING);
    list_view_fit(&view->view, view->flow.count, rows.rows);
    for (size_t i = 0; i < rows.rows && view->view.top + i < view->flow.count; i++) {
        size_t at = view->view.top + i;
        const struct flow_event *event = &view->flow.events[at];
        ladder_event(&ladder, canvas, area_row(rows, (unsigned)i), event, at == 0 ? NULL : event - 1, at == view->view.selected,
                     event->kind == FLOW_MESSAGE && event->message.frame == view->chosen && view->chosen != 0);
    }
    if (view->flow.count == 0)
        canvas_words(canvas, area_right(area_row(rows, 1), 2), ROLE_DIM, "no message of this call is kept");
}

static void line_down(struct canvas *canvas, struct area area)
{
    for (unsigned row = 0; row < area.rows; row++)
        canvas_words(canvas, area_left(area_row(area, row), 1), ROLE_DIM, canvas->ascii ? "|" : "│");
}

static void ladder_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct ladder_view *view = state;
    struct area events = area;
    if (area.columns >= PANE_FROM && !view->no_pane) {
        unsigned width = area.columns * PANE_PERCENT / 100, fair = ladder_fair(&view->flow, call_most(view));
        if (area.columns - width < fair) /* more lifelines: their arrows come first */
            width = area.columns > fair + PANE_LEAST ? area.columns - fair : PANE_LEAST;
        events = area_left(area, area.columns - width);
        events_draw(stage, view, canvas, events);
        pane_write(stage, view, true);
        line_down(canvas, area_right(area, events.columns));
        text_view_draw(&view->pane, canvas, area_right(area, events.columns + 2));
        return;
    }
    bool strip = area.rows >= STRIP_FROM && !view->no_pane;
    events.rows -= strip ? STRIP_ROWS + 1 : 0;
    events_draw(stage, view, canvas, events);
    if (!strip)
        return;
    pane_write(stage, view, false);
    struct area below = area_below(area, events.rows);
    for (unsigned i = 0; i < below.columns; i++)
        canvas_words(canvas, area_left(area_right(below, i), 1), ROLE_DIM, canvas->ascii ? "-" : "─");
    text_view_draw(&view->pane, canvas, area_below(below, 1));
}

static void ladder_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct ladder_view *view = state;
    (void)stage;
    if (view->calls.count == 1)
        text_format(out, "call %llu  ", (unsigned long long)view->calls.ids[0]);
    else
        text_format(out, "%zu calls  ", view->calls.count);
    if (view->flow.left_out)
        text_str(out, "cut  ");
    text_format(out, "%zu/%zu", view->flow.count == 0 ? 0 : view->view.selected + 1, view->flow.count);
}

/* ---- keys ---- */

static void event_open(struct stage *stage, const struct ladder_view *view)
{
    const struct flow_event *event = event_at(view, view->view.selected);
    if (event == NULL)
        return;
    cursor_note(stage, view);
    stage->all_messages = false;
    stage_open(stage, event->kind == FLOW_MESSAGE ? &screen_message_view : &screen_stream_view);
}

/* The first message is noted, the second one opens the comparison. */
static void event_choose(struct stage *stage, struct ladder_view *view)
{
    const struct flow_event *event = event_at(view, view->view.selected);
    if (event == NULL || event->kind != FLOW_MESSAGE)
        return;
    if (view->chosen == event->message.frame) {
        view->chosen = 0;
    } else if (view->chosen == 0) {
        view->chosen = event->message.frame;
        stage->compared = event->message;
    } else {
        cursor_note(stage, view);
        stage_open(stage, &screen_message_diff);
        view->chosen = 0;
    }
}

/* What is shown changes: the flow is built anew. False: another command. */
static bool ladder_toggle(struct stage *stage, struct ladder_view *view, enum command command)
{
    switch (command) {
    case COMMAND_SDP:
        view->sdp = !view->sdp;
        return true;
    case COMMAND_PANE:
        view->no_pane = !view->no_pane;
        return true;
    case COMMAND_MEDIA:
        view->no_media = !view->no_media;
        break;
    case COMMAND_REPORTS:
        view->no_reports = !view->no_reports;
        break;
    case COMMAND_LEGS:
        stage->flow_legs = !stage->flow_legs;
        break;
    case COMMAND_COLUMNS:
        view->by_port = !view->by_port;
        break;
    default:
        return false;
    }
    flow_make(stage, view);
    return true;
}

static bool ladder_command(struct stage *stage, void *state, enum command command)
{
    struct ladder_view *view = state;
    enum move move;
    if (screen_move(command, &move)) {
        list_view_move(&view->view, move);
        cursor_note(stage, view);
        return true;
    }
    if (ladder_toggle(stage, view, command))
        return true;
    switch (command) {
    case COMMAND_OPEN:
        event_open(stage, view);
        return true;
    case COMMAND_RAW:
        stage->all_messages = true;
        stage_open(stage, &screen_message_view);
        return true;
    case COMMAND_SAVE:
        id_set_reset(&stage->saved);
        for (size_t i = 0; i < view->calls.count; i++)
            id_set_add(&stage->saved, view->calls.ids[i]);
        stage->save_flow = true;
        stage_open(stage, &screen_save);
        return true;
    case COMMAND_MARK:
        event_choose(stage, view);
        return true;
    case COMMAND_LEFT:
        view->shift -= view->shift < SHIFT_STEP ? view->shift : SHIFT_STEP;
        return true;
    case COMMAND_RIGHT:
        view->shift += SHIFT_STEP;
        return true;
    case COMMAND_VERDICT:
    case COMMAND_STREAMS:
        cursor_note(stage, view);
        return false;
    default:
        return false;
    }
}

static void ladder_close(void *state)
{
    struct ladder_view *view = state;
    flow_fini(&view->flow);
    id_set_fini(&view->calls);
    text_view_fini(&view->pane);
    text_fini(&view->scratch);
}

static bool ladder_click(struct stage *stage, void *state, unsigned row)
{
    struct ladder_view *view = state;
    bool again = row >= LADDER_HEADING && list_view_click(&view->view, row - LADDER_HEADING + 1);
    cursor_note(stage, view);
    return again;
}

static const struct key_row keys[] = {
    {COMMAND_OPEN, {PRESS_ENTER}, "Open", "the message under the cursor; of RTP its stream"},
    {COMMAND_MARK, {PRESS_SPACE}, "Compare", "choose a message, then a second one, to see what differs"},
    {COMMAND_SDP, {PRESS_F2, 'd'}, "SDP", "what session descriptions say, in the arrows"},
    {COMMAND_MEDIA, {PRESS_F3, 'm'}, "RTP", "with or without RTP streams and digits"},
    {COMMAND_REPORTS, {'r'}, NULL, "with or without RTCP reports, which tell how streams arrived: loss, jitter in ms, round trip in ms"},
    {COMMAND_LEGS, {PRESS_F4, 'x'}, "Legs", "with or without the calls that look like other legs"},
    {COMMAND_RAW, {'R', PRESS_F6}, NULL, "the texts of all messages"},
    {COMMAND_PANE, {'t'}, "Text", "with or without the text of the message under the cursor"},
    {COMMAND_COLUMNS, {'s'}, NULL, "a lifeline for each port, or for each address"},
    {COMMAND_SAVE, {'S'}, NULL, "save the flow and all its messages as text"},
    {COMMAND_LEFT, {PRESS_LEFT, 'h'}, NULL, "to the left, where there are more lifelines than fit"},
    {COMMAND_RIGHT, {PRESS_RIGHT, 'l'}, NULL, "to the right"},
    {COMMAND_VERDICT, {'v'}, "Verdict", "the event's call: verdict, findings, streams"},
};

const struct screen screen_ladder = {.name = "flow",
                                     .title = "Call flow",
                                     .help = "the messages and streams of calls between their ends, with time and findings",
                                     .keys = {keys, sizeof keys / sizeof keys[0]},
                                     .state_size = sizeof(struct ladder_view),
                                     .open = ladder_open,
                                     .close = ladder_close,
                                     .draw = ladder_draw,
                                     .command = ladder_command,
                                     .click = ladder_click,
                                     .updated = ladder_updated,
                                     .status = ladder_status};

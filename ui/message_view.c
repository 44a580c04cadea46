/* One SIP message: raw, or header by header with full names; find goes through it. */
#include "ui/flow.h"
#include "ui/message_words.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/text_view.h"

enum { MESSAGES_MOST = 1000 };

struct message_view {
    struct text_view text;
    struct text scratch;
    enum message_form form;
    struct prompt find;
    bool nowhere;          /* what was looked for is not in it */
    uint64_t frame, offset; /* of the message that the text is of */
    bool all;               /* it is of all of the flow */
};

static void message_put(const struct stage *stage, struct message_view *view, const struct kept_message *message, uint64_t call)
{
    size_t row = call_store_find(&stage->store, call);
    text_reset(&view->scratch);
    message_place(&view->scratch, &stage->messages, &stage->settings.aliases, message);
    text_view_paragraph(&view->text, 0, ROLE_DIM, slice_of(view->scratch.data, view->scratch.len));
    message_write(&view->text, &view->scratch, &stage->messages, message,
                  row == stage->store.count ? NULL : &stage->store.calls[row], view->form);
}

/* All messages of the flow, one behind the other. */
static void messages_put(const struct stage *stage, struct message_view *view)
{
    struct flow flow = {0};
    struct id_set calls = {0};
    for (size_t i = 0; i < stage->flow.count; i++)
        id_set_add(&calls, stage->flow.ids[i]);
    if (stage->flow_legs)
        flow_relate(&calls, &stage->store);
    struct flow_choice choice = {.store = &stage->store, .messages = &stage->messages, .calls = &calls};
    flow_build(&flow, &choice);
    for (size_t i = 0; i < flow.count && i < MESSAGES_MOST; i++) {
        if (i > 0)
            text_view_line(&view->text, ROLE_TEXT, "%s", "");
        message_put(stage, view, &flow.events[i].message, flow.events[i].call);
    }
    if (flow.count > MESSAGES_MOST)
        text_view_line(&view->text, ROLE_WARNING, "%zu messages more", flow.count - MESSAGES_MOST);
    flow_fini(&flow);
    id_set_fini(&calls);
}

static void message_make(struct stage *stage, void *state)
{
    struct message_view *view = state;
    bool other = view->frame != stage->message.frame || view->offset != stage->message.offset || view->all != stage->all_messages;
    text_view_reset(&view->text);
    if (other)
        view->text.window = (struct list_view){0};
    view->frame = stage->message.frame;
    view->offset = stage->message.offset;
    view->all = stage->all_messages;
    if (view->all)
        messages_put(stage, view);
    else
        message_put(stage, view, &stage->message, stage->call);
}

static void message_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct message_view *view = state;
    if (!view->all && (view->frame != stage->message.frame || view->offset != stage->message.offset))
        message_make(stage, state);
    text_view_draw(&view->text, canvas, area);
}

static void message_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct message_view *view = state;
    size_t lines = view->text.window.count, last = view->text.window.top + view->text.window.page;
    if (view->find.typing || view->find.len > 0) {
        text_put(out, '/');
        text_slice(out, prompt_text(&view->find));
        text_str(out, view->find.typing ? "_  " : view->nowhere ? " is not in it  " : "  ");
    }
    if (view->all)
        text_format(out, "%zu %s  ", stage->flow.count, stage->flow.count == 1 ? "call" : "calls");
    else
        text_format(out, "frame %llu  ", (unsigned long long)stage->message.frame);
    text_format(out, "line %zu-%zu/%zu", view->text.window.top + 1, last < lines ? last : lines, lines);
}

static bool message_type(struct stage *stage, void *state, uint32_t press)
{
    struct message_view *view = state;
    (void)stage;
    if (!view->find.typing)
        return false;
    enum prompt_step step = prompt_press(&view->find, press);
    if (step == PROMPT_CHANGED || step == PROMPT_LEFT)
        view->text.hit = 0; /* from the beginning, as it is typed */
    if (step == PROMPT_CHANGED)
        view->nowhere = !text_view_find(&view->text, prompt_text(&view->find), false);
    return step != PROMPT_OTHER;
}

static bool message_command(struct stage *stage, void *state, enum command command)
{
    struct message_view *view = state;
    enum move move;
    if (screen_move(command, &move)) {
        text_view_move(&view->text, move);
        return true;
    }
    switch (command) {
    case COMMAND_FORM:
        view->form = view->form == MESSAGE_RAW ? MESSAGE_DECODED : MESSAGE_RAW;
        message_make(stage, state);
        return true;
    case COMMAND_FIND:
        prompt_begin(&view->find);
        return true;
    case COMMAND_FIND_NEXT:
    case COMMAND_FIND_BEFORE:
        view->nowhere = !text_view_find(&view->text, prompt_text(&view->find), command == COMMAND_FIND_BEFORE);
        return true;
    case COMMAND_BEFORE:
    case COMMAND_NEXT:
        if (view->all)
            return true;
        stage_step(stage, &screen_ladder, command == COMMAND_BEFORE ? COMMAND_UP : COMMAND_DOWN);
        return true;
    default:
        return false;
    }
}

static void message_close(void *state)
{
    struct message_view *view = state;
    text_view_fini(&view->text);
    text_fini(&view->scratch);
}

static const struct key_row keys[] = {
    {COMMAND_FORM, {PRESS_TAB, 'r'}, "Raw/decoded", "as it stands, or header by header with full names"},
    {COMMAND_FIND, {'/', PRESS_F3}, "Find", "find a word in the message"},
    {COMMAND_FIND_NEXT, {'n'}, NULL, "the next place of what was looked for"},
    {COMMAND_FIND_BEFORE, {'N'}, NULL, "the place before it"},
    {COMMAND_NEXT, {PRESS_RIGHT}, "Next", "the next message of the flow"},
    {COMMAND_BEFORE, {PRESS_LEFT}, "Previous", "the message before it in the flow"},
    {COMMAND_VERDICT, {'v'}, "Verdict", "its call: verdict, findings, streams"},
};

const struct screen screen_message_view = {
    .name = "message",
    .title = "Message",
    .help = "one SIP message, with the findings on it; the headers they are about are marked",
    .keys = {keys, sizeof keys / sizeof keys[0]},
    .state_size = sizeof(struct message_view),
    .open = message_make,
    .close = message_close,
    .draw = message_draw,
    .command = message_command,
    .type = message_type,
    .renamed = message_make,
    .status = message_status};

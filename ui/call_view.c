/* One call: its verdict, what was found wrong in it, its streams, its other legs, and all that its record says. */
#include "ui/screen.h"
#include "ui/stream_words.h"
#include "ui/text_view.h"
#include "ui/words.h"

struct call_view {
    struct text_view text;
    uint64_t call; /* that the text is about */
    struct text value;
};

static struct slice value_of(const struct call_view *view)
{
    return slice_of(view->value.data, view->value.len);
}

static void finding_write(struct call_view *view, const struct finding_record *finding)
{
    struct text *value = &view->value;
    text_reset(value);
    text_plain(value, finding->severity);
    text_format(value, ", frame %llu: ", (unsigned long long)finding->frame);
    text_plain(value, finding->text);
    if (finding->count > 1)
        text_format(value, " [%llu times]", (unsigned long long)finding->count);
    text_view_paragraph(&view->text, 2, words_severity_role(finding->severity), value_of(view));
    if (finding->fix.len > 0) {
        text_reset(value);
        text_str(value, "Fix: ");
        text_plain(value, finding->fix);
        text_view_paragraph(&view->text, 4, ROLE_TEXT, value_of(view));
    }
    text_reset(value);
    text_plain(value, finding->source);
    text_str(value, " (");
    text_plain(value, finding->rule);
    text_put(value, ')');
    text_view_paragraph(&view->text, 4, ROLE_DIM, value_of(view));
}

/* A heading; an empty line before it, but not before the first. */
static void heading_write(struct call_view *view, const char *title)
{
    if (view->text.count > 0)
        text_view_line(&view->text, ROLE_TEXT, "%s", "");
    text_view_line(&view->text, ROLE_HEADING, "%s", title);
}

static void verdict_write(struct call_view *view, const struct call_verdict *verdict)
{
    if (verdict == NULL)
        return;
    heading_write(view, "Verdict");
    text_reset(&view->value);
    text_plain(&view->value, verdict->code);
    if (verdict->text.len > 0) {
        text_str(&view->value, ": ");
        text_plain(&view->value, verdict->text);
    }
    text_view_paragraph(&view->text, 2, words_verdict_role(verdict->code), value_of(view));
}

static void findings_write(struct call_view *view, const struct call_copy *copy)
{
    if (copy->finding_count == 0)
        return;
    heading_write(view, "Findings");
    for (size_t i = 0; i < copy->finding_count; i++)
        finding_write(view, copy->findings[i]);
}

static void streams_write(const struct stage *stage, struct call_view *view, const struct call_copy *copy)
{
    if (copy->stream_count == 0)
        return;
    heading_write(view, "Streams");
    for (size_t i = 0; i < copy->stream_count; i++)
        stream_summary(&view->text, &view->value, copy->streams[i], &stage->settings.aliases);
}

static void related_write(struct call_view *view, const struct call_record *call)
{
    if (call->related_count == 0)
        return;
    heading_write(view, "Other legs");
    for (size_t i = 0; i < call->related_count; i++)
        text_view_line(&view->text, ROLE_TEXT, "  call %llu: %s (score %u)", (unsigned long long)call->related[i].id,
                       call->related[i].why, call->related[i].score);
}

static void fields_write(struct call_view *view, const struct call_record *call)
{
    for (size_t i = 0; i < call_fields.count; i++) {
        text_reset(&view->value);
        if (call_fields.fields[i].offset == offsetof(struct call_record, verdict))
            continue; /* it stands above */
        words_field(&view->value, &call_fields.fields[i], call);
        if (view->value.len > 0)
            text_view_pair(&view->text, call_fields.fields[i].name, ROLE_TEXT, value_of(view));
    }
}

static void call_write(struct stage *stage, void *state)
{
    struct call_view *view = state;
    size_t row = call_store_find(&stage->store, stage->call);
    text_view_reset(&view->text);
    if (view->call != stage->call)
        view->text.window = (struct list_view){0};
    view->call = stage->call;
    if (row == stage->store.count) {
        text_view_line(&view->text, ROLE_DIM, "call %llu is not kept any more", (unsigned long long)stage->call);
        return;
    }
    const struct call_copy *copy = &stage->store.calls[row];
    const struct call_record *call = call_store_record(&stage->store, copy);
    verdict_write(view, call->verdict); /* what is wrong stands first */
    findings_write(view, copy);
    streams_write(stage, view, copy);
    related_write(view, call);
    heading_write(view, "Record");
    fields_write(view, call);
}

static void call_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct call_view *view = state;
    if (view->call != stage->call)
        call_write(stage, state);
    text_view_draw(&view->text, canvas, area);
}

static void call_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct call_view *view = state;
    size_t lines = view->text.window.count, last = view->text.window.top + view->text.window.page;
    text_format(out, "call %llu  line %zu-%zu/%zu", (unsigned long long)stage->call, view->text.window.top + 1,
                last < lines ? last : lines, lines);
}

static bool call_command(struct stage *stage, void *state, enum command command)
{
    struct call_view *view = state;
    enum move move;
    if (screen_move(command, &move)) {
        text_view_move(&view->text, move);
        return true;
    }
    if (command == COMMAND_FLOW) { /* this call's, whatever is marked in the list */
        id_set_reset(&stage->flow);
        id_set_add(&stage->flow, stage->call);
        stage->flow_legs = false;
        stage_open(stage, &screen_ladder);
        return true;
    }
    if (command != COMMAND_BEFORE && command != COMMAND_NEXT)
        return false;
    stage_step(stage, &screen_call_list, command == COMMAND_BEFORE ? COMMAND_UP : COMMAND_DOWN);
    return true;
}

static void call_close(void *state)
{
    struct call_view *view = state;
    text_view_fini(&view->text);
    text_fini(&view->value);
}

static const struct key_row keys[] = {
    {COMMAND_NEXT, {'n', PRESS_RIGHT}, "Next", "the next call of the list"},
    {COMMAND_BEFORE, {'p', PRESS_LEFT}, "Previous", "the call before it in the list"},
    {COMMAND_FLOW, {PRESS_ENTER, 'f'}, "Flow", "its messages between their ends"},
    {COMMAND_STREAMS, {'m'}, "Streams", "the list of streams, at this call's first one"},
    {COMMAND_FINDINGS, {'e'}, NULL, "what was found wrong in all calls"},
    {COMMAND_SUMMARY, {'i'}, NULL, "statistics, totals, and what was damaged or not understood"},
};

const struct screen screen_call_view = {
    .name = "call",
    .title = "Call",
    .help = "one call: verdict, findings, streams with MOS and its inputs, other legs, all that its record says",
    .keys = {keys, sizeof keys / sizeof keys[0]},
    .state_size = sizeof(struct call_view),
    .open = call_write,
    .close = call_close,
    .draw = call_draw,
    .command = call_command,
    .updated = call_write,
    .renamed = call_write,
    .status = call_status};

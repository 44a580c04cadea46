/* The ladder is drawn on a canvas that is as wide and as long as it needs, and the canvas is written out. */
#include "ui/flow_text.h"

#include "ui/ladder.h"
#include "ui/message_words.h"

enum { EVENTS_MOST = 5000, MARGIN_CELLS = 24 };

static void ladder_put(struct text *out, const struct flow *flow, const struct aliases *aliases, uint64_t call_most, bool ascii)
{
    struct canvas canvas;
    struct ladder ladder;
    unsigned shift = 0, columns = ladder_fair(flow, call_most) + MARGIN_CELLS;
    size_t count = flow->count < EVENTS_MOST ? flow->count : EVENTS_MOST;
    if (!canvas_init(&canvas, (unsigned)count + LADDER_HEADING, columns, ascii))
        return;
    struct area all = canvas_area(&canvas);
    ladder_fit(&ladder, flow, columns, call_most, false, &shift);
    ladder.aliases = aliases;
    ladder_heading(&ladder, &canvas, all);
    for (size_t i = 0; i < count; i++)
        ladder_event(&ladder, &canvas, area_row(all, (unsigned)i + LADDER_HEADING), &flow->events[i],
                     i == 0 ? NULL : &flow->events[i - 1], false, false);
    canvas_print(&canvas, out);
    canvas_fini(&canvas);
}

/* Its lines; what is no text in them becomes '.'. */
static void message_put(struct text *out, struct text *scratch, const struct flow_choice *choice, const struct kept_message *message)
{
    struct error error = {""};
    text_put(out, '\n');
    message_place(out, choice->messages, choice->aliases, message);
    text_put(out, '\n');
    if (!message_store_text(choice->messages, message, scratch, &error)) {
        text_str(out, error.text);
        text_put(out, '\n');
        return;
    }
    for (struct slice rest = slice_of(scratch->data, scratch->len); rest.len > 0;) {
        size_t end = slice_find(rest, 0, '\n');
        struct slice line = slice_cut(rest, 0, end);
        if (line.len > 0 && line.data[line.len - 1] == '\r')
            line = slice_cut(line, 0, line.len - 1);
        text_plain(out, line);
        text_put(out, '\n');
        rest = slice_after(rest, end + 1);
    }
}

void flow_text(struct text *out, const struct flow_choice *choice, bool ascii)
{
    struct flow flow = {0};
    struct text scratch = {0};
    size_t calls = choice->calls->count;
    flow_build(&flow, choice);
    ladder_put(out, &flow, choice->aliases, calls > 1 ? choice->calls->ids[calls - 1] : 0, ascii);
    for (size_t i = 0; i < flow.count && i < EVENTS_MOST; i++)
        if (flow.events[i].kind == FLOW_MESSAGE)
            message_put(out, &scratch, choice, &flow.events[i].message);
    text_fini(&scratch);
    flow_fini(&flow);
}

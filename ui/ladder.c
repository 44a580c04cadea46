/* Left of the lifelines, where nothing scrolls sideways:

     12:00:01.200   +1.234 E #12  |                         |
   > 12:00:01.300    +.100        | <---- 100 Trying ------ |                                                          */
#include "ui/ladder.h"

#include "ui/words.h"

enum {
    TIME_AT = 2,
    DELTA_AT = 15,
    DELTA_CELLS = 8,
    MARK_CELLS = 3,       /* a severity between blanks, left of the rest */
    NARROW = 60,          /* below it there are no deltas */
    MARGIN = 8,
    PITCH_LEAST = 20,
    PITCH_FAIR = 30,
    PITCH_MOST = 64
};

static unsigned call_cells(uint64_t call_most)
{
    unsigned digits = 3; /* with its sign and a blank */
    for (; call_most >= 10; call_most /= 10)
        digits++;
    return call_most == 0 ? 0 : digits;
}

static unsigned gaps_of(const struct flow *flow)
{
    return flow->column_count > 1 ? flow->column_count - 1 : 1;
}

unsigned ladder_fair(const struct flow *flow, uint64_t call_most)
{
    return DELTA_AT + DELTA_CELLS + MARK_CELLS + call_cells(call_most) + 2 * MARGIN + gaps_of(flow) * PITCH_FAIR;
}

void ladder_fit(struct ladder *ladder, const struct flow *flow, unsigned cells, uint64_t call_most, bool sdp, unsigned *shift)
{
    unsigned gaps = gaps_of(flow);
    *ladder = (struct ladder){.flow = flow, .call_cells = call_cells(call_most), .deltas = cells >= NARROW, .sdp = sdp};
    ladder->fixed = (ladder->deltas ? DELTA_AT + DELTA_CELLS + MARK_CELLS : DELTA_AT + MARK_CELLS) + ladder->call_cells;
    unsigned room = cells > ladder->fixed + 2 * MARGIN ? cells - ladder->fixed - 2 * MARGIN : 0;
    unsigned pitch = room / gaps;
    ladder->pitch = pitch < PITCH_LEAST ? PITCH_LEAST : pitch > PITCH_MOST ? PITCH_MOST : pitch;
    ladder->width = 2 * MARGIN + gaps * ladder->pitch;
    unsigned most = ladder->fixed + ladder->width > cells ? ladder->fixed + ladder->width - cells : 0;
    *shift = *shift < most ? *shift : most;
    ladder->shift = *shift;
}

/* Text that may begin left of what is shown: that part of it is cut. `at` counts from the area's left end. */
static void shifted_text(struct canvas *canvas, struct area area, long at, enum role role, struct slice text)
{
    if (at < 0) {
        text = slice_after(text, canvas_fit(canvas, text, (unsigned)-at));
        at = 0;
    }
    if ((unsigned long)at < area.columns && text.len > 0)
        canvas_text(canvas, area_right(area, (unsigned)at), role, text);
}

static void shifted_words(struct canvas *canvas, struct area area, long at, enum role role, const char *words)
{
    if (at >= 0) /* one cell: seen or not */
        shifted_text(canvas, area, at, role, slice_str(words));
}

/* Where a lifeline stands in the part that scrolls. */
static long lifeline_at(const struct ladder *ladder, unsigned column)
{
    return (long)MARGIN + (long)column * (long)ladder->pitch - (long)ladder->shift;
}

void ladder_heading(const struct ladder *ladder, struct canvas *canvas, struct area area)
{
    struct area names = area_right(area_row(area, 0), ladder->fixed), lines = area_right(area_row(area, 1), ladder->fixed);
    struct text name = {0};
    canvas_fill(canvas, area_row(area, 0), ROLE_HEADING);
    canvas_words(canvas, area_right(area_row(area, 0), TIME_AT), ROLE_HEADING, "Time");
    if (ladder->deltas)
        canvas_text_right(canvas, area_left(area_right(area_row(area, 0), DELTA_AT), DELTA_CELLS), ROLE_HEADING,
                          slice_str("Delta"));
    for (unsigned i = 0; i < ladder->flow->column_count; i++) {
        text_reset(&name);
        const struct flow_column *column = &ladder->flow->columns[i];
        if (column->several)
            aliases_address(&name, ladder->aliases, &column->endpoint);
        else
            aliases_endpoint(&name, ladder->aliases, &column->endpoint);
        struct slice text = slice_of(name.data, name.len);
        unsigned most = i == 0 ? ladder->pitch / 2 + MARGIN : ladder->pitch - 2;
        unsigned width = canvas_width(canvas, text, most);
        width = width < most ? width : most;
        long at = lifeline_at(ladder, i) - (long)width / 2;
        if (i == 0 && at < -(long)ladder->shift)
            at = -(long)ladder->shift;
        if (at >= 0 || (long)width + at > 0)
            shifted_text(canvas, area_left(names, at + (long)width > 0 ? (unsigned)(at + (long)width) : 0), at, ROLE_HEADING, text);
        shifted_words(canvas, lines, lifeline_at(ladder, i), ROLE_DIM, canvas->ascii ? "|" : "┬");
    }
    text_fini(&name);
}

/* What an arrow looks like: requests, and answers by their class. */
static enum role event_role(const struct flow_event *event)
{
    if (event->kind == FLOW_STREAM)
        return event->stream->mos == NULL ? ROLE_TEXT : words_mos_role(event->stream->mos->lq);
    if (event->kind == FLOW_DIGIT || event->kind == FLOW_REPORT)
        return event->kind == FLOW_DIGIT ? ROLE_TEXT : ROLE_DIM;
    unsigned code = event->message.code;
    if (event->message.flags & (KEPT_AGAIN | KEPT_COPY))
        return ROLE_DIM;
    return code == 0                                  ? ROLE_LABEL
           : code < 200                               ? ROLE_TEXT
           : code < 300                               ? ROLE_GOOD
           : code < 400 || code == 401 || code == 407 ? ROLE_WARNING
                                                      : ROLE_ERROR;
}

static void label_make(const struct ladder *ladder, const struct flow_event *event, struct text *out)
{
    text_put(out, ' ');
    text_slice(out, flow_label(ladder->flow, event));
    if (event->kind == FLOW_MESSAGE && event->sdp_len > 0) {
        text_str(out, " (");
        text_slice(out, ladder->sdp ? flow_sdp(ladder->flow, event) : slice_str("SDP"));
        text_put(out, ')');
    }
    if (event->kind == FLOW_MESSAGE && (event->message.flags & KEPT_AGAIN))
        text_str(out, " again");
    if (event->kind == FLOW_MESSAGE && (event->message.flags & KEPT_COPY))
        text_str(out, " copy");
    text_put(out, ' ');
}

static void arrow_draw(const struct ladder *ladder, struct canvas *canvas, struct area area, const struct flow_event *event)
{
    bool media = event->kind != FLOW_MESSAGE;
    const char *line = event->kind == FLOW_REPORT ? (canvas->ascii ? "." : "┄")
                       : media                    ? (canvas->ascii ? "=" : "═")
                                                  : (canvas->ascii ? "-" : "─");
    unsigned left = event->from < event->to ? event->from : event->to, right = event->from < event->to ? event->to : event->from;
    long begin = lifeline_at(ladder, left) + 1, end = lifeline_at(ladder, right) - 1; /* first and last cell between */
    enum role role = event_role(event);
    struct text label = {0};
    label_make(ladder, event, &label);
    struct slice words = slice_of(label.data, label.len);
    if (left == right) { /* to itself */
        shifted_words(canvas, area, begin, role, canvas->ascii ? ">" : "↺");
        shifted_text(canvas, area, begin + 1, role, words);
    } else {
        for (long at = begin; at <= end; at++)
            shifted_words(canvas, area, at, role, line);
        shifted_words(canvas, area, event->from < event->to ? end : begin, role, event->from < event->to ? ">" : "<");
        unsigned most = (unsigned)(end - begin) - 3, width = canvas_width(canvas, words, most);
        width = width < most ? width : most;
        long at = begin + 2 + ((long)most - (long)width) / 2;
        if (at + (long)width > 0) /* a longer one ends in the arrow, with the canvas' mark */
            shifted_text(canvas, area_left(area, (unsigned)(at + (long)width)), at, role, words);
    }
    text_fini(&label);
}

/* Time since the event above: "+.020", "+12.345", "+1:02:03". */
static void delta_put(struct text *out, int64_t ns)
{
    if (ns >= 3600 * NS_PER_SECOND) {
        text_put(out, '+');
        words_span(out, ns);
    } else {
        text_format(out, "+%lld.%03lld", (long long)(ns / NS_PER_SECOND), (long long)(ns / NS_PER_MS % 1000));
    }
}

static void fixed_draw(const struct ladder *ladder, struct canvas *canvas, struct area area, const struct flow_event *event,
                       const struct flow_event *before)
{
    static const char *const letters[SEVERITY_COUNT] = {"E", "W", "i"};
    static const enum role roles[SEVERITY_COUNT] = {ROLE_ERROR, ROLE_WARNING, ROLE_LABEL};
    struct text text = {0};
    words_time_of_day(&text, event->at);
    canvas_text(canvas, area_right(area, TIME_AT), ROLE_TEXT, slice_of(text.data, text.len));
    text_reset(&text);
    if (before != NULL && ladder->deltas)
        delta_put(&text, event->at - before->at);
    canvas_text_right(canvas, area_left(area_right(area, DELTA_AT), DELTA_CELLS), ROLE_DIM, slice_of(text.data, text.len));
    text_reset(&text);
    if (ladder->call_cells > 0)
        text_format(&text, "#%llu", (unsigned long long)event->call);
    canvas_text(canvas, area_right(area, ladder->fixed - ladder->call_cells), ROLE_TEXT, slice_of(text.data, text.len));
    text_fini(&text);
    if (event->severity < SEVERITY_COUNT)
        canvas_words(canvas, area_right(area, ladder->fixed - ladder->call_cells - MARK_CELLS + 1), roles[event->severity],
                     letters[event->severity]);
}

void ladder_event(const struct ladder *ladder, struct canvas *canvas, struct area area, const struct flow_event *event,
                  const struct flow_event *before, bool selected, bool chosen)
{
    struct area lines = area_right(area, ladder->fixed);
    fixed_draw(ladder, canvas, area_left(area, ladder->fixed), event, before);
    for (unsigned i = 0; i < ladder->flow->column_count; i++)
        shifted_words(canvas, lines, lifeline_at(ladder, i), ROLE_DIM, canvas->ascii ? "|" : "│");
    arrow_draw(ladder, canvas, lines, event);
    if (chosen)
        canvas_words(canvas, area_right(area, 1), ROLE_KEY, "*");
    if (!selected)
        return;
    canvas_words(canvas, area, ROLE_SELECTED, ">");
    canvas_paint(canvas, area, ROLE_SELECTED);
}

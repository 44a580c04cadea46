/* One stream: all figures, and loss, jitter, longest gap and MOS over time beside or below them. */
#include <stdlib.h>

#include "ui/plot.h"
#include "ui/screen.h"
#include "ui/stream_words.h"
#include "ui/words.h"

enum { PLOTS = 4, FIGURES_WIDE = 62 };

struct stream_view {
    struct text_view text;
    struct text value;
    uint64_t stream;
    double *values[PLOTS]; /* loss %, jitter ms, longest gap ms, MOS of each window */
    size_t count, room;
    int64_t begin_ns, step_ns;
};

static bool room_make(struct stream_view *view, size_t count)
{
    for (int i = 0; i < PLOTS && count > view->room; i++) {
        double *values = realloc(view->values[i], count * sizeof *values);
        if (values == NULL)
            return false;
        view->values[i] = values;
    }
    view->room = count > view->room ? count : view->room;
    return true;
}

static void windows_take(struct stream_view *view, const struct stream_record *stream)
{
    const struct stream_windows *windows = stream->windows;
    size_t count = windows == NULL ? 0 : windows->packets.count;
    view->count = 0;
    if (!room_make(view, count))
        return;
    for (size_t i = 0; i < count; i++) {
        double packets = (double)windows->packets.items[i], lost = (double)windows->lost.items[i];
        bool silent = packets + lost == 0;
        view->values[0][i] = silent ? NAN : 100 * lost / (packets + lost);
        view->values[1][i] = packets == 0 ? NAN : (double)windows->jitter_us.items[i] / 1000;
        view->values[2][i] = packets == 0 ? NAN : (double)windows->delta_us.items[i] / 1000;
        view->values[3][i] =
            i < windows->mos_x100.count && windows->mos_x100.items[i] > 0 ? (double)windows->mos_x100.items[i] / 100 : NAN;
    }
    view->count = count;
    view->begin_ns = stream->start;
    view->step_ns = count == 0 ? 0 : windows->length;
}

static const struct stream_record *stream_find(const struct stage *stage)
{
    return call_store_stream(&stage->store, stage->stream_call, stage->stream);
}

static void stream_write(struct stage *stage, void *state)
{
    struct stream_view *view = state;
    const struct stream_record *stream = stream_find(stage);
    text_view_reset(&view->text);
    if (view->stream != stage->stream)
        view->text.window = (struct list_view){0};
    view->stream = stage->stream;
    view->count = 0;
    if (stream == NULL) {
        text_view_line(&view->text, ROLE_DIM, "stream %llu is not kept any more", (unsigned long long)stage->stream);
        return;
    }
    stream_summary(&view->text, &view->value, stream, &stage->settings.aliases);
    text_view_line(&view->text, ROLE_TEXT, "%s", "");
    stream_fields_write(&view->text, &view->value, stream);
    windows_take(view, stream);
}

static enum role role_bad(double value)
{
    return value > 0 ? ROLE_ERROR : ROLE_TEXT;
}

static void stream_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    static const struct plot rows[PLOTS] = {
        {.title = "loss %", .ceiling = 1, .decimals = 1, .role = role_bad},
        {.title = "jitter ms", .ceiling = 1, .decimals = 1},
        {.title = "longest time between two packets, ms", .ceiling = 1},
        {.title = "MOS (of each window, with the stream's BurstR)",
         .floor = 1,
         .ceiling = 4.5,
         .least = true,
         .decimals = 1,
         .role = words_mos_role},
    };
    struct stream_view *view = state;
    if (view->stream != stage->stream)
        stream_write(stage, state);
    struct area figures, drawn;
    struct plot plots[PLOTS];
    plots_split(area, view->count < 2 ? 0 : PLOTS, FIGURES_WIDE, &figures, &drawn);
    text_view_draw(&view->text, canvas, figures);
    for (int i = 0; i < PLOTS; i++) {
        plots[i] = rows[i];
        plots[i].values = view->values[i];
        plots[i].count = view->count;
    }
    plots_draw(plots, PLOTS, canvas, drawn, view->begin_ns, view->step_ns);
}

static void stream_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct stream_view *view = state;
    size_t lines = view->text.window.count, last = view->text.window.top + view->text.window.page;
    text_format(out, "stream %llu", (unsigned long long)stage->stream);
    if (stage->stream_call != NUMBER_NONE)
        text_format(out, " of call %llu", (unsigned long long)stage->stream_call);
    text_format(out, "  line %zu-%zu/%zu", view->text.window.top + 1, last < lines ? last : lines, lines);
}

static bool stream_command(struct stage *stage, void *state, enum command command)
{
    struct stream_view *view = state;
    enum move move;
    (void)stage;
    if (screen_move(command, &move)) {
        text_view_move(&view->text, move);
        return true;
    }
    if (command != COMMAND_BEFORE && command != COMMAND_NEXT)
        return false;
    stage_step(stage, &screen_stream_list, command == COMMAND_BEFORE ? COMMAND_UP : COMMAND_DOWN);
    return true;
}

static void stream_close(void *state)
{
    struct stream_view *view = state;
    text_view_fini(&view->text);
    text_fini(&view->value);
    for (int i = 0; i < PLOTS; i++)
        free(view->values[i]);
}

static const struct key_row keys[] = {
    {COMMAND_NEXT, {'n', PRESS_RIGHT}, "Next", "the next stream of the list"},
    {COMMAND_BEFORE, {'p', PRESS_LEFT}, "Previous", "the stream before it in the list"},
    {COMMAND_VERDICT, {'v'}, "Verdict", "the stream's call: verdict, findings, streams"},
};

const struct screen screen_stream_view = {.name = "stream",
                                          .title = "Stream",
                                          .help = "one stream: MOS with its inputs, all figures; loss, jitter, longest gap and MOS over time",
                                          .keys = {keys, sizeof keys / sizeof keys[0]},
                                          .state_size = sizeof(struct stream_view),
                                          .open = stream_write,
                                          .close = stream_close,
                                          .draw = stream_draw,
                                          .command = stream_command,
                                          .updated = stream_write,
                                          .renamed = stream_write,
                                          .status = stream_status};

/* All streams, in the order of their calls, then those of no call. */
#include <stdlib.h>

#include "ui/screen.h"
#include "ui/stream_words.h"

struct stream_list {
    struct list_view view;
    const struct stream_record **rows; /* borrowed from the store until it takes the next snapshot */
    size_t count, room;
    uint64_t number_most;
    uint64_t selected; /* id of the stream under the cursor; 0: none yet */
};

static void row_add(struct stream_list *list, const struct stream_record *stream)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 256 : list->room * 2;
        const struct stream_record **rows = realloc(list->rows, room * sizeof *rows);
        if (rows == NULL)
            return;
        list->rows = rows;
        list->room = room;
    }
    list->rows[list->count++] = stream;
    list->number_most = stream->id > list->number_most ? stream->id : list->number_most;
}

static void copy_add(struct stream_list *list, const struct call_copy *copy)
{
    for (size_t i = 0; i < copy->stream_count; i++)
        row_add(list, copy->streams[i]);
}

static void cursor_set(struct stream_list *list, uint64_t call, uint64_t id)
{
    for (size_t i = 0; i < list->count; i++)
        if (id != 0 ? list->rows[i]->id == id : list->rows[i]->call == call) {
            list->view.selected = i;
            return;
        }
}

static void list_update(struct stage *stage, void *state)
{
    struct stream_list *list = state;
    list->count = 0;
    list->number_most = 0;
    for (size_t i = 0; i < stage->store.count; i++)
        copy_add(list, &stage->store.calls[i]);
    copy_add(list, &stage->store.loose);
    if (list->selected != 0)
        cursor_set(list, NUMBER_NONE, list->selected);
    list_view_fit(&list->view, list->count, list->view.page);
}

/* The cursor goes to the first stream of the call that was looked at. */
static void list_open(struct stage *stage, void *state)
{
    struct stream_list *list = state;
    list->selected = 0;
    list_update(stage, state);
    cursor_set(list, stage->call, 0);
}

struct drawing {
    struct columns columns; /* first: columns_heading_row */
    const struct stream_list *list;
};

static void stream_draw(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    struct drawing *drawing = context;
    columns_draw(&drawing->columns, canvas, area, drawing->list->rows[row], selected, false);
}

static void list_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct stream_list *list = state;
    struct drawing drawing = {.list = list};
    columns_fit(&drawing.columns, stream_columns, stream_column_count, area.columns, list->number_most);
    drawing.columns.context = &stage->settings.aliases;
    list_view_draw(&list->view, list->count, canvas, area, columns_heading_row, stream_draw, &drawing);
    columns_fini(&drawing.columns);
    if (list->count == 0)
        canvas_words(canvas, area_right(area_row(area, 2), 2), ROLE_DIM,
                     stage->over ? "no RTP streams in here" : "no RTP streams yet");
}

static void list_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct stream_list *list = state;
    (void)stage;
    text_format(out, "%zu/%zu", list->count == 0 ? 0 : list->view.selected + 1, list->count);
}

static void cursor_note(struct stage *stage, struct stream_list *list)
{
    if (list->view.selected >= list->count)
        return;
    const struct stream_record *stream = list->rows[list->view.selected];
    list->selected = stage->stream = stream->id;
    stage->stream_call = stream->call;
    if (stream->call != NUMBER_NONE)
        stage->call = stream->call;
}

static bool list_command(struct stage *stage, void *state, enum command command)
{
    struct stream_list *list = state;
    enum move move;
    if (screen_move(command, &move)) {
        list_view_move(&list->view, move);
        cursor_note(stage, list);
        return true;
    }
    if (command != COMMAND_OPEN)
        return false;
    cursor_note(stage, list);
    if (list->count > 0)
        stage_open(stage, &screen_stream_view);
    return true;
}

static void list_close(void *state)
{
    struct stream_list *list = state;
    free(list->rows);
}

static bool list_click(struct stage *stage, void *state, unsigned row)
{
    struct stream_list *list = state;
    bool again = list_view_click(&list->view, row);
    cursor_note(stage, list);
    return again;
}

static const struct key_row keys[] = {
    {COMMAND_OPEN, {PRESS_ENTER, PRESS_RIGHT, 'l'}, "Open", "all figures of the stream under the cursor, and its course over time"},
    {COMMAND_VERDICT, {'v'}, "Verdict", "the stream's call: verdict, findings, streams"},
};

const struct screen screen_stream_list = {.name = "streams",
                                          .title = "Streams",
                                          .help = "a line per RTP stream: loss, late packets, jitter, MOS",
                                          .keys = {keys, sizeof keys / sizeof keys[0]},
                                          .state_size = sizeof(struct stream_list),
                                          .open = list_open,
                                          .close = list_close,
                                          .draw = list_draw,
                                          .command = list_command,
                                        .click = list_click,
                                          .updated = list_update,
                                          .status = list_status};

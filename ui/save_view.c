/* Asks for a file name and saves calls with their findings and streams, or their flow as text. What is there already is not written over without asking. */
#include <stdio.h>
#include <unistd.h>

#include "ui/flow_text.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/words.h"

enum { SAID_BYTES = 600 };

struct save_view {
    struct prompt path;
    bool asking; /* whether to write over it */
    bool done, failed;
    bool ascii; /* the terminal shows nothing else, and its user's other programs probably neither */
    char said[SAID_BYTES];
};

static void save_open(struct stage *stage, void *state)
{
    struct save_view *view = state;
    const char *name = stage->save_flow ? "flow.txt" : "calls.json";
    *view = (struct save_view){.path = {.len = strlen(name), .typing = true}};
    memcpy(view->path.text, name, view->path.len);
}

/* In the order in which outputs get them: a call, its findings, its streams. */
static void calls_feed(void *feeder, record_reader *read, void *context)
{
    const struct stage *stage = feeder;
    for (size_t i = 0; i < stage->saved.count; i++) {
        size_t row = call_store_find(&stage->store, stage->saved.ids[i]);
        if (row == stage->store.count)
            continue;
        const struct call_copy *copy = &stage->store.calls[row];
        read(context, &(struct record){.kind = RECORD_CALL, .call = call_store_record(&stage->store, copy)});
        for (size_t f = 0; f < copy->finding_count; f++)
            read(context, &(struct record){.kind = RECORD_FINDING, .finding = copy->findings[f]});
        for (size_t s = 0; s < copy->stream_count; s++)
            read(context, &(struct record){.kind = RECORD_STREAM, .stream = copy->streams[s]});
    }
}

static void calls_save(struct stage *stage, struct save_view *view, bool over)
{
    struct error error = {"nothing can be saved here"};
    char path[PROMPT_BYTES + 1];
    snprintf(path, sizeof path, "%.*s", (int)view->path.len, view->path.text);
    view->path.typing = true;
    view->asking = false;
    if (path[0] == '\0')
        return;
    if (!over && access(path, F_OK) == 0) {
        view->asking = true;
        return;
    }
    struct text text = {0};
    struct saving saving = {.feed = stage->save_flow ? NULL : calls_feed, .feeder = stage};
    if (stage->save_flow) {
        struct flow_choice choice = {.store = &stage->store, .messages = &stage->messages, .calls = &stage->saved, .media = true, .reports = true,
                                     .aliases = &stage->settings.aliases};
        flow_text(&text, &choice, view->ascii);
        saving.text = slice_of(text.data, text.len);
    }
    bool saved = stage->save != NULL && !text.failed && stage->save(stage->save_context, path, &saving, &error);
    text_fini(&text);
    view->failed = !saved;
    view->done = saved;
    if (saved)
        snprintf(view->said, sizeof view->said, "%zu %s saved in %s", stage->saved.count,
                 stage->saved.count == 1 ? "call" : "calls", path);
    else
        snprintf(view->said, sizeof view->said, "not saved: %.*s", SAID_BYTES - 20, error.text);
}

static void save_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct save_view *view = state;
    struct text words = {0};
    view->ascii = canvas->ascii;
    text_str(&words, stage->save_flow ? "Save the flow and the messages of " : "Save ");
    if (stage->save_flow)
        words_counted(&words, stage->saved.count, "call", "calls");
    else
        words_counted(&words, stage->saved.count, "call with its findings and streams", "calls with their findings and streams");
    canvas_text(canvas, area_right(area_row(area, 1), 2), ROLE_TEXT, slice_of(words.data, words.len));
    text_fini(&words);
    canvas_words(canvas, area_right(area_row(area, 2), 2), ROLE_DIM,
                 stage->save_flow ? "as text" : "name.json or name.jsonl: a record a line; any other name: the report as text");
    if (view->done) {
        canvas_words(canvas, area_right(area_row(area, 4), 2), ROLE_GOOD, view->said);
        return;
    }
    unsigned at = canvas_words(canvas, area_right(area_row(area, 4), 2), ROLE_LABEL, "File: ") + 2;
    at += canvas_text(canvas, area_right(area_row(area, 4), at), ROLE_TEXT, prompt_text(&view->path));
    canvas_words(canvas, area_right(area_row(area, 4), at), ROLE_KEY, "_");
    if (view->asking)
        canvas_words(canvas, area_right(area_row(area, 6), 2), ROLE_WARNING,
                     "It is there already. Write over it?  y: yes   any other key: no");
    else if (view->failed)
        canvas_words(canvas, area_right(area_row(area, 6), 2), ROLE_ERROR, view->said);
}

static bool save_type(struct stage *stage, void *state, uint32_t press)
{
    struct save_view *view = state;
    if (view->done)
        return false;
    if (view->asking) {
        if (press == 'y' || press == 'Y')
            calls_save(stage, view, true);
        view->asking = false;
        return true;
    }
    enum prompt_step step = press == PRESS_ESCAPE ? PROMPT_OTHER : prompt_press(&view->path, press); /* Esc is the stage's: back */
    if (step == PROMPT_CHANGED)
        view->failed = false;
    if (step == PROMPT_DONE)
        calls_save(stage, view, false);
    return step != PROMPT_OTHER;
}

static const struct key_row keys[] = {
    {COMMAND_SAVE, {PRESS_ENTER}, "Save", "save under the name that was typed"},
};

const struct screen screen_save = {.name = "save",
                                   .title = "Save",
                                   .help = "calls, or a call flow, into a file",
                                   .keys = {keys, sizeof keys / sizeof keys[0]},
                                   .state_size = sizeof(struct save_view),
                                   .open = save_open,
                                   .draw = save_draw,
                                   .type = save_type};

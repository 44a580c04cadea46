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
    bool done, failed, working;
    size_t count, cut; /* calls that are saved; of which messages were forgotten */
    bool ascii; /* the terminal shows nothing else, and its user's other programs probably neither */
    char said[SAID_BYTES];
};

static void save_open(struct stage *stage, void *state)
{
    struct save_view *view = state;
    if (view->working)
        return;
    const char *name = stage->save_flow ? "flow.txt" : "calls.json";
    *view = (struct save_view){.path = {.len = strlen(name), .typing = true}};
    memcpy(view->path.text, name, view->path.len);
}

/* Where their messages are: packets are found by that. */
static void messages_feed(const struct stage *stage, record_reader *read, void *context)
{
    for (size_t i = 0; i < stage->messages.count; i++) {
        const struct kept_message *message = &stage->messages.messages[i];
        if (message->call == 0 || !id_set_has(&stage->saved, message->call))
            continue;
        const struct hop *hop = message_store_hop(&stage->messages, message);
        struct message_record record = {.frame = message->frame, .at = message->at, .src = hop->src, .dst = hop->dst, .call = message->call,
                                        .transport = slice_str(transport_name((enum transport)hop->transport))};
        read(context, &(struct record){.kind = RECORD_MESSAGE, .message = &record});
    }
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
    messages_feed(stage, read, context);
}

/* Calls of which messages were forgotten to stay within memory. */
static size_t calls_cut(const struct stage *stage)
{
    size_t cut = 0;
    uint64_t first = stage->messages.count == 0 ? 0 : stage->messages.messages[0].frame;
    for (size_t i = 0; i < stage->saved.count && stage->messages.forgotten > 0; i++) {
        size_t row = call_store_find(&stage->store, stage->saved.ids[i]);
        cut += row < stage->store.count && call_store_record(&stage->store, &stage->store.calls[row])->frame < first;
    }
    return cut;
}

static void result_say(struct save_view *view, bool saved, const struct error *error)
{
    view->failed = !saved;
    view->done = saved;
    if (!saved)
        snprintf(view->said, sizeof view->said, "not saved: %.*s", SAID_BYTES - 20, error->text);
    else
        snprintf(view->said, sizeof view->said, "%zu %s saved in %.*s%s", view->count, view->count == 1 ? "call" : "calls",
                 (int)view->path.len, view->path.text, view->cut > 0 ? "; of some the oldest messages are not there any more" : "");
}

/* Packets are saved behind the screens. */
static void work_look(struct stage *stage, struct save_view *view)
{
    struct error error;
    if (!view->working || !stage->save_over(stage->save_context, &error))
        return;
    view->working = stage->saving = false;
    result_say(view, error.text[0] == '\0', &error);
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
    bool goes_on = false;
    struct saving saving = {.feed = stage->save_flow ? NULL : calls_feed, .feeder = stage, .goes_on = &goes_on};
    if (stage->save_flow) {
        struct flow_choice choice = {.store = &stage->store, .messages = &stage->messages, .calls = &stage->saved, .media = true, .reports = true,
                                     .aliases = &stage->settings.aliases};
        flow_text(&text, &choice, view->ascii);
        saving.text = slice_of(text.data, text.len);
    }
    bool saved = stage->save != NULL && !text.failed && stage->save(stage->save_context, path, &saving, &error);
    text_fini(&text);
    view->working = stage->saving = goes_on;
    view->count = stage->saved.count;
    view->cut = goes_on ? calls_cut(stage) : 0;
    if (!goes_on)
        result_say(view, saved, &error);
}

static void save_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct save_view *view = state;
    struct text words = {0};
    view->ascii = canvas->ascii;
    work_look(stage, view);
    text_str(&words, stage->save_flow ? "Save the flow and the messages of " : "Save ");
    if (stage->save_flow)
        words_counted(&words, stage->saved.count, "call", "calls");
    else
        words_counted(&words, stage->saved.count, "call with its findings and streams", "calls with their findings and streams");
    canvas_text(canvas, area_right(area_row(area, 1), 2), ROLE_TEXT, slice_of(words.data, words.len));
    text_fini(&words);
    canvas_words(canvas, area_right(area_row(area, 2), 2), ROLE_DIM,
                 stage->save_flow ? "as text" : "name.pcap, .pcapng: their packets; .json, .jsonl: records; else: text");
    if (view->done) {
        canvas_words(canvas, area_right(area_row(area, 4), 2), ROLE_GOOD, view->said);
        return;
    }
    unsigned at = canvas_words(canvas, area_right(area_row(area, 4), 2), ROLE_LABEL, "File: ") + 2;
    at += canvas_text(canvas, area_right(area_row(area, 4), at), ROLE_TEXT, prompt_text(&view->path));
    canvas_words(canvas, area_right(area_row(area, 4), at), ROLE_KEY, "_");
    if (view->working)
        canvas_words(canvas, area_right(area_row(area, 6), 2), ROLE_DIM, "The capture is read again for their packets ...");
    else if (view->asking)
        canvas_words(canvas, area_right(area_row(area, 6), 2), ROLE_WARNING,
                     "It is there already. Write over it?  y: yes   any other key: no");
    else if (view->failed)
        canvas_words(canvas, area_right(area_row(area, 6), 2), ROLE_ERROR, view->said);
}

static bool save_type(struct stage *stage, void *state, uint32_t press)
{
    struct save_view *view = state;
    if (view->done || view->working)
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

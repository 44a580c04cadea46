/* All findings: a line per group, and those of the group that is open below its line. Enter on one goes to its message. */
#include <stdlib.h>

#include "ui/finding_groups.h"
#include "ui/screen.h"
#include "ui/text_view.h"
#include "ui/words.h"

enum { STRIP_ROWS = 5, STRIP_FROM = 14 };

struct finding_list {
    struct list_view view;
    struct finding_groups groups;
    enum grouping grouping;
    bool opened;
    size_t open_at;                     /* index of the open group; groups.count: none */
    struct finding_record key;          /* what the open group is named by */
    char rule[64];
    struct text_view strip;
    struct text words;
};

/* ---- rows: groups, with the members of one of them behind it ---- */

static size_t row_count(const struct finding_list *list)
{
    return list->groups.count + (list->opened ? list->groups.member_count : 0);
}

/* The finding of a row; NULL for a group's line. *group: its index. */
static const struct finding_record *row_finding(const struct finding_list *list, size_t row, size_t *group)
{
    if (!list->opened || row <= list->open_at) {
        *group = row;
        return NULL;
    }
    if (row <= list->open_at + list->groups.member_count) {
        *group = list->open_at;
        return list->groups.members[row - list->open_at - 1];
    }
    *group = row - list->groups.member_count;
    return NULL;
}

static void list_build(struct stage *stage, void *state)
{
    struct finding_list *list = state;
    finding_groups_build(&list->groups, &stage->store, list->grouping);
    if (list->opened) {
        list->open_at = 0;
        while (list->open_at < list->groups.count &&
               !finding_groups_same(list->grouping, list->groups.groups[list->open_at].first, &list->key))
            list->open_at++;
        list->opened = list->open_at < list->groups.count;
        if (list->opened)
            finding_groups_open(&list->groups, &stage->store, &list->key);
    }
    list_view_fit(&list->view, row_count(list), list->view.page);
}

static void list_open(struct stage *stage, void *state)
{
    struct finding_list *list = state;
    list->opened = false;
    list->view = (struct list_view){.page = list->view.page};
    list_build(stage, state);
}

/* ---- drawing ---- */

static void name_put(struct text *out, enum grouping grouping, const struct finding_record *finding)
{
    if (grouping == BY_RULE) {
        text_plain(out, finding->rule);
    } else if (grouping == BY_CALL) {
        if (finding->call == NUMBER_NONE)
            text_str(out, "of no call");
        else
            text_format(out, "call %llu", (unsigned long long)finding->call);
    } else if (finding->src.family == 0) {
        text_str(out, "not known");
    } else {
        struct endpoint host = finding->src; /* all its ports */
        char words[ENDPOINT_TEXT_SIZE];
        host.port = 0;
        size_t length = endpoint_format(&host, words);
        text_bytes(out, words, length > 2 ? length - 2 : 0);
    }
}

static void group_draw(struct finding_list *list, struct canvas *canvas, struct area area, size_t at)
{
    enum { NAME_AT = 12, COUNT_AT = 46 };
    const struct finding_group *group = &list->groups.groups[at];
    struct slice severity = slice_str(group->worst < SEVERITY_COUNT ? severity_names[group->worst] : "");
    canvas_words(canvas, area_right(area, 1), ROLE_DIM, list->opened && at == list->open_at ? "-" : "+");
    canvas_text(canvas, area_right(area, 3), words_severity_role(severity), severity);
    text_reset(&list->words);
    name_put(&list->words, list->grouping, group->first);
    unsigned count_at = area.columns > COUNT_AT + 20 ? COUNT_AT : area.columns * 2 / 3;
    canvas_text(canvas, area_left(area_right(area, NAME_AT), count_at - NAME_AT - 1), ROLE_TEXT,
                slice_of(list->words.data, list->words.len));
    text_reset(&list->words);
    words_counted(&list->words, group->findings, "finding", "findings");
    if (group->count > group->findings) {
        text_str(&list->words, ", ");
        words_counted(&list->words, group->count, "time", "times");
    }
    canvas_text(canvas, area_right(area, count_at), ROLE_DIM,
                slice_of(list->words.data, list->words.len));
}

static void finding_draw(struct finding_list *list, struct canvas *canvas, struct area area, const struct finding_record *finding)
{
    text_reset(&list->words);
    words_time_of_day(&list->words, finding->at);
    if (list->grouping != BY_CALL && finding->call != NUMBER_NONE)
        text_format(&list->words, " #%llu", (unsigned long long)finding->call);
    if (list->grouping != BY_RULE) {
        text_put(&list->words, ' ');
        text_plain(&list->words, finding->rule);
    }
    text_put(&list->words, ' ');
    text_plain(&list->words, finding->text);
    canvas_text(canvas, area_right(area, 5), words_severity_role(finding->severity), slice_of(list->words.data, list->words.len));
}

static void row_draw(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    struct finding_list *list = context;
    size_t group;
    const struct finding_record *finding = row_finding(list, row, &group);
    if (finding != NULL)
        finding_draw(list, canvas, area, finding);
    else
        group_draw(list, canvas, area, group);
    if (!selected)
        return;
    canvas_words(canvas, area, ROLE_SELECTED, ">");
    canvas_paint(canvas, area, ROLE_SELECTED);
}

static void heading_draw(void *context, struct canvas *canvas, struct area area, size_t row, bool selected)
{
    static const char *const names[GROUPINGS] = {
        [BY_RULE] = "Findings by rule", [BY_HOST] = "Findings by the host that sent the frame", [BY_CALL] = "Findings by call"};
    const struct finding_list *list = context;
    (void)row;
    (void)selected;
    canvas_fill(canvas, area, ROLE_HEADING);
    canvas_words(canvas, area_right(area, 3), ROLE_HEADING, names[list->grouping]);
}

/* The whole text of the finding under the cursor: lines are cut. */
static void strip_write(struct finding_list *list)
{
    size_t group;
    const struct finding_record *finding =
        list->view.selected < row_count(list) ? row_finding(list, list->view.selected, &group) : NULL;
    text_view_reset(&list->strip);
    list->strip.window = (struct list_view){0};
    if (finding == NULL)
        return;
    text_reset(&list->words);
    text_format(&list->words, "frame %llu: ", (unsigned long long)finding->frame);
    text_plain(&list->words, finding->text);
    text_view_paragraph(&list->strip, 0, words_severity_role(finding->severity), slice_of(list->words.data, list->words.len));
    text_reset(&list->words);
    text_plain(&list->words, finding->fix);
    text_str(&list->words, finding->fix.len > 0 ? " [" : "[");
    text_plain(&list->words, finding->source);
    text_put(&list->words, ']');
    text_view_paragraph(&list->strip, 0, ROLE_DIM, slice_of(list->words.data, list->words.len));
}

static void list_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct finding_list *list = state;
    struct area rows = area;
    bool strip = area.rows >= STRIP_FROM;
    rows.rows -= strip ? STRIP_ROWS : 0;
    list_view_draw(&list->view, row_count(list), canvas, rows, heading_draw, row_draw, list);
    if (list->groups.count == 0)
        canvas_words(canvas, area_right(area_row(area, 2), 2), ROLE_DIM,
                     stage->over ? "nothing was found wrong" : "no findings yet");
    if (!strip)
        return;
    strip_write(list);
    text_view_draw(&list->strip, canvas, area_right(area_below(area, rows.rows + 1), 1));
}

static void list_status(const struct stage *stage, const void *state, struct text *out)
{
    const struct finding_list *list = state;
    (void)stage;
    text_format(out, "%zu/%zu", row_count(list) == 0 ? 0 : list->view.selected + 1, row_count(list));
}

/* ---- keys ---- */

/* The message of the frame, of the finding's call where several stand in it. */
static const struct kept_message *message_of(const struct stage *stage, const struct finding_record *finding)
{
    const struct message_store *store = &stage->messages;
    const struct kept_message *found = NULL;
    for (size_t at = message_store_from(store, finding->frame);
         at < store->count && store->messages[at].frame == finding->frame; at++)
        if (found == NULL || (store->messages[at].call == finding->call && found->call != finding->call))
            found = &store->messages[at];
    return found;
}

static void finding_open(struct stage *stage, const struct finding_record *finding)
{
    const struct kept_message *message = message_of(stage, finding);
    if (finding->call != NUMBER_NONE)
        stage->call = finding->call;
    if (finding->stream != NUMBER_NONE) {
        stage->stream = finding->stream;
        stage->stream_call = finding->call;
        stage_open(stage, &screen_stream_view);
    } else if (message != NULL) {
        stage->message = *message;
        stage->all_messages = false;
        stage_open(stage, &screen_message_view);
    } else if (finding->call != NUMBER_NONE) {
        stage_open(stage, &screen_call_view);
    }
}

/* Opens a group, or closes it. */
static void group_toggle(struct stage *stage, struct finding_list *list, size_t at)
{
    const struct finding_record *first = list->groups.groups[at].first;
    bool close = list->opened && at == list->open_at;
    list->view.selected = at; /* what stood open above it is gone */
    list->opened = !close;
    if (close) {
        list_view_fit(&list->view, row_count(list), list->view.page);
        return;
    }
    size_t length = first->rule.len < sizeof list->rule ? first->rule.len : sizeof list->rule;
    memcpy(list->rule, first->rule.data, length);
    list->key = (struct finding_record){.call = first->call, .src = first->src, .rule = slice_of(list->rule, length)};
    list_build(stage, list);
}

static void row_open(struct stage *stage, struct finding_list *list)
{
    size_t group;
    if (list->view.selected >= row_count(list))
        return;
    const struct finding_record *finding = row_finding(list, list->view.selected, &group);
    if (finding != NULL)
        finding_open(stage, finding);
    else
        group_toggle(stage, list, group);
}

static void call_note(struct stage *stage, const struct finding_list *list)
{
    size_t group;
    if (list->view.selected >= row_count(list))
        return;
    const struct finding_record *finding = row_finding(list, list->view.selected, &group);
    if (finding == NULL)
        finding = list->groups.groups[group].first;
    if (finding->call != NUMBER_NONE)
        stage->call = finding->call;
}

static bool list_command(struct stage *stage, void *state, enum command command)
{
    struct finding_list *list = state;
    enum move move;
    if (screen_move(command, &move)) {
        list_view_move(&list->view, move);
        return true;
    }
    switch (command) {
    case COMMAND_OPEN:
        row_open(stage, list);
        return true;
    case COMMAND_FORM:
        list->grouping = (list->grouping + 1) % GROUPINGS;
        list_open(stage, list);
        return true;
    case COMMAND_VERDICT:
        call_note(stage, list);
        return false;
    default:
        return false;
    }
}

static void list_close(void *state)
{
    struct finding_list *list = state;
    finding_groups_fini(&list->groups);
    text_view_fini(&list->strip);
    text_fini(&list->words);
}

static bool list_click(struct stage *stage, void *state, unsigned row)
{
    struct finding_list *list = state;
    bool again = list_view_click(&list->view, row);
    (void)stage;
    return again;
}

static const struct key_row keys[] = {
    {COMMAND_OPEN, {PRESS_ENTER, PRESS_RIGHT, 'l'}, "Open", "open or close the group; of a finding: its message, or its stream"},
    {COMMAND_FORM, {PRESS_TAB}, "Rule/host/call", "by rule, by the host that sent the frame, by call"},
    {COMMAND_VERDICT, {'v'}, "Verdict", "the finding's call: verdict, findings, streams"},
};

const struct screen screen_finding_list = {.name = "findings",
                                           .title = "Findings",
                                           .help = "what was found wrong, by rule, by host or by call",
                                           .keys = {keys, sizeof keys / sizeof keys[0]},
                                           .state_size = sizeof(struct finding_list),
                                           .open = list_open,
                                           .close = list_close,
                                           .draw = list_draw,
                                           .command = list_command,
                                        .click = list_click,
                                           .updated = list_build,
                                           .status = list_status};

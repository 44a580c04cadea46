/* Statistics of the calls, totals of the run, and everything that was damaged, lost or not understood, with its meaning. */
#include <stdio.h>

#include "ui/course.h"
#include "ui/plot.h"
#include "ui/screen.h"
#include "ui/statistics.h"
#include "ui/text_view.h"
#include "ui/words.h"

struct summary_view {
    struct text_view text;
    struct text value;
    struct course course;
};

static struct slice value_of(const struct summary_view *view)
{
    return slice_of(view->value.data, view->value.len);
}

static void problems_write(struct summary_view *view, struct slice problems)
{
    if (problems.len == 0)
        return;
    text_view_line(&view->text, ROLE_HEADING, "Inputs that failed");
    while (problems.len > 0) {
        size_t end = slice_find(problems, 0, '\n');
        text_view_paragraph(&view->text, 2, ROLE_ERROR, slice_cut(problems, 0, end));
        problems = slice_after(problems, end + 1);
    }
    text_view_line(&view->text, ROLE_TEXT, "%s", "");
}

static void states_write(struct summary_view *view, const struct summary_record *summary)
{
    for (int i = 0; i < CALL_STATE_COUNT; i++) {
        char label[32];
        if (summary->call_states[i] == 0)
            continue;
        (void)snprintf(label, sizeof label, "  %s", call_state_names[i]);
        text_reset(&view->value);
        words_count(&view->value, summary->call_states[i]);
        text_view_pair(&view->text, label, ROLE_TEXT, value_of(view));
    }
}

static void fields_write(struct summary_view *view, const struct summary_record *summary)
{
    for (size_t i = 0; i < summary_fields.count; i++) {
        const struct field *field = &summary_fields.fields[i];
        const void *member = (const char *)summary + field->offset;
        text_reset(&view->value);
        if (field->kind == FIELD_STATES) { /* they stand under the number of calls */
            states_write(view, summary);
            continue;
        }
        if (field->kind == FIELD_NUMBER && *(const uint64_t *)member != NUMBER_NONE)
            words_count(&view->value, *(const uint64_t *)member);
        else
            words_field(&view->value, field, summary);
        if (view->value.len > 0)
            text_view_pair(&view->text, field->name, ROLE_TEXT, value_of(view));
    }
}

static void anomalies_write(struct summary_view *view, const struct anomalies *anomalies)
{
    static const struct {
        const char *title;
        enum role role;
    } groups[ANOMALY_GROUPS] = {[ANOMALY_TRUNCATED] = {"Truncated", ROLE_WARNING},
                                [ANOMALY_MALFORMED] = {"Malformed", ROLE_ERROR},
                                [ANOMALY_UNDECODED] = {"Not understood", ROLE_WARNING},
                                [ANOMALY_LOST] = {"Lost", ROLE_ERROR}};
    for (int group = 0; group < ANOMALY_GROUPS; group++) {
        bool titled = false;
        for (int i = 0; i < ANOMALY_COUNT; i++) {
            if ((int)anomaly_rows[i].group != group || anomalies->count[i] == 0)
                continue;
            if (!titled) {
                text_view_line(&view->text, ROLE_TEXT, "%s", "");
                text_view_line(&view->text, ROLE_HEADING, "%s", groups[group].title);
            }
            titled = true;
            text_reset(&view->value);
            words_count(&view->value, anomalies->count[i]);
            text_format(&view->value, " %s: %s", anomaly_rows[i].name, anomaly_rows[i].text);
            text_view_paragraph(&view->text, 2, groups[group].role, value_of(view));
        }
    }
}

static void summary_write(struct stage *stage, void *state)
{
    struct summary_view *view = state;
    text_view_reset(&view->text);
    problems_write(view, slice_of(stage->problems.data, stage->problems.len));
    statistics_write(&view->text, &view->value, &stage->store, stage->summary.last, &view->course);
    if (view->text.count > 0)
        text_view_line(&view->text, ROLE_TEXT, "%s", "");
    text_view_line(&view->text, ROLE_HEADING, "Capture");
    fields_write(view, &stage->summary);
    if (stage->store.forgotten > 0)
        text_view_line(&view->text, ROLE_WARNING, "%llu calls, the oldest, are not shown any more: --memory",
                       (unsigned long long)stage->store.forgotten);
    if (stage->store.cleared > 0)
        text_view_line(&view->text, ROLE_TEXT, "%llu calls were cleared from the list", (unsigned long long)stage->store.cleared);
    if (stage->store.lost > 0)
        text_view_line(&view->text, ROLE_ERROR, "%llu records could not be shown for lack of memory",
                       (unsigned long long)stage->store.lost);
    if (stage->messages.forgotten + stage->messages.lost > 0)
        text_view_line(&view->text, ROLE_WARNING, "%llu messages, the oldest, are not kept any more; %llu were not taken: --memory",
                       (unsigned long long)stage->messages.forgotten, (unsigned long long)stage->messages.lost);
    anomalies_write(view, &stage->summary.anomalies);
}

static void summary_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    struct summary_view *view = state;
    const struct course *course = &view->course;
    const struct plot plots[] = {
        {.title = "INVITE calls at once", .values = course->at_once, .count = course->count, .ceiling = 1},
        {.title = "new ones in a second", .values = course->per_second, .count = course->count, .ceiling = 1},
    };
    enum { PLOTS = sizeof plots / sizeof plots[0], TEXT_WIDE = 76 };
    struct area text, drawn;
    (void)stage;
    plots_split(area, course->count < 2 ? 0 : PLOTS, TEXT_WIDE, &text, &drawn);
    text_view_draw(&view->text, canvas, text);
    plots_draw(plots, PLOTS, canvas, drawn, course->begin_ns, course->step_ns);
}

static bool summary_command(struct stage *stage, void *state, enum command command)
{
    struct summary_view *view = state;
    enum move move;
    (void)stage;
    if (!screen_move(command, &move))
        return false;
    text_view_move(&view->text, move);
    return true;
}

static void summary_close(void *state)
{
    struct summary_view *view = state;
    text_view_fini(&view->text);
    text_fini(&view->value);
}

const struct screen screen_summary = {
    .name = "statistics",
    .title = "Statistics",
    .help =
        "verdicts, methods, answers, times, codecs, MOS; totals of the capture, and what was damaged, lost or not understood",
    .state_size = sizeof(struct summary_view),
    .open = summary_write,
    .close = summary_close,
    .draw = summary_draw,
    .command = summary_command,
    .updated = summary_write};

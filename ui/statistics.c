/* Counted anew each time: the calls that are shown are what it is about. */
#include "ui/statistics.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/words.h"

enum { NAMES_MAX = 40, NAME_BYTES = 24, CODES = 700, MOS_BANDS = 7, BAR_CELLS = 40, TIMES = 3 };

/* Words and how often each was seen; what there is no room for is counted under the last one. */
struct names {
    struct {
        char name[NAME_BYTES];
        uint64_t count;
    } rows[NAMES_MAX];
    size_t count;
};

struct figures {
    struct names methods, codecs, verdicts;
    uint64_t codes[CODES];
    uint64_t mos[MOS_BANDS];
    uint64_t scored, streams;
    uint64_t answered, invites;
    int64_t *times[TIMES]; /* PDD, set-up, talk; as many as known */
    size_t time_count[TIMES];
    struct course_times course;
};

static void name_count(struct names *names, struct slice name)
{
    size_t i = 0;
    name = slice_cut(name, 0, NAME_BYTES - 1);
    while (i < names->count && !slice_is(name, names->rows[i].name))
        i++;
    if (i == NAMES_MAX - 1 && i == names->count)
        name = slice_str("others");
    if (i == NAMES_MAX)
        i--;
    if (i == names->count) {
        memcpy(names->rows[i].name, name.data, name.len);
        names->rows[i].name[name.len] = '\0';
        names->count++;
    }
    names->rows[i].count++;
}

static void time_note(struct figures *figures, int which, int64_t ns)
{
    if (ns != CLOCK_NONE && figures->times[which] != NULL)
        figures->times[which][figures->time_count[which]++] = ns;
}

static void streams_count(struct figures *figures, const struct call_copy *copy)
{
    for (size_t i = 0; i < copy->stream_count; i++) {
        const struct stream_record *stream = copy->streams[i];
        figures->streams++;
        if (stream->codec.len > 0)
            name_count(&figures->codecs, stream->codec);
        if (stream->mos == NULL || isnan(stream->mos->lq))
            continue;
        int band = (int)((stream->mos->lq - 1) * 2); /* half a point each: 1 to 1.5, ... 4 to 4.5 */
        figures->mos[band < 0 ? 0 : band >= MOS_BANDS ? MOS_BANDS - 1 : band]++;
        figures->scored++;
    }
}

static void calls_count(struct figures *figures, const struct call_store *store, int64_t last_ns)
{
    for (size_t i = 0; i < store->count; i++) {
        const struct call_record *call = call_store_record(store, &store->calls[i]);
        name_count(&figures->methods, call->method);
        if (call->status != NUMBER_NONE && call->status < CODES)
            figures->codes[call->status]++;
        if (call->verdict != NULL)
            name_count(&figures->verdicts, call->verdict->code);
        figures->invites += slice_is(call->method, "INVITE");
        figures->answered += slice_is(call->method, "INVITE") && call->answer != CLOCK_NONE;
        course_note(&figures->course, call, last_ns);
        time_note(figures, 0, call->pdd);
        time_note(figures, 1, call->setup);
        time_note(figures, 2, call->duration);
        streams_count(figures, &store->calls[i]);
    }
    streams_count(figures, &store->loose);
}

static void line_put(struct text_view *view, struct text *value, const char *label, uint64_t count, uint64_t of)
{
    text_reset(value);
    words_count(value, count);
    text_str(value, of == 0 ? "" : "  ");
    if (of > 0)
        words_percent(value, 100 * (double)count / (double)of);
    text_view_pair(view, label, ROLE_TEXT, slice_of(value->data, value->len));
}

static void heading_put(struct text_view *view, const char *title)
{
    if (view->count > 0)
        text_view_line(view, ROLE_TEXT, "%s", "");
    text_view_line(view, ROLE_HEADING, "%s", title);
}

static void names_put(struct text_view *view, struct text *value, const char *title, const struct names *names, uint64_t of)
{
    char label[NAME_BYTES + 4];
    if (names->count > 0)
        heading_put(view, title);
    for (size_t i = 0; i < names->count; i++) {
        snprintf(label, sizeof label, "  %s", names->rows[i].name);
        line_put(view, value, label, names->rows[i].count, of);
    }
}

static void codes_put(struct text_view *view, struct text *value, const struct figures *figures)
{
    char label[16];
    bool titled = false;
    for (unsigned code = 0; code < CODES; code++) {
        if (figures->codes[code] == 0)
            continue;
        if (!titled)
            heading_put(view, "Final answers");
        titled = true;
        snprintf(label, sizeof label, "  %u", code);
        line_put(view, value, label, figures->codes[code], 0);
    }
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The value that so many percent do not exceed: the nearest rank. */
static int64_t percentile(const int64_t *sorted, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;
    return sorted[rank > 0 ? rank - 1 : 0];
}

static void times_put(struct text_view *view, struct text *value, struct figures *figures)
{
    static const char *const labels[TIMES] = {"  PDD", "  set-up", "  talk"};
    static const unsigned percents[] = {50, 90, 95, 99, 100};
    bool titled = false;
    for (int i = 0; i < TIMES; i++) {
        size_t count = figures->time_count[i];
        if (count == 0)
            continue;
        if (!titled)
            heading_put(view, "Times");
        titled = true;
        qsort(figures->times[i], count, sizeof(int64_t), by_size);
        text_reset(value);
        words_counted(value, count, "call:", "calls:");
        for (size_t p = 0; p < sizeof percents / sizeof percents[0]; p++) {
            if (percents[p] == 50)
                text_str(value, " half within ");
            else if (percents[p] == 100)
                text_str(value, ", most ");
            else
                text_format(value, ", %u%% ", percents[p]);
            words_span(value, percentile(figures->times[i], count, percents[p]));
        }
        text_view_pair(view, labels[i], ROLE_TEXT, slice_of(value->data, value->len));
    }
}

static void mos_put(struct text_view *view, struct text *value, const struct figures *figures)
{
    uint64_t most = 1;
    char label[24];
    if (figures->streams == 0)
        return;
    heading_put(view, "MOS of streams");
    for (int i = 0; i < MOS_BANDS; i++)
        most = figures->mos[i] > most ? figures->mos[i] : most;
    for (int i = MOS_BANDS - 1; i >= 0; i--) {
        double from = 1 + i / 2.0;
        snprintf(label, sizeof label, "  %.1f to %.1f", from, from + 0.5);
        text_reset(value);
        for (uint64_t c = 0; c < (figures->mos[i] * BAR_CELLS + most - 1) / most; c++)
            text_put(value, '#');
        text_str(value, figures->mos[i] > 0 ? " " : "");
        words_count(value, figures->mos[i]);
        text_view_pair(view, label, figures->mos[i] == 0 ? ROLE_DIM : words_mos_role(from + 0.25),
                       slice_of(value->data, value->len));
    }
    line_put(view, value, "  no MOS", figures->streams - figures->scored, 0);
}

void statistics_write(struct text_view *view, struct text *value, const struct call_store *store, int64_t last_ns, struct course *course)
{
    struct figures *figures = calloc(1, sizeof *figures);
    if (figures == NULL)
        return;
    for (int i = 0; i < TIMES; i++)
        figures->times[i] = malloc((store->count + 1) * sizeof(int64_t));
    course_times_init(&figures->course, store->count);
    calls_count(figures, store, last_ns);
    course_make(course, &figures->course);
    course_times_fini(&figures->course);
    names_put(view, value, "Verdicts", &figures->verdicts, figures->invites);
    names_put(view, value, "Methods", &figures->methods, store->count);
    codes_put(view, value, figures);
    if (figures->invites > 0) {
        heading_put(view, "INVITE calls");
        line_put(view, value, "  all", figures->invites, 0);
        line_put(view, value, "  answered", figures->answered, figures->invites);
    }
    times_put(view, value, figures);
    names_put(view, value, "Codecs of streams", &figures->codecs, figures->streams);
    mos_put(view, value, figures);
    for (int i = 0; i < TIMES; i++)
        free(figures->times[i]);
    free(figures);
}

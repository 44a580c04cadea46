/* Which files they are, and that none of them destroys another or an input. */
#include "outputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "output/audio_sink.h"
#include "output/packet_sink.h"
#include "packets.h"
#include "save.h"

enum { SAY_S = 10 };

static const char *output_path(const char *specification)
{
    const char *colon = strchr(specification, ':');
    return colon == NULL || colon[1] == '\0' || strcmp(colon + 1, "-") == 0 ? NULL : colon + 1;
}

/* An output that is an input too would destroy it; two outputs to one file would destroy each other. */
static bool apart(const struct options *options, struct error *error)
{
    for (size_t i = 0; i < options->outputs.count; i++) {
        const char *path = output_path(options->outputs.items[i]);
        for (size_t f = 0; path != NULL && f < options->files.count; f++)
            if (same_file(path, options->files.items[f]))
                return error_set(error, "%s is an input: it would be overwritten", path);
        for (size_t o = 0; path != NULL && o < i; o++) {
            const char *other = output_path(options->outputs.items[o]);
            if (other != NULL && strcmp(path, "/dev/null") != 0 && same_file(path, other) &&
                !sink_shares(options->outputs.items[i], options->outputs.items[o]))
                return error_set(error, "%s is named for two outputs", path);
        }
    }
    return true;
}

/* Two writers on one terminal show neither. */
static bool off_screen(const struct options *options, bool screens, struct error *error)
{
    for (size_t i = 0; i < options->outputs.count && screens && isatty(STDOUT_FILENO); i++)
        if (output_path(options->outputs.items[i]) == NULL)
            return error_set(error, "-o %s would write over the screens of --tui: give it a path", options->outputs.items[i]);
    return true;
}

/* Counts of a minute are written before anybody knows how its calls end. */
static bool choosable(const struct options *options, struct error *error)
{
    for (size_t i = 0; i < options->outputs.count && options->where != NULL; i++) {
        const char *name = options->outputs.items[i];
        const struct sink_kind *kind = sink_kind_find(name, strcspn(name, ":"));
        if (kind != NULL && kind->counts_all)
            return error_set(error, "-o %s counts all calls by the minute, before it is known which of them match: it does not go with -w (-f may choose packets)",
                             kind->name);
    }
    return true;
}

/* --reconcile is an output of its own. */
static bool reconcile_open(struct outputs *outputs, const char *folder, bool *usage, struct error *error)
{
    char *specification;
    if (asprintf(&specification, "reconcile:%s", folder) < 0)
        return error_set(error, "out of memory");
    struct sink *sink = sink_open(specification, &outputs->settings, usage, error);
    free(specification);
    if (sink != NULL)
        outputs->sinks[outputs->count++] = sink;
    outputs->input_failed = sink == NULL;
    return sink != NULL;
}

bool outputs_open(struct outputs *outputs, const struct options *options, bool screens, bool *usage, struct error *error)
{
    const struct option_list *wanted = &options->outputs;
    size_t count = wanted->count > 0 ? wanted->count : screens || options->reconcile != NULL ? 0 : 1;
    *usage = true;
    if (!apart(options, error) || !off_screen(options, screens, error) || !choosable(options, error))
        return false;
    *usage = false;
    outputs->windows = options->windows;
    free(outputs->sinks); /* opened again where screens cannot be shown */
    outputs->sinks = calloc(count + 2, sizeof(struct sink *));
    if (outputs->sinks == NULL)
        return error_set(error, "out of memory");
    for (size_t i = 0; i < count; i++) {
        struct sink *sink = sink_open(wanted->count > 0 ? wanted->items[i] : "text", &outputs->settings, usage, error);
        if (sink == NULL)
            return false;
        outputs->sinks[outputs->count++] = sink;
    }
    return options->reconcile == NULL || reconcile_open(outputs, options->reconcile, usage, error);
}

unsigned outputs_need(const struct outputs *outputs)
{
    unsigned needs = 0;
    for (size_t i = 0; i < outputs->count; i++)
        needs |= outputs->sinks[i]->kind->needs;
    return needs;
}

bool outputs_follow(const struct outputs *outputs)
{
    bool follow = false;
    for (size_t i = 0; i < outputs->count; i++)
        follow |= outputs->sinks[i]->lines != NULL && strcmp(outputs->sinks[i]->path, "-") != 0;
    return follow;
}

void outputs_write(struct outputs *outputs, const struct record *record)
{
    struct stream_record plain;
    struct record given = *record;
    if (record->kind == RECORD_STREAM && record->stream->windows != NULL && !outputs->windows) { /* there for the screens' plots */
        plain = *record->stream;
        plain.windows = NULL;
        given.stream = &plain;
    }
    for (size_t i = 0; i < outputs->count; i++)
        sink_write(outputs->sinks[i], &given);
}

void outputs_pass(struct outputs *outputs, int64_t now_ns)
{
    for (size_t i = 0; i < outputs->count; i++)
        sink_pass(outputs->sinks[i], now_ns);
}

void outputs_flush(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        sink_flush(outputs->sinks[i]);
}

void outputs_reopen(struct outputs *outputs)
{
    outputs_flush(outputs);
    for (size_t i = 0; i < outputs->count; i++)
        sink_reopen(outputs->sinks[i]);
}

bool outputs_losses(struct outputs *outputs, int64_t now_ns, struct error *lost)
{
    uint64_t lines = 0;
    struct error why = {""}, newest;
    for (size_t i = 0; i < outputs->count; i++) {
        uint64_t here = sink_lost(outputs->sinks[i], &newest);
        lines += here;
        why = here > 0 ? newest : why;
    }
    if (lines == outputs->lost_said || (outputs->lost_said > 0 && now_ns - outputs->lost_said_ns < SAY_S * NS_PER_SECOND))
        return false;
    error_set(lost, "%s: %llu lines lost so far", why.text, (unsigned long long)lines);
    outputs->lost_said = lines;
    outputs->lost_said_ns = now_ns;
    return true;
}

void outputs_forget(struct outputs *outputs, uint64_t frame, int64_t time_ns)
{
    for (size_t i = 0; i < outputs->count; i++) {
        unsigned needs = outputs->sinks[i]->kind->needs;
        if (needs & SINK_NEEDS_PACKETS)
            selection_forget(packet_sink_selection(outputs->sinks[i]), frame, time_ns);
        else if (needs & SINK_NEEDS_AUDIO)
            selection_forget(audio_sink_selection(outputs->sinks[i]), frame, time_ns);
    }
}

bool outputs_packets(struct outputs *outputs, const struct inputs *inputs, const struct analyzer_config *config, const struct analyzer *analyzer,
                     void (*complain)(const char *what, const char *why))
{
    const struct sink_settings *settings = &outputs->settings;
    struct error note, error;
    bool whole = true;
    for (size_t i = 0; i < outputs->count; i++) {
        struct sink *sink = outputs->sinks[i];
        bool audio = (sink->kind->needs & SINK_NEEDS_AUDIO) != 0;
        if (!audio && (sink->kind->needs & SINK_NEEDS_PACKETS) == 0)
            continue;
        if (!(audio ? audio_save(sink, inputs, config, analyzer, &note, &error) : packets_save(sink, inputs, analyzer, NULL, &note, &error))) {
            complain(NULL, error.text);
            whole = false;
        } else if (note.text[0] != '\0') {
            settings->say(settings->say_context, note.text);
        }
    }
    return whole;
}

bool outputs_close_first(struct outputs *outputs, struct error *error)
{
    bool whole = sink_close(outputs->sinks[0], error);
    memmove(outputs->sinks, outputs->sinks + 1, --outputs->count * sizeof(struct sink *));
    if (outputs->count == 0) {
        free(outputs->sinks);
        outputs->sinks = NULL;
    }
    return whole;
}

/* The program: wires sources, one analyzer and the sinks together, and turns what happened into an exit status. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/analyzer.h"
#include "capture/filter.h"
#include "comments.h"
#include "inputs.h"
#include "keylog.h"
#include "lists.h"
#include "logs.h"
#include "options.h"
#include "outputs.h"
#include "record/query.h"
#include "rules/profile.h"
#include "rules/rules.h"
#include "save.h"
#include "show.h"

enum exit_status { EXIT_DONE, EXIT_CHECK, EXIT_USAGE, EXIT_INPUT, EXIT_OUTPUT };

enum { BATCH = 64, WAIT_MS = 100, PROBLEMS_MAX = 64, PROBLEM_BYTES = 600, TITLE_BYTES = 200 };

struct run {
    const struct options *options;
    struct outputs outputs;
    struct inputs inputs;
    struct keylog keylog;
    struct filter *filter;
    struct query *query;
    struct site site;
    bool has_site;
    struct profile profile; /* empty until it is read */
    bool has_profile;
    struct analyzer_config config;
    struct analyzer *analyzer;
    struct slice problems[PROBLEMS_MAX];
    char problem_texts[PROBLEMS_MAX][PROBLEM_BYTES];
    size_t problem_count, problems_said;
    uint64_t findings[SEVERITY_COUNT];
    int64_t begun_ns; /* monotonic */
    bool input_failed, output_failed;
    bool tui;
    struct show show;
    struct save_job job;
    const struct frame *frames; /* the batch that is being analysed */
    size_t frame_count;
    int *files;                 /* by source: descriptor to read it again; -1 */
    char title[TITLE_BYTES];
};

/* Set by SIGINT and SIGTERM: outputs are finished first, as if the input had ended. */
static volatile sig_atomic_t stop_asked;

/* Set by SIGHUP where a log is written: its file was renamed. */
static volatile sig_atomic_t reopen_asked;

static void reopen_ask(int signal_number)
{
    (void)signal_number;
    reopen_asked = 1;
}

static void stop_ask(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

static void signals_install(bool logs)
{
    struct sigaction reopen = {.sa_handler = reopen_ask, .sa_flags = SA_RESTART};
    struct sigaction stop = {.sa_handler = stop_ask, .sa_flags = (int)SA_RESETHAND}; /* a second Ctrl-C ends at once */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGHUP, logs ? &reopen : &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static int64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* File names and queries may hold anything: nothing of them reaches the terminal raw. Line ends are the messages' own. */
static void plain_put(struct text *out, const char *words)
{
    for (size_t n; *words != '\0'; words += n + (words[n] == '\n')) {
        n = strcspn(words, "\n");
        text_plain(out, slice_of(words, n));
        if (words[n] == '\n')
            text_put(out, '\n');
    }
}

static void complain(const char *what, const char *why)
{
    struct text out = {0};
    text_str(&out, "sipvet: ");
    if (what != NULL) {
        plain_put(&out, what);
        text_str(&out, ": ");
    }
    plain_put(&out, why);
    text_put(&out, '\n');
    fwrite(out.data, 1, out.len, stderr);
    text_fini(&out);
}

static void problems_say(struct run *run)
{
    for (; run->problems_said < run->problem_count; run->problems_said++)
        complain(NULL, run->problem_texts[run->problems_said]);
}

static void warning_say(void *context, const char *sentence)
{
    const struct run *run = context;
    if (!run->options->quiet && !show_active(&run->show))
        complain(NULL, sentence);
}

/* An input that failed: said at once (where screens are shown, behind them), repeated in the summary, exit status 3. */
static void problem_add(void *context, const char *name, const char *why)
{
    struct run *run = context;
    run->input_failed = true;
    if (run->problem_count == PROBLEMS_MAX) {
        if (!show_active(&run->show))
            complain(name, why);
        return;
    }
    char *text = run->problem_texts[run->problem_count];
    snprintf(text, PROBLEM_BYTES, "%s: %s", name, why);
    run->problems[run->problem_count++] = slice_str(text);
    if (!show_active(&run->show))
        problems_say(run);
}

/* The user is not there any more, or has enough. */
static bool run_stopped(const struct run *run)
{
    return show_active(&run->show) ? show_stopped(&run->show) : stop_asked != 0;
}

static void record_out(void *context, const struct record *record)
{
    struct run *run = context;
    if (record->kind == RECORD_FINDING)
        for (int i = 0; i < SEVERITY_COUNT; i++)
            run->findings[i] += slice_is(record->finding->severity, severity_names[i]);
    show_record(&run->show, record);
    outputs_write(&run->outputs, record);
}

/* Where the message's bytes stand in a capture file, if they lie in one frame of it; else they are copied. */
static void message_heard(void *context, const struct message_record *message, struct slice bytes)
{
    struct run *run = context;
    uint64_t offset = 0;
    unsigned source = KEPT_SPOOL;
    uint64_t first = run->frame_count == 0 ? 0 : run->frames[0].number;
    if (run->frame_count > 0 && message->frame >= first && message->frame - first < run->frame_count) {
        const struct frame *frame = &run->frames[message->frame - first];
        uintptr_t begin = (uintptr_t)frame->bytes.data, at = (uintptr_t)bytes.data;
        bool inside = frame->number == message->frame && at >= begin && at - begin < frame->bytes.len &&
                      bytes.len <= frame->bytes.len - (at - begin);
        if (inside && frame->source < KEPT_SPOOL &&
            (offset = source_place(merge_source(run->inputs.merge, frame->source), bytes.data)) != SOURCE_COUNT_NONE)
            source = frame->source;
    }
    show_message(&run->show, message, bytes, source, offset);
}

static bool call_wanted(void *context, const struct call_record *call)
{
    struct run *run = context;
    bool wanted = query_matches(run->query, call);
    if (!wanted)
        show_gone(&run->show, call->id);
    return wanted;
}

/* A reassembled datagram is judged by itself; anything else passes when its frame or its innermost datagram matches. */
static bool packet_wanted(void *context, const struct frame *frame, struct slice datagram, uint32_t wire_len, bool reassembled)
{
    struct run *run = context;
    return (!reassembled && filter_frame(run->filter, frame)) || filter_datagram(run->filter, datagram, wire_len);
}

/* With the interface, half is for the analysis and half for what is shown. */
static uint64_t memory_budget(const struct run *run)
{
    uint64_t memory = run->options->memory_bytes;
    if (memory == 0)
        memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 4;
    return run->tui ? memory / 2 : memory;
}

static void secrets_take(void *context, struct slice lines)
{
    const struct run *run = context;
    secrets_guard();
    analyzer_keys(run->analyzer, lines);
}

static void keylog_complain(void *context, const char *path, const char *why)
{
    struct run *run = context;
    if (strncmp(why, "warning", 7) != 0)
        problem_add(run, path, why);
    else if (!run->options->quiet && !show_active(&run->show))
        complain(path, why);
}

/* begin: the files have to be there, unless what will be captured is still to come. */
static void keylog_follow(struct run *run, bool begin, bool end)
{
    const struct keylog_taker taker = {.context = run, .lines = secrets_take, .complain = keylog_complain};
    if (end)
        keylog_finish(&run->keylog, &taker);
    else
        keylog_read(&run->keylog, &taker, begin && !run->inputs.live);
}

static bool analyzer_begin(struct run *run)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (uint64_t)monotonic_ns();
    uint64_t memory = memory_budget(run);
    unsigned needs = outputs_need(&run->outputs);
    struct analyzer_config config = {.hash_seed = seed,
                                     .memory_bytes = (size_t)memory,
                                     .keep_to_end = !run->inputs.live, /* a file's answer must not depend on when something is given up */
                                     .site = run->has_site ? &run->site : NULL,
                                     .profile = run->has_profile ? &run->profile : NULL,
                                     .messages = run->options->messages || (needs & SINK_NEEDS_MESSAGES) != 0,
                                     .texts = (needs & SINK_NEEDS_MESSAGES) != 0,
                                     .frames = (needs & SINK_NEEDS_PLACES) != 0,
                                     .trunk = (needs & SINK_NEEDS_TRUNK) != 0,
                                     .minutes = (needs & SINK_NEEDS_MINUTES) != 0,
                                     .windows = run->options->windows || run->tui, /* the plots' */
                                     .tones = run->options->tones,
                                     .keys_expected = run->options->keylogs.count > 0,
                                     .adaptive_buffer = run->options->adaptive_buffer,
                                     .buffer_ns = run->options->jitter_buffer_ns,
                                     .publish = record_out,
                                     .publish_context = run};
    if (run->tui) {
        config.hear = message_heard;
        config.hear_context = run;
    }
    const struct profile *profile = &run->profile;
    if (!run->options->jitter_buffer && run->has_profile) {
        config.adaptive_buffer = !isnan(profile->buffer_adaptive_ms);
        double ms = config.adaptive_buffer ? profile->buffer_adaptive_ms : profile->buffer_fixed_ms;
        config.buffer_ns = isnan(ms) ? 0 : (int64_t)(ms * (double)NS_PER_MS);
    }
    if (run->query != NULL) {
        config.wanted = call_wanted;
        config.wanted_context = run;
    }
    if (run->filter != NULL) {
        config.accept = packet_wanted;
        config.accept_context = run;
    }
    run->config = config;
    run->analyzer = analyzer_new(&config);
    if (run->analyzer == NULL || !keylog_open(&run->keylog, run->options->keylogs.items, run->options->keylogs.count))
        return false;
    keylog_follow(run, true, false);
    return true;
}

static void progress_sum(const struct run *run, uint64_t *read_bytes, uint64_t *size_bytes)
{
    *read_bytes = *size_bytes = 0;
    for (size_t i = 0; i < merge_count(run->inputs.merge); i++) {
        *read_bytes += merge_source(run->inputs.merge, i)->read_bytes;
        *size_bytes += merge_source(run->inputs.merge, i)->size_bytes;
    }
}

/* One line on standard error, over and over. */
static void progress_show(const struct run *run, uint64_t packets)
{
    uint64_t read_bytes, size_bytes;
    progress_sum(run, &read_bytes, &size_bytes);
    if (size_bytes > 0)
        fprintf(stderr, "\r%3llu%%  %llu packets", (unsigned long long)(read_bytes * 100 / size_bytes), (unsigned long long)packets);
    else
        fprintf(stderr, "\r%llu packets", (unsigned long long)packets);
    fflush(stderr);
}

static uint64_t drops_add(uint64_t sum, uint64_t drops)
{
    return drops == SOURCE_COUNT_NONE ? sum : (sum == NUMBER_NONE ? 0 : sum) + drops;
}

static void drops_sum(const struct run *run, struct summary_record *summary)
{
    merge_count_drops(run->inputs.merge);
    for (size_t i = 0; i < merge_count(run->inputs.merge); i++) {
        const struct source *source = merge_source(run->inputs.merge, i);
        summary->kernel_drops = drops_add(summary->kernel_drops, source->kernel_drops);
        summary->interface_drops = drops_add(summary->interface_drops, source->interface_drops);
    }
}

static void snapshot_record(void *context, const struct record *record)
{
    snapshot_take(context, record);
}

/* Between two batches: what the interface asked for, if it did. */
static void snapshot_serve(void *context, bool over)
{
    struct run *run = context;
    struct snapshot *snapshot = show_asked(&run->show);
    if (snapshot == NULL)
        return;
    int64_t begun_ns = monotonic_ns();
    analyzer_watch(run->analyzer, snapshot_record, snapshot, &snapshot->summary);
    drops_sum(run, &snapshot->summary);
    snapshot->summary.peak_memory_bytes = snapshot->summary.elapsed_ms = NUMBER_NONE;
    progress_sum(run, &snapshot->read_bytes, &snapshot->size_bytes);
    snapshot->live = run->inputs.live;
    snapshot->over = over;
    for (size_t i = 0; i < run->problem_count; i++) {
        text_slice(&snapshot->problems, run->problems[i]);
        text_put(&snapshot->problems, '\n');
    }
    snapshot->cost_ns = monotonic_ns() - begun_ns;
    show_give(&run->show, snapshot);
}

/* What happens a few times a second, whatever the traffic. */
static void run_tick(struct run *run, uint64_t packets, bool progress)
{
    if (progress)
        progress_show(run, packets);
    keylog_follow(run, false, false);
    struct error lost;
    if (!show_active(&run->show) && outputs_losses(&run->outputs, monotonic_ns(), &lost))
        complain(NULL, lost.text);
    if (!run->inputs.live)
        return;
    analyzer_tick(run->analyzer, wall_ns());
    outputs_pass(&run->outputs, wall_ns());
    outputs_flush(&run->outputs);
}

/* What cannot be read again is kept for a while; what nobody can save any more, nobody needs to remember. */
static void spool_keep(struct run *run, const struct frame *frames, size_t count)
{
    int64_t first_ns;
    if (run->inputs.spool == NULL || !spool_put(run->inputs.spool, run->inputs.merge, frames, count))
        return;
    uint64_t first = spool_first(run->inputs.spool, &first_ns);
    outputs_forget(&run->outputs, first, first_ns);
}

static void frames_read(struct run *run)
{
    const struct options *options = run->options;
    struct frame frames[BATCH];
    bool progress = !options->quiet && (options->progress || (!options->no_progress && isatty(STDERR_FILENO) && !run->inputs.live)) &&
                    !show_active(&run->show);
    int64_t next_tick = run->begun_ns;
    uint64_t packets = 0;
    unsigned batches = 0;
    while (!run_stopped(run) && !merge_over(run->inputs.merge)) {
        size_t room = options->count > 0 && options->count - packets < BATCH ? (size_t)(options->count - packets) : BATCH;
        size_t count = merge_read(run->inputs.merge, frames, room);
        packets += count;
        merge_secrets(run->inputs.merge, secrets_take, run);
        spool_keep(run, frames, count);
        run->frames = frames;
        run->frame_count = count;
        analyzer_feed(run->analyzer, frames, count);
        run->frame_count = 0;
        snapshot_serve(run, false);
        if (reopen_asked) {
            reopen_asked = 0;
            outputs_reopen(&run->outputs);
        }
        if (options->count > 0 && packets >= options->count)
            break;
        if (count == 0 && run->inputs.live)
            merge_wait(run->inputs.merge, WAIT_MS);
        if (count > 0 && (++batches & 255) != 0)
            continue; /* looking at the clock costs more than a packet */
        int64_t now = monotonic_ns();
        if (options->duration_ns > 0 && run->inputs.live && now - run->begun_ns >= options->duration_ns)
            break;
        if (now >= next_tick) {
            run_tick(run, packets, progress);
            next_tick = now + 100 * NS_PER_MS;
        }
    }
    if (progress) {
        progress_show(run, packets);
        fputc('\n', stderr);
    }
    for (size_t i = 0; i < merge_count(run->inputs.merge); i++) {
        const struct source *source = merge_source(run->inputs.merge, i);
        if (source->end_ns > 0 && source->over)
            analyzer_until(run->analyzer, source->end_ns);
        if (source->error.text[0] != '\0' && !run_stopped(run)) /* else: a read that Ctrl-C ended */
            problem_add(run, source->name, source->error.text);
    }
}

static void sources_say(const struct run *run)
{
    for (size_t i = 0; i < merge_count(run->inputs.merge) && run->options->verbose && !run->options->quiet; i++) {
        const struct source *source = merge_source(run->inputs.merge, i);
        fprintf(stderr, "sipvet: %s: %llu packets, %llu bytes read, %zu comments, %llu blocks of secrets\n", source->name,
                (unsigned long long)source->packets, (unsigned long long)source->read_bytes, source->comment_count,
                (unsigned long long)source->secrets_blocks);
    }
}

static void summary_out(struct run *run)
{
    struct summary_record summary;
    struct rusage usage;
    size_t sources = merge_count(run->inputs.merge);
    struct slice *names = calloc(2 * sources + 1, sizeof *names), *files = names, *interfaces = names + sources;
    analyzer_summary(run->analyzer, &summary);
    for (size_t i = 0; i < sources; i++) {
        const struct source *source = merge_source(run->inputs.merge, i);
        if (names == NULL)
            continue; /* a summary without names is better than none */
        if (source->kind->live)
            interfaces[summary.interfaces.count++] = slice_str(source->name);
        else
            files[summary.files.count++] = slice_str(source->name);
    }
    drops_sum(run, &summary);
    summary.files.items = files;
    summary.interfaces.items = interfaces;
    summary.problems = (struct text_list){run->problems, run->problem_count};
    summary.comments = comments_list(run->inputs.merge);
    getrusage(RUSAGE_SELF, &usage);
    summary.peak_memory_bytes = (uint64_t)usage.ru_maxrss * 1024;
    summary.elapsed_ms = (uint64_t)((monotonic_ns() - run->begun_ns) / NS_PER_MS);
    record_out(run, &(struct record){.kind = RECORD_SUMMARY, .summary = &summary});
    comments_free(summary.comments);
    free(names);
}

static enum exit_status run_end(struct run *run, enum exit_status status)
{
    struct error error;
#ifdef SIPVET_TIDY /* the process ends: giving millions of small blocks back one by one would only take time. Leak checks ask for it. */
    analyzer_free(run->analyzer);
#endif
    inputs_close(&run->inputs);
    keylog_close(&run->keylog);
    filter_free(run->filter);
    query_free(run->query);
    if (run->has_site)
        site_fini(&run->site);
    profile_fini(&run->profile);
    while (run->outputs.count > 0)
        if (!outputs_close_first(&run->outputs, &error)) {
            complain(NULL, error.text);
            status = EXIT_OUTPUT;
        }
    free(run->outputs.sinks); /* none was opened in it */
    free(run->files);
    return status;
}

static void run_through(void *context)
{
    struct run *run = context;
    frames_read(run);
    keylog_follow(run, false, true);
    analyzer_finish(run->analyzer);
    summary_out(run);
    run->output_failed |= !outputs_packets(&run->outputs, &run->inputs, &run->config, run->analyzer, complain);
    if (show_active(&run->show))
        outputs_flush(&run->outputs); /* the screens may stay for hours */
}

/* "trunk.pcap", "any + 2 more" */
static void title_make(struct run *run)
{
    const char *first = merge_source(run->inputs.merge, 0)->name, *slash = strrchr(first, '/');
    const char *name = strcmp(first, "-") == 0 ? "standard input" : slash == NULL ? first : slash + 1;
    size_t more = merge_count(run->inputs.merge) - 1;
    if (more > 0)
        snprintf(run->title, sizeof run->title, "%.150s + %zu more", name, more);
    else
        snprintf(run->title, sizeof run->title, "%s", name);
}

static bool shown_save(void *context, const char *path, const struct saving *saving, struct error *error)
{
    struct run *run = context;
    return save_file(&run->job, &run->inputs, &run->options->files, path, saving, error);
}

static bool shown_save_over(void *context, struct error *error)
{
    struct run *run = context;
    return save_over(&run->job, error);
}

static bool run_shown(struct run *run, struct error *error)
{
    title_make(run);
    size_t sources = merge_count(run->inputs.merge);
    run->files = calloc(sources, sizeof *run->files);
    for (size_t i = 0; i < sources && run->files != NULL; i++)
        run->files[i] = merge_source(run->inputs.merge, i)->file;
    struct show_config config = {.title = run->title,
                                 .stop = &stop_asked,
                                 .memory_bytes = (size_t)memory_budget(run),
                                 .files = run->files,
                                 .file_count = run->files == NULL ? 0 : sources,
                                 .read = run_through,
                                 .serve = snapshot_serve,
                                 .save = shown_save,
                                 .save_over = shown_save_over,
                                 .context = run};
    bool shown = show_run(&run->show, &config, error);
    save_stop(&run->job);
    problems_say(run);
    return shown;
}

/* The rules' table is only needed to know their names. */
static bool profile_read(struct run *run, struct error *error)
{
    const char *name = run->options->profile != NULL ? run->options->profile : "voice-connector";
    run->has_profile = strcmp(name, "none") != 0;
    if (!run->has_profile)
        return true;
    struct rules *rules = rules_new();
    bool right = rules != NULL ? profile_load(&run->profile, name, rules, error) : error_set(error, "out of memory");
    rules_free(rules);
    return right;
}

/* Screens where they were asked for; else where a person looks at standard output and asked for nothing that is printed. */
static bool tui_wanted(const struct options *options)
{
    bool printed = options->outputs.count > 0 || options->reconcile != NULL || options->check;
    return options->tui || (!options->no_tui && !printed && !options->quiet && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO));
}

static enum exit_status run_all(struct run *run)
{
    const struct options *options = run->options;
    struct error error;
    run->tui = tui_wanted(options);
    if (options->where != NULL && (run->query = query_new(options->where, &error)) == NULL) {
        complain("-w", error.text);
        return run_end(run, EXIT_USAGE);
    }
    if (options->site != NULL) {
        run->has_site = true;
        if (!site_read(&run->site, options->site, &error)) {
            complain("-s", error.text);
            return run_end(run, EXIT_USAGE);
        }
    }
    if (!profile_read(run, &error)) {
        complain("-p", error.text);
        return run_end(run, EXIT_USAGE);
    }
    if (options->filter != NULL && (run->filter = filter_new(options->filter, &error)) == NULL) {
        complain("-f", error.text);
        return run_end(run, EXIT_USAGE);
    }
    bool usage;
    logs_settings(&run->outputs.settings, options, run->has_site ? &run->site : NULL, run->has_profile ? &run->profile : NULL, wall_ns());
    run->outputs.settings.say = warning_say;
    run->outputs.settings.say_context = run;
    if (!outputs_open(&run->outputs, options, run->tui, &usage, &error)) {
        complain(NULL, error.text);
        return run_end(run, usage ? EXIT_USAGE : run->outputs.input_failed ? EXIT_INPUT : EXIT_OUTPUT);
    }
    signals_install(!options->tui && outputs_follow(&run->outputs)); /* a terminal that hangs up ends the screens */
    if (!inputs_open(&run->inputs, options, problem_add, run) || !analyzer_begin(run)) {
        complain(NULL, "out of memory");
        return run_end(run, EXIT_OUTPUT);
    }
    bool again = (outputs_need(&run->outputs) & (SINK_NEEDS_PACKETS | SINK_NEEDS_AUDIO)) != 0;
    if ((again || run->tui) && !inputs_keep(&run->inputs, options->spool_bytes, &error) && again) {
        complain("-o", error.text);
        return run_end(run, EXIT_OUTPUT);
    }
    bool shown = run->tui && merge_count(run->inputs.merge) > 0 && run_shown(run, &error);
    if (run->tui && merge_count(run->inputs.merge) > 0 && !shown && options->tui) {
        complain(NULL, error.text);
        return run_end(run, EXIT_USAGE);
    }
    if (!shown) { /* nobody asked for screens: where they cannot be shown, the report is */
        run->tui = false;
        if (!options->tui && run->outputs.count == 0 && !outputs_open(&run->outputs, options, false, &usage, &error)) {
            complain(NULL, error.text);
            return run_end(run, EXIT_OUTPUT);
        }
        run_through(run);
    }
    sources_say(run);
    bool found = options->check && (run->findings[SEVERITY_ERROR] > 0 ||
                                    (options->check_severity == SEVERITY_WARNING && run->findings[SEVERITY_WARNING] > 0));
    return run_end(run, run->output_failed ? EXIT_OUTPUT : run->input_failed ? EXIT_INPUT : found ? EXIT_CHECK : EXIT_DONE);
}

static int action_run(const struct options *options)
{
    static struct run run; /* large, and the program's only one */
    switch (options->action) {
    case ACTION_HELP:
        options_print_help();
        return EXIT_DONE;
    case ACTION_VERSION:
        printf("sipvet %s\n", SIPVET_VERSION);
        return EXIT_DONE;
    case ACTION_LIST_RULES:
        list_rules();
        return EXIT_DONE;
    case ACTION_LIST_PROFILES:
        list_profiles();
        return EXIT_DONE;
    case ACTION_LIST_OUTPUTS:
        list_outputs();
        return EXIT_DONE;
    case ACTION_LIST_FIELDS:
        list_fields();
        return EXIT_DONE;
    case ACTION_LIST_SCREENS:
        ui_list_screens();
        return EXIT_DONE;
    case ACTION_RUN:
        break;
    }
    run.options = options;
    run.begun_ns = monotonic_ns();
    return (int)run_all(&run);
}

int main(int argc, char **argv)
{
    struct options options;
    struct error error;
    int status = EXIT_USAGE;
    if (options_parse(&options, argc, argv, &error)) {
        status = action_run(&options);
        if (fflush(stdout) != 0 && status == EXIT_DONE) { /* --help and the lists go through stdio */
            complain("standard output", "cannot write");
            status = EXIT_OUTPUT;
        }
    } else {
        complain(NULL, error.text);
        fprintf(stderr, "Try 'sipvet --help'.\n");
    }
    options_fini(&options);
    return status;
}

/* The two threads: who gets signals, and how the one that reads is ended when it waits in a read. */
#include "show.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { WAIT_MS = 1000, END_MS = 20 };

struct behind {
    struct show *show;
    const struct show_config *config;
};

static void *behind_run(void *context)
{
    const struct behind *behind = context;
    const struct show_config *config = behind->config;
    config->read(config->context);
    while (!show_stopped(behind->show)) { /* it stays to answer when all is read */
        config->serve(config->context, true);
        exchange_wait(behind->show->exchange, WAIT_MS);
    }
    return NULL;
}

static void signal_ignore(int signal_number)
{
    (void)signal_number;
}

/* Signals are the main thread's, where ncurses expects its own; SIGUSR1 ends a read that waits. */
static bool behind_begin(struct behind *behind, pthread_t *thread)
{
    sigset_t all, before;
    struct sigaction wake = {.sa_handler = signal_ignore};
    sigaction(SIGUSR1, &wake, NULL);
    sigfillset(&all);
    sigdelset(&all, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool begun = pthread_create(thread, NULL, behind_run, behind) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return begun;
}

/* The signal may come just before the read that it should end: it is sent until the thread is gone. */
static void behind_end(pthread_t thread)
{
    struct timespec until;
    do {
        pthread_kill(thread, SIGUSR1);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += END_MS * (long)NS_PER_MS;
        until.tv_sec += until.tv_nsec / NS_PER_SECOND;
        until.tv_nsec %= NS_PER_SECOND;
    } while (pthread_timedjoin_np(thread, NULL, &until) != 0);
}

bool show_run(struct show *show, const struct show_config *config, struct error *error)
{
    pthread_t thread;
    struct behind behind = {show, config};
    bool begun = false;
    show->exchange = exchange_new();
    show->words = calloc(1, sizeof *show->words); /* NULL: each record has its own */
    if (show->exchange == NULL)
        return error_set(error, "out of memory");
    if (show->words != NULL)
        show->words->seed = (uint64_t)(uintptr_t)show->words; /* not known outside */
    struct ui_config ui_config = {.exchange = show->exchange,
                                  .title = config->title,
                                  .stop = config->stop,
                                  .memory_bytes = config->memory_bytes,
                                  .budget_bytes = 2 * config->memory_bytes, /* as much is the analysis' */
                                  .files = config->files,
                                  .file_count = config->file_count,
                                  .save = config->save,
                                  .save_over = config->save_over,
                                  .save_context = config->context};
    struct ui *ui = ui_open(&ui_config, error);
    exchange_ask(show->exchange); /* the first packets are shown, even where a pipe gives no more for a while */
    if (ui != NULL && !(begun = behind_begin(&behind, &thread)))
        error_set(error, "cannot start a thread");
    if (begun)
        ui_run(ui);
    ui_close(ui); /* first of all the terminal is given back */
    if (begun)
        behind_end(thread);
    snapshot_free(show->snapshot);
    exchange_free(show->exchange);
    if (show->words != NULL)
        intern_fini(show->words);
    free(show->words);
    *show = (struct show){0};
    return begun;
}

bool show_stopped(const struct show *show)
{
    return exchange_stopped(show->exchange);
}

/* NULL without an interface, or without memory. */
static struct snapshot *waiting(struct show *show)
{
    if (show->exchange != NULL && show->snapshot == NULL)
        show->snapshot = snapshot_new();
    if (show->snapshot != NULL)
        show->snapshot->words = show->snapshot->packer.shared = show->words;
    return show->snapshot;
}

void show_record(struct show *show, const struct record *record)
{
    if (!record->given && waiting(show) != NULL)
        snapshot_take(show->snapshot, record);
}

void show_gone(struct show *show, uint64_t call)
{
    if (waiting(show) != NULL)
        snapshot_take_gone(show->snapshot, call);
}

void show_message(struct show *show, const struct message_record *message, struct slice bytes, unsigned source, uint64_t offset)
{
    if (waiting(show) != NULL)
        snapshot_take_message(show->snapshot, message, bytes, source, offset);
}

struct snapshot *show_asked(struct show *show)
{
    return show->exchange != NULL && exchange_asked(show->exchange) ? waiting(show) : NULL;
}

void show_give(struct show *show, struct snapshot *snapshot)
{
    show->snapshot = NULL;
    exchange_put(show->exchange, snapshot);
}

/* The analysis behind the terminal interface: a second thread reads while the first one draws, and what is new goes from one to the
   other. */
#ifndef SHOW_H
#define SHOW_H

#include <signal.h>

#include "analyzer/snapshot.h"
#include "base/error.h"
#include "ui/ui.h"

/* Zeroed memory: there is no interface. Thread: with one, the main thread draws; everything else of the run belongs to the second
   thread from show_run's begin to its end, and so do all functions below show_run. */
struct show {
    struct exchange *exchange;
    struct snapshot *snapshot; /* what is for the interface since the last one; NULL: nothing yet */
    struct intern *words;      /* that all snapshots' records share: this thread adds, the one that draws looks */
};

struct show_config {
    const char *title;
    const volatile sig_atomic_t *stop;  /* set by a signal */
    size_t memory_bytes;                /* for what is shown */
    const int *files;                   /* by source: a descriptor to read its messages again; -1 */
    size_t file_count;
    void (*read)(void *context);        /* reads and analyses all, or until show_stopped */
    void (*serve)(void *context, bool over); /* asks show_asked; called again and again when all is read */
    saving_write *save;                 /* called by the thread that draws: it may use nothing of the run but what never changes */
    saving_over *save_over;             /* by the same thread */
    void *context;
};

/* From the first screen until the user leaves. False with a message: nothing was read. */
bool show_run(struct show *show, const struct show_config *config, struct error *error);

static inline bool show_active(const struct show *show)
{
    return show->exchange != NULL;
}

/* The user has left. */
bool show_stopped(const struct show *show);

/* A record that leaves the analyzer, and a call that the query refuses. Nothing where there is no interface. */
void show_record(struct show *show, const struct record *record);
void show_gone(struct show *show, uint64_t call);

/* A SIP message; source and offset as snapshot_take_message has them. */
void show_message(struct show *show, const struct message_record *message, struct slice bytes, unsigned source, uint64_t offset);

/* Where the interface asked: what is new, to be completed and given; NULL. Cheap: call it per batch. */
struct snapshot *show_asked(struct show *show);
void show_give(struct show *show, struct snapshot *snapshot);

#endif

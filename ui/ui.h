/* The terminal interface: draws what the analysis hands over, until the user leaves. */
#ifndef UI_UI_H
#define UI_UI_H

#include <signal.h>
#include <stddef.h>

#include "base/error.h"
#include "ui/exchange.h"
#include "ui/saving.h"

struct ui;

struct ui_config {
    struct exchange *exchange;
    const char *title;                  /* what is read; borrowed */
    const volatile sig_atomic_t *stop;  /* set by a signal: leave */
    size_t memory_bytes;                /* budget for copies of calls and messages; 0: no limit */
    size_t budget_bytes;                /* of the whole process, to be shown */
    const int *files;                   /* by source: a descriptor to read its messages again; -1; borrowed */
    size_t file_count;
    saving_write *save;                 /* NULL: nothing can be saved */
    saving_over *save_over;
    void *save_context;                 /* of both */
};

/* Takes the terminal. NULL with a message. */
struct ui *ui_open(const struct ui_config *config, struct error *error);

/* Returns when the user quits, *stop is set or the terminal is gone; then the exchange is told to stop. */
void ui_run(struct ui *ui);

/* Gives the terminal back. */
void ui_close(struct ui *ui);

/* The table of screens with their keys, on standard output. */
void ui_list_screens(void);

#endif

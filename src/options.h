/* The command line as a struct: one table of options makes parsing, --help and the documentation. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Refs: the texts are argv's. items has room for as many as argv has words. */
struct option_list {
    const char **items;
    size_t count;
};

enum option_action {
    ACTION_RUN,
    ACTION_HELP,
    ACTION_VERSION,
    ACTION_LIST_RULES,
    ACTION_LIST_PROFILES,
    ACTION_LIST_OUTPUTS,
    ACTION_LIST_FIELDS,
    ACTION_LIST_SCREENS
};

/* Owns the lists; the texts borrow argv. */
struct options {
    enum option_action action;
    struct option_list interfaces, files, outputs, keylogs;
    const char *filter, *where, *profile, *site;
    bool messages, windows, tones, quiet, verbose;
    bool tui, no_tui;         /* the last of --tui and --no-tui */
    bool progress, no_progress;
    bool check;               /* exit 1 when a call has a finding at least check_severity bad */
    int check_severity;       /* enum severity */
    int64_t duration_ns;      /* 0: no limit */
    bool adaptive_buffer;     /* the jitter buffer model */
    bool jitter_buffer;        /* --jitter-buffer was given */
    int64_t jitter_buffer_ns; /* 0: the model's own delay */
    uint64_t count;           /* 0: no limit */
    uint64_t memory_bytes;    /* 0: a quarter of the machine's */
    uint64_t buffer_bytes;    /* kernel buffer of a device */
    bool log_time_iso, log_line_ends, log_secrets;
    const char *log_namespace; /* NULL: the usual */
    uint64_t log_line_bytes;  /* 0: the usual */
    uint64_t log_rotate_bytes; /* 0: never */
    int64_t log_rotate_ns;    /* 0: never */
    bool pcap_secrets, pcap_findings;
    uint64_t spool_bytes;     /* 0: none */
    const char *reconcile;    /* folder; NULL */
    bool rebase;              /* to rebase_ns; CLOCK_NONE: to now */
    int64_t rebase_ns;
};

/* False with a message: wrong usage. options_fini in either case. */
bool options_parse(struct options *options, int argc, char **argv, struct error *error);

void options_fini(struct options *options);

/* --help, from the table. */
void options_print_help(void);

#endif

/* Key log files (-k): read once, followed while they grow, and handled as the secrets that they are. */
#ifndef KEYLOG_H
#define KEYLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* One file. */
struct keylog_file {
    const char *path;
    int descriptor;      /* -1: not there (yet) */
    int64_t offset;
    struct text partial; /* a line that has not ended */
};

/* Zeroed memory is valid and empty. Owns the descriptors and buffers. */
struct keylog {
    struct keylog_file *files;
    size_t count;
};

struct keylog_taker {
    void *context;
    void (*lines)(void *context, struct slice lines);             /* whole lines; wiped when it returns */
    void (*complain)(void *context, const char *path, const char *why); /* a warning, or why a file cannot be read */
};

/* False without memory. Paths are borrowed. */
bool keylog_open(struct keylog *keylog, const char *const *paths, size_t count);

/* What the files say since the last time. missing: complain of files that are not there. */
void keylog_read(struct keylog *keylog, const struct keylog_taker *taker, bool missing);

/* No more will come: an unfinished last line counts too. */
void keylog_finish(struct keylog *keylog, const struct keylog_taker *taker);

void keylog_close(struct keylog *keylog);

/* From here on the process holds secrets: no core dump, no other process of the user reads its memory. */
void secrets_guard(void);

#endif

/* Where records go out: a table of sink kinds, each opened on a path or standard output. */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "base/error.h"
#include "base/text.h"
#include "record/record.h"

enum { SINK_BUFFER_BYTES = 1 << 16 };

/* Owns the descriptor (unless it is standard output) and the buffer. */
struct sink {
    const struct sink_kind *kind;
    char *path;         /* "-": standard output */
    int fd;
    struct text out;    /* whole lines that wait to be written */
    struct error error; /* not empty: a write failed; what was lost cannot be written any more */
    bool closed_pipe;   /* the reader went away: no error, nothing more to do */
    unsigned width;     /* of the terminal for texts; 0: not a terminal */
    void *state;        /* the kind's own, for kinds with open */
};

/* One row of the table of outputs: to add one, write its functions and its row. */
struct sink_kind {
    const char *name;
    const char *help;
    bool messages;      /* can show message records */
    bool (*open)(struct sink *sink);   /* may be NULL */
    void (*write)(struct sink *sink, const struct record *record);
    void (*close)(struct sink *sink);  /* before the last flush; may be NULL */
};

extern const struct sink_kind *const sink_kinds[];
extern const size_t sink_kind_count;
extern const struct sink_kind sink_kind_text, sink_kind_json;

/* "text", "json:calls.jsonl", ...; NULL with a message: no such kind (*usage is then true), or the file cannot be written. */
struct sink *sink_open(const char *specification, bool *usage, struct error *error);

void sink_write(struct sink *sink, const struct record *record);

/* Writes what waits; live runs call it now and then. */
void sink_flush(struct sink *sink);

/* Flushes and closes; false when anything was lost, with the reason in *error. */
bool sink_close(struct sink *sink, struct error *error);

/* The kind's row; NULL. */
const struct sink_kind *sink_kind_find(const char *name, size_t length);

#endif

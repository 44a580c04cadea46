/* Where records go out: a table of sink kinds, each opened on a path or standard output. */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "base/error.h"
#include "base/text.h"
#include "output/settings.h"
#include "record/record.h"

enum { SINK_BUFFER_BYTES = 1 << 16, SINK_ROOM_LEFT = 1 << 15, SINK_LINES_BYTES = 1 << 19 /* several times what may wait in it */ };

/* Where a kind's output goes. */
enum sink_target {
    SINK_STREAM,  /* a file that is begun anew, or standard output */
    SINK_LINES,   /* a file that is appended to: whole lines, rotation; or standard output */
    SINK_FOLDER,  /* a folder, in which the kind makes its files */
    SINK_COMPARES, /* standard output; the path is a folder that is read */
    SINK_OBJECTS  /* a folder with a file for each record; a path ending in .json, .jsonl or .log, and standard output: as SINK_LINES */
};

/* What a kind needs that is not always made. */
enum sink_need {
    SINK_NEEDS_MESSAGES = 1,  /* message records with their texts */
    SINK_NEEDS_MINUTES = 4,   /* minute records */
    SINK_NEEDS_PLACES = 8,    /* message records, of which only the places have to be there */
    SINK_NEEDS_PACKETS = 16,  /* the capture once more: packet_sink.h */
    SINK_NEEDS_AUDIO = 32,    /* the audio of the capture, once more: audio_sink.h */
    SINK_NEEDS_TRUNK = 2      /* whose call each is: transaction, connector, region, numbers */
};

/* Owns the descriptor (unless it is standard output) and the buffer. */
struct sink {
    const struct sink_kind *kind;
    struct sink_settings *settings;
    char *path;         /* "-": standard output */
    int fd;             /* of a SINK_STREAM; -1 */
    struct line_file *lines; /* of the others; NULL: records are objects in the folder `path` */
    uint64_t objects_lost;
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
    bool messages;      /* can show message records, where --messages asks for them */
    enum sink_target target;
    bool counts_all;    /* what it counts is told before it is known which calls match: it does not go with -w */
    unsigned needs;     /* enum sink_need bits */
    bool (*open)(struct sink *sink);   /* may be NULL */
    void (*write)(struct sink *sink, const struct record *record);
    void (*pass)(struct sink *sink, int64_t now_ns); /* live: capture time has reached it; may be NULL */
    size_t (*ready)(const struct sink *sink); /* bytes of `out` that may be written already; NULL: all */
    void (*close)(struct sink *sink);  /* before the last flush; may be NULL */
};

extern const struct sink_kind *const sink_kinds[];
extern const size_t sink_kind_count;
extern const struct sink_kind sink_kind_text, sink_kind_json, sink_kind_sip_log, sink_kind_media_log, sink_kind_metrics, sink_kind_reconcile, sink_kind_cdr, sink_kind_sdr,
    sink_kind_pcap, sink_kind_pcapng, sink_kind_audio;

/* "text", "json:calls.jsonl", ...; NULL with a message: no such kind (*usage is then true), or the file cannot be written. The settings
   outlive the sink. Before any thread is made. */
struct sink *sink_open(const char *specification, struct sink_settings *settings, bool *usage, struct error *error);

void sink_write(struct sink *sink, const struct record *record);

/* Live runs call it now and then, before sink_flush. */
void sink_pass(struct sink *sink, int64_t now_ns);

/* Writes what is ready; live runs call it now and then. */
void sink_flush(struct sink *sink);

/* Somebody renamed the file: it is opened anew (SINK_LINES). */
void sink_reopen(struct sink *sink);

/* Records that could not be written so far, and the reason; for kinds that go on behind a failure. */
uint64_t sink_lost(const struct sink *sink, struct error *why);

/* Flushes and closes; false when anything was lost, with the reason in *error. */
bool sink_close(struct sink *sink, struct error *error);

/* True for two specifications that write different files into one folder. */
bool sink_shares(const char *a, const char *b);

/* The kind's row; NULL. */
const struct sink_kind *sink_kind_find(const char *name, size_t length);

#endif

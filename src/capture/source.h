/* Where frames come from: capture files, standard input and network devices behind one contract, and several merged by time. */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include "base/error.h"
#include "base/frame.h"
#include "base/text.h"

struct source;

/* What is known of the interface that captured a frame. Refs: name is borrowed until the source's next read. */
struct source_interface {
    struct slice name; /* empty: not known */
    uint32_t snaplen;  /* 0: not known, or no limit */
};

/* One row of the table of source kinds: to add one, write its functions and its row. */
struct source_kind {
    const char *name;
    const char *help;
    bool live;
    /* Reads up to `room` frames (number: within the source; source: 0). Returns how many; 0 at the end, with
       source->error set where it ended badly; 0 for a live source that has nothing now. Frames stay good until the next call. */
    size_t (*read)(struct source *source, struct frame *frames, size_t room);
    /* Newest drop counters into source->kernel_drops and interface_drops; NULL where there are none. */
    void (*count_drops)(struct source *source);
    void (*close)(struct source *source);
    /* As source_interface; NULL where nothing is known of them. */
    void (*interface)(const struct source *source, uint32_t number, struct source_interface *interface);
    /* As source_place; NULL where nothing can be read again. */
    uint64_t (*place)(const struct source *source, const uint8_t *byte);
};

extern const struct source_kind *const source_kinds[];
extern const size_t source_kind_count;

#define SOURCE_COUNT_NONE UINT64_MAX

enum { SOURCE_COMMENTS_MAX = 200 };

/* A comment that the capture carries. number 0: of the whole section. */
struct source_comment {
    uint64_t number;
    char *text;
};

/* Owns `state` (through kind->close), name and comments. */
struct source {
    const struct source_kind *kind;
    void *state;
    char *name;
    bool over;            /* no frame will come any more */
    struct error error;   /* not empty: it ended badly; says what was lost */
    uint64_t packets;     /* given so far */
    uint64_t kernel_drops, interface_drops; /* SOURCE_COUNT_NONE: the source does not say */
    uint64_t read_bytes, size_bytes;        /* for progress; size 0: not known */
    int64_t end_ns;       /* when the capture ended, as far as the file has said so; 0: it has not */
    struct source_comment *comments;        /* pcapng opt_comment, the first SOURCE_COMMENTS_MAX */
    size_t comment_count;
    uint64_t secrets_blocks;                /* pcapng Decryption Secrets Blocks seen */
    struct text secrets;                    /* lines in the NSS key log format out of them, not taken yet: see merge_secrets */
    int file;             /* descriptor that source_place's offsets are of, for pread; -1: none */
};

/* A capture file of any known format; "-" is standard input. NULL with a message ("cannot open: ...", what the file is). */
struct source *source_open_file(const char *path, struct error *error);

/* The same of an open descriptor, from its beginning; takes it over, also where it fails. */
struct source *source_open_descriptor(int fd, const char *name, struct error *error);

/* A device ("any": all), sniffed with promiscuous mode and a kernel buffer of buffer_bytes; filter may be NULL. */
struct source *source_open_device(const char *name, const char *filter, size_t buffer_bytes, struct error *error);

void source_close(struct source *source);

/* As source_kind.read. */
size_t source_read(struct source *source, struct frame *frames, size_t room);

/* A descriptor that poll(2) can wait on; -1 for files. */
int source_descriptor(const struct source *source);

/* Where a byte that a frame borrows now stands in the source's file, for reading it again; SOURCE_COUNT_NONE where there is no such
   file: a device, a pipe, compressed data. */
uint64_t source_place(const struct source *source, const uint8_t *byte);

/* The interface that a frame names: as the source has read so far. */
struct source_interface source_interface(const struct source *source, uint32_t number);

/* Adds a copy of the comment; beyond the limit it is dropped. For the source kinds. */
void source_comment_add(struct source *source, uint64_t number, struct slice text);

#endif

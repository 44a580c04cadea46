/* The run's inputs: opened once to be read, and again by those who need the packets of calls that are over. */
#ifndef INPUTS_H
#define INPUTS_H

#include <sys/types.h>

#include "options.h"
#include "spool.h"

/* A file that was opened, to know it again. */
struct input_file {
    const char *path;
    dev_t device;
    ino_t inode;
};

/* Zeroed memory is valid and empty. Paths are the options'. */
struct inputs {
    struct merge *merge;
    struct input_file *files;
    size_t file_count;
    bool live;           /* a device is among them */
    bool once;           /* one of them cannot be read a second time */
    struct spool *spool; /* NULL: nobody will, or none is needed */
    uint64_t most;       /* packets that the run reads (--count); 0: all */
};

/* Who is told of what cannot be opened, with the reason; the rest is read. */
typedef void inputs_complain(void *context, const char *name, const char *why);

/* False without memory. */
bool inputs_open(struct inputs *inputs, const struct options *options, inputs_complain *complain, void *context);
void inputs_close(struct inputs *inputs);

/* Before the first packet: from here on the packets can be read again. False with a message where they cannot. */
bool inputs_keep(struct inputs *inputs, uint64_t spool_bytes, struct error *error);

/* A second reading. */
struct again {
    const struct inputs *inputs;
    struct merge *merge;            /* of files; NULL: from the spool */
    struct spool_reading spool;
    size_t segment;
    uint64_t packets;
};

/* Thread: any, also while the first reading goes on. False with a message. */
bool again_open(struct again *again, const struct inputs *inputs, struct error *error);
void again_close(struct again *again);

/* Up to `room` frames, numbered as they were the first time, good until the next call; 0: the end. */
size_t again_read(struct again *again, struct frame *frames, size_t room);

/* Secrets among them, as merge_secrets has it. */
void again_secrets(struct again *again, void (*take)(void *context, struct slice lines), void *context);

struct source_interface again_interface(const struct again *again, const struct frame *frame);

#endif

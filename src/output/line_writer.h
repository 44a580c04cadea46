/* The process that writes a log file: it outlives a sipvet that is killed, and finishes the lines that it was given. */
#ifndef OUTPUT_LINE_WRITER_H
#define OUTPUT_LINE_WRITER_H

#include <semaphore.h>
#include <stdatomic.h>

#include "output/line_file.h"

enum { SLOT_BYTES = 1 << 20, SLOTS = 4 };

/* What writer and sipvet share: bytes go through the slots in turn, so that they are copied once. A pipe says how many are in the next
   one; its end is sipvet's. */
struct line_shared {
    sem_t room;                 /* slots that are free */
    _Atomic uint64_t lost;      /* lines */
    _Atomic int trouble;        /* errno of the newest loss; 0 */
    _Atomic uint64_t reopens;   /* asked for so far */
    uint8_t slots[SLOTS][SLOT_BYTES];
};

/* What the pipe carries. */
struct line_notice {
    uint32_t bytes;
    uint32_t more;              /* 1: the last line goes on in the next slot */
};

/* Where lines go. Refs: borrows all. */
struct line_target {
    const char *path;
    int fd;
    bool regular;               /* has a size, can be cut back */
    uint64_t size;
    struct line_shared *shared;
};

/* Opens the path for appending and takes away the rest of a line that has no end. False: errno says why. */
bool line_target_open(struct line_target *target);

/* Writes whole lines; what cannot be written is counted, and no part of a line stays behind in a regular file. */
void line_target_write(struct line_target *target, struct slice lines);

/* Takes notices from `in` until its end and writes the lines; the process's whole life. */
_Noreturn void line_writer_run(struct line_target target, int in, struct line_file_limits limits);

#endif

/* A file of whole lines that a log shipper follows: grown by appending, never cut within a line, rotated by renaming. */
#ifndef OUTPUT_LINE_FILE_H
#define OUTPUT_LINE_FILE_H

#include "base/error.h"
#include "base/slice.h"

/* Lines reach a regular file through a process of their own (line_writer.h), because the kernel leaves half a write behind when the
   process that writes is killed in the middle of it. Anything else (standard output, a FIFO, a device) is written directly.
   Owns the descriptors and that process. */
struct line_file;

struct line_file_limits {
    uint64_t bytes;    /* a file that would grow beyond is renamed first; 0: no limit */
    int64_t age_s;     /* a file that is older is renamed; 0: no limit */
};

/* "-": standard output. An existing file is appended to, after the rest of a line that has no end is taken away. NULL with a message.
   Call it before any thread is made. */
struct line_file *line_file_open(const char *path, struct line_file_limits limits, struct error *error);

/* Memory in which lines may be put together: line_file_write does not copy them from there. Good until then; NULL where there is none. */
char *line_file_room(struct line_file *file, size_t *bytes);

/* Whole lines, each with its end. What cannot be written is counted. */
void line_file_write(struct line_file *file, struct slice lines);

/* The path is opened anew (SIGHUP): somebody else renamed the file. */
void line_file_reopen(struct line_file *file);

/* Lines that could not be written so far, and why the newest one could not ("" where none is lost). */
uint64_t line_file_lost(const struct line_file *file, struct error *why);

/* Waits until everything is written. False when lines were lost, with path, reason and number in *error. */
bool line_file_close(struct line_file *file, struct error *error);

#endif

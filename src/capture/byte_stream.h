/* The bytes of a file or of standard input, decompressed where they are gzip or Zstandard. */
#ifndef CAPTURE_BYTE_STREAM_H
#define CAPTURE_BYTE_STREAM_H

#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"

struct byte_stream;

/* path "-" is standard input. NULL with a message where it cannot be opened or is no regular file, pipe or terminal. */
struct byte_stream *byte_stream_open(const char *path, struct error *error);

/* The same over an open descriptor, from its beginning. Takes it over, also where it fails. */
struct byte_stream *byte_stream_over(int fd, struct error *error);
void byte_stream_close(struct byte_stream *stream);

/* Up to n bytes; 0 at the end; -1 with a message where reading or decompressing failed. May return fewer than n. */
ssize_t byte_stream_read(struct byte_stream *stream, void *out, size_t n, struct error *error);

/* For progress: bytes read from the file so far, and its size (0 where not known). */
void byte_stream_position(const struct byte_stream *stream, uint64_t *read_bytes, uint64_t *size_bytes);

/* The file's descriptor where its bytes can be read again by their offset in the stream: a plain file; else -1. */
int byte_stream_file(const struct byte_stream *stream);

#endif

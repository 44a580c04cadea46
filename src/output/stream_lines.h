/* The lines of the text report that tell of a stream. */
#ifndef OUTPUT_STREAM_LINES_H
#define OUTPUT_STREAM_LINES_H

#include "base/text.h"
#include "record/record.h"

void stream_lines(struct text *out, const struct stream_record *stream);

#endif

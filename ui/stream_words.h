/* A stream in words and columns: what the call screen, the stream list and the stream's own screen share. */
#ifndef UI_STREAM_WORDS_H
#define UI_STREAM_WORDS_H

#include "ui/columns.h"
#include "ui/text_view.h"
#include "record/record.h"
#include "ui/aliases.h"

/* Columns of stream records. */
extern const struct column stream_columns[];
extern const size_t stream_column_count;

/* A few lines: from where to where, what was lost and late, the MOS with its inputs, what RTCP says. value is scratch. */
void stream_summary(struct text_view *view, struct text *value, const struct stream_record *stream, const struct aliases *aliases);

/* A line per known field of the record, but for the windows. */
void stream_fields_write(struct text_view *view, struct text *value, const struct stream_record *stream);

#endif

/* Saving what is shown: the program writes it, as one of its outputs. */
#ifndef UI_SAVING_H
#define UI_SAVING_H

#include "base/error.h"
#include "record/record.h"

/* Gives the records, in the order in which outputs get them. */
typedef void saving_feed(void *feeder, record_reader *read, void *context);

/* Writes a file by its name's end: .json, .jsonl: records; anything else: the report as text. False with a message. */
typedef bool saving_write(void *context, const char *path, saving_feed *feed, void *feeder, struct error *error);

#endif

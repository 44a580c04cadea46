/* Streams as records: copied out with every figure and what it rests on. Private to media/. */
#ifndef MEDIA_DESCRIBE_H
#define MEDIA_DESCRIBE_H

#include "media/state.h"

/* Room for what a record borrows; false without memory. media owns it. */
bool describe_init(struct media *media);

/* Publishes the stream's record. call: the record of its call; NULL where it has none. */
void describe_publish(struct media *media, uint32_t number, const struct call_record *call);

/* Gives the same record to a reader, and publishes nothing. */
void describe_give(struct media *media, uint32_t number, const struct call_record *call, record_reader *read, void *context);

#endif

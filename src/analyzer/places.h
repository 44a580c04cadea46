/* Where the messages of calls that are not over were, for who looks them up again once it is known which calls are wanted: 16 bytes a message. */
#ifndef ANALYZER_PLACES_H
#define ANALYZER_PLACES_H

#include "record/record.h"
#include "record/sighting.h"

struct places;

/* NULL without memory. */
struct places *places_new(uint64_t hash_seed);
void places_free(struct places *places);

/* One more message of the call. Without memory it is lost. */
void places_add(struct places *places, uint32_t call, const struct sighting *sighting);

/* The call is over: gives its messages, newest and oldest in no order, and forgets them. read NULL: nobody wants them. */
void places_end(struct places *places, uint32_t call, record_reader *read, void *context);

/* Bytes held. NULL: none. */
size_t places_bytes(const struct places *places);

/* A message record that says where the message was, and no more. */
struct message_record place_record(const struct sighting *sighting, uint64_t call);

#endif

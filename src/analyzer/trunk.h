/* Whose call each is: what the trunk's own logs would call it, gathered from its messages. Only for runs that write such logs. */
#ifndef ANALYZER_TRUNK_H
#define ANALYZER_TRUNK_H

#include "dissectors/sip.h"
#include "record/record.h"
#include "record/sighting.h"
#include "record/site.h"

struct profile;
struct trunk;

struct trunk_config {
    uint64_t hash_seed;
    const struct profile *profile; /* NULL: none */
    const struct site *site;       /* NULL: none */
};

/* NULL without memory. */
struct trunk *trunk_new(const struct trunk_config *config);
void trunk_free(struct trunk *trunk);

/* A hint that a message of this call comes: its place is fetched into the cache. */
void trunk_prefetch(const struct trunk *trunk, uint32_t call);

/* One message of the call whose record has this id (0: of none). at_trunk: on the hop between customer and trunk. */
void trunk_see(struct trunk *trunk, uint32_t call, const struct sighting *sighting, const struct sip_message *message, bool at_trunk);

/* Fills in what the record of the message that was seen last says of its call. Texts stay good until the next call here. */
void trunk_describe_message(struct trunk *trunk, uint32_t call, struct message_record *record);

/* Points the call's record to its facts; NULL where nothing is known. Good until the next call here. */
void trunk_describe(struct trunk *trunk, uint32_t call, struct call_record *record);

/* The same facts for another record; NULL. */
const struct call_trunk *trunk_facts(struct trunk *trunk, uint32_t call);

/* The newest packet of a stream of the call that trunk_describe was asked for last; CLOCK_NONE takes what was said back. */
void trunk_media_end(struct trunk *trunk, int64_t at_ns);

/* The call's record was published. */
void trunk_forget(struct trunk *trunk, uint32_t call);

/* Bytes that calls hold here; forgetting them gives them back. */
size_t trunk_bytes(const struct trunk *trunk);

#endif

/* The SIP messages that the screens show: where each one's text stands, and the texts that stand in no file, within a budget. */
#ifndef UI_MESSAGE_STORE_H
#define UI_MESSAGE_STORE_H

#include "analyzer/snapshot.h"
#include "base/error.h"
#include "base/table.h"

/* Owns what it points to, but for the files. Zeroed memory is valid and empty. */
struct message_store {
    struct kept_message *messages; /* in the order in which they were read */
    size_t count, room;
    size_t count_most;       /* 0: no limit; beyond it the oldest quarter goes */
    struct hops hops;
    uint8_t *spool;          /* a ring, once it has its full size */
    size_t spool_room, spool_most; /* 0: no limit */
    uint64_t spool_end;      /* bytes that ever went in */
    const int *files;        /* by source: descriptor to read it again; -1; borrowed */
    size_t file_count;
    uint64_t forgotten, lost;
    uint64_t cleared;        /* because the user asked */
};

void message_store_fini(struct message_store *store);

/* Takes the snapshot's messages over. */
void message_store_apply(struct message_store *store, struct snapshot *snapshot);

/* The first message of which the frame is not below. */
size_t message_store_from(const struct message_store *store, uint64_t frame);

/* How many messages there were before those that are kept: with the place in `messages` it numbers a message for good. */
static inline uint64_t message_store_gone(const struct message_store *store)
{
    return store->forgotten + store->cleared;
}

/* Takes out all messages. */
void message_store_clear(struct message_store *store);

const struct hop *message_store_hop(const struct message_store *store, const struct kept_message *message);

/* Reads the message's text into out, which is emptied first. False with what to say where it cannot be had any more. */
bool message_store_text(const struct message_store *store, const struct kept_message *message, struct text *out,
                        struct error *error);

#endif

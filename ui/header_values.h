/* Values of SIP headers for the rows of the call list: read from the messages when a row is drawn, and kept for a screenful or two. */
#ifndef UI_HEADER_VALUES_H
#define UI_HEADER_VALUES_H

#include "record/record.h"
#include "ui/message_store.h"

enum { HEADER_VALUES = 1024, HEADER_VALUE_BYTES = 120 };

/* What is known of one header of one call. */
struct header_value {
    uint64_t call, name; /* name: its hash; 0: the place is free */
    uint64_t next;       /* number of the message where looking goes on, counted from the store's first one ever */
    uint64_t seen;       /* messages of the call before it */
    uint64_t drawn;      /* in which drawing it was asked for last */
    bool found;
    uint8_t len;
    char text[HEADER_VALUE_BYTES];
};

/* Owns its places. Zeroed memory is valid and empty. */
struct header_values {
    struct header_value *places; /* HEADER_VALUES of them */
    uint64_t drawing;
    size_t walk, reads;          /* messages that this drawing may still pass, and read */
    bool unfinished;             /* that was not enough: some values come with the next drawing */
    struct text message, value;  /* scratch */
};

void header_values_fini(struct header_values *values);

/* A drawing begins, which may look at so many messages that it does not last. */
void header_values_begin(struct header_values *values);

/* The header's value in the call's first request that has it, several ones with commas between them; empty where none has it, "..."
   where it is not known yet. Lives until the next call. */
struct slice header_values_find(struct header_values *values, const struct message_store *store, const struct call_record *call,
                                const char *name);

#endif

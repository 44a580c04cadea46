/* The calls that the screens show: the newest copy of each, in order of beginning, within a budget. */
#ifndef UI_CALL_STORE_H
#define UI_CALL_STORE_H

#include "analyzer/snapshot.h"

struct call_reader;

/* Owns the copies. */
struct call_store {
    struct call_copy *calls; /* by id */
    size_t count, room;
    struct call_copy loose;  /* findings and streams of no call; streams by id */
    uint64_t streams;        /* of calls */
    size_t bytes, bytes_max; /* of the copies; 0: no limit */
    uint64_t forgotten;      /* calls given up to stay within it, the oldest first */
    uint64_t forgotten_id;   /* up to this id nothing is taken any more */
    uint64_t cleared;        /* calls taken out because the user asked */
    uint64_t forgotten_loose; /* findings and streams of no call, likewise */
    uint64_t lost;           /* records that were not copied for lack of memory */
    const struct intern *words; /* that the packed records share; borrowed */
    struct call_reader *reader; /* the records that were looked at last */
    /* What the last snapshot did: rows moved (calls were taken out), or only these changed, and those behind were added. */
    bool moved;
    size_t *changed;
    size_t changed_count, changed_room;
    size_t count_before;
};

void call_store_fini(struct call_store *store);

/* Takes the snapshot's calls over; it has none then. */
void call_store_apply(struct call_store *store, struct snapshot *snapshot);

/* Takes out all calls, and what belongs to none; what comes of these calls later is not taken any more. */
void call_store_clear(struct call_store *store);

/* The record of one of the store's calls. Refs: until CALLS_READ others were looked at, or the store takes a snapshot. */
enum { CALLS_READ = 4 }; /* few, so that going through all calls stays in the cache */
const struct call_record *call_store_record(const struct call_store *store, const struct call_copy *copy);

/* The stream's record; call NUMBER_NONE: of no call. NULL where there is none. */
const struct stream_record *call_store_stream(const struct call_store *store, uint64_t call, uint64_t stream);

/* The row of a call's id; store->count where there is none. */
size_t call_store_find(const struct call_store *store, uint64_t id);

#endif

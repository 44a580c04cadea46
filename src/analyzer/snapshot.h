/* Copies of records for another thread: what is new about a run since the last snapshot, self-contained. */
#ifndef ANALYZER_SNAPSHOT_H
#define ANALYZER_SNAPSHOT_H

#include "base/text.h"
#include "record/record.h"

/* A call's record, findings and streams. Owns them; each is one block of the heap. record NULL: what belongs to no call. */
struct call_copy {
    struct call_record *record;
    struct finding_record **findings;
    struct stream_record **streams;
    size_t finding_count, stream_count;
    size_t bytes; /* of all blocks */
};

void call_copy_fini(struct call_copy *copy);

/* Owns all that it points to. */
struct snapshot {
    struct call_copy *calls; /* new or changed, in the order in which they came: the last one of an id counts */
    size_t call_count, call_room;
    struct call_copy loose;  /* findings and streams of no call; a stream may come again with each snapshot */
    uint64_t *gone;          /* ids of calls that the query refuses (again) */
    size_t gone_count, gone_room;
    struct summary_record summary; /* without lists */
    uint64_t read_bytes, size_bytes; /* of files; size 0: not known */
    bool live, over;
    struct text problems;    /* a line for each input that failed so far */
    int64_t cost_ns;         /* time that it took to make */
    uint64_t lost;           /* records that could not be copied for lack of memory */
};

/* NULL without memory. */
struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *snapshot);

/* Copies a call, finding or stream record; a finding or stream joins its call, which came last. Others are passed over. */
void snapshot_take(struct snapshot *snapshot, const struct record *record);

/* The call is not to be shown. */
void snapshot_take_gone(struct snapshot *snapshot, uint64_t call);

#endif

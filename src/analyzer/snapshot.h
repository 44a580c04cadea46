/* Copies of records for another thread: what is new about a run since the last snapshot, self-contained. */
#ifndef ANALYZER_SNAPSHOT_H
#define ANALYZER_SNAPSHOT_H

#include "analyzer/packed.h"
#include "base/table.h"
#include "base/text.h"
#include "record/record.h"

/* A call's record, packed, its findings and its streams. Owns them; each is one block of the heap. packed NULL: what belongs to no
   call. */
struct call_copy {
    uint64_t id;
    uint8_t *packed; /* of call_fields */
    struct finding_record **findings;
    struct stream_record **streams;
    uint32_t finding_count, stream_count;
    size_t bytes; /* of all blocks */
};

void call_copy_fini(struct call_copy *copy);

/* Where a message's bytes are: behind its own source's number, or in the snapshot's spool. */
enum { KEPT_SPOOL = 0xfff };

enum kept_flag { KEPT_AGAIN = 1, KEPT_DECRYPTED = 2, KEPT_TRUNCATED = 4, KEPT_BROKEN = 8, KEPT_COPY = 16 };

#define KEPT_SIZE_MAX ((UINT64_C(1) << 24) - 1)

/* One SIP message as screens keep it: 32 bytes, for there are millions. Its text is read again where it stands. */
struct kept_message {
    int64_t at;
    uint64_t offset : 44; /* in the file, or in the spool */
    uint64_t source : 12; /* which of the run's sources; KEPT_SPOOL */
    uint64_t flags : 8;   /* enum kept_flag */
    uint64_t frame : 40;
    uint64_t size : 24;
    uint64_t call : 32;   /* record's id; 0: of none */
    uint64_t hop : 20;    /* the store's number of its two ends and transport */
    uint64_t code : 12;   /* status; 0 for a request */
};

_Static_assert(sizeof(struct kept_message) == 32, "millions are kept");

/* The two ends of messages, in their direction. */
struct hop {
    struct endpoint src, dst;
    uint8_t transport; /* enum transport */
};

enum { HOPS_MOST = (1 << 20) - 1 }; /* the last one stands for all that there is no room for */

/* Owns its hops. Zeroed memory is valid and empty. */
struct hops {
    struct hop *items;
    size_t count, room;
    struct table index;
};

void hops_fini(struct hops *hops);

/* The hop's number, which is HOPS_MOST where there is no room. */
uint32_t hops_number(struct hops *hops, const struct hop *hop);

/* Owns all that it points to, but for what the packed records share: that lives as long as any of them. */
struct snapshot {
    struct packer packer;
    const struct intern *words; /* that packed records name: packer.shared, or of the snapshot that they come from */
    struct call_copy *calls; /* new or changed, in the order in which they came: the last one of an id counts */
    size_t call_count, call_room;
    struct call_copy loose;  /* findings and streams of no call; a stream may come again with each snapshot */
    struct kept_message *messages; /* new ones, in order */
    struct hops hops;        /* of these */
    size_t message_count, message_room;
    struct text spool;       /* bytes of messages that stand in no file */
    uint64_t *gone;          /* ids of calls that the query refuses (again) */
    size_t gone_count, gone_room;
    struct summary_record summary; /* without lists */
    uint64_t read_bytes, size_bytes; /* of files; size 0: not known */
    bool live, over;
    struct text problems;    /* a line for each input that failed so far */
    int64_t cost_ns;         /* time that it took to make */
    uint64_t lost_messages;  /* likewise; or because too many waited */
    uint64_t lost;           /* records that could not be copied for lack of memory */
};

/* NULL without memory. */
struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *snapshot);

/* Copies a call, finding or stream record; a finding or stream joins its call, which came last. Others are passed over. */
void snapshot_take(struct snapshot *snapshot, const struct record *record);

/* Notes a message. source: the run's source in whose file its bytes stand at `offset`; KEPT_SPOOL: they are copied. */
void snapshot_take_message(struct snapshot *snapshot, const struct message_record *message, struct slice bytes, unsigned source,
                           uint64_t offset);

/* The call is not to be shown. */
void snapshot_take_gone(struct snapshot *snapshot, uint64_t call);

#endif

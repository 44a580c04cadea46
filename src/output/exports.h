/* What the service itself wrote of calls, read back from a folder: CDRs, media quality logs, SIP message logs, by SIP Call-ID. */
#ifndef OUTPUT_EXPORTS_H
#define OUTPUT_EXPORTS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/table.h"

/* Numbers are NAN where no file says them; texts are empty. */
struct export_call {
    struct slice call_id;      /* SIP's; empty: only the service's id is known */
    struct slice transaction;  /* the service's id of the call */
    struct slice status;       /* of its CDR; empty: there is none */
    double billable_s, start_s, end_s;
    uint64_t messages;         /* in the SIP log */
    uint64_t minutes;          /* in the media log */
    double to_trunk_lost, to_customer_lost; /* of the whole call: the last minute's */
    double mos;                /* the worst minute's */
};

/* Owns all. Zeroed memory is valid and empty. */
struct exports {
    struct export_call *calls;
    size_t count, room;
    struct table by_call_id, by_transaction;
    struct arena arena;
    size_t files, records, unread; /* unread: lines and files that are none of these */
};

/* Reads all files below the folder: one object, objects line by line (with or without a time before them), or {"events": [{"message":
   ...}]}. False with a message where the folder cannot be read. exports_fini in either case. */
bool exports_read(struct exports *exports, const char *folder, struct error *error);
void exports_fini(struct exports *exports);

/* The call; NULL. */
struct export_call *exports_find(const struct exports *exports, struct slice call_id);

#endif

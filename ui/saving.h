/* Saving what is shown: the program writes it, as one of its outputs. */
#ifndef UI_SAVING_H
#define UI_SAVING_H

#include "base/error.h"
#include "record/record.h"

/* Gives the records, in the order in which outputs get them. */
typedef void saving_feed(void *feeder, record_reader *read, void *context);

/* What is saved: records, by the name's end as JSON (.json, .jsonl), as their packets (.pcap, .pcapng) or as the report; or a text as it is. */
struct saving {
    saving_feed *feed; /* NULL: the text */
    void *feeder;
    struct slice text;
    bool *goes_on;     /* set where it is not over when saving_write returns true: saving_over tells */
};

/* Writes a file. False with a message. */
typedef bool saving_write(void *context, const char *path, const struct saving *saving, struct error *error);

/* True when it is over; *error: empty where all was saved, else why not. */
typedef bool saving_over(void *context, struct error *error);

#endif

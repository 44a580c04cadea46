/* What happened in some calls, in the order of time: messages, RTP streams, digits and RTCP reports between endpoints, for the ladder
   to draw. */
#ifndef UI_FLOW_H
#define UI_FLOW_H

#include "ui/aliases.h"
#include "ui/call_store.h"
#include "ui/id_set.h"
#include "ui/message_store.h"

enum flow_kind { FLOW_MESSAGE, FLOW_STREAM, FLOW_DIGIT, FLOW_REPORT };

struct flow_event {
    int64_t at;
    enum flow_kind kind;
    bool back;                     /* FLOW_REPORT: from the stream's receiver */
    uint16_t from, to;             /* columns */
    uint64_t call;
    struct kept_message message;   /* FLOW_MESSAGE */
    const struct stream_record *stream; /* the others; borrowed from the store until it takes the next snapshot */
    size_t label_at, label_len, sdp_at, sdp_len; /* in words */
    enum severity severity;        /* worst finding on it; SEVERITY_COUNT: none */
};

enum { FLOW_COLUMNS_MAX = 24, FLOW_EVENTS_MAX = 50000 };

/* An address that talks; port 0 where several ports of it share the column. */
struct flow_column {
    struct endpoint endpoint;
    bool several; /* ports */
};

/* Owns its events and words. Zeroed memory is valid and empty. */
struct flow {
    struct flow_event *events;
    size_t count, room;
    struct flow_column columns[FLOW_COLUMNS_MAX]; /* in order of appearance */
    unsigned column_count;
    struct text words;
    bool left_out; /* there are more events, or more endpoints, than fit */
};

struct flow_choice {
    const struct call_store *store;
    const struct message_store *messages;
    const struct id_set *calls;
    bool media;   /* streams and digits too */
    bool reports; /* with the RTCP reports of the streams */
    bool by_port; /* a column for each port of an address */
    const struct aliases *aliases; /* for who shows it; NULL: addresses */
};

void flow_fini(struct flow *flow);

/* Looks everything up anew. */
void flow_build(struct flow *flow, const struct flow_choice *choice);

static inline struct slice flow_label(const struct flow *flow, const struct flow_event *event)
{
    return slice_of(flow->words.data + event->label_at, event->label_len);
}

static inline struct slice flow_sdp(const struct flow *flow, const struct flow_event *event)
{
    return slice_of(flow->words.data + event->sdp_at, event->sdp_len);
}

/* Adds the calls that look like other legs of those in the set. */
void flow_relate(struct id_set *calls, const struct call_store *store);

#endif

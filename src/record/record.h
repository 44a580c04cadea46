/* The facts that leave the core: flat structs that sinks, screens, queries and tests read; and the tables that name their fields.
   The field names, units and meanings are the contract with everything outside; unknown is absent, never 0 or "". */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "base/anomaly.h"
#include "base/clock.h"
#include "base/endpoint.h"

/* Refs: all slices and lists are borrowed for the call that hands a record over; a reader that keeps one copies it. */

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO, SEVERITY_COUNT };

extern const char *const severity_names[SEVERITY_COUNT];

/* One row of the rule table: what a finding says about itself. Lives as long as the program. */
struct rule {
    const char *id;
    enum severity severity;
    const char *title;  /* one line */
    const char *source; /* document and section */
    const char *fix;    /* one sentence; NULL where there is nothing general to say */
};

/* X(id, name): the states of a call as seen from the wire. */
#define CALL_STATES(X)                                                                                                     \
    X(SETUP, "setup") X(RINGING, "ringing") X(IN_CALL, "in-call") X(COMPLETED, "completed") X(CANCELLED, "cancelled")      \
    X(BUSY, "busy") X(REJECTED, "rejected") X(REDIRECTED, "redirected") X(TIMEOUT, "timeout") X(PARTIAL, "partial")        \
    X(PENDING, "pending") X(DONE, "done")

enum call_state {
#define X(id, name) CALL_##id,
    CALL_STATES(X)
#undef X
        CALL_STATE_COUNT
};

extern const char *const call_state_names[CALL_STATE_COUNT];

struct text_list {
    const struct slice *items;
    size_t count;
};

/* Another call that looks like a leg of the same conversation. */
struct related_call {
    uint64_t id;
    const char *why;
    unsigned score; /* 0..100 */
};

/* Numbers use UINT64_MAX, durations and times CLOCK_NONE, texts an empty slice, endpoints family 0 for "absent". */
#define NUMBER_NONE UINT64_MAX

struct call_record {
    uint64_t id;
    struct slice call_id, method, state, direction;
    struct slice from_user, to_user, request_uri;
    struct endpoint src, dst;
    struct slice transport;
    int64_t start, answer, end;               /* capture time, ns */
    int64_t pdd, ring, setup, duration;       /* ns */
    uint64_t status, q850;
    struct slice reason, ended_by;
    uint64_t messages, retransmissions;
    struct text_list user_agents, codecs;
    const struct related_call *related;
    size_t related_count;
    uint64_t findings[SEVERITY_COUNT];
    uint64_t frame;                           /* of the first message */
};

struct finding_record {
    struct slice rule, severity;
    uint64_t call;
    struct slice call_id;
    uint64_t frame;
    int64_t at;
    struct slice subject, text, fix, source;
    uint64_t count;
};

struct message_record {
    uint64_t frame;
    int64_t at;
    struct endpoint src, dst;
    struct slice transport;
    uint64_t call;
    struct slice call_id, method;
    uint64_t status;
    struct slice reason, cseq;
    uint64_t size;
    struct slice content_type;
    bool retransmission, decrypted, truncated;
    int8_t well_formed;                       /* 1, 0; -1: not checked */
    struct text_list defects;                 /* ids of what breaks RFC 3261; empty where well-formed or not checked */
};

struct summary_record {
    struct text_list files, interfaces;
    uint64_t packets, bytes, filtered_packets;
    int64_t first, last;
    uint64_t sip_messages, sip_checked, sip_malformed;
    uint64_t calls, streams, rtp_packets, rtcp_packets;
    uint64_t call_states[CALL_STATE_COUNT];
    uint64_t findings[SEVERITY_COUNT];
    struct anomalies anomalies;
    uint64_t icmp_errors;
    uint64_t kernel_drops, interface_drops;          /* NUMBER_NONE: not known */
    uint64_t evicted;
    uint64_t peak_memory_bytes, elapsed_ms;
    struct text_list problems;                       /* what went wrong with an input, one sentence each */
    struct text_list comments;                       /* that the captures carry, the first ones */
};

enum record_kind { RECORD_CALL, RECORD_FINDING, RECORD_MESSAGE, RECORD_SUMMARY };

struct record {
    enum record_kind kind;
    union {
        const struct call_record *call;
        const struct finding_record *finding;
        const struct message_record *message;
        const struct summary_record *summary;
    };
};

/* Where finished records go: a sink, a screen, a test. */
typedef void record_reader(void *context, const struct record *record);

enum field_kind {
    FIELD_TEXT,     /* struct slice */
    FIELD_NUMBER,   /* uint64_t, NUMBER_NONE absent */
    FIELD_TIME,     /* int64_t capture time */
    FIELD_MS,       /* int64_t ns, shown in ms */
    FIELD_ENDPOINT, /* struct endpoint */
    FIELD_FLAG,     /* bool */
    FIELD_KNOWN,    /* int8_t: true, false; -1 absent */
    FIELD_TEXTS,    /* struct text_list */
    FIELD_RELATED,  /* related, related_count */
    FIELD_FINDINGS, /* uint64_t[SEVERITY_COUNT] */
    FIELD_STATES    /* uint64_t[CALL_STATE_COUNT] */
};

/* One field of a record: JSON, the query language, columns and documentation read the same row. */
struct field {
    const char *name;
    size_t name_len;
    const char *help;
    enum field_kind kind;
    size_t offset;
};

struct field_table {
    const char *record; /* "call" */
    const struct field *fields;
    size_t count;
};

extern const struct field_table call_fields, finding_fields, message_fields, summary_fields;

/* The row of a name; NULL where there is none. */
const struct field *field_find(const struct field_table *table, struct slice name);

#endif

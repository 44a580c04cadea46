/* The facts that leave the core: flat structs that sinks, screens, queries and tests read; and the tables that name their fields.
   The field names, units and meanings are the contract with everything outside; unknown is absent, never 0 or "". */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <math.h>

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

struct number_list {
    const uint64_t *items;
    size_t count;
};

/* Another call that looks like a leg of the same conversation. */
struct related_call {
    uint64_t id;
    const char *why;
    unsigned score; /* 0..100 */
};

/* Numbers use UINT64_MAX, real numbers NAN, durations and times CLOCK_NONE, texts an empty slice, endpoints family 0, objects NULL
   for "absent". */
#define NUMBER_NONE UINT64_MAX

/* The conclusion on a call. */
struct call_verdict {
    struct slice code, text;
    struct number_list frames;
};

/* What the trunk's own logs and bills say of a call, as far as packets show it; made only where an output asks for it. */
struct call_trunk {
    struct slice transaction;                 /* UUID of the call: ours, the same in every log and run */
    struct slice connector, region, billing_code;
    struct slice source, destination;         /* numbers, by the profile's order of headers; Request-URI, then To */
    struct slice auth_user;
    bool streaming;                           /* SIPREC (RFC 7866) */
    int64_t media_end;                        /* newest packet, where no BYE was captured and media stopped long before the capture did */
};

struct call_record {
    uint64_t id;
    struct slice call_id, method, state, direction;
    struct slice from_user, to_user, request_uri, caller_id;
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
    struct slice dtmf;                        /* digits in order */
    struct number_list streams;               /* ids */
    double loss_pct;                          /* the worst stream's */
    int64_t jitter;                           /* the greatest mean jitter of a stream, ns */
    double mos;                               /* the lowest MOS-LQ */
    uint64_t findings[SEVERITY_COUNT];
    const struct call_verdict *verdict;       /* NULL: none */
    const struct call_trunk *trunk;           /* NULL: not asked for */
    uint64_t frame;                           /* of the first message */
};

/* RFC 3550 6.4.1 and A.8, in ns; telephone-event and comfort noise left out. */
struct stream_jitter {
    int64_t mean, max, last;
};

struct stream_delta {
    int64_t mean, max; /* ns between arrivals */
};

/* RFC 3611 4.7.2 over lost and late packets, Gmin 16; and BurstR of G.107. */
struct stream_burst {
    double burst_loss_pct, gap_loss_pct;
    int64_t burst, gap; /* mean lengths, ns */
    uint64_t longest;   /* most bad packets in a row */
    double burst_r;
};

/* The E-model's result and all that went into it. */
struct stream_mos {
    double lq, cq, r, min;
    int64_t min_at;
    struct slice model, codec;
    double ie, bpl, loss_pct, burst_r;
    struct slice plc, buffer;
    int64_t delay; /* one way, ns; CLOCK_NONE: not known */
    struct slice why, assumed;
};

/* VoIP metrics of an extended report (RFC 3611 4.7), as the far end sent them; absent where it said "unavailable". */
struct stream_xr {
    double loss_pct, discard_pct, burst_loss_pct, gap_loss_pct;
    int64_t burst, gap, round_trip, end_system_delay;
    uint64_t r;
    double mos_lq, mos_cq;
    int64_t buffer;
};

/* What RTCP said of the stream. */
struct stream_rtcp {
    uint64_t sr, rr;
    uint64_t lost;        /* cumulative, by the newest report of the receiver */
    double fraction_pct;  /* worst of its reports */
    int64_t jitter;       /* greatest reported, ns */
    int64_t rtt;          /* between the two ends, where both halves were seen */
    int64_t rtt_far;      /* tap to receiver and back */
    struct slice where;   /* "before the tap", "after the tap", "both", "at the tap" */
    struct slice cname;   /* of the sender */
    bool bye;             /* the sender said BYE */
    const struct stream_xr *xr;
};

/* One RTCP report that concerns the stream; what it does not say is absent. */
struct stream_report {
    int64_t at;
    struct slice kind;        /* SR, RR */
    bool from_receiver;       /* of the stream: it tells how the stream arrived; else its sender says that it sends */
    double loss_pct;          /* since the report before */
    int64_t lost;             /* so far */
    int64_t jitter, rtt;      /* rtt: between the two ends, as of then */
};

/* What the receiver said of the stream in SIP: RFC 6035, or a statistics header of BYE. */
struct stream_reported {
    struct slice by;          /* "RFC 6035", "X-RTP-Stat" */
    double received, lost, loss_pct, discard_pct, mos_lq, mos_cq;
    int64_t jitter, rtt;
};

/* One event of RFC 4733. */
struct stream_digit {
    struct slice digit;
    int64_t at, duration;
    int64_t volume;       /* dBm0 */
    bool ended;           /* an end packet was seen */
};

/* A DTMF tone in the audio. */
struct stream_tone {
    struct slice digit;
    int64_t at, duration;     /* duration CLOCK_NONE: it had not ended */
    int64_t level;            /* dBm0 */
};

/* Media that its description says is encrypted. */
struct stream_srtp {
    struct slice suite;       /* of SDES (RFC 4568), or "DTLS-SRTP" */
    bool decrypted;           /* keys were right: what had to be read was read */
    uint64_t authenticated, auth_failures; /* packets whose tag was right; that no key was right for */
    struct slice why, note;
};

/* T.38 over UDPTL. */
struct stream_fax {
    int64_t switchover;       /* from the description that announced T.38 to the first packet */
    uint64_t recovered;       /* lost packets that a later one repeats */
    uint64_t redundancy;      /* most packets that one repeats */
    bool fec;
    struct text_list signals; /* T.30 indicators in order, each once in a row */
};

/* Packets that the tap itself lost: sequence gaps on many streams at the same moment. */
struct stream_gaps {
    uint64_t count, packets;
    int64_t first_at;
};

/* 5-second windows of the stream, or longer ones where it is long. */
struct stream_windows {
    int64_t length;
    struct number_list packets, lost, late, jitter_us;
    struct number_list delta_us; /* the longest time between two arrivals in each */
    struct number_list mos_x100; /* MOS-LQ of each in hundredths, 0 for a silent one; empty where the stream has no MOS */
};

/* One RTP SSRC in one direction (RFC 7656). */
struct stream_record {
    uint64_t id, call;
    struct slice call_id, media;              /* media: audio, video, image */
    struct endpoint src, dst;
    struct slice ssrc, why, codec;
    struct number_list payload_types;
    uint64_t clock_hz;
    int64_t ptime, start, end;
    uint64_t packets, bytes, expected, lost;
    double loss_pct;
    uint64_t duplicates, reordered, restarts, strays;
    const struct stream_jitter *jitter;
    const struct stream_delta *delta;
    const struct stream_burst *burst;
    double skew_ppm;
    uint64_t late;
    double late_pct;
    const struct stream_mos *mos;
    const struct stream_rtcp *rtcp;
    const struct stream_reported *reported;
    const struct stream_digit *dtmf;
    size_t dtmf_count;
    uint64_t dtmf_left_out;                   /* events that there was no room for */
    const struct stream_tone *tones; /* only where asked for */
    size_t tone_count;
    const struct stream_fax *fax;
    const struct stream_srtp *srtp;
    const struct stream_gaps *gaps;
    const struct stream_windows *windows;     /* only where asked for */
    const struct stream_report *reports;      /* likewise; in order, thinned out where there are many */
    size_t report_count;
    uint64_t frame;                           /* of the first packet */
};

struct finding_record {
    struct slice rule, severity;
    uint64_t call;
    struct slice call_id;
    uint64_t stream;
    uint64_t frame;
    int64_t at;
    struct endpoint src;                      /* sender of that frame */
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
    int8_t copy;                              /* 1: captured more than once, of which this is not the first; -1 */
    int8_t well_formed;                       /* 1, 0; -1: not checked */
    struct text_list defects;                 /* ids of what breaks RFC 3261; empty where well-formed or not checked */
    /* For the message log alone, and only where that is asked for: no rows, because keys and credentials are in the text. */
    struct slice text;                        /* start line to the end of the body */
    struct slice transaction, connector, region; /* of its call: see struct call_trunk */
    struct slice direction;                   /* of its call */
    bool at_trunk;                            /* on the hop between customer and trunk, of a call's perhaps many */
    struct slice event;                       /* what it is to an INVITE's call, once each: attempt, answer, failure */
};

/* One direction of a call's media in one minute. */
struct minute_way {
    uint64_t rtp_packets, rtp_bytes;          /* RTP header and payload */
    uint64_t rtcp_packets, rtcp_bytes;
    uint64_t packets_lost;                    /* of the whole call so far */
    int64_t jitter;                           /* mean; CLOCK_NONE */
};

/* A call's media in one minute, counted from its answer; the last one is shorter. Only where an output asks for it. */
struct minute_record {
    uint64_t call;
    int64_t since, at;                        /* from the last one or the answer on, up to the minute's end */
    struct slice call_id, transaction, connector, region, direction, source, destination;
    const struct minute_way *from_customer, *to_customer;
    int64_t rtt;
    double mos;                               /* MOS-LQ of the minute, the worse direction's */
    bool last;
};

/* A server's certificate as the handshake showed it. */
struct connection_certificate {
    struct slice subject, issuer;             /* RFC 4514 */
    struct text_list names;                   /* of subjectAltName, else the common name */
    int64_t from, until;                      /* valid */
    uint64_t chain;                           /* certificates that were sent */
    bool self_signed;
};

/* The alert that ended a handshake, or the first one. */
struct connection_alert {
    struct slice name;                        /* "unknown_ca"; empty where it is encrypted */
    uint64_t code;
    bool fatal;
    struct slice by;                          /* client, server */
    uint64_t frame;
    int64_t at;
};

/* One TLS or DTLS connection. */
struct connection_record {
    uint64_t id;
    struct slice protocol;                    /* tls, dtls */
    struct endpoint src, dst;                 /* client, server */
    int64_t start, open, end;                 /* first record, handshake completed, last bytes */
    struct slice state;                       /* handshake, open, failed, partial */
    struct slice version, suite, sni, alpn;
    bool resumed, certificate_asked, reset;
    const struct connection_certificate *certificate;
    const struct connection_alert *alert;
    uint64_t records, decrypted_bytes;
    bool decrypted;                           /* dtls: the keys of its media are known */
    struct slice why;                         /* why not */
    struct slice srtp;                        /* dtls: how media is protected */
    uint64_t frame, certificate_frame;        /* certificate_frame: NUMBER_NONE */
    struct slice client_random;               /* names the connection in key logs, 32 bytes for each handshake; no row: only for those who look its secrets up */
};

/* How often a rule fired, repeats counted. */
struct rule_tally {
    struct slice rule, severity;
    uint64_t findings, count;
};

/* How often a rule fired on what one address sent. */
struct host_tally {
    struct slice host, rule, severity;
    uint64_t findings, count;
    char address[ENDPOINT_TEXT_SIZE];         /* what `host` borrows */
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
    uint64_t tls_connections, tls_decrypted, tls_failed; /* ended ones; tls_undecrypted is among the anomalies */
    uint64_t kernel_drops, interface_drops;          /* NUMBER_NONE: not known */
    uint64_t evicted;
    uint64_t rtp_refused, rtcp_unread, rtcp_decrypted;
    uint64_t peak_memory_bytes, elapsed_ms;
    struct rule_tally *rules;                        /* most findings first */
    size_t rule_count;
    struct host_tally *hosts;
    size_t host_count;
    uint64_t calls_at_once, calls_per_second;        /* the most; INVITE calls */
    struct text_list problems;                       /* what went wrong with an input, one sentence each */
    struct text_list comments;                       /* that the captures carry, the first ones */
};

enum record_kind { RECORD_CALL, RECORD_STREAM, RECORD_FINDING, RECORD_MESSAGE, RECORD_CONNECTION, RECORD_MINUTE, RECORD_SUMMARY, RECORD_KINDS };

struct record {
    enum record_kind kind;
    union {
        const struct call_record *call;
        const struct stream_record *stream;
        const struct finding_record *finding;
        const struct message_record *message;
        const struct connection_record *connection;
        const struct minute_record *minute;
        const struct summary_record *summary;
    };
    bool given; /* a call: analyzer_watch gave the same record before */
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
    FIELD_STATES,   /* uint64_t[CALL_STATE_COUNT] */
    FIELD_SIGNED,   /* int64_t, CLOCK_NONE absent */
    FIELD_REAL,     /* double, NAN absent */
    FIELD_SCORE,    /* the same; JSON says null where it is absent */
    FIELD_NUMBERS,  /* struct number_list, shown where it is not empty */
    FIELD_OBJECT,   /* pointer to a struct of field.object, NULL absent */
    FIELD_OBJECTS   /* pointer to the first of many and their number (size_t) behind it */
};

/* One field of a record: JSON, the query language, columns and documentation read the same row. */
struct field {
    const char *name;
    size_t name_len;
    const char *help;
    enum field_kind kind;
    size_t offset;
    const struct field_table *object; /* FIELD_OBJECT and FIELD_OBJECTS: its fields */
};

struct field_table {
    const char *record; /* "call" */
    const struct field *fields;
    size_t count;
    size_t size; /* of the struct */
};

extern const struct field_table call_fields, stream_fields, finding_fields, message_fields, connection_fields, minute_fields, summary_fields;

/* The row of a name; NULL where there is none. */
const struct field *field_find(const struct field_table *table, struct slice name);

#endif

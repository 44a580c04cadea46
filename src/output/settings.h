/* What outputs are told besides records: options, the site's names, the profile's templates. */
#ifndef OUTPUT_SETTINGS_H
#define OUTPUT_SETTINGS_H

#include "base/clock.h"
#include "output/line_file.h"
#include "record/site.h"

enum { LINE_MOST = 1 << 20, LINE_LEAST = 2 << 10, LINE_USUAL = 200 << 10 };

/* Logs name times of now: what is older than this is dropped by CloudWatch (PutLogEvents). */
#define LOG_AGE_NS (INT64_C(14) * 86400 * NS_PER_SECOND)

/* How the times of one second begin: events come many in a second. */
struct log_second {
    int64_t at_s;
    char iso[21];               /* "2026-01-31T12:00:00."; empty: none yet */
    char epoch[21];             /* "1769860800", for times behind 1970 */
};

/* Refs: texts outlive the sinks. Zeroed, with line_most set, it is what a sink gets when nobody says more. */
struct sink_settings {
    bool messages;              /* --messages: json shows message records */
    bool time_iso;              /* event_timestamp as ISO 8601, else milliseconds since 1970 */
    bool line_ends_kept;        /* sip_message with the line ends of the wire, else \n */
    bool secrets_kept;          /* SRTP keys and digest responses as they are */
    size_t line_most;           /* bytes of a line without its end */
    struct line_file_limits limits;
    int64_t now_ns;             /* the clock on the wall, when the run began */
    int64_t rebase_ns;          /* the first event is put there, the others behind it as they were; CLOCK_NONE: times as captured */
    /* A sentence for people, at once. NULL: nobody listens. */
    void (*say)(void *context, const char *sentence);
    void *say_context;

    const char *name_space;     /* of metrics */

    bool chosen;                /* -w or marks: of what belongs to no call nothing is wanted */
    bool packet_secrets;        /* pcapng: with the secrets of the connections that are saved */
    bool packet_findings;       /* pcapng: findings as comments on their packets */

    const struct site *site;    /* NULL: none */

    /* of the profile: templates with {connector}, {billing_code}, ... ; empty where it has none */
    struct slice cdr_key, sdr_key, outbound_usage, inbound_usage, streaming_usage, service_code, streaming_service_code;
    double billing_increment_s, billing_minimum_s; /* NAN: not known */

    /* the outputs' own, shared by them */
    int64_t shift_ns;           /* that rebase_ns makes; CLOCK_NONE until the first event */
    uint64_t old_events;        /* that CloudWatch would drop */
    struct log_second second;   /* of the newest line */
};

/* The time that a log gives an event, in order of the log. */
int64_t settings_time(struct sink_settings *settings, int64_t at_ns);

/* The same for what is no event of a log, and may be as old as it is. */
int64_t settings_shift(struct sink_settings *settings, int64_t at_ns);

#endif

/* RTCP: what the two ends reported of a stream, the round trips that the tap can tell from it, and where packets were lost.
   Private to media/. */
#ifndef MEDIA_REPORTS_H
#define MEDIA_REPORTS_H

#include "media/state.h"

enum { SENDER_REPORTS_KEPT = 4, REPORTS_LISTED = 64 };

/* A sender report that passed the tap: the receiver quotes it. */
struct sender_report {
    uint32_t ntp_middle;  /* 0: none */
    int64_t time_ns;
};

/* Reports one by one, for ladders. Those of a long stream are thinned out: then only each `step`-th is kept. */
struct report_list {
    struct stream_report items[REPORTS_LISTED];
    uint32_t count, step, seen;
};

/* What was reported of one stream. */
struct reports {
    struct sender_report sent[SENDER_REPORTS_KEPT];
    uint32_t sent_next;
    uint32_t sr, rr;
    int32_t lost;         /* cumulative, newest reception report */
    uint32_t jitter_max;  /* timestamp units */
    uint32_t lost_by_tap; /* what the tap missed when that report came */
    uint32_t expected_by_tap;
    int32_t first_lost;   /* the same of the oldest reception report */
    uint32_t first_lost_by_tap, first_expected_by_tap;
    int64_t far_ns;       /* newest round trip between tap and receiver; CLOCK_NONE */
    int64_t near_ns;      /* the same for the sender, where DLRR tells; CLOCK_NONE */
    uint16_t cname;       /* interned */
    uint8_t fraction_max;
    bool has_report;      /* a reception report came: the fields above hold */
    bool bye, has_xr;
    struct stream_xr xr;
    struct report_list *list; /* NULL: not asked for, or none */
    struct stream_reported reported; /* `by` empty: nothing */
};

void reports_free(struct media *media, struct reports *reports);

/* The record's part; false where no RTCP was seen. */
bool reports_describe(const struct media *media, uint32_t number, struct stream_rtcp *rtcp);

/* The reports one by one, in order; *count: how many. */
const struct stream_report *reports_listed(const struct detail *detail, size_t *count);

/* What the receiver said in SIP; NULL. */
const struct stream_reported *reports_by_sip(const struct detail *detail);

/* Round trip between the two ends of the stream, by RTCP both ways; CLOCK_NONE. */
int64_t reports_round_trip_ns(const struct media *media, uint32_t number);

#endif

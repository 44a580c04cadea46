/* Sinks that write into memory files, and records of every kind with all or none of their fields. */
#ifndef TESTS_OUTPUT_WRITTEN_H
#define TESTS_OUTPUT_WRITTEN_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "output/sink.h"

/* What a sink is told when nobody says more; json shows messages. */
static struct sink_settings plain_settings = {
    .messages = true, .line_most = LINE_USUAL, .rebase_ns = CLOCK_NONE, .shift_ns = CLOCK_NONE, .billing_increment_s = 6, .billing_minimum_s = 6};

static char written[1 << 21]; /* what the last sink wrote, with a NUL */

struct writing {
    struct sink *sink;
    int fd;
};

static inline struct writing writing_begin(const char *kind, unsigned width)
{
    char specification[100];
    bool usage;
    struct error error;
    struct writing writing = {.fd = memfd_create("out", MFD_CLOEXEC)};
    assert_true(writing.fd >= 0);
    snprintf(specification, sizeof specification, "%s:/proc/self/fd/%d", kind, writing.fd);
    writing.sink = sink_open(specification, &plain_settings, &usage, &error);
    assert_non_null(writing.sink);
    writing.sink->width = width;
    return writing;
}

/* Closes the sink; returns the length of what it wrote. */
static inline size_t writing_end(struct writing writing)
{
    struct error error;
    assert_true(sink_close(writing.sink, &error));
    ssize_t n = pread(writing.fd, written, sizeof written - 1, 0);
    assert_true(n >= 0);
    written[n] = '\0';
    close(writing.fd);
    return (size_t)n;
}

/* Nothing in it is known. */
static inline struct call_record call_bare(void)
{
    return (struct call_record){.id = 1,
                                .start = CLOCK_NONE,
                                .answer = CLOCK_NONE,
                                .end = CLOCK_NONE,
                                .pdd = CLOCK_NONE,
                                .ring = CLOCK_NONE,
                                .setup = CLOCK_NONE,
                                .duration = CLOCK_NONE,
                                .status = NUMBER_NONE,
                                .q850 = NUMBER_NONE,
                                .messages = 1,
                                .loss_pct = NAN,
                                .jitter = CLOCK_NONE,
                                .mos = NAN,
                                .frame = 1};
}

/* Everything is, and every text is the given one. */
static inline struct call_record call_of_text(struct slice *text, const struct related_call *related)
{
    static const uint64_t streams[] = {4, 5};
    return (struct call_record){.id = 7,
                                .dtmf = slice_str("12#"),
                                .streams = {streams, 2},
                                .loss_pct = 0.125,
                                .jitter = 2 * NS_PER_MS,
                                .mos = 4.12345,
                                .call_id = *text,
                                .method = *text,
                                .state = slice_str("completed"),
                                .direction = slice_str("unknown"),
                                .from_user = *text,
                                .to_user = *text,
                                .request_uri = *text,
                                .caller_id = *text,
                                .src = endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, 5060),
                                .dst = endpoint_ipv6((const uint8_t[]){0x20, 1, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 50600),
                                .transport = slice_str("sctp"),
                                .start = INT64_C(1769860800123456789),
                                .answer = INT64_C(1769860801000000000),
                                .end = INT64_C(1769860802000000000),
                                .pdd = 1500 * NS_PER_US,
                                .ring = NS_PER_MS,
                                .setup = 20 * NS_PER_MS,
                                .duration = 1234567 * NS_PER_US,
                                .status = 200,
                                .q850 = 16,
                                .reason = *text,
                                .ended_by = slice_str("caller"),
                                .messages = 123456789012,
                                .retransmissions = 3,
                                .user_agents = {text, 1},
                                .codecs = {text, 1},
                                .related = related,
                                .related_count = 1,
                                .findings = {1, 2, 3},
                                .frame = 99};
}

/* Everything is known; the numbers tell their fields apart. */
static inline void stream_write(struct sink *sink, struct slice text)
{
    static const uint64_t numbers[] = {8, 101};
    static const struct stream_jitter jitter = {NS_PER_MS, 2 * NS_PER_MS, 3 * NS_PER_MS};
    static const struct stream_delta delta = {20 * NS_PER_MS, 60 * NS_PER_MS};
    static const struct stream_burst burst = {37.5, 0.8264, 160 * NS_PER_MS, 1230 * NS_PER_MS, 4, 1.1205};
    static const struct stream_xr xr = {1, 2, 3, 4, NS_PER_MS, NS_PER_MS, NS_PER_MS, NS_PER_MS, 93, 4.1, 4, NS_PER_MS};
    const struct stream_reported reported = {text, 390, 10, 1.5, 0.5, 4.1, 4, 7 * NS_PER_MS, 80 * NS_PER_MS};
    const struct stream_tone tones[] = {{text, INT64_C(1769860802000000000), 100 * NS_PER_MS, -9}};
    const struct stream_fax fax = {250 * NS_PER_MS, 3, 2, false, {&text, 1}};
    const struct stream_srtp srtp = {text, false, 11, 12, text, text};
    static const struct stream_gaps gaps = {1, 15, INT64_C(1769860800123456789)};
    const struct stream_digit digits[] = {{slice_str("5"), INT64_C(1769860801000000000), 160 * NS_PER_MS, -10, true},
                                          {text, INT64_C(1769860802000000000), 0, -63, false}};
    const struct stream_windows windows = {5 * NS_PER_SECOND, {numbers, 2}, {numbers, 2}, {numbers, 2}, {numbers, 2}, {numbers, 2}, {numbers, 2}};
    const struct stream_mos mos = {.lq = 4.4094, .cq = 4.3, .r = 93.2, .min = 3.9, .min_at = INT64_C(1769860801000000000), .model = text,
                                   .codec = text, .ie = 0, .bpl = 25.1, .loss_pct = 0.5, .burst_r = 1, .plc = text, .buffer = text,
                                   .delay = 150 * NS_PER_MS, .why = text, .assumed = text};
    const struct stream_rtcp rtcp = {.sr = 3, .rr = 4, .lost = 5, .fraction_pct = 6.25, .jitter = NS_PER_MS, .rtt = 70 * NS_PER_MS,
                                     .rtt_far = 30 * NS_PER_MS, .where = text, .cname = text, .bye = true, .xr = &xr};
    const struct stream_report reports[] = {{INT64_C(1769860801000000000), slice_str("SR"), false, NAN, CLOCK_NONE, CLOCK_NONE, CLOCK_NONE},
                                            {INT64_C(1769860802000000000), text, true, 6.25, -3, 10 * NS_PER_MS, 70 * NS_PER_MS}};
    const struct stream_record stream = {.id = 4, .call = 7, .call_id = text, .media = text,
                                         .src = endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, 4000),
                                         .dst = endpoint_ipv4((const uint8_t[]){192, 0, 2, 2}, 4002), .ssrc = slice_str("0x00000001"),
                                         .why = slice_str("symmetric"), .codec = text, .payload_types = {numbers, 2}, .clock_hz = 8000,
                                         .ptime = 20 * NS_PER_MS, .start = INT64_C(1769860800123456789), .end = INT64_C(1769860810123456789),
                                         .packets = 500, .bytes = 86000, .expected = 502, .lost = 3, .loss_pct = 0.5976, .duplicates = 1,
                                         .reordered = 2, .restarts = 0, .strays = 0, .jitter = &jitter, .delta = &delta, .burst = &burst,
                                         .skew_ppm = -50.25, .late = 1, .late_pct = 0.1992, .mos = &mos, .rtcp = &rtcp, .dtmf = digits,
                                         .dtmf_count = 2, .gaps = &gaps, .reported = &reported, .tones = tones, .tone_count = 1, .fax = &fax, .srtp = &srtp, .windows = &windows,
                                         .reports = reports, .report_count = 2, .frame = 9};
    sink_write(sink, &(struct record){.kind = RECORD_STREAM, .stream = &stream});
}

static inline void call_write(struct sink *sink, const struct call_record *call)
{
    sink_write(sink, &(struct record){.kind = RECORD_CALL, .call = call});
}

static inline void summary_write(struct sink *sink, struct slice *text)
{
    struct summary_record summary = {.files = {text, 1}, .interfaces = {text, 1}, .packets = 1000000, .bytes = 1, .first = 0,
                                     .last = INT64_C(86400) * NS_PER_SECOND, .sip_messages = 100, .sip_checked = 50, .calls = 3,
                                     .streams = NUMBER_NONE, .rtp_packets = 5, .rtcp_packets = 1, .findings = {1, 2, 3},
                                     .icmp_errors = 2, .kernel_drops = 4, .interface_drops = 5, .evicted = 6, .problems = {text, 1},
                                     .comments = {text, 1}};
    for (int i = 0; i < CALL_STATE_COUNT; i++)
        summary.call_states[i] = 1000000 + (uint64_t)i;
    for (int i = 0; i < ANOMALY_COUNT; i++)
        summary.anomalies.count[i] = 1000000 + (uint64_t)i;
    sink_write(sink, &(struct record){.kind = RECORD_SUMMARY, .summary = &summary});
}

static inline void finding_write(struct sink *sink, struct slice text)
{
    struct finding_record finding = {.rule = slice_str("sip-x"), .severity = slice_str("error"), .call = 7, .call_id = text,
                                     .frame = 99, .at = 0, .subject = text, .text = text, .fix = text, .source = slice_str("RFC 3261 7"),
                                     .count = 12};
    sink_write(sink, &(struct record){.kind = RECORD_FINDING, .finding = &finding});
}

static inline void message_write(struct sink *sink, struct slice *text)
{
    struct message_record message = {.frame = 5, .at = 0, .call = 7, .call_id = *text, .method = *text, .status = NUMBER_NONE,
                                     .cseq = *text, .size = 500, .content_type = *text, .well_formed = -1, .defects = {text, 1}};
    sink_write(sink, &(struct record){.kind = RECORD_MESSAGE, .message = &message});
}

#endif

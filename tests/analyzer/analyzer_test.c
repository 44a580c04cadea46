/* The pipeline is a value: two side by side do not touch each other, seeds and batches change no record, media allocates nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <malloc.h>

#include "../net/frames.h"
#include "analyzer/analyzer.h"
#include "output/sink.h"

enum { FRAMES_MAX = 400, RECORDS_BYTES = 1 << 20 };

/* A capture in memory. */
struct capture {
    size_t count;
    struct frame frames[FRAMES_MAX];
    struct built *bytes[FRAMES_MAX];
};

static struct capture capture;

static void frame_add(const struct built *built, int64_t time_ns)
{
    assert_true(capture.count < FRAMES_MAX);
    struct built *copy = malloc(sizeof *copy);
    assert_non_null(copy);
    copy->len = built->len;
    memcpy(copy->bytes, built->bytes, built->len);
    capture.bytes[capture.count] = copy;
    capture.frames[capture.count] = built_frame(copy, LINK_ETHERNET, time_ns, capture.count + 1);
    capture.count++;
}

static struct built scratch;

static void message_add(unsigned call, const char *first, unsigned cseq, const char *method, int64_t time_ns, bool tcp)
{
    char text[1500];
    int n = snprintf(text, sizeof text,
                     "%s\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%u%s\r\nFrom: <sip:1617555%04u@x>;tag=a%u\r\nTo: <sip:2@x>;tag=b\r\n"
                     "Call-ID: call-%u@x\r\nCSeq: %u %s\r\nUser-Agent: phone %u\r\nMax-Forwards: x\r\nContent-Length: 0\r\n\r\n",
                     first, call, method, call, call, call, cseq, method, call % 7);
    built_set(&scratch, text, (size_t)n);
    if (tcp) {
        built_tcp(&scratch, (uint16_t)(20000 + call), 5060, 0x18);
        built_ipv4(&scratch, 6, 1, 0x4000);
    } else {
        built_udp(&scratch, 5060, 5060);
        built_ipv4(&scratch, 17, 1, 0x4000);
    }
    built_ethernet(&scratch, 0x0800);
    frame_add(&scratch, time_ns);
}

static int64_t at_ms(int64_t ms)
{
    return INT64_C(1769860800) * NS_PER_SECOND + ms * NS_PER_MS;
}

/* Calls of several fates, interleaved; over TCP every fifth; a fragmented datagram; broken bytes. */
static int capture_make(void **state)
{
    (void)state;
    for (unsigned step = 0; step < 4; step++)
        for (unsigned call = 0; call < 40; call++) {
            int64_t now = at_ms(step * 20000 + call * 100);
            bool tcp = call % 5 == 0;
            if (step == 0)
                message_add(call, "INVITE sip:b@x SIP/2.0", 1, "INVITE", now, tcp);
            else if (step == 1 && !tcp)
                message_add(call, call % 3 == 0 ? "SIP/2.0 486 Busy" : "SIP/2.0 200 OK", 1, "INVITE", now, false);
            else if (step == 2 && call % 3 == 1)
                message_add(call, "BYE sip:b@x SIP/2.0", 2, "BYE", now, false);
            else if (step == 3)
                message_add(call + 100, "OPTIONS sip:b@x SIP/2.0", 1, "OPTIONS", now, false);
        }
    char text[3000];
    memset(text, 'x', sizeof text);
    memcpy(text, "MESSAGE sip:b@x SIP/2.0\r\nCall-ID: fragments\r\nCSeq: 1 MESSAGE\r\n\r\n", 65);
    built_set(&scratch, text, sizeof text);
    built_udp(&scratch, 5060, 5060);
    struct built whole = scratch;
    for (size_t at = 0; at < whole.len; at += 1000) {
        size_t n = whole.len - at < 1000 ? whole.len - at : 1000;
        built_set(&scratch, whole.bytes + at, n);
        built_ipv4(&scratch, 17, 77, (uint16_t)(at / 8 | (at + n < whole.len ? 0x2000 : 0)));
        built_ethernet(&scratch, 0x0800);
        frame_add(&scratch, at_ms(90000));
    }
    built_set(&scratch, "\x45junk", 5);
    built_ethernet(&scratch, 0x0800);
    frame_add(&scratch, at_ms(90001));
    return 0;
}

static int capture_free(void **state)
{
    (void)state;
    for (size_t i = 0; i < capture.count; i++)
        free(capture.bytes[i]);
    return 0;
}

/* The records as JSON lines: two runs are alike when these are. */
struct run {
    struct analyzer *analyzer;
    struct sink sink;
};

static void record_take(void *context, const struct record *record)
{
    struct run *run = context;
    sink_kind_json.write(&run->sink, record);
}

static struct run *run_begin(uint64_t seed, bool keep_to_end)
{
    struct run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    assert_true(sink_kind_json.open == NULL || sink_kind_json.open(&run->sink));
    struct analyzer_config config = {.hash_seed = seed, .memory_bytes = 64 << 20, .keep_to_end = keep_to_end, .messages = true,
                                     .publish = record_take, .publish_context = run};
    run->analyzer = analyzer_new(&config);
    assert_non_null(run->analyzer);
    return run;
}

static void run_end(struct run *run)
{
    struct summary_record summary;
    analyzer_finish(run->analyzer);
    analyzer_summary(run->analyzer, &summary);
    record_take(run, &(struct record){.kind = RECORD_SUMMARY, .summary = &summary});
}

static void run_free(struct run *run)
{
    analyzer_free(run->analyzer);
    if (sink_kind_json.close != NULL)
        sink_kind_json.close(&run->sink);
    text_fini(&run->sink.out);
    free(run);
}

static struct run *run_alone(uint64_t seed, size_t batch, bool keep_to_end)
{
    struct run *run = run_begin(seed, keep_to_end);
    for (size_t at = 0; at < capture.count; at += batch)
        analyzer_feed(run->analyzer, capture.frames + at, capture.count - at < batch ? capture.count - at : batch);
    run_end(run);
    return run;
}

static void assert_same(const struct run *a, const struct run *b)
{
    assert_int_equal(a->sink.out.len, b->sink.out.len);
    assert_memory_equal(a->sink.out.data, b->sink.out.data, a->sink.out.len);
}

static size_t records_of(const struct run *run, const char *kind)
{
    size_t count = 0;
    char start[40];
    snprintf(start, sizeof start, "{\"record\":\"%s\"", kind);
    struct slice out = slice_of(run->sink.out.data, run->sink.out.len);
    for (size_t at = 0; at < out.len; at = slice_find(out, at, '\n') + 1)
        count += slice_starts(slice_after(out, at), start);
    return count;
}

static void what_is_in_the_capture(void **state)
{
    (void)state;
    struct run *run = run_alone(1, 32, true);
    assert_int_equal(records_of(run, "call"), 40 + 40 + 1);
    assert_int_equal(records_of(run, "message"), 40 + 32 + 13 + 40 + 1);
    assert_true(records_of(run, "finding") > 80); /* Max-Forwards: x */
    assert_int_equal(records_of(run, "summary"), 1);
    run_free(run);
}

static void two_side_by_side(void **state)
{
    (void)state;
    struct run *alone = run_alone(1, 32, false), *one = run_begin(1, false), *two = run_begin(1, false);
    for (size_t i = 0, k = 0; i < capture.count; i++) { /* the second lags and goes in other steps */
        analyzer_feed(one->analyzer, capture.frames + i, 1);
        if (i % 3 == 2) {
            analyzer_feed(two->analyzer, capture.frames + k, i - k);
            k = i;
        }
        if (i + 1 == capture.count)
            analyzer_feed(two->analyzer, capture.frames + k, capture.count - k);
    }
    run_end(one);
    run_end(two);
    assert_int_equal(records_of(one, "call"), records_of(alone, "call"));
    assert_same(one, two);
    run_free(alone);
    run_free(one);
    run_free(two);
}

static void seeds_change_nothing(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct run *a = run_alone(0, 32, keep == 1), *b = run_alone(UINT64_C(0xfedcba9876543210), 32, keep == 1);
        assert_same(a, b);
        run_free(a);
        run_free(b);
    }
}

static void batches_change_nothing(void **state)
{
    (void)state;
    static const size_t batches[] = {2, 7, 32, FRAMES_MAX};
    struct run *one = run_alone(5, 1, true);
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        struct run *other = run_alone(5, batches[i], true);
        assert_same(one, other);
        run_free(other);
    }
    run_free(one);
}

/* AddressSanitizer has its own heap, which mallinfo2 does not see, and a hook that counts. */
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t), void (*freed)(const volatile void *))
    __attribute__((weak));

static size_t allocations;

static void allocation_count(const volatile void *block, size_t size)
{
    (void)block;
    (void)size;
    allocations++;
}

static void free_ignore(const volatile void *block)
{
    (void)block;
}

enum { STREAMS = 32 };

/* One packet of each stream: 20 ms after the last, the next in sequence. */
static void streams_feed(struct run *run, struct built packets[STREAMS], unsigned round)
{
    struct frame frames[STREAMS];
    for (unsigned i = 0; i < STREAMS; i++) {
        uint8_t *rtp = packets[i].bytes + 14 + 20 + 8;
        uint32_t timestamp = round * 160;
        rtp[2] = (uint8_t)(round >> 8);
        rtp[3] = (uint8_t)round;
        for (unsigned b = 0; b < 4; b++)
            rtp[4 + b] = (uint8_t)(timestamp >> (24 - 8 * b));
        frames[i] = built_frame(&packets[i], LINK_ETHERNET, at_ms(95000 + 20 * (int64_t)round) + i * 1000, 1000);
    }
    analyzer_feed(run->analyzer, frames, STREAMS);
}

/* RTP of streams that are known takes not one byte more from the heap than before; each window of 5 s may. */
static void media_allocates_nothing(void **state)
{
    (void)state;
    static struct built packets[STREAMS];
    struct run *run = run_alone(5, 32, true);
    for (unsigned i = 0; i < STREAMS; i++) {
        uint8_t rtp[172] = {0x80, 0, [8] = 1, [11] = (uint8_t)i};
        built_set(&packets[i], rtp, sizeof rtp);
        built_udp(&packets[i], (uint16_t)(4000 + i), 4002);
        built_ipv4(&packets[i], 17, 1, 0x4000);
        built_ethernet(&packets[i], 0x0800);
    }
    unsigned round = 0;
    while (round < 10)
        streams_feed(run, packets, round++);
    if (__sanitizer_install_malloc_and_free_hooks != NULL) {
        assert_true(__sanitizer_install_malloc_and_free_hooks(allocation_count, free_ignore) > 0);
        void *volatile block = malloc(1);
        free(block);
        assert_true(allocations > 0); /* the hook works */
    }
    size_t allocations_before = allocations;
    struct mallinfo2 before = mallinfo2();
    while (round < 240)
        streams_feed(run, packets, round++);
    struct mallinfo2 after = mallinfo2();
    assert_int_equal(allocations, allocations_before);
    assert_int_equal(after.uordblks, before.uordblks);
    assert_int_equal(after.arena + after.hblkhd, before.arena + before.hblkhd);
    while (round < 3000) /* a minute */
        streams_feed(run, packets, round++);
    assert_in_range(allocations - allocations_before, 0, 4 * STREAMS);
    struct summary_record summary;
    analyzer_summary(run->analyzer, &summary);
    assert_int_equal(summary.rtp_packets, STREAMS * 3000);
    run_free(run);
}

/* What a screen would know: the newest state and messages of each call, told by analyzer_watch. */
struct watcher {
    size_t told; /* call records */
    struct {
        uint64_t messages, findings;
        char state[16];
    } calls[200];
    uint64_t last;
};

static void watch_take(void *context, const struct record *record)
{
    struct watcher *watcher = context;
    if (record->kind == RECORD_FINDING) {
        assert_int_equal(record->finding->call, watcher->last); /* they come behind their call */
        watcher->calls[watcher->last].findings++;
        return;
    }
    const struct call_record *call = record->call;
    assert_int_equal(record->kind, RECORD_CALL);
    assert_true(call->id < 200);
    watcher->told++;
    watcher->last = call->id;
    watcher->calls[call->id].messages = call->messages;
    watcher->calls[call->id].findings = 0;
    snprintf(watcher->calls[call->id].state, sizeof watcher->calls[0].state, "%.*s", (int)call->state.len, (const char *)call->state.data);
}

/* A look at the calls after each batch leaves the records as they are. */
static void watching_changes_nothing(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct watcher watcher = {0};
        struct summary_record summary;
        struct run *alone = run_alone(5, 7, keep == 1), *watched = run_begin(5, keep == 1);
        for (size_t at = 0; at < capture.count; at += 7) {
            analyzer_feed(watched->analyzer, capture.frames + at, capture.count - at < 7 ? capture.count - at : 7);
            analyzer_watch(watched->analyzer, watch_take, &watcher, &summary);
        }
        run_end(watched);
        assert_same(alone, watched);
        run_free(alone);
        run_free(watched);
    }
}

static void watch_tells_what_changed(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    struct summary_record summary;
    struct run *run = run_begin(5, true);
    analyzer_feed(run->analyzer, capture.frames, 40);
    analyzer_watch(run->analyzer, watch_take, &watcher, &summary);
    assert_int_equal(watcher.told, 40);
    assert_int_equal(summary.calls, 40);
    assert_int_equal(summary.call_states[CALL_PARTIAL], 40); /* their requests have a To tag */
    assert_string_equal(watcher.calls[2].state, "partial");
    assert_int_equal(watcher.calls[2].findings, 2);
    analyzer_watch(run->analyzer, watch_take, &watcher, &summary);
    assert_int_equal(watcher.told, 40); /* nothing happened */
    analyzer_feed(run->analyzer, capture.frames + 40, 1);
    analyzer_watch(run->analyzer, watch_take, &watcher, &summary);
    assert_int_equal(watcher.told, 41);
    assert_int_equal(watcher.calls[2].messages, 2);
    size_t rest = capture.count - 41 - 4; /* but the fragments and the junk */
    analyzer_feed(run->analyzer, capture.frames + 41, rest);
    analyzer_watch(run->analyzer, watch_take, &watcher, &summary);
    assert_int_equal(summary.call_states[CALL_PENDING], 40);
    size_t told = watcher.told;
    analyzer_tick(run->analyzer, at_ms(200000));
    analyzer_watch(run->analyzer, watch_take, &watcher, &summary);
    assert_int_equal(watcher.told, told + 40); /* nobody answered the OPTIONS in time */
    assert_int_equal(summary.call_states[CALL_TIMEOUT], 40);
    run_end(run);
    told = watcher.told;
    analyzer_watch(run->analyzer, watch_take, &watcher, &summary);
    assert_int_equal(watcher.told, told); /* what is published is not told again */
    assert_int_equal(summary.calls, 80);
    run_free(run);
}

/* Published records say whether a watcher knows them already. */
static void given_counts(void *context, const struct record *record)
{
    size_t *counts = context;
    if (record->kind == RECORD_CALL)
        counts[record->given]++;
}

static void published_as_given(void **state)
{
    (void)state;
    size_t counts[2] = {0};
    struct watcher watcher = {0};
    struct summary_record summary;
    struct analyzer_config config = {.memory_bytes = 64 << 20, .keep_to_end = true, .publish = given_counts, .publish_context = counts};
    struct analyzer *analyzer = analyzer_new(&config);
    analyzer_feed(analyzer, capture.frames, capture.count - 3);
    analyzer_watch(analyzer, watch_take, &watcher, &summary);
    assert_int_equal(watcher.told, 80);
    analyzer_feed(analyzer, capture.frames + capture.count - 3, 3); /* the last fragment begins a call */
    analyzer_finish(analyzer);
    assert_int_equal(counts[true], 80);
    assert_int_equal(counts[false], 1);
    analyzer_free(analyzer);
}

static void summary_counts(void **state)
{
    (void)state;
    struct run *run = run_alone(5, 32, true);
    struct summary_record summary;
    uint64_t bytes = 0;
    for (size_t i = 0; i < capture.count; i++)
        bytes += capture.frames[i].bytes.len;
    analyzer_summary(run->analyzer, &summary);
    assert_int_equal(summary.packets, capture.count);
    assert_int_equal(summary.bytes, bytes);
    assert_int_equal(summary.sip_messages, 40 + 32 + 13 + 40 + 1);
    assert_int_equal(summary.calls, 81);
    assert_int_equal(summary.first, at_ms(0));
    assert_int_equal(summary.last, at_ms(90001));
    assert_true(summary.streams == 0 && summary.kernel_drops == NUMBER_NONE);
    assert_int_equal(summary.evicted, 0);
    run_free(run);
}

/* Packets written a little out of order are normal; 100 ms and more are another clock. Also between two calls of analyzer_feed. */
static void two_clocks(void **state)
{
    (void)state;
    static const int64_t times[] = {1000, 950, 1000, 899, 2000, 1900, 1000};
    struct run *run = run_alone(5, 32, false);
    struct summary_record before, after;
    struct frame frame = capture.frames[0];
    analyzer_summary(run->analyzer, &before);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        frame.time_ns = at_ms(100000 + times[i]);
        analyzer_feed(run->analyzer, &frame, 1);
    }
    analyzer_summary(run->analyzer, &after);
    assert_int_equal(after.anomalies.count[ANOMALY_CLOCK_BACK] - before.anomalies.count[ANOMALY_CLOCK_BACK], 2);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_the_capture), cmocka_unit_test(two_side_by_side),
        cmocka_unit_test(seeds_change_nothing),   cmocka_unit_test(batches_change_nothing),
        cmocka_unit_test(media_allocates_nothing), cmocka_unit_test(two_clocks), cmocka_unit_test(summary_counts),
        cmocka_unit_test(watching_changes_nothing), cmocka_unit_test(watch_tells_what_changed), cmocka_unit_test(published_as_given),
    };
    return cmocka_run_group_tests(tests, capture_make, capture_free);
}

/* Looking at calls with media while they go on, after every few packets, changes nothing of what is published in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/analyzer.h"
#include "capture/source.h"
#include "output/sink.h"

static void record_take(void *context, const struct record *record)
{
    sink_kind_json.write(context, record);
}

struct looks {
    size_t with_media;
    double mos; /* newest of a call that goes on */
};

static void look_take(void *context, const struct record *record)
{
    struct looks *looks = context;
    if (record->kind != RECORD_CALL || record->call->streams.count == 0)
        return;
    looks->with_media++;
    looks->mos = record->call->mos;
}

/* The sample's records as JSON, read in steps; looks NULL: nobody looks between them. */
static struct text sample_read(size_t step, bool keep_to_end, struct looks *looks)
{
    struct error error;
    struct sink sink = {0};
    assert_true(sink_kind_json.open(&sink));
    struct source *source = source_open_file("samples/trunk.pcap", &error);
    assert_non_null(source);
    struct analyzer_config config = {.memory_bytes = 64 << 20, .keep_to_end = keep_to_end, .windows = true, .publish = record_take, .publish_context = &sink};
    struct analyzer *analyzer = analyzer_new(&config);
    struct frame frames[64];
    for (size_t count; (count = source_read(source, frames, step)) > 0;) {
        struct summary_record summary;
        analyzer_feed(analyzer, frames, count);
        if (looks != NULL)
            analyzer_watch(analyzer, look_take, looks, &summary);
    }
    analyzer_finish(analyzer);
    analyzer_free(analyzer);
    source_close(source);
    sink_kind_json.close(&sink);
    return sink.out;
}

static void records_stay_the_same(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 7, 50};
    for (int keep = 0; keep < 2; keep++)
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            struct looks looks = {0};
            struct text alone = sample_read(steps[i], keep == 1, NULL);
            struct text watched = sample_read(steps[i], keep == 1, &looks);
            assert_int_equal(watched.len, alone.len);
            assert_memory_equal(watched.data, alone.data, alone.len);
            assert_true(looks.with_media > 10);
            assert_true(looks.mos > 1);
            assert_true(alone.len > 10000);
            text_fini(&watched);
            text_fini(&alone);
        }
}

enum { CALLS = 14 }; /* of the sample */

struct counts {
    uint64_t messages[CALLS + 1]; /* as they were given last, by id */
    uint64_t given, again, published, known;
};

static void count_take(void *context, const struct record *record)
{
    struct counts *counts = context;
    if (record->kind != RECORD_CALL)
        return;
    assert_in_range(record->call->id, 1, CALLS);
    counts->given++;
    counts->again += counts->messages[record->call->id] == record->call->messages && !slice_is(record->call->method, "INVITE");
    counts->messages[record->call->id] = record->call->messages;
}

static void publish_take(void *context, const struct record *record)
{
    struct counts *counts = context;
    counts->published += record->kind == RECORD_CALL;
    counts->known += record->kind == RECORD_CALL && record->given;
}

static void look(struct analyzer *analyzer, struct counts *counts)
{
    struct summary_record summary;
    uint64_t seen = 0, in_states = 0;
    analyzer_watch(analyzer, count_take, counts, &summary);
    for (int i = 1; i <= CALLS; i++)
        seen += counts->messages[i] > 0;
    for (int i = 0; i < CALL_STATE_COUNT; i++)
        in_states += summary.call_states[i];
    assert_int_equal(summary.calls, seen);
    assert_int_equal(in_states, seen);
}

/* Calls that are packed meanwhile are counted, not given again, and known when they are published at last; those that end between two
   looks are given at the next one. */
static void packed_calls_are_known(void **state)
{
    (void)state;
    for (uint64_t step = 1; step < 1000; step = step * 3 + 100) {
        struct error error;
        struct counts counts = {0};
        struct source *source = source_open_file("samples/trunk.pcap", &error);
        struct analyzer_config config = {.memory_bytes = 64 << 20, .keep_to_end = true, .publish = publish_take, .publish_context = &counts};
        struct analyzer *analyzer = analyzer_new(&config);
        struct frame frames[1];
        look(analyzer, &counts);
        while (source_read(source, frames, 1) > 0) {
            analyzer_feed(analyzer, frames, 1);
            if (source->packets % step == 0)
                look(analyzer, &counts);
        }
        assert_int_equal(counts.again, 0); /* those without media change with their messages only */
        analyzer_finish(analyzer);
        assert_int_equal(counts.published, CALLS);
        if (step == 1)
            assert_in_range(counts.known, 8, CALLS); /* not those whose media may go on */
        analyzer_free(analyzer);
        source_close(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_stay_the_same), cmocka_unit_test(packed_calls_are_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_stay_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Losses of many streams by chance are never the tap's, in hours of them; an outage of the tap is found wherever it can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/media.h"

/* What the records said. */
struct told {
    uint64_t streams, gaps, packets, lost;
};

static void keep(void *context, const struct record *record)
{
    struct told *told = context;
    const struct stream_gaps *gaps = record->stream->gaps;
    told->streams++;
    told->lost += record->stream->lost;
    told->gaps += gaps == NULL ? 0 : gaps->count;
    told->packets += gaps == NULL ? 0 : gaps->packets;
}

/* 1 in a million and more. */
static uint32_t draw(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % 1000000;
}

static void feed(struct media *media, uint32_t stream, uint32_t sequence, int64_t time_ns)
{
    const struct endpoint src = endpoint_ipv4((const uint8_t[]){10, 0, 0, 1}, (uint16_t)(4000 + stream));
    const struct endpoint dst = endpoint_ipv4((const uint8_t[]){10, 0, 0, 2}, 6000);
    uint32_t timestamp = sequence * 160;
    const uint8_t bytes[172] = {0x80, 0, (uint8_t)(sequence >> 8), (uint8_t)sequence, (uint8_t)(timestamp >> 24),
                                (uint8_t)(timestamp >> 16), (uint8_t)(timestamp >> 8), (uint8_t)timestamp, 0, 0, 0, (uint8_t)stream};
    struct media_packet packet = {.time_ns = time_ns, .frame = 1, .src = &src, .dst = &dst, .bytes = bytes, .len = sizeof bytes,
                                  .wire_len = sizeof bytes};
    media_rtp(media, &packet, 1);
}

/* Streams of 20 ms packets, in phases that divide the packet time; all lose by chance (in a million), and every `each_s` seconds the tap
   is deaf for deaf_ns. */
struct trunk {
    uint32_t streams, loss, seconds, each_s;
    int64_t deaf_ns;
};

static struct told run(struct trunk trunk, uint64_t seed)
{
    struct told told = {0};
    struct media *media = media_new(&(struct media_config){.hash_seed = 7,
                                                           .memory_limit = 1 << 26,
                                                           .keep_to_end = true,
                                                           .buffer = {BUFFER_FIXED, 60 * NS_PER_MS},
                                                           .one_way_delay_ns = CLOCK_NONE,
                                                           .publish = keep,
                                                           .publish_context = &told});
    assert_non_null(media);
    for (uint32_t i = 0; i < trunk.seconds * 50; i++)
        for (uint32_t s = 0; s < trunk.streams; s++) {
            int64_t at = (i + 50) * 20 * NS_PER_MS + s * 20 * NS_PER_MS / trunk.streams + draw(&seed) % 1000;
            bool deaf = trunk.each_s > 0 && at % (trunk.each_s * NS_PER_SECOND) < trunk.deaf_ns;
            bool ends = i < 50 || i >= trunk.seconds * 50 - 50;
            if (ends || (!deaf && draw(&seed) >= trunk.loss))
                feed(media, s, i, at);
        }
    media_finish(media);
    media_free(media);
    assert_int_equal(told.streams, trunk.streams);
    return told;
}

static void chance_is_not_the_tap(void **state)
{
    static const uint32_t counts[] = {4, 6, 8, 20}, losses[] = {10000, 30000, 100000, 300000};
    (void)state;
    for (size_t n = 0; n < sizeof counts / sizeof counts[0]; n++)
        for (size_t r = 0; r < sizeof losses / sizeof losses[0]; r++) {
            struct told told = run((struct trunk){.streams = counts[n], .loss = losses[r], .seconds = 1200}, 11 + n * 17 + r);
            assert_true(told.lost > 0);
            assert_int_equal(told.gaps, 0);
        }
}

/* Each outage is one gap on each stream, and nothing else is one. */
static void outages_are_found(void **state)
{
    static const struct trunk trunks[] = {
        {.streams = 6, .loss = 0, .seconds = 300, .each_s = 30, .deaf_ns = 60 * NS_PER_MS},
        {.streams = 8, .loss = 30000, .seconds = 300, .each_s = 30, .deaf_ns = 200 * NS_PER_MS},
        {.streams = 20, .loss = 50000, .seconds = 300, .each_s = 30, .deaf_ns = 60 * NS_PER_MS},
        {.streams = 50, .loss = 100000, .seconds = 300, .each_s = 10, .deaf_ns = 40 * NS_PER_MS},
        {.streams = 200, .loss = 200000, .seconds = 100, .each_s = 10, .deaf_ns = 30 * NS_PER_MS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof trunks / sizeof trunks[0]; i++) {
        struct told told = run(trunks[i], 100 + i);
        assert_int_equal(told.gaps, (uint64_t)trunks[i].streams * ((trunks[i].seconds - 1) / trunks[i].each_s));
        assert_true(told.packets <= told.lost);
        assert_true(trunks[i].loss > 0 || told.packets == told.lost);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chance_is_not_the_tap), cmocka_unit_test(outages_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

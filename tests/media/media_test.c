/* The short way of a packet and the long one give the same figures; streams without a call are forgotten; memory has a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/sdp.h"
#include "media/media.h"

struct kept {
    struct stream_record record;
    struct stream_jitter jitter;
    struct stream_delta delta;
    struct stream_burst burst;
    uint64_t count;
};

static void keep(void *context, const struct record *record)
{
    struct kept *kept = context;
    kept->count++;
    kept->record = *record->stream;
    if (record->stream->jitter != NULL)
        kept->jitter = *record->stream->jitter;
    if (record->stream->delta != NULL)
        kept->delta = *record->stream->delta;
    if (record->stream->burst != NULL)
        kept->burst = *record->stream->burst;
}

static struct media *begin(struct kept *kept, enum buffer_kind kind, bool keep_to_end, size_t limit)
{
    memset(kept, 0, sizeof *kept);
    struct media *media = media_new(&(struct media_config){.hash_seed = 7,
                                                           .memory_limit = limit,
                                                           .keep_to_end = keep_to_end,
                                                           .buffer = {kind, 60 * NS_PER_MS},
                                                           .one_way_delay_ns = CLOCK_NONE,
                                                           .publish = keep,
                                                           .publish_context = kept});
    assert_non_null(media);
    return media;
}

static void feed(struct media *media, uint16_t port, uint32_t ssrc, uint16_t sequence, uint32_t timestamp, uint8_t type, int64_t time_ns)
{
    const struct endpoint src = endpoint_ipv4((const uint8_t[]){10, 0, 0, 1}, port), dst = endpoint_ipv4((const uint8_t[]){10, 0, 0, 2}, 6000);
    uint8_t bytes[172] = {0x80, type};
    bytes[2] = (uint8_t)(sequence >> 8);
    bytes[3] = (uint8_t)sequence;
    for (int i = 0; i < 4; i++) {
        bytes[4 + i] = (uint8_t)(timestamp >> (24 - 8 * i));
        bytes[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
    }
    struct media_packet packet = {.time_ns = time_ns, .frame = 1, .src = &src, .dst = &dst, .bytes = bytes, .len = sizeof bytes,
                                  .wire_len = sizeof bytes};
    media_rtp(media, &packet, 1);
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* 20 ms packets with jitter, loss, repeats, overtaking and comfort noise, the same for each seed. */
static void traffic(struct media *media, uint32_t seed, int packets)
{
    int64_t base = INT64_C(1769860800) * NS_PER_SECOND;
    for (int i = 0; i < packets; i++) {
        uint32_t chance = next(&seed) % 1000;
        int64_t at = base + i * 20 * NS_PER_MS + (int64_t)(next(&seed) % 15000) * 1000;
        uint16_t sequence = (uint16_t)(65000 + i);
        uint32_t timestamp = 4294000000u + (uint32_t)i * 160;
        if (chance < 30)
            continue;
        if (chance < 40)
            i++; /* the next one is seen instead, this one after it */
        if (chance < 40)
            feed(media, 4000, 5, (uint16_t)(sequence + 1), timestamp + 160, 0, at);
        feed(media, 4000, 5, sequence, timestamp, chance > 990 ? 13 : 0, at + 1000);
        if (chance > 970 && chance < 980)
            feed(media, 4000, 5, sequence, timestamp, 0, at + 2000);
    }
}

/* An adaptive buffer never takes the short way: but for what is late, the figures must be the same. */
static void short_way_and_long_way(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 30; seed++) {
        struct kept fast, slow;
        struct media *a = begin(&fast, BUFFER_FIXED, true, 1 << 26), *b = begin(&slow, BUFFER_ADAPTIVE, true, 1 << 26);
        traffic(a, seed, 3000);
        traffic(b, seed, 3000);
        media_finish(a);
        media_finish(b);
        assert_int_equal(fast.count, 1);
        assert_int_equal(slow.count, 1);
        assert_int_equal(fast.record.packets, slow.record.packets);
        assert_int_equal(fast.record.bytes, slow.record.bytes);
        assert_int_equal(fast.record.expected, slow.record.expected);
        assert_int_equal(fast.record.lost, slow.record.lost);
        assert_int_equal(fast.record.duplicates, slow.record.duplicates);
        assert_int_equal(fast.record.reordered, slow.record.reordered);
        assert_int_equal(fast.delta.max, slow.delta.max);
        assert_true(fast.record.lost > 0 && fast.record.duplicates > 0 && fast.record.reordered > 0);
        assert_true(llabs(fast.jitter.mean - slow.jitter.mean) <= fast.jitter.mean / 1000);
        assert_true(llabs(fast.jitter.max - slow.jitter.max) <= fast.jitter.max / 1000);
        media_free(a);
        media_free(b);
    }
}

/* Chance likenesses leave nothing behind; a real stream of no call is published once it is silent in a live run. */
static void likenesses_are_forgotten(void **state)
{
    (void)state;
    struct kept kept;
    struct media *media = begin(&kept, BUFFER_FIXED, false, 1 << 26);
    int64_t at = NS_PER_SECOND;
    uint32_t seed = 3;
    for (int i = 0; i < 5000; i++)
        feed(media, (uint16_t)(10000 + i % 7), next(&seed) << 16 | next(&seed), (uint16_t)next(&seed), next(&seed), 0x11, at += NS_PER_MS);
    for (int i = 0; i < 100; i++)
        feed(media, 4000, 5, (uint16_t)i, (uint32_t)i * 160, 0, at += 20 * NS_PER_MS);
    for (int i = 0; i < 200; i++)
        media_expire(media, at += NS_PER_SECOND);
    assert_int_equal(kept.count, 1);
    assert_int_equal(kept.record.packets, 100);
    media_finish(media);
    assert_int_equal(kept.count, 1);
    media_free(media);
}

/* More streams than fit: the silent ones are published early and counted. */
static void memory_has_a_limit(void **state)
{
    (void)state;
    struct kept kept;
    struct media *media = begin(&kept, BUFFER_FIXED, true, 4 << 20);
    int64_t at = NS_PER_SECOND;
    for (uint32_t s = 0; s < 20000; s++) {
        for (uint16_t i = 0; i < 6; i++)
            feed(media, (uint16_t)(1024 + s % 60000), s, i, i * 160u, 0, at += NS_PER_MS);
        media_expire(media, at);
    }
    media_finish(media);
    assert_int_equal(kept.count, 20000); /* each once, early or at the end */
    assert_true(media_totals(media).evicted > 10000);
    media_free(media);
}

/* A flood in which each packet has an SSRC of its own, faster than silence could tell: refused, and the stream that was there goes on. */
static void a_flood_is_refused(void **state)
{
    (void)state;
    struct kept kept;
    struct media *media = begin(&kept, BUFFER_FIXED, true, 4 << 20);
    int64_t at = NS_PER_SECOND;
    for (uint32_t i = 0; i < 200000; i++) {
        feed(media, 5000, i * 2654435761u, (uint16_t)(i * 77), i * 12345, 0, at += 1000);
        if (i % 1000 == 0)
            feed(media, 4000, 5, (uint16_t)(i / 1000), i / 1000 * 160, 0, at);
        if (i % 64 == 0)
            media_expire(media, at);
    }
    media_finish(media);
    assert_int_equal(kept.count, 1);
    assert_int_equal(kept.record.packets, 200);
    media_free(media);
}

static uint32_t describe(struct media *media, const char *media_line, int64_t time_ns)
{
    char text[200];
    static struct sdp sdp;
    snprintf(text, sizeof text, "v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\nc=IN IP4 10.0.0.2\r\n%s\r\n", media_line);
    assert_true(sdp_parse(slice_str(text), &sdp));
    struct sighting sighting = {.time_ns = time_ns, .frame = 1};
    return media_described(media, SESSION_NONE,
                           &(struct session_description){.call = 1, .sighting = &sighting, .sdp = &sdp, .by_caller = true});
}

/* A session of which nothing could be said is forgotten 3 s after its call's end: until then a late stream may be its. */
static void silent_sessions_are_forgotten(void **state)
{
    (void)state;
    static const struct endpoint port = {.address = {10, 0, 0, 2}, .port = 6000, .family = 4};
    const int64_t end = 100 * NS_PER_SECOND, later = end + 3 * NS_PER_SECOND;
    static const struct sighting sighting = {0};
    for (int kind = 0; kind < 5; kind++) { /* silent; a stream; a stream of no call to its port; a digit; a fax may come */
        struct kept kept;
        struct media *media = begin(&kept, BUFFER_FIXED, true, 1 << 26);
        uint32_t session = describe(media, kind == 4 ? "m=image 6000 udptl t38" : "m=audio 6000 RTP/AVP 0", end - 9 * NS_PER_SECOND);
        if (kind == 1)
            feed(media, 4000, 5, 1, 160, 0, end - NS_PER_SECOND);
        if (kind == 3)
            assert_int_equal(media_digit(media, session, 1, &sighting, &(struct media_press){.digit = '5', .by_caller = true}), session);
        assert_false(media_forget(media, session, later)); /* it has not ended */
        media_ended(media, session, end);
        if (kind == 2)
            feed(media, 4000, 5, 1, 160, 0, later - 1);
        assert_false(media_forget(media, session, later - 1));
        assert_true(media_announced(media, &port));
        assert_int_equal(media_forget(media, session, later), kind == 0);
        assert_int_equal(media_announced(media, &port), kind != 0);
        media_free(media);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(short_way_and_long_way), cmocka_unit_test(likenesses_are_forgotten),
                                       cmocka_unit_test(memory_has_a_limit), cmocka_unit_test(a_flood_is_refused),
                                       cmocka_unit_test(silent_sessions_are_forgotten)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

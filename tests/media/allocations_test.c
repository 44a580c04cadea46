/* RTP takes no memory per packet: not in the clear, and not where encryption was announced and no keys are known. Where every packet is
   checked, libcrypto's HMAC takes two small blocks a tag of its own accord, and nobody else any. */
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

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS 0
#endif
#endif
#ifndef COUNTS
#define COUNTS 1
#endif

static unsigned long allocations;

#if COUNTS
/* glibc's own, behind ours: libcrypto's allocations count too. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t n);
void *malloc(size_t n)
{
    allocations++;
    return __libc_malloc(n);
}
void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}
void *realloc(void *old, size_t n)
{
    allocations++;
    return __libc_realloc(old, n);
}
#endif

static void ignore(void *context, const struct record *record)
{
    (void)context;
    (void)record;
}

static void describe(struct media *media, uint32_t *session, const char *text, bool by_caller, int64_t at_ns)
{
    static struct sdp sdp;
    const uint8_t address[4] = {10, 0, 0, by_caller ? 1 : 2};
    struct sighting sighting = {.time_ns = at_ns, .src = endpoint_ipv4(address, 5060), .dst = endpoint_ipv4(address, 5060)};
    assert_true(sdp_parse(slice_str(text), &sdp));
    struct session_description description = {.call = 1, .sighting = &sighting, .sdp = &sdp, .by_caller = by_caller, .answer = !by_caller};
    *session = media_described(media, *session, &description);
}

/* 20 ms packets of one stream; allocations after the first two seconds. */
static unsigned long feed(struct media *media, int packets, int64_t from_ns)
{
    const struct endpoint src = endpoint_ipv4((const uint8_t[]){10, 0, 0, 1}, 4000), dst = endpoint_ipv4((const uint8_t[]){10, 0, 0, 2}, 6000);
    uint8_t bytes[182] = {0x80, 0};
    unsigned long before = 0;
    for (int i = 0; i < packets; i++) {
        uint32_t timestamp = (uint32_t)i * 160;
        bytes[2] = (uint8_t)(i >> 8);
        bytes[3] = (uint8_t)i;
        for (int b = 0; b < 4; b++)
            bytes[4 + b] = (uint8_t)(timestamp >> (24 - 8 * b));
        struct media_packet packet = {.time_ns = from_ns + i * 20 * NS_PER_MS, .frame = 1, .src = &src, .dst = &dst, .bytes = bytes, .len = sizeof bytes,
                                      .wire_len = sizeof bytes};
        if (i == 100)
            before = allocations;
        media_rtp(media, &packet, 1);
    }
    return allocations - before;
}

#define SDP(address, port, protocol, more)                                                                                 \
    "v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\nm=audio " port " " protocol " 0\r\n" more

static unsigned long run(const char *offer, const char *answer)
{
    struct media *media = media_new(&(struct media_config){.hash_seed = 7, .memory_limit = 1 << 26, .keep_to_end = true, .one_way_delay_ns = CLOCK_NONE,
                                                           .buffer = {BUFFER_FIXED, 60 * NS_PER_MS}, .publish = ignore});
    uint32_t session = SESSION_NONE;
    assert_non_null(media);
    if (offer != NULL) {
        describe(media, &session, offer, true, NS_PER_SECOND);
        describe(media, &session, answer, false, NS_PER_SECOND);
    }
    unsigned long count = feed(media, 240, 2 * NS_PER_SECOND); /* less than a window */
    struct media_totals totals = media_totals(media);
    assert_int_equal(totals.rtp_packets, 240);
    media_free(media);
    return count;
}

static void test_no_memory_per_packet(void **state)
{
    (void)state;
    static const char key[] = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ\r\n";
    char offer[512], answer[512];
    unsigned long begin = allocations;
    free(malloc(1));
    if (!COUNTS || allocations == begin)
        skip();
    assert_int_equal(run(NULL, NULL), 0);
    assert_int_equal(run(SDP("10.0.0.1", "4000", "RTP/AVP", ""), SDP("10.0.0.2", "6000", "RTP/AVP", "")), 0);
    assert_int_equal(run(SDP("10.0.0.1", "4000", "RTP/SAVP", ""), SDP("10.0.0.2", "6000", "RTP/SAVP", "")), 0);
    snprintf(offer, sizeof offer, "%s%s", SDP("10.0.0.1", "4000", "RTP/SAVP", ""), key);
    snprintf(answer, sizeof answer, "%s%s", SDP("10.0.0.2", "6000", "RTP/SAVP", ""), key);
    unsigned long checked = run(offer, answer); /* no tag of these packets is right: each counter is tried for some, then for one in 64 */
    assert_in_range(checked, 1, 2 * 140 * 20);
    assert_int_equal(checked % 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_memory_per_packet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

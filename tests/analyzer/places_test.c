/* Places of messages: each call's own come out once, with their ends, in whatever number; what is forgotten is freed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/places.h"

enum { CALLS = 40, EACH = 23 };

struct heard {
    uint64_t call, count, frames;
};

static struct sighting sighting_of(uint32_t call, uint32_t i)
{
    const uint8_t address[4] = {10, 0, (uint8_t)call, 1};
    return (struct sighting){.frame = (uint64_t)i * CALLS + call, .time_ns = (int64_t)i, .src = endpoint_ipv4(address, 5060),
                             .dst = endpoint_ipv4(address, (uint16_t)(6000 + i % 3)), .transport = i % 2 ? TRANSPORT_TLS : TRANSPORT_UDP};
}

static void place_hear(void *context, const struct record *record)
{
    struct heard *heard = context;
    const struct message_record *message = record->message;
    assert_int_equal(record->kind, RECORD_MESSAGE);
    assert_int_equal(message->call, heard->call);
    assert_int_equal(message->frame % CALLS, heard->call);
    uint32_t i = (uint32_t)(message->frame / CALLS);
    struct sighting sighting = sighting_of((uint32_t)heard->call, i);
    assert_memory_equal(&message->src, &sighting.src, sizeof sighting.src);
    assert_memory_equal(&message->dst, &sighting.dst, sizeof sighting.dst);
    assert_int_equal(message->at, i);
    assert_true(slice_is(message->transport, i % 2 ? "tls" : "udp"));
    assert_int_equal(heard->frames >> i & 1, 0); /* each once */
    heard->frames |= UINT64_C(1) << i;
    heard->count++;
}

static void all_come_out(void **state)
{
    (void)state;
    struct places *places = places_new(7);
    assert_non_null(places);
    for (uint32_t i = 0; i < EACH; i++)
        for (uint32_t call = 0; call < CALLS; call++)
            if (i <= call) { /* from one to EACH of them */
                struct sighting sighting = sighting_of(call, i);
                places_add(places, call, &sighting);
            }
    size_t full = places_bytes(places);
    for (uint32_t call = 0; call < CALLS; call++) {
        struct heard heard = {.call = call};
        bool wanted = call % 4 != 3;
        places_end(places, call, wanted ? place_hear : NULL, &heard);
        assert_int_equal(heard.count, !wanted ? 0 : call < EACH ? call + 1 : EACH);
        heard = (struct heard){.call = call};
        places_end(places, call, place_hear, &heard); /* forgotten */
        assert_int_equal(heard.count, 0);
    }
    assert_true(places_bytes(places) + sizeof(struct sighting) * CALLS * 2 < full); /* the hops stay */
    places_free(places);
    assert_int_equal(places_bytes(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_come_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

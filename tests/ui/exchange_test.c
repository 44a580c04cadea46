/* Two threads hand over snapshots: each arrives once, in order, and neither waits for the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>

#include "analyzer/snapshot.h"
#include "ui/exchange.h"

enum { ROUNDS = 2000 };

static void *analyse(void *context)
{
    struct exchange *exchange = context;
    uint64_t number = 0;
    while (!exchange_stopped(exchange)) {
        if (exchange_asked(exchange)) {
            struct snapshot *snapshot = snapshot_new();
            struct call_record call = {.id = ++number, .state = slice_str("setup")};
            snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
            exchange_put(exchange, snapshot);
        }
        exchange_wait(exchange, 1000);
    }
    return NULL;
}

static void snapshots_in_order(void **state)
{
    (void)state;
    pthread_t thread;
    struct exchange *exchange = exchange_new();
    assert_non_null(exchange);
    assert_null(exchange_take(exchange));
    assert_int_equal(pthread_create(&thread, NULL, analyse, exchange), 0);
    for (uint64_t number = 1; number <= ROUNDS; number++) {
        struct pollfd wait = {.fd = exchange_descriptor(exchange), .events = POLLIN};
        exchange_ask(exchange);
        exchange_ask(exchange);
        struct snapshot *snapshot;
        while ((snapshot = exchange_take(exchange)) == NULL)
            assert_int_equal(poll(&wait, 1, 10000), 1);
        assert_int_equal(snapshot->call_count, 1);
        assert_true(snapshot->calls[0].id >= number); /* the second ask may have brought one of its own */
        number = snapshot->calls[0].id;
        snapshot_free(snapshot);
    }
    exchange_ask(exchange);
    exchange_stop(exchange);
    assert_int_equal(pthread_join(thread, NULL), 0);
    exchange_free(exchange); /* with a snapshot that nobody took, perhaps */
}

/* What waits is not lost to the next one: each tells only what is new. */
static void one_waits_at_most(void **state)
{
    (void)state;
    struct exchange *exchange = exchange_new();
    assert_false(exchange_asked(exchange));
    exchange_ask(exchange);
    assert_true(exchange_asked(exchange));
    exchange_put(exchange, snapshot_new());
    exchange_ask(exchange);
    assert_false(exchange_asked(exchange));
    snapshot_free(exchange_take(exchange));
    assert_true(exchange_asked(exchange));
    exchange_free(exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(snapshots_in_order), cmocka_unit_test(one_waits_at_most)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

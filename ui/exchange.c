/* Two flags and one pointer, all atomic, and an eventfd each way to end a wait. */
#include "ui/exchange.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "analyzer/snapshot.h"

struct exchange {
    atomic_bool asked, stopped;
    _Atomic(struct snapshot *) snapshot;
    int came;  /* readable: a snapshot waits */
    int woken; /* readable: the analysis was asked or stopped */
};

struct exchange *exchange_new(void)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL)
        return NULL;
    exchange->came = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    exchange->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (exchange->came >= 0 && exchange->woken >= 0)
        return exchange;
    exchange_free(exchange);
    return NULL;
}

void exchange_free(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    snapshot_free(atomic_load(&exchange->snapshot));
    if (exchange->came >= 0)
        close(exchange->came);
    if (exchange->woken >= 0)
        close(exchange->woken);
    free(exchange);
}

static void event_set(int descriptor)
{
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written; /* fails only when it is set already */
}

static void event_clear(int descriptor)
{
    uint64_t count;
    ssize_t got = read(descriptor, &count, sizeof count);
    (void)got; /* fails only when it was not set */
}

void exchange_ask(struct exchange *exchange)
{
    atomic_store_explicit(&exchange->asked, true, memory_order_release);
    event_set(exchange->woken);
}

struct snapshot *exchange_take(struct exchange *exchange)
{
    event_clear(exchange->came);
    return atomic_exchange(&exchange->snapshot, NULL);
}

int exchange_descriptor(const struct exchange *exchange)
{
    return exchange->came;
}

void exchange_stop(struct exchange *exchange)
{
    atomic_store_explicit(&exchange->stopped, true, memory_order_release);
    event_set(exchange->woken);
}

/* Asked again before the last one was taken: the one that waits must be taken first, for each is what changed since the one before. */
bool exchange_asked(const struct exchange *exchange)
{
    return atomic_load_explicit(&exchange->asked, memory_order_acquire) &&
           atomic_load_explicit(&exchange->snapshot, memory_order_relaxed) == NULL;
}

bool exchange_stopped(const struct exchange *exchange)
{
    return atomic_load_explicit(&exchange->stopped, memory_order_acquire);
}

void exchange_put(struct exchange *exchange, struct snapshot *snapshot)
{
    atomic_store_explicit(&exchange->asked, false, memory_order_release);
    snapshot_free(atomic_exchange(&exchange->snapshot, snapshot));
    event_set(exchange->came);
}

void exchange_wait(struct exchange *exchange, int timeout_ms)
{
    struct pollfd wait = {.fd = exchange->woken, .events = POLLIN};
    if (!exchange_asked(exchange) && !exchange_stopped(exchange))
        (void)poll(&wait, 1, timeout_ms);
    event_clear(exchange->woken);
}

/* A queue by time, indexed by call. */
#include "output/attempts.h"

#include "base/hash.h"

void attempts_init(struct attempts *attempts)
{
    *attempts = (struct attempts){.first = POOL_NONE, .last = POOL_NONE};
    pool_init(&attempts->pool, sizeof(struct attempt));
}

void attempts_fini(struct attempts *attempts)
{
    pool_fini(&attempts->pool);
    table_fini(&attempts->by_call);
}

static struct attempt *attempt_at(const struct attempts *attempts, uint32_t number)
{
    return pool_at(&attempts->pool, number);
}

static void take_out(struct attempts *attempts, uint32_t number)
{
    struct attempt *attempt = attempt_at(attempts, number);
    *(attempt->before == POOL_NONE ? &attempts->first : &attempt_at(attempts, attempt->before)->after) = attempt->after;
    *(attempt->after == POOL_NONE ? &attempts->last : &attempt_at(attempts, attempt->after)->before) = attempt->before;
    (void)table_remove(&attempts->by_call, hash_word(0, attempt->call), number);
    pool_give(&attempts->pool, number);
}

void attempts_add(struct attempts *attempts, uint64_t call, int64_t at_ns, uint16_t where, uint8_t way)
{
    uint32_t number;
    if (attempts->pool.live >= ATTEMPTS_MAX)
        take_out(attempts, attempts->first);
    struct attempt *attempt = pool_take(&attempts->pool, &number);
    if (attempt == NULL)
        return;
    if (!table_add(&attempts->by_call, hash_word(0, call), number)) {
        pool_give(&attempts->pool, number);
        return;
    }
    *attempt = (struct attempt){.call = call, .due_ns = at_ns + ATTEMPT_NS, .before = attempts->last, .after = POOL_NONE, .where = where, .way = way};
    *(attempts->last == POOL_NONE ? &attempts->first : &attempt_at(attempts, attempts->last)->after) = number;
    attempts->last = number;
}

void attempts_drop(struct attempts *attempts, uint64_t call)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&attempts->by_call, hash_word(0, call), &cursor)) != TABLE_NONE)
        if (attempt_at(attempts, number)->call == call) {
            take_out(attempts, number);
            return;
        }
}

bool attempts_due(struct attempts *attempts, int64_t now_ns, struct attempt *attempt)
{
    if (attempts->first == POOL_NONE || attempt_at(attempts, attempts->first)->due_ns >= now_ns)
        return false;
    *attempt = *attempt_at(attempts, attempts->first);
    take_out(attempts, attempts->first);
    return true;
}

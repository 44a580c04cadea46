/* Calls that nobody has responded to yet: after 32 s without any response an attempt has failed (RFC 3261 17.1.1.2, Timer B). */
#ifndef OUTPUT_ATTEMPTS_H
#define OUTPUT_ATTEMPTS_H

#include "base/clock.h"
#include "base/pool.h"
#include "base/table.h"

#define ATTEMPT_NS (32 * NS_PER_SECOND)
enum { ATTEMPTS_MAX = 1 << 16 };

struct attempt {
    uint64_t call;
    int64_t due_ns;
    uint32_t before, after;  /* POOL_NONE */
    uint16_t where;          /* the owner's */
    uint8_t way;             /* the owner's */
};

/* Those that wait, oldest first. Beyond ATTEMPTS_MAX the oldest is forgotten. */
struct attempts {
    struct pool pool;        /* struct attempt */
    struct table by_call;
    uint32_t first, last;
};

void attempts_init(struct attempts *attempts);
void attempts_fini(struct attempts *attempts);

void attempts_add(struct attempts *attempts, uint64_t call, int64_t at_ns, uint16_t where, uint8_t way);

/* A response came, or the call is of no interest any more. */
void attempts_drop(struct attempts *attempts, uint64_t call);

/* Takes out the oldest one whose time is over before `now_ns`; false: there is none. */
bool attempts_due(struct attempts *attempts, int64_t now_ns, struct attempt *attempt);

#endif

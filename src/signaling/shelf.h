/* Calls that are over, in as few bytes as hold all that is known of them. Private to signaling/. */
#ifndef SIGNALING_SHELF_H
#define SIGNALING_SHELF_H

#include "signaling/call.h"

void shelf_fini(struct shelf *shelf);

/* False for what only a whole call can hold: findings, other legs, kept messages, a Call-ID that is missing or very long. */
bool shelf_takes(const struct call *call);

/* Packs a copy of the call and its transactions; returns its place, PLACE_GONE without memory. */
uint32_t shelf_put(struct shelf *shelf, const struct call *call, const struct pool *transactions);

/* Gives the place back. */
void shelf_give(struct shelf *shelf, uint32_t place);

/* The transactions of a packed call: where they stand. */
struct shelf_transactions {
    const uint8_t *at;
    unsigned count;
    int64_t start_ns;
};

/* The packed call as it was but for its transactions. Fills in *call, zeroed before; its texts borrow from the shelf, call->keys is
   `keys` or NULL. */
struct shelf_transactions shelf_read(const struct shelf *shelf, uint32_t place, struct call *call, struct call_keys *keys);

/* False without memory: then nothing was taken from the pool. */
bool shelf_read_transactions(struct shelf_transactions packed, struct transactions *transactions, struct pool *pool);

/* What a call is found by. */
bool shelf_has_key(const struct shelf *shelf, uint32_t place, struct call_key key);

/* When the packed call began, and its link of that trace; false where it has none. */
bool shelf_trace(const struct shelf *shelf, uint32_t place, enum trace trace, int64_t *start_ns, struct trace_link *link);

/* Fetches the memory that shelf_has_key looks at. */
void shelf_fetch(const struct shelf *shelf, uint32_t place);

#endif

/* A store beside the store: of each call only the newest copy waits, however long the pause is. */
#include "ui/held.h"

void held_fini(struct held *held)
{
    call_store_fini(&held->calls);
    id_set_fini(&held->gone);
    *held = (struct held){0};
}

bool held_take(struct held *held, struct snapshot *snapshot, uint64_t last)
{
    for (size_t i = 0; i < snapshot->gone_count; i++)
        id_set_add(&held->gone, snapshot->gone[i]);
    call_store_apply(&held->calls, snapshot);
    held->new_calls = 0;
    while (held->new_calls < held->calls.count && held->calls.calls[held->calls.count - 1 - held->new_calls].id > last)
        held->new_calls++;
    return held->bytes_max == 0 || held->calls.bytes <= held->bytes_max;
}

/* What was refused is taken out first: a call that is wanted again waits among the calls. */
void held_release(struct held *held, struct call_store *store)
{
    struct snapshot waiting = {.calls = held->calls.calls,
                               .call_count = held->calls.count,
                               .loose = held->calls.loose,
                               .gone = held->gone.ids,
                               .gone_count = held->gone.count,
                               .lost = held->calls.lost,
                               .words = held->calls.words};
    call_store_apply(store, &waiting);
    held->calls.calls = waiting.calls; /* its copies are the store's now; the arrays are freed with the rest */
    held->calls.count = 0;
    held->calls.loose = waiting.loose;
    size_t bytes_max = held->bytes_max;
    held_fini(held);
    held->bytes_max = bytes_max;
}

/* What comes while the screens stand still: it waits here, and the capture goes on. */
#ifndef UI_HELD_H
#define UI_HELD_H

#include "ui/call_store.h"
#include "ui/id_set.h"

/* Zeroed memory is valid: nothing waits. Owns the copies. */
struct held {
    bool paused;
    struct call_store calls;       /* new ones, and new copies of those that are shown */
    struct id_set gone;            /* calls that are not to be shown (again) */
    uint64_t new_calls;            /* since the pause began */
    uint64_t packets;              /* of the capture, when it began */
    size_t bytes_max;              /* 0: no limit */
};

void held_fini(struct held *held);

/* Takes the snapshot's calls over; last: the greatest id that is shown. False when too much waits: the pause has to end. */
bool held_take(struct held *held, struct snapshot *snapshot, uint64_t last);

/* Ends the pause: all that waited goes to the store. */
void held_release(struct held *held, struct call_store *store);

#endif

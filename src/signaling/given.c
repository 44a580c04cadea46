/* What was given of calls to who looks on: a call that is packed meanwhile has been given as it is, and is not looked at again. */
#include "signaling/publish.h"

enum { WATCHED = 1, REFUSED = 2 };

/* All that a record can change by, but time and media. Never 0; the lowest two bits are free for what was decided about it. */
static uint64_t watch_digest(const struct call *call, enum call_state state)
{
    return (uint64_t)call->messages << 32 | (uint64_t)state << 24 | (uint64_t)call->finding_count << 16 |
           (uint64_t)call->related_count << 8;
}

void given_note(const struct calls *calls, struct call *call, bool wanted)
{
    call->watched = watch_digest(call, dialog_state(call, calls->now_ns)) | WATCHED | (wanted ? 0 : REFUSED);
}

void given_unpacked(struct calls *calls, struct call *call)
{
    if (!calls->watched)
        return;
    calls->rested[dialog_state(call, calls->now_ns)]--;
    given_note(calls, call, true); /* else it would not have been packed */
}

void given_packed(struct calls *calls, enum call_state state)
{
    calls->rested[state] += calls->watched;
}

bool given_same(const struct call *call, enum call_state state)
{
    return (call->watched & ~(uint64_t)REFUSED) == (watch_digest(call, state) | WATCHED);
}

bool given_refused(const struct call *call)
{
    return (call->watched & REFUSED) != 0;
}

bool publish_given(const struct calls *calls, const struct call *call)
{
    return call->session == SESSION_NONE && !given_refused(call) && given_same(call, dialog_state(call, calls->now_ns));
}

bool given_for_good(const struct calls *calls, const struct call *call)
{
    return publish_given(calls, call) && dialog_state(call, calls->now_ns) == dialog_state(call, INT64_MAX);
}

/* Calls as they are while they go on, for screens: only what changed since the last look is made into records. */
#include "signaling/publish.h"

/* All that a record can change by, but time and media. Never 0; the lowest two bits are free for what was decided about it. */
static uint64_t watch_digest(const struct call *call, enum call_state state)
{
    return (uint64_t)call->messages << 32 | (uint64_t)state << 24 | (uint64_t)call->finding_count << 16 |
           (uint64_t)call->related_count << 8;
}

enum { WATCHED = 1, REFUSED = 2 };

static bool media_flows(const struct call *call)
{
    return call->session != SESSION_NONE && !dialog_ended(call);
}

bool publish_given(const struct calls *calls, const struct call *call)
{
    return call->session == SESSION_NONE &&
           call->watched == (watch_digest(call, dialog_state(call, calls->now_ns)) | WATCHED);
}

static void call_watch(struct calls *calls, struct call *call, uint64_t digest, record_reader *read, void *context)
{
    const struct calls_config *config = &calls->config;
    struct publish_room room;
    struct call_record record;
    publish_record(calls, call, &room, &record);
    if (config->describe != NULL)
        config->describe(config->complete_context, call->session, &record);
    for (const struct call_finding *at = call->findings; at != NULL; at = at->next)
        record.findings[at->rule->severity]++;
    bool wanted = config->wanted == NULL || config->wanted(config->wanted_context, &record);
    call->watched = digest | WATCHED | (wanted ? 0 : REFUSED);
    if (!wanted)
        return;
    read(context, &(struct record){.kind = RECORD_CALL, .call = &record});
    publish_findings(call, read, context);
    if (config->streams != NULL)
        config->streams(config->complete_context, call->session, &record, read, context);
}

void calls_watch(struct calls *calls, record_reader *read, void *context, struct calls_totals *totals)
{
    *totals = calls->totals;
    calls->watched = true;
    for (uint32_t number = call_oldest(calls); number != POOL_NONE; number = call_newer(calls, number)) {
        struct call *call = call_open(calls, number);
        if (call == NULL || call->watched == WATCHED_PUBLISHED)
            continue;
        enum call_state state = dialog_state(call, calls->now_ns);
        uint64_t digest = watch_digest(call, state);
        if ((call->watched & ~(uint64_t)REFUSED) != (digest | WATCHED) || media_flows(call))
            call_watch(calls, call, digest, read, context);
        if (call->watched & REFUSED)
            continue;
        totals->calls++;
        totals->states[state]++;
        for (const struct call_finding *at = call->findings; at != NULL; at = at->next)
            totals->findings[at->rule->severity]++;
    }
}

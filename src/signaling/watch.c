/* Calls as they are while they go on, for screens: only what changed since the last look is made into records. */
#include "signaling/publish.h"

static bool media_flows(const struct call *call)
{
    return call->session != SESSION_NONE && !dialog_ended(call);
}

static void call_watch(struct calls *calls, struct call *call, record_reader *read, void *context)
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
    given_note(calls, call, wanted);
    if (!wanted)
        return;
    read(context, &(struct record){.kind = RECORD_CALL, .call = &record});
    publish_findings(call, read, context);
    if (config->streams != NULL)
        config->streams(config->complete_context, call->session, &record, read, context);
}

/* What is not published yet. */
static void calls_count(struct calls *calls, struct calls_totals *totals)
{
    for (int state = 0; state < CALL_STATE_COUNT; state++) {
        totals->calls += calls->rested[state];
        totals->states[state] += calls->rested[state];
    }
    for (uint32_t number = call_oldest(calls); number != POOL_NONE; number = call_newer(calls, number)) {
        const struct call *call = call_live(calls, number);
        if (call == NULL || call->watched == WATCHED_PUBLISHED || given_refused(call))
            continue;
        totals->calls++;
        totals->states[dialog_state(call, calls->now_ns)]++;
        for (const struct call_finding *at = call->findings; at != NULL; at = at->next)
            totals->findings[at->rule->severity]++;
    }
}

/* Packed calls were given, and are counted where they are packed; but what was packed before the first look was not. */
void calls_watch(struct calls *calls, record_reader *read, void *context, struct calls_totals *totals)
{
    bool first = !calls->watched;
    for (uint32_t number = call_oldest(calls); number != POOL_NONE; number = call_newer(calls, number)) {
        struct call *call = first ? call_open(calls, number) : call_live(calls, number);
        if (call != NULL && call->watched != WATCHED_PUBLISHED) {
            if (!given_same(call, dialog_state(call, calls->now_ns)) || media_flows(call))
                call_watch(calls, call, read, context);
            if (calls->places != NULL && !call->noted && dialog_ended(call))
                call_rest_note(calls, call, number);
        }
    }
    calls->watched = true;
    *totals = calls->totals;
    calls_count(calls, totals);
}

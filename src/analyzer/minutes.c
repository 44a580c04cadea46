/* Two queues, each in order of time without being sorted: of calls that go on, whose next minute is one minute behind their last, and of
   calls that said BYE, which are looked at once more when packets under way have arrived. */
#include "analyzer/minutes.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/pool.h"
#include "base/table.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define LATE_NS (2 * NS_PER_SECOND) /* behind a BYE */

enum { QUIET_MINUTES = 10 }; /* a call whose BYE was not captured has no minutes for ever */

enum queue { QUEUE_ON, QUEUE_ENDING, QUEUES, QUEUE_NONE };

/* What a minute was, for a call of which nobody knows yet whether it is wanted. */
struct minute_kept {
    struct minute_kept *next;
    struct minute_way ways[MEDIA_WAYS];
    struct minute_record record; /* texts and ways are put in again */
};

struct minute_call {
    uint32_t call, session;
    uint32_t before, after;   /* in its queue; POOL_NONE */
    uint8_t queue;            /* enum queue */
    uint8_t quiet;            /* minutes in a row without a packet */
    bool outbound;
    int64_t due_ns, since_ns;
    struct slice call_id;     /* owned */
    struct minute_kept *first, *last; /* owned */
    struct media_way counted[MEDIA_WAYS]; /* up to the last minute */
};

struct ends {
    uint32_t first, last;
};

struct minutes {
    struct minutes_config config;
    struct pool calls;        /* struct minute_call */
    struct table by_call;     /* record id -> call */
    struct ends queues[QUEUES];
    size_t kept;              /* records */
    size_t text_bytes;        /* of Call-IDs */
};

struct minutes *minutes_new(const struct minutes_config *config)
{
    struct minutes *minutes = calloc(1, sizeof *minutes);
    if (minutes == NULL)
        return NULL;
    minutes->config = *config;
    pool_init(&minutes->calls, sizeof(struct minute_call));
    for (int i = 0; i < QUEUES; i++)
        minutes->queues[i] = (struct ends){POOL_NONE, POOL_NONE};
    return minutes;
}

static void call_free(struct minutes *minutes, struct minute_call *call)
{
    for (struct minute_kept *kept = call->first, *next; kept != NULL; kept = next) {
        next = kept->next;
        free(kept);
        minutes->kept--;
    }
    minutes->text_bytes -= call->call_id.len;
    free((void *)(uintptr_t)call->call_id.data);
}

static struct minute_call *call_at(const struct minutes *minutes, uint32_t number)
{
    return pool_at(&minutes->calls, number);
}

void minutes_free(struct minutes *minutes)
{
    if (minutes == NULL)
        return;
    for (uint32_t i = 0; minutes->by_call.slots != NULL && i <= minutes->by_call.mask; i++)
        if (minutes->by_call.slots[i].index != TABLE_NONE)
            call_free(minutes, call_at(minutes, minutes->by_call.slots[i].index));
    pool_fini(&minutes->calls);
    table_fini(&minutes->by_call);
    free(minutes);
}

static uint32_t call_find(const struct minutes *minutes, uint32_t call)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&minutes->by_call, hash_word(0, call), &cursor)) != TABLE_NONE)
        if (call_at(minutes, number)->call == call)
            return number;
    return POOL_NONE;
}

static void queue_leave(struct minutes *minutes, uint32_t number)
{
    struct minute_call *call = call_at(minutes, number);
    if (call->queue == QUEUE_NONE)
        return;
    struct ends *ends = &minutes->queues[call->queue];
    *(call->before == POOL_NONE ? &ends->first : &call_at(minutes, call->before)->after) = call->after;
    *(call->after == POOL_NONE ? &ends->last : &call_at(minutes, call->after)->before) = call->before;
    call->queue = QUEUE_NONE;
}

static void queue_join(struct minutes *minutes, uint32_t number, enum queue queue, int64_t due_ns)
{
    struct minute_call *call = call_at(minutes, number);
    struct ends *ends = &minutes->queues[queue];
    queue_leave(minutes, number);
    call->queue = (uint8_t)queue;
    call->due_ns = due_ns;
    call->before = ends->last;
    call->after = POOL_NONE;
    *(ends->last == POOL_NONE ? &ends->first : &call_at(minutes, ends->last)->after) = number;
    ends->last = number;
}

static int64_t next_due(const struct minutes *minutes)
{
    int64_t due_ns = INT64_MAX;
    for (int i = 0; i < QUEUES; i++)
        if (minutes->queues[i].first != POOL_NONE && call_at(minutes, minutes->queues[i].first)->due_ns < due_ns)
            due_ns = call_at(minutes, minutes->queues[i].first)->due_ns;
    return due_ns;
}

static void call_begin(struct minutes *minutes, const struct minutes_sight *seen)
{
    uint32_t number;
    struct minute_call *call = pool_take(&minutes->calls, &number);
    char *call_id = call == NULL ? NULL : malloc(seen->call_id.len + 1);
    if (call == NULL)
        return;
    if (call_id == NULL || !table_add(&minutes->by_call, hash_word(0, seen->call), number)) {
        free(call_id);
        pool_give(&minutes->calls, number);
        return;
    }
    if (seen->call_id.len > 0)
        memcpy(call_id, seen->call_id.data, seen->call_id.len);
    *call = (struct minute_call){.call = seen->call,
                                 .session = seen->session,
                                 .queue = QUEUE_NONE,
                                 .outbound = seen->direction == DIRECTION_OUTBOUND,
                                 .since_ns = seen->at_ns,
                                 .call_id = slice_of(call_id, seen->call_id.len)};
    minutes->text_bytes += call->call_id.len;
    if (!media_ways(minutes->config.media, seen->session, call->counted)) /* media before the answer are of no minute */
        call->counted[0].rtt_ns = call->counted[1].rtt_ns = CLOCK_NONE;
    queue_join(minutes, number, QUEUE_ON, seen->at_ns + MINUTE_NS);
}

int64_t minutes_see(struct minutes *minutes, const struct minutes_sight *seen)
{
    uint32_t number = seen->answer || seen->bye ? call_find(minutes, seen->call) : POOL_NONE;
    if (number == POOL_NONE) {
        if (seen->answer && seen->session != SESSION_NONE && seen->direction != DIRECTION_ANY)
            call_begin(minutes, seen);
    } else {
        call_at(minutes, number)->session = seen->session;
        if (seen->bye && call_at(minutes, number)->queue == QUEUE_ON)
            queue_join(minutes, number, QUEUE_ENDING, seen->at_ns + LATE_NS);
    }
    return next_due(minutes);
}

static struct minute_way way_of(const struct media_way *before, const struct media_way *now)
{
    static const struct media_way nothing = {0};
    if (now->packets < before->packets || now->rtcp_packets < before->rtcp_packets || now->jitter_samples < before->jitter_samples)
        before = &nothing; /* streams of another hop were counted, as long as the trunk's had not come */
    uint64_t samples = now->jitter_samples - before->jitter_samples;
    return (struct minute_way){.rtp_packets = now->packets - before->packets,
                               .rtp_bytes = now->bytes - before->bytes,
                               .rtcp_packets = now->rtcp_packets - before->rtcp_packets,
                               .rtcp_bytes = now->rtcp_bytes - before->rtcp_bytes,
                               .packets_lost = now->expected > 0 ? now->lost : NUMBER_NONE,
                               .jitter = samples == 0 ? CLOCK_NONE : (int64_t)((now->jitter_sum_ns - before->jitter_sum_ns) / (double)samples)};
}

/* The worse one of those that are known. */
static double mos_of(const struct minute_call *call, const struct media_way now[MEDIA_WAYS])
{
    double mos = NAN;
    for (int i = 0; i < MEDIA_WAYS; i++) {
        double one = media_way_mos(&call->counted[i], &now[i]);
        mos = isnan(mos) || one < mos ? one : mos;
    }
    return mos;
}

/* Whose minute it is. False where nothing is known of the call. */
static bool record_complete(const struct minutes *minutes, const struct minute_call *call, const struct minute_way ways[MEDIA_WAYS],
                            struct minute_record *record)
{
    const struct call_trunk *trunk = trunk_facts(minutes->config.trunk, call->call);
    if (trunk == NULL)
        return false;
    record->call = call->call;
    record->call_id = call->call_id;
    record->transaction = trunk->transaction;
    record->connector = trunk->connector;
    record->region = trunk->region;
    record->direction = slice_str(call->outbound ? "outbound" : "inbound");
    record->source = trunk->source;
    record->destination = trunk->destination;
    record->from_customer = &ways[call->outbound ? MEDIA_TO_CALLEE : MEDIA_TO_CALLER];
    record->to_customer = &ways[call->outbound ? MEDIA_TO_CALLER : MEDIA_TO_CALLEE];
    return true;
}

static void record_give(struct minutes *minutes, struct minute_call *call, const struct minute_way ways[MEDIA_WAYS], struct minute_record *record)
{
    if (!minutes->config.keep) {
        if (record_complete(minutes, call, ways, record))
            minutes->config.publish(minutes->config.publish_context, &(struct record){.kind = RECORD_MINUTE, .minute = record});
        return;
    }
    struct minute_kept *kept = malloc(sizeof *kept);
    if (kept == NULL)
        return;
    *kept = (struct minute_kept){.record = *record};
    memcpy(kept->ways, ways, sizeof kept->ways);
    *(call->last == NULL ? &call->first : &call->last->next) = kept;
    call->last = kept;
    minutes->kept++;
}

/* force: a minute in which nothing came is told too. */
static void minute_publish(struct minutes *minutes, struct minute_call *call, int64_t at_ns, bool last, bool force)
{
    struct media_way now[MEDIA_WAYS];
    if (!media_ways(minutes->config.media, call->session, now))
        return;
    bool news = false;
    struct minute_way ways[MEDIA_WAYS];
    for (int i = 0; i < MEDIA_WAYS; i++) {
        ways[i] = way_of(&call->counted[i], &now[i]);
        news |= ways[i].rtp_packets + ways[i].rtcp_packets > 0;
    }
    call->quiet = news ? 0 : (uint8_t)(call->quiet + 1);
    if (!news && !force)
        return;
    int64_t round_trip = now[MEDIA_TO_CALLER].rtt_ns != CLOCK_NONE ? now[MEDIA_TO_CALLER].rtt_ns : now[MEDIA_TO_CALLEE].rtt_ns;
    struct minute_record record = {.since = call->since_ns, .at = at_ns, .rtt = round_trip, .mos = mos_of(call, now), .last = last};
    for (int i = 0; i < MEDIA_WAYS; i++)
        call->counted[i] = now[i];
    call->since_ns = at_ns;
    record_give(minutes, call, ways, &record);
}

int64_t minutes_pass(struct minutes *minutes, int64_t now_ns)
{
    for (int64_t due_ns; (due_ns = next_due(minutes)) <= now_ns;) {
        uint32_t on = minutes->queues[QUEUE_ON].first;
        bool ending = on == POOL_NONE || call_at(minutes, on)->due_ns > due_ns;
        uint32_t number = ending ? minutes->queues[QUEUE_ENDING].first : on;
        minute_publish(minutes, call_at(minutes, number), due_ns, ending, true);
        if (ending || call_at(minutes, number)->quiet >= QUIET_MINUTES)
            queue_leave(minutes, number);
        else
            queue_join(minutes, number, QUEUE_ON, due_ns + MINUTE_NS);
    }
    return next_due(minutes);
}

void minutes_end(struct minutes *minutes, uint32_t id, uint32_t session, int64_t at_ns)
{
    uint32_t number = call_find(minutes, id);
    if (number == POOL_NONE)
        return;
    struct minute_call *call = call_at(minutes, number);
    call->session = session;
    minute_publish(minutes, call, at_ns, true, call->queue != QUEUE_NONE);
    queue_leave(minutes, number);
}

void minutes_forget(struct minutes *minutes, uint32_t id, bool wanted)
{
    uint32_t number = call_find(minutes, id);
    if (number == POOL_NONE)
        return;
    struct minute_call *call = call_at(minutes, number);
    for (struct minute_kept *kept = call->first; kept != NULL && wanted; kept = kept->next)
        if (record_complete(minutes, call, kept->ways, &kept->record))
            minutes->config.publish(minutes->config.publish_context, &(struct record){.kind = RECORD_MINUTE, .minute = &kept->record});
    queue_leave(minutes, number);
    (void)table_remove(&minutes->by_call, hash_word(0, id), number);
    call_free(minutes, call);
    pool_give(&minutes->calls, number);
}

size_t minutes_bytes(const struct minutes *minutes)
{
    return minutes->calls.live * (sizeof(struct minute_call) + 2 * sizeof(struct table_slot)) + minutes->text_bytes +
           minutes->kept * sizeof(struct minute_kept);
}

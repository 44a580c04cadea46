/* What media says of a call when its record is made: its streams, its worst figures, its digits, a direction that is missing. */
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/sdp.h"
#include "media/describe.h"
#include "media/digits.h"
#include "media/flow.h"
#include "media/score.h"

/* A call that talked for less says nothing about a direction without media. */
#define ONE_WAY_NS (3 * NS_PER_SECOND)
/* A direction that flows has so many packets. */
enum { FLOWS_PACKETS = 50 };

/* The session's streams in order of their beginning; NULL without memory. To be freed. */
static struct stream_order *streams_ordered(const struct media *media, const struct session *session, size_t *count)
{
    *count = 0;
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next)
        ++*count;
    struct stream_order *order = malloc((*count + 1) * sizeof *order);
    *count = 0;
    for (uint32_t at = session->streams; at != POOL_NONE && order != NULL; at = detail_at(media, at)->links[LIST_SESSION].next)
        order[(*count)++] = (struct stream_order){.id = detail_at(media, at)->id, .number = at};
    if (order != NULL)
        streams_sort(order, *count);
    return order;
}

void media_release(struct media *media, uint32_t number, const struct call_record *call)
{
    size_t count = 0;
    if (number == SESSION_NONE)
        return;
    struct session *session = session_at(media, number);
    struct stream_order *order = call == NULL ? NULL : streams_ordered(media, session, &count);
    for (size_t i = 0; i < count; i++)
        describe_publish(media, order[i].number, call);
    free(order);
    while (session->streams != POOL_NONE)
        stream_free(media, session->streams);
    session_free(media, number);
}

void media_streams(struct media *media, uint32_t number, const struct call_record *call, record_reader *read, void *context)
{
    size_t count = 0;
    if (number == SESSION_NONE || session_at(media, number)->streams == POOL_NONE)
        return;
    struct stream_order *order = streams_ordered(media, session_at(media, number), &count);
    for (size_t i = 0; i < count; i++)
        describe_give(media, order[i].number, call, read, context);
    free(order);
}

/* What arrived at one side of the call. */
struct direction {
    uint64_t packets;
    uint64_t first_frame;
    int64_t first_ns;
    struct endpoint dst;
};

/* Media that ended before the answer (a ring tone) is no conversation. */
static void directions_sum(const struct media *media, const struct session *session, int64_t answer_ns, struct direction toward[SIDES])
{
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next) {
        const struct detail *detail = detail_at(media, at);
        struct direction *direction = &toward[detail->toward];
        if (detail->kind == MEDIA_VIDEO || detail->kind == MEDIA_OTHER || stream_at(media, at)->arrival_ns < answer_ns)
            continue;
        if (direction->packets == 0 || detail->first_frame < direction->first_frame) {
            direction->first_frame = detail->first_frame;
            direction->first_ns = detail->first_ns;
            direction->dst = detail->dst;
        }
        direction->packets += stream_at(media, at)->packets;
    }
}

static bool sends(const struct side *side)
{
    return side->audio.family != 0 && !side->held && (side->direction == SDP_SENDRECV || side->direction == SDP_SENDONLY);
}

static bool receives(const struct side *side)
{
    return side->audio.family != 0 && !side->held && (side->direction == SDP_SENDRECV || side->direction == SDP_RECVONLY);
}

/* RFC 1918, RFC 6598 and RFC 4193 addresses. */
static bool address_is_private(const struct endpoint *endpoint)
{
    const uint8_t *a = endpoint->address;
    if (endpoint->family == 6)
        return (a[0] & 0xfe) == 0xfc;
    return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) || (a[0] == 100 && (a[1] & 0xc0) == 64);
}

/* A stream of no call from the silent side's address, or to the deaf side's: media that went elsewhere. POOL_NONE. */
static uint32_t astray_find(const struct media *media, const struct side *from, const struct side *to, int64_t since_ns)
{
    enum { LOOKS = 4096 };
    for (uint32_t i = 0; i < media->details.used && i < LOOKS; i++) {
        const struct detail *detail = detail_at(media, i);
        if (detail->id == 0 || detail->session != SESSION_NONE || stream_at(media, i)->arrival_ns < since_ns)
            continue;
        if (memcmp(detail->src.address, from->audio.address, sizeof detail->src.address) == 0 ||
            memcmp(detail->dst.address, to->audio.address, sizeof detail->dst.address) == 0)
            return i;
    }
    return POOL_NONE;
}

static void cause_put(const struct media *media, const struct side *from, const struct side *to, int64_t since_ns, char *out,
                      size_t size)
{
    char announced[ENDPOINT_TEXT_SIZE], signaling[ENDPOINT_TEXT_SIZE];
    endpoint_format(&to->audio, announced);
    endpoint_format(&to->signaling, signaling);
    uint32_t astray = astray_find(media, from, to, since_ns);
    if (address_is_private(&to->audio) && !address_is_private(&to->signaling)) {
        snprintf(out, size, "the receiver announced the private address %s while it signals from %s", announced, signaling);
    } else if (astray != POOL_NONE) {
        char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
        endpoint_format(&detail_at(media, astray)->src, src);
        endpoint_format(&detail_at(media, astray)->dst, dst);
        snprintf(out, size, "%s was announced, but RTP flows from %s to %s", announced, src, dst);
    } else {
        snprintf(out, size, "%s was announced and no RTP stream to it passed the tap", announced);
    }
}

/* RTP went to the endpoint after that time, whichever call it was tied to. */
static bool was_heard(const struct media *media, const struct endpoint *endpoint, int64_t since_ns)
{
    uint64_t hash = endpoint_hash(media->config.hash_seed, endpoint) | 1;
    const struct heard_at *gone = &media->heard[hash >> 32 & (HEARD_KEPT - 1)];
    uint32_t number = port_find(media, endpoint);
    bool heard = gone->hash == hash && gone->last_ns >= since_ns;
    for (uint32_t at = number == POOL_NONE ? POOL_NONE : port_at(media, number)->streams_to; at != POOL_NONE && !heard; at = detail_at(media, at)->links[LIST_TO].next)
        heard = (stream_at(media, at)->flags & STREAM_PROVEN) && stream_at(media, at)->arrival_ns >= since_ns;
    return heard;
}

bool media_one_way(struct media *media, uint32_t number, const struct call_record *call, int64_t least_ns, struct media_one_way *found)
{
    static const char *const names[SIDES] = {"caller", "callee"};
    if (number == SESSION_NONE || call->answer == CLOCK_NONE || (call->end == CLOCK_NONE && media->now_ns == CLOCK_NONE))
        return false;
    const struct session *session = session_at(media, number);
    int64_t end = call->end != CLOCK_NONE ? call->end : media->now_ns;
    struct direction toward[SIDES] = {0};
    directions_sum(media, session, call->answer, toward);
    int deaf = toward[SIDE_CALLER].packets == 0 ? SIDE_CALLER : SIDE_CALLEE;
    const struct side *to = &session->sides[deaf], *from = &session->sides[!deaf];
    if (end - call->answer < (least_ns == CLOCK_NONE ? ONE_WAY_NS : least_ns) || toward[deaf].packets > 0 || toward[!deaf].packets < FLOWS_PACKETS || !sends(from) ||
        !receives(to))
        return false;
    if (was_heard(media, &to->audio, call->answer))
        return false; /* tied to another leg of the conversation: it did pass */
    char cause[250];
    cause_put(media, from, to, call->start, cause, sizeof cause);
    snprintf(found->text, sizeof found->text, "No RTP from %s to %s, %llu packets the other way: %s.", names[!deaf], names[deaf],
             (unsigned long long)toward[!deaf].packets, cause);
    endpoint_format(&to->audio, found->subject);
    found->frame = toward[!deaf].first_frame;
    found->at_ns = toward[!deaf].first_ns;
    return true;
}

static bool ids_reserve(struct media *media, size_t count)
{
    if (count <= media->ids_room)
        return true;
    uint64_t *grown = realloc(media->ids_scratch, count * 2 * sizeof *grown);
    if (grown == NULL)
        return false;
    media->ids_scratch = grown;
    media->ids_room = count * 2;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* The worst of the call's audio streams. */
static void worst_put(struct media *media, uint32_t number, struct call_record *call)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    stream_fold(stream, detail);
    uint64_t expected = stream_expected(stream, detail), unique = stream_unique(stream, detail);
    double loss = expected > unique ? 100 * (double)(expected - unique) / (double)expected : 0;
    call->loss_pct = isnan(call->loss_pct) || loss > call->loss_pct ? loss : call->loss_pct;
    if (detail->jitter_samples > 0 && detail->kind != MEDIA_VIDEO) {
        int64_t jitter = (int64_t)(detail->jitter_sum / (double)detail->jitter_samples);
        call->jitter = jitter > call->jitter ? jitter : call->jitter; /* CLOCK_NONE is the smallest */
    }
    double lq = score_lq(media, number);
    if (!isnan(lq) && (isnan(call->mos) || lq < call->mos))
        call->mos = lq;
}

void media_describe(struct media *media, uint32_t number, struct call_record *call)
{
    if (number == SESSION_NONE)
        return;
    const struct session *session = session_at(media, number);
    size_t count = 0;
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next) {
        if (!ids_reserve(media, count + 1))
            return;
        media->ids_scratch[count++] = detail_at(media, at)->id;
        worst_put(media, at, call);
    }
    if (count > 1)
        qsort(media->ids_scratch, count, sizeof *media->ids_scratch, by_number);
    call->streams = (struct number_list){media->ids_scratch, count};
    call->dtmf = digits_text(media, session);
}

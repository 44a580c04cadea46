/* Whether one of a call's two directions has no media, and what may be the cause. */
#include <stdio.h>

#include "media/flow.h"

/* A call that talked for less says nothing about a direction without media. */
#define ONE_WAY_NS (3 * NS_PER_SECOND)
/* A direction that flows has so many packets. */
enum { FLOWS_PACKETS = 50 };

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

/* Whether one of a call's two directions has no media, and what may be the cause. */
#include <stdio.h>

#include "media/flow.h"

/* A call that talked for less says nothing about a direction without media. */
#define ONE_WAY_NS (3 * NS_PER_SECOND)
/* A direction that flows has so many packets; with less than FEW it never really did. */
enum { FLOWS_PACKETS = 50, FEW_PACKETS = 10 };
/* Media that was there stopped when it is missing for so long to the end, while the other direction goes on without a longer break than
   BREAK_NS, to within END_NS of the end. A sender is not asked to fill short silences. */
#define STOPPED_NS (10 * NS_PER_SECOND)
#define STOPPED_FEW_NS (5 * NS_PER_SECOND)
#define BREAK_NS (1 * NS_PER_SECOND)
#define END_NS (3 * NS_PER_SECOND)

/* What arrived at one side of the call. */
struct direction {
    uint64_t packets;
    uint64_t first_frame;
    int64_t first_ns, last_ns;
    uint32_t newest;      /* the stream that had a packet last; POOL_NONE */
    uint32_t astray;      /* a stream that went to another port than its receiver uses; POOL_NONE */
    uint32_t behind;      /* a stream that goes on to a port that its receiver left; POOL_NONE */
};

/* On one hop of the call, or on all of it where it has one. */
struct passage {
    struct direction toward[SIDES];
    const struct side *sides;
};

static unsigned hops_announced(const struct media *media, const struct session *session, const struct endpoint *endpoint)
{
    uint32_t number = port_find(media, endpoint);
    const struct port *port = number == POOL_NONE ? NULL : port_at(media, number);
    return port == NULL || port->session == SESSION_NONE || session_at(media, port->session) != session ? 0 : port->hops;
}

/* Bits: the hops that the stream may be of, by the endpoints that were announced there. */
static unsigned hops_of(const struct media *media, const struct session *session, const struct detail *detail)
{
    unsigned to = hops_announced(media, session, &detail->dst), from = hops_announced(media, session, &detail->src);
    return (to & from) != 0 ? to & from : to != 0 ? to : from != 0 ? from : (1U << HOPS_MAX) - 1;
}

/* heard_ns: when a packet of the stream was last heard. */
static void direction_add(struct direction *direction, uint32_t number, const struct stream *stream, const struct detail *detail, int64_t heard_ns)
{
    if (direction->packets == 0 || detail->first_frame < direction->first_frame) {
        direction->first_frame = detail->first_frame;
        direction->first_ns = detail->first_ns;
    }
    if (direction->newest == POOL_NONE || heard_ns > direction->last_ns) {
        direction->last_ns = heard_ns;
        direction->newest = number;
    }
    direction->packets += stream->packets;
}

/* When a stream of the session had a packet last that was sent from the endpoint; CLOCK_NONE. INT64_MAX: there are too many to tell. */
static int64_t sent_from(const struct media *media, const struct session *session, const struct endpoint *endpoint)
{
    enum { LOOKS = 256 };
    int64_t last_ns = CLOCK_NONE;
    unsigned looks = 0;
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next)
        if (++looks > LOOKS)
            return INT64_MAX;
        else if (endpoint_equal(&detail_at(media, at)->src, endpoint) && stream_at(media, at)->arrival_ns > last_ns)
            last_ns = stream_at(media, at)->arrival_ns; /* CLOCK_NONE is the smallest */
    return last_ns;
}

/* The stream goes to a port of its receiver's host that was never announced and that nothing is sent from. */
static bool goes_astray(const struct media *media, const struct session *session, const struct detail *detail, const struct side *to)
{
    uint32_t number = detail->why == WHY_SYMMETRIC && endpoint_equal_address(&detail->dst, &to->audio) ? port_find(media, &detail->dst) : POOL_NONE;
    const struct port *port = number == POOL_NONE ? NULL : port_at(media, number);
    return port != NULL && port->session == SESSION_NONE && port->streams_from == POOL_NONE && sent_from(media, session, &detail->dst) == CLOCK_NONE;
}

/* The stream goes on to a port that its receiver announced before, and left: it announced another one since, sends from that one, and
   no more from this one. Until media comes to the new one, it is to listen here too (RFC 3264 8.3.1): only a long while says something. */
static bool lags_behind(const struct media *media, const struct session *session, const struct stream *stream, const struct detail *detail,
                        const struct side *to)
{
    uint32_t number = detail->why == WHY_SDP && stream->arrival_ns - to->turned_ns >= STOPPED_NS ? port_find(media, &detail->dst) : POOL_NONE;
    const struct port *port = number == POOL_NONE ? NULL : port_at(media, number);
    if (port == NULL || port->session == SESSION_NONE || session_at(media, port->session) != session || port->announced_ns >= to->turned_ns ||
        endpoint_equal(&detail->dst, &to->audio))
        return false;
    return sent_from(media, session, &to->audio) >= to->turned_ns + STOPPED_NS && sent_from(media, session, &detail->dst) < to->turned_ns + END_NS;
}

static void passage_add(const struct media *media, const struct session *session, struct passage *passage, uint32_t number)
{
    const struct detail *detail = detail_at(media, number);
    const struct stream *stream = stream_at(media, number);
    const struct side *to = passage->sides == NULL ? NULL : &passage->sides[detail->toward];
    struct direction *direction = &passage->toward[detail->toward];
    if (to != NULL && goes_astray(media, session, detail, to)) {
        direction->astray = number;
        return;
    }
    bool lags = to != NULL && lags_behind(media, session, stream, detail, to);
    direction->behind = lags ? number : direction->behind;
    direction_add(direction, number, stream, detail, lags ? to->turned_ns : stream->arrival_ns);
}

/* Media that ended before the answer (a ring tone) is no conversation. */
static void passages_sum(const struct media *media, const struct session *session, int64_t answer_ns, struct passage passages[], unsigned count)
{
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next) {
        const struct detail *detail = detail_at(media, at);
        if (detail->kind == MEDIA_VIDEO || detail->kind == MEDIA_OTHER || stream_at(media, at)->arrival_ns < answer_ns)
            continue;
        unsigned hops = count == 1 ? 1 : hops_of(media, session, detail);
        for (unsigned i = 0; i < count; i++)
            if (hops >> i & 1)
                passage_add(media, session, &passages[i], at);
    }
}

static bool hop_is_known(const struct hop *hop)
{
    return !hop->left && hop->sides[SIDE_CALLER].audio.family != 0 && hop->sides[SIDE_CALLEE].audio.family != 0;
}

/* How many passages there are to judge, with what was said on each: the call as one where its hops are not known apart. */
static unsigned passages_begin(const struct session *session, struct passage passages[HOPS_MAX])
{
    const struct hops *hops = session->hops;
    bool known = false;
    for (unsigned i = 0; i < HOPS_MAX; i++)
        for (unsigned side = 0; side < SIDES; side++)
            passages[i].toward[side] = (struct direction){.newest = POOL_NONE, .astray = POOL_NONE, .behind = POOL_NONE};
    passages[0].sides = session->sides;
    for (unsigned i = 0; hops != NULL && i < hops->count; i++)
        known |= hop_is_known(&hops->items[i]);
    if (!known || hops->more)
        return 1;
    for (unsigned i = 0; i < hops->count; i++)
        passages[i].sides = hop_is_known(&hops->items[i]) ? hops->items[i].sides : NULL;
    return hops->count;
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

static bool has_video(const struct media *media, const struct endpoint *endpoint)
{
    uint32_t number = port_find(media, endpoint);
    for (uint32_t at = number == POOL_NONE ? POOL_NONE : port_at(media, number)->streams_to; at != POOL_NONE; at = detail_at(media, at)->links[LIST_TO].next)
        if (detail_at(media, at)->kind == MEDIA_VIDEO)
            return true;
    return false;
}

/* astray: a stream of the call that is known to have gone elsewhere; POOL_NONE. */
static void cause_put(const struct media *media, const struct side *from, const struct side *to, uint32_t astray, int64_t since_ns,
                      char *out, size_t size)
{
    char announced[ENDPOINT_TEXT_SIZE], signaling[ENDPOINT_TEXT_SIZE];
    endpoint_format(&to->audio, announced);
    endpoint_format(&to->signaling, signaling);
    bool ours = astray != POOL_NONE;
    if (!ours)
        astray = astray_find(media, from, to, since_ns);
    if (!ours && address_is_private(&to->audio) && !address_is_private(&to->signaling)) {
        snprintf(out, size, "the receiver announced the private address %s while it signals from %s", announced, signaling);
    } else if (astray != POOL_NONE) {
        char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
        endpoint_format(&detail_at(media, astray)->src, src);
        endpoint_format(&detail_at(media, astray)->dst, dst);
        snprintf(out, size, "%s was announced, but RTP flows from %s to %s%s", announced, src, dst,
                 ours ? ", a port that was not announced and that nothing is sent from" : "");
    } else {
        snprintf(out, size, has_video(media, &to->audio) ? "%s was announced and only video to it passed the tap" : "%s was announced and no RTP stream to it passed the tap", announced);
    }
}

/* RTP went to the endpoint after that time, whichever call it was tied to; pictures may share it (RFC 9143), and are not heard. */
static bool was_heard(const struct media *media, const struct endpoint *endpoint, int64_t since_ns)
{
    uint64_t hash = endpoint_hash(media->config.hash_seed, endpoint) | 1;
    const struct heard_at *gone = &media->heard[hash >> 32 & (HEARD_KEPT - 1)];
    uint32_t number = port_find(media, endpoint);
    bool heard = gone->hash == hash && gone->last_ns >= since_ns;
    for (uint32_t at = number == POOL_NONE ? POOL_NONE : port_at(media, number)->streams_to; at != POOL_NONE && !heard; at = detail_at(media, at)->links[LIST_TO].next)
        heard = (stream_at(media, at)->flags & STREAM_PROVEN) && detail_at(media, at)->kind != MEDIA_VIDEO && stream_at(media, at)->arrival_ns >= since_ns;
    return heard;
}

/* The side that heard nothing on that way while the other one did; SIDES: none. */
static unsigned deaf_side(const struct media *media, const struct passage *passage, int64_t answer_ns)
{
    const struct direction *toward = passage->toward;
    unsigned deaf = toward[SIDE_CALLER].packets == 0 ? SIDE_CALLER : SIDE_CALLEE;
    if (passage->sides == NULL || toward[deaf].packets > 0 || toward[!deaf].packets < FLOWS_PACKETS)
        return SIDES;
    const struct side *to = &passage->sides[deaf], *from = &passage->sides[!deaf];
    if (!sends(from) || !receives(to) || was_heard(media, &to->audio, answer_ns))
        return SIDES; /* heard: tied to another leg of the conversation, it did pass */
    return deaf;
}

/* The passage where the media of the deaf side was lost first: hops are known in order from the caller to the callee. */
static const struct passage *passage_find(const struct media *media, const struct passage passages[], unsigned count, int64_t answer_ns, unsigned *deaf)
{
    const struct passage *found = NULL;
    for (unsigned i = 0; i < count; i++) {
        unsigned side = deaf_side(media, &passages[i], answer_ns);
        if (side == SIDES || (found != NULL && (side == SIDE_CALLEE || *deaf == SIDE_CALLEE)))
            continue;
        found = &passages[i];
        *deaf = side;
    }
    return found;
}

static bool same_media(const struct passage *a, const struct passage *b)
{
    return endpoint_equal(&a->sides[SIDE_CALLER].audio, &b->sides[SIDE_CALLER].audio) &&
           endpoint_equal(&a->sides[SIDE_CALLEE].audio, &b->sides[SIDE_CALLEE].audio);
}

/* Which hop it is, where the media of another one goes between other endpoints. */
static void hop_put(const struct passage *passage, const struct passage passages[], unsigned count, char *out, size_t size)
{
    char caller[ENDPOINT_TEXT_SIZE], callee[ENDPOINT_TEXT_SIZE];
    bool relayed = false;
    for (unsigned i = 0; i < count; i++)
        relayed |= passages[i].sides != NULL && !same_media(&passages[i], passage);
    endpoint_format_address(&passage->sides[SIDE_CALLER].signaling, caller);
    endpoint_format_address(&passage->sides[SIDE_CALLEE].signaling, callee);
    out[0] = '\0';
    if (relayed)
        snprintf(out, size, " between %s and %s", caller, callee);
}

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* No two packets of the stream came further apart. */
static bool is_steady(const struct media *media, uint32_t number)
{
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    return stream->delta_max < (float)BREAK_NS && detail->delta_max < (float)BREAK_NS;
}

/* Since when the side hears nothing, though it did before and the other one still does; CLOCK_NONE: that cannot be said. */
static int64_t stopped_since(const struct media *media, const struct passage *passage, unsigned deaf, int64_t answer_ns, int64_t end_ns)
{
    const struct direction *silent = &passage->toward[deaf], *flows = &passage->toward[!deaf];
    if (passage->sides == NULL || silent->packets == 0 || flows->packets < FLOWS_PACKETS)
        return CLOCK_NONE;
    const struct side *to = &passage->sides[deaf], *from = &passage->sides[!deaf];
    int64_t since = later_of(later_of(silent->last_ns, answer_ns), later_of(to->turned_ns, from->turned_ns));
    int64_t least = silent->packets < FEW_PACKETS ? STOPPED_FEW_NS : STOPPED_NS;
    if (!sends(from) || !receives(to) || flows->last_ns - since < least || end_ns - flows->last_ns > END_NS ||
        was_heard(media, &to->audio, since + 1))
        return CLOCK_NONE;
    bool went_on = detail_at(media, flows->newest)->first_ns <= since + BREAK_NS && is_steady(media, flows->newest);
    bool stopped = silent->behind != POOL_NONE ||
                   (is_steady(media, silent->newest) && !formats_allow_pauses(media, detail_at(media, silent->newest)));
    return went_on && stopped ? since : CLOCK_NONE;
}

static const struct passage *stopped_find(const struct media *media, const struct passage passages[], unsigned count, int64_t answer_ns,
                                          int64_t end_ns, unsigned *deaf, int64_t *since_ns)
{
    for (unsigned i = 0; i < count; i++)
        for (*deaf = 0; *deaf < SIDES; ++*deaf)
            if ((*since_ns = stopped_since(media, &passages[i], *deaf, answer_ns, end_ns)) != CLOCK_NONE)
                return &passages[i];
    return NULL;
}

static const char *const names[SIDES] = {"caller", "callee"};

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_SECOND;
}

/* Of a direction that had media and has none any more. */
static void stopped_put(const struct media *media, const struct passage *passage, unsigned deaf, int64_t since_ns, int64_t end_ns, const char *what_ends,
                        const char *hop, struct media_one_way *found)
{
    const struct direction *silent = &passage->toward[deaf], *flows = &passage->toward[!deaf];
    const struct detail *detail = detail_at(media, silent->behind != POOL_NONE ? silent->behind : silent->newest);
    char announced[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
    endpoint_format(&passage->sides[deaf].audio, announced);
    endpoint_format(&detail->dst, dst);
    found->meant = silent->behind == POOL_NONE && silent->packets >= FEW_PACKETS;
    if (silent->behind != POOL_NONE)
        snprintf(found->text, sizeof found->text, "No RTP from %s to %s%s since the %s announced it %.1f s before the end of the %s: RTP went on to %s, which nothing is sent from any more.",
                 names[!deaf], announced, hop, names[deaf], seconds(end_ns - since_ns), what_ends, dst);
    else
        snprintf(found->text, sizeof found->text, "RTP from %s to %s%s stopped %.1f s before the end of the %s, after %llu %s; the other way it went on for %.1f s, %llu packets in all%s.",
                 names[!deaf], names[deaf], hop, seconds(end_ns - silent->last_ns), what_ends, (unsigned long long)silent->packets,
                 silent->packets == 1 ? "packet" : "packets", seconds(flows->last_ns - silent->last_ns), (unsigned long long)flows->packets,
                 found->meant ? " (a machine that records may send nothing)" : "");
    endpoint_format(&passage->sides[deaf].audio, found->subject);
    found->frame = detail->first_frame;
    found->at_ns = detail->first_ns;
    found->later = true;
}

/* Of a direction that never had media. */
static void missing_put(const struct media *media, const struct passage *passage, unsigned deaf, int64_t start_ns, const char *hop,
                        struct media_one_way *found)
{
    char cause[330];
    const struct direction *flows = &passage->toward[!deaf];
    cause_put(media, &passage->sides[!deaf], &passage->sides[deaf], passage->toward[deaf].astray, start_ns, cause, sizeof cause);
    snprintf(found->text, sizeof found->text, "No RTP from %s to %s%s, %llu packets the other way: %s.", names[!deaf], names[deaf], hop,
             (unsigned long long)flows->packets, cause);
    endpoint_format(&passage->sides[deaf].audio, found->subject);
    found->frame = flows->first_frame;
    found->at_ns = flows->first_ns;
    found->later = found->meant = false;
}

bool media_one_way(struct media *media, uint32_t number, const struct call_record *call, int64_t least_ns, struct media_one_way *found)
{
    if (number == SESSION_NONE || call->answer == CLOCK_NONE || (call->end == CLOCK_NONE && media->now_ns == CLOCK_NONE))
        return false;
    const struct session *session = session_at(media, number);
    int64_t end = call->end != CLOCK_NONE ? call->end : media->now_ns, since = CLOCK_NONE;
    if (end - call->answer < (least_ns == CLOCK_NONE ? ONE_WAY_NS : least_ns))
        return false;
    struct passage passages[HOPS_MAX];
    char hop[2 * ENDPOINT_TEXT_SIZE + 16];
    unsigned count = passages_begin(session, passages), deaf = SIDES;
    passages_sum(media, session, call->answer, passages, count);
    const struct passage *passage = passage_find(media, passages, count, call->answer, &deaf);
    if (passage != NULL) {
        hop_put(passage, passages, count, hop, sizeof hop);
        missing_put(media, passage, deaf, call->start, hop, found);
        return true;
    }
    if (session->fax) /* its sides take turns */
        return false;
    passage = stopped_find(media, passages, count, call->answer, end, &deaf, &since);
    if (passage == NULL)
        return false;
    hop_put(passage, passages, count, hop, sizeof hop);
    stopped_put(media, passage, deaf, since, end, call->end != CLOCK_NONE ? "call" : "capture", hop, found);
    return true;
}

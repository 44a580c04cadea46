/* Which call a stream belongs to: endpoints that session descriptions announced, and what follows from them. One look-up per new
   stream, none per packet. */
#include <stdlib.h>

#include "dissectors/sdp.h"
#include "media/decrypt.h"
#include "media/flow.h"

/* A stream that was silent for so long when a description comes is not what it describes. */
#define STALE_NS (32 * NS_PER_SECOND)
/* Two calls that announce one endpoint within this time are legs of one conversation (a B2BUA that leaves the media alone): the first
   keeps it, and so does one whose media flows. Else the port is used again, and the old call's end was not captured. */
#define SHARED_NS (10 * NS_PER_SECOND)
#define FLOWS_NS (2 * NS_PER_SECOND)
/* What a call may announce in its life; a description has at most 16 lines of 17 endpoints. */
enum { SESSION_PORTS_MAX = 1024 };

/* True when media that begins at begin_ns may be the session's. */
static bool session_open(const struct media *media, uint32_t session, int64_t begin_ns)
{
    if (session == SESSION_NONE)
        return false;
    int64_t ended = session_at(media, session)->ended_ns;
    return ended == CLOCK_NONE || begin_ns <= ended + AFTER_END_NS;
}

/* A tied stream that goes the other way between the same two endpoints; POOL_NONE. */
static uint32_t opposite_of(const struct media *media, const struct detail *detail)
{
    uint32_t at = port_at(media, detail->dst_port)->streams_from;
    for (unsigned looks = 0; at != POOL_NONE && looks < 16; looks++) {
        const struct detail *other = detail_at(media, at);
        if (other->dst_port == detail->src_port && other->session != SESSION_NONE)
            return at;
        at = other->links[LIST_FROM].next;
    }
    return POOL_NONE;
}

/* A tied stream of the same SSRC whose sequence this one goes on with: its sender or receiver moved. POOL_NONE. */
static uint32_t predecessor_of(const struct media *media, uint32_t number)
{
    enum { AHEAD_MAX = 500 };
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    uint32_t at = detail->links[LIST_SSRC].next;
    for (unsigned looks = 0; at != POOL_NONE && looks < 16; looks++) {
        const struct detail *other = detail_at(media, at);
        const struct stream *line = stream_at(media, at);
        uint16_t ahead = (uint16_t)(stream->highest - line->highest);
        if (other->session != SESSION_NONE && ahead > 0 && ahead < AHEAD_MAX && detail->first_ns - line->arrival_ns < STALE_NS)
            return at;
        at = other->links[LIST_SSRC].next;
    }
    return POOL_NONE;
}

/* Media lines may share a port (RFC 9143 9.2): the payload type tells which line's the stream is. */
static void kind_tell(const struct media *media, struct detail *detail)
{
    const struct format *format = detail->type_count == 0 ? NULL : format_of(media, detail, detail->types[0].payload_type);
    if (format != NULL && detail->kind != MEDIA_IMAGE)
        detail->kind = format->kind;
}

static void tie(struct media *media, uint32_t number, uint32_t session, enum stream_why why, uint8_t toward, uint16_t formats,
                uint16_t own_formats)
{
    struct detail *detail = detail_at(media, number);
    detail->session = session;
    detail->why = (uint8_t)why;
    detail->toward = toward;
    detail->formats = formats;
    detail->own_formats = own_formats;
    kind_tell(media, detail);
    stream_at(media, number)->flags |= STREAM_PROVEN;
    list_add(media, LIST_SESSION, &session_at(media, session)->streams, number);
    stream_formats_changed(media, number, false);
}

static bool tie_one(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    const struct port *dst = port_at(media, detail->dst_port), *src = port_at(media, detail->src_port);
    uint32_t other;
    if (session_open(media, dst->session, detail->first_ns)) {
        detail->kind = dst->kind;
        detail->suite = dst->suite;
        tie(media, number, dst->session, WHY_SDP, dst->side, dst->formats, src->session == dst->session ? src->formats : 0);
    } else if (session_open(media, src->session, detail->first_ns)) {
        detail->kind = src->kind;
        detail->suite = src->suite;
        tie(media, number, src->session, WHY_SYMMETRIC, (uint8_t)!src->side, 0, src->formats);
    } else if ((other = opposite_of(media, detail)) != POOL_NONE) {
        const struct detail *opposite = detail_at(media, other);
        detail->kind = opposite->kind;
        detail->suite = opposite->suite;
        tie(media, number, opposite->session, WHY_SYMMETRIC, (uint8_t)!opposite->toward, opposite->own_formats, opposite->formats);
    } else if ((other = predecessor_of(media, number)) != POOL_NONE) {
        const struct detail *before = detail_at(media, other);
        detail->kind = before->kind;
        detail->suite = before->suite;
        tie(media, number, before->session, WHY_CONTINUITY, before->toward, before->formats, before->own_formats);
    } else {
        return false;
    }
    return true;
}

void binding_tie(struct media *media, uint32_t number)
{
    if (!tie_one(media, number))
        return;
    /* What flows the other way may have waited for this. */
    const struct detail *detail = detail_at(media, number);
    uint32_t at = port_at(media, detail->dst_port)->streams_from, src = detail->src_port;
    for (unsigned looks = 0; at != POOL_NONE && looks < 16; looks++) {
        const struct detail *other = detail_at(media, at);
        uint32_t next = other->links[LIST_FROM].next;
        if (other->dst_port == src && other->session == SESSION_NONE)
            (void)tie_one(media, at);
        at = next;
    }
}

/* Streams of a port whose description is new: those of another call end, those of no call find theirs, those of the same call look
   their formats up anew. */
static void port_streams_see(struct media *media, struct port *port, enum list list, int64_t time_ns)
{
    enum { LOOKS_MAX = 64 };
    uint32_t at = list == LIST_TO ? port->streams_to : port->streams_from;
    for (unsigned looks = 0; at != POOL_NONE && looks < LOOKS_MAX; looks++) {
        struct detail *detail = detail_at(media, at);
        uint32_t next = detail->links[list].next;
        bool stale = time_ns - stream_at(media, at)->arrival_ns >= STALE_NS;
        if (detail->session != port->session && (detail->session != SESSION_NONE || stale)) {
            stream_close(media, at);
        } else if (detail->session == SESSION_NONE) {
            binding_tie(media, at);
        } else if (detail->kind == port->kind || formats_have_kind(media, port->formats, detail->kind)) { /* else: the line is of another kind now, the stream is as it was */
            bool again = (list == LIST_TO ? detail->formats : detail->own_formats) != 0;
            if (list == LIST_TO) { /* tied by the sender's announcement before: now by its own */
                detail->formats = port->formats;
                detail->suite = port->suite;
                detail->why = WHY_SDP;
                detail->toward = port->side;
            } else {
                detail->own_formats = port->formats;
            }
            kind_tell(media, detail);
            stream_formats_changed(media, at, again);
        }
        at = next;
    }
}

/* True when the newest stream of the list had a packet a moment ago. */
static bool flows(const struct media *media, uint32_t newest, int64_t time_ns)
{
    return newest != POOL_NONE && time_ns - stream_at(media, newest)->arrival_ns < FLOWS_NS;
}

static bool taken_by_another_leg(const struct media *media, const struct port *port, uint32_t session, int64_t time_ns)
{
    if (port->session == SESSION_NONE || port->session == session || session_at(media, port->session)->ended_ns != CLOCK_NONE)
        return false;
    return time_ns - port->announced_ns < SHARED_NS || flows(media, port->streams_to, time_ns) || flows(media, port->streams_from, time_ns);
}

/* The crypto suite of a line: of RFC 4568, or by the protocol and fingerprint of RFC 5764. */
static uint16_t suite_of(struct media *media, const struct sdp_media *line)
{
    if (line->crypto_count > 0)
        return intern_number(&media->intern, line->crypto[0].suite);
    if (line->fingerprint.len > 0 || slice_starts_nocase(line->protocol, "UDP/TLS/"))
        return intern_number(&media->intern, slice_str("DTLS-SRTP"));
    bool secure = slice_starts_nocase(line->protocol, "RTP/SAVP");
    return secure ? intern_number(&media->intern, slice_str("unknown")) : INTERN_NONE;
}

/* What a description says of one of its lines. */
struct announcement {
    const struct session_description *description;
    const struct sdp_media *line;
    unsigned sharers; /* bits: the lines of its port, itself among them */
    uint8_t kind;     /* of the first of them */
    unsigned hop;
};

/* The side says that it receives this line's media at the endpoint. */
static void announce(struct media *media, uint32_t session, const struct endpoint *endpoint, const struct announcement *what)
{
    const struct session_description *description = what->description;
    if (endpoint->family == 0 || endpoint->port == 0)
        return;
    port_prefetch(media, endpoint);
    uint16_t formats = formats_number(media, description->sdp, what->sharers); /* meanwhile */
    uint32_t number = port_number(media, endpoint);
    if (number == POOL_NONE)
        return;
    struct port *port = port_at(media, number);
    int64_t time_ns = description->sighting->time_ns;
    bool ours = port->session == session;
    if (taken_by_another_leg(media, port, session, time_ns) ||
        (!ours && session_at(media, session)->port_count >= SESSION_PORTS_MAX)) {
        port_release(media, number);
        return;
    }
    if (port->session != SESSION_NONE && !ours)
        port_leave_session(media, number);
    if (port->session == SESSION_NONE) {
        port->session = session;
        port->hops = 0;
        port->next = session_at(media, session)->ports;
        session_at(media, session)->ports = number;
        session_at(media, session)->port_count++;
    }
    port->formats = formats;
    port->suite = suite_of(media, what->line);
    port->kind = what->kind;
    port->side = description->by_caller ? SIDE_CALLER : SIDE_CALLEE;
    port->hops |= (uint8_t)(1U << what->hop);
    port->announced_ns = time_ns;
    port_streams_see(media, port, LIST_TO, time_ns);
    port_streams_see(media, port, LIST_FROM, time_ns);
}

static bool line_has_digits(const struct sdp_media *line)
{
    for (unsigned i = 0; i < line->format_count; i++)
        if (slice_is_nocase(line->formats[i].encoding, "telephone-event"))
            return true;
    return false;
}

/* Signaling goes both ways on a hop, from whichever ports. */
static uint64_t hop_key(const struct media *media, const struct sighting *sighting)
{
    struct endpoint src = sighting->src, dst = sighting->dst;
    src.port = dst.port = 0;
    return (endpoint_hash(media->config.hash_seed, &src) + endpoint_hash(media->config.hash_seed, &dst)) | 1;
}

/* The number of the hop that the description passed; the last one's where more are not kept. */
static unsigned hop_number(struct media *media, struct session *session, const struct sighting *sighting)
{
    uint64_t key = hop_key(media, sighting);
    struct hops *hops = session->hops;
    if (session->hop_key == 0) {
        session->hop_key = key;
        session->described_ns = sighting->time_ns;
    }
    if (hops == NULL && (session->hop_key == key || (hops = calloc(1, sizeof *hops)) == NULL))
        return 0;
    if (session->hops == NULL) {
        media->heap_bytes += sizeof *hops;
        session->hops = hops;
        hops->items[0].key = session->hop_key;
        memcpy(hops->items[0].sides, session->sides, sizeof session->sides);
        hops->count = 1;
    }
    for (unsigned i = 0; i < hops->count; i++)
        if (hops->items[i].key == key)
            return i;
    if (hops->count == HOPS_MAX) {
        hops->more = true;
        return HOPS_MAX - 1;
    }
    hops->items[hops->count].key = key;
    return hops->count++;
}

static void side_put(struct side *side, const struct session_description *description, const struct sdp_media *line)
{
    struct side now = *side;
    now.signaling = description->sighting->src;
    now.direction = (uint8_t)line->direction;
    now.held = line->zero_address || line->endpoint.port == 0;
    now.digits = line_has_digits(line);
    if (!now.held)
        now.audio = line->endpoint;
    if (now.direction != side->direction || now.held != side->held || !endpoint_equal(&now.audio, &side->audio))
        now.turned_ns = description->sighting->time_ns;
    *side = now;
}

/* Who announces another endpoint than before on another hop (in a request that passes the proxy by) has left that one, and so has
   whoever repeated it. */
static void hops_leave(struct hops *hops, unsigned hop, unsigned by, const struct endpoint *before)
{
    const struct side *now = &hops->items[hop].sides[by];
    for (unsigned i = 0; i < hops->count; i++) {
        const struct side *side = &hops->items[i].sides[by];
        if (i == hop || side->audio.family == 0 || endpoint_equal(&side->audio, &now->audio))
            continue;
        if (endpoint_equal(&side->audio, before))
            hops->items[i].left = true;
        if (!endpoint_equal_address(&side->signaling, &now->signaling))
            continue;
        for (unsigned other = 0; other < hops->count; other++)
            if (other != hop && endpoint_equal(&hops->items[other].sides[by].audio, &side->audio))
                hops->items[other].left = true;
    }
}

static void side_take(struct session *session, unsigned hop, const struct session_description *description, const struct sdp_media *line)
{
    unsigned by = description->by_caller ? SIDE_CALLER : SIDE_CALLEE;
    struct hops *hops = session->hops;
    side_put(&session->sides[by], description, line);
    if (hops == NULL)
        return;
    struct endpoint before = hops->items[hop].sides[by].audio;
    side_put(&hops->items[hop].sides[by], description, line);
    hops->items[hop].left = false;
    hops_leave(hops, hop, by, &before);
}

/* The lines that share the line's port; T.38 is no RTP, and shares none. */
static struct announcement announcement_of(const struct session_description *description, unsigned number, unsigned hop)
{
    const struct sdp *sdp = description->sdp;
    const struct sdp_media *line = &sdp->media[number];
    struct announcement what = {.description = description, .line = line, .sharers = 1U << number, .hop = hop};
    what.kind = (uint8_t)formats_kind(line->kind);
    for (unsigned i = sdp->media_count; i-- > 0 && what.kind != MEDIA_IMAGE;) {
        uint8_t kind = (uint8_t)formats_kind(sdp->media[i].kind);
        if (kind == MEDIA_IMAGE || !endpoint_equal(&sdp->media[i].endpoint, &line->endpoint))
            continue;
        what.sharers |= 1U << i;
        what.kind = kind;
    }
    return what;
}

uint32_t media_described(void *context, uint32_t number, const struct session_description *description)
{
    struct media *media = context;
    const struct sdp *sdp = description->sdp;
    bool audio = false;
    if (number == SESSION_NONE && (number = session_new(media, description->call)) == SESSION_NONE)
        return SESSION_NONE;
    struct session *session = session_at(media, number);
    unsigned hop = hop_number(media, session, description->sighting);
    session->ended_ns = CLOCK_NONE; /* a challenge was no end */
    for (unsigned i = 0; i < sdp->media_count; i++) {
        const struct sdp_media *line = &sdp->media[i];
        if (formats_kind(line->kind) == MEDIA_AUDIO && !audio) {
            side_take(session, hop, description, line);
            audio = true;
        }
        if (line->endpoint.port == 0)
            continue; /* refused (RFC 3264 6) */
        session->fax |= formats_kind(line->kind) == MEDIA_IMAGE;
        if (line->crypto_count > 0)
            keyring_take(media, session, description->by_caller ? SIDE_CALLER : SIDE_CALLEE, line);
        struct announcement what = announcement_of(description, i, hop);
        if (!line->zero_address)
            announce(media, number, &line->endpoint, &what);
        for (unsigned c = 0; c < line->candidate_count; c++) /* ICE may choose any of them (RFC 8445) */
            if (line->candidates[c].component <= 1)
                announce(media, number, &line->candidates[c].endpoint, &what);
    }
    return number;
}

bool media_announced(const struct media *media, const struct endpoint *endpoint)
{
    uint32_t number = port_find(media, endpoint);
    return number != POOL_NONE && port_at(media, number)->session != SESSION_NONE;
}

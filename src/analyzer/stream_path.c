/* TCP streams by their content: SIP messages cut by Content-Length, WebSocket messages put together from frames, TLS counted. */
#include <stdlib.h>

#include "analyzer/pipeline.h"
#include "base/text.h"
#include "dissectors/claims.h"
#include "dissectors/dissector.h"
#include "dissectors/preamble.h"
#include "dissectors/rtp_framing.h"
#include "dissectors/sip_framing.h"
#include "dissectors/websocket.h"

/* The first two: it is not known yet what the stream carries. */
enum stream_kind { STREAM_UNKNOWN, STREAM_HTTP, STREAM_SIP, STREAM_WEBSOCKET, STREAM_RTP, STREAM_TLS };

enum {
    HANDSHAKE_MAX = 16 << 10,      /* an HTTP request head that is larger is not the start of SIP */
    SEARCH_MAX = 64 << 10,         /* how far into a stream that began before the capture a start line is looked for */
    BEGIN_MAX = 4 << 10,           /* the same where it is there from its first byte: only few put other bytes before SIP */
    FRAME_NEAR = 8,                /* no SIP message fits before a frame that begins here */
    HTTP_MAX = 64 << 10,           /* how much plain HTTP may come before a handshake */
    WEBSOCKET_MESSAGE_MAX = 1 << 20
};

struct stream_state {
    enum stream_kind kind;
    uint8_t direction;   /* with connection: for TLS, when the stream ends */
    uint32_t connection;
    size_t need;         /* bytes the next message is known to take; 0: unknown */
    size_t scanned;      /* of them looked through for the header's end */
    size_t searched;     /* bytes passed over without finding what the stream is */
    bool passed;         /* of them some were of no kind that we know, or SIP's: only SIP is still believed */
    bool tls_begun;      /* TLS has seen the connection */
    bool resync;         /* after a gap or a late begin, junk is expected */
    bool skip_message;   /* the rest of this WebSocket message cannot be read */
    struct text message; /* WebSocket: the fragments so far, unmasked */
};

void stream_path_release(void *analyzer, void *pointer)
{
    struct stream_state *state = pointer;
    if (state->kind == STREAM_TLS)
        tls_release(((struct analyzer *)analyzer)->tls, state->connection, state->direction);
    if (state->message.data != NULL)
        explicit_bzero(state->message.data, state->message.room); /* it may hold keys of media that TLS hid */
    text_fini(&state->message);
    free(state);
}

/* clear: the transport where TLS is not below it. */
static struct sighting sighting_of(const struct analyzer *analyzer, const struct tcp_stream *stream, enum transport clear)
{
    enum transport transport = !stream->secure ? clear : clear == TRANSPORT_WS ? TRANSPORT_WSS : TRANSPORT_TLS;
    return (struct sighting){.time_ns = stream->time_ns,
                             .frame = stream->frame,
                             .src = stream->src,
                             .dst = stream->dst,
                             .transport = transport,
                             .decrypted = stream->secure,
                             .server_name = stream->secure ? tls_server_name(analyzer->tls, stream->connection) : SLICE_NONE};
}

/* A message that the stream's end cut short: what is there of it is shown, marked. */
static void message_unfinished(struct analyzer *analyzer, const struct tcp_stream *stream, struct slice data)
{
    anomaly_add(&analyzer->decoder.anomalies, ANOMALY_SIP_UNFINISHED);
    struct sighting sighting = sighting_of(analyzer, stream, TRANSPORT_TCP);
    sighting.truncated = true;
    (void)sip_path(analyzer, data, &sighting, true);
}

static size_t read_sip(struct analyzer *analyzer, struct stream_state *state, const struct tcp_stream *stream, struct slice data)
{
    size_t used = 0, scanned = state->scanned;
    bool last = stream->closed || stream->cut; /* nothing follows these bytes */
    if (data.len < state->need && !last)
        return 0;
    state->need = state->scanned = 0;
    while (used < data.len) {
        size_t trim = state->resync ? sip_framing_trim(slice_after(data, used)) : 0;
        if (trim > 0)
            scanned = 0;
        used += trim;
        struct slice rest = slice_after(data, used);
        struct sip_framing framing = sip_framing_resume(rest, scanned, last);
        scanned = 0;
        if (framing.kind == SIP_FRAMING_INCOMPLETE) {
            state->need = framing.need;
            state->scanned = framing.scanned;
            if (!last)
                break;
            message_unfinished(analyzer, stream, rest);
            return data.len;
        }
        if (framing.kind == SIP_FRAMING_MESSAGE) {
            struct sighting sighting = sighting_of(analyzer, stream, TRANSPORT_TCP);
            if (!sip_path(analyzer, slice_cut(rest, 0, framing.used), &sighting, true))
                anomaly_add(&analyzer->decoder.anomalies, ANOMALY_SIP_FRAMING);
            state->resync = false;
        } else if (framing.kind == SIP_FRAMING_JUNK && !state->resync) {
            anomaly_add(&analyzer->decoder.anomalies, ANOMALY_SIP_FRAMING);
        }
        if (framing.used == 0)
            return data.len; /* cannot be; a reader that makes no progress would be asked for ever */
        used += framing.used;
    }
    return used;
}

static void websocket_message(struct analyzer *analyzer, const struct tcp_stream *stream, struct stream_state *state)
{
    struct slice message = slice_of(state->message.data, state->message.len);
    struct sighting sighting = sighting_of(analyzer, stream, TRANSPORT_WS);
    if (!state->skip_message && !state->message.failed)
        (void)sip_path(analyzer, message, &sighting, false); /* RFC 7118 5: one SIP message a WebSocket message, like a datagram */
    text_reset(&state->message);
    state->skip_message = false;
}

/* One data frame's payload joins its message (RFC 6455 5.4). */
static void websocket_payload(struct analyzer *analyzer, struct stream_state *state, const struct websocket_frame *frame,
                              struct slice payload)
{
    if (frame->compressed) {
        anomaly_add(&analyzer->decoder.anomalies, ANOMALY_WEBSOCKET_COMPRESSED);
        state->skip_message = true;
    }
    if (frame->opcode != WEBSOCKET_CONTINUATION)
        text_reset(&state->message);
    if (state->message.len + payload.len > WEBSOCKET_MESSAGE_MAX)
        state->skip_message = true;
    if (state->skip_message || payload.len == 0 || !text_reserve(&state->message, payload.len))
        return;
    websocket_unmask(frame, payload, (uint8_t *)state->message.data + state->message.len);
    state->message.len += payload.len;
}

/* The server refused the handshake, and the client tries again: no frame begins like HTTP. */
static bool http_again(struct slice data)
{
    size_t head;
    return claim_http(data) || websocket_handshake_parse(data, &head) == WEBSOCKET_HANDSHAKE_MORE;
}

static size_t read_websocket(struct analyzer *analyzer, struct stream_state *state, const struct tcp_stream *stream,
                             struct slice data)
{
    size_t used = 0;
    struct websocket_frame frame;
    if (data.len < state->need && !stream->closed)
        return 0;
    state->need = 0;
    if (state->resync) {
        /* Behind a hole the frames' borders are lost, and nothing but a message's start shows them again. */
        bool found;
        text_reset(&state->message);
        state->skip_message = false;
        used = websocket_sip_find(data, &found);
        if (!found)
            return used;
        state->resync = false;
    }
    while (websocket_frame_parse(slice_after(data, used), &frame)) {
        if (frame.bad && http_again(slice_after(data, used))) {
            state->kind = STREAM_HTTP;
            break;
        }
        if (frame.bad || frame.payload_len > WEBSOCKET_MESSAGE_MAX) {
            anomaly_add(&analyzer->decoder.anomalies, ANOMALY_WEBSOCKET_FRAME);
            return TCP_IGNORE;
        }
        size_t whole = frame.header_len + (size_t)frame.payload_len;
        if (data.len - used < whole) {
            state->need = whole;
            break;
        }
        if (frame.opcode <= WEBSOCKET_BINARY) {
            websocket_payload(analyzer, state, &frame, slice_cut(data, used + frame.header_len, used + whole));
            if (frame.final)
                websocket_message(analyzer, stream, state);
        }
        used += whole;
    }
    return used;
}

/* RFC 4571. Behind a hole the frames' borders are lost. */
static size_t read_rtp(struct analyzer *analyzer, const struct tcp_stream *stream, struct slice data)
{
    struct slice rest = data, frame;
    if (stream->gap)
        return TCP_IGNORE;
    while (rtp_framing_next(&rest, &frame)) {
        struct sighting sighting = sighting_of(analyzer, stream, TRANSPORT_TCP);
        media_path_datagram(analyzer, frame, &sighting);
    }
    return data.len - rest.len;
}

/* Once begun, a connection that TLS has forgotten was given up. */
static size_t read_tls(struct analyzer *analyzer, struct stream_state *state, const struct tcp_stream *stream, struct slice data)
{
    if (state->tls_begun && !tls_knows(analyzer->tls, stream))
        return TCP_IGNORE;
    state->tls_begun = true;
    return tls_read(analyzer->tls, stream, data);
}

/* A stream that began before the capture, or of which a piece is missing: SIP when a start line turns up soon. frame: where
   a WebSocket frame with one may begin. */
static size_t read_search(struct stream_state *state, struct slice data, size_t frame)
{
    static const char mark[] = "SIP/2.0";
    bool whole;
    state->resync = true;
    size_t used = sip_framing_find(data, &whole);
    if (whole) {
        state->kind = STREAM_SIP;
        return used;
    }
    if (frame < used)
        used = frame;
    state->searched += used;
    if (data.len > 0 && memmem(data.data, data.len, mark, sizeof mark - 1) != NULL) {
        state->passed = true; /* the middle of a message */
        state->searched = 0;
    }
    return state->searched > SEARCH_MAX ? TCP_IGNORE : used;
}

/* HTTP before a WebSocket: other requests on the same connection, or a handshake that was refused and is tried again. Bodies
   are passed over by their length; where it is not told, the next head must begin a segment. */
static size_t read_http(struct stream_state *state, struct slice data)
{
    size_t used = 0, head = 0, body = 0;
    bool found = false;
    while (used < data.len && state->searched + used <= HTTP_MAX) {
        struct slice rest = slice_after(data, used);
        switch (websocket_handshake_parse(rest, &head)) {
        case WEBSOCKET_HANDSHAKE_UPGRADE:
            state->kind = STREAM_WEBSOCKET;
            state->resync = false;
            state->searched += used + head;
            return used + head;
        case WEBSOCKET_HANDSHAKE_MORE:
            state->searched += used;
            return rest.len > HANDSHAKE_MAX ? TCP_IGNORE : used;
        default:
            head = state->resync ? websocket_sip_find(rest, &found) : 0;
            if (found) {
                state->kind = STREAM_WEBSOCKET; /* its handshake is in a hole */
                return used + head;
            }
            head = claim_http(rest) ? websocket_http_head(rest, &body) : rest.len;
            if (head == 0 && rest.len <= HANDSHAKE_MAX) {
                state->searched += used;
                return used;
            }
            used = head == 0 || body > rest.len - head ? data.len : used + head + body;
        }
    }
    state->searched += used;
    return state->searched > HTTP_MAX ? TCP_IGNORE : used;
}

/* A stream whose first bytes are none of the kinds that we know, though all of it was captured. */
static size_t read_begin(struct stream_state *state, struct slice data)
{
    size_t used = 0;
    enum preamble preamble = preamble_parse(data, &used);
    if (preamble == PREAMBLE_MORE)
        return data.len > 2 * BEGIN_MAX ? TCP_IGNORE : 0;
    if (preamble == PREAMBLE_NONE)
        used = data.len;
    state->passed = state->passed || preamble != PREAMBLE_PROXY;
    state->searched += used;
    return state->searched > BEGIN_MAX ? TCP_IGNORE : used;
}

static size_t read_unknown(struct analyzer *analyzer, struct stream_state *state, const struct tcp_stream *stream, struct slice data)
{
    bool more = false;
    if (!stream->secure && tls_knows(analyzer->tls, stream)) {
        state->kind = STREAM_TLS; /* by the other direction: this one may begin behind a hole */
        return 0;
    }
    bool late = stream->begun_late || state->resync, found = false;
    size_t frame = late ? websocket_sip_find(data, &found) : data.len;
    if (found) {
        state->kind = STREAM_WEBSOCKET; /* its handshake was not captured */
        return frame;
    }
    if (frame < data.len && frame <= FRAME_NEAR)
        return frame; /* its payload alone would look like SIP over TCP behind stray bytes */
    enum protocol protocol = dissector_claim_stream(data, &more);
    if (state->passed && protocol != PROTOCOL_SIP)
        protocol = PROTOCOL_NONE;
    switch (protocol) {
    case PROTOCOL_SIP:
    case PROTOCOL_SIP_KEEPALIVE:
        state->kind = STREAM_SIP;
        return 0;
    case PROTOCOL_RTP_FRAMES:
        state->kind = STREAM_RTP;
        return 0;
    case PROTOCOL_TLS:
        if (stream->secure)
            return TCP_IGNORE; /* TLS inside of TLS */
        state->kind = STREAM_TLS;
        return 0;
    case PROTOCOL_HTTP:
        state->kind = STREAM_HTTP;
        return 0;
    default:
        if (more)
            return 0;
        return late ? read_search(state, data, frame) : read_begin(state, data);
    }
}

/* The bytes before it is known what the stream carries. */
static size_t read_start(struct analyzer *analyzer, struct stream_state *state, const struct tcp_stream *stream, struct slice data)
{
    size_t used = 0, step;
    do {
        /* Keep-alives (RFC 5626 3.5.1) tell nothing, and kept they would be looked at again with each segment. */
        while (state->kind == STREAM_UNKNOWN && used < data.len && (data.data[used] == '\r' || data.data[used] == '\n'))
            used++;
        struct slice rest = slice_after(data, used);
        if (rest.len == 0)
            break;
        enum stream_kind before = state->kind;
        step = before == STREAM_HTTP ? read_http(state, rest) : read_unknown(analyzer, state, stream, rest);
        if (step == TCP_IGNORE)
            return TCP_IGNORE;
        used += step;
        if (step == 0 && state->kind == before)
            break;
    } while (state->kind <= STREAM_HTTP);
    return used;
}

size_t stream_path(void *context, const struct tcp_stream *stream, struct slice data)
{
    struct analyzer *analyzer = context;
    struct stream_state *state = *stream->state;
    if (state == NULL) {
        state = calloc(1, sizeof *state);
        if (state == NULL)
            return TCP_IGNORE;
        *stream->state = state;
        state->resync = stream->begun_late;
        state->connection = stream->connection;
        state->direction = stream->direction;
    }
    if (stream->gap) {
        state->resync = true;
        state->need = state->scanned = 0;
    }
    enum stream_kind kind = state->kind;
    size_t used = 0, step;
    bool again;
    do {
        struct slice rest = slice_after(data, used);
        step = state->kind <= STREAM_HTTP     ? read_start(analyzer, state, stream, rest)
               : state->kind == STREAM_SIP    ? read_sip(analyzer, state, stream, rest)
               : state->kind == STREAM_RTP    ? read_rtp(analyzer, stream, rest)
               : state->kind == STREAM_TLS    ? read_tls(analyzer, state, stream, rest)
                                              : read_websocket(analyzer, state, stream, rest);
        if (step == TCP_IGNORE)
            return TCP_IGNORE;
        used += step;
        again = state->kind != kind; /* it is known now what follows, or that it is HTTP once more */
        kind = state->kind;
    } while (again);
    return used;
}

/* One RTP stream: its hot line, which every packet touches, and the rest, which only what is unusual touches. Private to media/. */
#ifndef MEDIA_STREAM_H
#define MEDIA_STREAM_H

#include "base/clock.h"
#include "base/endpoint.h"
#include "media/media.h"

/* No payload type of RTP's seven bits: the next packet takes the slow way, whatever it is. */
enum { STREAM_SLOW = 0xff };

/* The hot line. A packet that is the next one in sequence, one packet time later by its timestamp, of the usual payload type and
   in time for the jitter buffer changes nothing else. */
struct stream {
    uint32_t key;        /* lower half of the flow's hash; the upper half is in the index */
    uint32_t timestamp;  /* RTP, of the newest audio packet in order of arrival */
    int64_t arrival_ns;  /* of the newest packet */
    int64_t slack_ns;    /* how much later that packet could have come and still be played */
    uint32_t highest;    /* extended sequence number (RFC 3550 A.1) */
    uint32_t packets;    /* all, repeated ones too */
    uint32_t bytes;      /* since the last fold: RTP header and payload */
    uint32_t step_ns;    /* packet time by the timestamps; with `step` */
    float jitter_ns;     /* J of RFC 3550 A.8 */
    float jitter_sum;    /* of J after each packet, since the last fold */
    float jitter_max, delta_max; /* ns, since the last fold */
    uint32_t window_end; /* of the 5-second window: capture time >> WINDOW_SHIFT, modular */
    uint8_t payload_type; /* usual one, or STREAM_SLOW; with the marker bit (0) on top */
    uint8_t flags;
    uint16_t step;       /* timestamp units from packet to packet; 0: not known */
};

_Static_assert(sizeof(struct stream) == 64, "one cache line a stream");

enum { WINDOW_SHIFT = 24 };

/* True when the packet was all that was expected, and is counted. */
static inline bool stream_usual(struct stream *stream, const struct media_packet *packet, uint8_t marker_and_type, uint16_t sequence,
                                uint32_t timestamp)
{
    int64_t delta = packet->time_ns - stream->arrival_ns;
    int64_t deviation = delta - stream->step_ns; /* D of RFC 3550 A.8, in time */
    int64_t slack = stream->slack_ns - deviation;
    uint32_t now = (uint32_t)((uint64_t)packet->time_ns >> WINDOW_SHIFT);
    if (marker_and_type != stream->payload_type || sequence != (uint16_t)(stream->highest + 1) ||
        timestamp - stream->timestamp != stream->step || slack < 0 || delta < 0 || (int32_t)(now - stream->window_end) >= 0)
        return false;
    float d = (float)(deviation < 0 ? -deviation : deviation), gap = (float)delta;
    float jitter = stream->jitter_ns + (d - stream->jitter_ns) * (1.0f / 16);
    stream->timestamp = timestamp;
    stream->arrival_ns = packet->time_ns;
    stream->slack_ns = slack;
    stream->highest++;
    stream->packets++;
    stream->bytes += packet->wire_len;
    stream->jitter_ns = jitter;
    stream->jitter_sum += jitter;
    stream->jitter_max = jitter > stream->jitter_max ? jitter : stream->jitter_max;
    stream->delta_max = gap > stream->delta_max ? gap : stream->delta_max;
    return true;
}

#endif

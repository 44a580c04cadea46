/* A stream's figures, packet by packet, in all the cases that stream_usual leaves: gaps, late and repeated packets, restarts, other
   payload types, talkspurts, windows. */
#include "media/stream.h"

#include <math.h>

#include "dissectors/rtp.h"
#include "media/audio.h"
#include "media/decrypt.h"
#include "media/digits.h"
#include "media/playout.h"
#include "media/sequence.h"
#include "media/state.h"
#include "media/tap.h"
#include "media/tones.h"
#include "media/window.h"

/* A stream that nobody announced is one when so many packets follow one another. */
enum { PROOF = 5 };

/* A type that nobody described is measured when so many of its packets come in a row: a single one may be a keepalive (RFC 6263 4.6). */
enum { STRANGERS = 5 };

/* Packets of a stream without a call that are kept for a key that may come. */
enum { EARLY_OF_STREAM = 64 };

/* Deviations that no network makes: the sender's timestamps jumped. A packet may be late for long, but none comes much sooner than the
   fastest ones did. */
#define JUMP_LATE_NS (5 * NS_PER_SECOND)
#define JUMP_EARLY_NS NS_PER_SECOND

/* Before a clock can be told from the timestamps. */
enum { GUESS_PACKETS = 50 };
#define GUESS_NS (NS_PER_SECOND * 3 / 2)

/* What was measured so far was measured in wrong units, or not at all. */
static void jitter_forget(struct stream *stream, struct detail *detail)
{
    stream_fold(stream, detail);
    detail->jitter_samples = 0;
    detail->jitter_sum = 0;
    detail->jitter_max = 0;
    if (detail->history != NULL) {
        detail->history->base.jitter_samples = 0;
        detail->history->base.jitter_sum = 0;
    }
    stream->jitter_ns = 0;
}

static void clock_set(struct stream *stream, struct detail *detail, uint32_t clock)
{
    detail->clock_hz = clock;
    detail->change.hz = 0;
    stream->flags = (uint8_t)((stream->flags & ~(STREAM_NO_CLOCK | STREAM_CLOCK_GUESSED)) | (clock == 0 ? STREAM_NO_CLOCK : 0));
    stream->step = 0;
}

enum look {
    LOOK_CHANGED,        /* the sender went over to the type: what was measured of the one before stays */
    LOOK_DESCRIBED,      /* what the type means is known only now */
    LOOK_DESCRIBED_AGAIN /* it means something else now */
};

/* What is known of the stream's usual payload type. */
static void usual_look_up(struct media *media, struct stream *stream, struct detail *detail, enum look look)
{
    bool again = look == LOOK_DESCRIBED_AGAIN;
    uint32_t clock;
    detail->codec = codec_of_type(media, detail, detail->usual, &clock);
    bool guessed = stream->flags & STREAM_CLOCK_GUESSED && clock == 0;
    if (guessed)
        return;
    if (again && clock == detail->clock_hz) {
        detail->change.hz = 0;
        return;
    }
    if (again && clock != 0 && clock != detail->clock_hz && stream->step != 0 && (stream->flags & STREAM_CLOCK_GUESSED) == 0) {
        detail->change = (struct clock_change){clock, stream->timestamp, stream->arrival_ns};
        return;
    }
    if (clock != detail->clock_hz && stream->packets > 1 && look != LOOK_CHANGED)
        jitter_forget(stream, detail);
    clock_set(stream, detail, clock);
}

void stream_formats_changed(struct media *media, uint32_t number, bool again)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    stream->payload_type = STREAM_SLOW;
    if (detail->usual != STREAM_SLOW)
        usual_look_up(media, stream, detail, again ? LOOK_DESCRIBED_AGAIN : LOOK_DESCRIBED);
}

/* A packet of another type than before that is measured like it: the sender changed its codec. */
static void usual_change(struct media *media, struct stream *stream, struct detail *detail, uint8_t payload_type)
{
    detail->usual = payload_type;
    detail->step_candidate = 0;
    usual_look_up(media, stream, detail, LOOK_CHANGED);
}

/* True when the timestamps run at a clock in use. */
static bool clock_guess(struct detail *detail, int64_t elapsed_ns, uint32_t timestamps)
{
    uint32_t clock = clock_near((double)timestamps * 1e9 / (double)elapsed_ns);
    if (clock != 0)
        detail->clock_hz = clock;
    return clock != 0;
}

static void clock_look(struct stream *stream, struct detail *detail, const struct media_packet *packet, uint32_t timestamp)
{
    int64_t elapsed = packet->time_ns - detail->first_ns;
    if (stream->packets % GUESS_PACKETS != 0 || elapsed < GUESS_NS ||
        !clock_guess(detail, elapsed, timestamp - detail->first_timestamp))
        return;
    stream->flags = (uint8_t)((stream->flags & ~STREAM_NO_CLOCK) | STREAM_CLOCK_GUESSED);
    stream->step = 0;
}

static int64_t timestamps_ns(const struct detail *detail, uint32_t from, uint32_t to)
{
    return (int64_t)(int32_t)(to - from) * NS_PER_SECOND / detail->clock_hz;
}

static void step_learn(struct stream *stream, struct detail *detail, uint32_t step)
{
    if (step == stream->step || step == 0 || step > UINT16_MAX || detail->clock_hz == 0)
        return;
    if (step == detail->step_candidate) {
        stream->step = (uint16_t)step;
        stream->step_ns = (uint32_t)(((uint64_t)step * NS_PER_SECOND + detail->clock_hz / 2) / detail->clock_hz);
    }
    detail->step_candidate = step;
}

/* The timestamps since the look began run rather at the new clock; else the look begins anew. */
static bool clock_runs(struct detail *detail, uint32_t timestamp, int64_t time_ns)
{
    struct clock_change *change = &detail->change;
    int64_t elapsed = time_ns - change->since_ns;
    if (elapsed < GUESS_NS)
        return false;
    double rate = (double)(timestamp - change->timestamp) * 1e9 / (double)elapsed;
    change->timestamp = timestamp;
    change->since_ns = time_ns;
    return fabs(rate - change->hz) < fabs(rate - detail->clock_hz);
}

/* The sender goes over to the clock that it was given (RFC 3264 8: with the answer, or some packets later) where the step from packet to
   packet is another one twice; or, should the number be the same, where the rate is. True: the packet may be of either clock, and its
   distance from the one before it says nothing. */
static bool clock_turns(struct stream *stream, struct detail *detail, const struct place *place, uint32_t timestamp, int64_t time_ns)
{
    bool in_row = place->kind == PLACE_NEXT && place->missing == 0;
    if (detail->change.hz == 0)
        return false;
    if (in_row && place->step == stream->step) {
        if (!clock_runs(detail, timestamp, time_ns))
            return false;
        clock_set(stream, detail, detail->change.hz);
        return true;
    }
    if (in_row && place->step == detail->step_candidate) {
        clock_set(stream, detail, detail->change.hz);
        return false;
    }
    detail->step_candidate = in_row ? place->step : 0;
    return true;
}

/* A talkspurt begins with a marker (RFC 3551 4.1), or where the timestamps skip more than the sequence does. place->ticks: an event
   before the packet filled so much of the skip; speech that goes on where it ended begins nothing. */
static bool talkspurt_begins(struct stream *stream, struct detail *detail, bool marker, const struct place *place)
{
    detail->markers = (uint16_t)(detail->markers + (marker && detail->markers < UINT16_MAX));
    if (stream->packets > 32)
        stream->flags = (uint8_t)(detail->markers > stream->packets / 4 ? stream->flags | STREAM_MARKERS : stream->flags & ~STREAM_MARKERS);
    if (marker && (stream->flags & STREAM_MARKERS) == 0)
        return true;
    uint32_t filled = place->ticks + (place->missing + 1) * stream->step;
    return stream->step != 0 && place->ticks != DIGITS_UNREAD && (int32_t)(place->step - filled) > 0;
}

static void late_count(struct stream *stream, struct detail *detail, uint32_t extended)
{
    if (stream->slack_ns >= 0) {
        stream->flags &= (uint8_t)~STREAM_LATE_RUN;
        return;
    }
    detail->late++;
    detail->loss_runs += (stream->flags & STREAM_LATE_RUN) == 0;
    stream->flags |= STREAM_LATE_RUN;
    loss_late(&detail->loss, extended);
}

static void jitter_take(struct stream *stream, int64_t deviation_ns)
{
    float d = (float)(deviation_ns < 0 ? -deviation_ns : deviation_ns);
    stream->jitter_ns += (d - stream->jitter_ns) * (1.0f / 16);
    stream->jitter_sum += stream->jitter_ns;
    stream->jitter_max = stream->jitter_ns > stream->jitter_max ? stream->jitter_ns : stream->jitter_max;
}

/* About the least transit so far; the first packet's is 0. */
static int64_t transit_least(const struct detail *detail)
{
    return detail->history != NULL ? detail->history->fastest_ns : 0;
}

/* Whether packets that follow one another are as far apart as their timestamps say; of a few at the beginning and in each window. */
static void pace_look(struct detail *detail, int64_t since_ns, int64_t deviation_ns)
{
    int64_t meant_ns = since_ns - deviation_ns;
    if (meant_ns <= 0 || detail->paced == UINT16_MAX)
        return;
    detail->paced++;
    detail->off_pace = (uint16_t)(detail->off_pace + (since_ns * 4 < meant_ns * 3 || since_ns * 3 > meant_ns * 4));
}

/* Jitter, playout and what follows from the time of a packet whose timestamp counts. */
static void timing_take(struct media *media, struct stream *stream, struct detail *detail, const struct rtp_header *header,
                        const struct place *place, int64_t delta_ns, bool first_of_type)
{
    bool turns = clock_turns(stream, detail, place, header->timestamp, stream->arrival_ns + delta_ns);
    int64_t since = delta_ns + (stream->flags & STREAM_CARRY ? detail->carry_ns : 0);
    int64_t deviation = detail->clock_hz == 0 ? 0 : since - timestamps_ns(detail, stream->timestamp, header->timestamp);
    uint32_t ticks = header->timestamp - stream->timestamp;
    bool next = place->kind == PLACE_NEXT, back = next && (int32_t)ticks < 0;
    int64_t transit = detail->offset_ns - stream->slack_ns + deviation; /* against the first packet */
    bool early = deviation < -JUMP_EARLY_NS && transit < transit_least(detail) - JUMP_EARLY_NS;
    bool jump = (next && deviation > JUMP_LATE_NS) || early || back || place->kind == PLACE_RESTART || first_of_type || turns;
    stream->flags &= (uint8_t)~STREAM_CARRY;
    stream->timestamp = header->timestamp;
    if (detail->clock_hz == 0 || jump)
        detail->excluded++;
    else
        jitter_take(stream, deviation);
    if (detail->clock_hz == 0)
        return;
    if (next && place->missing == 0 && !jump) {
        step_learn(stream, detail, place->step);
        if (detail->skew_wait > 0 || stream->packets <= 2 * PROOF)
            pace_look(detail, since, deviation);
    }
    if (jump && next) {
        detail->turn = place->extended;
        detail->turn_ticks = ticks;
    }
    if (jump)
        playout_anchor(media, stream, detail, 0);
    else if (next && talkspurt_begins(stream, detail, header->marker, place))
        playout_anchor(media, stream, detail, deviation);
    else
        playout_see(media, stream, detail, deviation);
    late_count(stream, detail, place->extended);
    if (detail->skew_wait > 0 && next) {
        int64_t now = detail->offset_ns - stream->slack_ns; /* the buffer may have been set anew since */
        detail->least_ns = now < detail->least_ns ? now : detail->least_ns;
        if (--detail->skew_wait == 0)
            playout_follow(media, stream, detail, detail->least_ns);
    }
}

/* A packet that does not count for jitter: the time since the newest one that does is carried on. */
static void timing_skip(struct stream *stream, struct detail *detail, int64_t delta_ns)
{
    detail->excluded++;
    detail->carry_ns = (stream->flags & STREAM_CARRY ? detail->carry_ns : 0) + delta_ns;
    stream->flags |= STREAM_CARRY;
}

/* Telephone events, comfort noise, ...: what shares the sequence but not the clockwork of the audio. */
static bool type_is_apart(const struct media *media, const struct detail *detail, const struct rtp_header *header)
{
    const struct format *format = format_of(media, detail, header->payload_type);
    if (format != NULL)
        return format->codec != NULL && codec_is_apart(format->codec);
    return header->payload_type == 13 || header->payload_type == 19 || digits_payload(header);
}

/* Neither a description nor RFC 3551 says what the type is, and the stream has another one: apart too, unless it stays. */
static bool type_is_strange(const struct media *media, struct detail *detail, const struct rtp_header *header)
{
    uint32_t clock;
    uint8_t type = header->payload_type;
    bool named = format_of(media, detail, type) != NULL || sdp_static_encoding(type, &clock) != NULL;
    if (named || detail->usual == STREAM_SLOW || detail->usual == type) {
        detail->strange_row = 0;
        return false;
    }
    detail->strange_row = type == detail->strange ? (uint8_t)(detail->strange_row + 1) : 1;
    detail->strange = type;
    return detail->strange_row < STRANGERS;
}

static void proof_take(struct stream *stream, struct detail *detail, const struct place *place)
{
    if (stream->flags & STREAM_PROVEN)
        return;
    if (place->kind == PLACE_DUPLICATE)
        return; /* a tap that sees each packet twice */
    detail->row = place->kind == PLACE_NEXT && place->missing < PROOF ? (uint8_t)(detail->row + 1) : 0;
    if (detail->row >= PROOF - 1)
        stream->flags |= STREAM_PROVEN;
}

/* missing: bytes of the packet that the capture cut off. */
static void sample_take(const struct media *media, struct detail *detail, const struct rtp_header *header, uint32_t missing)
{
    size_t size = header->payload.len + missing;
    bool same = detail->sample_len > 0 && detail->sample_type == header->payload_type;
    if (!decrypt_read(media, detail, header) || (same && size <= detail->sample_size))
        return; /* the longest payload is speech; shorter ones may be silence descriptors */
    detail->sample_type = header->payload_type;
    detail->sample_len = (uint8_t)(header->payload.len < sizeof detail->sample ? header->payload.len : sizeof detail->sample);
    memcpy(detail->sample, header->payload.data, detail->sample_len);
    detail->sample_size = (uint32_t)size;
}

/* The next packet may go the short way when all that it compares with holds. */
static void stream_rearm(const struct media *media, struct stream *stream, const struct detail *detail)
{
    enum { HINDERS = STREAM_CARRY | STREAM_LATE_RUN | STREAM_BEHIND | STREAM_NO_CLOCK };
    bool usual = stream->step != 0 && (stream->flags & HINDERS) == 0 && (stream->flags & STREAM_PROVEN) != 0 &&
                 detail->skew_wait == 0 && detail->change.hz == 0 && media->config.buffer.kind == BUFFER_FIXED &&
                 !media->config.tones && media->config.audio == NULL && detail->usual != STREAM_SLOW && !decrypt_on(media, detail); /* every packet of it is checked */
    stream->payload_type = usual ? detail->usual : STREAM_SLOW;
}

static void stream_begin(struct media *media, struct stream *stream, struct detail *detail, const struct media_packet *packet,
                         const struct rtp_header *header)
{
    sequence_begin(stream, detail, header->sequence);
    window_begin(stream, detail, packet->time_ns);
    stream->timestamp = detail->first_timestamp = header->timestamp;
    stream->slack_ns = detail->offset_ns = media->config.buffer.delay_ns;
    detail->excluded++;
}

/* A packet of the audio (or video) itself. */
static void measured_see(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header,
                         const struct place *place, int64_t delta_ns)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    bool changed = header->payload_type != detail->usual, first = detail->usual == STREAM_SLOW;
    if (changed)
        usual_change(media, stream, detail, header->payload_type);
    if (stream->flags & STREAM_NO_CLOCK)
        clock_look(stream, detail, packet, header->timestamp);
    sample_take(media, detail, header, packet->wire_len > packet->len ? packet->wire_len - packet->len : 0);
    if (media->config.tones && place->kind == PLACE_NEXT && decrypt_read(media, detail, header))
        tones_hear(media, number, packet->time_ns, header->payload, place->missing);
    if (stream->packets == 1)
        return;
    if (header->timestamp == stream->timestamp && !changed)
        timing_skip(stream, detail, delta_ns);
    else
        timing_take(media, stream, detail, header, place, delta_ns, changed || first);
}

static void gap_tell(struct media *media, uint32_t number, const struct media_packet *packet, uint32_t missing, int64_t delta_ns)
{
    if (missing > 0)
        tap_gap(media, number, packet->time_ns - delta_ns, packet->time_ns, missing);
}

/* Keeps track of the highest packet's timestamp, which `timestamp` is not after a packet that was overtaken or is not measured. */
static void newest_keep(const struct media *media, struct stream *stream, struct detail *detail, const struct rtp_header *header,
                        const struct place *place, bool apart)
{
    bool highest = place->kind == PLACE_NEXT || place->kind == PLACE_RESTART;
    if (highest && apart)
        detail->highest_ticks = detail->strange_row > 0 ? DIGITS_UNREAD : digits_ticks(media, detail, header);
    else if (highest)
        detail->highest_ticks = 0;
    if (highest && !apart) {
        stream->flags &= (uint8_t)~STREAM_BEHIND;
    } else if (highest || (place->kind == PLACE_REORDERED && (stream->flags & STREAM_BEHIND) == 0)) {
        detail->highest_timestamp = highest ? header->timestamp : stream->timestamp;
        stream->flags |= STREAM_BEHIND;
    }
}

static void packet_take(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header,
                        const struct place *place, bool apart, int64_t delta_ns)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    bool begins = stream->packets == 1;
    if (place->kind == PLACE_DUPLICATE || place->kind == PLACE_STRAY) {
        timing_skip(stream, detail, delta_ns);
        return;
    }
    newest_keep(media, stream, detail, header, place, apart);
    if (!apart) {
        measured_see(media, number, packet, header, place, delta_ns);
        return;
    }
    if (!begins)
        timing_skip(stream, detail, delta_ns);
    digits_see(media, number, packet, header);
}

static struct place place_find(struct stream *stream, struct detail *detail, const struct rtp_header *header, bool apart, int64_t delta_ns)
{
    struct numbers numbers = {.sequence = header->sequence,
                              .apart = apart,
                              .timestamp = header->timestamp,
                              .newest = stream->flags & STREAM_BEHIND ? detail->highest_timestamp : stream->timestamp,
                              .delta_ns = delta_ns};
    struct place place = sequence_see(stream, detail, &numbers);
    place.step = header->timestamp - numbers.newest;
    place.ticks = detail->highest_ticks;
    return place;
}

/* Whether a payload that is encrypted would be read: events, tones, the first ones of a codec. */
static bool payload_wanted(const struct media *media, const struct detail *detail, const struct rtp_header *header)
{
    return media->config.tones || media->config.audio != NULL || detail->sample_len == 0 || type_is_apart(media, detail, header);
}

void stream_see(struct media *media, uint32_t number, const struct media_packet *packet)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    struct rtp_header header;
    if (!rtp_parse(slice_of(packet->bytes, packet->len), &header))
        return;
    if (decrypt_on(media, detail))
        decrypt_rtp(media, number, packet, &header, payload_wanted(media, detail, &header));
    else if (detail->session == SESSION_NONE && stream->packets < EARLY_OF_STREAM)
        decrypt_keep(media, number, packet);
    struct place place = {.kind = PLACE_NEXT};
    bool begins = stream->packets == 0, apart = type_is_apart(media, detail, &header) || type_is_strange(media, detail, &header);
    stream_types_settle(stream, detail);
    int64_t delta = begins ? 0 : packet->time_ns - stream->arrival_ns;
    if (!begins)
        window_pass(media, stream, detail, packet->time_ns);
    stream->packets++;
    stream->bytes += packet->wire_len;
    stream_type_add(detail, header.payload_type, 1, apart);
    float gap = delta > 0 ? (float)delta : 0;
    stream->delta_max = gap > stream->delta_max ? gap : stream->delta_max;
    if (begins) {
        stream_begin(media, stream, detail, packet, &header);
        place.extended = stream->highest;
    } else {
        place = place_find(stream, detail, &header, apart, delta);
        gap_tell(media, number, packet, place.missing, delta);
    }
    proof_take(stream, detail, &place);
    packet_take(media, number, packet, &header, &place, apart, delta);
    if (!begins && place.kind != PLACE_STRAY) /* whose the first one is, and under which key, only packet_first knows */
        audio_hear(media, number, packet, &header); /* packet_take has told which codec is the usual one */
    stream->arrival_ns = packet->time_ns;
    stream_rearm(media, stream, detail);
}

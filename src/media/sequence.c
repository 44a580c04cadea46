/* Sequence numbers of 16 bits, extended to 32. RFC 3550 A.1 cannot tell a repeat from a late packet, takes an outage of a minute for a
   restart, and a restart nearby for loss or repeats; the holes, the timestamps and the clock can. */
#include "media/sequence.h"

/* RFC 3550 A.1. */
enum { MAX_DROPOUT = 3000, MAX_MISORDER = 100 };

/* The first extended number leaves room below it for packets that were overtaken. */
enum { FIRST_CYCLE = 0x10000 };

void sequence_begin(struct stream *stream, struct detail *detail, uint16_t sequence)
{
    stream->highest = detail->base = detail->loss.first = FIRST_CYCLE + sequence;
}

/* What a packet is judged by: how its numbers differ from those of the highest packet before it, and the time since the newest. */
struct leap {
    uint16_t ahead;      /* sequence */
    bool apart;
    int32_t timestamp;
    int32_t spoken;      /* timestamp less that of the newest packet of speech, where the highest one is an event */
    int64_t delta_ns;
};

/* The timestamps went on with the clock, as they do through a pause and an outage (RFC 3550 5.1). */
static bool follows_clock(const struct stream *stream, const struct leap *leap)
{
    int64_t off = (int64_t)leap->timestamp * stream->step_ns / stream->step - leap->delta_ns;
    return (off < 0 ? -off : off) < NS_PER_SECOND + leap->delta_ns / 1024;
}

/* A jump ahead is loss where the time that passed, or the timestamps, have room for what is missing; else the sender jumped. A.1 takes
   any jump of up to 3000 for loss. */
static bool ahead_is_loss(const struct stream *stream, const struct detail *detail, const struct leap *leap)
{
    if (stream->step == 0)
        return leap->ahead < MAX_DROPOUT;
    if (leap->ahead <= MAX_MISORDER)
        return true;
    if (leap->timestamp == stream->step && detail->kind != MEDIA_VIDEO)
        return false; /* the next packet by its timestamp: nothing was sent between; of a picture the rest may be missing */
    int64_t needed_ns = (int64_t)leap->ahead * stream->step_ns, needed = (int64_t)leap->ahead * stream->step;
    if (leap->delta_ns > needed_ns / 2 && leap->delta_ns < needed_ns * 2)
        return true;
    if (leap->ahead >= MAX_DROPOUT)
        return false;
    if (leap->delta_ns >= needed_ns * 2 && follows_clock(stream, leap))
        return true; /* the sender was silent for a part of it */
    if (leap->timestamp < 0 || leap->timestamp >= needed * 2)
        return false;
    return leap->timestamp > needed / 2 || detail->kind == MEDIA_VIDEO; /* a picture's packets share a timestamp */
}

/* So many packets after the highest one, where an outage of half the numbers or more is proven: the timestamps went on with the clock,
   and tell a count that the sequence number agrees with; else 0. Telephone events add packets, so that the count is not exact: of other
   sequences that begin after such a time, one in 300 looks like that. */
static uint32_t outage_packets(const struct stream *stream, const struct leap *leap)
{
    if (stream->step == 0 || leap->ahead <= MAX_MISORDER || leap->timestamp <= 0 || !follows_clock(stream, leap))
        return 0;
    uint32_t sent = (uint32_t)leap->timestamp / stream->step;
    int32_t more = (int16_t)(leap->ahead - (uint16_t)sent);
    return sent >= 0x8000 - MAX_MISORDER && more >= -MAX_MISORDER && more <= MAX_MISORDER ? sent + (uint32_t)more : 0;
}

static struct place place_ahead(struct stream *stream, struct detail *detail, uint32_t ahead)
{
    struct place place = {.kind = PLACE_NEXT, .extended = stream->highest + ahead, .missing = ahead - 1u};
    if (place.missing > 0) {
        loss_gap(&detail->loss, stream->highest + 1, place.missing);
        detail->loss_runs++;
    }
    detail->bad_any = false;
    stream->highest = place.extended;
    return place;
}

/* A number from elsewhere: the second one in a row makes a new sequence (A.1: bad_seq). */
static struct place place_elsewhere(struct stream *stream, struct detail *detail, uint16_t sequence)
{
    if (!detail->bad_any || sequence != detail->bad_next) {
        detail->bad_any = true;
        detail->bad_next = (uint16_t)(sequence + 1);
        detail->strays++;
        return (struct place){.kind = PLACE_STRAY};
    }
    detail->bad_any = false;
    detail->strays--; /* the one before was the new sequence's first */
    detail->restarts++;
    detail->expected_before += stream->highest - detail->base + 1;
    uint32_t highest = ((stream->highest >> 16) + 1) << 16 | sequence;
    loss_restart(&detail->loss, stream->highest + 1, highest - 1);
    detail->base = highest - 1;
    stream->highest = highest;
    return (struct place){.kind = PLACE_RESTART, .extended = highest};
}

static bool is_back(const struct stream *stream, int32_t ticks, int64_t most_ns)
{
    int64_t back_ns = -(int64_t)ticks * stream->step_ns / stream->step;
    return back_ns >= 0 && back_ns <= most_ns;
}

/* A packet that was sent before the highest one has a timestamp that is no newer, and no older than the stream. Pictures are not sent
   in the order of their timestamps. */
static bool sent_before(const struct stream *stream, const struct detail *detail, const struct leap *leap)
{
    int64_t age_ns = stream->arrival_ns + leap->delta_ns - detail->first_ns + NS_PER_SECOND;
    if (stream->step == 0 || detail->kind == MEDIA_VIDEO || leap->apart)
        return true;
    return is_back(stream, leap->timestamp, age_ns) || is_back(stream, leap->spoken, age_ns);
}

/* The highest packet again, or one with a number behind it. */
static struct place place_behind(struct stream *stream, struct detail *detail, struct leap *leap, uint16_t sequence)
{
    uint16_t behind = (uint16_t)-leap->ahead;
    struct place place = {.kind = PLACE_DUPLICATE, .extended = stream->highest - behind};
    if (detail->turn != 0 && (int32_t)(place.extended - detail->turn) < 0) { /* as if they had not jumped since */
        leap->timestamp = (int32_t)((uint32_t)leap->timestamp + detail->turn_ticks);
        leap->spoken = (int32_t)((uint32_t)leap->spoken + detail->turn_ticks);
    }
    bool older = leap->timestamp <= 0 || leap->spoken <= 0 || leap->apart;
    if (!sent_before(stream, detail, leap))
        return place_elsewhere(stream, detail, sequence);
    if ((int32_t)(place.extended - detail->base) >= 0) {
        if (behind != 0 && loss_fill(&detail->loss, place.extended)) {
            place.kind = PLACE_REORDERED;
            detail->reordered++;
        } else if (older) {
            detail->duplicates++;
        } else {
            return place_elsewhere(stream, detail, sequence);
        }
        return place;
    }
    if (!older || detail->base - place.extended > MAX_MISORDER || detail->restarts > 0)
        return place_elsewhere(stream, detail, sequence);
    loss_begin_earlier(&detail->loss, place.extended, detail->base); /* the first packet captured had overtaken it */
    detail->base = place.extended;
    detail->reordered++;
    place.kind = PLACE_REORDERED;
    return place;
}

struct place sequence_see(struct stream *stream, struct detail *detail, const struct numbers *numbers)
{
    uint16_t sequence = numbers->sequence;
    struct leap leap = {.ahead = (uint16_t)(sequence - (uint16_t)stream->highest),
                        .apart = numbers->apart,
                        .timestamp = (int32_t)(numbers->timestamp - numbers->newest),
                        .spoken = (int32_t)(numbers->timestamp - stream->timestamp),
                        .delta_ns = numbers->delta_ns};
    bool ahead = leap.ahead != 0 && leap.ahead < 0x8000;
    bool second = detail->bad_any && sequence == detail->bad_next && leap.ahead > MAX_MISORDER;
    uint32_t outage = second ? 0 : outage_packets(stream, &leap);
    if (outage != 0)
        return place_ahead(stream, detail, outage);
    if (ahead && !second && ahead_is_loss(stream, detail, &leap))
        return place_ahead(stream, detail, leap.ahead);
    return ahead ? place_elsewhere(stream, detail, sequence) : place_behind(stream, detail, &leap, sequence);
}

/* Sequence numbers of 16 bits, extended to 32. RFC 3550 A.1 cannot tell a repeat from a late packet, and takes an outage of a minute
   for a restart; the holes and the clock can. */
#include "media/sequence.h"

/* RFC 3550 A.1. */
enum { MAX_DROPOUT = 3000, MAX_MISORDER = 100 };

/* The first extended number leaves room below it for packets that were overtaken. */
enum { FIRST_CYCLE = 0x10000 };

void sequence_begin(struct stream *stream, struct detail *detail, uint16_t sequence)
{
    stream->highest = detail->base = detail->loss.first = FIRST_CYCLE + sequence;
}

/* A jump ahead is loss where the time that passed has room for what is missing, else the sender jumped. A.1 takes any jump of up to
   3000 for loss. */
static bool ahead_is_loss(const struct stream *stream, uint16_t ahead, uint32_t timestamp, uint32_t newest, int64_t delta_ns)
{
    if (stream->step == 0)
        return ahead < MAX_DROPOUT;
    if (ahead > MAX_MISORDER && timestamp - newest == stream->step)
        return false; /* the next packet by its timestamp: nothing was sent between */
    if (ahead < MAX_DROPOUT)
        return true;
    int64_t needed_ns = (int64_t)ahead * stream->step_ns;
    return delta_ns > needed_ns / 2 && delta_ns < needed_ns * 2;
}

static struct place place_ahead(struct stream *stream, struct detail *detail, uint16_t ahead)
{
    struct place place = {.kind = PLACE_NEXT, .extended = stream->highest + ahead, .missing = ahead - 1u};
    if (place.missing > 0) {
        loss_gap(&detail->loss, stream->highest + 1, place.missing);
        detail->loss_runs++;
    }
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

struct place sequence_see(struct stream *stream, struct detail *detail, uint16_t sequence, uint32_t timestamp, uint32_t newest,
                          int64_t delta_ns)
{
    uint16_t ahead = (uint16_t)(sequence - (uint16_t)stream->highest);
    bool older = (int32_t)(timestamp - newest) <= 0;
    uint16_t behind = (uint16_t)-ahead;
    struct place place = {.kind = PLACE_DUPLICATE, .extended = stream->highest - behind};
    if (ahead != 0 && ahead < 0x8000) {
        bool second = detail->bad_any && sequence == detail->bad_next && ahead > MAX_MISORDER;
        if (second || !ahead_is_loss(stream, ahead, timestamp, newest, delta_ns))
            return place_elsewhere(stream, detail, sequence);
        detail->bad_any = false;
        return place_ahead(stream, detail, ahead);
    }
    if ((int32_t)(place.extended - detail->base) >= 0) {
        if (ahead != 0 && loss_fill(&detail->loss, place.extended)) {
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

/* UDPTL has no SSRC and no timestamps: a stream of it is a pair of endpoints, one of which was announced for T.38. */
#include "media/fax.h"

#include <stdlib.h>

#include "media/sequence.h"
#include "media/tap.h"

void fax_free(struct media *media, struct fax *fax)
{
    media->heap_bytes -= fax == NULL ? 0 : sizeof *fax;
    free(fax);
}

bool fax_describe(const struct detail *detail, struct stream_fax *record)
{
    const struct fax *fax = detail->fax;
    if (fax == NULL)
        return false;
    *record = (struct stream_fax){.switchover = fax->switchover_ns,
                                  .recovered = fax->recovered,
                                  .redundancy = fax->redundancy,
                                  .fec = fax->fec,
                                  .signals = {fax->signals, fax->signal_count}};
    return true;
}

void fax_begin(struct media *media, uint32_t number, int64_t time_ns)
{
    struct detail *detail = detail_at(media, number);
    stream_at(media, number)->slack_ns = -1; /* no packet may go RTP's short way */
    struct fax *fax = detail->fax = calloc(1, sizeof *fax);
    if (fax == NULL)
        return;
    media->heap_bytes += sizeof *fax;
    const struct port *dst = port_at(media, detail->dst_port), *src = port_at(media, detail->src_port);
    const struct port *port = dst->kind == MEDIA_IMAGE && dst->session != SESSION_NONE ? dst : src;
    fax->switchover_ns = port->session == SESSION_NONE ? CLOCK_NONE : time_ns - port->announced_ns;
    detail->kind = MEDIA_IMAGE;
}

static void signal_take(struct fax *fax, struct slice primary)
{
    const char *name = udptl_ifp_name(primary);
    if (name == NULL || fax->signal_count == FAX_SIGNALS_MAX ||
        (fax->signal_count > 0 && slice_is(fax->signals[fax->signal_count - 1], name)))
        return;
    fax->signals[fax->signal_count++] = slice_str(name);
}

void fax_see(struct media *media, uint32_t number, const struct media_packet *packet, const struct udptl *udptl)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    struct fax *fax = detail->fax;
    int64_t delta = packet->time_ns - stream->arrival_ns;
    struct place place = {.kind = PLACE_NEXT};
    bool begins = stream->packets == 0;
    stream->packets++;
    stream->bytes += packet->wire_len;
    stream->flags |= STREAM_PROVEN;
    detail->excluded++; /* no timestamps, no jitter */
    if (begins)
        sequence_begin(stream, detail, udptl->sequence);
    else
        place = sequence_see(stream, detail,
                             &(struct numbers){.sequence = udptl->sequence,
                                               .timestamp = udptl->sequence,
                                               .newest = (uint16_t)stream->highest,
                                               .delta_ns = delta});
    stream->delta_max = (float)delta > stream->delta_max ? (float)delta : stream->delta_max;
    stream->arrival_ns = packet->time_ns;
    if (place.kind == PLACE_NEXT && place.missing > 0)
        tap_gap(media, number, packet->time_ns - delta, packet->time_ns, place.missing);
    if (fax == NULL)
        return;
    /* Redundancy of n repeats the n packets before: so many of the missing ones come back (T.38 9.1.4.2). */
    fax->recovered += udptl->fec ? 0 : place.missing < udptl->redundancy ? place.missing : udptl->redundancy;
    fax->redundancy = udptl->redundancy > fax->redundancy ? udptl->redundancy : fax->redundancy;
    fax->fec |= udptl->fec;
    signal_take(fax, udptl->primary);
}

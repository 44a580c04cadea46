/* Playout. In terms of transit (arrival less timestamp, against the first packet): a packet is late when its transit is greater than
   that of the talkspurt's first packet and the delay. `slack` is what is left. */
#include "media/playout.h"

#include <stdio.h>

/* Ramjee et al. 1994, algorithm 1: estimates of delay and variation by exponential averages. */
#define ADAPT 0.998002
#define VARIATIONS 4.0
#define DELAY_LEAST_NS (20.0 * (double)NS_PER_MS)

static int64_t delay_now(const struct media *media, const struct detail *detail, int64_t transit_ns)
{
    const struct buffer_model *model = &media->config.buffer;
    if (model->kind == BUFFER_FIXED)
        return model->delay_ns;
    double most = (double)model->delay_ns, delay = detail->delay_ns + VARIATIONS * detail->variation_ns - (double)transit_ns;
    return (int64_t)(delay < DELAY_LEAST_NS ? DELAY_LEAST_NS : delay > most ? most : delay);
}

/* Every packet of an adaptive buffer. */
static void estimate(const struct media *media, const struct stream *stream, struct detail *detail)
{
    if (media->config.buffer.kind == BUFFER_FIXED)
        return;
    double transit = (double)(detail->offset_ns - stream->slack_ns);
    double off = transit - detail->delay_ns;
    detail->delay_ns = ADAPT * detail->delay_ns + (1 - ADAPT) * transit;
    detail->variation_ns = ADAPT * detail->variation_ns + (1 - ADAPT) * (off < 0 ? -off : off);
}

void playout_anchor(const struct media *media, struct stream *stream, struct detail *detail, int64_t deviation_ns)
{
    int64_t transit = detail->offset_ns - stream->slack_ns + deviation_ns;
    stream->slack_ns = delay_now(media, detail, transit);
    detail->offset_ns = transit + stream->slack_ns;
    detail->anchor_ns = transit;
    estimate(media, stream, detail);
}

void playout_see(const struct media *media, struct stream *stream, struct detail *detail, int64_t deviation_ns)
{
    stream->slack_ns -= deviation_ns;
    estimate(media, stream, detail);
}

void playout_follow(const struct media *media, struct stream *stream, struct detail *detail, int64_t least_ns)
{
    int64_t moved = least_ns - detail->anchor_ns;
    bool adaptive = media->config.buffer.kind == BUFFER_ADAPTIVE;
    if (!adaptive && (moved < 0 ? -moved : moved) <= media->config.buffer.delay_ns / 2)
        return;
    detail->anchor_ns = least_ns;
    if (adaptive) {
        playout_anchor(media, stream, detail, 0);
        detail->anchor_ns = least_ns;
        return;
    }
    stream->slack_ns += moved;
    detail->offset_ns += moved;
}

const char *playout_name(const struct buffer_model *model, char out[40])
{
    (void)snprintf(out, 40, "%s %lld ms", model->kind == BUFFER_FIXED ? "fixed" : "adaptive up to",
                   (long long)(model->delay_ns / NS_PER_MS));
    return out;
}

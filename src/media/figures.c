/* What a stream's counters amount to: sequence figures, sums of the hot line, packets by payload type. */
#include "media/state.h"

/* Less tells no rate. */
#define CLOCK_LEAST_NS (2 * NS_PER_SECOND)

uint64_t stream_expected(const struct stream *stream, const struct detail *detail)
{
    return detail->expected_before + (stream->highest - detail->base + 1);
}

uint64_t stream_unique(const struct stream *stream, const struct detail *detail)
{
    return (uint64_t)stream->packets - detail->duplicates - detail->strays;
}

void stream_fold(struct stream *stream, struct detail *detail)
{
    uint32_t packets = stream->packets - detail->fold_packets;
    detail->bytes += stream->bytes;
    detail->jitter_samples += packets - detail->excluded;
    detail->jitter_sum += (double)stream->jitter_sum;
    detail->jitter_max = stream->jitter_max > detail->jitter_max ? stream->jitter_max : detail->jitter_max;
    detail->delta_max = stream->delta_max > detail->delta_max ? stream->delta_max : detail->delta_max;
    detail->window_delta_max = stream->delta_max > detail->window_delta_max ? stream->delta_max : detail->window_delta_max;
    detail->fold_packets = stream->packets;
    detail->excluded = 0;
    stream->bytes = 0;
    stream->jitter_sum = stream->jitter_max = stream->delta_max = 0;
}

/* NULL where the stream has shown more types than are kept. */
static struct type_count *type_of(struct detail *detail, uint8_t payload_type)
{
    for (unsigned i = 0; i < detail->type_count; i++)
        if (detail->types[i].payload_type == payload_type)
            return &detail->types[i];
    if (detail->type_count == TYPES_MAX)
        return NULL;
    struct type_count *type = &detail->types[detail->type_count++];
    type->payload_type = payload_type;
    return type;
}

void stream_type_add(struct detail *detail, uint8_t payload_type, uint32_t packets, bool apart)
{
    struct type_count *type = packets == 0 ? NULL : type_of(detail, payload_type);
    detail->typed += packets;
    if (type == NULL)
        return;
    type->packets += packets;
    type->apart += apart ? packets : 0;
}

void stream_types_settle(const struct stream *stream, struct detail *detail)
{
    stream_type_add(detail, detail->usual, stream->packets - detail->typed, false);
}

uint32_t stream_type_measured(const struct stream *stream, const struct detail *detail, unsigned at)
{
    const struct type_count *type = &detail->types[at];
    return type->packets - type->apart + (type->payload_type == detail->usual ? stream->packets - detail->typed : 0);
}

uint8_t stream_type_main(const struct media *media, const struct stream *stream, const struct detail *detail)
{
    uint8_t best = detail->types[0].payload_type;
    uint32_t most = 0;
    for (int apart = 0; apart < 2 && most == 0; apart++)
        for (unsigned i = 0; i < detail->type_count; i++) {
            uint8_t type = detail->types[i].payload_type;
            const struct format *format = format_of(media, detail, type);
            bool is_apart = format != NULL ? format->codec != NULL && codec_is_apart(format->codec) : type == 13 || type == 19;
            if (is_apart == (apart == 1) && stream_type_measured(stream, detail, i) > most) {
                most = stream_type_measured(stream, detail, i);
                best = type;
            }
        }
    return best;
}

uint32_t clock_near(double rate)
{
    static const uint32_t clocks[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 90000};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        if (rate > clocks[i] * 0.98 && rate < clocks[i] * 1.02)
            return clocks[i];
    return 0;
}

/* Two things must agree: the rate over the whole stream, and that single packets are not as far apart as their timestamps say. A sender
   whose timestamps stand still in silence has the first, but not the second. */
uint32_t stream_clock_true(const struct stream *stream, const struct detail *detail)
{
    int64_t elapsed = stream->arrival_ns - detail->first_ns;
    if (detail->clock_hz == 0 || detail->kind == MEDIA_VIDEO || detail->turn != 0 || detail->restarts > 0 || elapsed < CLOCK_LEAST_NS ||
        detail->off_pace * 2 <= detail->paced)
        return 0;
    uint32_t clock = clock_near((double)(stream->timestamp - detail->first_timestamp) * 1e9 / (double)elapsed);
    return clock == detail->clock_hz ? 0 : clock;
}

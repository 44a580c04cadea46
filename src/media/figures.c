/* What a stream's counters amount to: sequence figures, sums of the hot line, packets by payload type. */
#include "media/state.h"

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

void stream_type_add(struct detail *detail, uint8_t payload_type, uint32_t packets)
{
    struct type_count *type = packets == 0 ? NULL : type_of(detail, payload_type);
    detail->typed += packets;
    if (type != NULL)
        type->packets += packets;
}

void stream_types_settle(const struct stream *stream, struct detail *detail)
{
    stream_type_add(detail, detail->usual, stream->packets - detail->typed);
}

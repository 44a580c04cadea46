/* What media says of a call when its record is made: its streams, its worst figures, its digits. */
#include <stdlib.h>

#include "media/describe.h"
#include "media/digits.h"
#include "media/flow.h"
#include "media/score.h"

/* The session's streams in order of their beginning; NULL without memory. To be freed. */
static struct stream_order *streams_ordered(const struct media *media, const struct session *session, size_t *count)
{
    *count = 0;
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next)
        ++*count;
    struct stream_order *order = malloc((*count + 1) * sizeof *order);
    *count = 0;
    for (uint32_t at = session->streams; at != POOL_NONE && order != NULL; at = detail_at(media, at)->links[LIST_SESSION].next)
        order[(*count)++] = (struct stream_order){.id = detail_at(media, at)->id, .number = at};
    if (order != NULL)
        streams_sort(order, *count);
    return order;
}

void media_release(struct media *media, uint32_t number, const struct call_record *call)
{
    size_t count = 0;
    if (number == SESSION_NONE)
        return;
    struct session *session = session_at(media, number);
    struct stream_order *order = call == NULL ? NULL : streams_ordered(media, session, &count);
    for (size_t i = 0; i < count; i++)
        describe_publish(media, order[i].number, call);
    free(order);
    while (session->streams != POOL_NONE)
        stream_free(media, session->streams);
    session_free(media, number);
}

void media_streams(struct media *media, uint32_t number, const struct call_record *call, record_reader *read, void *context)
{
    size_t count = 0;
    if (number == SESSION_NONE || session_at(media, number)->streams == POOL_NONE)
        return;
    struct stream_order *order = streams_ordered(media, session_at(media, number), &count);
    for (size_t i = 0; i < count; i++)
        describe_give(media, order[i].number, call, read, context);
    free(order);
}

static bool ids_reserve(struct media *media, size_t count)
{
    if (count <= media->ids_room)
        return true;
    uint64_t *grown = realloc(media->ids_scratch, count * 2 * sizeof *grown);
    if (grown == NULL)
        return false;
    media->ids_scratch = grown;
    media->ids_room = count * 2;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* The worst of the call's audio streams. */
static void worst_put(struct media *media, uint32_t number, struct call_record *call)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    stream_fold(stream, detail);
    uint64_t expected = stream_expected(stream, detail), unique = stream_unique(stream, detail);
    double loss = expected > unique ? 100 * (double)(expected - unique) / (double)expected : 0;
    call->loss_pct = isnan(call->loss_pct) || loss > call->loss_pct ? loss : call->loss_pct;
    if (detail->jitter_samples > 0 && detail->kind != MEDIA_VIDEO) {
        int64_t jitter = (int64_t)(detail->jitter_sum / (double)detail->jitter_samples);
        call->jitter = jitter > call->jitter ? jitter : call->jitter; /* CLOCK_NONE is the smallest */
    }
    double lq = score_lq(media, number);
    if (!isnan(lq) && (isnan(call->mos) || lq < call->mos))
        call->mos = lq;
}

void media_describe(struct media *media, uint32_t number, struct call_record *call)
{
    if (number == SESSION_NONE)
        return;
    const struct session *session = session_at(media, number);
    size_t count = 0;
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next) {
        if (!ids_reserve(media, count + 1))
            return;
        media->ids_scratch[count++] = detail_at(media, at)->id;
        worst_put(media, at, call);
    }
    if (count > 1)
        qsort(media->ids_scratch, count, sizeof *media->ids_scratch, by_number);
    call->streams = (struct number_list){media->ids_scratch, count};
    call->dtmf = digits_text(media, session);
}

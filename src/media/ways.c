/* A call's media as two sums: what its logs and metrics count by the minute. */
#include <math.h>

#include "media/reports.h"
#include "media/score.h"

static void stream_add(struct media *media, uint32_t number, struct media_way *way, uint32_t *most)
{
    struct stream *stream = stream_at(media, number);
    struct detail *detail = detail_at(media, number);
    struct mos_input input;
    stream_fold(stream, detail);
    uint64_t expected = stream_expected(stream, detail), unique = stream_unique(stream, detail);
    int64_t round_trip = reports_round_trip_ns(media, number);
    way->packets += stream->packets;
    way->bytes += detail->bytes;
    way->expected += expected;
    way->lost += expected > unique ? expected - unique : 0;
    way->bad += loss_figures(&detail->loss, expected).bad;
    way->jitter_samples += detail->jitter_samples;
    way->jitter_sum_ns += detail->jitter_sum;
    if (round_trip != CLOCK_NONE)
        way->rtt_ns = round_trip;
    if (stream->packets >= *most && score_input(media, number, &input)) {
        *most = stream->packets;
        way->scored = true;
        way->input = input;
    }
}

/* Whether the stream is of the hop whose streams count, by itself. */
static bool is_counted(const struct media *media, const struct detail *detail)
{
    return media->config.counts != NULL && media->config.counts(media->config.counts_context, &detail->src, &detail->dst);
}

bool ways_count(const struct media *media, uint32_t number)
{
    const struct detail *detail = detail_at(media, number);
    if (media->config.counts == NULL || is_counted(media, detail))
        return true;
    for (uint32_t at = session_at(media, detail->session)->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next)
        if (is_counted(media, detail_at(media, at)))
            return false;
    return true;
}

bool media_ways(struct media *media, uint32_t session, struct media_way ways[MEDIA_WAYS])
{
    uint32_t most[MEDIA_WAYS] = {0};
    if (session == SESSION_NONE)
        return false;
    const struct session *found = session_at(media, session);
    for (int i = 0; i < MEDIA_WAYS; i++)
        ways[i] = (struct media_way){.rtcp_packets = found->rtcp_packets[i], .rtcp_bytes = found->rtcp_bytes[i], .rtt_ns = CLOCK_NONE};
    for (uint32_t at = found->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next) {
        const struct detail *detail = detail_at(media, at);
        int toward = detail->toward == SIDE_CALLER ? MEDIA_TO_CALLER : MEDIA_TO_CALLEE;
        if (detail->kind != MEDIA_VIDEO && detail->kind != MEDIA_IMAGE && ways_count(media, at))
            stream_add(media, at, &ways[toward], &most[toward]);
    }
    return true;
}

double media_way_mos(const struct media_way *before, const struct media_way *now)
{
    if (!now->scored || now->expected <= before->expected)
        return NAN;
    struct mos_input input = now->input;
    double expected = (double)(now->expected - before->expected), bad = now->bad > before->bad ? (double)(now->bad - before->bad) : 0;
    input.loss_pct = bad < expected ? 100 * bad / expected : 100;
    return mos_score(&input).mos;
}

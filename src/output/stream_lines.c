/* One line with what matters of a stream, and another for what is unusual about it. */
#include "output/stream_lines.h"

static void count_put(struct text *out, const char *before, uint64_t count, const char *what)
{
    if (count == 0 || count == NUMBER_NONE)
        return;
    text_str(out, before);
    text_uint(out, count);
    text_str(out, what);
}

static void percent_put(struct text *out, double percent)
{
    if (percent > 0 && percent < 0.01)
        text_str(out, "<0.01");
    else
        text_real(out, percent, 2);
    text_str(out, " %");
}

static void clock_put(struct text *out, int64_t at)
{
    char iso[CLOCK_ISO_SIZE];
    clock_format_iso(at, iso);
    text_bytes(out, iso + 11, 8);
}

static void mos_put(struct text *out, const struct stream_mos *mos)
{
    if (isnan(mos->lq)) {
        text_str(out, ", no MOS: ");
        text_plain(out, mos->why);
        return;
    }
    text_str(out, ", MOS ");
    text_real(out, mos->lq, 2);
    if (!isnan(mos->cq)) {
        text_str(out, " (with delay ");
        text_real(out, mos->cq, 2);
        text_put(out, ')');
    }
    if (!isnan(mos->min) && mos->min < mos->lq - 0.005) {
        text_str(out, ", worst 5 s ");
        text_real(out, mos->min, 2);
        text_str(out, " at ");
        clock_put(out, mos->min_at);
    }
}

static void rtcp_put(struct text *out, const struct stream_rtcp *rtcp)
{
    if (rtcp == NULL || (rtcp->lost == NUMBER_NONE && rtcp->rtt == CLOCK_NONE && rtcp->rtt_far == CLOCK_NONE))
        return;
    const char *mark = "; RTCP: ";
    if (rtcp->lost != NUMBER_NONE) {
        text_str(out, mark);
        text_str(out, "receiver lost ");
        text_uint(out, rtcp->lost);
        mark = ", ";
    }
    if (rtcp->where.len > 0) {
        text_str(out, " (");
        text_plain(out, rtcp->where);
        text_put(out, ')');
    }
    bool whole = rtcp->rtt != CLOCK_NONE;
    if (whole || rtcp->rtt_far != CLOCK_NONE) {
        text_str(out, mark);
        text_str(out, whole ? "round trip " : "round trip tap to receiver ");
        text_real(out, (double)(whole ? rtcp->rtt : rtcp->rtt_far) / (double)NS_PER_MS, 1);
        text_str(out, " ms");
    }
}

static void digits_put(struct text *out, const struct stream_record *stream)
{
    if (stream->dtmf_count == 0)
        return;
    text_str(out, "; DTMF ");
    for (size_t i = 0; i < stream->dtmf_count; i++) {
        text_str(out, stream->dtmf[i].digit.len > 1 ? " " : "");
        text_plain(out, stream->dtmf[i].digit);
    }
    if (stream->dtmf_left_out != NUMBER_NONE)
        text_format(out, " and %llu more", (unsigned long long)stream->dtmf_left_out);
}

static void tones_put(struct text *out, const struct stream_record *stream)
{
    for (size_t i = 0; i < stream->tone_count; i++) {
        text_str(out, i == 0 ? "; tones in the audio " : "");
        text_plain(out, stream->tones[i].digit);
    }
}

static void reported_put(struct text *out, const struct stream_reported *reported)
{
    if (reported == NULL)
        return;
    text_str(out, "; ");
    text_plain(out, reported->by);
    text_str(out, " of its receiver:");
    if (!isnan(reported->lost)) {
        text_str(out, " lost ");
        text_real(out, reported->lost, 0);
    }
    if (!isnan(reported->loss_pct)) {
        text_str(out, " loss ");
        percent_put(out, reported->loss_pct);
    }
    if (reported->jitter != CLOCK_NONE) {
        text_str(out, " jitter ");
        text_ms(out, reported->jitter);
        text_str(out, " ms");
    }
    if (!isnan(reported->mos_lq)) {
        text_str(out, " MOS ");
        text_real(out, reported->mos_lq, 2);
    }
}

static void unusual_put(struct text *out, const struct stream_record *stream)
{
    count_put(out, ", ", stream->duplicates, " repeated");
    count_put(out, ", ", stream->reordered, " out of order");
    count_put(out, ", ", stream->strays, " strays");
    count_put(out, ", ", stream->restarts, " restarts of the sequence");
    if (stream->gaps != NULL) {
        count_put(out, "; of the lost, ", stream->gaps->packets, " are missing on many streams at once: the capture lost them");
    }
}

static void fax_put(struct text *out, const struct stream_fax *fax)
{
    if (fax == NULL)
        return;
    count_put(out, ", ", fax->recovered, " of them recovered");
    if (fax->switchover != CLOCK_NONE) {
        text_str(out, ", first packet ");
        text_ms(out, fax->switchover);
        text_str(out, " ms after its offer or answer");
    }
    for (size_t i = 0; i < fax->signals.count; i++) {
        text_str(out, i == 0 ? ": " : ", ");
        text_plain(out, fax->signals.items[i]);
    }
}

void stream_lines(struct text *out, const struct stream_record *stream)
{
    char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
    endpoint_format(&stream->src, src);
    endpoint_format(&stream->dst, dst);
    text_str(out, stream->fax != NULL ? "     udptl " : "     rtp ");
    text_str(out, src);
    text_str(out, " > ");
    text_str(out, dst);
    text_put(out, ' ');
    if (stream->codec.len > 0)
        text_plain(out, stream->codec);
    else
        text_str(out, "unknown codec");
    if (!slice_is(stream->why, "sdp")) {
        text_str(out, " (");
        text_plain(out, stream->why);
        text_put(out, ')');
    }
    if (stream->srtp != NULL) {
        text_str(out, ", encrypted with ");
        text_plain(out, stream->srtp->suite);
    }
    text_str(out, ": ");
    text_uint(out, stream->packets);
    text_str(out, stream->packets == 1 ? " packet, " : " packets, ");
    percent_put(out, stream->loss_pct);
    text_str(out, " lost");
    if (stream->late != NUMBER_NONE && stream->late > 0) {
        text_str(out, ", ");
        percent_put(out, stream->late_pct);
        text_str(out, " late");
    }
    if (stream->jitter != NULL) {
        text_str(out, ", jitter ");
        text_real(out, (double)stream->jitter->mean / (double)NS_PER_MS, 1);
        text_str(out, " ms, most ");
        text_real(out, (double)stream->jitter->max / (double)NS_PER_MS, 1);
    }
    if (stream->fax == NULL)
        mos_put(out, stream->mos);
    fax_put(out, stream->fax);
    unusual_put(out, stream);
    digits_put(out, stream);
    tones_put(out, stream);
    rtcp_put(out, stream->rtcp);
    reported_put(out, stream->reported);
    text_put(out, '\n');
}

/* Loss behind the buffer, its burstiness and the codec make the listening score; a known delay makes the conversational one. */
#include "media/score.h"

#include <stdio.h>

#include "media/playout.h"
#include "media/reports.h"
#include "media/window.h"

/* Less is no call: G.107 speaks of conversations, and a few packets weigh too much. */
#define SCORED_NS (5 * NS_PER_SECOND)

/* Nor is what holds less than half of that in packets, or fewer packets whose time can be compared where their length is not known. */
#define SPEECH_NS (SCORED_NS / 2)
enum { TIMED_PACKETS = 50 };

/* Of a stream's packets, so many of another codec change its score by less than 0.03. */
enum { OTHERS_PCT = 1 };

/* The codec of most packets, in its mode; NULL. */
static const struct codec *codec_scored(const struct media *media, const struct stream *stream, const struct detail *detail)
{
    uint32_t clock;
    uint8_t type = stream_type_main(media, stream, detail);
    const struct format *format = format_of(media, detail, type);
    struct slice fmtp = format == NULL ? SLICE_NONE : intern_text(&media->intern, format->fmtp);
    const struct codec *codec = codec_of_type(media, detail, type, &clock);
    if (codec == NULL)
        return NULL;
    bool sampled = detail->sample_type == type; /* else its packets' bytes are not known (any more) */
    return codec_mode(codec, fmtp, slice_of(detail->sample, sampled ? detail->sample_len : 0), sampled ? detail->sample_size : 0);
}

static bool sounds_alike(const struct codec *a, const struct codec *b)
{
    bool values = a != NULL && b != NULL && a->model == b->model && !(a->ie < b->ie) && !(a->ie > b->ie) && !isnan(a->ie) && !isnan(b->ie);
    return a == b || (values && (a->bpl == b->bpl || (isnan(a->bpl) && isnan(b->bpl))));
}

/* True when a part of the stream that counts is of another codec than its main one. */
static bool codecs_mixed(const struct media *media, const struct stream *stream, const struct detail *detail)
{
    uint32_t clock;
    uint8_t type = stream_type_main(media, stream, detail);
    const struct codec *codec = codec_of_type(media, detail, type, &clock);
    uint64_t alike = 0;
    for (unsigned i = 0; i < detail->type_count; i++) {
        uint8_t other = detail->types[i].payload_type;
        alike += detail->types[i].apart;
        if (other == type || (codec != NULL && sounds_alike(codec, codec_of_type(media, detail, other, &clock))))
            alike += stream_type_measured(stream, detail, i);
    }
    return (uint64_t)stream->packets > alike && (stream->packets - alike) * 100 > (uint64_t)stream->packets * OTHERS_PCT;
}

/* Silence is not sent, and what was lost was: so much of the stream was packets. */
static bool holds_little(const struct stream *stream, const struct detail *detail)
{
    uint64_t timed = detail->jitter_samples + (stream->packets - detail->fold_packets) - detail->excluded;
    if (stream->step == 0)
        return timed < TIMED_PACKETS;
    return stream_expected(stream, detail) * stream->step_ns < (uint64_t)SPEECH_NS;
}

/* Why there is no score; NULL where there is one. */
static const char *refusal(const struct media *media, const struct stream *stream, const struct detail *detail, const struct codec *codec)
{
    if (detail->kind == MEDIA_IMAGE)
        return "It is fax, not speech.";
    if (detail->kind == MEDIA_VIDEO)
        return "The E-model scores speech, not video.";
    if (detail->usual == STREAM_SLOW)
        return "It carries telephone events or comfort noise only.";
    if (codecs_mixed(media, stream, detail))
        return "It changed its codec, and each has an impairment of its own.";
    if (codec == NULL)
        return "The codec is not known.";
    if (isnan(codec->ie))
        return codec->why;
    if (stream->arrival_ns - detail->first_ns < SCORED_NS)
        return "It is shorter than 5 s.";
    if (detail->clock_hz == 0)
        return "Its clock is not known: late packets cannot be told.";
    if (stream_clock_true(stream, detail) != 0)
        return "Its timestamps run at another clock than the one of its codec or description: late packets cannot be told.";
    if (holds_little(stream, detail))
        return "It has too few packets whose timing is known.";
    return NULL;
}

static double bpl_of(const struct codec *codec)
{
    return isnan(codec->bpl) ? CODEC_BPL_LEAST : codec->bpl;
}

static struct mos_input input_of(const struct codec *codec, double loss_pct, double burst_r)
{
    return (struct mos_input){.model = codec->model, .ie = codec->ie, .bpl = bpl_of(codec), .loss_pct = loss_pct, .burst_r = burst_r,
                              .delay_ms = NAN};
}

/* Lost and late of the expected. */
static double loss_behind(uint64_t expected, const struct loss_figures *losses)
{
    uint64_t bad = losses->bad < expected ? losses->bad : expected;
    return expected == 0 ? 0 : 100 * (double)bad / (double)expected;
}

/* One way from mouth to ear: network, buffer, packet and look-ahead (G.107 7.4.3). CLOCK_NONE where the network's part is unknown. */
static int64_t delay_of(const struct media *media, uint32_t number, const struct stream *stream, const struct codec *codec)
{
    int64_t network = media->config.one_way_delay_ns, round_trip = reports_round_trip_ns(media, number);
    if (round_trip != CLOCK_NONE)
        network = round_trip / 2;
    if (network == CLOCK_NONE)
        return CLOCK_NONE;
    return network + media->config.buffer.delay_ns + stream->step_ns + (int64_t)(codec->lookahead_ms * (double)NS_PER_MS);
}

bool score_input(const struct media *media, uint32_t number, struct mos_input *input)
{
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    const struct codec *codec = codec_scored(media, stream, detail);
    if (refusal(media, stream, detail, codec) != NULL)
        return false;
    uint64_t expected = stream_expected(stream, detail);
    struct loss_figures losses = loss_figures(&detail->loss, expected);
    *input = input_of(codec, 0, loss_burst_r(losses.bad, losses.runs, expected));
    return true;
}

double score_lq(const struct media *media, uint32_t number)
{
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    const struct codec *codec = codec_scored(media, stream, detail);
    if (refusal(media, stream, detail, codec) != NULL)
        return NAN;
    uint64_t expected = stream_expected(stream, detail);
    struct loss_figures losses = loss_figures(&detail->loss, expected);
    struct mos_input input =
        input_of(codec, loss_behind(expected, &losses), loss_burst_r(losses.bad, losses.runs, expected));
    return mos_score(&input).mos;
}

size_t score_windows(const struct media *media, uint32_t number, double burst_r, const struct window *windows, size_t count,
                     uint64_t *out)
{
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    const struct codec *codec = codec_scored(media, stream, detail);
    if (refusal(media, stream, detail, codec) != NULL)
        return 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t expected = (uint64_t)windows[i].packets + windows[i].lost, bad = (uint64_t)windows[i].lost + windows[i].late;
        double loss = expected == 0 ? 0 : 100 * (double)(bad < expected ? bad : expected) / (double)expected;
        struct mos_input input = input_of(codec, loss, burst_r);
        out[i] = expected == 0 ? 0 : (uint64_t)(mos_score(&input).mos * 100 + 0.5);
    }
    return count;
}

void score_stream(const struct media *media, uint32_t number, const struct loss_figures *losses, struct score *score)
{
    const struct stream *stream = stream_at(media, number);
    const struct detail *detail = detail_at(media, number);
    const struct codec *codec = codec_scored(media, stream, detail);
    const char *why = refusal(media, stream, detail, codec);
    struct stream_mos *mos = &score->mos;
    *mos = (struct stream_mos){.lq = NAN, .cq = NAN, .r = NAN, .min = NAN, .min_at = CLOCK_NONE, .ie = NAN, .bpl = NAN, .loss_pct = NAN,
                               .burst_r = NAN, .delay = CLOCK_NONE};
    if (codec != NULL && codec->kind == CODEC_SPEECH) {
        mos->codec = slice_str(codec->name);
        mos->model = slice_str(mos_model_name(codec->model));
    }
    if (why != NULL) {
        mos->why = slice_str(why);
        return;
    }
    uint64_t expected = stream_expected(stream, detail);
    struct mos_input input = input_of(codec, loss_behind(expected, losses), loss_burst_r(losses->bad, losses->runs, expected));
    struct mos_score lq = mos_score(&input);
    mos->lq = mos->min = lq.mos;
    mos->r = lq.r;
    mos->ie = input.ie;
    mos->bpl = input.bpl;
    mos->loss_pct = input.loss_pct;
    mos->burst_r = input.burst_r;
    mos->plc = slice_str(codec->plc);
    mos->buffer = slice_str(playout_name(&media->config.buffer, score->buffer_name));
    if (isnan(codec->bpl))
        mos->assumed = slice_str("No Bpl is published for this codec: 4.3, no concealment, stands in; with loss the score is a lower bound.");
    struct worst worst = window_worst(stream, detail);
    if (worst.weight > 0) {
        struct mos_input window = input_of(codec, worst.loss_pct, worst.burst_r);
        double least = mos_score(&window).mos;
        if (least <= mos->lq) { /* else no window was worse than the whole, whose loss came in longer runs */
            mos->min = least;
            mos->min_at = worst.at_ns;
        }
    }
    mos->delay = delay_of(media, number, stream, codec);
    if (mos->delay != CLOCK_NONE) {
        input.delay_ms = (double)mos->delay / (double)NS_PER_MS;
        mos->cq = mos_score(&input).mos;
    }
}

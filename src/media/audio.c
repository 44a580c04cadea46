/* G.711 is decoded (ITU-T G.711, by spandsp); of other codecs the listener is told their name. */
#include "media/audio.h"

#include <spandsp.h>

#include "media/decrypt.h"

enum { SAMPLES_MAX = 4096 };

/* The codec of this very packet: one call may change it. */
static const struct codec *codec_of(const struct media *media, const struct detail *detail, const struct rtp_header *header, uint32_t *clock_hz)
{
    const struct format *format = format_of(media, detail, header->payload_type);
    *clock_hz = format != NULL ? format->clock_hz : header->payload_type == detail->usual ? detail->clock_hz : 0;
    if (format != NULL)
        return format->codec;
    return header->payload_type == detail->usual ? detail->codec : NULL;
}

void audio_give(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header)
{
    const struct detail *detail = detail_at(media, number);
    int16_t samples[SAMPLES_MAX];
    struct audio_packet audio = {.src = &detail->src, .dst = &detail->dst, .ssrc = detail->ssrc, .timestamp = header->timestamp,
                                 .time_ns = packet->time_ns, .sealed = !decrypt_read(media, detail, header)};
    const struct codec *codec = codec_of(media, detail, header, &audio.clock_hz);
    if (detail->kind == MEDIA_VIDEO || (codec != NULL && codec_is_apart(codec)))
        return;
    if (codec != NULL)
        audio.codec = slice_str(codec->name);
    bool ulaw = slice_is(audio.codec, "PCMU");
    if (!audio.sealed && (ulaw || slice_is(audio.codec, "PCMA"))) {
        audio.count = header->payload.len < SAMPLES_MAX ? header->payload.len : SAMPLES_MAX;
        for (size_t i = 0; i < audio.count; i++)
            samples[i] = ulaw ? ulaw_to_linear(header->payload.data[i]) : alaw_to_linear(header->payload.data[i]);
        audio.samples = samples;
    }
    media->config.audio(media->config.audio_context, &audio);
}

/* The audio of packets in linear samples, for who asked to hear it. Private to media/. */
#ifndef MEDIA_AUDIO_H
#define MEDIA_AUDIO_H

#include "dissectors/rtp.h"
#include "media/state.h"

/* Where somebody listens. */
void audio_give(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header);

/* The stream's packet, whose payload decrypt_rtp opened where it had to; no matter in which order. Events, comfort noise and video are not
   for listening. */
static inline void audio_hear(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header)
{
    if (media->config.audio != NULL)
        audio_give(media, number, packet, header);
}

#endif

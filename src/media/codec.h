/* Codecs as the E-model sees them: equipment impairment and loss robustness from ITU-T G.113, and what has no published value. */
#ifndef MEDIA_CODEC_H
#define MEDIA_CODEC_H

#include "base/slice.h"
#include "media/mos.h"

enum codec_kind {
    CODEC_SPEECH, /* has, or could have, a score */
    CODEC_APART,  /* shares a stream with speech and is not measured with it: telephone-event, comfort noise */
    CODEC_OTHER   /* video, text, redundancy, ... */
};

/* One codec, or one mode of it. Lives as long as the program. */
struct codec {
    const char *name;      /* RTP encoding name, and the mode where there is more than one */
    enum codec_kind kind;
    enum mos_model model;
    double ie;             /* NAN: none published */
    double bpl;            /* NAN: none published */
    const char *plc;       /* loss concealment that bpl assumes */
    double lookahead_ms;   /* algorithmic delay besides the packet */
    const char *why;       /* with ie NAN: one sentence */
};

/* By RTP encoding name, without case; NULL for a name that the table does not have. */
const struct codec *codec_find(struct slice encoding);

static inline bool codec_is_apart(const struct codec *codec)
{
    return codec->kind == CODEC_APART;
}

/* The mode that a payload and the format parameters tell, for codecs with more than one; the codec itself where it has one.
   payload: the first bytes of a speech packet whose whole payload is `size` bytes long. */
const struct codec *codec_mode(const struct codec *codec, struct slice fmtp, struct slice payload, size_t size);

/* Bpl of a codec without published value: no concealment at all, so that the score is a lower bound. */
#define CODEC_BPL_LEAST 4.3

#endif

/* Values of G.113 (09/2024 with Erratum 1) appendices I, IV and V. A score is only given where a value is published. */
#include "media/codec.h"

#include <math.h>

#define SPEECH(name, model, ie, bpl, plc, lookahead) {name, CODEC_SPEECH, model, ie, bpl, plc, lookahead, NULL}
#define UNKNOWN(name, model, lookahead, why) {name, CODEC_SPEECH, model, NAN, NAN, NULL, lookahead, why}
#define NB MOS_NARROWBAND
#define WB MOS_WIDEBAND
#define FB MOS_FULLBAND

static const char own_plc[] = "the codec's own", no_plc[] = "none known";

static const struct codec codecs[] = {
    SPEECH("PCMU", NB, 0, 25.1, "G.711 Appendix I", 0),
    SPEECH("PCMA", NB, 0, 25.1, "G.711 Appendix I", 0),
    SPEECH("G729", NB, 10, 19.0, own_plc, 5), /* table I.1; Bpl of G.729A, table I.2 */
    SPEECH("G723", NB, 15, 16.1, own_plc, 7.5),
    SPEECH("GSM", NB, 20, NAN, no_plc, 0),
    SPEECH("GSM-EFR", NB, 5, 10.0, own_plc, 0),
    SPEECH("GSM-HR", NB, 23, NAN, no_plc, 0),
    SPEECH("GSM-HR-08", NB, 23, NAN, no_plc, 0),
    SPEECH("G726-40", NB, 2, NAN, no_plc, 0),
    SPEECH("G726-32", NB, 7, NAN, no_plc, 0),
    SPEECH("G726-24", NB, 25, NAN, no_plc, 0),
    SPEECH("G726-16", NB, 50, NAN, no_plc, 0),
    SPEECH("AAL2-G726-40", NB, 2, NAN, no_plc, 0),
    SPEECH("AAL2-G726-32", NB, 7, NAN, no_plc, 0),
    SPEECH("AAL2-G726-24", NB, 25, NAN, no_plc, 0),
    SPEECH("AAL2-G726-16", NB, 50, NAN, no_plc, 0),
    SPEECH("G721", NB, 7, NAN, no_plc, 0),
    SPEECH("G728", NB, 7, NAN, no_plc, 0),
    SPEECH("G722", WB, 13, NAN, no_plc, 1.5),
    UNKNOWN("AMR-WB", WB, 5, "The AMR-WB mode is not known, and each has an impairment of its own."),
    UNKNOWN("EVS", FB, 12, "The EVS mode is not known, or none that G.113 has an impairment for."),
    UNKNOWN("AMR", NB, 5, "G.113 publishes no impairment for AMR."),
    UNKNOWN("opus", FB, 6.5, "G.113 publishes no impairment for Opus."),
    UNKNOWN("iLBC", NB, 0, "G.113 publishes no impairment for iLBC."),
    UNKNOWN("speex", NB, 10, "G.113 publishes no impairment for Speex."),
    UNKNOWN("SILK", WB, 5, "G.113 publishes no impairment for SILK."),
    UNKNOWN("G7221", WB, 20, "G.113 publishes no impairment for G.722.1."),
    UNKNOWN("L16", WB, 0, "L16 is not coded: its bandwidth is not known to the E-model."),
    UNKNOWN("LPC", NB, 0, "G.113 publishes no impairment for LPC."),
    UNKNOWN("DVI4", NB, 0, "G.113 publishes no impairment for DVI4."),
    {"telephone-event", CODEC_APART, NB, NAN, NAN, NULL, 0, "Telephone events are no speech."},
    {"CN", CODEC_APART, NB, NAN, NAN, NULL, 0, "Comfort noise is no speech."},
    {"tone", CODEC_APART, NB, NAN, NAN, NULL, 0, "Tones are no speech."},
    {"red", CODEC_OTHER, NB, NAN, NAN, NULL, 0, "Redundancy (RFC 2198) hides which packets were really missed."},
};

/* G.722.2: diotic values (G.113 IV.3, IV.4), by frame type (3GPP TS 26.201). */
static const struct codec amr_wb[] = {
    SPEECH("AMR-WB 6.60", WB, 56, NAN, no_plc, 5),
    SPEECH("AMR-WB 8.85", WB, 41, NAN, no_plc, 5),
    SPEECH("AMR-WB 12.65", WB, 20, 4.3, own_plc, 5),
    UNKNOWN("AMR-WB 14.25", WB, 5, "G.113 publishes no diotic impairment for AMR-WB at 14.25 kbit/s."),
    SPEECH("AMR-WB 15.85", WB, 17, NAN, no_plc, 5),
    UNKNOWN("AMR-WB 18.25", WB, 5, "G.113 publishes no diotic impairment for AMR-WB at 18.25 kbit/s."),
    UNKNOWN("AMR-WB 19.85", WB, 5, "G.113 publishes no diotic impairment for AMR-WB at 19.85 kbit/s."),
    SPEECH("AMR-WB 23.05", WB, 8, 4.6, own_plc, 5),
    SPEECH("AMR-WB 23.85", WB, 10, 4.9, own_plc, 5),
};

static const struct codec g723_low = SPEECH("G723 5.3", NB, 19, 16.1, own_plc, 7.5);

/* EVS super-wideband (G.113 appendix V with Erratum 1), by the size of its compact payload (3GPP TS 26.445 A.2.1). */
static const struct {
    size_t bytes;
    struct codec codec;
} evs[] = {
    {24, SPEECH("EVS SWB 9.6", FB, 22.7, 13, own_plc, 12)},    {33, SPEECH("EVS SWB 13.2", FB, 17.1, 11.7, own_plc, 12)},
    {41, SPEECH("EVS SWB 16.4", FB, 10.8, 10.3, own_plc, 12)}, {61, SPEECH("EVS SWB 24.4", FB, 7.2, 11.4, own_plc, 12)},
    {80, SPEECH("EVS SWB 32", FB, 8.7, 9.3, own_plc, 12)},     {120, SPEECH("EVS SWB 48", FB, 10.2, 9.6, own_plc, 12)},
};

const struct codec *codec_find(struct slice encoding)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (slice_is_nocase(encoding, codecs[i].name))
            return &codecs[i];
    return NULL;
}

/* The value of a format parameter: "mode-set" of "octet-align=1; mode-set=2". */
static struct slice parameter(struct slice fmtp, const char *name)
{
    for (size_t at = 0; at < fmtp.len;) {
        size_t end = slice_find(fmtp, at, ';');
        struct slice item = slice_trim(slice_cut(fmtp, at, end));
        size_t sign = slice_find(item, 0, '=');
        if (slice_is_nocase(slice_trim(slice_cut(item, 0, sign)), name))
            return slice_trim(slice_after(item, sign + 1));
        at = end + 1;
    }
    return SLICE_NONE;
}

/* RFC 4867 4.3.2 (bandwidth-efficient): CMR(4) F(1) FT(4) Q(1); 4.4.2 (octet-aligned): CMR(4) 0000 | F(1) FT(4) Q(1) 00. */
static const struct codec *amr_wb_mode(const struct codec *codec, struct slice fmtp, struct slice payload)
{
    struct slice set = parameter(fmtp, "mode-set");
    uint64_t mode = 15;
    if (set.len > 0 && slice_uint(set, &mode) && mode < 9)
        return &amr_wb[mode]; /* the only one */
    if (payload.len < 2)
        return codec;
    if (slice_is(parameter(fmtp, "octet-align"), "1"))
        mode = payload.data[1] >> 3 & 15u;
    else
        mode = (payload.data[0] & 7u) << 1 | payload.data[1] >> 7;
    return mode < 9 ? &amr_wb[mode] : codec;
}

/* Only super-wideband has values: the offer must say that it is what is spoken. */
static const struct codec *evs_mode(const struct codec *codec, struct slice fmtp, size_t size)
{
    struct slice bandwidth = parameter(fmtp, "bw");
    size_t dash = slice_find(bandwidth, 0, '-');
    struct slice top = dash < bandwidth.len ? slice_after(bandwidth, dash + 1) : bandwidth;
    for (size_t i = 0; i < sizeof evs / sizeof evs[0] && slice_is_nocase(top, "swb"); i++)
        if (evs[i].bytes == size)
            return &evs[i].codec;
    return codec;
}

const struct codec *codec_mode(const struct codec *codec, struct slice fmtp, struct slice payload, size_t size)
{
    struct slice name = slice_str(codec->name);
    if (slice_is(name, "AMR-WB"))
        return amr_wb_mode(codec, fmtp, payload);
    if (slice_is(name, "EVS"))
        return evs_mode(codec, fmtp, size);
    if (slice_is(name, "G723") && size > 0 && size % 20 == 0 && size % 24 != 0)
        return &g723_low; /* RFC 3551 4.5.3: frames of 20 bytes at 5.3 kbit/s, of 24 at 6.3 */
    return codec;
}

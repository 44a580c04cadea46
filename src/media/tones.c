/* The detector counts samples; their time is that of the packet they came in. */
#include "media/tones.h"

#include <stdlib.h>

#include <spandsp.h>

enum { SAMPLES_MAX = 1600, MISSING_MAX = 50 };

struct tones {
    dtmf_rx_state_t *detector;
    struct tone *items;
    uint16_t count, room;
    int64_t now_ns; /* of the samples being looked at */
    struct media *media;
};

/* The detector's report: a tone begins (with its level) or ends (code 0); `samples` is how long what was before lasted. It works in
   blocks of 102 samples, so that times are as coarse as that. */
static void tone_heard(void *context, int code, int level, int samples)
{
    struct tones *tones = context;
    if (code == 0) {
        if (tones->count > 0 && tones->items[tones->count - 1].duration_ns == 0)
            tones->items[tones->count - 1].duration_ns = (int64_t)samples * NS_PER_SECOND / SAMPLE_RATE;
        return;
    }
    if (tones->count == tones->room) {
        unsigned room = tones->room == 0 ? 8 : tones->room * 2u;
        struct tone *grown = room > TONES_KEPT ? NULL : realloc(tones->items, room * sizeof *grown);
        if (grown == NULL)
            return;
        tones->media->heap_bytes += (room - tones->room) * sizeof *grown;
        tones->items = grown;
        tones->room = (uint16_t)room;
    }
    tones->items[tones->count++] = (struct tone){.at_ns = tones->now_ns, .level_dbm0 = level, .digit = (char)code};
}

static struct tones *tones_new(struct media *media)
{
    struct tones *tones = calloc(1, sizeof *tones);
    if (tones == NULL)
        return NULL;
    tones->media = media;
    tones->detector = dtmf_rx_init(NULL, NULL, NULL);
    if (tones->detector == NULL) {
        free(tones);
        return NULL;
    }
    dtmf_rx_set_realtime_callback(tones->detector, tone_heard, tones);
    media->heap_bytes += sizeof *tones;
    return tones;
}

void tones_free(struct media *media, struct tones *tones)
{
    if (tones == NULL)
        return;
    media->heap_bytes -= sizeof *tones + tones->room * sizeof *tones->items;
    (void)dtmf_rx_free(tones->detector);
    free(tones->items);
    free(tones);
}

void tones_hear(struct media *media, uint32_t number, int64_t time_ns, struct slice payload, uint32_t missing)
{
    struct detail *detail = detail_at(media, number);
    int16_t samples[SAMPLES_MAX];
    bool ulaw = detail->codec != NULL && slice_is(slice_str(detail->codec->name), "PCMU");
    if (!ulaw && (detail->codec == NULL || !slice_is(slice_str(detail->codec->name), "PCMA")))
        return;
    if (detail->tones == NULL && (detail->tones = tones_new(media)) == NULL)
        return;
    size_t count = payload.len < SAMPLES_MAX ? payload.len : SAMPLES_MAX;
    for (size_t i = 0; i < count; i++)
        samples[i] = ulaw ? ulaw_to_linear(payload.data[i]) : alaw_to_linear(payload.data[i]);
    for (uint32_t i = 0; i < missing && i < MISSING_MAX; i++)
        (void)dtmf_rx_fillin(detail->tones->detector, (int)count);
    detail->tones->now_ns = time_ns;
    (void)dtmf_rx(detail->tones->detector, samples, (int)count);
}

const struct tone *tones_list(const struct tones *tones, size_t *count)
{
    *count = tones == NULL ? 0 : tones->count;
    return tones == NULL || tones->count == 0 ? NULL : tones->items;
}

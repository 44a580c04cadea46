/* The payload formats of media lines (RFC 4566 a=rtpmap, RFC 3264): most calls offer one of a few lists, so each is kept once. */
#include <stdlib.h>

#include "media/state.h"

enum { SET_FORMATS_MAX = 128 }; /* there are no more payload types */

/* G.722 samples at 16 kHz, and many descriptions say so; its RTP clock is 8000 all the same (RFC 3551 4.5.2). */
static uint32_t clock_of(const struct sdp_format *from)
{
    return slice_is_nocase(from->encoding, "G722") ? 8000 : from->clock_hz;
}

enum media_kind formats_kind(struct slice kind)
{
    return slice_is_nocase(kind, "audio")   ? MEDIA_AUDIO
           : slice_is_nocase(kind, "video") ? MEDIA_VIDEO
           : slice_is_nocase(kind, "image") ? MEDIA_IMAGE
                                            : MEDIA_OTHER;
}

static struct format format_from(struct media *media, const struct sdp_format *from, enum media_kind kind)
{
    return (struct format){.codec = codec_find(from->encoding),
                           .clock_hz = clock_of(from),
                           .name = intern_number(&media->intern, from->encoding),
                           .fmtp = intern_number(&media->intern, from->fmtp),
                           .payload_type = from->payload_type,
                           .kind = (uint8_t)kind};
}

static uint64_t line_hash(const struct media *media, const struct sdp_media *line, uint64_t hash)
{
    hash = hash_word(media->config.hash_seed, hash ^ line->format_count ^ (uint64_t)formats_kind(line->kind) << 8);
    for (unsigned i = 0; i < line->format_count; i++) {
        const struct sdp_format *format = &line->formats[i];
        hash = hash_word(media->config.hash_seed, hash ^ (uint64_t)format->clock_hz << 16 ^ (uint64_t)format->payload_type << 8);
        hash = hash_bytes(hash, format->encoding);
        hash = hash_bytes(hash, format->fmtp);
    }
    return hash;
}

static uint64_t set_hash(const struct media *media, const struct sdp *sdp, unsigned lines)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < sdp->media_count; i++)
        if (lines >> i & 1)
            hash = line_hash(media, &sdp->media[i], hash);
    return hash;
}

static void set_add(struct media *media, struct format_set *set, const struct sdp_media *line)
{
    for (unsigned i = 0; i < line->format_count && set->count < SET_FORMATS_MAX; i++)
        if (line->formats[i].payload_type < 128)
            set->formats[set->count++] = format_from(media, &line->formats[i], formats_kind(line->kind));
}

static struct format_set *set_new(struct media *media, const struct sdp *sdp, unsigned lines)
{
    size_t count = 0;
    if (media->set_count == media->set_room) {
        uint32_t room = media->set_room == 0 ? 16 : media->set_room * 2;
        struct format_set **grown = media->set_count >= SETS_MAX - 1 ? NULL : realloc(media->sets, room * sizeof(struct format_set *));
        if (grown == NULL)
            return NULL;
        media->sets = grown;
        media->set_room = room;
    }
    for (unsigned i = 0; i < sdp->media_count; i++)
        count += lines >> i & 1 ? sdp->media[i].format_count : 0;
    struct format_set *set = malloc(sizeof *set + count * sizeof set->formats[0]);
    if (set == NULL)
        return NULL;
    set->count = 0;
    for (unsigned i = 0; i < sdp->media_count; i++)
        if (lines >> i & 1)
            set_add(media, set, &sdp->media[i]);
    media->sets[media->set_count++] = set;
    return set;
}

uint16_t formats_number(struct media *media, const struct sdp *sdp, unsigned lines)
{
    uint64_t hash = set_hash(media, sdp, lines);
    uint32_t cursor = 0, index;
    /* 64 seeded bits: two lists that share them do not happen. */
    while ((index = table_next(&media->by_formats, hash, &cursor)) != TABLE_NONE)
        if (media->sets[index]->hash == hash)
            return (uint16_t)(index + 1);
    struct format_set *set = set_new(media, sdp, lines);
    if (set == NULL)
        return 0;
    set->hash = hash;
    if (!table_add(&media->by_formats, hash, media->set_count - 1)) {
        free(set);
        media->set_count--;
        return 0;
    }
    return (uint16_t)media->set_count;
}

bool formats_have_kind(const struct media *media, uint16_t number, uint8_t kind)
{
    const struct format_set *set = number == 0 ? NULL : media->sets[number - 1];
    for (unsigned i = 0; set != NULL && i < set->count; i++)
        if (set->formats[i].kind == kind)
            return true;
    return false;
}

void formats_fini(struct media *media)
{
    for (uint32_t i = 0; i < media->set_count; i++)
        free(media->sets[i]);
    free(media->sets);
    table_fini(&media->by_formats);
}

static const struct format *format_in(const struct media *media, uint16_t number, uint8_t payload_type)
{
    const struct format_set *set = number == 0 ? NULL : media->sets[number - 1];
    for (unsigned i = 0; set != NULL && i < set->count; i++)
        if (set->formats[i].payload_type == payload_type)
            return &set->formats[i];
    return NULL;
}

const struct format *format_of(const struct media *media, const struct detail *detail, uint8_t payload_type)
{
    const struct format *format = format_in(media, detail->formats, payload_type);
    return format != NULL ? format : format_in(media, detail->own_formats, payload_type);
}

const struct codec *codec_of_type(const struct media *media, const struct detail *detail, uint8_t payload_type, uint32_t *clock_hz)
{
    const struct format *format = format_of(media, detail, payload_type);
    *clock_hz = 0;
    const char *name = format == NULL ? sdp_static_encoding(payload_type, clock_hz) : NULL;
    if (format != NULL)
        *clock_hz = format->clock_hz;
    return format != NULL ? format->codec : name != NULL ? codec_find(slice_str(name)) : NULL;
}

enum { COMFORT_NOISE = 13, COMFORT_NOISE_OLD = 19 };

static bool is_comfort_noise(uint8_t payload_type)
{
    return payload_type == COMFORT_NOISE || payload_type == COMFORT_NOISE_OLD;
}

static bool set_has_comfort_noise(const struct media *media, uint16_t number)
{
    const struct format_set *set = number == 0 ? NULL : media->sets[number - 1];
    for (unsigned i = 0; set != NULL && i < set->count; i++)
        if (is_comfort_noise(set->formats[i].payload_type) || (set->formats[i].codec != NULL && strcmp(set->formats[i].codec->name, "CN") == 0))
            return true;
    return false;
}

bool formats_allow_pauses(const struct media *media, const struct detail *detail)
{
    static const char *const steady[] = {"PCMU", "PCMA", "G722", "G726-40", "G726-32", "G726-24", "G726-16", "L16"};
    bool is_steady = false;
    for (size_t i = 0; i < sizeof steady / sizeof steady[0] && detail->codec != NULL; i++)
        is_steady |= strcmp(detail->codec->name, steady[i]) == 0;
    for (unsigned i = 0; i < detail->type_count; i++)
        is_steady &= !is_comfort_noise(detail->types[i].payload_type);
    return !is_steady || detail->markers > 0 || set_has_comfort_noise(media, detail->formats) || set_has_comfort_noise(media, detail->own_formats);
}

/* Frame by frame: the picker says what belongs to the calls, or an analyzer what is said in them; the sink writes it. */
#include "packets.h"

#include "analyzer/analyzer.h"
#include "analyzer/picker.h"
#include "output/audio_sink.h"
#include "output/packet_sink.h"

enum { BATCH = 64 };

struct pass {
    struct sink *sink;
    const struct analyzer *analyzer;
    struct again again;
    struct text lines;
};

static bool frame_keep(void *context, const struct frame *frame)
{
    struct pass *pass = context;
    struct source_interface known = again_interface(&pass->again, frame);
    return packet_sink_frame(pass->sink, frame, &(struct frame_interface){.name = known.name, .snaplen = known.snaplen});
}

static void connection_secrets(void *context, struct slice random)
{
    struct pass *pass = context;
    text_reset(&pass->lines);
    analyzer_secrets(pass->analyzer, random, &pass->lines);
    if (pass->lines.len > 0)
        packet_sink_secrets(pass->sink, slice_of(pass->lines.data, pass->lines.len));
}

static bool secrets_write(struct pass *pass, const struct selection *selection, struct error *error)
{
    if (!pass->sink->settings->packet_secrets || pass->analyzer == NULL)
        return true;
    if (!text_reserve(&pass->lines, ANALYZER_SECRETS_MAX))
        return error_set(error, "out of memory");
    selection_connections(selection, connection_secrets, pass);
    explicit_bzero(pass->lines.data, pass->lines.room);
    text_fini(&pass->lines);
    return true;
}

/* A disk that was full: what is there is saved. */
static bool kept_whole(const struct pass *pass, struct error *error)
{
    const char *failed = pass->again.spool.failed.text;
    return failed[0] == '\0' || error_set(error, "%s: not all packets are there: %s", pass->sink->path, failed);
}

/* What is not there, and why. */
static void note_make(const struct pass *pass, uint64_t fragments, struct error *note)
{
    const struct spool_reading *spool = &pass->again.spool;
    if (spool->lost > 0)
        error_set(note, "%s: the first %llu packets were not kept (--spool): what calls had among them is not there", pass->sink->path,
                  (unsigned long long)spool->lost);
    else if (fragments > 0)
        error_set(note, "%s: %llu fragments are left out: their datagrams never became whole", pass->sink->path, (unsigned long long)fragments);
}

bool packets_save(struct sink *sink, const struct inputs *inputs, const struct analyzer *analyzer, const atomic_bool *stop, struct error *note,
                  struct error *error)
{
    struct selection *selection = packet_sink_selection(sink);
    struct pass pass = {.sink = sink, .analyzer = analyzer};
    struct frame frames[BATCH];
    size_t count;
    bool goes_on = true;
    note->text[0] = '\0';
    if (!selection_close(selection))
        return error_set(error, "%s: out of memory", sink->path);
    if (!again_open(&pass.again, inputs, error))
        return false;
    struct picker *picker = picker_new(selection, (uint64_t)(uintptr_t)selection, frame_keep, &pass);
    bool good = (picker != NULL || error_set(error, "%s: out of memory", sink->path)) && secrets_write(&pass, selection, error);
    int64_t end_ns = CLOCK_NONE;
    while (good && goes_on && (stop == NULL || !atomic_load(stop)) && (count = again_read(&pass.again, frames, BATCH)) > 0)
        for (size_t i = 0; i < count && goes_on; i++) {
            end_ns = frames[i].time_ns > end_ns ? frames[i].time_ns : end_ns; /* CLOCK_NONE is the smallest */
            goes_on = picker_look(picker, &frames[i]);
        }
    if (good) {
        uint64_t left = picker_finish(picker);
        if (end_ns != CLOCK_NONE)
            packet_sink_end(sink, end_ns);
        note_make(&pass, left, note);
        good = kept_whole(&pass, error);
    }
    picker_free(picker);
    again_close(&pass.again);
    return good; /* what the sink could not write it says when it is closed */
}

/* ---- audio ---- */

struct hearing {
    struct sink *sink;
    const struct analyzer *first; /* that has the secrets */
    struct analyzer *analyzer;
    struct text lines;
    bool over;
};

static void audio_hear(void *context, const struct audio_packet *packet)
{
    struct hearing *hearing = context;
    hearing->over = hearing->over || !audio_sink_packet(hearing->sink, packet);
}

static void record_ignore(void *context, const struct record *record)
{
    (void)context;
    (void)record;
}

static void lines_take(void *context, struct slice lines)
{
    struct hearing *hearing = context;
    analyzer_keys(hearing->analyzer, lines);
}

static void connection_open(void *context, struct slice random)
{
    struct hearing *hearing = context;
    text_reset(&hearing->lines);
    analyzer_secrets(hearing->first, random, &hearing->lines);
    if (hearing->lines.len > 0)
        analyzer_keys(hearing->analyzer, slice_of(hearing->lines.data, hearing->lines.len));
}

static bool secrets_share(struct hearing *hearing, const struct selection *selection)
{
    if (!text_reserve(&hearing->lines, ANALYZER_SECRETS_MAX))
        return false;
    selection_connections(selection, connection_open, hearing);
    explicit_bzero(hearing->lines.data, hearing->lines.room);
    text_fini(&hearing->lines);
    return true;
}

bool audio_save(struct sink *sink, const struct inputs *inputs, const struct analyzer_config *config, const struct analyzer *analyzer,
                struct error *note, struct error *error)
{
    struct hearing hearing = {.sink = sink, .first = analyzer};
    struct pass pass = {.sink = sink};
    struct frame frames[BATCH];
    size_t count;
    struct analyzer_config listening = {.hash_seed = config->hash_seed, .memory_bytes = config->memory_bytes, .keep_to_end = config->keep_to_end,
                                        .site = config->site, .keys_expected = config->keys_expected, .accept = config->accept,
                                        .accept_context = config->accept_context, .publish = record_ignore, .audio = audio_hear,
                                        .audio_context = &hearing};
    note->text[0] = '\0';
    if (!selection_close(audio_sink_selection(sink)))
        return error_set(error, "%s: out of memory", sink->path);
    if (!again_open(&pass.again, inputs, error))
        return false;
    hearing.analyzer = analyzer_new(&listening);
    bool good = (hearing.analyzer != NULL && secrets_share(&hearing, audio_sink_selection(sink))) || error_set(error, "%s: out of memory", sink->path);
    while (good && !hearing.over && (count = again_read(&pass.again, frames, BATCH)) > 0) {
        again_secrets(&pass.again, lines_take, &hearing);
        analyzer_feed(hearing.analyzer, frames, count);
    }
    if (good) {
        analyzer_finish(hearing.analyzer);
        audio_sink_end(sink, note);
        if (note->text[0] == '\0')
            note_make(&pass, 0, note);
        good = kept_whole(&pass, error);
    }
    analyzer_free(hearing.analyzer);
    again_close(&pass.again);
    return good;
}

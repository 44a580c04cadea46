/* Fuzzes everything from a capture file's bytes to lines of JSON and of logs: file walk, decoding, streams, SIP, calls, records. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/analyzer.h"
#include "capture/merge.h"
#include "output/sink.h"
#include "rules/profile.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const outputs[] = {"json:/dev/null", "sip-log:/dev/null", "media-log:/dev/null", "metrics:/dev/null", "cdr:/dev/null", "sdr:/dev/null"};

enum { OUTPUTS = sizeof outputs / sizeof outputs[0] };

static void record_out(void *context, const struct record *record)
{
    struct sink *const *sinks = context;
    for (size_t i = 0; i < OUTPUTS; i++)
        if (sinks[i] != NULL)
            sink_write(sinks[i], record);
}

/* The input as a file that the sources can open. -1 where the system gives none. */
static int file_of(const uint8_t *data, size_t size, char path[64])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    struct error text;
    error_set(&text, "/proc/self/fd/%d", fd);
    memcpy(path, text.text, 64);
    return fd;
}

/* The usual profile, read once: its names and ranges are what the logs are made with. */
static const struct profile *profile_of(void)
{
    static struct profile profile;
    static bool read;
    struct error error;
    struct rules *rules = read ? NULL : rules_new();
    if (rules != NULL)
        (void)profile_load(&profile, "voice-connector", rules, &error);
    rules_free(rules);
    read = true;
    return &profile;
}

/* kept: calls stay to the end, packed. */
static void merge_run(struct merge *merge, struct sink **sinks, bool kept)
{
    struct frame frames[32];
    struct summary_record summary;
    struct analyzer_config config = {.hash_seed = 1, .memory_bytes = 4 << 20, .keep_to_end = kept, .profile = profile_of(), .messages = true,
                                     .texts = true, .trunk = true, .minutes = true, .publish = record_out, .publish_context = sinks};
    struct analyzer *analyzer = analyzer_new(&config);
    if (analyzer == NULL)
        return;
    while (!merge_over(merge))
        analyzer_feed(analyzer, frames, merge_read(merge, frames, 32));
    analyzer_finish(analyzer);
    analyzer_summary(analyzer, &summary);
    record_out(sinks, &(struct record){.kind = RECORD_SUMMARY, .summary = &summary});
    analyzer_free(analyzer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct error error;
    bool usage;
    struct sink_settings settings = {.messages = true, .line_most = size % 2 == 0 ? LINE_LEAST : LINE_USUAL, .rebase_ns = CLOCK_NONE,
                                     .shift_ns = CLOCK_NONE, .line_ends_kept = size % 3 == 0, .secrets_kept = size % 5 == 0};
    int fd = file_of(data, size, path);
    if (fd < 0)
        return 0;
    struct source *source = source_open_file(path, &error);
    if (source != NULL) {
        struct merge *merge = merge_new(&source, 1);
        struct sink *sinks[OUTPUTS];
        for (size_t i = 0; i < OUTPUTS; i++)
            sinks[i] = sink_open(outputs[i], &settings, &usage, &error);
        if (merge != NULL)
            merge_run(merge, sinks, size % 4 < 2);
        merge_free(merge);
        for (size_t i = 0; i < OUTPUTS; i++)
            if (sinks[i] != NULL)
                (void)sink_close(sinks[i], &error);
    }
    close(fd);
    return 0;
}

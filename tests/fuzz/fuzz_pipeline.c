/* Fuzzes everything from a capture file's bytes to JSON lines: file walk, decoding, streams, SIP, calls, records. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/analyzer.h"
#include "capture/merge.h"
#include "output/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void record_out(void *sink, const struct record *record)
{
    sink_write(sink, record);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct error error;
    bool usage;
    struct frame frames[32];
    int fd = file_of(data, size, path);
    if (fd < 0)
        return 0;
    struct source *source = source_open_file(path, &error);
    if (source != NULL) {
        struct merge *merge = merge_new(&source, 1);
        struct sink *sink = sink_open("json:/dev/null", &usage, &error);
        struct analyzer_config config = {
            .hash_seed = 1, .memory_bytes = 4 << 20, .messages = true, .publish = record_out, .publish_context = sink};
        struct analyzer *analyzer = sink == NULL ? NULL : analyzer_new(&config);
        while (analyzer != NULL && merge != NULL && !merge_over(merge))
            analyzer_feed(analyzer, frames, merge_read(merge, frames, 32));
        if (analyzer != NULL) {
            struct summary_record summary;
            analyzer_finish(analyzer);
            analyzer_summary(analyzer, &summary);
            record_out(sink, &(struct record){.kind = RECORD_SUMMARY, .summary = &summary});
        }
        analyzer_free(analyzer);
        merge_free(merge);
        if (sink != NULL)
            (void)sink_close(sink, &error);
    }
    close(fd);
    return 0;
}

/* Fuzzes saving: a capture file is analysed, the packets of its calls are picked in a second reading and written as pcapng, which is read back;
   and what is said in them is heard. What comes out is checked: frames of the input, in their order, each once. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/analyzer.h"
#include "analyzer/picker.h"
#include "capture/merge.h"
#include "output/packet_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct saving {
    struct pcap_writer writer;
    struct text out;
    uint64_t newest, kept, heard;
};

static void record_take(void *context, const struct record *record)
{
    selection_take(context, record);
}

static void audio_take(void *context, const struct audio_packet *packet)
{
    struct saving *saving = context;
    for (size_t i = 0; i < packet->count; i++)
        saving->heard += (uint16_t)packet->samples[i];
}

static bool frame_keep(void *context, const struct frame *frame)
{
    struct saving *saving = context;
    if (frame->number <= saving->newest)
        abort();
    saving->newest = frame->number;
    saving->kept++;
    pcap_writer_frame(&saving->writer, &saving->out, frame, &(struct frame_interface){.snaplen = 1}, slice_str("a comment\nand another"));
    return true;
}

static struct source *source_over(const uint8_t *data, size_t size)
{
    struct error error;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size)) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    return source_open_descriptor(fd, "fuzz", &error);
}

static void first_reading(const uint8_t *data, size_t size, struct selection *selection, struct saving *saving)
{
    struct frame frames[32];
    struct analyzer_config config = {.hash_seed = 1, .memory_bytes = 4 << 20, .frames = true, .keep_to_end = size % 2 == 0, .publish = record_take,
                                     .publish_context = selection, .audio = audio_take, .audio_context = saving};
    struct source *source = source_over(data, size);
    struct merge *merge = source == NULL ? NULL : merge_new(&source, 1);
    struct analyzer *analyzer = analyzer_new(&config);
    while (merge != NULL && analyzer != NULL && !merge_over(merge))
        analyzer_feed(analyzer, frames, merge_read(merge, frames, 32));
    if (source != NULL && analyzer != NULL)
        analyzer_until(analyzer, source->end_ns);
    if (analyzer != NULL)
        analyzer_finish(analyzer);
    analyzer_free(analyzer);
    merge_free(merge);
}

/* What was written holds as many frames as were kept. */
static void written_read(const struct saving *saving)
{
    struct frame frames[32];
    uint64_t count = 0;
    size_t got;
    if (saving->out.failed || saving->out.len == 0)
        return;
    struct source *source = source_over((const uint8_t *)saving->out.data, saving->out.len);
    if (source == NULL)
        abort();
    while ((got = source_read(source, frames, 32)) > 0)
        count += got;
    if (count != saving->kept || source->error.text[0] != '\0')
        abort();
    source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct saving saving = {.writer = {.ng = true}};
    struct frame frames[32];
    size_t got;
    struct selection *selection = selection_new(size % 3 == 0, true);
    if (selection == NULL)
        return 0;
    first_reading(data, size, selection, &saving);
    struct source *source = selection_close(selection) ? source_over(data, size) : NULL;
    struct picker *picker = picker_new(selection, 1, frame_keep, &saving);
    while (source != NULL && picker != NULL && (got = source_read(source, frames, 32)) > 0)
        for (size_t i = 0; i < got; i++)
            (void)picker_look(picker, &frames[i]);
    if (picker != NULL)
        (void)picker_finish(picker);
    picker_free(picker);
    source_close(source);
    pcap_writer_end(&saving.writer, &saving.out, INT64_MAX);
    written_read(&saving);
    pcap_writer_fini(&saving.writer);
    text_fini(&saving.out);
    selection_free(selection);
    return 0;
}

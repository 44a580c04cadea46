/* Classic pcap files: micro- and nanoseconds, both byte orders, and the "modified" form with a longer record header.
   File header: magic, version (2 x 16 bit), time zone, accuracy, snap length, link type; record: seconds, fraction, captured
   length, length on the wire, then the bytes (all 32 bit). */
#include "base/clock.h"
#include "capture/capture_file.h"

enum { FILE_HEADER = 24, RECORD_HEADER = 16, RECORD_HEADER_MODIFIED = 24 };

#define MAGIC_MICRO UINT32_C(0xa1b2c3d4)
#define MAGIC_NANO UINT32_C(0xa1b23c4d)
#define MAGIC_MODIFIED UINT32_C(0xa1b2cd34) /* records carry interface and protocol too */

static bool magic_known(uint32_t magic)
{
    return magic == MAGIC_MICRO || magic == MAGIC_NANO || magic == MAGIC_MODIFIED;
}

static uint32_t magic_of(struct slice start)
{
    uint32_t magic;
    memcpy(&magic, start.data, sizeof magic);
    return magic;
}

static bool pcap_claims(struct slice start)
{
    return start.len >= 4 && (magic_known(magic_of(start)) || magic_known(__builtin_bswap32(magic_of(start))));
}

static bool pcap_begin(struct capture_file *file)
{
    struct window *window = &file->window;
    if (window_ready(window) < FILE_HEADER)
        return error_set(&file->source->error, "ends inside the file header");
    const uint8_t *header = window->data + window->at;
    uint32_t magic = magic_of(slice_of(header, 4));
    file->swapped = !magic_known(magic);
    magic = file->swapped ? __builtin_bswap32(magic) : magic;
    file->nanoseconds = magic == MAGIC_NANO;
    file->record_header_bytes = magic == MAGIC_MODIFIED ? RECORD_HEADER_MODIFIED : RECORD_HEADER;
    file->link_type = (uint16_t)file_u32(file, header + 20); /* the upper bits tell of an FCS */
    window->at += FILE_HEADER;
    return true;
}

static enum record_result pcap_next(struct capture_file *file, struct frame *frame)
{
    struct window *window = &file->window;
    const uint8_t *record = window->data + window->at;
    size_t ready = window_ready(window);
    if (ready < file->record_header_bytes) {
        file->need = file->record_header_bytes;
        return RECORD_MORE;
    }
    uint32_t captured = file_u32(file, record + 8);
    if (captured > FRAME_BYTES_MAX) {
        error_set(&file->source->error, "packet %llu has an impossible length (%u bytes): the file is damaged from there on",
                  (unsigned long long)file->packets + 1, captured);
        return RECORD_BAD;
    }
    if (ready < file->record_header_bytes + captured) {
        file->need = file->record_header_bytes + captured;
        return RECORD_MORE;
    }
    uint32_t wire = file_u32(file, record + 12);
    uint32_t fraction = file_u32(file, record + 4);
    frame->time_ns = (int64_t)file_u32(file, record) * NS_PER_SECOND + (file->nanoseconds ? fraction : fraction * NS_PER_US);
    frame->bytes = slice_of(record + file->record_header_bytes, captured);
    frame->wire_len = wire < captured ? captured : wire;
    frame->link_type = file->link_type;
    frame->interface = 0;
    window->at += file->record_header_bytes + captured;
    return RECORD_FRAME;
}

const struct capture_format capture_format_pcap = {.name = "pcap", .claims = pcap_claims, .begin = pcap_begin, .next = pcap_next};

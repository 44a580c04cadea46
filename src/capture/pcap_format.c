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

static enum record_result record_bad(struct capture_file *file, uint32_t captured)
{
    error_set(&file->source->error, "packet %llu has an impossible length (%u bytes): the file is damaged from there on",
              (unsigned long long)file->packets + 1, captured);
    return RECORD_BAD;
}

static inline uint32_t word(const uint8_t *at, bool swapped)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return swapped ? __builtin_bswap32(value) : value;
}

/* The walk keeps its place in locals, and is made once per byte order: it runs once per packet of the largest files. */
static inline __attribute__((always_inline)) enum record_result records_walk(struct capture_file *file, struct frame *frames,
                                                                             size_t room, size_t *count, bool swapped)
{
    struct window *window = &file->window;
    const uint8_t *at = window->data + window->at, *end = window->data + window->end;
    const size_t header_bytes = file->record_header_bytes;
    const int64_t fraction_ns = file->nanoseconds ? 1 : NS_PER_US;
    const uint16_t link_type = file->link_type;
    enum record_result result = RECORD_FRAME;
    uint64_t number = file->packets;
    size_t taken = 0;
    for (; taken < room; taken++) {
        size_t ready = (size_t)(end - at);
        uint32_t captured = ready < header_bytes ? 0 : word(at + 8, swapped);
        if (captured > FRAME_BYTES_MAX || ready < header_bytes + captured) {
            file->packets = number;
            file->need = header_bytes + captured;
            result = captured > FRAME_BYTES_MAX ? record_bad(file, captured) : RECORD_MORE;
            break;
        }
        struct frame *frame = &frames[taken];
        uint32_t wire = word(at + 12, swapped);
        frame->time_ns = (int64_t)word(at, swapped) * NS_PER_SECOND + word(at + 4, swapped) * fraction_ns;
        frame->number = ++number;
        frame->bytes = slice_of(at + header_bytes, captured);
        frame->wire_len = wire < captured ? captured : wire;
        frame->link_type = link_type;
        frame->source = 0;
        frame->interface = 0;
        at += header_bytes + captured;
    }
    file->packets = number;
    window->at = (size_t)(at - window->data);
    *count = taken;
    return result;
}

static enum record_result pcap_next(struct capture_file *file, struct frame *frames, size_t room, size_t *count)
{
    return file->swapped ? records_walk(file, frames, room, count, true) : records_walk(file, frames, room, count, false);
}

const struct capture_format capture_format_pcap = {.name = "pcap", .claims = pcap_claims, .begin = pcap_begin, .next = pcap_next};

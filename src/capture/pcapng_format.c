/* pcapng files: sections of either byte order, each with its interfaces, which may differ in link type, snap length and clock
   resolution (draft-ietf-opsawg-pcapng). Block: type, total length, body, total length again; all padded to 32 bits. */
#include <stdlib.h>

#include "base/clock.h"
#include "capture/capture_file.h"

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET_OLD = 2,
    BLOCK_PACKET_SIMPLE = 3,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10
};

#define BLOCK_SECTION UINT32_C(0x0a0d0d0a)
#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)

enum { OPTION_COMMENT = 1, OPTION_NAME = 2, OPTION_ENDTIME = 3, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14, OPTION_IFDROP = 5, OPTION_OSDROP = 7 };
#define SECRETS_TLS_KEYLOG UINT32_C(0x544c534b)
enum { SECRETS_MAX_BYTES = 16 << 20 }; /* that wait to be taken */
enum { INTERFACES_MAX = 65536, BLOCK_MIN = 12 };

/* Block bodies are cut to what their length word covers before anything is read from them. */
struct option {
    uint16_t code;
    struct slice value;
};

/* The next option of a list; false at its end or where it does not add up. */
static bool option_next(const struct capture_file *file, struct slice *list, struct option *option)
{
    if (list->len < 4)
        return false;
    size_t length = file_u16(file, list->data + 2);
    size_t padded = (length + 3) & ~(size_t)3;
    option->code = file_u16(file, list->data);
    if (option->code == 0 || 4 + length > list->len)
        return false;
    option->value = slice_cut(*list, 4, 4 + length);
    *list = slice_after(*list, 4 + padded);
    return true;
}

static bool pcapng_claims(struct slice start)
{
    uint32_t type;
    if (start.len < 12)
        return false;
    memcpy(&type, start.data, 4);
    return type == BLOCK_SECTION; /* the same in both byte orders */
}

static bool pcapng_begin(struct capture_file *file)
{
    (void)file;
    return true;
}

/* Drop counters of the closed interfaces stay in the source's sums. */
static void drops_sum(struct capture_file *file)
{
    for (uint32_t i = 0; i < file->interface_count; i++) {
        const struct capture_interface *interface = &file->interfaces[i];
        struct source *source = file->source;
        if (interface->kernel_drops != SOURCE_COUNT_NONE)
            source->kernel_drops = (source->kernel_drops == SOURCE_COUNT_NONE ? 0 : source->kernel_drops) + interface->kernel_drops;
        if (interface->interface_drops != SOURCE_COUNT_NONE)
            source->interface_drops =
                (source->interface_drops == SOURCE_COUNT_NONE ? 0 : source->interface_drops) + interface->interface_drops;
    }
    file->interface_count = 0;
}

static void comments_take(struct capture_file *file, struct slice options, uint64_t number)
{
    struct option option;
    while (option_next(file, &options, &option))
        if (option.code == OPTION_COMMENT)
            source_comment_add(file->source, number, option.value);
}

static bool section_begin(struct capture_file *file, struct slice body)
{
    if (body.len < 16)
        return error_set(&file->source->error, "a section header is too short");
    drops_sum(file);
    comments_take(file, slice_after(body, 16), 0);
    return true;
}

/* if_tsresol: a power of ten, or with the top bit of two. Unusable ones count as the default, microseconds. */
static uint64_t units_of(uint8_t resolution)
{
    uint64_t units = 1;
    unsigned exponent = resolution & 0x7f;
    if (resolution & 0x80)
        return exponent < 64 ? UINT64_C(1) << exponent : 1000000;
    if (exponent > 19)
        return 1000000;
    while (exponent-- > 0)
        units *= 10;
    return units;
}

static uint64_t file_u64(const struct capture_file *file, const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return file->swapped ? __builtin_bswap64(value) : value;
}

static bool interface_add(struct capture_file *file, struct slice body)
{
    if (body.len < 8)
        return error_set(&file->source->error, "an interface description is too short");
    if (file->interface_count == INTERFACES_MAX)
        return error_set(&file->source->error, "more interfaces than any capture has");
    if ((file->interface_count & (file->interface_count + 1)) == 0) { /* full at 2^n - 1: doubles */
        size_t room = (size_t)file->interface_count * 2 + 1;
        struct capture_interface *interfaces = realloc(file->interfaces, room * sizeof *interfaces);
        if (interfaces == NULL)
            return error_set(&file->source->error, "out of memory");
        file->interfaces = interfaces;
    }
    struct capture_interface *interface = &file->interfaces[file->interface_count++];
    *interface = (struct capture_interface){.link_type = file_u16(file, body.data),
                                            .snaplen = file_u32(file, body.data + 4),
                                            .units_per_second = 1000000,
                                            .kernel_drops = SOURCE_COUNT_NONE,
                                            .interface_drops = SOURCE_COUNT_NONE};
    struct slice options = slice_after(body, 8);
    struct option option;
    while (option_next(file, &options, &option)) {
        if (option.code == OPTION_NAME && option.value.len > 0) {
            interface->name_len = (uint8_t)(option.value.len < INTERFACE_NAME_MAX ? option.value.len : INTERFACE_NAME_MAX);
            memcpy(interface->name, option.value.data, interface->name_len);
        }
        if (option.code == OPTION_TSRESOL && option.value.len >= 1)
            interface->units_per_second = units_of(option.value.data[0]);
        if (option.code == OPTION_TSOFFSET && option.value.len >= 8)
            interface->offset_seconds = (int64_t)file_u64(file, option.value.data);
    }
    return true;
}

static int64_t time_of(const struct capture_interface *interface, uint64_t units)
{
    uint64_t seconds = units / interface->units_per_second, rest = units % interface->units_per_second;
    uint64_t ns = (uint64_t)((__uint128_t)rest * (uint64_t)NS_PER_SECOND / interface->units_per_second);
    uint64_t total_seconds = seconds + (uint64_t)interface->offset_seconds;
    if (total_seconds >= FRAME_SECONDS_MAX) /* a damaged time: differences of times must not overflow */
        return 0;
    return (int64_t)(total_seconds * (uint64_t)NS_PER_SECOND + ns);
}

static void statistics_take(struct capture_file *file, struct slice body)
{
    if (body.len < 12 || file_u32(file, body.data) >= file->interface_count)
        return;
    struct capture_interface *interface = &file->interfaces[file_u32(file, body.data)];
    struct slice options = slice_after(body, 12);
    struct option option;
    while (option_next(file, &options, &option)) {
        if (option.code == OPTION_ENDTIME && option.value.len >= 8) {
            int64_t end_ns = time_of(interface, (uint64_t)file_u32(file, option.value.data) << 32 | file_u32(file, option.value.data + 4));
            file->source->end_ns = end_ns > file->source->end_ns ? end_ns : file->source->end_ns;
        }
        if (option.code == OPTION_IFDROP && option.value.len >= 8)
            interface->interface_drops = file_u64(file, option.value.data);
        if (option.code == OPTION_OSDROP && option.value.len >= 8)
            interface->kernel_drops = file_u64(file, option.value.data);
    }
}

static enum record_result packet_bad(struct capture_file *file, const char *what)
{
    error_set(&file->source->error, "packet %llu %s: the file is damaged from there on", (unsigned long long)file->packets + 1, what);
    return RECORD_BAD;
}

/* Enhanced (6) and old (2) packet blocks: interface, time (high, low), captured length, wire length. */
static enum record_result packet_take(struct capture_file *file, uint32_t type, struct slice body, struct frame *frame)
{
    if (body.len < 20)
        return packet_bad(file, "is too short");
    uint32_t number = type == BLOCK_PACKET ? file_u32(file, body.data) : file_u16(file, body.data);
    uint32_t captured = file_u32(file, body.data + 12), wire = file_u32(file, body.data + 16);
    if (number >= file->interface_count)
        return packet_bad(file, "names an interface that the file does not describe");
    if (captured > body.len - 20 || captured > FRAME_BYTES_MAX)
        return packet_bad(file, "is longer than its block");
    const struct capture_interface *interface = &file->interfaces[number];
    frame->time_ns = time_of(interface, (uint64_t)file_u32(file, body.data + 4) << 32 | file_u32(file, body.data + 8));
    file->last_ns = frame->time_ns;
    frame->bytes = slice_cut(body, 20, 20 + (size_t)captured);
    frame->wire_len = wire < captured ? captured : wire;
    frame->link_type = interface->link_type;
    frame->interface = number;
    size_t options = 20 + (((size_t)captured + 3) & ~(size_t)3);
    if (body.len > options)
        comments_take(file, slice_after(body, options), file->packets + 1);
    return RECORD_FRAME;
}

/* A simple packet block: wire length alone; interface 0, no time: that of the packet before it. */
static enum record_result packet_take_simple(struct capture_file *file, struct slice body, struct frame *frame)
{
    if (body.len < 4 || file->interface_count == 0)
        return packet_bad(file, "has no interface");
    const struct capture_interface *interface = &file->interfaces[0];
    uint32_t wire = file_u32(file, body.data);
    size_t captured = interface->snaplen != 0 && wire > interface->snaplen ? interface->snaplen : wire;
    frame->time_ns = file->last_ns;
    frame->bytes = slice_cut(body, 4, 4 + captured);
    frame->wire_len = wire < frame->bytes.len ? (uint32_t)frame->bytes.len : wire;
    frame->link_type = interface->link_type;
    frame->interface = 0;
    return RECORD_FRAME;
}

/* type | length | text, padded. Other types (SSH, WireGuard, ...) are of no use here. */
static void secrets_take(struct capture_file *file, struct slice body)
{
    struct text *secrets = &file->source->secrets;
    file->source->secrets_blocks++;
    if (body.len < 8 || file_u32(file, body.data) != SECRETS_TLS_KEYLOG || secrets->len > SECRETS_MAX_BYTES)
        return;
    struct slice lines = slice_after(body, 8);
    uint32_t length = file_u32(file, body.data + 4);
    text_slice(secrets, slice_cut(lines, 0, length));
    text_put(secrets, '\n'); /* a block is whole lines */
}

static enum record_result block_take(struct capture_file *file, uint32_t type, struct slice body, struct frame *frame)
{
    switch (type) {
    case BLOCK_SECTION:
        return section_begin(file, body) ? RECORD_OTHER : RECORD_BAD;
    case BLOCK_INTERFACE:
        return interface_add(file, body) ? RECORD_OTHER : RECORD_BAD;
    case BLOCK_PACKET:
    case BLOCK_PACKET_OLD:
        return packet_take(file, type, body, frame);
    case BLOCK_PACKET_SIMPLE:
        return packet_take_simple(file, body, frame);
    case BLOCK_STATISTICS:
        statistics_take(file, body);
        return RECORD_OTHER;
    case BLOCK_SECRETS:
        secrets_take(file, body);
        return RECORD_OTHER;
    default: /* name resolution, custom and future blocks */
        return RECORD_OTHER;
    }
}

/* One block. */
static enum record_result block_next(struct capture_file *file, struct frame *frame)
{
    struct window *window = &file->window;
    size_t ready = window_ready(window);
    const uint8_t *block = window->data + window->at;
    if (ready < BLOCK_MIN) {
        file->need = BLOCK_MIN;
        return RECORD_MORE;
    }
    uint32_t type = file_u32(file, block);
    if (type == BLOCK_SECTION) { /* each section chooses its byte order */
        uint32_t magic;
        memcpy(&magic, block + 8, 4);
        if (magic != BYTE_ORDER_MAGIC && __builtin_bswap32(magic) != BYTE_ORDER_MAGIC) {
            error_set(&file->source->error, "a section header has no byte-order mark: the file is damaged from there on");
            return RECORD_BAD;
        }
        file->swapped = magic != BYTE_ORDER_MAGIC;
    }
    uint32_t length = file_u32(file, block + 4);
    if (length < BLOCK_MIN || length > WINDOW_MAX)
        return packet_bad(file, "or a block beside it has an impossible length");
    uint32_t padded = (length + 3) & ~UINT32_C(3); /* early writers left the padding out of the length */
    if (ready < padded) {
        file->need = padded;
        return RECORD_MORE;
    }
    if (file_u32(file, block + padded - 4) != length)
        return packet_bad(file, "or a block beside it has two different lengths");
    enum record_result result = block_take(file, type, slice_of(block + 8, padded - BLOCK_MIN), frame);
    if (result == RECORD_FRAME || result == RECORD_OTHER)
        window->at += padded;
    return result;
}

static enum record_result pcapng_next(struct capture_file *file, struct frame *frames, size_t room, size_t *count)
{
    for (*count = 0; *count < room;) {
        enum record_result result = block_next(file, &frames[*count]);
        if (result == RECORD_FRAME) {
            frames[*count].number = ++file->packets;
            frames[(*count)++].source = 0;
        } else if (result != RECORD_OTHER) {
            return result;
        }
    }
    return RECORD_FRAME;
}

static void pcapng_end(struct capture_file *file)
{
    drops_sum(file);
    free(file->interfaces);
    file->interfaces = NULL;
}

const struct capture_format capture_format_pcapng = {
    .name = "pcapng", .claims = pcapng_claims, .begin = pcapng_begin, .next = pcapng_next, .end = pcapng_end};

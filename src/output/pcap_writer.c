/* Little endian always, whatever the machine. pcapng: draft-ietf-opsawg-pcapng. */
#include "output/pcap_writer.h"

#include <stdlib.h>

#include "base/clock.h"

enum { SNAPLEN = 262144, BLOCK_INTERFACE = 1, BLOCK_STATISTICS = 5, BLOCK_PACKET = 6, BLOCK_SECRETS = 10 };
enum { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_NAME = 2, OPTION_ENDTIME = 3, OPTION_APPLICATION = 4, OPTION_TSRESOL = 9, NANOSECONDS = 9, COMMENT_MAX = 60000 };

#define MAGIC_NANO UINT32_C(0xa1b23c4d)
#define BLOCK_SECTION UINT32_C(0x0a0d0d0a)
#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)
#define SECRETS_TLS_KEYLOG UINT32_C(0x544c534b)

/* An interface description that was written; its number is its place in the list. */
struct pcap_writer_interface {
    uint16_t source, link_type;
    uint32_t number, snaplen;
    struct text name;
};

void pcap_writer_fini(struct pcap_writer *writer)
{
    for (size_t i = 0; i < writer->interface_count; i++)
        text_fini(&writer->interfaces[i].name);
    free(writer->interfaces);
    *writer = (struct pcap_writer){0};
}

static void put16(struct text *out, uint32_t value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    text_bytes(out, bytes, sizeof bytes);
}

static void put32(struct text *out, uint32_t value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

static void pad(struct text *out, size_t length)
{
    static const char zeros[3] = {0};
    text_bytes(out, zeros, -length & 3);
}

/* type | total length | ... | total length: begin returns where, end fills both lengths in. */
static size_t block_begin(struct text *out, uint32_t type)
{
    size_t at = out->len;
    put32(out, type);
    put32(out, 0);
    return at;
}

static void block_end(struct text *out, size_t at)
{
    if (out->failed)
        return;
    uint32_t length = (uint32_t)(out->len - at) + 4;
    const uint8_t bytes[4] = {(uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16), (uint8_t)(length >> 24)};
    memcpy(out->data + at + 4, bytes, sizeof bytes);
    put32(out, length);
}

static void option_put(struct text *out, uint32_t code, struct slice value)
{
    put16(out, code);
    put16(out, (uint32_t)value.len);
    text_slice(out, value);
    pad(out, value.len);
}

static void section_put(struct text *out)
{
    size_t at = block_begin(out, BLOCK_SECTION);
    put32(out, BYTE_ORDER_MAGIC);
    put16(out, 1); /* version 1.0 */
    put16(out, 0);
    put32(out, UINT32_MAX); /* the section's length is not known */
    put32(out, UINT32_MAX);
    option_put(out, OPTION_APPLICATION, slice_str("sipvet " SIPVET_VERSION));
    option_put(out, OPTION_END, SLICE_NONE);
    block_end(out, at);
}

void pcap_writer_begin(struct pcap_writer *writer, struct text *out, uint16_t link_type)
{
    if (writer->begun)
        return;
    writer->begun = true;
    writer->link_type = link_type;
    if (writer->ng) {
        section_put(out);
        return;
    }
    put32(out, MAGIC_NANO);
    put16(out, 2); /* version 2.4 */
    put16(out, 4);
    put32(out, 0);
    put32(out, 0);
    put32(out, SNAPLEN);
    put32(out, link_type);
}

static void interface_put(struct text *out, const struct frame *frame, const struct frame_interface *interface)
{
    static const uint8_t resolution = NANOSECONDS;
    size_t at = block_begin(out, BLOCK_INTERFACE);
    put16(out, frame->link_type);
    put16(out, 0);
    put32(out, interface->snaplen);
    if (interface->name.len > 0)
        option_put(out, OPTION_NAME, slice_cut(interface->name, 0, 255));
    option_put(out, OPTION_TSRESOL, slice_of(&resolution, 1));
    option_put(out, OPTION_END, SLICE_NONE);
    block_end(out, at);
}

/* Sections of one capture may number their interfaces alike: they are the same where all that is known of them is. */
static bool interface_is(const struct pcap_writer_interface *known, const struct frame *frame, const struct frame_interface *interface)
{
    return known->source == frame->source && known->number == frame->interface && known->link_type == frame->link_type &&
           known->snaplen == interface->snaplen && slice_equal(slice_of(known->name.data, known->name.len), interface->name);
}

/* The number of the frame's interface in this file; described where it is new. UINT32_MAX without memory. */
static uint32_t interface_of(struct pcap_writer *writer, struct text *out, const struct frame *frame, const struct frame_interface *interface)
{
    if (writer->interface_last < writer->interface_count && interface_is(&writer->interfaces[writer->interface_last], frame, interface))
        return (uint32_t)writer->interface_last;
    for (size_t i = 0; i < writer->interface_count; i++)
        if (interface_is(&writer->interfaces[i], frame, interface)) {
            writer->interface_last = i;
            return (uint32_t)i;
        }
    if (writer->interface_count == writer->interface_room) {
        size_t room = writer->interface_room == 0 ? 4 : writer->interface_room * 2;
        struct pcap_writer_interface *grown = realloc(writer->interfaces, room * sizeof *grown);
        if (grown == NULL)
            return UINT32_MAX;
        writer->interfaces = grown;
        writer->interface_room = room;
    }
    struct pcap_writer_interface *fresh = &writer->interfaces[writer->interface_count];
    *fresh = (struct pcap_writer_interface){.source = frame->source, .link_type = frame->link_type, .number = frame->interface,
                                            .snaplen = interface->snaplen};
    text_slice(&fresh->name, interface->name);
    writer->interface_last = writer->interface_count++;
    interface_put(out, frame, interface);
    return (uint32_t)writer->interface_last;
}

static void comments_put(struct text *out, struct slice comments)
{
    while (comments.len > 0) {
        size_t end = slice_find(comments, 0, '\n');
        option_put(out, OPTION_COMMENT, slice_cut(comments, 0, end < COMMENT_MAX ? end : COMMENT_MAX));
        comments = slice_after(comments, end + 1);
    }
    option_put(out, OPTION_END, SLICE_NONE);
}

static void frame_put_ng(struct pcap_writer *writer, struct text *out, const struct frame *frame, const struct frame_interface *interface,
                         struct slice comments)
{
    uint32_t number = interface_of(writer, out, frame, interface);
    if (number == UINT32_MAX) {
        out->failed = true;
        return;
    }
    size_t at = block_begin(out, BLOCK_PACKET);
    put32(out, number);
    put32(out, (uint32_t)((uint64_t)frame->time_ns >> 32));
    put32(out, (uint32_t)frame->time_ns);
    put32(out, (uint32_t)frame->bytes.len);
    put32(out, frame->wire_len);
    text_slice(out, frame->bytes);
    pad(out, frame->bytes.len);
    if (comments.len > 0)
        comments_put(out, comments);
    block_end(out, at);
}

void pcap_writer_frame(struct pcap_writer *writer, struct text *out, const struct frame *frame, const struct frame_interface *interface,
                       struct slice comments)
{
    pcap_writer_begin(writer, out, frame->link_type);
    if (writer->ng) {
        frame_put_ng(writer, out, frame, interface, comments);
        return;
    }
    if (frame->link_type != writer->link_type) {
        if (writer->left_out++ == 0)
            writer->other_type = frame->link_type;
        return;
    }
    put32(out, (uint32_t)(frame->time_ns / NS_PER_SECOND));
    put32(out, (uint32_t)(frame->time_ns % NS_PER_SECOND));
    put32(out, (uint32_t)frame->bytes.len);
    put32(out, frame->wire_len);
    text_slice(out, frame->bytes);
}

/* The statistics of an interface say it (isb_endtime). */
void pcap_writer_end(const struct pcap_writer *writer, struct text *out, int64_t end_ns)
{
    if (!writer->ng || writer->interface_count == 0)
        return;
    size_t at = block_begin(out, BLOCK_STATISTICS);
    put32(out, 0); /* the first one that was described */
    for (unsigned twice = 0; twice < 2; twice++) { /* when the statistics were taken, and when the capture ended */
        if (twice == 1) {
            put16(out, OPTION_ENDTIME);
            put16(out, 8);
        }
        put32(out, (uint32_t)((uint64_t)end_ns >> 32));
        put32(out, (uint32_t)end_ns);
    }
    option_put(out, OPTION_END, SLICE_NONE);
    block_end(out, at);
}

void pcap_writer_secrets(struct pcap_writer *writer, struct text *out, struct slice lines)
{
    pcap_writer_begin(writer, out, LINK_ETHERNET);
    size_t at = block_begin(out, BLOCK_SECRETS);
    put32(out, SECRETS_TLS_KEYLOG);
    put32(out, (uint32_t)lines.len);
    text_slice(out, lines);
    pad(out, lines.len);
    block_end(out, at);
}

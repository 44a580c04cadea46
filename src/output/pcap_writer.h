/* Frames as bytes of a capture file: classic pcap with nanoseconds, or pcapng with interfaces, comments and secrets. */
#ifndef OUTPUT_PCAP_WRITER_H
#define OUTPUT_PCAP_WRITER_H

#include "base/frame.h"
#include "base/text.h"

/* What is known of the interface that captured a frame. */
struct frame_interface {
    struct slice name; /* empty: not known */
    uint32_t snaplen;  /* 0: not known, or no limit */
};

struct pcap_writer_interface;

/* Owns its list of interfaces. Zeroed memory, with ng set or not, is one that has written nothing. */
struct pcap_writer {
    bool ng;
    bool begun;
    uint16_t link_type;  /* classic: of the whole file */
    uint64_t left_out;   /* classic: frames of another link type */
    uint16_t other_type; /* of the first of them */
    struct pcap_writer_interface *interfaces;
    size_t interface_count, interface_room, interface_last;
};

void pcap_writer_fini(struct pcap_writer *writer);

/* The file's header, where it is not written yet; classic: of this link type. A file without a frame has one too. */
void pcap_writer_begin(struct pcap_writer *writer, struct text *out, uint16_t link_type);

/* Appends the frame. comments: lines, each of which becomes a comment (pcapng); may be empty. */
void pcap_writer_frame(struct pcap_writer *writer, struct text *out, const struct frame *frame, const struct frame_interface *interface,
                       struct slice comments);

/* Appends when the capture ended, which may be long after the last packet that is in the file; pcapng only, behind all frames. */
void pcap_writer_end(const struct pcap_writer *writer, struct text *out, int64_t end_ns);

/* Appends a Decryption Secrets Block with the key log's lines; pcapng only. */
void pcap_writer_secrets(struct pcap_writer *writer, struct text *out, struct slice lines);

#endif

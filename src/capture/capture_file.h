/* The walk over the records of capture files: a table of formats, and what they share. */
#ifndef CAPTURE_CAPTURE_FILE_H
#define CAPTURE_CAPTURE_FILE_H

#include "capture/source.h"
#include "capture/window.h"

struct capture_file;

enum record_result {
    RECORD_FRAME, /* a frame is filled in */
    RECORD_OTHER, /* a record without a frame was passed over */
    RECORD_MORE,  /* file->need bytes must be ready in the window */
    RECORD_BAD    /* the source's error says what is wrong; the walk ends */
};

/* One row a file format. */
struct capture_format {
    const char *name;
    /* True when the file's first bytes (at least 24, or all there are) are this format's. */
    bool (*claims)(struct slice start);
    /* Reads the file header. False with a message in the source's error. */
    bool (*begin)(struct capture_file *file);
    /* Takes records out of the window into frames[0..*count), at most room, numbered from file->packets on, until it must stop:
       RECORD_FRAME when the room is full, else why. */
    enum record_result (*next)(struct capture_file *file, struct frame *frames, size_t room, size_t *count);
    void (*end)(struct capture_file *file); /* may be NULL; may be called twice */
};

enum { INTERFACE_NAME_MAX = 39 };

/* One interface of a pcapng section. */
struct capture_interface {
    uint16_t link_type;
    uint32_t snaplen;
    uint64_t units_per_second; /* of its time stamps */
    int64_t offset_seconds;
    uint64_t kernel_drops, interface_drops;
    uint8_t name_len;
    char name[INTERFACE_NAME_MAX]; /* if_name, as far as there is room */
};

struct capture_file {
    struct source *source;
    struct window window;
    const struct capture_format *format;
    size_t need;
    bool swapped;       /* the other byte order */
    bool nanoseconds;   /* pcap */
    uint16_t link_type; /* pcap */
    uint8_t record_header_bytes;
    struct capture_interface *interfaces; /* pcapng */
    uint32_t interface_count;
    uint64_t packets;
    int64_t last_ns; /* pcapng: of the last packet that had a time */
};

/* Fills source->state with the stream's walk, and takes the stream over; false with a message. stream NULL: *error says why. */
bool capture_file_open(struct source *source, struct byte_stream *stream, struct error *error);

extern const struct source_kind source_kind_file;

extern const struct capture_format capture_format_pcap, capture_format_pcapng;

/* Reads in the file's byte order. */
static inline uint32_t file_u32(const struct capture_file *file, const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return file->swapped ? __builtin_bswap32(value) : value;
}

static inline uint16_t file_u16(const struct capture_file *file, const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    if (file->swapped)
        value = __builtin_bswap16(value);
    return value;
}

enum { FRAME_BYTES_MAX = 1 << 20 }; /* more is a damaged length (the largest snap length in use is 262144) */

#endif

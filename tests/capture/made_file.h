/* Makes capture files of chosen words and bytes in memory, in either byte order, and opens them as a source. */
#ifndef TESTS_CAPTURE_MADE_FILE_H
#define TESTS_CAPTURE_MADE_FILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/source.h"

struct made_file {
    bool big; /* byte order */
    size_t len;
    uint8_t bytes[1 << 18];
};

static inline void made_bytes(struct made_file *f, const void *data, size_t n)
{
    assert_true(n <= sizeof f->bytes - f->len);
    memcpy(f->bytes + f->len, data, n);
    f->len += n;
}

static inline void made_u8(struct made_file *f, unsigned value)
{
    made_bytes(f, &(uint8_t){(uint8_t)value}, 1);
}

static inline void made_u16(struct made_file *f, unsigned value)
{
    made_u8(f, f->big ? value >> 8 : value & 255);
    made_u8(f, f->big ? value & 255 : value >> 8);
}

static inline void made_u32(struct made_file *f, uint32_t value)
{
    made_u16(f, f->big ? value >> 16 : value & 0xffff);
    made_u16(f, f->big ? value & 0xffff : value >> 16);
}

static inline void made_u64(struct made_file *f, uint64_t value)
{
    made_u32(f, (uint32_t)(f->big ? value >> 32 : value));
    made_u32(f, (uint32_t)(f->big ? value : value >> 32));
}

/* Overwrites the word at an offset: block lengths are known last. */
static inline void made_u32_at(struct made_file *f, size_t at, uint32_t value)
{
    size_t len = f->len;
    f->len = at;
    made_u32(f, value);
    f->len = len;
}

static inline void pcap_head(struct made_file *f, uint32_t magic, uint32_t link_type)
{
    made_u32(f, magic);
    made_u16(f, 2);
    made_u16(f, 4);
    made_u64(f, 0);
    made_u32(f, 262144);
    made_u32(f, link_type);
}

static inline void pcap_packet(struct made_file *f, uint32_t seconds, uint32_t fraction, const char *data, uint32_t wire)
{
    uint32_t n = (uint32_t)strlen(data);
    made_u32(f, seconds);
    made_u32(f, fraction);
    made_u32(f, n);
    made_u32(f, wire);
    made_bytes(f, data, n);
}

/* A path that the file can be opened by; the descriptor stays open for it. */
static inline int made_path(const void *data, size_t len, char path[64])
{
    int fd = memfd_create("made", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    assert_true(snprintf(path, 64, "/proc/self/fd/%d", fd) < 64);
    return fd;
}

/* NULL with the error's text where the file is refused. */
static inline struct source *made_open(const struct made_file *f, struct error *error)
{
    char path[64];
    int fd = made_path(f->bytes, f->len, path);
    error->text[0] = '\0';
    struct source *source = source_open_file(path, error);
    close(fd);
    return source;
}

static inline bool frame_is(const struct frame *frame, const char *data)
{
    return slice_is(frame->bytes, data);
}

#endif

/* Builds frames for the decoder's tests from the inside out: each call puts a header in front of what is there. */
#ifndef TESTS_NET_FRAMES_H
#define TESTS_NET_FRAMES_H

#include "net/decode.h"

#include <stdio.h>

enum { BUILT_MAX = 80000 };

struct built {
    size_t len;
    uint8_t bytes[BUILT_MAX];
};

static inline void built_front(struct built *b, const void *data, size_t n)
{
    if (n > BUILT_MAX - b->len)
        return;
    memmove(b->bytes + n, b->bytes, b->len);
    memcpy(b->bytes, data, n);
    b->len += n;
}

static inline void built_set(struct built *b, const void *payload, size_t n)
{
    b->len = 0;
    built_front(b, payload, n);
}

/* Hexadecimal digits; spaces between bytes are for the eye. */
static inline void built_hex(struct built *b, const char *hex)
{
    uint8_t data[256];
    size_t n = 0;
    unsigned byte;
    for (; *hex != '\0' && n < sizeof data && sscanf(hex, "%2x", &byte) == 1; n++) {
        data[n] = (uint8_t)byte;
        hex += 2;
        while (*hex == ' ')
            hex++;
    }
    built_front(b, data, n);
}

static inline void be16_put(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void built_udp(struct built *b, uint16_t sport, uint16_t dport)
{
    uint8_t h[8] = {0};
    be16_put(h, sport);
    be16_put(h + 2, dport);
    be16_put(h + 4, b->len + 8);
    built_front(b, h, sizeof h);
}

static inline void built_tcp(struct built *b, uint16_t sport, uint16_t dport, uint8_t flags)
{
    uint8_t h[20] = {0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x50, flags, 0xff};
    be16_put(h, sport);
    be16_put(h + 2, dport);
    built_front(b, h, sizeof h);
}

/* 192.0.2.1 to 198.51.100.2; place: DF 4000, more 2000, offset in 8 bytes */
static inline void built_ipv4(struct built *b, uint8_t protocol, uint16_t id, uint16_t place)
{
    uint8_t h[20] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2};
    be16_put(h + 2, b->len + 20);
    be16_put(h + 4, id);
    be16_put(h + 6, place);
    built_front(b, h, sizeof h);
}

/* 2001:db8::1 to 2001:db8::2 */
static inline void built_ipv6(struct built *b, uint8_t next)
{
    uint8_t h[40] = {0x60, 0, 0, 0, 0, 0, next, 64};
    be16_put(h + 4, b->len);
    memcpy(h + 8, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    memcpy(h + 24, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
    built_front(b, h, sizeof h);
}

static inline void built_ethernet(struct built *b, uint16_t type)
{
    uint8_t h[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    be16_put(h + 12, type);
    built_front(b, h, sizeof h);
}

static inline struct frame built_frame(const struct built *b, uint16_t link, int64_t time_ns, uint64_t number)
{
    return (struct frame){.time_ns = time_ns,
                          .number = number,
                          .bytes = slice_of(b->bytes, b->len),
                          .wire_len = (uint32_t)b->len,
                          .link_type = link};
}

#endif

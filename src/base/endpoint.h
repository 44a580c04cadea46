/* An IP address with its port, IPv4 or IPv6, as one comparable key; and the transports SIP travels over. */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include "base/hash.h"

/* 20 bytes without padding. Unused address bytes are zero, so that memcmp compares. family 0 = unknown. */
struct endpoint {
    uint8_t address[16]; /* network order; IPv4 in the first four */
    uint16_t port;       /* host order */
    uint8_t family;      /* 4, 6 or 0 */
    uint8_t zero;
};

enum { ENDPOINT_TEXT_SIZE = 64 };

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS, TRANSPORT_WS, TRANSPORT_WSS, TRANSPORT_SCTP, TRANSPORT_COUNT };

/* "udp", "tcp", ... as the records name them. */
const char *transport_name(enum transport transport);

static inline struct endpoint endpoint_ipv4(const uint8_t address[4], uint16_t port)
{
    struct endpoint e = {.port = port, .family = 4};
    memcpy(e.address, address, 4);
    return e;
}

static inline struct endpoint endpoint_ipv6(const uint8_t address[16], uint16_t port)
{
    struct endpoint e = {.port = port, .family = 6};
    memcpy(e.address, address, 16);
    return e;
}

static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    const uint8_t *left = (const uint8_t *)a, *right = (const uint8_t *)b;
    return ((hash_load64(left) ^ hash_load64(right)) | (hash_load64(left + 8) ^ hash_load64(right + 8)) |
            (hash_load32(left + 16) ^ hash_load32(right + 16))) == 0; /* a call of memcmp costs more than all of it */
}

/* Whatever the ports. */
static inline bool endpoint_equal_address(const struct endpoint *a, const struct endpoint *b)
{
    return ((hash_load64(a->address) ^ hash_load64(b->address)) | (hash_load64(a->address + 8) ^ hash_load64(b->address + 8))) == 0 &&
           a->family == b->family;
}

static inline uint64_t endpoint_hash(uint64_t seed, const struct endpoint *e)
{
    const uint8_t *bytes = (const uint8_t *)e;
    uint64_t half = hash_mix(hash_load64(bytes) ^ seed ^ UINT64_C(0xa0761d6478bd642f), hash_load64(bytes + 8) ^ ~seed);
    return hash_word(seed, half ^ hash_load32(bytes + 16));
}

/* "192.0.2.1:5060", "[2001:db8::1]:5060" (RFC 5952), "" for an unknown family; NUL-terminated; returns the length. */
size_t endpoint_format(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE]);

/* The address alone: "192.0.2.1", "2001:db8::1". */
size_t endpoint_format_address(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE]);

/* Reads a bare IPv4 or IPv6 address (an IPv6 one may stand in brackets); port becomes 0. False when it is neither. */
bool endpoint_parse_address(struct slice text, struct endpoint *endpoint);

#endif

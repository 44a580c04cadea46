/* HEP version 3 is a list of chunks; versions 1 and 2 are a fixed header before the packet's bytes.

   HEP3:  "HEP3" | total length (16) | chunks: vendor (16) | type (16) | length with these 6 (16) | value   (big endian)
   HEP1:  version | header length | family | protocol | src port | dst port | src | dst | payload
   HEP2:  the same, then seconds (32), microseconds (32), capture id (16) in the sender's byte order, often padded by 2 */
#include "dissectors/hep.h"

#include "base/clock.h"
#include "base/reader.h"

enum hep_chunk {
    CHUNK_PROTOCOL = 2,
    CHUNK_IPV4_SRC = 3,
    CHUNK_IPV4_DST = 4,
    CHUNK_IPV6_SRC = 5,
    CHUNK_IPV6_DST = 6,
    CHUNK_PORT_SRC = 7,
    CHUNK_PORT_DST = 8,
    CHUNK_SECONDS = 9,
    CHUNK_MICROSECONDS = 10,
    CHUNK_KIND = 11,
    CHUNK_CAPTURE_ID = 12,
    CHUNK_PAYLOAD = 15,
    CHUNK_COMPRESSED = 16
};

enum { HEADER_V3 = 6, HEADER_V2 = 8, TIME_V2 = 10, MICROSECONDS = 1000000 };

/* Length of a version 1 or 2 header up to its addresses; 0 where the first bytes are no such header. */
static size_t v2_addresses_end(struct slice payload)
{
    static const uint8_t families_ipv6[] = {10, 28, 30}; /* AF_INET6 of Linux, FreeBSD, macOS */
    struct reader r = reader_over(payload);
    uint8_t version = reader_u8(&r), length = reader_u8(&r), family = reader_u8(&r), protocol = reader_u8(&r);
    size_t end = 0;
    if (r.fault || (version != 1 && version != 2) || (protocol != 17 && protocol != 6 && protocol != 132))
        return 0;
    if (family == 2)
        end = HEADER_V2 + 8;
    else if (memchr(families_ipv6, family, sizeof families_ipv6) != NULL)
        end = HEADER_V2 + 32;
    /* Senders of version 2 disagree whether the length counts the time. */
    bool sane = length == end || (version == 2 && (length == end + TIME_V2 || length == end + TIME_V2 + 2));
    size_t least = end + (version == 2 ? TIME_V2 : 0);
    return end > 0 && sane && payload.len > least ? end : 0;
}

bool hep_claim(struct slice payload)
{
    if (slice_starts(payload, "HEP3")) {
        struct reader r = reader_over(slice_after(payload, 4));
        uint16_t total = reader_be16(&r);
        return !r.fault && total >= HEADER_V3 && total <= payload.len;
    }
    return v2_addresses_end(payload) > 0;
}

static int64_t time_of(uint32_t seconds, uint32_t microseconds)
{
    return seconds * NS_PER_SECOND + (microseconds < MICROSECONDS ? microseconds * NS_PER_US : 0);
}

struct chunk_sum {
    uint32_t seconds, microseconds;
    bool has_seconds, has_payload;
    bool has_src, has_dst;
};

static void address_set(struct endpoint *endpoint, struct slice value, bool *seen)
{
    uint16_t port = endpoint->port;
    *endpoint = value.len == 4 ? endpoint_ipv4(value.data, port) : endpoint_ipv6(value.data, port);
    *seen = true;
}

/* The size that a chunk's value must have; 0: any. */
static size_t chunk_size(uint16_t type)
{
    switch (type) {
    case CHUNK_PROTOCOL:
    case CHUNK_KIND:
        return 1;
    case CHUNK_PORT_SRC:
    case CHUNK_PORT_DST:
        return 2;
    case CHUNK_IPV4_SRC:
    case CHUNK_IPV4_DST:
    case CHUNK_SECONDS:
    case CHUNK_MICROSECONDS:
    case CHUNK_CAPTURE_ID:
        return 4;
    case CHUNK_IPV6_SRC:
    case CHUNK_IPV6_DST:
        return 16;
    default:
        return 0;
    }
}

static bool chunk_read(uint16_t type, struct slice value, struct hep *hep, struct chunk_sum *sum)
{
    struct reader r = reader_over(value);
    size_t size = chunk_size(type);
    if (type == CHUNK_CAPTURE_ID && value.len == 2) { /* some agents write 16 bits */
        hep->capture_id = reader_be16(&r);
        return true;
    }
    if (size != 0 && value.len != size)
        return false;
    switch (type) {
    case CHUNK_PROTOCOL: hep->ip_protocol = reader_u8(&r); break;
    case CHUNK_KIND: hep->kind = reader_u8(&r); break;
    case CHUNK_PORT_SRC: hep->src.port = reader_be16(&r); break;
    case CHUNK_PORT_DST: hep->dst.port = reader_be16(&r); break;
    case CHUNK_IPV4_SRC:
    case CHUNK_IPV6_SRC: address_set(&hep->src, value, &sum->has_src); break;
    case CHUNK_IPV4_DST:
    case CHUNK_IPV6_DST: address_set(&hep->dst, value, &sum->has_dst); break;
    case CHUNK_SECONDS:
        sum->seconds = reader_be32(&r);
        sum->has_seconds = true;
        break;
    case CHUNK_MICROSECONDS: sum->microseconds = reader_be32(&r); break;
    case CHUNK_CAPTURE_ID: hep->capture_id = reader_be32(&r); break;
    case CHUNK_PAYLOAD:
    case CHUNK_COMPRESSED:
        hep->payload = value;
        hep->compressed = type == CHUNK_COMPRESSED;
        sum->has_payload = true;
        break;
    default: break; /* authentication key, correlation, VLAN, vendors' own */
    }
    return true;
}

static bool v3_parse(struct slice payload, struct hep *hep)
{
    struct chunk_sum sum = {0};
    struct reader r = reader_over(slice_after(payload, 4));
    uint16_t total = reader_be16(&r);
    if (r.fault || total < HEADER_V3 || total > payload.len)
        return false;
    r = reader_over(slice_cut(payload, HEADER_V3, total));
    while (reader_left(&r) > 0) {
        uint16_t vendor = reader_be16(&r), type = reader_be16(&r), length = reader_be16(&r);
        if (r.fault || length < 6)
            return false;
        struct slice value = reader_slice(&r, (size_t)length - 6);
        if (r.fault || (vendor == 0 && !chunk_read(type, value, hep, &sum)))
            return false;
    }
    if (sum.has_seconds)
        hep->time_ns = time_of(sum.seconds, sum.microseconds);
    return sum.has_payload && sum.has_src && sum.has_dst && hep->src.family == hep->dst.family;
}

/* Versions 1 and 2 do not say in which byte order their time is: the one that gives a time of this age is right. */
static int64_t v2_time(struct reader *r)
{
    uint32_t seconds = reader_le32(r), microseconds = reader_le32(r);
    const uint32_t year_2000 = 946684800;
    if (microseconds < MICROSECONDS && seconds >= year_2000)
        return time_of(seconds, microseconds);
    seconds = __builtin_bswap32(seconds);
    microseconds = __builtin_bswap32(microseconds);
    return microseconds < MICROSECONDS && seconds >= year_2000 ? time_of(seconds, microseconds) : CLOCK_NONE;
}

static bool v2_parse(struct slice payload, struct hep *hep)
{
    size_t end = v2_addresses_end(payload);
    if (end == 0)
        return false;
    hep->version = payload.data[0];
    hep->ip_protocol = payload.data[3];
    hep->kind = HEP_SIP; /* these versions carry nothing else */
    struct reader r = reader_over(slice_after(payload, 4));
    uint16_t src_port = reader_be16(&r), dst_port = reader_be16(&r);
    size_t size = (end - HEADER_V2) / 2;
    const uint8_t *src = reader_take(&r, size), *dst = reader_take(&r, size);
    if (r.fault)
        return false;
    hep->src = size == 4 ? endpoint_ipv4(src, src_port) : endpoint_ipv6(src, src_port);
    hep->dst = size == 4 ? endpoint_ipv4(dst, dst_port) : endpoint_ipv6(dst, dst_port);
    if (hep->version == 2) {
        hep->time_ns = v2_time(&r);
        hep->capture_id = reader_le16(&r);
        /* The C structure that most senders copy ends with two bytes of padding; a SIP message begins with none. */
        bool packed = payload.data[1] == end + TIME_V2;
        if (!packed && reader_left(&r) > 2 && (r.at[0] < 'A' || r.at[1] < 'A'))
            reader_skip(&r, 2);
    }
    hep->payload = reader_rest(&r);
    return !r.fault && hep->payload.len > 0;
}

bool hep_parse(struct slice payload, struct hep *hep)
{
    *hep = (struct hep){.time_ns = CLOCK_NONE, .version = 3};
    return slice_starts(payload, "HEP3") ? v3_parse(payload, hep) : v2_parse(payload, hep);
}

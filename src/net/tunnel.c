/* Tunnels: GRE with PPTP and ERSPAN, EtherIP, and those over UDP: VXLAN, Geneve, GTP-U, L2TP, TZSP. */
#include "net/layers.h"

enum { TUNNEL_FIELDS_MAX = 16 };

/* RFC 1701, 2784, 2890; version 1 is PPTP's (RFC 2637 4.1).
   | C R K S s recursion (8 bits) | A flags (5), version (3) | type (2) | C or R: checksum, offset | K: key |
   S: sequence | version 1 only: A: acknowledgment */
enum layer tunnel_gre(struct layers *l)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACK = 0x0080, VERSION = 7 };
    struct reader r = reader_over(l->left);
    uint32_t flags = reader_be16(&r), type = reader_be16(&r), version = flags & VERSION;
    l->packet->flags |= PACKET_TUNNELLED;
    if (flags & (CHECKSUM | ROUTING))
        reader_skip(&r, 4);
    if (flags & KEY)
        reader_skip(&r, 4);
    if (flags & SEQUENCE)
        reader_skip(&r, 4);
    if (version == 1 && flags & ACK)
        reader_skip(&r, 4);
    if (!r.fault && (version > 1 || flags & ROUTING))
        return layers_unknown(l);
    if (type == 0x88be && flags & SEQUENCE) /* ERSPAN II (its sequence number is what sets it off from I) */
        reader_skip(&r, 8);
    bool ip = false;
    if (type == 0x22eb) { /* ERSPAN III: 12 bytes; the last bit: 8 more follow; bits 1 to 5 of byte 10: the kind */
        reader_skip(&r, 10);
        uint32_t last = reader_be16(&r);
        if (last & 1)
            reader_skip(&r, 8);
        ip = (last >> 10 & 31) == 2;
    }
    if (r.fault)
        return layers_short(l, ANOMALY_TUNNEL_SHORT);
    layers_advance(l, &r);
    if (version == 1) /* without a sequence number it is an acknowledgment only */
        return type == 0x880b && flags & SEQUENCE ? LAYER_PPP : layers_unknown(l);
    if (type == 0x88be || type == 0x22eb)
        return ip ? LAYER_IP : LAYER_ETHERNET;
    if (type == 0x880b)
        return LAYER_PPP;
    if (type == 0x883e && l->left.len > 4 && l->left.data[0] >> 4 != 4) /* WCCP 2 has 4 bytes before the packet */
        layers_skip(l, 4);
    l->kind = type == 0x883e ? 0x0800 : type;
    return l->kind <= 1500 ? layers_unknown(l) : LAYER_ETHERTYPE;
}

/* RFC 3378: | version 3 (4 bits), 0 (12) | Ethernet */
enum layer tunnel_etherip(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint16_t head = reader_be16(&r);
    l->packet->flags |= PACKET_TUNNELLED;
    if (r.fault)
        return layers_short(l, ANOMALY_TUNNEL_SHORT);
    if (head != 0x3000)
        return layers_unknown(l);
    layers_advance(l, &r);
    return LAYER_ETHERNET;
}

/* RFC 7348: | 08 | 0 (3) | network (3) | 0 | Ethernet. The group policy draft sets bit 80 and uses bytes 1 to 3. */
static enum layer tunnel_vxlan(struct reader *r)
{
    uint8_t flags = reader_u8(r);
    uint32_t policy = reader_be24(r);
    reader_skip(r, 3);
    bool fits = (flags == 0x08 && policy == 0) || flags == 0x88;
    if (reader_u8(r) != 0 || !fits || r->fault || !link_is_ethernet(slice_of(r->at, reader_left(r))))
        return LAYER_PACKET;
    return LAYER_ETHERNET;
}

/* RFC 8926: | version 0 (2 bits), words of options (6) | O C 0 (6) | type (2) | network (3) | 0 | options | */
static enum layer tunnel_geneve(struct reader *r)
{
    uint8_t first = reader_u8(r), flags = reader_u8(r);
    uint16_t type = reader_be16(r);
    reader_skip(r, 3);
    uint8_t zero = reader_u8(r);
    if (first >> 6 != 0 || flags & 0x3f || zero != 0)
        return LAYER_PACKET;
    reader_skip(r, (first & 0x3fu) * 4);
    struct slice inner = slice_of(r->at, reader_left(r));
    if (r->fault)
        return LAYER_PACKET;
    if (type == 0x6558 && link_is_ethernet(inner))
        return LAYER_ETHERNET;
    return (type == 0x0800 || type == 0x86dd) && link_is_ip(inner, UINT32_MAX) ? LAYER_IP : LAYER_PACKET;
}

/* Generic protocol extension: | 0c | 0 (2) | next: 1 IPv4, 2 IPv6, 3 Ethernet | network (3) | 0 | */
static enum layer tunnel_vxlan_gpe(struct reader *r)
{
    uint32_t head = reader_be32(r);
    reader_skip(r, 3);
    uint8_t zero = reader_u8(r);
    struct slice inner = slice_of(r->at, reader_left(r));
    if (r->fault || zero != 0)
        return LAYER_PACKET;
    if (head == 0x0c000003)
        return link_is_ethernet(inner) ? LAYER_ETHERNET : LAYER_PACKET;
    return (head == 0x0c000001 || head == 0x0c000002) && link_is_ip(inner, UINT32_MAX) ? LAYER_IP : LAYER_PACKET;
}

/* 3GPP TS 29.281 5.1: | version 1 (3 bits), 1, 0, E S PN | type | length after these 8 bytes (2) | tunnel (4) |, with
   any of E S PN: | sequence (2) | N-PDU | next extension |; an extension: | words | content | next extension |.
   Type 255 alone carries a packet; the others are the tunnel's own messages. */
static enum layer tunnel_gtpu(struct reader *r, uint32_t wire, uint32_t *end)
{
    uint8_t flags = reader_u8(r), type = reader_u8(r);
    *end = 8u + reader_be16(r);
    reader_skip(r, 4);
    if (r->fault || (flags & 0xf8) != 0x30 || type != 255 || *end > wire)
        return LAYER_PACKET;
    uint32_t used = 8;
    if (flags & 7) {
        reader_skip(r, 3);
        uint8_t next = reader_u8(r);
        used += 4;
        for (unsigned i = 0; (flags & 4) && next != 0; i++) {
            uint32_t words = reader_u8(r);
            if (words == 0 || i == TUNNEL_FIELDS_MAX)
                return LAYER_PACKET;
            reader_skip(r, words * 4 - 2);
            next = reader_u8(r);
            used += words * 4;
        }
    }
    struct slice inner = slice_of(r->at, reader_left(r));
    if (r->fault || used > *end)
        return LAYER_PACKET;
    if (link_is_ip(inner, *end - used))
        return LAYER_IP;
    return link_is_ethernet(inner) ? LAYER_ETHERNET : LAYER_PACKET; /* an Ethernet PDU session */
}

/* RFC 2661 3.1: | T L 0 0 S 0 O P (8 bits), 0 (4), version 2 (4) | L: length (2) | tunnel (2) | session (2) |
   S: two numbers (4) | O: offset (2), padding | PPP. T is 0 in what carries data. */
static enum layer tunnel_l2tp(struct reader *r, uint32_t *end)
{
    enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, ZERO = 0x34f0, VERSION = 15 };
    uint32_t flags = reader_be16(r);
    if (flags & (CONTROL | ZERO) || (flags & VERSION) != 2)
        return LAYER_PACKET;
    if (flags & LENGTH) {
        uint32_t length = reader_be16(r);
        if (length < 8 || length > *end)
            return LAYER_PACKET;
        *end = length;
    }
    reader_skip(r, flags & SEQUENCE ? 8 : 4);
    if (flags & OFFSET)
        reader_skip(r, reader_be16(r));
    /* ff 03 or a protocol number: data that begins otherwise is not PPP. */
    struct reader peek = *r;
    uint32_t head = reader_be16(&peek);
    bool ppp = head == 0xff03 || head == 0x0021 || head == 0x0057 || head >> 8 == 0x21 || head >> 8 == 0x57;
    return ppp && !peek.fault ? LAYER_PPP : LAYER_PACKET;
}

/* | version 1 | type 0: received | link (2), 1: Ethernet | fields: 0 filling, 1 the end, others: | length | value */
static enum layer tunnel_tzsp(struct reader *r)
{
    if (reader_be32(r) != 0x01000001)
        return LAYER_PACKET;
    for (unsigned i = 0; i < TUNNEL_FIELDS_MAX && !r->fault; i++) {
        uint8_t field = reader_u8(r);
        if (field == 1)
            return !r->fault && link_is_ethernet(slice_of(r->at, reader_left(r))) ? LAYER_ETHERNET : LAYER_PACKET;
        if (field != 0)
            reader_skip(r, reader_u8(r));
    }
    return LAYER_PACKET;
}

enum layer tunnel_udp(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint16_t ports[2] = {l->packet->dst.port, l->packet->src.port};
    uint32_t end = l->wire;
    enum layer next = LAYER_PACKET;
    for (int i = 0; i < 2 && next == LAYER_PACKET; i++) {
        r = reader_over(l->left);
        end = l->wire;
        if (ports[i] == PORT_VXLAN || ports[i] == PORT_VXLAN_LINUX)
            next = tunnel_vxlan(&r);
        else if (ports[i] == PORT_VXLAN_GPE)
            next = tunnel_vxlan_gpe(&r);
        else if (ports[i] == PORT_GTPU)
            next = tunnel_gtpu(&r, l->wire, &end);
        else if (ports[i] == PORT_GENEVE)
            next = tunnel_geneve(&r);
        else if (ports[i] == PORT_L2TP)
            next = tunnel_l2tp(&r, &end);
        else if (ports[i] == PORT_TZSP)
            next = tunnel_tzsp(&r);
    }
    if (next == LAYER_PACKET || r.fault)
        return LAYER_PACKET;
    size_t used = l->left.len - reader_left(&r);
    if (end < used)
        return LAYER_PACKET;
    layers_trim(l, end);
    layers_skip(l, used);
    l->packet->flags |= PACKET_TUNNELLED;
    return next;
}

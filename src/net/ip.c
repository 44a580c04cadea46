/* IPv4 (RFC 791) and IPv6 (RFC 8200) headers with their options, extension headers and fragments. */
#include "net/layers.h"

#include "net/defrag.h"

enum {
    EXTENSION_HOP_BY_HOP = 0,
    EXTENSION_ROUTING = 43,
    EXTENSION_FRAGMENT = 44,
    EXTENSION_AH = 51,
    EXTENSION_OPTIONS = 60,
    EXTENSION_MOBILITY = 135,
    EXTENSION_HIP = 139,
    EXTENSION_SHIM6 = 140,
    IP_ETHERIP = 97,
    IP_MPLS = 137
};

enum { EXTENSIONS_MAX = 64, IPV6_HEADER = 40 };

static enum layer ip_protocol(struct layers *l, uint8_t protocol)
{
    l->packet->protocol = protocol;
    switch (protocol) {
    case IP_UDP:
        return LAYER_UDP;
    case IP_TCP:
        return LAYER_TCP;
    case IP_SCTP:
        return LAYER_SCTP;
    case IP_ICMP:
    case IP_ICMPV6:
        return LAYER_ICMP;
    case IP_IPIP:
    case IP_IPV6:
        l->packet->flags |= PACKET_TUNNELLED;
        return LAYER_IP;
    case IP_GRE:
        return LAYER_GRE;
    case IP_ETHERIP:
        return LAYER_ETHERIP;
    case IP_MPLS:
        l->packet->flags |= PACKET_TUNNELLED;
        return LAYER_MPLS;
    default:
        return layers_drop(l, ANOMALY_IP_PROTOCOL);
    }
}

/* Gives l->left, a fragment's content, to the reassembly; goes on with the whole datagram where it was the last one. */
static enum layer ip_fragment(struct layers *l, struct fragment *fragment)
{
    struct packet *packet = l->packet;
    struct datagram_view whole;
    fragment->src = packet->src;
    fragment->dst = packet->dst;
    fragment->bytes = l->left;
    fragment->wire_len = l->wire;
    fragment->frame = packet->frame;
    if (!defrag_add(l->decoder->defrag, fragment, packet->time_ns, &l->decoder->anomalies, &whole))
        return LAYER_DROP;
    packet->flags |= PACKET_REASSEMBLED;
    if (packet->fragments < whole.fragments)
        packet->fragments = whole.fragments;
    l->left = whole.ip;
    l->wire = whole.wire_len;
    l->cut = whole.ip.len < whole.wire_len;
    return LAYER_IP;
}

/* RFC 8200 4.5: | next header | 0 | offset in 8 bytes (13 bits), 0 (2), more | identification (4) | */
static enum layer ip_fragment_extension(struct layers *l, uint8_t *next)
{
    struct reader r = reader_over(l->left);
    struct fragment fragment = {.protocol = reader_u8(&r)};
    reader_skip(&r, 1);
    uint16_t place = reader_be16(&r);
    fragment.id = reader_be32(&r);
    if (r.fault)
        return layers_short(l, ANOMALY_IP_HEADER);
    layers_advance(l, &r);
    fragment.offset = place & 0xfff8u;
    fragment.more = place & 1;
    *next = fragment.protocol;
    if (fragment.offset == 0 && !fragment.more) /* a datagram in one fragment, RFC 6946 */
        return LAYER_IP;
    if (layers_quoted(l)) /* the quoted piece stands for itself; only the first has ports */
        return fragment.offset == 0 ? LAYER_IP : layers_drop(l, ANOMALY_ICMP_SHORT);
    fragment.header = slice_of(l->packet->ip, IPV6_HEADER);
    enum layer layer = ip_fragment(l, &fragment);
    return layer == LAYER_IP ? LAYER_PACKET : layer;
}

/* Takes extension headers off up to the transport's. AH (RFC 4302) stands here in IPv4 too; its length counts 4-byte
   words less two, the others' 8-byte words less one. */
static enum layer ip_extensions(struct layers *l, uint8_t next)
{
    for (unsigned i = 0; i < EXTENSIONS_MAX; i++) {
        bool ah = next == EXTENSION_AH;
        if (!ah && l->packet->src.family != 6)
            return ip_protocol(l, next);
        if (next == EXTENSION_FRAGMENT) {
            enum layer layer = ip_fragment_extension(l, &next);
            if (layer == LAYER_PACKET)
                return LAYER_IP; /* reassembled: begins again with the whole datagram's header */
            if (layer == LAYER_DROP)
                return layer;
            continue;
        }
        if (!ah && next != EXTENSION_HOP_BY_HOP && next != EXTENSION_ROUTING && next != EXTENSION_OPTIONS &&
            next != EXTENSION_MOBILITY && next != EXTENSION_HIP && next != EXTENSION_SHIM6)
            return ip_protocol(l, next);
        struct reader r = reader_over(l->left);
        next = reader_u8(&r);
        uint8_t length = reader_u8(&r);
        reader_skip(&r, ah ? length * 4u + 6 : length * 8u + 6);
        if (r.fault)
            return layers_short(l, ANOMALY_IP_HEADER);
        layers_advance(l, &r);
    }
    return layers_drop(l, ANOMALY_IP_EXTENSION);
}

/* Cuts Ethernet padding off, and sets what the packet says of its datagram. total: 0 where the header has no length. */
static void ip_measure(struct layers *l, uint32_t total)
{
    l->unmeasured = total == 0;
    if (total > l->wire) {
        /* An ICMP error quotes the beginning only; anything else promises more than the frame has. */
        if (!layers_quoted(l) && !l->overlong) {
            anomaly_add(&l->decoder->anomalies, ANOMALY_IP_LENGTH);
            l->overlong = true;
        }
        l->wire = total;
    }
    if (total != 0)
        layers_trim(l, total);
    l->packet->ip = l->left.data;
    l->packet->ip_len = (uint32_t)l->left.len;
    l->packet->ip_wire_len = (uint16_t)(l->wire > UINT16_MAX ? UINT16_MAX : l->wire);
}

/* In place, as the fast lane does it; an outer header may have left its own address there. */
static void endpoint_put(struct endpoint *endpoint, uint8_t family, const uint8_t *address)
{
    if (family == 4) {
        memcpy(endpoint->address, address, 4);
        memset(endpoint->address + 4, 0, 12);
    } else {
        memcpy(endpoint->address, address, 16);
    }
    endpoint->port = 0;
    endpoint->family = family;
}

/* | 4, words of header | class | total length (2) | id (2) | 0 DF MF, offset (13 bits) | hops | protocol |
   | checksum (2) | source (4) | destination (4) | options | */
static enum layer ip_v4(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint32_t header_len = (reader_u8(&r) & 15u) * 4;
    reader_skip(&r, 1);
    uint32_t total = reader_be16(&r);
    uint16_t id = reader_be16(&r), place = reader_be16(&r);
    reader_skip(&r, 1);
    uint8_t protocol = reader_u8(&r);
    reader_skip(&r, 2);
    const uint8_t *src = reader_take(&r, 4), *dst = reader_take(&r, 4);
    if (src == NULL || dst == NULL)
        return layers_short(l, ANOMALY_IP_HEADER);
    if (header_len < 20)
        return layers_drop(l, ANOMALY_IP_HEADER);
    if (layers_quoted(l) && total < header_len) /* some stacks quote a length that they have rewritten */
        total = 0;
    if (total != 0 && total < header_len)
        return layers_drop(l, ANOMALY_IP_LENGTH);
    ip_measure(l, total);
    if (l->left.len < header_len)
        return layers_short(l, ANOMALY_IP_HEADER);
    struct packet *packet = l->packet;
    endpoint_put(&packet->src, 4, src);
    endpoint_put(&packet->dst, 4, dst);
    packet->flags = (uint8_t)((packet->flags & ~PACKET_DF) | (place & 0x4000 ? PACKET_DF : 0));
    struct fragment fragment = {
        .header = slice_cut(l->left, 0, header_len),
        .id = id,
        .offset = (place & 0x1fffu) * 8,
        .more = (place & 0x2000) != 0,
        .protocol = protocol,
    };
    layers_skip(l, header_len);
    if (fragment.offset == 0 && (!fragment.more || layers_quoted(l)))
        return ip_extensions(l, protocol);
    if (layers_quoted(l))
        return layers_drop(l, ANOMALY_ICMP_SHORT);
    return ip_fragment(l, &fragment);
}

/* A payload length of 0 is a jumbogram's (RFC 2675: hop-by-hop option c2 04 holds the real one), or that of a segment
   captured before the network card cut it up. Returns 0 for "as much as there is". */
static uint32_t ip_v6_total(const struct layers *l, uint16_t payload_len, uint8_t next)
{
    if (payload_len != 0)
        return IPV6_HEADER + (uint32_t)payload_len;
    struct reader r = reader_over(slice_after(l->left, IPV6_HEADER));
    reader_skip(&r, 2);
    uint16_t option = reader_be16(&r);
    uint32_t length = reader_be32(&r);
    if (!r.fault && next == EXTENSION_HOP_BY_HOP && option == 0xc204 && length > UINT16_MAX && length < INT32_MAX)
        return IPV6_HEADER + length;
    /* An empty datagram in an Ethernet frame has up to 6 bytes of padding behind it: no transport header. */
    return l->wire < IPV6_HEADER + 8 ? IPV6_HEADER : 0;
}

/* | 6, class, flow label (4) | payload length (2) | next header | hops | source (16) | destination (16) | */
static enum layer ip_v6(struct layers *l)
{
    struct reader r = reader_over(l->left);
    reader_skip(&r, 4);
    uint16_t payload_len = reader_be16(&r);
    uint8_t next = reader_u8(&r);
    reader_skip(&r, 1);
    const uint8_t *src = reader_take(&r, 16), *dst = reader_take(&r, 16);
    if (src == NULL || dst == NULL)
        return layers_short(l, ANOMALY_IP_HEADER);
    ip_measure(l, ip_v6_total(l, payload_len, next));
    endpoint_put(&l->packet->src, 6, src);
    endpoint_put(&l->packet->dst, 6, dst);
    l->packet->flags &= (uint8_t)~PACKET_DF;
    layers_skip(l, IPV6_HEADER);
    return ip_extensions(l, next);
}

/* The version decides, whatever type announced the datagram: a wrong type above a right header harms nobody. */
enum layer ip_datagram(struct layers *l)
{
    if (l->left.len == 0)
        return layers_short(l, ANOMALY_IP_HEADER);
    switch (l->left.data[0] >> 4) {
    case 4:
        return ip_v4(l);
    case 6:
        return ip_v6(l);
    default:
        return layers_drop(l, ANOMALY_IP_VERSION);
    }
}

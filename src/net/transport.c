/* Transport headers: UDP, TCP and SCTP ports, and the datagrams that ICMP errors quote. */
#include "net/layers.h"

/* The payload is all that is left. */
static enum layer transport_payload(struct layers *l)
{
    l->packet->payload = l->left.data;
    l->packet->payload_len = (uint32_t)l->left.len;
    l->packet->wire_len = l->wire;
    return LAYER_PACKET;
}

/* RFC 768: | source port | destination port | length with this header | checksum | */
enum layer transport_udp(struct layers *l)
{
    struct packet *packet = l->packet;
    struct reader r = reader_over(l->left);
    packet->src.port = reader_be16(&r);
    packet->dst.port = reader_be16(&r);
    uint32_t length = reader_be16(&r);
    reader_skip(&r, 2);
    if (r.fault)
        return layers_short(l, ANOMALY_UDP_SHORT);
    /* 0: RFC 2675 4 for jumbograms, and what segmentation offload leaves. */
    if (length == 0 && l->unmeasured)
        length = l->wire;
    else if (length == 0 && l->wire > UINT16_MAX)
        length = l->wire;
    if (length < 8 || (length > l->wire && l->left.len == l->wire && !layers_quoted(l)))
        return layers_drop(l, ANOMALY_UDP_SHORT);
    layers_advance(l, &r);
    layers_trim(l, length - 8);
    if (tunnel_ports(packet->src.port, packet->dst.port)) {
        enum layer inner = tunnel_udp(l);
        if (inner != LAYER_PACKET)
            return inner;
    }
    return transport_payload(l);
}

/* RFC 9293 3.1: | ports (4) | sequence (4) | acknowledgment (4) | words (4 bits), 0, flags | 6 bytes | options */
enum layer transport_tcp(struct layers *l)
{
    struct packet *packet = l->packet;
    struct reader r = reader_over(l->left);
    packet->src.port = reader_be16(&r);
    packet->dst.port = reader_be16(&r);
    packet->tcp_seq = reader_be32(&r);
    if (r.fault)
        return layers_short(l, ANOMALY_TCP_HEADER);
    packet->tcp_ack = reader_be32(&r);
    uint32_t header_len = (uint32_t)(reader_u8(&r) >> 4) * 4;
    packet->tcp_flags = reader_u8(&r) & 0x1f;
    if (r.fault && layers_quoted(l)) {
        /* RFC 792 asks routers to quote 8 bytes: ports and sequence number, no flags. */
        packet->tcp_ack = packet->tcp_flags = 0;
        header_len = 20;
    } else if (r.fault) {
        return layers_short(l, ANOMALY_TCP_HEADER);
    }
    if (header_len < 20 || header_len > l->wire)
        return layers_drop(l, ANOMALY_TCP_HEADER);
    if (header_len > l->left.len) { /* cut inside its options: no bytes, yet their number is known */
        l->wire -= header_len;
        l->left = slice_after(l->left, l->left.len);
    } else {
        layers_skip(l, header_len);
    }
    return transport_payload(l);
}

/* RFC 9260 3.1: | ports (4) | verification tag (4) | checksum (4) | chunks */
enum layer transport_sctp(struct layers *l)
{
    struct reader r = reader_over(l->left);
    l->packet->src.port = reader_be16(&r);
    l->packet->dst.port = reader_be16(&r);
    reader_skip(&r, 4);
    if (r.fault || l->wire < 12)
        return layers_short(l, ANOMALY_SCTP_CHUNK);
    reader_skip(&r, 4);
    if (r.fault && !layers_quoted(l))
        return layers_short(l, ANOMALY_SCTP_CHUNK);
    l->wire -= 12;
    l->left = slice_after(l->left, 12);
    return transport_payload(l);
}

/* Errors are types 3, 4, 5, 11, 12 (RFC 792) and below 128 of ICMPv6 (RFC 4443 2.1).
   | type | code | checksum (2) | 4 bytes of the type's own | as much of the datagram as fits | */
enum layer transport_icmp(struct layers *l)
{
    struct packet *packet = l->packet;
    struct reader r = reader_over(l->left);
    uint8_t type = reader_u8(&r), code = reader_u8(&r);
    reader_skip(&r, 2);
    uint8_t length_v6 = reader_u8(&r), length_v4 = reader_u8(&r);
    uint16_t last = reader_be16(&r); /* RFC 1191 4 and RFC 4443 3.2: the MTU; the upper half of the latter is 0 for any real one */
    bool v6 = packet->protocol == IP_ICMPV6;
    bool error = v6 ? type >= 1 && type <= 4 : (type >= 3 && type <= 5) || type == 11 || type == 12;
    if (r.fault)
        return layers_short(l, ANOMALY_ICMP_SHORT);
    if (!error || layers_quoted(l)) /* RFC 1122 3.2.2: no error is sent about an error */
        return layers_drop(l, ANOMALY_IP_PROTOCOL);
    layers_advance(l, &r);
    /* RFC 4884 5.1 to 5.3: where these say how long the quotation is, extensions follow that are not the datagram's. */
    uint32_t quoted = v6 ? length_v6 * 8u : length_v4 * 4u;
    bool counted = v6 ? type == 1 || type == 3 : type == 3 || type == 11 || type == 12;
    if (counted && quoted != 0)
        layers_trim(l, quoted);
    packet->flags |= PACKET_QUOTED;
    packet->icmp_type = type;
    packet->icmp_code = code;
    packet->icmp_mtu = (v6 ? type == 2 : type == 3 && code == 4) ? last : 0;
    return LAYER_IP;
}

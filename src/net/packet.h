/* One decoded IP datagram's transport payload: what the rest of sipvet sees of a frame. */
#ifndef NET_PACKET_H
#define NET_PACKET_H

#include "base/endpoint.h"

enum ip_protocol { IP_ICMP = 1, IP_IPIP = 4, IP_TCP = 6, IP_UDP = 17, IP_IPV6 = 41, IP_GRE = 47, IP_ICMPV6 = 58, IP_SCTP = 132 };

enum packet_flag {
    PACKET_TRUNCATED = 1,   /* payload holds fewer bytes than were on the wire */
    PACKET_REASSEMBLED = 2, /* payload comes from IP fragments: it is not in one frame */
    PACKET_TUNNELLED = 4,   /* inside GRE, VXLAN, GTP-U, IP-in-IP, ...; plain VLANs, MPLS and PPPoE do not count */
    PACKET_QUOTED = 8,      /* quoted inside an ICMP error: it was sent once and came back as evidence, it is not traffic */
    PACKET_DF = 16,         /* IPv4 Don't Fragment */
    PACKET_TAGGED = 32      /* under VLAN tags, MPLS labels or PPPoE: a BPF expression for plain IP misses it */
};

/* Refs: `payload` and `ip` borrow from the frame or from the decoder's reassembly buffer, until the next decode call. */
struct packet {
    int64_t time_ns;
    uint64_t frame;          /* packet number in the capture, from 1; of the last fragment where reassembled */
    struct endpoint src, dst;
    const uint8_t *payload;  /* bytes above UDP, TCP, SCTP or the ICMP header; only captured ones */
    uint32_t payload_len;
    uint32_t wire_len;       /* payload bytes on the wire; > payload_len where truncated */
    const uint8_t *ip;       /* the innermost IP header; its datagram is ip_len captured bytes long */
    uint32_t ip_len;
    uint32_t tcp_seq, tcp_ack;
    uint16_t ip_wire_len;    /* the IP datagram's size on the wire, whole datagram where reassembled (65535 at most) */
    uint8_t protocol;        /* enum ip_protocol */
    uint8_t flags;           /* enum packet_flag */
    uint8_t tcp_flags;       /* FIN 1, SYN 2, RST 4, PSH 8, ACK 16 */
    uint8_t icmp_type, icmp_code;
    uint16_t icmp_mtu;       /* with PACKET_QUOTED: of the next hop, where the error says that the datagram was too big; 0 */
    uint8_t fragments;       /* 0: not fragmented */
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

_Static_assert(sizeof(struct packet) <= 128, "two cache lines a packet");

static inline struct slice packet_payload(const struct packet *packet)
{
    return slice_of(packet->payload, packet->payload_len);
}

#endif

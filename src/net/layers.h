/* The decoder's slow lane: one frame on its way inwards, and the steps that each take one header off. Private. */
#ifndef NET_LAYERS_H
#define NET_LAYERS_H

#include "base/reader.h"
#include "net/decode.h"

/* What the next header is: each step returns one. */
enum layer {
    LAYER_DROP,      /* no payload; the reason is counted */
    LAYER_PACKET,    /* *packet is filled */
    LAYER_LINK,      /* kind: the link type */
    LAYER_ETHERNET,
    LAYER_ETHERTYPE, /* kind: the type just read */
    LAYER_LLC,
    LAYER_PPP,
    LAYER_PPPOE,
    LAYER_MPLS,
    LAYER_GRE,
    LAYER_ETHERIP,
    LAYER_IP,
    LAYER_UDP,
    LAYER_TCP,
    LAYER_SCTP,
    LAYER_ICMP
};

/* left.len <= wire always: `left` is what was captured of the `wire` bytes that remain. */
struct layers {
    struct decoder *decoder;
    struct packet *packet;
    struct slice left;
    uint32_t wire;
    uint32_t kind;
    bool cut;        /* the frame holds fewer bytes than were on the wire */
    bool overlong;   /* an IP length promised more than the frame had: counted already */
    bool unmeasured; /* the IP header gave no length (TSO or jumbogram): the frame's own was used */
};

static inline bool layers_quoted(const struct layers *l)
{
    return (l->packet->flags & PACKET_QUOTED) != 0;
}

static inline enum layer layers_drop(struct layers *l, enum anomaly anomaly)
{
    anomaly_add(&l->decoder->anomalies, anomaly);
    return LAYER_DROP;
}

/* A header ends too early: by the snap length where that cut something, else by what `anomaly` names. */
static inline enum layer layers_short(struct layers *l, enum anomaly anomaly)
{
    if (layers_quoted(l) && !l->cut)
        return layers_drop(l, ANOMALY_ICMP_SHORT);
    if (l->overlong)
        return LAYER_DROP;
    return layers_drop(l, l->left.len < l->wire ? ANOMALY_SNAPLEN : anomaly);
}

/* Whole, but nothing that is read: named after where it stands. */
static inline enum layer layers_unknown(struct layers *l)
{
    return layers_drop(l, l->packet->flags & PACKET_TUNNELLED ? ANOMALY_TUNNEL_UNKNOWN : ANOMALY_ETHERTYPE_UNKNOWN);
}

/* n <= left.len */
static inline void layers_skip(struct layers *l, size_t n)
{
    l->left = slice_after(l->left, n);
    l->wire -= (uint32_t)n;
}

/* Past all that r, which must not have faulted, read of l->left. */
static inline void layers_advance(struct layers *l, const struct reader *r)
{
    layers_skip(l, l->left.len - reader_left(r));
}

/* What follows the first n wire bytes is padding or a trailer. */
static inline void layers_trim(struct layers *l, uint32_t n)
{
    if (n < l->wire)
        l->wire = n;
    if (n < l->left.len)
        l->left.len = n;
}

/* link.c */
enum layer link_type(struct layers *l);
enum layer link_ethernet(struct layers *l);
enum layer link_ethertype(struct layers *l);
enum layer link_llc(struct layers *l);
enum layer link_ppp(struct layers *l);
enum layer link_pppoe(struct layers *l);
enum layer link_mpls(struct layers *l);
bool link_is_ethernet(struct slice s);
bool link_is_ip(struct slice s, uint32_t wire);

/* ip.c */
enum layer ip_datagram(struct layers *l);

/* tunnel.c */
enum layer tunnel_gre(struct layers *l);
enum layer tunnel_etherip(struct layers *l);

/* What a UDP payload carries where it is a tunnel's by port and content, then moved past the tunnel header;
   LAYER_PACKET: it is an ordinary payload, nothing was moved. */
enum layer tunnel_udp(struct layers *l);

enum tunnel_port {
    PORT_L2TP = 1701,
    PORT_GTPU = 2152,
    PORT_VXLAN = 4789,
    PORT_VXLAN_GPE = 4790,
    PORT_GENEVE = 6081,
    PORT_VXLAN_LINUX = 8472, /* before the assignment */
    PORT_TZSP = 37008
};

/* Whether tunnel_udp would look at these ports at all. Media mostly has high ones at both ends: hot path. */
static inline bool tunnel_port(uint32_t port)
{
    return port == PORT_L2TP || port == PORT_GTPU || port == PORT_VXLAN || port == PORT_VXLAN_GPE ||
           port == PORT_GENEVE || port == PORT_VXLAN_LINUX || port == PORT_TZSP;
}

static inline bool tunnel_ports(uint32_t a, uint32_t b)
{
    bool maybe = (a <= PORT_VXLAN_LINUX) | (b <= PORT_VXLAN_LINUX) | (a == PORT_TZSP) | (b == PORT_TZSP);
    return maybe && (tunnel_port(a) || tunnel_port(b));
}

/* transport.c */
enum layer transport_udp(struct layers *l);
enum layer transport_tcp(struct layers *l);
enum layer transport_sctp(struct layers *l);
enum layer transport_icmp(struct layers *l);

#endif

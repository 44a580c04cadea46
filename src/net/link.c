/* Link layers down to IP: Ethernet and its tags, Linux cooked, loopback, PPP, MPLS, HDLC, PPI, NFLOG. */
#include "net/layers.h"

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_BRIDGED = 0x6558,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE_DISCOVERY = 0x8863,
    ETHERTYPE_PPPOE = 0x8864,
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_CISCO_METADATA = 0x8909,
    ETHERTYPE_PBB = 0x88e7, /* IEEE 802.1ah: a customer's frame in a provider's */
    ETHERTYPE_LLDP = 0x88cc,
    ETHERTYPE_QINQ_OLD = 0x9100, /* 9100 to 9300: service tags from before 802.1ad */
    ETHERTYPE_LENGTH_MAX = 1500  /* up to here it is a length (IEEE 802.3) */
};

enum { LINK_PKTAP = 258 };

enum { TAGS_MAX = 8, LABELS_MAX = 16, NFLOG_ATTRIBUTES_MAX = 32 };

/* Tags, and how many bytes of each stand between its type and the next one. */
static const struct {
    uint16_t type;
    uint8_t bytes;
} tag_rows[] = {
    {ETHERTYPE_VLAN, 2}, {ETHERTYPE_QINQ, 2}, {ETHERTYPE_QINQ_OLD, 2}, {0x9200, 2}, {0x9300, 2},
    {0x8926, 4}, /* VN-Tag: | direction, destination (16) | source (16) | */
    {0x893f, 6}, /* E-Tag, IEEE 802.1BR: | priority, ingress (16) | extension (32) | */
    {ETHERTYPE_CISCO_METADATA, 6},
};

/* 0: it is no tag. */
static unsigned tag_bytes(uint32_t type)
{
    for (size_t i = 0; i < sizeof tag_rows / sizeof tag_rows[0]; i++)
        if (tag_rows[i].type == type)
            return tag_rows[i].bytes;
    return 0;
}

/* Whether bytes that may be anything begin like an Ethernet frame: its type is one that networks carry. */
bool link_is_ethernet(struct slice s)
{
    struct reader r = reader_over(s);
    reader_skip(&r, 12);
    uint32_t type = reader_be16(&r);
    if (r.fault)
        return false;
    return (type > 2 && type <= ETHERTYPE_LENGTH_MAX) || tag_bytes(type) > 0 || type == ETHERTYPE_IPV4 ||
           type == ETHERTYPE_IPV6 || type == ETHERTYPE_ARP || type == ETHERTYPE_MPLS ||
           type == ETHERTYPE_MPLS_MULTICAST || type == ETHERTYPE_PPPOE || type == ETHERTYPE_PPPOE_DISCOVERY ||
           type == ETHERTYPE_LLDP;
}

/* Whether bytes that may be anything begin like an IP datagram of at most `wire` bytes. */
bool link_is_ip(struct slice s, uint32_t wire)
{
    struct reader r = reader_over(s);
    uint8_t first = reader_u8(&r);
    reader_skip(&r, 1);
    uint16_t ipv4_length = reader_be16(&r), ipv6_length = reader_be16(&r);
    if (r.fault)
        return false;
    if (first >> 4 == 6)
        return wire >= 40 && ipv6_length <= wire - 40;
    bool length_fits = ipv4_length == 0 || (ipv4_length >= 20 && ipv4_length <= wire);
    return first >> 4 == 4 && (first & 15) >= 5 && wire >= 20 && length_fits;
}

enum layer link_ethernet(struct layers *l)
{
    struct reader r = reader_over(l->left);
    reader_skip(&r, 12);
    l->kind = reader_be16(&r);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    return LAYER_ETHERTYPE;
}

/* | version 1 | length 1 | option 0001 (16) | security group (16) |, then the next type. In GRE that comes first. */
static bool metadata_read(struct reader *r, uint32_t *next)
{
    enum { VERSION_AND_LENGTH = 0x0101 };
    uint32_t first = reader_be16(r), second = reader_be16(r);
    reader_skip(r, first == VERSION_AND_LENGTH ? 2 : 4);
    *next = first == VERSION_AND_LENGTH ? reader_be16(r) : first;
    return r->fault || first == VERSION_AND_LENGTH || second == VERSION_AND_LENGTH;
}

/* | priority, flags (8) | service (24) | a whole Ethernet frame | */
static enum layer link_pbb(struct layers *l)
{
    struct reader r = reader_over(l->left);
    reader_skip(&r, 4);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    l->packet->flags |= PACKET_TAGGED;
    return LAYER_ETHERNET;
}

/* Tags may nest: 88a8 over 8100 (802.1ad), 8100 over 8100, or more.   | priority, VLAN (2) | next type (2) | */
enum layer link_ethertype(struct layers *l)
{
    unsigned bytes;
    for (unsigned tags = 0; (bytes = tag_bytes(l->kind)) > 0; tags++) {
        struct reader r = reader_over(l->left);
        uint32_t next = 0;
        if (l->kind != ETHERTYPE_CISCO_METADATA) {
            reader_skip(&r, bytes);
            next = reader_be16(&r);
        } else if (!metadata_read(&r, &next)) {
            return layers_unknown(l);
        }
        l->kind = next;
        if (r.fault)
            return layers_short(l, ANOMALY_LINK_SHORT);
        if (tags == TAGS_MAX)
            return layers_drop(l, ANOMALY_TUNNEL_DEPTH);
        layers_advance(l, &r);
        l->packet->flags |= PACKET_TAGGED;
    }
    switch (l->kind) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
        return LAYER_IP;
    case ETHERTYPE_PPPOE:
        return LAYER_PPPOE;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        return LAYER_MPLS;
    case ETHERTYPE_BRIDGED:
        return LAYER_ETHERNET;
    case ETHERTYPE_PBB:
        return link_pbb(l);
    default:
        if (l->kind > ETHERTYPE_LENGTH_MAX)
            return layers_unknown(l);
        layers_trim(l, l->kind);
        return LAYER_LLC;
    }
}

/* | DSAP | SSAP | control 03 |, and for SNAP (aa aa, RFC 1042) | organisation (3) | type (2) | */
enum layer link_llc(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint32_t head = reader_be24(&r);
    if (!r.fault && head == 0x060603) {
        layers_advance(l, &r);
        return LAYER_IP;
    }
    if (!r.fault && head != 0xaaaa03)
        return layers_unknown(l);
    uint32_t organisation = reader_be24(&r);
    l->kind = reader_be16(&r);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    if ((organisation != 0 && organisation != 0x0000f8) || l->kind <= ETHERTYPE_LENGTH_MAX)
        return layers_unknown(l);
    layers_advance(l, &r);
    return LAYER_ETHERTYPE;
}

/* RFC 1661, 1662: | ff 03, may be left out | protocol: 2 bytes, or 1 where the upper is 00 (the lower is odd) | */
enum layer link_ppp(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint32_t protocol = reader_u8(&r);
    if (protocol == 0xff) {
        if (reader_u8(&r) != 0x03 && !r.fault)
            return layers_unknown(l);
        protocol = reader_u8(&r);
    }
    if ((protocol & 1) == 0)
        protocol = protocol << 8 | reader_u8(&r);
    if (r.fault)
        return layers_short(l, l->packet->flags & PACKET_TUNNELLED ? ANOMALY_TUNNEL_SHORT : ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    switch (protocol) {
    case 0x0021: /* IPv4, RFC 1332 */
    case 0x0057: /* IPv6, RFC 5072 */
        return LAYER_IP;
    case 0x0281: /* MPLS, RFC 3032 4.3 */
    case 0x0283:
        return LAYER_MPLS;
    default:
        return layers_unknown(l);
    }
}

/* RFC 2516: | 11 | code, 00 in a session | session (2) | length (2) | PPP without ff 03 */
enum layer link_pppoe(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint8_t version = reader_u8(&r), code = reader_u8(&r);
    reader_skip(&r, 2);
    uint16_t length = reader_be16(&r);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    if (version != 0x11 || code != 0)
        return layers_unknown(l);
    layers_advance(l, &r);
    layers_trim(l, length);
    l->packet->flags |= PACKET_TAGGED;
    return LAYER_PPP;
}

/* RFC 3032: | label (20 bits), class (3), bottom of stack (1) | hops |, repeated. Nothing says what follows: IP shows
   by its first four bits, 0 is the control word of an Ethernet pseudowire (RFC 4448), or begins the MAC address of one
   that has none. */
enum layer link_mpls(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint32_t entry = 0;
    for (unsigned labels = 0; (entry & 0x100) == 0; labels++) {
        entry = reader_be32(&r);
        if (r.fault)
            return layers_short(l, ANOMALY_LINK_SHORT);
        if (labels == LABELS_MAX)
            return layers_drop(l, ANOMALY_TUNNEL_DEPTH);
    }
    layers_advance(l, &r);
    l->packet->flags |= PACKET_TAGGED;
    if (l->left.len == 0)
        return layers_short(l, ANOMALY_LINK_SHORT);
    uint8_t version = l->left.data[0] >> 4;
    if ((version == 4 || version == 6) && (link_is_ip(l->left, l->wire) || !link_is_ethernet(l->left)))
        return LAYER_IP;
    if (version == 0 && link_is_ethernet(slice_after(l->left, 4)))
        layers_skip(l, 4);
    else if (!link_is_ethernet(l->left))
        return layers_unknown(l);
    return LAYER_ETHERNET;
}

/* SLL: | direction (2) | device type (2) | address length (2) | address (8) | type (2) |
   SLL2: | type (2) | 0 (2) | interface (4) | device type (2) | direction (1) | address length (1) | address (8) | */
static enum layer link_cooked(struct layers *l, bool second)
{
    enum { COOKED_LLC = 4 };
    struct reader r = reader_over(l->left);
    if (!second)
        reader_skip(&r, 14);
    l->kind = reader_be16(&r);
    if (second)
        reader_skip(&r, 18);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    if (l->kind == COOKED_LLC)
        return LAYER_LLC;
    return l->kind <= ETHERTYPE_LENGTH_MAX ? layers_unknown(l) : LAYER_ETHERTYPE;
}

/* | address family (4): in the byte order of the host (NULL) or of the network (LOOP) | IP |. Families are small
   numbers, so the byte order shows. IPv4 is 2 everywhere; IPv6 is 10 on Linux, 23 on Windows, 24 on NetBSD and OpenBSD,
   28 on FreeBSD, 30 on macOS. */
static enum layer link_loopback(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint32_t family = reader_be32(&r);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
        return LAYER_IP;
    default:
        return layers_unknown(l);
    }
}

/* | 0f or 8f | 00 | Ethernet type (2) | */
static enum layer link_chdlc(struct layers *l)
{
    struct reader r = reader_over(l->left);
    reader_skip(&r, 2);
    l->kind = reader_be16(&r);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    return l->kind <= ETHERTYPE_LENGTH_MAX ? layers_unknown(l) : LAYER_ETHERTYPE;
}

/* All little-endian: | version (1) | flags (1) | length of this header (2) | link type inside (4) | fields ... | */
static enum layer link_ppi(struct layers *l)
{
    struct reader r = reader_over(l->left);
    reader_skip(&r, 2);
    uint16_t length = reader_le16(&r);
    uint32_t inner = reader_le32(&r);
    if (!r.fault && length < 8)
        return layers_drop(l, ANOMALY_LINK_SHORT);
    reader_skip(&r, length - 8u);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    l->kind = inner;
    return LAYER_LINK;
}

/* macOS, all little-endian: | length of this header (4) | record: 1 is a packet (4) | link type inside (4) | ... | */
static enum layer link_pktap(struct layers *l)
{
    struct reader r = reader_over(l->left);
    uint32_t length = reader_le32(&r), record = reader_le32(&r), inner = reader_le32(&r);
    if (!r.fault && (length < 12 || record != 1))
        return layers_unknown(l);
    reader_skip(&r, length - 12);
    if (r.fault)
        return layers_short(l, ANOMALY_LINK_SHORT);
    layers_advance(l, &r);
    l->kind = inner;
    return LAYER_LINK;
}

/* | family (1) | version (1) | resource (2) |, then attributes in the byte order of the host that captured:
   | length with this header (2) | type (2) | value, filled up to a multiple of 4 |. Type 9 holds the packet. */
static enum layer link_nflog(struct layers *l)
{
    enum { NFLOG_PAYLOAD = 9 };
    struct reader r = reader_over(l->left);
    reader_skip(&r, 4);
    for (unsigned i = 0; i < NFLOG_ATTRIBUTES_MAX && !r.fault && reader_left(&r) > 0; i++) {
        uint16_t length = reader_le16(&r), type = reader_le16(&r);
        /* Types are below 256, so a big-endian file shows by its zero upper byte. */
        if ((type & 0xff) == 0 && type != 0) {
            type = (uint16_t)(type >> 8);
            length = (uint16_t)(length << 8 | length >> 8);
        }
        if (r.fault)
            break;
        if (length < 4)
            return layers_drop(l, ANOMALY_LINK_SHORT);
        if (type == NFLOG_PAYLOAD) {
            layers_advance(l, &r);
            layers_trim(l, length - 4u);
            return LAYER_IP;
        }
        reader_skip(&r, ((length + 3u) & ~3u) - 4);
    }
    return r.fault ? layers_short(l, ANOMALY_LINK_SHORT) : layers_unknown(l);
}

enum layer link_type(struct layers *l)
{
    switch (l->kind) {
    case LINK_ETHERNET:
        return LAYER_ETHERNET;
    case LINK_NULL:
    case LINK_LOOP:
        return link_loopback(l);
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_RAW:
    case LINK_IPV4:
    case LINK_IPV6:
        return LAYER_IP;
    case LINK_PPP_HDLC:
    case LINK_PPP: /* Some devices put Cisco HDLC under this number: its first byte is no PPP protocol's. */
        if (l->left.len > 1 && (l->left.data[0] == 0x0f || l->left.data[0] == 0x8f) && l->left.data[1] == 0)
            return link_chdlc(l);
        return LAYER_PPP;
    case LINK_PPPOE:
        return LAYER_PPPOE;
    case LINK_CHDLC:
        return link_chdlc(l);
    case LINK_SLL:
        return link_cooked(l, false);
    case LINK_SLL2:
        return link_cooked(l, true);
    case LINK_PPI:
        return link_ppi(l);
    case LINK_PKTAP:
        return link_pktap(l);
    case LINK_NFLOG:
        return link_nflog(l);
    default:
        return layers_drop(l, ANOMALY_LINK_UNKNOWN);
    }
}

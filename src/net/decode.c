/* The frame decoder's driver: a fast lane for plain Ethernet, IPv4, UDP, and a loop over next headers for all the rest. */
#include "net/decode.h"

#include "net/defrag.h"
#include "net/layers.h"

/* Headers inside headers; the deepest real stacks (mirrored GTP-U under VLAN and MPLS) have about a dozen. */
enum { LAYERS_MAX = 24 };

bool decoder_init(struct decoder *decoder, uint64_t hash_seed, size_t memory_limit)
{
    *decoder = (struct decoder){.defrag = defrag_new(hash_seed, memory_limit)};
    return decoder->defrag != NULL;
}

void decoder_fini(struct decoder *decoder)
{
    defrag_free(decoder->defrag);
    decoder->defrag = NULL;
}

void decoder_finish(struct decoder *decoder)
{
    defrag_finish(decoder->defrag, &decoder->anomalies);
}

size_t decoder_pending(const struct decoder *decoder, size_t *bytes)
{
    return defrag_pending(decoder->defrag, bytes);
}

static enum layer layer_step(struct layers *l, enum layer layer)
{
    switch (layer) {
    case LAYER_LINK:
        return link_type(l);
    case LAYER_ETHERNET:
        return link_ethernet(l);
    case LAYER_ETHERTYPE:
        return link_ethertype(l);
    case LAYER_LLC:
        return link_llc(l);
    case LAYER_PPP:
        return link_ppp(l);
    case LAYER_PPPOE:
        return link_pppoe(l);
    case LAYER_MPLS:
        return link_mpls(l);
    case LAYER_GRE:
        return tunnel_gre(l);
    case LAYER_ETHERIP:
        return tunnel_etherip(l);
    case LAYER_IP:
        return ip_datagram(l);
    case LAYER_UDP:
        return transport_udp(l);
    case LAYER_TCP:
        return transport_tcp(l);
    case LAYER_SCTP:
        return transport_sctp(l);
    case LAYER_ICMP:
        return transport_icmp(l);
    case LAYER_DROP:
    case LAYER_PACKET:
        break;
    }
    return layer;
}

static bool decode_layers(struct layers *l)
{
    enum layer layer = LAYER_LINK;
    for (unsigned depth = 0; layer > LAYER_PACKET; depth++) {
        if (depth == LAYERS_MAX)
            layer = layers_drop(l, ANOMALY_TUNNEL_DEPTH);
        else
            layer = layer_step(l, layer);
    }
    return layer == LAYER_PACKET;
}

__attribute__((noinline)) static bool decode_slow(struct decoder *decoder, const struct frame *frame, struct packet *packet)
{
    uint32_t captured = frame->bytes.len > UINT32_MAX ? UINT32_MAX : (uint32_t)frame->bytes.len;
    uint32_t wire = frame->wire_len < captured ? captured : frame->wire_len;
    struct layers l = {
        .decoder = decoder,
        .packet = packet,
        .left = slice_cut(frame->bytes, 0, captured),
        .wire = wire,
        .kind = frame->link_type,
        .cut = wire > captured,
    };
    memset(packet, 0, sizeof *packet);
    packet->time_ns = frame->time_ns;
    packet->frame = frame->number;
    defrag_expire(decoder->defrag, frame->time_ns, &decoder->anomalies);
    if (!decode_layers(&l))
        return false;
    if (packet->payload_len < packet->wire_len) {
        packet->flags |= PACKET_TRUNCATED;
        /* A quotation is short by design, an overlong IP length is counted already. */
        if (l.cut || !(layers_quoted(&l) || l.overlong))
            anomaly_add(&decoder->anomalies, ANOMALY_SNAPLEN);
    }
    return true;
}

static inline uint16_t load_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/*   0             12     14    15   16     18  20          22   23     26   30   34     36   38      40    42
     | MAC, MAC    | 0800 | 45  | .. | total| id | DF MF off | .. | 17 | .. | src | dst | port | port | length | .. | payload
     Everything else, and every length that does not fit, is the slow lane's to judge. */
bool decode_frame(struct decoder *decoder, const struct frame *frame, struct packet *packet)
{
    const uint8_t *b = frame->bytes.data;
    if (frame->link_type != LINK_ETHERNET || frame->bytes.len < 42)
        return decode_slow(decoder, frame, packet);
    uint32_t total = load_be16(b + 16), udp = load_be16(b + 38);
    uint16_t sport = load_be16(b + 34), dport = load_be16(b + 36);
    unsigned odd = (unsigned)(b[12] ^ 0x08) | b[13] | (unsigned)(b[14] ^ 0x45) | (b[20] & 0x3fu) | b[21] |
                   (unsigned)(b[23] ^ IP_UDP);
    if (odd != 0 || total != udp + 20 || udp < 8 || frame->bytes.len < total + 14 || tunnel_ports(sport, dport))
        return decode_slow(decoder, frame, packet);
    packet->time_ns = frame->time_ns;
    packet->frame = frame->number;
    packet->src = endpoint_ipv4(b + 26, sport);
    packet->dst = endpoint_ipv4(b + 30, dport);
    packet->payload = b + 42;
    packet->payload_len = packet->wire_len = udp - 8;
    packet->ip = b + 14;
    packet->ip_len = total;
    packet->tcp_seq = packet->tcp_ack = 0;
    packet->ip_wire_len = (uint16_t)total;
    packet->protocol = IP_UDP;
    packet->flags = (uint8_t)(b[20] & 0x40 ? PACKET_DF : 0);
    packet->tcp_flags = packet->icmp_type = packet->icmp_code = packet->fragments = 0;
    return true;
}

/* The frame decoder's driver: a fast lane for plain Ethernet, IPv4, UDP, and a loop over next headers for the rest. */
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

/* What IP and the transport always set is left out: clearing all of it is half of what a TCP packet costs. */
static void packet_reset(struct packet *packet, const struct frame *frame)
{
    packet->time_ns = frame->time_ns;
    packet->frame = frame->number;
    packet->src.family = packet->dst.family = 0;
    packet->src.zero = packet->dst.zero = 0;
    packet->payload = packet->ip = NULL;
    packet->payload_len = packet->wire_len = packet->ip_len = 0;
    packet->tcp_seq = packet->tcp_ack = 0;
    packet->ip_wire_len = 0;
    packet->protocol = packet->flags = packet->tcp_flags = 0;
    packet->icmp_type = packet->icmp_code = packet->fragments = 0;
}

__attribute__((noinline)) static bool decode_slow(struct decoder *decoder, const struct frame *frame,
                                                  struct packet *packet)
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
    packet_reset(packet, frame);
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

static inline uint64_t load_be64(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
           (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
}

/* In place: an endpoint built elsewhere in small stores and copied in large loads would wait for its own stores. */
static inline void endpoint_put(struct endpoint *endpoint, uint32_t address, uint16_t port)
{
    const uint32_t words[4] = {address, 0, 0, 0};
    memcpy(endpoint->address, words, sizeof words);
    endpoint->port = port;
    endpoint->family = 4;
    endpoint->zero = 0;
}

/*   12     14   15   16      18   20          22   23   24     26    30    34     36     38       40         42
     | 0800 | 45 | .. | total | id | DF MF off | .. | 17 | .... | src | dst | port | port | length | checksum | payload
     Everything else, and every length that does not fit, is the slow lane's to judge. */
bool decode_frame(struct decoder *decoder, const struct frame *frame, struct packet *packet)
{
    const uint8_t *b = frame->bytes.data;
    if (frame->link_type != LINK_ETHERNET || frame->bytes.len < 42)
        return decode_slow(decoder, frame, packet);
    /* All loads before the first store: *packet might be the same bytes, for all the compiler knows. */
    uint64_t at12 = load_be64(b + 12), at18 = load_be64(b + 18), at34 = load_be64(b + 34);
    uint32_t src, dst, total = (uint32_t)(at12 >> 16) & 0xffff, udp = (uint32_t)(at34 >> 16) & 0xffff;
    uint16_t sport = (uint16_t)(at34 >> 48), dport = (uint16_t)(at34 >> 32);
    memcpy(&src, b + 26, 4);
    memcpy(&dst, b + 30, 4);
    bool plain = at12 >> 40 == 0x080045 && (at18 & UINT64_C(0x00003fff00ff0000)) == (uint64_t)IP_UDP << 16;
    if (!plain || total != udp + 20 || udp < 8 || frame->bytes.len < total + 14 || tunnel_ports(sport, dport))
        return decode_slow(decoder, frame, packet);
    packet->time_ns = frame->time_ns;
    packet->frame = frame->number;
    endpoint_put(&packet->src, src, sport);
    endpoint_put(&packet->dst, dst, dport);
    packet->payload = b + 42;
    packet->payload_len = packet->wire_len = udp - 8;
    packet->ip = b + 14;
    packet->ip_len = total;
    packet->tcp_seq = packet->tcp_ack = 0;
    packet->ip_wire_len = (uint16_t)total;
    packet->protocol = IP_UDP;
    packet->flags = (uint8_t)(at18 >> 46 & 1 ? PACKET_DF : 0);
    packet->tcp_flags = packet->icmp_type = packet->icmp_code = packet->fragments = 0;
    return true;
}

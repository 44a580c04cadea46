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

void decoder_tell(struct decoder *decoder, void (*lost)(void *context, const struct lost_datagram *lost), void *context)
{
    defrag_tell(decoder->defrag, lost, context);
}

void decoder_follow(struct decoder *decoder, void (*seen)(void *context, uint64_t datagram), void *context)
{
    defrag_follow(decoder->defrag, seen, context);
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

__attribute__((noinline)) bool decode_frame_slow(struct decoder *decoder, const struct frame *frame, struct packet *packet)
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
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* In place: an endpoint built elsewhere in small stores and copied in large loads would wait for its own stores. */
static inline void endpoint_put(struct endpoint *endpoint, uint32_t address, uint32_t port)
{
    const uint32_t words[4] = {address, 0, 0, 0};
    memcpy(endpoint->address, words, sizeof words);
    endpoint->port = (uint16_t)port;
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
        return decode_frame_slow(decoder, frame, packet);
    uint64_t head = load_be64(b + 12), middle = load_be64(b + 18), udp = load_be64(b + 34);
    uint32_t udp_len = (uint32_t)(udp >> 16) & 0xffff, total = udp_len + 20;
    uint32_t sport = (uint32_t)(udp >> 48), dport = (uint32_t)(udp >> 32) & 0xffff;
    /* One branch for all of them: they are nearly always right together, and a branch each costs more than the rest. */
    uint64_t odd = (head >> 40 ^ 0x080045) | ((middle & UINT64_C(0x00003fff00ff0000)) ^ (uint64_t)IP_UDP << 16) |
                   ((head >> 16 & 0xffff) ^ total) | (udp_len < 8) | (frame->bytes.len < total + 14);
    if (odd != 0 || tunnel_ports(sport, dport))
        return decode_frame_slow(decoder, frame, packet);
    uint32_t src, dst;
    memcpy(&src, b + 26, 4);
    memcpy(&dst, b + 30, 4);
    packet->time_ns = frame->time_ns;
    packet->frame = frame->number;
    packet->payload = b + 42;
    packet->ip = b + 14;
    packet->payload_len = packet->wire_len = udp_len - 8;
    packet->ip_len = total;
    packet->tcp_seq = packet->tcp_ack = 0;
    packet->ip_wire_len = (uint16_t)total;
    packet->protocol = IP_UDP;
    packet->flags = (uint8_t)(middle >> 46 & 1 ? PACKET_DF : 0);
    packet->tcp_flags = packet->icmp_type = packet->icmp_code = packet->fragments = 0;
    endpoint_put(&packet->src, src, sport);
    endpoint_put(&packet->dst, dst, dport);
    return true;
}

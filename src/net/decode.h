/* Frames in, packets out: link layer, tunnels, IP, fragments, transport headers. No calls, no SIP. */
#ifndef NET_DECODE_H
#define NET_DECODE_H

#include "base/anomaly.h"
#include "net/packet.h"

/* Link types by their LINKTYPE_ numbers, as pcap and pcapng files carry them. */
enum link_type {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_RAW_BSD = 12, /* and 14, 101: files of several systems */
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPPOE = 51,
    LINK_RAW = 101,
    LINK_CHDLC = 104,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_PPI = 192,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_NFLOG = 239,
    LINK_SLL2 = 276
};

/* One captured frame, as the sources give it. Refs: bytes are borrowed until the source's next read. */
struct frame {
    int64_t time_ns;
    uint64_t number;      /* in the capture, from 1 */
    struct slice bytes;   /* what was captured */
    uint32_t wire_len;    /* its length on the wire, >= bytes.len */
    uint16_t link_type;   /* LINKTYPE_ value */
    uint16_t source;      /* which of the run's sources, from 0 */
    uint32_t interface;   /* which interface of that source, from 0 */
};

struct defrag;

/* Owns its reassembly state. */
struct decoder {
    struct anomalies anomalies;
    struct defrag *defrag;
};

/* memory_limit: most bytes that unfinished datagrams may hold. False when memory is exhausted. */
bool decoder_init(struct decoder *decoder, uint64_t hash_seed, size_t memory_limit);
void decoder_fini(struct decoder *decoder);

/* Decodes one frame into *packet. False: there is no payload to look at (yet): an unfinished fragment, another protocol, bad
   bytes; the reason is counted. ICMP errors give the quoted datagram with PACKET_QUOTED, its own endpoints and the icmp_ fields. */
bool decode_frame(struct decoder *decoder, const struct frame *frame, struct packet *packet);

/* At the end of the input: counts what never became whole. */
void decoder_finish(struct decoder *decoder);

/* Datagrams waiting for fragments, and the bytes they hold (for tests and the summary). */
size_t decoder_pending(const struct decoder *decoder, size_t *bytes);

#endif

/* Frames in, packets out: link layer, tunnels, IP, fragments, transport headers. No calls, no SIP. */
#ifndef NET_DECODE_H
#define NET_DECODE_H

#include "base/anomaly.h"
#include "base/frame.h"
#include "net/packet.h"

struct defrag;
struct lost_datagram;

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

/* The same by the long way, for those who are in no hurry: decode_frame is made part of its one caller. */
bool decode_frame_slow(struct decoder *decoder, const struct frame *frame, struct packet *packet);

/* Who is told of datagrams that never became whole (net/defrag.h says what of them). */
void decoder_tell(struct decoder *decoder, void (*lost)(void *context, const struct lost_datagram *lost), void *context);

/* Who is told of each fragment, before decode_frame returns, by the frame of its datagram's fragment that came first. */
void decoder_follow(struct decoder *decoder, void (*seen)(void *context, uint64_t datagram), void *context);

/* At the end of the input: counts what never became whole. */
void decoder_finish(struct decoder *decoder);

/* Datagrams waiting for fragments, and the bytes they hold (for tests and the summary). */
size_t decoder_pending(const struct decoder *decoder, size_t *bytes);

#endif

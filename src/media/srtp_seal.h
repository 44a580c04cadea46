/* The primitives of SRTP and SRTCP (RFC 3711, 6188, 7714): session keys from a master key, packets checked and opened. Private to media/. */
#ifndef MEDIA_SRTP_SEAL_H
#define MEDIA_SRTP_SEAL_H

#include "dissectors/sdes.h"

/* Session keys of one master key, for RTP or for RTCP. */
struct seal;

/* What a packet is made of, beside the seal. */
struct sealed {
    struct slice bytes;     /* the whole packet: header, payload, MKI, tag */
    uint32_t header_bytes;  /* in the clear */
    uint32_t ssrc;
    uint64_t index;         /* RTP: 48 bits, the roll-over counter on top; RTCP: 31 bits */
    uint8_t mki_bytes;      /* that the packet carries */
    bool clear;             /* not encrypted, only authenticated */
};

/* old_192: keys of 192 bits as libsrtp derived them up to 2.7, with AES-256 over the key, its salt and zeros; so do the many endpoints that
   are built on it. NULL without memory, or where the suite is not read. */
struct seal *seal_new(const struct sdes_suite *suite, const uint8_t *master, bool rtcp, bool old_192);

/* Wipes it. NULL is fine. */
void seal_free(struct seal *seal);

/* True when the packet's tag is right. For GCM this is opening it: *opened tells, and out holds the payload then. out: room for the packet. */
bool seal_is_right(struct seal *seal, const struct sealed *sealed, uint8_t *out, bool *opened);

/* The payload in the clear; its length. After seal_is_right, which GCM needs for it. */
size_t seal_open(struct seal *seal, const struct sealed *sealed, uint8_t *out);

/* Length of the payload with no tag and MKI; 0: the packet is too short for them. */
size_t seal_payload_bytes(const struct seal *seal, const struct sealed *sealed);

/* Wipes memory that a compiler would leave alone. */
void secret_wipe(void *memory, size_t bytes);

#endif

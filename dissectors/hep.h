/* HEP, the Homer encapsulation (versions 2 and 3): packets that a remote agent captured, found inside captured UDP. */
#ifndef DISSECTORS_HEP_H
#define DISSECTORS_HEP_H

#include "base/endpoint.h"

enum { HEP_SIP = 1, HEP_RTP = 4, HEP_RTCP = 5 }; /* RTCP in HEP is often JSON text */

/* Refs: payload borrows. */
struct hep {
    struct endpoint src, dst;  /* of the inner packet */
    int64_t time_ns;           /* CLOCK_NONE where the packet has none */
    struct slice payload;
    uint8_t ip_protocol;       /* 17, 6, 132 */
    uint8_t kind;              /* HEP_SIP, ... or another protocol number */
    uint8_t version;           /* 2 or 3 */
    uint32_t capture_id;
    bool compressed;           /* the payload is a compressed chunk: not read */
};

bool hep_claim(struct slice payload);

/* False where the bytes do not add up (lengths outside of the packet, no payload chunk, no addresses). */
bool hep_parse(struct slice payload, struct hep *hep);

#endif

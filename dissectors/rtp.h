/* RTP packets (RFC 3550 5.1): the fixed header and where the payload lies. */
#ifndef DISSECTORS_RTP_H
#define DISSECTORS_RTP_H

#include "base/slice.h"

enum { RTP_HEADER_BYTES = 12 };

/* Refs: payload borrows. */
struct rtp_header {
    uint32_t timestamp, ssrc;
    uint16_t sequence;
    uint8_t payload_type;
    uint8_t csrc_count;
    bool marker, extension;
    bool bad_padding;     /* the padding count is impossible: SRTP encrypts it (RFC 3711 3.1), so the payload is left whole */
    struct slice payload; /* without CSRC list, header extension and padding */
};

/* False when the version is not 2, or the CSRC list or the extension does not fit. */
bool rtp_parse(struct slice bytes, struct rtp_header *header);

#endif

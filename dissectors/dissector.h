/* What a payload is, and the table of the protocols that sipvet recognises in one by its content. */
#ifndef DISSECTORS_DISSECTOR_H
#define DISSECTORS_DISSECTOR_H

#include "base/endpoint.h"

enum protocol {
    PROTOCOL_NONE, /* nothing that we read */
    PROTOCOL_SIP,
    PROTOCOL_SIP_KEEPALIVE, /* RFC 5626 CRLFs, or a lone NUL, STUN-less pings */
    PROTOCOL_RTP,
    PROTOCOL_RTCP,
    PROTOCOL_STUN,
    PROTOCOL_TURN_CHANNEL,
    PROTOCOL_DTLS,
    PROTOCOL_HEP,
    PROTOCOL_TLS,
    PROTOCOL_RTP_FRAMES, /* RTP over TCP */
    PROTOCOL_HTTP, /* the WebSocket opening handshake */
    PROTOCOL_COUNT
};

/* One row of the table. */
struct dissector {
    enum protocol protocol;
    const char *name;    /* as the documentation and the records name it */
    const char *source;  /* the document that defines it */
    bool datagram;       /* may be the content of a datagram (UDP, SCTP user message, WebSocket message) */
    bool stream;         /* may be the content of a TCP stream; claim then sees its first bytes */
    /* True when the bytes are this protocol's. Pure: looks at the bytes alone, never reads past them. */
    bool (*claim)(struct slice payload);
};

extern const struct dissector dissectors[];
extern const size_t dissector_count;

/* The first row that claims the datagram; PROTOCOL_NONE when none does. */
enum protocol dissector_claim_datagram(struct slice payload);

/* The same for the first bytes of a TCP stream. *more: no row claims them yet, but a longer start could still tell. */
enum protocol dissector_claim_stream(struct slice start, bool *more);

#endif

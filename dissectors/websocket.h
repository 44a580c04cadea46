/* WebSocket (RFC 6455) as SIP uses it (RFC 7118): finds the end of the opening handshake, then frames. */
#ifndef DISSECTORS_WEBSOCKET_H
#define DISSECTORS_WEBSOCKET_H

#include "base/slice.h"

enum websocket_opcode { WEBSOCKET_CONTINUATION = 0, WEBSOCKET_TEXT = 1, WEBSOCKET_BINARY = 2, WEBSOCKET_CLOSE = 8, WEBSOCKET_PING = 9, WEBSOCKET_PONG = 10 };

struct websocket_frame {
    enum websocket_opcode opcode;
    bool final;
    bool masked;
    bool compressed;   /* RSV1: permessage-deflate (RFC 7692) */
    bool bad;          /* reserved bits or opcode, fragmented or oversized control frame: the stream is not WebSocket (any more) */
    uint8_t mask[4];
    size_t header_len; /* payload starts here */
    uint64_t payload_len;
};

/* Reads one frame header at the start of bytes. False: more bytes are needed. */
bool websocket_frame_parse(struct slice bytes, struct websocket_frame *frame);

/* Where frame borders are lost: the first frame, at any place, of which the payload begins as a SIP message does. *found false:
   there is none; one that is not whole enough to tell may begin at the place that is returned (bytes.len: none). */
size_t websocket_sip_find(struct slice bytes, bool *found);

/* Writes the payload to out, unmasked (out may not overlap it). */
void websocket_unmask(const struct websocket_frame *frame, struct slice payload, uint8_t *out);

enum websocket_handshake { WEBSOCKET_HANDSHAKE_MORE, WEBSOCKET_HANDSHAKE_UPGRADE, WEBSOCKET_HANDSHAKE_OTHER };

/* Looks at the start of a stream direction: an HTTP GET with Upgrade: websocket or a 101 answer. UPGRADE: *used bytes are the
   whole handshake and frames follow; OTHER: plain HTTP; MORE: its end is not there yet. */
enum websocket_handshake websocket_handshake_parse(struct slice bytes, size_t *used);

/* The HTTP message at the start of bytes, which is no handshake: the bytes of its head, 0 where its end is not there yet. *body:
   those of its Content-Length; SIZE_MAX where that is not given. */
size_t websocket_http_head(struct slice bytes, size_t *body);

#endif

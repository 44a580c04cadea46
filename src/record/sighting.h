/* Where and when a message was seen: what the trackers know of a message besides its bytes. Refs: server_name is borrowed for the call that
   hands it over. */
#ifndef RECORD_SIGHTING_H
#define RECORD_SIGHTING_H

#include "base/endpoint.h"

struct sighting {
    int64_t time_ns;
    uint64_t frame;
    struct endpoint src, dst;
    enum transport transport;
    bool decrypted; /* came out of TLS */
    struct slice server_name; /* that the client of its TLS connection asked for; empty: none */
    bool truncated; /* the capture holds only the message's beginning */
    bool dont_fragment; /* of its datagram (IPv4 DF) */
    uint8_t fragments;  /* IP fragments that it came in; 0: whole */
    uint16_t ip_bytes;  /* its IP datagram on the wire; 0: came out of a stream or tunnel */
};

#endif

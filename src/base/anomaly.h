/* The named things that can be wrong with captured bytes: one row each, shared by the counters, the records and the rules.
   A bad packet never logs, never fails: it counts here. */
#ifndef BASE_ANOMALY_H
#define BASE_ANOMALY_H

#include <stdint.h>

/* Groups are the summary record's: truncated (cut by the snap length or the file's end), malformed (wrong bytes), undecoded
   (whole, but of a kind that sipvet does not read), lost (it should be there and is not). */
enum anomaly_group { ANOMALY_TRUNCATED, ANOMALY_MALFORMED, ANOMALY_UNDECODED, ANOMALY_LOST, ANOMALY_GROUPS };

/* X(id, name, group, what it means) */
#define ANOMALIES(X)                                                                                                       \
    X(SNAPLEN, "snaplen", TRUNCATED, "the frame was longer than what was captured")                                        \
    X(CLOCK_BACK, "clock.back", MALFORMED, "a frame more than 100 ms before the one in front of it: two clocks in one capture")  \
    X(LINK_SHORT, "link.short", MALFORMED, "a link header ends before its last byte")                                      \
    X(LINK_UNKNOWN, "link.unknown", UNDECODED, "a link type that is not read")                                             \
    X(ETHERTYPE_UNKNOWN, "link.ethertype", UNDECODED, "an Ethernet type that is not IP or a wrapper of it")                \
    X(TUNNEL_DEPTH, "tunnel.depth", MALFORMED, "more nested headers than any network has")                                 \
    X(TUNNEL_SHORT, "tunnel.short", MALFORMED, "a tunnel header ends before its last byte")                                \
    X(TUNNEL_UNKNOWN, "tunnel.unknown", UNDECODED, "a tunnel payload of a kind that is not read")                          \
    X(IP_VERSION, "ip.version", MALFORMED, "an IP header whose version is neither 4 nor 6")                                \
    X(IP_HEADER, "ip.header", MALFORMED, "an IP header with an impossible length")                                         \
    X(IP_LENGTH, "ip.length", MALFORMED, "an IP total length shorter than its header or longer than the frame")            \
    X(IP_EXTENSION, "ip.extension", MALFORMED, "an IPv6 extension header chain that does not end")                         \
    X(IP_PROTOCOL, "ip.protocol", UNDECODED, "an IP protocol that is not read (ESP, OSPF, ...)")                           \
    X(FRAGMENT_BAD, "fragment.bad", MALFORMED, "an IP fragment with an impossible offset or length")                       \
    X(FRAGMENT_OVERLAP, "fragment.overlap", MALFORMED, "IP fragments that overlap with different bytes")                   \
    X(FRAGMENT_INCOMPLETE, "fragment.incomplete", LOST, "a datagram of which a fragment never came")                       \
    X(FRAGMENT_EVICTED, "fragment.evicted", LOST, "an unfinished datagram given up to stay within memory")                 \
    X(UDP_SHORT, "udp.short", MALFORMED, "a UDP header that is cut or whose length is impossible")                         \
    X(TCP_HEADER, "tcp.header", MALFORMED, "a TCP header that is cut or whose length is impossible")                       \
    X(TCP_GAP, "tcp.gap", LOST, "bytes of a TCP stream that were never captured")                                          \
    X(TCP_EVICTED, "tcp.evicted", LOST, "TCP bytes given up to stay within memory")                                        \
    X(TCP_OVERLAP, "tcp.overlap", MALFORMED, "TCP segments that overlap with different bytes")                             \
    X(SCTP_CHUNK, "sctp.chunk", MALFORMED, "an SCTP chunk with an impossible length")                                      \
    X(SCTP_FRAGMENT, "sctp.fragment", UNDECODED, "an SCTP user message split over DATA chunks that did not come together") \
    X(ICMP_SHORT, "icmp.short", MALFORMED, "an ICMP error too short to quote a datagram")                                  \
    X(HEP_BAD, "hep.bad", MALFORMED, "a HEP packet whose chunks do not add up")                                            \
    X(HEP_KIND, "hep.kind", UNDECODED, "a HEP payload that is not SIP, RTP or RTCP bytes")                                 \
    X(WEBSOCKET_FRAME, "websocket.frame", MALFORMED, "a WebSocket frame that RFC 6455 forbids")                            \
    X(WEBSOCKET_COMPRESSED, "websocket.compressed", UNDECODED, "a WebSocket message compressed by an extension")           \
    X(TLS_RECORD, "tls.record", MALFORMED, "a TLS record of an impossible type or length")                                 \
    X(TLS_HANDSHAKE, "tls.handshake", MALFORMED, "a TLS handshake message that does not read")                             \
    X(TLS_AUTHENTICATION, "tls.authentication", MALFORMED, "a TLS record that the key log's secret does not open")         \
    X(TLS_UNDECRYPTED, "tls.undecrypted", UNDECODED, "a TLS connection that could not be decrypted")                       \
    X(TLS_EVICTED, "tls.evicted", LOST, "TLS records given up before keys came, to stay within memory")                    \
    X(KEYLOG_LINE, "keylog.line", MALFORMED, "a line of a key log that does not read")                                     \
    X(SIP_MALFORMED, "sip.malformed", MALFORMED, "a SIP message that breaks the grammar of RFC 3261")                      \
    X(SIP_FRAMING, "sip.framing", MALFORMED, "bytes on a SIP stream that belong to no message")                            \
    X(SIP_UNFINISHED, "sip.unfinished", LOST, "a SIP message of which the stream's end is missing")

enum anomaly {
#define X(id, name, group, text) ANOMALY_##id,
    ANOMALIES(X)
#undef X
        ANOMALY_COUNT
};

struct anomaly_row {
    const char *name;
    enum anomaly_group group;
    const char *text;
};

extern const struct anomaly_row anomaly_rows[ANOMALY_COUNT];

/* How often each was seen. */
struct anomalies {
    uint64_t count[ANOMALY_COUNT];
};

static inline void anomaly_add(struct anomalies *anomalies, enum anomaly anomaly)
{
    anomalies->count[anomaly]++;
}

#endif

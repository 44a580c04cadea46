/* IP fragments put together (RFC 791 3.2, RFC 8200 4.5): in any order, repeated, overlapping, cut. Private. */
#ifndef NET_DEFRAG_H
#define NET_DEFRAG_H

#include "base/anomaly.h"
#include "net/packet.h"

enum { FRAGMENT_HEADER_MAX = 60 };

/* Refs: all borrowed for the call. */
struct fragment {
    struct endpoint src, dst;
    struct slice header;   /* the datagram's IP header without IPv6 extensions: kept from the fragment at offset 0 */
    struct slice bytes;    /* what was captured of it */
    uint32_t wire_len;     /* its length on the wire */
    uint64_t frame;        /* packet number in the capture */
    uint32_t id, offset;
    bool more;
    uint8_t protocol;      /* what the datagram carries; IPv6: only the fragment at offset 0 knows */
};

/* Refs: ip is borrowed until the next defrag_add. */
struct datagram_view {
    struct slice ip;       /* header, then the payload up to the first byte that was not captured */
    uint32_t wire_len;
    uint8_t fragments;
};

/* A datagram of which a fragment never came. Refs: borrowed for the call. */
struct lost_datagram {
    struct endpoint src, dst;
    struct slice begin;    /* its first bytes behind the IP header, as far as they came without a hole; empty: the first fragment is missing */
    uint64_t frame;        /* of the first fragment that came */
    int64_t time_ns;
    uint32_t reach;        /* bytes up to the end of the farthest fragment */
    uint8_t protocol, fragments;
};
typedef void lost_reader(void *context, const struct lost_datagram *lost);

/* One more fragment came: `datagram` is the frame of its datagram's fragment that came first, which names the datagram. */
typedef void fragment_reader(void *context, uint64_t datagram);

struct defrag;

/* Who is told of lost datagrams; nobody at first. */
void defrag_tell(struct defrag *defrag, lost_reader *lost, void *context);

/* Who is told of each fragment, before defrag_add returns; nobody at first. */
void defrag_follow(struct defrag *defrag, fragment_reader *seen, void *context);

/* memory_limit: most bytes that datagrams may hold. NULL when memory is exhausted. */
struct defrag *defrag_new(uint64_t hash_seed, size_t memory_limit);
void defrag_free(struct defrag *defrag);

/* Adds a fragment; true when its datagram is now whole, which is then in *view. */
bool defrag_add(struct defrag *defrag, const struct fragment *fragment, int64_t time_ns, struct anomalies *anomalies,
                struct datagram_view *view);

/* Gives up what began too long before time_ns. */
void defrag_expire(struct defrag *defrag, int64_t time_ns, struct anomalies *anomalies);

/* At the end of the input: gives up all that is unfinished. */
void defrag_finish(struct defrag *defrag, struct anomalies *anomalies);

/* Unfinished datagrams, and the bytes they hold. */
size_t defrag_pending(const struct defrag *defrag, size_t *bytes);

#endif

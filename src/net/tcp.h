/* TCP streams put together from captured segments: reordered, repeated, overlapping, lost, or begun earlier. */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "base/anomaly.h"
#include "net/packet.h"

/* One direction of a connection, as its reader sees it. */
struct tcp_stream {
    uint32_t connection;  /* number, unique in a run (slot reuse shows as a new number) */
    uint8_t direction;    /* 0: from the endpoint that sent the SYN (or the first segment seen); 1: the other */
    bool begun_late;      /* the SYN was not captured: the first byte may be in the middle of a message */
    bool gap;             /* bytes are missing just before data.data[0] (told once, on the first delivery behind) */
    bool cut;             /* bytes are missing just after data's last: what is not consumed now is dropped, and the next
                             delivery begins behind the hole with gap = true */
    bool closed;          /* FIN, RST, eviction or end of input: no more bytes will come */
    struct endpoint src, dst;
    int64_t time_ns;      /* of the segment that made the newest byte available */
    uint64_t frame;       /* of that segment */
    void **state;         /* the reader's own per-direction state, NULL at first; see tcp_reader.release */
    bool whole_frame;     /* data lies in that one frame's payload (nothing was buffered) */
    bool reset;           /* an RST was seen */
    bool secure;          /* what a layer above TCP decrypted: never set by tcp itself */
    bool truncated;       /* the newest segment was cut by the snap length: the missing bytes count as a gap */
};

/* Who reads the streams. */
struct tcp_reader {
    void *context;
    /* data: all contiguous bytes not consumed yet. Returns how many bytes it is done with (<= data.len); the rest
       is kept and given again, longer, later. TCP_IGNORE: never call again for this direction (its bytes are then
       not even buffered). A direction that never carried a byte is not read, not even to say that it closed. Must
       not call tcp_ functions. */
    size_t (*read)(void *context, const struct tcp_stream *stream, struct slice data);
    /* Frees *stream->state when a direction ends; may be NULL. Called once per direction whose state is not NULL. */
    void (*release)(void *context, void *state);
};

#define TCP_IGNORE SIZE_MAX

struct tcp;

/* memory_limit: most bytes that all connections together may buffer; the longest idle gives way first. NULL when
   memory is exhausted. anomalies must outlive it. */
struct tcp *tcp_new(const struct tcp_reader *reader, uint64_t hash_seed, size_t memory_limit,
                    struct anomalies *anomalies);
void tcp_free(struct tcp *tcp);

/* One TCP packet (protocol == IP_TCP, not quoted). Calls the reader zero or more times before it returns. */
void tcp_segment(struct tcp *tcp, const struct packet *packet);

/* End of the input: every open direction is given its rest with closed = true; holes that were still waited for
   become gaps. */
void tcp_finish(struct tcp *tcp);

/* Connections now open (those that ended are remembered for a while and not counted), and bytes buffered for them. */
size_t tcp_open(const struct tcp *tcp, size_t *bytes);

#endif

/* One direction of a TCP connection: what arrived, what is missing, and how both reach the reader. */
#ifndef NET_TCP_HALF_H
#define NET_TCP_HALF_H

#include "net/tcp.h"
#include "net/tcp_window.h"

enum {
    TCP_SPAN_MAX = 256 << 10, /* bytes from a hole's start to the newest byte before the hole is given up */
    TCP_BLOCKS_MAX = 512,     /* the same in separate blocks */
    TCP_KEEP_MAX = 2 << 20,   /* in order and not consumed: more than any message may have */
    TCP_WILD = 1 << 24        /* a jump in the sequence that no window explains */
};

#define TCP_HOLE_WAIT_NS (5 * NS_PER_SECOND)

enum tcp_half_flag {
    HALF_BEGUN = 1,    /* next is known */
    HALF_LATE = 2,     /* begun without its SYN */
    HALF_END = 4,      /* end is known: FIN or RST */
    HALF_ENDED = 8,    /* everything up to end was given: nothing follows */
    HALF_IGNORED = 16, /* the reader does not want it */
    HALF_GAP = 32,     /* the next delivery comes after a hole */
    HALF_READ = 64,    /* the reader has seen bytes */
    HALF_WILD = 128    /* wild_next is where the last disbelieved segment ended */
};

/* Positions are sequence numbers unwrapped to 64 bits around next. Owns window and, until it ends, the reader's
   state. */
struct tcp_half {
    uint64_t next;       /* of the first byte that is missing */
    uint64_t acked;      /* the other side has all before it */
    uint64_t end;        /* with HALF_END */
    struct tcp_window *window; /* NULL: nothing is buffered */
    void *state;
    int64_t time_ns;     /* of the newest segment with new bytes */
    uint64_t frame;
    int64_t waiting_ns;  /* since when the first hole is waited for */
    uint32_t first_seq;  /* sequence number of the stream's first byte */
    uint32_t wild_next;
    uint8_t flags;
};

/* Where deliveries go; stream holds what is the same for all of a direction's deliveries. */
struct tcp_outlet {
    const struct tcp_reader *reader;
    struct anomalies *anomalies;
    struct tcp_stream stream;
};

void tcp_half_begin(struct tcp_half *half, uint32_t seq, bool late);

/* The position that a sequence number near half->next means. */
static inline uint64_t tcp_half_position(const struct tcp_half *half, uint32_t seq)
{
    return half->next + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)half->next);
}

/* Whether a sequence number is too far from what was seen to be a loss, a retransmission or a full window. */
static inline bool tcp_half_wild(const struct tcp_half *half, uint32_t seq)
{
    int32_t ahead = (int32_t)(seq - (uint32_t)half->next);
    return ahead > TCP_WILD || ahead < -TCP_WILD;
}

/* Capture time is hostile too: a difference that does not fit wraps, without undefined behaviour. */
static inline int64_t tcp_elapsed_ns(int64_t since_ns, int64_t now_ns)
{
    return (int64_t)((uint64_t)now_ns - (uint64_t)since_ns);
}

/* A hole, or an end beyond what arrived, is waited for. */
static inline bool tcp_half_waiting(const struct tcp_half *half)
{
    return (half->window != NULL && half->window->block_count > 0) ||
           ((half->flags & (HALF_END | HALF_ENDED)) == HALF_END && half->next < half->end);
}

/* Adds the payload of a segment whose first byte is at position from. */
void tcp_half_add(struct tcp_half *half, struct tcp_outlet *outlet, const struct packet *packet, uint64_t from);

/* Continues at the (wild) sequence number as after a hole. */
void tcp_half_jump(struct tcp_half *half, struct tcp_outlet *outlet, uint32_t seq);

/* No byte at or after position follows (FIN, RST); the first end stays. Gives the rest when all before it is there.
   */
void tcp_half_end(struct tcp_half *half, struct tcp_outlet *outlet, uint64_t position, int64_t now_ns);

/* Gives up the holes that need not be waited for any more. */
void tcp_half_check(struct tcp_half *half, struct tcp_outlet *outlet, int64_t now_ns);

/* Gives up what is buffered, to free its memory; the stream goes on. */
void tcp_half_drop(struct tcp_half *half, struct tcp_outlet *outlet);

/* Gives the rest, with all holes given up, and ends the direction. */
void tcp_half_finish(struct tcp_half *half, struct tcp_outlet *outlet);

#endif

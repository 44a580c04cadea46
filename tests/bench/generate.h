/* What the two halves of the workload generator share: its state, and the SIP that a call or keep-alive sends. */
#ifndef BENCH_GENERATE_H
#define BENCH_GENERATE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { MS = 1000000, SIP_PORT = 5060, PAYLOAD_BYTES = 160, OUT_BYTES = 1 << 20 };
#define SECOND UINT64_C(1000000000)
#define EPOCH_NS UINT64_C(1769860800000000000) // 2026-01-31T12:00:00Z
#define PHONE_IP (0x0a100001u)                 // 10.16.0.1 and on
#define PBX_IP (0x0a000001u)

enum event_kind { EV_SLOT, EV_STREAM, EV_RTCP, EV_OPTIONS, EV_REGISTER, EV_SIDE };
enum call_step { STEP_INVITE, STEP_TRYING, STEP_RINGING, STEP_FINAL, STEP_ACK, STEP_BYE, STEP_BYE_OK };
enum fault { FAULT_SPIKES = 1, FAULT_LOSS = 2, FAULT_BURSTS = 4, FAULT_DUPLICATES = 8, FAULT_REORDER = 16 };

struct event { uint64_t at; uint32_t index; uint16_t generation; uint16_t kind; };

struct workload {
    uint32_t slots;             // calls at once
    uint64_t talk_ns;           // 0: until the capture ends
    uint64_t packet_limit, call_limit;
    double options_per_s, register_per_s;
    uint64_t ramp_ns;           // first calls start within this time
    bool rtp;
};

struct party { uint32_t ip, media_ip; uint16_t port, media_port; char user[16], tag[16]; };

struct call {
    struct party caller, callee;
    uint32_t id[4];             // of the Call-ID
    uint32_t number, generation, cseq;
    uint64_t talk_ns;
    enum call_step step;
    uint16_t fail_status;       // 0: is answered
    bool compact, callee_hangs_up, answered, ended, events;
};

struct stream {
    uint64_t sent_at, last_arrival;     // nominal time of the next packet
    uint64_t spike_ns;
    uint32_t ssrc, timestamp, loss_per_million, event_timestamp;
    uint32_t first, highest, unique, packets, duplicates, octets;     // written, by extended sequence
    uint32_t sequence;          // extended, next
    uint16_t generation;
    uint8_t faults, event_left, digit;
    bool active, started, bad, duplicate_next, swap_next, event_first;
    uint32_t next_event;        // packets until the next digit
};

struct side { uint32_t id[4]; uint32_t peer; uint32_t tag; uint8_t step; bool registers, compact, used; };

struct totals {
    uint64_t packets, bytes, sip, rtp, rtcp, lost, duplicates, digits, streams;
    uint64_t invite, ack, bye, options, registers, s100, s180, s200, s401, s403, s486, s503;
    uint64_t completed, in_call, busy, rejected, done, answered;
};

struct generator {
    struct workload load;
    struct totals total;
    struct event *heap;
    size_t heap_count, heap_capacity;
    struct call *calls;
    struct stream *streams;     // two for each slot: caller's, callee's
    struct side *sides;
    size_t side_count;
    uint64_t random, now;
    uint64_t calls_started, calls_active;
    bool draining;
    int fd;
    FILE *listing;              // per-call truth of small runs
    bool listed_call;
    uint8_t *out;
    size_t out_used;
    char text[4096];
    size_t text_used;
    uint16_t ip_id;
};

// generate.c: reserves a packet of n payload bytes and returns where the payload goes; says what failed and exits.
uint8_t *packet_begin(struct generator *g, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport, size_t n);
_Noreturn void fail(const char *what);

// generate_sip.c. by_callee: the request (or the request that is answered) is the callee's.
void call_request(struct generator *g, const struct call *c, const char *method, bool by_callee);
void call_response(struct generator *g, const struct call *c, uint32_t status, const char *reason, const char *method,
                   bool by_callee);
void side_request(struct generator *g, const struct side *s, uint32_t cseq);
void side_response(struct generator *g, const struct side *s, uint32_t cseq, uint32_t status);

#endif

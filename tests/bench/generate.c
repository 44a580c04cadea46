/* Writes the benchmark workloads A, B, C, D, S<n>, W<n> and P<n> as classic pcap, with the true totals beside them.

   generate NAME OUT.pcap [--scale F]

   Everything is a function of the name and the scale: two runs write the same bytes. Time advances through one event heap, so all
   calls, streams and keep-alives are interleaved as a tap would see them. OUT.truth.json counts what was really written. */
#include "generate.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void fail(const char *what) { perror(what); exit(4); }

static uint64_t draw(struct generator *g) // splitmix64
{
    uint64_t z = g->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t below(struct generator *g, uint64_t n) { return n == 0 ? 0 : draw(g) % n; }
static bool chance(struct generator *g, uint32_t per_million) { return below(g, 1000000) < per_million; }

// ---- the event heap (4-ary) ----

static void heap_push(struct generator *g, struct event e)
{
    if (g->heap_count == g->heap_capacity) {
        g->heap_capacity = g->heap_capacity * 2 + 1024;
        g->heap = realloc(g->heap, g->heap_capacity * sizeof *g->heap);
        if (g->heap == NULL) fail("heap");
    }
    size_t i = g->heap_count++;
    while (i > 0 && g->heap[(i - 1) / 4].at > e.at) {
        g->heap[i] = g->heap[(i - 1) / 4];
        i = (i - 1) / 4;
    }
    g->heap[i] = e;
}

static struct event heap_take(struct generator *g)
{
    struct event top = g->heap[0], last = g->heap[--g->heap_count];
    size_t i = 0, n = g->heap_count;
    for (;;) {
        size_t child = 4 * i + 1, best = child, end = child + 4 < n ? child + 4 : n;
        if (child >= n) break;
        for (size_t c = child + 1; c < end; c++)
            if (g->heap[c].at < g->heap[best].at) best = c;
        if (g->heap[best].at >= last.at) break;
        g->heap[i] = g->heap[best];
        i = best;
    }
    g->heap[i] = last;
    return top;
}

static void later(struct generator *g, uint64_t delay_ns, enum event_kind kind, uint32_t index, uint32_t generation)
{
    heap_push(g, (struct event){g->now + delay_ns, index, (uint16_t)generation, (uint16_t)kind});
}

// ---- bytes on the wire ----

static void put16(uint8_t *p, uint32_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16); put16(p + 2, v & 0xffff); }
static void put32_little(uint8_t *p, uint32_t v) { for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (8 * i)); }

static void out_flush(struct generator *g)
{
    for (size_t done = 0; done < g->out_used;) {
        ssize_t n = write(g->fd, g->out + done, g->out_used - done);
        if (n < 0) fail("write");
        done += (size_t)n;
    }
    g->out_used = 0;
}

static void ip_checksum(uint8_t *ip)
{
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2) sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(ip + 10, ~sum & 0xffff);
}

// Record header, Ethernet, IPv4 and UDP of a packet of n payload bytes; returns where the payload goes. UDP checksum 0 = none sent.
uint8_t *packet_begin(struct generator *g, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport, size_t n)
{
    size_t frame = 42 + n;
    if (g->out_used + 16 + frame > OUT_BYTES) out_flush(g);
    uint8_t *p = g->out + g->out_used;
    g->out_used += 16 + frame;
    g->total.packets++;
    g->total.bytes += frame;
    uint64_t us = (EPOCH_NS + g->now) / 1000;
    put32_little(p, (uint32_t)(us / 1000000));
    put32_little(p + 4, (uint32_t)(us % 1000000));
    put32_little(p + 8, (uint32_t)frame);
    put32_little(p + 12, (uint32_t)frame);
    p += 16;
    static const uint8_t ethernet[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
    static const uint8_t ip_start[12] = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0};
    memcpy(p, ethernet, 14);
    uint8_t *ip = p + 14;
    memcpy(ip, ip_start, 12);
    put16(ip + 2, (uint32_t)(28 + n));
    put16(ip + 4, g->ip_id++);
    put32(ip + 12, src);
    put32(ip + 16, dst);
    ip_checksum(ip);
    put16(ip + 20, sport);
    put16(ip + 22, dport);
    put16(ip + 24, (uint32_t)(8 + n));
    put16(ip + 26, 0);
    return ip + 28;
}

// ---- truth of one call or stream ----

static void list_call(struct generator *g, const uint32_t id[4], const char *method, const char *state, uint32_t status)
{
    if (g->listing == NULL) return;
    fprintf(g->listing, "%s\n  {\"call_id\":\"%08x-%08x-%08x-%08x\",\"method\":\"%s\",\"state\":\"%s\",\"status\":",
            g->listed_call ? "," : "", id[0], id[1], id[2], id[3], method, state);
    if (status != 0) fprintf(g->listing, "%u}", status);
    else fputs("null}", g->listing);
    g->listed_call = true;
}

static void stream_close(struct generator *g, struct stream *s)
{
    s->active = false;
    if (s->packets == 0) return;
    g->total.streams++;
    g->total.lost += s->highest - s->first + 1 - s->unique;
    g->total.duplicates += s->duplicates;
    s->packets = 0;
}

// ---- media ----

static void rtp_send(struct generator *g, struct stream *s, uint32_t index, uint32_t sequence, uint32_t timestamp, int event_end)
{
    const struct call *c = &g->calls[index / 2];
    const struct party *from = index % 2 ? &c->callee : &c->caller, *to = index % 2 ? &c->caller : &c->callee;
    static uint8_t noise[PAYLOAD_BYTES + 256];
    if (noise[0] == 0)
        for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)(0x60 | (i * 37 + i / 7));
    bool event = event_end >= 0;
    uint8_t *p = packet_begin(g, from->media_ip, from->media_port, to->media_ip, to->media_port, event ? 16 : 12 + PAYLOAD_BYTES);
    bool marker = !s->started || (event && s->event_first);
    p[0] = 0x80;
    p[1] = (uint8_t)((marker ? 0x80 : 0) | (event ? 101 : 0));
    put16(p + 2, sequence);
    put32(p + 4, event ? s->event_timestamp : timestamp);
    put32(p + 8, s->ssrc);
    if (event) { // RFC 4733 2.3: event, end bit and volume, duration in timestamp units
        p[12] = s->digit;
        p[13] = (uint8_t)((event_end ? 0x80 : 0) | 10);
        put16(p + 14, timestamp - s->event_timestamp + 160 > 960 ? 960 : timestamp - s->event_timestamp + 160);
    } else {
        memcpy(p + 12, noise + (sequence & 255), PAYLOAD_BYTES);
    }
    s->started = true;
    s->packets++;
    s->octets += event ? 4 : PAYLOAD_BYTES;
    g->total.rtp++;
}

static void rtp_count(struct stream *s, uint32_t sequence)
{
    if (s->unique++ == 0) s->first = s->highest = sequence;
    if (sequence > s->highest) s->highest = sequence;
}

static uint64_t stream_delay(struct generator *g, struct stream *s)
{
    uint64_t jitter = 5 * MS; // the sum of four uniforms: a bell of 1.5 ms standard deviation
    for (int i = 0; i < 4; i++) jitter += below(g, 2600000);
    jitter -= 4 * 1300000;
    if (s->faults & FAULT_SPIKES) {
        s->spike_ns = s->spike_ns > 20 * MS ? s->spike_ns - 20 * MS : 0; // the queue drains at twice the rate
        if (s->spike_ns == 0 && chance(g, 2000)) s->spike_ns = 60 * MS + below(g, 140 * MS);
    }
    return jitter + s->spike_ns;
}

static bool stream_loses(struct generator *g, struct stream *s)
{
    if (s->faults & FAULT_BURSTS) {
        if (s->bad ? chance(g, 250000) : chance(g, 3000)) s->bad = !s->bad;
        if (s->bad) return chance(g, 600000);
    }
    return (s->faults & FAULT_LOSS) && chance(g, s->loss_per_million);
}

static void stream_schedule(struct generator *g, struct stream *s, uint32_t index)
{
    uint64_t arrival = s->sent_at + stream_delay(g, s);
    if (arrival <= s->last_arrival) arrival = s->last_arrival + 50000;
    s->last_arrival = arrival;
    heap_push(g, (struct event){arrival, index, s->generation, EV_STREAM});
}

// A digit takes eight packets: five that grow and three that say the end (RFC 4733 2.5.1.4). They are never lost, so that the
// digits of the truth are exact.
static void stream_event(struct generator *g, struct stream *s, uint32_t index)
{
    if (s->event_left == 0) {
        s->next_event = 40 + (uint32_t)below(g, 60);
        s->event_left = 8;
        s->digit = (uint8_t)below(g, 12);
        s->event_timestamp = s->timestamp;
        s->event_first = true;
        g->total.digits++;
    }
    s->event_left--;
    rtp_count(s, s->sequence);
    rtp_send(g, s, index, s->sequence, s->timestamp, s->event_left < 3);
    s->event_first = false;
}

static void stream_step(struct generator *g, const struct event *e)
{
    struct stream *s = &g->streams[e->index];
    if (!s->active || s->generation != e->generation || g->draining) return;
    if (s->duplicate_next) {
        s->duplicate_next = false;
        s->duplicates++;
        rtp_send(g, s, e->index, s->sequence - 1, s->timestamp - 160, -1);
    } else {
        bool early = s->unique < 4;
        if (s->next_event > 1 && s->event_left == 0) s->next_event--;
        if (s->swap_next) { // sequence was sent one too high before: now the one that it overtook
            s->swap_next = false;
            rtp_count(s, s->sequence - 1);
            rtp_send(g, s, e->index, s->sequence - 1, s->timestamp - 160, -1);
        } else if (s->event_left > 0 || s->next_event == 1) {
            stream_event(g, s, e->index);
        } else if (!early && (s->faults & FAULT_REORDER) && chance(g, 10000)) {
            s->swap_next = true;
            rtp_count(s, s->sequence + 1);
            rtp_send(g, s, e->index, s->sequence + 1, s->timestamp + 160, -1);
            s->sequence++;
            s->timestamp += 160;
        } else if (!stream_loses(g, s)) {
            rtp_count(s, s->sequence);
            rtp_send(g, s, e->index, s->sequence, s->timestamp, -1);
            s->duplicate_next = !early && (s->faults & FAULT_DUPLICATES) && chance(g, 10000);
        }
        if (!s->swap_next) s->sequence++, s->timestamp += 160;
        s->sent_at += 20 * MS;
    }
    stream_schedule(g, s, e->index);
}

static void stream_start(struct generator *g, uint32_t index, bool events)
{
    struct stream *s = &g->streams[index];
    uint16_t generation = (uint16_t)(s->generation + 1);
    *s = (struct stream){.generation = generation, .active = true, .ssrc = (uint32_t)draw(g), .timestamp = (uint32_t)draw(g)};
    s->sequence = 65536 + (uint32_t)below(g, 65536);
    s->sent_at = g->now + below(g, 20 * MS);
    s->next_event = events ? 20 + (uint32_t)below(g, 40) : 0;
    if (chance(g, 80000)) s->faults |= FAULT_SPIKES;
    if (chance(g, 150000)) s->faults |= FAULT_LOSS;
    if (chance(g, 80000)) s->faults |= FAULT_BURSTS;
    if (chance(g, 30000)) s->faults |= FAULT_DUPLICATES;
    if (chance(g, 50000)) s->faults |= FAULT_REORDER;
    s->loss_per_million = 3000 + (uint32_t)below(g, 50000);
    stream_schedule(g, s, index);
    later(g, 2500 * (uint64_t)MS + below(g, 5 * SECOND), EV_RTCP, index, generation);
}

// RFC 3550 6.4.1: a sender report with one block about the other direction, and the CNAME.
static void rtcp_step(struct generator *g, const struct event *e)
{
    struct stream *s = &g->streams[e->index], *other = &g->streams[e->index ^ 1];
    if (!s->active || s->generation != e->generation || g->draining) return;
    const struct call *c = &g->calls[e->index / 2];
    const struct party *from = e->index % 2 ? &c->callee : &c->caller, *to = e->index % 2 ? &c->caller : &c->callee;
    uint16_t from_port = (uint16_t)(from->media_port + 1), to_port = (uint16_t)(to->media_port + 1);
    uint8_t *p = packet_begin(g, from->media_ip, from_port, to->media_ip, to_port, 52 + 20);
    uint64_t ns = EPOCH_NS + g->now;
    uint32_t expected = other->unique == 0 ? 0 : other->highest - other->first + 1;
    memset(p, 0, 72);
    p[0] = 0x81, p[1] = 200;
    put16(p + 2, 12);
    put32(p + 4, s->ssrc);
    put32(p + 8, (uint32_t)(ns / SECOND + 2208988800u));
    put32(p + 12, (uint32_t)((ns % SECOND << 32) / SECOND));
    put32(p + 16, s->timestamp);
    put32(p + 20, s->packets);
    put32(p + 24, s->octets);
    put32(p + 28, other->ssrc);
    put32(p + 32, (expected - other->unique) & 0x7fffff);
    if (expected > 0) p[32] = (uint8_t)((expected - other->unique) * 256u / expected);
    put32(p + 36, other->highest);
    put32(p + 40, 12); // 1.5 ms at 8 kHz
    p[52] = 0x81, p[53] = 202;
    put16(p + 54, 4);
    put32(p + 56, s->ssrc);
    p[60] = 1, p[61] = 9;
    memcpy(p + 62, "call@host", 9);
    g->total.rtcp++;
    later(g, 5 * SECOND, EV_RTCP, e->index, s->generation);
}

// ---- calls ----

static void call_new(struct generator *g, uint32_t slot)
{
    struct call *c = &g->calls[slot];
    uint32_t number = c->number + 1;
    *c = (struct call){.number = number, .cseq = 1 + (uint32_t)below(g, 30000), .talk_ns = g->load.talk_ns};
    for (int i = 0; i < 4; i++) c->id[i] = (uint32_t)draw(g);
    struct party phone = {.ip = PHONE_IP + slot, .port = SIP_PORT, .media_port = (uint16_t)(16384 + number % 512 * 2)};
    struct party pbx = {.ip = 10u << 24 | 1, .port = SIP_PORT};
    phone.media_ip = phone.ip;
    pbx.media_ip = PBX_IP + ((1 + slot / 5000) << 8);
    pbx.media_port = (uint16_t)(10000 + (slot % 5000 * 4 + number % 4) * 2);
    snprintf(phone.user, sizeof phone.user, "%u", 1000 + slot);
    snprintf(pbx.user, sizeof pbx.user, "+1206555%04u", (unsigned)below(g, 10000));
    bool outbound = chance(g, 500000);
    c->caller = outbound ? phone : pbx;
    c->callee = outbound ? pbx : phone;
    snprintf(c->caller.tag, sizeof c->caller.tag, "as%08x", (uint32_t)draw(g));
    snprintf(c->callee.tag, sizeof c->callee.tag, "as%08x", (uint32_t)draw(g));
    c->compact = chance(g, 50000);
    c->events = chance(g, 100000);
    c->callee_hangs_up = chance(g, 500000);
    static const uint16_t failures[3] = {403, 486, 503};
    if (chance(g, 60000)) c->fail_status = failures[below(g, 3)];
    if (number == 1 && g->load.talk_ns > 0) c->talk_ns = g->load.talk_ns / 25 + below(g, g->load.talk_ns * 24 / 25);
    g->calls_started++;
    g->calls_active++;
}

static void call_finish(struct generator *g, uint32_t slot)
{
    struct call *c = &g->calls[slot];
    c->ended = true;
    g->calls_active--;
    if (c->fail_status == 0) g->total.completed++;
    else if (c->fail_status == 486) g->total.busy++;
    else g->total.rejected++;
    list_call(g, c->id, "INVITE", c->fail_status == 0 ? "completed" : c->fail_status == 486 ? "busy" : "rejected",
              c->fail_status == 0 ? 200 : c->fail_status);
    bool again = !g->draining && (g->load.call_limit == 0 || g->calls_started < g->load.call_limit);
    c->step = STEP_INVITE;
    if (again) later(g, 1 * MS + below(g, 40 * MS), EV_SLOT, slot, 0);
    else if (g->load.call_limit != 0 && g->calls_active == 0) g->draining = true;
}

static void call_final(struct generator *g, uint32_t slot)
{
    struct call *c = &g->calls[slot];
    if (c->fail_status == 403) call_response(g, c, 403, "Forbidden", "INVITE", false), g->total.s403++;
    else if (c->fail_status == 486) call_response(g, c, 486, "Busy Here", "INVITE", false), g->total.s486++;
    else if (c->fail_status == 503) call_response(g, c, 503, "Service Unavailable", "INVITE", false), g->total.s503++;
    else {
        call_response(g, c, 200, "OK", "INVITE", false);
        g->total.s200++;
        g->total.answered++;
        c->answered = true;
        if (g->load.rtp)
            for (uint32_t i = 0; i < 2; i++) stream_start(g, 2 * slot + i, i == 0 && c->events);
    }
}

static void slot_step(struct generator *g, uint32_t slot)
{
    struct call *c = &g->calls[slot];
    uint64_t wait_ns = 0;
    switch (c->step) {
    case STEP_INVITE:
        if (g->draining || (g->load.call_limit != 0 && g->calls_started >= g->load.call_limit)) return;
        call_new(g, slot);
        call_request(g, c, "INVITE", false), g->total.invite++;
        wait_ns = 2 * MS + below(g, 3 * MS);
        break;
    case STEP_TRYING:
        call_response(g, c, 100, "Trying", "INVITE", false), g->total.s100++;
        wait_ns = 20 * MS + below(g, 60 * MS);
        if (c->fail_status != 0 && c->fail_status != 486) c->step = STEP_RINGING;
        break;
    case STEP_RINGING:
        call_response(g, c, 180, "Ringing", "INVITE", false), g->total.s180++;
        wait_ns = 50 * MS + below(g, 400 * MS);
        break;
    case STEP_FINAL:
        call_final(g, slot);
        wait_ns = 2 * MS + below(g, 8 * MS);
        break;
    case STEP_ACK:
        call_request(g, c, "ACK", false), g->total.ack++;
        if (c->fail_status != 0) {
            call_finish(g, slot);
            return;
        }
        if (g->load.talk_ns == 0) return; // until the capture ends
        wait_ns = c->talk_ns;
        break;
    case STEP_BYE:
        if (g->draining) return;
        for (uint32_t i = 0; i < 2 && g->load.rtp; i++) stream_close(g, &g->streams[2 * slot + i]);
        call_request(g, c, "BYE", c->callee_hangs_up), g->total.bye++;
        wait_ns = 2 * MS + below(g, 10 * MS);
        break;
    case STEP_BYE_OK:
        call_response(g, c, 200, "OK", "BYE", c->callee_hangs_up), g->total.s200++;
        call_finish(g, slot);
        return;
    }
    c->step++;
    later(g, wait_ns, EV_SLOT, slot, 0);
}

// ---- keep-alives and registrations, each with a Call-ID of its own ----

static void side_step(struct generator *g, uint32_t index)
{
    struct side *s = &g->sides[index];
    uint32_t cseq = s->step < 2 ? 1 : 2;
    bool last = s->step == (s->registers ? 3 : 1);
    if (s->step % 2 == 0) side_request(g, s, cseq);
    else side_response(g, s, cseq, last ? 200 : 401);
    s->step++;
    if (!last) {
        later(g, 3 * MS + below(g, 25 * MS), EV_SIDE, index, 0);
        return;
    }
    g->total.done++;
    list_call(g, s->id, s->registers ? "REGISTER" : "OPTIONS", "done", 200);
    s->used = false;
}

static void side_new(struct generator *g, bool registers)
{
    size_t i = 0;
    while (i < g->side_count && g->sides[i].used) i++;
    if (i == g->side_count) {
        g->side_count = g->side_count * 2 + 64;
        g->sides = realloc(g->sides, g->side_count * sizeof *g->sides);
        if (g->sides == NULL) fail("sides");
        for (size_t k = i; k < g->side_count; k++) g->sides[k].used = false;
    }
    struct side *s = &g->sides[i];
    *s = (struct side){.used = true, .registers = registers, .compact = chance(g, 50000), .tag = (uint32_t)draw(g)};
    for (int k = 0; k < 4; k++) s->id[k] = (uint32_t)draw(g);
    s->peer = (uint32_t)below(g, g->load.slots < 500 ? 500 : g->load.slots);
    side_step(g, (uint32_t)i);
}

static void side_source(struct generator *g, const struct event *e)
{
    double rate = e->kind == EV_OPTIONS ? g->load.options_per_s : g->load.register_per_s;
    if (g->draining || rate <= 0) return;
    side_new(g, e->kind == EV_REGISTER);
    later(g, (uint64_t)((0.5 + (double)below(g, 1000) / 1000) * 1e9 / rate), e->kind, 0, 0);
}

// ---- the run ----

static void run(struct generator *g)
{
    for (uint32_t i = 0; i < g->load.slots; i++)
        heap_push(g, (struct event){below(g, g->load.ramp_ns), i, 0, EV_SLOT});
    heap_push(g, (struct event){1 * MS, 0, 0, EV_OPTIONS});
    heap_push(g, (struct event){2 * MS, 0, 0, EV_REGISTER});
    while (g->heap_count > 0) {
        struct event e = heap_take(g);
        g->now = e.at;
        switch (e.kind) {
        case EV_SLOT: slot_step(g, e.index); break;
        case EV_STREAM: stream_step(g, &e); break;
        case EV_RTCP: rtcp_step(g, &e); break;
        case EV_SIDE: side_step(g, e.index); break;
        default: side_source(g, &e); break;
        }
        if (g->load.packet_limit != 0 && g->total.packets >= g->load.packet_limit) g->draining = true;
    }
    for (uint32_t i = 0; i < g->load.slots; i++) {
        for (uint32_t k = 0; k < 2; k++) stream_close(g, &g->streams[2 * i + k]);
        if (g->calls[i].number == 0 || g->calls[i].ended) continue;
        g->total.in_call++;
        list_call(g, g->calls[i].id, "INVITE", "in-call", 200);
    }
    out_flush(g);
}

static bool workload_find(const char *name, double scale, struct workload *w)
{
    double n = atof(name + 1), packets = 0, calls = 0;
    *w = (struct workload){.options_per_s = 5, .register_per_s = 1.6, .ramp_ns = SECOND, .rtp = true};
    switch (name[0]) {
    case 'A': n = 2000, packets = 10e6, w->talk_ns = 25 * SECOND; break;
    case 'B':
        n = 2100, packets = 2e6, w->talk_ns = 3 * SECOND, w->rtp = false;
        w->options_per_s = 1100 * scale, w->register_per_s = 300 * scale;
        break;
    case 'C': n = 500, packets = 1e6, w->talk_ns = 25 * SECOND; break;
    case 'D': n = 2000, calls = 100000, w->talk_ns = SECOND; break;
    case 'S': packets = 1e6; break;
    case 'W': packets = 8e6, w->ramp_ns = SECOND / 2; break;
    case 'P': packets = n, n = 500; break;
    default: return false;
    }
    w->slots = (uint32_t)(n * scale < 1 ? 1 : n * scale);
    w->packet_limit = (uint64_t)(packets * scale);
    w->call_limit = (uint64_t)(calls * scale);
    return (packets > 0 || calls > 0) && n >= 1 && w->slots < 200000;
}

static void truth_write(FILE *f, const struct generator *g, const char *name, double scale)
{
    const struct totals *t = &g->total;
    const struct { const char *before, *name; uint64_t value; } rows[] = {
        {"", "packets", t->packets}, {", ", "bytes", t->bytes}, {", ", "sip_messages", t->sip}, {", ", "streams", t->streams},
        {", ", "calls", g->calls_started + t->done}, {", ", "answered", t->answered}, {", ", "rtcp", t->rtcp},
        {",\n \"rtp\": {", "packets", t->rtp}, {", ", "lost", t->lost}, {", ", "duplicates", t->duplicates},
        {", ", "digits", t->digits},
        {"},\n \"methods\": {", "INVITE", t->invite}, {", ", "ACK", t->ack}, {", ", "BYE", t->bye},
        {", ", "OPTIONS", t->options}, {", ", "REGISTER", t->registers},
        {"},\n \"status\": {", "100", t->s100}, {", ", "180", t->s180}, {", ", "200", t->s200}, {", ", "401", t->s401},
        {", ", "403", t->s403}, {", ", "486", t->s486}, {", ", "503", t->s503},
        {"},\n \"states\": {", "completed", t->completed}, {", ", "in-call", t->in_call}, {", ", "busy", t->busy},
        {", ", "rejected", t->rejected}, {", ", "done", t->done},
    };
    fprintf(f, "{\"workload\": \"%s\", \"scale\": %g,\n ", name, scale);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fprintf(f, "%s\"%s\": %" PRIu64, rows[i].before, rows[i].name, rows[i].value);
    fputs("}", f);
}

int main(int argc, char **argv)
{
    double scale = 1;
    if (argc == 5 && strcmp(argv[3], "--scale") == 0) scale = atof(argv[4]);
    static struct generator g;
    if (argc < 3 || argc == 4 || scale <= 0 || !workload_find(argv[1], scale, &g.load)) {
        fprintf(stderr, "usage: generate A|B|C|D|S<calls>|W<calls>|P<packets> OUT.pcap [--scale F]\n");
        return 2;
    }
    for (const char *p = argv[1]; *p != 0; p++) g.random = g.random * 131 + (uint8_t)*p;
    g.calls = calloc(g.load.slots, sizeof *g.calls);
    g.streams = calloc((size_t)g.load.slots * 2, sizeof *g.streams);
    g.out = malloc(OUT_BYTES);
    g.fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (g.calls == NULL || g.streams == NULL || g.out == NULL || g.fd < 0) fail(argv[2]);
    static const uint8_t header[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0};
    memcpy(g.out, header, sizeof header);
    g.out_used = sizeof header;
    if (scale < 0.2) g.listing = tmpfile();
    run(&g);
    if (close(g.fd) != 0) fail(argv[2]);
    char truth[4096];
    size_t n = strlen(argv[2]);
    if (n > 5 && strcmp(argv[2] + n - 5, ".pcap") == 0) n -= 5;
    snprintf(truth, sizeof truth, "%.*s.truth.json", (int)n, argv[2]);
    FILE *f = fopen(truth, "w");
    if (f == NULL) fail(truth);
    truth_write(f, &g, argv[1], scale);
    if (g.listing != NULL) {
        fputs(",\n \"call_list\":[", f);
        rewind(g.listing);
        for (int c; (c = getc(g.listing)) != EOF;) putc(c, f);
        fputs("]", f);
    }
    fputs("}\n", f);
    return fclose(f) == 0 ? 0 : 4;
}

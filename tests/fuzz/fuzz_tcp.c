/* TCP: the input is a script of segments cut from a known stream; whatever arrives must be that stream, in order.

   Each segment is 6 bytes: way and flags, position (16), length (8), time step (8), snap length cut (8). */
#include "base/clock.h"
#include "net/tcp.h"

#include <stdlib.h>

enum { STREAM_BYTES = 1 << 17, SURE_BYTES = 8 };

/* What is known of one direction: where in the stream its next byte lies. */
struct place {
    uint64_t at; /* exactly when sure, else at least */
    uint32_t connection;
    bool begun, sure;
};

struct witness {
    struct place places[2][2];
    unsigned consume;
    unsigned states;
};

/* The stream's byte at a position, so that a few bytes tell where they are from. */
static uint8_t byte_at(uint64_t position)
{
    return (uint8_t)hash_word(1, position);
}

static void check(bool good)
{
    if (!good)
        abort();
}

static bool matches(struct slice data, uint64_t position)
{
    for (size_t i = 0; i < data.len; i++)
        if (data.data[i] != byte_at(position + i))
            return false;
    return true;
}

static size_t witness_read(void *context, const struct tcp_stream *stream, struct slice data)
{
    struct witness *witness = context;
    check(stream->direction < 2);
    struct place *place = &witness->places[(stream->src.port | stream->dst.port) & 1][stream->direction];
    if (*stream->state == NULL) {
        *stream->state = malloc(1);
        witness->states++;
    }
    if (!place->begun || place->connection != stream->connection)
        *place = (struct place){.begun = true, .connection = stream->connection};
    if (stream->gap)
        place->sure = false;
    if (!place->sure && data.len >= SURE_BYTES) { /* behind a hole only the bytes tell the place, and it is ahead */
        while (!matches(data, place->at))
            check(++place->at < STREAM_BYTES);
        place->sure = true;
    }
    check(!place->sure || matches(data, place->at));
    size_t used = witness->consume == 0 ? data.len : (witness->consume == 1 ? data.len / 2 : (data.len > 300 ? 200 : 0));
    if (stream->closed || stream->cut)
        used = data.len;
    place->at += used;
    return used;
}

static void witness_release(void *context, void *state)
{
    ((struct witness *)context)->states--;
    free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t a[4] = {192, 0, 2, 1}, b[4] = {192, 0, 2, 2};
    struct anomalies anomalies = {{0}};
    if (size < 2)
        return 0;
    struct witness witness = {.consume = data[0] % 3u};
    struct tcp_reader reader = {&witness, witness_read, witness_release};
    struct tcp *tcp = tcp_new(&reader, 1, data[1] & 1 ? 20000 : 1 << 20, &anomalies);
    uint32_t isn = data[1] & 2 ? UINT32_MAX - 300 : 1000;
    int64_t now_ns = 0;
    check(tcp != NULL);
    for (size_t at = 2; at + 6 <= size; at += 6) {
        const uint8_t *step = data + at;
        unsigned way = step[0] & 1;
        uint32_t position = (uint32_t)(step[1] << 8 | step[2]), wire_len = step[3];
        uint32_t len = step[5] > wire_len ? wire_len : wire_len - step[5];
        uint8_t *bytes = malloc(len == 0 ? 1 : len);
        check(bytes != NULL);
        for (uint32_t i = 0; i < len; i++)
            bytes[i] = byte_at(position + i);
        now_ns += step[4] * (NS_PER_SECOND / 16);
        struct packet packet = {.time_ns = now_ns, .frame = at, .payload = bytes, .payload_len = len, .wire_len = wire_len,
                                .tcp_seq = isn + 1 + position, .tcp_ack = isn + 1 + position, .protocol = IP_TCP,
                                .tcp_flags = (uint8_t)((step[0] & 2 ? TCP_ACK : 0) | (step[0] >> 4 == 1 ? TCP_FIN : 0) |
                                                       (step[0] >> 4 == 2 ? TCP_RST : 0))};
        if (step[0] >> 4 == 3) { /* the connection begins (again) */
            packet.tcp_flags = TCP_SYN;
            packet.tcp_seq = isn;
            packet.payload_len = packet.wire_len = 0;
        }
        struct endpoint ends[2] = {endpoint_ipv4(a, 2 + (step[0] >> 2 & 1)), endpoint_ipv4(b, 5060)};
        packet.src = ends[way];
        packet.dst = ends[1 - way];
        size_t held;
        tcp_segment(tcp, &packet);
        tcp_open(tcp, &held);
        check(held <= (data[1] & 1 ? 20000u : 1u << 20));
        free(bytes);
    }
    tcp_finish(tcp);
    tcp_free(tcp);
    check(witness.states == 0);
    return 0;
}

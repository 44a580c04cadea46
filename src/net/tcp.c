/* Connections: found by their endpoints, begun by a SYN or by their first bytes, ended by FIN, RST or lack of room.

   Each connection is in one of four lists, the longest idle first: plain (nothing buffered), keeping (bytes that
   the reader has not consumed), waiting (a hole is waited for), over (ended, remembered so that late copies of its
   segments do not look like a new connection). So the next to time out, to give up memory or to give up its place
   is always the head of a list. */
#include "net/tcp_half.h"

#include "base/clock.h"
#include "base/pool.h"
#include "base/table.h"

#include <stdlib.h>

enum { CONNECTIONS_MAX = 200000 };
enum list_id { LIST_PLAIN, LIST_KEEPING, LIST_WAITING, LIST_OVER, LISTS };

#define OVER_WAIT_NS (60 * NS_PER_SECOND)

struct connection {
    struct endpoint endpoint[2]; /* who sends in direction 0 and 1 */
    struct tcp_half half[2];
    uint64_t hash;
    int64_t last_ns;
    uint32_t number;
    uint32_t newer, older; /* neighbours in its list */
    uint8_t list;
    bool reset; /* an RST was seen: no new segments are expected, late ones are still read */
};

struct list {
    uint32_t oldest, newest;
};

struct tcp {
    struct tcp_reader reader;
    struct anomalies *anomalies;
    struct pool pool;
    struct table table;
    struct list lists[LISTS];
    uint64_t seed;
    size_t memory_limit, bytes;
    uint32_t next_number, over;
};

static struct connection *connection_at(const struct tcp *tcp, uint32_t index)
{
    return pool_at(&tcp->pool, index);
}

static void list_remove(struct tcp *tcp, struct connection *connection)
{
    struct list *list = &tcp->lists[connection->list];
    if (connection->older != POOL_NONE)
        connection_at(tcp, connection->older)->newer = connection->newer;
    else
        list->oldest = connection->newer;
    if (connection->newer != POOL_NONE)
        connection_at(tcp, connection->newer)->older = connection->older;
    else
        list->newest = connection->older;
    tcp->over -= connection->list == LIST_OVER;
}

static void list_append(struct tcp *tcp, struct connection *connection, uint32_t index, enum list_id id)
{
    struct list *list = &tcp->lists[id];
    connection->list = (uint8_t)id;
    connection->newer = POOL_NONE;
    connection->older = list->newest;
    if (list->newest != POOL_NONE)
        connection_at(tcp, list->newest)->newer = index;
    else
        list->oldest = index;
    list->newest = index;
    tcp->over += id == LIST_OVER;
}

/* The list that a connection belongs in now. */
static enum list_id connection_list(const struct connection *connection)
{
    const struct tcp_half *half = connection->half;
    if (tcp_half_waiting(&half[0]) || tcp_half_waiting(&half[1]))
        return LIST_WAITING;
    if (connection->reset || (half[0].flags & half[1].flags & HALF_ENDED))
        return LIST_OVER;
    return half[0].window != NULL || half[1].window != NULL ? LIST_KEEPING : LIST_PLAIN;
}

/* Files the connection as the newest of its list. One that is over is left where it is: late copies do not prolong
   it. */
static void connection_file(struct tcp *tcp, struct connection *connection, uint32_t index)
{
    enum list_id id = connection_list(connection);
    if (id == LIST_OVER && connection->list == LIST_OVER)
        return;
    list_remove(tcp, connection);
    list_append(tcp, connection, index, id);
}

static struct tcp_outlet outlet_of(struct tcp *tcp, const struct connection *connection, unsigned direction)
{
    return (struct tcp_outlet){
        .reader = &tcp->reader,
        .anomalies = tcp->anomalies,
        .stream = {.connection = connection->number,
                   .direction = (uint8_t)direction,
                   .src = connection->endpoint[direction],
                   .dst = connection->endpoint[1 - direction],
                   .reset = connection->reset},
    };
}

static size_t connection_bytes(const struct connection *connection)
{
    return tcp_window_bytes(connection->half[0].window) + tcp_window_bytes(connection->half[1].window);
}

static void connection_free(struct tcp *tcp, struct connection *connection, uint32_t index)
{
    tcp->bytes -= connection_bytes(connection);
    for (unsigned direction = 0; direction < 2; direction++) {
        struct tcp_outlet outlet = outlet_of(tcp, connection, direction);
        tcp_half_finish(&connection->half[direction], &outlet);
    }
    list_remove(tcp, connection);
    table_remove(&tcp->table, connection->hash, index);
    pool_give(&tcp->pool, index);
}

static void oldest_free(struct tcp *tcp, enum list_id id)
{
    uint32_t index = tcp->lists[id].oldest;
    connection_free(tcp, connection_at(tcp, index), index);
}

/* The list, from..to, whose head is idle for the longest; LISTS where all are empty. */
static enum list_id oldest_list(const struct tcp *tcp, enum list_id from, enum list_id to)
{
    enum list_id best = LISTS;
    for (unsigned id = from; id <= (unsigned)to; id++) {
        uint32_t index = tcp->lists[id].oldest;
        if (index == POOL_NONE)
            continue;
        if (best == LISTS || connection_at(tcp, index)->last_ns < connection_at(tcp, tcp->lists[best].oldest)->last_ns)
            best = (enum list_id)id;
    }
    return best;
}

/* Both directions of a connection hash alike: the smaller endpoint first. */
static uint64_t pair_hash(uint64_t seed, const struct endpoint *a, const struct endpoint *b)
{
    struct endpoint pair[2] = {*a, *b};
    if (memcmp(a, b, sizeof *a) > 0) {
        pair[0] = *b;
        pair[1] = *a;
    }
    return hash_bytes(seed, slice_of(pair, sizeof pair));
}

static uint32_t connection_find(const struct tcp *tcp, const struct packet *packet, uint64_t hash, unsigned *direction)
{
    uint32_t cursor = 0, index;
    while ((index = table_next(&tcp->table, hash, &cursor)) != TABLE_NONE) {
        const struct connection *connection = connection_at(tcp, index);
        for (unsigned d = 0; d < 2; d++) {
            if (endpoint_equal(&connection->endpoint[d], &packet->src) &&
                endpoint_equal(&connection->endpoint[1 - d], &packet->dst)) {
                *direction = d;
                return index;
            }
        }
    }
    return TABLE_NONE;
}

/* A new connection whose direction `direction` is the packet's; POOL_NONE when memory is exhausted. */
static uint32_t connection_new(struct tcp *tcp, const struct packet *packet, uint64_t hash, unsigned direction)
{
    uint32_t index;
    if (tcp->pool.live >= CONNECTIONS_MAX)
        oldest_free(tcp, tcp->over > 0 ? LIST_OVER : oldest_list(tcp, LIST_PLAIN, LIST_WAITING));
    struct connection *connection = pool_take(&tcp->pool, &index);
    if (connection == NULL)
        return POOL_NONE;
    if (!table_add(&tcp->table, hash, index)) {
        pool_give(&tcp->pool, index);
        return POOL_NONE;
    }
    connection->endpoint[direction] = packet->src;
    connection->endpoint[1 - direction] = packet->dst;
    connection->hash = hash;
    connection->number = tcp->next_number++;
    connection->last_ns = packet->time_ns;
    list_append(tcp, connection, index, LIST_PLAIN);
    return index;
}

/* A SYN that cannot belong to what we know of these endpoints: the ports are used again (RFC 9293 3.6.1). */
static bool syn_is_new(const struct connection *connection, const struct packet *packet, unsigned direction)
{
    const struct tcp_half *half = &connection->half[direction], *other = &connection->half[1 - direction];
    if (half->flags & HALF_BEGUN)
        return half->first_seq != packet->tcp_seq + 1;
    /* A SYN+ACK acknowledges the SYN, and with TCP Fast Open some of its data. */
    if (packet->tcp_flags & TCP_ACK)
        return other->flags & HALF_BEGUN && tcp_half_wild(other, packet->tcp_ack);
    return connection->reset || (other->flags & HALF_ENDED) != 0;
}

/* Bytes that an ended connection cannot carry: another one, whose SYN was not captured. */
static bool data_is_new(const struct connection *connection, const struct packet *packet, unsigned direction)
{
    const struct tcp_half *half = &connection->half[direction];
    return connection->list == LIST_OVER && half->flags & HALF_ENDED && packet->wire_len > 0 &&
           (tcp_half_wild(half, packet->tcp_seq) || tcp_half_position(half, packet->tcp_seq) > half->end + 1);
}

/* Finds or makes the packet's connection; POOL_NONE where it needs none. */
static uint32_t connection_of(struct tcp *tcp, const struct packet *packet, unsigned *direction)
{
    uint64_t hash = pair_hash(tcp->seed, &packet->src, &packet->dst);
    uint32_t index = connection_find(tcp, packet, hash, direction);
    bool syn = (packet->tcp_flags & TCP_SYN) != 0;
    if (index != TABLE_NONE) {
        struct connection *connection = connection_at(tcp, index);
        if (!(syn ? syn_is_new(connection, packet, *direction) : data_is_new(connection, packet, *direction)))
            return index;
        connection_free(tcp, connection, index);
    }
    if (!syn && (packet->wire_len == 0 || packet->tcp_flags & TCP_RST))
        return POOL_NONE; /* nothing to read, and nothing learnt that the first bytes do not tell */
    *direction = syn && packet->tcp_flags & TCP_ACK ? 1 : 0;
    return connection_new(tcp, packet, hash, *direction);
}

/* What the other side has received: a hole before it will never be filled. */
static void segment_ack(struct tcp *tcp, struct connection *connection, unsigned direction, const struct packet *packet)
{
    struct tcp_half *other = &connection->half[1 - direction];
    if (!(packet->tcp_flags & TCP_ACK) || (other->flags & (HALF_BEGUN | HALF_ENDED)) != HALF_BEGUN ||
        tcp_half_wild(other, packet->tcp_ack))
        return;
    uint64_t acked = tcp_half_position(other, packet->tcp_ack);
    if (acked > other->acked)
        other->acked = acked;
    if (tcp_half_waiting(other)) {
        struct tcp_outlet outlet = outlet_of(tcp, connection, 1 - direction);
        tcp_half_check(other, &outlet, packet->time_ns);
    }
}

/* A segment far from its stream's place is believed when it acknowledges what the other side did send, or when the
   next one follows it; a single stray one cannot tear the stream. */
static bool wild_is_real(struct tcp_half *half, const struct tcp_half *other, const struct packet *packet)
{
    bool follows = half->flags & HALF_WILD && half->wild_next == packet->tcp_seq;
    bool acknowledges =
        packet->tcp_flags & TCP_ACK && other->flags & HALF_BEGUN && !tcp_half_wild(other, packet->tcp_ack);
    if (packet->wire_len == 0)
        return false;
    half->flags |= HALF_WILD;
    half->wild_next = packet->tcp_seq + packet->wire_len;
    return follows || acknowledges;
}

/* The part of a segment that concerns its own direction. */
static void segment_add(struct connection *connection, unsigned direction, struct tcp_outlet *outlet,
                        const struct packet *packet)
{
    struct tcp_half *half = &connection->half[direction];
    const struct tcp_half *other = &connection->half[1 - direction];
    uint32_t seq = packet->tcp_seq + ((packet->tcp_flags & TCP_SYN) != 0);
    if (!(half->flags & HALF_BEGUN)) {
        if (!(packet->tcp_flags & (TCP_SYN | TCP_FIN)) && packet->wire_len == 0) {
            connection->reset = connection->reset || packet->tcp_flags & TCP_RST;
            return;
        }
        tcp_half_begin(half, seq, !(packet->tcp_flags & TCP_SYN));
    }
    if (half->flags & HALF_ENDED) {
        connection->reset = connection->reset || packet->tcp_flags & TCP_RST;
        return;
    }
    if (tcp_half_wild(half, seq)) {
        if (packet->tcp_flags & TCP_RST || !wild_is_real(half, other, packet))
            return;
        tcp_half_jump(half, outlet, seq);
    }
    uint64_t from = tcp_half_position(half, seq);
    if (packet->tcp_flags & TCP_RST) {
        connection->reset = outlet->stream.reset = true;
        tcp_half_end(half, outlet, from > half->next ? from : half->next, packet->time_ns);
        return; /* RFC 9293 3.5.3: text in an RST is no stream data */
    }
    half->flags &= (uint8_t)~HALF_WILD;
    if (packet->tcp_flags & TCP_FIN && from + packet->wire_len >= half->next)
        tcp_half_end(half, outlet, from + packet->wire_len, packet->time_ns);
    /* A keep-alive is one garbage byte before the next one (RFC 9293 3.8.4): no copy to compare. */
    bool keepalive = packet->wire_len <= 1 && from + 1 == half->next;
    if (packet->wire_len > 0 && !keepalive && !(half->flags & HALF_ENDED))
        tcp_half_add(half, outlet, packet, from);
    tcp_half_check(half, outlet, packet->time_ns);
}

/* Stops the longest idle from waiting for holes, and from being remembered; a bounded number for each segment. */
static void tcp_expire(struct tcp *tcp, int64_t now_ns)
{
    uint32_t index = tcp->lists[LIST_OVER].oldest;
    if (index != POOL_NONE && tcp_elapsed_ns(connection_at(tcp, index)->last_ns, now_ns) > OVER_WAIT_NS)
        oldest_free(tcp, LIST_OVER);
    index = tcp->lists[LIST_WAITING].oldest;
    if (index == POOL_NONE || tcp_elapsed_ns(connection_at(tcp, index)->last_ns, now_ns) <= TCP_HOLE_WAIT_NS)
        return;
    struct connection *connection = connection_at(tcp, index);
    size_t before = connection_bytes(connection);
    for (unsigned direction = 0; direction < 2; direction++) {
        struct tcp_outlet outlet = outlet_of(tcp, connection, direction);
        tcp_half_check(&connection->half[direction], &outlet, now_ns);
    }
    tcp->bytes = tcp->bytes - before + connection_bytes(connection);
    connection_file(tcp, connection, index);
}

/* Takes buffers away, the longest idle connection's first, until the limit holds. */
static void tcp_shrink(struct tcp *tcp)
{
    while (tcp->bytes > tcp->memory_limit) {
        enum list_id id = oldest_list(tcp, LIST_KEEPING, LIST_WAITING);
        if (id == LISTS)
            id = LIST_OVER; /* only a reset connection can hold bytes there */
        uint32_t index = tcp->lists[id].oldest;
        if (index == POOL_NONE)
            return;
        struct connection *connection = connection_at(tcp, index);
        size_t before = connection_bytes(connection);
        for (unsigned direction = 0; direction < 2; direction++) {
            struct tcp_half *half = &connection->half[direction];
            struct tcp_outlet outlet = outlet_of(tcp, connection, direction);
            if (half->window != NULL)
                anomaly_add(tcp->anomalies, ANOMALY_TCP_EVICTED);
            tcp_half_drop(half, &outlet); /* ends also what only waits for its FIN: the connection leaves these lists */
        }
        tcp->bytes = tcp->bytes - before + connection_bytes(connection);
        if (id == LIST_OVER)
            connection_free(tcp, connection, index);
        else
            connection_file(tcp, connection, index);
    }
}

void tcp_segment(struct tcp *tcp, const struct packet *packet)
{
    unsigned direction = 0;
    tcp_expire(tcp, packet->time_ns);
    uint32_t index = connection_of(tcp, packet, &direction);
    if (index == POOL_NONE)
        return;
    struct connection *connection = connection_at(tcp, index);
    struct tcp_half *half = &connection->half[direction], *other = &connection->half[1 - direction];
    size_t before = connection_bytes(connection);
    if (connection->list != LIST_OVER)
        connection->last_ns = packet->time_ns;
    if ((packet->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) && !(other->flags & HALF_BEGUN) &&
        !(half->flags & HALF_BEGUN))
        tcp_half_begin(other, packet->tcp_ack, false); /* the SYN was not captured: its answer tells where it began */
    segment_ack(tcp, connection, direction, packet);
    struct tcp_outlet outlet = outlet_of(tcp, connection, direction);
    segment_add(connection, direction, &outlet, packet);
    tcp->bytes = tcp->bytes - before + connection_bytes(connection);
    connection_file(tcp, connection, index);
    tcp_shrink(tcp);
}

struct tcp *tcp_new(const struct tcp_reader *reader, uint64_t hash_seed, size_t memory_limit,
                    struct anomalies *anomalies)
{
    struct tcp *tcp = calloc(1, sizeof *tcp);
    if (tcp == NULL)
        return NULL;
    *tcp = (struct tcp){.reader = *reader, .anomalies = anomalies, .seed = hash_seed, .memory_limit = memory_limit};
    pool_init(&tcp->pool, sizeof(struct connection));
    for (unsigned id = 0; id < LISTS; id++)
        tcp->lists[id] = (struct list){POOL_NONE, POOL_NONE};
    return tcp;
}

void tcp_finish(struct tcp *tcp)
{
    for (enum list_id id; (id = oldest_list(tcp, LIST_PLAIN, LIST_OVER)) != LISTS;)
        oldest_free(tcp, id);
}

static size_t read_nothing(void *context, const struct tcp_stream *stream, struct slice data)
{
    (void)context;
    (void)stream;
    (void)data;
    return TCP_IGNORE;
}

void tcp_free(struct tcp *tcp)
{
    if (tcp == NULL)
        return;
    tcp->reader.read = read_nothing; /* states are still released */
    tcp_finish(tcp);
    table_fini(&tcp->table);
    pool_fini(&tcp->pool);
    free(tcp);
}

size_t tcp_open(const struct tcp *tcp, size_t *bytes)
{
    *bytes = tcp->bytes;
    return tcp->pool.live - tcp->over;
}

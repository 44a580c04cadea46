/* Messages are known by their frames; streams by ends, SSRC and time; what their ends send each other besides (RTCP, STUN, DTLS, packets
   of a wrong SSRC) by ends and time. Of a TCP connection that carries a trunk for days only the parts around the messages are wanted, and
   all that holds it together; other connections (TLS, WebSocket, SCTP) are wanted whole, because with holes they cannot be read again. */
#include "record/selection.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/table.h"

enum { RANDOM_BYTES = 32, PARTS_MOST = 64, COMMENTS_MOST = 1000000 };

/* Reports and goodbyes may come behind the BYE; keys and connectivity checks before the first packet; a message's first segments before
   its last one, and copies of it behind. */
#define BEHIND_NS (5 * NS_PER_SECOND)

/* A stream, for its packets and for the RTCP that speaks of it. */
struct chosen_stream {
    struct endpoint src, dst;
    uint32_t ssrc;
    bool has_ssrc;
    int64_t from_ns, until_ns;
    struct selected_stream name;
};

/* What of the packets between two endpoints is chosen. */
enum pair_use {
    PAIR_MEDIA, /* those of a call's time */
    PAIR_WHOLE, /* a connection with messages: all */
    PAIR_PARTS, /* one whose messages can be found again behind a hole: those of the time of messages, and those without content */
    PAIR_QUOTED /* datagrams with messages, which are known by frame: what came back of them */
};

/* Two endpoints, in either direction. */
struct chosen_pair {
    struct endpoint a, b;
    enum pair_use use;
    int64_t from_ns, until_ns;        /* of the call */
    struct {
        int64_t from_ns, until_ns;    /* from above until: no stream goes that way */
    } media[2];                       /* from a to b, from b to a */
};

struct chosen_comment {
    uint64_t frame;
    struct slice text;
};

struct chosen_connection {
    struct endpoint client, server;
    int64_t from_ns, until_ns;
    uint8_t random[RANDOM_BYTES];
};

struct selection {
    bool chosen, keep_comments, failed;
    uint64_t call;                    /* the newest call's id and times */
    int64_t call_from_ns, call_until_ns;
    uint64_t *frames;
    size_t frame_count, frame_room;
    struct chosen_stream *streams;
    size_t stream_count, stream_room;
    struct table by_stream, by_ssrc;
    struct chosen_pair *pairs;
    size_t pair_count, pair_room;
    struct table by_pair;
    struct chosen_comment *comments;
    size_t comment_count, comment_room;
    struct chosen_connection *connections;
    size_t connection_count, connection_room;
    struct arena texts;
};

struct selection *selection_new(bool chosen, bool comments)
{
    struct selection *selection = calloc(1, sizeof *selection);
    if (selection != NULL) {
        selection->chosen = chosen;
        selection->keep_comments = comments;
        selection->call = NUMBER_NONE;
    }
    return selection;
}

void selection_free(struct selection *selection)
{
    if (selection == NULL)
        return;
    free(selection->frames);
    free(selection->streams);
    free(selection->pairs);
    free(selection->comments);
    free(selection->connections);
    table_fini(&selection->by_stream);
    table_fini(&selection->by_ssrc);
    table_fini(&selection->by_pair);
    arena_fini(&selection->texts);
    free(selection);
}

/* Room for one more of `size` bytes behind `count`; false without memory. */
static bool room_make(struct selection *selection, void *items, size_t count, size_t *room, size_t size)
{
    void **at = items;
    if (count < *room)
        return true;
    size_t more = *room == 0 ? 64 : *room * 2;
    void *grown = more < TABLE_NONE ? realloc(*at, more * size) : NULL;
    if (grown == NULL) {
        selection->failed = true;
        return false;
    }
    *at = grown;
    *room = more;
    return true;
}

/* What is kept of these are numbers of one run: no seed is needed that outlives it, but one that nobody outside knows. */
static uint64_t seed_of(const struct selection *selection)
{
    return (uint64_t)(uintptr_t)selection;
}

static uint64_t pair_hash(const struct selection *selection, const struct endpoint *a, const struct endpoint *b)
{
    return endpoint_hash(seed_of(selection), a) + endpoint_hash(seed_of(selection), b); /* the same for both directions */
}

static uint64_t stream_hash(const struct selection *selection, const struct endpoint *src, const struct endpoint *dst, uint32_t ssrc)
{
    return hash_word(endpoint_hash(seed_of(selection), src), endpoint_hash(seed_of(selection), dst) ^ ssrc);
}

static uint64_t ssrc_hash(const struct selection *selection, uint32_t ssrc)
{
    return hash_word(seed_of(selection), ssrc);
}

static bool pair_is_of(const struct chosen_pair *pair, const struct endpoint *a, const struct endpoint *b)
{
    return (endpoint_equal(&pair->a, a) && endpoint_equal(&pair->b, b)) || (endpoint_equal(&pair->a, b) && endpoint_equal(&pair->b, a));
}

static void frame_add(struct selection *selection, uint64_t number)
{
    if (number == NUMBER_NONE || number == 0 ||
        (selection->frame_count > 0 && selection->frames[selection->frame_count - 1] == number))
        return;
    if (room_make(selection, &selection->frames, selection->frame_count, &selection->frame_room, sizeof *selection->frames))
        selection->frames[selection->frame_count++] = number;
}

/* Of what goes from its b to its a nothing is wanted yet. Joins one that overlaps it, so that a connection's messages and a call's streams
   make one entry. A connection with many parts is wanted whole: nobody waits for a long list. */
static void pair_add(struct selection *selection, const struct chosen_pair *wanted)
{
    uint64_t hash = pair_hash(selection, &wanted->a, &wanted->b);
    uint32_t cursor = 0, number;
    unsigned parts = 0;
    while ((number = table_next(&selection->by_pair, hash, &cursor)) != TABLE_NONE) {
        struct chosen_pair *pair = &selection->pairs[number];
        if (!pair_is_of(pair, &wanted->a, &wanted->b))
            continue;
        if (pair->use == PAIR_WHOLE && wanted->use == PAIR_PARTS)
            return;
        if (pair->use != wanted->use)
            continue;
        if (pair->use == PAIR_PARTS && ++parts == PARTS_MOST)
            pair->use = PAIR_WHOLE;
        if ((pair->use == PAIR_MEDIA || pair->use == PAIR_PARTS) && (wanted->from_ns > pair->until_ns || wanted->until_ns < pair->from_ns))
            continue;
        pair->from_ns = wanted->from_ns < pair->from_ns ? wanted->from_ns : pair->from_ns;
        pair->until_ns = wanted->until_ns > pair->until_ns ? wanted->until_ns : pair->until_ns;
        unsigned way = !endpoint_equal(&pair->a, &wanted->a);
        if (wanted->media[0].from_ns < pair->media[way].from_ns)
            pair->media[way].from_ns = wanted->media[0].from_ns;
        if (wanted->media[0].until_ns > pair->media[way].until_ns)
            pair->media[way].until_ns = wanted->media[0].until_ns;
        return;
    }
    if (!room_make(selection, &selection->pairs, selection->pair_count, &selection->pair_room, sizeof *selection->pairs))
        return;
    selection->failed |= !table_add(&selection->by_pair, hash, (uint32_t)selection->pair_count);
    selection->pairs[selection->pair_count++] = *wanted;
}

static void message_take(struct selection *selection, const struct message_record *message)
{
    if (selection->chosen && message->call == NUMBER_NONE)
        return;
    bool udp = slice_is(message->transport, transport_name(TRANSPORT_UDP));
    bool parts = selection->chosen && slice_is(message->transport, transport_name(TRANSPORT_TCP));
    frame_add(selection, message->frame);
    pair_add(selection, &(struct chosen_pair){.a = message->src, .b = message->dst,
                                              .use = udp ? PAIR_QUOTED : parts ? PAIR_PARTS : PAIR_WHOLE,
                                              .from_ns = message->at - (udp ? 0 : BEHIND_NS), .until_ns = message->at + BEHIND_NS,
                                              .media = {{INT64_MAX, INT64_MIN}, {INT64_MAX, INT64_MIN}}});
}

/* "0x5eed0002"; false where the stream has none. */
static bool ssrc_read(struct slice text, uint32_t *ssrc)
{
    uint32_t value = 0;
    if (text.len != 10)
        return false;
    for (size_t i = 2; i < text.len; i++) {
        uint8_t c = ascii_lower(text.data[i]);
        value = value << 4 | (uint32_t)(ascii_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *ssrc = value;
    return true;
}

static void stream_index(struct selection *selection, size_t number)
{
    const struct chosen_stream *stream = &selection->streams[number];
    if (stream->has_ssrc)
        selection->failed |= !table_add(&selection->by_stream, stream_hash(selection, &stream->src, &stream->dst, stream->ssrc), (uint32_t)number) ||
                             !table_add(&selection->by_ssrc, ssrc_hash(selection, stream->ssrc), (uint32_t)number);
}

static void stream_take(struct selection *selection, const struct stream_record *record)
{
    bool of_call = record->call != NUMBER_NONE && record->call == selection->call;
    struct chosen_stream stream = {.src = record->src, .dst = record->dst, .from_ns = record->start, .until_ns = record->end,
                                   .name = {record->id, record->call}};
    struct chosen_pair pair = {.a = record->src, .b = record->dst,
                               .media = {{record->start, record->end}, {INT64_MAX, INT64_MIN}},
                               .from_ns = record->start - BEHIND_NS, .until_ns = record->end + BEHIND_NS};
    if (selection->chosen && record->call == NUMBER_NONE)
        return;
    if (of_call && selection->call_from_ns != CLOCK_NONE && selection->call_from_ns < pair.from_ns)
        pair.from_ns = selection->call_from_ns;
    if (of_call && selection->call_until_ns != CLOCK_NONE && selection->call_until_ns + BEHIND_NS > pair.until_ns)
        pair.until_ns = selection->call_until_ns + BEHIND_NS;
    stream.has_ssrc = ssrc_read(record->ssrc, &stream.ssrc);
    frame_add(selection, record->frame);
    pair_add(selection, &pair);
    if (!room_make(selection, &selection->streams, selection->stream_count, &selection->stream_room, sizeof stream))
        return;
    selection->streams[selection->stream_count] = stream;
    stream_index(selection, selection->stream_count++);
}

static void finding_take(struct selection *selection, const struct finding_record *finding)
{
    if (finding->call != NUMBER_NONE || !selection->chosen)
        frame_add(selection, finding->frame);
    if (!selection->keep_comments || selection->comment_count == COMMENTS_MOST || finding->frame == NUMBER_NONE || finding->frame == 0 ||
        !room_make(selection, &selection->comments, selection->comment_count, &selection->comment_room, sizeof *selection->comments))
        return;
    char words[1000];
    int length = snprintf(words, sizeof words, "%.*s %.*s: %.*s [%.*s]", (int)finding->severity.len, (const char *)finding->severity.data,
                          (int)finding->rule.len, (const char *)finding->rule.data, (int)finding->text.len, (const char *)finding->text.data,
                          (int)finding->source.len, (const char *)finding->source.data);
    struct slice text = arena_copy(&selection->texts, slice_of(words, length < (int)sizeof words ? (size_t)length : sizeof words - 1));
    selection->comments[selection->comment_count++] = (struct chosen_comment){finding->frame, text};
}

static void connection_take(struct selection *selection, const struct connection_record *record)
{
    for (struct slice left = record->client_random; left.len >= RANDOM_BYTES; left = slice_after(left, RANDOM_BYTES)) {
        if (!room_make(selection, &selection->connections, selection->connection_count, &selection->connection_room,
                       sizeof *selection->connections))
            return;
        struct chosen_connection *connection = &selection->connections[selection->connection_count++];
        *connection = (struct chosen_connection){.client = record->src, .server = record->dst, .from_ns = record->start, .until_ns = record->end};
        memcpy(connection->random, left.data, RANDOM_BYTES);
    }
}

void selection_take(struct selection *selection, const struct record *record)
{
    switch (record->kind) {
    case RECORD_CALL:
        selection->call = record->call->id;
        selection->call_from_ns = record->call->start;
        selection->call_until_ns = record->call->end;
        break;
    case RECORD_MESSAGE:
        message_take(selection, record->message);
        break;
    case RECORD_STREAM:
        stream_take(selection, record->stream);
        break;
    case RECORD_FINDING:
        finding_take(selection, record->finding);
        break;
    case RECORD_CONNECTION:
        connection_take(selection, record->connection);
        break;
    default:
        break;
    }
}

static void streams_forget(struct selection *selection, int64_t time_ns)
{
    size_t kept = 0;
    table_fini(&selection->by_stream);
    table_fini(&selection->by_ssrc);
    for (size_t i = 0; i < selection->stream_count; i++) {
        const struct chosen_stream *stream = &selection->streams[i];
        if (stream->until_ns < time_ns)
            continue;
        selection->streams[kept] = *stream;
        stream_index(selection, kept++);
    }
    selection->stream_count = kept;
}

static void pairs_forget(struct selection *selection, int64_t time_ns)
{
    size_t kept = 0;
    table_fini(&selection->by_pair);
    for (size_t i = 0; i < selection->pair_count; i++) {
        const struct chosen_pair *pair = &selection->pairs[i];
        if (pair->until_ns < time_ns)
            continue;
        selection->pairs[kept] = *pair;
        selection->failed |= !table_add(&selection->by_pair, pair_hash(selection, &pair->a, &pair->b), (uint32_t)kept++);
    }
    selection->pair_count = kept;
}

void selection_forget(struct selection *selection, uint64_t frame, int64_t time_ns)
{
    size_t kept = 0;
    for (size_t i = 0; i < selection->frame_count; i++)
        if (selection->frames[i] >= frame)
            selection->frames[kept++] = selection->frames[i];
    selection->frame_count = kept;
    kept = 0;
    for (size_t i = 0; i < selection->connection_count; i++)
        if (selection->connections[i].until_ns >= time_ns)
            selection->connections[kept++] = selection->connections[i];
    selection->connection_count = kept;
    streams_forget(selection, time_ns);
    pairs_forget(selection, time_ns);
}

static int number_order(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static int comment_order(const void *left, const void *right)
{
    const struct chosen_comment *a = left, *b = right;
    return (a->frame > b->frame) - (a->frame < b->frame);
}

bool selection_close(struct selection *selection)
{
    if (selection->frame_count > 0)
        qsort(selection->frames, selection->frame_count, sizeof *selection->frames, number_order);
    if (selection->comment_count > 0)
        qsort(selection->comments, selection->comment_count, sizeof *selection->comments, comment_order);
    return !selection->failed;
}

bool selection_frame(const struct selection *selection, uint64_t number)
{
    return selection->frame_count > 0 &&
           bsearch(&number, selection->frames, selection->frame_count, sizeof number, number_order) != NULL;
}

static uint32_t word_at(struct slice s, size_t at)
{
    const uint8_t *p = s.data + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Version 2, and a payload type that is none of RTCP's (RFC 5761 4). */
static bool is_rtp(struct slice payload)
{
    return payload.len >= 12 && payload.data[0] >> 6 == 2 && (payload.data[1] < 192 || payload.data[1] > 223);
}

/* *known: there is one of these ends and this SSRC, whenever. */
static size_t stream_find(const struct selection *selection, const struct endpoint *src, const struct endpoint *dst, uint32_t ssrc, int64_t time_ns,
                          bool *known)
{
    uint64_t hash = stream_hash(selection, src, dst, ssrc);
    uint32_t cursor = 0, number;
    while ((number = table_next(&selection->by_stream, hash, &cursor)) != TABLE_NONE) {
        const struct chosen_stream *stream = &selection->streams[number];
        if (stream->ssrc != ssrc || !endpoint_equal(&stream->src, src) || !endpoint_equal(&stream->dst, dst))
            continue;
        *known = true;
        if (time_ns >= stream->from_ns && time_ns <= stream->until_ns)
            return number;
    }
    return selection->stream_count;
}

size_t selection_stream(const struct selection *selection, const struct endpoint *src, const struct endpoint *dst, uint32_t ssrc, int64_t time_ns)
{
    bool known;
    return stream_find(selection, src, dst, ssrc, time_ns, &known);
}

struct selected_stream selection_stream_at(const struct selection *selection, size_t number)
{
    return selection->streams[number].name;
}

/* What belongs to two endpoints: their connection; or what they send each other while their call lasts. media: RTP of no stream that is
   known, while their streams last. */
static bool pair_has(const struct selection *selection, const struct selection_packet *packet, const struct endpoint *a,
                     const struct endpoint *b, bool media)
{
    uint64_t hash = pair_hash(selection, a, b);
    uint32_t cursor = 0, number;
    while ((number = table_next(&selection->by_pair, hash, &cursor)) != TABLE_NONE) {
        const struct chosen_pair *pair = &selection->pairs[number];
        if (!pair_is_of(pair, a, b))
            continue;
        unsigned way = !endpoint_equal(&pair->a, a);
        int64_t from_ns = media ? pair->media[way].from_ns : pair->from_ns, until_ns = media ? pair->media[way].until_ns : pair->until_ns;
        bool timely = packet->time_ns >= from_ns && packet->time_ns <= until_ns;
        bool wanted = pair->use == PAIR_WHOLE   ? packet->stream
                      : pair->use == PAIR_PARTS ? packet->stream && (timely || packet->payload.len == 0)
                                                : timely && (pair->use == PAIR_MEDIA || packet->quoted);
        if (wanted)
            return true;
    }
    return false;
}

/* How near two endpoints are: 0 other hosts, 1 the same host, 2 its port or the next one too. */
static unsigned nearness(const struct endpoint *reports, const struct endpoint *media)
{
    if (reports->family != media->family || memcmp(reports->address, media->address, sizeof reports->address) != 0)
        return 0;
    return reports->port == media->port || reports->port == media->port + 1 ? 2 : 1;
}

/* RTCP that speaks of a stream, between its hosts and at one of them on its ports: another leg may have the same SSRC. */
static bool report_is_of(const struct selection *selection, const struct selection_packet *packet, uint32_t ssrc)
{
    uint32_t cursor = 0, number;
    while ((number = table_next(&selection->by_ssrc, ssrc_hash(selection, ssrc), &cursor)) != TABLE_NONE) {
        const struct chosen_stream *stream = &selection->streams[number];
        unsigned along = nearness(packet->src, &stream->src) * nearness(packet->dst, &stream->dst);
        unsigned back = nearness(packet->src, &stream->dst) * nearness(packet->dst, &stream->src);
        if ((along > 1 || back > 1) && stream->ssrc == ssrc && packet->time_ns >= stream->from_ns - BEHIND_NS && packet->time_ns <= stream->until_ns + BEHIND_NS)
            return true;
    }
    return false;
}

/* RFC 3550 6.4: the sender's SSRC, in a sender report 20 more bytes, then blocks of 24 that begin with whose reception they tell. */
static bool reports_have(const struct selection *selection, const struct selection_packet *packet)
{
    struct slice payload = packet->payload;
    if (payload.len < 8 || payload.data[0] >> 6 != 2 || payload.data[1] < 192 || payload.data[1] > 223)
        return false;
    if (report_is_of(selection, packet, word_at(payload, 4)))
        return true;
    size_t at = payload.data[1] == 200 ? 28 : payload.data[1] == 201 ? 8 : payload.len;
    for (unsigned left = payload.data[0] & 31; left > 0 && at + 24 <= payload.len; left--, at += 24)
        if (report_is_of(selection, packet, word_at(payload, at)))
            return true;
    return false;
}

bool selection_packet(const struct selection *selection, const struct selection_packet *packet)
{
    bool known = false, rtp = !packet->stream && is_rtp(packet->payload);
    if (rtp && stream_find(selection, packet->src, packet->dst, word_at(packet->payload, 8), packet->time_ns, &known) < selection->stream_count)
        return true;
    if (known)
        return false; /* of these ends and this SSRC, but of another call's time */
    if (pair_has(selection, packet, packet->src, packet->dst, rtp) || (!packet->stream && !rtp && reports_have(selection, packet)))
        return true;
    if (packet->stream || rtp || packet->src->port == 0 || packet->dst->port == 0)
        return false;
    /* RFC 3550 11: RTCP takes the next port; encrypted, its content says less. */
    struct endpoint src = *packet->src, dst = *packet->dst;
    src.port--;
    dst.port--;
    return pair_has(selection, packet, &src, &dst, false);
}

void selection_comments(const struct selection *selection, uint64_t number, void (*put)(void *context, struct slice comment), void *context)
{
    size_t low = 0, high = selection->comment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (selection->comments[middle].frame < number)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < selection->comment_count && selection->comments[low].frame == number; low++)
        put(context, selection->comments[low].text);
}

void selection_connections(const struct selection *selection, void (*give)(void *context, struct slice random), void *context)
{
    for (size_t i = 0; i < selection->connection_count; i++) {
        const struct chosen_connection *connection = &selection->connections[i];
        uint64_t hash = pair_hash(selection, &connection->client, &connection->server);
        uint32_t cursor = 0, number;
        bool used = false;
        while (!used && (number = table_next(&selection->by_pair, hash, &cursor)) != TABLE_NONE) {
            const struct chosen_pair *pair = &selection->pairs[number];
            used = pair->use != PAIR_QUOTED && pair_is_of(pair, &connection->client, &connection->server) && connection->from_ns <= pair->until_ns &&
                   connection->until_ns >= pair->from_ns;
        }
        if (used)
            give(context, slice_of(connection->random, sizeof connection->random));
    }
}

size_t selection_streams(const struct selection *selection)
{
    return selection->stream_count;
}

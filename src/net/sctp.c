/* Walks SCTP chunks, gives each DATA chunk's user message once, and puts split messages together.

    0       1       2       3
   +-------+-------+---------------+   DATA (0): TSN | stream, SSN | PPID | bytes      (RFC 9260 3.3.1)
   | type  | flags |    length     |   I-DATA (64): TSN | stream, 0 | MID | PPID or FSN | bytes (RFC 8260 2.1)
   +-------+-------+---------------+   length counts from the type; chunks are padded to 4 bytes */
#include "net/sctp.h"

#include "base/pool.h"
#include "base/reader.h"
#include "base/table.h"

#include <stdlib.h>

enum {
    CHUNK_DATA = 0,
    CHUNK_INIT = 1,
    CHUNK_INIT_ACK = 2,
    CHUNK_I_DATA = 64,
    FLAG_END = 1,
    FLAG_BEGIN = 2,
    FLAG_UNORDERED = 4,
    SEEN_BITS = 1024,      /* TSNs remembered against duplicates */
    TSN_JUMP = 1 << 16,    /* a larger step is another association on the same ports */
    RUNS_MAX = 32,         /* unfinished messages of one sender */
    MESSAGE_MAX = 1 << 20, /* bytes of one user message */
    PATHS_MAX = 50000      /* senders remembered */
};

struct fragment {
    struct fragment *next;
    uint32_t len;
    uint8_t bytes[];
};

/* Neighbouring fragments of one message: TSNs first..last (DATA), or FSNs (I-DATA). */
struct run {
    uint64_t key; /* what its fragments share besides neighbouring numbers */
    struct fragment *head, *tail;
    uint32_t first, last, ppid;
    uint32_t len;
    bool begun, ended;
};

/* One sender: a pair of endpoints in one direction. The verification tag is not part of the packet, so that an
   association that follows another on the same ports shows by its INIT or by the jump of its TSN. Owns its runs. */
struct path {
    struct endpoint endpoint[2];
    uint64_t hash;
    uint64_t seen[SEEN_BITS / 64]; /* bit tsn % SEEN_BITS, for the TSNs (newest - SEEN_BITS, newest] */
    struct run *runs;
    uint32_t run_count;
    uint32_t newest;
    uint32_t newer, older;
    bool begun;
};

struct sctp {
    struct anomalies *anomalies;
    struct pool pool;
    struct table table;
    uint64_t seed;
    size_t memory_limit, bytes;
    uint32_t oldest_path, newest_path;
};

/* One DATA or I-DATA chunk. */
struct chunk {
    struct slice bytes;
    uint64_t key;
    uint32_t tsn, number, ppid; /* number: what orders the fragments */
    uint8_t flags;
};

static struct path *path_at(const struct sctp *sctp, uint32_t index)
{
    return pool_at(&sctp->pool, index);
}

/* The run's fragments go; it is replaced by the last one of its path. */
static void run_free(struct sctp *sctp, struct path *path, struct run *run)
{
    for (struct fragment *fragment = run->head, *next; fragment != NULL; fragment = next) {
        next = fragment->next;
        sctp->bytes -= sizeof *fragment + fragment->len;
        free(fragment);
    }
    *run = path->runs[--path->run_count];
}

static void runs_drop(struct sctp *sctp, struct path *path)
{
    while (path->run_count > 0) {
        anomaly_add(sctp->anomalies, ANOMALY_SCTP_FRAGMENT);
        run_free(sctp, path, &path->runs[0]);
    }
    if (path->runs != NULL)
        sctp->bytes -= RUNS_MAX * sizeof *path->runs;
    free(path->runs);
    path->runs = NULL;
}

static void path_unlink(struct sctp *sctp, const struct path *path)
{
    if (path->older != POOL_NONE)
        path_at(sctp, path->older)->newer = path->newer;
    else
        sctp->oldest_path = path->newer;
    if (path->newer != POOL_NONE)
        path_at(sctp, path->newer)->older = path->older;
    else
        sctp->newest_path = path->older;
}

static void path_link(struct sctp *sctp, struct path *path, uint32_t index)
{
    path->newer = POOL_NONE;
    path->older = sctp->newest_path;
    if (sctp->newest_path != POOL_NONE)
        path_at(sctp, sctp->newest_path)->newer = index;
    else
        sctp->oldest_path = index;
    sctp->newest_path = index;
}

static void path_free(struct sctp *sctp, uint32_t index)
{
    struct path *path = path_at(sctp, index);
    runs_drop(sctp, path);
    path_unlink(sctp, path);
    table_remove(&sctp->table, path->hash, index);
    pool_give(&sctp->pool, index);
}

/* The packet's sender, as the newest; NULL when memory is exhausted. */
static struct path *path_of(struct sctp *sctp, const struct packet *packet)
{
    struct endpoint key[2] = {packet->src, packet->dst};
    uint64_t hash = hash_bytes(sctp->seed, slice_of(key, sizeof key));
    uint32_t cursor = 0, index;
    while ((index = table_next(&sctp->table, hash, &cursor)) != TABLE_NONE)
        if (memcmp(path_at(sctp, index)->endpoint, key, sizeof key) == 0) {
            path_unlink(sctp, path_at(sctp, index));
            path_link(sctp, path_at(sctp, index), index);
            return path_at(sctp, index);
        }
    if (sctp->pool.live >= PATHS_MAX)
        path_free(sctp, sctp->oldest_path);
    struct path *path = pool_take(&sctp->pool, &index);
    if (path == NULL)
        return NULL;
    if (!table_add(&sctp->table, hash, index)) {
        pool_give(&sctp->pool, index);
        return NULL;
    }
    memcpy(path->endpoint, key, sizeof key);
    path->hash = hash;
    path_link(sctp, path, index);
    return path;
}

static void path_restart(struct sctp *sctp, struct path *path)
{
    runs_drop(sctp, path);
    path->begun = false;
}

/* Marks the TSN as seen (numbers compare by RFC 1982, RFC 9260 1.6); true when it was seen before. */
static bool tsn_repeated(struct sctp *sctp, struct path *path, uint32_t tsn)
{
    uint32_t ahead = tsn - path->newest;
    if (path->begun && ahead > TSN_JUMP && 0 - ahead > TSN_JUMP)
        path_restart(sctp, path);
    if (!path->begun) {
        memset(path->seen, 0, sizeof path->seen);
        path->newest = tsn;
        path->begun = true;
        ahead = 0;
    } else if (ahead <= TSN_JUMP) {
        for (uint32_t step = 1; step <= ahead && step <= SEEN_BITS; step++)
            path->seen[(path->newest + step) % SEEN_BITS / 64] &= ~(UINT64_C(1) << ((path->newest + step) % 64));
        path->newest = tsn;
    } else if (0 - ahead >= SEEN_BITS) {
        return true; /* older than what is remembered: a late copy */
    }
    uint64_t bit = UINT64_C(1) << (tsn % 64);
    uint64_t *word = &path->seen[tsn % SEEN_BITS / 64];
    bool repeated = (*word & bit) != 0;
    *word |= bit;
    return repeated;
}

static struct fragment *fragment_new(struct sctp *sctp, struct slice bytes)
{
    struct fragment *fragment = malloc(sizeof *fragment + bytes.len);
    if (fragment == NULL)
        return NULL;
    fragment->next = NULL;
    fragment->len = (uint32_t)bytes.len;
    memcpy(fragment->bytes, bytes.data, bytes.len);
    sctp->bytes += sizeof *fragment + bytes.len;
    return fragment;
}

/* Adds a run of the one fragment; NULL when there is no room. */
static struct run *run_new(struct sctp *sctp, struct path *path, const struct chunk *chunk)
{
    if (path->runs == NULL) {
        path->runs = calloc(RUNS_MAX, sizeof *path->runs);
        if (path->runs == NULL)
            return NULL;
        sctp->bytes += RUNS_MAX * sizeof *path->runs;
    }
    if (path->run_count == RUNS_MAX) {
        anomaly_add(sctp->anomalies, ANOMALY_SCTP_FRAGMENT);
        run_free(sctp, path, &path->runs[0]);
    }
    struct fragment *fragment = fragment_new(sctp, chunk->bytes);
    if (fragment == NULL)
        return NULL;
    struct run *run = &path->runs[path->run_count++];
    *run = (struct run){.key = chunk->key, .head = fragment, .tail = fragment,
                        .first = chunk->number, .last = chunk->number, .ppid = chunk->ppid, .len = fragment->len, .begun = (chunk->flags & FLAG_BEGIN) != 0,
                        .ended = (chunk->flags & FLAG_END) != 0};
    return run;
}

/* Joins the new run with the ones before and behind it; returns where it is then. Fragments hang in lists, so that
   joining costs the same in whatever order they come. */
static struct run *run_join(struct path *path, struct run *run)
{
    for (uint32_t i = 0; i < path->run_count; i++) {
        struct run *a = &path->runs[i], *b = run;
        if (a == run || a->key != run->key)
            continue;
        if (b->last + 1 == a->first && !b->ended && !a->begun) {
            a = run;
            b = &path->runs[i];
        } else if (a->last + 1 != b->first || a->ended || b->begun) {
            continue;
        }
        a->tail->next = b->head;
        a->tail = b->tail;
        a->last = b->last;
        a->len += b->len;
        a->ended = b->ended;
        /* b's place is taken by the last run; i starts again, since run may join at both ends. */
        struct run *last = &path->runs[--path->run_count];
        *b = *last;
        run = a == last ? b : a;
        i = UINT32_MAX;
    }
    return run;
}

/* The whole message in one piece, heap; NULL when memory is exhausted. */
static uint8_t *run_bytes(const struct run *run)
{
    uint8_t *bytes = malloc(run->len == 0 ? 1 : run->len), *at = bytes;
    for (const struct fragment *fragment = run->head; bytes != NULL && fragment != NULL; fragment = fragment->next) {
        memcpy(at, fragment->bytes, fragment->len);
        at += fragment->len;
    }
    return bytes;
}

static bool chunk_read(struct reader *r, uint8_t type, uint8_t flags, struct chunk *chunk)
{
    chunk->flags = flags;
    chunk->tsn = reader_be32(r);
    uint64_t stream = reader_be16(r);
    if (type == CHUNK_DATA) {
        uint64_t ssn = reader_be16(r);
        chunk->ppid = reader_be32(r);
        chunk->number = chunk->tsn;
        chunk->key = stream << 48 | ssn << 8 | (flags & FLAG_UNORDERED);
    } else {
        reader_skip(r, 2);
        uint64_t message_id = reader_be32(r);
        uint32_t word = reader_be32(r); /* PPID in the first fragment, which is number 0; FSN in the others */
        chunk->ppid = flags & FLAG_BEGIN ? word : 0;
        chunk->number = flags & FLAG_BEGIN ? 0 : word;
        chunk->key = stream << 48 | message_id << 8 | 128 | (flags & FLAG_UNORDERED);
    }
    chunk->bytes = reader_rest(r);
    return !r->fault && chunk->bytes.len > 0; /* DATA without user data is forbidden (RFC 9260 3.3.1) */
}

static void chunk_data(struct sctp *sctp, const struct packet *packet, const struct chunk *chunk,
                       void (*message)(void *, const struct packet *, struct slice, uint32_t), void *context)
{
    struct path *path = path_of(sctp, packet);
    if (path != NULL && tsn_repeated(sctp, path, chunk->tsn))
        return;
    if ((chunk->flags & (FLAG_BEGIN | FLAG_END)) == (FLAG_BEGIN | FLAG_END)) {
        message(context, packet, chunk->bytes, chunk->ppid);
        return;
    }
    struct run *run = path == NULL ? NULL : run_new(sctp, path, chunk);
    if (run == NULL) {
        anomaly_add(sctp->anomalies, ANOMALY_SCTP_FRAGMENT);
        return;
    }
    run = run_join(path, run);
    if (run->begun && run->ended) {
        uint8_t *bytes = run_bytes(run);
        uint32_t len = run->len, ppid = run->ppid;
        run_free(sctp, path, run);
        if (bytes != NULL)
            message(context, packet, slice_of(bytes, len), ppid);
        else
            anomaly_add(sctp->anomalies, ANOMALY_SCTP_FRAGMENT);
        free(bytes);
    } else if (run->len > MESSAGE_MAX) {
        anomaly_add(sctp->anomalies, ANOMALY_SCTP_FRAGMENT);
        run_free(sctp, path, run);
    }
    if (path->run_count == 0)
        runs_drop(sctp, path);
}

void sctp_packet(struct sctp *sctp, const struct packet *packet,
                 void (*message)(void *context, const struct packet *packet, struct slice bytes, uint32_t ppid),
                 void *context)
{
    struct reader packet_reader = reader_over(packet_payload(packet));
    bool truncated = packet->payload_len < packet->wire_len;
    while (reader_left(&packet_reader) >= 4) {
        uint8_t type = reader_u8(&packet_reader), flags = reader_u8(&packet_reader);
        size_t length = reader_be16(&packet_reader), left = reader_left(&packet_reader);
        if (length < 4 || (length - 4 > left && !truncated)) {
            anomaly_add(sctp->anomalies, ANOMALY_SCTP_CHUNK);
            return;
        }
        length -= 4;
        bool cut = length > left;
        struct reader r = reader_over(reader_slice(&packet_reader, cut ? left : length));
        size_t padding = (4 - length % 4) % 4;
        reader_skip(&packet_reader, padding < reader_left(&packet_reader) ? padding : reader_left(&packet_reader));
        if (type == CHUNK_INIT || type == CHUNK_INIT_ACK) {
            struct path *path = path_of(sctp, packet);
            if (path != NULL)
                path_restart(sctp, path);
        } else if (type == CHUNK_DATA || type == CHUNK_I_DATA) {
            struct chunk chunk;
            bool whole = (flags & (FLAG_BEGIN | FLAG_END)) == (FLAG_BEGIN | FLAG_END);
            if (chunk_read(&r, type, flags, &chunk) && (!cut || whole))
                chunk_data(sctp, packet, &chunk, message, context);
            else
                anomaly_add(sctp->anomalies, cut ? ANOMALY_SCTP_FRAGMENT : ANOMALY_SCTP_CHUNK);
        }
    }
    while (sctp->bytes > sctp->memory_limit && sctp->oldest_path != POOL_NONE)
        path_free(sctp, sctp->oldest_path);
}

struct sctp *sctp_new(uint64_t hash_seed, size_t memory_limit, struct anomalies *anomalies)
{
    struct sctp *sctp = calloc(1, sizeof *sctp);
    if (sctp == NULL)
        return NULL;
    sctp->anomalies = anomalies;
    sctp->seed = hash_seed;
    sctp->memory_limit = memory_limit;
    sctp->oldest_path = sctp->newest_path = POOL_NONE;
    pool_init(&sctp->pool, sizeof(struct path));
    return sctp;
}

void sctp_finish(struct sctp *sctp)
{
    while (sctp->oldest_path != POOL_NONE)
        path_free(sctp, sctp->oldest_path);
}

void sctp_free(struct sctp *sctp)
{
    struct anomalies unseen = {{0}};
    if (sctp == NULL)
        return;
    sctp->anomalies = &unseen;
    sctp_finish(sctp);
    table_fini(&sctp->table);
    pool_fini(&sctp->pool);
    free(sctp);
}

/* Reassembly: a datagram is pages of bytes with a bit per 8-byte block, so that a fragment costs its length whatever
   came before it, and a lone fragment far out holds a page and not 64 kB. */
#include "net/defrag.h"

#include "base/clock.h"
#include "base/pool.h"
#include "base/table.h"

#include <stdlib.h>

enum {
    DATAGRAM_MAX = 65535,
    BLOCK = 8, /* offsets count in these; all fragments but the last are multiples (RFC 791 3.2) */
    PAGE_BLOCKS = 256,
    PAGE_BYTES = PAGE_BLOCKS * BLOCK,
    PAGES = (DATAGRAM_MAX + 1) / PAGE_BYTES
};

/* RFC 791 3.2 proposes 15 s, RFC 8200 4.5 gives a receiver 60 s. */
#define WAIT_NS (30 * NS_PER_SECOND)

/* How long a finished datagram is kept to know late copies of its fragments by: captures on several interfaces show each
   twice within milliseconds. A stray copy is ignored; a whole second set gives the datagram once more, as unfragmented
   copies come once more too. */
#define LINGER_NS (200 * NS_PER_MS)

struct page {
    uint64_t present[PAGE_BLOCKS / 64];
    uint64_t again[PAGE_BLOCKS / 64]; /* blocks of a finished datagram that came once more */
    uint8_t bytes[PAGE_BYTES];
};

/* 40 bytes without padding: compared and hashed as bytes. */
struct datagram_key {
    uint8_t src[16], dst[16];
    uint32_t id;
    uint8_t family;
    uint8_t protocol; /* IPv4 only (RFC 791: id, addresses, protocol); RFC 8200: addresses and id */
    uint8_t zero[2];
};

struct datagram {
    struct datagram_key key;
    struct page *pages[PAGES];
    uint64_t hash;
    uint64_t frame;     /* that came first */
    int64_t since_ns;   /* first fragment; once finished, the last */
    uint32_t older, newer;
    uint32_t size;      /* payload bytes; 0: the last fragment has not come */
    uint32_t reach;     /* end of the farthest fragment */
    uint32_t cut;       /* first byte that the snap length took; > DATAGRAM_MAX: none */
    uint32_t blocks;    /* that are present */
    uint32_t again;     /* that came once more after it was finished */
    uint32_t held_bytes;
    uint8_t header[FRAGMENT_HEADER_MAX];
    uint8_t header_len; /* 0: the first fragment has not come */
    uint8_t protocol;
    uint8_t fragments;
    bool finished;
};

/* Oldest first. */
struct queue {
    uint32_t oldest, newest, count;
    size_t bytes;
};

struct defrag {
    struct table table;
    struct pool pool;
    struct queue waiting, finished;
    uint64_t seed;
    size_t memory_limit;
    lost_reader *lost;
    void *lost_context;
    fragment_reader *seen;
    void *seen_context;
    uint8_t whole[FRAGMENT_HEADER_MAX + DATAGRAM_MAX + 1];
};

_Static_assert(sizeof(struct datagram_key) == 40, "no padding in a hashed key");

struct defrag *defrag_new(uint64_t hash_seed, size_t memory_limit)
{
    struct defrag *defrag = calloc(1, sizeof *defrag);
    if (defrag == NULL)
        return NULL;
    pool_init(&defrag->pool, sizeof(struct datagram));
    defrag->seed = hash_seed;
    defrag->memory_limit = memory_limit;
    defrag->waiting.oldest = defrag->waiting.newest = POOL_NONE;
    defrag->finished.oldest = defrag->finished.newest = POOL_NONE;
    return defrag;
}

static struct datagram *datagram_at(const struct defrag *defrag, uint32_t index)
{
    return pool_at(&defrag->pool, index);
}

static struct queue *datagram_queue(struct defrag *defrag, const struct datagram *datagram)
{
    return datagram->finished ? &defrag->finished : &defrag->waiting;
}

static void queue_append(struct defrag *defrag, struct queue *queue, uint32_t index)
{
    struct datagram *datagram = datagram_at(defrag, index);
    datagram->older = queue->newest;
    datagram->newer = POOL_NONE;
    if (queue->newest == POOL_NONE)
        queue->oldest = index;
    else
        datagram_at(defrag, queue->newest)->newer = index;
    queue->newest = index;
    queue->count++;
    queue->bytes += datagram->held_bytes;
}

static void queue_remove(struct defrag *defrag, struct queue *queue, uint32_t index)
{
    struct datagram *datagram = datagram_at(defrag, index);
    if (datagram->older == POOL_NONE)
        queue->oldest = datagram->newer;
    else
        datagram_at(defrag, datagram->older)->newer = datagram->newer;
    if (datagram->newer == POOL_NONE)
        queue->newest = datagram->older;
    else
        datagram_at(defrag, datagram->newer)->older = datagram->older;
    queue->count--;
    queue->bytes -= datagram->held_bytes;
}

static void datagram_drop(struct defrag *defrag, uint32_t index)
{
    struct datagram *datagram = datagram_at(defrag, index);
    queue_remove(defrag, datagram_queue(defrag, datagram), index);
    table_remove(&defrag->table, datagram->hash, index);
    for (size_t i = 0; i < PAGES; i++)
        free(datagram->pages[i]);
    pool_give(&defrag->pool, index);
}

void defrag_free(struct defrag *defrag)
{
    if (defrag == NULL)
        return;
    while (defrag->waiting.oldest != POOL_NONE)
        datagram_drop(defrag, defrag->waiting.oldest);
    while (defrag->finished.oldest != POOL_NONE)
        datagram_drop(defrag, defrag->finished.oldest);
    pool_fini(&defrag->pool);
    table_fini(&defrag->table);
    free(defrag);
}

void defrag_tell(struct defrag *defrag, lost_reader *lost, void *context)
{
    defrag->lost = lost;
    defrag->lost_context = context;
}

void defrag_follow(struct defrag *defrag, fragment_reader *seen, void *context)
{
    defrag->seen = seen;
    defrag->seen_context = context;
}

/* The first bytes, up to a hole, the end of the first page or what was not captured. */
static struct slice datagram_begin(const struct datagram *datagram)
{
    const struct page *page = datagram->pages[0];
    uint32_t blocks = 0;
    while (page != NULL && blocks < PAGE_BLOCKS && (page->present[blocks / 64] >> blocks % 64 & 1))
        blocks++;
    uint32_t bytes = blocks * BLOCK;
    if (bytes > datagram->cut)
        bytes = datagram->cut;
    if (bytes > datagram->reach)
        bytes = datagram->reach;
    return page == NULL ? SLICE_NONE : slice_of(page->bytes, bytes);
}

/* It will never be whole. */
static void datagram_lose(struct defrag *defrag, uint32_t index, struct anomalies *anomalies)
{
    const struct datagram *datagram = datagram_at(defrag, index);
    anomaly_add(anomalies, ANOMALY_FRAGMENT_INCOMPLETE);
    if (defrag->lost != NULL) {
        const struct datagram_key *key = &datagram->key;
        struct lost_datagram lost = {.src = key->family == 4 ? endpoint_ipv4(key->src, 0) : endpoint_ipv6(key->src, 0),
                                     .dst = key->family == 4 ? endpoint_ipv4(key->dst, 0) : endpoint_ipv6(key->dst, 0),
                                     .begin = datagram_begin(datagram),
                                     .frame = datagram->frame,
                                     .time_ns = datagram->since_ns,
                                     .reach = datagram->reach,
                                     .protocol = datagram->protocol,
                                     .fragments = datagram->fragments};
        defrag->lost(defrag->lost_context, &lost);
    }
    datagram_drop(defrag, index);
}

void defrag_finish(struct defrag *defrag, struct anomalies *anomalies)
{
    while (defrag->waiting.oldest != POOL_NONE)
        datagram_lose(defrag, defrag->waiting.oldest, anomalies);
    while (defrag->finished.oldest != POOL_NONE)
        datagram_drop(defrag, defrag->finished.oldest);
}

size_t defrag_pending(const struct defrag *defrag, size_t *bytes)
{
    if (bytes != NULL)
        *bytes = defrag->waiting.bytes;
    return defrag->waiting.count;
}

/* Whether `to` is more than `limit` after `from`; times from a file may be anything. */
static bool time_over(int64_t from, int64_t to, int64_t limit)
{
    return to > from && (uint64_t)to - (uint64_t)from > (uint64_t)limit;
}

static bool datagram_stale(const struct datagram *datagram, int64_t time_ns)
{
    int64_t limit = datagram->finished ? LINGER_NS : WAIT_NS;
    return time_over(datagram->since_ns, time_ns, limit) || time_over(time_ns, datagram->since_ns, WAIT_NS);
}

void defrag_expire(struct defrag *defrag, int64_t time_ns, struct anomalies *anomalies)
{
    uint32_t index;
    while ((index = defrag->waiting.oldest) != POOL_NONE &&
           time_over(datagram_at(defrag, index)->since_ns, time_ns, WAIT_NS))
        datagram_lose(defrag, index, anomalies);
    while ((index = defrag->finished.oldest) != POOL_NONE &&
           time_over(datagram_at(defrag, index)->since_ns, time_ns, LINGER_NS))
        datagram_drop(defrag, index);
}

/* Frees until `needed` more bytes fit: finished ones, then the oldest, at last `keep` itself. False: keep is gone. */
static bool memory_make(struct defrag *defrag, size_t needed, uint32_t keep, struct anomalies *anomalies)
{
    while (defrag->waiting.bytes + defrag->finished.bytes + needed > defrag->memory_limit) {
        bool finished = defrag->finished.oldest != POOL_NONE;
        uint32_t index = finished ? defrag->finished.oldest : defrag->waiting.oldest;
        if (!finished && index == keep && defrag->waiting.newest != keep)
            index = datagram_at(defrag, keep)->newer;
        if (!finished)
            anomaly_add(anomalies, ANOMALY_FRAGMENT_EVICTED);
        if (index == POOL_NONE)
            return false;
        datagram_drop(defrag, index);
        if (index == keep)
            return false;
    }
    return true;
}

static uint32_t datagram_find(const struct defrag *defrag, uint64_t hash, const struct datagram_key *key)
{
    uint32_t cursor = 0, index;
    while ((index = table_next(&defrag->table, hash, &cursor)) != TABLE_NONE)
        if (memcmp(&datagram_at(defrag, index)->key, key, sizeof *key) == 0)
            return index;
    return POOL_NONE;
}

static uint32_t datagram_new(struct defrag *defrag, uint64_t hash, const struct datagram_key *key, const struct fragment *f,
                             int64_t time_ns, struct anomalies *anomalies)
{
    uint32_t index;
    if (!memory_make(defrag, sizeof(struct datagram), POOL_NONE, anomalies))
        return POOL_NONE;
    struct datagram *datagram = pool_take(&defrag->pool, &index);
    if (datagram != NULL && !table_add(&defrag->table, hash, index)) {
        pool_give(&defrag->pool, index);
        datagram = NULL;
    }
    if (datagram == NULL) {
        anomaly_add(anomalies, ANOMALY_FRAGMENT_EVICTED);
        return POOL_NONE;
    }
    datagram->key = *key;
    datagram->hash = hash;
    datagram->frame = f->frame;
    datagram->since_ns = time_ns;
    datagram->cut = DATAGRAM_MAX + 1;
    datagram->held_bytes = sizeof *datagram;
    queue_append(defrag, &defrag->waiting, index);
    return index;
}

/* Pages for the bytes [from, to). False: the datagram had to be given up. */
static bool datagram_reserve(struct defrag *defrag, uint32_t index, uint32_t from, uint32_t to,
                             struct anomalies *anomalies)
{
    struct datagram *datagram = datagram_at(defrag, index);
    for (uint32_t i = from / PAGE_BYTES; i <= (to - 1) / PAGE_BYTES; i++) {
        if (datagram->pages[i] != NULL)
            continue;
        if (!memory_make(defrag, sizeof(struct page), index, anomalies))
            return false;
        datagram->pages[i] = calloc(1, sizeof(struct page));
        if (datagram->pages[i] == NULL) {
            anomaly_add(anomalies, ANOMALY_FRAGMENT_EVICTED);
            datagram_drop(defrag, index);
            return false;
        }
        datagram->held_bytes += (uint32_t)sizeof(struct page);
        defrag->waiting.bytes += sizeof(struct page);
    }
    return true;
}

struct placing {
    uint32_t fresh;     /* blocks that were not there */
    bool different;     /* a block was there with other bytes */
};

/* The first copy of a block wins; a later one is compared, as far as both were captured. store: false only compares. */
static struct placing datagram_place(struct datagram *datagram, const struct fragment *f, bool store)
{
    struct placing placing = {0, false};
    for (uint32_t at = 0; at < f->wire_len; at += BLOCK) {
        uint32_t offset = f->offset + at, block = offset / BLOCK;
        size_t captured = at >= f->bytes.len ? 0 : f->bytes.len - at;
        if (captured > BLOCK)
            captured = BLOCK;
        struct page *page = datagram->pages[block / PAGE_BLOCKS];
        uint64_t *word = page == NULL ? NULL : &page->present[block % PAGE_BLOCKS / 64];
        uint64_t bit = UINT64_C(1) << (block % 64);
        uint8_t *bytes = page == NULL ? NULL : page->bytes + offset % PAGE_BYTES;
        if (word != NULL && (*word & bit) != 0) {
            if (offset + captured <= datagram->cut && captured > 0 && memcmp(bytes, f->bytes.data + at, captured) != 0)
                placing.different = true;
            continue;
        }
        placing.fresh++;
        if (!store || word == NULL)
            continue;
        *word |= bit;
        if (captured > 0)
            memcpy(bytes, f->bytes.data + at, captured);
    }
    return placing;
}

/* Whether the fragment says no other thing about the datagram's size than those before. */
static bool datagram_fits(const struct datagram *datagram, const struct fragment *f)
{
    uint32_t end = f->offset + f->wire_len;
    if (f->more)
        return datagram->size == 0 || end <= datagram->size;
    return datagram->size == 0 ? end >= datagram->reach : end == datagram->size;
}

static void store_be16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

/* Header and pages into one run, as if it had never been fragmented: RFC 791 3.2, RFC 8200 4.5. */
static bool datagram_assemble(struct defrag *defrag, const struct datagram *datagram, struct datagram_view *view)
{
    uint8_t *header = defrag->whole;
    uint32_t header_len = datagram->header_len, have = datagram->cut < datagram->size ? datagram->cut : datagram->size;
    bool ipv4 = datagram->key.family == 4;
    if (ipv4 && header_len + datagram->size > DATAGRAM_MAX)
        return false;
    memcpy(header, datagram->header, header_len);
    for (uint32_t at = 0; at < have; at += PAGE_BYTES) {
        uint32_t n = have - at < PAGE_BYTES ? have - at : PAGE_BYTES;
        memcpy(header + header_len + at, datagram->pages[at / PAGE_BYTES]->bytes, n);
    }
    if (ipv4) {
        store_be16(header + 2, header_len + datagram->size);
        store_be16(header + 6, (header[6] & 0x40u) << 8); /* DF alone stays */
    } else {
        store_be16(header + 4, datagram->size);
        header[6] = datagram->protocol;
    }
    view->ip = slice_of(header, header_len + have);
    view->wire_len = header_len + datagram->size;
    view->fragments = datagram->fragments;
    return true;
}

/* A fragment of a finished datagram once more; true when all of them came again. */
static bool datagram_repeat(struct datagram *datagram, const struct fragment *f)
{
    uint32_t end = f->offset + f->wire_len;
    for (uint32_t block = f->offset / BLOCK; block * BLOCK < end; block++) {
        uint64_t *word = &datagram->pages[block / PAGE_BLOCKS]->again[block % PAGE_BLOCKS / 64];
        uint64_t bit = UINT64_C(1) << (block % 64);
        datagram->again += (*word & bit) == 0;
        *word |= bit;
    }
    if (datagram->again < datagram->blocks)
        return false;
    datagram->again = 0;
    for (size_t i = 0; i < PAGES && datagram->pages[i] != NULL; i++)
        memset(datagram->pages[i]->again, 0, sizeof datagram->pages[i]->again);
    return true;
}

/* Notes what the fragment tells; true when the datagram is whole. */
static bool datagram_learn(struct datagram *datagram, const struct fragment *f, uint32_t fresh)
{
    uint32_t end = f->offset + f->wire_len;
    datagram->blocks += fresh;
    if (fresh > 0 && datagram->fragments < UINT8_MAX)
        datagram->fragments++;
    if (fresh > 0 && f->bytes.len < f->wire_len && f->offset + f->bytes.len < datagram->cut)
        datagram->cut = f->offset + (uint32_t)f->bytes.len;
    if (end > datagram->reach)
        datagram->reach = end;
    if (!f->more)
        datagram->size = end;
    if (f->offset == 0 && datagram->header_len == 0 && f->header.len <= FRAGMENT_HEADER_MAX) {
        memcpy(datagram->header, f->header.data, f->header.len);
        datagram->header_len = (uint8_t)f->header.len;
        datagram->protocol = f->protocol;
    }
    return datagram->size > 0 && datagram->header_len > 0 && datagram->blocks == (datagram->size + BLOCK - 1) / BLOCK;
}

/* The datagram that the fragment belongs to, made where there is none; a finished one where it repeats a part of that;
   POOL_NONE: no memory. */
static uint32_t datagram_of(struct defrag *defrag, const struct fragment *f, int64_t time_ns,
                            struct anomalies *anomalies)
{
    struct datagram_key key = {.id = f->id, .family = f->src.family};
    memcpy(key.src, f->src.address, sizeof key.src);
    memcpy(key.dst, f->dst.address, sizeof key.dst);
    key.protocol = key.family == 4 ? f->protocol : 0;
    uint64_t hash = hash_bytes(defrag->seed, slice_of(&key, sizeof key));
    uint32_t index = datagram_find(defrag, hash, &key);
    if (index == POOL_NONE)
        return datagram_new(defrag, hash, &key, f, time_ns, anomalies);
    struct datagram *datagram = datagram_at(defrag, index);
    bool stale = datagram_stale(datagram, time_ns);
    if (!stale && !datagram->finished)
        return index;
    if (!stale && datagram_fits(datagram, f)) {
        struct placing placing = datagram_place(datagram, f, false);
        if (placing.fresh == 0 && !placing.different)
            return index;
    }
    if (datagram->finished)
        datagram_drop(defrag, index);
    else
        datagram_lose(defrag, index, anomalies);
    return datagram_new(defrag, hash, &key, f, time_ns, anomalies);
}

bool defrag_add(struct defrag *defrag, const struct fragment *f, int64_t time_ns, struct anomalies *anomalies,
                struct datagram_view *view)
{
    uint32_t end = f->offset + f->wire_len;
    /* A block is never shared, so all but the last fragment end on one; and 65535 is the end of every datagram. */
    if (f->wire_len == 0 || f->wire_len > DATAGRAM_MAX || end > DATAGRAM_MAX || (f->more && f->wire_len % BLOCK != 0)) {
        anomaly_add(anomalies, ANOMALY_FRAGMENT_BAD);
        return false;
    }
    uint32_t index = datagram_of(defrag, f, time_ns, anomalies);
    if (index == POOL_NONE)
        return false;
    struct datagram *datagram = datagram_at(defrag, index);
    if (defrag->seen != NULL)
        defrag->seen(defrag->seen_context, datagram->frame);
    if (datagram->finished)
        return datagram_repeat(datagram, f) && datagram_assemble(defrag, datagram, view);
    if (!datagram_fits(datagram, f)) {
        anomaly_add(anomalies, ANOMALY_FRAGMENT_BAD);
        return false;
    }
    if (!datagram_reserve(defrag, index, f->offset, end, anomalies))
        return false;
    struct placing placing = datagram_place(datagram, f, true);
    if (placing.different)
        anomaly_add(anomalies, ANOMALY_FRAGMENT_OVERLAP);
    if (!datagram_learn(datagram, f, placing.fresh))
        return false;
    if (!datagram_assemble(defrag, datagram, view)) {
        anomaly_add(anomalies, ANOMALY_FRAGMENT_BAD);
        datagram_drop(defrag, index);
        return false;
    }
    queue_remove(defrag, &defrag->waiting, index);
    datagram->finished = true;
    datagram->since_ns = time_ns;
    queue_append(defrag, &defrag->finished, index);
    return true;
}

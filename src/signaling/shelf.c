/* A struct call with its arena takes three quarters of a kilobyte, and nearly all calls of a capture are over for most of its time: first
   touching their memory cost more than reading their messages. A packed call is some 200 bytes, one behind the other in chunks:

       head | Call-ID | links of its traces | words: times, facts, lengths | texts | words of each transaction

   Nothing of it is changed in place: a call that goes on is unpacked, and may be packed once more elsewhere. */
#include "signaling/shelf.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/packing.h"

enum {
    CHUNK_BYTES = MEMORY_LARGE - sizeof(uint64_t) - PACKING_SLACK,
    UNIT = 8, /* places count these */
    CHUNK_UNITS = MEMORY_LARGE / UNIT,
    CHUNKS_MAX = (1 << 30) / (CHUNK_UNITS / 2) - 1, /* places have 31 bits, and PLACE_GONE is none of them */
    TRANSACTIONS_MAX = 128 /* more than a call has */
};

/* One large page each but for the first, of which small captures touch a little only. */
struct shelf_chunk {
    uint64_t live; /* packed calls in it */
    uint8_t bytes[CHUNK_BYTES + PACKING_SLACK];
};

_Static_assert(sizeof(struct shelf_chunk) == MEMORY_LARGE, "a chunk is a large page");

struct packed_head {
    uint64_t hash;
    int64_t start_ns;
    uint16_t units;        /* that the packed call takes */
    uint16_t call_id_len;
    uint8_t traces, times; /* a bit for each one that is there */
    uint8_t transactions;  /* behind the first */
    uint8_t form;          /* enum form */
};

/* What nearly all calls can do without. */
enum form { FORM_INVITE = 1, FORM_WIDE = 2 }; /* it has the facts of INVITEs; endpoints that are not both IPv4 */

/* A link as it is kept: where calls are packed, a number tells the id. */
struct packed_link {
    uint32_t key[2], number;
};

/* The facts are kept as they stand in struct call: whatever is added to it behind its start is kept, too. */
enum {
    TIMES_FROM = offsetof(struct call, last_ns),
    FACTS_FROM = offsetof(struct call, messages),
    INVITE_FROM = offsetof(struct call, ring_ns),
    REST_FROM = offsetof(struct call, offer_cseq),
    TIMES = (offsetof(struct call, src) - TIMES_FROM) / sizeof(int64_t),
    INVITE_TIMES = (REST_FROM - INVITE_FROM) / sizeof(int64_t),
    ENDPOINTS = 2 * sizeof(struct endpoint) / sizeof(uint64_t),
    FACTS = (INVITE_FROM - FACTS_FROM) / sizeof(uint64_t),
    REST = (sizeof(struct call) - REST_FROM) / sizeof(uint64_t),
    TEXTS = 6,
    TEXT_BITS = 10, /* of a length, up to CALL_TEXT_MAX */
    WORDS = TIMES + 1 + FACTS + ENDPOINTS + INVITE_TIMES + REST,
    TRANSACTION_WORDS = sizeof(struct transaction) / sizeof(uint64_t)
};

_Static_assert(TIMES_FROM == offsetof(struct call, start_ns) + sizeof(int64_t) && TIMES + INVITE_TIMES <= 8,
               "a bit for each time; the start is in the head");
_Static_assert(FACTS_FROM == offsetof(struct call, src) + sizeof(struct endpoint[2]), "no fact is left out");
_Static_assert(FACTS_FROM % 8 == 0 && INVITE_FROM % 8 == 0 && REST_FROM % 8 == 0 && sizeof(struct call) % 8 == 0, "facts are whole words");
_Static_assert(sizeof(struct transaction) % sizeof(uint64_t) == 0, "transactions are whole words");
_Static_assert(CALL_TEXT_MAX < 1 << TEXT_BITS && TEXTS * TEXT_BITS <= 64, "the lengths fit one word");

/* The most that a packed call takes. */
enum {
    PACKED_MAX = sizeof(struct packed_head) + CALL_TEXT_MAX + TRACES * sizeof(struct packed_link) + PACKING_ROOM(WORDS) +
                 TEXTS * CALL_TEXT_MAX + (1 + TRANSACTIONS_MAX) * PACKING_ROOM(TRANSACTION_WORDS)
};

_Static_assert((size_t)PACKED_MAX <= CHUNK_BYTES, "a packed call fits a chunk");

void shelf_fini(struct shelf *shelf)
{
    for (uint32_t i = 0; i < shelf->count; i++)
        free(shelf->chunks[i]);
    free(shelf->chunks);
    *shelf = (struct shelf){0};
}

bool shelf_takes(const struct call *call)
{
    return call->call_id.len > 0 && call->call_id.len <= CALL_TEXT_MAX && call->findings == NULL && call->related == NULL &&
           call->message_first == NULL;
}

static uint8_t *place_at(const struct shelf *shelf, uint32_t place)
{
    uint32_t unit = place & ~PLACE_PACKED;
    return shelf->chunks[unit / CHUNK_UNITS]->bytes + (size_t)(unit % CHUNK_UNITS) * UNIT;
}

static bool shelf_grow(struct shelf *shelf)
{
    if (shelf->count == CHUNKS_MAX)
        return false;
    if ((shelf->count & (shelf->count - 1)) == 0) { /* at each power of two the list doubles */
        size_t room = shelf->count == 0 ? 1 : (size_t)shelf->count * 2;
        struct shelf_chunk **chunks = realloc(shelf->chunks, room * sizeof(struct shelf_chunk *));
        if (chunks == NULL)
            return false;
        shelf->chunks = chunks;
    }
    struct shelf_chunk *chunk = shelf->count == 0 ? malloc(sizeof *chunk) : memory_new(sizeof *chunk);
    if (chunk == NULL)
        return false;
    chunk->live = 0;
    shelf->chunks[shelf->count++] = chunk;
    shelf->used = 0;
    shelf->chunk_bytes += sizeof *chunk;
    return true;
}

static uint8_t *text_put(uint8_t *at, struct slice text)
{
    if (text.len > 0)
        memcpy(at, text.data, text.len);
    return at + text.len;
}

static uint8_t *links_put(uint8_t *at, const struct call_keys *keys, struct packed_head *head)
{
    for (int trace = 0; trace < TRACES; trace++) {
        const struct trace_link *link = &keys->links[trace];
        if (link->key == 0)
            continue;
        struct packed_link packed = {.key = {(uint32_t)link->key, (uint32_t)(link->key >> 32)}, .number = link->number};
        memcpy(at, &packed, sizeof packed);
        at += sizeof packed;
        head->traces |= (uint8_t)(1u << trace);
    }
    return at;
}

/* Times against the call's beginning. Returns a bit for each one that is known. */
static unsigned times_put(uint64_t *words, const struct call *call, size_t from, unsigned count)
{
    const int64_t *times = (const int64_t *)(const void *)((const char *)call + from);
    unsigned mask = 0;
    for (unsigned i = 0; i < count; i++) {
        bool known = times[i] != CLOCK_NONE;
        mask |= (unsigned)known << i;
        words[i] = known ? packing_fold((int64_t)((uint64_t)times[i] - (uint64_t)call->start_ns)) : 0;
    }
    return mask;
}

static void times_get(const uint64_t *words, struct call *call, size_t from, unsigned count, unsigned known)
{
    int64_t *times = (int64_t *)(void *)((char *)call + from);
    for (unsigned i = 0; i < count; i++)
        times[i] = (known >> i & 1) != 0 ? (int64_t)((uint64_t)call->start_ns + (uint64_t)packing_unfold(words[i])) : CLOCK_NONE;
}

static uint64_t endpoint_word(const struct endpoint *endpoint)
{
    uint32_t address;
    memcpy(&address, endpoint->address, sizeof address);
    return address | (uint64_t)endpoint->port << 32;
}

static struct endpoint endpoint_of(uint64_t word)
{
    uint32_t address = (uint32_t)word;
    struct endpoint endpoint = {.port = (uint16_t)(word >> 32), .family = 4};
    memcpy(endpoint.address, &address, sizeof address);
    return endpoint;
}

/* The words of a form: the times, the lengths of texts, facts, endpoints, what INVITEs have. */
static unsigned words_of(unsigned form)
{
    unsigned endpoints = (form & FORM_WIDE) != 0 ? ENDPOINTS : 2, invite = (form & FORM_INVITE) != 0 ? INVITE_TIMES + REST : 0;
    return TIMES + 1 + FACTS + endpoints + invite;
}

static bool has_invite(const struct call *call)
{
    static const uint64_t none[REST];
    return call->ring_ns != CLOCK_NONE || call->answer_ns != CLOCK_NONE || call->answered_invite_ns != CLOCK_NONE ||
           memcmp((const char *)call + REST_FROM, none, sizeof none) != 0;
}

static uint8_t *facts_put(uint8_t *at, const struct call *call, struct packed_head *head)
{
    uint64_t words[WORDS], *word = words;
    const struct slice texts[TEXTS] = {call->from_user, call->to_user, call->request_uri, call->from_tag, call->reason_text, call->caller_id};
    bool wide = call->src.family != 4 || call->dst.family != 4, invite = has_invite(call);
    head->form = (uint8_t)((wide ? FORM_WIDE : 0) | (invite ? FORM_INVITE : 0));
    unsigned known = times_put(word, call, TIMES_FROM, TIMES);
    word += TIMES;
    uint64_t lengths = 0;
    for (unsigned i = 0; i < TEXTS; i++)
        lengths |= (uint64_t)texts[i].len << (i * TEXT_BITS);
    *word++ = lengths;
    memcpy(word, (const char *)call + FACTS_FROM, FACTS * sizeof *word);
    word += FACTS;
    if (wide) {
        memcpy(word, &call->src, ENDPOINTS * sizeof *word);
        word += ENDPOINTS;
    } else {
        *word++ = endpoint_word(&call->src);
        *word++ = endpoint_word(&call->dst);
    }
    if (invite) {
        known |= times_put(word, call, INVITE_FROM, INVITE_TIMES) << TIMES;
        memcpy(word + INVITE_TIMES, (const char *)call + REST_FROM, REST * sizeof *word);
    }
    head->times = (uint8_t)known;
    at = packing_put(at, words, words_of(head->form));
    for (unsigned i = 0; i < TEXTS; i++)
        at = text_put(at, texts[i]);
    return at;
}

/* The time against the call's beginning, 0 where there is none; the hop against the first one's, which it mostly equals. */
static uint8_t *transaction_put(uint8_t *at, const struct transaction *transaction, int64_t start_ns, uint32_t hop)
{
    struct transaction copy = *transaction;
    uint64_t words[TRANSACTION_WORDS];
    bool known = copy.request_ns != CLOCK_NONE;
    copy.request_ns = known ? (int64_t)packing_fold((int64_t)((uint64_t)copy.request_ns - (uint64_t)start_ns)) : 0;
    copy.requested = known;
    copy.request_ms = copy.response_ms = 0; /* what comes later is no copy */
    copy.hop ^= hop;
    copy.next = 0;
    memcpy(words, &copy, sizeof copy);
    return packing_put(at, words, TRANSACTION_WORDS);
}

static const uint8_t *transaction_get(const uint8_t *at, struct transaction *transaction, int64_t start_ns, uint32_t hop)
{
    uint64_t words[TRANSACTION_WORDS];
    at = packing_get(at, words, TRANSACTION_WORDS);
    memcpy(transaction, words, sizeof *transaction);
    transaction->request_ns = transaction->requested
                                  ? (int64_t)((uint64_t)start_ns + (uint64_t)packing_unfold((uint64_t)transaction->request_ns))
                                  : CLOCK_NONE;
    transaction->requested = false;
    transaction->hop ^= hop;
    return at;
}

/* Writes the packed call; returns its end, NULL for one with more transactions than there is room for. */
static uint8_t *call_put(uint8_t *out, const struct call *call, const struct pool *transactions)
{
    struct packed_head head = {.hash = call->hash, .start_ns = call->start_ns, .call_id_len = (uint16_t)call->call_id.len};
    uint8_t *at = text_put(out + sizeof head, call->call_id);
    if (call->keys != NULL)
        at = links_put(at, call->keys, &head);
    at = facts_put(at, call, &head);
    at = transaction_put(at, &call->transactions.first, call->start_ns, 0);
    for (uint32_t more = call->transactions.more; more != POOL_NONE;) {
        const struct transaction *transaction = pool_at(transactions, more);
        if (head.transactions++ == TRANSACTIONS_MAX)
            return NULL;
        at = transaction_put(at, transaction, call->start_ns, call->transactions.first.hop);
        more = transaction->next;
    }
    head.units = (uint16_t)((size_t)(at - out + UNIT - 1) / UNIT);
    memcpy(out, &head, sizeof head);
    return out + (size_t)head.units * UNIT;
}

uint32_t shelf_put(struct shelf *shelf, const struct call *call, const struct pool *transactions)
{
    if ((shelf->count == 0 || CHUNK_BYTES - shelf->used < PACKED_MAX) && !shelf_grow(shelf))
        return PLACE_GONE;
    struct shelf_chunk *chunk = shelf->chunks[shelf->count - 1];
    uint8_t *out = chunk->bytes + shelf->used, *end = call_put(out, call, transactions);
    if (end == NULL)
        return PLACE_GONE;
    uint32_t place = PLACE_PACKED | ((shelf->count - 1) * CHUNK_UNITS + shelf->used / UNIT);
    shelf->used = (uint32_t)(end - chunk->bytes);
    shelf->live_bytes += (size_t)(end - out);
    chunk->live++;
    return place;
}

static struct packed_head head_of(const uint8_t *at)
{
    struct packed_head head;
    memcpy(&head, at, sizeof head);
    return head;
}

void shelf_give(struct shelf *shelf, uint32_t place)
{
    uint32_t number = (place & ~PLACE_PACKED) / CHUNK_UNITS;
    shelf->live_bytes -= (size_t)head_of(place_at(shelf, place)).units * UNIT;
    if (--shelf->chunks[number]->live > 0 || number + 1 == shelf->count)
        return;
    free(shelf->chunks[number]);
    shelf->chunks[number] = NULL;
    shelf->chunk_bytes -= sizeof(struct shelf_chunk);
}

static struct trace_link link_of(const uint8_t *at)
{
    struct packed_link packed;
    memcpy(&packed, at, sizeof packed);
    return (struct trace_link){
        .key = packed.key[0] | (uint64_t)packed.key[1] << 32, .number = packed.number, .id = packed.number + 1};
}

static struct slice text_get(const uint8_t **at, size_t len)
{
    struct slice text = len == 0 ? SLICE_NONE : slice_of(*at, len);
    *at += len;
    return text;
}

static const uint8_t *facts_get(const uint8_t *at, struct call *call, const struct packed_head *head)
{
    uint64_t words[WORDS], lengths, *word = words;
    struct slice *const texts[TEXTS] = {&call->from_user, &call->to_user,     &call->request_uri,
                                         &call->from_tag,  &call->reason_text, &call->caller_id};
    at = packing_get(at, words, words_of(head->form));
    times_get(word, call, TIMES_FROM, TIMES, head->times);
    lengths = word[TIMES];
    word += TIMES + 1;
    memcpy((char *)call + FACTS_FROM, word, FACTS * sizeof *word);
    word += FACTS;
    if ((head->form & FORM_WIDE) != 0) {
        memcpy(&call->src, word, ENDPOINTS * sizeof *word);
        word += ENDPOINTS;
    } else {
        call->src = endpoint_of(*word++);
        call->dst = endpoint_of(*word++);
    }
    times_get(word, call, INVITE_FROM, INVITE_TIMES, (unsigned)head->times >> TIMES); /* without words, none is known */
    if ((head->form & FORM_INVITE) != 0)
        memcpy((char *)call + REST_FROM, word + INVITE_TIMES, REST * sizeof *word);
    for (unsigned i = 0; i < TEXTS; i++)
        *texts[i] = text_get(&at, lengths >> (i * TEXT_BITS) & ((1u << TEXT_BITS) - 1));
    return at;
}

struct shelf_transactions shelf_read(const struct shelf *shelf, uint32_t place, struct call *call, struct call_keys *keys)
{
    const uint8_t *at = place_at(shelf, place);
    struct packed_head head = head_of(at);
    at += sizeof head;
    call->hash = head.hash;
    call->start_ns = head.start_ns;
    call->call_id = text_get(&at, head.call_id_len);
    call->tail = call_id_tail(call->call_id);
    call->transactions.more = POOL_NONE;
    call->keys = head.traces != 0 ? keys : NULL;
    for (int trace = 0; trace < TRACES && head.traces != 0; trace++) {
        bool there = (head.traces >> trace & 1) != 0;
        keys->links[trace] = there ? link_of(at) : (struct trace_link){0};
        at += there ? sizeof(struct packed_link) : 0;
    }
    at = facts_get(at, call, &head);
    return (struct shelf_transactions){at, head.transactions, head.start_ns};
}

bool shelf_read_transactions(struct shelf_transactions packed, struct transactions *transactions, struct pool *pool)
{
    const uint8_t *at = transaction_get(packed.at, &transactions->first, packed.start_ns, 0);
    uint32_t *link = &transactions->more;
    *link = POOL_NONE;
    for (unsigned i = 0; i < packed.count; i++) {
        struct transaction *transaction = pool_take(pool, link);
        if (transaction == NULL) {
            *link = POOL_NONE;
            transactions_free(transactions, pool);
            return false;
        }
        at = transaction_get(at, transaction, packed.start_ns, transactions->first.hop);
        link = &transaction->next;
        *link = POOL_NONE;
    }
    return true;
}

bool shelf_has_key(const struct shelf *shelf, uint32_t place, struct call_key key)
{
    const uint8_t *at = place_at(shelf, place);
    struct packed_head head = head_of(at);
    return head.hash == key.hash && call_id_tail(slice_of(at + sizeof head, head.call_id_len)) == key.tail;
}

bool shelf_trace(const struct shelf *shelf, uint32_t place, enum trace trace, int64_t *start_ns, struct trace_link *link)
{
    const uint8_t *at = place_at(shelf, place);
    struct packed_head head = head_of(at);
    if ((head.traces >> trace & 1) == 0)
        return false;
    unsigned before = (unsigned)__builtin_popcount(head.traces & ((1u << trace) - 1));
    *start_ns = head.start_ns;
    *link = link_of(at + sizeof head + head.call_id_len + before * sizeof(struct packed_link));
    return true;
}

void shelf_fetch(const struct shelf *shelf, uint32_t place)
{
    const uint8_t *at = place_at(shelf, place);
    for (size_t line = 0; line < 256; line += 64)
        __builtin_prefetch(at + line);
}

/* A message repeats when the same bytes, or a request or final response with the same branch and CSeq, came before over the same
   hop: RFC 3261 17.1.3 and 17.2.3 match by branch, sent-by and method; older agents' messages match by their other fields. One that comes
   within milliseconds is no timer's (17.1.1.2: T1 is 500 ms): the capture holds the same packet more than once. */
#include "signaling/transaction.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/clock.h"
#include "dissectors/sip_uri.h"

enum { TRANSACTIONS_PER_CALL = 64 }; /* a longer list (a refresh a minute for hours) gives up its oldest */
enum { COPY_MS = 10 };

struct slice tags_from(struct message_tags *tags)
{
    if (!tags->has_from)
        tags->from_read = sip_tag(sip_header_value(tags->message, SIP_HEADER_FROM));
    tags->has_from = true;
    return tags->from_read;
}

struct slice tags_to(struct message_tags *tags)
{
    if (!tags->has_to)
        tags->to_read = sip_tag(sip_header_value(tags->message, SIP_HEADER_TO));
    tags->has_to = true;
    return tags->to_read;
}

/* True when the eight bytes at p are ";branch=", whatever the case of the letters. */
static bool at_branch(const uint8_t *p)
{
    static const uint8_t lower[8] = {';', 'b', 'r', 'a', 'n', 'c', 'h', '='}, fold[8] = {0, 32, 32, 32, 32, 32, 32, 0};
    return (hash_load64(p) | hash_load64(fold)) == hash_load64(lower);
}

/* The forms with white space around the signs, which RFC 3261 allows and nobody writes. */
static struct slice branch_search(struct slice via, size_t end)
{
    while (end < via.len) {
        size_t at = end + 1;
        while (at < via.len && ascii_space(via.data[at]))
            at++;
        end = slice_find(via, at, ';');
        struct slice parameter = slice_cut(via, at, end);
        if (!slice_starts_nocase(parameter, "branch"))
            continue;
        parameter = slice_trim(slice_after(parameter, 6));
        if (parameter.len > 0 && parameter.data[0] == '=') {
            parameter = slice_trim(slice_after(parameter, 1));
            return slice_trim(slice_cut(parameter, 0, slice_find(parameter, 0, ',')));
        }
    }
    return SLICE_NONE;
}

#ifdef __SSE2__
/* A bit for each of the 64 bytes at p that is one of the two. */
static inline uint64_t either_of(const uint8_t *p, char one, char other)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8(one)), _mm_cmpeq_epi8(text, _mm_set1_epi8(other)));
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(equal) << i;
    }
    return bits;
}
#endif

/* The branch of an ordinary Via, without white space in the wrong places, that begins in its first 64 bytes and has less than 64: each
   message asks. False: the general way is to be gone. */
static inline bool branch_quick(struct slice via, const struct sip_message *message, struct slice *branch)
{
#ifdef __SSE2__
    if (via.len == 0)
        return false;
    const uint8_t *end = message->bytes.data + message->bytes.len, *via_end = via.data + via.len;
    if (end - via.data < 64)
        return false;
    uint64_t signs = either_of(via.data, ';', ';');
    for (signs &= via.len < 64 ? (UINT64_C(1) << via.len) - 1 : UINT64_MAX; signs != 0; signs &= signs - 1) {
        const uint8_t *sign = via.data + __builtin_ctzll(signs);
        if (via_end - sign <= 8)
            return false;
        if (!at_branch(sign))
            continue;
        const uint8_t *from = sign + 8;
        if (via_end - from >= 64 || end - from < 64)
            return false;
        size_t len = (size_t)__builtin_ctzll(either_of(from, ';', ',') | UINT64_C(1) << (via_end - from));
        *branch = slice_of(from, len);
        return len > 0 && from[0] > ' ' && from[len - 1] > ' ';
    }
#else
    (void)via;
    (void)message;
    (void)branch;
#endif
    return false;
}

/* The top Via's branch. The sent-by that RFC 3261 17.2.3 matches too adds nothing here: transactions are compared within one
   Call-ID and one hop. */
static struct slice branch_of(const struct sip_message *message)
{
    struct slice quick, via = sip_header_value(message, SIP_HEADER_VIA);
    if (branch_quick(via, message, &quick))
        return quick;
    size_t first = slice_find(via, 0, ';');
    for (size_t at = first, end; at + 8 < via.len; at = end) {
        end = slice_find(via, at + 1, ';');
        if (!at_branch(via.data + at))
            continue;
        struct slice branch = slice_cut(via, at + 8, end);
        branch.len = slice_find(branch, 0, ','); /* the next Via may stand on the same line */
        if (branch.len > 0 && branch.data[0] > ' ' && branch.data[branch.len - 1] > ' ')
            return branch;
        break;
    }
    return branch_search(via, first);
}

static bool branch_has_cookie(struct slice branch)
{
    return branch.len > 7 && slice_starts_nocase(branch, "z9hG4bK");
}

/* An ACK to a failure belongs to its INVITE's transaction, a CANCEL is its own (RFC 3261 9.1). */
static enum sip_method transaction_method(const struct sip_message *message)
{
    return message->method == SIP_ACK ? SIP_INVITE : message->method;
}

static uint64_t transaction_key(uint64_t seed, const struct sip_message *message, struct message_tags *tags)
{
    uint64_t method = transaction_method(message);
    if (message->method == SIP_METHOD_UNKNOWN)
        method = hash_bytes(seed, message->request ? message->method_text : message->cseq_method);
    struct slice branch = branch_of(message);
    uint64_t key = hash_word(seed, method ^ (uint64_t)message->cseq << 32);
    return hash_bytes(key, branch_has_cookie(branch) ? branch : tags_from(tags)) | 1; /* 0: no transaction */
}

static uint32_t hop_of(uint64_t seed, const struct sighting *sighting)
{
    return (uint32_t)(endpoint_hash(seed, &sighting->src) + endpoint_hash(seed, &sighting->dst));
}

/* The transaction of the key and hop, or NULL; *count: how many were looked at. */
static struct transaction *transaction_find(struct transactions *transactions, struct pool *pool, uint64_t key, uint32_t hop,
                                            unsigned *count)
{
    *count = 0;
    if (transactions->first.key == key && transactions->first.hop == hop)
        return &transactions->first;
    for (uint32_t at = transactions->more; at != POOL_NONE; (*count)++) {
        struct transaction *transaction = pool_at(pool, at);
        if (transaction->key == key && transaction->hop == hop)
            return transaction;
        at = transaction->next;
    }
    return NULL;
}

static void transaction_drop_oldest(struct transactions *transactions, struct pool *pool)
{
    uint32_t *link = &transactions->more;
    for (struct transaction *at = pool_at(pool, *link); at->next != POOL_NONE; at = pool_at(pool, *link))
        link = &at->next;
    pool_give(pool, *link);
    *link = POOL_NONE;
}

/* Room for one more; NULL without memory. */
static struct transaction *transaction_new(struct transactions *transactions, struct pool *pool, unsigned count)
{
    uint32_t number;
    if (transactions->first.key == 0)
        return &transactions->first;
    struct transaction *transaction = pool_take(pool, &number);
    if (transaction == NULL)
        return NULL;
    transaction->next = transactions->more;
    transactions->more = number;
    if (count >= TRANSACTIONS_PER_CALL)
        transaction_drop_oldest(transactions, pool);
    return transaction;
}

/* Two 2xx to one INVITE differ when two forks answered: only equal bytes, or an equal To tag, make a repeat. */
static uint32_t response_digest(uint64_t seed, const struct sip_message *message, struct message_tags *tags)
{
    if (message->status >= 200 && message->status < 300) {
        uint64_t tag = hash_bytes(seed, tags_to(tags));
        return (uint32_t)(hash_word(tag, message->status) >> 32);
    }
    return (uint32_t)(hash_bytes(seed, message->bytes) >> 32);
}

static bool response_repeats(struct transaction *transaction, uint64_t seed, const struct sip_message *message,
                             struct message_tags *tags)
{
    if (message->status >= 300)
        return message->status == transaction->final_status;
    uint32_t digest = response_digest(seed, message, tags);
    unsigned kept = transaction->response_count < RESPONSES_KEPT ? transaction->response_count : RESPONSES_KEPT;
    for (unsigned i = 0; i < kept; i++)
        if (transaction->response_digests[i] == digest)
            return true;
    unsigned count = transaction->response_count;
    transaction->response_digests[count % RESPONSES_KEPT] = digest;
    count = count + 1 == 2 * RESPONSES_KEPT ? RESPONSES_KEPT : count + 1; /* stays above RESPONSES_KEPT without wrapping to 0 */
    transaction->response_count = count & 15;
    return false;
}

static bool request_repeats(struct transaction *transaction, uint64_t seed, const struct sip_message *message)
{
    if (message->method != SIP_ACK)
        return transaction->request_ns != CLOCK_NONE;
    uint32_t digest = (uint32_t)(hash_bytes(seed, message->bytes) >> 32);
    bool again = transaction->acked && transaction->ack_digest == digest;
    transaction->acked = true;
    transaction->ack_digest = digest;
    return again;
}

struct transaction_name transaction_name(uint64_t seed, const struct sighting *sighting, const struct sip_message *message,
                                         struct message_tags *tags)
{
    return (struct transaction_name){transaction_key(seed, message, tags), hop_of(seed, sighting)};
}

/* Never 0. */
static uint16_t clock_ms(int64_t time_ns)
{
    uint16_t ms = (uint16_t)((uint64_t)time_ns / NS_PER_MS);
    return ms == 0 ? 1 : ms;
}

/* Whether the newest message of its kind passed just before. Over a stream TCP drops what is captured twice. */
static bool seen_just_now(uint16_t *newest_ms, const struct sighting *sighting)
{
    uint16_t now = clock_ms(sighting->time_ns), before = *newest_ms;
    *newest_ms = now;
    return before != 0 && (uint16_t)(now - before) <= COPY_MS && sighting->transport == TRANSPORT_UDP;
}

struct transaction_sight transaction_see(struct transactions *transactions, struct pool *pool, uint64_t seed,
                                         struct transaction_name name, const struct sighting *sighting, const struct sip_message *message,
                                         struct message_tags *tags)
{
    unsigned count;
    uint64_t key = name.key;
    uint32_t hop = name.hop;
    struct transaction_sight sight = {.transaction = transaction_find(transactions, pool, key, hop, &count)};
    if (sight.transaction == NULL) {
        sight.transaction = transaction_new(transactions, pool, count);
        if (sight.transaction == NULL)
            return sight;
        uint32_t next = sight.transaction->next;
        *sight.transaction = (struct transaction){.key = key,
                                                  .hop = hop,
                                                  .request_ns = CLOCK_NONE,
                                                  .cseq = message->cseq,
                                                  .method = (uint8_t)(message->request ? message->method : transaction_method(message)),
                                                  .next = next};
    }
    if (message->request) {
        sight.retransmission = request_repeats(sight.transaction, seed, message);
        if (!sight.retransmission && message->method != SIP_ACK) {
            sight.transaction->request_ns = sighting->time_ns;
            sight.transaction->initial = tags_to(tags).len == 0;
        }
    } else {
        sight.retransmission = response_repeats(sight.transaction, seed, message, tags);
        if (message->status >= 200 && sight.transaction->final_status == 0)
            sight.transaction->final_status = message->status & 0x3ff;
    }
    bool again = seen_just_now(message->request ? &sight.transaction->request_ms : &sight.transaction->response_ms, sighting);
    sight.copy = sight.retransmission && again;
    return sight;
}

static bool is_pending(const struct transaction *transaction, const struct transaction *besides)
{
    return transaction->top && transaction->initial && transaction->final_status == 0 && transaction->response_count > 0 &&
           transaction->cseq == besides->cseq && transaction->key != besides->key;
}

bool transactions_pending(const struct transactions *transactions, const struct pool *pool, const struct transaction *besides)
{
    bool pending = is_pending(&transactions->first, besides);
    for (uint32_t at = transactions->more; at != POOL_NONE && !pending;) {
        const struct transaction *transaction = pool_at(pool, at);
        pending = is_pending(transaction, besides);
        at = transaction->next;
    }
    return pending;
}

void transactions_free(struct transactions *transactions, struct pool *pool)
{
    while (transactions->more != POOL_NONE) {
        uint32_t number = transactions->more;
        transactions->more = ((struct transaction *)pool_at(pool, number))->next;
        pool_give(pool, number);
    }
}

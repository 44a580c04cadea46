/* TLS: the input is a script of pieces of two streams and of key logs; whatever they hold, memory stays bounded and nothing is left behind.

   First byte: 1 = keys may come, 2 = little memory. Then steps: kind and length (16), bytes. Kind: 1 = direction, 2 = behind a hole, 4 = the
   stream ends, 8 = begun late, 16 = the bytes are lines of a key log, 32 = another connection, 64 = they are a datagram of DTLS. */
#include <stdlib.h>

#include "base/clock.h"
#include "net/tls.h"

enum { KEPT_MAX = 1 << 16 };

struct witness {
    unsigned states, plain, media_keys;
};

static void check(bool good)
{
    if (!good)
        abort();
}

static size_t witness_read(void *context, const struct tcp_stream *stream, struct slice data)
{
    struct witness *witness = context;
    check(stream->direction < 2 && stream->secure);
    if (*stream->state == NULL) {
        *stream->state = malloc(1);
        witness->states++;
    }
    for (size_t i = 0; i < data.len; i++)
        witness->plain += data.data[i];
    return stream->closed || stream->cut ? data.len : data.len % 7 == 0 ? TCP_IGNORE : data.len / 2;
}

static void witness_release(void *context, void *state)
{
    ((struct witness *)context)->states--;
    free(state);
}

static void witness_ended(void *context, const struct tls_facts *facts)
{
    struct witness *witness = context;
    const struct slice texts[] = {facts->version, facts->suite, facts->server_name, facts->alpn};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t b = 0; b < texts[i].len; b++)
            witness->plain += texts[i].data[b];
    check(facts->certificate == NULL || facts->certificate->name_count <= TLS_NAMES_MAX);
}

static void witness_media_keys(void *context, const struct tls_media_key *key)
{
    struct witness *witness = context;
    check(key->suite != NULL);
    witness->media_keys++;
}

/* What a connection's stream has not consumed yet. */
struct kept {
    uint8_t bytes[KEPT_MAX];
    size_t len;
    bool begun, ignored, closed;
};

static void piece(struct tls *tls, struct kept *kept, uint32_t connection, unsigned step, struct slice bytes, uint64_t frame)
{
    static void *none;
    if (kept->closed)
        return;
    if (step & 2 || kept->len + bytes.len > KEPT_MAX)
        kept->len = 0;
    if (bytes.len > 0)
        memcpy(kept->bytes + kept->len, bytes.data, bytes.len);
    kept->len += bytes.len;
    struct tcp_stream stream = {.connection = connection, .direction = step & 1, .gap = (step & 2) != 0, .closed = (step & 4) != 0,
                                .begun_late = (step & 8) != 0, .time_ns = (int64_t)frame, .frame = frame, .state = &none};
    size_t used = kept->ignored ? 0 : tls_read(tls, &stream, slice_of(kept->bytes, kept->len));
    kept->begun = true;
    kept->ignored = kept->ignored || used == TCP_IGNORE;
    kept->closed = stream.closed;
    if (!kept->ignored) {
        check(used <= kept->len);
        memmove(kept->bytes, kept->bytes + used, kept->len - used);
        kept->len -= used;
    }
    if (kept->closed)
        tls_release(tls, connection, step & 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kept kept[2][2];
    struct anomalies anomalies = {{0}};
    struct witness witness = {0};
    if (size == 0)
        return 0;
    size_t limit = data[0] & 2 ? 20000 : 1 << 20;
    struct tls *tls = tls_new(&(struct tls_config){.inner = {&witness, witness_read, witness_release}, .ended = witness_ended, 
                                                   .media_keys = witness_media_keys, .ended_context = &witness, .hash_seed = 1, .memory_limit = limit, .keys_expected = data[0] & 1, .keep_to_end = true,
                                                   .anomalies = &anomalies});
    check(tls != NULL);
    for (unsigned i = 0; i < 4; i++)
        kept[i / 2][i % 2] = (struct kept){.len = 0};
    for (size_t at = 1; at + 3 <= size;) {
        unsigned step = data[at];
        struct slice bytes = slice_cut(slice_of(data, size), at + 3, at + 3 + ((size_t)data[at + 1] << 8 | data[at + 2]));
        unsigned connection = step >> 5 & 1;
        at += 3 + bytes.len;
        if (step & 64) {
            const uint8_t address[4] = {192, 0, 2, 1};
            struct endpoint ends[2] = {endpoint_ipv4(address, (uint16_t)(1 + connection)), endpoint_ipv4(address, 9)};
            (bytes.len > 0 && bytes.data[0] >> 5 == 1 ? tls_datagram_sealed : tls_datagram)(
                tls, &(struct tls_datagram){.src = ends[step & 1], .dst = ends[!(step & 1)], .frame = at, .bytes = bytes});
        } else if (step & 16) {
            tls_keys(tls, bytes);
        } else {
            piece(tls, &kept[connection][step & 1], 1 + connection, step, bytes, at);
        }
        check(tls_bytes(tls) <= limit + (1 << 16) + TLS_SUBJECT_MAX * 16);
    }
    for (unsigned c = 0; c < 2; c++)
        for (unsigned d = 0; d < 2; d++)
            if (kept[c][d].begun && !kept[c][d].closed)
                piece(tls, &kept[c][d], 1 + c, 4 | d, SLICE_NONE, size);
    tls_finish(tls);
    check(witness.states == 0);
    tls_free(tls);
    return 0;
}

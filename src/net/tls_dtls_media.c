/* The exporters. DTLS 1.0 and 1.2 (RFC 5705): PRF(master secret, "EXTRACTOR-dtls_srtp", client random, server random); DTLS 1.3 (RFC 8446 7.5)
   from the exporter secret. Either gives client key | server key | client salt | server salt (RFC 5764 4.2). */
#include "net/tls_dtls.h"

#include <openssl/crypto.h>

#include "base/clock.h"

/* RFC 5764 4.1.2, RFC 7714 14.2: the names are those of RFC 4568. */
static const struct profile {
    uint16_t number;
    const char *suite;
    uint8_t key_bytes, salt_bytes;
} profiles[] = {{1, "AES_CM_128_HMAC_SHA1_80", 16, 14},
                {2, "AES_CM_128_HMAC_SHA1_32", 16, 14},
                {5, "NULL_HMAC_SHA1_80", 16, 14},
                {6, "NULL_HMAC_SHA1_32", 16, 14},
                {7, "AEAD_AES_128_GCM", 16, 12},
                {8, "AEAD_AES_256_GCM", 32, 12}};

static const struct profile *profile_find(uint16_t number)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (profiles[i].number == number)
            return &profiles[i];
    return NULL;
}

static bool block_export(const struct dtls_flow *flow, const struct tls_keylog *keylog, uint8_t *block, size_t length)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    bool new = flow->version == VERSION_DTLS13;
    struct slice secret = tls_keylog_find(keylog, flow->client_random, new ? TLS_EXPORTER : TLS_MASTER_SECRET);
    if (secret.len == 0 || flow->suite == NULL)
        return false;
    if (new)
        return tls_export_13(flow->suite, secret, "dtls13", label, block, length);
    struct tls_master master = {.suite = flow->suite, .version = flow->version == VERSION_DTLS12 ? 0x0303 : 0x0302, .secret = secret,
                                .client_random = flow->client_random, .server_random = flow->server_random};
    return tls_export(&master, label, block, length);
}

static bool profile_export(const struct dtls_flow *flow, const struct profile *profile, const struct tls_config *config,
                           const struct tls_keylog *keylog)
{
    uint8_t block[2 * (32 + 14)];
    size_t key = profile->key_bytes, salt = profile->salt_bytes;
    bool good = block_export(flow, keylog, block, 2 * (key + salt));
    for (unsigned side = 0; side < 2 && good; side++) {
        struct tls_media_key told = {.src = side == 0 ? flow->client : flow->server, .dst = side == 0 ? flow->server : flow->client,
                                     .suite = profile->suite, .frame = flow->frame, .time_ns = flow->time_ns};
        memcpy(told.master, block + side * key, key);
        memcpy(told.master + key, block + 2 * key + side * salt, salt);
        config->media_keys(config->ended_context, &told);
        OPENSSL_cleanse(&told, sizeof told);
    }
    OPENSSL_cleanse(block, sizeof block);
    return good;
}

/* Where the server's choice is encrypted, every profile that was offered is tried: the packets' authentication tells which one it is. */
void dtls_export(struct dtls_flow *flow, const struct tls_config *config, const struct tls_keylog *keylog)
{
    if (flow->told || !flow->server_hello || config->media_keys == NULL)
        return;
    for (unsigned i = 0; i < flow->profile_count; i++) {
        const struct profile *profile = profile_find(flow->profiles[i]);
        if (profile != NULL)
            flow->told |= profile_export(flow, profile, config, keylog);
    }
}

static enum tls_state state_of(const struct dtls_flow *flow)
{
    if (flow->alert.fatal && (flow->open_ns == CLOCK_NONE || flow->alert.time_ns <= flow->open_ns))
        return TLS_FAILED;
    return flow->open_ns != CLOCK_NONE ? TLS_OPEN : flow->client_hello ? TLS_HANDSHAKE : TLS_PARTIAL;
}

/* Why the keys of its media are not known. */
static const char *why_of(const struct dtls_flow *flow, const struct tls_config *config)
{
    bool known = false;
    if (flow->told || state_of(flow) == TLS_FAILED)
        return NULL;
    if (!flow->client_hello)
        return "its handshake was not captured";
    if (!flow->server_hello)
        return NULL; /* nothing was agreed */
    if (flow->profile_count == 0)
        return "it agreed on no protection of media (use_srtp)";
    for (unsigned i = 0; i < flow->profile_count; i++)
        known |= profile_find(flow->profiles[i]) != NULL;
    if (!known)
        return "its protection of media is not one that is decrypted";
    if (flow->suite == NULL)
        return "its cipher suite is not one that is known";
    return config->keys_expected ? "the key log has no secret of this connection" : "no key log was given";
}

void dtls_facts_fill(const struct dtls_flow *flow, const struct tls_config *config, struct tls_facts *facts)
{
    const char *version = flow->version == VERSION_DTLS10   ? "DTLS 1.0"
                          : flow->version == VERSION_DTLS12 ? "DTLS 1.2"
                          : flow->version == VERSION_DTLS13 ? "DTLS 1.3"
                                                            : "";
    const struct profile *profile = flow->server_hello && flow->profile_count == 1 ? profile_find(flow->profiles[0]) : NULL;
    *facts = (struct tls_facts){.client = flow->client,
                                .server = flow->server,
                                .begin_ns = flow->begin_ns,
                                .open_ns = flow->open_ns,
                                .end_ns = flow->end_ns,
                                .frame = flow->first_frame,
                                .state = state_of(flow),
                                .version = slice_str(version),
                                .suite = slice_str(flow->suite_number == 0 ? "" : flow->suite == NULL ? "unknown" : flow->suite->name),
                                .client_random = flow->client_hello ? slice_of(flow->client_random, TLS_RANDOM_BYTES) : SLICE_NONE,
                                .alert = flow->alert,
                                .records = flow->records,
                                .decrypted = flow->told,
                                .why = why_of(flow, config),
                                .datagrams = true,
                                .profile = profile == NULL ? NULL : profile->suite};
}

/* Record protection of TLS 1.0 to 1.3. What is secret is wiped where it ends.

   TLS 1.2   AEAD:  explicit nonce (8; none for ChaCha20) | ciphertext | tag         additional data: sequence, type, version, length
             CBC:   IV (16; TLS 1.0: the block before) | blocks of (content | MAC | padding)   encrypt-then-MAC: IV | blocks | MAC
   TLS 1.3   ciphertext of (content | type | zeros) | tag                            additional data: the record's header */
#include "net/tls_cipher.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum { NONCE_BYTES = 12, SALT_BYTES = 4, EXPLICIT_BYTES = 8, BLOCK_BYTES = 16, MAC_MAX = 48, KEY_MAX = 32, HEAD_MAX = 13, LABEL_MAX = 32 };

struct tls_cipher {
    const struct tls_suite *suite;
    EVP_CIPHER_CTX *context;
    EVP_MAC_CTX *mac; /* NULL: AEAD */
    bool traffic;     /* TLS 1.3 */
    bool encrypt_then_mac, chained; /* chained: TLS 1.0's IV */
    uint8_t tag_bytes, mac_bytes, secret_bytes;
    uint8_t iv[BLOCK_BYTES];
    uint8_t key[KEY_MAX];
    uint8_t secret[MAC_MAX]; /* TLS 1.3: for the next one */
};

static const char *hash_name(unsigned hash)
{
    static const char *const names[] = {[TLS_SHA256] = "SHA256", [TLS_SHA384] = "SHA384", [TLS_SHA1] = "SHA1"};
    return names[hash];
}

static size_t hash_bytes_of(unsigned hash)
{
    return hash == TLS_SHA256 ? 32 : hash == TLS_SHA384 ? 48 : 20;
}

/* OpenSSL's parameters are not const; it only reads these. */
static void *plain(const void *data)
{
    return (void *)(uintptr_t)data;
}

static bool derive(const char *function, OSSL_PARAM *parameters, uint8_t *out, size_t length)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, function, NULL);
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool good = context != NULL && EVP_KDF_derive(context, out, length, parameters) > 0;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return good;
}

/* RFC 8446 7.1: HkdfLabel = length (16) | prefix and label | context, both with their length (8). Prefixes have six bytes: "tls13 ", and
   "dtls13" (RFC 9147 5.9). */
static bool expand_named(unsigned hash, struct slice secret, const char *prefix, const char *label, struct slice context, uint8_t *out, size_t length)
{
    uint8_t info[2 + 1 + 6 + LABEL_MAX + 1 + MAC_MAX] = {0, (uint8_t)length, (uint8_t)(6 + strlen(label))};
    size_t label_bytes = strlen(label), info_bytes = 3 + 6 + label_bytes + 1 + context.len;
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    if (label_bytes > LABEL_MAX || context.len > MAC_MAX || length > UINT8_MAX)
        return false;
    memcpy(info + 3, prefix, 6);
    memcpy(info + 9, label, label_bytes);
    info[9 + label_bytes] = (uint8_t)context.len;
    if (context.len > 0)
        memcpy(info + 10 + label_bytes, context.data, context.len);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                               OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, plain(hash_name(hash)), 0),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, plain(secret.data), secret.len),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, info_bytes),
                               OSSL_PARAM_construct_end()};
    return derive("HKDF", parameters, out, length);
}

static bool expand_label(unsigned hash, struct slice secret, const char *label, uint8_t *out, size_t length)
{
    return expand_named(hash, secret, "tls13 ", label, SLICE_NONE, out, length);
}

bool tls_export_13(const struct tls_suite *suite, struct slice secret, const char *prefix, const char *label, uint8_t *out, size_t length)
{
    uint8_t empty[MAC_MAX], derived[MAC_MAX];
    unsigned bytes = 0;
    size_t hash = hash_bytes_of(suite->hash);
    bool good = secret.len == hash && EVP_Digest("", 0, empty, &bytes, EVP_get_digestbyname(hash_name(suite->hash)), NULL) > 0 && bytes == hash &&
                expand_named(suite->hash, secret, prefix, label, slice_of(empty, hash), derived, hash) &&
                expand_named(suite->hash, slice_of(derived, hash), prefix, "exporter", slice_of(empty, hash), out, length);
    OPENSSL_cleanse(derived, sizeof derived);
    return good;
}

static const EVP_CIPHER *algorithm_of(const struct tls_suite *suite)
{
    bool big = suite->key_bytes == 32;
    switch (suite->seal) {
    case TLS_SEAL_GCM:
        return big ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    case TLS_SEAL_CCM:
    case TLS_SEAL_CCM8:
        return big ? EVP_aes_256_ccm() : EVP_aes_128_ccm();
    case TLS_SEAL_CHACHA20:
        return EVP_chacha20_poly1305();
    case TLS_SEAL_CBC:
        return big ? EVP_aes_256_cbc() : EVP_aes_128_cbc();
    default:
        return NULL;
    }
}

static bool is_ccm(const struct tls_cipher *cipher)
{
    return cipher->suite->seal == TLS_SEAL_CCM || cipher->suite->seal == TLS_SEAL_CCM8;
}

/* The key is in cipher->key. CCM takes its key behind the lengths, each time. */
static bool context_begin(struct tls_cipher *cipher)
{
    const EVP_CIPHER *algorithm = algorithm_of(cipher->suite);
    if (cipher->context == NULL)
        cipher->context = EVP_CIPHER_CTX_new();
    if (cipher->context == NULL || algorithm == NULL || EVP_DecryptInit_ex(cipher->context, algorithm, NULL, NULL, NULL) <= 0)
        return false;
    if (cipher->suite->seal == TLS_SEAL_CBC)
        return EVP_CIPHER_CTX_set_padding(cipher->context, 0) > 0 &&
               EVP_DecryptInit_ex(cipher->context, NULL, NULL, cipher->key, NULL) > 0;
    return EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_SET_IVLEN, NONCE_BYTES, NULL) > 0 &&
           (is_ccm(cipher) || EVP_DecryptInit_ex(cipher->context, NULL, NULL, cipher->key, NULL) > 0);
}

static bool mac_begin(struct tls_cipher *cipher, const uint8_t *key)
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    cipher->mac = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, plain(hash_name(cipher->suite->mac)), 0),
                               OSSL_PARAM_construct_end()};
    return cipher->mac != NULL && EVP_MAC_init(cipher->mac, key, cipher->mac_bytes, parameters) > 0;
}

static struct tls_cipher *cipher_make(const struct tls_suite *suite)
{
    struct tls_cipher *cipher = suite == NULL || suite->seal == TLS_SEAL_NONE ? NULL : calloc(1, sizeof *cipher);
    if (cipher == NULL)
        return NULL;
    cipher->suite = suite;
    cipher->tag_bytes = suite->seal == TLS_SEAL_CCM8 ? 8 : 16;
    return cipher;
}

/* RFC 5246 5: PRF(master secret, label, first, second), two randoms. */
static bool expand(const struct tls_master *master, const char *label, const uint8_t *first, const uint8_t *second, uint8_t *out, size_t length)
{
    uint8_t seed[LABEL_MAX + 64];
    size_t n = strlen(label);
    if (n > LABEL_MAX)
        return false;
    memcpy(seed, label, n);
    memcpy(seed + n, first, 32);
    memcpy(seed + n + 32, second, 32);
    const char *digest = master->version < 0x0303 ? "MD5-SHA1" : hash_name(master->suite->hash);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, plain(digest), 0),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, plain(master->secret.data), master->secret.len),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, n + 64), OSSL_PARAM_construct_end()};
    return derive("TLS1-PRF", parameters, out, length);
}

/* RFC 5246 6.3: client MAC key | server MAC key | client key | server key | client IV | server IV. */
static bool key_block(const struct tls_master *master, uint8_t *out, size_t length)
{
    return expand(master, "key expansion", master->server_random, master->client_random, out, length);
}

bool tls_export(const struct tls_master *master, const char *label, uint8_t *out, size_t length)
{
    return expand(master, label, master->client_random, master->server_random, out, length);
}

struct tls_cipher *tls_cipher_new(const struct tls_master *master)
{
    struct tls_cipher *cipher = cipher_make(master->suite);
    if (cipher == NULL)
        return NULL;
    bool cbc = master->suite->seal == TLS_SEAL_CBC, chacha = master->suite->seal == TLS_SEAL_CHACHA20;
    size_t mac = cbc ? hash_bytes_of(master->suite->mac) : 0, key = master->suite->key_bytes;
    size_t iv = cbc ? BLOCK_BYTES : chacha ? NONCE_BYTES : SALT_BYTES;
    uint8_t block[2 * (MAC_MAX + KEY_MAX + BLOCK_BYTES)];
    size_t side = master->client ? 0 : 1;
    cipher->mac_bytes = (uint8_t)mac;
    cipher->encrypt_then_mac = master->encrypt_then_mac && cbc;
    cipher->chained = cbc && master->version < 0x0302;
    bool good = key_block(master, block, 2 * (mac + key + iv));
    if (good) {
        memcpy(cipher->key, block + 2 * mac + side * key, key);
        memcpy(cipher->iv, block + 2 * (mac + key) + side * iv, iv);
        good = context_begin(cipher) && (!cbc || mac_begin(cipher, block + side * mac));
    }
    OPENSSL_cleanse(block, sizeof block);
    if (good)
        return cipher;
    tls_cipher_free(cipher);
    return NULL;
}

static bool traffic_begin(struct tls_cipher *cipher)
{
    struct slice secret = slice_of(cipher->secret, cipher->secret_bytes);
    return expand_label(cipher->suite->hash, secret, "key", cipher->key, cipher->suite->key_bytes) &&
           expand_label(cipher->suite->hash, secret, "iv", cipher->iv, NONCE_BYTES) && context_begin(cipher);
}

struct tls_cipher *tls_cipher_new_traffic(const struct tls_suite *suite, struct slice secret)
{
    struct tls_cipher *cipher = suite == NULL || suite->seal == TLS_SEAL_CBC || secret.len != hash_bytes_of(suite->hash) ? NULL : cipher_make(suite);
    if (cipher == NULL)
        return NULL;
    cipher->traffic = true;
    cipher->secret_bytes = (uint8_t)secret.len;
    memcpy(cipher->secret, secret.data, secret.len);
    if (traffic_begin(cipher))
        return cipher;
    tls_cipher_free(cipher);
    return NULL;
}

void tls_cipher_free(struct tls_cipher *cipher)
{
    if (cipher == NULL)
        return;
    EVP_CIPHER_CTX_free(cipher->context);
    EVP_MAC_CTX_free(cipher->mac);
    OPENSSL_cleanse(cipher, sizeof *cipher);
    free(cipher);
}

bool tls_cipher_update(struct tls_cipher *cipher)
{
    uint8_t next[MAC_MAX];
    bool good = expand_label(cipher->suite->hash, slice_of(cipher->secret, cipher->secret_bytes), "traffic upd", next, cipher->secret_bytes);
    memcpy(cipher->secret, next, good ? cipher->secret_bytes : 0);
    OPENSSL_cleanse(next, sizeof next);
    return good && traffic_begin(cipher);
}

/* sequence (8) | type | version | length: what TLS 1.2 authenticates besides the content. */
static void head_write(uint8_t head[HEAD_MAX], uint64_t sequence, const struct tls_record *record, size_t length)
{
    for (int i = 0; i < 8; i++)
        head[i] = (uint8_t)(sequence >> (56 - 8 * i));
    head[8] = record->type;
    head[9] = (uint8_t)(record->version >> 8);
    head[10] = (uint8_t)record->version;
    head[11] = (uint8_t)(length >> 8);
    head[12] = (uint8_t)length;
}

static bool aead_open(struct tls_cipher *cipher, uint64_t sequence, const struct tls_record *record, uint8_t *out, size_t *length)
{
    uint8_t nonce[NONCE_BYTES], head[HEAD_MAX];
    bool explicit_nonce = !cipher->traffic && cipher->suite->seal != TLS_SEAL_CHACHA20;
    struct slice body = record->body;
    size_t over = cipher->tag_bytes + (explicit_nonce ? EXPLICIT_BYTES : 0u);
    if (body.len < over)
        return false;
    size_t content = body.len - over;
    memcpy(nonce, cipher->iv, NONCE_BYTES);
    if (explicit_nonce) {
        memcpy(nonce + SALT_BYTES, body.data, EXPLICIT_BYTES);
        body = slice_after(body, EXPLICIT_BYTES);
    } else {
        for (int i = 0; i < 8; i++)
            nonce[4 + i] ^= (uint8_t)(sequence >> (56 - 8 * i));
    }
    head_write(head, sequence, record, cipher->traffic ? record->body.len : content);
    struct slice extra = cipher->traffic ? slice_of(head + 8, 5) : slice_of(head, HEAD_MAX);
    int n = 0, last = 0;
    EVP_CIPHER_CTX *context = cipher->context;
    bool ccm = is_ccm(cipher);
    void *tag = plain(body.data + content);
    /* CCM needs the tag before the nonce, the others behind it. */
    if ((ccm && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, cipher->tag_bytes, tag) <= 0) ||
        EVP_DecryptInit_ex(context, NULL, NULL, ccm ? cipher->key : NULL, nonce) <= 0 ||
        (ccm && EVP_DecryptUpdate(context, NULL, &n, NULL, (int)content) <= 0) ||
        EVP_DecryptUpdate(context, NULL, &n, extra.data, (int)extra.len) <= 0 ||
        (!ccm && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, cipher->tag_bytes, tag) <= 0))
        return false;
    if (EVP_DecryptUpdate(context, out, &n, body.data, (int)content) <= 0 || (!ccm && EVP_DecryptFinal_ex(context, out + n, &last) <= 0))
        return false;
    *length = content;
    return true;
}

static bool mac_is(struct tls_cipher *cipher, const uint8_t head[HEAD_MAX], struct slice content, const uint8_t *mac)
{
    uint8_t made[MAC_MAX];
    size_t length = 0;
    return EVP_MAC_init(cipher->mac, NULL, 0, NULL) > 0 && EVP_MAC_update(cipher->mac, head, HEAD_MAX) > 0 &&
           EVP_MAC_update(cipher->mac, content.data, content.len) > 0 && EVP_MAC_final(cipher->mac, made, &length, sizeof made) > 0 &&
           length == cipher->mac_bytes && CRYPTO_memcmp(made, mac, length) == 0;
}

static bool blocks_open(struct tls_cipher *cipher, const uint8_t *iv, struct slice blocks, uint8_t *out)
{
    int n = 0;
    return blocks.len > 0 && blocks.len % BLOCK_BYTES == 0 && EVP_DecryptInit_ex(cipher->context, NULL, NULL, NULL, iv) > 0 &&
           EVP_DecryptUpdate(cipher->context, out, &n, blocks.data, (int)blocks.len) > 0;
}

/* The content's and MAC's length behind the padding: its last byte tells how many alike are before it. */
static bool padding_take(const uint8_t *out, size_t *length)
{
    size_t padding = (size_t)out[*length - 1] + 1;
    if (padding > *length)
        return false;
    *length -= padding;
    return true;
}

static bool cbc_open(struct tls_cipher *cipher, uint64_t sequence, const struct tls_record *record, uint8_t *out, size_t *length)
{
    uint8_t head[HEAD_MAX];
    struct slice body = record->body;
    size_t mac = cipher->mac_bytes, iv_bytes = cipher->chained ? 0 : BLOCK_BYTES;
    if (body.len < iv_bytes + mac + 1 || body.len > TLS_RECORD_MAX)
        return false;
    if (cipher->encrypt_then_mac) {
        head_write(head, sequence, record, body.len - mac);
        if (!mac_is(cipher, head, slice_cut(body, 0, body.len - mac), body.data + body.len - mac))
            return false;
        body = slice_cut(body, 0, body.len - mac);
    }
    const uint8_t *iv = cipher->chained ? cipher->iv : body.data;
    struct slice blocks = slice_after(body, iv_bytes);
    if (!blocks_open(cipher, iv, blocks, out))
        return false;
    *length = blocks.len;
    if (!padding_take(out, length))
        return false;
    if (!cipher->encrypt_then_mac) {
        if (*length < mac)
            return false;
        *length -= mac;
        head_write(head, sequence, record, *length);
        if (!mac_is(cipher, head, slice_of(out, *length), out + *length))
            return false;
    }
    if (cipher->chained)
        memcpy(cipher->iv, body.data + body.len - BLOCK_BYTES, BLOCK_BYTES);
    return true;
}

bool tls_cipher_open(struct tls_cipher *cipher, uint64_t sequence, const struct tls_record *record, uint8_t *out, size_t *length)
{
    if (record->body.len > TLS_RECORD_MAX)
        return false;
    return cipher->suite->seal == TLS_SEAL_CBC ? cbc_open(cipher, sequence, record, out, length)
                                               : aead_open(cipher, sequence, record, out, length);
}

size_t tls_cipher_bytes(void)
{
    enum { CONTEXT_BYTES = 900 }; /* of OpenSSL 3's contexts, measured */
    return sizeof(struct tls_cipher) + CONTEXT_BYTES;
}

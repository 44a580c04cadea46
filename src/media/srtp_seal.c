/* RTP    header | payload, encrypted | MKI | tag                     tag: HMAC-SHA1 over all before the MKI, and the roll-over counter
   RTCP   header (8) | the rest, encrypted | E, index (32) | MKI | tag
   GCM    RTP: header | payload, encrypted | tag | MKI                RTCP: header | encrypted | tag | E, index | MKI */
#include "media/srtp_seal.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum { SALT_MAX = 14, AUTH_KEY_BYTES = 20, IV_BYTES = 16, GCM_IV_BYTES = 12, TRAILER_BYTES = 4, KEY_MAX = 32 };

struct seal {
    const struct sdes_suite *suite;
    EVP_CIPHER_CTX *cipher; /* NULL: NULL_HMAC */
    EVP_MAC_CTX *mac;       /* NULL: GCM */
    uint8_t salt[SALT_MAX];
    uint8_t tag_bytes;
    bool rtcp;
};

void secret_wipe(void *memory, size_t bytes)
{
    OPENSSL_cleanse(memory, bytes);
}

static const EVP_CIPHER *counter_of(size_t key_bytes)
{
    return key_bytes == 32 ? EVP_aes_256_ctr() : key_bytes == 24 ? EVP_aes_192_ctr() : EVP_aes_128_ctr();
}

/* RFC 3711 4.3.3: the key stream of the IV (label in its 8th byte, XOR salt), with a key derivation rate of 0. */
static bool derive(const uint8_t *key, size_t key_bytes, const uint8_t salt[SALT_MAX], uint8_t label, uint8_t *out, size_t length)
{
    uint8_t iv[IV_BYTES] = {0}, zeros[KEY_MAX] = {0};
    int made = 0;
    memcpy(iv, salt, SALT_MAX);
    iv[7] ^= label;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool good = context != NULL && EVP_EncryptInit_ex(context, counter_of(key_bytes), NULL, key, iv) > 0 &&
                EVP_EncryptUpdate(context, out, &made, zeros, (int)length) > 0;
    EVP_CIPHER_CTX_free(context);
    return good;
}

static bool mac_begin(struct seal *seal, const uint8_t key[AUTH_KEY_BYTES])
{
    char digest[] = "SHA1";
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    seal->mac = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    return seal->mac != NULL && EVP_MAC_init(seal->mac, key, AUTH_KEY_BYTES, parameters) > 0;
}

static bool cipher_begin(struct seal *seal, const uint8_t *key)
{
    bool gcm = seal->suite->cipher == SDES_GCM;
    const EVP_CIPHER *algorithm = !gcm ? counter_of(seal->suite->key_bytes) : seal->suite->key_bytes == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    seal->cipher = EVP_CIPHER_CTX_new();
    return seal->cipher != NULL && EVP_DecryptInit_ex(seal->cipher, algorithm, NULL, key, NULL) > 0;
}

/* Labels of RFC 3711 4.3.2: 0, 1, 2 for RTP; 3, 4, 5 for RTCP. */
static bool keys_make(struct seal *seal, const uint8_t *kdf_key, size_t kdf_bytes, const uint8_t kdf_salt[SALT_MAX])
{
    uint8_t label = seal->rtcp ? 3 : 0, key[KEY_MAX], auth[AUTH_KEY_BYTES];
    bool good = derive(kdf_key, kdf_bytes, kdf_salt, label, key, seal->suite->key_bytes) &&
                derive(kdf_key, kdf_bytes, kdf_salt, (uint8_t)(label + 1), auth, sizeof auth) &&
                derive(kdf_key, kdf_bytes, kdf_salt, (uint8_t)(label + 2), seal->salt, seal->suite->salt_bytes);
    good = good && (seal->suite->cipher == SDES_NULL || cipher_begin(seal, key)) && (seal->suite->cipher == SDES_GCM || mac_begin(seal, auth));
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(auth, sizeof auth);
    return good;
}

struct seal *seal_new(const struct sdes_suite *suite, const uint8_t *master, bool rtcp, bool old_192)
{
    uint8_t padded[KEY_MAX + SALT_MAX] = {0}; /* salts of 12 bytes are filled with zeros (RFC 7714 11) */
    struct seal *seal = suite->cipher == SDES_F8 ? NULL : calloc(1, sizeof *seal);
    if (seal == NULL)
        return NULL;
    seal->suite = suite;
    seal->rtcp = rtcp;
    seal->tag_bytes = rtcp ? suite->rtcp_tag_bytes : suite->tag_bytes;
    memcpy(padded, master, (size_t)suite->key_bytes + suite->salt_bytes);
    size_t kdf_bytes = old_192 ? 32 : suite->key_bytes;
    bool good = keys_make(seal, padded, kdf_bytes, padded + kdf_bytes);
    OPENSSL_cleanse(padded, sizeof padded);
    if (good)
        return seal;
    seal_free(seal);
    return NULL;
}

void seal_free(struct seal *seal)
{
    if (seal == NULL)
        return;
    EVP_CIPHER_CTX_free(seal->cipher);
    EVP_MAC_CTX_free(seal->mac);
    OPENSSL_cleanse(seal, sizeof *seal);
    free(seal);
}

size_t seal_payload_bytes(const struct seal *seal, const struct sealed *sealed)
{
    size_t around = sealed->header_bytes + seal->tag_bytes + (size_t)sealed->mki_bytes + (seal->rtcp ? TRAILER_BYTES : 0u);
    return sealed->bytes.len > around ? sealed->bytes.len - around : 0;
}

/* RFC 7714 8.1 and 9.1: 00 00 | SSRC | ROC, sequence (RTP) or 00 00, index (RTCP), XOR salt. RFC 3711 4.1.1: the same shifted, in 16 bytes. */
static void iv_make(const struct seal *seal, const struct sealed *sealed, uint8_t iv[IV_BYTES])
{
    bool gcm = seal->suite->cipher == SDES_GCM;
    size_t at = gcm ? 2 : 4;
    memset(iv, 0, IV_BYTES);
    memcpy(iv, seal->salt, seal->suite->salt_bytes);
    for (unsigned i = 0; i < 4; i++)
        iv[at + i] ^= (uint8_t)(sealed->ssrc >> (24 - 8 * i));
    for (unsigned i = 0; i < 6; i++)
        iv[at + 4 + i] ^= (uint8_t)(sealed->index >> (40 - 8 * i));
}

/* RTCP's additional data is its header, and E with the index; a packet that is not encrypted is all additional data (RFC 7714 9.3). */
static bool gcm_open(struct seal *seal, const struct sealed *sealed, uint8_t *out)
{
    uint8_t iv[IV_BYTES];
    int made = 0;
    size_t length = seal_payload_bytes(seal, sealed);
    const uint8_t *payload = sealed->bytes.data + sealed->header_bytes;
    void *tag = (void *)(uintptr_t)(payload + length);
    size_t covered = sealed->header_bytes + (sealed->clear ? length : 0u);
    iv_make(seal, sealed, iv);
    if (EVP_DecryptInit_ex(seal->cipher, NULL, NULL, NULL, iv) <= 0 || EVP_DecryptUpdate(seal->cipher, NULL, &made, sealed->bytes.data, (int)covered) <= 0)
        return false;
    const uint8_t *trailer = payload + length + seal->tag_bytes;
    if (seal->rtcp && EVP_DecryptUpdate(seal->cipher, NULL, &made, trailer, TRAILER_BYTES) <= 0)
        return false;
    if (EVP_CIPHER_CTX_ctrl(seal->cipher, EVP_CTRL_AEAD_SET_TAG, seal->tag_bytes, tag) <= 0)
        return false;
    if (sealed->clear)
        memcpy(out, payload, length);
    else if (EVP_DecryptUpdate(seal->cipher, out, &made, payload, (int)length) <= 0)
        return false;
    return EVP_DecryptFinal_ex(seal->cipher, out + length, &made) > 0;
}

bool seal_is_right(struct seal *seal, const struct sealed *sealed, uint8_t *out, bool *opened)
{
    uint8_t made[EVP_MAX_MD_SIZE];
    size_t length = 0, covered = sealed->bytes.len - seal->tag_bytes - sealed->mki_bytes;
    *opened = false;
    if (seal_payload_bytes(seal, sealed) == 0)
        return false;
    if (seal->mac == NULL)
        return *opened = gcm_open(seal, sealed, out);
    uint32_t counter = (uint32_t)(sealed->index >> 16);
    const uint8_t roc[4] = {(uint8_t)(counter >> 24), (uint8_t)(counter >> 16), (uint8_t)(counter >> 8), (uint8_t)counter};
    return EVP_MAC_init(seal->mac, NULL, 0, NULL) > 0 && EVP_MAC_update(seal->mac, sealed->bytes.data, covered) > 0 &&
           (seal->rtcp || EVP_MAC_update(seal->mac, roc, sizeof roc) > 0) && EVP_MAC_final(seal->mac, made, &length, sizeof made) > 0 &&
           CRYPTO_memcmp(made, sealed->bytes.data + sealed->bytes.len - seal->tag_bytes, seal->tag_bytes) == 0;
}

size_t seal_open(struct seal *seal, const struct sealed *sealed, uint8_t *out)
{
    uint8_t iv[IV_BYTES];
    int made = 0;
    size_t length = seal_payload_bytes(seal, sealed);
    const uint8_t *payload = sealed->bytes.data + sealed->header_bytes;
    if (seal->suite->cipher == SDES_GCM)
        return length; /* seal_is_right did it */
    if (seal->cipher == NULL || sealed->clear) {
        memcpy(out, payload, length);
        return length;
    }
    iv_make(seal, sealed, iv);
    if (EVP_DecryptInit_ex(seal->cipher, NULL, NULL, NULL, iv) <= 0 || EVP_DecryptUpdate(seal->cipher, out, &made, payload, (int)length) <= 0)
        return 0;
    return length;
}

/* SRTP's primitives against the RFCs' own key derivation vectors, and against libsrtp as an encrypter of its own making. What libsrtp gets
   wrong (keys of 192 bits, up to 2.7) is read too, and told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "media/srtp_seal.h"
#ifdef HAVE_LIBSRTP
#include <srtp2/srtp.h>
#endif

static void unhex(const char *text, uint8_t *out)
{
    for (; text[0] != '\0'; text += 2) {
        char pair[3] = {text[0], text[1], '\0'};
        *out++ = (uint8_t)strtoul(pair, NULL, 16);
    }
}

/* A packet that is sealed with given session keys, as RFC 3711 3.1 and 4.1.1 say. */
static size_t packet_seal(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t salt[14], const uint8_t auth[20], uint32_t roc, uint8_t *packet, size_t len)
{
    uint8_t iv[16] = {0}, clear[200], mac[20];
    unsigned mac_len;
    int n;
    memcpy(iv, salt, 14);
    for (int i = 0; i < 4; i++)
        iv[4 + i] ^= packet[8 + i];
    for (int i = 0; i < 4; i++)
        iv[8 + i] ^= (uint8_t)(roc >> (24 - 8 * i));
    iv[12] ^= packet[2];
    iv[13] ^= packet[3];
    memcpy(clear, packet + 12, len - 12);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, cipher, NULL, key, iv);
    EVP_EncryptUpdate(context, packet + 12, &n, clear, (int)len - 12);
    EVP_CIPHER_CTX_free(context);
    for (int i = 0; i < 4; i++)
        packet[len + (size_t)i] = (uint8_t)(roc >> (24 - 8 * i));
    HMAC(EVP_sha1(), auth, 20, packet, len + 4, mac, &mac_len);
    memcpy(packet + len, mac, 10);
    return len + 10;
}

static void check_vector(const char *suite, const char *master, const char *key, const char *salt, const char *auth, const EVP_CIPHER *cipher)
{
    uint8_t m[46], k[32], s[14], a[20], packet[200] = {0x80, 0, 0x12, 0x34, 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe}, out[200];
    unhex(master, m);
    unhex(key, k);
    unhex(salt, s);
    unhex(auth, a);
    memset(packet + 12, 0x5a, 100);
    size_t len = packet_seal(cipher, k, s, a, 7, packet, 112);
    struct seal *seal = seal_new(sdes_suite_find(slice_str(suite)), m, false, false);
    struct sealed sealed = {.bytes = slice_of(packet, len), .header_bytes = 12, .ssrc = 0xcafebabe, .index = 7 << 16 | 0x1234};
    bool opened;
    assert_true(seal_is_right(seal, &sealed, out, &opened));
    assert_int_equal(seal_open(seal, &sealed, out), 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(out[i], 0x5a);
    sealed.index += 1 << 16;
    assert_false(seal_is_right(seal, &sealed, out, &opened));
    seal_free(seal);
}

static void test_key_derivation_vectors(void **state)
{
    (void)state;
    /* RFC 3711 B.3 */
    check_vector("AES_CM_128_HMAC_SHA1_80", "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6", "c61e7a93744f39ee10734afe3ff7a087",
                 "30cbbc08863d8c85d49db34a9ae1", "cebe321f6ff7716b6fd4ab49af256a156d38baa4", EVP_aes_128_ctr());
    /* RFC 6188 7.1 and 7.2 */
    check_vector("AES_256_CM_HMAC_SHA1_80", "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b63b04803de51ee7c96423ab5b78d2",
                 "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4", "fa31791685ca444a9e07c6c64e93",
                 "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05", EVP_aes_256_ctr());
    check_vector("AES_CM_192_HMAC_SHA1_80", "73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1c8522f3acd4ce86d5add78edbb11",
                 "31874736a8f1143870c26e4857d8a5b2c4a354407faadabb", "2372b82d639b6d8503a47adc0a6c", "355b10973cd95b9eacf4061c7e1a7151e7cfbfcb",
                 EVP_aes_192_ctr());
}

static void test_short_and_strange_packets(void **state)
{
    (void)state;
    uint8_t master[46] = {1, 2, 3}, bytes[64] = {0x80}, out[64];
    static const char *const names[] = {"AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM", "NULL_HMAC_SHA1_32"};
    for (size_t s = 0; s < 3; s++)
        for (int rtcp = 0; rtcp < 2; rtcp++) {
            struct seal *seal = seal_new(sdes_suite_find(slice_str(names[s])), master, rtcp != 0, false);
            assert_non_null(seal);
            for (size_t len = 12; len <= sizeof bytes; len++) {
                struct sealed sealed = {.bytes = slice_of(bytes, len), .header_bytes = rtcp ? 8 : 12, .mki_bytes = (uint8_t)(len % 5)};
                bool opened;
                assert_false(seal_is_right(seal, &sealed, out, &opened));
            }
            seal_free(seal);
        }
    assert_null(seal_new(sdes_suite_find(slice_str("F8_128_HMAC_SHA1_80")), master, false, false));
    assert_null(sdes_suite_find(slice_str("AES_CM_128_HMAC_SHA1_81")));
}

static bool sdes_reads(const char *suite, const char *key, const char *parameters, struct sdes *sdes)
{
    struct sdp_crypto crypto = {slice_str("1"), slice_str(suite), slice_str(key), slice_str(parameters)};
    return sdes_parse(&crypto, sdes);
}

static void test_crypto_lines(void **state)
{
    (void)state;
    struct sdes sdes;
    assert_true(sdes_reads("aes_cm_128_hmac_sha1_80", "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|2^20|1:4", "KDR=0 UNENCRYPTED_SRTCP", &sdes));
    assert_int_equal(sdes.key_count, 1);
    assert_int_equal(sdes.keys[0].master[0], 0x5a);
    assert_int_equal(sdes.keys[0].master[29], 0x50);
    assert_int_equal(sdes.keys[0].mki_bytes, 4);
    assert_int_equal(sdes.keys[0].mki[SDES_MKI_MAX - 1], 1);
    assert_true(sdes.clear_rtcp && !sdes.clear_rtp && !sdes.unauthenticated);
    assert_true(sdes_reads("AES_CM_128_HMAC_SHA1_80", "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|65537:3;inline:" "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", &sdes));
    assert_int_equal(sdes.key_count, 2);
    assert_int_equal(sdes.keys[0].mki[SDES_MKI_MAX - 3], 1);
    assert_int_equal(sdes.keys[1].mki_bytes, 0);
    assert_true(sdes_reads("AES_256_CM_HMAC_SHA1_80", "inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdH", "", &sdes)); /* no padding */
    static const char *const bad[] = {"", "inline:", "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yx", "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQQQ",
                                      "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yx*", "inlin:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ",
                                      "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|1:0", "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|x:4",
                                      "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|1:129", "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|:4"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(sdes_reads("AES_CM_128_HMAC_SHA1_80", bad[i], "", &sdes));
    assert_false(sdes_reads("AES_CM_129_HMAC_SHA1_80", "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ", "", &sdes));
}

#ifdef HAVE_LIBSRTP
static const struct {
    const char *name;
    void (*set)(srtp_crypto_policy_t *policy);
    bool wrong_192;
} oracles[] = {
    {"AES_CM_128_HMAC_SHA1_80", srtp_crypto_policy_set_rtp_default, false},
    {"AES_CM_128_HMAC_SHA1_32", srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, false},
    {"AES_CM_192_HMAC_SHA1_80", srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80, true},
    {"AES_192_CM_HMAC_SHA1_32", srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32, true},
    {"AES_256_CM_HMAC_SHA1_80", srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, false},
    {"AES_CM_256_HMAC_SHA1_32", srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32, false},
    {"AEAD_AES_128_GCM", srtp_crypto_policy_set_aes_gcm_128_16_auth, false},
    {"AEAD_AES_256_GCM", srtp_crypto_policy_set_aes_gcm_256_16_auth, false},
};

static void rtcp_check(srtp_t session, struct seal *seal, const struct sdes_suite *suite, uint32_t index)
{
    uint8_t bytes[200] = {0x80, 200, 0, 6, 0xca, 0xfe, 0xba, 0xbe, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, plain[28], out[200];
    int len = 28;
    bool opened;
    memcpy(plain, bytes, 28);
    assert_int_equal(srtp_protect_rtcp(session, bytes, &len), srtp_err_status_ok);
    struct sealed sealed = {.bytes = slice_of(bytes, (size_t)len), .header_bytes = 8, .ssrc = 0xcafebabe, .index = index};
    assert_true(seal_is_right(seal, &sealed, out, &opened));
    assert_int_equal(seal_open(seal, &sealed, out), 20);
    assert_memory_equal(out, plain + 8, 20);
    assert_int_equal(len, 28 + 4 + suite->rtcp_tag_bytes);
}

/* A thousand packets of each suite, over a turn of the sequence number. */
static void test_against_libsrtp(void **state)
{
    (void)state;
    assert_int_equal(srtp_init(), srtp_err_status_ok);
    for (size_t o = 0; o < sizeof oracles / sizeof oracles[0]; o++) {
        const struct sdes_suite *suite = sdes_suite_find(slice_str(oracles[o].name));
        unsigned char master[64];
        srtp_policy_t policy;
        srtp_t session;
        memset(&policy, 0, sizeof policy);
        for (unsigned i = 0; i < sizeof master; i++)
            master[i] = (unsigned char)(i * 37 + o);
        oracles[o].set(&policy.rtp);
        oracles[o].set(&policy.rtcp);
        policy.rtcp.auth_tag_len = suite->rtcp_tag_bytes;
        policy.ssrc.type = ssrc_specific;
        policy.ssrc.value = 0xcafebabe;
        policy.key = master;
        assert_int_equal(srtp_create(&session, &policy), srtp_err_status_ok);
        struct seal *rtp = seal_new(suite, master, false, oracles[o].wrong_192), *other = seal_new(suite, master, false, !oracles[o].wrong_192);
        struct seal *rtcp = seal_new(suite, master, true, oracles[o].wrong_192);
        for (uint32_t i = 65000; i < 66000; i++) {
            uint8_t bytes[300] = {0x80, 0, (uint8_t)(i >> 8), (uint8_t)i, 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe}, out[300];
            int len = 172;
            bool opened;
            memset(bytes + 12, (int)(i % 251), 160);
            assert_int_equal(srtp_protect(session, bytes, &len), srtp_err_status_ok);
            struct sealed sealed = {.bytes = slice_of(bytes, (size_t)len), .header_bytes = 12, .ssrc = 0xcafebabe, .index = i};
            assert_true(seal_is_right(rtp, &sealed, out, &opened));
            assert_int_equal(seal_open(rtp, &sealed, out), 160);
            for (int b = 0; b < 160; b++)
                assert_int_equal(out[b], i % 251);
            if (suite->key_bytes == 24)
                assert_false(seal_is_right(other, &sealed, out, &opened));
        }
        rtcp_check(session, rtcp, suite, 1);
        rtcp_check(session, rtcp, suite, 2);
        seal_free(rtp);
        seal_free(other);
        seal_free(rtcp);
        srtp_dealloc(session);
    }
    srtp_shutdown();
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_derivation_vectors),
        cmocka_unit_test(test_short_and_strange_packets),
        cmocka_unit_test(test_crypto_lines),
#ifdef HAVE_LIBSRTP
        cmocka_unit_test(test_against_libsrtp),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

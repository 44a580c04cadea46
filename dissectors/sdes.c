/* a=crypto:<tag> <suite> inline:<key||salt in base64>[|lifetime][|MKI:length][;inline:...] [session parameters] */
#include "dissectors/sdes.h"

/* Both spellings of the suites with 192 and 256 bits: RFC 6188's, and its drafts', which trunks document too. SRTCP has a tag of 80 bits
   in all of them (RFC 4568 6.2). */
static const struct sdes_suite suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", SDES_CM, 16, 14, 10, 10}, {"AES_CM_128_HMAC_SHA1_32", SDES_CM, 16, 14, 4, 10},
    {"AES_192_CM_HMAC_SHA1_80", SDES_CM, 24, 14, 10, 10}, {"AES_192_CM_HMAC_SHA1_32", SDES_CM, 24, 14, 4, 10},
    {"AES_CM_192_HMAC_SHA1_80", SDES_CM, 24, 14, 10, 10}, {"AES_CM_192_HMAC_SHA1_32", SDES_CM, 24, 14, 4, 10},
    {"AES_256_CM_HMAC_SHA1_80", SDES_CM, 32, 14, 10, 10}, {"AES_256_CM_HMAC_SHA1_32", SDES_CM, 32, 14, 4, 10},
    {"AES_CM_256_HMAC_SHA1_80", SDES_CM, 32, 14, 10, 10}, {"AES_CM_256_HMAC_SHA1_32", SDES_CM, 32, 14, 4, 10},
    {"AEAD_AES_128_GCM", SDES_GCM, 16, 12, 16, 16},       {"AEAD_AES_256_GCM", SDES_GCM, 32, 12, 16, 16},
    {"AEAD_AES_128_GCM_8", SDES_GCM, 16, 12, 8, 8},       {"AEAD_AES_256_GCM_8", SDES_GCM, 32, 12, 8, 8},
    {"NULL_HMAC_SHA1_80", SDES_NULL, 16, 14, 10, 10},     {"NULL_HMAC_SHA1_32", SDES_NULL, 16, 14, 4, 10},
    {"F8_128_HMAC_SHA1_80", SDES_F8, 16, 14, 10, 10},
};

const struct sdes_suite *sdes_suite_find(struct slice name)
{
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        if (slice_is_nocase(name, suites[i].name))
            return &suites[i];
    return NULL;
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    return ascii_digit(c) ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool sdes_base64(struct slice text, uint8_t *out, size_t length)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t made = 0;
    while (text.len > 0 && text.data[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.data[i]);
        if (digit < 0 || (held >= 2 && made == length))
            return false;
        bits = (bits & 0xffff) << 6 | (uint32_t)digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[made++] = (uint8_t)(bits >> held);
        }
    }
    return made == length;
}

/* "1:4": a decimal number in so many bytes (RFC 4568 6.1). */
static bool mki_read(struct slice text, struct sdes_key *key)
{
    size_t colon = slice_find(text, 0, ':');
    struct slice value = slice_cut(text, 0, colon);
    uint64_t bytes;
    if (!slice_uint(slice_after(text, colon + 1), &bytes) || bytes == 0 || bytes > SDES_MKI_BYTES_MAX || value.len == 0)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        unsigned carry = (unsigned)(value.data[i] - '0');
        if (!ascii_digit(value.data[i]))
            return false;
        for (int at = SDES_MKI_MAX - 1; at >= 0; at--) {
            carry += key->mki[at] * 10u;
            key->mki[at] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    key->mki_bytes = (uint8_t)bytes;
    return true;
}

/* One "inline:..."; the field behind a bar is the MKI where it holds a colon, else the lifetime, which says nothing about how to read. */
static bool key_read(struct slice text, const struct sdes_suite *suite, struct sdes_key *key)
{
    if (!slice_starts_nocase(text, "inline:"))
        return false;
    text = slice_after(text, 7);
    size_t bar = slice_find(text, 0, '|');
    memset(key, 0, sizeof *key);
    if (!sdes_base64(slice_cut(text, 0, bar), key->master, (size_t)suite->key_bytes + suite->salt_bytes))
        return false;
    while (bar < text.len) {
        text = slice_after(text, bar + 1);
        bar = slice_find(text, 0, '|');
        struct slice part = slice_cut(text, 0, bar);
        if (slice_find(part, 0, ':') < part.len && !mki_read(part, key))
            return false;
    }
    return true;
}

static void parameters_read(struct slice text, struct sdes *sdes)
{
    while (text.len > 0) {
        size_t end = slice_find(text, 0, ' ');
        struct slice word = slice_cut(text, 0, end);
        sdes->clear_rtp = sdes->clear_rtp || slice_is_nocase(word, "UNENCRYPTED_SRTP");
        sdes->clear_rtcp = sdes->clear_rtcp || slice_is_nocase(word, "UNENCRYPTED_SRTCP");
        sdes->unauthenticated = sdes->unauthenticated || slice_is_nocase(word, "UNAUTHENTICATED_SRTP");
        text = slice_after(text, end + 1);
    }
}

bool sdes_parse(const struct sdp_crypto *crypto, struct sdes *sdes)
{
    struct slice rest = crypto->key_parameters;
    *sdes = (struct sdes){.suite = sdes_suite_find(crypto->suite)};
    if (sdes->suite == NULL)
        return false;
    while (rest.len > 0 && sdes->key_count < SDES_KEYS_MAX) {
        size_t end = slice_find(rest, 0, ';');
        if (key_read(slice_cut(rest, 0, end), sdes->suite, &sdes->keys[sdes->key_count]))
            sdes->key_count++;
        rest = slice_after(rest, end + 1);
    }
    parameters_read(crypto->session_parameters, sdes);
    return sdes->key_count > 0;
}

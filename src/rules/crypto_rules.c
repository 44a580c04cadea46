/* SRTP as session descriptions agree on it: SDES keys and suites (RFC 4568, RFC 6188, RFC 7714). */
#include "base/hash.h"
#include "rules/checking.h"

/* Key and salt of every suite that has a name, RFC 4568 6.2, RFC 6188 4, RFC 7714 14.2; both spellings of the 192 and 256 ones. */
static const struct {
    const char *name;
    unsigned bytes;
} known_suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", 30}, {"AES_CM_128_HMAC_SHA1_32", 30}, {"F8_128_HMAC_SHA1_80", 30},
    {"AES_192_CM_HMAC_SHA1_80", 38}, {"AES_192_CM_HMAC_SHA1_32", 38}, {"AES_CM_192_HMAC_SHA1_80", 38},
    {"AES_CM_192_HMAC_SHA1_32", 38}, {"AES_256_CM_HMAC_SHA1_80", 46}, {"AES_256_CM_HMAC_SHA1_32", 46},
    {"AES_CM_256_HMAC_SHA1_80", 46}, {"AES_CM_256_HMAC_SHA1_32", 46}, {"AEAD_AES_128_GCM", 28},
    {"AEAD_AES_256_GCM", 44},
};

static unsigned suite_bytes(struct slice name)
{
    for (size_t i = 0; i < sizeof known_suites / sizeof known_suites[0]; i++)
        if (slice_is_nocase(name, known_suites[i].name))
            return known_suites[i].bytes;
    return 0;
}

static bool is_savp(const struct sdp_media *media)
{
    return slice_starts_nocase(media->protocol, "RTP/SAVP");
}

static bool is_dtls(const struct sdp_media *media)
{
    return slice_starts_nocase(media->protocol, "UDP/TLS/") || media->fingerprint.len > 0;
}

static bool is_live(const struct sdp_media *media)
{
    return media->endpoint.port != 0 && slice_is_nocase(media->kind, "audio");
}

/* Bytes that a base64 text stands for; 0: it is none. */
static size_t base64_bytes(struct slice text)
{
    size_t padding = 0;
    while (text.len > 0 && text.data[text.len - 1] == '=') {
        text.len--;
        padding++;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (!ascii_digit(c) && c != '+' && c != '/' && !(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'))
            return 0;
    }
    return padding > 2 ? 0 : text.len * 3 / 4;
}

/* inline:<key>|<lifetime>|<MKI>:<length>, RFC 4568 6.1. */
static void key_identifier(struct checking *checking, const struct sdp_crypto *crypto)
{
    struct slice key = crypto->key_parameters;
    size_t bar = slice_find(key, 0, '|');
    if (checking->profile->mki_refused && slice_find(key, bar, ':') < key.len)
        found(checking, RULE_MKI, slice_cut(crypto->suite, 0, 64), "the key of %.*s has an MKI", WORDS(crypto->suite));
}

static unsigned profile_bytes(const struct profile *profile, struct slice name)
{
    for (size_t i = 0; i < profile->suite_count; i++)
        if (slice_equal_nocase(profile->suites[i].name, name))
            return profile->suites[i].key_bytes;
    return 0;
}

static void key_length(struct checking *checking, const struct sdp_crypto *crypto)
{
    unsigned known = suite_bytes(crypto->suite), wanted = known != 0 ? known : profile_bytes(checking->profile, crypto->suite);
    struct slice key = crypto->key_parameters;
    if (wanted == 0 || !slice_starts_nocase(key, "inline:"))
        return;
    key = slice_after(key, 7);
    key = slice_cut(key, 0, slice_find(key, 0, '|'));
    size_t bytes = base64_bytes(key);
    if (bytes != wanted) /* the key itself is never shown */
        found(checking, RULE_KEY_LENGTH, slice_cut(crypto->suite, 0, 64), "the key of %.*s has %zu bytes, %u are asked for", WORDS(crypto->suite), bytes,
              wanted);
}

static const struct profile_suite *suite_find(const struct profile *profile, struct slice name, bool *alias)
{
    *alias = false;
    for (size_t i = 0; i < profile->suite_count; i++) {
        if (slice_equal_nocase(profile->suites[i].name, name))
            return &profile->suites[i];
        for (size_t a = 0; a < 4 && profile->suites[i].aliases[a].len > 0; a++)
            if (slice_equal_nocase(profile->suites[i].aliases[a], name)) {
                *alias = true;
                return &profile->suites[i];
            }
    }
    return NULL;
}

/* The suites of a line against the trunk's. */
static void suites_compare(struct checking *checking, const struct sdp_media *media)
{
    struct text extra = {0};
    unsigned good = 0;
    for (unsigned i = 0; i < media->crypto_count; i++) {
        struct slice name = slice_cut(media->crypto[i].suite, 0, 64);
        bool alias;
        const struct profile_suite *suite = suite_find(checking->profile, name, &alias);
        good += suite != NULL;
        if (suite == NULL) {
            text_str(&extra, extra.len > 0 ? ", " : "");
            text_slice(&extra, name);
        } else if (alias) {
            found(checking, RULE_SUITE_ALIAS, name, "%.*s is the trunk's %.*s", WORDS(name), WORDS(suite->name));
        }
    }
    struct slice list = slice_of(extra.data, extra.len);
    if (good == 0)
        found(checking, RULE_NO_SUITE, slice_str("crypto"), "only %.*s offered", WORDS(list));
    else if (extra.len > 0)
        found(checking, RULE_EXTRA_SUITE, slice_str("crypto"), "%.*s offered too", WORDS(list));
    text_fini(&extra);
}

static void trunk_crypto(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    const struct profile *profile = checking->profile;
    const char *encryption = checking->site == NULL ? NULL : checking->site->encryption;
    for (unsigned m = 0; m < sdp->media_count; m++) {
        const struct sdp_media *media = &sdp->media[m];
        if (!is_live(media))
            continue;
        bool secure = is_savp(media) || is_dtls(media);
        if (!secure && encryption != NULL && strcmp(encryption, "on") == 0)
            found(checking, RULE_PLAIN_RTP_OFFER, slice_cut(media->protocol, 0, 32), "m=audio is %.*s, while the site says that encryption is on",
                  WORDS(media->protocol));
        else if (!secure && profile->srtp_always)
            found(checking, RULE_SECURE_REQUIRED, slice_cut(media->protocol, 0, 32), "m=audio is %.*s; %.*s takes SRTP only", WORDS(media->protocol),
                  WORDS(profile->name));
        if (secure && encryption != NULL && strcmp(encryption, "off") == 0)
            found(checking, RULE_SAVP_OFF, slice_cut(media->protocol, 0, 32), "m=audio is %.*s, while the site says that encryption is off",
                  WORDS(media->protocol));
        if (is_savp(media) && media->crypto_count == 0 && profile->srtp_sdes && !(profile->srtp_dtls && is_dtls(media)))
            found(checking, RULE_CRYPTO_MISSING, slice_str("crypto"), "m=audio is %.*s and has no a=crypto%s", WORDS(media->protocol),
                  media->fingerprint.len > 0 ? " (only a=fingerprint, DTLS-SRTP)" : "");
        if (media->crypto_count > 0 && profile->suites_common_min > 0)
            suites_compare(checking, media);
    }
}

/* What the trunk itself leads with. */
static void trunk_offer(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    for (unsigned m = 0; m < sdp->media_count; m++) {
        const struct sdp_media *media = &sdp->media[m];
        bool any = false, alias;
        for (unsigned i = 0; i < media->crypto_count; i++)
            any = any || suite_find(checking->profile, media->crypto[i].suite, &alias) != NULL;
        if (!checking->seen->answer && is_live(media) && media->crypto_count > 0 && checking->profile->suites_common_min > 0 && !any)
            found(checking, RULE_DEFAULT_ORDER, slice_str("crypto"), "the first suite that the trunk offers is %.*s", WORDS(slice_cut(media->crypto[0].suite, 0, 64)));
    }
}

static uint32_t line_hash(const struct checking *checking, const struct sdp_crypto *crypto)
{
    return (uint32_t)(hash_bytes(hash_bytes(checking->vetting->config.hash_seed, crypto->tag), crypto->suite) >> 32);
}

/* Of all descriptions: a proxy on the way may offer with keys and tags of its own. */
static void suite_keep(struct suites *side, uint32_t mark)
{
    for (unsigned i = 0; i < side->count; i++)
        if (side->marks[i] == mark)
            return;
    if (side->count < CRYPTO_KEPT)
        side->marks[side->count++] = mark;
}

/* An answer has one line, and it is one of the offer's (RFC 4568 5.1.3). */
static void answer_crypto(struct checking *checking, const struct suites *offer, const struct sdp_media *media)
{
    if (media->crypto_count > 1) {
        found(checking, RULE_ANSWER_SUITE, slice_str("crypto"), "the answer has %u a=crypto lines", media->crypto_count);
        return;
    }
    if (offer->count == 0 || offer->count >= CRYPTO_KEPT)
        return; /* not captured, or not all kept */
    for (unsigned i = 0; i < offer->count; i++)
        if (offer->marks[i] == line_hash(checking, &media->crypto[0]))
            return;
    found(checking, RULE_ANSWER_SUITE, slice_str("crypto"), "the answer takes tag %.*s with %.*s, which was not offered", WORDS(media->crypto[0].tag),
          WORDS(media->crypto[0].suite));
}

static bool has_crypto(const struct sdp *sdp)
{
    for (unsigned m = 0; m < sdp->media_count; m++)
        if (sdp->media[m].crypto_count > 0)
            return true;
    return false;
}

static void crypto_lines(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    if (!has_crypto(sdp))
        return;
    struct descriptions *descriptions = checking->vetted == NULL ? NULL : descriptions_of(checking->vetting, checking->vetted);
    struct suites *both = descriptions == NULL ? NULL : suites_make(checking->vetting, descriptions);
    unsigned own = checking->seen->by_caller ? 0 : 1;
    bool clear = !checking->sighting->decrypted && checking->sighting->transport != TRANSPORT_TLS && checking->sighting->transport != TRANSPORT_WSS;
    for (unsigned m = 0; m < sdp->media_count; m++) {
        const struct sdp_media *media = &sdp->media[m];
        for (unsigned i = 0; i < media->crypto_count; i++) {
            key_length(checking, &media->crypto[i]);
            if (checking->when & WHEN_FROM_CUSTOMER)
                key_identifier(checking, &media->crypto[i]);
            if (both != NULL)
                suite_keep(&both[own], line_hash(checking, &media->crypto[i]));
        }
        if (checking->seen->answer && both != NULL && media->crypto_count > 0 && media->endpoint.port != 0)
            answer_crypto(checking, &both[1 - own], media);
    }
    if (clear)
        found(checking, RULE_KEY_IN_CLEAR, slice_str("crypto"), "a=crypto stands in a message over %s without encryption",
              transport_name(checking->sighting->transport));
}

static const struct check rows[] = {
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_CUSTOMER, trunk_crypto},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_TRUNK, trunk_offer},
    {WHEN_SDP | WHEN_FRESH, crypto_lines},
};

const struct check_list crypto_checks = {rows, sizeof rows / sizeof rows[0]};

/* Keys and suites of SRTP as a=crypto carries them (RFC 4568, 6188, 7714). What it reads is secret: wipe it after use. */
#ifndef DISSECTORS_SDES_H
#define DISSECTORS_SDES_H

#include "dissectors/sdp.h"

enum sdes_cipher { SDES_CM, SDES_GCM, SDES_NULL, SDES_F8 /* named, not read */ };

struct sdes_suite {
    const char *name;
    uint8_t cipher; /* enum sdes_cipher */
    uint8_t key_bytes, salt_bytes;
    uint8_t tag_bytes, rtcp_tag_bytes;
};

enum { SDES_KEYS_MAX = 4, SDES_MASTER_MAX = 46, SDES_MKI_MAX = 16, SDES_MKI_BYTES_MAX = 128 };

/* One inline: part. */
struct sdes_key {
    uint8_t master[SDES_MASTER_MAX]; /* key, then salt */
    uint8_t mki[SDES_MKI_MAX];       /* its last bytes, right-aligned; those before them are 0 */
    uint8_t mki_bytes;               /* in each packet; 0: none */
};

struct sdes {
    const struct sdes_suite *suite;
    unsigned key_count;
    bool clear_rtp, clear_rtcp, unauthenticated; /* UNENCRYPTED_SRTP, UNENCRYPTED_SRTCP, UNAUTHENTICATED_SRTP */
    struct sdes_key keys[SDES_KEYS_MAX];
};

/* The suite of that name, in any spelling that is in use; NULL. */
const struct sdes_suite *sdes_suite_find(struct slice name);

/* False where the suite is not known or no key reads with its length. */
bool sdes_parse(const struct sdp_crypto *crypto, struct sdes *sdes);

/* The bytes that a base64 text stands for, with or without padding; false unless there are exactly `length`. */
bool sdes_base64(struct slice text, uint8_t *out, size_t length);

#endif

/* A stream's key is the one that authenticates its packets, among all that the sender's side described in the call: the offer's lines, the
   answer's of each fork, those of later offers and answers. The roll-over counter is not in the packets (RFC 3711 3.3.1): it is guessed
   from the sequence, and searched for where the capture begins in the middle of a stream. */
#include "media/decrypt.h"

#include <stdlib.h>

#include "dissectors/sdes.h"
#include "media/audio.h"
#include "media/digits.h"
#include "media/srtp_seal.h"

enum {
    KEYS_MAX = 32,        /* of a session; the oldest go */
    ROC_SEARCH = 16,      /* a call of 5 hours at 50 packets a second */
    ROC_AHEAD = 4,        /* that may have passed in a hole of the capture */
    FAILURES_FULL = 32,   /* packets that no key opens, before only one of FAILURES_STEP is tried with all keys */
    FAILURES_STEP = 64,
    RTCP_HEADER_BYTES = 8,
    PACKET_MAX = 1 << 16
};

enum { VARIANT_OLD_192 = 1, VARIANT_NO_MKI = 2, VARIANTS = 4 };

struct media_key {
    const struct sdes_suite *suite;
    struct sdes_key master;
    struct seal *seals[2][2];   /* by old_192 and rtcp; made when first used */
    uint32_t serial;            /* never used again in the session */
    uint16_t suite_name;        /* as the description spells it */
    uint8_t side;
    bool clear_rtp, clear_rtcp;
};

struct keyring {
    struct media_key *keys[KEYS_MAX]; /* the newest last */
    unsigned count;
    uint32_t serial;
};

struct unsealed {
    uint32_t key;               /* serial of the one that was right last; 0: none yet */
    uint32_t roc;
    uint16_t highest;           /* sequence number */
    uint8_t variant;
    uint16_t suite_name;
    bool cut;                   /* packets were cut by the snap length */
    uint32_t failures_in_row;
    uint64_t authenticated, failures;
};

/* ---- keys ---- */

static void key_free(struct media_key *key)
{
    for (unsigned i = 0; i < 4; i++)
        seal_free(key->seals[i / 2][i % 2]);
    secret_wipe(key, sizeof *key);
    free(key);
}

void keyring_free(struct media *media, struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    media->heap_bytes -= sizeof *keyring + keyring->count * sizeof(struct media_key);
    for (unsigned i = 0; i < keyring->count; i++)
        key_free(keyring->keys[i]);
    free(keyring);
}

/* A description that is repeated: the key goes on (RFC 3264 8), and is the newest again. */
static bool key_known(struct keyring *keyring, const struct media_key *key)
{
    for (unsigned i = 0; i < keyring->count; i++) {
        struct media_key *known = keyring->keys[i];
        if (known->side != key->side || known->suite != key->suite || memcmp(&known->master, &key->master, sizeof key->master) != 0)
            continue;
        memmove(keyring->keys + i, keyring->keys + i + 1, (keyring->count - i - 1) * sizeof known);
        keyring->keys[keyring->count - 1] = known;
        return true;
    }
    return false;
}

static void key_add(struct media *media, struct keyring *keyring, const struct media_key *key)
{
    if (key_known(keyring, key))
        return;
    if (keyring->count == KEYS_MAX) {
        key_free(keyring->keys[0]);
        memmove(keyring->keys, keyring->keys + 1, --keyring->count * sizeof keyring->keys[0]);
        media->heap_bytes -= sizeof *key;
    }
    struct media_key *kept = malloc(sizeof *kept);
    if (kept == NULL)
        return;
    *kept = *key;
    kept->serial = ++keyring->serial;
    keyring->keys[keyring->count++] = kept;
    media->heap_bytes += sizeof *kept;
}

static struct keyring *keyring_of(struct media *media, struct session *session)
{
    if (session->keyring == NULL && (session->keyring = calloc(1, sizeof *session->keyring)) != NULL)
        media->heap_bytes += sizeof *session->keyring;
    return session->keyring;
}

void media_key_agreed(struct media *media, const struct endpoint *src, const struct endpoint *dst, struct slice suite, const uint8_t *master)
{
    uint32_t from = port_find(media, src), to = port_find(media, dst);
    bool sender = from != POOL_NONE && port_at(media, from)->session != SESSION_NONE;
    if (!sender && (to == POOL_NONE || port_at(media, to)->session == SESSION_NONE))
        return; /* of no call that is known */
    const struct port *port = port_at(media, sender ? from : to);
    struct media_key key = {.suite = sdes_suite_find(suite), .side = sender ? port->side : (uint8_t)!port->side,
                            .suite_name = intern_number(&media->intern, suite)};
    struct keyring *keyring = key.suite == NULL ? NULL : keyring_of(media, session_at(media, port->session));
    if (keyring == NULL)
        return;
    memcpy(key.master.master, master, (size_t)key.suite->key_bytes + key.suite->salt_bytes);
    key_add(media, keyring, &key);
    secret_wipe(&key, sizeof key);
}

void keyring_take(struct media *media, struct session *session, uint8_t side, const struct sdp_media *line)
{
    struct sdes sdes;
    for (unsigned i = 0; i < line->crypto_count; i++) {
        if (!sdes_parse(&line->crypto[i], &sdes) || sdes.suite->cipher == SDES_F8)
            continue;
        if (keyring_of(media, session) == NULL)
            break;
        for (unsigned k = 0; k < sdes.key_count; k++) {
            struct media_key key = {.suite = sdes.suite, .master = sdes.keys[k], .side = side, .clear_rtp = sdes.clear_rtp, .clear_rtcp = sdes.clear_rtcp,
                                    .suite_name = intern_number(&media->intern, line->crypto[i].suite)};
            key_add(media, session->keyring, &key);
            secret_wipe(&key, sizeof key);
        }
    }
    secret_wipe(&sdes, sizeof sdes);
}

static struct seal *seal_of(struct media_key *key, unsigned variant, bool rtcp)
{
    bool old = (variant & VARIANT_OLD_192) != 0;
    struct seal **seal = &key->seals[old][rtcp];
    if (*seal == NULL)
        *seal = seal_new(key->suite, key->master.master, rtcp, old);
    return *seal;
}

/* Ways to read packets of a key that differ from what its line says: only where they can matter. */
static bool variant_applies(const struct media_key *key, unsigned variant)
{
    return (!(variant & VARIANT_OLD_192) || key->suite->key_bytes == 24) && (!(variant & VARIANT_NO_MKI) || key->master.mki_bytes > 0);
}

/* ---- RTP ---- */

bool decrypt_on(const struct media *media, const struct detail *detail)
{
    return detail->suite != INTERN_NONE && detail->session != SESSION_NONE && session_at(media, detail->session)->keyring != NULL;
}

bool decrypt_read(const struct media *media, const struct detail *detail, const struct rtp_header *header)
{
    return detail->suite == INTERN_NONE || (media->opened != NULL && header->payload.data == media->opened);
}

static bool opened_ready(struct media *media)
{
    if (media->opened == NULL)
        media->opened = malloc(PACKET_MAX);
    return media->opened != NULL;
}

struct attempt {
    struct media *media;
    struct sealed sealed;
    uint16_t sequence;
    struct seal *seal;  /* the right one */
    bool opened;
    bool early;         /* the sender has said no key yet */
};

static bool attempt_try(struct attempt *attempt, struct media_key *key, unsigned variant, uint32_t roc)
{
    struct seal *seal = seal_of(key, variant, false);
    attempt->sealed.mki_bytes = variant & VARIANT_NO_MKI ? 0 : key->master.mki_bytes;
    attempt->sealed.clear = key->clear_rtp;
    attempt->sealed.index = (uint64_t)roc << 16 | attempt->sequence;
    if (seal == NULL || !seal_is_right(seal, &attempt->sealed, attempt->media->opened, &attempt->opened))
        return false;
    attempt->seal = seal;
    return true;
}

/* RFC 3711 3.3.1: the counter that brings the sequence number nearest to the highest one. */
static uint32_t roc_guess(const struct unsealed *unsealed, uint16_t sequence)
{
    if (unsealed->highest < 0x8000)
        return sequence - unsealed->highest > 0x8000 ? unsealed->roc - 1 : unsealed->roc;
    return unsealed->highest - 0x8000 > sequence ? unsealed->roc + 1 : unsealed->roc;
}

static void right_keep(struct unsealed *unsealed, const struct media_key *key, unsigned variant, uint32_t roc, uint16_t sequence)
{
    uint64_t before = (uint64_t)unsealed->roc << 16 | unsealed->highest, now = (uint64_t)roc << 16 | sequence;
    if (unsealed->key != key->serial || now > before) {
        unsealed->roc = roc;
        unsealed->highest = sequence;
    }
    unsealed->key = key->serial;
    unsealed->variant = (uint8_t)variant;
    unsealed->suite_name = key->suite_name;
    unsealed->authenticated++;
    unsealed->failures_in_row = 0;
}

/* One key with all counters that are worth it. */
static bool key_search(struct attempt *attempt, struct unsealed *unsealed, struct media_key *key)
{
    uint32_t guess = unsealed->key == 0 ? 0 : roc_guess(unsealed, attempt->sequence);
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        if (!variant_applies(key, variant))
            continue;
        for (uint32_t i = 0; i < ROC_SEARCH + ROC_AHEAD; i++) {
            uint32_t roc = i < ROC_AHEAD ? guess + i : i - ROC_AHEAD;
            if (attempt_try(attempt, key, variant, roc)) {
                right_keep(unsealed, key, variant, roc, attempt->sequence);
                return true;
            }
        }
    }
    return false;
}

/* The key of the packet before, else any of the sender's, the newest first. */
static bool ring_search(struct attempt *attempt, struct unsealed *unsealed, struct keyring *keyring, uint8_t side)
{
    bool any = false;
    for (unsigned i = keyring->count; i > 0; i--) {
        struct media_key *key = keyring->keys[i - 1];
        uint32_t roc = roc_guess(unsealed, attempt->sequence);
        any = any || key->side == side;
        if (key->serial == unsealed->key && attempt_try(attempt, key, unsealed->variant, roc)) {
            right_keep(unsealed, key, unsealed->variant, roc, attempt->sequence);
            return true;
        }
    }
    if (!any) { /* early media: its key comes with the answer */
        attempt->early = true;
        return false;
    }
    bool full = unsealed->failures_in_row < FAILURES_FULL || unsealed->failures_in_row % FAILURES_STEP == 0;
    for (unsigned i = keyring->count; i > 0 && full; i--)
        if (keyring->keys[i - 1]->side == side && key_search(attempt, unsealed, keyring->keys[i - 1]))
            return true;
    unsealed->failures++;
    unsealed->failures_in_row++;
    return false;
}

static struct unsealed *unsealed_of(struct media *media, struct detail *detail)
{
    if (detail->unsealed == NULL && (detail->unsealed = calloc(1, sizeof *detail->unsealed)) != NULL)
        media->heap_bytes += sizeof *detail->unsealed;
    return detail->unsealed;
}

void decrypt_free(struct media *media, struct unsealed *unsealed)
{
    if (unsealed == NULL)
        return;
    media->heap_bytes -= sizeof *unsealed;
    free(unsealed);
}

/* The padding is inside of what is encrypted (RFC 3711 3.1). */
static struct slice padding_take(const struct media_packet *packet, struct slice payload)
{
    size_t padding = packet->bytes[0] & 0x20 && payload.len > 0 ? payload.data[payload.len - 1] : 0;
    return padding > payload.len ? payload : slice_cut(payload, 0, payload.len - padding);
}

static struct attempt attempt_of(struct media *media, const struct media_packet *packet, const struct rtp_header *header)
{
    return (struct attempt){.media = media,
                            .sealed = {.bytes = slice_of(packet->bytes, packet->len),
                                       .header_bytes = (uint32_t)(header->payload.data - packet->bytes),
                                       .ssrc = header->ssrc},
                            .sequence = header->sequence};
}

void decrypt_keep(struct media *media, uint32_t number, const struct media_packet *packet)
{
    if (packet->len > EARLY_BYTES || packet->len < packet->wire_len)
        return;
    struct early_packet *early = &media->early[media->early_next++ % EARLY_PACKETS];
    early->time_ns = packet->time_ns;
    early->frame = packet->frame;
    early->stream = number;
    early->id = detail_at(media, number)->id;
    early->len = (uint16_t)packet->len;
    memcpy(early->bytes, packet->bytes, packet->len);
}

void decrypt_drop_newest(struct media *media, uint32_t number)
{
    struct early_packet *early = &media->early[(media->early_next - 1) % EARLY_PACKETS];
    if (early->stream == number && early->id == detail_at(media, number)->id)
        early->id = 0;
}

/* The stream's key is known now: its packets that came before are checked, and what they pressed is read. */
static void early_replay(struct media *media, uint32_t number, struct keyring *keyring)
{
    struct detail *detail = detail_at(media, number);
    for (unsigned i = 0; i < EARLY_PACKETS; i++) {
        struct early_packet *early = &media->early[(media->early_next + i) % EARLY_PACKETS];
        if (early->id == 0 || early->stream != number || early->id != detail->id)
            continue;
        struct media_packet packet = {.time_ns = early->time_ns, .frame = early->frame, .src = &detail->src, .dst = &detail->dst,
                                      .bytes = early->bytes, .len = early->len, .wire_len = early->len};
        struct rtp_header header;
        early->id = 0;
        if (!rtp_parse(slice_of(early->bytes, early->len), &header))
            continue;
        struct attempt attempt = attempt_of(media, &packet, &header);
        if (!ring_search(&attempt, detail->unsealed, keyring, (uint8_t)!detail->toward))
            continue;
        header.payload = padding_take(&packet, slice_of(media->opened, seal_open(attempt.seal, &attempt.sealed, media->opened)));
        digits_see(media, number, &packet, &header);
        audio_hear(media, number, &packet, &header);
    }
}

/* What is kept is checked in front of the first packet that is right, which is opened again behind them. */
static bool packet_right(struct attempt *attempt, uint32_t number, struct keyring *keyring)
{
    struct detail *detail = detail_at(attempt->media, number);
    struct unsealed *unsealed = detail->unsealed;
    if (!ring_search(attempt, unsealed, keyring, (uint8_t)!detail->toward))
        return false;
    if (unsealed->authenticated > 1)
        return true;
    struct seal *seal = attempt->seal;
    struct sealed sealed = attempt->sealed;
    early_replay(attempt->media, number, keyring);
    attempt->seal = seal;
    attempt->sealed = sealed;
    return seal_is_right(seal, &sealed, attempt->media->opened, &attempt->opened);
}

void decrypt_rtp(struct media *media, uint32_t number, const struct media_packet *packet, struct rtp_header *header, bool wanted)
{
    struct detail *detail = detail_at(media, number);
    struct unsealed *unsealed = unsealed_of(media, detail);
    if (unsealed == NULL || !opened_ready(media) || packet->len > PACKET_MAX)
        return;
    if (packet->len < packet->wire_len) {
        unsealed->cut = true;
        return;
    }
    struct attempt attempt = attempt_of(media, packet, header);
    if (!packet_right(&attempt, number, session_at(media, detail->session)->keyring)) {
        if (attempt.early)
            decrypt_keep(media, number, packet);
        return;
    }
    size_t length = seal_payload_bytes(attempt.seal, &attempt.sealed);
    header->payload = slice_of(header->payload.data, length);
    if (attempt.opened || wanted || length == 4) { /* four bytes may be a telephone event */
        length = seal_open(attempt.seal, &attempt.sealed, media->opened);
        header->payload = padding_take(packet, slice_of(media->opened, length));
        header->bad_padding = false;
    }
}

void decrypt_first(struct media *media, uint32_t number, const struct media_packet *packet, struct rtp_header *header)
{
    decrypt_rtp(media, number, packet, header, true);
    if (decrypt_read(media, detail_at(media, number), header))
        digits_see(media, number, packet, header);
    audio_hear(media, number, packet, header);
    stream_at(media, number)->payload_type = STREAM_SLOW; /* the next one is checked too */
}

void decrypt_forget(struct media *media)
{
    if (media->opened != NULL)
        secret_wipe(media->opened, PACKET_MAX);
    free(media->opened);
    media->opened = NULL;
}

/* ---- RTCP ---- */

/* The session of an endpoint that media or its reports come from or go to: the port of reports is the one above (RFC 3550 11). */
static struct session *session_near(const struct media *media, struct endpoint endpoint)
{
    for (unsigned i = 0; i < 2; i++, endpoint.port--) {
        uint32_t number = port_find(media, &endpoint);
        if (number != POOL_NONE && port_at(media, number)->session != SESSION_NONE)
            return session_at(media, port_at(media, number)->session);
    }
    return NULL;
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* RFC 3711 3.4: the index is in the packet, and whether it is encrypted. */
static size_t rtcp_try(struct media *media, struct media_key *key, unsigned variant, struct slice bytes)
{
    struct seal *seal = seal_of(key, variant, true);
    bool opened, gcm = key->suite->cipher == SDES_GCM;
    struct sealed sealed = {.bytes = bytes, .header_bytes = RTCP_HEADER_BYTES, .ssrc = be32(bytes.data + 4),
                            .mki_bytes = variant & VARIANT_NO_MKI ? 0 : key->master.mki_bytes};
    if (seal == NULL || seal_payload_bytes(seal, &sealed) == 0)
        return 0;
    size_t behind = sealed.mki_bytes + (gcm ? 0u : key->suite->rtcp_tag_bytes);
    uint32_t trailer = be32(bytes.data + bytes.len - behind - 4);
    sealed.index = trailer & 0x7fffffff;
    sealed.clear = trailer >> 31 == 0;
    if (!seal_is_right(seal, &sealed, media->opened + RTCP_HEADER_BYTES, &opened))
        return 0;
    return seal_open(seal, &sealed, media->opened + RTCP_HEADER_BYTES);
}

struct slice decrypt_rtcp(struct media *media, const struct sighting *sighting, struct slice bytes)
{
    struct session *session = session_near(media, sighting->dst);
    if (session == NULL)
        session = session_near(media, sighting->src);
    if (session == NULL || session->keyring == NULL || bytes.len > PACKET_MAX || bytes.len < RTCP_HEADER_BYTES || !opened_ready(media))
        return SLICE_NONE;
    for (unsigned i = session->keyring->count; i > 0; i--)
        for (unsigned variant = 0; variant < VARIANTS; variant++) {
            struct media_key *key = session->keyring->keys[i - 1];
            size_t length = variant_applies(key, variant) ? rtcp_try(media, key, variant, bytes) : 0;
            if (length > 0) {
                memcpy(media->opened, bytes.data, RTCP_HEADER_BYTES);
                return slice_of(media->opened, RTCP_HEADER_BYTES + length);
            }
        }
    return SLICE_NONE;
}

/* ---- what is said ---- */

static const char *why_not(const struct media *media, const struct detail *detail)
{
    const struct unsealed *unsealed = detail->unsealed;
    if (unsealed != NULL && unsealed->authenticated > 0)
        return unsealed->failures > 0 ? "Some packets have no valid tag under any key of the call's descriptions." : "";
    struct slice suite = intern_text(&media->intern, detail->suite);
    if (unsealed != NULL && unsealed->cut)
        return "Its packets are cut by the snap length.";
    if (unsealed != NULL && unsealed->failures > 0)
        return "No key of the call's descriptions is right: the tags of its packets are not valid.";
    if (slice_is(suite, "DTLS-SRTP"))
        return "Its keys are agreed by DTLS in the media path: a key log of the handshake would open it.";
    const struct sdes_suite *known = sdes_suite_find(suite);
    if (known != NULL && known->cipher == SDES_F8)
        return "Its suite is not one that is decrypted.";
    return "No description with its sender's key was captured.";
}

void decrypt_describe(const struct media *media, const struct detail *detail, struct stream_srtp *srtp)
{
    const struct unsealed *unsealed = detail->unsealed;
    bool right = unsealed != NULL && unsealed->authenticated > 0;
    *srtp = (struct stream_srtp){.suite = intern_text(&media->intern, right ? unsealed->suite_name : detail->suite),
                                 .decrypted = right,
                                 .authenticated = unsealed == NULL ? 0 : unsealed->authenticated,
                                 .auth_failures = unsealed == NULL ? 0 : unsealed->failures,
                                 .why = slice_str(why_not(media, detail)),
                                 .note = right && unsealed->variant & VARIANT_OLD_192
                                             ? slice_str("Its 192-bit keys are derived as libsrtp did up to 2.7, not as RFC 6188 3 says: a "
                                                         "receiver that obeys the RFC hears nothing.")
                                             : SLICE_NONE};
}

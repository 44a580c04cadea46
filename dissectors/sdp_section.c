/* Media lines and attributes (RFC 8866 5.14 and 6; RFC 3551 for the static payload types). */
#include "dissectors/sdp_section.h"

#include <stddef.h>

enum { PAYLOAD_TYPE_NONE = 255, STATIC_TYPES = 35 };

struct static_type {
    const char *name;
    uint32_t clock_hz;
    uint16_t channels;
};

/* RFC 3551 tables 4 and 5. G.722 is written 8000 although it samples at 16000 (4.5.2). */
static const struct static_type static_types[STATIC_TYPES] = {
    [0] = {"PCMU", 8000, 1},   [3] = {"GSM", 8000, 1},    [4] = {"G723", 8000, 1},   [5] = {"DVI4", 8000, 1},
    [6] = {"DVI4", 16000, 1},  [7] = {"LPC", 8000, 1},    [8] = {"PCMA", 8000, 1},   [9] = {"G722", 8000, 1},
    [10] = {"L16", 44100, 2},  [11] = {"L16", 44100, 1},  [12] = {"QCELP", 8000, 1}, [13] = {"CN", 8000, 1},
    [14] = {"MPA", 90000, 1},  [15] = {"G728", 8000, 1},  [16] = {"DVI4", 11025, 1}, [17] = {"DVI4", 22050, 1},
    [18] = {"G729", 8000, 1},  [25] = {"CelB", 90000, 1}, [26] = {"JPEG", 90000, 1}, [28] = {"nv", 90000, 1},
    [31] = {"H261", 90000, 1}, [32] = {"MPV", 90000, 1},  [33] = {"MP2T", 90000, 1}, [34] = {"H263", 90000, 1},
};

const char *sdp_static_encoding(uint8_t payload_type, uint32_t *clock_hz)
{
    if (payload_type >= STATIC_TYPES || static_types[payload_type].name == NULL)
        return NULL;
    *clock_hz = static_types[payload_type].clock_hz;
    return static_types[payload_type].name;
}

/* Takes the digits that a text begins with; 0 where there are none, saturated. "20.5" counts as 20. */
static uint32_t leading_uint(struct slice *text)
{
    uint64_t sum = 0;
    size_t at = 0;
    for (uint8_t digit; at < text->len && (digit = (uint8_t)(text->data[at] - '0')) <= 9 && sum <= UINT32_MAX; at++)
        sum = sum * 10 + digit;
    *text = slice_after(*text, at);
    return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

/* A number of digits alone that is at most `most`. */
static bool uint_upto(struct slice text, unsigned most, unsigned *value)
{
    unsigned sum = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_digit(text.data[i]))
            return false;
        sum = sum * 10 + (unsigned)(text.data[i] - '0');
        if (sum > most)
            return false;
    }
    *value = sum;
    return true;
}

static bool port_read(struct slice text, uint16_t *port)
{
    unsigned number;
    if (!uint_upto(text, UINT16_MAX, &number))
        return false;
    *port = (uint16_t)number;
    return true;
}

bool sdp_port(struct slice text, uint16_t *port)
{
    text.len = slice_find(text, 0, '/'); /* "49170/2": a number of ports (RFC 8866 5.14) */
    return port_read(text, port);
}

/* The attributes that are read; the directions first, with the numbers of enum sdp_direction. */
enum attribute {
    ATTRIBUTE_SENDRECV = SDP_SENDRECV,
    ATTRIBUTE_SENDONLY = SDP_SENDONLY,
    ATTRIBUTE_RECVONLY = SDP_RECVONLY,
    ATTRIBUTE_INACTIVE = SDP_INACTIVE,
    ATTRIBUTE_CANDIDATE,
    ATTRIBUTE_CRYPTO,
    ATTRIBUTE_FINGERPRINT,
    ATTRIBUTE_FMTP,
    ATTRIBUTE_KEY_MGMT,
    ATTRIBUTE_MAXPTIME,
    ATTRIBUTE_MID,
    ATTRIBUTE_PTIME,
    ATTRIBUTE_RTCP,
    ATTRIBUTE_RTCP_MUX,
    ATTRIBUTE_RTPMAP,
    ATTRIBUTE_SETUP,
    ATTRIBUTE_OTHER
};

/* After a name of n bytes: its end or a colon, perhaps behind white space; then *text becomes the value. */
static bool value_take(struct slice *text, size_t n)
{
    while (n < text->len && ascii_space(text->data[n]))
        n++;
    if (n < text->len && text->data[n++] != ':')
        return false;
    while (n < text->len && ascii_space(text->data[n]))
        n++;
    *text = slice_of(text->data + n, text->len - n);
    return true;
}

/* Inlined with a literal: the usual spelling costs a comparison of words. */
static inline bool take(struct slice *text, const char *name)
{
    size_t n = strlen(name);
    return text->len >= n &&
           (memcmp(text->data, name, n) == 0 || slice_equal_nocase(slice_of(text->data, n), slice_of(name, n))) &&
           value_take(text, n);
}

/* "name:value" or "name", trimmed: *text becomes the value of a name that is known. */
static enum attribute attribute_take(struct slice *text)
{
    switch (text->len > 0 ? ascii_lower(text->data[0]) : 0) {
    case 'c':
        return take(text, "candidate") ? ATTRIBUTE_CANDIDATE
               : take(text, "crypto")  ? ATTRIBUTE_CRYPTO
                                       : ATTRIBUTE_OTHER;
    case 'f':
        return take(text, "fmtp")          ? ATTRIBUTE_FMTP
               : take(text, "fingerprint") ? ATTRIBUTE_FINGERPRINT
                                           : ATTRIBUTE_OTHER;
    case 'i':
        return take(text, "inactive") ? ATTRIBUTE_INACTIVE : ATTRIBUTE_OTHER;
    case 'k':
        return take(text, "key-mgmt") ? ATTRIBUTE_KEY_MGMT : ATTRIBUTE_OTHER;
    case 'm':
        return take(text, "maxptime") ? ATTRIBUTE_MAXPTIME : take(text, "mid") ? ATTRIBUTE_MID : ATTRIBUTE_OTHER;
    case 'p':
        return take(text, "ptime") ? ATTRIBUTE_PTIME : ATTRIBUTE_OTHER;
    case 'r':
        return take(text, "rtpmap")     ? ATTRIBUTE_RTPMAP
               : take(text, "rtcp")     ? ATTRIBUTE_RTCP
               : take(text, "rtcp-mux") ? ATTRIBUTE_RTCP_MUX
               : take(text, "recvonly") ? ATTRIBUTE_RECVONLY
                                        : ATTRIBUTE_OTHER;
    case 's':
        return take(text, "sendrecv")   ? ATTRIBUTE_SENDRECV
               : take(text, "sendonly") ? ATTRIBUTE_SENDONLY
               : take(text, "setup")    ? ATTRIBUTE_SETUP
                                        : ATTRIBUTE_OTHER;
    default:
        return ATTRIBUTE_OTHER;
    }
}

void sdp_session_attribute(struct sdp_defaults *defaults, struct slice value)
{
    enum attribute attribute = attribute_take(&value);
    switch (attribute) {
    case ATTRIBUTE_SENDRECV:
    case ATTRIBUTE_SENDONLY:
    case ATTRIBUTE_RECVONLY:
    case ATTRIBUTE_INACTIVE:
        defaults->direction = (enum sdp_direction)attribute;
        break;
    case ATTRIBUTE_FINGERPRINT:
        if (defaults->fingerprint.len == 0)
            defaults->fingerprint = value;
        break;
    case ATTRIBUTE_SETUP:
        defaults->setup = value;
        break;
    case ATTRIBUTE_KEY_MGMT:
        defaults->key_management = value;
        break;
    case ATTRIBUTE_PTIME:
        defaults->ptime_ms = leading_uint(&value);
        break;
    case ATTRIBUTE_MAXPTIME:
        defaults->maxptime_ms = leading_uint(&value);
        break;
    case ATTRIBUTE_RTCP_MUX:
        defaults->rtcp_mux = true;
        break;
    default:
        break;
    }
}

uint16_t sdp_section_open(struct sdp_media *media, const struct sdp_defaults *defaults, struct slice value)
{
    uint16_t flags = 0;
    memset(media, 0, offsetof(struct sdp_media, formats)); /* the arrays are valid up to their counts alone */
    media->fingerprint = defaults->fingerprint;
    media->key_management = defaults->key_management;
    media->setup = defaults->setup;
    media->direction = defaults->direction;
    media->ptime_ms = defaults->ptime_ms;
    media->maxptime_ms = defaults->maxptime_ms;
    media->bandwidth_kbps = defaults->bandwidth_kbps;
    media->rtcp_mux = defaults->rtcp_mux;
    media->kind = sdp_word(&value);
    if (!sdp_port(sdp_word(&value), &media->endpoint.port))
        flags |= SDP_BAD_MEDIA;
    media->protocol = sdp_word(&value);
    if (media->protocol.len == 0)
        flags |= SDP_BAD_MEDIA;
    for (struct slice text; (text = sdp_word(&value)).len > 0;) {
        if (media->format_count == SDP_FORMATS_MAX)
            return flags | SDP_MEDIA_MORE;
        unsigned number = PAYLOAD_TYPE_NONE;
        (void)uint_upto(text, 127, &number);
        media->formats[media->format_count++] =
            (struct sdp_format){.text = text, .channels = 1, .payload_type = (uint8_t)number};
    }
    return flags;
}

static struct sdp_format *format_find(struct sdp_media *media, struct slice text)
{
    for (unsigned i = 0; i < media->format_count; i++) {
        struct sdp_format *format = &media->formats[i]; /* its text is not empty */
        if (format->text.len == text.len && format->text.data[0] == text.data[0] && slice_equal(format->text, text))
            return format;
    }
    return NULL;
}

/* "101 telephone-event/8000", "96 opus/48000/2" */
static void rtpmap_read(struct sdp_media *media, struct slice value)
{
    struct sdp_format *format = format_find(media, sdp_word(&value));
    if (format == NULL || format->mapped)
        return;
    size_t slash = slice_find(value, 0, '/');
    struct slice clock = slice_after(value, slash + 1);
    format->mapped = true;
    format->encoding = slice_trim(slice_cut(value, 0, slash));
    format->clock_hz = leading_uint(&clock);
    clock = slice_after(clock, slice_find(clock, 0, '/') + 1); /* most often there is nothing left to look at */
    uint32_t channels = leading_uint(&clock);
    format->channels = channels > 0 && channels <= UINT16_MAX ? (uint16_t)channels : 1;
}

static void fmtp_read(struct sdp_media *media, struct slice value)
{
    struct sdp_format *format = format_find(media, sdp_word(&value));
    if (format != NULL && format->fmtp.len == 0)
        format->fmtp = slice_trim(value);
}

/* "1 AES_CM_128_HMAC_SHA1_80 inline:... [parameters]" (RFC 4568 4) */
static uint16_t crypto_read(struct sdp_media *media, struct slice value)
{
    if (media->crypto_count == SDP_CRYPTO_MAX)
        return SDP_MEDIA_MORE;
    struct sdp_crypto *crypto = &media->crypto[media->crypto_count++];
    crypto->tag = sdp_word(&value);
    crypto->suite = sdp_word(&value);
    crypto->key_parameters = sdp_word(&value);
    if (slice_starts_nocase(crypto->suite, "inline:")) { /* there is none: what is shown as a suite must not be a key */
        crypto->key_parameters = crypto->suite;
        crypto->suite = SLICE_NONE;
    }
    crypto->session_parameters = slice_trim(value);
    return 0;
}

/* "foundation component transport priority address port typ host ..." (RFC 8839 5.1) */
static uint16_t candidate_read(struct sdp_media *media, struct slice value)
{
    unsigned component = 0;
    uint16_t port = 0;
    struct endpoint endpoint = {0};
    sdp_word(&value);
    bool good = uint_upto(sdp_word(&value), UINT8_MAX, &component);
    sdp_word(&value);
    sdp_word(&value);
    endpoint_parse_address(sdp_word(&value), &endpoint); /* a name (mDNS) leaves family 0 */
    good = port_read(sdp_word(&value), &port) && good;
    if (!good || !slice_is_nocase(sdp_word(&value), "typ"))
        return 0;
    if (media->candidate_count == SDP_CANDIDATES_MAX)
        return SDP_MEDIA_MORE;
    endpoint.port = port;
    media->candidates[media->candidate_count++] =
        (struct sdp_candidate){.endpoint = endpoint, .component = (uint8_t)component, .kind = sdp_word(&value)};
    return 0;
}

/* "53020" or "53020 IN IP4 192.0.2.1" (RFC 3605) */
static void rtcp_read(struct sdp_media *media, struct slice value)
{
    uint16_t port = 0;
    if (!port_read(sdp_word(&value), &port))
        return;
    sdp_address(value, &media->rtcp);
    media->rtcp.port = port;
}

uint16_t sdp_section_attribute(struct sdp_media *media, struct slice value)
{
    enum attribute attribute = attribute_take(&value);
    switch (attribute) {
    case ATTRIBUTE_SENDRECV:
    case ATTRIBUTE_SENDONLY:
    case ATTRIBUTE_RECVONLY:
    case ATTRIBUTE_INACTIVE:
        media->direction = (enum sdp_direction)attribute;
        break;
    case ATTRIBUTE_CANDIDATE:
        return candidate_read(media, value);
    case ATTRIBUTE_CRYPTO:
        return crypto_read(media, value);
    case ATTRIBUTE_FINGERPRINT:
        media->fingerprint = value;
        break;
    case ATTRIBUTE_FMTP:
        fmtp_read(media, value);
        break;
    case ATTRIBUTE_KEY_MGMT:
        media->key_management = value;
        break;
    case ATTRIBUTE_MAXPTIME:
        media->maxptime_ms = leading_uint(&value);
        break;
    case ATTRIBUTE_MID:
        media->mid = value;
        break;
    case ATTRIBUTE_PTIME:
        media->ptime_ms = leading_uint(&value);
        break;
    case ATTRIBUTE_RTCP:
        rtcp_read(media, value);
        break;
    case ATTRIBUTE_RTCP_MUX:
        media->rtcp_mux = true;
        break;
    case ATTRIBUTE_RTPMAP:
        rtpmap_read(media, value);
        break;
    case ATTRIBUTE_SETUP:
        media->setup = value;
        break;
    case ATTRIBUTE_OTHER:
        break;
    }
    return 0;
}

/* "RTP/AVP", "UDP/TLS/RTP/SAVPF", ... */
static bool protocol_is_rtp(struct slice protocol)
{
    for (size_t i = 0; i + 4 <= protocol.len; i++)
        if (slice_starts_nocase(slice_after(protocol, i), "RTP/"))
            return true;
    return false;
}

void sdp_section_close(struct sdp_media *media)
{
    /* Numbers mean payload types in the RTP profiles only (RFC 8866 5.14). */
    bool rtp = protocol_is_rtp(media->protocol);
    for (unsigned i = 0; rtp && i < media->format_count; i++) {
        struct sdp_format *format = &media->formats[i];
        uint32_t clock_hz = 0;
        const char *name = sdp_static_encoding(format->payload_type, &clock_hz);
        if (format->mapped || name == NULL)
            continue;
        format->encoding = slice_str(name);
        format->clock_hz = clock_hz;
        format->channels = static_types[format->payload_type].channels;
    }
}

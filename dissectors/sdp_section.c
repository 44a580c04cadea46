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

/* The digits that a text begins with; 0 where there are none, saturated. "20.5" counts as 20. */
static uint32_t leading_uint(struct slice text)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < text.len && ascii_digit(text.data[i]); i++) {
        sum = sum * 10 + (uint64_t)(text.data[i] - '0');
        if (sum > UINT32_MAX)
            return UINT32_MAX;
    }
    return (uint32_t)sum;
}

static bool port_read(struct slice text, uint16_t *port)
{
    uint64_t number = 0;
    if (!slice_uint(text, &number) || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

/* "name:value" or "name" as two slices. */
static struct slice attribute_split(struct slice text, struct slice *value)
{
    size_t colon = slice_find(text, 0, ':');
    *value = slice_trim(slice_after(text, colon + 1));
    return slice_trim(slice_cut(text, 0, colon));
}

static bool direction_read(struct slice name, enum sdp_direction *direction)
{
    static const char *const names[] = {[SDP_SENDRECV] = "sendrecv",
                                        [SDP_SENDONLY] = "sendonly",
                                        [SDP_RECVONLY] = "recvonly",
                                        [SDP_INACTIVE] = "inactive"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is_nocase(name, names[i])) {
            *direction = (enum sdp_direction)i;
            return true;
        }
    return false;
}

void sdp_session_attribute(struct sdp_defaults *defaults, struct slice value)
{
    struct slice name = attribute_split(value, &value);
    if (direction_read(name, &defaults->direction))
        return;
    if (slice_is_nocase(name, "fingerprint") && defaults->fingerprint.len == 0)
        defaults->fingerprint = value;
    else if (slice_is_nocase(name, "setup"))
        defaults->setup = value;
    else if (slice_is_nocase(name, "key-mgmt"))
        defaults->key_management = value;
    else if (slice_is_nocase(name, "ptime"))
        defaults->ptime_ms = leading_uint(value);
    else if (slice_is_nocase(name, "maxptime"))
        defaults->maxptime_ms = leading_uint(value);
    else if (slice_is_nocase(name, "rtcp-mux"))
        defaults->rtcp_mux = true;
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
    struct slice port = sdp_word(&value);
    port = slice_cut(port, 0, slice_find(port, 0, '/')); /* "49170/2": a number of ports (RFC 8866 5.14) */
    if (!port_read(port, &media->endpoint.port))
        flags |= SDP_BAD_MEDIA;
    media->protocol = sdp_word(&value);
    if (media->protocol.len == 0)
        flags |= SDP_BAD_MEDIA;
    for (struct slice text; (text = sdp_word(&value)).len > 0;) {
        if (media->format_count == SDP_FORMATS_MAX)
            return flags | SDP_MEDIA_MORE;
        uint64_t number = 0;
        bool is_number = slice_uint(text, &number) && number < 128;
        media->formats[media->format_count++] = (struct sdp_format){
            .text = text, .channels = 1, .payload_type = is_number ? (uint8_t)number : PAYLOAD_TYPE_NONE};
    }
    return flags;
}

static struct sdp_format *format_find(struct sdp_media *media, struct slice text)
{
    for (unsigned i = 0; i < media->format_count; i++)
        if (slice_equal(media->formats[i].text, text))
            return &media->formats[i];
    return NULL;
}

/* "101 telephone-event/8000", "96 opus/48000/2" */
static void rtpmap_read(struct sdp_media *media, struct slice value)
{
    struct sdp_format *format = format_find(media, sdp_word(&value));
    if (format == NULL || format->mapped)
        return;
    struct slice map = slice_trim(value);
    size_t slash = slice_find(map, 0, '/');
    struct slice clock = slice_after(map, slash + 1);
    size_t second = slice_find(clock, 0, '/');
    format->mapped = true;
    format->encoding = slice_trim(slice_cut(map, 0, slash));
    format->clock_hz = leading_uint(slice_cut(clock, 0, second));
    uint32_t channels = leading_uint(slice_after(clock, second + 1));
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
    crypto->session_parameters = slice_trim(value);
    return 0;
}

/* "foundation component transport priority address port typ host ..." (RFC 8839 5.1) */
static uint16_t candidate_read(struct sdp_media *media, struct slice value)
{
    uint64_t component = 0;
    uint16_t port = 0;
    struct endpoint endpoint = {0};
    sdp_word(&value);
    bool good = slice_uint(sdp_word(&value), &component) && component <= UINT8_MAX;
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
    struct slice name = attribute_split(value, &value);
    if (direction_read(name, &media->direction))
        return 0;
    if (slice_is_nocase(name, "crypto"))
        return crypto_read(media, value);
    if (slice_is_nocase(name, "candidate"))
        return candidate_read(media, value);
    if (slice_is_nocase(name, "rtpmap"))
        rtpmap_read(media, value);
    else if (slice_is_nocase(name, "fmtp"))
        fmtp_read(media, value);
    else if (slice_is_nocase(name, "ptime"))
        media->ptime_ms = leading_uint(value);
    else if (slice_is_nocase(name, "maxptime"))
        media->maxptime_ms = leading_uint(value);
    else if (slice_is_nocase(name, "rtcp"))
        rtcp_read(media, value);
    else if (slice_is_nocase(name, "rtcp-mux"))
        media->rtcp_mux = true;
    else if (slice_is_nocase(name, "mid"))
        media->mid = value;
    else if (slice_is_nocase(name, "fingerprint"))
        media->fingerprint = value;
    else if (slice_is_nocase(name, "setup"))
        media->setup = value;
    else if (slice_is_nocase(name, "key-mgmt"))
        media->key_management = value;
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

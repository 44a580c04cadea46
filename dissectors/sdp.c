/* Session descriptions, line by line: x=value. unknown lines are skipped, bad ones flagged. */
#include "dissectors/sdp.h"

#include "dissectors/sdp_section.h"

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* The next word; runs of spaces and tabs separate. */
struct slice sdp_word(struct slice *rest)
{
    if (rest->len == 0)
        return SLICE_NONE;
    const uint8_t *from = rest->data, *end = from + rest->len;
    while (from < end && blank(*from))
        from++;
    const uint8_t *to = from;
    while (to < end && (*to > ' ' || !blank(*to)))
        to++;
    *rest = slice_of(to, (size_t)(end - to));
    return slice_of(from, (size_t)(to - from));
}

/* "IN IP4": only the form of the address behind them matters. */
static void network_skip(struct slice *rest)
{
    if (slice_starts(*rest, "IN IP4 ")) {
        *rest = slice_of(rest->data + 7, rest->len - 7);
        return;
    }
    sdp_word(rest);
    sdp_word(rest);
}

/* "IN IP4 192.0.2.1", perhaps with "/ttl/count" behind it (RFC 8866 5.7). False where there is no address field at
   all; a name gives family 0. */
bool sdp_address(struct slice value, struct endpoint *endpoint)
{
    network_skip(&value);
    struct slice address = sdp_word(&value);
    address.len = slice_find(address, 0, '/');
    *endpoint = (struct endpoint){0};
    if (address.len == 0)
        return false;
    endpoint_parse_address(address, endpoint);
    return true;
}

static void origin_read(struct sdp *sdp, struct slice value)
{
    sdp->origin_user = sdp_word(&value);
    sdp->origin_id = sdp_word(&value);
    sdp->origin_version = sdp_word(&value);
    if (value.len > 0)
        value = slice_of(value.data + 1, value.len - 1); /* the separator */
    network_skip(&value);
    sdp->origin_address = sdp_word(&value);
}

/* "AS:64" kilobits, "TIAS:64000" bits (RFC 3890), rounded up; AS is preferred. */
static void bandwidth_read(struct slice value, uint32_t *kbps, bool *is_as)
{
    size_t colon = slice_find(value, 0, ':');
    struct slice kind = slice_cut(value, 0, colon);
    uint64_t number = 0;
    if (!slice_uint(slice_trim(slice_after(value, colon + 1)), &number))
        return;
    if (slice_is_nocase(kind, "AS"))
        *is_as = true;
    else if (slice_is_nocase(kind, "TIAS") && !*is_as)
        number = number / 1000 + (number % 1000 != 0);
    else
        return;
    *kbps = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static bool address_is_zero(const struct endpoint *endpoint)
{
    static const uint8_t zero[16];
    return endpoint->family != 0 && memcmp(endpoint->address, zero, sizeof zero) == 0;
}

/* What m= sections inherit, and what only matters while reading. */
struct sdp_level {
    struct sdp_defaults defaults;
    bool has_connection, has_own_connection; /* session level; the current section's */
    bool bandwidth_as;
    bool has_version, has_origin, has_media;
    bool skipping;           /* in a section that is one too many */
    bool defaults_said;      /* the session level has lines that sections inherit */
    bool mixed;              /* a section has lines that belong to the session */
    struct sdp_media *media; /* the section that is being read; NULL at the session level */
};

/* A section's address is known at its end only, since c= follows m=. */
static void section_address(struct sdp *sdp, const struct sdp_level *level, struct sdp_media *media)
{
    uint16_t port = media->endpoint.port;
    if (!level->has_own_connection) {
        if (!level->has_connection && port != 0) /* one with port 0 needs none */
            sdp->flags |= SDP_NO_ADDRESS;
        media->endpoint = sdp->connection;
        media->endpoint.port = port;
    }
    media->zero_address = address_is_zero(&media->endpoint);
    /* RFC 3605 2.1: without a=rtcp the next higher port; an a=rtcp without an address means the media's. */
    if (media->rtcp.port == 0) {
        media->rtcp = media->endpoint;
        media->rtcp.port = port > 0 && port < UINT16_MAX ? (uint16_t)(port + 1) : 0;
    } else if (media->rtcp.family == 0) {
        uint16_t rtcp_port = media->rtcp.port;
        media->rtcp = media->endpoint;
        media->rtcp.port = rtcp_port;
    }
}

/* Closes the section that was read. */
static void section_end(struct sdp *sdp, const struct sdp_level *level)
{
    if (level->media == NULL || level->skipping)
        return;
    section_address(sdp, level, level->media);
    sdp_section_close(level->media);
}

static void connection_read(struct sdp *sdp, struct sdp_level *level, struct sdp_media *media, struct slice value)
{
    struct endpoint address;
    if (!sdp_address(value, &address)) {
        sdp->flags |= SDP_BAD_LINE;
        return;
    }
    if (media == NULL) {
        sdp->connection = address;
        level->has_connection = true;
        return;
    }
    /* Several c= lines are layered multicast (RFC 8866 5.7): the first one is the base layer. */
    if (level->has_own_connection)
        return;
    address.port = media->endpoint.port;
    media->endpoint = address;
    level->has_own_connection = true;
}

static void section_begin(struct sdp *sdp, struct sdp_level *level, struct slice value)
{
    section_end(sdp, level);
    level->has_media = true;
    level->skipping = sdp->media_count == SDP_MEDIA_MAX;
    if (level->skipping) {
        sdp->flags |= SDP_MEDIA_MORE;
        return;
    }
    level->media = &sdp->media[sdp->media_count++];
    level->has_own_connection = level->bandwidth_as = false;
    sdp->flags |= sdp_section_open(level->media, &level->defaults, value);
}

static void line_read(struct sdp *sdp, struct sdp_level *level, uint8_t type, struct slice value)
{
    struct sdp_media *media = level->media;
    level->mixed |= media != NULL && (type == 'v' || type == 'o' || type == 's');
    if (level->skipping && type != 'm') {
        level->has_version |= type == 'v';
        level->has_origin |= type == 'o';
        return;
    }
    switch (type) {
    case 'v':
        level->has_version = true;
        break;
    case 'o':
        level->has_origin = true;
        origin_read(sdp, value);
        break;
    case 's':
        sdp->session_name = value;
        break;
    case 'c':
        connection_read(sdp, level, media, value);
        break;
    case 'b':
        level->defaults_said |= media == NULL;
        bandwidth_read(value, media == NULL ? &level->defaults.bandwidth_kbps : &media->bandwidth_kbps,
                       &level->bandwidth_as);
        break;
    case 'm':
        section_begin(sdp, level, value);
        break;
    case 'a':
        level->defaults_said |= media == NULL;
        if (media == NULL)
            sdp_session_attribute(&level->defaults, value);
        else
            sdp->flags |= sdp_section_attribute(media, value);
        break;
    default: /* t=, i=, u=, e=, p=, r=, z=, k= and what is not known: of no use here */
        break;
    }
}

/* The line at *at without the white space around it; *at moves behind it. */
static struct slice line_next(struct slice text, size_t *at)
{
    const uint8_t *from = text.data + *at, *to = memchr(from, '\n', text.len - *at);
    if (to == NULL)
        to = text.data + text.len;
    *at = (size_t)(to - text.data) + 1;
    while (from < to && ascii_space(*from))
        from++;
    while (from < to && ascii_space(to[-1]))
        to--;
    return slice_of(from, (size_t)(to - from));
}

/* The value of a line "x=value" without the white space around it; false for what is no such line. */
static bool line_split(struct slice line, struct slice *value)
{
    if (line.len < 2 || line.data[1] != '=')
        return false;
    *value = slice_of(line.data + 2, line.len - 2);
    while (value->len > 0 && ascii_space(value->data[0]))
        *value = slice_of(value->data + 1, value->len - 1);
    return true;
}

/* Reads lines until the first m=, whose value goes to *media; returns where that line begins. text.len: there is none. */
static size_t session_read(struct slice text, struct sdp *sdp, struct sdp_level *level, struct slice *media)
{
    *level = (struct sdp_level){.defaults = {.direction = SDP_SENDRECV}};
    /* All before the media array, which may stay as it is. */
    memset(sdp, 0, offsetof(struct sdp, media));
    for (size_t at = 0; at < text.len;) {
        struct slice value, line = line_next(text, &at);
        if (line.len == 0)
            continue;
        if (!line_split(line, &value)) {
            sdp->flags |= SDP_BAD_LINE;
        } else if (line.data[0] == 'm') {
            *media = value;
            return (size_t)(line.data - text.data);
        } else {
            line_read(sdp, level, line.data[0], value);
        }
    }
    return text.len;
}

static void sections_read(struct slice text, struct sdp *sdp, struct sdp_level *level)
{
    for (size_t at = 0; at < text.len;) {
        struct slice value, line = line_next(text, &at);
        if (line.len == 0)
            continue;
        if (line_split(line, &value))
            line_read(sdp, level, line.data[0], value);
        else
            sdp->flags |= SDP_BAD_LINE;
    }
}

static bool parse_end(struct sdp *sdp, const struct sdp_level *level)
{
    sdp->flags |= (uint16_t)((level->has_version ? 0 : SDP_NO_VERSION) | (level->has_origin ? 0 : SDP_NO_ORIGIN));
    return level->has_version || level->has_media;
}

bool sdp_parse(struct slice text, struct sdp *sdp)
{
    struct sdp_level level;
    struct slice media;
    size_t at = session_read(text, sdp, &level, &media);
    sections_read(slice_after(text, at), sdp, &level);
    section_end(sdp, &level);
    return parse_end(sdp, &level);
}

/* Of a kept section only as many formats as there are, and nothing behind them. */
static void media_copy(struct sdp_media *to, const struct sdp_media *from)
{
    memcpy(to, from, offsetof(struct sdp_media, formats) + from->format_count * sizeof from->formats[0]);
}

/* The section as it was read before, at another port. */
static void section_repeat(struct sdp *sdp, struct sdp_level *level, const struct sdp_known *known, uint16_t port)
{
    struct sdp_media *media = &sdp->media[sdp->media_count++];
    media_copy(media, &known->media);
    media->endpoint.port = port;
    media->rtcp = (struct endpoint){0};
    section_address(sdp, level, media);
    sdp->flags |= known->flags;
    level->has_media = true;
}

/* The last section, closed but for its address, is kept where it depends on nothing before it and nothing after it. */
static bool section_keeps(const struct sdp *sdp, const struct sdp_level *level)
{
    const struct sdp_media *media = level->media;
    return media != NULL && sdp->media_count == 1 && (sdp->flags & SDP_BAD_MEDIA) == 0 && level->has_connection &&
           !level->has_own_connection && !level->skipping && !level->mixed && media->rtcp.port == 0 && media->crypto_count == 0 &&
           media->candidate_count == 0;
}

bool sdp_parse_again(struct slice text, struct sdp_memory *memory)
{
    struct sdp *sdp = &memory->sdp;
    struct sdp_level level;
    struct slice value;
    size_t at = session_read(text, sdp, &level, &value);
    struct slice rest = slice_after(text, at);
    if (rest.len == 0 || rest.len > SDP_KNOWN_TEXT || level.defaults_said || sdp->flags != 0) {
        sections_read(rest, sdp, &level);
        section_end(sdp, &level);
        return parse_end(sdp, &level);
    }
    uint16_t port;
    struct slice kind = sdp_word(&value), port_text = sdp_word(&value);
    size_t tail = (size_t)(value.data - rest.data);
    struct slice last = slice_after(rest, rest.len - tail > 16 ? rest.len - 16 : tail);
    struct sdp_known *known = &memory->known[hash_bytes(rest.len - tail, last) % SDP_KNOWN];
    if (known->len > 0 && slice_equal(slice_after(rest, tail), slice_of(known->text + known->tail, (size_t)known->len - known->tail)) &&
        slice_equal(kind, known->media.kind) && sdp_port(port_text, &port)) {
        section_repeat(sdp, &level, known, port);
        return parse_end(sdp, &level);
    }
    memcpy(known->text, rest.data, rest.len); /* what is kept borrows from the copy */
    sections_read(slice_of(known->text, rest.len), sdp, &level);
    bool keeps = section_keeps(sdp, &level);
    known->flags = sdp->flags;
    section_end(sdp, &level);
    known->len = keeps ? (uint16_t)rest.len : 0;
    known->tail = (uint16_t)tail;
    if (keeps)
        media_copy(&known->media, &sdp->media[0]);
    return parse_end(sdp, &level);
}

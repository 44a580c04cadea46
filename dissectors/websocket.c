/* WebSocket frame headers, and the HTTP handshake before them.

    0               1               2
   +-+-+-+-+-------+-+-------------+-------------------------------+
   |F|R|R|R| opcode|M| length 0-125|  16 bits when length = 126,   |   RFC 6455 5.2
   |I|1|2|3|  (4)  | |             |  64 bits when length = 127    |   then 4 bytes of mask when M
   +-+-+-+-+-------+-+-------------+-------------------------------+ */
#include "dissectors/websocket.h"

#include "base/reader.h"
#include "dissectors/sip.h"

enum {
    HANDSHAKE_MAX_BYTES = 32 << 10,
    CONTROL_MAX_BYTES = 125,
    SIP_MIN_BYTES = 64,       /* no SIP message is shorter, and none longer: */
    SIP_MAX_BYTES = 1 << 20,
    START_BYTES = 24          /* enough for the longest method and a URI's scheme */
};

bool websocket_frame_parse(struct slice bytes, struct websocket_frame *frame)
{
    struct reader r = reader_over(bytes);
    uint8_t first = reader_u8(&r), second = reader_u8(&r);
    if (r.fault)
        return false;
    *frame = (struct websocket_frame){.opcode = (enum websocket_opcode)(first & 15u),
                                      .final = (first & 0x80u) != 0,
                                      .masked = (second & 0x80u) != 0,
                                      .compressed = (first & 0x40u) != 0,
                                      .payload_len = second & 0x7fu};
    bool control = (first & 8u) != 0;
    /* RFC 6455 5.2: RSV2 and RSV3 have no meaning, opcodes 3-7 and 11-15 neither; 5.5: control frames are short and
       whole. RFC 7692 6: RSV1 stands on data frames only. */
    if ((first & 0x30u) != 0 || (first & 7u) > 2 || (control && (!frame->final || frame->compressed)) ||
        (control && frame->payload_len > CONTROL_MAX_BYTES)) {
        frame->bad = true;
        frame->header_len = 2;
        return true;
    }
    if (frame->payload_len == 126)
        frame->payload_len = reader_be16(&r);
    else if (frame->payload_len == 127)
        frame->payload_len = reader_be64(&r);
    const uint8_t *mask = frame->masked ? reader_take(&r, sizeof frame->mask) : NULL;
    if (r.fault)
        return false;
    if (mask != NULL)
        memcpy(frame->mask, mask, sizeof frame->mask);
    frame->header_len = bytes.len - reader_left(&r);
    frame->bad = frame->payload_len > INT64_MAX; /* RFC 6455 5.2: the most significant bit must be 0 */
    return true;
}

void websocket_unmask(const struct websocket_frame *frame, struct slice payload, uint8_t *out)
{
    /* RFC 6455 5.3; an unmasked frame has a zero mask. */
    for (size_t i = 0; i < payload.len; i++)
        out[i] = payload.data[i] ^ frame->mask[i & 3];
}

enum verdict { VERDICT_NO, VERDICT_MORE, VERDICT_YES };

/* "SIP/2.0 " and a digit, or a registered method and a URI's scheme: 12 bytes and more that chance does not write. */
static enum verdict sip_begins(struct slice text)
{
    static const char version[] = "SIP/2.0 ";
    size_t n = text.len < sizeof version - 1 ? text.len : sizeof version - 1, at = 0;
    if (memcmp(text.data, version, n) == 0)
        return text.len < sizeof version ? VERDICT_MORE : ascii_digit(text.data[n]) ? VERDICT_YES : VERDICT_NO;
    while (at < text.len && text.data[at] >= 'A' && text.data[at] <= 'Z')
        at++;
    if (at == text.len)
        return VERDICT_MORE;
    if (text.data[at] != ' ' || sip_method_of(slice_cut(text, 0, at)) == SIP_METHOD_UNKNOWN)
        return VERDICT_NO;
    size_t scheme = ++at;
    while (at < text.len && ascii_lower(text.data[at]) >= 'a' && ascii_lower(text.data[at]) <= 'z')
        at++;
    return at == text.len ? VERDICT_MORE : at > scheme && text.data[at] == ':' ? VERDICT_YES : VERDICT_NO;
}

/* Whether a frame begins here that begins a SIP message. */
static enum verdict sip_frame(struct slice bytes)
{
    struct websocket_frame frame;
    uint8_t start[START_BYTES];
    if (!websocket_frame_parse(bytes, &frame))
        return VERDICT_MORE;
    if (frame.bad || frame.compressed || frame.payload_len < SIP_MIN_BYTES || frame.payload_len > SIP_MAX_BYTES)
        return VERDICT_NO;
    struct slice text = slice_cut(bytes, frame.header_len, frame.header_len + sizeof start);
    websocket_unmask(&frame, text, start);
    enum verdict verdict = sip_begins(slice_of(start, text.len));
    return verdict == VERDICT_MORE && text.len == sizeof start ? VERDICT_NO : verdict;
}

size_t websocket_sip_find(struct slice bytes, bool *found)
{
    *found = false;
    for (size_t at = 0; at < bytes.len; at++) {
        unsigned opcode = bytes.data[at] & 0x7fu; /* FIN may stand before it; no other bit does */
        if (opcode != WEBSOCKET_TEXT && opcode != WEBSOCKET_BINARY)
            continue;
        enum verdict verdict = sip_frame(slice_after(bytes, at));
        *found = verdict == VERDICT_YES;
        if (verdict != VERDICT_NO)
            return at;
    }
    return bytes.len;
}

/* Whether bytes begin with text, as far as there are bytes. */
static bool begins(struct slice bytes, const char *text)
{
    size_t n = strlen(text);
    return memcmp(bytes.data, text, bytes.len < n ? bytes.len : n) == 0;
}

/* The list (RFC 9110 7.8) holds the word websocket. */
static bool upgrade_names_websocket(struct slice list)
{
    while (list.len > 0) {
        size_t comma = slice_find(list, 0, ',');
        if (slice_is_nocase(slice_trim(slice_cut(list, 0, comma)), "websocket"))
            return true;
        list = slice_after(list, comma + 1);
    }
    return false;
}

enum websocket_handshake websocket_handshake_parse(struct slice bytes, size_t *used)
{
    bool upgrade = false;
    if (bytes.len == 0)
        return WEBSOCKET_HANDSHAKE_MORE;
    if (!begins(bytes, "GET ") && !begins(bytes, "HTTP/1."))
        return WEBSOCKET_HANDSHAKE_OTHER;
    for (size_t at = 0, line = 0;; line++) {
        size_t end = slice_find(bytes, at, '\n');
        if (end == bytes.len)
            return end > HANDSHAKE_MAX_BYTES ? WEBSOCKET_HANDSHAKE_OTHER : WEBSOCKET_HANDSHAKE_MORE;
        struct slice text = slice_trim(slice_cut(bytes, at, end));
        at = end + 1;
        if (line == 0) {
            /* RFC 6455 4.2.2: any status but 101 means that it stays HTTP. */
            if (text.data[0] == 'H' && !slice_starts(slice_trim(slice_after(text, slice_find(text, 0, ' '))), "101"))
                return WEBSOCKET_HANDSHAKE_OTHER;
        } else if (text.len == 0) {
            *used = at;
            return upgrade ? WEBSOCKET_HANDSHAKE_UPGRADE : WEBSOCKET_HANDSHAKE_OTHER;
        } else {
            size_t colon = slice_find(text, 0, ':');
            if (slice_is_nocase(slice_trim(slice_cut(text, 0, colon)), "Upgrade"))
                upgrade = upgrade || upgrade_names_websocket(slice_after(text, colon + 1));
        }
        if (at > HANDSHAKE_MAX_BYTES)
            return WEBSOCKET_HANDSHAKE_OTHER;
    }
}

size_t websocket_http_head(struct slice bytes, size_t *body)
{
    /* RFC 9112 6.3: a request without a length has no body. */
    *body = slice_starts(bytes, "GET ") ? 0 : SIZE_MAX;
    for (size_t at = 0;;) {
        size_t end = slice_find(bytes, at, '\n');
        if (end == bytes.len)
            return 0;
        struct slice text = slice_trim(slice_cut(bytes, at, end));
        size_t colon = slice_find(text, 0, ':');
        uint64_t length;
        at = end + 1;
        if (text.len == 0)
            return at;
        if (slice_is_nocase(slice_trim(slice_cut(text, 0, colon)), "Content-Length") &&
            slice_uint(slice_trim(slice_after(text, colon + 1)), &length) && length < SIZE_MAX)
            *body = (size_t)length;
    }
}

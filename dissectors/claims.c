/* Claim functions: each looks at the few bytes that tell its protocol from the others on a port (RFC 7983). */
#include "dissectors/claims.h"

#include "base/reader.h"

enum {
    KEEPALIVE_MAX_BYTES = 16,
    TLS_RECORD_MAX_BYTES = (1 << 14) + 2048, /* RFC 5246 6.2.3 */
    START_LINE_MAX_BYTES = 16 << 10
};

bool claim_keepalive(struct slice payload)
{
    if (payload.len == 0 || payload.len > KEEPALIVE_MAX_BYTES)
        return false;
    for (size_t i = 0; i < payload.len; i++)
        if (payload.data[i] != 0 && !ascii_space(payload.data[i]))
            return false;
    return true;
}

/* 00 + type (14) | length (16) | magic cookie (32) | transaction (96) */
bool claim_stun(struct slice payload)
{
    struct reader r = reader_over(payload);
    uint16_t type = reader_be16(&r), length = reader_be16(&r);
    uint32_t cookie = reader_be32(&r);
    reader_skip(&r, 12);
    if (r.fault || type >= 0x4000 || length % 4 != 0 || length > reader_left(&r))
        return false;
    /* Before RFC 5389 there was no cookie: then only binding requests and answers of exactly the right length are
       believed. */
    return cookie == UINT32_C(0x2112a442) || ((type & 0xfeef) == 1 && length == reader_left(&r));
}

/* content type | version fe ff, fe fd or fe fc | epoch (16) | sequence (48) | length (16) */
bool claim_dtls(struct slice payload)
{
    struct reader r = reader_over(payload);
    uint8_t type = reader_u8(&r);
    uint16_t version = reader_be16(&r);
    reader_skip(&r, 8);
    uint16_t length = reader_be16(&r);
    return !r.fault && type >= 20 && type <= 26 && version >= 0xfefc && version <= 0xfeff && version != 0xfefe &&
           length > 0 && length <= reader_left(&r);
}

/* V=2 P count | type | length in words less one | SSRC. RFC 5761 4: types 192 to 223 are RTCP's. */
bool claim_rtcp(struct slice payload)
{
    struct reader r = reader_over(payload);
    uint8_t first = reader_u8(&r), type = reader_u8(&r);
    size_t size = ((size_t)reader_be16(&r) + 1) * 4;
    if (r.fault || first >> 6 != 2 || type < 192 || type > 223 || size > payload.len || payload.len < 8)
        return false;
    size_t blocks = first & 31u;
    if (type == 200) /* SR: 28 bytes and 24 a block; RR: 8 bytes and 24 a block (RFC 3550 6.4) */
        return size >= 28 + 24 * blocks;
    return type != 201 || size >= 8 + 24 * blocks;
}

/* V=2 P X CC | M type | sequence | timestamp | SSRC | CC contributing sources | extension when X */
bool claim_rtp(struct slice payload)
{
    struct reader r = reader_over(payload);
    uint8_t first = reader_u8(&r), type = reader_u8(&r);
    reader_skip(&r, 10 + 4 * (size_t)(first & 15u));
    if (r.fault || first >> 6 != 2 || (type >= 192 && type <= 223))
        return false;
    if (first & 0x10u) {
        reader_skip(&r, 2);
        reader_skip(&r, 4 * (size_t)reader_be16(&r));
    }
    return !r.fault;
}

/* content type | version 03 00 to 03 04 | length (16) */
bool claim_tls(struct slice payload)
{
    struct reader r = reader_over(payload);
    uint8_t type = reader_u8(&r);
    uint16_t version = reader_be16(&r), length = reader_be16(&r);
    return !r.fault && type >= 20 && type <= 23 && version >= 0x0300 && version <= 0x0304 && length > 0 &&
           length <= TLS_RECORD_MAX_BYTES;
}

bool claim_http(struct slice payload)
{
    return slice_starts(payload, "GET ") || slice_starts(payload, "HTTP/1.");
}

static bool begins(struct slice start, const char *text)
{
    size_t n = strlen(text);
    return start.len < n && memcmp(start.data, text, start.len) == 0;
}

bool claim_undecided(struct slice start)
{
    while (start.len > 0 && (start.data[0] == '\r' || start.data[0] == '\n'))
        start = slice_after(start, 1);
    if (start.len == 0)
        return true;
    if (start.len < 5 && start.data[0] >= 20 && start.data[0] <= 23)
        return (start.len < 2 || start.data[1] == 3) && (start.len < 3 || start.data[2] <= 4);
    if (begins(start, "GET ") || begins(start, "HTTP/1."))
        return true;
    /* A SIP start line that has not ended: printable, one word of letters before its first space. */
    if (start.len > START_LINE_MAX_BYTES || slice_find(start, 0, '\n') < start.len)
        return false;
    size_t space = slice_find(start, 0, ' ');
    for (size_t i = 0; i < start.len; i++) {
        uint8_t c = start.data[i];
        if (c == 0 || (c < ' ' && !ascii_space(c)) || c == 0x7f || (i < space && (c > 'z' || i > 32)))
            return false;
    }
    return true;
}

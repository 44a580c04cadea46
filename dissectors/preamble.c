/* The PROXY protocol (haproxy.org, proxy-protocol.txt), NUL keep-alives and STUN in front of SIP. */
#include "dissectors/preamble.h"

#include "base/reader.h"

enum {
    PROXY_LINE_MAX = 107,  /* version 1, with its CRLF */
    PROXY_BLOCK_MAX = 4096, /* version 2: the addresses and what a sender may add to them */
    STUN_HEADER_BYTES = 20,
    STUN_ATTRIBUTES_MAX = 2048
};

/* Whether bytes begin with text, as far as there are bytes. */
static bool begins(struct slice bytes, const char *text, size_t len)
{
    return memcmp(bytes.data, text, bytes.len < len ? bytes.len : len) == 0;
}

/* "PROXY TCP4 192.0.2.1 198.51.100.1 40000 5060" CRLF */
static enum preamble proxy_line(struct slice bytes, size_t *used)
{
    static const char word[] = "PROXY ";
    if (!begins(bytes, word, sizeof word - 1))
        return PREAMBLE_NONE;
    size_t end = slice_find(bytes, 0, '\n');
    if (end >= PROXY_LINE_MAX)
        return PREAMBLE_NONE;
    if (end == bytes.len)
        return PREAMBLE_MORE;
    struct slice family = slice_after(bytes, sizeof word - 1);
    *used = end + 1;
    return slice_starts(family, "TCP4 ") || slice_starts(family, "TCP6 ") || slice_starts(family, "UNKNOWN") ? PREAMBLE_PROXY
                                                                                                            : PREAMBLE_NONE;
}

/* | 0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a | version 2, command 0 or 1 | family | length (2) | addresses ... |. Its first
   four bytes look like keep-alives, and the caller has passed over those: it begins with the NUL here. */
static enum preamble proxy_block(struct slice bytes, size_t *used)
{
    static const char mark[] = {0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    struct reader r = reader_over(bytes);
    if (!begins(bytes, mark, sizeof mark))
        return PREAMBLE_NONE;
    reader_skip(&r, sizeof mark);
    uint8_t version = reader_u8(&r);
    reader_skip(&r, 1);
    uint16_t length = reader_be16(&r);
    if (!r.fault && ((version & 0xfeu) != 0x20 || length > PROXY_BLOCK_MAX))
        return PREAMBLE_NONE;
    reader_skip(&r, length);
    if (r.fault)
        return PREAMBLE_MORE;
    *used = bytes.len - reader_left(&r);
    return PREAMBLE_PROXY;
}

/* | 00 + type (14) | length (16) | magic cookie (32) | transaction (96) | attributes ... | */
static enum preamble stun(struct slice bytes, size_t *used)
{
    struct reader r = reader_over(bytes);
    uint16_t type = reader_be16(&r), length = reader_be16(&r);
    uint32_t cookie = reader_be32(&r);
    if (bytes.data[0] > 1 || (bytes.len > 1 && type == 0))
        return PREAMBLE_NONE;
    if (r.fault)
        return PREAMBLE_MORE;
    if (cookie != UINT32_C(0x2112a442) || length % 4 != 0 || length > STUN_ATTRIBUTES_MAX)
        return PREAMBLE_NONE;
    *used = STUN_HEADER_BYTES + length;
    return *used > bytes.len ? PREAMBLE_MORE : PREAMBLE_KEEPALIVE;
}

enum preamble preamble_parse(struct slice bytes, size_t *used)
{
    if (bytes.len == 0)
        return PREAMBLE_MORE;
    enum preamble found = bytes.data[0] == 'P' ? proxy_line(bytes, used) : proxy_block(bytes, used);
    if (found == PREAMBLE_NONE)
        found = stun(bytes, used);
    size_t nuls = 0;
    while (found == PREAMBLE_NONE && nuls < bytes.len && bytes.data[nuls] == 0)
        nuls++;
    if (nuls == 0)
        return found;
    *used = nuls;
    return PREAMBLE_KEEPALIVE;
}

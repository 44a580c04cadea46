/*  0                   1                   2                   3
    V=2 P X CC(4) | M PT(7) | sequence(16) | timestamp(32) | SSRC(32) | CSRC(32) * CC | X: profile(16) length(16) words * length */
#include "dissectors/rtp.h"

#include "base/reader.h"

bool rtp_parse(struct slice bytes, struct rtp_header *header)
{
    struct reader r = reader_over(bytes);
    uint8_t first = reader_u8(&r), second = reader_u8(&r);
    header->sequence = reader_be16(&r);
    header->timestamp = reader_be32(&r);
    header->ssrc = reader_be32(&r);
    header->csrc_count = first & 15u;
    header->extension = (first & 0x10u) != 0;
    header->marker = second >> 7;
    header->payload_type = second & 0x7fu;
    reader_skip(&r, 4 * (size_t)header->csrc_count);
    if (header->extension) { /* RFC 3550 5.3.1 */
        reader_skip(&r, 2);
        reader_skip(&r, 4 * (size_t)reader_be16(&r));
    }
    if (r.fault || first >> 6 != 2)
        return false;
    header->payload = reader_rest(&r);
    header->bad_padding = false;
    if ((first & 0x20u) != 0) { /* the last byte counts the padding, itself included */
        size_t padding = header->payload.len == 0 ? 0 : header->payload.data[header->payload.len - 1];
        header->bad_padding = padding == 0 || padding > header->payload.len;
        header->payload.len -= header->bad_padding ? 0 : padding;
    }
    return true;
}

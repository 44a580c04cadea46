/* length(16) | RTP or RTCP packet | length(16) | ... A STUN check of ICE-TCP (RFC 6544) is framed the same way. */
#include "dissectors/rtp_framing.h"

#include "base/reader.h"
#include "dissectors/claims.h"

enum { FRAME_MAX = 1500 };

bool rtp_framing_next(struct slice *rest, struct slice *frame)
{
    struct reader r = reader_over(*rest);
    size_t length = reader_be16(&r);
    *frame = reader_slice(&r, length);
    if (r.fault)
        return false;
    *rest = reader_rest(&r);
    return true;
}

bool rtp_framing_claim(struct slice start)
{
    struct slice rest = start, frame;
    if (!rtp_framing_next(&rest, &frame) || frame.len < 12 || frame.len > FRAME_MAX)
        return false;
    if (!claim_rtcp(frame) && !claim_rtp(frame) && !claim_stun(frame))
        return false;
    if (rest.len < 4)
        return frame.data[0] >> 6 == 2 && rest.len == 0; /* one whole frame so far */
    struct reader r = reader_over(rest);
    size_t length = reader_be16(&r);
    uint8_t first = reader_u8(&r);
    return length >= 12 && length <= FRAME_MAX && (first >> 6 == 2 || first >> 6 == 0);
}

bool rtp_framing_undecided(struct slice start)
{
    if (start.len == 0 || start.data[0] > FRAME_MAX >> 8 || (start.len > 2 && start.data[2] >> 6 != 2))
        return false;
    struct reader r = reader_over(start);
    size_t length = start.len < 2 ? FRAME_MAX : reader_be16(&r);
    return length >= 12 && length <= FRAME_MAX && start.len < length + 6; /* the next frame's first bytes decide */
}

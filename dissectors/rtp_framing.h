/* RTP over TCP (RFC 4571): each packet behind its length in 16 bits. */
#ifndef DISSECTORS_RTP_FRAMING_H
#define DISSECTORS_RTP_FRAMING_H

#include "base/slice.h"

/* The next whole frame off the front of *rest; false where it is not whole yet: *rest then stays. */
bool rtp_framing_next(struct slice *rest, struct slice *frame);

/* A stream that begins with a frame that holds RTP or RTCP of a plausible length, and with another one behind it. */
bool rtp_framing_claim(struct slice start);

/* Too few bytes to tell, and so far they could be such a stream. */
bool rtp_framing_undecided(struct slice start);

#endif

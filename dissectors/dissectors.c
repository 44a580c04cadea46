/* The table of what a payload can be, and the search through it. */
#include "dissectors/dissector.h"

#include "dissectors/claims.h"
#include "dissectors/hep.h"
#include "dissectors/rtp_framing.h"
#include "dissectors/sip.h"
#include "dissectors/turn.h"

/* In the order of asking: what is sure before what is likely. RTP comes last: any packet whose first bits are 10
   looks like it. */
const struct dissector dissectors[] = {
    {PROTOCOL_SIP, "sip", "RFC 3261", true, true, sip_claim},
    {PROTOCOL_SIP_KEEPALIVE, "sip-keepalive", "RFC 5626", true, false, claim_keepalive},
    {PROTOCOL_STUN, "stun", "RFC 8489", true, false, claim_stun},
    {PROTOCOL_TURN_CHANNEL, "turn-channel", "RFC 8656", true, false, turn_channel_claim},
    {PROTOCOL_DTLS, "dtls", "RFC 9147", true, false, claim_dtls},
    {PROTOCOL_HEP, "hep", "HEP/EEP revision 12", true, false, hep_claim},
    {PROTOCOL_TLS, "tls", "RFC 8446", false, true, claim_tls},
    {PROTOCOL_HTTP, "http", "RFC 6455", false, true, claim_http},
    {PROTOCOL_RTP_FRAMES, "rtp-frames", "RFC 4571", false, true, rtp_framing_claim},
    {PROTOCOL_RTCP, "rtcp", "RFC 3550", true, false, claim_rtcp},
    {PROTOCOL_RTP, "rtp", "RFC 3550", true, false, claim_rtp},
};

const size_t dissector_count = sizeof dissectors / sizeof dissectors[0];

enum protocol dissector_claim_datagram(struct slice payload)
{
    for (size_t i = 0; i < dissector_count; i++)
        if (dissectors[i].datagram && dissectors[i].claim(payload))
            return dissectors[i].protocol;
    return PROTOCOL_NONE;
}

enum protocol dissector_claim_stream(struct slice start, bool *more)
{
    *more = false;
    for (size_t i = 0; i < dissector_count; i++)
        if (dissectors[i].stream && dissectors[i].claim(start))
            return dissectors[i].protocol;
    *more = claim_undecided(start) || rtp_framing_undecided(start);
    return PROTOCOL_NONE;
}

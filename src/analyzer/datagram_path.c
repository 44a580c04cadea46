/* What a datagram's content says it is, and where it goes. */
#include "analyzer/pipeline.h"
#include "dissectors/claims.h"
#include "dissectors/dissector.h"
#include "dissectors/dns.h"
#include "dissectors/hep.h"
#include "dissectors/turn.h"

/* A packet that an agent captured elsewhere and sent on: its own addresses and time count, not those of the carrier. */
static void hep_path(struct analyzer *analyzer, struct slice payload, const struct sighting *outer)
{
    struct hep hep;
    if (!hep_parse(payload, &hep)) {
        anomaly_add(&analyzer->decoder.anomalies, ANOMALY_HEP_BAD);
        return;
    }
    struct sighting inner = *outer;
    inner.src = hep.src;
    inner.dst = hep.dst;
    inner.time_ns = hep.time_ns == CLOCK_NONE ? outer->time_ns : hep.time_ns;
    inner.transport = hep.ip_protocol == IP_TCP ? TRANSPORT_TCP : hep.ip_protocol == IP_SCTP ? TRANSPORT_SCTP : TRANSPORT_UDP;
    bool whole = !hep.compressed;
    if (whole && (hep.kind == HEP_RTP || hep.kind == HEP_RTCP) && (claim_rtp(hep.payload) || claim_rtcp(hep.payload)))
        media_path_datagram(analyzer, hep.payload, &inner);
    else if (!whole || hep.kind != HEP_SIP || !sip_path(analyzer, hep.payload, &inner, false))
        anomaly_add(&analyzer->decoder.anomalies, ANOMALY_HEP_KIND);
}

/* Names that were not found: what else DNS says is not looked at. False: it is no response, though it left the port. */
static bool dns_path(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting)
{
    struct dns_response response;
    if (!dns_response_parse(payload, &response))
        return false;
    vetting_dns(analyzer->vetting, sighting, &response);
    return true;
}

void datagram_path(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting, bool stays)
{
    /* Most datagrams that begin with a capital letter are SIP: its parser looks at the start line anyway, so the claim that would
       look first is saved. HEP begins with one too and holds SIP: it is told by its own first bytes. */
    bool letter = payload.len > 0 && payload.data[0] >= 'A' && payload.data[0] <= 'Z';
    if (letter && !hep_claim(payload) &&
        (stays ? sip_path_ahead(analyzer, payload, sighting) : sip_path(analyzer, payload, sighting, false)))
        return;
    sip_path_flush(analyzer);
    if (sighting->src.port == DNS_PORT && dns_path(analyzer, payload, sighting))
        return;
    switch (dissector_claim_datagram(payload)) {
    case PROTOCOL_SIP:
        (void)sip_path(analyzer, payload, sighting, false);
        break;
    case PROTOCOL_HEP:
        hep_path(analyzer, payload, sighting);
        break;
    case PROTOCOL_TURN_CHANNEL: {
        struct slice inner;
        if (turn_channel_parse(payload, &inner))
            media_path_datagram(analyzer, inner, sighting);
        break;
    }
    case PROTOCOL_RTP:
    case PROTOCOL_RTCP:
        media_path_datagram(analyzer, payload, sighting);
        break;
    case PROTOCOL_DTLS:
        tls_datagram(analyzer->tls, &(struct tls_datagram){.src = sighting->src, .dst = sighting->dst, .time_ns = sighting->time_ns,
                                                           .frame = sighting->frame, .bytes = payload});
        break;
    case PROTOCOL_NONE:
        if (payload.len > 0 && payload.data[0] >> 5 == 1)
            tls_datagram_sealed(analyzer->tls, &(struct tls_datagram){.src = sighting->src, .dst = sighting->dst, .time_ns = sighting->time_ns,
                                                                      .frame = sighting->frame, .bytes = payload});
        (void)media_datagram(analyzer->media, sighting, payload);
        break;
    default:
        break;
    }
}

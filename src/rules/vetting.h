/* Holds traffic against a profile: messages, streams and calls in, findings out. */
#ifndef RULES_VETTING_H
#define RULES_VETTING_H

#include "dissectors/dns.h"
#include "dissectors/sdp.h"
#include "record/firing.h"
#include "record/site.h"
#include "rules/profile.h"
#include "rules/rules.h"

struct vetting;
struct call; /* signaling's: passed through to `found` */

#define VETTED_NONE UINT32_MAX

struct vetting_config {
    uint64_t hash_seed;
    const struct profile *profile; /* NULL: none, nothing is checked */
    const struct site *site;       /* NULL: no facts */
    struct rules *rules;           /* severities are set as the profile says */
    /* A rule fired. call: as given; NULL: of no call. Texts are borrowed for the call. */
    void (*found)(void *context, struct call *call, const struct firing *firing);
    void *found_context;
};

/* One SIP message as the trackers saw it. Refs: borrowed for the call. */
struct vetted_message {
    const struct sip_message *message;
    const struct sighting *sighting;
    const struct sdp *sdp;    /* the description that it carries and its call followed; NULL */
    struct call *call;        /* NULL: of no call */
    uint32_t *vetted;         /* the number that the call keeps for its state here, VETTED_NONE at first; NULL without call */
    bool answer;              /* sdp answers an offer */
    bool by_caller;           /* the caller sent it */
    bool retransmission;
    bool copy;                /* and nobody sent it again: the capture holds it more than once */
    bool to_tag;              /* its To header has a tag */
    uint16_t call_status;     /* the call's final status, with this message; 0: none yet */
};

/* NULL without memory. */
struct vetting *vetting_new(const struct vetting_config *config);
void vetting_free(struct vetting *vetting);

/* Returns a bit for each enum sip_header_id that a finding says is missing. */
uint64_t vetting_message(struct vetting *vetting, const struct vetted_message *seen);

/* A SIP message quoted in an ICMP error that says that it was too big: mtu is the next hop's, 0 where it does not say (RFC 1191 4). */
void vetting_too_big(struct vetting *vetting, struct call *call, const struct sighting *sighting, unsigned mtu);

/* Capture time has reached now_ns, with or without messages. */
void vetting_time(struct vetting *vetting, int64_t now_ns);

/* A stream of a call whose record is being made: before vetting_call. */
void vetting_stream(struct vetting *vetting, uint32_t vetted, struct call *call, const struct stream_record *stream);

/* The call's record is complete but for findings and verdict. direction is filled in where the profile knows it. */
void vetting_call(struct vetting *vetting, uint32_t vetted, struct call *call, struct call_record *record);

/* After a call's findings are counted: its conclusion. Texts stay good until the next call here. */
struct vetting_facts {
    const char *one_way;      /* media's sentence on a direction without media; NULL */
    uint64_t one_way_frame;
    bool one_way_later;       /* at first it had media */
    uint64_t rtp_packets;     /* of the whole capture: 0: media is not in it */
};
void vetting_verdict(struct vetting *vetting, uint32_t vetted, const struct vetting_facts *facts, struct call_record *record);

/* Fetches ahead what vetting_message looks up by the sighting's addresses. */
void vetting_prefetch(const struct vetting *vetting, const struct sighting *sighting);

/* The same of what is kept of the call. */
void vetting_fetch(const struct vetting *vetting, uint32_t vetted);

/* Told of every finding of the call, wherever it was made. */
void vetting_fired(struct vetting *vetting, uint32_t vetted, const struct rule *rule, uint64_t frame);

/* A response of DNS: a failure for one of the trunk's names is found on no call, once for each name, code and resolver. */
void vetting_dns(struct vetting *vetting, const struct sighting *sighting, const struct dns_response *response);

/* A TLS connection that ended: what it says of the trunk is found on no call. */
void vetting_connection(struct vetting *vetting, const struct connection_record *connection);

/* Which way the call's first request went, so far. */
enum profile_direction vetting_direction(const struct vetting *vetting, uint32_t vetted);

/* Whether the message that was vetted last is on the hop between customer and trunk. */
bool vetting_at_trunk(const struct vetting *vetting);

/* The call is forgotten. */
void vetting_release(struct vetting *vetting, uint32_t vetted);

/* INVITE calls of all directions; NUMBER_NONE without profile. */
struct vetting_totals {
    uint64_t at_once, per_second;
};
struct vetting_totals vetting_totals(const struct vetting *vetting);

/* What is kept of calls that are not released. */
size_t vetting_bytes(const struct vetting *vetting);

#endif

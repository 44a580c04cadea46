/* A trunk's published contract as data: what profiles (JSON) say, checked and compiled for the rules. Code holds how to look;
   every name, list, range, number and severity is here. */
#ifndef RULES_PROFILE_H
#define RULES_PROFILE_H

#include <regex.h>

#include "base/json.h"
#include "dissectors/sip.h"
#include "record/record.h"
#include "record/site.h"

/* Bits of profile ranges. TLS is TCP that must be encrypted. */
enum profile_transport { PROFILE_UDP = 1, PROFILE_TCP = 2, PROFILE_TLS = 4 };

/* Which way a request goes, seen from the customer. */
enum profile_direction { DIRECTION_ANY, DIRECTION_OUTBOUND, DIRECTION_INBOUND };

enum number_format { NUMBER_FORMAT_ANY, NUMBER_E164_PLUS, NUMBER_E164_OR_NATIONAL };

/* Addresses and ports that the trunk uses. */
struct profile_range {
    struct network network;
    uint16_t port_low, port_high;
    uint8_t transports;  /* enum profile_transport bits */
    bool legacy;         /* listed once, no longer */
};

struct profile_region {
    struct slice name, billing_code;
    struct profile_range *signaling, *media;
    size_t signaling_count, media_count;
};

/* Headers of requests. methods: a bit per enum sip_method; names: a bit per enum sip_header_id. */
struct profile_headers {
    uint32_t methods;
    uint64_t names;
    enum profile_direction direction;
    bool recommended;    /* a warning instead of an error */
};

/* What a header's address must be. */
struct profile_constraint {
    uint32_t methods;
    enum profile_direction direction;
    enum sip_header_id header;
    bool host_name;      /* a name, no address */
    bool site_fqdn;      /* the site's sbc_fqdn, where that is known */
};

struct profile_request_uri {
    uint32_t methods;
    enum profile_direction direction;
    bool host_identify;  /* the host is the trunk's name */
    enum number_format user;
    int severity;        /* enum severity; -1: the rule's own */
};

struct profile_codec {
    struct slice name;   /* "PCMU" */
    uint32_t clock_hz;   /* 0: any */
    bool meetings;       /* only to the site's meeting_numbers */
};

struct profile_suite {
    struct slice name;       /* the trunk's spelling */
    struct slice aliases[4]; /* other spellings, an empty one ends them */
    unsigned key_bytes;      /* key and salt, RFC 4568 6.1 */
};

struct profile_explanation {
    unsigned status;
    struct slice text;
};

/* Absent numbers are NAN, absent texts empty, absent lists empty. Owns all it points to. */
struct profile {
    struct json *document;   /* merged: texts borrow from it */
    struct slice name, title, version;
    bool partial;            /* "status": "partial": the vendor publishes less than the rules would need */

    /* identify */
    bool has_host;
    regex_t host;            /* of Request-URI, To; without case */
    unsigned connector_group;/* the subexpression that is the connector id; 0: none */
    struct slice connector_header, sni_suffix;

    struct profile_region *regions;
    size_t region_count;

    /* transport: bits with ports in the regions; here only what must be on */
    struct slice tls_min;    /* "1.2" */
    bool tls_only;           /* signaling is never in the clear */

    uint32_t methods_supported, methods_unsupported; /* bits; 0: not said */
    int methods_other;       /* severity of a method in neither; -1: none */

    struct profile_headers *required, *forbidden;
    size_t required_count, forbidden_count;
    struct profile_constraint *constraints;
    size_t constraint_count;

    struct profile_request_uri *request_uris;
    size_t request_uri_count;
    bool siprec_host;        /* the SIPREC INVITE's Request-URI host is the trunk's name */
    enum number_format siprec_from;

    /* caller id */
    enum sip_header_id caller_order[4]; /* outbound, SIP_HEADER_OTHER ends it */
    enum number_format caller_format;
    enum sip_header_id inbound_caller[4];
    enum number_format inbound_caller_format;

    /* sdp */
    struct profile_codec *codecs_required, *codecs_allowed; /* at least one of the required */
    size_t codecs_required_count, codecs_allowed_count;
    bool dtmf_rfc4733;       /* telephone-event must be negotiated */
    bool delayed_offer_refused;
    double ptime_ms;
    bool fax_t38, fax_g711u;

    /* srtp */
    bool srtp_sdes;          /* keys by a=crypto (RFC 4568) */
    bool srtp_always;        /* media is never in the clear */
    struct profile_suite *suites;
    size_t suite_count;

    bool auth_digest;
    double udp_request_bytes, mtu_margin, max_forwards_min, cps, kbps_per_call, kbps_tolerance, concurrent_calls;
    int df_large;            /* severity; -1: not asked for */
    double rtt_ms, jitter_ms, loss_pct, mos_min, burst_packets;
    double one_way_s, rtcp_wait_s;

    struct profile_explanation *explanations;
    size_t explanation_count;

    /* By rule: severity or -1 (the rule's own), and what is switched off. Indexes as in rules.h; see profile_load. */
    int8_t *severities;
    bool *disabled;
    size_t rule_count;
};

/* What a profile is found by: a built-in name, or a path (with a '/' or ending in .json). rules: the table that "severity" and
   "disable" name. False with a message that names the profile, the path in it and what is expected; profile_fini in either case. */
struct rules;
bool profile_load(struct profile *profile, const char *name, const struct rules *rules, struct error *error);
void profile_fini(struct profile *profile);

/* The built-in ones, for --list-profiles. */
struct profile_text {
    const char *name;
    const char *json;
    size_t size;
};
extern const struct profile_text profile_texts[];
extern const size_t profile_text_count;

#endif

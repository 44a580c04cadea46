/* A trunk's published contract as data: what profiles (JSON) say, checked and compiled for the rules. Code holds how to look;
   every name, list, range, number and severity is here. */
#ifndef RULES_PROFILE_H
#define RULES_PROFILE_H

#include <regex.h>

#include "base/json.h"
#include "dissectors/sip.h"
#include "record/network.h"
#include "record/record.h"

/* Bits of profile ranges. TLS is TCP that must be encrypted. */
enum profile_transport { PROFILE_UDP = 1, PROFILE_TCP = 2, PROFILE_TLS = 4 };

/* Which way a request goes, seen from the customer. */
enum profile_direction { DIRECTION_ANY, DIRECTION_OUTBOUND, DIRECTION_INBOUND };

/* What "so many calls a second" counts: all calls, those of one source, or those between one source and one of the trunk's addresses. */
enum profile_cps_scope { CPS_OF_TRUNK, CPS_OF_SOURCE, CPS_OF_PAIR };

enum number_format { NUMBER_FORMAT_ANY, NUMBER_E164_PLUS, NUMBER_E164_OR_NATIONAL };

/* Port bits and numbers: "udp/5060", "udp/5000-65000", "tls/5061". */
struct profile_port {
    uint16_t port_low, port_high;
    uint8_t transports;  /* enum profile_transport bits */
};

/* Addresses and ports that the trunk uses: one for each network and its ports. A network of 0 bits is published without addresses:
   only the ports say something, and it is no sign of whose address it is. */
struct profile_range {
    struct network network; /* no bits behind its mask */
    uint16_t port_low, port_high;
    uint8_t transports;  /* enum profile_transport bits */
    bool legacy;         /* listed once, no longer */
};

struct profile_region {
    struct slice name, billing_code;
    struct profile_range *signaling, *media;
    size_t signaling_count, media_count;
};

/* Headers of requests. methods: a bit per enum sip_method (all bits: any method, registered or not); names: a bit per
   enum sip_header_id. */
struct profile_headers {
    uint32_t methods;
    uint64_t names;
    enum profile_direction direction;
    bool recommended;    /* a warning instead of an error */
};

/* What a header's address must be, where the header is there. */
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
    uint16_t responses[4]; /* what the trunk answers where this is broken; 0 ends them */
};

struct profile_codec {
    struct slice name;   /* "PCMU" */
    uint32_t clock_hz;   /* 0: any */
    bool meetings;       /* only to the site's meeting_numbers */
};

struct profile_suite {
    struct slice name;       /* the trunk's spelling */
    struct slice aliases[4]; /* other spellings, an empty one ends them: 3 at most */
    unsigned key_bytes;      /* key and salt, RFC 4568 6.1 */
};

struct profile_cipher {
    struct slice name, until; /* until: "2026-08-01", empty where no end is published */
};

struct profile_source {
    struct slice doc, url;
};

struct profile_explanation {
    unsigned status;
    struct slice text;
};

enum { CALLER_HEADERS_MAX = 4 };

/* Absent numbers are NAN, absent texts empty, absent lists empty. Owns all it points to. */
struct profile {
    struct json *document;   /* merged: texts borrow from it */
    struct slice name, title, version;
    struct profile_source *sources;
    size_t source_count;
    struct slice *extends;   /* what the document itself says it builds on */
    size_t extends_count;
    bool partial;            /* "status": "partial": the vendor publishes less than the rules would need */

    /* identify */
    bool has_host;
    regex_t host;            /* of Request-URI, To; without case */
    unsigned connector_group;/* the subexpression that is the connector id; 0: none */
    struct slice connector_header, sni_suffix;

    struct profile_region *regions;
    size_t region_count;

    /* transport: bits with ports in the regions; here only what must be on */
    struct profile_port *clear_ports, *secure_ports; /* with encryption off, on: where no region is published too */
    size_t clear_port_count, secure_port_count;
    struct slice tls_min;    /* "1.2" */
    bool tls_only;           /* signaling is never in the clear: "encryption_off" is there and empty */
    struct slice *certificate_names; /* "*.voiceconnector.chime.aws" */
    size_t certificate_name_count;
    struct profile_cipher *ciphers;
    size_t cipher_count;
    bool client_certificate_never;   /* the trunk has none: an SBC must not ask for it */

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
    enum sip_header_id caller_order[CALLER_HEADERS_MAX + 1]; /* outbound, SIP_HEADER_OTHER ends it */
    enum number_format caller_format;
    enum sip_header_id inbound_caller[CALLER_HEADERS_MAX + 1]; /* each of them carries the number */
    enum number_format inbound_caller_format;
    int inbound_caller_severity; /* -1: the rule's own */

    /* sdp */
    struct profile_codec *codecs_required, *codecs_allowed; /* at least one of the required */
    size_t codecs_required_count, codecs_allowed_count;
    bool dtmf_rfc4733;       /* telephone-event must be negotiated */
    bool delayed_offer_refused;
    double ptime_ms;
    bool fax_t38, fax_g711u;

    /* srtp */
    bool srtp_sdes;          /* keys by a=crypto (RFC 4568) */
    bool srtp_dtls;          /* keys by DTLS (RFC 5764) */
    bool srtp_always;        /* media is never in the clear */
    bool mki_refused;        /* no master key identifier in a=crypto */
    unsigned suites_common_min; /* how many of the suites an offer needs; 0: the suites say only how long keys are */
    struct profile_suite *suites;
    size_t suite_count;

    bool auth_digest, auth_optional;
    uint16_t challenges[4];  /* 401, 407; 0 ends them */
    double udp_request_bytes, mtu_margin, max_forwards_min, cps, kbps_per_call, kbps_tolerance, fax_kbps, concurrent_calls;
    enum profile_cps_scope cps_scope;
    int df_large;            /* severity; -1: not asked for */
    double rtt_ms, jitter_ms, loss_pct, audio_kbps_min, mos_min, burst_packets;
    double one_way_s, rtcp_wait_s;
    double buffer_fixed_ms, buffer_adaptive_ms; /* the jitter buffer that late packets are judged by; adaptive: the most */
    double nat_ports, nat_share; /* ports that one address has; the share of them that is a warning */

    struct profile_explanation *explanations;
    size_t explanation_count;

    /* records */
    struct slice cdr_key, outbound_usage, inbound_usage, service_code; /* templates with {billing_code}, {connector}, ... */
    struct slice sdr_key, streaming_usage, streaming_service_code; /* of recording sessions */
    double billing_increment_s, billing_minimum_s;

    /* By rule: severity or -1 (the rule's own), and what is switched off. Indexes as in rules.h; see profile_load. */
    int8_t *severities;
    bool *disabled;
    size_t rule_count;
};

/* What a profile is found by: a built-in name, or a path (with a '/' or ending in .json). "extends" names the same way, paths from the
   folder of the file that has them. rules: the table that "severity" and "disable" name; kept by number only. False with a message that
   names the profile, the path in it and what is expected: then the profile is empty. profile_fini in either case. */
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

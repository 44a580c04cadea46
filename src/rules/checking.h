/* What the files of rules share: one message under examination, and what a call left behind. Private to rules/. */
#ifndef RULES_CHECKING_H
#define RULES_CHECKING_H

#include "base/clock.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/table.h"
#include "base/text.h"
#include "dissectors/sip_uri.h"
#include "rules/vetting.h"

/* What a message must be for a check to look at it. */
enum when {
    WHEN_REQUEST = 1,
    WHEN_RESPONSE = 2,
    WHEN_INVITE = 4,          /* its method; for a response the CSeq's */
    WHEN_OPTIONS = 8,
    WHEN_INITIAL = 16,        /* a request without To tag */
    WHEN_UDP = 32,
    WHEN_STREAM = 64,         /* over TCP, WebSocket, ... */
    WHEN_FROM_CUSTOMER = 128, /* its receiver is the trunk */
    WHEN_FROM_TRUNK = 256,
    WHEN_FRESH = 512,         /* no retransmission */
    WHEN_SDP = 1024,
    WHEN_CALL = 2048,         /* belongs to a call whose state is kept */
    WHEN_CREDENTIALS = 4096,
    WHEN_CHALLENGE = 8192,    /* 401 or 407 */
    WHEN_WHOLE = 16384,       /* all of it was captured: what is missing is missing */
    WHEN_ALL = 32767
};

enum { CRYPTO_KEPT = 8, ANNOUNCED_KEPT = 6, OFFERS_KEPT = 4 };

/* What one side of a call described last. */
struct described {
    uint32_t announced[ANNOUNCED_KEPT]; /* hashes of the endpoints of its audio, of all of them */
    uint8_t announced_count;
    bool seen, savp, telephone_event;
    bool silent;                  /* it is on hold: inactive, refused, or at the zero address */
    uint64_t types[2];            /* a bit for each payload type of its audio, ever */
    struct endpoint audio;
};

/* a=crypto lines that one side offered or answered with. */
struct suites {
    uint32_t marks[CRYPTO_KEPT]; /* hashes of suite and tag, of all its descriptions; CRYPTO_KEPT: there may be more */
    uint8_t count;
};

struct descriptions {
    struct described sides[2];  /* caller, callee */
    uint32_t suites;            /* number in its pool: struct suites[2]; VETTED_NONE: keys were never described */
};

/* One challenge that a response made. Hashes; 0: not there. */
struct challenge {
    uint32_t realm, nonce, opaque, scheme, algorithm;
    bool proxy;                 /* of a 407 */
};

/* What challenges leave behind (digest_rules.c). */
struct digest_state {
    bool open;                  /* no credentials since */
    bool credentials;           /* were sent once */
    bool overflow;              /* more challenges than are kept */
    uint8_t challenges;         /* responses in a row, each after credentials */
    uint8_t offer_count;
    uint16_t status;
    uint32_t cseq, credentials_cseq, nc, nc_nonce;
    uint64_t frame;
    int64_t at_ns;
    struct challenge offers[OFFERS_KEPT];
};

/* The newest request that began on one hop of the call, and what came back there. */
struct hop {
    uint32_t key;               /* of sender and receiver; 0: none */
    uint32_t cseq;
    uint16_t copies, provisional; /* provisional: the newest 1xx */
    bool answered, final;       /* any response, a final one */
    struct endpoint to;
    uint64_t first_frame, last_frame, provisional_frame;
    int64_t first_ns, last_ns;
};

/* What the rules keep of a call: as few bytes as may be, since each call of a capture has one. */
struct vetted {
    struct hop hop;             /* the first one */
    uint64_t invite_frame, final_frame, ack_frame, bye_frame, answer_frame, dtmf_frame;
    int64_t invite_ns, answer_ns, bye_ns;
    int64_t heard_ns;           /* newest INVITE or response to one that is no repeat */
    struct endpoint final_src;  /* who sent the first copy of the final response */
    uint32_t descriptions, digest, route; /* numbers in their pools; VETTED_NONE: nobody described, nothing was challenged, no such hop */
    uint32_t answer_cseq, final_cseq;
    uint32_t session_expires;   /* seconds that the 2xx agreed on; 0: none */
    uint32_t unanswered_place;
    uint16_t final_status;
    uint16_t datagram_bytes;    /* the largest request as an IP datagram; 0: not over UDP */
    uint16_t fired, fired_final; /* enum fired bits, in all and before the final response */
    uint8_t direction;          /* enum profile_direction; ANY: not known */
    uint8_t refresher;          /* who refreshes the session: 1 the caller, 2 the callee, 0 not said */
    bool offered;               /* somebody described a session */
    bool active, active_trunk;  /* counted as going on; with the trunk */
    bool unanswered;            /* in vetting->unanswered */
    bool lapsed, lapsed_trunk;  /* was no longer counted, since nobody answered; was so with the trunk */
    bool siprec, acked, dont_fragment, fax;
    bool refreshed;             /* a re-INVITE or UPDATE came after the answer */
    bool to_tag;                /* a response to the INVITE had one */
    bool truncated;             /* not all of its messages were captured whole */
    bool reached;               /* a hop of the call reached an address in the ranges */
};

/* What few calls have: a second hop, and a request that names the trunk and went outside its ranges. */
struct route {
    struct hop hop;
    struct endpoint astray;     /* family 0: none */
    uint64_t astray_frame;
    int64_t astray_ns;
};

/* What the streams of one call said, while the call is concluded. */
struct heard {
    uint32_t call;              /* its number in the pool of calls; VETTED_NONE: none */
    uint8_t streams[2];         /* that arrived at each side */
    uint8_t reports;            /* a bit for each side at which sender reports arrived */
    uint8_t worst_toward;       /* side; 2: not known */
    int64_t media_end_ns;       /* newest packet of any stream; 0: none */
    uint64_t worst_stream;      /* id of the one with the lowest MOS; 0: none */
    double worst_mos, worst_loss_pct, worst_late_pct, worst_ie;
    char worst_codec[16];
    bool worst_at_tap;          /* packets are missing from the capture that its receiver did not miss */
    uint64_t worst_frame;
    const char *worst_where;    /* where RTCP says that packets were lost; NULL */
    struct endpoint worst_src, worst_dst;
};

/* What fired in a call, as far as its verdict asks. */
enum fired {
    FIRED_ICMP = 1,
    FIRED_TOO_BIG = 2,
    FIRED_ADDRESS = 4,
    FIRED_PORT = 8,
    FIRED_NUMBER = 16,
    FIRED_PRIVATE = 32,
    FIRED_DTMF = 64,
    FIRED_ERROR = 128,
    FIRED_SOURCE = 256
};

/* One address that sent or received SIP. */
struct peer {
    struct endpoint address;    /* port 0; family 0: the slot is free */
    bool own;                   /* in the site's own networks */
    bool trunk;                 /* in the profile's ranges */
    bool learned;               /* was spoken to by the trunk's name, or named itself so */
    uint16_t region;            /* index; of `trunk` */
    uint16_t mtu;               /* of the way to it, by an ICMP error; 0: none came */
};

/* Found by address, at a load of at most one half. Each message asks for two: they stand in their slots, so that one look finds them. */
struct peers {
    struct peer *slots;
    uint32_t mask, count;       /* mask: slots less one */
};

enum { FLOWS_KEPT = 4 };

/* A stream that was looked at: the next of its SSRC may be its continuation. */
struct seen_flow {
    uint64_t ssrc;              /* its hash */
    struct endpoint src, dst;
    int64_t end_ns;
};

enum { PACES = 256 };

/* New calls in one window of capture time, of what the profile counts together. */
struct pace {
    uint64_t key;
    int64_t window;
    uint32_t calls;
    bool told;
};

/* Calls without an answer, in the order in which they began: a ring. Owns its items. */
struct unanswered_calls {
    struct unanswered *items;
    uint32_t first, count, room;
    uint32_t gone;              /* how many left it: a call's place less these is its index */
};

struct vetting {
    struct vetting_config config;
    struct pool calls;          /* struct vetted */
    struct pool descriptions, digests, suites, routes;
    struct peers peers;
    struct text text;           /* scratch of found() */
    struct text verdict;
    struct seen_flow flows[FLOWS_KEPT]; /* of the call whose streams are looked at */
    unsigned flow_count;
    struct heard heard;
    uint64_t verdict_frames[4];
    struct call_verdict verdict_record;
    struct check_plans *plans;  /* all of them */
    uint64_t hosts[256];        /* hash of a host, lowest bit: it is the trunk's name */
    uint64_t dns_told[64];      /* hashes of failures that were found */
    /* calls begun in this second */
    int64_t now_ns;             /* newest message */
    int64_t second;
    uint32_t second_calls;      /* in all directions */
    struct pace paces[PACES];   /* to the trunk */
    struct sip_uri uri;         /* of the message under examination */
    bool at_trunk;              /* it is on the hop between customer and trunk */
    bool capacity_told, concurrent_told;
    struct unanswered_calls unanswered;
    uint64_t active, active_trunk; /* INVITE calls that began and did not end */
    struct vetting_totals totals;
};

/* One message under examination. */
struct checking {
    struct vetting *vetting;
    const struct profile *profile;
    const struct site *site;    /* NULL */
    const struct vetted_message *seen;
    const struct sip_message *message;
    const struct sighting *sighting;
    struct vetted *vetted;      /* NULL: of no call, or no memory */
    struct peer *src, *dst;     /* NULL: too many */
    unsigned when;              /* what it is */
    uint64_t headers;           /* a bit per enum sip_header_id that is there; 0: not looked at yet */
    bool uri_tried, uri_good;
    struct sip_uri *uri;        /* the Request-URI, once it was asked for; the vetting's */
    uint64_t missing;           /* a bit per enum sip_header_id that was found missing */
};

/* A check and what a message must be for it: one row of its file's table. */
struct check {
    unsigned when;
    void (*look)(struct checking *checking);
};

struct check_list {
    const struct check *rows;
    size_t count;
};

/* One for each file of message rules. */
extern const struct check_list address_checks, method_checks, header_checks, number_checks, size_checks, digest_checks, sdp_checks,
    crypto_checks;

/* The rule fired on the message; the sentence names what it is about. */
void found(struct checking *checking, enum rule_id rule, struct slice subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with another severity than the row's. */
void found_as(struct checking *checking, enum rule_id rule, enum severity severity, struct slice subject, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* "%.*s" of a slice, cut to what a sentence bears. */
#define WORDS(slice) (int)((slice).len < 100 ? (slice).len : 100), (const char *)(slice).data

/* A profile's severity of a case; -1 leaves the rule's own. */
static inline enum severity severity_or(int asked, enum severity own)
{
    return asked < 0 ? own : (enum severity)asked;
}

/* NULL where it does not read. */
static inline const struct sip_uri *request_uri_of(struct checking *checking)
{
    if (!checking->uri_tried)
        checking->uri_good = sip_uri_parse(checking->message->uri, checking->uri);
    checking->uri_tried = true;
    return checking->uri_good ? checking->uri : NULL;
}

/* TLS ended before the tap (a balancer, a HEP agent): the message says that it travelled encrypted. */
bool is_offloaded(const struct checking *checking);

/* The hash that `announced` keeps of an endpoint. */
static inline uint32_t endpoint_mark(const struct endpoint *endpoint)
{
    return (uint32_t)(endpoint_hash(0, endpoint) >> 32);
}

/* The call's descriptions so far; NULL: none. */
static inline struct descriptions *descriptions_of(const struct vetting *vetting, const struct vetted *vetted)
{
    return vetted->descriptions == VETTED_NONE ? NULL : pool_at(&vetting->descriptions, vetted->descriptions);
}

static inline struct digest_state *digest_of(const struct vetting *vetting, const struct vetted *vetted)
{
    return vetted->digest == VETTED_NONE ? NULL : pool_at(&vetting->digests, vetted->digest);
}

static inline struct suites *suites_of(const struct vetting *vetting, const struct descriptions *descriptions)
{
    return descriptions->suites == VETTED_NONE ? NULL : pool_at(&vetting->suites, descriptions->suites);
}

static inline struct route *route_of(const struct vetting *vetting, const struct vetted *vetted)
{
    return vetted->route == VETTED_NONE ? NULL : pool_at(&vetting->routes, vetted->route);
}

/* The call's hops, one after the other: 0, 1; NULL: it has no more. */
static inline const struct hop *hop_at(const struct vetting *vetting, const struct vetted *vetted, int index)
{
    const struct route *route = index == 1 ? route_of(vetting, vetted) : NULL;
    const struct hop *hop = index == 0 ? &vetted->hop : route == NULL ? NULL : &route->hop;
    return hop == NULL || hop->key == 0 ? NULL : hop;
}

/* vetting.c: the same, made where there are none; NULL: no memory. */
struct descriptions *descriptions_make(struct vetting *vetting, struct vetted *vetted);
struct digest_state *digest_make(struct vetting *vetting, struct vetted *vetted);
struct suites *suites_make(struct vetting *vetting, struct descriptions *descriptions);
struct route *route_make(struct vetting *vetting, struct vetted *vetted);

/* peers.c: the profile's or site's words on two addresses. NULL: too many addresses. Good until the next call. */
void peers_of(struct vetting *vetting, const struct endpoint *src, const struct endpoint *dst, struct peer **src_peer, struct peer **dst_peer);

/* peers.c */
void peers_fini(struct peers *peers);
size_t peers_bytes(const struct peers *peers);

/* activity.c: a message begins or ends its call; calls whose INVITE nobody answers end when it is time; the call is forgotten. */
void activity_count(struct checking *checking);
void activity_lapse(struct vetting *vetting);
void activity_forget(struct vetting *vetting, uint32_t vetted);
size_t activity_bytes(const struct vetting *vetting);

/* vetting.c: the host is one of the trunk's names. */
bool host_is_trunk(struct vetting *vetting, struct slice host);

/* vetting.c: the connector id in a host that is the trunk's name; SLICE_NONE. */
struct slice host_connector(const struct vetting *vetting, struct slice host);

/* address.c */
bool address_is_private(const struct endpoint *endpoint);
bool range_has(const struct profile_range *range, const struct endpoint *endpoint);

/* number.c: why a user part is no E.164 number with plus; NULL: it is one. number: digits and plus alone, cut from the user. */
const char *number_fault(struct slice user, struct slice *number);

/* The user part up to parameters, with %2B read as plus. buffer holds it. */
struct slice number_of(struct slice user, char *buffer, size_t size);

static inline bool checking_is(const struct checking *checking, unsigned when)
{
    return (checking->when & when) == when;
}

#endif

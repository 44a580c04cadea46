/* Session descriptions (RFC 4566, 8866) as offers and answers use them: read tolerantly, in place, bounded. */
#ifndef DISSECTORS_SDP_H
#define DISSECTORS_SDP_H

#include "base/endpoint.h"

enum { SDP_MEDIA_MAX = 16, SDP_FORMATS_MAX = 24, SDP_CRYPTO_MAX = 8, SDP_CANDIDATES_MAX = 16 };

enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };

/* One payload format of a media line. Refs: borrows. */
struct sdp_format {
    struct slice text;     /* as in the m= line: "0", "101", "t38" */
    struct slice encoding; /* rtpmap name "telephone-event", or the static type's name (RFC 3551) where there is no rtpmap */
    struct slice fmtp;     /* all after the format number */
    uint32_t clock_hz;     /* 0 unknown */
    uint16_t channels;     /* 1 where not said */
    uint8_t payload_type;  /* 0..127; 255 for formats that are no number */
    bool mapped;           /* has its own rtpmap */
};

/* One a=crypto line (RFC 4568), uninterpreted. Refs: borrows. */
struct sdp_crypto {
    struct slice tag, suite, key_parameters, session_parameters;
};

/* One a=candidate (RFC 8839), UDP or TCP. */
struct sdp_candidate {
    struct endpoint endpoint; /* family 0 where the address is a name */
    uint8_t component;
    struct slice kind; /* "host", "srflx", ... */
};

/* One m= section with what it inherits from the session level already applied. Refs: borrows. */
struct sdp_media {
    struct slice kind;        /* "audio", "video", "image" */
    struct slice protocol;    /* "RTP/AVP", "udptl" */
    struct endpoint endpoint; /* c= and port; family 0 where c= is missing or a name; port 0 = rejected (RFC 3264 6) */
    struct endpoint rtcp;     /* a=rtcp, else port + 1 */
    struct slice mid;
    struct slice fingerprint; /* "sha-256 AB:CD..." */
    struct slice key_management; /* a=key-mgmt */
    struct slice setup;
    enum sdp_direction direction;
    uint32_t ptime_ms, maxptime_ms; /* 0 where not said */
    uint32_t bandwidth_kbps;        /* b=AS of the media, else the session's; 0 where not said */
    bool rtcp_mux;
    bool zero_address;              /* c= 0.0.0.0 or ::, the old way to hold (RFC 2543) */
    uint8_t format_count, crypto_count, candidate_count;
    struct sdp_format formats[SDP_FORMATS_MAX];
    struct sdp_crypto crypto[SDP_CRYPTO_MAX];
    struct sdp_candidate candidates[SDP_CANDIDATES_MAX];
};

enum sdp_flag {
    SDP_NO_VERSION = 1,
    SDP_NO_ORIGIN = 2,
    SDP_BAD_LINE = 4,      /* a line that is not x=... */
    SDP_MEDIA_MORE = 8,    /* more m= lines than SDP_MEDIA_MAX, or formats, crypto lines, candidates than their limit */
    SDP_NO_ADDRESS = 16,   /* a media line with neither its own nor a session c= */
    SDP_BAD_MEDIA = 32     /* an m= line that does not read */
};

/* Refs: borrows. Large (about 50 kB): keep one per analyzer, not on the stack of a recursion; not zeroed as a whole on parse. */
struct sdp {
    struct slice origin_user, origin_id, origin_version, origin_address; /* o= */
    struct slice session_name;
    struct endpoint connection; /* session-level c= with port 0 */
    uint16_t flags;             /* enum sdp_flag */
    uint8_t media_count;
    struct sdp_media media[SDP_MEDIA_MAX];
};

/* False when the text holds no SDP at all (no v= and no m=). */
bool sdp_parse(struct slice text, struct sdp *sdp);

enum { SDP_KNOWN = 8, SDP_KNOWN_TEXT = 512 };

/* A media section as some agent writes it in all of its descriptions, but for the port. */
struct sdp_known {
    uint8_t text[SDP_KNOWN_TEXT]; /* from its m= on to the description's end */
    uint16_t len, tail;           /* tail: where in it the part behind the port begins; len 0: none */
    uint16_t flags;
    struct sdp_media media;       /* borrows from `text` */
};

/* Owns nothing on the heap. Large; zeroed before its first use. */
struct sdp_memory {
    struct sdp sdp; /* what the last sdp_parse_again read; borrows from its text and from `known` */
    struct sdp_known known[SDP_KNOWN];
};

/* The same as sdp_parse into memory->sdp, quicker for a media section that was read before: an agent's descriptions mostly differ in
   their first lines and the port alone. */
bool sdp_parse_again(struct slice text, struct sdp_memory *memory);

/* The static payload type's name and clock (RFC 3551 table 4 and 5); NULL for a dynamic or unassigned one. */
const char *sdp_static_encoding(uint8_t payload_type, uint32_t *clock_hz);

#endif

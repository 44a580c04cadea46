/* What media's files share: streams in two parts, endpoints that were announced or used, sessions. Private to media/. */
#ifndef MEDIA_STATE_H
#define MEDIA_STATE_H

#include "base/intern.h"
#include "base/pool.h"
#include "base/table.h"
#include "dissectors/sdp.h"
#include "media/codec.h"
#include "media/loss.h"
#include "media/stream.h"

enum { TYPES_MAX = 6, SETS_MAX = UINT16_MAX };

/* Media of a call goes on for a moment after its BYE: packets that are under way. */
#define AFTER_END_NS (2 * NS_PER_SECOND)

/* A payload type's meaning, as a session description gave it. */
struct format {
    const struct codec *codec; /* NULL: a codec that the table does not know */
    uint32_t clock_hz;         /* 0: not known */
    uint16_t name, fmtp;       /* interned */
    uint8_t payload_type;
    uint8_t kind;              /* enum media_kind, of its media line */
};

/* The formats of one media line, or of those that share a port (RFC 9143); equal lists are kept once. */
struct format_set {
    uint64_t hash;
    uint8_t count;
    struct format formats[];
};

enum media_kind { MEDIA_UNKNOWN, MEDIA_AUDIO, MEDIA_VIDEO, MEDIA_IMAGE, MEDIA_OTHER };

enum stream_why { WHY_HEURISTIC, WHY_SDP, WHY_SYMMETRIC, WHY_CONTINUITY };

enum { SIDE_CALLER, SIDE_CALLEE, SIDES };

/* An endpoint that a description announced, or that a stream uses. */
struct port {
    struct endpoint endpoint;
    uint32_t session;               /* SESSION_NONE: not announced (any more) */
    uint32_t next;                  /* of the same session; POOL_NONE */
    uint32_t streams_to, streams_from; /* POOL_NONE: none */
    uint16_t formats;               /* a set's number, 0: none */
    uint16_t suite;                 /* interned; INTERN_NONE: plain RTP */
    uint8_t kind;                   /* enum media_kind, of the first line; its formats know their own */
    uint8_t side;
    uint8_t hops;                   /* bits: on which the session announced it */
    int64_t announced_ns;
};

/* What one side said of its audio, newest description. */
struct side {
    struct endpoint audio; /* family 0: none yet */
    struct endpoint signaling; /* where its SIP came from */
    int64_t turned_ns;     /* when endpoint, direction or hold changed last */
    uint8_t direction;     /* enum sdp_direction, what it is ready to do */
    bool held;             /* zero address or refused */
    bool digits;           /* telephone-event was among its formats */
};

/* Signaling of a session between two addresses. A proxy that relays the media has endpoints of its own on each. */
enum { HOPS_MAX = 8 };
struct hop {
    uint64_t key;          /* of the two addresses */
    struct side sides[SIDES];
    bool left;             /* what was said on it holds no more: the side says something else elsewhere */
};

struct hops {
    struct hop items[HOPS_MAX];
    unsigned count;
    bool more;             /* there were others, which are not kept */
};

struct keyring; /* see decrypt.h */
struct unsealed;
struct pressed; /* a digit of the call; see digits.h */

/* The media of one call. */
struct session {
    uint32_t ports, streams; /* lists; POOL_NONE */
    uint32_t port_count;
    uint32_t call;          /* the record's id; 0: free */
    int64_t ended_ns;       /* CLOCK_NONE: not yet */
    int64_t described_ns;   /* by the first description; with hop_key */
    struct side sides[SIDES]; /* on whichever hop */
    uint64_t hop_key;       /* of the first hop; 0: nothing was described */
    struct hops *hops;      /* NULL: there is only that one */
    bool fax;               /* T.38 was announced at some time */
    struct keyring *keyring; /* NULL: its descriptions carried no keys */
    uint32_t rtcp_packets[SIDES], rtcp_bytes[SIDES]; /* toward each side; of compound packets */
    struct pressed *digits; /* in order of time */
    uint16_t digit_count, digit_room;
};

enum stream_flag {
    STREAM_PROVEN = 1,      /* tied, or enough packets in a row: no chance likeness */
    STREAM_MARKERS = 2,     /* a marker bit on most packets: it tells nothing */
    STREAM_CARRY = 4,       /* packets that do not count for jitter came since the newest that does */
    STREAM_LATE_RUN = 8,    /* the newest packet was late */
    STREAM_BEHIND = 16,     /* `timestamp` is not the highest packet's: highest_timestamp is */
    STREAM_NO_CLOCK = 32,   /* the payload type's clock is not known (yet) */
    STREAM_CLOCK_GUESSED = 64
};

/* The lists that a stream is in: those of its two ports, of its SSRC, of its session; newest first. */
enum list { LIST_TO, LIST_FROM, LIST_SSRC, LIST_SESSION, LISTS };

struct link {
    uint32_t before, next; /* POOL_NONE */
};

/* A description gave the usual type another clock; the sender does not go over to it at once. */
struct clock_change {
    uint32_t hz;                   /* 0: none is waited for */
    uint32_t timestamp;            /* where the look at the rate began, with since_ns */
    int64_t since_ns;
};

struct type_count {
    uint8_t payload_type;
    uint32_t packets;
    uint32_t apart; /* of them not measured: events, comfort noise, keepalives */
};

/* Counters at a window's end, to tell what the next one added. */
struct window_base {
    int64_t begin_ns;              /* of that next one */
    uint64_t expected, unique, late, bad_runs, jitter_samples;
    double jitter_sum;
    uint32_t packets;
};

struct window {
    uint32_t packets, lost, late, jitter_us;
    uint32_t delta_us; /* the longest time between two arrivals */
};

/* The window whose loss weighs most. */
struct worst {
    double weight;                 /* p / (p / BurstR + Bpl); 0: none lost anything */
    double loss_pct, burst_r;
    int64_t at_ns;
};

/* What only a stream that lives for more than a window has. */
struct history {
    struct window_base base, before; /* of the window that goes on, and of the one before it */
    struct window *windows;
    uint16_t window_count, window_room;
    uint16_t window_step;          /* 5-second windows in each kept one */
    struct worst worst;
    /* skew: least squares of the least transit of each window against time */
    double skew_n, skew_t, skew_x, skew_tt, skew_tx, skew_xx;
    int64_t fastest_ns;            /* least transit of all windows, and 0 */
};

struct reports; /* see reports.h */
struct fax;     /* see fax.h */
struct tones;   /* see tones.h */
struct events;  /* see telephone events in digits.h */

/* All of a stream but its hot line. */
struct detail {
    struct endpoint src, dst;
    uint32_t ssrc;
    uint32_t id;                   /* in order of first packet, from 1 */
    int64_t first_ns;
    uint64_t first_frame;
    uint32_t src_port, dst_port;   /* numbers of ports; POOL_NONE once the stream is closed */
    uint32_t session;              /* SESSION_NONE: of no call */
    struct link links[LISTS];
    uint64_t hash;                 /* in the index; 0: taken out of it, the stream does not go on */
    uint16_t formats, own_formats; /* of the receiver's description; of the sender's */
    uint16_t suite;                /* interned: the descriptions say that it is encrypted; INTERN_NONE: plain */
    uint8_t why, kind, toward;     /* enum stream_why, enum media_kind, side that receives */
    uint8_t type_count;
    struct type_count types[TYPES_MAX]; /* packets by payload type; those of the usual one are folded in */
    uint8_t usual;                 /* payload type that is measured; STREAM_SLOW: none yet */
    uint8_t strange, strange_row;  /* a payload type that nobody described, and how many of its packets the newest ones are */
    uint8_t row;                   /* packets in a row while it is not proven */
    uint16_t markers;
    uint16_t paced, off_pace;      /* packets one behind another that were looked at, and those far from their packet time */
    uint32_t first_timestamp;
    uint32_t typed;                /* packets that `types` counts so far */
    uint32_t clock_hz;             /* of the usual type; 0: not known */
    struct clock_change change;
    const struct codec *codec;     /* of the usual type; NULL */
    /* sequence */
    uint32_t base;                 /* first extended number of this sequence */
    uint32_t highest_timestamp;    /* valid with STREAM_BEHIND */
    uint32_t highest_ticks;        /* how long the highest packet's event lasts so far; 0: it is none; DIGITS_UNREAD */
    uint32_t turn, turn_ticks;     /* the packet at which the timestamps jumped last, and by how much; 0: they never did */
    uint64_t expected_before;      /* of sequences that ended */
    uint32_t duplicates, reordered, strays, restarts, late;
    uint32_t excluded;             /* from jitter, since the last fold */
    uint16_t bad_next;             /* a stray's sequence number and 1 */
    bool bad_any;
    uint8_t skew_wait;             /* packets of this window that still look for the least transit */
    uint32_t step_candidate;
    uint32_t fold_packets;         /* stream->packets at the last fold */
    uint64_t bytes, jitter_samples;
    double jitter_sum;
    float jitter_max, delta_max;
    int64_t carry_ns;              /* with STREAM_CARRY: from the newest packet that counts for jitter to the newest one */
    int64_t anchor_ns;             /* transit that the buffer was set by: of a first packet, or the least of a window */
    int64_t offset_ns;             /* transit against the first packet = offset - slack */
    uint32_t tap_slot;             /* number of its newest gap in the tap's list, if that still is its own */
    uint32_t loss_runs;            /* opened so far, of missing and of late packets */
    struct loss loss;
    int64_t window_begin_ns;
    int64_t least_ns;              /* least transit of this window's first packets; INT64_MAX */
    struct history *history;       /* NULL in the first window */
    uint32_t heap_bytes;           /* of history and holes, in media->heap_bytes */
    uint32_t tap_gaps, tap_packets; /* gaps that many streams share */
    float window_delta_max;        /* ns, of the window that goes on, as far as it is folded */
    int64_t tap_first_ns;
    struct events *events;
    struct reports *reports;
    struct fax *fax;
    struct tones *tones;
    struct unsealed *unsealed;
    uint8_t sample[8];             /* the first bytes of a payload of the usual type, for codecs that tell their mode there */
    uint8_t sample_len, sample_type;
    uint32_t sample_size;          /* that payload's length */
    /* adaptive buffer */
    double delay_ns, variation_ns;
};

struct tap; /* see tap.h */

/* A receiver's reference time (RFC 3611 4.4) that passed the tap. */
struct reference_time {
    uint32_t ssrc, ntp_middle;
    int64_t time_ns;
};

enum { REFERENCES_KEPT = 64 };

/* A datagram of RTCP that came a moment ago: a mirror port shows each twice. */
struct rtcp_seen {
    uint64_t hash; /* of all of it and its ends; 0: none */
    int64_t time_ns;
};

enum { RTCP_SEEN = 16 };

/* Where a stream that is gone went, and when its last packet came: another leg's call may still ask. */
struct heard_at {
    uint64_t hash; /* of the endpoint; 0: none */
    int64_t last_ns;
};

enum { HEARD_KEPT = 4096 };

/* A packet that came before its stream's key: of speech or an event, larger ones are not kept. */
enum { EARLY_PACKETS = 128, EARLY_BYTES = 256 };
struct early_packet {
    int64_t time_ns;
    uint64_t frame;
    uint32_t stream, id; /* number, and whose it was; id 0: none */
    uint16_t len;
    uint8_t bytes[EARLY_BYTES];
};

struct media {
    struct media_config config;
    struct reference_time references[REFERENCES_KEPT];
    uint32_t reference_next;
    struct rtcp_seen rtcp_seen[RTCP_SEEN]; /* a ring */
    uint32_t rtcp_seen_next;
    struct heard_at heard[HEARD_KEPT]; /* by hash, the newest of each place */
    struct pool streams, details;  /* in step: a stream has one number in both */
    struct pool ports, sessions;
    struct table index;            /* flow hash -> stream */
    struct table by_endpoint;      /* -> port */
    struct table by_ssrc;          /* -> newest stream of the SSRC */
    struct table by_formats;       /* -> format set */
    struct format_set **sets;
    uint32_t set_count, set_room;
    struct intern intern;
    struct tap *tap;               /* NULL before the first gap */
    uint32_t look;                 /* where the next look for silent streams goes on */
    uint32_t ids;
    int64_t now_ns, looked_ns;
    int64_t watched_ns; /* when media_watch looked last */
    size_t heap_bytes;             /* that streams hold besides their two parts */
    struct media_totals totals;
    struct description *description; /* scratch: a record and what it borrows */
    uint64_t *ids_scratch;         /* for call records */
    size_t ids_room;
    struct early_packet early[EARLY_PACKETS]; /* a ring: the newest of all streams */
    uint32_t early_next;
    uint8_t *opened;               /* plain text of the newest packet that was decrypted; NULL before the first */
    char *digits_scratch;
    size_t digits_room;
};

static inline struct stream *stream_at(const struct media *media, uint32_t number)
{
    return pool_at(&media->streams, number);
}

static inline struct detail *detail_at(const struct media *media, uint32_t number)
{
    return pool_at(&media->details, number);
}

static inline struct port *port_at(const struct media *media, uint32_t number)
{
    return pool_at(&media->ports, number);
}

static inline struct session *session_at(const struct media *media, uint32_t number)
{
    return pool_at(&media->sessions, number);
}

/* stream.c: any packet of the stream, in all its cases. */
void stream_see(struct media *media, uint32_t number, const struct media_packet *packet);

/* figures.c: brings the sums of the hot line into the detail. */
void stream_fold(struct stream *stream, struct detail *detail);

/* stream.c: the formats changed (a description came): payload types are looked up anew. again: the same side had said before what they
   mean, and says something else now; else it is known only now. */
void stream_formats_changed(struct media *media, uint32_t number, bool again);

/* figures.c: figures so far. */
uint64_t stream_expected(const struct stream *stream, const struct detail *detail);
uint64_t stream_unique(const struct stream *stream, const struct detail *detail);

/* links.c: the newest stream of the SSRC; POOL_NONE. Others follow by LIST_SSRC. */
uint32_t streams_of_ssrc(const struct media *media, uint32_t ssrc);
bool ssrc_add(struct media *media, uint32_t number);
void ssrc_remove(struct media *media, uint32_t number);
void ssrc_prefetch(const struct media *media, uint32_t ssrc);

/* links.c: streams in order of their beginning. */
struct stream_order {
    uint32_t id, number;
};
void streams_sort(struct stream_order *order, size_t count);

/* links.c: lists by their head. */
void list_add(struct media *media, enum list list, uint32_t *head, uint32_t number);
void list_remove(struct media *media, enum list list, uint32_t *head, uint32_t number);

/* figures.c: the RTP clock in use (RFC 3551, RFC 7587, ...) that the rate is within 2 % of; 0. */
uint32_t clock_near(double rate);

/* figures.c: the clock in Hz that the timestamps run at where it is evidently not the codec's; 0. */
uint32_t stream_clock_true(const struct stream *stream, const struct detail *detail);

/* figures.c: packets of a payload type; apart: they are not measured. */
void stream_type_add(struct detail *detail, uint8_t payload_type, uint32_t packets, bool apart);

/* figures.c: packets of the type at this place of `types` that are measured, those that went the short way too. */
uint32_t stream_type_measured(const struct stream *stream, const struct detail *detail, unsigned at);

/* figures.c: the payload type of most packets that are measured; else of most. */
uint8_t stream_type_main(const struct media *media, const struct stream *stream, const struct detail *detail);

/* figures.c: counts the usual type's packets that went the short way. */
void stream_types_settle(const struct stream *stream, struct detail *detail);

/* formats.c: what the type is to the E-model, by the descriptions or RFC 3551; NULL. clock_hz: 0 where it is not known. */
const struct codec *codec_of_type(const struct media *media, const struct detail *detail, uint8_t payload_type, uint32_t *clock_hz);

/* formats.c: the number of the set that some media lines describe together (bits); 0 where there is none or no memory. */
uint16_t formats_number(struct media *media, const struct sdp *sdp, unsigned lines);
enum media_kind formats_kind(struct slice kind);

/* formats.c: whether media of that kind is among them. */
bool formats_have_kind(const struct media *media, uint16_t number, uint8_t kind);
void formats_fini(struct media *media);

/* formats.c: whether the stream's sender may send nothing while its side is silent, by its codec, by comfort noise in a description or by
   its own packets (RFC 3551 4.1, RFC 3389). True where the codec is not known. */
bool formats_allow_pauses(const struct media *media, const struct detail *detail);

/* formats.c: what the descriptions say of a payload type of the stream, the receiver's first (RFC 3264 5.1: it says what it wants to
   get); NULL. */
const struct format *format_of(const struct media *media, const struct detail *detail, uint8_t payload_type);

/* port.c: the port is no longer announced by its session. */
void port_leave_session(struct media *media, uint32_t number);

/* binding.c: ties the stream to a call if there is one for it. */
void binding_tie(struct media *media, uint32_t number);

/* port.c: the endpoint's port, made when it is not there; POOL_NONE without memory. */
uint32_t port_number(struct media *media, const struct endpoint *endpoint);

/* port.c: fetches the memory that the two above look at first. */
void port_prefetch(const struct media *media, const struct endpoint *endpoint);

/* port.c: the endpoint's port; POOL_NONE. */
uint32_t port_find(const struct media *media, const struct endpoint *endpoint);

/* port.c: gives the port back when nothing refers to it any more. */
void port_release(struct media *media, uint32_t number);

/* session.c: a session for the call; SESSION_NONE without memory. */
uint32_t session_new(struct media *media, uint32_t call);

/* session.c: what it holds besides its ports. */
void session_fini(struct media *media, struct session *session);

/* session.c: its ports are no longer announced; its streams are gone already. */
void session_free(struct media *media, uint32_t number);

/* Whether the stream of a call is counted in media_ways. */
bool ways_count(const struct media *media, uint32_t number);

#endif

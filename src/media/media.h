/* All media of a run: RTP and RTCP packets and session descriptions in, stream records and the media side of calls out. */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include "media/mos.h"
#include "record/audio.h"
#include "record/record.h"
#include "record/session.h"

struct media;

enum buffer_kind { BUFFER_FIXED, BUFFER_ADAPTIVE };

/* The jitter buffer that late packets are judged by. */
struct buffer_model {
    enum buffer_kind kind;
    int64_t delay_ns;  /* fixed: the playout delay; adaptive: the most */
};

struct media_config {
    uint64_t hash_seed;
    size_t memory_limit;
    bool keep_to_end;       /* streams wait for their call, or for the end */
    bool windows;           /* records carry the windows for plots */
    bool tones;             /* look for DTMF tones in G.711 audio: costs a look at every sample */
    audio_reader *audio;    /* hears the audio of every packet: costs a look at each, and decryption; NULL: nobody */
    void *audio_context;
    struct buffer_model buffer;
    int64_t one_way_delay_ns; /* network delay between the ends by the site file; CLOCK_NONE */
    /* For media_ways: where a call has streams of which this is true (those of the hop that is looked at), they alone count. NULL: all do. */
    bool (*counts)(const void *context, const struct endpoint *src, const struct endpoint *dst);
    const void *counts_context;
    record_reader *publish; /* gets stream records */
    void *publish_context;
};

struct media_totals {
    uint64_t streams;       /* published */
    uint64_t rtp_packets, rtcp_packets, rtcp_unread, rtcp_decrypted; /* unread: encrypted, cut or broken */
    uint64_t evicted, refused; /* refused: packets of streams that there was no memory for */
};

/* One RTP packet as captured. Refs: bytes and endpoints are borrowed for the call. */
struct media_packet {
    int64_t time_ns;
    uint64_t frame;
    const struct endpoint *src, *dst;
    const uint8_t *bytes; /* at least 12 */
    uint32_t len;         /* captured */
    uint32_t wire_len;
    uint64_t hash;        /* media_rtp's own */
};

enum { MEDIA_BATCH = 32 };

/* NULL without memory. */
struct media *media_new(const struct media_config *config);
void media_free(struct media *media);

/* Up to MEDIA_BATCH packets in order of capture whose first bytes look like RTP; T.38 among them is taken as media_datagram does. */
void media_rtp(struct media *media, struct media_packet *packets, size_t count);

/* One datagram whose first bytes look like RTCP. */
void media_rtcp(struct media *media, const struct sighting *sighting, struct slice bytes);

/* A datagram that nothing else claimed, or that looks like RTCP: T.38 over UDPTL where a description announced it there. False: not media. */
bool media_datagram(struct media *media, const struct sighting *sighting, struct slice bytes);

/* True when a session description announced the endpoint. */
bool media_announced(const struct media *media, const struct endpoint *endpoint);

/* For struct session_follower: context is the media. */
uint32_t media_described(void *media, uint32_t session, const struct session_description *description);
void media_ended(void *media, uint32_t session, int64_t at_ns);
bool media_forget(void *media, uint32_t session, int64_t now_ns);
void media_forget_soon(void *media, uint32_t session, unsigned step);

/* A key for what src sends to dst that was agreed outside of descriptions (DTLS, RFC 5764); suite as RFC 4568 names it, master: key and
   salt. Copied, and wiped with the call. */
void media_key_agreed(struct media *media, const struct endpoint *src, const struct endpoint *dst, struct slice suite, const uint8_t *master);

/* A digit that a SIP message carried (INFO). */
struct media_press {
    char digit;
    bool by_caller;      /* the caller pressed it */
    int64_t duration_ns;
    uint64_t request;    /* the same on each hop that the request passes, and of no other request; 0: not known */
};

/* A press that was seen before, on another hop, counts once. Returns the session's number. */
uint32_t media_digit(struct media *media, uint32_t session, uint32_t call, const struct sighting *sighting,
                     const struct media_press *press);

struct quality_report;

/* What an end said in SIP of the media that it received. by_caller: the caller said it; by: what carried it, a text that lives as long
   as the program. */
void media_quality(struct media *media, uint32_t session, const struct quality_report *report, bool by_caller, const char *by);

/* Fills in what the call record says of media. Lists stay good until the next call of this layer's functions. */
void media_describe(struct media *media, uint32_t session, struct call_record *call);

/* Gives the records of the session's streams, as they are now, to a reader; publishes nothing. */
void media_streams(struct media *media, uint32_t session, const struct call_record *call, record_reader *read, void *context);

/* Gives the records, as they are now, of streams without a call that had packets since they were last given here. Walks all streams:
   for screens. */
void media_watch(struct media *media, record_reader *read, void *context);

/* All that went toward one side of a call so far, over all its streams of speech. */
struct media_way {
    uint64_t packets, bytes, rtcp_packets, rtcp_bytes;
    uint64_t expected, lost, bad;   /* bad: lost or late */
    uint64_t jitter_samples;
    double jitter_sum_ns;
    int64_t rtt_ns;                 /* between the two ends; CLOCK_NONE */
    bool scored;                    /* `input` holds: what the largest stream is scored by, without loss */
    struct mos_input input;
};

/* Toward the caller, toward the callee. */
enum { MEDIA_TO_CALLER, MEDIA_TO_CALLEE, MEDIA_WAYS };

/* Counts what packets of media_rtp there were up to now. False: no such session. */
bool media_ways(struct media *media, uint32_t session, struct media_way ways[MEDIA_WAYS]);

/* MOS-LQ of what came between two counts; NAN. */
double media_way_mos(const struct media_way *before, const struct media_way *now);

/* Why one of the two directions of an answered call has no media, or none any more; false where there is nothing to say. The texts are sentences. */
struct media_one_way {
    char text[600];
    bool later;     /* at first there was media both ways */
    bool meant;     /* then it may be: a voicemail that records sends nothing either */
    char subject[ENDPOINT_TEXT_SIZE];
    uint64_t frame; /* first packet of the direction that flows */
    int64_t at_ns;
};
/* least_ns: a call that talked for less says nothing; CLOCK_NONE: 3 s. */
bool media_one_way(struct media *media, uint32_t session, const struct call_record *call, int64_t least_ns, struct media_one_way *found);

/* Publishes the streams of the session behind its call's record and forgets the session. call: NULL where the call was not wanted:
   nothing is published. */
void media_release(struct media *media, uint32_t session, const struct call_record *call);

/* Publishes and forgets streams without a call that fell silent, and gives up what does not fit in memory. Cheap. */
void media_expire(struct media *media, int64_t now_ns);

/* End of the input, after all calls were released: streams without a call are published. */
void media_finish(struct media *media);

struct media_totals media_totals(const struct media *media);

#endif

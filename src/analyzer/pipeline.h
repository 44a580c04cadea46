/* What the analyzer's files share. Private to analyzer/. */
#ifndef ANALYZER_PIPELINE_H
#define ANALYZER_PIPELINE_H

#include "analyzer/analyzer.h"
#include "analyzer/minutes.h"
#include "analyzer/tally.h"
#include "analyzer/trunk.h"
#include "base/table.h"
#include "dissectors/sip.h"
#include "dissectors/sip_grammar.h"
#include "media/media.h"
#include "net/decode.h"
#include "net/defrag.h"
#include "net/sctp.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "rules/rules.h"
#include "rules/vetting.h"
#include "signaling/calls.h"

/* Which messages were checked against the grammar. */
enum { CONFORMANCE_SHAPES = 1024 };

struct conformance {
    uint64_t checked, malformed;
    struct table shapes; /* of messages seen, by hash alone: the index is its lower half */
    uint8_t senders[CONFORMANCE_SHAPES]; /* of a shape, by its hash: how many it was checked of, up to 255 */
};

/* What a message's shape is (kind, headers, their order), and that shape from its sender. */
struct shape {
    uint64_t anywhere, here;
};

enum { SIP_AHEAD = 4 };

/* A SIP message that is indexed, and whose memory is being fetched. */
struct sip_ahead {
    struct sip_message message; /* large: not for the stack of a deep call */
    struct sighting sighting;
    struct call_key key;
    struct shape shape;
    bool stream; /* it came over a stream transport */
};

/* TLS connections that ended, for the summary. */
struct tls_tally {
    uint64_t connections, decrypted, failed;
};

struct analyzer {
    struct analyzer_config config;
    struct decoder decoder;
    struct tcp *tcp;
    struct sctp *sctp;
    struct tls *tls;
    struct calls *calls;
    struct media *media;
    struct rules *rules;
    struct vetting *vetting;
    struct trunk *trunk;            /* NULL: not asked for */
    struct minutes *minutes;        /* NULL: not asked for */
    int64_t due_ns;                 /* capture time from which minutes_pass has something to do */
    uint32_t completing;            /* id of the call whose record is being made */
    struct tally tally;
    struct conformance conformance;
    struct sip_ahead ahead[SIP_AHEAD]; /* a ring */
    unsigned oldest, waiting;       /* the first of those that wait, and how many do: one place is always free */
    struct sip_verdict verdict;
    struct packet scratch[MEDIA_BATCH];   /* decoded; the first rtp_count wait in rtp */
    struct media_packet rtp[MEDIA_BATCH];
    size_t rtp_count;
    uint64_t packets, bytes, filtered_packets, sip_messages, icmp_errors;
    struct tls_tally tls_tally;
    uint64_t loose_findings[SEVERITY_COUNT]; /* findings of no call */
    int64_t first_ns, last_ns, before_ns; /* before_ns: of the newest frame */
};

/* sip_path.c: one SIP message, wherever it came from. stream: over a stream transport. False: it is none (nothing was done). */
bool sip_path(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting, bool stream);

/* finding_path.c: a rule fired; call NULL: on what belongs to none. */
void finding_add(void *analyzer, struct call *call, const struct firing *firing);

/* finding_path.c: every record that is published, on its way to config.publish: findings are counted. */
void record_pass(void *analyzer, const struct record *record);

/* fragment_path.c: a datagram of which a fragment never came. */
void fragment_path_lost(void *analyzer, const struct lost_datagram *lost);

/* sip_path.c: the same of a datagram whose bytes stay until sip_path_flush: it waits while the next ones are indexed, so that its
   call's memory comes meanwhile. */
bool sip_path_ahead(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting);

/* sip_path.c: what waits goes its way; before anything else that may touch a call. */
void sip_path_finish(struct analyzer *analyzer);

/* sip_path.c: fetches what the newest of those that wait looks at, while RTP comes behind it: step 0, then 1. */
void sip_path_step(struct analyzer *analyzer, size_t step);

static inline void sip_path_flush(struct analyzer *analyzer)
{
    if (analyzer->waiting > 0)
        sip_path_finish(analyzer);
}

/* sip_path.c: a SIP message quoted in an ICMP error: evidence about its call, not traffic. */
void sip_path_quoted(struct analyzer *analyzer, const struct packet *packet);

/* media_path.c: what calls and media tell each other, by way of struct calls_config. */
void media_path_complete(void *analyzer, struct call *call, uint32_t session, struct call_record *record);
void media_path_describe(void *analyzer, uint32_t session, struct call_record *record);
void media_path_streams(void *analyzer, uint32_t session, const struct call_record *record, record_reader *read, void *context);
void media_path_published(void *analyzer, uint32_t session, const struct call_record *record);

/* media_path.c: one RTP or RTCP packet that is not in the batch: from a tunnel or a stream. */
void media_path_datagram(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting);

/* media_path.c: true for messages that may say something of media besides their SDP: nearly none do. */
static inline bool media_path_speaks(const struct sip_message *message)
{
    return message->method == SIP_BYE || (message->body.len > 0 && (message->method == SIP_INFO || message->method == SIP_PUBLISH ||
                                                                    message->method == SIP_NOTIFY));
}

/* media_path.c: what a SIP message of the call says of its media: digits, quality reports. */
void media_path_message(struct analyzer *analyzer, struct call *call, const struct sighting *sighting, const struct sip_message *message);

/* datagram_path.c: one datagram's payload by its content. stays: until sip_path_flush. */
void datagram_path(struct analyzer *analyzer, struct slice payload, const struct sighting *sighting, bool stays);

/* connection_path.c: a TLS connection ended. */
void connection_path(void *analyzer, const struct tls_facts *facts);

/* connection_path.c: what DTLS agreed on for media. */
void connection_path_keys(void *analyzer, const struct tls_media_key *key);

/* stream_path.c: the reader of TCP streams, and of what came out of TLS. */
size_t stream_path(void *analyzer, const struct tcp_stream *stream, struct slice data);
void stream_path_release(void *analyzer, void *state);

/* conformance.c: fetches the memory that conformance_check will look at. */
struct shape conformance_shape(const struct analyzer *analyzer, const struct sip_message *message, const struct sighting *sighting);

/* conformance.c: checks the message when its shape is worth it; true when analyzer->verdict was filled in. */
bool conformance_check(struct analyzer *analyzer, const struct sip_message *message, const struct sighting *sighting,
                       struct shape shape, bool stream, bool *strict_refuses);

#endif

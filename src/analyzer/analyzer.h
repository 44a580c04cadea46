/* The pipeline as a value: frames in, records out. No globals, no clock of its own: a capture replays identically. */
#ifndef ANALYZER_ANALYZER_H
#define ANALYZER_ANALYZER_H

#include "base/frame.h"
#include "base/text.h"
#include "record/audio.h"
#include "record/record.h"
#include "record/site.h"

struct analyzer;
struct profile;

struct analyzer_config {
    uint64_t hash_seed;     /* from a random source where traffic may be hostile; no result depends on it */
    size_t memory_bytes;    /* budget for all that is kept */
    bool keep_to_end;       /* publish calls at the end in order of their beginning, else as they end */
    const struct site *site; /* NULL: none; must outlive the analyzer */
    const struct profile *profile; /* what traffic is held against; NULL: nothing; must outlive the analyzer */
    bool messages;          /* publish message records */
    bool texts;             /* with their texts */
    bool frames;            /* publish message records that say only frame, time, ends, transport and call; not where `messages` is set */
    bool trunk;             /* with what the trunk's logs would say of their call, and call records too: struct call_trunk */
    bool minutes;           /* publish minute records, of calls between customer and trunk; needs `trunk` */
    bool windows;           /* stream records carry their windows */
    bool tones;             /* look for DTMF tones in G.711 audio */
    bool keys_expected;     /* analyzer_keys will be called: TLS records wait for their keys */
    bool adaptive_buffer;   /* the jitter buffer model adapts, up to buffer_ns; else it is fixed at buffer_ns */
    int64_t buffer_ns;      /* 0: 60 ms fixed, 500 ms adaptive */
    audio_reader *audio;    /* hears the audio of all RTP packets; NULL: nobody, which is much faster */
    void *audio_context;
    record_reader *publish; /* gets every record but the summary */
    void *publish_context;
    /* -w: which calls (with their findings and messages) are published; NULL: all. */
    bool (*wanted)(void *context, const struct call_record *call);
    void *wanted_context;
    /* Hears every SIP message as it is read, with its bytes (borrowed), whatever -w says: for screens. NULL: nobody. */
    void (*hear)(void *context, const struct message_record *message, struct slice bytes);
    void *hear_context;
    /* -f: asked for each transport payload; datagram is its innermost IP datagram, reassembled or as captured. NULL: all pass. */
    bool (*accept)(void *context, const struct frame *frame, struct slice datagram, uint32_t datagram_wire_len, bool reassembled);
    void *accept_context;
};

/* NULL without memory. */
struct analyzer *analyzer_new(const struct analyzer_config *config);
void analyzer_free(struct analyzer *analyzer);

/* Frames in capture order; borrowed for the call. */
void analyzer_feed(struct analyzer *analyzer, const struct frame *frames, size_t count);

/* For live runs that see no packets: capture time has reached now_ns. */
void analyzer_tick(struct analyzer *analyzer, int64_t now_ns);

/* The capture went on until then, though no packet says so. */
void analyzer_until(struct analyzer *analyzer, int64_t end_ns);

/* Text of an NSS key log, whole lines; may come before or after the packets that it opens. Keeps the secrets, not the text. */
void analyzer_keys(struct analyzer *analyzer, struct slice lines);

enum { ANALYZER_SECRETS_MAX = 2048 };

/* Appends the lines of key logs that are of the TLS or DTLS connection with this client random to out, which has ANALYZER_SECRETS_MAX bytes
   of room, so that it need not grow and leave copies. They are secret: the caller wipes them. */
void analyzer_secrets(const struct analyzer *analyzer, struct slice client_random, struct text *out);

/* End of the input: everything that is left is published. */
void analyzer_finish(struct analyzer *analyzer);

/* For screens, between two feeds: gives the records, as they are now, of calls that are not published yet and changed since they
   were last given here (a call's, then its findings', then its streams'), and of streams without a call that had packets since;
   *summary counts these calls too. Walks all calls and streams. */
void analyzer_watch(struct analyzer *analyzer, record_reader *read, void *context, struct summary_record *summary);

/* The counters so far; the fields about files, drops and the process are left for the program. */
void analyzer_summary(const struct analyzer *analyzer, struct summary_record *summary);

#endif

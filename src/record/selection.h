/* Which packets of a capture belong to chosen calls: gathered from the records of these calls, then asked packet by packet. Grows with
   messages and streams, never with media packets. */
#ifndef RECORD_SELECTION_H
#define RECORD_SELECTION_H

#include "record/record.h"

struct selection;

/* chosen: some calls were (-w, marks), so that what belongs to none is left out. comments: findings are kept for selection_comments.
   NULL without memory. */
struct selection *selection_new(bool chosen, bool comments);
void selection_free(struct selection *selection);

/* Records in the order in which outputs get them: a call's, then those of its findings, messages and streams; connections any time. */
void selection_take(struct selection *selection, const struct record *record);

/* Packets before this frame and time are not there any more: what only they belong to is given up. Before selection_close. */
void selection_forget(struct selection *selection, uint64_t frame, int64_t time_ns);

/* No record follows: from here on it can be asked. False where memory was exhausted on the way. */
bool selection_close(struct selection *selection);

/* True where the frame holds a message of a chosen call, or is one that a finding names. */
bool selection_frame(const struct selection *selection, uint64_t number);

/* One packet's ends and content. Refs: the payload is borrowed for the call. */
struct selection_packet {
    int64_t time_ns;
    const struct endpoint *src, *dst;
    struct slice payload;
    bool stream;          /* TCP, SCTP */
    bool quoted;          /* inside an ICMP error */
};

/* True where it is of the media of a chosen call (RTP, RTCP, and what else its ends send each other meanwhile), or of a connection that
   carried a message of it. */
bool selection_packet(const struct selection *selection, const struct selection_packet *packet);

/* A stream that was chosen, and its call; NUMBER_NONE. */
struct selected_stream {
    uint64_t id, call;
};

/* The number of the chosen stream that such a packet belongs to, from 0; selection_streams where it belongs to none. */
size_t selection_stream(const struct selection *selection, const struct endpoint *src, const struct endpoint *dst, uint32_t ssrc, int64_t time_ns);

struct selected_stream selection_stream_at(const struct selection *selection, size_t number);

/* What was found at the frame, one sentence each; put is not called where there is nothing. */
void selection_comments(const struct selection *selection, uint64_t number, void (*put)(void *context, struct slice comment), void *context);

/* Gives the client random of each TLS or DTLS connection that chosen calls used. */
void selection_connections(const struct selection *selection, void (*give)(void *context, struct slice random), void *context);

/* Streams that are chosen. */
size_t selection_streams(const struct selection *selection);

#endif

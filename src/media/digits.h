/* DTMF: telephone events of a stream (RFC 4733) put together from their packets, and the digits that a call's user pressed, whatever
   carried them. Private to media/. */
#ifndef MEDIA_DIGITS_H
#define MEDIA_DIGITS_H

#include "dissectors/rtp.h"
#include "media/state.h"

/* One event of a stream. */
struct event {
    int64_t at_ns, newest_ns; /* arrivals of its first and newest packet */
    uint32_t timestamp;
    uint32_t before;          /* duration of earlier segments, timestamp units (RFC 4733 2.5.1.3) */
    uint16_t duration;        /* of the newest segment */
    uint8_t code, volume, payload_type;
    bool ended;
    uint32_t clock_hz;
};

enum { EVENTS_KEPT = 1024 };

/* Owns its items: the first EVENTS_KEPT, and behind them the newest one, of those that are only counted. */
struct events {
    struct event *items;
    uint16_t count, room;
    uint32_t left_out;
};

/* How many of them are kept. */
static inline unsigned events_kept(const struct events *events)
{
    return events == NULL ? 0 : events->count < EVENTS_KEPT ? events->count : EVENTS_KEPT;
}

enum digit_way { DIGIT_EVENT, DIGIT_INFO };

/* A digit of the call. */
struct pressed {
    int64_t at_ns, end_ns;
    char digit;
    uint8_t way, by; /* enum digit_way, the side that pressed it */
    uint32_t stream; /* its number; POOL_NONE */
    uint64_t request; /* see struct media_press */
};

/* True when the payload looks like a telephone event although no description says so: four bytes of a dynamic type that hold one. */
bool digits_payload(const struct rtp_header *header);

/* For how long the packet's event lasts so far, in timestamp units; 0 where it is none, DIGITS_UNREAD where it is encrypted. */
#define DIGITS_UNREAD UINT32_MAX
uint32_t digits_ticks(const struct media *media, const struct detail *detail, const struct rtp_header *header);

/* A packet of a telephone event (or of another payload type apart, which is looked at and left). */
void digits_see(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header);

/* The call's digits in order of time, each once however often and in whatever ways it was sent. Good until the next call. */
struct slice digits_text(struct media *media, const struct session *session);

/* The event as a record; text: room for its digit. */
void digits_describe(const struct event *event, char text[2], struct stream_digit *digit);

void digits_free(struct media *media, struct events *events);

#endif

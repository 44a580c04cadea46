/* What signaling tells media: the sessions that calls agree on. Nothing comes back this way but a number to name the session by. */
#ifndef RECORD_SESSION_H
#define RECORD_SESSION_H

#include "record/sighting.h"

struct sdp;

#define SESSION_NONE UINT32_MAX

/* One offer or answer of a call. Refs: borrowed for the call. */
struct session_description {
    uint32_t call;    /* the call record's id */
    const struct sighting *sighting; /* of the message that carried it */
    const struct sdp *sdp;
    bool by_caller;   /* the describing side is the one that called */
    bool answer;      /* RFC 3264; else an offer */
};

/* Who follows the sessions. */
struct session_follower {
    void *context;
    /* session: what the last call for this SIP call returned, SESSION_NONE at first. Returns the number to keep. */
    uint32_t (*described)(void *context, uint32_t session, const struct session_description *description);
    /* The call ended: media that begins later is not its. */
    void (*ended)(void *context, uint32_t session, int64_t at_ns);
    /* The call is over since long enough: true when the session was forgotten, since nothing of it could be said of the call. NULL:
       sessions stay. */
    bool (*forget)(void *context, uint32_t session, int64_t now_ns);
    /* forget will be called soon: fetches its memory, a step further each time. */
    void (*forget_soon)(void *context, uint32_t session, unsigned step);
};

#endif

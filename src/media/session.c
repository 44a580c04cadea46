/* The media side of a call while it lasts: its ports, its streams, the digits that its messages carry. */
#include <stdlib.h>

#include "media/decrypt.h"
#include "media/digits.h"
#include "media/state.h"

enum { DIGITS_MAX = 1024 };

/* Packets may be written a little out of order; media that began before AFTER_END_NS was over comes no later than this. */
#define BEHIND_NS (1 * NS_PER_SECOND)

uint32_t session_new(struct media *media, uint32_t call)
{
    uint32_t number;
    struct session *session = pool_take(&media->sessions, &number);
    if (session == NULL)
        return SESSION_NONE;
    *session = (struct session){.call = call, .ports = POOL_NONE, .streams = POOL_NONE, .ended_ns = CLOCK_NONE};
    return number;
}

void media_ended(void *context, uint32_t number, int64_t at_ns)
{
    struct media *media = context;
    if (number != SESSION_NONE)
        session_at(media, number)->ended_ns = at_ns;
}

void session_fini(struct media *media, struct session *session)
{
    media->heap_bytes -= session->digit_room * sizeof *session->digits;
    media->heap_bytes -= session->hops == NULL ? 0 : sizeof *session->hops;
    free(session->digits);
    free(session->hops);
    keyring_free(media, session->keyring);
}

void session_free(struct media *media, uint32_t number)
{
    struct session *session = session_at(media, number);
    while (session->ports != POOL_NONE) {
        uint32_t port = session->ports;
        port_leave_session(media, port);
        port_release(media, port);
    }
    session_fini(media, session);
    session->call = 0; /* free slots are known by it */
    pool_give(&media->sessions, number);
}

static bool press_known(const struct session *session, uint64_t request)
{
    for (unsigned i = session->digit_count; i > 0 && request != 0; i--)
        if (session->digits[i - 1].request == request)
            return true;
    return false;
}

bool media_forget(void *context, uint32_t number, int64_t now_ns)
{
    struct media *media = context;
    const struct session *session = session_at(media, number);
    if (session->streams != POOL_NONE || session->digit_count > 0 || session->ended_ns == CLOCK_NONE ||
        now_ns - session->ended_ns < AFTER_END_NS + BEHIND_NS)
        return false;
    /* Streams of these ports may still find the call by another stream; a fax may come to an announced port at any time. */
    for (uint32_t at = session->ports; at != POOL_NONE; at = port_at(media, at)->next) {
        const struct port *port = port_at(media, at);
        if (port->streams_to != POOL_NONE || port->streams_from != POOL_NONE || port->kind == MEDIA_IMAGE)
            return false;
    }
    session_free(media, number);
    return true;
}

void media_forget_soon(void *context, uint32_t number, unsigned step)
{
    const struct media *media = context;
    const struct session *session = session_at(media, number);
    if (step == 0) {
        __builtin_prefetch(session);
        __builtin_prefetch((const char *)session + sizeof *session - 1);
    } else if (session->ports != POOL_NONE) {
        const struct port *port = port_at(media, session->ports);
        __builtin_prefetch(step == 1 || port->next == POOL_NONE ? port : port_at(media, port->next));
    }
}

static void press_add(struct media *media, uint32_t session, struct pressed pressed)
{
    struct session *s = session == SESSION_NONE ? NULL : session_at(media, session);
    if (s == NULL || s->digit_count == DIGITS_MAX || press_known(s, pressed.request))
        return;
    if (s->digit_count == s->digit_room) {
        unsigned room = s->digit_room == 0 ? 8 : s->digit_room * 2u;
        struct pressed *grown = realloc(s->digits, room * sizeof *grown);
        if (grown == NULL)
            return;
        media->heap_bytes += (room - s->digit_room) * sizeof *grown;
        s->digits = grown;
        s->digit_room = (uint16_t)room;
    }
    unsigned at = s->digit_count++;
    for (; at > 0 && s->digits[at - 1].at_ns > pressed.at_ns; at--)
        s->digits[at] = s->digits[at - 1];
    s->digits[at] = pressed;
}

uint32_t media_digit(struct media *media, uint32_t session, uint32_t call, const struct sighting *sighting,
                     const struct media_press *press)
{
    if (session == SESSION_NONE)
        session = session_new(media, call);
    press_add(media, session,
              (struct pressed){.at_ns = sighting->time_ns,
                               .end_ns = sighting->time_ns + press->duration_ns,
                               .digit = press->digit,
                               .way = DIGIT_INFO,
                               .by = press->by_caller ? SIDE_CALLER : SIDE_CALLEE,
                               .stream = POOL_NONE,
                               .request = press->request});
    return session;
}

/* The media side of a call while it lasts: its ports, its streams, the digits that its messages carry. */
#include <stdlib.h>

#include "media/decrypt.h"
#include "media/digits.h"
#include "media/state.h"

enum { DIGITS_MAX = 1024 };

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
    free(session->digits);
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

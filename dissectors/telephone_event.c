/* event(8) | E R volume(6) | duration(16) */
#include "dissectors/telephone_event.h"

#include "base/reader.h"

bool telephone_event_next(struct slice *payload, struct telephone_event *event)
{
    struct reader r = reader_over(*payload);
    event->event = reader_u8(&r);
    uint8_t flags = reader_u8(&r);
    event->end = flags >> 7;
    event->reserved = (flags & 0x40u) != 0;
    event->volume = flags & 0x3fu;
    event->duration = reader_be16(&r);
    *payload = reader_rest(&r);
    return !r.fault;
}

char telephone_event_digit(uint8_t event)
{
    static const char digits[] = "0123456789*#ABCD!";
    return event < sizeof digits - 1 ? digits[event] : '\0';
}

const char *telephone_event_name(uint8_t event)
{
    /* RFC 4734 2, 3 */
    enum { FIRST = 32 };
    static const char *const names[] = {"ANS", "/ANS", "ANSam", "/ANSam", "CNG", "V.21-1-0", "V.21-1-1", "V.21-2-0", "V.21-2-1"};
    return event >= FIRST && event < FIRST + sizeof names / sizeof names[0] ? names[event - FIRST] : NULL;
}

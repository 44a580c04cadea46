/* Telephone events (RFC 4733): the 4-byte blocks of a payload, and what the codes mean. */
#ifndef DISSECTORS_TELEPHONE_EVENT_H
#define DISSECTORS_TELEPHONE_EVENT_H

#include "base/slice.h"

struct telephone_event {
    uint8_t event;
    bool end, reserved;  /* reserved: the R bit, which must be 0 */
    uint8_t volume;      /* -dBm0, 0 to 63 */
    uint16_t duration;   /* timestamp units, from the event's start */
};

/* Reads the next block off the front of *payload; false at the end or where fewer than four bytes are left. */
bool telephone_event_next(struct slice *payload, struct telephone_event *event);

/* '0'-'9', '*' (10), '#' (11), 'A'-'D' (12-15), '!' (16, flash); 0 for what no key makes. */
char telephone_event_digit(uint8_t event);

/* "ANS", "CNG", ...: codes of RFC 4734 that tell a fax or modem; NULL. */
const char *telephone_event_name(uint8_t event);

#endif

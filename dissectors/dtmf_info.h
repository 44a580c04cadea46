/* DTMF in SIP INFO bodies: application/dtmf-relay, application/dtmf, audio/telephone-event, application/hook-flash. */
#ifndef DISSECTORS_DTMF_INFO_H
#define DISSECTORS_DTMF_INFO_H

#include "base/slice.h"

struct dtmf_info {
    char digit;           /* 0-9 * # A-D, ! for flash */
    uint32_t duration_ms; /* 0: not said */
};

/* type: the Content-Type header's value. False where the body is no digit. */
bool dtmf_info_parse(struct slice type, struct slice body, struct dtmf_info *info);

#endif

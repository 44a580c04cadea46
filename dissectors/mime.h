/* The parts of a SIP body (RFC 2046, RFC 5621): finds the SDP and the other parts, also in nested multiparts (SIPREC, RFC 7866). */
#ifndef DISSECTORS_MIME_H
#define DISSECTORS_MIME_H

#include "base/slice.h"

/* Refs: borrows. */
struct mime_part {
    struct slice type;        /* "application/sdp", without parameters; empty where the part has no Content-Type */
    struct slice disposition; /* Content-Disposition without parameters */
    struct slice body;
};

enum { MIME_PARTS_MAX = 16 };

/* Splits a body of the given Content-Type value into leaf parts (a body that is no multipart is one part); returns how many.
   Bounded: at most MIME_PARTS_MAX parts, nesting of 4. */
size_t mime_split(struct slice content_type, struct slice body, struct mime_part parts[MIME_PARTS_MAX]);

#endif

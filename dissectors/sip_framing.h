/* Cuts SIP messages out of a byte stream (RFC 3261 18.3): by Content-Length, over any segmenting. */
#ifndef DISSECTORS_SIP_FRAMING_H
#define DISSECTORS_SIP_FRAMING_H

#include "base/slice.h"

enum sip_framing_kind {
    SIP_FRAMING_MESSAGE,    /* bytes[0..used) is one whole message */
    SIP_FRAMING_KEEPALIVE,  /* bytes[0..used) are CRLFs between messages (RFC 5626 3.5.1) */
    SIP_FRAMING_JUNK,       /* bytes[0..used) belong to no message: drop them */
    SIP_FRAMING_INCOMPLETE  /* wait for at least `need` bytes in all (0: unknown, just more) */
};

struct sip_framing {
    enum sip_framing_kind kind;
    size_t used;
    size_t need;
    size_t scanned; /* INCOMPLETE: how far the header's end was looked for; see sip_framing_resume */
    bool no_length; /* the message has no usable Content-Length: it was cut at the next start line, else where the bytes end that
                       are there (with a Content-Type, or on a closed stream), else at the end of its header */
};

enum { SIP_STREAM_MESSAGE_MAX = 1 << 20 }; /* a larger message is junk: bounds what a stream may buffer */

/* Looks at the stream's bytes from where the last call's `used` ended. `closed`: no more bytes will come, so that a
   message without Content-Length ends here and an unfinished one is given back as INCOMPLETE. */
struct sip_framing sip_framing_next(struct slice bytes, bool closed);

/* The same for a reader that remembers `scanned` of the last call, when that was INCOMPLETE and these are the same
   bytes and more: a header that comes in tiny pieces is then searched once. scanned = 0 starts over. */
struct sip_framing sip_framing_resume(struct slice bytes, size_t scanned, bool closed);

/* Where the next start line begins, in bytes whose first may be in the middle of anything. *whole: that line is there with its
   end; else it is unfinished and may become one, and bytes.len tells that there is none. A start line may follow other bytes on
   one line, as bodies and keep-alives need not end with a line end: then only a registered method, or a status, is believed. */
size_t sip_framing_find(struct slice bytes, bool *whole);

/* Bytes that belong to what is missing, not to the method, at a start line's beginning: 5 for "abcdeINVITE sip:". */
size_t sip_framing_trim(struct slice bytes);

#endif

/* What may stand before SIP at the start of a TCP stream: a proxy's line about the client, keep-alives that are no line ends, STUN. */
#ifndef DISSECTORS_PREAMBLE_H
#define DISSECTORS_PREAMBLE_H

#include "base/slice.h"

enum preamble {
    PREAMBLE_NONE,
    PREAMBLE_MORE,     /* its end is not there yet */
    PREAMBLE_PROXY,    /* the PROXY protocol of HAProxy and of AWS load balancers, version 1 or 2: what follows may be anything */
    PREAMBLE_KEEPALIVE /* NULs, or a STUN message: what follows is SIP */
};

/* Looks at the first bytes of a stream, or at those behind another preamble. *used: how many are the preamble's. */
enum preamble preamble_parse(struct slice bytes, size_t *used);

#endif

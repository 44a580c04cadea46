/* Recognises by content the protocols whose bytes are read elsewhere or not at all. */
#ifndef DISSECTORS_CLAIMS_H
#define DISSECTORS_CLAIMS_H

#include "base/slice.h"

bool claim_keepalive(struct slice payload); /* RFC 5626 3.5.1, and the NULs and spaces that others send */
bool claim_stun(struct slice payload);      /* RFC 8489 */
bool claim_dtls(struct slice payload);      /* RFC 6347, RFC 9147 */
bool claim_rtcp(struct slice payload);      /* RFC 3550 6, also SRTCP */
bool claim_rtp(struct slice payload);       /* RFC 3550 5.1, also SRTP */
bool claim_tls(struct slice payload);       /* RFC 8446 5.1 */
bool claim_http(struct slice payload);      /* the request or answer of RFC 6455 4 */

/* The start of a stream that is too short to be claimed by TLS, HTTP or SIP, but may become one of them. */
bool claim_undecided(struct slice start);

#endif

/* A second opinion on a SIP message by GNU osip2's full parser: slow (microseconds, hundreds of allocations), so only asked
   for messages whose shape is new. */
#ifndef DISSECTORS_SIP_STRICT_H
#define DISSECTORS_SIP_STRICT_H

#include "base/slice.h"

/* Once per process, before the first check, before any thread starts. */
void sip_strict_init(void);

/* True when osip2 parses the whole message. It is known to refuse some well-formed ones (RFC 4475 intmeth, novelsc) and to accept
   many broken ones: see sip_grammar.h for the verdict. False too for what is not asked, so that its time stays bounded: messages
   of more than 64 kB, or with more than 1000 lines, commas and semicolons. */
bool sip_strict_accepts(struct slice message);

#endif

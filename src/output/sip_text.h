/* The text of a SIP message as part of a JSON string: line ends, secrets, and a limit. */
#ifndef OUTPUT_SIP_TEXT_H
#define OUTPUT_SIP_TEXT_H

#include "base/text.h"

struct sip_text_rules {
    bool line_ends_kept; /* else CRLF becomes LF */
    bool secrets_kept;   /* else SRTP keys and digest responses become *** */
    size_t room;         /* bytes that the escaped text may take */
};

struct sip_text_fate {
    bool truncated;      /* it did not fit */
    bool invalid;        /* bytes that are no UTF-8 became U+FFFD */
    bool redacted;
};

/* Appends the escaped text without quotes. Secrets: the key of a=crypto (RFC 4568) and k= (RFC 4566), a=key-mgmt (RFC 4567), and nonce,
   cnonce and response of Authorization and Proxy-Authorization (RFC 3261 22.4). */
struct sip_text_fate sip_text_put(struct text *out, struct slice message, const struct sip_text_rules *rules);

#endif

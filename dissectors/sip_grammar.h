/* What is wrong with a SIP message under RFC 3261's grammar and per-message rules: the named defects, each with its clause.
   Looks at one message alone; whether a trunk allows something is the rules' question. */
#ifndef DISSECTORS_SIP_GRAMMAR_H
#define DISSECTORS_SIP_GRAMMAR_H

#include "dissectors/sip.h"

enum sip_defect_level {
    SIP_DEFECT_INVALID,   /* a receiver must or may refuse the message */
    SIP_DEFECT_OBSOLETE,  /* RFC 2543 style, still accepted by RFC 3261 elements */
    SIP_DEFECT_ODD        /* well-formed, but no receiver can use it as meant (bare branch cookie, broadcast Via, ...) */
};

/* One row a defect. The list stands in sip_syntax.h; ids are stable names for records and rules. */
struct sip_defect_row {
    const char *name;   /* "sip-request-uri-brackets" */
    enum sip_defect_level level;
    const char *text;   /* one sentence: what is wrong */
    const char *source; /* "RFC 3261 25.1" */
};

extern const struct sip_defect_row sip_defect_rows[];
extern const size_t sip_defect_count;

/* One defect of a message. Refs: subject and value borrow from the message. */
struct sip_defect {
    uint16_t row;          /* index in sip_defect_rows */
    struct slice subject;  /* header name or "request line"/"status line"/"body" */
    struct slice value;    /* the offending text, cut to what matters */
};

enum { SIP_DEFECTS_MAX = 24 };

struct sip_verdict {
    struct sip_defect defects[SIP_DEFECTS_MAX];
    uint16_t count; /* the first SIP_DEFECTS_MAX are kept */
    bool well_formed; /* no defect of level INVALID */
};

/* stream: the message came over a stream transport (where Content-Length is mandatory, RFC 3261 20.14). truncated: the capture
   cut the payload, so that nothing is said of what the missing bytes may hold. */
void sip_grammar_check(const struct sip_message *message, bool stream, bool truncated, struct sip_verdict *verdict);

#endif

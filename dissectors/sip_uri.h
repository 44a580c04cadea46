/* SIP addresses and parameters (RFC 3261 19, 20.10, 25.1), read tolerantly in place. */
#ifndef DISSECTORS_SIP_URI_H
#define DISSECTORS_SIP_URI_H

#include "base/slice.h"

/* Refs: borrows. Absent parts are empty. */
struct sip_uri {
    struct slice scheme; /* "sip", "sips", "tel", ... */
    struct slice user;   /* without password; for tel: the number */
    struct slice host;   /* IPv6 with its brackets */
    struct slice parameters; /* after the first ';', without it */
    struct slice headers;    /* after '?' */
    uint32_t port;           /* 0 where absent or not 1..65535 */
};

/* Refs: borrows. */
struct sip_address {
    struct slice display;    /* without quotes */
    struct slice uri_text;   /* without < > */
    struct slice parameters; /* of the header field: what follows the '>' or, without <>, the first ';' */
    struct sip_uri uri;
    bool bracketed;          /* stood in < > */
};

/* False when there is no scheme; what could be read is still filled in. */
bool sip_uri_parse(struct slice text, struct sip_uri *uri);

/* A name-addr or addr-spec with parameters: the value of From, To, Contact, ... (one value, not a list). */
bool sip_address_parse(struct slice text, struct sip_address *address);

/* The user part alone, as sip_address_parse reads it. */
struct slice sip_user(struct slice text);

/* The value of ;name=value (name without case), without quotes; SLICE_NONE where it is missing. *found (may be NULL) tells
   ";lr" from nothing. */
struct slice sip_parameter(struct slice parameters, const char *name, bool *found);

/* The tag parameter of a From or To value; empty where missing. Tolerant: finds it even where the address is broken. */
struct slice sip_tag(struct slice value);

/* Refs: borrows. */
struct sip_via {
    struct slice transport; /* "UDP" */
    struct slice sent_by;   /* host[:port] as written */
    struct slice host;
    struct slice branch, received, rport;
    struct slice parameters;
    uint32_t port; /* 0 where absent */
};

/* The first value of a Via header field. False where it does not read as one; what could be read is filled in. */
bool sip_via_parse(struct slice value, struct sip_via *via);

#endif

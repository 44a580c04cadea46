/* DNS responses (RFC 1035): what was asked for, and whether it was found. */
#ifndef DISSECTORS_DNS_H
#define DISSECTORS_DNS_H

#include "base/slice.h"

enum { DNS_PORT = 53, DNS_NAME_SIZE = 256 };

struct dns_response {
    unsigned code;            /* RCODE: 0 no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED */
    unsigned type;            /* of the question: 1 A, 28 AAAA, 33 SRV, 35 NAPTR */
    char name[DNS_NAME_SIZE]; /* of the question, in lower case without the last dot; bytes that no host name has as '?' */
};

/* A response with one question over UDP; false for anything else, also for what was cut short before its question's end. */
bool dns_response_parse(struct slice bytes, struct dns_response *response);

/* "NXDOMAIN", "SERVFAIL", ...; NULL for a code without a name. */
const char *dns_code_name(unsigned code);

#endif

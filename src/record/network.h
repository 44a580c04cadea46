/* An address range as people write it: "192.0.2.0/24", "2001:db8::/32", or one address. */
#ifndef RECORD_NETWORK_H
#define RECORD_NETWORK_H

#include "base/endpoint.h"

struct network {
    struct endpoint address; /* port 0 */
    unsigned bits;
};

/* False when the text is no range. Bits behind the mask may be set: they are not looked at. */
bool network_parse(struct slice text, struct network *network);

/* True when the address lies in the range. */
bool network_has(const struct network *network, const struct endpoint *endpoint);

/* True when the two have an address in common. */
bool network_overlaps(const struct network *a, const struct network *b);

#endif

/* Address ranges. */
#include "rules/checking.h"

/* RFC 1918, RFC 6598 (CGNAT), RFC 3927 and RFC 4291 (link-local), RFC 4193, loopback. */
bool address_is_private(const struct endpoint *endpoint)
{
    const uint8_t *a = endpoint->address;
    static const uint8_t loopback[16] = {[15] = 1};
    if (endpoint->family == 6)
        return memcmp(a, loopback, 16) == 0 || (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
    return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
           (a[0] == 100 && (a[1] & 0xc0) == 64) || (a[0] == 169 && a[1] == 254) || a[0] == 127;
}

bool range_has(const struct profile_range *range, const struct endpoint *endpoint)
{
    return network_has(&range->network, endpoint) && endpoint->port >= range->port_low && endpoint->port <= range->port_high;
}

/* Compares the leading bits, byte by byte. */
#include "record/network.h"

bool network_parse(struct slice text, struct network *network)
{
    size_t slash = slice_find(text, 0, '/');
    uint64_t bits;
    if (!endpoint_parse_address(slice_cut(text, 0, slash), &network->address))
        return false;
    unsigned most = network->address.family == 4 ? 32 : 128;
    network->bits = most;
    if (slash == text.len)
        return true;
    if (!slice_uint(slice_after(text, slash + 1), &bits) || bits > most)
        return false;
    network->bits = (unsigned)bits;
    return true;
}

bool network_has(const struct network *network, const struct endpoint *endpoint)
{
    unsigned bytes = network->bits / 8, rest = network->bits % 8;
    if (network->address.family != endpoint->family || memcmp(network->address.address, endpoint->address, bytes) != 0)
        return false;
    return rest == 0 || (network->address.address[bytes] ^ endpoint->address[bytes]) >> (8 - rest) == 0;
}

bool network_overlaps(const struct network *a, const struct network *b)
{
    return a->bits < b->bits ? network_has(a, &b->address) : network_has(b, &a->address);
}

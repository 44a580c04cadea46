/* Endpoint text: libc's inet_ntop and inet_pton do the IPv6 forms (RFC 5952). */
#include "base/endpoint.h"

#include <arpa/inet.h>

_Static_assert(sizeof(struct endpoint) == 20, "endpoint is a key without padding");

static const char *const transport_names[TRANSPORT_COUNT] = {"udp", "tcp", "tls", "ws", "wss", "sctp"};

const char *transport_name(enum transport transport)
{
    return transport_names[transport];
}

static size_t decimal_put(char *out, unsigned value)
{
    char digits[5];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    return n;
}

size_t endpoint_format(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE])
{
    size_t n = 0;
    if (endpoint->family == 4) {
        for (int i = 0; i < 4; i++) {
            n += decimal_put(out + n, endpoint->address[i]);
            out[n++] = i < 3 ? '.' : ':';
        }
    } else if (endpoint->family == 6) {
        out[n++] = '[';
        if (inet_ntop(AF_INET6, endpoint->address, out + n, INET6_ADDRSTRLEN) != NULL)
            n += strlen(out + n);
        out[n++] = ']';
        out[n++] = ':';
    } else {
        out[0] = '\0';
        return 0;
    }
    n += decimal_put(out + n, endpoint->port);
    out[n] = '\0';
    return n;
}

bool endpoint_parse_address(struct slice text, struct endpoint *endpoint)
{
    char copy[INET6_ADDRSTRLEN + 1];
    uint8_t address[16];
    if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
        text = slice_cut(text, 1, text.len - 1);
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.data, 0, text.len) != NULL)
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, address) == 1)
        *endpoint = endpoint_ipv4(address, 0);
    else if (inet_pton(AF_INET6, copy, address) == 1)
        *endpoint = endpoint_ipv6(address, 0);
    else
        return false;
    return true;
}

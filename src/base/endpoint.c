/* Endpoint text: IPv4 by hand, since every record has it; libc's inet_ntop and inet_pton do IPv6 (RFC 5952). */
#include "base/endpoint.h"

#include <arpa/inet.h>

#include "base/digits.h"

_Static_assert(sizeof(struct endpoint) == 20, "endpoint is a key without padding");

static const char *const transport_names[TRANSPORT_COUNT] = {"udp", "tcp", "tls", "ws", "wss", "sctp"};

const char *transport_name(enum transport transport)
{
    return transport_names[transport];
}

size_t endpoint_format(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE])
{
    char *at = out;
    if (endpoint->family == 4) {
        for (int i = 0; i < 4; i++) {
            at = digits_octet(at, endpoint->address[i]);
            *at++ = i < 3 ? '.' : ':';
        }
    } else if (endpoint->family == 6) {
        *at++ = '[';
        if (inet_ntop(AF_INET6, endpoint->address, at, INET6_ADDRSTRLEN) != NULL)
            at += strlen(at);
        *at++ = ']';
        *at++ = ':';
    } else {
        out[0] = '\0';
        return 0;
    }
    at = digits_uint(at, endpoint->port);
    *at = '\0';
    return (size_t)(at - out);
}

size_t endpoint_format_address(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE])
{
    size_t length = endpoint_format(endpoint, out);
    while (length > 0 && out[length - 1] != ':')
        length--;
    if (length > 0)
        out[--length] = '\0'; /* and the colon */
    if (endpoint->family == 6) {
        out[length - 1] = '\0'; /* the brackets */
        memmove(out, out + 1, length - 1);
        length -= 2;
    }
    return length;
}

/* Four decimal octets without leading zeros, and nothing else: what inet_pton takes. */
static bool ipv4_parse(struct slice text, uint8_t address[4])
{
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        if (i > 0 && (at == text.len || text.data[at++] != '.'))
            return false;
        size_t from = at;
        unsigned value = 0;
        for (; at < text.len && ascii_digit(text.data[at]) && value <= 255; at++)
            value = value * 10 + (unsigned)(text.data[at] - '0');
        if (at == from || value > 255 || (text.data[from] == '0' && at - from > 1))
            return false;
        address[i] = (uint8_t)value;
    }
    return at == text.len;
}

bool endpoint_parse_address(struct slice text, struct endpoint *endpoint)
{
    char copy[INET6_ADDRSTRLEN + 1];
    uint8_t address[16];
    if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
        text = slice_cut(text, 1, text.len - 1);
    if (ipv4_parse(text, address)) {
        *endpoint = endpoint_ipv4(address, 0);
        return true;
    }
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.data, 0, text.len) != NULL)
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET6, copy, address) != 1)
        return false;
    *endpoint = endpoint_ipv6(address, 0);
    return true;
}

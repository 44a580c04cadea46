/*  id(16) | QR, opcode(4), AA, TC, RD, RA, Z, AD, CD, RCODE(4) | questions, answers, authorities, additionals(16 each)
    question: labels (length, bytes) to an empty one, type(16), class(16)

    A question's name is the first of the message, so that nothing stands before it that it could point to: a compressed one is refused. */
#include "dissectors/dns.h"

#include "base/reader.h"

static bool name_byte(uint8_t c)
{
    return ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

static bool name_read(struct reader *r, char name[DNS_NAME_SIZE])
{
    size_t at = 0;
    for (;;) {
        uint8_t length = reader_u8(r);
        struct slice label = reader_slice(r, length);
        if (r->fault || length > 63 || at + length + 2 > DNS_NAME_SIZE)
            return false;
        if (length == 0)
            break;
        if (at > 0)
            name[at++] = '.';
        for (size_t i = 0; i < label.len; i++) {
            uint8_t c = ascii_lower(label.data[i]);
            name[at++] = name_byte(c) ? (char)c : '?';
        }
    }
    name[at] = '\0';
    return at > 0;
}

bool dns_response_parse(struct slice bytes, struct dns_response *response)
{
    struct reader r = reader_over(bytes);
    reader_skip(&r, 2);
    uint16_t flags = reader_be16(&r), questions = reader_be16(&r);
    reader_skip(&r, 6);
    bool answers = (flags & 0x8000u) != 0, query = (flags & 0x7800u) == 0; /* QR; opcode 0 */
    if (r.fault || !answers || !query || questions != 1 || !name_read(&r, response->name))
        return false;
    response->type = reader_be16(&r);
    uint16_t class = reader_be16(&r);
    response->code = flags & 15u;
    return !r.fault && class == 1;
}

const char *dns_code_name(unsigned code)
{
    static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    return code < sizeof names / sizeof names[0] ? names[code] : NULL;
}

/*  sequence(16) | primary: length, IFP | error recovery: 0 = secondary IFPs: count, (length, IFP) * count
                                                          0x80 = FEC: packets, count, (length, parity) * count
    Lengths are those of aligned PER (X.691 10.9): one byte below 128, two with 10 in the first bits below 16384. */
#include "dissectors/udptl.h"

#include "base/reader.h"

static size_t length_read(struct reader *r)
{
    uint8_t first = reader_u8(r);
    if (first < 0x80)
        return first;
    if (first < 0xc0)
        return (size_t)(first & 0x3fu) << 8 | reader_u8(r);
    r->fault = true; /* pieces of 16384 bytes: no datagram holds one */
    return 0;
}

bool udptl_parse(struct slice bytes, struct udptl *udptl)
{
    struct reader r = reader_over(bytes);
    udptl->sequence = reader_be16(&r);
    udptl->primary = reader_slice(&r, length_read(&r));
    uint8_t recovery = reader_u8(&r);
    udptl->fec = recovery == 0x80;
    if (udptl->fec) /* fec-npackets is an INTEGER: a length byte and its value */
        reader_skip(&r, length_read(&r));
    size_t count = length_read(&r);
    udptl->redundancy = (uint8_t)(count < 255 ? count : 255);
    for (size_t i = 0; i < count && !r.fault; i++)
        reader_skip(&r, length_read(&r));
    return !r.fault && reader_left(&r) == 0 && udptl->primary.len > 0 && (recovery == 0 || udptl->fec);
}

/* Type-of-msg: bit 8 set where a data field follows; then 0 and an indicator of 4 bits (1 to 16), or 1 and a data type. */
const char *udptl_ifp_name(struct slice primary)
{
    static const char *const indicators[] = {"no signal", "CNG", "CED", "V.21 preamble", "V.27ter 2400 training",
                                             "V.27ter 4800 training", "V.29 7200 training", "V.29 9600 training",
                                             "V.17 7200 short training", "V.17 7200 long training", "V.17 9600 short training",
                                             "V.17 9600 long training", "V.17 12000 short training", "V.17 12000 long training",
                                             "V.17 14400 short training", "V.17 14400 long training"};
    if (primary.len == 0)
        return NULL;
    uint8_t first = primary.data[0];
    if ((first & 0x40u) != 0)
        return "data";
    unsigned indicator = first >> 1 & 15u;
    return (first & 0x20u) != 0 || primary.len != 1 ? NULL : indicators[indicator];
}

/* channel number(16), 0x4000 to 0x4fff | length(16) | data | up to 3 bytes of padding (over UDP there need be none) */
#include "dissectors/turn.h"

#include "base/reader.h"

bool turn_channel_parse(struct slice bytes, struct slice *payload)
{
    struct reader r = reader_over(bytes);
    uint16_t channel = reader_be16(&r), length = reader_be16(&r);
    *payload = reader_slice(&r, length);
    return !r.fault && channel >= 0x4000 && channel <= 0x4fff && length > 0 && reader_left(&r) <= 3;
}

bool turn_channel_claim(struct slice bytes)
{
    struct slice payload;
    return turn_channel_parse(bytes, &payload);
}

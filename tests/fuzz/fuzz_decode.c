/* Frames of any link type: the first 2 bytes choose it, the rest is frames with 2-byte lengths before each, one second
   apart where the length's upper bit is set, and cut by the snap length where the next bit is. */
#include "base/clock.h"
#include "base/reader.h"
#include "net/decode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Touches all that the packet promises, and its figures must agree. */
static void packet_check(const struct packet *packet)
{
    unsigned sum = 0;
    for (uint32_t i = 0; i < packet->payload_len; i++)
        sum += packet->payload[i];
    for (uint32_t i = 0; i < packet->ip_len; i++)
        sum += packet->ip[i];
    require(sum != UINT32_MAX);
    require(packet->payload_len <= packet->wire_len);
    require(packet->payload_len == packet->wire_len || packet->flags & PACKET_TRUNCATED);
    require(packet->protocol == IP_UDP || packet->protocol == IP_TCP || packet->protocol == IP_SCTP);
    require(packet->src.family == packet->dst.family && (packet->src.family == 4 || packet->src.family == 6));
    require(packet->payload >= packet->ip && packet->payload + packet->payload_len <= packet->ip + packet->ip_len);
    require((packet->flags & PACKET_REASSEMBLED) != 0 || packet->fragments == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LATER = 0x8000, CUT = 0x4000, LENGTH = 0x3fff, MEMORY = 100000 };
    struct reader r = reader_over(slice_of(data, size));
    uint16_t link = reader_be16(&r);
    struct decoder decoder;
    size_t bytes = 0;
    if (!decoder_init(&decoder, 1, MEMORY))
        return 0;
    struct frame frame = {.link_type = link};
    while (!r.fault && reader_left(&r) > 2) {
        uint16_t length = reader_be16(&r);
        size_t n = length & LENGTH;
        if (n > reader_left(&r))
            n = reader_left(&r);
        /* An exact copy, so that a sanitizer sees the first byte read past the frame. */
        uint8_t *copy = malloc(n == 0 ? 1 : n);
        const uint8_t *source = reader_take(&r, n);
        struct packet packet;
        if (copy == NULL || source == NULL) {
            free(copy);
            break;
        }
        memcpy(copy, source, n);
        frame.number++;
        frame.time_ns += length & LATER ? NS_PER_SECOND : NS_PER_US;
        frame.bytes = slice_of(copy, n);
        frame.wire_len = (uint32_t)(length & CUT ? n + 700 : n);
        if (decode_frame(&decoder, &frame, &packet))
            packet_check(&packet);
        decoder_pending(&decoder, &bytes);
        require(bytes <= MEMORY);
        free(copy);
    }
    decoder_finish(&decoder);
    require(decoder_pending(&decoder, &bytes) == 0 && bytes == 0);
    decoder_fini(&decoder);
    return 0;
}

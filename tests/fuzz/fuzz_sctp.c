/* SCTP: the input is packets, each a length (16) and its bytes; two senders alternate by the length's lowest bit. */
#include "net/sctp.h"

#include <stdlib.h>

struct sum {
    uint64_t bytes;
    uint32_t mix;
};

static void hear(void *context, const struct packet *packet, struct slice bytes, uint32_t ppid)
{
    struct sum *sum = context;
    (void)packet;
    sum->bytes += bytes.len;
    for (size_t i = 0; i < bytes.len; i++)
        sum->mix += bytes.data[i] ^ ppid;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct anomalies anomalies = {{0}};
    struct sum sum = {0, 0};
    struct sctp *sctp = sctp_new(1, 8000, &anomalies);
    if (sctp == NULL)
        return 0;
    for (size_t at = 0; at + 2 <= size;) {
        size_t len = (size_t)(data[at] << 8 | data[at + 1]);
        struct packet packet = {.protocol = IP_SCTP, .src = {.port = (uint16_t)(len & 1), .family = 4}, .dst = {.family = 4}};
        at += 2;
        len &= 0x7fff;
        packet.wire_len = (uint32_t)len;
        len = len < size - at ? len : size - at;
        packet.payload_len = (uint32_t)len;
        if (!(data[at - 2] & 0x80))
            packet.wire_len = packet.payload_len;
        uint8_t *copy = malloc(len == 0 ? 1 : len);
        if (copy == NULL)
            break;
        memcpy(copy, data + at, len);
        packet.payload = copy;
        sctp_packet(sctp, &packet, hear, &sum);
        free(copy);
        at += len;
    }
    sctp_finish(sctp);
    sctp_free(sctp);
    if (sum.bytes > (uint64_t)size * 2) /* nothing is given twice */
        abort();
    return 0;
}

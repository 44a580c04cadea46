/* a=crypto lines, and SRTP under the keys that they carry: the first line is the attribute's value, the rest is a packet. */
#include <stdlib.h>

#include "media/srtp_seal.h"

static volatile uint8_t sink;

static void packet_try(struct seal *seal, const struct sdes_key *key, struct slice packet, bool rtcp)
{
    static uint8_t out[1 << 16];
    bool opened;
    struct sealed sealed = {.bytes = packet, .header_bytes = rtcp ? 8 : 12, .ssrc = 1, .index = 77, .mki_bytes = key->mki_bytes};
    if (seal == NULL || packet.len < sealed.header_bytes || packet.len > sizeof out)
        return;
    size_t length = seal_payload_bytes(seal, &sealed);
    if (length > packet.len)
        abort();
    if (seal_is_right(seal, &sealed, out, &opened))
        length = seal_open(seal, &sealed, out);
    sink = (uint8_t)(sink + length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sdp sdp;
    static char text[1 << 16];
    struct slice input = slice_of(data, size);
    size_t end = slice_find(input, 0, '\n');
    if (end + 100 > sizeof text)
        return 0;
    static const char head[] = "v=0\r\nm=audio 1 RTP/SAVP 0\r\na=crypto:";
    size_t head_bytes = sizeof head - 1;
    memcpy(text, head, head_bytes);
    if (end > 0)
        memcpy(text + head_bytes, data, end);
    memcpy(text + head_bytes + end, "\r\n", 2);
    if (!sdp_parse(slice_of(text, head_bytes + end + 2), &sdp) || sdp.media_count == 0 || sdp.media[0].crypto_count == 0)
        return 0;
    struct sdes sdes;
    if (!sdes_parse(&sdp.media[0].crypto[0], &sdes))
        return 0;
    if (sdes.key_count == 0 || sdes.key_count > SDES_KEYS_MAX || sdes.keys[0].mki_bytes > SDES_MKI_BYTES_MAX)
        abort();
    for (int variant = 0; variant < 4; variant++) {
        struct seal *seal = seal_new(sdes.suite, sdes.keys[0].master, variant & 1, variant & 2 && sdes.suite->key_bytes == 24);
        packet_try(seal, &sdes.keys[0], slice_after(input, end + 1), variant & 1);
        seal_free(seal);
    }
    return 0;
}

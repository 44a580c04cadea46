/* WebSocket: a handshake or frames; what is parsed must lie inside the bytes, and a cut header must ask for more. */
#include "dissectors/websocket.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_of(data, size);
    size_t used = 0;
    if (websocket_handshake_parse(bytes, &used) == WEBSOCKET_HANDSHAKE_UPGRADE) {
        if (used == 0 || used > size)
            abort();
        bytes = slice_after(bytes, used);
    }
    bool found;
    size_t at = websocket_sip_find(bytes, &found), body;
    if (at > bytes.len || (found && at == bytes.len) || websocket_http_head(bytes, &body) > bytes.len)
        abort();
    struct websocket_frame frame;
    while (websocket_frame_parse(bytes, &frame)) {
        if (frame.header_len < 2 || frame.header_len > bytes.len)
            abort();
        if (frame.bad)
            break;
        if (websocket_frame_parse(slice_cut(bytes, 0, frame.header_len - 1), &frame) && !frame.bad)
            abort();
        if (!websocket_frame_parse(bytes, &frame) || frame.payload_len > bytes.len - frame.header_len)
            break;
        struct slice payload = slice_cut(bytes, frame.header_len, frame.header_len + (size_t)frame.payload_len);
        uint8_t *out = malloc(payload.len + 1);
        if (out == NULL)
            break;
        websocket_unmask(&frame, payload, out);
        free(out);
        bytes = slice_after(bytes, frame.header_len + payload.len);
    }
    return 0;
}

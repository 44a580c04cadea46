/* SIP framing: reading anew and resuming must agree at every step of a stream, and never stall. */
#include "dissectors/sip_framing.h"

#include <stdlib.h>

static void check(bool good)
{
    if (!good)
        abort();
}

/* Reads all of the stream in steps; returns how many messages with a length it holds. */
static size_t read_stream(const uint8_t *data, size_t size, size_t step)
{
    size_t at = 0, have = 0, messages = 0, scanned = 0, need = 0;
    while (at < size) {
        if (have == at || have - at < need)
            have = have + step < size ? have + step : size;
        bool closed = have == size;
        uint8_t *copy = malloc(have - at + 1);
        check(copy != NULL);
        memcpy(copy, data + at, have - at);
        struct slice bytes = slice_of(copy, have - at);
        struct sip_framing piece = sip_framing_resume(bytes, scanned, closed);
        struct sip_framing fresh = sip_framing_next(bytes, closed);
        check(piece.kind == fresh.kind && piece.used == fresh.used && piece.need == fresh.need);
        bool whole;
        size_t found = sip_framing_find(bytes, &whole);
        check(found <= bytes.len && (!whole || found < bytes.len) && sip_framing_trim(bytes) <= bytes.len);
        free(copy);
        scanned = piece.scanned;
        if (piece.kind == SIP_FRAMING_INCOMPLETE) {
            check(piece.used == 0 && (piece.need == 0 || piece.need > have - at) && piece.scanned <= have - at);
            check(piece.need <= SIP_STREAM_MESSAGE_MAX);
            if (closed)
                break;
            need = piece.need;
            have = have + step < size ? have + step : size;
            continue;
        }
        check(piece.used > 0 && piece.used <= have - at && piece.used <= size);
        messages += piece.kind == SIP_FRAMING_MESSAGE && !piece.no_length;
        at += piece.used;
        need = 0;
    }
    return messages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 20000)
        return 0;
    read_stream(data + 1, size - 1, size);
    read_stream(data + 1, size - 1, 1u + data[0]);
    return 0;
}

/* HEP: what parses must have been claimed, and its payload must lie inside the packet. */
#include "dissectors/hep.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hep hep;
    struct slice packet = slice_of(data, size);
    bool claimed = hep_claim(packet);
    if (!hep_parse(packet, &hep))
        return 0;
    if (!claimed || hep.src.family == 0 || hep.src.family != hep.dst.family)
        abort();
    if (hep.payload.len > 0 && (hep.payload.data < data || hep.payload.len > (size_t)(data + size - hep.payload.data)))
        abort();
    return 0;
}

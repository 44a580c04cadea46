/* Fuzzes the splitting of bodies: the first line is the Content-Type, the rest the body. */
#include <stdint.h>
#include <stdlib.h>

#include "dissectors/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mime_part parts[MIME_PARTS_MAX];
    struct slice whole = slice_of(data, size);
    size_t line = slice_find(whole, 0, '\n');
    struct slice body = slice_after(whole, line + 1);
    size_t count = mime_split(slice_cut(whole, 0, line), body, parts);
    if (count > MIME_PARTS_MAX)
        abort();
    for (size_t i = 0; i < count; i++)
        if (parts[i].body.len > 0 &&
            (parts[i].body.data < body.data || parts[i].body.data + parts[i].body.len > body.data + body.len))
            abort();
    return 0;
}

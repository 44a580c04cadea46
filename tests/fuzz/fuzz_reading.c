/* What screens read of a message's text, from any bytes: lines lie inside the message, one behind the other. */
#include <stdlib.h>

#include "analyzer/reading.h"
#include "ui/align.h"

enum { LINES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading_line lines[LINES];
    struct align_row rows[2 * LINES];
    struct text text = {0};
    struct slice message = slice_of(data, size);
    size_t count = reading_lines(message, lines, LINES), end = 0;
    if (count > size)
        abort();
    count = count < LINES ? count : LINES;
    for (size_t i = 0; i < count; i++) {
        size_t begin = lines[i].text.len == 0 ? end : (size_t)(lines[i].text.data - data);
        if (begin < end || begin + lines[i].text.len > size)
            abort();
        if (lines[i].value.len > 0 && (lines[i].value.data < data || lines[i].value.data + lines[i].value.len > data + size))
            abort();
        end = begin + lines[i].text.len;
    }
    size_t half = count / 2, paired = align_lines(lines, half, lines + half, count - half, rows);
    if (paired > count || paired < (half > count - half ? half : count - half))
        abort();
    reading_label(&text, message);
    reading_sdp(&text, message);
    (void)reading_cseq(message);
    (void)reading_header(&text, message, "Via");
    (void)reading_header(&text, message, "X");
    text_fini(&text);
    return 0;
}

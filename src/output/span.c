/* Times as a person reads them: the larger, the coarser. */
#include "output/span.h"

#include "base/clock.h"
#include "base/digits.h"

static void two_digits(struct text *out, char before, uint64_t value)
{
    char pair[3] = {before};
    digits_pair(pair + 1, (unsigned)value);
    text_bytes(out, pair, sizeof pair);
}

void span_put(struct text *out, int64_t ns)
{
    int64_t s = ns / NS_PER_SECOND;
    if (ns == CLOCK_NONE) {
        text_put(out, '-');
    } else if (ns < NS_PER_SECOND) {
        text_int(out, ns / NS_PER_MS);
        text_bytes(out, " ms", 3);
    } else if (s < 60) {
        text_int(out, s);
        text_put(out, '.');
        text_put(out, (char)('0' + ns / (NS_PER_SECOND / 10) % 10));
        text_bytes(out, " s", 2);
    } else {
        text_int(out, s < 3600 ? s / 60 : s / 3600);
        if (s >= 3600)
            two_digits(out, ':', (uint64_t)s / 60 % 60);
        two_digits(out, ':', (uint64_t)s % 60);
    }
}

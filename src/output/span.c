/* Times as a person reads them: the larger, the coarser. */
#include "output/span.h"

#include "base/clock.h"
#include "base/digits.h"

char *span_at(char *at, int64_t ns)
{
    int64_t s = ns / NS_PER_SECOND;
    if (ns == CLOCK_NONE) {
        *at++ = '-';
    } else if (ns < NS_PER_SECOND) {
        if (ns <= -NS_PER_MS)
            *at++ = '-';
        at = digits_uint(at, (uint64_t)(ns < 0 ? -(ns / NS_PER_MS) : ns / NS_PER_MS));
        memcpy(at, " ms", 3);
        at += 3;
    } else if (s < 60) {
        at = digits_small(at, (unsigned)s);
        *at++ = '.';
        *at++ = (char)('0' + ns / (NS_PER_SECOND / 10) % 10);
        memcpy(at, " s", 2);
        at += 2;
    } else {
        at = digits_uint(at, (uint64_t)(s < 3600 ? s / 60 : s / 3600));
        if (s >= 3600) {
            *at++ = ':';
            at = digits_pair(at, (unsigned)(s / 60 % 60));
        }
        *at++ = ':';
        at = digits_pair(at, (unsigned)(s % 60));
    }
    return at;
}

void span_put(struct text *out, int64_t ns)
{
    if (text_reserve(out, SPAN_MAX))
        out->len = (size_t)(span_at(out->data + out->len, ns) - out->data);
}

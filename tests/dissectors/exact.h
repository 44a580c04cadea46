/* A payload on the heap, exactly as long as it is, so that the sanitizer sees any read beyond its end. */
#ifndef TESTS_DISSECTORS_EXACT_H
#define TESTS_DISSECTORS_EXACT_H

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* Good until the next call. */
static inline struct slice exact(const void *bytes, size_t len)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(len == 0 ? 1 : len);
    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, bytes, len);
    return slice_of(copy, len);
}

#endif

/* Capture time: nanoseconds since 1970 UTC in a signed 64-bit integer; nothing here reads a clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)
#define CLOCK_NONE INT64_MIN /* the time of something that was not seen */
#define CLOCK_ISO_SIZE 32    /* room that clock_format_iso needs */

/* Writes "2026-01-31T12:00:00.000000Z" (microseconds, rounded down) and a NUL; returns the length.
   All of int64_t is inside the years 1677 to 2262. */
size_t clock_format_iso(int64_t time_ns, char out[CLOCK_ISO_SIZE]);

#endif

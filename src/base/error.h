/* One human-readable message for the first thing that went wrong in a call that can fail. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/* Owns its text. Empty text means no error. */
struct error {
    char text[512];
};

/* Sets the message (printf style, cut to fit); a later call replaces it. Always returns false, for `return error_set(...)`. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

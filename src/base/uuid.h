/* Names that two runs give alike: UUIDs made of a text (RFC 9562 5.5, version 5). The only file that includes OpenSSL below net/. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/slice.h"

struct uuid {
    uint8_t bytes[16];
};

enum { UUID_TEXT = 36 };

/* Makes UUIDs of names in one namespace, which is a UUID itself: SHA-1 of both. NULL without memory, or where OpenSSL has no SHA-1. */
struct uuid_maker;
struct uuid_maker *uuid_maker_new(const struct uuid *space);
void uuid_maker_free(struct uuid_maker *maker);
struct uuid uuid_make(struct uuid_maker *maker, struct slice name);

/* Writes "879eee6e-eec7-5167-b634-a2519506d142": UUID_TEXT bytes without a NUL. */
void uuid_format(const struct uuid *uuid, char out[UUID_TEXT]);

#endif

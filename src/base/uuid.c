/* SHA-1 is what the version asks for (RFC 9562 5.5); nothing here is a secret. */
#include "base/uuid.h"

#include <openssl/evp.h>
#include <stdlib.h>


struct uuid_maker {
    struct uuid space;
    EVP_MD *sha1;     /* looked for once: a look takes longer than the sum itself */
    EVP_MD_CTX *context;
};

void uuid_maker_free(struct uuid_maker *maker)
{
    if (maker == NULL)
        return;
    EVP_MD_CTX_free(maker->context);
    EVP_MD_free(maker->sha1);
    free(maker);
}

struct uuid_maker *uuid_maker_new(const struct uuid *space)
{
    struct uuid_maker *maker = calloc(1, sizeof *maker);
    if (maker == NULL)
        return NULL;
    maker->space = *space;
    maker->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    maker->context = EVP_MD_CTX_new();
    if (maker->sha1 != NULL && maker->context != NULL)
        return maker;
    uuid_maker_free(maker);
    return NULL;
}

struct uuid uuid_make(struct uuid_maker *maker, struct slice name)
{
    struct uuid uuid;
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    EVP_MD_CTX *context = maker->context;
    (void)(EVP_DigestInit_ex2(context, maker->sha1, NULL) == 1 && EVP_DigestUpdate(context, maker->space.bytes, sizeof maker->space.bytes) == 1 &&
           EVP_DigestUpdate(context, name.data, name.len) == 1 && EVP_DigestFinal_ex(context, digest, NULL) == 1);
    memcpy(uuid.bytes, digest, sizeof uuid.bytes);
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x50); /* version */
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80); /* variant */
    return uuid;
}

void uuid_format(const struct uuid *uuid, char out[UUID_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof uuid->bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex[uuid->bytes[i] >> 4];
        *out++ = hex[uuid->bytes[i] & 15];
    }
}

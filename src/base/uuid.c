/* SHA-1 is what the version asks for (RFC 9562 5.5); nothing here is a secret. */
#include "base/uuid.h"

#include <endian.h>
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
    if (maker->sha1 != NULL && maker->context != NULL && EVP_DigestInit_ex2(maker->context, maker->sha1, NULL) == 1)
        return maker;
    uuid_maker_free(maker);
    return NULL;
}

struct uuid uuid_make(struct uuid_maker *maker, struct slice name)
{
    struct uuid uuid;
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    EVP_MD_CTX *context = maker->context;
    (void)(EVP_DigestInit_ex2(context, NULL, NULL) == 1 && EVP_DigestUpdate(context, maker->space.bytes, sizeof maker->space.bytes) == 1 &&
           EVP_DigestUpdate(context, name.data, name.len) == 1 && EVP_DigestFinal_ex(context, digest, NULL) == 1);
    memcpy(uuid.bytes, digest, sizeof uuid.bytes);
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x50); /* version */
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80); /* variant */
    return uuid;
}

/* Four bytes as eight hexadecimal digits at once: each half of a byte gets a byte of its own, and what makes a digit or a letter of it. */
static void hex_put(char *at, const uint8_t *bytes)
{
    const uint64_t halves = UINT64_C(0x000f000f000f000f), ones = UINT64_C(0x0101010101010101);
    uint32_t four;
    memcpy(&four, bytes, sizeof four);
    uint64_t word = le32toh(four);
    word = (word | word << 16) & UINT64_C(0x0000ffff0000ffff);
    word = (word | word << 8) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word >> 4 & halves) | (word & halves) << 8;
    uint64_t letters = (word + ones * 6) >> 4 & ones;
    word = htole64(word + ones * '0' + letters * ('a' - '0' - 10));
    memcpy(at, &word, sizeof word);
}

void uuid_format(const struct uuid *uuid, char out[UUID_TEXT])
{
    static const uint8_t dashes[] = {8, 13, 18, 23};
    char digits[32];
    for (unsigned i = 0; i < 4; i++)
        hex_put(digits + 8 * i, uuid->bytes + 4 * i);
    memcpy(out, digits, 8);
    memcpy(out + 9, digits + 8, 4);
    memcpy(out + 14, digits + 12, 4);
    memcpy(out + 19, digits + 16, 4);
    memcpy(out + 24, digits + 20, 12);
    for (unsigned i = 0; i < sizeof dashes; i++)
        out[dashes[i]] = '-';
}

/* By way of libcrypto: MD5 is what digest authentication asks for (RFC 7616 3.2); no secret of this program rests on it. */
#include "base/message_digest.h"

#include <openssl/evp.h>

static bool parts_sum(EVP_MD_CTX *context, const EVP_MD *kind, const struct slice *parts, size_t count, unsigned char *sum, unsigned *len)
{
    bool good = EVP_DigestInit_ex2(context, kind, NULL) == 1;
    for (size_t i = 0; i < count && good; i++)
        good = (i == 0 || EVP_DigestUpdate(context, ":", 1) == 1) && (parts[i].len == 0 || EVP_DigestUpdate(context, parts[i].data, parts[i].len) == 1);
    return good && EVP_DigestFinal_ex(context, sum, len) == 1;
}

bool message_digest_hex(enum message_digest kind, const struct slice *parts, size_t count, char out[MESSAGE_DIGEST_TEXT])
{
    static const char *const names[] = {[MESSAGE_DIGEST_MD5] = "MD5", [MESSAGE_DIGEST_SHA256] = "SHA256", [MESSAGE_DIGEST_SHA512_256] = "SHA512-256"};
    static const char hex[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD *found = EVP_MD_fetch(NULL, names[kind], NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = found != NULL && context != NULL && parts_sum(context, found, parts, count, sum, &len) && 2 * len < MESSAGE_DIGEST_TEXT;
    for (unsigned i = 0; i < len && good; i++) {
        out[2 * i] = hex[sum[i] >> 4];
        out[2 * i + 1] = hex[sum[i] & 15];
    }
    out[good ? 2 * len : 0] = '\0';
    EVP_MD_CTX_free(context);
    EVP_MD_free(found);
    return good;
}

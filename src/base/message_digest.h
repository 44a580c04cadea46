/* Message digests as HTTP and SIP authentication write them (RFC 7616 3.3). */
#ifndef BASE_MESSAGE_DIGEST_H
#define BASE_MESSAGE_DIGEST_H

#include "base/slice.h"

enum message_digest { MESSAGE_DIGEST_MD5, MESSAGE_DIGEST_SHA256, MESSAGE_DIGEST_SHA512_256 };

enum { MESSAGE_DIGEST_TEXT = 65 };

/* The digest of the parts with a colon between each two, in lower-case hexadecimal digits: 32 for MD5, 64 for the others, with a NUL.
   False where libcrypto does not offer it (MD5 under FIPS). */
bool message_digest_hex(enum message_digest kind, const struct slice *parts, size_t count, char out[MESSAGE_DIGEST_TEXT]);

#endif

/* What a certificate says (RFC 5280). Private. */
#ifndef NET_TLS_CERTIFICATE_H
#define NET_TLS_CERTIFICATE_H

#include "net/tls.h"

/* Reads one certificate in DER; false where it is none. chain is left alone. */
bool tls_certificate_read(struct slice der, struct tls_certificate *certificate);

#endif

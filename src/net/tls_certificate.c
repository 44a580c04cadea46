/* libcrypto reads the certificate; names are copied, nothing is verified: the trust of the ends is theirs. */
#include "net/tls_certificate.h"

#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/clock.h"

static void name_write(const X509_NAME *name, char out[TLS_SUBJECT_MAX])
{
    BIO *memory = BIO_new(BIO_s_mem());
    out[0] = '\0';
    if (memory == NULL)
        return;
    int length = X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253) >= 0 ? BIO_read(memory, out, TLS_SUBJECT_MAX - 1) : 0;
    out[length < 0 ? 0 : length] = '\0';
    BIO_free(memory);
}

static int64_t time_of(const ASN1_TIME *time)
{
    struct tm parts;
    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
        return CLOCK_NONE;
    int64_t seconds = timegm(&parts);
    return seconds < INT64_MIN / NS_PER_SECOND + 1 || seconds > INT64_MAX / NS_PER_SECOND - 1 ? CLOCK_NONE : seconds * NS_PER_SECOND;
}

static void name_add(struct tls_certificate *certificate, const uint8_t *text, int length)
{
    if (certificate->name_count == TLS_NAMES_MAX || length <= 0)
        return;
    size_t n = (size_t)length < TLS_NAME_MAX ? (size_t)length : TLS_NAME_MAX - 1;
    char *name = certificate->names[certificate->name_count++];
    memcpy(name, text, n);
    name[n] = '\0';
}

/* The names of subjectAltName; the common name counts only where there are none (RFC 6125 6.4.4). */
static void names_take(X509 *parsed, struct tls_certificate *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(parsed, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS)
            name_add(certificate, ASN1_STRING_get0_data(name->d.dNSName), ASN1_STRING_length(name->d.dNSName));
    }
    GENERAL_NAMES_free(names);
    if (certificate->name_count > 0)
        return;
    const X509_NAME *subject = X509_get_subject_name(parsed);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const ASN1_STRING *common = at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    if (common != NULL)
        name_add(certificate, ASN1_STRING_get0_data(common), ASN1_STRING_length(common));
}

bool tls_certificate_read(struct slice der, struct tls_certificate *certificate)
{
    const unsigned char *at = der.data;
    X509 *parsed = d2i_X509(NULL, &at, (long)der.len);
    if (parsed != NULL) {
        const X509_NAME *subject = X509_get_subject_name(parsed), *issuer = X509_get_issuer_name(parsed);
        name_write(subject, certificate->subject);
        name_write(issuer, certificate->issuer);
        names_take(parsed, certificate);
        certificate->from_ns = time_of(X509_get0_notBefore(parsed));
        certificate->until_ns = time_of(X509_get0_notAfter(parsed));
        certificate->self_signed = X509_NAME_cmp(subject, issuer) == 0;
        X509_free(parsed);
    }
    ERR_clear_error(); /* hostile bytes leave notes there */
    return parsed != NULL;
}

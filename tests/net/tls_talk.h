/* OpenSSL talking to itself in memory: what goes over the wire, and its key log. */
#ifndef TESTS_NET_TLS_TALK_H
#define TESTS_NET_TLS_TALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum { FLIGHTS_MAX = 256, SPOKEN_MAX = 1 << 17 };

/* One flight of bytes on the wire, in the order of the capture. */
struct flight {
    uint8_t *bytes;
    size_t len;
    unsigned direction;
};

struct talk {
    struct flight flights[FLIGHTS_MAX];
    size_t count;
    char keys[1 << 14];
    size_t keys_len;
    SSL *end[2];
    SSL_SESSION *session;
};

struct manner {
    int version;
    const char *ciphers;
    uint64_t options;
    bool resume, key_update, renegotiate, early, big, ecdsa;
};

static X509 *certificate_make(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20260101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20270101000000Z");
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"sip.example.com", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:sip.example.com,DNS:*.example.net");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
    return certificate;
}

static void key_log(const SSL *ssl, const char *line)
{
    struct talk *talk = SSL_get_ex_data(ssl, 0);
    size_t n = strlen(line);
    if (strstr(talk->keys, line) != NULL)
        return;
    assert_true(talk->keys_len + n + 2 < sizeof talk->keys);
    memcpy(talk->keys + talk->keys_len, line, n);
    talk->keys[talk->keys_len + n] = '\n';
    talk->keys_len += n + 1;
}

static int session_new(SSL *ssl, SSL_SESSION *session)
{
    struct talk *talk = SSL_get_ex_data(ssl, 0);
    SSL_SESSION_free(talk->session);
    talk->session = session;
    return 1;
}

static SSL_CTX *context_make(const struct manner *manner, bool client)
{
    static EVP_PKEY *keys[2];
    EVP_PKEY **key = &keys[manner->ecdsa];
    SSL_CTX *context = SSL_CTX_new(client ? TLS_client_method() : TLS_server_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, manner->version);
    SSL_CTX_set_max_proto_version(context, manner->version);
    if (manner->version == TLS1_3_VERSION)
        assert_int_equal(SSL_CTX_set_ciphersuites(context, manner->ciphers), 1);
    else
        assert_int_equal(SSL_CTX_set_cipher_list(context, manner->ciphers), 1);
    SSL_CTX_set_options(context, manner->options);
    SSL_CTX_clear_options(context, SSL_OP_ENABLE_MIDDLEBOX_COMPAT * (manner->big ? 1u : 0u));
    if (client) {
        SSL_CTX_set_keylog_callback(context, key_log);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
        SSL_CTX_sess_set_new_cb(context, session_new);
        return context;
    }
    if (*key == NULL)
        *key = manner->ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
    X509 *certificate = certificate_make(*key);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, *key);
    X509_free(certificate);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_max_early_data(context, manner->early ? 16384 : 0);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"t", 1);
    return context;
}

/* What an end wants to send goes on the wire, and arrives. */
static bool flight_take(struct talk *talk, unsigned direction)
{
    BIO *out = SSL_get_wbio(talk->end[direction]);
    size_t n = (size_t)BIO_pending(out);
    if (n == 0)
        return false;
    struct flight *flight = &talk->flights[talk->count++];
    assert_true(talk->count <= FLIGHTS_MAX);
    flight->bytes = malloc(n);
    flight->len = n;
    flight->direction = direction;
    assert_int_equal(BIO_read(out, flight->bytes, (int)n), n);
    BIO_write(SSL_get_rbio(talk->end[!direction]), flight->bytes, (int)n);
    return true;
}

/* Both ends work until nothing moves. */
static void settle(struct talk *talk)
{
    static char bytes[SPOKEN_MAX];
    for (bool moved = true; moved;) {
        moved = false;
        for (unsigned d = 0; d < 2; d++) {
            if (!SSL_is_init_finished(talk->end[d]))
                (void)SSL_do_handshake(talk->end[d]);
            while (SSL_read(talk->end[d], bytes, sizeof bytes) > 0)
                ;
            moved = flight_take(talk, d) || moved;
        }
    }
    ERR_clear_error();
}

static void say(struct talk *talk, unsigned direction, const char *words)
{
    assert_int_equal(SSL_write(talk->end[direction], words, (int)strlen(words)), strlen(words));
    settle(talk);
}

static const char *const said[2] = {"OPTIONS sip:a SIP/2.0\r\nhello from the client", "SIP/2.0 200 OK\r\nhello from the server"};

static void talk_one(struct talk *talk, const struct manner *manner, SSL_CTX *contexts[2], bool again)
{
    for (unsigned d = 0; d < 2; d++) {
        talk->end[d] = SSL_new(contexts[d]);
        SSL_set_ex_data(talk->end[d], 0, talk);
        SSL_set_bio(talk->end[d], BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    }
    SSL_set_connect_state(talk->end[0]);
    SSL_set_accept_state(talk->end[1]);
    SSL_set_tlsext_host_name(talk->end[0], "sip.example.com");
    if (again)
        SSL_set_session(talk->end[0], talk->session);
    if (again && manner->early) {
        size_t n = 0;
        char bytes[100];
        assert_int_equal(SSL_write_early_data(talk->end[0], "early words ", 12, &n), 1);
        flight_take(talk, 0);
        while (SSL_read_early_data(talk->end[1], bytes, sizeof bytes, &n) == SSL_READ_EARLY_DATA_SUCCESS)
            ;
        ERR_clear_error();
    }
    settle(talk);
    if (!SSL_is_init_finished(talk->end[0]) || !SSL_is_init_finished(talk->end[1]))
        fail_msg("no handshake: %x %s", manner->version, manner->ciphers);
    if (again)
        assert_true(SSL_session_reused(talk->end[0]));
    say(talk, 0, said[0]);
    say(talk, 1, said[1]);
    if (manner->renegotiate) {
        assert_int_equal(SSL_renegotiate(talk->end[0]), 1);
        (void)SSL_do_handshake(talk->end[0]);
        settle(talk);
        say(talk, 0, " renegotiated");
    }
    for (int i = 0; i < 3 && manner->key_update; i++) {
        assert_int_equal(SSL_key_update(talk->end[i % 2], i == 0 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        say(talk, 0, " updated");
        say(talk, 1, " updated");
    }
    if (manner->big) {
        char *words = malloc(50001);
        memset(words, 'x', 50000);
        words[50000] = '\0';
        say(talk, 1, words);
        free(words);
    }
}

static void talk_end(struct talk *talk)
{
    for (unsigned d = 0; d < 2; d++)
        (void)SSL_shutdown(talk->end[d]);
    flight_take(talk, 0);
    flight_take(talk, 1);
    SSL_free(talk->end[0]);
    SSL_free(talk->end[1]);
}

static void flights_free(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++)
        free(talk->flights[i].bytes);
    talk->count = 0;
}

static struct talk *talk_make(const struct manner *manner)
{
    struct talk *talk = calloc(1, sizeof *talk);
    SSL_CTX *contexts[2] = {context_make(manner, true), context_make(manner, false)};
    talk_one(talk, manner, contexts, false);
    talk_end(talk);
    if (manner->resume) { /* the second connection is the one that is looked at */
        flights_free(talk);
        memset(talk->keys, 0, talk->keys_len);
        talk->keys_len = 0;
        talk_one(talk, manner, contexts, true);
        talk_end(talk);
    }
    SSL_SESSION_free(talk->session);
    SSL_CTX_free(contexts[0]);
    SSL_CTX_free(contexts[1]);
    return talk;
}

static void talk_free(struct talk *talk)
{
    flights_free(talk);
    free(talk);
}

#endif

/* The examples of RFC 2617 3.5 and RFC 7616 3.9.1, step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/message_digest.h"

/* The response by RFC 7616 3.4.1. */
static void response_is(enum message_digest kind, struct slice user, struct slice password, struct slice realm, struct slice uri, struct slice nonce,
                        struct slice cnonce, const char *wanted)
{
    char ha1[MESSAGE_DIGEST_TEXT], ha2[MESSAGE_DIGEST_TEXT], response[MESSAGE_DIGEST_TEXT];
    assert_true(message_digest_hex(kind, (const struct slice[]){user, realm, password}, 3, ha1));
    assert_true(message_digest_hex(kind, (const struct slice[]){slice_str("GET"), uri}, 2, ha2));
    const struct slice parts[] = {slice_str(ha1), nonce, slice_str("00000001"), cnonce, slice_str("auth"), slice_str(ha2)};
    assert_true(message_digest_hex(kind, parts, 6, response));
    assert_string_equal(response, wanted);
}

static void examples(void **state)
{
    (void)state;
    response_is(MESSAGE_DIGEST_MD5, slice_str("Mufasa"), slice_str("Circle Of Life"), slice_str("testrealm@host.com"), slice_str("/dir/index.html"),
                slice_str("dcd98b7102dd2f0e8b11d0f600bfb0c093"), slice_str("0a4f113b"), "6629fae49393a05397450978507c4ef1");
    struct slice nonce = slice_str("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"), cnonce = slice_str("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    response_is(MESSAGE_DIGEST_MD5, slice_str("Mufasa"), slice_str("Circle of Life"), slice_str("http-auth@example.org"), slice_str("/dir/index.html"),
                nonce, cnonce, "8ca523f5e9506fed4657c9700eebdbec");
    response_is(MESSAGE_DIGEST_SHA256, slice_str("Mufasa"), slice_str("Circle of Life"), slice_str("http-auth@example.org"), slice_str("/dir/index.html"),
                nonce, cnonce, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

static void edges(void **state)
{
    (void)state;
    char out[MESSAGE_DIGEST_TEXT];
    assert_true(message_digest_hex(MESSAGE_DIGEST_MD5, NULL, 0, out));
    assert_string_equal(out, "d41d8cd98f00b204e9800998ecf8427e"); /* RFC 1321 A.5 */
    assert_true(message_digest_hex(MESSAGE_DIGEST_MD5, &SLICE_NONE, 1, out));
    assert_string_equal(out, "d41d8cd98f00b204e9800998ecf8427e");
    assert_true(message_digest_hex(MESSAGE_DIGEST_SHA512_256, (const struct slice[]){slice_str("abc")}, 1, out));
    assert_string_equal(out, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"); /* FIPS 180-4's example */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples), cmocka_unit_test(edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

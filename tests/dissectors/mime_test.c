/* Tests the splitting of SIP bodies: SIPREC, nesting, binary parts, bare LF, missing ends, floods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissectors/mime.h"

static struct mime_part parts[MIME_PARTS_MAX];

static void assert_slice(struct slice s, const char *text)
{
    if (!slice_is(s, text))
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, (const char *)s.data, text);
}

#define SPLIT(type, body) mime_split(slice_str(type), slice_of(body, sizeof(body) - 1), parts)

static void test_single(void **state)
{
    (void)state;
    assert_int_equal(SPLIT("application/sdp;charset=x", "v=0\r\n"), 1);
    assert_slice(parts[0].type, "application/sdp");
    assert_slice(parts[0].body, "v=0\r\n");
    assert_int_equal(SPLIT("", ""), 1);
    assert_int_equal(parts[0].type.len, 0);
    assert_int_equal(SPLIT("multipart/mixed", "--x\r\n\r\na\r\n--x--"), 1);
    assert_int_equal(SPLIT("multipart/mixed;boundary=none", "--x\r\n\r\na\r\n--x--"), 1);
}

static void test_siprec(void **state)
{
    (void)state;
    assert_int_equal(SPLIT("multipart/mixed; Boundary=\"foo bar\"",
                           "preamble\r\n--foo bar\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=-\r\n\r\n--foo bar \r\n"
                           "content-type: application/rs-metadata+xml\r\nContent-Disposition:\r\n recording-session;x=y\r\n\r\n"
                           "<recording/>\r\n--foo bar--\r\nepilogue"),
                     2);
    assert_slice(parts[0].type, "application/sdp");
    assert_slice(parts[0].body, "v=0\r\ns=-\r\n");
    assert_slice(parts[1].type, "application/rs-metadata+xml");
    assert_slice(parts[1].disposition, "recording-session");
    assert_slice(parts[1].body, "<recording/>");
}

static void test_nested_and_binary(void **state)
{
    (void)state;
    assert_int_equal(SPLIT("multipart/mixed;boundary=out",
                           "--out\r\nContent-Type: multipart/alternative;boundary=in\r\n\r\n--in\r\n\r\none\r\n--in\r\n"
                           "Content-Type: a/b\r\n\r\n\0\r\n--innot\r\n--in--\r\n--out\r\nContent-Type: c/d\r\n\r\n\r\n--out--\r\n"),
                     3);
    assert_slice(parts[0].body, "one");
    assert_int_equal(parts[1].body.len, 10);
    assert_int_equal(parts[1].body.data[0], 0);
    assert_slice(parts[2].type, "c/d");
    assert_int_equal(parts[2].body.len, 0);
}

static void test_broken(void **state)
{
    (void)state;
    assert_int_equal(SPLIT("multipart/mixed;boundary=b", "--b\nContent-Type: application/sdp\n\nv=0\n--b\nc: x/y\n\nrest"), 2);
    assert_slice(parts[0].body, "v=0");
    assert_slice(parts[1].type, "x/y");
    assert_slice(parts[1].body, "rest");
    assert_int_equal(SPLIT("multipart/mixed;boundary=b", "--b\r\n--b\r\n--b"), 2);
    char many[64 * 8];
    for (size_t i = 0; i < sizeof many; i += 8)
        memcpy(many + i, "--b\n\nxx\n", 8);
    assert_int_equal(mime_split(slice_str("multipart/mixed;boundary=b"), slice_of(many, sizeof many), parts), MIME_PARTS_MAX);
    assert_int_equal(SPLIT("multipart/mixed;boundary=b", "--b\nC: multipart/m;boundary=b\n\n--b\nC: multipart/m;boundary=b\n\n--b--"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_siprec),
        cmocka_unit_test(test_nested_and_binary),
        cmocka_unit_test(test_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

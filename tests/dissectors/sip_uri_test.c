/* Tests addresses, parameters, tags and Via values, well-formed and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissectors/sip_uri.h"

static void assert_slice(struct slice s, const char *text)
{
    if (!slice_is(s, text))
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, (const char *)s.data, text);
}

static void test_uris(void **state)
{
    (void)state;
    static const struct {
        const char *text, *scheme, *user, *host, *parameters, *headers;
        unsigned port;
        bool good;
    } rows[] = {
        {"sip:ann@example.org", "sip", "ann", "example.org", "", "", 0, true},
        {"SIPS:ann:pw@[2001:db8::1]:5061;a;b=c?d=e", "SIPS", "ann", "[2001:db8::1]", "a;b=c", "d=e", 5061, true},
        {"sip:192.0.2.1:5070", "sip", "", "192.0.2.1", "", "", 5070, true},
        {"sip:u;par=1?x@example.org;lr", "sip", "u;par=1?x", "example.org", "lr", "", 0, true},
        {"sip:a@b@c;d", "sip", "a@b", "c", "d", "", 0, true},
        {"sip:2001:db8::1", "sip", "", "2001:db8::1", "", "", 0, true},
        {"sip:host:99999", "sip", "", "host", "", "", 0, true},
        {"tel:+1-555-0100;phone-context=x", "tel", "+1-555-0100", "", "phone-context=x", "", 0, true},
        {"http://www.example.org/x", "http", "", "www.example.org/x", "", "", 0, true},
        {"urn:service:sos", "urn", "", "service", "", "", 0, true},
        {"sip:", "sip", "", "", "", "", 0, true},
        {"ann@example.org", "", "", "ann@example.org", "", "", 0, false},
        {"", "", "", "", "", "", 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sip_uri uri;
        assert_int_equal(sip_uri_parse(slice_str(rows[i].text), &uri), rows[i].good);
        assert_slice(uri.scheme, rows[i].scheme);
        assert_slice(uri.user, rows[i].user);
        assert_slice(uri.host, rows[i].host);
        assert_slice(uri.parameters, rows[i].parameters);
        assert_slice(uri.headers, rows[i].headers);
        assert_int_equal(uri.port, rows[i].port);
    }
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *display, *uri, *parameters, *tag;
        bool bracketed;
    } rows[] = {
        {"\"A, <b>\" <sip:a@b;x>;tag=1;y", "A, <b>", "sip:a@b;x", "tag=1;y", "1", true},
        {"sip:a@b;x;tag=2", "", "sip:a@b", "x;tag=2", "2", false},
        {"Ann Bee<sip:a@b> ; TAG = 3 ", "Ann Bee", "sip:a@b", "TAG = 3", "3", true},
        {"< sip:a@b >;tag=\"4\"", "", "sip:a@b", "tag=\"4\"", "4", true},
        {"\"open <sip:a@b>;tag=5", "\"open", "sip:a@b", "tag=5", "5", true},
        {"<sip:a@b;tag=6", "", "sip:a@b;tag=6", "", "", true},
        {"<sip:a@b;tag=no>", "", "sip:a@b;tag=no", "", "", true},
        {"\"x;tag=no\" <sip:a>;q=\";tag=no\";tag=7", "x;tag=no", "sip:a", "q=\";tag=no\";tag=7", "7", true},
        {"\"\\\"<sip:no>\" <sip:a>\r\n ;\r\n tag\r\n =8", "\\\"<sip:no>", "sip:a", "tag\r\n =8", "8", true},
        {"<sip:a>;tag", "", "sip:a", "tag", "", true},
        {"*", "", "*", "", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sip_address address;
        sip_address_parse(slice_str(rows[i].text), &address);
        assert_slice(address.display, rows[i].display);
        assert_slice(address.uri_text, rows[i].uri);
        assert_slice(address.parameters, rows[i].parameters);
        assert_int_equal(address.bracketed, rows[i].bracketed);
        assert_slice(sip_tag(slice_str(rows[i].text)), rows[i].tag);
    }
}

/* The short way to the user part says what the long one says, whatever byte is changed. */
static void test_user(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"Bob \\\" x\" <sip:bob@h:5060;p=1>;tag=1", "<sip:bob@h>", "sip:bob@h;tag=x", "<sips:a;b@c@h?x=y>", "<tel:+1;x>",
                                        "Bob <sip:b@[::1]:5>", "<sip:h>", "  < sip:b:p@h >;tag=@", "\"<\" <sip:b@h", "<", "\"", ""};
    static const char marks[] = "@:;?<>\"\\ s";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t n = strlen(texts[i]);
        for (size_t at = 0; at <= n; at++) {
            for (size_t mark = 0; mark < sizeof marks; mark++) {
                char text[100];
                struct sip_address address;
                memcpy(text, texts[i], n + 1);
                if (at < n && mark + 1 < sizeof marks)
                    text[at] = marks[mark];
                (void)sip_address_parse(slice_of(text, n), &address);
                assert_true(slice_equal(sip_user(slice_of(text, n)), address.uri.user));
            }
        }
    }
}

static void test_parameters(void **state)
{
    (void)state;
    bool found;
    struct slice s = slice_str(";lr;;a=1; B = \"x;y\" ;c");
    assert_int_equal(sip_parameter(s, "lr", &found).len, 0);
    assert_true(found);
    assert_slice(sip_parameter(s, "A", NULL), "1");
    assert_slice(sip_parameter(s, "b", &found), "x;y");
    sip_parameter(s, "c", &found);
    assert_true(found);
    sip_parameter(s, "d", &found);
    assert_false(found);
}

static void test_vias(void **state)
{
    (void)state;
    struct sip_via via;
    assert_true(sip_via_parse(slice_str("SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;rport=99;received=192.0.2.9, SIP/2.0/TCP b"), &via));
    assert_slice(via.transport, "UDP");
    assert_slice(via.sent_by, "192.0.2.1:5070");
    assert_slice(via.host, "192.0.2.1");
    assert_int_equal(via.port, 5070);
    assert_slice(via.branch, "z9hG4bK1");
    assert_slice(via.rport, "99");
    assert_slice(via.received, "192.0.2.9");
    assert_true(sip_via_parse(slice_str("SIP  / 2.0 \r\n / TLS\r\n  [2001:db8::1] : 5061 ;\r\n branch = a ;x=\",\";y"), &via));
    assert_slice(via.transport, "TLS");
    assert_slice(via.host, "[2001:db8::1]");
    assert_int_equal(via.port, 5061);
    assert_slice(via.branch, "a");
    assert_slice(via.parameters, "branch = a ;x=\",\";y");
    assert_true(sip_via_parse(slice_str("SIP/2.0/UDP host"), &via));
    assert_slice(via.host, "host");
    assert_int_equal(via.branch.len, 0);
    assert_true(sip_via_parse(slice_str("SIP/2.0/UDP host;;,;,,"), &via));
    assert_slice(via.host, "host");
    assert_false(sip_via_parse(slice_str("SIP/2.0"), &via));
    assert_false(sip_via_parse(slice_str("SIP/2.0/UDP"), &via));
    assert_false(sip_via_parse(SLICE_NONE, &via));
}

/* A header that is missing is an empty slice without memory behind it. */
static void test_nothing_is_nothing(void **state)
{
    (void)state;
    struct sip_uri uri;
    struct sip_address address;
    struct sip_via via;
    assert_int_equal(sip_tag(SLICE_NONE).len, 0);
    assert_int_equal(sip_parameter(SLICE_NONE, "tag", NULL).len, 0);
    assert_false(sip_uri_parse(SLICE_NONE, &uri));
    assert_int_equal(uri.user.len, 0);
    (void)sip_address_parse(SLICE_NONE, &address);
    assert_int_equal(address.uri_text.len, 0);
    assert_false(sip_via_parse(SLICE_NONE, &via));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_nothing),
        cmocka_unit_test(test_uris),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_user),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_vias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

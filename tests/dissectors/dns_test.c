/* A question and how it ended, from bytes that may be anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dissectors/dns.h"

/* An answer NXDOMAIN to A? Vc.Example */
static const uint8_t missing[] = {0x12, 0x34, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'V', 'c', 7, 'E', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

static bool parse_with(size_t at, uint8_t byte, struct dns_response *response)
{
    uint8_t bytes[sizeof missing];
    memcpy(bytes, missing, sizeof bytes);
    bytes[at] = byte;
    return dns_response_parse(slice_of(bytes, sizeof bytes), response);
}

static void responses(void **state)
{
    (void)state;
    struct dns_response response;
    assert_true(dns_response_parse(slice_of(missing, sizeof missing), &response));
    assert_int_equal(response.code, 3);
    assert_int_equal(response.type, 1);
    assert_string_equal(response.name, "vc.example");
    assert_string_equal(dns_code_name(response.code), "NXDOMAIN");
    assert_null(dns_code_name(6));
    assert_true(parse_with(14, 0x1b, &response)); /* no host name has an escape */
    assert_string_equal(response.name, "v?.example");
    assert_false(parse_with(2, 0x01, &response)); /* a query */
    assert_false(parse_with(2, 0xa1, &response)); /* an update */
    assert_false(parse_with(5, 2, &response));    /* two questions */
    assert_false(parse_with(12, 0xc0, &response)); /* a name that points elsewhere */
    assert_false(parse_with(12, 60, &response));  /* a label beyond the end */
    assert_false(parse_with(27, 3, &response));   /* class CH */
    for (size_t len = 0; len < sizeof missing; len++) {
        uint8_t *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy, missing, len);
        assert_false(dns_response_parse(slice_of(copy, len), &response));
        free(copy);
    }
    assert_false(dns_response_parse(SLICE_NONE, &response));
}

/* RFC 1035 2.3.4: 255 bytes at most; one label more would not fit. */
static void long_names(void **state)
{
    (void)state;
    struct dns_response response;
    uint8_t bytes[400] = {0, 1, 0x81, 0x83, 0, 1};
    size_t at = 12;
    for (int i = 0; i < 4; i++) {
        bytes[at++] = (uint8_t)(i < 3 ? 63 : 61);
        memset(bytes + at, 'a', 63);
        at += i < 3 ? 63 : 61;
    }
    bytes[at] = bytes[at + 1] = bytes[at + 3] = 0;
    bytes[at + 2] = bytes[at + 4] = 1;
    assert_true(dns_response_parse(slice_of(bytes, at + 5), &response));
    assert_int_equal(strlen(response.name), 253);
    bytes[at] = 4;
    memset(bytes + at + 1, 'b', 4);
    bytes[at + 5] = bytes[at + 6] = bytes[at + 8] = 0;
    bytes[at + 7] = bytes[at + 9] = 1;
    assert_false(dns_response_parse(slice_of(bytes, at + 10), &response));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(responses), cmocka_unit_test(long_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

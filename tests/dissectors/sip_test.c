/* Tests the SIP claim and the tolerant index: spellings, folding, line ends, lengths, floods, and what is not SIP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissectors/sip.h"
#include "dissectors/sip_index.h"
#include "sip_torture.h"

static struct sip_message message;

#define S(text) slice_of(text, sizeof(text) - 1)
#define PARSE(text) assert_true(sip_parse(S(text), &message))
#define REST TOP_VIA FROM_ANN TO_BEN CID MF "CSeq: 7 OPTIONS\r\n"

static void assert_slice(struct slice s, const char *text)
{
    if (!slice_is(s, text))
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, (const char *)s.data, text);
}

static void test_claims(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool sip;
    } rows[] = {
        {"INVITE sip:a@b SIP/2.0\r\n", true},
        {"INVITE sip:a@b SIP/2.0", true},
        {"\r\n\r\nSIP/2.0 200 OK\r\n", true},
        {"sip/2.0 180\r\n", true},
        {"SIP/7.0 200 x\r\n", true},
        {"SIP/2.0 4294967301 x\r\n", true},
        {"a%b! urn:x SIP/2.0\n", true},
        {"OPTIONS * SIP/2.0\r\n", true},
        {"UNHEARD * SIP/2.0\r\n", true},
        {"INVITE bob SIP/2.0\r\n", true},
        {"INVITE  <sip:a>  sip/2.0  \r\n", true},
        {"INVITE sip:a@b SIP/2.0\rVia: x\r\r", true},
        {"\x01\x02OPTIONS sip:a SIP/2.0\r\n", true},
        {"", false},
        {"\r\n\r\n", false},
        {"\r\n", false},
        {"GET / HTTP/1.1\r\n", false},
        {"NOTIFY * HTTP/1.1\r\n", false},
        {"HTTP/1.1 200 OK\r\n", false},
        {"DESCRIBE rtsp://a/b RTSP/1.0\r\n", false},
        {"RTSP/1.0 200 OK\r\n", false},
        {"MSRP a786hjs2 SEND\r\n", false},
        {"RSIP 1204 *@mg.example.net MGCP 1.0\r\n", false},
        {"this sentence is about SIP/2.0\r\n", false},
        {"INVITE sip:a@b\r\nVia: SIP/2.0/UDP x\r\n", false},
        {"INVITE SIP/2.0\r\n", false},
        {"SIP/2.0\r\n", false},
        {"SIP/x.0 200 OK\r\n", false},
        {"SIPPING tea: it is SIP\r\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sip_claim(slice_str(rows[i].text)) != rows[i].sip)
            fail_msg("claim of \"%s\"", rows[i].text);
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned id = 1; id < SIP_HEADER_COUNT; id++) {
        const struct sip_header_row *row = &sip_header_rows[id];
        char name[40];
        size_t len = strlen(row->name);
        for (size_t i = 0; i < len; i++)
            name[i] = (char)(i % 2 ? ascii_lower((uint8_t)row->name[i]) : row->name[i] & (row->name[i] >= 'a' ? ~0x20 : ~0));
        if (sip_header_find((const uint8_t *)row->name, len) != id || sip_header_find((const uint8_t *)name, len) != id)
            fail_msg("slot %u is for %s", sip_name_slot((const uint8_t *)row->name, len), row->name);
        /* The quick table leads to it too; without that it would still be found, but slowly. */
        char line[48];
        snprintf(line, sizeof line, "%s: x", row->name);
        unsigned quick = len <= 15 ? sip_quick_slots[sip_quick_slot((const uint8_t *)line)] : id;
        while (quick != id && quick != 0)
            quick = sip_names[quick].next;
        if (quick != id)
            fail_msg("quick slot %u is for %s", sip_quick_slot((const uint8_t *)line), row->name);
        if (row->compact != 0) {
            uint8_t letter[2] = {(uint8_t)row->compact, (uint8_t)(row->compact - 0x20)};
            assert_int_equal(sip_header_find(letter, 1), id);
            assert_int_equal(sip_header_find(letter + 1, 1), id);
        }
    }
    assert_int_equal(sip_header_find((const uint8_t *)"Vib", 3), SIP_HEADER_OTHER);
    assert_int_equal(sip_header_find((const uint8_t *)"q", 1), SIP_HEADER_OTHER);
    for (int method = 1; method < SIP_METHOD_COUNT; method++)
        assert_int_equal(sip_method_of(slice_str(sip_method_names[method])), method);
    assert_int_equal(sip_method_of(S("invite")), SIP_METHOD_UNKNOWN);
    assert_int_equal(sip_method_of(S("INVITES")), SIP_METHOD_UNKNOWN);
}

static void test_request(void **state)
{
    (void)state;
    PARSE("OPTIONS sip:ben@example.net SIP/2.0\r\n" REST "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabcdef");
    assert_true(message.request);
    assert_int_equal(message.method, SIP_OPTIONS);
    assert_slice(message.start_line, "OPTIONS sip:ben@example.net SIP/2.0");
    assert_slice(message.uri, "sip:ben@example.net");
    assert_slice(message.version, "SIP/2.0");
    assert_slice(message.call_id, "one@198.51.100.7");
    assert_true(message.has_cseq && message.cseq == 7);
    assert_slice(message.cseq_method, "OPTIONS");
    assert_slice(message.body, "abc");
    assert_ptr_equal(message.bytes.data + message.bytes.len, message.body.data + 3);
    assert_int_equal(message.header_count, 8);
    assert_int_equal(message.header_lines, 8);
    assert_int_equal(message.flags, SIP_INDEX_BODY_LONG);
    assert_slice(sip_header_value(&message, SIP_HEADER_MAX_FORWARDS), "70");
    assert_int_equal(sip_header_value(&message, SIP_HEADER_ROUTE).len, 0);
}

static void test_response(void **state)
{
    (void)state;
    PARSE("SIP/2.0 487 Request Terminated\r\nv: x\r\nCALL-id :  abc \r\ncseq: 5\r\n INVITE \r\nl:0\r\n\r\n");
    assert_false(message.request);
    assert_int_equal(message.status, 487);
    assert_slice(message.reason, "Request Terminated");
    assert_int_equal(message.method, SIP_INVITE);
    assert_int_equal(message.cseq, 5);
    assert_slice(message.call_id, "abc");
    assert_int_equal(message.headers[0].compact, 1);
    assert_int_equal(message.flags, 0);
    PARSE("SIP/2.0 4294967301 big\r\n\r\n");
    assert_int_equal(message.status, 0);
    assert_slice(message.status_text, "4294967301");
    PARSE("sip/2.0 180\r\n\r\n");
    assert_int_equal(message.status, 180);
    assert_int_equal(message.reason.len, 0);
    PARSE("SIP/2.0 200 OK\r\nCSeq: 99999999999 BYE\r\n\r\n");
    assert_false(message.has_cseq);
    assert_int_equal(message.method, SIP_BYE);
}

static void test_spacing(void **state)
{
    (void)state;
    PARSE("INVITE  sip:a@b;  lr \t SIP/2.0  \r\nCall-ID\t:\r\n\tx\r\n  y\r\n\r\n");
    assert_slice(message.uri, "sip:a@b;  lr");
    assert_slice(message.version, "SIP/2.0");
    assert_slice(message.call_id, "x\r\n  y");
    PARSE("INVITE sip:a SIP/2.0\nCall-ID: x\nL: 2\n\nhi");
    assert_slice(message.call_id, "x");
    assert_slice(message.body, "hi");
    assert_int_equal(message.flags, SIP_INDEX_BARE_LF);
    PARSE("INVITE sip:a SIP/2.0\rCall-ID: x\rL: 2\r\rhi");
    assert_slice(message.call_id, "x");
    assert_slice(message.body, "hi");
    PARSE("\r\n\0\x07INVITE sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n");
    assert_int_equal(message.flags, SIP_INDEX_JUNK_BEFORE | SIP_INDEX_NO_LENGTH);
    assert_slice(message.call_id, "x");
    PARSE("INVITE sip:a SIP/2.0\r\nNo colon\r\nCall-ID: \r\nSubject: a\0b\r\n\r\n\0\0");
    assert_int_equal(message.flags, SIP_INDEX_NO_COLON | SIP_INDEX_NO_LENGTH | SIP_INDEX_NUL);
    assert_int_equal(message.header_count, 3);
    assert_int_equal(message.body.len, 2);
    PARSE("INVITE sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n folded?\r\n");
    assert_slice(message.body, " folded?\r\n");
}

static void test_lengths(void **state)
{
    (void)state;
#define HEAD "OPTIONS sip:a SIP/2.0\r\nCall-ID: x\r\n"
    PARSE(HEAD "Content-Length: 9\r\n\r\nabc");
    assert_int_equal(message.flags, SIP_INDEX_BODY_SHORT);
    assert_slice(message.body, "abc");
    PARSE(HEAD "Content-Length: -9\r\n\r\nabc");
    assert_int_equal(message.flags, SIP_INDEX_BAD_LENGTH);
    assert_slice(message.body, "abc");
    PARSE(HEAD "Content-Length: 99999999999999999999999\r\n\r\nabc");
    assert_int_equal(message.flags, SIP_INDEX_BAD_LENGTH);
    PARSE(HEAD "Content-Length: 1\r\nl: 2\r\n\r\nabc");
    assert_int_equal(message.flags, SIP_INDEX_BAD_LENGTH);
    assert_slice(message.body, "abc");
    PARSE(HEAD "Content-Length: 2\r\nl: 02\r\n\r\nabc");
    assert_int_equal(message.flags, SIP_INDEX_BODY_LONG);
    PARSE(HEAD "Content-Length: 3\r\nSubj");
    assert_int_equal(message.flags, SIP_INDEX_TRUNCATED | SIP_INDEX_BODY_SHORT | SIP_INDEX_NO_COLON);
    assert_slice(message.call_id, "x");
    PARSE("OPTIONS sip:a SIP/2.0");
    assert_int_equal(message.header_count, 0);
#undef HEAD
}

/* 10,000 strange lines before the Call-ID; one header of 1 MB. */
static void test_floods(void **state)
{
    (void)state;
    size_t room = 1 << 21;
    char *text = malloc(room);
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "OPTIONS sip:a SIP/2.0\r\n");
    for (int i = 0; i < 10000; i++)
        len += (size_t)sprintf(text + len, "X-%d: %d\r\n", i, i);
    len += (size_t)sprintf(text + len, "CSeq: 1 OPTIONS\r\ni: found\r\nVia: a\r\nVia: b\r\n\r\n");
    assert_true(sip_parse(slice_of(text, len), &message));
    assert_int_equal(message.header_lines, 10004);
    assert_true(message.header_count <= SIP_HEADERS_MAX && (message.flags & SIP_INDEX_MORE));
    assert_slice(message.call_id, "found");
    assert_slice(sip_header_value(&message, SIP_HEADER_VIA), "a");
    len = (size_t)sprintf(text, "OPTIONS sip:a SIP/2.0\r\nSubject: ");
    memset(text + len, 'x', 1 << 20);
    len += 1 << 20;
    len += (size_t)sprintf(text + len, "\r\nCall-ID: last\r\n\r\n");
    assert_true(sip_parse(slice_of(text, len), &message));
    assert_slice(message.call_id, "last");
    assert_int_equal(message.headers[0].value_len, 1 << 20);
    free(text);
}

/* Every prefix of every torture message, in a buffer of exactly its size, so that a sanitizer sees a byte read too far. */
static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TORTURE_COUNT; i++) {
        for (size_t len = 0; len <= torture[i].len; len++) {
            uint8_t *copy = malloc(len + 1);
            assert_non_null(copy);
            memcpy(copy + 1, torture[i].text, len);
            struct slice s = slice_of(copy + 1, len);
            bool claimed = sip_claim(s);
            assert_int_equal(sip_parse(s, &message), claimed);
            if (claimed)
                assert_true(message.bytes.data + message.bytes.len <= copy + 1 + len);
            free(copy);
        }
    }
}

static void test_lists(void **state)
{
    (void)state;
    struct slice rest = S(" \"a, b\" <sip:x,y> ;q=1, , <sip:z> , \"\\\",\" c,"), value;
    assert_true(sip_list_next(&rest, &value));
    assert_slice(value, "\"a, b\" <sip:x,y> ;q=1");
    assert_true(sip_list_next(&rest, &value));
    assert_slice(value, "<sip:z>");
    assert_true(sip_list_next(&rest, &value));
    assert_slice(value, "\"\\\",\" c");
    assert_false(sip_list_next(&rest, &value));
    assert_false(sip_list_next(&rest, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims),  cmocka_unit_test(test_names),   cmocka_unit_test(test_request),
        cmocka_unit_test(test_response), cmocka_unit_test(test_spacing), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_floods),  cmocka_unit_test(test_prefixes), cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

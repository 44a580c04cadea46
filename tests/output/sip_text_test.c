/* A message's text as a JSON string: line ends, secrets, cuts. What the parts of one line become must not depend on how it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "output/sip_text.h"

static struct sip_text_fate check(const char *message, size_t len, struct sip_text_rules rules, const char *want)
{
    struct text out = {0};
    text_str(&out, "before");
    struct sip_text_fate fate = sip_text_put(&out, slice_of(message, len), &rules);
    text_put(&out, '\0');
    assert_string_equal(out.data, want);
    text_fini(&out);
    return fate;
}

#define CHECK(message, rules, want) check(message, sizeof(message) - 1, (struct sip_text_rules){.room = 100000, rules}, "before" want)
#define NONE .secrets_kept = false

static void line_ends(void **state)
{
    (void)state;
    static const char text[] = "OPTIONS sip:a SIP/2.0\r\nA: a longer line than sixteen bytes\r\n\nB\rC: 1\r\r\n\r\n";
    (void)CHECK(text, NONE, "OPTIONS sip:a SIP/2.0\\nA: a longer line than sixteen bytes\\n\\nB\\rC: 1\\r\\n\\n");
    (void)CHECK(text, .line_ends_kept = true,
                "OPTIONS sip:a SIP/2.0\\r\\nA: a longer line than sixteen bytes\\r\\n\\nB\\rC: 1\\r\\r\\n\\r\\n");
    (void)CHECK("no end", NONE, "no end");
    (void)CHECK("", NONE, "");
    (void)CHECK("\n", NONE, "\\n");
    (void)CHECK("\r", NONE, "\\r");
    (void)CHECK("a line of sixteen\r", NONE, "a line of sixteen\\r");
}

static void escapes(void **state)
{
    (void)state;
    struct sip_text_fate fate = CHECK("From: \"A \\\" B\" <sip:a>\x7f\x01\tend\r\n", NONE, "From: \\\"A \\\\\\\" B\\\" <sip:a>\\u007f\\u0001\\tend\\n");
    assert_false(fate.invalid || fate.truncated || fate.redacted);
    fate = CHECK("Subject: gr\xc3\xbc\xc3\x9f and \xe2\x82\xac\r\n", NONE, "Subject: gr\xc3\xbc\xc3\x9f and \xe2\x82\xac\\n");
    assert_false(fate.invalid);
    fate = CHECK("Subject: \xff\xc3\r\n\xc3", NONE, "Subject: \xef\xbf\xbd\xef\xbf\xbd\\n\xef\xbf\xbd");
    assert_true(fate.invalid);
    (void)CHECK("nul \0 byte, and more behind it", NONE, "nul \\u0000 byte, and more behind it");
}

static void keys(void **state)
{
    (void)state;
    struct sip_text_fate fate = CHECK("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|2^20|1:4\r\n", NONE,
                                      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^20|1:4\\n");
    assert_true(fate.redacted);
    (void)CHECK("A=CRYPTO:1 X Inline:AAAA;inline:BBBB FEC_ORDER=x\r\n", NONE, "A=CRYPTO:1 X Inline:***;inline:*** FEC_ORDER=x\\n");
    (void)CHECK(" a=crypto:1 X inline:AAAA\n", NONE, " a=crypto:1 X inline:***\\n");
    (void)CHECK("s=x\ra=crypto:1 X inline:AAAA\n", NONE, "s=x\\ra=crypto:1 X inline:***\\n");
    (void)CHECK("s=\x80x\ra=crypto:1 X inline:AAAA\n", NONE, "s=\xef\xbf\xbdx\\ra=crypto:1 X inline:***\\n");
    (void)CHECK("k=base64:AAAA\nk=prompt\na=key-mgmt:mikey AQAFgM\n", NONE, "k=base64:***\\nk=prompt\\na=key-mgmt:***\\n");
    fate = CHECK("a=rtpmap:0 PCMU/8000\na=crypto:1 X inline:AAAA\n", .secrets_kept = true, "a=rtpmap:0 PCMU/8000\\na=crypto:1 X inline:AAAA\\n");
    assert_false(fate.redacted);
}

static void credentials(void **state)
{
    (void)state;
    struct sip_text_fate fate =
        CHECK("Authorization: Digest username=\"5600\", realm=\"r\", nonce=\"abc\", uri=\"sip:x\", response=\"0123\", cnonce=\"q\", nc=00000001\r\n",
              NONE,
              "Authorization: Digest username=\\\"5600\\\", realm=\\\"r\\\", nonce=\\\"***\\\", uri=\\\"sip:x\\\", response=\\\"***\\\", "
              "cnonce=\\\"***\\\", nc=00000001\\n");
    assert_true(fate.redacted);
    (void)CHECK("proxy-authorization : Digest RESPONSE = 0123,nonce=a\\b\r\n", NONE, "proxy-authorization : Digest RESPONSE = ***,nonce=***\\n");
    (void)CHECK("Authorization: Digest a=b,\r\n response=\"0123\"\r\nX: response=\"1\"\r\n", NONE,
                "Authorization: Digest a=b,\\n response=\\\"***\\\"\\nX: response=\\\"1\\\"\\n");
    (void)CHECK("Authorization: Digest response=\"no end of it\r\n", NONE, "Authorization: Digest response=\\\"***\\n");
    (void)CHECK("Authorization: Digest response=\"a\\\"b\", x=y\r\n", NONE, "Authorization: Digest response=\\\"***\\\", x=y\\n");
    (void)CHECK("Authorization-Info: nonce=\"1\"\r\n", NONE, "Authorization-Info: nonce=\\\"1\\\"\\n");
    (void)CHECK("Authorization:===,,\"\" response\r\n", NONE, "Authorization:===,,\\\"\\\" response\\n");
}

/* At any room, what is there is a beginning of the whole and no half escape. */
static void cuts(void **state)
{
    (void)state;
    static const char message[] = "INVITE \"\\\" \x01\xc3\xbc\xff a long enough line of text\r\nk=clear:1\r\nAuthorization: response=\"1\"\r\n\r\nx";
    struct text whole = {0};
    struct sip_text_rules rules = {.room = 10000};
    (void)sip_text_put(&whole, slice_of(message, sizeof message - 1), &rules);
    for (rules.room = 0; rules.room <= whole.len; rules.room++) {
        struct text cut = {0};
        struct sip_text_fate fate = sip_text_put(&cut, slice_of(message, sizeof message - 1), &rules);
        assert_true(cut.len <= rules.room);
        assert_int_equal(fate.truncated, rules.room < whole.len);
        assert_true(cut.len + 6 > rules.room || !fate.truncated);
        assert_memory_equal(cut.data == NULL ? "" : cut.data, whole.data, cut.len);
        size_t back = 0;
        while (back < cut.len && back < 6 && cut.data[cut.len - 1 - back] != '\\')
            back++;
        bool escape = back < 6 && back < cut.len && (cut.len - 1 - back == 0 || cut.data[cut.len - 2 - back] != '\\');
        assert_false(escape && (back == 0 || (cut.data[cut.len - back] == 'u' && back < 5)));
        text_fini(&cut);
    }
    text_fini(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(line_ends), cmocka_unit_test(escapes), cmocka_unit_test(keys),
                                       cmocka_unit_test(credentials), cmocka_unit_test(cuts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
    (void)CHECK("Authorization: Digest a=b\r\n\r\n\ta=crypto:1 X inline:AAAA\r\n", NONE, "Authorization: Digest a=b\\n\\n\\ta=crypto:1 X inline:***\\n");
    (void)CHECK("Authorization: Digest a=b,\r\r\n nonce=\"AAAA\"\r\n", NONE, "Authorization: Digest a=b,\\r\\n nonce=\\\"***\\\"\\n");
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
        assert_int_equal(fate.invalid, cut.len >= 3 && memmem(cut.data, cut.len, "\xef\xbf\xbd", 3) != NULL);
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

/* What is copied many bytes at once is the same as byte by byte: without room to spare only the latter is done. */
static void at_once(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\r\n", "\n", "\r", "\"", "\\", "a=crypto:1 X inline:AAAA|1;inline:BB", "A=CRYPTO:1 inline:A", "k=clear:1",
                                         "K=clear:1", "a=key-mgmt:mikey AA", "Authorization: Digest response=\"1\", nonce=2", "authorization:nonce=1",
                                         "Proxy-Authorization: a", "PROXY-AUTHORIZATION: cnonce=\"1\"", " response=\"x\"", "\ta=crypto:inline:A",
                                         "a=rtpmap:0 PCMU/8000", "P-Asserted-Identity: <sip:a>", "Via: SIP/2.0/UDP 192.0.2.1", "x", "yz", "\x7f", "\xc3\xbc",
                                         "\xff", "INVITE sip:+12125551212@voice.example SIP/2.0", "kind of", "pr", "au", "a", "p", "\x01", "~", "", ":", "="};
    unsigned dice = 1, redacted = 0;
    for (unsigned turn = 0; turn < 40000; turn++) {
        struct text message = {0}, quick = {0}, slow = {0};
        for (unsigned n = (dice >> 8) % 12; n > 0; n--) {
            dice = dice * 1103515245u + 12345u;
            text_str(&message, pieces[(dice >> 16) % (sizeof pieces / sizeof pieces[0])]);
            if ((dice >> 12) % 3 == 0)
                text_str(&message, "\r\n");
        }
        dice = dice * 1103515245u + 12345u;
        struct slice text = slice_of(message.data, message.len);
        struct sip_text_rules rules = {.room = 100000, .line_ends_kept = turn % 2 > 0, .secrets_kept = turn % 8 > 5};
        struct sip_text_fate fate = sip_text_put(&quick, text, &rules);
        rules.room = quick.len;
        struct sip_text_fate other = sip_text_put(&slow, text, &rules);
        if (quick.len != slow.len || memcmp(quick.data == NULL ? "" : quick.data, slow.data == NULL ? "" : slow.data, slow.len) != 0)
            fail_msg("\"%.*s\" became \"%.*s\", not \"%.*s\"", (int)message.len, message.data, (int)quick.len, quick.data, (int)slow.len, slow.data);
        assert_false(fate.truncated || other.truncated);
        assert_int_equal(fate.redacted, other.redacted);
        assert_int_equal(fate.invalid, other.invalid);
        redacted += fate.redacted;
        text_fini(&message);
        text_fini(&quick);
        text_fini(&slow);
    }
    assert_true(redacted > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(line_ends), cmocka_unit_test(escapes), cmocka_unit_test(keys),
                                       cmocka_unit_test(credentials), cmocka_unit_test(cuts), cmocka_unit_test(at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What screens read of a message's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/reading.h"

static void assert_text(struct text *text, const char *expected)
{
    text_put(text, '\0');
    assert_string_equal(text->data, expected);
    text_fini(text);
}

static void assert_label(const char *message, const char *expected)
{
    struct text text = {0};
    reading_label(&text, slice_str(message));
    assert_text(&text, expected);
}

static void assert_sdp(const char *message, const char *expected)
{
    struct text text = {0};
    reading_sdp(&text, slice_str(message));
    assert_text(&text, expected);
}

static void labels(void **state)
{
    (void)state;
    assert_label("INVITE sip:a@b SIP/2.0\r\n\r\n", "INVITE");
    assert_label("FOO sip:a@b SIP/2.0\r\n\r\n", "FOO");
    assert_label("SIP/2.0 183 Session \033[31mProgress\r\n\r\n", "183 Session .[31mProgress"); /* nothing drives the terminal */
    assert_label("hello", "");
    assert_label("", "");
}

#define HEAD "INVITE sip:a@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n"

static void descriptions(void **state)
{
    (void)state;
    assert_sdp(HEAD
               "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n",
               "audio 192.0.2.1:4000 PCMU telephone-event sendonly");
    assert_sdp(HEAD "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 0 RTP/AVP 8\r\nm=image 7 udptl t38\r\n",
               "audio 192.0.2.1:0 refused PCMA sendrecv; image 192.0.2.1:7 t38 sendrecv");
    assert_sdp("INVITE sip:a@b SIP/2.0\r\nContent-Type: text/plain\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0\r\n", "");
    assert_sdp("INVITE sip:a@b SIP/2.0\r\n\r\n", "");
}

static void lines(void **state)
{
    (void)state;
    struct reading_line got[6];
    struct slice message = slice_str("OPTIONS sip:a SIP/2.0\r\ni: 12\r\nX-Odd: a\r\n b\r\n\r\nbody: x");
    assert_int_equal(reading_lines(message, got, 6), 5);
    assert_true(slice_is(got[0].text, "OPTIONS sip:a SIP/2.0") && !got[0].header);
    assert_true(slice_is(got[1].text, "i: 12") && got[1].header);
    assert_string_equal(got[1].name, "Call-ID");
    assert_true(slice_is(got[1].value, "12"));
    assert_true(slice_is(got[2].text, "X-Odd: a\r\n b") && got[2].header && got[2].name == NULL);
    assert_true(got[3].text.len == 0 && !got[3].header);
    assert_true(slice_is(got[4].text, "body: x") && !got[4].header);
    assert_int_equal(reading_lines(message, got, 2), 5);
    assert_int_equal(reading_lines(slice_str("\n\n \n\n"), got, 6), 4);
    assert_int_equal(reading_lines(SLICE_NONE, got, 6), 0);
    assert_true(slice_is(reading_cseq(slice_str("BYE sip:a SIP/2.0\r\nCSeq: 2 BYE\r\n\r\n")), "2 BYE"));
}

/* By any name of it, in any case; all of its lines; absent is no empty value. */
static void headers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value; /* NULL: it has none */
    } rows[] = {{"call-id", "12"}, {"i", "12"}, {"x-odd", "a\r\n b, c"}, {"Empty", ""}, {"body", NULL}, {"X-Od", NULL}};
    struct slice message = slice_str("OPTIONS sip:a SIP/2.0\r\ni: 12\r\nX-Odd: a\r\n b\r\nEmpty:\r\nX-ODD: c\r\n\r\nbody: x");
    struct text out = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        text_reset(&out);
        assert_int_equal(reading_header(&out, message, rows[i].name), rows[i].value != NULL);
        assert_true(slice_is(slice_of(out.data, out.len), rows[i].value == NULL ? "" : rows[i].value));
    }
    assert_false(reading_header(&out, SLICE_NONE, "i"));
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(labels), cmocka_unit_test(descriptions), cmocka_unit_test(lines),
                                       cmocka_unit_test(headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

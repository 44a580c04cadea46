/* SIP streams cut into messages, whatever the segments and whatever is wrong with the lengths. */
#include "dissectors/sip_framing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define INVITE "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nCall-ID: 1\r\n"
#define PRACK "PRACK sips:x SIP/2.0\r\n"
#define OK "SIP/2.0 200 OK\r\nCall-ID: 1\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"

/* Cuts the whole text, given at most `step` new bytes at a time, as a stream's reader does; writes one letter for each piece
   (M message, m message without length, K, J, I unfinished) with the bytes it used. */
static void cut(const char *text, size_t len, size_t step, char *out, size_t room)
{
    size_t at = 0, have = step < len ? step : len, n = 0, need = 0, scanned = 0;
    *out = '\0';
    for (;;) {
        bool closed = have == len;
        if (have - at < need && !closed) {
            have = have + step < len ? have + step : len;
            continue;
        }
        uint8_t *copy = malloc(have - at + 1);
        assert_non_null(copy);
        memcpy(copy, text + at, have - at);
        struct sip_framing piece = sip_framing_resume(slice_of(copy, have - at), scanned, closed);
        free(copy);
        scanned = piece.scanned;
        if (piece.kind == SIP_FRAMING_INCOMPLETE) {
            need = piece.need;
            if (closed) {
                if (have > at)
                    snprintf(out + n, room - n, "I%zu ", have - at);
                return;
            }
            have = have + step < len ? have + step : len;
            continue;
        }
        assert_in_range(piece.used, 1, have - at);
        n += (size_t)snprintf(out + n, room - n, "%c%zu ",
                              piece.kind == SIP_FRAMING_MESSAGE ? (piece.no_length ? 'm' : 'M')
                                                                : (piece.kind == SIP_FRAMING_KEEPALIVE ? 'K' : 'J'),
                              piece.used);
        assert_true(n < room - 24);
        at += piece.used;
        need = 0;
        if (at == len)
            return;
    }
}

static void pieces_whole(const char *text, const char *pieces)
{
    char out[512];
    cut(text, strlen(text), 1 << 20, out, sizeof out);
    assert_string_equal(out, pieces);
}

/* The same pieces however the stream is cut. */
static void pieces_any(const char *text, const char *pieces)
{
    char out[512];
    for (size_t step = 1; step < 90; step++) {
        cut(text, strlen(text), step, out, sizeof out);
        assert_string_equal(out, pieces);
    }
    pieces_whole(text, pieces);
}

static size_t size(const char *text)
{
    return strlen(text);
}

static void whole_messages(void **unused)
{
    (void)unused;
    char pieces[64];
    snprintf(pieces, sizeof pieces, "M%zu M%zu M%zu ", size(INVITE EMPTY), size(OK "l: 4\r\n\r\nbody"), size(OK EMPTY));
    pieces_any(INVITE EMPTY OK "l: 4\r\n\r\nbody" OK EMPTY, pieces);
}

static void spellings_of_the_length(void **unused)
{
    (void)unused;
    static const char *const headers[] = {"Content-Length: 4", "content-length:4",         "CONTENT-LENGTH   :   4  ",
                                          "l:4",               "L : 4",                    "Content-Length:\r\n 4",
                                          "Content-Length:\r\n\t \r\n 4", "Content-Length: 0004",
                                          "l: 4\r\nContent-Length: 4"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char text[400], pieces[64];
        snprintf(text, sizeof text, OK "%s\r\nSubject: x\r\n\r\nbody" OK EMPTY, headers[i]);
        snprintf(pieces, sizeof pieces, "M%zu M%zu ", size(text) - size(OK EMPTY), size(OK EMPTY));
        pieces_any(text, pieces);
    }
    char pieces[64];
    snprintf(pieces, sizeof pieces, "M%zu ", size("SIP/2.0 200 OK\nl: 3\n\nabc")); /* bare LF */
    pieces_any("SIP/2.0 200 OK\nl: 3\n\nabc", pieces);
}

static void keepalives(void **unused)
{
    (void)unused;
    char pieces[64];
    snprintf(pieces, sizeof pieces, "K4 M%zu K2 M%zu K2 ", size(OK EMPTY), size(INVITE EMPTY));
    pieces_whole("\r\n\r\n" OK EMPTY "\r\n" INVITE EMPTY "\r\n", pieces);
    struct sip_framing piece = sip_framing_next(slice_str("\r"), false);
    assert_int_equal(piece.kind, SIP_FRAMING_INCOMPLETE);
    assert_int_equal(piece.need, 2);
    piece = sip_framing_next(slice_str("\r\n\r"), false);
    assert_int_equal(piece.used, 2);
    assert_int_equal(sip_framing_next(SLICE_NONE, false).kind, SIP_FRAMING_INCOMPLETE);
    assert_int_equal(sip_framing_next(SLICE_NONE, true).kind, SIP_FRAMING_INCOMPLETE);
}

static void missing_length(void **unused)
{
    (void)unused;
    char pieces[64];
    snprintf(pieces, sizeof pieces, "m%zu M%zu ", size(OK "\r\n"), size(OK EMPTY));
    pieces_any(OK "\r\n" OK EMPTY, pieces);
    /* A body without a length ends where the next message begins. */
    snprintf(pieces, sizeof pieces, "m%zu M%zu ", size(INVITE "c: text/plain\r\n\r\nhello\r\nyou\r\n"), size(OK EMPTY));
    pieces_whole(INVITE "c: text/plain\r\n\r\nhello\r\nyou\r\n" OK EMPTY, pieces);
    snprintf(pieces, sizeof pieces, "m%zu ", size(INVITE "\r\nhello"));
    pieces_whole(INVITE "\r\nhello", pieces); /* the stream is closed */
    struct sip_framing piece = sip_framing_next(slice_str(INVITE "\r\n"), false);
    assert_int_equal(piece.kind, SIP_FRAMING_MESSAGE);
    assert_true(piece.no_length);
    piece = sip_framing_next(slice_str(INVITE "Content-Type: application/sdp\r\n\r\nv=0\r\ns=-\r\n"), false);
    assert_int_equal(piece.used, size(INVITE "Content-Type: application/sdp\r\n\r\nv=0\r\ns=-\r\n"));
    piece = sip_framing_next(slice_str(INVITE "Content-Type: application/sdp\r\n\r\nv=0\r\nINVITE sip:n"), false);
    assert_int_equal(piece.used, size(INVITE "Content-Type: application/sdp\r\n\r\nv=0\r\n"));
}

static void unusable_length(void **unused)
{
    (void)unused;
    static const char *const headers[] = {"Content-Length: -1", "Content-Length: 99999999999999999999999",
                                          "Content-Length: 4294967296", "Content-Length: four", "Content-Length:",
                                          "Content-Length: 0\r\nl: 5", "Content-Length: 1048576"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char text[400], pieces[64];
        snprintf(text, sizeof text, OK "%s\r\n\r\n" OK EMPTY, headers[i]);
        snprintf(pieces, sizeof pieces, "m%zu M%zu ", size(text) - size(OK EMPTY), size(OK EMPTY));
        pieces_any(text, pieces);
    }
}

static void junk_before_a_start_line(void **unused)
{
    (void)unused;
    char pieces[64];
    static const char junk[] = "ntent-Type: application/sdp\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nVia: SIP/2.0/TCP x\r\n";
    char text[400];
    snprintf(text, sizeof text, "%s" INVITE EMPTY, junk);
    snprintf(pieces, sizeof pieces, "J%zu M%zu ", size(junk), size(INVITE EMPTY));
    pieces_whole(text, pieces);
    for (size_t step = 1; step < 60; step++) { /* in any pieces the message is found, and nothing of it lost */
        char out[512], last[64];
        cut(text, size(text), step, out, sizeof out);
        snprintf(last, sizeof last, "M%zu ", size(INVITE EMPTY));
        assert_string_equal(out + size(out) - size(last), last);
    }
    pieces_whole("\x16\x03\x01 binary", "J10 ");
    struct sip_framing piece = sip_framing_next(slice_str("INVITE sip:bob@exam"), false);
    assert_int_equal(piece.kind, SIP_FRAMING_INCOMPLETE);
}

/* The start line follows junk that ends with no line end: the end of a body, or a keep-alive of no kind that is known. */
static void junk_on_the_same_line(void **unused)
{
    (void)unused;
    static const char *const junks[] = {"</xml>", "\x80\x81 \xff", "[ping]", "a: b\r\n\r\n</xml>", "rest of it\r\nv=0\r\n\x01"};
    static const char *const messages[] = {INVITE EMPTY, OK EMPTY, PRACK EMPTY};
    bool whole;
    for (size_t i = 0; i < 5 * 3; i++) {
        char text[400], pieces[64];
        const char *message = messages[i % 3], *junk = junks[i / 3];
        snprintf(text, sizeof text, "%s%s", junk, message);
        assert_int_equal(sip_framing_find(slice_str(text), &whole), size(junk));
        assert_true(whole);
        snprintf(pieces, sizeof pieces, "J%zu M%zu ", size(junk), size(message));
        pieces_whole(text, pieces);
    }
    static const char *const no[] = {"log: SIP/2.0 200 OK\r\n", "<7>got INVITE sip:x SIP/2.0\r\n", "[an INVITE is SIP/2.0\r\n",
                                     "<SIP/2.0 2xx\r\n", "Via: SIP/2.0/TCP x\r\n", "</x>JUMP sip:x SIP/2.0\r\n"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        assert_int_equal(sip_framing_find(slice_str(no[i]), &whole), size(no[i]));
        assert_false(whole);
    }
    assert_int_equal(sip_framing_find(slice_str("</x>INVITE sip:x SIP/2.0\r\nno header\r\n"), &whole), 37);
    assert_false(whole);
    assert_int_equal(sip_framing_find(slice_str("</x>INVITE si"), &whole), 4);
    assert_false(whole);
    assert_int_equal(sip_framing_trim(slice_str("abcdeINVITE sip:x")), 5);
    assert_int_equal(sip_framing_trim(slice_str("12PRACK sip:x")), 2);
    assert_int_equal(sip_framing_trim(slice_str("INVITE sip:x")), 0);
    assert_int_equal(sip_framing_trim(slice_str("STRANGE sip:x")), 0);
    assert_int_equal(sip_framing_trim(slice_str("abcINVITE")), 0);
}

static void body_that_looks_like_sip(void **unused)
{
    (void)unused;
    static const char body[] = "SIP/2.0 100 Trying\r\nl: 0\r\n\r\nINVITE sip:x SIP/2.0\r\n\r\n";
    char text[500], pieces[64];
    snprintf(text, sizeof text, "NOTIFY sip:x SIP/2.0\r\nContent-Type: message/sipfrag\r\nContent-Length: %zu\r\n\r\n%s", size(body), body);
    snprintf(pieces, sizeof pieces, "M%zu M%zu ", size(text), size(OK EMPTY));
    snprintf(text + size(text), sizeof text - size(text), "%s", OK EMPTY);
    pieces_any(text, pieces);
}

static void header_that_breaks_off(void **unused)
{
    (void)unused;
    char pieces[64];
    snprintf(pieces, sizeof pieces, "m%zu M%zu ", size(INVITE "Content-Le\r\n"), size(OK EMPTY));
    pieces_any(INVITE "Content-Le\r\n" OK EMPTY, pieces);
    snprintf(pieces, sizeof pieces, "J%zu M%zu ", size("SIP/2.0 100 Trying\r\n"), size(OK EMPTY));
    pieces_any("SIP/2.0 100 Trying\r\n" OK EMPTY, pieces);
}

static void unfinished(void **unused)
{
    (void)unused;
    struct sip_framing piece = sip_framing_next(slice_str(OK "l: 10\r\n\r\nbody"), true);
    assert_int_equal(piece.kind, SIP_FRAMING_INCOMPLETE);
    assert_int_equal(piece.need, size(OK "l: 10\r\n\r\n") + 10);
    piece = sip_framing_next(slice_str(OK), true);
    assert_int_equal(piece.kind, SIP_FRAMING_INCOMPLETE);
    assert_int_equal(piece.need, 0);
}

static void a_megabyte_in_tiny_pieces(void **unused)
{
    (void)unused;
    enum { BODY = 900000, HEADER = 100000 };
    size_t len = 0;
    char *text = malloc(BODY + HEADER + 1000), out[64], pieces[64];
    assert_non_null(text);
    len += (size_t)sprintf(text, OK "Content-Length: %d\r\n", BODY);
    while (len < HEADER)
        len += (size_t)sprintf(text + len, "X-Long: %zu\r\n", len);
    len += (size_t)sprintf(text + len, "\r\n");
    memset(text + len, 'b', BODY);
    len += BODY;
    snprintf(pieces, sizeof pieces, "I%zu ", len);
    cut(text, len - 1, len, out, sizeof out);
    snprintf(pieces, sizeof pieces, "I%zu ", len - 1);
    assert_string_equal(out, pieces);
    /* `need` and `scanned` keep the cost low: the copies below are the test's own. */
    size_t calls = 0, have = 0, need = 0, scanned = 0;
    struct sip_framing piece;
    do {
        if (++have < need)
            continue;
        piece = sip_framing_resume(slice_of(text, have), scanned, false);
        need = piece.need;
        scanned = piece.scanned;
        calls++;
    } while (have < len && (have < need || piece.kind == SIP_FRAMING_INCOMPLETE));
    assert_int_equal(piece.kind, SIP_FRAMING_MESSAGE);
    assert_int_equal(piece.used, len);
    assert_true(calls < HEADER + 200);
    free(text);
}

static void endless_header_is_junk(void **unused)
{
    (void)unused;
    size_t len = 0;
    char *text = malloc(300000);
    assert_non_null(text);
    len += (size_t)sprintf(text, OK);
    while (len < 200000)
        len += (size_t)sprintf(text + len, "X: y\r\n");
    len += (size_t)sprintf(text + len, OK EMPTY);
    struct sip_framing piece = sip_framing_next(slice_of(text, len), false);
    assert_int_equal(piece.kind, SIP_FRAMING_JUNK);
    assert_int_equal(piece.used, len - size(OK EMPTY));
    memset(text, 'A', 300000);
    piece = sip_framing_next(slice_of(text, 300000), false);
    assert_int_equal(piece.kind, SIP_FRAMING_JUNK);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_messages),
        cmocka_unit_test(spellings_of_the_length),
        cmocka_unit_test(keepalives),
        cmocka_unit_test(missing_length),
        cmocka_unit_test(unusable_length),
        cmocka_unit_test(junk_before_a_start_line),
        cmocka_unit_test(junk_on_the_same_line), cmocka_unit_test(body_that_looks_like_sip),
        cmocka_unit_test(header_that_breaks_off),
        cmocka_unit_test(unfinished),
        cmocka_unit_test(a_megabyte_in_tiny_pieces),
        cmocka_unit_test(endless_header_is_junk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

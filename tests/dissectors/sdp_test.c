/* Session descriptions: the examples of RFC 4566 5 and of offers and answers as trunks send them, and broken ones. */
#include "dissectors/sdp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct sdp sdp;

static bool parse(const char *text)
{
    memset(&sdp, 0xa5, sizeof sdp); /* nothing may rest on old contents */
    return sdp_parse(slice_str(text), &sdp);
}

static void is(struct slice s, const char *text)
{
    if (!slice_is(s, text))
        fail_msg("\"%.*s\", not \"%s\"", (int)s.len, s.data == NULL ? "" : (const char *)s.data, text);
}

static void at(const struct endpoint *endpoint, const char *expected)
{
    char text[ENDPOINT_TEXT_SIZE];
    endpoint_format(endpoint, text);
    assert_string_equal(text, expected);
}

static void the_example_of_rfc_4566(void **unused)
{
    (void)unused;
    assert_true(parse("v=0\r\no=jdoe 2890844526 2890842807 IN IP4 10.47.16.5\r\ns=SDP Seminar\r\ni=A Seminar\r\n"
                      "u=http://www.example.com/seminars/sdp.pdf\r\ne=j.doe@example.com (Jane Doe)\r\n"
                      "c=IN IP4 224.2.17.12/127\r\nt=2873397496 2873404696\r\na=recvonly\r\nm=audio 49170 RTP/AVP 0\r\n"
                      "m=video 51372 RTP/AVP 99\r\na=rtpmap:99 h263-1998/90000\r\n"));
    assert_int_equal(sdp.flags, 0);
    is(sdp.origin_user, "jdoe");
    is(sdp.origin_id, "2890844526");
    is(sdp.origin_version, "2890842807");
    is(sdp.origin_address, "10.47.16.5");
    is(sdp.session_name, "SDP Seminar");
    at(&sdp.connection, "224.2.17.12:0");
    assert_int_equal(sdp.media_count, 2);
    is(sdp.media[0].kind, "audio");
    at(&sdp.media[0].endpoint, "224.2.17.12:49170");
    at(&sdp.media[0].rtcp, "224.2.17.12:49171");
    assert_int_equal(sdp.media[0].direction, SDP_RECVONLY);
    is(sdp.media[0].formats[0].encoding, "PCMU");
    assert_int_equal(sdp.media[0].formats[0].clock_hz, 8000);
    assert_false(sdp.media[0].formats[0].mapped);
    is(sdp.media[1].formats[0].encoding, "h263-1998");
    assert_int_equal(sdp.media[1].formats[0].clock_hz, 90000);
    assert_int_equal(sdp.media[1].formats[0].payload_type, 99);
    assert_true(sdp.media[1].formats[0].mapped);
}

static void a_trunk_offer(void **unused)
{
    (void)unused;
    assert_true(parse(
        "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nb=AS:100\r\nt=0 0\r\na=ptime:30\r\na=setup:actpass\r\n"
        "a=fingerprint:sha-256 AB:CD\r\na=key-mgmt:mikey AQAF\r\n"
        "m=audio 10000 RTP/SAVP 9 8 101 96\r\nc=IN IP4 192.0.2.7\r\nb=TIAS:64001\r\na=rtpmap:101 telephone-event/8000\r\n"
        "a=fmtp:101 0-15\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1; minptime=10\r\na=ptime:20\r\na=maxptime:150\r\n"
        "a=sendonly\r\na=mid:0\r\na=rtcp:10009 IN IP4 192.0.2.9\r\na=rtcp-mux\r\n"
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4 FEC_ORDER=FEC_SRTP\r\n"
        "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:abc\r\n"
        "a=candidate:1 1 UDP 2130706431 192.0.2.7 10000 typ host\r\n"
        "a=candidate:2 2 TCP 1694498815 2001:db8::7 10001 typ srflx raddr 192.0.2.7 rport 8998\r\n"
        "a=candidate:3 1 UDP 1 x.local 5 typ relay\r\n"
        "m=image 0 udptl t38\r\na=T38FaxVersion:0\r\nm=audio 10020/2 RTP/AVP 18\r\nc=IN IP6 2001:db8::1/3\r\na=inactive\r\na=rtcp:10050\r\n"));
    assert_int_equal(sdp.flags, 0);
    assert_int_equal(sdp.media_count, 3);
    const struct sdp_media *media = &sdp.media[0];
    at(&media->endpoint, "192.0.2.7:10000");
    at(&media->rtcp, "192.0.2.9:10009");
    assert_true(media->rtcp_mux);
    is(media->protocol, "RTP/SAVP");
    is(media->mid, "0");
    is(media->setup, "actpass");
    is(media->fingerprint, "sha-256 AB:CD");
    is(media->key_management, "mikey AQAF");
    assert_int_equal(media->direction, SDP_SENDONLY);
    assert_int_equal(media->ptime_ms, 20);
    assert_int_equal(media->maxptime_ms, 150);
    assert_int_equal(media->bandwidth_kbps, 65);
    assert_int_equal(media->format_count, 4);
    is(media->formats[0].encoding, "G722");
    assert_int_equal(media->formats[0].clock_hz, 8000);
    is(media->formats[2].fmtp, "0-15");
    is(media->formats[3].text, "96");
    is(media->formats[3].encoding, "opus");
    is(media->formats[3].fmtp, "useinbandfec=1; minptime=10");
    assert_int_equal(media->formats[3].clock_hz, 48000);
    assert_int_equal(media->formats[3].channels, 2);
    assert_int_equal(media->crypto_count, 2);
    is(media->crypto[0].tag, "1");
    is(media->crypto[0].suite, "AES_CM_128_HMAC_SHA1_80");
    is(media->crypto[0].key_parameters, "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4");
    is(media->crypto[0].session_parameters, "FEC_ORDER=FEC_SRTP");
    is(media->crypto[1].session_parameters, "");
    assert_int_equal(media->candidate_count, 3);
    at(&media->candidates[0].endpoint, "192.0.2.7:10000");
    at(&media->candidates[1].endpoint, "[2001:db8::7]:10001");
    assert_int_equal(media->candidates[1].component, 2);
    is(media->candidates[1].kind, "srflx");
    assert_int_equal(media->candidates[2].endpoint.family, 0);
    media = &sdp.media[1];
    is(media->kind, "image");
    is(media->formats[0].text, "t38");
    assert_int_equal(media->formats[0].payload_type, 255);
    assert_int_equal(media->endpoint.port, 0);
    assert_int_equal(media->rtcp.port, 0);
    assert_int_equal(media->bandwidth_kbps, 100);
    assert_int_equal(media->ptime_ms, 30);
    assert_int_equal(media->crypto_count, 0);
    media = &sdp.media[2];
    at(&media->endpoint, "[2001:db8::1]:10020");
    at(&media->rtcp, "[2001:db8::1]:10050");
    assert_int_equal(media->direction, SDP_INACTIVE);
    assert_false(media->rtcp_mux);
}

static void holds(void **unused)
{
    (void)unused;
    assert_true(parse("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\nm=audio 4002 RTP/AVP 0\nc=IN IP4 192.0.2.1\n"
                      "m=audio 4004 RTP/AVP 8\nc=IN IP6 ::"));
    assert_int_equal(sdp.flags, 0);
    assert_true(sdp.media[0].zero_address);
    assert_false(sdp.media[1].zero_address);
    assert_true(sdp.media[2].zero_address);
}

static void broken_descriptions(void **unused)
{
    (void)unused;
    assert_false(parse(""));
    assert_false(parse("hello\r\na=sendrecv\r\n"));
    assert_int_equal(sdp.flags & SDP_BAD_LINE, SDP_BAD_LINE);
    assert_true(parse("m=audio 4000 RTP/AVP 0"));
    assert_int_equal(sdp.flags, SDP_NO_VERSION | SDP_NO_ORIGIN | SDP_NO_ADDRESS);
    assert_int_equal(sdp.media[0].endpoint.family, 0);
    assert_int_equal(sdp.media[0].endpoint.port, 4000);
    assert_true(parse("v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 media.example.com\r\nm=audio 70000 RTP/AVP 0\r\nm=audio\r\nm=\r\n"));
    assert_int_equal(sdp.flags, SDP_BAD_MEDIA);
    assert_int_equal(sdp.media_count, 3);
    assert_int_equal(sdp.media[0].endpoint.family, 0); /* a name */
    assert_int_equal(sdp.media[0].endpoint.port, 0);
    /* Session lines in the wrong order, and an attribute of a format that is not offered. */
    assert_true(parse("s=-\r\nc=IN IP4 192.0.2.1\r\no=- 1 1 IN IP4 x\r\nv=0\r\nm=audio 4000 RTP/AVP 0 8 8\r\na=rtpmap:77 x/1\r\n"
                      "a=rtpmap:0\r\na=rtpmap:8 PCMA/8000/99999999\r\na=ptime:x\r\na=candidate:\r\na=crypto:\r\na=rtcp:\r\na=fmtp:\r\na=\r\n"
                      "c=\r\n"));
    assert_int_equal(sdp.flags, SDP_BAD_LINE);
    at(&sdp.media[0].endpoint, "192.0.2.1:4000");
    assert_int_equal(sdp.media[0].formats[1].channels, 1);
    is(sdp.media[0].formats[1].encoding, "PCMA");
    is(sdp.media[0].formats[2].encoding, "PCMA"); /* its second mention has no rtpmap, but a static meaning */
}

static void limits(void **unused)
{
    (void)unused;
    size_t len = 0, room = 16 << 20;
    char *text = malloc(room);
    assert_non_null(text);
    len += (size_t)sprintf(text, "v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\n");
    for (int i = 0; i < SDP_MEDIA_MAX; i++)
        len += (size_t)sprintf(text + len, "m=audio %d RTP/AVP 0\r\n", 4000 + 2 * i);
    text[len] = '\0';
    assert_true(parse(text));
    assert_int_equal(sdp.flags, 0);
    len += (size_t)sprintf(text + len, "m=audio 9000 RTP/AVP 0\r\nc=IN IP4 192.0.2.9\r\na=inactive\r\nm=audio 9002 RTP/AVP 0\r\n");
    assert_true(parse(text));
    assert_int_equal(sdp.flags, SDP_MEDIA_MORE);
    assert_int_equal(sdp.media_count, SDP_MEDIA_MAX);
    at(&sdp.media[SDP_MEDIA_MAX - 1].endpoint, "192.0.2.1:4030"); /* the lines of the one too many are not its own */
    assert_int_equal(sdp.media[SDP_MEDIA_MAX - 1].direction, SDP_SENDRECV);

    len = (size_t)sprintf(text, "v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP");
    for (int i = 0; i < 30; i++)
        len += (size_t)sprintf(text + len, " %d", 96 + i);
    for (int i = 0; i < 100000; i++)
        len += (size_t)sprintf(text + len, "\r\na=rtpmap:%d x%d/8000\r\na=crypto:1 a b\r\na=candidate:1 1 UDP 1 192.0.2.1 1 typ host", 96 + i % 32, i);
    assert_true(len < room);
    assert_true(parse(text));
    assert_int_equal(sdp.flags, SDP_MEDIA_MORE);
    assert_int_equal(sdp.media[0].format_count, SDP_FORMATS_MAX);
    assert_int_equal(sdp.media[0].crypto_count, SDP_CRYPTO_MAX);
    assert_int_equal(sdp.media[0].candidate_count, SDP_CANDIDATES_MAX);
    is(sdp.media[0].formats[23].encoding, "x23"); /* the first one stays */
    free(text);
}

static void static_payload_types(void **unused)
{
    (void)unused;
    uint32_t clock_hz = 0;
    assert_string_equal(sdp_static_encoding(0, &clock_hz), "PCMU");
    assert_string_equal(sdp_static_encoding(9, &clock_hz), "G722");
    assert_int_equal(clock_hz, 8000);
    assert_string_equal(sdp_static_encoding(11, &clock_hz), "L16");
    assert_int_equal(clock_hz, 44100);
    assert_string_equal(sdp_static_encoding(34, &clock_hz), "H263");
    assert_int_equal(clock_hz, 90000);
    assert_null(sdp_static_encoding(1, &clock_hz));
    assert_null(sdp_static_encoding(35, &clock_hz));
    assert_null(sdp_static_encoding(96, &clock_hz));
    assert_null(sdp_static_encoding(255, &clock_hz));
}

static void slices_equal(struct slice a, struct slice b)
{
    assert_true(slice_equal(a, b));
}

static void descriptions_equal(const struct sdp *a, const struct sdp *b)
{
    slices_equal(a->origin_user, b->origin_user);
    slices_equal(a->origin_id, b->origin_id);
    slices_equal(a->origin_version, b->origin_version);
    slices_equal(a->origin_address, b->origin_address);
    slices_equal(a->session_name, b->session_name);
    assert_true(endpoint_equal(&a->connection, &b->connection));
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->media_count, b->media_count);
    for (unsigned m = 0; m < a->media_count; m++) {
        const struct sdp_media *x = &a->media[m], *y = &b->media[m];
        slices_equal(x->kind, y->kind);
        slices_equal(x->protocol, y->protocol);
        assert_true(endpoint_equal(&x->endpoint, &y->endpoint) && endpoint_equal(&x->rtcp, &y->rtcp));
        slices_equal(x->mid, y->mid);
        slices_equal(x->fingerprint, y->fingerprint);
        slices_equal(x->key_management, y->key_management);
        slices_equal(x->setup, y->setup);
        assert_true(x->direction == y->direction && x->ptime_ms == y->ptime_ms && x->maxptime_ms == y->maxptime_ms &&
                    x->bandwidth_kbps == y->bandwidth_kbps && x->rtcp_mux == y->rtcp_mux && x->zero_address == y->zero_address);
        assert_true(x->format_count == y->format_count && x->crypto_count == y->crypto_count && x->candidate_count == y->candidate_count);
        for (unsigned f = 0; f < x->format_count; f++) {
            slices_equal(x->formats[f].text, y->formats[f].text);
            slices_equal(x->formats[f].encoding, y->formats[f].encoding);
            slices_equal(x->formats[f].fmtp, y->formats[f].fmtp);
            assert_true(x->formats[f].clock_hz == y->formats[f].clock_hz && x->formats[f].channels == y->formats[f].channels &&
                        x->formats[f].payload_type == y->formats[f].payload_type && x->formats[f].mapped == y->formats[f].mapped);
        }
        for (unsigned c = 0; c < x->crypto_count; c++)
            slices_equal(x->crypto[c].key_parameters, y->crypto[c].key_parameters);
        for (unsigned c = 0; c < x->candidate_count; c++)
            assert_true(endpoint_equal(&x->candidates[c].endpoint, &y->candidates[c].endpoint));
    }
}

/* Whatever was read before: a head and a tail of these, cut together at random, with a byte changed now and then. */
static void again_is_the_same(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=x\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n", "v=0\r\no=- 22 1 IN IP4 10.0.0.2\r\ns=y\r\nc=IN IP4 0.0.0.0\r\n",
        "v=0\r\ns=no address\r\n", "v=0\r\nc=IN IP6 2001:db8::1\r\na=sendonly\r\n", "v=0\nb=AS:64\nc=IN IP4 10.0.0.3\n", "junk\r\nc=IN IP4 10.0.0.4\r\n", "",
    };
    static const char *const lines[] = {"m=audio 4000", "m=audio 5000", "m=video 4000", "m=audio 0", "m=audio 70000", "m=audio 4000/2", "m=audio", " m= audio  4000"};
    static const char *const tails[] = {
        " RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n",
        " RTP/AVP 8\n", " RTP/AVP 0\r\nc=IN IP4 10.9.9.9\r\n", " RTP/AVP 0\r\na=rtcp:4444\r\n", " RTP/AVP 0\r\ns=late\r\n", " RTP/AVP 0\r\no=- 7 7 IN IP4 1.1.1.1\r\n",
        " RTP/SAVP 0\r\na=crypto:1 X inline:abc\r\na=candidate:1 1 UDP 1 10.0.0.7 9 typ host\r\n", " RTP/AVP 0\r\nm=video 6000 RTP/AVP 31\r\n", " udptl t38\r\nnonsense\r\n",
        "\r\n", "", " RTP/AVP 0\r\nb=AS:80\r\na=recvonly\r\na=mid:1\r\n",
    };
    enum { HEADS = sizeof heads / sizeof heads[0], LINES = sizeof lines / sizeof lines[0], TAILS = sizeof tails / sizeof tails[0] };
    static struct sdp_memory memory;
    static struct sdp once;
    uint32_t random = 1;
    memset(&once, 0x5a, sizeof once);
    for (int i = 0; i < 60000; i++) {
        char text[600];
        random = random * 1664525u + 1013904223u;
        uint32_t r = random >> 8;
        size_t n = (size_t)snprintf(text, sizeof text, "%s%s%s", heads[r % HEADS], lines[r / HEADS % LINES], tails[r / HEADS / LINES % TAILS]);
        random = random * 1664525u + 1013904223u;
        if (random >> 29 == 0 && n > 0)
            text[(random >> 8) % n] = "\n= 0a/\r"[(random >> 20) % 7];
        assert_int_equal(sdp_parse_again(slice_of(text, n), &memory), sdp_parse(slice_of(text, n), &once));
        descriptions_equal(&memory.sdp, &once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(again_is_the_same),
        cmocka_unit_test(the_example_of_rfc_4566), cmocka_unit_test(a_trunk_offer), cmocka_unit_test(holds),
        cmocka_unit_test(broken_descriptions),     cmocka_unit_test(limits),        cmocka_unit_test(static_payload_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* JSON lines: what is absent has no key, texts are escaped, and every line is parsed back by a small checker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "written.h"

/* A strict parser of one JSON value (RFC 8259) that only checks; NULL where it is none. */
static const char *json_value(const char *at);

static const char *json_string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    while (*at != '"') {
        uint8_t c = (uint8_t)*at;
        size_t n = utf8_length(slice_str(at), 0);
        if (c < 0x20 || n == 0)
            return NULL;
        if (c == '\\') {
            at++;
            if (*at == 'u') {
                for (int i = 1; i <= 4; i++)
                    if (strchr("0123456789abcdefABCDEF", at[i]) == NULL || at[i] == '\0')
                        return NULL;
                at += 4;
            } else if (*at == '\0' || strchr("\"\\/bfnrt", *at) == NULL) {
                return NULL;
            }
            at++;
            continue;
        }
        at += n;
    }
    return at + 1;
}

static const char *json_list(const char *at, char end, bool keys)
{
    if (*++at == end)
        return at + 1;
    for (;;) {
        if (keys && ((at = json_string(at)) == NULL || *at++ != ':'))
            return NULL;
        if ((at = json_value(at)) == NULL)
            return NULL;
        if (*at == end)
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
}

static const char *json_value(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};
    if (*at == '{' || *at == '[')
        return json_list(at, *at == '{' ? '}' : ']', *at == '{');
    if (*at == '"')
        return json_string(at);
    for (size_t i = 0; i < 3; i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    const char *from = at + (*at == '-');
    size_t digits = strspn(from, "0123456789");
    if (digits == 0 || (digits > 1 && *from == '0'))
        return NULL;
    at = from + digits;
    if (*at == '.') {
        digits = strspn(++at, "0123456789");
        at += digits;
    }
    return digits == 0 ? NULL : at;
}

/* Checks the lines of `written`; returns how many. */
static size_t lines_check(void)
{
    size_t count = 0;
    for (char *line = written, *end; *line != '\0'; line = end + 1, count++) {
        end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        assert_memory_equal(line, "{\"record\":\"", 11);
        const char *rest = json_value(line);
        if (rest == NULL || *rest != '\0')
            fail_msg("no JSON: %s", line);
        assert_non_null(strstr(line, "\"schema\":1"));
        *end = '\n';
    }
    return count;
}

static void assert_has(const char *piece)
{
    if (strstr(written, piece) == NULL)
        fail_msg("%s is not in %s", piece, written);
}

static void absent_fields_have_no_key(void **state)
{
    (void)state;
    struct writing writing = writing_begin("json", 0);
    struct call_record call = call_bare();
    call_write(writing.sink, &call);
    writing_end(writing);
    assert_string_equal(written, "{\"record\":\"call\",\"schema\":1,\"id\":1,\"messages\":1,\"retransmissions\":0,"
                                 "\"findings\":{\"error\":0,\"warning\":0,\"info\":0},\"frame\":1}\n");
    assert_int_equal(lines_check(), 1);
}

static void every_field(void **state)
{
    (void)state;
    static const struct related_call related[] = {{9, "same SDP origin", 90}};
    struct slice text = slice_str("x");
    struct call_record call = call_of_text(&text, related);
    static const uint64_t frames[] = {3, 7};
    struct call_verdict verdict = {.code = slice_str("rejected"), .text = slice_str("it said no"), .frames = {frames, 2}};
    call.verdict = &verdict;
    struct call_trunk trunk = {.transaction = text, .connector = text, .region = text, .billing_code = text, .source = text,
                               .destination = text, .auth_user = text, .streaming = true, .media_end = 0};
    call.trunk = &trunk;
    struct writing writing = writing_begin("json", 0);
    call_write(writing.sink, &call);
    writing_end(writing);
    assert_int_equal(lines_check(), 1);
    for (size_t i = 0; i < call_fields.count; i++) {
        char key[64];
        snprintf(key, sizeof key, ",\"%s\":", call_fields.fields[i].name);
        assert_has(key);
        assert_null(strstr(strstr(written, key) + 1, key)); /* once */
    }
    assert_has("\"src\":\"192.0.2.1:5060\"");
    assert_has("\"dst\":\"[2001:db8:102:304:506:708:90a:b0c]:50600\"");
    assert_has("\"start\":\"2026-01-31T12:00:00.123456Z\"");
    assert_has("\"pdd_ms\":1.5,\"ring_ms\":1,\"setup_ms\":20,\"duration_ms\":1234.567,");
    assert_has("\"messages\":123456789012,");
    assert_has("\"related\":[{\"id\":9,\"score\":90,\"why\":\"same SDP origin\"}]");
    assert_has("\"findings\":{\"error\":1,\"warning\":2,\"info\":3}");
    assert_has("\"codecs\":[\"x\"]");
    assert_has("\"verdict\":{\"code\":\"rejected\",\"text\":\"it said no\",\"frames\":[3,7]}");
}

/* Objects in objects, lists of objects, real numbers: all of a stream, each field once. */
static void every_stream_field(void **state)
{
    (void)state;
    struct writing writing = writing_begin("json", 0);
    stream_write(writing.sink, slice_str("x"));
    writing_end(writing);
    assert_int_equal(lines_check(), 1);
    for (size_t i = 0; i < stream_fields.count; i++) {
        char key[64];
        snprintf(key, sizeof key, ",\"%s\":", stream_fields.fields[i].name);
        assert_has(key);
    }
    assert_has("\"payload_types\":[8,101],");
    assert_has("\"jitter_ms\":{\"mean\":1,\"max\":2,\"last\":3},");
    assert_has("\"burst\":{\"burst_loss_pct\":37.5,\"gap_loss_pct\":0.8264,\"burst_ms\":160,\"gap_ms\":1230,\"longest\":4,\"burst_r\":1.1205},");
    assert_has("\"skew_ppm\":-50.25,");
    assert_has("\"mos\":{\"lq\":4.4094,\"cq\":4.3,");
    assert_has("\"rtcp\":{\"sr\":3,\"rr\":4,\"lost\":5,\"fraction_pct\":6.25,");
    assert_has("\"xr\":{\"loss_pct\":1,\"discard_pct\":2,");
    assert_has("\"dtmf\":[{\"digit\":\"5\",\"at\":\"2026-01-31T12:00:01.000000Z\",\"duration_ms\":160,\"volume_dbm0\":-10,\"ended\":true},"
               "{\"digit\":\"x\",");
    assert_has("\"gaps\":{\"count\":1,\"packets\":15,");
}

/* A score that does not exist is null and says why; it is not left out. */
static void no_score_is_null(void **state)
{
    (void)state;
    static const struct stream_mos mos = {.lq = NAN, .cq = NAN, .r = NAN, .min = NAN, .min_at = CLOCK_NONE, .ie = NAN, .bpl = NAN,
                                          .loss_pct = NAN, .burst_r = NAN, .delay = CLOCK_NONE, .why = {(const uint8_t *)"short", 5}};
    const struct stream_record stream = {.id = 1, .call = NUMBER_NONE, .start = CLOCK_NONE, .end = CLOCK_NONE, .ptime = CLOCK_NONE,
                                         .clock_hz = NUMBER_NONE, .late = NUMBER_NONE, .late_pct = NAN, .skew_ppm = NAN, .mos = &mos};
    struct writing writing = writing_begin("json", 0);
    sink_write(writing.sink, &(struct record){.kind = RECORD_STREAM, .stream = &stream});
    writing_end(writing);
    assert_int_equal(lines_check(), 1);
    assert_has("\"mos\":{\"lq\":null,\"cq\":null,\"why\":\"short\"}");
    assert_null(strstr(written, "\"call\""));
    assert_null(strstr(written, "skew"));
}

static void texts_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *escaped;
    } rows[] = {{"a\"b\\c/", "\"a\\\"b\\\\c/\""}, {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\x9e", "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\x9e\""},
                {"x\xff\xc3y", "\"x\xef\xbf\xbd\xef\xbf\xbdy\""}, {"\x01\x1b[2J", "\"\\u0001\\u001b[2J\""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct writing writing = writing_begin("json", 0);
        struct call_record call = call_bare();
        call.from_user = slice_str(rows[i].raw);
        call_write(writing.sink, &call);
        writing_end(writing);
        assert_int_equal(lines_check(), 1);
        assert_has(rows[i].escaped);
    }
}

/* Every byte in every text of every record: each line stays one line of JSON. */
static void hostile_bytes(void **state)
{
    (void)state;
    static const struct related_call related[] = {{9, "why", 90}};
    struct writing writing = writing_begin("json", 0);
    for (unsigned c = 0; c < 256; c++) {
        uint8_t bytes[4] = {'a', (uint8_t)c, (uint8_t)(c ^ 0x40), 'z'};
        struct slice text = slice_of(bytes, c % 4 + 1);
        struct call_record call = call_of_text(&text, related);
        call_write(writing.sink, &call);
        finding_write(writing.sink, text);
        message_write(writing.sink, &text);
        summary_write(writing.sink, &text);
        stream_write(writing.sink, text);
    }
    writing_end(writing);
    assert_int_equal(lines_check(), 5 * 256);
}

static void summary(void **state)
{
    (void)state;
    struct slice text = slice_str("x");
    struct writing writing = writing_begin("json", 0);
    summary_write(writing.sink, &text);
    writing_end(writing);
    assert_int_equal(lines_check(), 1);
    static const char *const keys[] = {"truncated", "malformed", "undecoded", "lost", "fragments_incomplete", "tcp_gaps", "tls_undecrypted",
                                       "kernel_drops", "files", "problems"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char key[64];
        snprintf(key, sizeof key, ",\"%s\":", keys[i]);
        assert_has(key);
    }
    assert_null(strstr(written, "\"streams\"")); /* not counted is not 0 */
    for (int i = 0; i < ANOMALY_COUNT; i++)
        if (anomaly_rows[i].group != ANOMALY_TRUNCATED)
            assert_has(anomaly_rows[i].name);
    assert_has("\"partial\":1000009");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_fields_have_no_key), cmocka_unit_test(every_field), cmocka_unit_test(every_stream_field),
        cmocka_unit_test(no_score_is_null), cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(hostile_bytes),             cmocka_unit_test(summary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests the named defects of SIP messages: all of RFC 4475 and RFC 5118, and each defect by a message that has only it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissectors/sip_grammar.h"
#include "sip_torture.h"

static struct sip_message message;
static struct sip_verdict verdict;

static bool check(const void *text, size_t len, bool stream, bool truncated)
{
    if (!sip_parse(slice_of(text, len), &message))
        return false;
    sip_grammar_check(&message, stream, truncated, &verdict);
    return true;
}

static bool reported(const char *name)
{
    for (unsigned i = 0; i < verdict.count; i++)
        if (strcmp(sip_defect_rows[verdict.defects[i].row].name, name) == 0)
            return true;
    return false;
}

static void print_verdict(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, verdict.well_formed ? "well-formed" : "INVALID");
    for (unsigned i = 0; i < verdict.count; i++)
        fprintf(stderr, "  %s [%.*s]\n", sip_defect_rows[verdict.defects[i].row].name, (int)verdict.defects[i].value.len,
                (const char *)verdict.defects[i].value.data);
}

static void test_torture(void **state)
{
    (void)state;
    assert_int_equal(TORTURE_COUNT, 61);
    for (size_t i = 0; i < TORTURE_COUNT; i++) {
        const struct torture *row = &torture[i];
        bool good = check(row->text, row->len, false, false) && sip_claim(slice_of(row->text, row->len)) &&
                    verdict.well_formed == row->well_formed &&
                    (row->defect == NULL ? verdict.count == 0 : reported(row->defect));
        if (!good)
            print_verdict(row->name);
        assert_true(good);
    }
}

/* The same messages as the RFCs print them, where the corpus is at hand. */
static void check_corpus(const char *table, const char *folder)
{
    FILE *list = fopen(table, "r");
    char line[1024], path[512];
    unsigned checked = 0;
    if (list == NULL) {
        print_message("%s is not here: skipped\n", table);
        skip();
    }
    while (fgets(line, sizeof line, list) != NULL) {
        char *name = strtok(line, "\t");
        strtok(NULL, "\t");
        char *class = strtok(NULL, "\t");
        static uint8_t bytes[65536];
        snprintf(path, sizeof path, "%s/%s", folder, name);
        FILE *file = fopen(path, "rb");
        if (file == NULL)
            continue;
        size_t len = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        if (class == NULL || strncmp(class, "not", 3) == 0)
            continue;
        assert_true(check(bytes, len, false, false));
        if (verdict.well_formed == (strstr(class, "INVALID") != NULL))
            print_verdict(path);
        assert_int_equal(verdict.well_formed, strstr(class, "INVALID") == NULL);
        checked++;
    }
    fclose(list);
    print_message("%u messages of %s\n", checked, table);
    assert_true(checked > 0);
}

static void test_corpus_4475(void **state)
{
    (void)state;
    check_corpus("../shared/corpus/expected/rfc4475.tsv", "../shared/corpus/sipsorcery-org+sipsorcery/rfc4475tests");
}

static void test_corpus_5118(void **state)
{
    (void)state;
    check_corpus("../shared/corpus/expected/rfc5118.tsv", "../shared/corpus/poroh+ersip/rfc5118");
}

/* One header that replaces or joins the good ones, and what is to be said of it; NULL: nothing. */
struct header_case {
    const char *header;
    const char *defect;
};

static const struct header_case header_cases[] = {
    {"Subject: \xc3\xa4 \xe2\x82\xac", NULL},
    {"Subject: \xe4 Latin-1", "sip-header-utf8"},
    {"Subject: a\x01" "b", "sip-header-control"},
    {"No colon here", "sip-header-no-colon"},
    {"Bad name: x", "sip-header-name"},
    {"Supported:", NULL},
    {"Supported: 100rel, timer", NULL},
    {"Supported: 100rel,,timer", "sip-list-empty-item"},
    {"Require:", "empty-header"},
    {"Allow: INVITE, ACK,", "sip-list-empty-item"},
    {"Allow: INVITE;ACK", "sip-token"},
    {"Reason: Q.850;cause=16;text=\"Normal call clearing\", SIP ;cause=200", NULL},
    {"Reason: Q.850;cause=16;text=Normal call clearing", "sip-parameter"},
    {"P-Asserted-Identity: \"A\" <sip:+15550100@example.org>, <tel:+15550100>", NULL},
    {"P-Asserted-Identity: <tel:>", "sip-uri"},
    {"Diversion: <sip:+15550100@example.org>;reason=unconditional;counter=1", NULL},
    {"Route: sip:edge.example.org;lr", "sip-name-addr"},
    {"Route: <sip:edge.example.org;lr>,<sip:b.example.org>", NULL},
    {"Route: <sip:edge.example.org;lr;>", "sip-uri-parameter"},
    {"Route: <sip:edge_1.example.org>", "sip-host"},
    {"Route: <sip:5551234>", "sip-host"},
    {"Route: <sip:edge.example.org:50x>", "sip-port"},
    {"Route: <sip:edge.example.org:99999>", "sip-port-range"},
    {"Route: <sip:192.0.2.300>", "sip-host-ipv4-range"},
    {"Route: <sip:[2001:db8::g]>", "sip-host-ipv6"},
    {"Route: <sip:a b@example.org>", "sip-uri-user"},
    {"Route: <sip:#31#@example.org>", "sip-uri-user"},
    {"Route: <sip:example.org?x>", "sip-uri-header"},
    {"Route: <sip:example.org", "sip-bracket-open"},
    {"Referred-By: <sip:a@example.org>;tag=", "sip-parameter"},
    {"Referred-By: <sip:a@example.org> x", "sip-parameter"},
    {"Expires: 3600", NULL},
    {"Expires: soon", "sip-number"},
    {"Expires: Thu, 01 Dec 2026 16:00:00 GMT", "sip-expires-date"},
    {"Date: Thu, 01 Dec 2026 16:00:00 GMT", NULL},
    {"Date: 2026-12-01", "sip-date"},
    {"Session-Expires: 1800;refresher=uac", NULL},
    {"Min-SE: 90 ", NULL},
    {"RSeq: 5000000000", "sip-number-range"},
    {"RAck: 776656 1 INVITE", NULL},
    {"RAck: 776656 INVITE", "sip-cseq"},
    {"Event: presence;id=2", NULL},
    {"Event: ", "empty-header"},
    {"Subscription-State: active;expires=60", NULL},
    {"Replaces: a@b;to-tag=1;from-tag=2", NULL},
    {"Retry-After: 18000 (at lunch);duration=3600", NULL},
    {"Warning: 399 example.org \"text, with \\\" comma\", 370 other \"t\"", NULL},
    {"Warning: 399 \"no agent\"", "sip-warning"},
    {"Content-Encoding: gzip", NULL},
    {"Accept: application/sdp;level=1, text/*, */*;q=0.1", NULL},
    {"Accept: application", "sip-media-type"},
    {"MIME-Version: 1.0", NULL},
    {"MIME-Version: one", "sip-number"},
    {"Timestamp: 54.1 0.2", NULL},
    {"User-Agent: Phone/1.2 (x; y (z)) lib", NULL},
    {"User-Agent: Phone [x]", "sip-product"},
    {"Authorization: Digest username=\"a\",realm=\"r, s\", nonce=\"n\",uri=\"sip:x\",nc=00000001, qop=auth", NULL},
    {"Authorization: Digest username=\"a\" realm=\"r\"", "sip-auth-parameter"},
    {"Proxy-Authenticate: Digest realm=\"r\", nonce=\"open", "sip-auth-parameter"},
    {"Authorization: Bearer abc.def==", NULL},
    {"Via: SIP/2.0/UDP host : 5060 ;branch=z9hG4bK2;rport", NULL},
    {"Via: SIP/2.0 host;branch=z9hG4bK2", "sip-via"},
    {"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKab==", "sip-parameter"},
    {"Via: SIP/2.0/UDP 2001:db8::1;branch=z9hG4bK2", "sip-host-ipv6-unbracketed"},
    {"Contact: *", "sip-contact-star"},
    {"Contact: <sip:a@b.example.org>;+sip.instance=\"<urn:uuid:0>\";reg-id=1;expires=60, \"x\" <tel:+15550100;phone-context=a>", NULL},
    {"Contact: <sip:a@b.example.org>;expires=\"60\"", NULL},
    {"Contact: <sip:a@b.example.org>,", "sip-list-empty-item"},
    {"Contact: <sips:a:pw@b.example.org;transport=tcp?Subject=x&Priority=>", NULL},
    {"Contact: \\\",\\\",\\\"", "sip-quote-open"},
    {"CSeq: 2 OPTIONS", "duplicate-single-header"},
    {"Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2", NULL},
};

static void test_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof header_cases / sizeof header_cases[0]; i++) {
        char text[2048];
        int len = snprintf(text, sizeof text, "OPTIONS " URI " SIP/2.0\r\n" TOP_VIA FROM_ANN TO_BEN CID MF "CSeq: 1 OPTIONS\r\n%s\r\n" NOBODY,
                           header_cases[i].header);
        const char *defect = header_cases[i].defect;
        assert_true(check(text, (size_t)len, false, false));
        bool good = defect == NULL ? verdict.count == 0 : verdict.count == 1 && reported(defect);
        if (!good)
            print_verdict(header_cases[i].header);
        assert_true(good);
    }
}

#define CHECK(text, stream, truncated) assert_true(check(text, sizeof(text) - 1, stream, truncated))

static void test_transport_and_truncation(void **state)
{
    (void)state;
#define GOOD "OPTIONS " URI " SIP/2.0\r\n" TOP_VIA FROM_ANN TO_BEN CID MF "CSeq: 1 OPTIONS\r\n"
    CHECK(GOOD "\r\n", false, false);
    assert_int_equal(verdict.count, 0);
    CHECK(GOOD "\r\n", true, false);
    assert_true(reported("content-length-missing-tcp"));
    CHECK(GOOD "Content-Type: a/b\r\nContent-Length: 9\r\n\r\nabc", false, true);
    assert_int_equal(verdict.count, 0);
    CHECK(GOOD, false, false);
    assert_true(reported("sip-header-unterminated"));
    CHECK("OPTIONS " URI " SIP/2.0\r\n" TOP_VIA "From: \"An", false, true);
    assert_int_equal(verdict.count, 0);
    CHECK(GOOD "\r\nbody without a type", false, false);
    assert_true(reported("body-without-content-type"));
    CHECK(GOOD "\r\n\r\n\r\n", false, false);
    assert_int_equal(verdict.count, 0);
    CHECK("\0\0" GOOD "\r\n", false, false);
    assert_true(reported("sip-junk-before") && verdict.well_formed);
#undef GOOD
}

/* The last good number and the first bad one. */
static void test_ranges(void **state)
{
    (void)state;
#define NUMBERS(cseq, forwards, expires)                                                                               \
    "REGISTER sip:example.net SIP/2.0\r\n" TOP_VIA FROM_ANN TO_BEN CID "CSeq: " cseq " REGISTER\r\nMax-Forwards: " forwards  \
    "\r\nExpires: " expires "\r\nContact: <sip:a@b.example.org>;expires=" expires "\r\n" NOBODY
    CHECK(NUMBERS("2147483647", "255", "4294967295"), false, false);
    assert_int_equal(verdict.count, 0);
    CHECK(NUMBERS("2147483648", "255", "0"), false, false);
    assert_true(verdict.count == 1 && reported("sip-cseq-range"));
    CHECK(NUMBERS("1", "256", "0"), false, false);
    assert_true(verdict.count == 1 && reported("sip-number-range"));
    CHECK(NUMBERS("1", "0", "4294967296"), false, false);
    assert_true(verdict.count == 2 && reported("sip-number-range"));
#undef NUMBERS
}

static void test_status_lines(void **state)
{
    (void)state;
#define REST "\r\n" TOP_VIA FROM_ANN "To: <sip:ben@example.net>;tag=2\r\n" CID "CSeq: 1 BYE\r\n" NOBODY
    CHECK("SIP/2.0 200 OK" REST, false, false);
    assert_int_equal(verdict.count, 0);
    CHECK("SIP/2.0 200" REST, false, false);
    assert_true(reported("sip-status-line-no-space"));
    CHECK("SIP/2.0  200 OK" REST, false, false);
    assert_true(reported("sip-start-line-space"));
    CHECK("SIP/2.0 999 What" REST, false, false);
    assert_true(reported("sip-status-class") && verdict.well_formed);
    CHECK("sip/2.0 200 OK" REST, false, false);
    assert_true(reported("sip-version-case") && verdict.well_formed);
#undef REST
    CHECK("SIP/2.0 404 Not Found\r\n" TOP_VIA FROM_ANN TO_BEN CID "CSeq: 1 BYE\r\n" NOBODY, false, false);
    assert_true(reported("sip-to-tag-missing") && verdict.well_formed);
    CHECK("SIP/2.0 200 OK\r\n" TOP_VIA FROM_ANN "To: <sip:b@example.net>;tag=1\r\n" CID "CSeq: 1 INVITE\r\n" NOBODY, false, false);
    assert_true(reported("sip-contact-missing") && !verdict.well_formed);
}

/* Thousands of defects: the verdict still knows that the message is broken, and keeps the first. */
static void test_flood(void **state)
{
    (void)state;
    enum { LINES = 10000 };
    char *text = malloc(LINES * 4 + 256);
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "OPTIONS " URI " SIP/2.0\r\n");
    for (int i = 0; i < LINES; i++, len += 4)
        memcpy(text + len, "x y\n", 4);
    assert_true(check(text, len, false, false));
    free(text);
    assert_int_equal(verdict.count, SIP_DEFECTS_MAX);
    assert_false(verdict.well_formed);
}

/* Names and texts are what users meet: none missing, none twice. */
static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sip_defect_count; i++) {
        const char *name = sip_defect_rows[i].name; /* those of the trunk catalogue have no "sip-" */
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
        assert_non_null(strstr(sip_defect_rows[i].source, "RFC "));
        size_t len = strlen(sip_defect_rows[i].text);
        assert_int_equal(sip_defect_rows[i].text[len - 1], '.');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(sip_defect_rows[i].name, sip_defect_rows[k].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torture),       cmocka_unit_test(test_corpus_4475),
        cmocka_unit_test(test_corpus_5118),   cmocka_unit_test(test_headers),
        cmocka_unit_test(test_transport_and_truncation), cmocka_unit_test(test_status_lines),
        cmocka_unit_test(test_flood),         cmocka_unit_test(test_ranges),
               cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

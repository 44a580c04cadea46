/* Tests the second opinion: silent, survives anything, loses no memory; and both parsers read the same from good messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <osipparser2/osip_message.h>

#include "dissectors/sip.h"
#include "dissectors/sip_grammar.h"
#include "dissectors/sip_strict.h"
#include "dissectors/sip_uri.h"
#include "sip_torture.h"

static struct sip_message message;
static struct sip_verdict verdict;

static void assert_same(struct slice ours, const char *theirs)
{
    if (!slice_is(ours, theirs == NULL ? "" : theirs))
        fail_msg("\"%.*s\" is not \"%s\"", (int)ours.len, (const char *)ours.data, theirs);
}

/* The fields that calls are tracked by, read by both parsers. */
static void compare(struct slice text)
{
    osip_message_t *theirs = NULL;
    osip_generic_param_t *tag = NULL;
    struct sip_via via;
    assert_int_equal(osip_message_init(&theirs), 0);
    assert_int_equal(osip_message_parse(theirs, (const char *)text.data, text.len), 0);
    char *call_id = NULL;
    osip_call_id_to_str(theirs->call_id, &call_id);
    assert_same(message.call_id, call_id);
    osip_free(call_id);
    uint64_t number = 0;
    assert_true(slice_uint(slice_str(theirs->cseq->number), &number));
    assert_int_equal(message.cseq, number);
    assert_same(message.cseq_method, theirs->cseq->method);
    osip_from_get_tag(theirs->from, &tag);
    assert_same(sip_tag(sip_header_value(&message, SIP_HEADER_FROM)), tag == NULL ? NULL : tag->gvalue);
    tag = NULL;
    osip_to_get_tag(theirs->to, &tag);
    assert_same(sip_tag(sip_header_value(&message, SIP_HEADER_TO)), tag == NULL ? NULL : tag->gvalue);
    osip_via_t *top = osip_list_get(&theirs->vias, 0);
    tag = NULL;
    osip_via_param_get_byname(top, "branch", &tag);
    sip_via_parse(sip_header_value(&message, SIP_HEADER_VIA), &via);
    assert_same(via.branch, tag == NULL ? NULL : tag->gvalue);
    assert_int_equal(message.status, theirs->status_code);
    osip_message_free(theirs);
}

static void test_both_agree(void **state)
{
    (void)state;
    unsigned compared = 0;
    for (size_t i = 0; i < TORTURE_COUNT; i++) {
        struct slice text = slice_of(torture[i].text, torture[i].len);
        assert_true(sip_parse(text, &message));
        sip_grammar_check(&message, false, false, &verdict);
        /* osip2 refuses these well-formed messages: special characters in a method, a scheme with a dot, a NUL in a quoted pair. */
        bool known = strcmp(torture[i].name, "intmeth") == 0 || strcmp(torture[i].name, "novelsc") == 0;
        if (!verdict.well_formed || known)
            continue;
        if (!sip_strict_accepts(text))
            fail_msg("osip2 refuses %s", torture[i].name);
        compare(text);
        compared++;
    }
    assert_int_equal(compared, 36);
}

/* osip2 writes of its errors and keeps memory of what it cannot parse; the check does neither. A leak fails under a sanitizer. */
static void test_silent_and_safe(void **state)
{
    (void)state;
    FILE *log = tmpfile();
    assert_non_null(log);
    fflush(NULL);
    int kept[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    dup2(fileno(log), STDOUT_FILENO);
    dup2(fileno(log), STDERR_FILENO);
    for (size_t i = 0; i < TORTURE_COUNT; i++) {
        for (size_t cut = 0; cut < torture[i].len; cut += 7) {
            uint8_t *copy = malloc(cut + 1);
            if (copy == NULL)
                continue;
            memcpy(copy, torture[i].text, cut);
            copy[cut / 2] = '\n';
            sip_strict_accepts(slice_of(copy, cut));
            free(copy);
        }
    }
    fflush(NULL);
    dup2(kept[0], STDOUT_FILENO);
    dup2(kept[1], STDERR_FILENO);
    close(kept[0]);
    close(kept[1]);
    fseek(log, 0, SEEK_END);
    assert_int_equal(ftell(log), 0);
    fclose(log);
    assert_false(sip_strict_accepts(SLICE_NONE));
    assert_false(sip_strict_accepts(slice_str("no SIP")));
    assert_false(sip_strict_accepts(slice_str("OPTIONS sip:a SIP/2.0\r\nVia: nothing\r\n\r\n")));
}

/* 30,000 list values would cost osip2 seconds: such a message is not asked about; one with many lines of SDP is. */
static void test_bounded(void **state)
{
    (void)state;
    static char text[65536];
    size_t len = (size_t)sprintf(text, "OPTIONS sip:a@b.example.org SIP/2.0\r\nReason: ");
    while (len < 60000)
        text[len++] = ',', text[len++] = 'a';
    len += (size_t)sprintf(text + len, "\r\n\r\n");
    assert_false(sip_strict_accepts(slice_of(text, len)));
    len = (size_t)sprintf(text, "INVITE sip:a@b.example.org SIP/2.0\r\n" TOP_VIA FROM_ANN TO_BEN CID MF CON "CSeq: 1 INVITE\r\n"
                                "Content-Type: application/sdp\r\nContent-Length: 3200\r\n\r\n");
    for (int i = 0; i < 400; i++, len += 8)
        memcpy(text + len, "a=x:;y\r\n", 8);
    assert_true(sip_strict_accepts(slice_of(text, len)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_agree),
        cmocka_unit_test(test_silent_and_safe),
        cmocka_unit_test(test_bounded),
    };
    sip_strict_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

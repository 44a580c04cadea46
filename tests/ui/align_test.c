/* Lines that belong together, and what differs in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ui/align.h"

static void assert_rows(const char *left, const char *right, const char *expected)
{
    struct reading_line lines[2][20];
    struct align_row rows[40];
    char words[400] = "";
    size_t length = 0;
    size_t left_count = reading_lines(slice_str(left), lines[0], 20), right_count = reading_lines(slice_str(right), lines[1], 20);
    size_t count = align_lines(lines[0], left_count, lines[1], right_count, rows);
    for (size_t i = 0; i < count; i++) {
        char a[24] = "-", b[24] = "-";
        if (rows[i].left != ALIGN_NONE)
            snprintf(a, sizeof a, "%zu", rows[i].left);
        if (rows[i].right != ALIGN_NONE)
            snprintf(b, sizeof b, "%zu", rows[i].right);
        length += (size_t)snprintf(words + length, sizeof words - length, "%s%s%s%s", i == 0 ? "" : " ", a,
                                   rows[i].same ? "=" : "/", b);
    }
    assert_string_equal(words, expected);
}

#define START "INVITE sip:a@b SIP/2.0\r\n"

static void lines_pair(void **state)
{
    (void)state;
    assert_rows(START "To: a\r\nCSeq: 1 INVITE\r\n\r\n", START "To: a\r\nCSeq: 2 INVITE\r\n\r\n", "0=0 1=1 2/2 3=3");
    assert_rows(START "To: a\r\n\r\n", START "Via: x\r\nTo: a\r\n\r\n", "0=0 -/1 1=2 2=3");
    assert_rows(START "To: a\r\nVia: y\r\n\r\n", "SIP/2.0 200 OK\r\nTo: a\r\n\r\n", "0/0 1=1 2/- 3=2");
    assert_rows(START "t: a\r\n\r\n", START "To: b\r\n\r\n", "0=0 1/1 2=2"); /* the same header in its short form */
    assert_rows(START "X-A: 1\r\n\r\n", START "X-B: 1\r\n\r\n", "0=0 1/- -/1 2=2");
    assert_rows(START "\r\nm=audio 1 RTP/AVP 0\r\na=sendrecv\r\n", START "\r\nm=audio 2 RTP/AVP 0\r\na=ptime:20\r\na=sendrecv\r\n",
                "0=0 1=1 2/2 -/3 3=4");
    assert_rows(START, "", "0/-");
    assert_rows("", "", "");
}

static void assert_part(const char *line, const char *other, size_t from, size_t to)
{
    size_t a, b;
    align_differs(slice_str(line), slice_str(other), &a, &b);
    assert_int_equal(a, from);
    assert_int_equal(b, to);
}

static void parts_differ(void **state)
{
    (void)state;
    assert_part("CSeq: 1 INVITE", "CSeq: 2 INVITE", 6, 7);
    assert_part("CSeq: 1 INVITE", "CSeq: 12 INVITE", 7, 7);
    assert_part("CSeq: 12 INVITE", "CSeq: 1 INVITE", 7, 8);
    assert_part("aaa", "aa", 2, 3);
    assert_part("", "aa", 0, 0);
    assert_part("x", "y", 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_pair), cmocka_unit_test(parts_differ)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

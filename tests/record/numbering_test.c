/* Whose telephone numbers are: the longest prefix, shared codes, lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/numbering.h"

static void assert_country(const char *number, const char *country)
{
    const struct numbering *row = numbering_find(slice_str(number));
    if (row == NULL || strcmp(row->country, country) != 0)
        fail_msg("%s is of %s, not %s", number, row == NULL ? "none" : row->country, country);
}

static void countries(void **state)
{
    (void)state;
    assert_country("+12065550100", "US");
    assert_country("+14165550100", "CA");
    assert_country("+12425550100", "BS");
    assert_country("+18765550100", "JM");
    assert_country("+442079460123", "GB");
    assert_country("+441481123456", "GG");
    assert_country("+493012345678", "DE");
    assert_country("+77012345678", "KZ");
    assert_country("+74951234567", "RU");
    assert_country("+390669812345", "VA");
    assert_country("+390612345678", "IT");
    assert_country("+61891621234", "CC");
    assert_country("+80012345678", "");
    assert_null(numbering_find(slice_str("+999123456")));
    assert_null(numbering_find(slice_str("+0123456789")));
    assert_null(numbering_find(slice_str("12065550100")));
    assert_null(numbering_find(slice_str("+")));
    assert_null(numbering_find(SLICE_NONE));
}

static const char *fault(const char *number, char buffer[100])
{
    return numbering_fault(slice_str(number), numbering_find(slice_str(number)), buffer, 100);
}

static void lengths(void **state)
{
    (void)state;
    char buffer[100];
    assert_null(fault("+12065550100", buffer));
    assert_string_equal(fault("+1206555010", buffer), "9 digits follow +1, where 10 must");
    assert_string_equal(fault("+999123456", buffer), "no country has a code that begins so");
    assert_null(fault("+49110", buffer) == NULL ? NULL : strstr(fault("+49110", buffer), "code"));
    assert_non_null(fault("+491", buffer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(countries), cmocka_unit_test(lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

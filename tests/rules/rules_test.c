/* The table of rules: each row can be named, cited and shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dissectors/sip_grammar.h"
#include "rules/rules.h"

static void rows_are_whole(void **state)
{
    (void)state;
    struct rules *rules = rules_new();
    assert_non_null(rules);
    assert_int_equal(rules_count(rules), RULE_OWN_COUNT + sip_defect_count);
    for (size_t i = 0; i < rules_count(rules); i++) {
        const struct rule *rule = rules_at(rules, i);
        if (rule->id == NULL || rule->title == NULL || rule->source == NULL)
            fail_msg("row %zu is not whole", i);
        assert_in_range(rule->severity, SEVERITY_ERROR, SEVERITY_INFO);
        assert_in_range(strlen(rule->title), 8, 120);
        assert_in_range(strlen(rule->source), 3, 80);
        assert_null(strchr(rule->title, '\n'));
    }
    rules_free(rules);
}

static void ids_are_unique_and_kebab_case(void **state)
{
    (void)state;
    struct rules *rules = rules_new();
    for (size_t i = 0; i < rules_count(rules); i++) {
        const char *id = rules_at(rules, i)->id;
        size_t n = strlen(id);
        assert_in_range(n, 3, 40);
        if (strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != n || id[0] == '-' || id[n - 1] == '-' || strstr(id, "--") != NULL)
            fail_msg("%s is not kebab-case", id);
        for (size_t k = 0; k < i; k++)
            if (strcmp(id, rules_at(rules, k)->id) == 0)
                fail_msg("%s stands twice", id);
    }
    rules_free(rules);
}

static void defects_have_their_rule(void **state)
{
    (void)state;
    struct rules *rules = rules_new();
    for (size_t i = 0; i < sip_defect_count; i++) {
        const struct rule *rule = rules_of_defect(rules, i);
        assert_string_equal(rule->id, sip_defect_rows[i].name);
        assert_string_equal(rule->title, sip_defect_rows[i].text);
        assert_string_equal(rule->source, sip_defect_rows[i].source);
    }
    rules_free(rules);
    rules_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(ids_are_unique_and_kebab_case),
        cmocka_unit_test(defects_have_their_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

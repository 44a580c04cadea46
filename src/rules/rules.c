/* Own rows first; the grammar's defects become rules with a severity by their level. */
#include "rules/rules.h"

#include <stdlib.h>

#include "dissectors/sip_grammar.h"

static const struct rule own_rules[RULE_OWN_COUNT] = {
#define X(ident, name, level, what, document, remedy)                                                                      \
    [RULE_##ident] = {.id = name, .severity = SEVERITY_##level, .title = what, .source = document, .fix = remedy},
    RULE_ROWS(X)
#undef X
};

struct rules {
    size_t count;
    bool *off;
    struct rule rows[];
};

struct rules *rules_new(void)
{
    static const enum severity severities[] = {
        [SIP_DEFECT_INVALID] = SEVERITY_ERROR, [SIP_DEFECT_OBSOLETE] = SEVERITY_WARNING, [SIP_DEFECT_ODD] = SEVERITY_INFO};
    /* Behind the rows stand their variants of each severity. */
    struct rules *rules = malloc(sizeof *rules + (RULE_OWN_COUNT + sip_defect_count) * (1 + SEVERITY_COUNT) * sizeof rules->rows[0]);
    if (rules == NULL)
        return NULL;
    rules->count = RULE_OWN_COUNT + sip_defect_count;
    rules->off = calloc(rules->count, sizeof *rules->off);
    if (rules->off == NULL) {
        free(rules);
        return NULL;
    }
    memcpy(rules->rows, own_rules, sizeof own_rules);
    for (size_t i = 0; i < sip_defect_count; i++) {
        const struct sip_defect_row *row = &sip_defect_rows[i];
        rules->rows[RULE_OWN_COUNT + i] =
            (struct rule){.id = row->name, .severity = severities[row->level], .title = row->text, .source = row->source};
    }
    return rules;
}

void rules_free(struct rules *rules)
{
    if (rules != NULL)
        free(rules->off);
    free(rules);
}

size_t rules_count(const struct rules *rules)
{
    return rules->count;
}

const struct rule *rules_at(const struct rules *rules, size_t index)
{
    return &rules->rows[index];
}

void rules_set_severity(struct rules *rules, size_t index, enum severity severity)
{
    rules->rows[index].severity = severity;
}

void rules_set_source(struct rules *rules, size_t index, const char *source)
{
    rules->rows[index].source = source;
}

const struct rule *rules_as(struct rules *rules, size_t index, enum severity severity)
{
    struct rule *row = &rules->rows[rules->count * (1 + severity) + index];
    *row = rules->rows[index];
    row->severity = severity;
    return row;
}

void rules_switch_off(struct rules *rules, size_t index)
{
    rules->off[index] = true;
}

bool rules_is_off(const struct rules *rules, const struct rule *rule)
{
    return rules->off[(size_t)(rule - rules->rows) % rules->count];
}

size_t rules_find(const struct rules *rules, struct slice id)
{
    for (size_t i = 0; i < rules->count; i++)
        if (slice_is(id, rules->rows[i].id))
            return i;
    return rules->count;
}

const struct rule *rules_of_defect(const struct rules *rules, size_t defect)
{
    return &rules->rows[RULE_OWN_COUNT + defect];
}

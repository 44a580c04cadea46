/* The table of rules: what can be found wrong, each with its severity, title and source. */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include "record/record.h"
#include "rules/rule_rows.h"

/* Rules that are not defects of a single message's grammar. */
enum rule_id {
#define X(ident, name, level, what, document, remedy) RULE_##ident,
    RULE_ROWS(X)
#undef X
        RULE_OWN_COUNT
};

struct rules;

/* All rules: those above, then one per row of sip_defect_rows. NULL without memory. */
struct rules *rules_new(void);
void rules_free(struct rules *rules);

size_t rules_count(const struct rules *rules);
const struct rule *rules_at(const struct rules *rules, size_t index);

/* The index of a rule's id; rules_count where there is none. */
size_t rules_find(const struct rules *rules, struct slice id);

/* The same rule with another severity, for a case that is worse or better than usual. */
const struct rule *rules_as(struct rules *rules, size_t index, enum severity severity);

/* A profile's say; before anything is checked. */
void rules_set_severity(struct rules *rules, size_t index, enum severity severity);
void rules_set_source(struct rules *rules, size_t index, const char *source); /* borrowed */
void rules_switch_off(struct rules *rules, size_t index);
bool rules_is_off(const struct rules *rules, const struct rule *rule);

/* The rule of a defect of the SIP grammar (an index of sip_defect_rows). */
const struct rule *rules_of_defect(const struct rules *rules, size_t defect);

#endif

/* The table of rules: what can be found wrong, each with its severity, title and source. */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include "record/record.h"

/* Rules that are not defects of a single message's grammar. */
enum rule_id { RULE_ICMP_ERROR, RULE_TRUNCATED, RULE_STRICT_PARSER, RULE_ONE_WAY, RULE_OWN_COUNT };

struct rules;

/* All rules: those above, then one per row of sip_defect_rows. NULL without memory. */
struct rules *rules_new(void);
void rules_free(struct rules *rules);

size_t rules_count(const struct rules *rules);
const struct rule *rules_at(const struct rules *rules, size_t index);

/* The rule of a defect of the SIP grammar (an index of sip_defect_rows). */
const struct rule *rules_of_defect(const struct rules *rules, size_t defect);

#endif

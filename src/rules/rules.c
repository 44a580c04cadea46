/* Own rows first; the grammar's defects become rules with a severity by their level. */
#include "rules/rules.h"

#include <stdlib.h>

#include "dissectors/sip_grammar.h"

static const struct rule own_rules[RULE_OWN_COUNT] = {
    [RULE_ICMP_ERROR] = {"icmp-error", SEVERITY_ERROR, "An ICMP error came back for a SIP message", "RFC 792, RFC 4443; RFC 3261 18.4",
                         "See that the receiver listens on that address and port and that no firewall on the way refuses it."},
    [RULE_TRUNCATED] = {"capture-truncated", SEVERITY_INFO, "The capture holds only the beginning of a SIP message",
                        "the capture's snap length", "Capture again with a snap length of 262144 (tcpdump -s 0)."},
    [RULE_STRICT_PARSER] = {"sip-strict-parser", SEVERITY_INFO,
                            "A widely used strict parser (GNU osip2) refuses a message in which sipvet sees no defect",
                            "libosip2", NULL},
    [RULE_ONE_WAY] = {"one-way-media", SEVERITY_ERROR, "An answered call has media in one direction only", "RFC 3264 5.1 and 6.1",
                      "See that the receiver announces an address that its peer can reach, and that no firewall or NAT on the way "
                      "drops RTP to it."},
};

struct rules {
    size_t count;
    struct rule rows[];
};

struct rules *rules_new(void)
{
    static const enum severity severities[] = {
        [SIP_DEFECT_INVALID] = SEVERITY_ERROR, [SIP_DEFECT_OBSOLETE] = SEVERITY_WARNING, [SIP_DEFECT_ODD] = SEVERITY_INFO};
    struct rules *rules = malloc(sizeof *rules + (RULE_OWN_COUNT + sip_defect_count) * sizeof rules->rows[0]);
    if (rules == NULL)
        return NULL;
    rules->count = RULE_OWN_COUNT + sip_defect_count;
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

const struct rule *rules_of_defect(const struct rules *rules, size_t defect)
{
    return &rules->rows[RULE_OWN_COUNT + defect];
}

/* How often each rule fired, in all and by the address that sent what it fired on: the summary's tables. */
#ifndef ANALYZER_TALLY_H
#define ANALYZER_TALLY_H

#include "base/table.h"
#include "record/record.h"

/* Owns its lists. Zeroed memory is valid and empty. */
struct tally {
    struct rule_tally *rules;
    size_t rule_count, rule_room;
    struct host_tally *hosts;
    size_t host_count, host_room;
    struct table by_host;   /* of address and rule */
    uint64_t hosts_left_out; /* findings of addresses beyond the limit */
};

void tally_fini(struct tally *tally);
void tally_count(struct tally *tally, const struct finding_record *finding);

/* Most findings first; the lists stay the tally's. */
void tally_sort(struct tally *tally);

#endif

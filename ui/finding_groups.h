/* Findings of all calls put together by rule, by call or by the host that sent the frame, and those of one group in order. */
#ifndef UI_FINDING_GROUPS_H
#define UI_FINDING_GROUPS_H

#include "base/table.h"
#include "ui/call_store.h"

enum grouping { BY_RULE, BY_HOST, BY_CALL, GROUPINGS };

struct finding_group {
    const struct finding_record *first; /* names the group; borrowed from the store until it takes the next snapshot */
    enum severity worst;
    uint64_t findings, count;           /* count: with repeats */
};

/* Owns its arrays. Zeroed memory is valid and empty. */
struct finding_groups {
    enum grouping grouping;
    struct finding_group *groups; /* worst first, then the most; of calls: in their order */
    size_t count, room;
    const struct finding_record **members; /* of the group that is open; likewise borrowed */
    size_t member_count, member_room;
    struct table index;           /* while they are built */
};

void finding_groups_fini(struct finding_groups *groups);

void finding_groups_build(struct finding_groups *groups, const struct call_store *store, enum grouping grouping);

/* Collects the findings that are of one group with `of`. */
void finding_groups_open(struct finding_groups *groups, const struct call_store *store, const struct finding_record *of);

/* True when two findings are of one group. */
bool finding_groups_same(enum grouping grouping, const struct finding_record *a, const struct finding_record *b);

#endif

/* One walk over all findings with a hash of what they are put together by; only groups are sorted, for there are few. */
#include "ui/finding_groups.h"

#include <stdlib.h>

#include "base/hash.h"

void finding_groups_fini(struct finding_groups *groups)
{
    free(groups->groups);
    free(groups->members);
    table_fini(&groups->index);
    *groups = (struct finding_groups){0};
}

bool finding_groups_same(enum grouping grouping, const struct finding_record *a, const struct finding_record *b)
{
    if (grouping == BY_RULE)
        return slice_equal(a->rule, b->rule);
    if (grouping == BY_CALL)
        return a->call == b->call;
    return a->src.family == b->src.family && memcmp(a->src.address, b->src.address, sizeof a->src.address) == 0;
}

static uint64_t hash_of(const struct finding_groups *groups, const struct finding_record *finding)
{
    uint64_t seed = (uint64_t)(uintptr_t)groups;
    if (groups->grouping == BY_RULE)
        return hash_bytes(seed, finding->rule);
    if (groups->grouping == BY_CALL)
        return hash_word(seed, finding->call);
    return hash_bytes(seed, slice_of(finding->src.address, sizeof finding->src.address));
}

/* The finding's group; NULL without memory. */
static struct finding_group *group_of(struct finding_groups *groups, const struct finding_record *finding)
{
    uint64_t hash = hash_of(groups, finding);
    uint32_t cursor = 0, number;
    while ((number = table_next(&groups->index, hash, &cursor)) != TABLE_NONE)
        if (finding_groups_same(groups->grouping, groups->groups[number].first, finding))
            return &groups->groups[number];
    if (groups->count == groups->room) {
        size_t room = groups->room == 0 ? 64 : groups->room * 2;
        struct finding_group *grown = realloc(groups->groups, room * sizeof *grown);
        if (grown == NULL)
            return NULL;
        groups->groups = grown;
        groups->room = room;
    }
    if (!table_add(&groups->index, hash, (uint32_t)groups->count))
        return NULL;
    groups->groups[groups->count] = (struct finding_group){.first = finding, .worst = SEVERITY_COUNT};
    return &groups->groups[groups->count++];
}

static void findings_count(struct finding_groups *groups, const struct call_copy *copy)
{
    for (size_t i = 0; i < copy->finding_count; i++) {
        const struct finding_record *finding = copy->findings[i];
        struct finding_group *group = group_of(groups, finding);
        if (group == NULL)
            return;
        for (int s = 0; s < (int)group->worst; s++)
            if (slice_is(finding->severity, severity_names[s]))
                group->worst = (enum severity)s;
        group->findings++;
        group->count += finding->count;
    }
}

static int by_weight(const void *left, const void *right)
{
    const struct finding_group *a = left, *b = right;
    if (a->worst != b->worst)
        return a->worst < b->worst ? -1 : 1;
    if (a->findings != b->findings)
        return a->findings > b->findings ? -1 : 1;
    return a->first->frame < b->first->frame ? -1 : a->first->frame > b->first->frame;
}

void finding_groups_build(struct finding_groups *groups, const struct call_store *store, enum grouping grouping)
{
    groups->grouping = grouping;
    groups->count = 0;
    table_fini(&groups->index);
    for (size_t i = 0; i < store->count; i++)
        findings_count(groups, &store->calls[i]);
    findings_count(groups, &store->loose);
    if (grouping != BY_CALL && groups->count > 0)
        qsort(groups->groups, groups->count, sizeof *groups->groups, by_weight);
}

static void members_add(struct finding_groups *groups, const struct call_copy *copy, const struct finding_record *of)
{
    for (size_t i = 0; i < copy->finding_count; i++) {
        if (!finding_groups_same(groups->grouping, copy->findings[i], of))
            continue;
        if (groups->member_count == groups->member_room) {
            size_t room = groups->member_room == 0 ? 64 : groups->member_room * 2;
            const struct finding_record **members = realloc(groups->members, room * sizeof *members);
            if (members == NULL)
                return;
            groups->members = members;
            groups->member_room = room;
        }
        groups->members[groups->member_count++] = copy->findings[i];
    }
}

void finding_groups_open(struct finding_groups *groups, const struct call_store *store, const struct finding_record *of)
{
    groups->member_count = 0;
    for (size_t i = 0; i < store->count; i++)
        members_add(groups, &store->calls[i], of);
    members_add(groups, &store->loose, of);
}

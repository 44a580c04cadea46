/* Findings put together by what they have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/finding_groups.h"

static void finding_add(struct snapshot *snapshot, uint64_t call, const char *rule, enum severity severity, uint8_t host,
                        uint64_t count)
{
    struct finding_record finding = {.rule = slice_str(rule),
                                     .severity = slice_str(severity_names[severity]),
                                     .call = call,
                                     .count = count,
                                     .src = endpoint_ipv4((const uint8_t[]){192, 0, 2, host}, (uint16_t)(5060 + count)),
                                     .stream = NUMBER_NONE};
    snapshot_take(snapshot, &(struct record){.kind = RECORD_FINDING, .finding = &finding});
}

static void call_add(struct snapshot *snapshot, uint64_t id)
{
    struct call_record call = {.id = id};
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
}

static void store_fill(struct call_store *store)
{
    struct snapshot *snapshot = snapshot_new();
    call_add(snapshot, 1);
    finding_add(snapshot, 1, "loud", SEVERITY_INFO, 1, 1);
    finding_add(snapshot, 1, "bad", SEVERITY_ERROR, 2, 1);
    call_add(snapshot, 2);
    finding_add(snapshot, 2, "loud", SEVERITY_INFO, 2, 5);
    finding_add(snapshot, 2, "odd", SEVERITY_INFO, 2, 1);
    finding_add(snapshot, NUMBER_NONE, "loud", SEVERITY_WARNING, 1, 1);
    call_store_apply(store, snapshot);
    snapshot_free(snapshot);
}

static void assert_group(const struct finding_groups *groups, size_t at, const char *rule, enum severity worst,
                         uint64_t findings, uint64_t count)
{
    assert_true(at < groups->count);
    assert_true(slice_is(groups->groups[at].first->rule, rule));
    assert_int_equal(groups->groups[at].worst, worst);
    assert_int_equal(groups->groups[at].findings, findings);
    assert_int_equal(groups->groups[at].count, count);
}

static void by_what_they_share(void **state)
{
    (void)state;
    struct call_store store = {0};
    struct finding_groups groups = {0};
    store_fill(&store);
    finding_groups_build(&groups, &store, BY_RULE);
    assert_int_equal(groups.count, 3);
    assert_group(&groups, 0, "bad", SEVERITY_ERROR, 1, 1);
    assert_group(&groups, 1, "loud", SEVERITY_WARNING, 3, 7);
    assert_group(&groups, 2, "odd", SEVERITY_INFO, 1, 1);
    finding_groups_open(&groups, &store, groups.groups[1].first);
    assert_int_equal(groups.member_count, 3);
    assert_int_equal(groups.members[1]->call, 2);
    assert_true(groups.members[2]->call == NUMBER_NONE);
    finding_groups_build(&groups, &store, BY_HOST); /* whatever the port */
    assert_int_equal(groups.count, 2);
    assert_group(&groups, 0, "bad", SEVERITY_ERROR, 3, 7);
    assert_group(&groups, 1, "loud", SEVERITY_WARNING, 2, 2);
    finding_groups_build(&groups, &store, BY_CALL); /* in their order */
    assert_int_equal(groups.count, 3);
    assert_group(&groups, 0, "loud", SEVERITY_ERROR, 2, 2);
    assert_group(&groups, 1, "loud", SEVERITY_INFO, 2, 6);
    assert_group(&groups, 2, "loud", SEVERITY_WARNING, 1, 1);
    finding_groups_fini(&groups);
    call_store_fini(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_what_they_share)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The order of the list: by texts, numbers and times, unknown ones first, equal ones as they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "record/record.h"
#include "ui/call_columns.h"
#include "ui/call_order.h"

static const struct column *column_of(const char *name)
{
    for (size_t i = 0; i < call_column_count; i++)
        if (strcmp(call_columns[i].name, name) == 0)
            return &call_columns[i];
    fail_msg("no column %s", name);
    return NULL;
}

static void assert_order(const struct call_store *store, const char *column, bool down, const char *expected)
{
    size_t rows[16];
    char words[100] = "";
    for (size_t i = 0; i < store->count; i++)
        rows[i] = i;
    call_order(store, rows, store->count, column_of(column), down);
    for (size_t i = 0; i < store->count; i++)
        snprintf(words + strlen(words), sizeof words - strlen(words), "%llu", (unsigned long long)store->calls[rows[i]].id);
    assert_string_equal(words, expected);
}

static void columns_sort(void **state)
{
    (void)state;
    static const struct {
        const char *from, *state;
        int64_t start, pdd;
        double mos;
        uint64_t status, errors, infos;
    } calls[] = {
        {"+12025550143", "Busy", -5, 300, 4.41, 486, 0, 9},
        {"+12025550142", "busy", 7, CLOCK_NONE, NAN, NUMBER_NONE, 2, 0},
        {"", "answered", -9, 20, 1.0, 200, 2, 1},
        {"+1202555014", "completed", 0, 3000000000, 4.4, 603, 0, 9},
        {"zoe", "completed", 1000000000000000000, 0, 3.2, 100, 1, 0},
    };
    struct call_store store = {0};
    struct snapshot *snapshot = snapshot_new();
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct call_record call = {.id = i + 1, .from_user = slice_str(calls[i].from), .state = slice_str(calls[i].state),
                                   .start = calls[i].start, .pdd = calls[i].pdd, .mos = calls[i].mos, .status = calls[i].status,
                                   .findings = {calls[i].errors, 0, calls[i].infos}};
        snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
    }
    call_store_apply(&store, snapshot);
    snapshot_free(snapshot);
    assert_order(&store, "from_user", false, "34215");
    assert_order(&store, "from_user", true, "51243");
    assert_order(&store, "state", false, "31245"); /* without case, and equal ones as they came */
    assert_order(&store, "start", false, "31425");
    assert_order(&store, "pdd_ms", false, "25314");
    assert_order(&store, "mos", false, "23541");
    assert_order(&store, "status", false, "25314");
    assert_order(&store, "findings", true, "32541");
    assert_order(&store, "id", true, "54321");
    call_store_fini(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_sort)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What waits while the screens stand still: the newest copy of each call, and no more than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/screen.h"

static struct call_record call_of(uint64_t id, uint64_t messages)
{
    return (struct call_record){.id = id, .messages = messages, .status = NUMBER_NONE, .start = CLOCK_NONE, .pdd = CLOCK_NONE,
                                .duration = CLOCK_NONE, .mos = NAN};
}

static void call_add(struct snapshot *snapshot, uint64_t id, uint64_t messages)
{
    struct call_record call = call_of(id, messages);
    struct stream_record stream = {.id = id, .call = id, .packets = messages};
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
    snapshot_take(snapshot, &(struct record){.kind = RECORD_STREAM, .stream = &stream});
}

static uint64_t messages_of(const struct stage *stage, uint64_t id)
{
    size_t row = call_store_find(&stage->store, id);
    return row == stage->store.count ? 0 : call_store_record(&stage->store, &stage->store.calls[row])->messages;
}

static struct snapshot *snapshot_of(uint64_t first, uint64_t last, uint64_t messages, uint64_t packets)
{
    struct snapshot *snapshot = snapshot_new();
    for (uint64_t id = first; id <= last; id++)
        call_add(snapshot, id, messages);
    snapshot->summary.packets = packets;
    return snapshot;
}

static void newest_waits(void **state)
{
    (void)state;
    struct stage stage;
    assert_true(stage_init(&stage, "x"));
    stage_apply(&stage, snapshot_of(1, 4, 1, 10));
    stage_press(&stage, 'p');
    stage_apply(&stage, snapshot_of(2, 5, 2, 20));
    struct snapshot *snapshot = snapshot_of(6, 7, 3, 30);
    snapshot_take_gone(snapshot, 3); /* shown */
    snapshot_take_gone(snapshot, 5); /* waits */
    stage_apply(&stage, snapshot);
    stage_apply(&stage, snapshot_of(2, 2, 4, 40));
    assert_int_equal(stage.store.count, 4);
    assert_int_equal(messages_of(&stage, 2), 1);
    assert_int_equal(stage.held.new_calls, 2);
    assert_int_equal(stage.summary.packets, 10);
    assert_int_equal(stage.newest.packets, 40);
    stage_press(&stage, 'p');
    static const uint64_t messages[] = {0, 1, 4, 0, 2, 0, 3, 3};
    for (uint64_t id = 1; id < sizeof messages / sizeof messages[0]; id++)
        assert_int_equal(messages_of(&stage, id), messages[id]);
    assert_int_equal(stage.store.count, 5);
    assert_int_equal(stage.store.streams, 5);
    assert_int_equal(stage.summary.packets, 40);
    assert_false(stage.held.paused);
    stage_apply(&stage, snapshot_of(1, 1, 9, 50));
    assert_int_equal(messages_of(&stage, 1), 9);
    stage_fini(&stage);
}

/* A pause that is forgotten ends before it takes all memory, and says so until a key is pressed. */
static void pause_is_bounded(void **state)
{
    (void)state;
    struct stage stage;
    struct canvas canvas;
    assert_true(canvas_init(&canvas, 10, 80, false));
    assert_true(stage_init(&stage, "x"));
    stage.store.bytes_max = 100000;
    stage_press(&stage, 'p');
    uint64_t id = 1;
    for (; stage.held.paused; id += 10) {
        assert_true(id < 1000);
        stage_apply(&stage, snapshot_of(id, id + 9, 1, id));
    }
    assert_true(id > 20);
    assert_int_equal(stage.store.count, id - 1);
    struct text grid = {0};
    stage_draw(&stage, &canvas);
    canvas_print(&canvas, &grid);
    text_put(&grid, '\0');
    assert_non_null(strstr(grid.data, "pause ended, too much waited"));
    stage_press(&stage, 'j');
    text_reset(&grid);
    stage_draw(&stage, &canvas);
    canvas_print(&canvas, &grid);
    text_put(&grid, '\0');
    assert_null(strstr(grid.data, "pause ended"));
    text_fini(&grid);
    stage_fini(&stage);
    canvas_fini(&canvas);
}

/* Cleared calls do not come back, whatever becomes of them; a pause ends with it. */
static void cleared_stays_away(void **state)
{
    (void)state;
    struct stage stage;
    assert_true(stage_init(&stage, "x"));
    stage_apply(&stage, snapshot_of(1, 4, 1, 10));
    stage_press(&stage, PRESS_SPACE);
    stage_press(&stage, 'p');
    stage_apply(&stage, snapshot_of(4, 5, 2, 20));
    stage_press(&stage, PRESS_F5);
    assert_int_equal(stage.store.count, 4);
    stage_press(&stage, 'y');
    assert_int_equal(stage.store.count, 0);
    assert_int_equal(stage.store.cleared, 5);
    assert_int_equal(stage.store.bytes, 0);
    assert_int_equal(stage.marked.count, 0);
    stage_apply(&stage, snapshot_of(4, 6, 3, 30));
    assert_int_equal(stage.store.count, 1);
    assert_int_equal(messages_of(&stage, 6), 3);
    stage_press(&stage, PRESS_ENTER);
    assert_int_equal(stage.call, 6);
    stage_fini(&stage);
}

/* After the end nothing comes any more: there is no pause then, and one that was begun before ends when it is asked to. */
static void the_end_comes_meanwhile(void **state)
{
    (void)state;
    struct stage stage;
    assert_true(stage_init(&stage, "x"));
    stage_press(&stage, 'p');
    struct snapshot *snapshot = snapshot_of(1, 2, 1, 10);
    snapshot->over = true;
    stage_apply(&stage, snapshot);
    assert_true(stage.over && stage.held.paused);
    stage_press(&stage, 'p');
    assert_int_equal(stage.store.count, 2);
    stage_press(&stage, 'p');
    assert_false(stage.held.paused);
    stage_fini(&stage);
    assert_true(stage_init(&stage, "x")); /* what waits is freed with the rest */
    stage_press(&stage, 'p');
    stage_apply(&stage, snapshot_of(1, 2, 1, 10));
    stage_fini(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(newest_waits), cmocka_unit_test(pause_is_bounded), cmocka_unit_test(cleared_stays_away),
                                       cmocka_unit_test(the_end_comes_meanwhile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

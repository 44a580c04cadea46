/* Screens by script: each file of tests/screens has a size and keys, and the grid that a person has looked at. They are drawn
   on the canvas, without a terminal, over samples/trunk.pcap.

   A script's lines: "# what it shows", "sample FILE" (else trunk.pcap), "size COLUMNSxROWS", "keys NAME..." (@ROW,COLUMN is a
   click), "frames N" (only so many were read so far), "then N KEYS" (reading goes on, and the user too), "live", "settings JSON" (as
   in config.json), "ascii", "roles" (the grid holds roles by letter, see ROLES); then "--"
   and the grid. SIPVET_UPDATE_SCREENS=1 writes the grids anew: look at every difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/analyzer.h"
#include "capture/source.h"
#include "grid.h"
#include "rules/profile.h"
#include "rules/rules.h"
#include "ui/screen.h"

static void snapshot_fill(void *context, const struct record *record)
{
    if (!record->given)
        snapshot_take(*(struct snapshot **)context, record);
}

static void snapshot_hear(void *context, const struct message_record *message, struct slice bytes)
{
    snapshot_take_message(*(struct snapshot **)context, message, bytes, KEPT_SPOOL, 0);
}

/* A sample that is read, with an analyzer as the program has it. */
struct sample {
    struct source *source;
    struct analyzer *analyzer;
    struct profile profile;
    struct snapshot *snapshot; /* what is new */
    bool live, over;
};

static struct text file_read(const char *path)
{
    struct text text = {0};
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int c; (c = fgetc(file)) != EOF;)
        text_put(&text, (char)c);
    fclose(file);
    return text;
}

/* x.pcap may have its secrets in x.keys. */
static void keys_give(struct analyzer *analyzer, const char *path)
{
    char keys[140];
    snprintf(keys, sizeof keys, "%.*s.keys", (int)strcspn(path, "."), path);
    if (access(keys, F_OK) != 0)
        return;
    struct text text = file_read(keys);
    analyzer_keys(analyzer, slice_of(text.data, text.len));
    text_fini(&text);
}

static void sample_open(struct sample *sample, const char *path)
{
    struct error error;
    struct rules *rules = rules_new();
    *sample = (struct sample){.source = source_open_file(path, &error), .snapshot = snapshot_new()};
    assert_true(profile_load(&sample->profile, "voice-connector", rules, &error));
    rules_free(rules);
    struct analyzer_config config = {.memory_bytes = 64 << 20, .keep_to_end = true, .windows = true, .profile = &sample->profile, .keys_expected = true,
                                     .publish = snapshot_fill, .publish_context = &sample->snapshot, .hear = snapshot_hear,
                                     .hear_context = &sample->snapshot};
    sample->analyzer = analyzer_new(&config);
    assert_non_null(sample->source);
    assert_non_null(sample->analyzer);
    keys_give(sample->analyzer, path);
}

static void sample_close(struct sample *sample)
{
    snapshot_free(sample->snapshot);
    analyzer_free(sample->analyzer);
    profile_fini(&sample->profile);
    source_close(sample->source);
}

/* Reads on, with a snapshot for each packet, oftener than the program makes them; to the end, or to `limit` packets. */
static void sample_read(struct sample *sample, struct stage *stage, uint64_t limit)
{
    enum { STEP = 1 };
    while (!sample->over && sample->source->packets < limit) {
        struct frame frames[STEP];
        analyzer_feed(sample->analyzer, frames, source_read(sample->source, frames, STEP));
        sample->over = sample->source->over;
        if (sample->over)
            analyzer_finish(sample->analyzer);
        struct snapshot *snapshot = sample->snapshot;
        analyzer_watch(sample->analyzer, snapshot_fill, &sample->snapshot, &snapshot->summary);
        snapshot->summary.peak_memory_bytes = snapshot->summary.elapsed_ms = NUMBER_NONE;
        snapshot->read_bytes = sample->source->packets; /* any two numbers */
        snapshot->size_bytes = 1084;
        snapshot->live = sample->live;
        snapshot->over = sample->over;
        if (sample->live) { /* any numbers */
            snapshot->summary.kernel_drops = sample->source->packets / 100;
            stage->memory_bytes = 34 << 20;
            stage->budget_bytes = UINT64_C(2000) << 20;
        }
        stage_apply(stage, snapshot);
        sample->snapshot = snapshot_new();
    }
}

static void sample_show(struct stage *stage, const char *path, uint64_t limit)
{
    struct sample sample;
    sample_open(&sample, path);
    sample_read(&sample, stage, limit);
    sample_close(&sample);
}

struct script {
    unsigned rows, columns;
    uint64_t frames, then;
    bool ascii, roles, live;
    char sample[100];
    struct slice keys, then_keys, settings, head, grid;
};

static struct script script_parse(struct slice file)
{
    struct script script = {.frames = UINT64_MAX, .sample = "trunk.pcap"};
    struct slice rest = file;
    while (rest.len > 0) {
        size_t end = slice_find(rest, 0, '\n');
        struct slice line = slice_cut(rest, 0, end);
        rest = slice_after(rest, end + 1);
        char words[300];
        snprintf(words, sizeof words, "%.*s", (int)line.len, (const char *)line.data);
        unsigned long long frames;
        if (slice_is(line, "--"))
            break;
        if (sscanf(words, "frames %llu", &frames) == 1)
            script.frames = frames;
        else if (sscanf(words, "sample %99s", script.sample) == 1)
            continue;
        else if (slice_starts(line, "keys "))
            script.keys = slice_after(line, 5);
        else if (slice_starts(line, "settings "))
            script.settings = slice_after(line, 9);
        else if (slice_is(line, "roles"))
            script.roles = true;
        else if (sscanf(words, "then %llu", &frames) == 1) {
            script.then = frames;
            line = slice_after(line, 5);
            script.then_keys = slice_after(line, slice_find(line, 0, ' ') + 1);
        } else if (slice_is(line, "live"))
            script.live = true;
        else if (slice_is(line, "ascii"))
            script.ascii = true;
        else if (!slice_starts(line, "#"))
            assert_int_equal(sscanf(words, "size %ux%u", &script.columns, &script.rows), 2);
    }
    script.head = slice_cut(file, 0, file.len - rest.len);
    script.grid = rest;
    return script;
}

static void keys_press(struct stage *stage, struct canvas *canvas, struct slice keys)
{
    while (keys.len > 0) {
        size_t end = slice_find(keys, 0, ' ');
        char word[24];
        unsigned row, column;
        snprintf(word, sizeof word, "%.*s", (int)end, (const char *)keys.data);
        uint32_t press =
            sscanf(word, "@%u,%u", &row, &column) == 2 ? press_click(row, column) : press_parse(slice_cut(keys, 0, end));
        if (press == PRESS_NONE)
            fail_msg("no key: %.*s", (int)end, (const char *)keys.data);
        stage_draw(stage, canvas); /* as the user sees it before each key: a page is as long as it was drawn */
        stage_press(stage, press);
        keys = slice_after(keys, end + 1);
    }
}

static void grid_write(const char *path, struct slice head, const struct text *grid)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(head.data, 1, head.len, file);
    fwrite(grid->data, 1, grid->len, file);
    assert_int_equal(fclose(file), 0);
}

/* As if they stood in the user's file. */
static void settings_take(struct settings *settings, struct slice json)
{
    char path[] = "/tmp/sipvet-screens-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, json.data, json.len) == (ssize_t)json.len && close(file) == 0);
    settings_read(settings, path);
    assert_int_equal(unlink(path), 0);
}

static void script_run(const char *path)
{
    struct stage stage;
    struct canvas canvas;
    struct text file = file_read(path), grid = {0};
    struct script script = script_parse(slice_of(file.data, file.len));
    struct sample sample;
    char name[120];
    snprintf(name, sizeof name, "samples/%s", script.sample);
    sample_open(&sample, name);
    sample.live = script.live;
    assert_true(stage_init(&stage, script.sample));
    assert_true(canvas_init(&canvas, script.rows, script.columns, script.ascii));
    if (script.settings.len > 0)
        settings_take(&stage.settings, script.settings);
    sample_read(&sample, &stage, script.frames);
    keys_press(&stage, &canvas, script.keys);
    sample_read(&sample, &stage, script.then);
    keys_press(&stage, &canvas, script.then_keys);
    sample_close(&sample);
    stage_draw(&stage, &canvas);
    if (script.roles)
        grid_roles(&canvas, &grid);
    else
        grid_text(&canvas, &grid);
    bool same = slice_equal(script.grid, slice_of(grid.data, grid.len));
    if (!same && getenv("SIPVET_UPDATE_SCREENS") != NULL)
        grid_write(path, script.head, &grid);
    else if (!same)
        fail_msg("%s is drawn otherwise:\n%.*s", path, (int)grid.len, grid.data);
    text_fini(&grid);
    text_fini(&file);
    canvas_fini(&canvas);
    stage_fini(&stage);
}

static void saved_grids(void **state)
{
    (void)state;
    glob_t paths;
    assert_int_equal(glob("tests/screens/*.screen", 0, NULL, &paths), 0);
    assert_true(paths.gl_pathc >= 10);
    for (size_t i = 0; i < paths.gl_pathc; i++)
        script_run(paths.gl_pathv[i]);
    globfree(&paths);
}

/* Every screen, at every size, with every key: nothing is drawn outside, nothing fails. */
static void any_size_any_key(void **state)
{
    (void)state;
    struct stage stage;
    static const uint32_t presses[] = {'a',
                                       'p',
                                       'p',
                                       PRESS_F5,
                                       'n',
                                       't',
                                       'n',
                                       'X',
                                       '-',
                                       'A',
                                       PRESS_ENTER,
                                       PRESS_SPACE,
                                       PRESS_ESCAPE,
                                       'a',
                                       PRESS_DOWN,
                                       'v',
                                       PRESS_PAGE_DOWN,
                                       'n',
                                       PRESS_END,
                                       PRESS_F1,
                                       PRESS_PAGE_DOWN,
                                       PRESS_ESCAPE,
                                       'm',
                                       'j',
                                       PRESS_ENTER,
                                       'j',
                                       'n',
                                       PRESS_ESCAPE,
                                       PRESS_ESCAPE,
                                       PRESS_ESCAPE,
                                       PRESS_SPACE,
                                       PRESS_SPACE,
                                       PRESS_UP,
                                       'x',
                                       'r',
                                       'j',
                                       'd',
                                       's',
                                       'm',
                                       't',
                                       'j',
                                       PRESS_SPACE,
                                       'j',
                                       'j',
                                       PRESS_SPACE,
                                       'j',
                                       PRESS_TAB,
                                       PRESS_RIGHT,
                                       PRESS_ESCAPE,
                                       't',
                                       PRESS_RIGHT,
                                       PRESS_LEFT,
                                       'm',
                                       'G',
                                       PRESS_ENTER,
                                       PRESS_TAB,
                                       PRESS_DOWN,
                                       '/',
                                       'c',
                                       'a',
                                       PRESS_ENTER,
                                       'n',
                                       'N',
                                       PRESS_LEFT,
                                       PRESS_ESCAPE,
                                       PRESS_ESCAPE,
                                       PRESS_CTRL_U,
                                       'e',
                                       PRESS_ENTER,
                                       'j',
                                       PRESS_TAB,
                                       PRESS_ENTER,
                                       'j',
                                       PRESS_ENTER,
                                       PRESS_ESCAPE,
                                       PRESS_TAB,
                                       PRESS_ESCAPE,
                                       '>',
                                       '>',
                                       'z',
                                       '<',
                                       '<',
                                       'z',
                                       'A',
                                       'i',
                                       'j',
                                       PRESS_END,
                                       PRESS_BACKSPACE,
                                       '/',
                                       '9',
                                       'x',
                                       PRESS_UP,
                                       PRESS_BACKSPACE,
                                       0x20ac,
                                       PRESS_BACKSPACE,
                                       PRESS_ENTER,
                                       PRESS_ENTER,
                                       'p',
                                       PRESS_ESCAPE,
                                       PRESS_ESCAPE,
                                       PRESS_ESCAPE,
                                       'n'};
    assert_true(stage_init(&stage, "trunk.pcap"));
    sample_show(&stage, "samples/trunk.pcap", UINT64_MAX);
    for (unsigned size = 0; size < 160; size++) {
        struct canvas canvas;
        assert_true(canvas_init(&canvas, size % 43, size, size % 2 == 1));
        for (size_t i = 0; i < sizeof presses / sizeof presses[0]; i++) {
            stage_draw(&stage, &canvas);
            stage_press(&stage, presses[i]);
            assert_false(stage.ended);
        }
        assert_int_equal(stage.depth, 1);
        canvas_fini(&canvas);
    }
    stage_fini(&stage);
}

static void leaving(void **state)
{
    (void)state;
    static const struct {
        uint32_t presses[3];
        bool ended;
    } rows[] = {{{'q'}, true},
                {{PRESS_F10}, true},
                {{PRESS_ESCAPE}, false},
                {{PRESS_ESCAPE, 'y'}, true},
                {{PRESS_ESCAPE, PRESS_ENTER}, true},
                {{PRESS_ESCAPE, 'n'}, false},
                {{PRESS_ESCAPE, PRESS_ESCAPE}, false},
                {{'i', 'q'}, true},
                {{'i', PRESS_ESCAPE}, false},
                {{'/', 'q'}, false},
                {{'/', PRESS_ESCAPE, 'q'}, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage stage;
        assert_true(stage_init(&stage, "x"));
        for (int k = 0; k < 3 && rows[i].presses[k] != 0; k++)
            stage_press(&stage, rows[i].presses[k]);
        assert_int_equal(stage.ended, rows[i].ended);
        stage_fini(&stage);
    }
}

/* The cursor stays on its call while others come and go. */
static void cursor_stays(void **state)
{
    (void)state;
    struct stage stage;
    struct canvas canvas;
    assert_true(canvas_init(&canvas, 24, 80, false));
    assert_true(stage_init(&stage, "x"));
    struct snapshot *snapshot = snapshot_new();
    struct call_record call = {.status = NUMBER_NONE, .start = CLOCK_NONE, .pdd = CLOCK_NONE, .duration = CLOCK_NONE, .mos = NAN};
    for (call.id = 1; call.id <= 9; call.id++)
        snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
    stage_apply(&stage, snapshot);
    stage_draw(&stage, &canvas);
    for (int i = 0; i < 5; i++)
        stage_press(&stage, 'j');
    assert_int_equal(stage.call, 6);
    snapshot = snapshot_new();
    snapshot_take_gone(snapshot, 2);
    snapshot_take_gone(snapshot, 3);
    stage_apply(&stage, snapshot);
    stage_press(&stage, PRESS_ENTER);
    assert_int_equal(stage.call, 6);
    snapshot = snapshot_new();
    snapshot_take_gone(snapshot, 6);
    stage_apply(&stage, snapshot);
    stage_draw(&stage, &canvas); /* the call is gone: the screen says so */
    stage_press(&stage, PRESS_ESCAPE);
    stage_press(&stage, PRESS_ENTER);
    assert_int_equal(stage.call, 7);
    stage_fini(&stage);
    canvas_fini(&canvas);
}

/* The numbers of calls are not cut, however many calls there are. */
static void large_numbers(void **state)
{
    (void)state;
    struct stage stage;
    struct canvas canvas;
    struct text grid = {0};
    struct call_record call = {.id = 12345678, .status = NUMBER_NONE, .start = CLOCK_NONE, .pdd = CLOCK_NONE, .duration = CLOCK_NONE, .mos = NAN};
    struct snapshot *snapshot = snapshot_new();
    assert_true(canvas_init(&canvas, 10, 80, false));
    assert_true(stage_init(&stage, "x"));
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
    stage_apply(&stage, snapshot);
    stage_draw(&stage, &canvas);
    grid_text(&canvas, &grid);
    text_put(&grid, '\0');
    assert_non_null(strstr(grid.data, "> 12345678"));
    text_fini(&grid);
    stage_fini(&stage);
    canvas_fini(&canvas);
}

/* Everything that comes from the wire says what it can to the terminal. */
static void hostile_add(struct stage *stage)
{
    static const char evil[] = "\033[2J\033]0;x\007\x9b" "31m\xc2\x9b\r\n\t\x7f\xe2\x80\xae\xff\xfe\xe4\xb8\xad\xcc\x81%s%n";
    static const char text[] = "INVITE \033[2J SIP/2.0\r\nVia\033[1m: a\x9b\r\n\033c fold\r\nX: \xe2\x80\xae\r\n\r\nv=0\r\n"
                               "m=audio\033[0m 1 RTP/AVP 0\r\na=rtpmap:0 \033[5m/8000\r\nc=IN IP4 192.0.2.1\r\n";
    struct slice wire = slice_str(evil);
    struct slice list[] = {wire, wire};
    struct call_verdict verdict = {.code = wire, .text = wire};
    struct endpoint end = endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, 5060);
    struct call_record call = {.id = 1,
                               .call_id = wire,
                               .method = wire,
                               .state = wire,
                               .direction = wire,
                               .from_user = wire,
                               .to_user = wire,
                               .request_uri = wire,
                               .src = end,
                               .dst = end,
                               .reason = wire,
                               .ended_by = wire,
                               .status = 200,
                               .q850 = NUMBER_NONE,
                               .messages = 2,
                               .user_agents = {list, 2},
                               .codecs = {list, 2},
                               .dtmf = wire,
                               .verdict = &verdict,
                               .frame = 1,
                               .findings = {1, 0, 0}};
    struct finding_record finding = {.rule = wire, .severity = wire, .call = 1, .stream = NUMBER_NONE, .frame = 1, .src = end,
                                     .subject = wire, .text = wire, .fix = wire, .source = wire, .count = 2};
    struct stream_mos mos = {.lq = 4, .cq = NAN, .model = wire, .codec = wire, .why = wire, .buffer = wire};
    struct stream_record stream = {.id = 1,
                                   .call = 1,
                                   .src = end,
                                   .dst = end,
                                   .codec = wire,
                                   .why = wire,
                                   .ssrc = wire,
                                   .mos = &mos,
                                   .late = NUMBER_NONE,
                                   .dtmf_left_out = NUMBER_NONE};
    struct message_record message = {.frame = 1, .src = end, .dst = end, .call = 1, .status = NUMBER_NONE, .transport = wire};
    struct snapshot *snapshot = snapshot_new();
    snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
    snapshot_take(snapshot, &(struct record){.kind = RECORD_FINDING, .finding = &finding});
    snapshot_take(snapshot, &(struct record){.kind = RECORD_STREAM, .stream = &stream});
    for (message.frame = 1; message.frame <= 2; message.frame++)
        snapshot_take_message(snapshot, &message, slice_cut(slice_str(text), 0, sizeof text - message.frame), KEPT_SPOOL, 0);
    text_str(&snapshot->problems, evil);
    stage_apply(stage, snapshot);
}

static void assert_harmless(const struct canvas *canvas)
{
    for (size_t i = 0; i < (size_t)canvas->rows * canvas->columns; i++) {
        const struct cell *cell = &canvas->cells[i];
        assert_true(cell->width == 0 ? cell->base == 0
                                     : cell->base >= 0x20 && cell->base != 0x7f && (cell->base < 0x80 || cell->base >= 0xa0));
        for (int m = 0; m < CELL_MARKS; m++) /* combining characters, but no joiners and overrides */
            assert_true(cell->marks[m] == 0 || (cell->marks[m] >= 0x300 && cell->marks[m] < 0x2000));
        assert_true(cell->base < 0x2028 || cell->base > 0x202e);
        assert_true(!canvas->ascii || cell->base < 0x80);
    }
}

/* On every screen, nothing of it reaches a cell. */
static void hostile_text(void **state)
{
    (void)state;
    static const char keys[] = "t n X Enter Esc t n V i a Enter Esc Enter d Down Down t Enter Tab / \x1b Esc Up Space Down Space Tab Esc v PgDn G Esc Esc e "
                               "Enter Down Tab Enter Down "
                               "Enter Esc Tab Enter Esc m Enter G Esc Esc i PgDn PgDn Esc s Esc / \x1b F1 Esc";
    for (int ascii = 0; ascii < 2; ascii++)
        for (unsigned columns = 40; columns <= 140; columns += 50) {
            struct stage stage;
            struct canvas canvas;
            assert_true(canvas_init(&canvas, 30, columns, ascii == 1));
            assert_true(stage_init(&stage, "\033[2J.pcap"));
            const char *why; /* a name that a user was talked into */
            assert_true(aliases_add(&stage.settings.aliases, slice_str("192.0.2.1"), slice_str("\033[2J\xe2\x80\xae\xff"), false, &why));
            snprintf(stage.settings.problems.text, sizeof stage.settings.problems.text, "\033[2J");
            hostile_add(&stage);
            for (struct slice rest = slice_str(keys); rest.len > 0;) {
                size_t end = slice_find(rest, 0, ' ');
                uint32_t press = press_parse(slice_cut(rest, 0, end));
                stage_press(&stage, press == PRESS_NONE ? rest.data[0] : press);
                stage_draw(&stage, &canvas);
                assert_harmless(&canvas);
                rest = slice_after(rest, end + 1);
            }
            canvas_fini(&canvas);
            stage_fini(&stage);
        }
}

static int locale_set(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") == NULL ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saved_grids), cmocka_unit_test(any_size_any_key), cmocka_unit_test(leaving), cmocka_unit_test(cursor_stays),
        cmocka_unit_test(large_numbers), cmocka_unit_test(hostile_text),
    };
    return cmocka_run_group_tests(tests, locale_set, NULL);
}

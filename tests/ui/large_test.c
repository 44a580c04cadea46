/* A hundred thousand calls in the list: every key is answered within 50 ms. The processor's time is measured, the best of five, for
   others use the machine too; sanitizers may take eight times as long. SIPVET_TIMES=1 prints the times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ui/screen.h"

enum { CALLS = 100000, TRIES = 5 };

#ifdef SIPVET_TIDY
enum { LIMIT_MS = 400 };
#else
enum { LIMIT_MS = 50 };
#endif

/* Processor time: whatever else the machine does. */
static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void calls_add(struct stage *stage)
{
    struct snapshot *snapshot = snapshot_new();
    char from[24], id[40];
    struct finding_record finding = {.rule = slice_str("loss-high"), .severity = slice_str("warning"), .stream = NUMBER_NONE,
                                     .text = slice_str("too much of it was lost"), .count = 1};
    struct call_verdict verdict = {.code = slice_str("poor-quality"), .text = slice_str("It was poor.")};
    for (uint64_t i = 1; i <= CALLS; i++) {
        uint64_t mixed = i * 2654435761u % 1000003;
        snprintf(from, sizeof from, "+1202%07llu", (unsigned long long)mixed);
        snprintf(id, sizeof id, "%llu@192.0.2.1", (unsigned long long)mixed);
        struct call_record call = {.id = i,
                                   .method = slice_str("INVITE"),
                                   .state = slice_str(call_state_names[mixed % CALL_STATE_COUNT]),
                                   .call_id = slice_str(id),
                                   .from_user = slice_str(from),
                                   .to_user = slice_str("+12065550100"),
                                   .src = endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, 5060),
                                   .dst = endpoint_ipv4((const uint8_t[]){203, 0, 113, 1}, 5060),
                                   .status = 200 + mixed % 300,
                                   .q850 = NUMBER_NONE,
                                   .start = (int64_t)i * NS_PER_MS,
                                   .answer = CLOCK_NONE,
                                   .end = CLOCK_NONE,
                                   .pdd = (int64_t)mixed * 1000,
                                   .duration = (int64_t)mixed * 100000,
                                   .ring = CLOCK_NONE,
                                   .setup = CLOCK_NONE,
                                   .jitter = CLOCK_NONE,
                                   .loss_pct = (double)(mixed % 100) / 10,
                                   .mos = 1 + (double)(mixed % 340) / 100,
                                   .findings = {0, mixed % 3 == 0, 0},
                                   .verdict = &verdict};
        snapshot_take(snapshot, &(struct record){.kind = RECORD_CALL, .call = &call});
        finding.call = i;
        if (mixed % 3 == 0)
            snapshot_take(snapshot, &(struct record){.kind = RECORD_FINDING, .finding = &finding});
    }
    snapshot->over = true;
    stage_apply(stage, snapshot);
}

/* The keys, with a drawing after each: the longest answer in ms. */
static double longest(struct stage *stage, struct canvas *canvas, const char *keys)
{
    double most = 0;
    for (struct slice rest = slice_str(keys); rest.len > 0;) {
        size_t end = slice_find(rest, 0, ' ');
        uint32_t press = press_parse(slice_cut(rest, 0, end));
        assert_int_not_equal(press, PRESS_NONE);
        rest = slice_after(rest, end + 1);
        double begun = now_ms();
        stage_press(stage, press);
        stage_draw(stage, canvas);
        double took = now_ms() - begun;
        most = took > most ? took : most;
    }
    return most;
}

static void keys_are_answered(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "PgDn PgDn G g j G k",
        "> > > > > > > > > > > > > > > z PgDn z < < < < < < < < < < < < < < <",
        "/ 1 2 0 2 Space r e j Backspace Esc",
        "/ s t a t e Space = Space b u s y Space a n d Space m o s Space < Space 3 Esc",
        "/ f r o m _ u s e r Space ~ Space 5 5 5 Esc",
        "> / b u s y Enter PgDn G Esc <",
        "Space Space Space j v n n n Esc ^U",
        "e Enter j Tab Enter Tab G Esc",
        "m Esc",
        "i PgDn Esc",
    };
    struct stage stage;
    struct canvas canvas;
    assert_true(stage_init(&stage, "large"));
    assert_true(canvas_init(&canvas, 40, 140, false));
    double begun = now_ms();
    calls_add(&stage);
    if (getenv("SIPVET_TIMES") != NULL)
        printf("%6.1f ms to take %d calls, %zu bytes each\n", now_ms() - begun, CALLS, stage.store.bytes / CALLS);
    stage_draw(&stage, &canvas);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        double best = 1e9;
        for (int t = 0; t < TRIES && best > LIMIT_MS / 2.0; t++) {
            double took = longest(&stage, &canvas, scripts[i]);
            best = took < best ? took : best;
        }
        if (getenv("SIPVET_TIMES") != NULL)
            printf("%6.1f ms  %s\n", best, scripts[i]);
        if (best > LIMIT_MS)
            fail_msg("%s: an answer took %.1f ms", scripts[i], best);
        assert_int_equal(stage.depth, 1);
    }
    canvas_fini(&canvas);
    stage_fini(&stage);
}

static int locale_set(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") == NULL ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_are_answered)};
    return cmocka_run_group_tests(tests, locale_set, NULL);
}

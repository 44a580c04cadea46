/* The E-model against values that others published, and against itself: worse input never scores better. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "media/mos.h"

static void assert_near(double got, double want, double most)
{
    if (!(fabs(got - want) <= most))
        fail_msg("%.6f instead of %.6f", got, want);
}

static struct mos_parameters with(void (*set)(struct mos_parameters *))
{
    struct mos_parameters parameters = mos_defaults;
    set(&parameters);
    return parameters;
}

#define SET(name, statement)                      \
    static void name(struct mos_parameters *p) \
    {                                             \
        statement;                                \
    }

SET(set_nothing, (void)p)
SET(set_150, p->t = p->ta = 150; p->tr = 300)
SET(set_500, p->t = p->ta = 500; p->tr = 1000)
SET(set_ta_300, p->ta = 300)
SET(set_telr_45, p->telr = 45; p->t = p->ta = 100; p->tr = 200)
SET(set_qdu_4, p->qdu = 4)
SET(set_ps_60, p->ps = 60)
SET(set_pr_60, p->pr = 60)
SET(set_slr_15, p->slr = 15)
SET(set_stmr_8, p->stmr = 8)
SET(set_stmr_25, p->stmr = 25)
SET(set_nc_60, p->nc = -60)
SET(set_wepl_40, p->wepl = 40; p->tr = 100; p->t = p->ta = 50)
SET(set_g729, p->ie = 11; p->bpl = 19; p->ppl = 2; p->t = p->ta = 150; p->tr = 300)
SET(set_g711_plc, p->bpl = 25.1; p->ppl = 2; p->t = p->ta = 150; p->tr = 300)

static void terms_of_the_defaults(void **state)
{
    (void)state;
    struct mos_terms terms = mos_narrowband(&mos_defaults);
    assert_near(terms.no, -61.1792, 1e-4);
    assert_near(terms.ro, 94.7688, 1e-4);
    assert_near(terms.iolr, 0.4402, 1e-4);
    assert_near(terms.ist, -0.0007, 1e-4);
    assert_near(terms.iq, 0.9741, 1e-4);
    assert_near(terms.is, 1.4136, 1e-4);
    assert_near(terms.idle, 0.1490, 1e-4);
    assert_near(terms.r, 93.2062, 1e-4);
}

static void published_ratings(void **state)
{
    (void)state;
    static const struct {
        void (*set)(struct mos_parameters *);
        double r;
    } rows[] = {{set_nothing, 93.2062}, {set_150, 89.5391},    {set_500, 54.8032},  {set_ta_300, 78.4455}, {set_telr_45, 70.1457},
                {set_qdu_4, 88.2031},   {set_ps_60, 71.5503},  {set_pr_60, 80.4433}, {set_slr_15, 83.3232}, {set_stmr_8, 92.8663},
                {set_stmr_25, 90.7297}, {set_nc_60, 88.2810}, {set_wepl_40, 89.6734}, {set_g729, 70.5391},  {set_g711_plc, 82.5281}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mos_parameters parameters = with(rows[i].set);
        assert_near(mos_narrowband(&parameters).r, rows[i].r, 1e-4);
    }
}

static void published_impairments(void **state)
{
    (void)state;
    static const struct {
        double ie, bpl, loss, burst_r, want;
    } rows[] = {{0, 4.3, 1, 1, 17.9245}, {0, 4.3, 5, 1, 51.0753},  {0, 25.1, 2, 1, 7.0111},   {0, 25.1, 10, 1, 27.0655},
                {11, 19, 8, 1, 35.8889}, {11, 19, 16, 1, 49.4},    {5, 10, 5, 1, 35},         {0, 4.3, 2, 2, 35.8491},
                {0, 25.1, 2, 2, 7.2797}, {0, 25.1, 0, 9, 0},       {0, 25.1, 2, 0.5, 7.0111}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_near(mos_impairment(MOS_NARROWBAND, rows[i].ie, rows[i].bpl, rows[i].loss, rows[i].burst_r), rows[i].want, 1e-4);
    assert_near(mos_impairment(MOS_WIDEBAND, 20, 4.3, 2, 1), 43.8095, 1e-4);
    assert_near(mos_impairment(MOS_FULLBAND, 0, 4.3, 1, 1), 24.9057, 1e-4);
}

static void published_scores(void **state)
{
    (void)state;
    static const double of_r[] = {1.035, 1.252, 1.609, 2.064, 2.575, 3.100, 3.597, 4.024, 4.339, 4.500};
    for (int i = 0; i < 10; i++)
        assert_near(mos_of_r(10.0 * (i + 1)), of_r[i] < 1 ? 1 : of_r[i], 5e-4);
    static const struct {
        struct mos_input input;
        double mos;
    } rows[] = {{{MOS_NARROWBAND, 0, 25.1, 0, 1, NAN}, 4.4094},   {{MOS_NARROWBAND, 0, 25.1, 5, 1, NAN}, 3.9231},
                {{MOS_NARROWBAND, 11, 19, 2, 1, 150}, 3.6222},    {{MOS_WIDEBAND, 1, 4.3, 0, 1, NAN}, 4.4940},
                {{MOS_WIDEBAND, 13, 4.3, 0, 1, NAN}, 4.3371},     {{MOS_WIDEBAND, 56, 4.3, 0, 1, NAN}, 2.9220},
                {{MOS_WIDEBAND, 20, 4.3, 2, 1, NAN}, 3.4062},     {{MOS_FULLBAND, 7.2, 11.4, 0, 1, NAN}, 4.4436},
                {{MOS_FULLBAND, 7.2, 11.4, 5, 1, NAN}, 3.5700},   {{MOS_FULLBAND, 0, 4.3, 1, 1, NAN}, 4.1380},
                {{MOS_FULLBAND, 0, 4.3, 0, 1, 200}, 4.4698},      {{MOS_FULLBAND, 0, 4.3, 0, 1, 400}, 3.8613}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_near(mos_score(&rows[i].input).mos, rows[i].mos, 1e-4);
    static const struct {
        double delay, r;
    } wide[] = {{100, 127.515}, {150, 126.885}, {200, 123.614}, {300, 111.264}, {400, 101.444}};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        assert_near(mos_score(&(struct mos_input){MOS_WIDEBAND, 0, 4.3, 0, 1, wide[i].delay}).r, wide[i].r, 1e-3);
}

/* Each input alone, for each model: the score never rises. */
static void worse_is_never_better(void **state)
{
    (void)state;
    for (int model = MOS_NARROWBAND; model <= MOS_FULLBAND; model++)
        for (int what = 0; what < 4; what++) {
            double before = 6;
            for (int i = 0; i <= 2000; i++) {
                struct mos_input input = {(enum mos_model)model, 0, 25.1, 3, 1, 20};
                if (what == 0)
                    input.loss_pct = i / 20.0;
                if (what == 1)
                    input.delay_ms = i;
                if (what == 2)
                    input.burst_r = 1 + i / 100.0;
                if (what == 3)
                    input.ie = i / 25.0; /* up to 80: the model knows none above 95 */
                double mos = mos_score(&input).mos;
                assert_true(mos >= 1 && mos <= 4.5 && mos <= before + 1e-12);
                before = mos;
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_of_the_defaults), cmocka_unit_test(published_ratings), cmocka_unit_test(published_impairments),
        cmocka_unit_test(published_scores),      cmocka_unit_test(worse_is_never_better),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

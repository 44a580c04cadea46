/* Each term by its equation in G.107 (06/2015); the wideband and fullband forms where G.107.1 and G.107.2 differ. */
#include "media/mos.h"

#include <math.h>
#include <stdbool.h>

const struct mos_parameters mos_defaults = {.slr = 8, .rlr = 2, .stmr = 15, .ds = 3, .dr = 3, .telr = 65, .wepl = 110, .qdu = 1,
                                            .bpl = 4.3, .burst_r = 1, .nc = -70, .nfor = -64, .ps = 35, .pr = 35};

const char *mos_model_name(enum mos_model model)
{
    static const char *const names[] = {"G.107", "G.107.1", "G.107.2"};
    return names[model];
}

static double power(double db)
{
    return pow(10, db / 10);
}

static double root(double x, double n)
{
    return pow(1 + pow(x, n), 1 / n);
}

/* 7.2: circuit noise, room noise at both sides, subscriber line, summed at the 0 dBr point. */
static double noise_sum(const struct mos_parameters *p)
{
    double olr = p->slr + p->rlr, nfo = p->nfor + p->rlr, lstr = p->stmr + p->dr;
    double pre = p->pr + 10 * log10(1 + power(10 - lstr));
    double nor = p->rlr - 121 + pre + 0.008 * (pre - 35) * (pre - 35);
    double x = p->ps - olr - p->ds - 14;
    double nos = p->ps - p->slr - p->ds - 100 + 0.004 * x * x;
    return 10 * log10(power(p->nc) + power(nos) + power(nor) + power(nfo));
}

/* 7.3: too loud, sidetone, quantizing. */
static void simultaneous(const struct mos_parameters *p, struct mos_terms *terms)
{
    double xolr = p->slr + p->rlr + 0.2 * (64 + terms->no - p->rlr);
    terms->iolr = 20 * (root(xolr / 8, 8) - xolr / 8);
    double stmro = -10 * log10(power(-p->stmr) + exp(-p->t / 4) * power(-p->telr));
    terms->ist = 12 * root((stmro - 13) / 6, 8) - 28 * root((stmro + 1) / 19.4, 35) - 13 * root((stmro - 3) / 33, 13) + 29;
    double q = 37 - 15 * log10(p->qdu), g = 1.07 + 0.258 * q + 0.0602 * q * q;
    double z = 46.0 / 30 - g / 40, y = (terms->ro - 100) / 15 + 46 / 8.4 - g / 9;
    terms->iq = 15 * log10(1 + pow(10, y) + pow(10, z));
    terms->is = terms->iolr + terms->ist + terms->iq;
}

/* 7.4.3: absolute delay; sT 1 and mT 100 ms are the default delay sensitivity class. */
static double delay_impairment(double ta)
{
    if (!(ta > 100))
        return 0;
    double x = log2(ta / 100);
    return 25 * (root(x, 6) - 3 * root(x / 3, 6) + 2);
}

/* 7.4.1. The equation dips below 0 for an echo of a few milliseconds: no echo improves a call. */
static double talker_echo(double ro, double re, double t)
{
    double half = (ro - re) / 2, idte = t < 1 ? 0 : (half + sqrt(half * half + 100) - 1) * (1 - exp(-t));
    return idte > 0 ? idte : 0;
}

static double listener_echo(double ro, double wepl, double tr)
{
    double rle = 10.5 * (wepl + 7) * pow(tr + 1, -0.25), half = (ro - rle) / 2;
    return half + sqrt(half * half + 169);
}

static double echo_loss(double telr, double t)
{
    return telr - 40 * log10((1 + t / 10) / (1 + t / 150)) + 6 * exp(-0.3 * t * t);
}

struct mos_terms mos_narrowband(const struct mos_parameters *p)
{
    struct mos_terms terms = {.no = noise_sum(p)};
    terms.ro = 15 - 1.5 * (p->slr + terms.no);
    simultaneous(p, &terms);
    double terv = echo_loss(p->telr, p->t) + (p->stmr < 9 ? terms.ist / 2 : 0);
    terms.idte = talker_echo(-1.5 * (terms.no - p->rlr), 80 + 2.5 * (terv - 14), p->t);
    if (p->stmr > 20 && p->t >= 1)
        terms.idte = hypot(terms.idte, terms.ist);
    terms.idle = listener_echo(terms.ro, p->wepl, p->tr);
    terms.idd = delay_impairment(p->ta);
    terms.id = terms.idte + terms.idle + terms.idd;
    terms.ie_eff = mos_impairment(MOS_NARROWBAND, p->ie, p->bpl, p->ppl, p->burst_r);
    terms.r = terms.ro - terms.is - terms.id - terms.ie_eff + p->a;
    return terms;
}

double mos_impairment(enum mos_model model, double ie, double bpl, double loss_pct, double burst_r)
{
    double most = model == MOS_FULLBAND ? 132 : 95;
    if (!(loss_pct > 0))
        return ie;
    return ie + (most - ie) * loss_pct / (loss_pct / (burst_r > 1 ? burst_r : 1) + bpl);
}

double mos_of_r(double r)
{
    if (!(r > 0))
        return 1;
    if (r >= 100)
        return 4.5;
    double mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
    return mos < 1 ? 1 : mos;
}

/* G.107.1: Ro 129, echo by its own equation 7-6 (Corrigendum 1), the rest of Id as in G.107. Echo is only there with a delay. */
static struct mos_score wideband(const struct mos_input *input, double ie_eff)
{
    double r = 129 - ie_eff;
    if (!isnan(input->delay_ms)) {
        double t = input->delay_ms, k = t < 100 ? 0.08 * t + 10 : 18;
        double terv = echo_loss(mos_defaults.telr + k, t);
        r -= talker_echo(129, 80 + 3 * (terv - 14), t) + listener_echo(129, mos_defaults.wepl, 2 * t) + delay_impairment(t);
    }
    return (struct mos_score){.r = r, .mos = mos_of_r(r / 1.29)};
}

struct mos_score mos_score(const struct mos_input *input)
{
    double ie_eff = mos_impairment(input->model, input->ie, input->bpl, input->loss_pct, input->burst_r);
    bool delayed = !isnan(input->delay_ms);
    struct mos_parameters p = mos_defaults;
    switch (input->model) {
    case MOS_WIDEBAND:
        return wideband(input, ie_eff);
    case MOS_FULLBAND: {
        double r = 148 - ie_eff - (delayed ? 1.48 * delay_impairment(input->delay_ms) : 0);
        return (struct mos_score){.r = r, .mos = mos_of_r(r / 1.48)};
    }
    case MOS_NARROWBAND:
        break;
    }
    p.ie = input->ie;
    p.bpl = input->bpl;
    p.ppl = input->loss_pct;
    p.burst_r = input->burst_r;
    if (delayed) {
        p.t = p.ta = input->delay_ms;
        p.tr = 2 * input->delay_ms;
    }
    double r = mos_narrowband(&p).r;
    return (struct mos_score){.r = r, .mos = mos_of_r(r)};
}

/* The E-model (ITU-T G.107, G.107.1, G.107.2) as pure functions: impairments in, R and MOS out. */
#ifndef MEDIA_MOS_H
#define MEDIA_MOS_H

enum mos_model { MOS_NARROWBAND, MOS_WIDEBAND, MOS_FULLBAND };

/* "G.107", "G.107.1", "G.107.2". */
const char *mos_model_name(enum mos_model model);

/* The parameters of G.107 7.7 table 2, narrowband. */
struct mos_parameters {
    double slr, rlr, stmr, ds, dr, telr, wepl; /* loudness ratings, sidetone, D-values, echo losses, dB */
    double t, tr, ta;                          /* one-way delay to the echo, round trip, absolute delay, ms */
    double qdu, ie, bpl, ppl, burst_r;
    double nc, nfor, ps, pr, a;
};

extern const struct mos_parameters mos_defaults;

/* All terms, for tests against published values. */
struct mos_terms {
    double no, ro, iolr, ist, iq, is, idte, idle, idd, id, ie_eff, r;
};

struct mos_terms mos_narrowband(const struct mos_parameters *parameters);

struct mos_input {
    enum mos_model model;
    double ie, bpl;
    double loss_pct; /* behind the jitter buffer: lost and late */
    double burst_r;  /* less than 1 counts as 1 */
    double delay_ms; /* one way, mouth to ear; NAN: listening quality, which knows no delay */
};

struct mos_score {
    double r, mos;
};

struct mos_score mos_score(const struct mos_input *input);

/* Ie,eff: G.107 7.4 (equation 7-29), G.107.1 7.4, G.107.2 7.4. */
double mos_impairment(enum mos_model model, double ie, double bpl, double loss_pct, double burst_r);

/* G.107 annex B, 1 to 4.5. The polynomial dips below 1 for small R: clamped. */
double mos_of_r(double r);

#endif

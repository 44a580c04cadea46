"""The E-model of ITU-T G.107, G.107.1 and G.107.2, written from the recommendations' equations for these tests alone."""
from math import exp, hypot, log10, sqrt

NARROW, WIDE, FULL = "G.107", "G.107.1", "G.107.2"


def db(x):
    return 10 ** (x / 10)


def soft(x, n):
    """(1 + x^n)^(1/n): a maximum of 1 and x without a corner."""
    return (1 + x ** n) ** (1 / n)


def mos_of(r):
    return 1.0 if r <= 0 else 4.5 if r >= 100 else max(1.0, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r))


def delay(ta):
    if ta <= 100:
        return 0.0
    x = log10(ta / 100) / log10(2)
    return 25 * (soft(x, 6) - 3 * soft(x / 3, 6) + 2)


def impairment(model, ie, bpl, loss, burst_r):
    top = 132 if model == FULL else 95
    return ie if loss <= 0 else ie + (top - ie) * loss / (loss / max(burst_r, 1) + bpl)


def narrow(ie=0, bpl=4.3, loss=0, burst_r=1, ta=0, t=0, tr=0, slr=8, rlr=2, stmr=15, ds=3, dr=3, telr=65, wepl=110, qdu=1, nc=-70,
           nfor=-64, ps=35, pr=35, a=0):
    lstr, olr = stmr + dr, slr + rlr
    pre = pr + 10 * log10(1 + db(10 - lstr))
    nor = rlr - 121 + pre + 0.008 * (pre - 35) ** 2
    nos = ps - slr - ds - 100 + 0.004 * (ps - olr - ds - 14) ** 2
    no = 10 * log10(db(nc) + db(nos) + db(nor) + db(nfor + rlr))
    ro = 15 - 1.5 * (slr + no)
    xolr = olr + 0.2 * (64 + no - rlr)
    iolr = 20 * (soft(xolr / 8, 8) - xolr / 8)
    stmro = -10 * log10(db(-stmr) + exp(-t / 4) * db(-telr))
    ist = 12 * soft((stmro - 13) / 6, 8) - 28 * soft((stmro + 1) / 19.4, 35) - 13 * soft((stmro - 3) / 33, 13) + 29
    q = 37 - 15 * log10(qdu)
    g = 1.07 + 0.258 * q + 0.0602 * q * q
    iq = 15 * log10(1 + 10 ** ((ro - 100) / 15 + 46 / 8.4 - g / 9) + 10 ** (46 / 30 - g / 40))
    terv = telr - 40 * log10((1 + t / 10) / (1 + t / 150)) + 6 * exp(-0.3 * t * t) + (ist / 2 if stmr < 9 else 0)
    half = (-1.5 * (no - rlr) - (80 + 2.5 * (terv - 14))) / 2
    idte = 0.0 if t < 1 else (half + sqrt(half * half + 100) - 1) * (1 - exp(-t))
    if stmr > 20 and t >= 1:
        idte = hypot(idte, ist)
    half = (ro - 10.5 * (wepl + 7) * (tr + 1) ** -0.25) / 2
    idle = half + sqrt(half * half + 169)
    return ro - (iolr + ist + iq) - (idte + idle + delay(ta)) - impairment(NARROW, ie, bpl, loss, burst_r) + a


def score(model, ie, bpl, loss, burst_r, delay_ms=None):
    """MOS: listening without a delay, conversational with one."""
    if model == NARROW:
        echo = {} if delay_ms is None else {"ta": delay_ms, "t": delay_ms, "tr": 2 * delay_ms}
        return mos_of(narrow(ie, bpl, loss, burst_r, **echo))
    bad = impairment(model, ie, bpl, loss, burst_r)
    if model == FULL:
        return mos_of((148 - bad - 1.48 * delay(delay_ms or 0)) / 1.48)
    r = 129 - bad
    if delay_ms is not None:
        t = delay_ms
        terv = 65 + (0.08 * t + 10 if t < 100 else 18) - 40 * log10((1 + t / 10) / (1 + t / 150)) + 6 * exp(-0.3 * t * t)
        half = (129 - (80 + 3 * (terv - 14))) / 2
        r -= 0 if t < 1 else (half + sqrt(half * half + 100) - 1) * (1 - exp(-t))
        half = (129 - 10.5 * 117 * (2 * t + 1) ** -0.25) / 2
        r -= half + sqrt(half * half + 169) + delay(t)
    return mos_of(r / 1.29)


# Values that others published: (what, is, wanted).
def published():
    rows = [("defaults", narrow(), 93.2062), ("T=Ta=150", narrow(ta=150, t=150, tr=300), 89.5391),
            ("T=Ta=400", narrow(ta=400, t=400, tr=800), 62.2468), ("TELR 45 at 100 ms", narrow(ta=100, t=100, tr=200, telr=45), 70.1457),
            ("G.711 2 %", narrow(bpl=4.3, loss=2), 93.2062 - 30.1587), ("G.711 with PLC 5 %", narrow(bpl=25.1, loss=5), 77.4255),
            ("G.729A 2 % at 150 ms", narrow(11, 19, 2, 1, 150, 150, 300), 70.5391), ("qdu 4", narrow(qdu=4), 88.2031),
            ("Ps 60", narrow(ps=60), 71.5503), ("SLR 15", narrow(slr=15), 83.3232), ("STMR 8", narrow(stmr=8), 92.8663),
            ("MOS of 70", mos_of(70), 3.597), ("MOS of 93.2", mos_of(93.2062), 4.4094),
            ("wideband Ie 13", score(WIDE, 13, 4.3, 0, 1), 4.3371), ("AMR-WB 12.65 2 %", score(WIDE, 20, 4.3, 2, 1), 3.4062),
            ("EVS 24.4 3 %", score(FULL, 7.2, 11.4, 3, 1), 3.9288), ("fullband at 300 ms", score(FULL, 0, 4.3, 0, 1, 300), 4.2057)]
    return [(what, value, wanted) for what, value, wanted in rows if abs(value - wanted) > 0.0006]

"""One payload type number, two clocks: a re-INVITE may change what a number means (RFC 3264 8.3.2 says it should not; senders do)."""
from rtp import MS, Stream
from scene import ABSENT, ALICE, BOB, sdp
from talk import Talk, back, simple


def changed(c, before, after, spike=False, answered_ms=50, **facts):
    """Type 96 has the clock `before`, and `after` from a re-INVITE on. The sender goes on in its sequence, and each timestamp is the one
    before it and the samples of the packet before it. It goes over to the new clock when the 200 comes."""
    def described(place, port, n, clock, version):
        return sdp(place, port, n, codecs=((96, f"L16/{clock}"),), version=version)

    talk = Talk(offer=described(ALICE, 4000, 1, before, 1), answer=described(BOB, 6000, 2, before, 1))
    streams = (Stream(pt=96, clock=before), back(pt=96, clock=before))
    for s in streams:
        s.model = None
        s.talk(6)
        if spike:
            s.delay((100,), 50)
    leg = talk.at(streams[0].now - (answered_ms + 5) * MS)
    t = leg.request("INVITE", to_tag=True, body=described(ALICE, 4000, 1, after, 2))
    leg.scene.wait(answered_ms)
    leg.answer(t, body=described(BOB, 6000, 2, after, 2))
    leg.ack(t)
    for s in streams:
        s.clock = after
        s.talk(6, marker=False)
    simple(c, *streams, talk=talk, clock_hz=after, late=0, late_pct=0.0, burst=None, **facts)


def clock_doubled(c):
    """8000 to 16000: nothing is late in the network, J is 0 throughout."""
    changed(c, 8000, 16000, jitter_ms={"mean": 0, "max": 0})


def clock_divided(c):
    """48000 to 16000."""
    changed(c, 48000, 16000, jitter_ms={"mean": 0, "max": 0})


def clock_at_once(c):
    """Offer and answer in the same packet time."""
    changed(c, 8000, 48000, answered_ms=2, jitter_ms={"mean": 0, "max": 0})


def clock_offered_long(c):
    """The answer takes 600 ms, in which packets of the old clock arrive."""
    changed(c, 8000, 16000, answered_ms=600, jitter_ms={"mean": 0, "max": 0})


def clock_keeps_what_was(c):
    """A packet that was 50 ms late before the change: 3.125 ms of J, then 6.05 when the next one is in time again. That stays."""
    changed(c, 8000, 16000, spike=True, jitter_ms={"mean": ..., "max": 50 / 16 + (50 - 50 / 16) / 16, "last": ...})


def misdeclared(c, said, clock, name="AMR-WB", fmtp="a=fmtp:97 mode-set=2\r\n", jitter_ms=0):
    """The description says one clock and the timestamps run at another; nothing is lost and nothing late."""
    codecs = ((97, f"{name}/{said}"),)
    talk = Talk(offer=sdp(ALICE, 4000, 1, codecs=codecs) + fmtp, answer=sdp(BOB, 6000, 2, codecs=codecs) + fmtp)
    s = Stream(pt=97, clock=clock, size=33).talk(12)
    s.jitter(lambda rng: rng.uniform(0, jitter_ms))
    s.model = None
    simple(c, s, talk=talk, codec=name, clock_hz=said, late=ABSENT, late_pct=ABSENT, jitter_ms=ABSENT, burst=ABSENT, ptime_ms=ABSENT,
           mos={"lq": ABSENT, "why": "Its timestamps run at another clock than the one of its codec or description: late packets cannot "
                                     "be told."})
    c.never_rules.append("burst-loss")


def clock_half(c):
    """AMR-WB at 8000 Hz: each packet would be 10 ms later than the one before."""
    misdeclared(c, 16000, 8000)


def clock_half_jitter(c):
    """The same with jitter of 0 to 12 ms."""
    misdeclared(c, 16000, 8000, jitter_ms=12)


def clock_treble(c):
    """48000 Hz where 16000 was said."""
    misdeclared(c, 16000, 48000)


def clock_stands_in_silence(c):
    """Timestamps that stand still in the silence of a second out of two run at half of 16000 Hz over all, and at 16000 in speech."""
    codecs = ((97, "L16/16000"),)
    talk = Talk(offer=sdp(ALICE, 4000, 1, codecs=codecs), answer=sdp(BOB, 6000, 2, codecs=codecs))
    s = Stream(pt=97, clock=16000)
    for _ in range(8):
        s.talk(1).silence(1, advance=False)
    s.model = None
    simple(c, s, talk=talk, late=0)

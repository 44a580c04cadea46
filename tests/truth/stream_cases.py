"""The cases: each says in its docstring what is right and why."""
import math
import random
import struct

import emodel
import wire
from rtp import MS, NOISE, Stream
from scene import ABSENT, ALICE, BOB, Leg, Scene, sdp
from talk import HERE, THERE, Talk, back, simple

SECOND = 10**9


# ---- clean streams, by codec ----

def clean_pcmu(c):
    """Nothing is lost: 4.41 is the best that G.107 gives to G.711."""
    simple(c, Stream().talk(8), back().talk(8), facts={"loss_pct": 0, "mos": 4.4094, "jitter_ms": 0})


def codec_case(c, number, name, clock, size, model, ptime=20, fmtp="", media_clock=None, seconds=8, **facts):
    offer = sdp(ALICE, 4000, 1, codecs=((number, f"{name}/{clock}"),)) + fmtp
    answer = sdp(BOB, 6000, 2, codecs=((number, f"{name}/{clock}"),)) + fmtp
    s = Stream(pt=number, clock=media_clock or clock, size=size, ptime=ptime)
    s.model = model
    simple(c, s.talk(seconds), talk=Talk(offer=offer, answer=answer), codec=name, **{"clock_hz": clock, **facts})


def clean_g722(c):
    """G.722 samples at 16 kHz, but its RTP clock is 8000 (RFC 3551 4.5.2): at 16000 the jitter would be 10 ms."""
    codec_case(c, 9, "G722", 8000, 160, (emodel.WIDE, 13, 4.3))


def clean_g729(c):
    """Ie 10, no loss."""
    codec_case(c, 18, "G729", 8000, 20, (emodel.NARROW, 10, 19.0))


def clean_opus(c):
    """48 kHz; G.113 has no impairment for Opus, so there is a reason instead of a score."""
    codec_case(c, 111, "opus", 48000, 80, None, mos={"lq": ABSENT, "model": "G.107.2", "why": ...})


def clean_amr_wb(c):
    """Mode 2 (12.65 kbit/s) by its mode-set: Ie,wb 20, Bpl 4.3."""
    codec_case(c, 97, "AMR-WB", 16000, 33, (emodel.WIDE, 20, 4.3), fmtp="a=fmtp:97 mode-set=2\r\n")


def clean_evs(c):
    """EVS super-wideband at 24.4 kbit/s by the size of its payload: Ie,fb 7.2."""
    codec_case(c, 98, "EVS", 16000, 61, (emodel.FULL, 7.2, 11.4), fmtp="a=fmtp:98 bw=swb\r\n")


def cut_evs(c):
    """The same from a capture that kept 80 bytes of each packet of speech: the mode is told by the size that was sent."""
    clean_evs(c)
    c.frames = [(at, data[:80], len(data)) if len(data) == 115 else (at, data) for at, data in c.frames]


def clean_ilbc(c):
    """No published impairment."""
    codec_case(c, 99, "iLBC", 8000, 38, None, mos={"lq": ABSENT, "why": ...})


def unknown_codec(c):
    """A name that nobody knows: no score, but loss and jitter by the announced clock."""
    codec_case(c, 99, "X-SECRET", 8000, 38, None, mos={"lq": ABSENT, "why": ...})


def clocks(c, clock):
    draw = lambda rng: rng.uniform(0, 8)  # noqa: E731
    offer, answer = (sdp(p, port, n, codecs=((96, f"L16/{clock}"),)) for p, port, n in ((ALICE, 4000, 1), (BOB, 6000, 2)))
    s = Stream(pt=96, clock=clock)
    s.model = None
    simple(c, s.talk(8).jitter(draw), talk=Talk(offer=offer, answer=answer), clock_hz=clock)


def clock_11025(c):
    """220.5 samples in 20 ms do not exist: the packet time is 220 samples. Jitter in time, not in whole ticks."""
    clocks(c, 11025)


def clock_44100(c):
    """44.1 kHz divided by 1000 is no whole number: tools that divide get it wrong."""
    clocks(c, 44100)


def clock_90000(c):
    """90 kHz."""
    clocks(c, 90000)


def ptime_30(c):
    """30 ms packets."""
    s = Stream(ptime=30, size=240)
    simple(c, s.talk(9), ptime_ms=30)


# ---- loss ----

def loss_random_1(c):
    """1 % at random."""
    simple(c, Stream().talk(20).lose_random(0.01), back().talk(20))


def loss_random_5(c):
    """5 % at random."""
    simple(c, Stream().talk(20).lose_random(0.05, 4))


def loss_random_10(c):
    """10 % at random."""
    simple(c, Stream().talk(20).lose_random(0.10, 5))


def loss_bursts(c):
    """A Gilbert channel: bursts weigh more in Ie,eff than the same loss at random."""
    simple(c, Stream().talk(30).lose_bursts(0.01, 0.3))


def loss_of_three(c):
    """Three in a row every 100: BurstR 2.91, as in RFC 3611's sense one burst of three a gap."""
    s = Stream().talk(20)
    simple(c, s.lose(*[i + k for i in range(97, 1000, 100) for k in range(3) if i + k < 999]))


def loss_isolated(c):
    """One in 50: no bursts at all, everything belongs to the gap."""
    simple(c, Stream().talk(20).lose(*range(49, 999, 50)))


def loss_over_wrap(c):
    """Lost around 65535: the extended sequence goes on."""
    simple(c, Stream(seq=65000).talk(20).lose(*range(530, 540)))


def loss_at_ends(c):
    """What was lost before the first or after the last packet cannot be known: it is no loss."""
    s = Stream().talk(10)
    simple(c, s.lose(0, 1, 2, 498, 499))


def outage_of_a_minute(c):
    """70 s without a packet, 3,500 numbers, and the timestamps agree: loss, not a restart of the sequence (RFC 3550 A.1 says restart)."""
    s = Stream().talk(100)
    simple(c, s.lose(*range(500, 4000)), restarts=0)


# ---- order ----

def reorder_by_one(c):
    """Every 50th comes after its successor: out of order, not lost."""
    s = Stream().talk(20)
    simple(c, s.delay(range(50, 990, 50), 25))


def reorder_by_five(c):
    """110 ms late: out of order, and too late for 60 ms."""
    s = Stream().talk(20)
    simple(c, s.delay(range(50, 990, 50), 110))


def reorder_by_sixty(c):
    """1.2 s late: still no loss; a window of 64 packets would have called it one."""
    s = Stream().talk(20)
    simple(c, s.delay((100, 300, 700), 1210))


def reorder_by_ninety(c):
    """1.8 s late: beyond a window of 64 packets."""
    s = Stream().talk(20)
    simple(c, s.delay((100, 300, 700), 1810))


def reorder_over_wrap(c):
    """Out of order across 65535: tshark 4.0 reports 98 % loss here; right is none."""
    s = Stream(seq=65000).talk(20)
    simple(c, s.delay(range(520, 550, 3), 45))


def reorder_first(c):
    """The first packet is overtaken by the second."""
    s = Stream().talk(10, marker=False)
    simple(c, s.delay((0,), 25))


def duplicates(c):
    """40 packets twice: not lost, never a negative loss."""
    s = Stream().talk(20)
    simple(c, s.repeat(range(10, 990, 25)))


def duplicates_late(c):
    """Repeated after 300 ms, when 15 others have come."""
    s = Stream().talk(20)
    simple(c, s.repeat(range(10, 900, 100), 300))


def duplicates_over_wrap(c):
    """Repeated across 65535."""
    s = Stream(seq=65030).talk(20)
    simple(c, s.repeat(range(500, 512), 70))


def duplicates_and_loss(c):
    """Duplicates must not make up for loss."""
    s = Stream().talk(20).lose_random(0.03, 8)
    simple(c, s.repeat([i for i in range(5, 990, 30) if i not in s.lost]))


def everything_twice(c):
    """A tap that sees each packet at two interfaces."""
    s = Stream().talk(10)
    simple(c, s.repeat(range(500)))


# ---- sequence and timestamps ----

def restart(c):
    """The sequence number jumps by 20000 and stays: a new beginning, no 20000 losses."""
    s = Stream().talk(6)
    simple(c, s.jump(20000).talk(6), restarts=1)


def restart_small_jump(c):
    """It jumps by 1000 between two packets whose timestamps follow each other: nothing can have been sent between."""
    s = Stream().talk(6)
    simple(c, s.jump(1000).talk(6, marker=False), restarts=1)


def stray(c):
    """One packet from elsewhere in the sequence is no restart and no loss."""
    talk, s = Talk(), Stream().talk(10)
    packets = s.wire()
    alone = struct.pack(">BBHII", 0x80, 0, 40000, 123456, s.ssrc) + bytes(160)
    packets.append((s.sent[200].at + 5 * MS, wire.udp_packet(s.src, s.dst, alone)))
    rows = sorted(packets + talk.end(s.now), key=lambda r: r[0])
    c.capture(rows)
    c.stream(s, packets=501, bytes=501 * 172, strays=1, restarts=0, jitter_ms=None, delta_ms=None, call=1)


def timestamp_wrap(c):
    """The timestamp passes 2^32."""
    simple(c, Stream(ts=0xffffff00).talk(10))


def payload_type_change(c):
    """PCMU, then PCMA in the same sequence: one stream, no jitter from the change."""
    offer, answer = (sdp(p, port, n, codecs=((0, "PCMU/8000"), (8, "PCMA/8000"))) for p, port, n in ((ALICE, 4000, 1), (BOB, 6000, 2)))
    simple(c, Stream().talk(5).talk(5, pt=8, marker=False), talk=Talk(offer=offer, answer=answer), payload_types=[0, 8])


def keepalive(c):
    """A packet of a type that nobody described, as RFC 6263 4.6 sends it to keep a binding of NAT: the stream is what it was, jitter,
    lateness and score with it."""
    s = Stream().talk(6)
    s.put(NOISE, 126, b"")
    simple(c, s.talk(6, marker=False).jitter(lambda rng: rng.uniform(0, 12)), back().talk(12), codec="PCMU", payload_types=None)


def keepalive_last(c):
    """The same as the stream's last packet."""
    s = Stream().talk(8).jitter(lambda rng: rng.uniform(0, 12))
    s.put(NOISE, 126, b"")
    simple(c, s, back().talk(8), codec="PCMU", clock_hz=8000, ptime_ms=20)


def type_undescribed(c):
    """From the 6th second on the sender uses a type that nobody described: its clock can be told, and jitter is measured on; its first
    packets, which might have been keepalives, are not."""
    s = Stream().talk(6)
    s.model = None
    s.talk(6, pt=97, marker=False).jitter(lambda rng: rng.uniform(0, 2))
    simple(c, s, codec="PCMU", jitter_ms={"mean": ("near", 0.65, 0.1), "max": ("near", 0.9, 0.2), "last": ...}, late=None, late_pct=None,
           burst=None, payload_types=[0, 97])


def clock_change_keeps_jitter(c):
    """10 s of Opus with jitter, then 2 s of PCMU without: J goes on from where it was, whatever the clock."""
    codecs = ((111, "opus/48000/2"), (0, "PCMU/8000"))
    talk = Talk(offer=sdp(ALICE, 4000, 1, codecs=codecs), answer=sdp(BOB, 6000, 2, codecs=codecs))
    first = Stream(pt=111, clock=48000, size=80).talk(10).jitter(lambda rng: rng.uniform(0, 16))
    jitter, seen = first.truth()["jitter_ms"], 499
    second = Stream(seq=1500, ts=160000 + 500 * 960, start=first.now + 8 * MS).talk(2, marker=False)
    values = [jitter["last"] * (15 / 16)**i for i in range(1, 100)]
    mean = (jitter["mean"] * seen + sum(values)) / (seen + len(values))
    c.capture(sorted(talk.end(second.now) + first.wire() + second.wire(), key=lambda row: row[0]))
    first.model = None
    c.stream(first, call=1, packets=600, bytes=None, expected=600, jitter_ms={"mean": mean, "max": jitter["max"], "last": values[-1]},
             delta_ms=None, codec="opus", clock_hz=48000, mos={"lq": ABSENT, "why": ...})


def codec_change(c, before, after, first=10, then=2, **facts):
    """A stream of two codecs: (payload type, name, clock, payload)."""
    codecs = tuple((pt, f"{name}/{clock}") for pt, name, clock, _ in (before, after))
    talk = Talk(offer=sdp(ALICE, 4000, 1, codecs=codecs), answer=sdp(BOB, 6000, 2, codecs=codecs))
    s = Stream(pt=before[0], clock=before[2], size=before[3])
    s.talk(first)
    s.size = after[3]
    s.talk(then, pt=after[0], marker=False)
    s.model = None
    simple(c, s, talk=talk, codec=before[1], clock_hz=before[2], **facts)


MIXED = {"lq": ABSENT, "min": ABSENT, "why": "It changed its codec, and each has an impairment of its own."}


def codec_change_ie(c):
    """G.711 for 50 s, then G.729 for one: the codec is that of most packets, and neither one's impairment is the stream's."""
    codec_change(c, (0, "PCMU", 8000, 160), (18, "G729", 8000, 20), 50, 1, mos={**MIXED, "codec": "PCMU"})


def codec_change_unscored(c):
    """10 s of iLBC, for which nothing is published, then 2 s of G.711: no score of G.711 for all."""
    codec_change(c, (99, "iLBC", 8000, 38), (0, "PCMU", 8000, 160), mos={**MIXED, "codec": "iLBC"})


def codec_change_a_moment(c):
    """Two packets of another codec in 600 of G.711 change nothing that can be heard, be they the last."""
    codec_change(c, (0, "PCMU", 8000, 160), (18, "G729", 8000, 20), 12, 0.04, mos={"lq": 4.4094, "codec": "PCMU", "ie": 0})


def ssrc_change(c):
    """Another SSRC from the same port (music on hold, a transfer): another stream."""
    first = Stream().talk(6)
    second = Stream(ssrc=0x77777777, seq=5, ts=77, start=first.now).talk(6)
    simple(c, first, second)


def silence_suppression(c):
    """2 s without packets while the timestamp goes on, with a marker behind: no loss, no jitter."""
    s = Stream().talk(4)
    for _ in range(3):
        s.silence(2).talk(4)
    simple(c, s)


def silence_without_marker(c):
    """The same from a sender that forgets the marker."""
    s = Stream().talk(4)
    for _ in range(3):
        s.silence(2).talk(4, marker=False)
    simple(c, s)


def silence_frozen_timestamp(c):
    """A sender whose timestamp stands still in silence: RFC 3550's jitter takes the pause for delay, once a talkspurt; no loss, and
    nothing is late, because the marker sets the buffer anew."""
    s = Stream().talk(4)
    for _ in range(2):
        s.silence(0.5, advance=False).talk(6)
    simple(c, s)


def comfort_noise(c):
    """Comfort noise (payload type 13) is in the sequence and not in the jitter."""
    s = Stream().talk(5)
    for _ in range(4):
        s.noise()
        s.silence(1)
        s.talk(2)
    simple(c, s)


# ---- jitter ----

def jitter_alternating(c):
    """Every second packet 8 ms late: J goes to 8 ms."""
    s = Stream().talk(20)
    simple(c, s.delay(range(1, 1000, 2), 8))


def jitter_spike(c):
    """One packet 50 ms late: 3.125 ms of J, then 6.05, then less."""
    simple(c, Stream().talk(10).delay((100,), 50))


def jitter_uniform(c):
    """0 to 12 ms, uniform."""
    simple(c, Stream().talk(20).jitter(lambda rng: rng.uniform(0, 12)))


def jitter_normal(c):
    """20 ms with a deviation of 4 ms."""
    simple(c, Stream().talk(20).jitter(lambda rng: max(0, rng.gauss(20, 4))))


def delta_of_a_stall(c):
    """A second without arrivals, then all that waited at once: delta max 1000 ms and more, 47 packets too late for the buffer."""
    s = Stream().talk(20)
    for i in range(300, 350):
        s.delay((i,), 1000 - (i - 300) * 20 + (i - 300) * 0.01)
    simple(c, s)


def late_packets(c):
    """0, 5, 35, 70, 0 ms over and over: the 70 ms ones are too late for 60 ms, one in five."""
    s = Stream().talk(20, marker=False)
    simple(c, s.delay(range(1, 1000, 5), 5).delay(range(2, 1000, 5), 35).delay(range(3, 1000, 5), 70))


def late_and_lost(c):
    """Late packets count as lost in the score, beside those that are."""
    s = Stream().talk(20).lose_random(0.02, 9)
    simple(c, s.delay([i for i in range(40, 990, 37) if i not in s.lost], 90))


def skew(c, ppm):
    s = Stream(start=wire.EPOCH + 2020 * MS).talk(300)
    for i, packet in enumerate(s.sent):
        packet.at += round(i * 20 * MS * -ppm / 1e6)
    rng = random.Random(7)
    s.delays = {i: round(rng.uniform(0, 1.5) * MS) for i in range(len(s.sent))}
    simple(c, s, skew_ppm=("near", ppm, 5))


def skew_fast(c):
    """The sender's clock is 50 ppm fast: packets come a little sooner each time."""
    skew(c, 50)


def skew_slow(c):
    """100 ppm slow."""
    skew(c, -100)


def no_skew(c):
    """None, within 5 ppm."""
    skew(c, 0)


# ---- DTMF ----

def digit_facts(*digits):
    return [{"digit": d, "ended": True, **more} for d, more in digits]


def dtmf_all(c):
    """All sixteen keys and flash: 10 is *, 11 is #, 12 to 15 are A to D, 16 is flash."""
    s = Stream().talk(1)
    for code in range(17):
        s.digit(code).talk(0.2, marker=False)
    keys = "0123456789*#ABCD!"
    simple(c, s, dtmf=digit_facts(*[(k, {"duration_ms": 160, "volume_dbm0": -10}) for k in keys]), facts={"dtmf": keys})


def dtmf_no_jitter(c):
    """Events repeat their timestamp: they must not count as jitter (tshark says 12 ms on a clean stream)."""
    s = Stream().talk(3).digit(5).talk(3)
    simple(c, s, jitter_ms={"max": 0}, facts={"dtmf": "5"})


def dtmf_same_twice(c):
    """55 is two events."""
    simple(c, Stream().talk(1).digit(5).talk(0.1).digit(5).talk(5), facts={"dtmf": "55"})


def dtmf_lost_end(c):
    """None of the three end packets arrives: one digit, not ended."""
    s = Stream().talk(1).digit(7)
    ends = range(len(s.sent) - 3, len(s.sent))
    simple(c, s.lose(*ends).talk(5), dtmf=[{"digit": "7", "ended": False}], facts={"dtmf": "7"})


def dtmf_lost_begin(c):
    """The packet with the marker is lost: still one digit."""
    s = Stream().talk(1).digit(7)
    simple(c, s.lose(50, 51, 52).talk(5), facts={"dtmf": "7"})


def dtmf_long(c):
    """10 s: the duration does not fit in 16 bits, a second segment goes on where the first ended (RFC 4733 2.5.1.3)."""
    s = Stream().talk(1)
    start = s.ticks
    for i in range(410):
        s.event(3, False, 10, min((i + 1) * 160, 0xffff), 101, i == 0, start)
        s.advance()
    for i in range(90):
        s.event(3, False, 10, (i + 1) * 160, 101, False, start + 0xffff)
        s.advance()
    for _ in range(3):
        s.event(3, True, 10, 90 * 160, 101, False, start + 0xffff)
    simple(c, s.talk(2), dtmf=[{"digit": "3", "ended": True, "duration_ms": ("near", (0xffff + 90 * 160) / 8, 0.2)}], facts={"dtmf": "3"})


def dtmf_long_bruised(c):
    """The one packet of the first segment that has the full duration is lost: the second one goes on all the same."""
    s = Stream().talk(1)
    start = s.ticks
    for i in range(410):
        s.event(3, False, 10, min((i + 1) * 160, 0xffff), 101, i == 0, start)
        s.advance()
    s.lose(len(s.sent) - 1)
    for i in range(90):
        s.event(3, False, 10, (i + 1) * 160, 101, False, start + 0xffff)
        s.advance()
    s.event(3, True, 10, 90 * 160, 101, False, start + 0xffff)
    simple(c, s.talk(2), dtmf=[{"digit": "3", "ended": True, "duration_ms": ("near", (0xffff + 90 * 160) / 8, 0.2)}], facts={"dtmf": "3"})


def dtmf_end_overtaken(c):
    """The only end packet comes behind the first one of the next press."""
    s = Stream().talk(1).digit(1, ends=1)
    s.delay((len(s.sent) - 1,), 25)
    s.digit(2).talk(5, marker=False)
    simple(c, s, dtmf=[{"digit": "1", "ended": True}, {"digit": "2", "ended": True}], facts={"dtmf": "12"})


def dtmf_moving_timestamp(c):
    """A broken sender gives each packet of the event its own timestamp: still one digit."""
    simple(c, Stream().talk(1).digit(9, fixed=False).talk(5), facts={"dtmf": "9"})


def dtmf_wrong_type(c):
    """Payload type 96 where 101 was agreed: what it is shows in its bytes."""
    simple(c, Stream().talk(1).digit(4, pt=96).talk(5), facts={"dtmf": "4"}, payload_types=[0, 96])


def dtmf_own_ssrc(c):
    """Events on an SSRC of their own."""
    audio, events = Stream().talk(6), Stream(ssrc=0x0e0e0e0e, pt=101, seq=9, start=wire.EPOCH + 4000 * MS)
    events.model = None
    events.digit(1).silence(0.1).digit(2)
    talk = Talk()
    c.capture(sorted(talk.end(audio.now) + audio.wire() + events.wire(), key=lambda r: r[0]))
    c.stream(audio, call=1)
    c.stream(events, call=1, late=None, late_pct=None, mos={"lq": ABSENT, "why": ...})
    c.call(dtmf="12")


def info(leg, digit, duration=160):
    t = leg.request("INFO", to_tag=True, body=f"Signal={digit}\r\nDuration={duration}\r\n", kind="application/dtmf-relay")
    leg.reply(t, 200)


def dtmf_info(c):
    """Digits in SIP INFO alone."""
    talk, s = Talk(), Stream().talk(8)
    for i, digit in enumerate(("1", "10", "#", "d")):
        info(talk.at(wire.EPOCH + (3000 + 500 * i) * MS), digit)
    c.capture(sorted(talk.end(s.now) + s.wire(), key=lambda r: r[0]))
    c.stream(s, call=1)
    c.call(dtmf="1*#D")


def dtmf_both_ways(c):
    """An event and an INFO for the same press are one digit; a digit by INFO alone comes between in order of time."""
    s = Stream().talk(1).digit(5).talk(1).digit(6).talk(4)
    talk = Talk()
    first = next(p for p in s.sent if p.kind == "event")
    info(talk.at(first.at + 100 * MS), "5")
    info(talk.at(first.at + 700 * MS), "8")
    c.capture(sorted(talk.end(s.now) + s.wire(), key=lambda r: r[0]))
    c.stream(s, call=1)
    c.call(dtmf="586")


def ulaw(sample):
    """G.711 mu-law of a 16-bit sample (ITU-T G.711 table 2a)."""
    sign, sample = (0x80, -sample) if sample < 0 else (0, sample)
    sample = min(sample, 32635) + 132
    exponent = sample.bit_length() - 8
    return ~(sign | exponent << 4 | sample >> (exponent + 3) & 15) & 0xff


def tones_case(c, keys, **facts):
    """Tones of 100 ms with pauses of 100 ms, in PCMU, -9 dBm0 each."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
    samples = [0] * 8000
    for key in keys:
        at = "123A456B789C*0#D".index(key)
        for i in range(800):
            t = i / 8000
            samples.append(round(7000 * (math.sin(2 * math.pi * rows[at // 4] * t) + math.sin(2 * math.pi * columns[at % 4] * t))))
        samples += [0] * 800
    samples += [0] * (48000 - len(samples) % 160)
    s = Stream()
    for i in range(0, len(samples) - 159, 160):
        s.put(payload=bytes(ulaw(x) for x in samples[i:i + 160]), marker=i == 0)
        s.advance()
    simple(c, s, **facts)
    return s


def tones(c):
    """All sixteen keys in band; the call's own digits are those of RFC 4733 and INFO alone."""
    keys = "1234567890*#ABCD"
    c.options = ["--tones"]
    s = tones_case(c, keys, tones=[{"digit": k, "duration_ms": ("near", 100, 30)} for k in keys])
    s.now = 0


def tones_not_asked(c):
    """They are not looked for unless asked."""
    tones_case(c, "123", tones=ABSENT)


# ---- which call ----

def one_way(c):
    """Answered, 10 s of RTP one way, none the other: said as an error on the call."""
    simple(c, Stream().talk(10))
    c.findings.append({"rule": "one-way-media", "severity": "error", "call": 1, "subject": "10.1.0.1:4000"})


def both_ways(c):
    """Nothing to say."""
    simple(c, Stream().talk(10), back().talk(10))
    c.never_rules.append("one-way-media")


def one_way_on_purpose(c):
    """The caller asked for it: sendonly."""
    offer, answer = sdp(ALICE, 4000, 1, direction="sendonly"), sdp(BOB, 6000, 2, direction="recvonly")
    simple(c, Stream().talk(10), talk=Talk(offer=offer, answer=answer))
    c.never_rules.append("one-way-media")


def one_way_after_ringing(c):
    """A ring tone in the early media is no conversation: after the answer nothing comes from the callee."""
    early = back(start=wire.EPOCH + 300 * MS)
    early.model = None
    early.talk(1.5)
    simple(c, Stream().talk(10))
    c.frames = sorted(c.frames + [(at, wire.ethernet(p)) for at, p in early.wire()])
    c.stream(early, call=1, mos={"lq": ABSENT})
    c.findings.append({"rule": "one-way-media", "call": 1})


def one_way_private(c):
    """The caller announces a private address while it signals from a public one, and nothing reaches it: that is the likely cause."""
    alice = ("198.51.100.7", 5060)
    talk = Talk(caller=alice, offer=sdp(("192.168.1.9", 5060), 4000, 1))
    s = Stream(src=("198.51.100.7", 4000)).talk(10)
    simple(c, s, talk=talk)
    c.findings.append({"rule": "one-way-media", "call": 1, "subject": "192.168.1.9:4000",
                       "text": "No RTP from callee to caller, 500 packets the other way: the receiver announced the private address "
                               "192.168.1.9:4000 while it signals from 198.51.100.7:5060."})


def one_way_on_hold(c):
    """The callee is put on hold by a re-INVITE with inactive: silence is what was asked for."""
    talk, s, r = Talk(), Stream().talk(10), back().talk(4)
    leg = talk.at(r.now)
    t = leg.request("INVITE", to_tag=True, body=sdp(ALICE, 4000, 1, version=2, direction="sendonly"))
    leg.answer(t, body=sdp(BOB, 6000, 2, version=2, direction="recvonly"))
    leg.ack(t)
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1)
    c.stream(r, call=1, mos=None)
    c.never_rules.append("one-way-media")


def g722_said_16000(c):
    """Descriptions that say G722/16000 are common and wrong: the RTP clock is 8000."""
    codec_case(c, 9, "G722", 16000, 160, (emodel.WIDE, 13, 4.3), media_clock=8000, clock_hz=8000)


def early_media(c):
    """The callee sends before its 200: its stream is the call's, and what it announces later does not matter."""
    s, r = Stream().talk(6), back(start=wire.EPOCH + 500 * MS)
    simple(c, s, r.talk(8))


def media_before_its_sdp(c):
    """The media starts before the 200 that announces its receiver was captured."""
    simple(c, Stream(start=wire.EPOCH + 1500 * MS).talk(8), back(start=wire.EPOCH + 1500 * MS).talk(8))


def nat_symmetric(c):
    """The caller announced a private address; its media comes from a public one, and goes back there."""
    talk = Talk(offer=sdp(("192.168.7.7", 5060), 4000, 1))
    public = ("198.51.100.9", 41234)
    s, r = Stream(src=public).talk(8), back(dst=public).talk(8)
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, why="sdp")
    c.stream(r, call=1, why="symmetric")
    c.never_rules.append("one-way-media")


def no_signaling(c):
    """RTP alone: a stream of no call."""
    s = Stream().talk(8)
    c.capture(s.wire())
    c.stream(s, call=ABSENT, why="heuristic")


def no_rtp(c):
    """Datagrams whose first bits are 10 by chance, DNS, QUIC-like ones: no streams."""
    rng = random.Random(4)
    rows = []
    for i in range(400):
        data = bytes([0x80 | rng.randrange(64)]) + rng.randbytes(60)
        rows.append((wire.EPOCH + i * 10 * MS, wire.udp_packet(("10.1.0.1", 7000), ("10.2.0.2", 7001), data)))
        query = struct.pack(">HHHHHH", 0x8000 + i, 0x0100, 1, 0, 0, 0) + b"\3www\7example\3com\0\0\1\0\1"
        rows.append((wire.EPOCH + i * 10 * MS + 1, wire.udp_packet(("10.1.0.1", 5353), ("10.2.0.2", 53), query)))
    c.capture(rows)
    c.count = 0


def ipv6(c):
    """Over IPv6."""
    a, b = ("2001:db8::1", 5060), ("2001:db8::2", 5060)
    simple(c, Stream(src=("2001:db8::1", 4000), dst=("2001:db8::2", 6000)).talk(8), talk=Talk(caller=a, callee=b))


def vlan(c):
    """Under a VLAN tag."""
    simple(c, Stream().talk(8).lose(7, 8), link=lambda p: wire.ethernet(p)[:12] + b"\x81\0\0\5" + wire.ethernet(p)[12:])


def fragments(c):
    """RTP in IP fragments is one packet."""
    s = Stream(ptime=200, size=1600).talk(10)
    talk, rows = Talk(), []
    for at, packet in s.wire():
        head, body = packet[:20], packet[20:]
        rows.append((at, wire.ip(s.src[0], s.dst[0], 17, body[:800], ident=at // MS & 0xffff, flags=1)))
        rows.append((at + 1000, wire.ip(s.src[0], s.dst[0], 17, body[800:], ident=at // MS & 0xffff, flags=0, offset=800)))
    c.capture(sorted(talk.end(s.now) + rows, key=lambda row: row[0]))
    c.stream(s, call=1, delta_ms=None)


def turn_channel(c):
    """Inside TURN ChannelData."""
    s, talk = Stream().talk(8), Talk()
    rows = [(at, wire.udp_packet(s.src, s.dst, struct.pack(">HH", 0x4001, len(s.bytes(p))) + s.bytes(p))) for at, p in s.arrivals()]
    c.capture(sorted(talk.end(s.now) + rows, key=lambda row: row[0]))
    c.stream(s, call=1)


def rtp_over_tcp(c):
    """RFC 4571."""
    s, talk, tcp = Stream().talk(8), Talk(), wire.Tcp()
    rows = []
    for at, p in s.arrivals():
        rows += [(at, packet) for packet in tcp.send(s.src, s.dst, struct.pack(">H", len(s.bytes(p))) + s.bytes(p))]
    c.capture(sorted(talk.end(s.now) + rows, key=lambda row: row[0]))
    c.stream(s, call=1)


def ports_used_again(c):
    """Two calls, one after the other, on the same ports and with the same SSRC: a stream of each."""
    first, one = Talk(), Stream().talk(6)
    begin = wire.EPOCH + 20 * SECOND
    second, two = Talk("other-2@example.com", start=begin), Stream(seq=1300, start=begin + 2020 * MS).talk(7)
    c.capture(sorted(first.end(one.now) + one.wire() + second.end(two.now) + two.wire(), key=lambda row: row[0]))
    c.stream(one, call=1, call_id="call-1@example.com")
    c.stream(two, call=2, call_id="other-2@example.com")


def port_used_at_once(c):
    """The next call announces the same port 100 ms after the BYE of the one before, with another codec: its stream is its own."""
    codecs = ((96, "L16/16000"),)
    first, one = Talk(), Stream().talk(6)
    packets = first.end(one.now)
    begin = first.scene.now + 100 * MS
    second = Talk("other-2@example.com", start=begin, offer=sdp(ALICE, 4400, 5, codecs=codecs), answer=sdp(BOB, 6000, 6, codecs=codecs))
    two = Stream(src=("10.1.0.1", 4400), ssrc=0x22, pt=96, clock=16000, size=640, start=begin + 2020 * MS).talk(6)
    two.model = None
    c.capture(sorted(packets + one.wire() + second.end(two.now) + two.wire(), key=lambda row: row[0]))
    c.stream(one, call=1)
    c.stream(two, call=2, clock_hz=16000, mos={"lq": ABSENT, "why": ...})


def pauses_miscounted(c):
    """A sender whose timestamps gain 40 ms in each pause: each talkspurt sets the buffer anew, so that nothing is late, however far the
    timestamps run ahead in the end."""
    s = Stream().talk(3)
    for _ in range(8):
        s.silence(0.5)
        s.ticks += 320
        s.talk(3, marker=False)
    simple(c, s, jitter_ms=None, late=0)


def path_moves(c):
    """The path is 200 ms longer from the 8th second on: no receiver plays nothing for the rest of the call. The buffer is set anew at the
    next window of 5 s, so that the packets from the 8th to the 10th second are late and no others."""
    s = Stream().talk(30, marker=False)
    s.delay(range(400, 1500), 200)
    simple(c, s, late=("near", 96, 3), late_pct=None, burst=None, mos=None)


def backlog(c):
    """A queue of 1.5 s builds up, and a part of it is dropped: the next packet is early against the late ones before it, and no jump
    of the timestamps. Jitter goes up and comes down."""
    s = Stream().talk(20)
    s.delay(range(200, 400), 1500).lose(*range(400, 475))
    simple(c, s, late=None, late_pct=None, burst=None, mos=None)  # the buffer follows such a move: see path_moves


def port_announced_while_it_flows(c):
    """Another call announces the port of one whose media flows (two legs of one conversation, or a mistake): the first keeps it."""
    talk, s, r = Talk(), Stream().talk(20), back().talk(20)
    other = Leg(talk.scene, "other-3@example.com", callee=("10.3.0.3", 5060))
    talk.scene.now = wire.EPOCH + 15 * SECOND
    other.invite(body=sdp(ALICE, 4000, 9))
    other.reply(other.invited, 486)
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1)
    c.stream(r, call=1)


def moved_by_reinvite(c):
    """A re-INVITE moves the caller's port; the stream to the new one is the call's."""
    talk, s, r = Talk(), Stream().talk(6), back().talk(4)
    leg = talk.at(r.now)
    t = leg.request("INVITE", to_tag=True, body=sdp(ALICE, 4400, 1, version=2))
    leg.answer(t)
    leg.ack(t)
    moved = back(dst=("10.1.0.1", 4400), seq=30200, ts=160000 + 200 * 160, start=r.now + 20 * MS).talk(6)
    c.capture(sorted(talk.end(moved.now) + s.wire() + r.wire() + moved.wire(), key=lambda row: row[0]))
    for stream in (s, r, moved):
        c.stream(stream, call=1, why="sdp", mos=None)


def encrypted(c):
    """SDES: header figures need no keys; digits cannot be read, and are not made up of encrypted bytes."""
    def secure(place, port, n):
        return sdp(place, port, n).replace("RTP/AVP", "RTP/SAVP") + "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:" + "A" * 40 + "\r\n"

    s = Stream(size=164).talk(3).digit(5).talk(3).lose(20, 21)
    for packet in s.sent:
        if packet.kind == "event":
            packet.payload = bytes((b * 7 + 13) & 0xff for b in packet.payload) + b"\5\12\0\240"  # ends like an event
    simple(c, s, talk=Talk(offer=secure(ALICE, 4000, 1), answer=secure(BOB, 6000, 2)), dtmf=ABSENT,
           srtp={"suite": "AES_CM_128_HMAC_SHA1_32", "decrypted": False, "why": ...}, facts={"dtmf": ABSENT})


def three_lines(c):
    """Audio, video and a refused line."""
    video = "m=video 4100 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"
    offer = sdp(ALICE, 4000, 1) + video + "m=application 4200 UDP/BFCP *\r\n"
    answer = sdp(BOB, 6000, 2) + video.replace("4100", "6100") + "m=application 0 UDP/BFCP *\r\n"
    v = Stream(src=("10.1.0.1", 4100), dst=("10.2.0.2", 6100), ssrc=0x01de0, pt=97, clock=90000, ptime=40, size=900)
    v.model = None
    s = Stream().talk(8)
    talk = Talk(offer=offer, answer=answer)
    v.talk(8)
    c.capture(sorted(talk.end(s.now) + s.wire() + v.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, media="audio")
    c.stream(v, call=1, media="video", clock_hz=90000, mos={"lq": ABSENT, "why": ...})


def short_stream(c):
    """3 s: too short to score."""
    s = Stream()
    s.model = None
    simple(c, s.talk(3), mos={"lq": ABSENT, "cq": ABSENT, "why": ...})


def few_packets(c):
    """Two packets with 6.5 s between them: a score would speak of nothing."""
    s = Stream()
    s.model = None
    simple(c, s.talk(0.02).silence(6.48).talk(0.02), back().talk(7), mos=None)
    c.streams[0]["mos"] = {"lq": ABSENT, "why": "It has too few packets whose timing is known."}


def timestamps_stand(c):
    """A sender whose timestamp never moves: which packets are late cannot be told, and so there is no score."""
    s = Stream()
    s.model = None
    for _ in range(500):
        s.put()
        s.advance(step=0)
    simple(c, s, late=None, late_pct=None, burst=None, mos={"lq": ABSENT, "why": "It has too few packets whose timing is known."})


def worst_window(c):
    """20 % loss in one window of 5 s, from 10 s to 15 s after the stream's beginning: named as the worst moment."""
    s = Stream().talk(30)
    bad = range(500, 750, 5)
    rate = 50 / 250
    simple(c, s.lose(*bad), mos={"min": emodel.score(emodel.NARROW, 0, 25.1, 100 * rate, 1), "min_at": "2026-01-31T12:00:12.020000Z"})


def worst_at_end(c, seconds, first, at):
    """Every fifth packet of the last second is lost; the worst window reaches from packet `first` to the end."""
    s = Stream().talk(seconds)
    count = len(s.sent)
    bad = range(count - 50, count - 4, 5)
    simple(c, s.lose(*bad), mos={"min": emodel.score(emodel.NARROW, 0, 25.1, 100 * len(bad) / (count - first), 1), "min_at": at})


def worst_window_last(c):
    """The stream ends 4 s after its last whole window: these 4 s are a window too."""
    worst_at_end(c, 29, 1250, "2026-01-31T12:00:27.020000Z")


def worst_window_half(c):
    """A rest of half a window (2.5 s) is still one of its own."""
    worst_at_end(c, 27.52, 1250, "2026-01-31T12:00:27.020000Z")


def worst_window_rest(c):
    """A rest of 2 s is too short to score by itself: it makes one window of 7 s together with the window before it."""
    worst_at_end(c, 27, 1000, "2026-01-31T12:00:22.020000Z")


def worst_window_only(c):
    """A stream of 6 s has one window and a rest: all of it is its worst."""
    worst_at_end(c, 6, 0, "2026-01-31T12:00:02.020000Z")


def worst_window_before_rest(c):
    """The window before the rest was bad, the rest is not: the whole window is the worst, not what is longer."""
    s = Stream().talk(26)
    bad = range(1000, 1250, 5)
    simple(c, s.lose(*bad), mos={"min": emodel.score(emodel.NARROW, 0, 25.1, 20, 1), "min_at": "2026-01-31T12:00:22.020000Z"})


# ---- RTCP ----

def ntp(seconds):
    return int(seconds), int((seconds % 1) * 2**32)


def sender_report(ssrc, clock_s, blocks=()):
    high, low = ntp(3978000000 + clock_s)
    body = struct.pack(">IIIIII", ssrc, high, low, 1, 2, 3) + b"".join(blocks)
    return struct.pack(">BBH", 0x80 | len(blocks), 200, len(body) // 4) + body


def report(ssrc, fraction=0, lost=0, jitter=0, lsr=0, dlsr=0):
    return struct.pack(">IIIIII", ssrc, fraction << 24 | lost & 0xffffff, 500, jitter, lsr, dlsr)


def receiver_report(ssrc, blocks):
    body = struct.pack(">I", ssrc) + b"".join(blocks)
    return struct.pack(">BBH", 0x80 | len(blocks), 201, len(body) // 4) + body


def middle(clock_s):
    high, low = ntp(3978000000 + clock_s)
    return (high & 0xffff) << 16 | low >> 16


def rtcp_rows(exchanges):
    return [(at, wire.udp_packet(src, dst, data)) for at, src, dst, data in exchanges]


def plus_one(place):
    return place[0], place[1] + 1


def rtcp_reports(c):
    """SR of both sides and what they quote: 40 ms from the tap to the callee and back, 30 ms to the caller: 70 ms in all. The callee
    lost 5 that the tap saw: behind the tap."""
    s, r, talk = Stream().talk(10), back().talk(10), Talk()
    a, b, t = plus_one(HERE), plus_one(THERE), wire.EPOCH + 5 * SECOND
    rows = rtcp_rows([
        (t, a, b, sender_report(s.ssrc, 100)),
        (t + 540 * MS, b, a, sender_report(r.ssrc, 777, [report(s.ssrc, 16, 5, 80, middle(100), round(0.5 * 65536))])),
        (t + 540 * MS + 1030 * MS, a, b, receiver_report(s.ssrc, [report(r.ssrc, 0, 0, 16, middle(777), 65536)]))])
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire() + rows, key=lambda row: row[0]))
    delay = 35 + 60 + 20
    c.stream(s, call=1, rtcp={"sr": 1, "rr": 1, "lost": 5, "fraction_pct": 6.25, "jitter_ms": 10, "rtt_ms": ("near", 70, 0.1),
                              "rtt_far_ms": ("near", 40, 0.1), "where": "after the tap"},
             mos={"cq": emodel.score(emodel.NARROW, 0, 25.1, 0, 1, delay), "delay_ms": ("near", delay, 0.1)})
    c.stream(r, call=1, rtcp={"sr": 1, "rr": 1, "lost": 0, "rtt_ms": ("near", 70, 0.1), "rtt_far_ms": ("near", 30, 0.1)})


def rtcp_listed(c):
    """The same reports one by one, with the stream that they tell of. A report of each second for 100 s is thinned out: every second
    one of the first 64 pairs, and so on."""
    c.options = ["--windows"]
    s, r, talk = Stream().talk(10), back().talk(10), Talk()
    a, b, t = plus_one(HERE), plus_one(THERE), wire.EPOCH + 5 * SECOND
    rows = rtcp_rows([
        (t, a, b, sender_report(s.ssrc, 100)),
        (t + 540 * MS, b, a, sender_report(r.ssrc, 777, [report(s.ssrc, 16, 5, 80, middle(100), round(0.5 * 65536))])),
        (t + 540 * MS + 1030 * MS, a, b, receiver_report(s.ssrc, [report(r.ssrc, 0, -2, 16, middle(777), 65536)]))])
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp_reports=[
        {"at": "2026-01-31T12:00:05.000000Z", "kind": "SR", "from_receiver": False},
        {"at": "2026-01-31T12:00:05.540000Z", "kind": "SR", "from_receiver": True, "loss_pct": 6.25, "lost": 5, "jitter_ms": 10}])
    c.stream(r, call=1, rtcp_reports=[
        {"at": "2026-01-31T12:00:06.570000Z", "kind": "RR", "from_receiver": True, "loss_pct": 0, "lost": -2, "jitter_ms": 2,
         "rtt_ms": ("near", 70, 0.1)}])


def rtcp_thinned(c):
    """100 reports, of which each second one is kept once there are 64: the even ones, 50 in all."""
    c.options = ["--windows"]
    s, talk = Stream().talk(105), Talk()
    a, b = plus_one(HERE), plus_one(THERE)
    rows = rtcp_rows([(wire.EPOCH + (4 + i) * SECOND, b, a, receiver_report(7, [report(s.ssrc, 0, i, 8)])) for i in range(100)])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp_reports=[{"lost": i} for i in range(0, 100, 2)])


def rtcp_mux(c):
    """RTCP on the RTP ports (RFC 5761): by its packet types, not by its port."""
    s, talk = Stream().talk(8), Talk()
    rows = rtcp_rows([(wire.EPOCH + 4 * SECOND, HERE, THERE, sender_report(s.ssrc, 9)),
                      (wire.EPOCH + 5 * SECOND, THERE, HERE, receiver_report(0x99, [report(s.ssrc, 0, 3, 8)]))])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"sr": 1, "rr": 1, "lost": 3, "jitter_ms": 1})


def rtcp_loss_before(c):
    """The tap misses what the receiver misses: lost before the tap."""
    s, talk = Stream().talk(10).lose(*range(100, 110)), Talk()
    rows = rtcp_rows([(wire.EPOCH + 9 * SECOND, plus_one(THERE), plus_one(HERE), receiver_report(7, [report(s.ssrc, 5, 10, 8)]))])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"lost": 10, "where": "before the tap"})


def rtcp_loss_at_tap(c):
    """The tap misses what the receiver got: the capture lost it."""
    s, talk = Stream().talk(10).lose(*range(100, 110)), Talk()
    rows = rtcp_rows([(wire.EPOCH + 9 * SECOND, plus_one(THERE), plus_one(HERE), receiver_report(7, [report(s.ssrc, 0, 0, 8)]))])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"lost": 0, "where": "at the tap"})


def rtcp_negative_loss(c):
    """A receiver that counts duplicates reports less than nothing lost: none."""
    s, talk = Stream().talk(8), Talk()
    rows = rtcp_rows([(wire.EPOCH + 6 * SECOND, plus_one(THERE), plus_one(HERE), receiver_report(7, [report(s.ssrc, 0, -4, 8)]))])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"lost": 0})


def rtcp_xr(c):
    """VoIP metrics of an extended report (RFC 3611 4.7); 127 means unavailable."""
    s, talk = Stream().talk(8), Talk()
    block = struct.pack(">IBBBBHHHHbbBBBBBBBBHHH", s.ssrc, 5, 10, 128, 3, 120, 4000, 55, 80, -20, -60, 127, 16, 85, 127, 41, 127, 0xc5, 0,
                        60, 100, 200)
    body = struct.pack(">I", 7) + struct.pack(">BBH", 7, 0, len(block) // 4) + block
    data = struct.pack(">BBH", 0x80, 207, len(body) // 4) + body
    rows = rtcp_rows([(wire.EPOCH + 6 * SECOND, plus_one(THERE), plus_one(HERE), data)])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"xr": {"loss_pct": 1.9531, "discard_pct": 3.9062, "burst_ms": 120, "gap_ms": 4000, "rtt_ms": 55, "r": 85,
                                     "mos_lq": 4.1, "mos_cq": ABSENT, "buffer_ms": 60}})


def sip_report(c):
    """RFC 6035: a PUBLISH of another Call-ID names the call and what its sender received."""
    talk, s = Talk(), Stream().talk(8)
    body = ("VQSessionReport: CallTerm\r\nCallID: call-1@example.com\r\nLocalAddr: IP=10.2.0.2 PORT=6000 SSRC=1\r\nLocalMetrics:\r\n"
            "PacketLoss: NLR=1.5 JDR=0.5\r\nDelay: RTD=80 IAJ=4\r\nQualityEst: MOSLQ=4.1 MOSCQ=4.0\r\n")
    packets = talk.end(s.now)
    publish = Leg(talk.scene, "report@example.com", caller=BOB, callee=ALICE)
    publish.request("PUBLISH", body=body, kind="application/vq-rtcpxr")
    c.capture(sorted(packets + s.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, rtcp=ABSENT, reported={"by": "RFC 6035", "loss_pct": 1.5, "discard_pct": 0.5, "rtt_ms": 80, "jitter_ms": 4,
                                              "mos_lq": 4.1, "mos_cq": 4.0})


def bye_statistics(c):
    """X-RTP-Stat in the callee's 200 to the BYE speaks of the stream that the callee received."""
    talk, s, r = Talk(), Stream().talk(8), back().talk(8)
    leg = talk.at(s.now + 50 * MS)
    bye = leg.request("BYE", to_tag=True, headers=[("X-RTP-Stat", "PS=400;OS=64000;PR=390;OR=62400;PL=10;JI=7;LA=40")])
    leg.scene.wait(10)
    leg.reply(bye, 200, headers=[("P-RTP-Stat", "PS=400,PR=399,PL=1,JI=3")])
    c.capture(sorted(talk.scene.packets + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, reported={"packets": 399, "lost": 1, "jitter_ms": 3})
    c.stream(r, call=1, reported={"packets": 390, "lost": 10, "jitter_ms": 7})


# ---- fax ----

def fax_case(c, sequence, count, lost):
    """A re-INVITE to T.38 whose UDPTL begins with this sequence number; one packet and then three in a row are lost."""
    talk, s, r = Talk(), Stream().talk(6), back().talk(6)
    leg = talk.at(s.now)
    image = "v=0\r\no=- 1 2 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=image {1} udptl t38\r\na=T38FaxVersion:0\r\n"
    t = leg.request("INVITE", to_tag=True, body=image.format("10.1.0.1", 4000))
    leg.scene.wait(100)
    leg.reply(t, 200, body=image.format("10.2.0.2", 6000))
    leg.ack(t)
    begin, rows, size = leg.scene.now + 250 * MS, [], 0
    for i in range(count):
        ifps = [bytes([0x06]) if n < 10 else bytes([0xc0, 1, n & 255]) for n in range(i, max(-1, i - 3), -1)]
        data = struct.pack(">H", sequence + i & 0xffff) + bytes([len(ifps[0])]) + ifps[0] + bytes([0, len(ifps) - 1])
        data += b"".join(bytes([len(x)]) + x for x in ifps[1:])
        if i not in lost:
            size += len(data)
            rows.append((begin + i * 30 * MS, wire.udp_packet(HERE, THERE, data)))
    c.capture(sorted(talk.end(begin + count * 30 * MS) + s.wire() + r.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1)
    c.stream(r, call=1)
    c.streams.append({"ssrc": ABSENT, "src": "10.1.0.1:4000", "dst": "10.2.0.2:6000", "media": "image", "codec": "t38", "packets": count - 4,
                      "expected": count, "lost": 4, "bytes": size, "call": 1, "why": "sdp",
                      "fax": {"switchover_ms": 250, "recovered": 3, "redundancy": 2, "signals": ["V.21 preamble", "data"]}})


def t38(c):
    """A re-INVITE to T.38: packets, loss, what redundancy brings back, the T.30 signals, and the time from the answer on."""
    fax_case(c, 0, 100, (50, 60, 61, 62))


def t38_like_rtp(c):
    """A sequence number from 0x8000 to 0xbfff begins like RTP's version 2, and 0x80c8 like an RTCP sender report: it is the fax all
    the same, one stream."""
    fax_case(c, 0x7fc0, 600, (100, 200, 201, 202))


def t38_far(c):
    """The same around 0x9000, so that the first packet looks like RTP already."""
    fax_case(c, 0x8fe0, 100, (50, 60, 61, 62))


def windows(c):
    """28 s are five windows of 5 s and a rest of 3 s: every packet and every loss is in one of them,
    and its MOS follows."""
    c.options = ["--windows"]
    s = Stream().talk(28)
    simple(c, s.lose(100, 300, 301, 1260, 1390), windows={"length_ms": 5000, "packets": [249, 248, 250, 250, 250, 148],
                                                          "lost": [1, 2, 0, 0, 0, 2], "late": [0] * 6,
                                                          "delta_us": [40000, 60000, 20000, 20000, 20000, 40000],
                                                          "mos_x100": [438, 435, 441, 441, 441, 430]})

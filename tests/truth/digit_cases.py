"""Digits by SIP INFO and by events, on several hops, in numbers: how often a key was pressed, however often it was seen."""
import random

import wire
from observer import KEYS, events
from rtp import MS, Stream
from scene import ABSENT, ALICE, BOB
from talk import Talk, back, simple

PROXY = ("10.3.0.3", 5060)


def relay(leg, digit, by="caller", cseq=None, gap_ms=5):
    """One INFO in front of and behind a proxy: another Via on top, other addresses; all else is the same (RFC 3261 16.6)."""
    side, other = (ALICE, BOB) if by == "caller" else (BOB, ALICE)
    body = f"Signal={digit}\r\nDuration=160\r\n"
    t = leg.request("INFO", by=by, to_tag=True, body=body, kind="application/dtmf-relay", src=side, dst=PROXY, cseq=cseq)
    leg.scene.wait(gap_ms)
    again = leg.request("INFO", by=by, to_tag=True, body=body, kind="application/dtmf-relay", src=PROXY, dst=other, cseq=t["cseq"],
                        more_vias=(t["via"],))
    leg.reply(again, 200, src=other, dst=PROXY)
    leg.reply(t, 200, src=PROXY, dst=side)
    return t["cseq"]


def info_case(c, presses, want):
    """presses: (ms after EPOCH, what sends it)."""
    talk, s, r = Talk(), Stream().talk(8), back().talk(8)
    for at, press in presses:
        press(talk.at(wire.EPOCH + at * MS))
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1)
    c.stream(r, call=1)
    c.call(dtmf=want)


def dtmf_info_proxied(c):
    """Pressed once, seen in front of a proxy and behind it: one 7."""
    info_case(c, [(3000, lambda leg: relay(leg, 7))], "7")


def dtmf_info_proxied_slowly(c):
    """The proxy takes a second."""
    info_case(c, [(3000, lambda leg: relay(leg, 7, gap_ms=1000))], "7")


def dtmf_info_proxied_twice(c):
    """77 is two requests, whose CSeq differ, also when they are 100 ms apart."""
    info_case(c, [(3000, lambda leg: relay(leg, 7)), (3100, lambda leg: relay(leg, 7)), (4000, lambda leg: relay(leg, 8))], "778")


def dtmf_info_both_sides(c):
    """Caller and callee press a key with the same CSeq number: their tags tell them apart."""
    info_case(c, [(3000, lambda leg: relay(leg, 4, cseq=77)), (3500, lambda leg: relay(leg, 4, by="callee", cseq=77))], "44")


def speech_behind(c, s, late):
    """Every packet takes 10 ms through the network; the one just behind the digit takes none, and one soon after it 65 ms. In a buffer
    that was set by the first packet of the talkspurt this is 55 ms, and in time; in one that the packet behind the digit set, late."""
    first = len(s.sent)
    s.talk(4, marker=False).delay(range(len(s.sent)), 10).delay((first,), -10).delay((first + 3,), 55)
    assert s.truth()["late"] == late
    simple(c, s, back().talk(7))


def dtmf_no_talkspurt(c):
    """A packet of speech behind a digit begins no talkspurt: its early arrival makes none late."""
    speech_behind(c, Stream().talk(3).digit(5), 0)


def dtmf_no_talkspurt_sparse(c):
    """The same with an update of the event each 60 ms: its packets are fewer than its time."""
    s = Stream().talk(3)
    start = s.ticks
    for i in range(4):
        s.event(5, False, 10, (i + 1) * 480, 101, i == 0, start)
        s.advance(60, 480)
    for _ in range(3):
        s.event(5, True, 10, 4 * 480, 101, False, start)
    speech_behind(c, s, 0)


def dtmf_lost_no_talkspurt(c):
    """The same where the event's end is lost."""
    s = Stream().talk(3).digit(5)
    speech_behind(c, s.lose(*range(len(s.sent) - 3, len(s.sent))), 0)


def dtmf_then_silence(c):
    """Behind the digit the sender is silent for a second, and no marker says that speech begins: the timestamps do."""
    speech_behind(c, Stream().talk(3).digit(5).silence(1), 1)


def many(c, count, **facts):
    keys = "0123456789*#"
    s = Stream().talk(1)
    for i in range(count):
        s.digit(i * 7 % 12, packets=2, spacing=20).talk(0.04, marker=False)
    s.talk(5, marker=False)
    want = "".join(keys[i * 7 % 12] for i in range(count))
    talk, r = Talk(), back().talk(8)
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, dtmf=[{"digit": k, "ended": True} for k in want[:1024]], **facts)
    c.stream(r, call=1)
    c.call(dtmf=want[:1024])


def dtmf_300(c):
    """A robot that types 300 digits: all of them are there, in the stream and in the call."""
    many(c, 300, dtmf_left_out=ABSENT)


def dtmf_1100(c):
    """1,100 digits: the first 1,024 are kept, the others are counted, each once though it has five packets."""
    many(c, 1100, dtmf_left_out=76)


def dtmf_all_bruised(c):
    """All 17 codes twice over, in any order, while packets are lost, overtaken and repeated: an observer of the bytes finds the same
    events, durations and ends. Of each event at least one packet arrives."""
    rng, s = random.Random(17), Stream().talk(1)
    codes = list(range(17)) * 2
    rng.shuffle(codes)
    for code in codes:
        begin = len(s.sent)
        s.digit(code, packets=rng.randrange(3, 12), volume=rng.randrange(0, 36))
        own = range(begin, len(s.sent))
        left = rng.choice(own)
        s.lose(*[i for i in own if i != left and rng.random() < 0.3])
        s.delay([i for i in own if rng.random() < 0.1], 25).repeat([i for i in own if i not in s.lost and rng.random() < 0.1], 10)
        s.talk(0.3, marker=False)
    s.talk(5, marker=False)
    seen = events(s.wire())
    assert [e["digit"] for e in seen] == [KEYS[code] for code in codes]
    talk = Talk()
    c.capture(sorted(talk.end(s.now) + s.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, dtmf=seen)
    c.call(dtmf="".join(KEYS[code] for code in codes))


def dtmf_info_all(c):
    """All 16 keys and flash by INFO, in front of a proxy and behind it."""
    info_case(c, [(2500 + 300 * i, lambda leg, i=i: relay(leg, i if i > 9 else KEYS[i])) for i in range(17)], KEYS)

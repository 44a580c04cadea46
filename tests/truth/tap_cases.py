"""What the capture itself lost, told from what the network lost: the observer here knows which packets were sent and which were captured."""
import random

import wire
from rtp import MS, Stream
from scene import ABSENT, ALICE, BOB, sdp
from talk import Talk, back, simple

SECOND = 10**9


def trunk(count, seconds, rate, seed, start=0, ptime=20, first=0):
    """Streams of both directions, each with a phase, a jitter and losses of its own."""
    rng, streams = random.Random(seed), []
    for i in range(first, first + count):
        near, far = ("10.1.0.1", 4000 + 2 * i), ("10.2.0.2", 6000 + 2 * i)
        s = Stream(src=near if i % 2 else far, dst=far if i % 2 else near, ssrc=0x70000000 + i, seq=rng.randrange(65536), ptime=ptime,
                   size=8 * ptime, start=wire.EPOCH + round(start * SECOND) + round(rng.uniform(0, 20) * MS))
        s.talk(seconds, marker=False).jitter(lambda r: abs(r.gauss(0, 1)), rng.random())
        streams.append(s.lose_random(rate, rng.random()) if rate else s)
    return streams


def outage(streams, at, ms):
    """The tap is deaf from `at` (ns) on for so long: what would have arrived then is in no capture."""
    for s in streams:
        s.lose(*[i for i, p in enumerate(s.sent) if at <= p.at + s.delays.get(i, 0) < at + ms * MS])


def hole_of(s, at, ms):
    """How many numbers are missing between the last packet captured before the outage and the first one behind it."""
    before = max(p.index for arrival, p in s.arrivals() if arrival < at)
    return min(p.index for arrival, p in s.arrivals() if arrival >= at + ms * MS) - before - 1


def publish(c, streams, outages=()):
    c.capture(sorted((row for s in streams for row in s.wire()), key=lambda row: row[0]))
    for s in streams:
        holes = [hole_of(s, at, ms) for at, ms in outages]
        c.stream(s, call=ABSENT, delta_ms=None, gaps={"count": len(holes), "packets": sum(holes)} if holes else ABSENT)


def independent(c, count, seconds=10):
    streams = []
    for i, rate in enumerate((0.03, 0.05, 0.10)):
        streams += trunk(count, seconds, rate, 100 * count + i, start=i * (seconds + 2), first=i * count)
    publish(c, streams)


def tap_spared_8(c):
    """8 streams that lose 3, 5, then 10 % at random: gaps fall into one 50 ms often enough, but each is the network's."""
    independent(c, 8)


def tap_spared_20(c):
    """The same on 20 streams."""
    independent(c, 20)


def tap_spared_50(c):
    """The same on 50: in any 100 ms most of them lose something."""
    independent(c, 50, 6)


def tap_spared_4(c):
    """Four streams that lose 10 % for two minutes: all four lose the same 20 ms now and then."""
    publish(c, trunk(4, 120, 0.10, 12))


def tap_spared_congestion(c):
    """Clean for 6 s, then 8 streams lose 30 % at random: what the streams were like before says nothing about what they are like now."""
    streams = trunk(8, 12, 0, 31)
    for i, s in enumerate(streams):
        rng = random.Random(400 + i)
        s.lose(*[k for k in range(300, 598) if rng.random() < 0.30])
    publish(c, streams)


def tap_spared_one_direction(c):
    """200 ms are missing on all streams of one direction while the other goes on: the tap heard, the path was down."""
    streams = trunk(16, 8, 0, 41)
    outage(streams[::2], wire.EPOCH + 4 * SECOND, 200)
    publish(c, streams)


def deaf(c, count, rate, ms, seed):
    streams, at = trunk(count, 10, rate, seed), wire.EPOCH + round(4.321 * SECOND)
    outage(streams, at, ms)
    publish(c, streams, [(at, ms)])


def tap_deaf_60(c):
    """The tap is deaf for 60 ms: each of 8 streams misses three packets or so at the same time."""
    deaf(c, 8, 0, 60, 51)


def tap_deaf_200(c):
    """For 200 ms, 20 streams."""
    deaf(c, 20, 0, 200, 52)


def tap_deaf_lossy_8(c):
    """200 ms on 8 streams that lose 5 % at random as well."""
    deaf(c, 8, 0.05, 200, 53)


def tap_deaf_lossy_20(c):
    """60 ms on 20 streams that lose 5 % at random as well."""
    deaf(c, 20, 0.05, 60, 54)


def tap_deaf_lossy_50(c):
    """60 ms on 50 streams that lose 10 % at random as well."""
    deaf(c, 50, 0.10, 60, 55)


def tap_deaf_long(c):
    """3 s: longer than the moments that are kept."""
    deaf(c, 8, 0, 3000, 56)


def tap_deaf_twice(c):
    """Twice, 300 ms apart: two gaps on each stream."""
    streams, at = trunk(12, 8, 0, 57), wire.EPOCH + 4 * SECOND
    outages = [(at, 80), (at + 300 * MS, 120)]
    for begin, ms in outages:
        outage(streams, begin, ms)
    publish(c, streams, outages)


def tap_deaf_at_the_end(c):
    """The capture ends 100 ms after the outage."""
    streams, at = trunk(12, 5, 0, 58), wire.EPOCH + round(4.85 * SECOND)
    outage(streams, at, 60)
    publish(c, streams, [(at, 60)])


def tap_deaf_in_silence(c):
    """Half of the streams are silent when the tap is deaf (their senders suppress silence): they missed nothing and speak for nobody."""
    streams, at = trunk(16, 10, 0, 59), wire.EPOCH + 4 * SECOND
    for s in streams[::2]:
        quiet = Stream(src=s.src, dst=s.dst, ssrc=s.ssrc, seq=s.seq, start=s.sent[0].at)
        s.sent = quiet.talk(3.5, marker=False).silence(3).talk(3).sent
    outage(streams, at, 100)
    c.capture(sorted((row for s in streams for row in s.wire()), key=lambda row: row[0]))
    for i, s in enumerate(streams):
        c.stream(s, call=ABSENT, delta_ms=None, gaps={"count": 1, "packets": hole_of(s, at, 100)} if i % 2 else ABSENT)


def tap_deaf_packet_times(c):
    """Streams of 10, 20, 30 and 40 ms a packet share one outage of 90 ms."""
    streams, at = [], wire.EPOCH + 4 * SECOND
    for i, ptime in enumerate((10, 20, 30, 40)):
        streams += trunk(3, 8, 0, 60 + i, ptime=ptime, first=3 * i)
    outage(streams, at, 90)
    publish(c, streams, [(at, 90)])


def tap_lost(c):
    """The same 300 ms are missing on 8 of 8 streams of four calls: the capture's loss, and said so on each."""
    rows, streams = [], []
    for i in range(4):
        talk = Talk(f"call{i}-{i}@example.com", offer=sdp(ALICE, 4000 + 10 * i, 1), answer=sdp(BOB, 6000 + 10 * i, 2))
        a = Stream(src=("10.1.0.1", 4000 + 10 * i), dst=("10.2.0.2", 6000 + 10 * i), ssrc=100 + i, start=wire.EPOCH + (2020 + i) * MS)
        b = back(src=("10.2.0.2", 6000 + 10 * i), dst=("10.1.0.1", 4000 + 10 * i), ssrc=200 + i, start=wire.EPOCH + (2025 + i) * MS)
        for s in (a, b):
            s.talk(10).lose(*range(200, 215))
            streams.append(s)
        rows += talk.end(a.now) + a.wire() + b.wire()
    c.capture(sorted(rows, key=lambda row: row[0]))
    for s in streams:
        c.stream(s, gaps={"count": 1, "packets": 15})


def tap_not_to_blame(c):
    """Loss on one of two streams is the network's."""
    simple(c, Stream().talk(10).lose(*range(200, 215)), back().talk(10), gaps=ABSENT)

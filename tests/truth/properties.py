"""What must hold for any stream: worse traffic never scores better, and how a capture is cut into files changes nothing."""
import os

import wire
from rtp import MS, Stream
from talk import Talk, back


def write(folder, name, rows):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(wire.pcap([(at, wire.ethernet(p)) for at, p in rows], wire.ETHERNET))
    return path


def scores(sipvet, folder, records_of, streams):
    """MOS-LQ of each, all in one capture without signaling."""
    rows = sorted((row for s in streams for row in s.wire()), key=lambda row: row[0])
    records = records_of(sipvet, [write(folder, "sweep.pcap", rows)])
    found = {r["ssrc"]: r["mos"]["lq"] for r in records if r["record"] == "stream"}
    return [found[f"0x{s.ssrc:08x}"] for s in streams]


def falls(values, what):
    for i, (before, after) in enumerate(zip(values, values[1:])):
        if after > before + 1e-9:
            return f"{what}: step {i + 1} scores {after} after {before}"
    return "" if values[-1] < values[0] else f"{what}: nothing changes from {values[0]}"


def stream(i):
    return Stream(src=("10.1.0.1", 4000 + 2 * i), ssrc=1000 + i).talk(12, marker=False)


def more_loss(sipvet, folder, records_of):
    """Nested sets of losses: each step loses what the one before lost, and more."""
    steps = [[i * 7 % 590 + 5 for i in range(n)] for n in (0, 1, 3, 6, 12, 25, 50, 100, 200, 350)]
    return falls(scores(sipvet, folder, records_of, [stream(i).lose(*s) for i, s in enumerate(steps)]), "loss")


def longer_bursts(sipvet, folder, records_of):
    """The same number of losses in longer runs."""
    runs = (1, 2, 4, 6, 12)
    lost = [[start + k for start in range(20, 580, 46 * run) for k in range(run)] for run in runs]
    lost = [s[:12] for s in lost]
    return falls(scores(sipvet, folder, records_of, [stream(i).lose(*s) for i, s in enumerate(lost)]), "bursts")


def more_jitter(sipvet, folder, records_of):
    """The same pattern of delays, stretched: more packets come too late."""
    streams = []
    for i, most in enumerate((0, 10, 40, 59, 65, 80, 120, 200, 400)):
        streams.append(stream(i).jitter(lambda rng, most=most: most * rng.random() ** 2))
        streams[-1].delays[0] = 0
    return falls(scores(sipvet, folder, records_of, streams), "jitter")


def call_rows():
    talk, s, r = Talk(), Stream().talk(12).lose_random(0.03).jitter(lambda rng: rng.uniform(0, 30)), back().talk(12).repeat(range(9, 500, 40))
    s.digit(5).talk(1)
    rows = sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0])
    last, apart = 0, []
    for at, packet in rows:  # no two in one microsecond: files could not say which came first
        last = max(last + 1000, at // 1000 * 1000)
        apart.append((last, packet))
    return apart


def comparable(records):
    drop = {"files", "elapsed_ms", "peak_memory_bytes", "frame"}
    return [{k: v for k, v in r.items() if k not in drop} for r in records]


def split_files(sipvet, folder, records_of):
    """One capture, the same in two files in either order, and in alternating packets: the same records."""
    rows = call_rows()
    whole = comparable(records_of(sipvet, [write(folder, "whole.pcap", rows)]))
    middle = len(rows) // 2
    halves = [write(folder, "half1.pcap", rows[:middle]), write(folder, "half2.pcap", rows[middle:])]
    turns = [write(folder, "even.pcap", rows[::2]), write(folder, "odd.pcap", rows[1::2])]
    for paths in (halves, halves[::-1], turns, turns[::-1]):
        other = comparable(records_of(sipvet, paths))
        if other != whole:
            bad = next((a, b) for a, b in zip(whole, other) if a != b)
            return f"{[os.path.basename(p) for p in paths]}: {[(k, bad[0].get(k), bad[1].get(k)) for k in bad[0] if bad[0].get(k) != bad[1].get(k)]}"
    return ""


TESTS = [(f.__name__, f) for f in (more_loss, longer_bursts, more_jitter, split_files)]

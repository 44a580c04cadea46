"""RTP streams whose faults are known, and what they amount to, computed from what was sent and not from what the wire shows."""
import random
import struct

import emodel
import wire

MS = 10**6
AUDIO, EVENT, NOISE = "audio", "event", "noise"


class Packet:
    """One packet as sent: index counts all packets of the sequence without wrapping, ticks the timestamp without wrapping."""

    def __init__(self, at, index, ticks, pt, kind, payload, marker=False, part=0):
        self.at, self.index, self.ticks, self.pt, self.kind = at, index, ticks, pt, kind
        self.payload, self.marker, self.part = payload, marker, part

    def ends(self):
        """Where the event's duration ends so far; of any other packet where it begins."""
        return self.ticks + (struct.unpack(">H", self.payload[2:4])[0] if self.kind == EVENT else 0)


class Stream:
    """A sender. talk() and the like append packets; faults change what arrives; arrivals() is the order of capture."""

    def __init__(self, src=("10.1.0.1", 4000), dst=("10.2.0.2", 6000), ssrc=0x1234abcd, pt=0, clock=8000, ptime=20, seq=1000, ts=160000,
                 size=160, start=wire.EPOCH + 2020 * MS):
        self.src, self.dst, self.ssrc, self.pt, self.clock, self.ptime, self.seq, self.ts = src, dst, ssrc, pt, clock, ptime, seq, ts
        self.size, self.now, self.index, self.ticks, self.part = size, start, 0, 0, 0
        self.sent, self.delays, self.lost, self.twice, self.offset = [], {}, set(), {}, {0: 0}
        self.model = (emodel.NARROW, 0, 25.1)

    def step(self):
        return self.clock * self.ptime // 1000

    def put(self, kind=AUDIO, pt=None, payload=None, marker=False, ticks=None):
        payload = bytes([0x55 + self.index % 7]) * self.size if payload is None else payload
        self.sent.append(Packet(self.now, self.index, self.ticks if ticks is None else ticks, self.pt if pt is None else pt, kind, payload,
                                marker, self.part))
        self.index += 1

    def advance(self, ms=None, step=None):
        self.now += round((self.ptime if ms is None else ms) * MS)
        self.ticks += self.step() if step is None else step

    def talk(self, seconds, marker=True, pt=None):
        for i in range(round(seconds * 1000 / self.ptime)):
            self.put(marker=marker and i == 0, pt=pt)
            self.advance()
        return self

    def silence(self, seconds, advance=True):
        """Nothing is sent; the timestamp goes on (RFC 3550 5.1), or not (a bad sender)."""
        self.now += round(seconds * 1000 * MS)
        self.ticks += round(seconds * self.clock) if advance else 0
        return self

    def digit(self, code, packets=8, ends=3, pt=101, volume=10, spacing=20, begin=0, fixed=True):
        """RFC 4733: one timestamp for all packets of the event. begin: first packet that is sent; fixed False: a broken sender."""
        first, step = self.ticks, self.step()
        for i in range(packets):
            duration = min((i + 1) * step, 0xffff)
            self.event(code, False, volume, duration, pt, i == 0, first if fixed else self.ticks, i >= begin)
            self.advance(spacing, step)
        for i in range(ends):
            self.event(code, True, volume, packets * step, pt, False, first if fixed else self.ticks, True)
        return self

    def event(self, code, end, volume, duration, pt, marker, ticks, send=True):
        if send:
            self.put(EVENT, pt, struct.pack(">BBH", code, (0x80 if end else 0) | volume, duration), marker, ticks)

    def noise(self, pt=13):
        self.put(NOISE, pt, b"\x40")
        self.advance()
        return self

    def jump(self, by):
        """The sender begins another sequence."""
        self.part += 1
        self.offset[self.part] = self.offset[self.part - 1] + by
        return self

    # ---- faults: by position in `sent` ----

    def lose(self, *positions):
        self.lost |= set(positions)
        return self

    def lose_random(self, rate, seed=1):
        rng = random.Random(seed)
        return self.lose(*[i for i in range(1, len(self.sent) - 1) if rng.random() < rate])

    def lose_bursts(self, p, q, seed=2):
        rng, bad = random.Random(seed), False
        for i in range(1, len(self.sent) - 1):
            bad = rng.random() < p if not bad else rng.random() >= q
            if bad:
                self.lost.add(i)
        return self

    def delay(self, positions, ms):
        for i in positions:
            self.delays[i] = self.delays.get(i, 0) + round(ms * MS)
        return self

    def jitter(self, draw, seed=3):
        """draw: random generator -> ms of delay, at least 0."""
        rng = random.Random(seed)
        for i in range(len(self.sent)):
            self.delays[i] = self.delays.get(i, 0) + round(draw(rng) * MS)
        return self

    def repeat(self, positions, after_ms=0.05):
        for i in positions:
            self.twice[i] = round(after_ms * MS)
        return self

    def arrivals(self):
        """(capture time, packet), in order of time."""
        rows = []
        for i, packet in enumerate(self.sent):
            if i in self.lost:
                continue
            at = packet.at + self.delays.get(i, 0)
            rows.append((at, packet))
            if i in self.twice:
                rows.append((at + self.twice[i], packet))
        rows.sort(key=lambda row: row[0])
        return rows

    # ---- the wire ----

    def sequence(self, packet):
        return (self.seq + packet.index + self.offset[packet.part]) & 0xffff

    def bytes(self, packet):
        return struct.pack(">BBHII", 0x80, packet.pt | (0x80 if packet.marker else 0), self.sequence(packet),
                           (self.ts + packet.ticks) & 0xffffffff, self.ssrc) + packet.payload

    def wire(self):
        return [(at, wire.udp_packet(self.src, self.dst, self.bytes(p))) for at, p in self.arrivals()]

    # ---- the truth ----

    def truth(self, buffer_ms=60):
        rows = self.arrivals()
        seen, fresh, highest, duplicates, reordered = set(), [], None, 0, 0
        for at, packet in rows:
            if packet.index in seen:
                duplicates += 1
                continue
            if highest is not None and packet.index < highest:
                reordered += 1
            highest = packet.index if highest is None else max(highest, packet.index)
            seen.add(packet.index)
            fresh.append((at, packet))
        bounds = {}
        for _, p in fresh:
            low, high = bounds.get(p.part, (p.index, p.index))
            bounds[p.part] = (min(low, p.index), max(high, p.index))
        expected = sum(high - low + 1 for low, high in bounds.values())
        late = self.late(fresh, buffer_ms)
        states = []
        for low, high in bounds.values():
            states += ["D" if i in late else "R" if i in seen else "L" for i in range(low, high + 1)]
        facts = {"packets": len(rows), "bytes": sum(12 + len(p.payload) for _, p in rows), "expected": expected,
                 "lost": expected - len(fresh), "duplicates": duplicates, "reordered": reordered, "late": len(late),
                 "loss_pct": 100 * (expected - len(fresh)) / expected, "late_pct": 100 * len(late) / expected}
        facts.update(self.jitter_truth(fresh, len(rows)))
        deltas = [b[0] - a[0] for a, b in zip(rows, rows[1:])]
        if deltas:
            facts["delta_ms"] = {"mean": sum(deltas) / len(deltas) / MS, "max": max(deltas) / MS}
        bad, runs = sum(s != "R" for s in states), sum(s != "R" and (i == 0 or states[i - 1] == "R") for i, s in enumerate(states))
        rate = bad / len(states)
        burst_r = max(1, bad / runs * (1 - rate)) if bad else 1
        facts["burst"] = {"burst_r": burst_r, **burst_truth(states, self.ptime)}
        if self.model and rows[-1][0] - rows[0][0] >= 5 * 10**9:
            model, ie, bpl = self.model
            facts["mos"] = {"lq": emodel.score(model, ie, bpl, 100 * rate, burst_r), "model": model, "ie": ie, "bpl": bpl,
                            "loss_pct": 100 * rate, "burst_r": burst_r}
        return facts

    def late(self, fresh, buffer_ms):
        """Indexes of packets that come after their turn in a buffer that each talkspurt's first packet sets. Speech that goes on where
        an event ended is no talkspurt."""
        late, anchor, highest, newest = set(), None, None, None
        for at, packet in fresh:
            before, newest = newest, packet if newest is None or packet.index > newest.index else newest
            if packet.kind != AUDIO:
                continue
            transit = at - packet.ticks * 10**9 / self.clock
            ahead = highest is not None and packet.index > highest.index
            skipped = ahead and packet.ticks - before.ends() > (packet.index - before.index) * self.step()
            other = ahead and (packet.part != highest.part or packet.pt != highest.pt)
            if anchor is None or other or (ahead and (packet.marker or skipped)):
                anchor = transit
            if transit > anchor + buffer_ms * MS:
                late.add(packet.index)
            highest = packet if highest is None or packet.index > highest.index else highest
        return late

    def jitter_truth(self, fresh, total):
        """RFC 3550 A.8 in real numbers, over audio packets in order of arrival."""
        j, before, values = 0.0, None, []
        for at, packet in fresh:
            if packet.kind != AUDIO:
                continue
            if before is not None and packet.pt == before[1].pt and packet.part == before[1].part and packet.ticks != before[1].ticks:
                d = (at - before[0]) - (packet.ticks - before[1].ticks) * 10**9 / self.clock
                j += (abs(d) - j) / 16
                values.append(j)
            if before is None or packet.ticks != before[1].ticks:
                before = (at, packet)
        if not values:
            return {}
        return {"jitter_ms": {"mean": sum(values) / len(values) / MS, "max": max(values) / MS, "last": values[-1] / MS}}


def burst_truth(states, ptime, gmin=16):
    """RFC 3611 A.2, packet by packet."""
    c = dict.fromkeys(("11", "13", "14", "22", "23", "33"), 0)
    good = run = 0
    for s in states:
        if s == "R":
            good += 1
            continue
        if good >= gmin:
            c["14" if run == 1 else "13"] += 1
            run = 1
            c["11"] += good
        else:
            run += 1
            if good == 0:
                c["33"] += 1
            else:
                c["23"] += 1
                c["22"] += good - 1
        good = 0
    if c["13"] == 0 or c["23"] + c["33"] == 0:
        return {}
    total = c["11"] + c["14"] + 2 * c["13"] + c["22"] + 2 * c["23"] + c["33"]
    p32 = c["23"] / (c["13"] + c["23"] + c["33"])
    p23 = 1 if c["22"] + c["23"] < 1 else 1 - c["22"] / (c["22"] + c["23"])
    gap = (c["11"] + c["14"] + c["13"]) * ptime / c["13"]
    return {"burst_loss_pct": 100 * p23 / (p23 + p32), "gap_loss_pct": 100 * c["14"] / (c["11"] + c["14"]) if c["11"] + c["14"] else 0,
            "gap_ms": gap, "burst_ms": total * ptime / c["13"] - gap}

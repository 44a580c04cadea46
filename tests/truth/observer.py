"""A second computation: what a stream's packets amount to, from their bytes in order of capture alone. It knows nothing of how they
were made, and works otherwise than the program: all numbers are unwrapped first, then they are looked at as sets."""
import struct


def numbers(rows):
    """(capture time, extended number) of each packet: each number lies nearest to the highest one before it."""
    out, highest = [], None
    for at, packet in rows:
        rtp = packet[28:]  # IPv4 and UDP
        number = struct.unpack(">H", rtp[2:4])[0]
        if highest is not None:
            number = highest + ((number - highest + 0x8000) & 0xffff) - 0x8000
        highest = number if highest is None else max(highest, number)
        out.append((at, number))
    return out


def observe(rows):
    """Of a sequence without restarts or outages."""
    seen = numbers(rows)
    order = [n for _, n in seen]
    first = {}
    for i, n in enumerate(order):
        first.setdefault(n, i)
    expected = max(order) - min(order) + 1
    reordered = sum(1 for n, i in first.items() if any(order[k] > n for k in range(max(0, i - 200), i)))
    return {"packets": len(order), "expected": expected, "lost": expected - len(first), "duplicates": len(order) - len(first),
            "reordered": reordered, "loss_pct": 100 * (expected - len(first)) / expected}


KEYS = "0123456789*#ABCD!"


def events(rows, payload_type=101, clock=8000):
    """The telephone events among the packets (RFC 4733 2.5.1: one timestamp each), in order of capture."""
    found = {}
    for _, packet in rows:
        rtp = packet[28:]
        if rtp[1] & 0x7f != payload_type:
            continue
        timestamp, (code, flags, duration) = rtp[4:8], struct.unpack(">BBH", rtp[12:16])
        event = found.setdefault(timestamp, {"digit": KEYS[code], "ended": False, "duration_ms": 0, "volume_dbm0": -(flags & 0x3f)})
        event["ended"] |= flags >= 0x80
        event["duration_ms"] = max(event["duration_ms"], 1000 * duration / clock)
    return list(found.values())

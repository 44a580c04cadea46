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

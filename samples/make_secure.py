#!/usr/bin/env python3
"""Makes samples/secure.pcap and its key log samples/secure.keys: a call whose SIP goes over TLS, with SRTP and SRTCP by the keys in its
descriptions, and one whose packets no key opens that was said. TLS secrets are random: each run makes another file.
Usage: samples/make_secure.py"""
import os
import struct
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", folder) for folder in ("secure", "cases", "truth")]
import run  # noqa: E402
import tunnel  # noqa: E402
import wire  # noqa: E402
from media import A, B, Call, Seal, sdp  # noqa: E402
from scene import Leg, Scene  # noqa: E402

KEYS = os.path.join(HERE, "secure.keys")
HERE_SSRC, THERE_SSRC = 0x5ec0e701, 0xb0b


def report(kind, ssrc, body, block):
    """A sender or receiver report with one block: fraction, lost, jitter (RFC 3550 6.4)."""
    data = struct.pack(">I", ssrc) + body + struct.pack(">IIIIII", block[0], block[1] << 24 | block[2], 1200, block[3], 0, 0)
    return struct.pack(">BBH", 0x81, kind, len(data) // 4) + data


def opened(cert):
    ours, theirs = Seal(seed=1), Seal(seed=2)
    call = Call([ours.line()], [theirs.line()], tunnel.Tls(cert, KEYS), (("10.1.0.1", 40000), ("10.2.0.2", 5061)))
    call.pick_up()
    begun = call.scene.now
    call.stream(theirs, B, A, THERE_SSRC, digits="", seconds=12)
    ended, call.scene.now = call.scene.now, begun
    call.stream(ours, ssrc=HERE_SSRC, digits="159", seconds=3)
    a, b = (A[0], A[1] + 1), (B[0], B[1] + 1)
    sent = struct.pack(">IIIII", 0x83aa7e80, 0, 16000, 250, 40000)
    for at, src, dst, data in (
            (5.1, a, b, ours.protect_rtcp(report(200, HERE_SSRC, sent, (THERE_SSRC, 0, 0, 16)), 1)),
            (5.6, b, a, theirs.protect_rtcp(report(201, THERE_SSRC, b"", (HERE_SSRC, 13, 12, 80)), 1)),
            (10.2, b, a, theirs.protect_rtcp(report(201, THERE_SSRC, b"", (HERE_SSRC, 0, 12, 40)), 2))):
        call.scene.packets.append((begun + round(at * wire.SECOND), wire.udp_packet(src, dst, data)))
    call.scene.now = max(call.scene.now, ended)
    return call.frames()


def closed():
    said, used = Seal(seed=3), Seal(seed=4)
    call = Call.__new__(Call) # with a Call-ID of its own
    call.scene, call.answer, call.begun = Scene(), [Seal(seed=5).line()], False
    call.leg = Leg(call.scene, "closed@example.com", caller=("10.1.0.7", 5060), callee=("10.2.0.2", 5060))
    call.leg.invite(sdp(A, [said.line()]))
    call.scene.wait(500)
    call.pick_up()
    call.stream(used, ("10.1.0.1", 4000), B, 0xc105ed, digits="", seconds=6)
    return call.frames()


def main():
    if os.path.exists(KEYS):
        os.unlink(KEYS)
    with tempfile.TemporaryDirectory() as folder:
        frames = opened(tunnel.certificate(folder))
    later = 20 * wire.SECOND
    frames += [(at + later, frame) for at, frame in closed()]
    with open(os.path.join(HERE, "secure.pcap"), "wb") as f:
        f.write(run.pcap(sorted(frames, key=lambda frame: frame[0])))


if __name__ == "__main__":
    main()

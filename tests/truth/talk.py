"""A call with media, and what the program must say of it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases"))
import wire  # noqa: E402
from scene import ABSENT, ALICE, BOB, MS, REASONS, AnyOf, Has, Leg, Scene, sdp  # noqa: E402,F401

from rtp import Stream  # noqa: E402

HERE, THERE = ("10.1.0.1", 4000), ("10.2.0.2", 6000)  # where sdp() of scene.py announces the caller's and the callee's audio


class Case:
    """files, arguments, and the facts that records must hold."""

    def __init__(self, name, about):
        self.name, self.about, self.frames, self.options = name, about, [], []
        self.streams, self.calls, self.findings = [], [], []
        self.count = None          # of stream records; None: as many as facts
        self.never_rules = []
        self.linktype = wire.ETHERNET

    def stream(self, stream, **facts):
        """The stream's truth and, over it, facts about it. ABSENT: missing or null."""
        truth = stream.truth()
        for key, value in facts.items():
            if isinstance(value, dict) and isinstance(truth.get(key), dict):
                truth[key] = {**truth[key], **value}
            else:
                truth[key] = value
        truth = {k: v for k, v in truth.items() if v is not None}
        self.streams.append({"ssrc": f"0x{stream.ssrc:08x}", "src": wire_text(stream.src), "dst": wire_text(stream.dst), **truth})

    def call(self, **facts):
        self.calls.append(facts)

    def capture(self, packets, link=wire.ethernet):
        self.frames += [(at, link(p)) for at, p in packets]


def wire_text(place):
    return f"[{place[0]}]:{place[1]}" if ":" in place[0] else f"{place[0]}:{place[1]}"


class Talk:
    """A call of alice and bob from EPOCH on: 200 at 2 s, ACK at 2.01 s, BYE when end() says. Media may begin at 2.02 s."""

    def __init__(self, call_id="call-1@example.com", caller=ALICE, callee=BOB, offer=None, answer=None, carrier=None, start=wire.EPOCH,
                 ack=True):
        self.scene = Scene(carrier, start)
        self.leg = Leg(self.scene, call_id, caller, callee)
        self.leg.invite(body=offer or sdp(caller, 4000, 1))
        self.scene.wait(100)
        self.leg.reply(self.leg.invited, 180)
        self.scene.wait(1900)
        self.leg.answer(body=answer or sdp(callee, 6000, 2))
        self.scene.wait(10)
        if ack:
            self.leg.ack()

    def at(self, ns):
        self.scene.now = ns
        return self.leg

    def end(self, ns, by="caller"):
        self.scene.now = ns + 50 * MS
        self.leg.bye(by)
        return self.scene.packets


def simple(c, *streams, link=wire.ethernet, talk=None, facts=None, **per_stream):
    """A call whose streams are these, one of each direction or the same; each must show its truth."""
    talk = talk or Talk()
    last = max(s.now for s in streams)
    packets = talk.end(last) + [row for s in streams for row in s.wire()]
    packets.sort(key=lambda row: row[0])
    c.capture(packets, link)
    for s in streams:
        c.stream(s, call=1, why="sdp", **per_stream)
    if facts is not None:
        c.call(**facts)
    return talk


def back(**more):
    """The callee's stream to the caller."""
    return Stream(**{"src": THERE, "dst": HERE, "ssrc": 0x0badcafe, "seq": 30000, **more})

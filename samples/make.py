#!/usr/bin/env python3
"""Makes samples/trunk.pcap: two minutes on a SIP trunk where one call of each kind goes well or wrong. Usage: samples/make.py"""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", folder) for folder in ("cases", "truth")]
import wire  # noqa: E402
from rtp import Stream  # noqa: E402
from scene import MS, Leg, Scene, sdp  # noqa: E402

SBC, TRUNK, PHONE = ("192.0.2.10", 5060), ("203.0.113.20", 5060), ("192.0.2.71", 5060)
DEAD = ("203.0.113.99", 5060)
AGENTS = ("ExampleSBC 4.2", "ExampleTrunk")


class Call(Leg):
    """A leg whose caller receives its media at a port of its own."""

    def invite(self, body=None, codecs=((0, "PCMU/8000"), (101, "telephone-event/8000")), **more):
        return super().invite(body=body or sdp(self.places["caller"], port=self.port, session=self.session, codecs=codecs), **more)


def leg(scene, number, caller=SBC, callee=TRUNK, from_user="+12025550143", to_user="+12065550100", **more):
    call = Call(scene, call_id=f"{number:04x}c0de{number * 7919:08x}@{caller[0]}", caller=caller, callee=callee, from_user=from_user,
               to_user=to_user, agents=AGENTS if caller == SBC else AGENTS[::-1], session=1769860000 + number * 37, **more)
    call.port = 16000 + 2 * number
    return call


def at(scene, seconds):
    scene.now = wire.EPOCH + round(seconds * 1000) * MS


G729 = ((18, "G729/8000"), (101, "telephone-event/8000"))


def media(scene, call, callee, begin, end, ssrc):
    """G.729 both ways: the caller's with loss, jitter and digits, the callee's clean."""
    out = Stream(src=(SBC[0], call.port), dst=(callee[0], 23000), ssrc=ssrc, pt=18, size=20, start=begin)
    out.talk(2)
    for digit in (1, 2, 11):
        out.digit(digit).talk(0.3, marker=False)
    out.talk((end - out.now) / 1e9, marker=False)
    out.lose_bursts(0.004, 0.25, seed=5).jitter(lambda rng: rng.expovariate(1 / 4))
    back = Stream(src=(callee[0], 23000), dst=(SBC[0], call.port), ssrc=ssrc + 1, pt=18, size=20, seq=64000, start=begin)
    back.talk((end - begin) / 1e9).jitter(lambda rng: rng.uniform(0, 2))
    scene.packets += out.wire() + back.wire()


def challenged(scene, number):
    """407, then the same call with credentials: one call, completed."""
    call = leg(scene, number)
    call.invite(codecs=G729)
    scene.wait(24)
    call.reply(call.invited, 407, headers=[("Proxy-Authenticate", 'Digest realm="trunk.example", nonce="b7c1", algorithm=MD5')])
    scene.wait(2)
    call.ack(status=407, to_tag=True)
    scene.wait(1)
    call.invite(codecs=G729, headers=[("Proxy-Authorization", 'Digest username="sbc", realm="trunk.example", nonce="b7c1", uri="sip:trunk.example", '
                                                 'response="5ccc069c403ebaf9f0171e9517f40e41"')])
    scene.wait(24)
    call.reply(call.invited, 100)
    scene.wait(1210)
    call.reply(call.invited, 183, body=sdp(TRUNK, port=23000, session=call.session + 1, codecs=G729))
    scene.wait(2400)
    call.answer(body=sdp(TRUNK, port=23000, session=call.session + 1, codecs=G729))
    begin = scene.now + 20 * MS
    scene.wait(3)
    call.ack()
    scene.wait(9300)
    media(scene, call, TRUNK, begin, scene.now - 30 * MS, 0x5eed0002)
    call.bye("callee", headers=[("Reason", 'Q.850;cause=16;text="Normal call clearing"')])


def failed(scene, number, status, reason=None, headers=(), to_user="+12065550100"):
    call = leg(scene, number, to_user=to_user)
    call.invite()
    scene.wait(22)
    call.reply(call.invited, 100)
    scene.wait(640)
    call.reply(call.invited, status, reason=reason, headers=headers)
    scene.wait(3)
    call.ack(status=status)


def cancelled(scene, number):
    call = leg(scene, number)
    call.ring()
    scene.wait(11200)
    cancel = call.cancel()
    scene.wait(20)
    call.reply(cancel, 200)
    call.reply(call.invited, 487)
    scene.wait(3)
    call.ack(status=487)


def icmp_unreachable(scene, transaction):
    """The receiver's host says that nobody listens on the port."""
    quoted = wire.udp_packet(transaction["src"], transaction["dst"], transaction["bytes"])[:548]
    body = b"\3\3\0\0" + struct.pack(">I", 0) + quoted
    body = body[:2] + struct.pack(">H", wire.checksum(body)) + body[4:]
    scene.packets.append((scene.now, wire.ip(DEAD[0], SBC[0], 1, body)))


def unanswered(scene, number):
    """Nobody listens there: timer A repeats the INVITE, ICMP errors come back, timer B ends it after 32 s."""
    call = leg(scene, number, callee=DEAD, to_user="+12065550177")
    invited = call.invite()
    for pause in (500, 1000, 2000, 4000, 8000, 16000):
        scene.wait(30)
        icmp_unreachable(scene, invited)
        scene.wait(pause - 30)
        call.repeat({**invited})


def two_legs(scene, number):
    """From the trunk to the SBC and on to a phone under another Call-ID: the SBC keeps the Session-ID."""
    session = [("Session-ID", "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000")]
    outer = leg(scene, number, caller=TRUNK, callee=SBC, from_user="+442079460123", to_user="+12025550143")
    inner = leg(scene, number + 1, caller=SBC, callee=PHONE, from_user="+442079460123", to_user="2143")
    outer.invite(headers=session)
    scene.wait(4)
    outer.reply(outer.invited, 100)
    inner.invite(headers=session)
    scene.wait(40)
    inner.reply(inner.invited, 180)
    scene.wait(2)
    outer.reply(outer.invited, 180)
    scene.wait(4100)
    inner.answer()
    scene.wait(2)
    outer.answer()
    scene.wait(3)
    inner.ack()
    scene.wait(21)
    outer.ack()
    scene.wait(15400)
    inner.bye("callee")
    scene.wait(1)
    outer.bye("callee")


def broken(scene, number):
    """A PBX that forgets Max-Forwards and repeats From."""
    call = leg(scene, number, from_user="2025550143")
    call.invite(headers=[("From", "<sip:anonymous@192.0.2.10>;tag=second")], drop=("Max-Forwards",))
    scene.wait(22)
    call.reply(call.invited, 400, reason="Bad Request")
    scene.wait(3)
    call.ack(status=400)


def options(scene, number):
    ping = leg(scene, number, from_user="ping", to_user="trunk")
    request = ping.request("OPTIONS")
    scene.wait(23)
    ping.reply(request, 200)


def make():
    scene = Scene()
    parts = [(0.0, options, 1), (1.2, challenged, 2), (4.0, failed, 3, 486), (7.5, two_legs, 4), (9.0, cancelled, 6),
             (12.4, failed, 7, 403, "From: not an owned number"), (15.0, unanswered, 8), (21.0, broken, 9), (30.0, options, 10),
             (33.3, failed, 11, 503, None, [("Retry-After", "5")]), (60.0, options, 12)]
    for seconds, part, *arguments in parts:
        at(scene, seconds)
        part(scene, *arguments)
    at(scene, 61.5)
    call = leg(scene, 13, to_user="+12065550188")
    call.talk()
    deaf = Stream(src=(SBC[0], call.port), dst=(TRUNK[0], 6000), ssrc=0x5eed0013, pt=0, size=160, ptime=60, start=scene.now + 20 * MS)
    deaf.step = lambda: 480
    scene.packets += deaf.talk(6).wire()
    at(scene, 90.0)
    options(scene, 14)
    scene.packets.sort(key=lambda packet: packet[0])
    return wire.pcap(scene.frames())


if __name__ == "__main__":
    with open(os.path.join(HERE, "trunk.pcap"), "wb") as out:
        out.write(make())

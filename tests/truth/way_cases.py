"""Calls that lose the media of one direction, or only look so: on which hop, to which port, since when."""
import wire
from rtp import MS, Stream
from scene import Leg
from talk import HERE, THERE, ALICE, BOB, Talk, back, sdp

PROXY = ("10.8.0.8", 5060)


def relayed(c, *missing, offer=7002, answer=7000):
    """A proxy that relays the media, with the messages of both its hops under one Call-ID. missing: "pa" is the proxy's stream to alice.
    offer, answer: its ports toward bob, toward alice; None: it leaves the media alone."""
    talk = Talk(callee=PROXY, answer=sdp(PROXY, answer, 2) if answer else sdp(BOB, 6000, 2))
    inner = Leg(talk.scene, talk.leg.call_id, PROXY, BOB)
    inner.tags = talk.leg.tags
    messages, now = talk.scene.packets, talk.scene.now
    talk.scene.now = wire.EPOCH + 5 * MS
    inner.invite(body=sdp(PROXY, offer, 1) if offer else sdp(ALICE, 4000, 1))
    talk.scene.now = wire.EPOCH + 1995 * MS
    inner.answer(body=sdp(BOB, 6000, 2))
    talk.scene.now = now + 5 * MS
    inner.ack()
    ways = {"ap": (HERE, (PROXY[0], 7000), 1), "pb": ((PROXY[0], 7002), THERE, 1), "bp": (THERE, (PROXY[0], 7002), 2),
            "pa": ((PROXY[0], 7000), HERE, 2)} if answer else {"ap": (HERE, THERE, 1), "pa": (THERE, HERE, 2)}
    streams = [Stream(src=src, dst=dst, ssrc=ssrc).talk(10) for name, (src, dst, ssrc) in ways.items() if name not in missing]
    packets = messages + [row for s in streams for row in s.wire()]
    talk.scene.packets = packets
    c.capture(sorted(talk.end(max(s.now for s in streams)), key=lambda row: row[0]))
    for s in streams:
        c.stream(s, call=1)


def relayed_both_ways(c):
    """All four streams: nothing to say."""
    relayed(c)
    c.never_rules.append("one-way-media")


def relayed_one_way_behind(c):
    """What comes from the callee reaches the proxy, and nothing leaves it toward the caller."""
    relayed(c, "pa")
    c.findings.append({"rule": "one-way-media", "call": 1, "subject": "10.1.0.1:4000",
                       "text": "No RTP from callee to caller between 10.1.0.1 and 10.8.0.8, 500 packets the other way: 10.1.0.1:4000 was "
                               "announced and no RTP stream to it passed the tap."})


def relayed_one_way_before(c):
    """Nothing comes from the callee: said of the hop where it is missed first, with the packets of that hop alone."""
    relayed(c, "bp", "pa")
    c.findings.append({"rule": "one-way-media", "call": 1, "subject": "10.8.0.8:7002",
                       "text": "No RTP from callee to caller between 10.8.0.8 and 10.2.0.2, 500 packets the other way: 10.8.0.8:7002 was "
                               "announced and no RTP stream to it passed the tap."})


def relayed_one_way_before_the_proxy(c):
    """The caller's stream does not reach the proxy, which relays nothing therefore."""
    relayed(c, "ap", "pb")
    c.findings.append({"rule": "one-way-media", "call": 1, "subject": "10.8.0.8:7000"})


def relayed_seen_on_one_hop(c):
    """The media of one hop alone passes the tap, the messages of both do."""
    relayed(c, "bp", "pb")
    c.never_rules.append("one-way-media")


def relayed_past_the_proxy(c):
    """The proxy leaves the media alone: each side's endpoint is announced on both hops, and heard on both."""
    relayed(c, offer=None, answer=None)
    c.never_rules.append("one-way-media")


def relayed_one_way_past_the_proxy(c):
    """The same, and nothing comes from the callee: that is of no hop."""
    relayed(c, "pa", offer=None, answer=None)
    c.findings.append({"rule": "one-way-media", "call": 1, "subject": "10.1.0.1:4000",
                       "text": "No RTP from callee to caller, 500 packets the other way: 10.1.0.1:4000 was announced and no RTP stream to it "
                               "passed the tap."})


def moved_past_the_proxy(c):
    """Before any media, a re-INVITE that passes the proxy by moves the caller's port: what was said on the proxy's hops is over."""
    talk = Talk(callee=PROXY, answer=sdp(BOB, 6000, 2))
    inner = Leg(talk.scene, talk.leg.call_id, PROXY, BOB)
    inner.tags = talk.leg.tags
    now = talk.scene.now
    talk.scene.now = wire.EPOCH + 5 * MS
    inner.invite(body=sdp(ALICE, 4000, 1))
    talk.scene.now = wire.EPOCH + 1995 * MS
    inner.answer(body=sdp(BOB, 6000, 2))
    direct = Leg(talk.scene, talk.leg.call_id, ALICE, BOB)
    direct.tags, direct.cseq = talk.leg.tags, talk.leg.cseq
    talk.scene.now = now + 5 * MS
    t = direct.request("INVITE", to_tag=True, body=sdp(ALICE, 4400, 1, version=2))
    direct.answer(t, body=sdp(BOB, 6000, 2))
    direct.ack(t)
    s, r = Stream(src=("10.1.0.1", 4400)).talk(10), back(dst=("10.1.0.1", 4400)).talk(10)
    packets = talk.end(s.now) + s.wire() + r.wire()
    c.capture(sorted(packets, key=lambda row: row[0]))
    c.stream(s, call=1)
    c.stream(r, call=1)
    c.never_rules.append("one-way-media")


def wrong_port(c):
    """The callee sends to a port of the caller's host that was never announced, and the caller sends from the announced one: nobody
    listens there."""
    talk, s, r = Talk(), Stream().talk(10), back(dst=(HERE[0], 4444)).talk(10)
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, why="sdp")
    c.stream(r, call=1, why="symmetric")
    c.findings.append({"rule": "one-way-media", "call": 1, "subject": "10.1.0.1:4000",
                       "text": "No RTP from callee to caller, 500 packets the other way: 10.1.0.1:4000 was announced, but RTP flows from "
                               "10.2.0.2:6000 to 10.1.0.1:4444, a port that was not announced and that nothing is sent from."})


def other_port_that_sends(c):
    """The same port, but the caller sends from it: the callee answers to where the media came from."""
    talk, s, r = Talk(), Stream(src=(HERE[0], 4444)).talk(10), back(dst=(HERE[0], 4444)).talk(10)
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, why="sdp")
    c.stream(r, call=1, why="symmetric")
    c.never_rules.append("one-way-media")


def behind_nat_seen_from_one_side(c):
    """The tap sees what the caller sends before its NAT and what comes back before it too: to a public address that nothing is sent
    from here."""
    talk, s, r = Talk(), Stream().talk(10), back(dst=("198.51.100.9", 41234)).talk(10)
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire(), key=lambda row: row[0]))
    c.stream(s, call=1, why="sdp")
    c.stream(r, call=1, why="symmetric")
    c.never_rules.append("one-way-media")


def both(c, s, r, *more, talk=None, flagged=None, later=0):
    """A call with these streams, and the one-way finding's text, or none. later: ms until the BYE."""
    talk = talk or Talk()
    rows = [row for stream in (s, r, *more) for row in stream.wire()]
    end = max(stream.now for stream in (s, r, *more))
    c.capture(sorted(talk.end(end + later * MS) + rows, key=lambda row: row[0]))
    for stream in (s, r, *more):
        c.stream(stream, call=1, mos=None, jitter_ms=None, delta_ms=None)
    if flagged:
        c.findings.append({"rule": "one-way-media", "call": 1, "text": flagged})
    else:
        c.never_rules.append("one-way-media")


def stops(c):
    """The callee's media stops after 2 s of 20: RTP at 2.02 s and on, BYE 50 ms after the last packet's turn."""
    both(c, Stream().talk(20), back().talk(2),
         flagged="RTP from callee to caller stopped 18.1 s before the end of the call, after 100 packets; the other way it went on for 18.0 s, "
                 "1000 packets in all (a machine that records may send nothing).")


def stops_after_one_packet(c):
    """One packet, and no more: a direction that never flowed is missed sooner."""
    r = back()
    r.put()
    both(c, Stream().talk(8), r,
         flagged="RTP from callee to caller stopped 8.1 s before the end of the call, after 1 packet; the other way it went on for 8.0 s, 400 "
                 "packets in all.")


def stops_shortly(c):
    """9 s of silence at the end: the callee may have muted the phone."""
    both(c, Stream().talk(20), back().talk(11))


def stops_both_ways(c):
    """Both stop, 15 s before the BYE."""
    both(c, Stream().talk(5), back().talk(4.5), later=15000)


def stops_speaking(c):
    """A sender that leaves out silence: it did so before, with markers (RFC 3551 4.1)."""
    r = back().talk(3)
    r.silence(0.5)
    both(c, Stream().talk(25), r.talk(2))


def stops_with_comfort_noise(c):
    """Comfort noise was offered (RFC 3389): it may end in silence."""
    codecs = ((0, "PCMU/8000"), (13, "CN/8000"))
    talk = Talk(offer=sdp(ALICE, 4000, 1, codecs=codecs), answer=sdp(BOB, 6000, 2, codecs=codecs))
    both(c, Stream().talk(20), back().talk(2), talk=talk)


def stops_in_a_codec_with_pauses(c):
    """Opus may send nothing in silence (RFC 7587 3.1.3)."""
    codecs = ((111, "opus/48000/2"),)
    talk = Talk(offer=sdp(ALICE, 4000, 1, codecs=codecs), answer=sdp(BOB, 6000, 2, codecs=codecs))
    s, r = (make(pt=111, clock=48000, size=80) for make in (Stream, back))
    s.model = r.model = None
    both(c, s.talk(20), r.talk(2), talk=talk)


def stops_on_hold(c):
    """The caller holds the call and takes it back 3 s before its end: the 12 s of silence were asked for."""
    talk, s, r = Talk(), Stream().talk(20), back().talk(4)
    for at, version, here, there in ((r.now, 2, "sendonly", "recvonly"), (s.now - 3000 * MS, 3, "sendrecv", "sendrecv")):
        leg = talk.at(at)
        t = leg.request("INVITE", to_tag=True, body=sdp(ALICE, 4000, 1, version=version, direction=here))
        leg.answer(t, body=sdp(BOB, 6000, 2, version=version, direction=there))
        leg.ack(t)
    both(c, s, r, talk=talk)


def left_behind(c):
    """A re-INVITE moves the caller's port; the callee goes on to the old one for the rest of the call."""
    moves(c, 20, "No RTP from callee to 10.1.0.1:4400 since the caller announced it 16.1 s before the end of the call: RTP went on to "
                 "10.1.0.1:4000, which nothing is sent from any more.")


def left_behind_shortly(c):
    """The same for less than 10 s: the old port is to be listened on until media comes to the new one (RFC 3264 8.3.1)."""
    moves(c, 12, None)


def left_behind_in_use(c):
    """The caller announced another port, and goes on with the old one, both ways."""
    moves(c, 20, None, port=4000)


def moves(c, seconds, flagged, port=4400):
    """The callee sends to the first port all the time, the caller from `port` on."""
    talk, s, r = Talk(), Stream().talk(4), back().talk(seconds)
    leg = talk.at(s.now)
    t = leg.request("INVITE", to_tag=True, body=sdp(ALICE, 4400, 1, version=2))
    leg.answer(t)
    leg.ack(t)
    moved = Stream(src=("10.1.0.1", port), ssrc=0x77, seq=9, start=s.now + 20 * MS).talk(seconds - 4)
    both(c, s, r, moved, talk=talk, flagged=flagged)

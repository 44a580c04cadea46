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

"""RTCP: which stream a report speaks of, and what its counts say of where packets were lost."""
import wire
from rtp import MS, Stream
from stream_cases import SECOND, plus_one, receiver_report, report, rtcp_rows, sender_report
from scene import ABSENT
from talk import HERE, THERE, Talk, back, sdp

HOST = "127.0.0.1"


def relay_on_one_host(c):
    """A proxy and both phones on one address; it leaves the SSRCs as they are and loses 10 packets between its ports. RTCP is of the
    stream whose ports are one below its own."""
    one = Talk(caller=(HOST, 5061), callee=(HOST, 5060), offer=sdp((HOST, 0), 4000, 1), answer=sdp((HOST, 0), 7000, 2))
    other = Talk("other-2@example.com", caller=(HOST, 5060), callee=(HOST, 5062), offer=sdp((HOST, 0), 7002, 3), answer=sdp((HOST, 0), 6000, 4),
                 start=wire.EPOCH + 1 * MS)
    ports = ((4000, 7000, 1), (7002, 6000, 1), (6000, 7002, 2), (7000, 4000, 2))
    streams = [Stream(src=(HOST, src), dst=(HOST, dst), ssrc=ssrc).talk(10) for src, dst, ssrc in ports]
    streams[1].lose(*range(50, 60))
    rows = [(wire.EPOCH + (3 + i) * SECOND, (HOST, 4001), (HOST, 7001), sender_report(1, 9)) for i in range(3)]
    rows += [(wire.EPOCH + 9 * SECOND, (HOST, 6001), (HOST, 7003), receiver_report(2, [report(1, 0, 10, 8)])),
             (wire.EPOCH + 10 * SECOND, (HOST, 7001), (HOST, 4001), receiver_report(2, [report(1, 0, 0, 8)]))]
    packets = one.end(streams[0].now) + other.end(streams[0].now) + [row for s in streams for row in s.wire()] + rtcp_rows(rows)
    c.capture(sorted(packets, key=lambda row: row[0]))
    facts = ({"sr": 3, "rr": 1, "lost": 0, "where": ABSENT}, {"sr": 0, "rr": 1, "lost": 10, "where": "before the tap"}, None, None)
    for s, call, rtcp in zip(streams, (1, 2, 2, 1), facts):
        c.stream(s, call=call, rtcp=rtcp)


def counted_before_the_capture(c):
    """The capture begins in the call: the receiver had lost 500 by then, and loses nothing since. Where, the tap cannot tell."""
    s = Stream(start=wire.EPOCH).talk(20)
    rows = [(wire.EPOCH + (2 + 5 * i) * SECOND, plus_one(THERE), plus_one(HERE), receiver_report(7, [report(s.ssrc, 0, 500, 8)])) for i in range(4)]
    c.capture(sorted(s.wire() + rtcp_rows(rows), key=lambda row: row[0]))
    c.stream(s, call=ABSENT, rtcp={"rr": 4, "lost": 500, "where": ABSENT})


def counted_on_since(c):
    """The same, and 40 are lost behind the tap while it looks."""
    s = Stream(start=wire.EPOCH).talk(20)
    rows = [(wire.EPOCH + (2 + 5 * i) * SECOND, plus_one(THERE), plus_one(HERE), receiver_report(7, [report(s.ssrc, 0, 500 + 20 * (i // 2), 8)]))
            for i in range(5)]
    c.capture(sorted(s.wire() + rtcp_rows(rows), key=lambda row: row[0]))
    c.stream(s, call=ABSENT, rtcp={"rr": 5, "lost": 540, "where": "after the tap"})


def counter_at_its_end(c):
    """0x7fffff is where the count stands still (RFC 3550 6.4.1): how many were lost is not known."""
    s, talk = Stream().talk(10), Talk()
    rows = rtcp_rows([(wire.EPOCH + 9 * SECOND, plus_one(THERE), plus_one(HERE), receiver_report(7, [report(s.ssrc, 0, 0x7fffff, 8)]))])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"rr": 1, "lost": ABSENT, "where": ABSENT})


def counted_more_than_came(c):
    """The oldest report says that more was lost than was sent since the call began: the receiver counts something else too."""
    s, talk = Stream().talk(20), Talk()
    rows = rtcp_rows([(wire.EPOCH + (4 + 5 * i) * SECOND, plus_one(THERE), plus_one(HERE), receiver_report(7, [report(s.ssrc, 0, 500, 8)]))
                      for i in range(4)])
    c.capture(sorted(talk.end(s.now) + s.wire() + rows, key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"rr": 4, "lost": 500, "where": ABSENT})


def reports_mirrored(c):
    """A mirror port shows each RTCP datagram twice, 0.1 ms apart: each counts once. The next one says the same, and counts."""
    s, r, talk = Stream().talk(12), back().talk(12), Talk()
    a, b, rows = plus_one(HERE), plus_one(THERE), []
    for i in range(2):
        at = wire.EPOCH + (4 + 5 * i) * SECOND
        for again in (0, 100000):
            rows += [(at + again, a, b, sender_report(s.ssrc, 5 * i)), (at + again + SECOND, b, a, receiver_report(r.ssrc, [report(s.ssrc, 0, 0, 8)]))]
    c.capture(sorted(talk.end(s.now) + s.wire() + r.wire() + rtcp_rows(rows), key=lambda row: row[0]))
    c.stream(s, call=1, rtcp={"sr": 2, "rr": 2})
    c.stream(r, call=1, rtcp=ABSENT)

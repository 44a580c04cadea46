"""Where a sequence goes on and where another begins: sequence numbers, timestamps and the time that passed tell together."""
import random

from observer import observe
from rtp import Stream
from scene import ALICE, BOB, sdp
from talk import Talk, back, simple


def elsewhere(c, by, ticks, lose=0.0, seq=1000, marker=False):
    """The sender begins anew at once: its numbers jump by `by`, its timestamps by `ticks` and 20 ms."""
    s = Stream(seq=seq).talk(8)
    first = len(s.sent)
    s.ticks += ticks
    s.jump(by).talk(8, marker=marker)
    if lose:
        s.lose_random(lose, by & 0xff)
    s.lost -= {first, first + 1}  # two in a row make a new sequence (RFC 3550 A.1)
    simple(c, s, restarts=1, strays=0)


def restart_ahead(c):
    """+1000 within 20 ms, with timestamps from elsewhere: 1000 packets cannot have been sent in between."""
    elsewhere(c, 1000, 0x12345678)


def restart_ahead_older(c):
    """The same with timestamps that seem to be older."""
    elsewhere(c, 1000, -0x12345678)


def restart_ahead_150(c):
    """+150: more than a network reorders (RFC 3550 A.1: MAX_MISORDER)."""
    elsewhere(c, 150, 0x2345678)


def restart_behind(c):
    """-200 with timestamps from elsewhere that seem to be older: a restart, not 200 duplicates."""
    elsewhere(c, -200, -0x12345678)


def restart_behind_newer(c):
    """-200 with timestamps that seem to be newer."""
    elsewhere(c, -200, 0x12345678)


def restart_behind_holes(c):
    """-200 into numbers of which some were lost: nothing of the new sequence fills the old one's holes."""
    elsewhere(c, -200, -0x23456789, lose=0.05)


def restart_behind_wrap(c):
    """-200 across 65535."""
    elsewhere(c, -200, -0x12345678, seq=65536 - 300)


def restart_behind_marked(c):
    """With a marker, as senders set it."""
    elsewhere(c, -200, -0x12345678, marker=True)


def outage(c, numbers, pause=0.0, **facts):
    """So many numbers are missing; the sender sent all of them."""
    s = Stream().talk((numbers + 1000) / 50 + pause)
    simple(c, s.lose(*range(500, 500 + numbers)), **{"restarts": 0, "strays": 0, **facts})


def outage_half_cycle(c):
    """15 minutes, 45,000 numbers: as 16 bits they look older, but the timestamps and the clock say what they are."""
    outage(c, 45000)


def outage_whole_cycle(c):
    """70,000 numbers: more than there are."""
    outage(c, 70000)


def outage_exact_cycle(c):
    """The sender is silent for exactly as long as 65,536 packets would take, and goes on with the next number: nothing is lost."""
    s = Stream().talk(8).silence(65536 * 0.02).talk(8)
    simple(c, s, restarts=0, strays=0)


def outage_and_restart(c):
    """15 minutes without a packet, then another sequence with other timestamps."""
    s = Stream().talk(8).silence(900)
    s.ticks += 0x3456789
    simple(c, s.jump(40000).talk(8), restarts=1, strays=0)


def outage_and_numbers(c):
    """15 minutes, timestamps that went on by the clock, but numbers that do not fit: a restart."""
    s = Stream().talk(8).silence(900)
    simple(c, s.jump(20000).talk(8), restarts=1, strays=0)


def outage_talkspurts(c):
    """A sender that is silent half of the time: 60 s are lost, in which it sent 1,500 packets."""
    s = Stream().talk(8)
    for _ in range(30):
        s.talk(1).silence(1)
    s.talk(8)
    simple(c, s.lose(*range(400, 1900)), restarts=0, strays=0)


def turn(c, ticks, after_ms=70, **facts):
    """The timestamps jump, the sequence goes on (another source behind the same sender), and a second tap repeats each packet."""
    s = Stream().talk(8)
    s.ticks += ticks
    s.talk(8, marker=False).repeat(range(len(s.sent)), after_ms)
    simple(c, s, back().talk(16), restarts=0, strays=0, jitter_ms=None, late=None, late_pct=None, mos=None, burst=None, **facts)


def turn_ahead(c):
    """Repeats of packets from before the jump have timestamps from elsewhere, but are repeats all the same."""
    turn(c, 0x12345678)


def turn_back(c):
    """The same with a jump back."""
    turn(c, -0x12345678)


def turn_near(c):
    """With a jump of 100 s."""
    turn(c, 800000)


def turn_reordered(c):
    """The packet before the jump comes behind the first ones after it."""
    s = Stream().talk(8)
    s.ticks += 0x12345678
    s.talk(8, marker=False).delay((398, 399), 70)
    simple(c, s, back().talk(16), restarts=0, strays=0, jitter_ms=None, late=None, late_pct=None, mos=None, burst=None)


def turn_events(c, ticks):
    """A gateway puts events into the stream that have timestamps of their own; a second tap repeats each packet 70 ms later."""
    s = Stream().talk(4)
    for key in range(6):
        first = len(s.sent)
        s.digit(key)
        for packet in s.sent[first:]:
            packet.ticks += ticks
        s.talk(1, marker=False)
    s.talk(2).repeat(range(len(s.sent)), 70)
    simple(c, s, back().talk(12), restarts=0, strays=0, late=None, late_pct=None, mos=None, burst=None, facts={"dtmf": "012345"})


def turn_events_newer(c):
    """Their timestamps seem to be newer than the speech's: neither repeats of events nor of speech are numbers from elsewhere."""
    turn_events(c, 0x12345678)


def turn_events_older(c):
    """They seem to be older."""
    turn_events(c, -0x12345678)


def late_behind_holes(c, late_ms):
    s = Stream().talk(60)
    came = range(101, 2500, 40)
    s.lose(*[i for i in range(1, 2999, 2) if i not in came]).delay(came, late_ms)
    simple(c, s, back().talk(60), restarts=0, strays=0)


def late_beyond_holes(c):
    """Every second packet is lost, but some come 8 s late, when 200 other holes are open: no duplicates, and not lost."""
    late_behind_holes(c, 8010)


def late_beyond_holes_far(c):
    """30 s late."""
    late_behind_holes(c, 30010)


def faults_together(c, seed):
    """Loss, reordering, repeats and jitter at once, across 65535, in both directions; judged by what was done, and by what an observer
    makes of the bytes."""
    rng, streams = random.Random(seed), []
    for s in (Stream(seq=65536 - rng.randrange(100, 900)), back(seq=65536 - rng.randrange(100, 900))):
        s.talk(20, marker=False).lose_random(rng.choice((0.01, 0.04, 0.10)), rng.random()).jitter(lambda r: r.uniform(0, 8), rng.random())
        for i in (i for i in range(1, 999) if i not in s.lost):
            kind = rng.random()
            if kind < 0.04:
                s.delay((i,), rng.uniform(15, 130))
            elif kind < 0.08:
                s.repeat((i,), rng.uniform(0.1, 150))
        streams.append(s)
    talk = Talk()
    c.capture(sorted(talk.end(streams[0].now) + [row for s in streams for row in s.wire()], key=lambda row: row[0]))
    for s in streams:
        truth, seen = s.truth(), observe(s.wire())
        assert all(abs(truth[k] - seen[k]) < 1e-9 for k in seen), (seed, truth, seen)
        c.stream(s, call=1, why="sdp", restarts=0, strays=0, **seen)


def faults_1(c):
    """A mixture of all: each figure must be right all the same."""
    faults_together(c, 1)


def faults_2(c):
    """Another mixture."""
    faults_together(c, 2)


def faults_3(c):
    """Another one."""
    faults_together(c, 3)


def faults_4(c):
    """Another one."""
    faults_together(c, 4)


def picture_rest(c):
    """Of one picture of 200 packets the last 150 are lost, so that the next packet's timestamp is the one that follows: loss. The sender
    of speech would have jumped."""
    video = "m=video {} RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"
    talk = Talk(offer=sdp(ALICE, 4000, 1) + video.format(4100), answer=sdp(BOB, 6000, 2) + video.format(6100))
    v = Stream(src=("10.1.0.1", 4100), dst=("10.2.0.2", 6100), ssrc=0x01de0, pt=97, clock=90000, ptime=40, size=900)
    v.model = None
    for picture in range(150):
        for _ in range(200 if picture == 70 else 5):
            v.put()
            v.now += 20000
        v.advance(ms=38)
    v.lose(*range(70 * 5 + 50, 70 * 5 + 200))
    assert v.truth()["lost"] == 150
    simple(c, v, talk=talk, restarts=0, late=None, late_pct=None, jitter_ms=None, burst=None)

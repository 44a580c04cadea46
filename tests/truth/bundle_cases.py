"""Media lines that share a port (BUNDLE, RFC 9143): the payload type tells which line's a stream is."""
from scene import ABSENT
from rtp import Stream
from talk import ALICE, BOB, HERE, THERE, Talk, back, sdp

VIDEO = (100, "VP8/90000")


def shared(place, port, session, first=(0, "PCMU/8000"), fmtp=""):
    """Audio and video on one port, video last."""
    lines = [f"m=video {port} RTP/AVP {VIDEO[0]}", f"a=rtpmap:{VIDEO[0]} {VIDEO[1]}", "a=mid:1", "a=sendrecv"]
    audio = sdp(place, port, session, codecs=(first,)).replace("t=0 0\r\n", "t=0 0\r\na=group:BUNDLE 0 1\r\n")
    return audio + "a=mid:0\r\n" + "".join(line + "\r\n" for line in lines)


def pictures(src, dst, ssrc):
    s = Stream(src=src, dst=dst, ssrc=ssrc, pt=VIDEO[0], clock=90000, size=700)
    s.model = None
    return s.talk(10)


def bundle(c, *streams, **lines):
    talk = Talk(offer=shared(ALICE, 4000, 1, **lines), answer=shared(BOB, 6000, 2, **lines))
    rows = [row for s, _ in streams for row in s.wire()]
    c.capture(sorted(talk.end(max(s.now for s, _ in streams)) + rows, key=lambda row: row[0]))
    for s, facts in streams:
        c.stream(s, call=1, why="sdp", **facts)


VIDEO_FACTS = {"media": "video", "codec": "VP8", "clock_hz": 90000, "ptime_ms": ABSENT, "mos": {"lq": ABSENT, "why": ...}, "jitter_ms": None}


def bundle_both_ways(c):
    """Audio and video each way over one port: all four are told apart, and the audio is scored."""
    bundle(c, (Stream().talk(10), {"media": "audio"}), (back().talk(10), {"media": "audio"}), (pictures(HERE, THERE, 5), VIDEO_FACTS),
           (pictures(THERE, HERE, 6), VIDEO_FACTS))
    c.never_rules.append("one-way-media")


def bundle_opus(c):
    """A dynamic type: its line says that it is audio, and what it is."""
    s = Stream(pt=111, clock=48000, size=80)
    s.model = None
    bundle(c, (s.talk(10), {"media": "audio", "codec": "opus", "clock_hz": 48000, "ptime_ms": 20}), (pictures(HERE, THERE, 5), VIDEO_FACTS),
           first=(111, "opus/48000/2"))


def bundle_audio_one_way(c):
    """Video both ways on the port is not heard."""
    bundle(c, (Stream().talk(10), {"media": "audio"}), (pictures(HERE, THERE, 5), VIDEO_FACTS), (pictures(THERE, HERE, 6), VIDEO_FACTS))
    c.findings.append({"rule": "one-way-media", "call": 1, "subject": "10.1.0.1:4000",
                       "text": "No RTP from callee to caller, 500 packets the other way: 10.1.0.1:4000 was announced and only video to it passed "
                               "the tap."})

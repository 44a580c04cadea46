"""Traffic between a customer's SBC and a trunk, good unless it is told to be bad: what the rule cases are built from."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases"))
import wire  # noqa: E402

MS = 10**6
CUSTOMER, TRUNK, OTHER_REGION = "198.51.100.204", "3.80.16.13", "99.77.253.20"
CONNECTOR = "abcdefghijklmnop12345"
HOST = CONNECTOR + ".voiceconnector.chime.aws"
CALLED, CALLER = "+12125551212", "+16285551212"
REASONS = {100: "Trying", 180: "Ringing", 200: "OK", 401: "Unauthorized", 403: "Forbidden", 405: "Method Not Allowed",
           407: "Proxy Authentication Required", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here"}
KEY30, KEY46 = "WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ", "YUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3g="


def sdp(address, port, formats=((0, "PCMU/8000"), (101, "telephone-event/8000")), protocol="RTP/AVP", crypto=(), extra=(), kind="audio",
        origin=None, session="s=-", connection=True):
    lines = ["v=0", f"o=- 17 1 IN IP4 {origin or address}", *([session] if session else []),
             *([f"c=IN IP4 {address}"] if connection else []), "t=0 0",
             f"m={kind} {port} {protocol} " + " ".join(str(n) for n, _ in formats)]
    lines += [f"a=rtpmap:{n} {name}" for n, name in formats if name and kind == "audio"]
    lines += [f"a=crypto:{tag} {suite} inline:{key}" for tag, suite, key in crypto]
    return "".join(line + "\r\n" for line in [*lines, *extra])


class Traffic:
    """Packets in time order. frame() is the number that the next packet gets."""

    def __init__(self):
        self.now, self.packets, self.branch = wire.EPOCH, [], 0
        self.tcp = None
        self.customer, self.trunk = (CUSTOMER, 5060), (TRUNK, 5060)
        self.frame, self.words, self.subject = None, (), None   # of the bad message, as the finding must name them
        self.ports = (25388, 36488)  # of the customer's and the trunk's media
        self.site, self.profile, self.options = {}, "voice-connector", []
        self.expected = set()   # rules that the good traffic breaks too
        self.at_once = None     # the most calls at once that the summary must tell; None: any

    def wait(self, ms):
        self.now += round(ms * MS)

    def number(self):
        return len(self.packets) + 1

    def put(self, packet):
        self.packets.append((self.now, packet))
        self.now += 1000

    def mark(self, *words, subject=None, back=0):
        """The next message is the bad one (back: one that was sent before); its finding says these words."""
        self.frame, self.words, self.subject = self.number() - back, words, subject

    def send(self, src, dst, data, df=True, size=None):
        if self.tcp is not None:
            for packet in self.tcp.send(src, dst, data):
                self.put(packet)
            return
        packet = wire.udp_packet(src, dst, data, flags=2 if df else 0)
        for piece in wire.fragment(packet, size) if size else [packet]:
            self.put(piece)

    def request(self, method, uri=None, src=None, dst=None, from_user=CALLER, to_user=CALLED, call_id="call-1@198.51.100.204", cseq=101,
                to_tag="", from_value=None, body="", kind="application/sdp", headers=(), drop=(), replace=None, inbound=False, branch=None, via=None,
                **more):
        src = src or (self.trunk if inbound else self.customer)
        dst = dst or (self.customer if inbound else self.trunk)
        self.branch += 1
        uri = uri or (f"sip:{to_user}@{CUSTOMER}" if inbound else f"sip:{to_user + '@' if method != 'OPTIONS' else ''}{HOST}")
        transport = "UDP" if self.tcp is None else "TCP"
        full = [("Via", via or f"SIP/2.0/{transport} {src[0]}:{src[1]};branch={branch or f'z9hG4bK{self.branch:05d}'}"), ("Max-Forwards", "70"),
                ("From", from_value or f"<sip:{from_user}@{src[0]}>;tag=from1"), ("To", f"<sip:{to_user}@{HOST}>{';tag=' + to_tag if to_tag else ''}"),
                ("Call-ID", call_id), ("CSeq", f"{cseq} {method}"), ("Contact", f"<sip:{from_user}@{src[0]}:{src[1]}>"), *headers]
        if body:
            full.append(("Content-Type", kind))
        full.append(("Content-Length", str(len(body))))
        full = [(n, (replace or {}).get(n, v)) for n, v in full if n not in drop]
        data = f"{method} {uri} SIP/2.0\r\n" + "".join(f"{n}: {v}\r\n" for n, v in full) + "\r\n" + body
        self.last = {"src": src, "dst": dst, "full": full, "method": method, "bytes": data.encode()}
        self.send(src, dst, data.encode(), **more)
        return self.last

    def repeat(self, request):
        self.send(request["src"], request["dst"], request["bytes"])

    def reply(self, request, status, body="", headers=(), drop=(), tag="to1", **more):
        values = dict(request["full"])
        to = values["To"] if ";tag=" in values["To"] or status == 100 else values["To"] + f";tag={tag}"
        full = [("Via", values["Via"]), ("From", values["From"]), ("To", to), ("Call-ID", values["Call-ID"]), ("CSeq", values["CSeq"]),
                ("Contact", f"<sip:trunk@{request['dst'][0]}:{request['dst'][1]}>"), *headers]
        if body:
            full.append(("Content-Type", "application/sdp"))
        full.append(("Content-Length", str(len(body))))
        data = f"SIP/2.0 {status} {REASONS.get(status, 'Other')}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in full if n not in drop) + "\r\n" + body
        self.send(request["dst"], request["src"], data.encode(), **more)

    def offer(self, **more):
        return sdp(more.pop("address", CUSTOMER), more.pop("port", self.ports[0]), **more)

    def answer_body(self, **more):
        return sdp(more.pop("address", "3.80.17.149"), more.pop("port", self.ports[1]), **more)

    def rtp(self, count, outbound=True, both=False, pt=0, payload=160, lose=(), ptime=20, ssrc=0x11223344, seq=1000, src=None, dst=None, jitter=0, mark=True,
            timestamp=0):
        customer, trunk = (CUSTOMER, self.ports[0]), ("3.80.17.149", self.ports[1])
        for i in range(count):
            if i not in lose:
                extra = (i % 2) * jitter
                self.now += round(extra * MS)
                head = struct.pack(">BBHII", 0x80, pt | (0x80 if i == 0 and mark else 0), (seq + i) & 0xffff, timestamp + i * ptime * 8, ssrc)
                self.put(wire.udp_packet(src or (customer if outbound else trunk), dst or (trunk if outbound else customer), head + b"\xd5" * payload))
                self.now -= round(extra * MS)
            if both:
                head = struct.pack(">BBHII", 0x80, pt, (seq + 500 + i) & 0xffff, timestamp + i * ptime * 8, ssrc ^ 0xffff)
                self.put(wire.udp_packet(trunk if outbound else customer, customer if outbound else trunk, head + b"\xd5" * payload))
            self.wait(ptime)

    def call(self, talk=True, offer=None, answer=None, invite=None, media=True, bye=None, ok=None, ack=True, ack_body=""):
        """A good call with media both ways; the parts can be changed."""
        invited = self.request("INVITE", body=self.offer() if offer is None else offer, **(invite or {}))
        self.wait(30)
        self.reply(invited, 100)
        self.wait(70)
        self.reply(invited, 180)
        self.wait(900)
        self.reply(invited, 200, body=self.answer_body() if answer is None else answer, **(ok or {}))
        self.wait(20)
        more = invite or {}
        common = {k: v for k, v in more.items() if k in ("inbound", "src", "dst", "call_id", "from_user", "to_user", "from_value")}
        if ack:
            self.request("ACK", to_tag="to1", body=ack_body, cseq=more.get("cseq", 101), **common)
        if media:
            self.rtp(200, both=True)
        elif talk:
            self.wait(4000)
        if talk:
            ended = self.request("BYE", to_tag="to1", cseq=102, **{**common, **(bye or {})})
            self.wait(10)
            self.reply(ended, 200)
        return invited

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, wire.ETHERNET))
            for at, packet in self.packets:
                frame = wire.ethernet(packet)
                f.write(struct.pack("<IIII", at // wire.SECOND, at % wire.SECOND, len(frame), len(frame)) + frame)

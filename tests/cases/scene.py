"""A scene: phones that send SIP messages at chosen times, what the capture should make of them, and how to write it down."""
import json
import os

import wire

MS = 10**6
REASONS = {100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 183: "Session Progress", 200: "OK", 202: "Accepted",
           300: "Multiple Choices", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
           404: "Not Found", 407: "Proxy Authentication Required", 408: "Request Timeout", 480: "Temporarily Unavailable",
           481: "Call/Transaction Does Not Exist", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
           489: "Bad Event", 491: "Request Pending", 500: "Server Internal Error", 503: "Service Unavailable",
           600: "Busy Everywhere", 603: "Decline"}

ALICE, BOB = ("10.1.0.1", 5060), ("10.2.0.2", 5060)
ALICE6, BOB6 = ("2001:db8::1", 5060), ("2001:db8::2", 5060)


def endpoint(place):
    return f"[{place[0]}]:{place[1]}" if wire.is6(place[0]) else f"{place[0]}:{place[1]}"


def uri_host(place):
    return f"[{place[0]}]" if wire.is6(place[0]) else place[0]


class Scene:
    """Messages in time order. carrier turns each into IP packets."""

    def __init__(self, carrier=None, start=wire.EPOCH):
        self.carrier, self.now, self.sent, self.branches = carrier or wire.Udp(), start, [], 0
        self.packets = []  # (time, IP packet)

    def wait(self, ms):
        self.now += round(ms * MS)

    def send(self, src, dst, payload, carrier=None):
        self.sent.append((self.now, src, dst, payload))
        carrier = carrier or self.carrier
        carrier.now = self.now
        for i, packet in enumerate(carrier.send(src, dst, payload)):
            self.packets.append((self.now + i * 1000, packet))

    def other_traffic(self):
        """A packet that is not SIP: it only makes capture time pass."""
        self.packets.append((self.now, wire.udp_packet(("10.9.0.1", 40000), ("10.9.0.2", 53), b"\x12\x34\1\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1")))

    def frames(self, link=wire.ethernet, change=None):
        """change: IP packet -> IP packet or list of them."""
        frames = []
        for at, packet in self.packets:
            packets = change(packet) if change else packet
            for i, p in enumerate(packets if isinstance(packets, list) else [packets]):
                frames.append((at + i * 1000, link(p)))
        return frames


def sdp(place, port=4000, session=1, codecs=((0, "PCMU/8000"), (101, "telephone-event/8000")), version=1, direction="sendrecv"):
    kind = "IP6" if wire.is6(place[0]) else "IP4"
    lines = ["v=0", f"o=- {session} {version} IN {kind} {place[0]}", "s=-", f"c=IN {kind} {place[0]}", "t=0 0",
             f"m=audio {port} RTP/AVP " + " ".join(str(n) for n, _ in codecs)]
    lines += [f"a=rtpmap:{n} {name}" for n, name in codecs] + [f"a={direction}"]
    return "".join(line + "\r\n" for line in lines)


class Leg:
    """What one Call-ID does between two places. Requests and replies are sent as they are made."""

    def __init__(self, scene, call_id="call-1@example.com", caller=ALICE, callee=BOB, from_user="alice", to_user="bob", cseq=1,
                 offer=True, agents=("Alicephone 1.0", "Bobphone 2.0"), session=None):
        self.scene, self.call_id, self.places = scene, call_id, {"caller": caller, "callee": callee}
        self.users = {"caller": from_user, "callee": to_user}
        self.tags = {"caller": "a" + call_id[:4].strip("@-"), "callee": "b" + call_id[:4].strip("@-")}
        self.cseq = {"caller": cseq, "callee": 1000}
        self.offer, self.agents = offer, {"caller": agents[0], "callee": agents[1]}
        self.session = session or 1 + sum(call_id.encode()) * 7919
        self.count = 0

    def via(self):
        return {"udp": "UDP", "tcp": "TCP", "ws": "WS", "sctp": "SCTP", "tls": "TLS", "wss": "WSS"}[self.scene.carrier.name]

    def text(self, first, transaction, headers, body, kind, length=True, drop=()):
        names = [("Via", transaction["via"]), ("From", transaction["from"]), ("To", transaction["to"]), ("Call-ID", self.call_id),
                 ("CSeq", f"{transaction['cseq']} {transaction['method']}")] + list(headers)
        if body:
            names.append(("Content-Type", kind))
        if length:
            names.append(("Content-Length", str(len(body.encode()))))
        lines = [first] + [f"{n}: {v}" for n, v in names if n not in drop]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def request(self, method, by="caller", to_tag=None, headers=(), body="", kind="application/sdp", cseq=None, branch=None, uri=None,
                src=None, dst=None, send=True, more_vias=(), from_tag=None, length=True, drop=()):
        """Makes and sends a request; returns its transaction, which reply() and repeat() take."""
        scene, to = self.scene, "callee" if by == "caller" else "caller"
        src, dst = src or self.places[by], dst or self.places[to]
        if cseq is None:
            cseq = self.cseq[by]
            self.cseq[by] += 1
        scene.branches += 1
        branch = branch or f"z9hG4bK{scene.branches:04d}{self.call_id[:6].strip('@')}"
        host, peer = uri_host(self.places[by]), uri_host(self.places[to])
        via = ", ".join([f"SIP/2.0/{self.via()} {uri_host(src)}:{src[1]};branch={branch}", *more_vias])
        tag = self.tags[to] if to_tag is True else to_tag
        t = {"method": method, "cseq": cseq, "branch": branch, "src": src, "dst": dst, "by": by, "to_side": to, "via": via,
             "from": f'"{self.users[by]}" <sip:{self.users[by]}@{host}>;tag={from_tag or self.tags[by]}',
             "to": f"<sip:{self.users[to]}@{peer}>" + (f";tag={tag}" if tag else "")}
        full = [("Max-Forwards", "70"), ("Contact", f"<sip:{self.users[by]}@{host}:{src[1]}>"), ("User-Agent", self.agents[by]), *headers]
        t["bytes"] = self.text(f"{method} {uri or f'sip:{self.users[to]}@{peer}'} SIP/2.0", t, full, body, kind, length, drop)
        if send:
            self.count += 1
            scene.send(src, dst, t["bytes"])
        return t

    def invite(self, body=None, **more):
        if body is None:
            body = sdp(self.places["caller"], session=self.session) if self.offer else ""
        t = self.request("INVITE", body=body, **more)
        self.invited = t
        return t

    def reply(self, t, status, tag=True, headers=(), body="", kind="application/sdp", reason=None, send=True, src=None, dst=None,
              length=True, drop=()):
        tag = self.tags[t["to_side"]] if tag is True else tag
        to = t["to"] if ";tag=" in t["to"] or not tag or status == 100 else f"{t['to']};tag={tag}"
        place = self.places[t["to_side"]]
        full = [("Contact", f"<sip:{self.users[t['to_side']]}@{uri_host(place)}:{place[1]}>"), ("Server", self.agents[t["to_side"]]), *headers]
        data = self.text(f"SIP/2.0 {status} {REASONS.get(status, 'Other') if reason is None else reason}", {**t, "to": to}, full, body,
                         kind, length, drop)
        sent = {"bytes": data, "src": src or t["dst"], "dst": dst or t["src"], "status": status}
        if send:
            self.count += 1
            self.scene.send(sent["src"], sent["dst"], data)
        return sent

    def answer(self, t=None, **more):
        more.setdefault("body", sdp(self.places["callee"], port=6000, session=self.session + 1))
        return self.reply(t or self.invited, 200, **more)

    def ack(self, t=None, status=200, **more):
        """The ACK of a 2xx is a transaction of its own; of any other final response it has the INVITE's branch (RFC 3261 17.1.1.3)."""
        t = t or self.invited
        more.setdefault("to_tag", True)
        return self.request("ACK", cseq=t["cseq"], branch=None if status < 300 else t["branch"], by=t["by"], **more)

    def cancel(self, t=None):
        t = t or self.invited
        return self.request("CANCEL", cseq=t["cseq"], branch=t["branch"], by=t["by"])

    def bye(self, by="caller", reply=200, **more):
        t = self.request("BYE", by=by, to_tag=True, **more)
        if reply:
            self.scene.wait(10)
            self.reply(t, reply)
        return t

    def repeat(self, message):
        """The same bytes once more on the same path."""
        self.count += 1
        self.scene.send(message["src"], message["dst"], message["bytes"])

    def ring(self):
        self.invite()
        self.scene.wait(10)
        self.reply(self.invited, 100)
        self.scene.wait(90)
        return self.reply(self.invited, 180)

    def talk(self):
        """INVITE to ACK; the 200 comes 2 s after the INVITE."""
        self.ring()
        self.scene.wait(1900)
        self.answer()
        self.scene.wait(10)
        self.ack()

    def whole(self, by="caller"):
        """A call of seven messages, as FULL says."""
        self.talk()
        self.scene.wait(2990)
        self.bye(by)


FULL = {"method": "INVITE", "state": "completed", "status": 200, "pdd_ms": 100, "ring_ms": 1900, "setup_ms": 2000, "duration_ms": 3000,
        "ended_by": "caller", "messages": 7, "retransmissions": 0}
ABSENT = "(absent)"  # the field must be missing or null


class AnyOf:
    """Several answers that the standard and the contract both allow."""

    def __init__(self, *values):
        self.values = values

    def __repr__(self):
        return " or ".join(map(str, self.values))


class Has:
    """A list (or text) that must contain these."""

    def __init__(self, *values):
        self.values = values

    def __repr__(self):
        return "with " + ", ".join(map(str, self.values))


class AtLeast:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"at least {self.value}"


class Case:
    """One run of the program: files it gets, arguments, and what it must say. build functions fill it in."""

    def __init__(self, name, folder, about):
        self.name, self.folder, self.about = name, folder, about
        self.options, self.inputs, self.stdin, self.exit = [], [], None, 0
        self.calls, self.summary, self.messages, self.related = [], {}, None, []
        self.never = []      # texts that the report must not contain
        self.reports = True  # JSON is expected (not for wrong usage)
        self.stderr = False  # something must be said on standard error; a text: one line that contains it
        self.skip = None
        self.json_path = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, data, use=True):
        """Writes an input and gives it to the program."""
        path = self.path(f"{self.name}.{name}")
        if data is None:
            self.skip = "a tool to write it is missing"
            return path
        with open(path, "wb") as f:
            f.write(data)
        if use:
            self.inputs.append(path)
        return path

    def capture(self, scene, link=wire.ethernet, linktype=wire.ETHERNET, change=None, snaplen=262144):
        return self.file("pcap", wire.pcap(scene.frames(link, change), linktype, snaplen=snaplen))

    def call(self, call_id="call-1@example.com", **facts):
        self.calls.append({"call_id": call_id, **facts})

    def full(self, call_id="call-1@example.com", **facts):
        self.call(call_id, **{**FULL, **facts})

    def leg(self, leg, **facts):
        """Facts of a leg; messages defaults to what it sent."""
        self.call(leg.call_id, **{"messages": leg.count, **facts})

    def expectation(self):
        """For people: what is expected, as JSON beside the capture."""
        return json.dumps({"about": self.about, "exit": self.exit, "calls": self.calls, "summary": self.summary,
                           "messages": self.messages}, default=str, indent=1)

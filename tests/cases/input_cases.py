"""What captures look like: links, tunnels, fragments, TCP, WebSocket, SCTP, HEP, file formats, and the command line."""
import functools
import gzip
import struct

import wire
from scene import ABSENT, ALICE, ALICE6, BOB, BOB6, FULL, AnyOf, AtLeast, Has, Leg, Scene

CASES = []


def add(name, about, build):
    build.__name__, build.__doc__ = name, about
    CASES.append(build)


def scene_of(carrier=None, six=False, start=wire.EPOCH, **more):
    scene = Scene(carrier, start)
    leg = Leg(scene, **({"caller": ALICE6, "callee": BOB6} if six else {}), **more)
    leg.whole()
    return scene


# ---- links and tunnels: the same call in each ----

def link_case(name, about, linktype, link, six=False, change=None, carrier=None, **facts):
    def build(c):
        scene = scene_of(carrier() if carrier else None, six)
        src, dst = ("[2001:db8::1]:5060", "[2001:db8::2]:5060") if six else ("10.1.0.1:5060", "10.2.0.2:5060")
        c.full(src=src, dst=dst, **{"transport": "udp", **facts})
        c.summary = {"calls": 1, "sip_messages": 7}
        c.capture(scene, link, linktype, change)

    add("link_" + name, about, build)


def tags(*pairs):
    return lambda packet: wire.vlan(packet, *pairs)


E = wire.ETHERNET
link_case("ethernet_ipv6", "IPv6", E, wire.ethernet, six=True)
link_case("vlan", "one 802.1Q tag", E, tags((0x8100, 5)))
link_case("vlan_ipv6", "one 802.1Q tag and IPv6", E, tags((0x8100, 5)), six=True)
link_case("qinq_88a8", "802.1ad outside, 802.1Q inside", E, tags((0x88a8, 7), (0x8100, 5)))
link_case("qinq_8100", "two 802.1Q tags", E, tags((0x8100, 7), (0x8100, 5)))
link_case("qinq_9100", "the old outer TPID 9100", E, tags((0x9100, 7), (0x8100, 5)))
link_case("three_tags", "three tags", E, tags((0x88a8, 7), (0x8100, 5), (0x8100, 6)))
link_case("vn_tag", "Cisco VN-Tag", E, lambda p: wire.tagged(p, 0x8926, b"\0\0\0\1"))
link_case("e_tag", "IEEE 802.1BR E-Tag over a VLAN tag", E, lambda p: wire.tagged(p, 0x893f, b"\0\0\0\0\0\0\x81\0\0\5"))
link_case("cisco_metadata", "Cisco metadata with a security group", E, lambda p: wire.tagged(p, 0x8909, b"\1\1\0\1\0\5"))
link_case("pbb", "provider backbone bridge (802.1ah)", E, lambda p: wire.tagged(p, 0x88e7, b"\0\0\0\1" + wire.MACS))
link_case("llc_snap", "802.3 with LLC and SNAP", E, wire.llc_snap)
link_case("sll", "Linux cooked capture", wire.SLL, wire.sll)
link_case("sll_ipv6", "Linux cooked capture, IPv6", wire.SLL, wire.sll, six=True)
link_case("sll_vlan", "Linux cooked capture with a VLAN tag", wire.SLL, wire.sll_vlan)
link_case("sll2", "Linux cooked capture 2", wire.SLL2, wire.sll2)
link_case("raw", "raw IP (101)", wire.RAW, wire.bare)
link_case("raw_ipv6", "raw IP (101), IPv6", wire.RAW, wire.bare, six=True)
link_case("raw_openbsd", "raw IP by OpenBSD's number (12)", 12, wire.bare)
link_case("ipv4", "LINKTYPE_IPV4 (228)", wire.IPV4, wire.bare)
link_case("ipv6", "LINKTYPE_IPV6 (229)", wire.IPV6, wire.bare, six=True)
link_case("null", "BSD loopback, little-endian family", wire.NULL, wire.null)
link_case("null_ipv6", "BSD loopback, IPv6 (30)", wire.NULL, wire.null, six=True)
link_case("null_big", "BSD loopback, the family in the other byte order", wire.NULL, wire.null_big)
link_case("loop", "OpenBSD loopback", wire.LOOP, wire.null_big)
link_case("ppp", "PPP", wire.PPP, wire.ppp)
link_case("pppoe", "PPPoE session", E, wire.pppoe)
link_case("pppoe_ipv6", "PPPoE session, IPv6", E, wire.pppoe, six=True)
link_case("mpls", "one MPLS label", E, lambda p: wire.mpls(p, 100))
link_case("mpls_three", "three MPLS labels", E, lambda p: wire.mpls(p, 100, 200, 300))
link_case("ipip", "IPv4 in IPv4", E, wire.ethernet, change=wire.in_ipv4)
link_case("6in4", "IPv6 in IPv4", E, wire.ethernet, six=True, change=wire.in_ipv4)
link_case("4in6", "IPv4 in IPv6", E, wire.ethernet, change=wire.in_ipv6)
link_case("6in6", "IPv6 in IPv6", E, wire.ethernet, six=True, change=wire.in_ipv6)
link_case("gre", "GRE", E, wire.ethernet, change=wire.in_gre)
link_case("gre_key", "GRE with key and sequence number", E, wire.ethernet, change=lambda p: wire.in_gre(p, 9, 1))
link_case("gre_ipv6", "IPv6 in GRE", E, wire.ethernet, six=True, change=wire.in_gre)
link_case("gre_ethernet", "Ethernet in GRE", E, wire.ethernet, change=wire.in_gre_ethernet)
link_case("erspan", "ERSPAN type II", E, wire.ethernet, change=wire.in_erspan)
link_case("vxlan", "VXLAN", E, wire.ethernet, change=wire.in_vxlan)
link_case("gtp", "GTP-U", E, wire.ethernet, change=wire.in_gtp)
link_case("gtp_sequence", "GTP-U with a sequence number", E, wire.ethernet, change=lambda p: wire.in_gtp(p, sequence=True))
link_case("gtp_extension", "GTP-U with a PDU session container", E, wire.ethernet, change=lambda p: wire.in_gtp(p, extension=True))
link_case("gtp_ipv6_sll", "IPv6 in GTP-U in a cooked capture", wire.SLL, wire.sll, six=True, change=wire.in_gtp)
link_case("vlan_vxlan_gre", "VLAN, VXLAN and GRE around one call", E, tags((0x8100, 5)), change=lambda p: wire.in_vxlan(wire.in_gre(p)))
link_case("sctp", "SIP over SCTP (RFC 4168)", E, wire.ethernet, carrier=wire.Sctp, transport="sctp")
link_case("sctp_chunks", "messages split over DATA chunks", E, wire.ethernet, carrier=lambda: wire.Sctp(200), transport="sctp")
link_case("hep3", "HEP version 3: the inner addresses count", E, wire.ethernet, carrier=wire.Hep)
link_case("hep3_ipv6", "HEP version 3 with IPv6 inside", E, wire.ethernet, six=True, carrier=wire.Hep)
link_case("hep2", "HEP version 2", E, wire.ethernet, carrier=lambda: wire.Hep(2))
link_case("tcp", "TCP with its handshake", E, wire.ethernet, carrier=wire.Tcp, transport="tcp")
link_case("tcp_ipv6", "TCP over IPv6", E, wire.ethernet, six=True, carrier=wire.Tcp, transport="tcp")
link_case("tcp_mid", "TCP whose handshake was not captured", E, wire.ethernet, carrier=lambda: wire.Tcp(handshake=False), transport="tcp")
link_case("tcp_100", "TCP in segments of 100 bytes", E, wire.ethernet, carrier=lambda: wire.Tcp(100), transport="tcp")
link_case("tcp_1", "TCP in segments of 1 byte", E, wire.ethernet, carrier=lambda: wire.Tcp(1), transport="tcp")
link_case("tcp_wrap", "TCP sequence numbers that wrap", E, wire.ethernet, carrier=lambda: wire.Tcp(isn=0xffffff00), transport="tcp")
link_case("websocket", "WebSocket (RFC 7118), client frames masked", E, wire.ethernet, carrier=wire.WebSocket, transport="ws")
link_case("websocket_split", "WebSocket frames over 100-byte segments", E, wire.ethernet, carrier=lambda: wire.WebSocket(100), transport="ws")
link_case("websocket_pieces", "WebSocket messages of three frames each", E, wire.ethernet, carrier=lambda: wire.WebSocket(pieces=3), transport="ws")


def extensions(*chain):
    """Rebuilds an IPv6 packet with extension headers."""
    def change(packet):
        src, dst = "2001:db8::1", "2001:db8::2"
        if packet[8:24] != wire.address(src):
            src, dst = dst, src
        return wire.ip(src, dst, packet[6], packet[40:], extensions=chain)
    return change


HOP = (0, b"\0\1\4\0\0\0\0")          # hop-by-hop: PadN
DESTINATION = (60, b"\0\1\4\0\0\0\0")
ROUTING = (43, b"\2\2\0\0\0\0\0" + b"\0" * 16)
link_case("ipv6_hop_by_hop", "IPv6 hop-by-hop options", E, wire.ethernet, six=True, change=extensions(HOP))
link_case("ipv6_chain", "IPv6 hop-by-hop, routing and destination options", E, wire.ethernet, six=True,
          change=extensions(HOP, ROUTING, DESTINATION))
link_case("ipv4_options", "IPv4 options", E, wire.ethernet,
          change=lambda p: wire.ip("10.1.0.1" if p[12:16] == wire.address("10.1.0.1") else "10.2.0.2",
                                   "10.2.0.2" if p[12:16] == wire.address("10.1.0.1") else "10.1.0.1", 17, p[20:], options=b"\x94\4\0\0"))
link_case("padding", "Ethernet frames with trailing bytes after the IP packet", E, lambda p: wire.ethernet(p) + b"\xee" * 20)


# ---- fragments ----

def fragment_case(name, about, arrange, six=False, frames=None):
    idents = iter(range(1, 10000))

    def change(packet):
        return arrange(wire.fragment(packet, 200, next(idents)))

    def build(c):
        c.full()
        c.summary = {"sip_messages": 7}
        c.capture(scene_of(six=six), change=change)

    add("fragments_" + name, about, build)


fragment_case("in_order", "IPv4 fragments in order", lambda f: f)
fragment_case("reversed", "the last fragment first", lambda f: f[::-1])
fragment_case("duplicate", "one fragment twice", lambda f: f[:1] + f[:1] + f[1:])
fragment_case("all_twice", "every fragment twice", lambda f: [p for p in f for _ in (0, 1)])
fragment_case("last_twice", "the last fragment twice", lambda f: f + f[-1:])
fragment_case("ipv6", "IPv6 fragments", lambda f: f, six=True)
fragment_case("ipv6_reversed", "IPv6 fragments, the last first", lambda f: f[::-1], six=True)


def fragments_missing(c):
    """A fragment that never comes: that message is not there, it is counted, and the rest goes on."""
    scene = scene_of()
    state = {"n": 0}

    def change(packet):
        state["n"] += 1
        pieces = wire.fragment(packet, 200, state["n"])
        return pieces[:1] + pieces[2:] if state["n"] == 3 else pieces  # the 180

    c.call(state="completed", messages=6, pdd_ms=ABSENT, setup_ms=2000, duration_ms=3000)
    c.summary = {"sip_messages": 6, "fragments_incomplete": AtLeast(1)}
    c.capture(scene, change=change)


def fragments_interleaved(c):
    """Fragments of two datagrams, alternating; same idents from different sources."""
    a, b = Scene(), Scene()
    one, two = Leg(a), Leg(b, "call-2@example.com", caller=("10.1.0.7", 5060))
    one.whole()
    two.whole()
    scene = Scene()
    for (at, p), (_, q) in zip(a.packets, b.packets):
        for i, (x, y) in enumerate(zip(wire.fragment(p, 160, 5), wire.fragment(q, 160, 5))):
            scene.packets += [(at + i * 2000, x), (at + i * 2000 + 1000, y)]
    c.full()
    c.full("call-2@example.com")
    c.capture(scene)


def fragments_with_bpf(c):
    """A port filter keeps later fragments, which have no ports, and tagged packets."""
    c.options = ["-f", "udp port 5060"]
    c.full()
    scene, idents = scene_of(), iter(range(1, 99))
    c.capture(scene, link=tags((0x8100, 5)), change=lambda p: wire.fragment(p, 200, next(idents)))


# ---- TCP: the table of what other tools get wrong ----

def stream_scene(c, arrange, messages=7, **facts):
    """The call over TCP; arrange gets (messages as (time, src, dst, bytes), Tcp) and returns timed packets."""
    plain = scene_of(wire.Udp())
    sent = [(at, src, dst, data.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")) for at, src, dst, data in plain.sent]
    scene, tcp = Scene(), wire.Tcp()
    scene.packets = [(sent[0][0] - 3000 + i * 1000, p) for i, p in enumerate(tcp.open(ALICE, BOB))]
    scene.packets += arrange(sent, tcp)
    c.call(**{**FULL, "messages": messages, "transport": "tcp", **facts})
    c.summary = {"sip_messages": messages, **c.summary}
    c.capture(scene)


def each(sent, tcp, change=None):
    """Every message as its own segments of 300 bytes; change(index, segments) may rearrange them."""
    packets = []
    for index, (at, src, dst, data) in enumerate(sent):
        pieces = [tcp.segment(src, dst, data[i:i + 300]) for i in range(0, len(data), 300)]
        pieces = change(index, pieces) if change else pieces
        packets += [(at + i * 1000, p) for i, p in enumerate(pieces)]
    return packets


def tcp_swapped(c):
    """Neighbouring segments in the wrong order."""
    stream_scene(c, lambda sent, tcp: each(sent, tcp, lambda i, p: p[1::-1] + p[2:]))


def tcp_retransmitted(c):
    """Every segment twice."""
    stream_scene(c, lambda sent, tcp: each(sent, tcp, lambda i, p: [x for x in p for _ in (0, 1)]), retransmissions=0)


def tcp_retransmitted_late(c):
    """All segments of a message again after the last."""
    stream_scene(c, lambda sent, tcp: each(sent, tcp, lambda i, p: p + p), retransmissions=0)


def tcp_last_first(c):
    """The last segment of each message comes first."""
    stream_scene(c, lambda sent, tcp: each(sent, tcp, lambda i, p: p[-1:] + p[:-1]))


def tcp_repacked(c):
    """A retransmission that covers old and new bytes in one segment."""
    def arrange(sent, tcp):
        packets = []
        for at, src, dst, data in sent:
            seq, ack = tcp.next[src, dst], tcp.next[dst, src]
            packets.append((at, wire.tcp_packet(src, dst, seq, ack, wire.PSH | wire.ACK, data[:200])))
            packets.append((at + 1000, wire.tcp_packet(src, dst, seq + 100, ack, wire.PSH | wire.ACK, data[100:])))
            tcp.next[src, dst] += len(data)
        return packets
    stream_scene(c, arrange)


def tcp_keep_alives(c):
    """CRLF CRLF before each message (RFC 5626 3.5.1), in the same segment, and the pong alone."""
    def arrange(sent, tcp):
        packets = []
        for at, src, dst, data in sent:
            packets.append((at, tcp.segment(src, dst, b"\r\n\r\n" + data)))
            packets.append((at + 1000, tcp.segment(dst, src, b"\r\n")))
        return packets
    stream_scene(c, arrange)


def tcp_zero_windows(c):
    """TCP keep-alive probes: one old byte, and empty ACKs between all segments."""
    def arrange(sent, tcp):
        packets = []
        for at, src, dst, data in sent:
            seq, ack = tcp.next[src, dst], tcp.next[dst, src]
            packets.append((at, wire.tcp_packet(src, dst, seq - 1, ack, wire.ACK, b"\0")))
            packets.append((at + 1000, tcp.segment(src, dst, data)))
            packets.append((at + 2000, tcp.segment(dst, src, b"", wire.ACK)))
        return packets
    stream_scene(c, arrange)


def tcp_messages_in_one_segment(c, count):
    scene, tcp = Scene(wire.Tcp()), wire.Tcp()
    datas = []
    for i in range(count):
        quiet = Scene(wire.Tcp())
        leg = Leg(quiet, f"packed-{i}@example.com")
        datas.append(leg.request("MESSAGE", body="hello " + "x" * i, kind="text/plain")["bytes"])
        c.call(leg.call_id, method="MESSAGE", state="pending", messages=1, transport="tcp")
    scene.packets = [(scene.now + i * 1000, p) for i, p in enumerate(tcp.open(ALICE, BOB))]
    scene.packets.append((scene.now + 5000, tcp.segment(ALICE, BOB, b"".join(datas))))
    c.summary = {"sip_messages": count, "calls": count}
    c.capture(scene)


def tcp_two_messages(c):
    """Two messages in one segment."""
    tcp_messages_in_one_segment(c, 2)


def tcp_five_messages(c):
    """Five messages in one segment."""
    tcp_messages_in_one_segment(c, 5)


def tcp_without_content_length(c):
    """Messages without Content-Length and without a body: each ends at its blank line."""
    scene = Scene(wire.Tcp())
    leg = Leg(scene)
    leg.ring()
    scene.wait(1900)
    leg.answer()
    leg.ack(length=False)
    scene.wait(3000)
    t = leg.request("BYE", to_tag=True, length=False)
    scene.wait(10)
    leg.reply(t, 200, length=False)
    c.call(**{**FULL, "transport": "tcp"})
    c.capture(scene)


def tcp_offer_over_two_segments(c):
    """INVITE and its SDP in different segments: the body is whole, and the message has its full size."""
    scene = scene_of(wire.Tcp())
    sizes = [len(data) for _, _, _, data in scene.sent]

    def arrange(sent, tcp):
        packets = []
        for at, src, dst, data in sent:
            head, gap, body = data.partition(b"\r\n\r\n")
            packets.append((at, tcp.segment(src, dst, head + gap)))
            if body:
                packets.append((at + 1000, tcp.segment(src, dst, body)))
        return packets

    c.sizes = sizes
    c.messages = [(None, m, False) for m in ("INVITE", 100, 180, 200, "ACK", "BYE", 200)]
    stream_scene(c, arrange, codecs=Has("PCMU"))


def tcp_hole(c):
    """The segment with the 180 was never captured: the messages after the hole are found again, and the hole is counted."""
    c.summary = {"tcp_gaps": AtLeast(1)}
    stream_scene(c, lambda sent, tcp: each(sent, tcp, lambda i, p: [] if i == 2 else p), messages=6, pdd_ms=ABSENT, ring_ms=ABSENT)


def tcp_hole_in_message(c):
    """The second segment of the INVITE is missing: the responses still make the call; no text of another message is mixed in."""
    c.summary = {"tcp_gaps": AtLeast(1)}

    def arrange(sent, tcp):
        return each(sent, tcp, lambda i, p: p[:1] + p[2:] if i == 0 else p)

    stream_scene(c, arrange, messages=AnyOf(6, 7), method=AnyOf("INVITE", "ACK"), state=AnyOf("completed", "partial"),
                 pdd_ms=AnyOf(100, ABSENT), ring_ms=AnyOf(1900, ABSENT), setup_ms=AnyOf(2000, ABSENT),
                 duration_ms=AnyOf(3000, ABSENT))
    c.summary["sip_messages"] = AnyOf(6, 7)


def tcp_starts_in_message(c):
    """The capture begins in the middle of a message on a running connection: the next messages are found."""
    plain = scene_of(wire.Udp())
    tcp, scene = wire.Tcp(handshake=False), Scene()
    tcp.open(ALICE, BOB)
    for index, (at, src, dst, data) in enumerate(plain.sent):
        data = data.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
        if index == 0:
            data = b"ontact: <sip:old@example.com>\r\nContent-Length: 0\r\n\r\n" + data
        scene.packets.append((at, tcp.segment(src, dst, data)))
    c.call(**{**FULL, "transport": "tcp"})
    c.capture(scene)


def tcp_starts_in_body(c, rest):
    """rest, the end of a message, comes in a segment of its own and ends with no line end."""
    plain = scene_of(wire.Udp())
    tcp, scene = wire.Tcp(handshake=False), Scene()
    tcp.open(ALICE, BOB)
    scene.packets = [(scene.now - 1000, tcp.segment(ALICE, BOB, rest))]
    for at, src, dst, data in plain.sent:
        scene.packets.append((at, tcp.segment(src, dst, data.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))))
    c.call(**{**FULL, "transport": "tcp"})
    c.summary = {"sip_messages": 7}
    c.messages = [(None, m, False) for m in ("INVITE", 100, 180, 200, "ACK", "BYE", 200)]
    c.capture(scene)


def tcp_starts_in_binary_body(c):
    """The capture begins in a binary body: the message behind it is found."""
    tcp_starts_in_body(c, bytes(range(128, 200)))


def tcp_starts_in_xml_body(c):
    """The capture begins in a text body that ends with no line end."""
    tcp_starts_in_body(c, b"<xml>no newline tail</xml>")


def tcp_starts_in_letters(c):
    """The capture begins in a header, and the body's letters stand just before the method: they are not part of it."""
    tcp_starts_in_body(c, b"ntent-Length: 5\r\n\r\nabcde")


def tcp_hole_before_letters(c):
    """A hole in a message: behind it the body's last letters stand just before the next method."""
    def arrange(sent, tcp):
        packets = []
        for index, (at, src, dst, data) in enumerate(sent):
            if index == 4:
                tcp.segment(src, dst, b"MESSAGE sip:bob@10.2.0.2 SIP/2.0\r\n")
                data = b"-Length: 4\r\n\r\ntext" + data
            packets.append((at, tcp.segment(src, dst, data)))
        return packets

    c.summary = {"tcp_gaps": 1}
    c.messages = [(None, m, False) for m in ("INVITE", 100, 180, 200, "ACK", "BYE", 200)]
    stream_scene(c, arrange)


def tcp_port_reuse(c):
    """The same ports again with other sequence numbers: after FIN, after RST, and with no end at all."""
    scene, now = Scene(), wire.EPOCH
    for i, ending in enumerate(("fin", "rst", "none", "fin")):
        tcp = wire.Tcp(isn=1000 + i * 777_000_000)
        scene.now = now + i * 20 * wire.SECOND
        scene.carrier = tcp
        leg = Leg(scene, f"reuse-{i}@example.com")
        leg.whole()
        c.call(leg.call_id, **{**FULL, "transport": "tcp"})
        scene.now += 1_000_000
        if ending != "none":
            for k, packet in enumerate(tcp.close(ALICE, BOB, reset=ending == "rst")):
                scene.packets.append((scene.now + k * 1000, packet))
    c.summary = {"calls": 4, "sip_messages": 28}
    c.capture(scene)


def tcp_retransmission_of_call(c):
    """Requests sent again as new bytes on a stream are retransmissions of SIP; repeated segments are not."""
    scene = Scene(wire.Tcp())
    leg = Leg(scene)
    t = leg.request("OPTIONS")
    scene.wait(20)
    leg.reply(t, 200)
    c.call(method="OPTIONS", state="done", messages=2, retransmissions=0, transport="tcp")
    scene.packets.append((scene.now + 5000, scene.packets[3][1]))
    c.capture(scene)


def websocket_controls(c):
    """Ping, pong and close between the messages; two frames in one segment."""
    scene, plain, web = Scene(), Scene(wire.WebSocket()), wire.WebSocket()
    leg = Leg(plain)
    leg.whole()
    tcp = web.tcp
    scene.packets = [(scene.now - 100_000 + i * 1000, p) for i, p in enumerate(web.open(ALICE, BOB))]
    for at, src, dst, data in plain.sent:
        frames = wire.websocket_frame(b"ping", src == ALICE, 9) + wire.websocket_frame(data, src == ALICE)
        scene.packets.append((at, tcp.segment(src, dst, frames)))
        scene.packets.append((at + 1000, tcp.segment(dst, src, wire.websocket_frame(b"ping", dst == ALICE, 10))))
    c.call(**{**FULL, "transport": "ws"})
    c.summary = {"sip_messages": 7}
    c.capture(scene)


def after_other_bytes(c, *first, carrier=wire.Tcp):
    """The call over TCP, and before it what each pair (sender, bytes) says on the connection; its start is captured."""
    plain, scene, tcp = Scene(carrier()), Scene(), wire.Tcp()
    Leg(plain).whole()
    web = carrier()
    scene.packets = tcp.open(ALICE, BOB) + [tcp.segment(src, BOB if src == ALICE else ALICE, data) for src, data in first]
    if web.name == "ws":
        web.tcp = tcp
        scene.packets += web.open(ALICE, BOB)
    scene.packets = [(scene.now - 100_000 + i * 1000, p) for i, p in enumerate(scene.packets)]
    for at, src, dst, data in plain.sent:
        scene.packets += [(at, p) for p in (web.send(src, dst, data) if web.name == "ws" else tcp.send(src, dst, data))]
    c.call(**{**FULL, "transport": web.name})
    c.summary = {"sip_messages": 7}
    c.capture(scene)


def tcp_behind_proxy_protocol(c):
    """A load balancer's PROXY line (version 1) stands before the caller's first message."""
    after_other_bytes(c, (ALICE, b"PROXY TCP4 192.0.2.7 10.2.0.2 40000 5060\r\n"))


def tcp_behind_proxy_protocol_2(c):
    """The binary form: version 2 with addresses and one TLV, cut over two segments."""
    addresses = wire.address("192.0.2.7") + wire.address("10.2.0.2") + struct.pack(">HH", 40000, 5060) + b"\x04\0\4abcd"
    block = b"\r\n\r\n\0\r\nQUIT\n" + b"\x21\x11" + struct.pack(">H", len(addresses)) + addresses
    after_other_bytes(c, (ALICE, block[:15]), (ALICE, block[15:]))


def tcp_after_nuls(c):
    """NULs as a keep-alive before the first message."""
    after_other_bytes(c, (ALICE, b"\0\0\0\0"))


def tcp_after_stun(c):
    """STUN requests and answers before the first message, the first in two segments, the second with NULs behind it."""
    request = struct.pack(">HHI", 1, 8, 0x2112a442) + b"abcdefghijkl" + b"\x80\x22\0\4test"
    answer = struct.pack(">HHI", 0x101, 0, 0x2112a442) + b"abcdefghijkl"
    after_other_bytes(c, (ALICE, request[:1]), (ALICE, request[1:]), (BOB, answer), (ALICE, request + b"\0\0"), (BOB, answer))


def tcp_after_other_bytes(c):
    """What nobody knows before the first message: the message begins a segment, and is read."""
    after_other_bytes(c, (ALICE, b"hello there\r\n"), (BOB, b"\x7f\x00\x10who are you"))


def tcp_text_of_sip(c):
    """Other protocols that quote SIP, and TLS that a mail client starts, yield no message and no call."""
    scene, tcp = Scene(), wire.Tcp()
    leg = Leg(Scene(wire.Tcp()))
    message = leg.request("MESSAGE", body="hi", kind="text/plain")["bytes"]
    talk = [(BOB, b"220 mail.example.com ESMTP\r\n"), (ALICE, b"EHLO me\r\n"), (BOB, b"250 STARTTLS\r\n"), (ALICE, b"log: " + message),
            (ALICE, b"\x16\x03\x01\0\x05\x01\0\0\1\0"), (BOB, b"x" * 5000), (BOB, message), (ALICE, b"y" * 5000), (ALICE, message)]
    scene.packets = tcp.open(ALICE, BOB) + [tcp.segment(src, BOB if src == ALICE else ALICE, data) for src, data in talk]
    scene.packets = [(scene.now + i * 1000, p) for i, p in enumerate(scene.packets)]
    c.summary = {"calls": 0, "sip_messages": 0, "tls": ABSENT}
    c.capture(scene)


def websocket_scene(c, calls, change, handshake=True, messages=None, mss=1460):
    """Calls on one WebSocket, one after the other, with a ping before each message; change(index, segments) of those of each
    message may drop some. Without its handshake the connection runs already."""
    scene, plain, web = Scene(), Scene(wire.WebSocket()), wire.WebSocket(mss)
    for i in range(calls):
        Leg(plain, f"web-{i}@example.com").whole()
        plain.wait(1000)
    opening = web.open(ALICE, BOB)
    if handshake:
        scene.packets = [(scene.now - 100_000 + i * 1000, p) for i, p in enumerate(opening)]
    for index, (at, src, dst, data) in enumerate(plain.sent):
        ping = [] if index == 0 else [web.tcp.segment(src, dst, wire.websocket_frame(b"ping", src == ALICE, 9))]
        segments = change(index, ping + web.send(src, dst, data))
        scene.packets += [(at + i * 1000, p) for i, p in enumerate(segments)]
    c.summary = {"sip_messages": messages or 7 * calls}
    c.capture(scene)


def websocket_hole(c):
    """The segment with the first 180 is missing: only that message is lost, the calls behind it are whole."""
    websocket_scene(c, 3, lambda i, p: [] if i == 2 else p, messages=20)
    c.summary["tcp_gaps"] = AtLeast(1)
    c.call("web-0@example.com", **{**FULL, "messages": 6, "pdd_ms": ABSENT, "ring_ms": ABSENT, "transport": "ws"})
    for i in (1, 2):
        c.call(f"web-{i}@example.com", **{**FULL, "transport": "ws"})


def websocket_holes_both_ways(c):
    """A piece in the middle of the first INVITE and the end of the first 200 are missing: what follows is read again."""
    def change(i, p):
        return p[:1] + p[2:] if i == 0 else p[:-1] if i == 3 else p

    websocket_scene(c, 2, change, messages=12, mss=200)
    c.summary["tcp_gaps"] = AtLeast(2)
    c.call("web-0@example.com", messages=5, transport="ws")
    c.call("web-1@example.com", **{**FULL, "transport": "ws"})


def websocket_mid(c):
    """A WebSocket whose handshake was not captured: frames with SIP show what it is."""
    websocket_scene(c, 2, lambda i, p: p, handshake=False)
    for i in (0, 1):
        c.call(f"web-{i}@example.com", **{**FULL, "transport": "ws"})


def websocket_mid_pieces(c):
    """The same in segments of 3 bytes, from the middle of the first message on."""
    websocket_scene(c, 2, lambda i, p: p[40:] if i == 0 else p, handshake=False, messages=13, mss=3)
    c.call("web-0@example.com", messages=6, transport="ws")
    c.call("web-1@example.com", **{**FULL, "transport": "ws"})


def websocket_handshake_lost(c):
    """The answer to the handshake is missing."""
    scene, web, plain = Scene(), wire.WebSocket(), Scene(wire.WebSocket())
    Leg(plain).whole()
    opening = web.open(ALICE, BOB)
    scene.packets = [(scene.now - 100_000 + i * 1000, p) for i, p in enumerate(opening[:-1])]
    for at, src, dst, data in plain.sent:
        scene.packets += [(at, p) for p in web.send(src, dst, data)]
    c.call(**{**FULL, "transport": "ws"})
    c.summary = {"sip_messages": 7, "tcp_gaps": 1}
    c.capture(scene)


def websocket_after_http(c):
    """A page and a refused handshake on the connection before the handshake that counts."""
    get = b"GET /sip HTTP/1.1\r\nHost: sip.example.com\r\n"
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    after_other_bytes(c, (ALICE, get + b"\r\n"), (BOB, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<p>\r\n\r\nHi"),
                      (ALICE, get + b"\r\n"), (BOB, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
                      (ALICE, get + b"\r\n" + get + b"\r\n"), (BOB, b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"), (BOB, b"z" * 2000),
                      (BOB, b"HTTP/1.1 404 Not Fo"), (BOB, b"und\r\nContent-Length: 2\r\n\r\nno"),
                      carrier=wire.WebSocket)


def websocket_refused_first(c):
    """401 to the first handshake, and a second one on the same connection."""
    get = b"GET /sip HTTP/1.1\r\nHost: sip.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    after_other_bytes(c, (ALICE, get[:-40]), (ALICE, get[-40:]),
                      (BOB, b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"),
                      carrier=wire.WebSocket)


def sctp_bundled(c):
    """Two messages in two DATA chunks of one SCTP packet, and a duplicate packet."""
    scene = Scene()
    datas = []
    for i in range(2):
        quiet = Scene(wire.Sctp())
        leg = Leg(quiet, f"bundle-{i}@example.com")
        datas.append(leg.request("MESSAGE", body="hi", kind="text/plain")["bytes"])
        c.call(leg.call_id, method="MESSAGE", state="pending", messages=1, retransmissions=0, transport="sctp")
    packet = wire.sctp_packet(ALICE, BOB, wire.sctp_data(1, datas[0]) + wire.sctp_data(2, datas[1], ssn=1))
    scene.packets = [(scene.now, packet), (scene.now + 1000, packet)]
    c.capture(scene)


# ---- truncation: only captured bytes ----

def truncated_packet(c):
    """A snap-truncated INVITE after a whole one on the same path: nothing of the first call shows up in the second."""
    scene = Scene()
    first = Leg(scene, "whole-call@example.com", from_user="firstuser", to_user="firstpeer", agents=("FirstAgent", "FirstServer"))
    first.ring()
    scene.wait(10)
    second = Leg(scene, "cut-call@example.com", from_user="seconduser", to_user="secondpeer")
    data = second.invite()["bytes"]
    frames = scene.frames()
    at, frame = frames[-1]
    keep = 42 + data.index(b"CSeq:") + 3
    frames[-1] = (at, frame[:keep], len(frame))
    c.call("whole-call@example.com", messages=3, state="ringing", user_agents=Has("FirstAgent"))
    c.call("cut-call@example.com", messages=1, method="INVITE", from_user="seconduser", to_user="secondpeer", user_agents=AnyOf(ABSENT, []),
           codecs=AnyOf(ABSENT, []))
    c.summary = {"calls": 2, "packets": 4, "truncated": AtLeast(1)}
    c.messages = [(1, "INVITE", False), (2, 100, False), (3, 180, False), (4, "INVITE", False)]
    c.file("pcap", wire.pcap(frames))


def truncated_before_call_id(c):
    """Cut inside of the From header: there is no Call-ID to go by, so no call may claim the message."""
    scene = Scene()
    first = Leg(scene, "whole-call@example.com")
    first.ring()
    second = Leg(scene, "cut-call@example.com", from_user="seconduser")
    data = second.invite()["bytes"]
    frames = scene.frames()
    at, frame = frames[-1]
    frames[-1] = (at, frame[:42 + data.index(b"From:") + 12], len(frame))
    c.call("whole-call@example.com", messages=3, retransmissions=0, state="ringing")
    c.others = True
    c.never = ["cut-call@example.com", "seconduser"]
    c.file("pcap", wire.pcap(frames))


def truncated_call_id(c):
    """Cut inside of the Call-ID value: a piece of a Call-ID is not that of the call it is a piece of."""
    scene = Scene()
    first = Leg(scene, "shared-prefix")
    first.ring()
    second = Leg(scene, "shared-prefix-and-more@example.com")
    data = second.invite()["bytes"]
    frames = scene.frames()
    at, frame = frames[-1]
    frames[-1] = (at, frame[:42 + data.index(b"Call-ID:") + 9 + len("shared-prefix")], len(frame))
    c.call("shared-prefix", messages=3, state="ringing", retransmissions=0)
    c.others = True
    c.file("pcap", wire.pcap(frames))


def snaplen_64(c):
    """Every packet cut to 64 bytes: no call, no crash, and the summary says why."""
    c.summary = {"packets": 7, "truncated": AtLeast(1)}
    c.others = True
    c.capture(scene_of(), snaplen=64)


# ---- file formats ----

def format_case(name, about, make, nanos=0, **facts):
    def build(c):
        c.full(start="2026-01-31T12:00:00.000000Z" if not nanos else "2026-01-31T12:00:00.123456Z", **facts)
        c.file(name.replace("_", "."), make(scene_of(start=wire.EPOCH + nanos).frames()))

    add("format_" + name, about, build)


format_case("pcap_little", "pcap, microseconds, little-endian", wire.pcap)
format_case("pcap_big", "pcap, microseconds, big-endian", functools.partial(wire.pcap, order=">"))
format_case("pcap_nano_little", "pcap, nanoseconds, little-endian", functools.partial(wire.pcap, nano=True), nanos=123456789)
format_case("pcap_nano_big", "pcap, nanoseconds, big-endian", functools.partial(wire.pcap, nano=True, order=">"), nanos=123456789)
format_case("pcapng_little", "pcapng, little-endian", wire.pcapng)
format_case("pcapng_big", "pcapng, big-endian", functools.partial(wire.pcapng, order=">"))
format_case("pcapng_nano", "pcapng, nanoseconds", functools.partial(wire.pcapng, tsresol=9), nanos=123456789)
format_case("pcapng_seconds", "pcapng, if_tsresol of 2^-20 s", functools.partial(wire.pcapng, tsresol=0x94))
format_case("pcapng_offset", "pcapng with if_tsoffset", functools.partial(wire.pcapng, tsoffset=1_000_000_000))
format_case("pcap_gz", "pcap in gzip", lambda f: wire.gzip(wire.pcap(f)))
format_case("pcapng_gz", "pcapng in gzip", lambda f: wire.gzip(wire.pcapng(f)))
format_case("pcap_zst", "pcap in zstd", lambda f: wire.zstd(wire.pcap(f)))
format_case("pcapng_zst", "pcapng in zstd", lambda f: wire.zstd(wire.pcapng(f)))
format_case("gz_members", "gzip of two members", lambda f: gzip.compress(wire.pcap(f)[:1000]) + gzip.compress(wire.pcap(f)[1000:]))
format_case("pcap_in_wrong_name", "what it is decides, not the name", wire.pcapng)


def format_pcapng_two_interfaces(c):
    """Two interfaces of different link types and snap lengths in one section."""
    section = wire.Pcapng()
    section.interface(wire.ETHERNET, snaplen=65535, name=b"eth0")
    section.interface(wire.RAW, snaplen=2000, tsresol=9, name=b"tun0")
    a, b = scene_of(), scene_of(call_id="call-2@example.com")
    for (at, p), (_, q) in zip(a.packets, b.packets):
        section.packet(at, wire.ethernet(p))
        section.packet(at + 500, q, interface=1)
    c.full()
    c.full("call-2@example.com")
    c.file("pcapng", section.bytes())


def format_pcapng_interface_later(c):
    """An interface described after the first packets, name resolution and statistics blocks between, unknown blocks skipped."""
    section = wire.Pcapng()
    section.interface(wire.ETHERNET)
    a, b = scene_of(), scene_of(call_id="call-2@example.com", start=wire.EPOCH + 10 * wire.SECOND)
    for at, p in a.packets:
        section.packet(at, wire.ethernet(p), comment=b"a comment")
    section.block(4, b"\1\0\6\0\x0a\1\0\1a\0\0\0\0\0\0\0")
    section.block(0x0bad0bad, b"what is this")
    section.interface(wire.SLL)
    section.block(5, struct.pack("<III", 0, 0, 0))
    for at, p in b.packets:
        section.packet(at, wire.sll(p), interface=1)
    c.full()
    c.full("call-2@example.com")
    c.file("pcapng", section.bytes())


def format_pcapng_sections(c):
    """Two sections of different byte orders, each with its own interfaces."""
    first, second = wire.Pcapng("<"), wire.Pcapng(">")
    first.interface(wire.ETHERNET)
    second.interface(wire.RAW, tsresol=9)
    for at, p in scene_of().packets:
        first.packet(at, wire.ethernet(p))
    for at, p in scene_of(call_id="call-2@example.com", start=wire.EPOCH + 10 * wire.SECOND).packets:
        second.packet(at, p)
    c.full()
    c.full("call-2@example.com")
    c.file("pcapng", first.bytes() + second.bytes())


def format_pcapng_old_block(c):
    """The obsolete Packet Block."""
    section = wire.Pcapng()
    section.interface(wire.ETHERNET)
    for at, p in scene_of().packets:
        section.old_packet(at, wire.ethernet(p))
    c.full()
    c.file("pcapng", section.bytes())


def format_pcapng_simple_block(c):
    """The Simple Packet Block has no time; the messages still count."""
    section = wire.Pcapng()
    section.interface(wire.ETHERNET)
    for _, p in scene_of().packets:
        section.simple_packet(wire.ethernet(p))
    c.call(state="completed", messages=7, status=200)
    c.file("pcapng", section.bytes())


def format_pcapng_unpadded_length(c):
    """Old writers gave block lengths that are no multiple of four; the next block begins after the padding all the same."""
    section = wire.Pcapng()
    section.interface(wire.ETHERNET)
    for at, p in scene_of().packets:
        frame = wire.ethernet(p)
        body = struct.pack("<HHIIII", 0, 0, *section.stamp(0, at), len(frame), len(frame)) + frame
        total = struct.pack("<I", len(body) + 12)
        section.out.append(struct.pack("<I", 2) + total + body + b"\0" * (-len(body) % 4) + total)
    c.full()
    c.file("pcapng", section.bytes())


def format_stdin(c):
    """- is standard input."""
    c.full()
    c.stdin = wire.pcap(scene_of().frames())
    c.inputs = ["-"]


def format_stdin_pcapng_gz(c):
    """Standard input may be compressed pcapng."""
    c.full()
    c.stdin = wire.gzip(wire.pcapng(scene_of().frames()))
    c.inputs = ["-"]


def format_merge(c):
    """Two files, each with one direction of the call, are merged by capture time."""
    frames = scene_of().frames()
    ours = [f for f in frames if f[1][26:30] == wire.address(ALICE[0])]
    c.file("b.pcapng", wire.pcapng([f for f in frames if f not in ours]))
    c.file("a.pcap", wire.pcap(ours))
    c.full()
    c.summary = {"packets": 7, "sip_messages": 7, "calls": 1}


def format_merge_reversed(c):
    """The later file is named first."""
    c.file("later.pcap", wire.pcap(scene_of(call_id="call-2@example.com", start=wire.EPOCH + 100 * wire.SECOND).frames()))
    c.file("earlier.pcap.gz", wire.gzip(wire.pcap(scene_of().frames())))
    c.full(id=AnyOf(0, 1))
    c.full("call-2@example.com", id=AnyOf(1, 2))
    c.in_order = True


def format_many_files(c):
    """A hundred files on one command line."""
    for i in range(100):
        call_id = f"file-{i:02d}@example.com"
        c.file(f"{99 - i:02d}.pcap", wire.pcap(scene_of(call_id=call_id, start=wire.EPOCH + i * wire.SECOND).frames()))
        c.full(call_id)
    c.summary = {"calls": 100, "packets": 700}


def format_time_goes_back(c):
    """A capture whose clock was set back by an hour in the middle of a call."""
    frames = scene_of().frames()
    frames = [(at - (3600 * wire.SECOND if i > 4 else 0), data) for i, (at, data) in enumerate(frames)]
    c.call(state="completed", messages=7)
    c.file("pcap", wire.pcap(frames))


# ---- inputs that are not right ----

def bad_cut_in_packet(c):
    """The file ends inside of the last packet: exit 3, and what is before it is reported."""
    data = wire.pcap(scene_of().frames())
    c.exit, c.stderr = 3, True
    c.call(**{**FULL, "messages": 6})
    c.summary = {"packets": 6}
    c.file("pcap", data[:-100])


def bad_cut_in_header(c):
    """The file ends inside of a record header."""
    frames = scene_of().frames()
    c.exit, c.stderr = 3, True
    c.call(**{**FULL, "messages": 6})
    c.file("pcap", wire.pcap(frames)[:-(len(frames[-1][1]) + 7)])


def bad_cut_pcapng(c):
    """A pcapng file that ends inside of a block."""
    c.exit, c.stderr = 3, True
    c.call(**{**FULL, "messages": 6})
    c.file("pcapng", wire.pcapng(scene_of().frames())[:-50])


def bad_cut_gz(c):
    """A gzip file that was cut: exit 3."""
    c.exit, c.stderr = 3, True
    c.others = True
    c.file("pcap.gz", wire.gzip(wire.pcap(scene_of().frames()))[:-30])


def bad_record_length(c):
    """A record that claims 2 GB: exit 3, what is before it is reported."""
    data = wire.pcap(scene_of().frames())
    c.exit, c.stderr = 3, True
    c.full()
    c.file("pcap", data + struct.pack("<IIII", 1769860900, 0, 0x7fffffff, 0x7fffffff) + b"x" * 100)


def bad_header_only(c):
    """A capture without packets is a capture: exit 0, no calls."""
    c.summary = {"packets": 0, "calls": 0, "sip_messages": 0}
    c.file("pcap", wire.pcap([]))


def bad_empty_file(c):
    """An empty file is no capture: exit 3."""
    c.exit, c.stderr = 3, True
    c.file("pcap", b"")


def bad_text_file(c):
    """A text file is no capture: exit 3."""
    c.exit, c.stderr = 3, True
    c.file("txt", b"INVITE sip:bob@example.com SIP/2.0\r\nCall-ID: x\r\n\r\n" * 20)


def bad_directory(c):
    """A directory is no capture: exit 3."""
    c.exit, c.stderr = 3, True
    c.inputs = [c.folder]


def bad_missing_file(c):
    """A file that does not exist: exit 3."""
    c.exit, c.stderr = 3, True
    c.inputs = [c.path("does-not-exist.pcap")]


def bad_one_of_two(c):
    """A missing file beside a good one: exit 3, and the good one is reported."""
    c.exit, c.stderr = 3, True
    c.inputs = [c.path("does-not-exist.pcap")]
    c.file("good.pcap", wire.pcap(scene_of().frames()))
    c.full()


def bad_link_type(c):
    """A link type that nobody reads: counted, not fatal."""
    c.summary = {"packets": 7, "sip_messages": 0, "calls": 0}
    c.capture(scene_of(), linktype=147)


def bad_frames_between(c):
    """Frames of 0, 1 and 13 bytes, ARP, and noise between the messages."""
    frames = scene_of().frames()
    noise = [b"", b"\0", b"\xff" * 13, wire.MACS + b"\x08\x06" + b"\0" * 28, b"\xa5" * 60, wire.MACS + b"\x08\x00", wire.MACS + b"\x08\x00\x4f"]
    mixed = []
    for i, frame in enumerate(frames):
        mixed += [frame, (frame[0] + 10, noise[i])]
    c.full()
    c.summary = {"packets": 14, "sip_messages": 7}
    c.file("pcap", wire.pcap(mixed))


# ---- the command line ----

def usage(name, about, options, inputs=True, exit=2):
    def build(c):
        c.options, c.exit, c.reports, c.stderr = options, exit, exit != 2, exit != 0
        c.file("pcap", wire.pcap(scene_of().frames()), use=inputs)
        c.others = True

    add("usage_" + name, about, build)


usage("unknown_option", "an option that does not exist", ["--no-such-option"])
usage("unknown_letter", "a letter that is no option", ["-Z"])
usage("missing_value", "an option without its value", ["-f"], inputs=False)
usage("bad_sink", "a sink that does not exist", ["-o", "no-such-sink"])
usage("bad_filter", "a BPF expression that does not compile", ["-f", "port port port"])
usage("bad_where", "a query that does not parse", ["-w", "state ="])
usage("bad_where_field", "a query on a field that does not exist", ["-w", "no_such_field = 1"])
usage("bad_profile", "a profile that does not exist", ["-p", "no-such-profile"])
usage("missing_profile", "a profile's file that does not exist", ["-p", "./no-such-profile.json"])
usage("bad_number", "a count that is no number", ["--count", "many"])


def profile_file(c, text):
    c.file("pcap", wire.pcap(scene_of().frames()))
    c.options = ["-p", c.file("profile.json", text, use=False)]


def profile_right(c):
    """A profile of one's own, on top of a built-in one."""
    profile_file(c, b'{"profile": "mine", "schema": 1, "extends": ["voice-connector"], "limits": {"cps": 5}}')
    c.full()


def profile_built_in(c):
    """A built-in profile by its name."""
    c.file("pcap", wire.pcap(scene_of().frames()))
    c.options = ["--profile=rfc"]
    c.full()


def profile_wrong(c):
    """A profile with a mistake: exit 2 with its place, and no input is opened."""
    profile_file(c, b'{"profile": "mine", "schema": 1, "regions": {"a": {"media": [{"cidr": "192.0.2.0/33", "ports": ["udp/1"]}]}}}')
    c.inputs = [c.path("no-such-file.pcap")]
    c.exit, c.reports, c.stderr = 2, False, "profile.json: regions.a.media[0].cidr must be a network such as"


def profile_no_json(c):
    """A profile that is no JSON: exit 2 with line and column."""
    profile_file(c, b'{"profile":\n "mine", schema')
    c.exit, c.reports, c.stderr = 2, False, "profile.json: no JSON at line 2, column 11"


def profile_terminal(c):
    """What a profile says never reaches the terminal raw."""
    profile_file(c, b'{"profile": "mine", "schema": 1, "\xc2\x9b31m\x7f\\u001b[31m": 1}')
    c.exit, c.reports, c.stderr = 2, False, "there is no key .31m..[31m; the keys here are profile"


def usage_unwritable(c):
    """An output that cannot be written: exit 4."""
    c.exit, c.stderr, c.reports = 4, True, False
    c.file("pcap", wire.pcap(scene_of().frames()))
    c.json_path = c.path("no-such-folder/out.json")


def usage_full_device(c):
    """An output that fills up: exit 4."""
    c.exit, c.stderr, c.reports = 4, True, False
    c.file("pcap", wire.pcap(scene_of().frames()))
    c.json_path = "/dev/full"


def where_scene(c):
    scene = Scene()
    good, bad = Leg(scene), Leg(scene, "call-2@example.com")
    good.whole()
    bad.invite()
    bad.reply(bad.invited, 486)
    bad.ack(status=486)
    c.capture(scene)


def where_state(c):
    """-w selects calls by a field of the record."""
    c.options = ["-w", "state = busy"]
    where_scene(c)
    c.call("call-2@example.com", state="busy")


def where_number(c):
    """-w compares numbers."""
    c.options = ["-w", "status >= 400 and status < 500"]
    where_scene(c)
    c.call("call-2@example.com", state="busy")


def where_not(c):
    """-w knows not, or and parentheses."""
    c.options = ["-w", "not (status = 486 or method = REGISTER)"]
    where_scene(c)
    c.full()


def bad_device(c):
    """A device that is not there is named once, with one reason."""
    c.options, c.exit, c.stderr = ["-i", "no-such-dev"], 3, True
    c.never = ["No such device exists: No such device exists"]


def where_match(c):
    """-w knows ~ and !=."""
    c.options = ["-w", "call_id ~ call-2 and state != completed"]
    where_scene(c)
    c.call("call-2@example.com", state="busy")


def bpf_host(c):
    """-f selects packets of a file."""
    scene = Scene()
    one, two = Leg(scene), Leg(scene, "call-2@example.com", caller=("10.7.7.7", 5060))
    one.whole()
    two.whole()
    c.options = ["-f", "host 10.7.7.7"]
    c.full("call-2@example.com")
    c.capture(scene)


def bpf_nothing(c):
    """A filter that matches nothing leaves nothing."""
    c.options = ["-f", "udp port 9"]
    c.summary = {"calls": 0, "sip_messages": 0}
    c.capture(scene_of())


CASES += [f for name, f in list(globals().items())
          if name.startswith(("fragments_", "tcp_", "websocket_", "sctp_", "truncated_", "snaplen_", "format_", "bad_", "usage_", "profile_", "where_", "bpf_"))
          and name not in ("tcp_messages_in_one_segment", "tcp_starts_in_body", "websocket_scene", "where_scene", "format_case", "profile_file")]

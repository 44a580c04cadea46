"""Captures that nobody sends by accident: each function returns the bytes of one file that asks for too much of something."""
import os
import random
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases"))
import wire  # noqa: E402
from scene import ALICE, BOB, Leg, Scene, sdp  # noqa: E402

HEAD = (b"INVITE sip:bob@10.2.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.1:5060;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
        b"To: <sip:b@c>\r\nCall-ID: nasty@example.com\r\nCSeq: 1 INVITE\r\n")


def datagrams(payloads, step=1000, src=ALICE, dst=BOB):
    return wire.pcap([(wire.EPOCH + i * step, wire.ethernet(wire.udp_packet(src, dst, p))) for i, p in enumerate(payloads)])


def packets(items, step=1000, link=wire.ethernet):
    return wire.pcap([(wire.EPOCH + i * step, link(p)) for i, p in enumerate(items)])


def stream(data, mss=1400, isn=1000):
    """One TCP stream from ALICE to BOB."""
    tcp = wire.Tcp(mss, isn)
    return packets(tcp.send(ALICE, BOB, data))


def message(headers=b"", body=b"", length=None):
    size = str(len(body)).encode() if length is None else length
    return HEAD + headers + b"Content-Length: " + size + b"\r\n\r\n" + body


# ---- packets and links ----

def zero_byte_packets():
    return wire.pcap([(wire.EPOCH + i, b"") for i in range(200000)])


def packets_of_64_kilobytes():
    return datagrams([message(b"X: " + b"y" * (65000 + i) + b"\r\n") for i in range(200)])


def caplen_of_256_kilobytes():
    return wire.pcap([(wire.EPOCH + i, wire.ethernet(wire.udp_packet(ALICE, BOB, message())) + b"\xff" * 262000) for i in range(60)])


def tags_upon_tags():
    inner = wire.udp_packet(ALICE, BOB, message())
    return wire.pcap([(wire.EPOCH, wire.vlan(inner, *[(0x8100, 5)] * n)) for n in (2, 8, 16, 32, 200, 10000)])


def labels_upon_labels():
    inner = wire.udp_packet(ALICE, BOB, message())
    return wire.pcap([(wire.EPOCH, wire.mpls(inner, *[7] * n)) for n in (2, 16, 1000, 15000)])


def tunnels_in_tunnels():
    frames = []
    for wrap in (wire.in_ipv4, wire.in_ipv6, wire.in_gre, wire.in_gtp, wire.in_vxlan, wire.in_gre_ethernet, wire.in_erspan):
        inner = wire.udp_packet(ALICE, BOB, message())
        for _ in range(300):
            inner = wrap(inner)
            if len(inner) > 60000:
                break
            frames.append((wire.EPOCH, wire.ethernet(inner)))
    return wire.pcap(frames)


def extension_headers():
    src, dst = "2001:db8::1", "2001:db8::2"
    inner = wire.udp((src, 5060), (dst, 5060), message())
    chain = [(60, b"\0\1\4\0\0\0\0")]
    return packets([wire.ip(src, dst, 17, inner, extensions=chain * n) for n in (1, 8, 64, 1000, 7000)])


def bad_lengths():
    """Every two-byte field of an IPv4/UDP packet set to 0, 1, 0x7fff, 0xffff in turn."""
    whole = wire.ethernet(wire.udp_packet(ALICE, BOB, message()))
    frames = []
    for at in range(12, 42):
        for value in (0, 1, 0x7fff, 0xffff):
            frames.append((wire.EPOCH, whole[:at] + struct.pack(">H", value) + whole[at + 2:]))
    return wire.pcap(frames)


def bad_times():
    data = bytearray(datagrams([message()] * 400))
    record = (len(data) - 24) // 400
    chooser = random.Random(5)
    for i in range(400):
        seconds = chooser.choice((0, 1, 0x7fffffff, 0x80000000, 0xffffffff, chooser.getrandbits(32)))
        data[24 + i * record:32 + i * record] = struct.pack("<II", seconds, chooser.getrandbits(32))
    return bytes(data)


# ---- fragments ----

def endless_first_fragments():
    return packets([wire.ip("10.1.0.1", "10.2.0.2", 17, b"\x13\xc4\x13\xc4" + b"x" * 1396, ident=i & 0xffff, flags=1) for i in range(60000)])


def endless_last_fragments():
    return packets([wire.ip(f"10.1.{i >> 8 & 255}.{i & 255}", "10.2.0.2", 17, b"x" * 64, ident=i & 0xffff, flags=0, offset=65000)
                    for i in range(60000)])


def tiny_fragments():
    whole = wire.udp_packet(ALICE, BOB, message(b"X: " + b"y" * 65000 + b"\r\n"))
    frames = wire.fragment(whole, 8, 9)
    random.Random(1).shuffle(frames)
    return packets(frames * 3)


def overlapping_fragments():
    body = bytes(range(256)) * 200
    return packets([wire.ip("10.1.0.1", "10.2.0.2", 17, body[i % 200:i % 200 + 600], ident=3, flags=1, offset=(i * 24) % 60000)
                    for i in range(20000)])


def fragments_past_the_end():
    return packets([wire.ip("10.1.0.1", "10.2.0.2", 17, b"x" * 1400, ident=i, flags=i & 1, offset=65528) for i in range(2000)])


# ---- TCP ----

def header_of_a_megabyte():
    return stream(message(b"X: " + b"y" * 1_000_000 + b"\r\n") + message())


def line_without_end():
    return stream(HEAD + b"X: " + b"y" * 20_000_000)


def headers_without_end():
    return stream(HEAD + b"X: y\r\n" * 2_000_000)


def many_headers_tcp():
    return stream(message(b"".join(b"X-%d: y\r\n" % i for i in range(10000))) + message())


def many_headers_udp():
    return datagrams([message(b"a:b\r\n" * 10000)] * 50)


def content_lengths():
    return stream(b"".join(message(length=n) for n in (b"4294967295", b"-1", b"99999999999999999999999999", b"18446744073709551615", b"1e9",
                                                       b"", b"0x10", b"65536")) + b"z" * 3_000_000)


def every_second_byte():
    """A stream of which every second byte is missing: nothing can be delivered, and the list of holes grows."""
    tcp = wire.Tcp()
    opening = tcp.open(ALICE, BOB)
    return packets(opening + [wire.tcp_packet(ALICE, BOB, 1001 + 2 * i, 6001, wire.ACK, b"x") for i in range(60000)])


def every_second_byte_backwards():
    tcp = wire.Tcp()
    opening = tcp.open(ALICE, BOB)
    return packets(opening + [wire.tcp_packet(ALICE, BOB, 1001 + 2 * i, 6001, wire.ACK, b"x") for i in range(30000, 0, -1)])


def holes_in_many_connections():
    items = []
    for i in range(20000):
        src = (f"10.1.{i >> 8 & 255}.{i & 255}", 1024 + i % 60000)
        items += [wire.tcp_packet(src, BOB, 1, 0, wire.SYN), wire.tcp_packet(src, BOB, 5000, 1, wire.ACK, b"INVITE sip:x SIP/2.0\r\n" + b"x" * 1300)]
    return packets(items)


def many_syns():
    return packets([wire.tcp_packet((f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", 5060), BOB, i, 0, wire.SYN) for i in range(100000)])


def one_byte_segments():
    return stream(message(body=b"b" * 3000) * 20, mss=1)


def sequence_numbers_at_random():
    chooser = random.Random(2)
    return packets([wire.tcp_packet(ALICE, BOB, chooser.getrandbits(32), chooser.getrandbits(32), chooser.choice((0x10, 0x18, 2, 1, 4, 0x12)),
                                    message()[:chooser.randrange(300)]) for _ in range(50000)])


def websocket_lengths():
    tcp, web = wire.Tcp(), wire.WebSocket()
    out = web.open(ALICE, BOB)
    tcp = web.tcp
    for length in (b"\x7f" + struct.pack(">Q", 2**63 - 1), b"\xff" + struct.pack(">Q", 2**64 - 1), b"\xfe\0\0", b"\xff" + b"\0" * 8):
        out += tcp.send(ALICE, BOB, b"\x81" + length + b"\1\2\3\4" + b"x" * 5000)
    return packets(out)


def websocket_crumbs():
    web = wire.WebSocket()
    out = web.open(ALICE, BOB)
    crumbs = wire.websocket_frame(b"I", True, 1, False) + b"".join(wire.websocket_frame(b"x", True, 0, False) for _ in range(300000))
    return packets(out + web.tcp.send(ALICE, BOB, crumbs))


# ---- SIP text ----

def many_vias():
    return datagrams([message(b"Via: SIP/2.0/UDP h;branch=z9hG4bK\r\n" * 1500), message(b"Via: " + b"SIP/2.0/UDP h," * 4000 + b"SIP/2.0/UDP h\r\n")] * 20)


def odd_values():
    values = [b'"' * 30000, b'"\\' * 15000, b"<" * 30000, b"," * 60000, b";" * 60000, b";a" * 30000, b"%" * 60000, b"[" * 30000, b"(" * 60000,
              b"sip:" * 15000, b"\0" * 60000, b"\xff" * 60000, b"\xed\xa0\x80" * 20000, b"a\r\n " * 15000, b"\r\n\t" * 20000, b"=" * 60000]
    return datagrams([HEAD.replace(b"<sip:a@b>;tag=1", v) + b"\r\n" for v in values]
                     + [message(name + b": " + v + b"\r\n") for v in values for name in (b"Contact", b"Record-Route", b"Reason", b"Warning", b"X-Call-ID")])


def odd_call_ids():
    return datagrams([message().replace(b"nasty@example.com", v) for v in (b"", b" ", b"\0", b"\xff\xfe", b"x" * 60000, b'"\\"', b"\x1b[31m", b"a\x7fb")])


def start_lines():
    lines = [b"A" * 60000 + b" sip:x SIP/2.0", b"INVITE " + b"x" * 60000 + b" SIP/2.0", b"SIP/2.0 999999999999 x", b"SIP/2.0 -1 x",
             b"SIP/2.0 200 " + b"x" * 60000, b"SIP/2.0  200  OK", b"SIP/2.0", b"SIP/2.0 20", b"INVITE  sip:x  SIP/2.0", b" INVITE sip:x SIP/2.0",
             b"INVITE sip:x SIP/3.0", b"INVITE\tsip:x\tSIP/2.0", b"\r\n" * 30000 + b"INVITE sip:x SIP/2.0"]
    return datagrams([line + HEAD[HEAD.index(b"\r\n"):] + b"\r\n" for line in lines])


def sdp_lines():
    media = "".join(f"m=audio {1024 + i} RTP/AVP 0 8\r\n" for i in range(2000))
    bodies = [sdp(ALICE) + media, sdp(ALICE) + "a=rtpmap:0 PCMU/8000\r\n" * 2500, "m=audio 99999999999999 RTP/AVP " + "0 " * 25000 + "\r\n",
              "v=0\r\nc=IN IP4 999.999.999.999/127/65535\r\nm=audio 1 RTP/AVP 0\r\n", "v=0\r\n" + "c=IN IP6 ::1\r\n" * 4000, "m=\r\n" * 15000,
              "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 50000 + "\r\n"]
    return datagrams([message(b"Content-Type: application/sdp\r\n", b.encode()) for b in bodies] * 5)


def multipart_in_multipart():
    body, kind = b"v=0\r\n", b"application/sdp"
    for i in range(600):
        mark = b"b%d" % i
        body = b"--" + mark + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + body + b"\r\n--" + mark + b"--\r\n"
        kind = b"multipart/mixed;boundary=" + mark
    parts = b"--q\r\n\r\n\r\n" * 6000 + b"--q--\r\n"
    return datagrams([message(b"Content-Type: " + kind + b"\r\n", body), message(b"Content-Type: multipart/mixed;boundary=q\r\n", parts)] * 10)


# ---- many of something ----

def leg_messages(count, make):
    """make(leg, i) for each of count; one scene, no waiting for responses."""
    scene = Scene()
    for i in range(count):
        make(scene, i)
        scene.wait(1)
    return wire.pcap(scene.frames())


def many_calls():
    return leg_messages(30000, lambda scene, i: Leg(scene, f"{i}@example.com").invite())


def one_call_many_branches():
    """One Call-ID with ever new tags and branches: transactions, dialogs and messages of one call."""
    return leg_messages(30000, lambda scene, i: Leg(scene).invite(branch=f"z9hG4bK{i}", cseq=i + 1, from_tag=f"t{i}"))


def one_invite_many_forks():
    scene = Scene()
    leg = Leg(scene)
    leg.invite()
    for i in range(15000):
        scene.wait(1)
        leg.reply(leg.invited, 180 if i % 2 else 200, tag=f"fork{i}", body=sdp(BOB, 4000 + i % 60000))
    return wire.pcap(scene.frames())


def one_registration_many_times():
    return leg_messages(30000, lambda scene, i: Leg(scene, cseq=i + 1).request("REGISTER"))


def one_branch_many_calls():
    return leg_messages(30000, lambda scene, i: Leg(scene, f"{i}@h").request("OPTIONS", branch="z9hG4bKsame"))


def everybody_looks_related():
    """The same numbers, origin line, Session-ID and X-Call-ID in thousands of calls at one time."""
    extra = [("Session-ID", "a" * 32 + ";remote=" + "0" * 32), ("X-Call-ID", "0@related")]

    def make(scene, i):
        Leg(scene, f"{i}@related", from_user="+12065550100", to_user="+14255550100", session=5).invite(headers=extra)

    return leg_messages(20000, make)


# ---- other protocols ----

def hep_chunks():
    good = wire.Hep().send(ALICE, BOB, message())[0][28:]
    out = [b"HEP3" + struct.pack(">H", n) + good[6:] for n in (0, 5, 6, 7, 65535)]
    for length in (0, 1, 5, 6, 7, 65535):
        for at in range(6, 90):
            out.append(good[:at] + struct.pack(">H", length) + good[at + 2:])
    return datagrams(out + [b"HEP3\0\x06", b"HEP3", b"\2", b"\2\x10", b"\2\xff\2\x11"], dst=("10.2.0.2", 9060))


def sctp_chunks():
    payload = message()
    chunks = [struct.pack(">BBH", 0, 3, n) + b"\0" * 40 for n in (0, 1, 3, 4, 15, 16, 17, 65535)]
    chunks += [struct.pack(">BBH", k, 0, 4) * 15000 for k in (6, 255)]
    items = [wire.sctp_packet(ALICE, BOB, c) for c in chunks]
    items += [wire.sctp_packet(ALICE, BOB, wire.sctp_data(i * 3, payload[:100], 2, ssn=i & 0xffff)) for i in range(5000)]
    items += [wire.sctp_packet(ALICE, BOB, wire.sctp_data(i * 2, payload[:1], 0)) for i in range(20000)]
    return packets(items)


# ---- files ----

def pcapng_blocks():
    good = wire.Pcapng()
    good.interface()
    good.packet(wire.EPOCH, wire.ethernet(wire.udp_packet(ALICE, BOB, message())))
    good.block(6, struct.pack("<IIIII", 99, 0, 0, 4, 4) + b"abcd")           # no such interface
    good.block(6, struct.pack("<IIIII", 0, 0, 0, 0x7fffffff, 4) + b"abcd")   # captured length past the block
    good.block(6, b"\0\0\0\0")                                               # too short
    good.block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHHH", 9, 65535, 0, 0))  # option past the block
    good.block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHBxxx", 9, 1, 255))     # 2^-127 s
    good.packet(wire.EPOCH, wire.ethernet(wire.udp_packet(ALICE, BOB, message())))
    return good.bytes()


def pcapng_many_interfaces():
    section = wire.Pcapng()
    for _ in range(100000):
        section.interface()
    section.packet(wire.EPOCH, wire.ethernet(wire.udp_packet(ALICE, BOB, message())), interface=99999)
    return section.bytes()


def pcapng_many_sections():
    return b"".join(wire.pcapng([(wire.EPOCH + i, wire.ethernet(wire.udp_packet(ALICE, BOB, message())))], order="<>"[i % 2]) for i in range(5000))


def pcapng_many_comments():
    section = wire.Pcapng()
    section.interface()
    for i in range(20000):
        section.packet(wire.EPOCH + i, wire.ethernet(wire.udp_packet(ALICE, BOB, b"x")), comment=b"c" * 1000)
    return section.bytes()


def pcapng_lengths():
    """The first block after the section header claims each of these lengths."""
    base = wire.Pcapng().bytes()
    return base + struct.pack("<II", 6, 0) + b"\0" * 100


def pcapng_length_huge():
    return wire.Pcapng().bytes() + struct.pack("<II", 6, 0xfffffff0) + b"\0" * 100


def zeros(size, wrap):
    packer, out = zlib.compressobj(9, zlib.DEFLATED, 31), []
    head = wire.pcap([]) if wrap else b""
    out.append(packer.compress(head))
    for _ in range(size >> 20):
        out.append(packer.compress(b"\0" * (1 << 20)))
    return b"".join(out) + packer.flush()


def gzip_bomb():
    """64 MiB of empty records in a small file."""
    return zeros(64 << 20, True)


def gzip_bomb_of_nothing():
    """A gigabyte of zeros that is no capture: refused by its first bytes."""
    return zeros(1 << 30, False)


def gzip_in_gzip():
    data = datagrams([message()])
    for _ in range(200):
        data = wire.gzip(data)
    return data


BUILT = [f for f in list(globals().values()) if callable(f) and getattr(f, "__module__", "") == __name__ and f.__code__.co_argcount == 0]

"""Packets and capture files written by hand: link layers, IP, tunnels, transports, pcap and pcapng. Nothing is read here."""
import ipaddress
import random
import struct
import subprocess
import zlib

# Link types (tcpdump.org/linktypes.html)
ETHERNET, NULL, PPP, RAW, LOOP, SLL, SLL2, IPV4, IPV6, MTP2 = 1, 0, 9, 101, 108, 113, 276, 228, 229, 140

SECOND = 10**9
EPOCH = 1769860800 * SECOND  # 2026-01-31T12:00:00Z


def is6(ip):
    return ":" in ip


def address(ip):
    return ipaddress.ip_address(ip).packed


def version(packet):
    return packet[0] >> 4


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


# ---- IP and what lies on it ----

def ip(src, dst, protocol, payload, ident=0, flags=2, offset=0, options=b"", extensions=(), ttl=64):
    """An IPv4 or IPv6 packet. offset in bytes; flags 2 = DF, 1 = more fragments. extensions: (type, body) of IPv6."""
    if not is6(src):
        header = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), ident,
                             flags << 13 | offset // 8, ttl, protocol, 0, address(src), address(dst)) + options
        return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + payload
    following = protocol
    for kind, body in reversed(list(extensions)):
        payload = bytes([following]) + body + payload
        following = kind
    return struct.pack(">IHBB16s16s", 6 << 28, len(payload), following, ttl, address(src), address(dst)) + payload


def pseudo(src, dst, protocol, payload):
    if is6(src):
        return address(src) + address(dst) + struct.pack(">II", len(payload), protocol)
    return address(src) + address(dst) + struct.pack(">BBH", 0, protocol, len(payload))


def udp(src, dst, payload):
    """src, dst: (ip, port). The UDP datagram alone."""
    bare = struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload
    total = checksum(pseudo(src[0], dst[0], 17, bare) + bare) or 0xffff
    return bare[:6] + struct.pack(">H", total) + payload


def udp_packet(src, dst, payload, **more):
    return ip(src[0], dst[0], 17, udp(src, dst, payload), **more)


def tcp_packet(src, dst, seq, ack, flags, payload=b"", options=b""):
    bare = struct.pack(">HHIIBBHHH", src[1], dst[1], seq & 0xffffffff, ack & 0xffffffff, (5 + len(options) // 4) << 4, flags, 65535,
                       0, 0) + options + payload
    total = checksum(pseudo(src[0], dst[0], 6, bare) + bare)
    return ip(src[0], dst[0], 6, bare[:16] + struct.pack(">H", total) + bare[18:])


FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Udp:
    """Carries each message in one datagram."""
    name = "udp"

    def open(self, src, dst):
        return []

    def send(self, src, dst, payload):
        return [udp_packet(src, dst, payload)]


class Tcp:
    """Carries messages on TCP connections, at most mss bytes in a segment. Connections open themselves."""
    name = "tcp"

    def __init__(self, mss=1460, isn=1000, handshake=True):
        self.mss, self.isn, self.handshake = mss, isn, handshake
        self.next = {}

    def open(self, src, dst):
        self.next[src, dst] = self.isn
        self.next[dst, src] = self.isn + 5000
        if not self.handshake:
            return []
        a, b = self.isn, self.isn + 5000
        self.next[src, dst] += 1
        self.next[dst, src] += 1
        return [tcp_packet(src, dst, a, 0, SYN, options=b"\2\4\5\xb4"), tcp_packet(dst, src, b, a + 1, SYN | ACK),
                tcp_packet(src, dst, a + 1, b + 1, ACK)]

    def segment(self, src, dst, payload, flags=PSH | ACK):
        seq = self.next[src, dst]
        self.next[src, dst] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        return tcp_packet(src, dst, seq, self.next[dst, src], flags, payload)

    def send(self, src, dst, payload):
        opening = [] if (src, dst) in self.next else self.open(src, dst)
        return opening + [self.segment(src, dst, payload[i:i + self.mss]) for i in range(0, len(payload), self.mss)]

    def close(self, src, dst, reset=False):
        if reset:
            packets = [self.segment(src, dst, b"", RST)]
        else:
            packets = [self.segment(src, dst, b"", FIN | ACK), self.segment(dst, src, b"", FIN | ACK), self.segment(src, dst, b"", ACK)]
        del self.next[src, dst], self.next[dst, src]
        return packets


def websocket_frame(payload, masked, opcode=1, final=True):
    """RFC 6455 5.2."""
    n = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    bit = 0x80 if masked else 0
    head += bytes([bit | n]) if n < 126 else bytes([bit | 126]) + struct.pack(">H", n) if n < 65536 else bytes([bit | 127]) + struct.pack(">Q", n)
    if not masked:
        return head + payload
    mask = b"\x37\xfa\x21\x3d"
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class WebSocket:
    """SIP over WebSocket (RFC 7118) over TCP; the side that opens is the client and masks."""
    name = "ws"

    def __init__(self, mss=1460, pieces=1):
        self.tcp, self.pieces, self.client = Tcp(mss), pieces, None

    def open(self, src, dst):
        """TCP handshake and HTTP upgrade (RFC 6455 1.3)."""
        self.client = src
        packets = self.tcp.send(src, dst, b"GET /sip HTTP/1.1\r\nHost: sip.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n"
                                b"Sec-WebSocket-Version: 13\r\n\r\n")
        return packets + self.tcp.send(dst, src, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                       b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n")

    def send(self, src, dst, payload):
        packets = self.open(src, dst) if self.client is None else []
        size = -(-len(payload) // self.pieces)
        pieces = [payload[i:i + size] for i in range(0, len(payload), size)]
        stream = b"".join(websocket_frame(p, src == self.client, 1 if i == 0 else 0, i == len(pieces) - 1) for i, p in enumerate(pieces))
        return packets + self.tcp.send(src, dst, stream)


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def sctp_data(tsn, payload, flags=3, stream=1, ssn=0, ppid=0):
    """A DATA chunk (RFC 9260 3.3.1); flags 2 = begin, 1 = end."""
    chunk = struct.pack(">BBHIHHI", 0, flags, 16 + len(payload), tsn, stream, ssn, ppid) + payload
    return chunk + b"\0" * (-len(chunk) % 4)


def sctp_packet(src, dst, chunks):
    tag = 0x11223344 ^ sum(address(dst[0]))  # the verification tag is the receiver's
    bare = struct.pack(">HHII", src[1], dst[1], tag, 0) + chunks
    total = struct.pack("<I", crc32c(bare))
    return ip(src[0], dst[0], 132, bare[:8] + total + bare[12:])


class Sctp:
    name = "sctp"

    def __init__(self, size=None):
        self.size, self.tsn, self.ssn = size, {}, {}

    def send(self, src, dst, payload):
        size = self.size or len(payload)
        parts = [payload[i:i + size] for i in range(0, len(payload), size)]
        tsn, ssn = self.tsn.get(src, 100), self.ssn.get(src, 0)
        self.tsn[src], self.ssn[src] = tsn + len(parts), ssn + 1
        return [sctp_packet(src, dst, sctp_data(tsn + i, p, (2 if i == 0 else 0) | (1 if i == len(parts) - 1 else 0), ssn=ssn))
                for i, p in enumerate(parts)]


class Hep:
    """HEP 3 (or 2) in UDP from an agent to a collector."""
    name = "udp"

    def __init__(self, number=3, agent=("192.0.2.50", 40000), collector=("192.0.2.51", 9060)):
        self.number, self.agent, self.collector, self.now = number, agent, collector, EPOCH

    def send(self, src, dst, payload):
        seconds, micros = divmod((self.now - 5 * SECOND) // 1000, 1000000)  # the agent saw it 5 s before the collector's link did
        if self.number == 2:
            head = struct.pack(">BBBBHH", 2, 28, 2, 17, src[1], dst[1]) + address(src[0]) + address(dst[0])
            return [udp_packet(self.agent, self.collector, head + struct.pack("<IIHH", seconds, micros, 1, 0) + payload)]

        def chunk(kind, value):
            return struct.pack(">HHH", 0, kind, 6 + len(value)) + value

        six = is6(src[0])
        chunks = chunk(1, b"\x0a" if six else b"\2") + chunk(2, b"\x11")
        chunks += chunk(5 if six else 3, address(src[0])) + chunk(6 if six else 4, address(dst[0]))
        chunks += chunk(7, struct.pack(">H", src[1])) + chunk(8, struct.pack(">H", dst[1])) + chunk(9, struct.pack(">I", seconds))
        chunks += chunk(10, struct.pack(">I", micros)) + chunk(11, b"\1") + chunk(12, struct.pack(">I", 2001)) + chunk(15, payload)
        return [udp_packet(self.agent, self.collector, b"HEP3" + struct.pack(">H", 6 + len(chunks)) + chunks)]


# ---- IP packet -> list of IP packets ----

def fragment(packet, size=480, ident=77):
    """The fragments of an IP packet, each of at most size payload bytes (a multiple of 8)."""
    if version(packet) == 4:
        head, body = packet[:20], packet[20:]
        src, dst = str(ipaddress.IPv4Address(head[12:16])), str(ipaddress.IPv4Address(head[16:20]))
        return [ip(src, dst, head[9], body[i:i + size], ident=ident, flags=1 if i + size < len(body) else 0, offset=i)
                for i in range(0, len(body), size)]
    src, dst, body = str(ipaddress.IPv6Address(packet[8:24])), str(ipaddress.IPv6Address(packet[24:40])), packet[40:]
    return [ip(src, dst, packet[6], body[i:i + size],
               extensions=[(44, struct.pack(">BHI", 0, i | (1 if i + size < len(body) else 0), ident))])
            for i in range(0, len(body), size)]


# ---- tunnels: IP packet -> IP packet ----

A4, B4, A6, B6 = "203.0.113.1", "203.0.113.2", "2001:db8:ffff::1", "2001:db8:ffff::2"


def in_ipv4(packet):
    return ip(A4, B4, 4 if version(packet) == 4 else 41, packet)


def in_ipv6(packet):
    return ip(A6, B6, 4 if version(packet) == 4 else 41, packet)


def ethertype(packet):
    return 0x0800 if version(packet) == 4 else 0x86dd


def in_gre(packet, key=None, sequence=None):
    flags = (0x2000 if key is not None else 0) | (0x1000 if sequence is not None else 0)
    extra = b"".join(struct.pack(">I", v) for v in (key, sequence) if v is not None)
    return ip(A4, B4, 47, struct.pack(">HH", flags, ethertype(packet)) + extra + packet)


def in_gre_ethernet(packet):
    return ip(A4, B4, 47, struct.pack(">HH", 0, 0x6558) + ethernet(packet))


def in_erspan(packet):
    """ERSPAN type II: GRE with a sequence number, protocol 0x88be, 8 bytes of ERSPAN header."""
    return ip(A4, B4, 47, struct.pack(">HHIII", 0x1000, 0x88be, 5, 1 << 28 | 10 << 16, 0) + ethernet(packet))


def in_vxlan(packet):
    return udp_packet((A4, 50000), (B4, 4789), struct.pack(">II", 0x08000000, 42 << 8) + ethernet(packet))


def in_gtp(packet, sequence=False, extension=False):
    """GTP-U v1 G-PDU."""
    flags = 0x30 | (2 if sequence else 0) | (4 if extension else 0)
    extra = b"" if not (sequence or extension) else struct.pack(">HBB", 7, 0, 0x85 if extension else 0)
    if extension:
        extra += b"\1\0\5\0"  # PDU session container: one 4-byte unit, no next
    body = extra + packet
    return udp_packet((A4, 2152), (B4, 2152), struct.pack(">BBHI", flags, 255, len(body), 0x1234) + body)


# ---- link layers: IP packet -> frame ----

MACS = b"\2\0\0\0\0\2\2\0\0\0\0\1"


def ethernet(packet):
    return MACS + struct.pack(">H", ethertype(packet)) + packet


def vlan(packet, *tags):
    """tags: (TPID, VLAN id), outer first."""
    return MACS + b"".join(struct.pack(">HH", tpid, vid) for tpid, vid in tags) + struct.pack(">H", ethertype(packet)) + packet


def tagged(packet, kind, tag):
    """tag: what stands between the tag's type and the next one."""
    return MACS + struct.pack(">H", kind) + tag + struct.pack(">H", ethertype(packet)) + packet


def mpls(packet, *labels):
    stack = b"".join(struct.pack(">I", label << 12 | (0x100 if i == len(labels) - 1 else 0) | 64) for i, label in enumerate(labels))
    return MACS + struct.pack(">H", 0x8847) + stack + packet


def pppoe(packet):
    inner = struct.pack(">H", 0x21 if version(packet) == 4 else 0x57) + packet
    return MACS + struct.pack(">HBBHH", 0x8864, 0x11, 0, 9, len(inner)) + inner


def llc_snap(packet):
    """IEEE 802.3 with LLC and SNAP."""
    inner = b"\xaa\xaa\3\0\0\0" + struct.pack(">H", ethertype(packet)) + packet
    return MACS + struct.pack(">H", len(inner)) + inner


def ppp(packet):
    return b"\xff\3" + struct.pack(">H", 0x21 if version(packet) == 4 else 0x57) + packet


def sll(packet):
    return struct.pack(">HHH8sH", 0, 1, 6, MACS[6:12] + b"\0\0", ethertype(packet)) + packet


def sll_vlan(packet):
    return struct.pack(">HHH8sHHH", 0, 1, 6, MACS[6:12] + b"\0\0", 0x8100, 5, ethertype(packet)) + packet


def sll2(packet):
    return struct.pack(">HHIHBB8s", ethertype(packet), 0, 2, 1, 0, 6, MACS[6:12] + b"\0\0") + packet


def null(packet):
    return struct.pack("<I", 2 if version(packet) == 4 else 30) + packet


def null_big(packet):
    return struct.pack(">I", 2 if version(packet) == 4 else 24) + packet


def bare(packet):
    return packet


# ---- files: frames are (time_ns, bytes) or (time_ns, bytes, original length) ----

def parts(frame):
    return frame[0], frame[1], frame[2] if len(frame) > 2 else len(frame[1])


def pcap(frames, link=ETHERNET, order="<", nano=False, snaplen=262144, magic=None):
    magic = magic or (0xa1b23c4d if nano else 0xa1b2c3d4)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for frame in frames:
        at, data, original = parts(frame)
        data = data[:snaplen]
        sub = at % SECOND if nano else at % SECOND // 1000
        out.append(struct.pack(order + "IIII", at // SECOND, sub, len(data), original) + data)
    return b"".join(out)


class Pcapng:
    """Blocks of one section, in one byte order."""

    def __init__(self, order="<"):
        self.order, self.out, self.units = order, [], []
        self.block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))

    def block(self, kind, body):
        body += b"\0" * (-len(body) % 4)
        total = len(body) + 12
        self.out.append(struct.pack(self.order + "II", kind, total) + body + struct.pack(self.order + "I", total))

    def options(self, *items):
        if not items:
            return b""
        out = b"".join(struct.pack(self.order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4) for code, value in items)
        return out + struct.pack(self.order + "HH", 0, 0)

    def interface(self, link=ETHERNET, snaplen=0, tsresol=None, tsoffset=None, name=None):
        options = []
        if name:
            options.append((2, name))
        if tsresol is not None:
            options.append((9, bytes([tsresol])))
        if tsoffset is not None:
            options.append((14, struct.pack(self.order + "q", tsoffset)))
        self.block(1, struct.pack(self.order + "HHI", link, 0, snaplen) + self.options(*options))
        resolution = 6 if tsresol is None else tsresol
        per_second = 2 ** (resolution & 127) if resolution & 128 else 10 ** resolution
        self.units.append((per_second, tsoffset or 0, snaplen))

    def stamp(self, interface, at):
        per_second, offset, _ = self.units[interface]
        units = (at - offset * SECOND) * per_second // SECOND
        return units >> 32, units & 0xffffffff

    def packet(self, at, data, original=None, interface=0, comment=None):
        snaplen = self.units[interface][2]
        original = len(data) if original is None else original
        data = data[:snaplen] if snaplen else data
        body = struct.pack(self.order + "IIIII", interface, *self.stamp(interface, at), len(data), original) + data
        body += b"\0" * (-len(data) % 4) + self.options(*([(1, comment)] if comment else []))
        self.block(6, body)

    def old_packet(self, at, data, interface=0):
        body = struct.pack(self.order + "HHIIII", interface, 0, *self.stamp(interface, at), len(data), len(data)) + data
        self.block(2, body)

    def simple_packet(self, data):
        self.block(3, struct.pack(self.order + "I", len(data)) + data)

    def bytes(self):
        return b"".join(self.out)


def pcapng(frames, link=ETHERNET, order="<", **interface):
    section = Pcapng(order)
    section.interface(link, **interface)
    for frame in frames:
        section.packet(*parts(frame))
    return section.bytes()


def gzip(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def zstd(data):
    """None where the zstd program is missing."""
    try:
        return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def flips(data, seed, count):
    """A copy with count random bytes changed."""
    chooser, out = random.Random(seed), bytearray(data)
    for _ in range(count):
        out[chooser.randrange(len(out))] ^= 1 << chooser.randrange(8)
    return bytes(out)

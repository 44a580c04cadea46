#!/usr/bin/env python3
"""Saving calls as packets (-o pcap, -o pcapng): exactly the packets of the chosen calls come out, as they were captured.

  packets.py --sipvet BIN [--only PART-OF-NAME] [-v]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("cases", "truth", "secure")]
import blocks  # noqa: E402
import trials  # noqa: E402
import tunnel  # noqa: E402
import wire  # noqa: E402
from rtp import Stream  # noqa: E402
from scene import Leg, Scene, sdp  # noqa: E402
from talk import MS, Talk  # noqa: E402
from trials import want  # noqa: E402


class Bench:
    def __init__(self, sipvet, folder):
        self.sipvet, self.folder, self.count = sipvet, folder, 0

    def path(self, name):
        self.count += 1
        return os.path.join(self.folder, f"{self.count}.{name}")

    def write(self, name, data):
        path = self.path(name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def capture(self, frames):
        return self.write("capture.pcap", wire.pcap(frames, nano=True))

    def run(self, *args, status=0, data=None, env=None):
        done = subprocess.run([self.sipvet, "--no-tui", *args], input=data, capture_output=True, timeout=60, check=False, env={**os.environ, **(env or {})})
        if done.returncode != status:
            raise Failed(f"exit status {done.returncode}: {done.stderr.decode(errors='replace')[:300]}")
        return done

    def save(self, *args, kind="pcapng", suffix=None, **more):
        """What is saved, and what standard error said."""
        out = self.path("saved." + (suffix or kind))
        done = self.run("-o", f"{kind}:{out}", *args, **more)
        return blocks.read(out), done.stderr.decode(), out

    def records(self, *args):
        return [json.loads(line) for line in self.run("-q", "-o", "json", *args).stdout.splitlines()]


def talk(call_id, number, start=wire.EPOCH, seconds=2):
    """A call with media both ways, RTCP, a STUN check, a packet of a wrong SSRC; its own addresses. Returns (time, IP packet)s."""
    caller, callee = (f"10.1.{number}.1", 5060), (f"10.2.{number}.2", 5060)
    call = Talk(call_id, caller, callee, start=start)
    packets, a, b = [], (caller[0], 4000), (callee[0], 6000)
    for src, dst, ssrc in ((a, b, 0x1000 + number), (b, a, 0x2000 + number)):
        stream = Stream(src, dst, ssrc=ssrc, start=start + 2020 * MS)
        stream.talk(seconds)
        packets += stream.wire()
    report = bytes.fromhex("80c90001") + (0x1000 + number).to_bytes(4, "big")
    packets.append((start + 2500 * MS, wire.udp_packet((a[0], 4001), (b[0], 6001), report)))
    packets.append((start + 2600 * MS, wire.udp_packet((a[0], 4001), (b[0], 6077), report)))  # a=rtcp at one end: told by its SSRC
    packets.append((start + 2010 * MS, wire.udp_packet(a, b, bytes.fromhex("000100002112a442") + bytes(12))))
    packets.append((start + 2700 * MS, wire.udp_packet(a, b, bytes.fromhex("80000001000000020badbad0") + bytes(160))))
    call.end(start + 2020 * MS + seconds * 1000 * MS + 20 * MS)
    return sorted(call.scene.packets + packets, key=lambda p: p[0])


def ethernet(packets):
    return [(at, wire.ethernet(p)) for at, p in packets]


def same(what, file, frames, link=wire.ETHERNET):
    got, expected = [(at, data, link_) for at, data, _, link_, _ in file.frames], [(at, data, link) for at, data in frames]
    if got != expected:
        missing, more = [f for f in expected if f not in got], [f for f in got if f not in expected]
        raise Failed(f"{what}: {len(got)} packets, expected {len(expected)}; {len(missing)} missing, {len(more)} too many, "
                     f"first at {(missing or more or got)[0][0] - wire.EPOCH} ns: {(missing or more or got)[0][1][:60].hex()}")


def test_one_call_of_two(bench):
    mine, other = talk("mine@example.com", 1), talk("other@example.com", 2, wire.EPOCH + 3 * MS)
    path = bench.capture(ethernet(sorted(mine + other, key=lambda p: p[0])))
    for kind, suffix, ng in (("pcap", "pcap", False), ("pcap", "pcapng", True), ("pcapng", "pcapng", True), ("pcapng", "x", True), ("pcap", "cap", False)):
        file, said, _ = bench.save("-w", 'call_id = "mine@example.com"', path, kind=kind, suffix=suffix)
        want("format is pcapng", file.ng, ng)
        same(f"{kind} as {suffix}", file, ethernet(mine))
        want("standard error", said, "")
    file, _, _ = bench.save(path)
    same("all calls", file, ethernet(sorted(mine + other, key=lambda p: p[0])))
    file, _, _ = bench.save("-w", "status = 999", path, kind="pcap")
    want("packets of no call", file.frames, [])


def test_other_traffic_stays_out(bench):
    """Between the same hosts too: another port, the same ports an hour later."""
    mine = talk("mine@example.com", 1)
    strangers = [(wire.EPOCH + 2100 * MS, wire.udp_packet(("10.1.1.1", 4444), ("10.2.1.2", 6666), b"x" * 40)),
                 (wire.EPOCH + 3600000 * MS, wire.udp_packet(("10.1.1.1", 4000), ("10.2.1.2", 6000), bytes.fromhex("000100002112a442") + bytes(12)))]
    file, _, _ = bench.save("-w", "method = INVITE", bench.capture(ethernet(sorted(mine + strangers, key=lambda p: p[0]))))
    same("saved", file, ethernet(mine))


def test_ports_used_again(bench):
    """A second call on the same ports with the same SSRC: its packets are its own."""
    first, second = talk("first@example.com", 1), talk("second@example.com", 1, wire.EPOCH + 20000 * MS)
    path = bench.capture(ethernet(first + second))
    for call_id, packets in (("first@example.com", first), ("second@example.com", second)):
        file, _, _ = bench.save("-w", f'call_id = "{call_id}"', path)
        same(call_id, file, ethernet(packets))


def test_fragments(bench):
    """Of SIP and of media, in any order, between those of others; the last one tells, the others wait."""
    def spoil(packets, ident):
        out = []
        for i, (at, packet) in enumerate(packets):
            pieces = wire.fragment(packet, 120, ident + i) if len(packet) > 200 and i % 3 == 0 else [packet]
            pieces = pieces[::-1] if i % 2 else pieces
            out += [(at + n * 1000, piece) for n, piece in enumerate(pieces)]
        return out
    mine, other = spoil(talk("mine@example.com", 1), 1000), spoil(talk("other@example.com", 2), 1000)
    want("fragments", sum(p[6] & 0x20 for _, p in mine) > 100, True)
    path = bench.capture(ethernet(sorted(mine + other, key=lambda p: p[0])))
    file, said, _ = bench.save("-w", 'call_id = "mine@example.com"', path)
    same("saved", file, ethernet(sorted(mine, key=lambda p: p[0])))
    want("standard error", said, "")


def test_tunnels_and_tags(bench):
    mine, other = talk("mine@example.com", 1), talk("other@example.com", 2)
    everything = sorted([(p, True) for p in mine] + [(p, False) for p in other], key=lambda p: p[0][0])
    for link in (lambda p: wire.ethernet(wire.in_vxlan(p)), lambda p: wire.vlan(p, (0x8100, 5)), lambda p: wire.ethernet(wire.in_gtp(p))):
        frames = [((at, link(p)), own) for (at, p), own in everything]
        file, _, _ = bench.save("-w", 'call_id = "mine@example.com"', bench.capture([f for f, _ in frames]))
        same("saved", file, [f for f, own in frames if own])


def test_tcp(bench):
    """The whole connection, from its SYN on, with segments that hold no message; not those of others."""
    def call(number):
        carrier = wire.Tcp(mss=300)
        scene = Scene(carrier)
        places = (f"10.1.{number}.1", 40000), (f"10.2.{number}.2", 5060)
        Leg(scene, f"call-{number}@example.com", caller=places[0], callee=places[1]).whole()
        return scene.packets
    mine, other = call(1), call(2)
    path = bench.capture(ethernet(sorted(mine + other, key=lambda p: p[0])))
    file, _, _ = bench.save("-w", 'call_id = "call-1@example.com"', path)
    same("saved", file, ethernet(sorted(mine, key=lambda p: p[0])))


def test_a_long_tcp_connection(bench):
    """Of a connection that carries a trunk: its handshake, its acknowledgements, and the parts around the call's messages."""
    carrier = wire.Tcp(mss=400)
    scene, places, calls = Scene(carrier), (("10.1.0.1", 40000), ("10.2.0.2", 5060)), []
    for number in range(5):
        begin = len(scene.packets)
        Leg(scene, f"call-{number}@example.com", caller=places[0], callee=places[1]).whole()
        calls.append(scene.packets[begin:])
        scene.packets.append((scene.now + 40 * MS, carrier.segment(*places, b"", 16)))  # an acknowledgement of what came
        scene.packets.append((scene.now + 41 * MS, carrier.segment(*reversed(places), b"", 16)))
        scene.wait(60000)
    scene.packets += [(scene.now, p) for p in carrier.close(*places)]
    path = bench.capture(ethernet(scene.packets))
    for number in (0, 3):
        query = ["-w", f'call_id = "call-{number}@example.com"']
        file, _, out = bench.save(*query, path)
        same("saved", file, ethernet(p for p in scene.packets if p in calls[number] or len(p[1]) <= 44))
        before, after = ([{k: v for k, v in r.items() if k not in ("id", "frame")} for r in bench.records(*query, f) if r["record"] == "call"] for f in (path, out))
        want("the call", after, before)
    file, _, _ = bench.save(path)
    same("all calls", file, ethernet(scene.packets))


def test_quality_reports(bench):
    """A report about the call, of a Call-ID of its own (RFC 6035), is saved with it: its stream's record has it after as before."""
    mine = talk("mine@example.com", 1)
    body = ("VQSessionReport: CallTerm\r\nCallID: mine@example.com\r\nLocalID: <sip:b@example.com>\r\nRemoteID: <sip:a@example.com>\r\n"
            "OrigID: <sip:a@example.com>\r\nLocalAddr: IP=10.2.1.2 PORT=6000 SSRC=0x2001\r\nRemoteAddr: IP=10.1.1.1 PORT=4000 SSRC=0x1001\r\n"
            "LocalMetrics:\r\nPacketLoss: NLR=1.5 JDR=0.5\r\nQualityEst: MOSLQ=3.9 MOSCQ=3.8\r\n")
    publish = ("PUBLISH sip:collector@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.2.1.2;branch=z9hG4bKr\r\nFrom: <sip:b@example.com>;tag=r\r\n"
               "To: <sip:collector@example.com>\r\nCall-ID: report@example.com\r\nCSeq: 1 PUBLISH\r\nMax-Forwards: 70\r\nEvent: vq-rtcpxr\r\n"
               f"Content-Type: application/vq-rtcpxr\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()
    report = [(mine[-1][0] + 5 * MS, wire.udp_packet(("10.2.1.2", 5060), ("10.9.9.9", 5060), publish))]
    path = bench.capture(ethernet(mine + report))
    query = ["-w", 'call_id = "mine@example.com"']
    file, _, out = bench.save(*query, path)
    same("saved", file, ethernet(mine + report))
    reported = [r["reported"] for r in bench.records(*query, path) if r["record"] == "stream" and "reported" in r]
    want("reports", len(reported), 1)
    want("read back", [r["reported"] for r in bench.records(*query, out) if r["record"] == "stream" and "reported" in r], reported)


def test_hep(bench):
    """What an agent sent on is told by its inner addresses."""
    carrier = wire.Hep()
    scene = Scene(carrier)
    Leg(scene, "mine@example.com").whole()
    other = Scene(carrier)
    Leg(other, "other@example.com", caller=("10.7.0.1", 5060)).whole()
    path = bench.capture(ethernet(sorted(scene.packets + other.packets, key=lambda p: p[0])))
    file, _, _ = bench.save("-w", 'call_id = "mine@example.com"', path)
    same("saved", file, ethernet(scene.packets))


def test_link_types_and_interfaces(bench):
    """Several link types, names and snap lengths in one file: kept in pcapng; classic pcap says what it leaves out."""
    mine = talk("mine@example.com", 1)
    section = wire.Pcapng()
    section.interface(wire.ETHERNET, 1600, 9, name=b"eth7")
    section.interface(101, 0, 9, name=b"tun0")
    frames = []
    for i, (at, packet) in enumerate(mine):
        data = wire.ethernet(packet) if i % 2 == 0 else packet
        section.packet(at, data, interface=i % 2)
        frames.append((at, data, len(data), (wire.ETHERNET, 101)[i % 2], ("eth7", "tun0")[i % 2]))
    path = bench.write("mixed.pcapng", section.bytes())
    file, _, _ = bench.save(path)
    want("frames", file.frames, frames)
    want("interfaces", file.interfaces, [(wire.ETHERNET, 1600, "eth7", 9), (101, 0, "tun0", 9)])
    file, said, _ = bench.save(path, kind="pcap", status=4)
    want("frames of one type", [f[:4] for f in file.frames], [f[:4] for f in frames if f[3] == wire.ETHERNET])
    want("said", f"{len(mine) // 2} packets of link type 101 are left out" in said, True)
    want("the way out is said", "pcapng" in said, True)


def test_cut_packets_and_several_files(bench):
    """The length on the wire stays; files are merged by time, each with its own interface."""
    mine = ethernet(talk("mine@example.com", 1))
    one = bench.write("one.pcap", wire.pcap([(at, data[:100], len(data)) for at, data in mine[::2]], nano=True))
    two = bench.write("two.pcap", wire.pcap(mine[1::2], nano=True))
    file, _, _ = bench.save(one, two)
    want("times are in order", [f[0] for f in file.frames], [at for at, _ in mine])
    want("lengths", sorted((at, len(data), length) for at, data, length, _, _ in file.frames) ==
         sorted((at, min(len(data), 100) if i % 2 == 0 else len(data), len(data)) for i, (at, data) in enumerate(mine)), True)
    want("interfaces", len(file.interfaces), 2)


def test_standard_output(bench):
    mine = ethernet(talk("mine@example.com", 1))
    path = bench.capture(mine)
    done = bench.run("-o", "pcap", path)
    same("saved", blocks.File(done.stdout), mine)
    done = bench.run("-o", "pcapng:-", "-o", "json:/dev/null", path)
    same("saved", blocks.File(done.stdout), mine)


def test_standard_input(bench):
    """Packets of a pipe are spooled; where they may not be, that is said."""
    mine, other = talk("mine@example.com", 1), talk("other@example.com", 2)
    data = wire.pcap(ethernet(sorted(mine + other, key=lambda p: p[0])), nano=True)
    file, said, _ = bench.save("-w", 'call_id = "mine@example.com"', "-", data=data)
    same("saved", file, ethernet(mine))
    want("standard error", said, "")
    out = bench.path("none.pcap")
    said = bench.run("-o", "pcap:" + out, "--spool", "0", "-", data=data, status=4).stderr.decode()
    want("said", "cannot be read again" in said, True)
    said = bench.run("-o", "pcap:" + out, "-", data=data, status=4, env={"TMPDIR": "/no/such/folder"}).stderr.decode()
    want("said of the folder", "packets cannot be kept in /no/such/folder" in said, True)


def test_spool_is_bounded(bench):
    """Beyond its size the oldest packets go, and that is said; the newest call is whole."""
    packets = [p for n in range(40) for p in talk(f"call-{n}@example.com", n, wire.EPOCH + n * 3000 * MS)]
    frames = ethernet(sorted(packets, key=lambda p: p[0]))
    data = wire.pcap(frames, nano=True)
    want("larger than the spool", len(data) > 1 << 20, True)
    last = talk("call-39@example.com", 39, wire.EPOCH + 39 * 3000 * MS)
    file, said, _ = bench.save("-w", 'call_id = "call-39@example.com"', "--spool", "1M", "-", data=data)
    same("newest", file, ethernet(last))
    want("said", "packets were not kept" in said, True)
    file, said, _ = bench.save("-w", 'call_id = "call-0@example.com"', "--spool", "1M", "-", data=data)
    want("oldest", file.frames, [])
    file, said, _ = bench.save("-w", 'call_id = "call-0@example.com"', "--spool", "64M", "-", data=data)
    want("oldest in a large one", len(file.frames) > 200, True)
    want("said of a large one", said, "")


def test_findings_as_comments(bench):
    path = os.path.join(HERE, "..", "..", "samples", "trunk.pcap")
    findings = [f for f in bench.records(path) if f["record"] == "finding"]
    plain, _, _ = bench.save(path)
    want("comments that nobody asked for", plain.comments, {})
    file, _, _ = bench.save("--pcap-findings", path)
    texts = [t for texts in file.comments.values() for t in texts]
    for finding in findings:
        words = f"{finding['severity']} {finding['rule']}: {finding['text']}"
        want(f"comment '{words}'", any(t.startswith(words) for t in texts), True)
    want("comments", len(texts), len(findings))
    said = bench.run("--pcap-findings", "-o", "pcap:" + bench.path("classic.pcap"), path, status=4).stderr.decode()
    want("said of classic pcap", "classic pcap has no place for findings" in said, True)


def secure(bench, number):
    """A call over TLS of its own connection. Its frames, and its key log."""
    keys = bench.path("keys")
    os.close(os.open(keys, os.O_CREAT | os.O_WRONLY, 0o600))
    places = (f"10.1.{number}.1", 40000), (f"10.2.{number}.2", 5061)
    carrier = tunnel.Tls(tunnel.certificate(bench.folder), keys)
    scene = Scene(carrier)
    Leg(scene, f"secure-{number}@example.com", caller=places[0], callee=places[1]).whole()
    scene.wait(100)
    scene.packets += [(scene.now, p) for p in carrier.close(*places)]
    return scene.frames(), keys


def test_tls_secrets(bench):
    """Only where asked, only of the saved connections, in a file that only its owner reads."""
    (mine, my_keys), (other, other_keys) = secure(bench, 1), secure(bench, 2)
    path = bench.capture(sorted(mine + other, key=lambda f: f[0]))
    args = ["-q", "-k", my_keys, "-k", other_keys, "-w", 'call_id = "secure-1@example.com"']
    with open(my_keys, encoding="ascii") as f:
        lines = {line for line in f.read().splitlines() if line and not line.startswith(("#", "EXPORTER_SECRET"))}
    with open(other_keys, encoding="ascii") as f:
        others = {line.split()[2] for line in f.read().splitlines() if line and not line.startswith("#")}
    file, _, out = bench.save(*args, path)
    same("saved", file, mine)
    want("secrets that nobody asked for", file.secrets, [])
    existing = bench.write("there.pcapng", b"")
    os.chmod(existing, 0o644)
    bench.run("-o", "pcapng:" + existing, "--pcap-secrets", *args, path)
    file = blocks.read(existing)
    same("saved with secrets", file, mine)
    want("mode", oct(os.stat(existing).st_mode & 0o777), "0o600")
    want("secrets stand in front", {place for place, _ in file.secrets}, {0})
    want("lines", {line for _, text in file.secrets for line in text.splitlines() if not line.startswith("EXPORTER_SECRET")}, lines)
    with open(existing, "rb") as f:
        data = f.read()
    want("secrets of others", [s for s in others if s.encode() in data or bytes.fromhex(s) in data], [])
    calls = [r for r in bench.records(existing) if r["record"] == "call"]
    want("read back", [(c["call_id"], c["state"], c["transport"]) for c in calls], [("secure-1@example.com", "completed", "tls")])
    if shutil.which("tshark"):
        done = subprocess.run(["tshark", "-r", existing, "-Y", "sip", "-T", "fields", "-e", "sip.Call-ID"], capture_output=True, text=True, timeout=60, check=True)
        want("messages that tshark reads", done.stdout.split(), ["secure-1@example.com"] * 7)
    said = bench.run("-o", "pcap:" + bench.path("classic.pcap"), "--pcap-secrets", path, status=4).stderr.decode()
    want("said of classic pcap", "classic pcap has no place for secrets" in said, True)


def test_other_tools_read_it(bench):
    if not shutil.which("capinfos") or not shutil.which("tshark"):
        return "skipped: there is no tshark"
    path = os.path.join(HERE, "..", "..", "samples", "trunk.pcap")
    for kind in ("pcap", "pcapng"):
        file, _, out = bench.save("--pcap-findings" if kind == "pcapng" else "-q", path, kind=kind)
        done = subprocess.run(["capinfos", "-M", "-c", out], capture_output=True, text=True, timeout=60, check=False)
        want("capinfos", (done.returncode, done.stderr), (0, ""))
        want("its count", int(done.stdout.split()[-1]), len(file.frames))
        done = subprocess.run(["tshark", "-r", out, "-Y", "sip || rtp", "-T", "fields", "-e", "frame.number"], capture_output=True, text=True, timeout=60, check=False)
        want("tshark", (done.returncode, [line for line in done.stderr.splitlines() if "Running as user" not in line]), (0, []))
        want("tshark reads it", len(done.stdout.split()) > 1000, True)
    return None


def test_input_is_not_written_over(bench):
    path = bench.capture(ethernet(talk("mine@example.com", 1)))
    said = bench.run("-o", "pcap:" + path, path, status=2).stderr.decode()
    want("said", "it would be overwritten" in said, True)


def test_memory_does_not_follow_media(bench):
    """Ten times the RTP takes no more memory to save."""
    def peak(seconds):
        path = bench.capture(ethernet(talk("mine@example.com", 1, seconds=seconds)))
        out = bench.path("saved.pcap")
        line = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        done = subprocess.run([sys.executable, "-c", line, bench.sipvet, "--no-tui", "-q", "-o", "pcap:" + out, path], capture_output=True, timeout=120, check=True)
        return int(done.stdout), os.path.getsize(out)
    (small, size), (large, more) = peak(20), peak(1000)
    want("saved", more > 40 * size, True)
    want(f"{large} kB are no more than {small} kB and a little", large < small + 2000, True)


def main(chosen, about):
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(options.sipvet), folder)
        return trials.run([t for t in chosen if options.only in t[0]], bench, options.verbose)


if __name__ == "__main__":
    sys.exit(main(trials.trials_of(globals()), __doc__))

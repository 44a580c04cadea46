#!/usr/bin/env python3
"""The logs from outside: every line is JSON of its schema, texts come back byte for byte, and no line is ever cut: not by mutated
messages, SIGKILL, SIGHUP or rotation.

  run.py --sipvet BIN [--only PART-OF-NAME] [--mutated N] [--kills N] [-v]
"""
import datetime
import glob
import json
import os
import random
import re
import shlex
import signal
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "rules"), os.path.join(HERE, "..", "cases"), HERE]
import loop  # noqa: E402
import schema  # noqa: E402
import tunnel  # noqa: E402
import wire  # noqa: E402
from traffic import CONNECTOR, HOST, Traffic, sdp  # noqa: E402

CORPUS = os.path.join(HERE, "..", "..", "..", "shared", "corpus")
SEEDS = os.path.join(HERE, "..", "fuzz", "seeds", "sip")
REPLACED = "\ufffd"


def run(options, *args, env=None):
    return subprocess.run([options.sipvet, "--no-tui", "-q", *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, check=False, env=env)


def read_lines(path):
    """The objects of a log; a ValueError says which line is none, or not whole."""
    with open(path, "rb") as f:
        data = f.read()
    if data and not data.endswith(b"\n"):
        raise ValueError(f"the end of {path} is no whole line: {data[-80:]!r}")
    rows = []
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        if line[:1] != b"{":
            raise ValueError(f"line {number} begins with {line[:1]!r}")
        rows.append(json.loads(line.decode("utf-8")))
    return rows


def of_schema(rows, name):
    rules = schema.read(name)
    return [problem for row in rows for problem in schema.problems(row, rules)][:5]


def write_pcap(path, packets):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, wire.ETHERNET))
        for at, packet in packets:
            frame = wire.ethernet(packet)
            f.write(struct.pack("<IIII", at // wire.SECOND, at % wire.SECOND, len(frame), len(frame)) + frame)


def utf8_at(data, at):
    """Length and character of the valid sequence at this byte; (0, "") where there is none."""
    for n in (1, 2, 3, 4):
        try:
            return n, data[at:at + n].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return 0, ""


def source_bytes(text, data):
    """How many bytes of data the text stands for, and how many of them were no UTF-8; None where it is not that data."""
    at = invalid = 0
    for c in text:
        n, valid = utf8_at(data, at)
        if n > 0 and valid == c:
            at += n
        elif c == REPLACED and at < len(data):
            at, invalid = at + 1, invalid + 1
        else:
            return None
    return at, invalid


def mutated(message, dice):
    data = bytearray(message)
    for _ in range(dice.randrange(1, 8)):
        at = dice.randrange(len(data))
        kind = dice.randrange(6)
        if kind == 0:
            data[at] = dice.randrange(256)
        elif kind == 1:
            data[at:at] = bytes(dice.choice(b"\"\\\0\r\n\t\x1b\x7f{}") for _ in range(dice.randrange(1, 6)))
        elif kind == 2:
            data[at:at] = bytes(dice.randrange(128, 256) for _ in range(dice.randrange(1, 6)))
        elif kind == 3:
            data[at:at] = dice.choice(["ü", "€", "\U0001f4de", "\u2028", "\ufeff"]).encode()
        elif kind == 4:
            del data[at:at + dice.randrange(1, 20)]
        else:
            data[at:at] = data[:dice.randrange(1, 40)]
        if not data:
            return bytes(message)
    return bytes(data)[:60000]


def test_mutated(options, folder):
    """Each of many spoiled messages: its text comes back byte for byte, but for bytes that are no UTF-8, which are counted."""
    dice = random.Random(5)
    messages = []
    for path in sorted(glob.glob(os.path.join(SEEDS, "*"))):
        with open(path, "rb") as f:
            messages.append(f.read())
    traffic = Traffic()
    messages.append(traffic.request("INVITE", body=sdp("192.0.2.1", 4000), headers=[("Subject", "größe")])["bytes"])
    sent, packets = {}, []
    for i in range(options.mutated):
        data = mutated(dice.choice(messages), dice)
        src = (f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}", 5060)
        sent[f"{src[0]}:5060"] = data
        packets.append((wire.EPOCH + i * 1000, wire.udp_packet(src, ("192.0.2.2", 5060), data)))
    pcap, log = os.path.join(folder, "mutated.pcap"), os.path.join(folder, "mutated.log")
    write_pcap(pcap, packets)
    done = run(options, "-o", f"sip-log:{log}", "--log-line-ends", "--log-secrets", pcap)
    rows = read_lines(log)
    found = [] if done.returncode == 0 else [f"exit {done.returncode}: {done.stderr.decode()}"]
    found += of_schema(rows, "sip-log")
    if len(rows) < options.mutated // 2:
        found.append(f"only {len(rows)} of {options.mutated} are messages: the mutations are too wild for a test")
    for row in rows:
        data = sent[row["src"]]
        begins = (data[at:] for at in range(len(data)))  # junk before the start line is passed over
        data, known = next(((d, k) for d in begins if (k := source_bytes(row["sip_message"], d)) is not None), (data, None))
        if known is None:
            found.append(f"{row['src']}: {row['sip_message'][:80]!r} is not {data[:80]!r}")
            continue
        n, invalid = known
        if (invalid > 0) != row.get("invalid_utf8", False):
            found.append(f"{row['src']}: {invalid} bytes are no UTF-8, the line says {row.get('invalid_utf8')}")
        cut_by_length = re.search(rb"(?im)^(content-length|l)\s*:", data) is not None
        if n != len(data) and not cut_by_length:
            found.append(f"{row['src']}: {n} of {len(data)} bytes")
    return found[:5]


def test_corpus(options, folder):
    """Each SIP capture of the corpus: as many lines as messages, each as long as the message record says."""
    if not os.path.exists(os.path.join(CORPUS, "truth.jsonl")):
        return None
    with open(os.path.join(CORPUS, "truth.jsonl"), encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    found, lines = [], 0
    for row in rows:
        path = os.path.join(CORPUS, row["path"])
        if not (row["methods"] or row["status"]) or not os.path.exists(path):
            continue
        log, report = os.path.join(folder, "c.log"), os.path.join(folder, "c.json")
        for name in (log, report):
            if os.path.exists(name):
                os.unlink(name)
        run(options, "-o", f"sip-log:{log}", "-o", f"json:{report}", "--messages", "--log-line-ends", "--log-secrets", "--log-line", "1M", path)
        try:
            logged = read_lines(log)
        except ValueError as wrong:
            found.append(f"{row['path']}: {wrong}")
            continue
        with open(report, encoding="utf-8") as f:
            sizes = [r["size"] for r in map(json.loads, f) if r["record"] == "message"]
        found += [f"{row['path']}: {p}" for p in of_schema(logged, "sip-log")]
        lengths = [len(r["sip_message"].encode()) if not r.get("invalid_utf8") else None for r in logged]
        if len(lengths) != len(sizes) or any(a is not None and a != b for a, b in zip(lengths, sizes)):
            found.append(f"{row['path']}: {len(lengths)} lines, {len(sizes)} messages, or other lengths")
        lines += len(lengths)
    if options.verbose:
        print(f"     {lines} messages")
    return found[:5]


def test_secrets(options, folder):
    """Keys and responses are not in the log, unless they are asked for; everything else of the message is."""
    t = Traffic()
    secret, response, nonce = "WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ", "6629fae49393a05397450978507c4ef1", "dcd98b7102dd2f0e"
    body = sdp("198.51.100.204", 25388, protocol="RTP/SAVP", crypto=[(1, "AES_CM_128_HMAC_SHA1_80", secret)])
    t.request("INVITE", body=body, headers=[("Proxy-Authorization", f'Digest username="5600", nonce="{nonce}", response="{response}"')])
    pcap = os.path.join(folder, "secret.pcap")
    t.write(pcap)
    log = run(options, "-o", "sip-log", pcap).stdout.decode()
    row = json.loads(log)
    found = [f"{word} is in the log" for word in (secret, response, nonce) if word in log]
    plain = t.last["bytes"].decode().replace("\r\n", "\n")
    for word in (secret, response, nonce):
        plain = plain.replace(word, "***")
    if row["sip_message"] != plain or row.get("redacted") is not True:
        found.append(f"{row['sip_message']!r} is not {plain!r}")
    shown = json.loads(run(options, "-o", "sip-log", "--log-secrets", pcap).stdout.decode())
    if secret not in shown["sip_message"] or response not in shown["sip_message"] or "redacted" in shown:
        found.append("--log-secrets does not show them")
    return found


def test_identity(options, folder):
    """Connector, region and call_id: from the packets, the site file where they say nothing; the same in each run."""
    t = Traffic()
    t.call(media=False)
    inbound = Traffic()
    inbound.request("INVITE", inbound=True, headers=[("X-VoiceConnector-ID", "xyz0000000000000000001")])
    elsewhere = Traffic()
    elsewhere.request("OPTIONS", uri="sip:192.0.2.1", src=("198.51.100.1", 5060), dst=("192.0.2.1", 5060), replace={"To": "<sip:192.0.2.1>"})
    site = os.path.join(folder, "site.json")
    with open(site, "w", encoding="ascii") as f:
        json.dump({"connector_id": "mysite", "region": "eu-west-1"}, f)
    found = []
    for traffic, more, want in ((t, (), (CONNECTOR, "us-east-1")), (t, ("-s", site), (CONNECTOR, "us-east-1")),
                                (inbound, (), ("xyz0000000000000000001", "us-east-1")), (elsewhere, (), (None, None)),
                                (elsewhere, ("-s", site), ("mysite", "eu-west-1")), (t, ("-p", "none"), (None, None))):
        pcap = os.path.join(folder, "id.pcap")
        traffic.write(pcap)
        outs = [run(options, "-o", "sip-log", *more, pcap).stdout for _ in range(2)]
        rows = [json.loads(line) for line in outs[0].splitlines()]
        if outs[0] != outs[1]:
            found.append("two runs differ")
        if len({r["call_id"] for r in rows}) != 1:
            found.append("a call has several ids")
        got = {(r.get("voice_connector_id"), r.get("aws_region")) for r in rows}
        if got != {want}:
            found.append(f"{more}: {got}, not {want}")
    return found


def test_regions(options, folder):
    """The region is that of the narrowest range that has either address, of IPv4 and IPv6, the destination's before the source's."""
    profile = os.path.join(folder, "profile.json")
    with open(profile, "w", encoding="ascii") as f:
        json.dump({"profile": "mine", "schema": 1, "extends": ["voice-connector"], "regions": {
            "wide": {"signaling": [{"cidr": "198.51.0.0/16", "ports": ["udp/5060"]}]}, "narrow": {"signaling": [{"cidr": "198.51.100.128/25", "ports": ["udp/5060"]}]},
            "one": {"signaling": [{"cidr": "198.51.100.200", "ports": ["udp/5060"]}, {"cidr": "2001:db8:1::/48", "ports": ["udp/5060"]}]}}}, f)
    rows = [("192.0.2.1", "3.80.16.0", "us-east-1"), ("192.0.2.1", "3.80.17.255", "us-east-1"), ("192.0.2.1", "3.80.18.0", None), ("3.80.15.255", "192.0.2.1", None),
            ("99.77.253.1", "3.80.16.1", "us-east-1"), ("3.80.16.1", "99.77.253.1", "us-west-2"), ("192.0.2.1", "198.51.100.127", "wide"),
            ("192.0.2.1", "198.51.100.128", "narrow"), ("192.0.2.1", "198.51.100.200", "one"), ("192.0.2.1", "198.52.0.0", None),
            ("2001:db8::1", "2600:f0f0:c041::5", "us-west-2"), ("2001:db8::1", "2600:f0f0:c07f::5", "global"), ("2001:db8:1::1", "2001:db8::1", "one"),
            ("2001:db8::1", "2600:f0f0:c080::5", None)]
    t = Traffic()
    for i, (src, dst, _) in enumerate(rows):
        t.request("OPTIONS", call_id=f"r{i}", src=(src, 5060), dst=(dst, 5060), uri="sip:x.example", replace={"To": "<sip:x.example>"})
    pcap = os.path.join(folder, "regions.pcap")
    t.write(pcap)
    got = [json.loads(line).get("aws_region") for line in run(options, "-p", profile, "-o", "sip-log", pcap).stdout.splitlines()]
    return [f"{src} to {dst}: {region}, not {want}" for (src, dst, want), region in zip(rows, got) if region != want] if len(got) == len(rows) else [f"{got}"]


def test_server_name(options, folder):
    """Where a message names only addresses, the name that its TLS connection was opened for tells the connector; the message comes first."""
    cert, found = tunnel.certificate(folder), []
    for asked, uri, want in ((HOST, "sip:+12125551212@3.80.16.13", CONNECTOR), ("other1234.g.voiceconnector.chime.aws", "sip:+12125551212@3.80.16.13", "other1234"),
                             ("other1234.g.voiceconnector.chime.aws", f"sip:+12125551212@{HOST}", CONNECTOR), ("sip.example.com", "sip:+12125551212@3.80.16.13", None)):
        keys, pcap = os.path.join(folder, "keys"), os.path.join(folder, "tls.pcap")
        for path in (keys, pcap):
            if os.path.exists(path):
                os.unlink(path)
        t = Traffic()
        t.tcp = tunnel.Tls(cert, keys, server_name=asked)
        t.customer, t.trunk = (t.customer[0], 40000), (t.trunk[0], 5061)
        for packet in t.tcp.open(t.customer, t.trunk):
            t.put(packet)
        invite = t.request("INVITE", uri=uri, replace={"To": "<sip:+12125551212@3.80.16.13>", "Via": "SIP/2.0/TLS 198.51.100.204:40000;branch=z9hG4bK1"})
        t.reply(invite, 486)
        t.write(pcap)
        rows = [json.loads(line) for line in run(options, "-o", "sip-log", "-k", keys, pcap).stdout.splitlines()]
        if [r.get("voice_connector_id") for r in rows] != [want, want]:
            found.append(f"{asked}, {uri}: {[r.get('voice_connector_id') for r in rows]}, not {want} twice")
        bill = run(options, "-o", "cdr", "-k", keys, pcap).stdout
        if json.loads(bill).get("VoiceConnectorId") != want:
            found.append(f"{asked}, {uri}: {bill}")
    return found


def test_times(options, folder):
    """Both forms, the warning about old events, and the shift to now."""
    t = Traffic()
    t.call(media=False)
    pcap = os.path.join(folder, "times.pcap")
    t.write(pcap)
    found = []
    rows = [json.loads(line) for line in run(options, "-o", "sip-log", pcap).stdout.splitlines()]
    if (rows[0]["event_time"], rows[0]["event_timestamp"]) != ("2026-01-31T12:00:00.000Z", 1769860800000):
        found.append(f"{rows[0]}")
    iso = json.loads(run(options, "-o", "sip-log", "--log-time", "iso", pcap).stdout.splitlines()[0])
    if iso["event_timestamp"] != "2026-01-31T12:00:00.000Z":
        found.append(f"{iso}")
    loud = [options.sipvet, "--no-tui", "-o", "sip-log"]
    warned = subprocess.run([*loud, pcap], capture_output=True, check=False).stderr.decode()
    old = time.time() - 1769860800 > 14 * 86400
    if old != ("older than 14 days" in warned) or warned.count("14 days") > 1:
        found.append(f"warning: {warned!r}")
    fresh = subprocess.run([*loud, "--rebase-time", pcap], capture_output=True, check=False)
    moved = [json.loads(line) for line in fresh.stdout.splitlines()]
    if abs(moved[0]["event_timestamp"] / 1000 - time.time()) > 20 or b"14 days" in fresh.stderr:
        found.append(f"--rebase-time: {moved[0]}, {fresh.stderr!r}")
    if [r["event_timestamp"] - moved[0]["event_timestamp"] for r in moved] != [r["event_timestamp"] - rows[0]["event_timestamp"] for r in rows]:
        found.append("--rebase-time changes the distances")
    if [r["call_id"] for r in moved] != [r["call_id"] for r in rows]:
        found.append("--rebase-time changes the ids")
    at = json.loads(run(options, "-o", "sip-log", "--rebase-time=2030-01-01T00:00:00Z", pcap).stdout.splitlines()[0])
    if at["event_time"] != "2030-01-01T00:00:00.000Z":
        found.append(f"{at}")
    return found


def test_memory(options, folder):
    """What logs keep of calls counts in --memory: more calls give way, and all lines are there."""
    count = 30000
    t = Traffic()
    invite = t.request("INVITE", call_id="XXXXXXXXXX", body=t.offer())["bytes"]
    packets = [(wire.EPOCH + i * 10**6, wire.udp_packet(t.customer, t.trunk, invite.replace(b"XXXXXXXXXX", b"%010d" % i))) for i in range(count)]
    pcap, report, log = (os.path.join(folder, name) for name in ("m.pcap", "m.json", "m.log"))
    write_pcap(pcap, packets)

    def evicted(*more):
        run(options, "--memory", "16M", "-o", f"json:{report}", *more, pcap)
        with open(report, encoding="utf-8") as f:
            return json.loads(f.readlines()[-1])["evicted"]

    without, logged = evicted(), evicted("-o", f"sip-log:{log}", "-o", "media-log:/dev/null")
    lines = len(read_lines(log))
    return [] if lines == count and without > 1000 and logged > without + 200 else [f"{without} given up, {logged} with logs; {lines} lines"]


def test_order(options, folder):
    """A capture whose packets are up to 2 s out of order: lines in order of time, also past the borders at which they are written; later ones stay."""
    dice = random.Random(7)
    t = Traffic()
    packets = []
    for i in range(6000):
        t.now = wire.EPOCH + i * 10 * 10**6 - dice.randrange(0, 1900) * 10**6 * (i % 3 == 0) - 5 * wire.SECOND * (i == 3000)
        t.request("OPTIONS", call_id=f"o-{i}")
        packets.append(t.packets.pop())
    pcap, log = os.path.join(folder, "order.pcap"), os.path.join(folder, "order.log")
    write_pcap(pcap, packets)
    run(options, "-o", f"sip-log:{log}", pcap)
    rows = read_lines(log)
    times = [r["event_timestamp"] for r in rows]
    late = [i for i in range(1, len(times)) if times[i] < times[i - 1]]
    want = sorted(at // 10**6 for at, _ in packets)
    if sorted(times) != want or len(late) != 1 or times[late[0]] != packets[3000][0] // 10**6:
        return [f"{len(rows)} lines, {len(late)} of them out of order, from line {late[:3]} on"]
    return []


def test_where(options, folder):
    """-w: only the messages of the calls that match, and their texts."""
    t = Traffic()
    t.call(media=False)
    t.wait(1000)
    t.call(media=False, invite={"call_id": "other", "from_user": "+12065550100"})
    pcap = os.path.join(folder, "where.pcap")
    t.write(pcap)
    rows = [json.loads(line) for line in run(options, "-o", "sip-log", pcap).stdout.splitlines()]
    some = [json.loads(line) for line in run(options, "-o", "sip-log", "-w", 'call_id = "other"', pcap).stdout.splitlines()]
    return [] if some == [r for r in rows if "\nCall-ID: other\n" in r["sip_message"]] and len(some) == 7 else [f"{len(some)} of {len(rows)} lines"]


def stream_of_calls(count):
    t = Traffic()
    for i in range(count):
        t.call(media=False, invite={"call_id": f"call-{i}@198.51.100.204"})
        t.now -= 4 * wire.SECOND
    data = [struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, wire.ETHERNET)]
    for at, packet in t.packets:
        frame = wire.ethernet(packet)
        data += [struct.pack("<IIII", at // wire.SECOND, at % wire.SECOND, len(frame), len(frame)), frame]
    return b"".join(data)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return f.read().split()
    except OSError:
        return []


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def writers_gone(pids):
    """Waits until they are: a writer outlives its sipvet for a moment."""
    for _ in range(1000):
        if not any(runs(pid) for pid in pids):
            return True
        time.sleep(0.01)
    return False


def test_kill(options, folder):
    """SIGKILL at any moment leaves whole lines, and a new start goes on behind them."""
    pcap, log = os.path.join(folder, "kill.pcap"), os.path.join(folder, "kill.log")
    with open(pcap, "wb") as f:
        f.write(stream_of_calls(3000))
    dice = random.Random(7)
    found, sizes = [], set()
    begun = time.monotonic()
    run(options, "-o", f"sip-log:{log}", pcap)
    whole = time.monotonic() - begun
    os.unlink(log)
    for i in range(options.kills):
        before = os.path.getsize(log) if os.path.exists(log) else 0
        sipvet = subprocess.Popen([options.sipvet, "--no-tui", "-q", "-o", f"sip-log:{log}", pcap], stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.005, whole))
        writers = children(sipvet.pid)
        sipvet.send_signal(signal.SIGKILL)
        sipvet.wait()
        if not writers_gone(writers):
            found.append("the writer does not end")
        if os.path.exists(log):
            sizes.add(os.path.getsize(log) - before)
            try:
                read_lines(log)
            except ValueError as wrong:
                found.append(f"kill {i}: {wrong}")
            if os.path.getsize(log) > 20 << 20:
                os.unlink(log)
    if len(sizes) < 3:
        found.append(f"the kills came too early or too late to show anything: {sizes}")
    return found[:5]


def test_hangup(options, folder):
    """Somebody renames the file and sends SIGHUP; and sipvet renames it by size: no line is lost or cut."""
    log = os.path.join(folder, "hup.log")
    data = stream_of_calls(400)
    sipvet = subprocess.Popen([options.sipvet, "--no-tui", "-q", "-o", f"sip-log:{log}", "--log-rotate", "300k", "-"], stdin=subprocess.PIPE,
                              stderr=subprocess.PIPE)
    for i in range(4):
        sipvet.stdin.write(data[len(data) * i // 4:len(data) * (i + 1) // 4])
        sipvet.stdin.flush()
        time.sleep(0.3)
        if i < 3 and os.path.exists(log):
            os.rename(log, f"{log}.by-hand-{i}")
            sipvet.send_signal(signal.SIGHUP)
    sipvet.stdin.close()
    found = [] if sipvet.wait(30) == 0 else [f"exit {sipvet.returncode}: {sipvet.stderr.read().decode()}"]
    names = sorted(glob.glob(log + "*"))
    rows = []
    for name in names:
        if os.path.getsize(name) > 300 << 10:
            found.append(f"{name} has {os.path.getsize(name)} bytes")
        rows += read_lines(name)
    if len(rows) != 400 * 7 or len({r["call_id"] for r in rows}) != 400:
        found.append(f"{len(rows)} lines of {len({r['call_id'] for r in rows})} calls in {len(names)} files")
    if len(names) < 5:
        found.append(f"only {names}")
    return found


def test_lost(options, folder):
    """A full disk is said, counted, survived: the other outputs are whole."""
    t = Traffic()
    t.call(media=False)
    pcap, report = os.path.join(folder, "lost.pcap"), os.path.join(folder, "lost.json")
    t.write(pcap)
    done = run(options, "-o", "sip-log:/dev/full", "-o", f"json:{report}", pcap)
    found = []
    if done.returncode != 4 or b"/dev/full: No space left on device: 7 lines lost" not in done.stderr:
        found.append(f"exit {done.returncode}: {done.stderr.decode()}")
    if len(read_lines(report)) < 2:
        found.append("the report is not whole")
    piped = subprocess.run(f"'{options.sipvet}' --no-tui -o sip-log -o json:{report} {pcap} | head -c 10", shell=True, capture_output=True, check=False)
    if len(read_lines(report)) < 2 or piped.stdout[:1] != b"{":
        found.append(f"a closed pipe: {piped.stderr.decode()}")
    return found


def test_line_length(options, folder):
    """A message that is too long is cut so that its line is not, and both say so."""
    t = Traffic()
    t.request("INVITE", body="v=0\r\n" + "a=\x01\x02:\"u\"\r\n" * 3000, size=1480)
    pcap = os.path.join(folder, "long.pcap")
    t.write(pcap)
    found = []
    for size, cut in (("2k", True), ("30k", True), ("200k", False)):
        out = run(options, "-o", "sip-log", "--log-line", size, pcap).stdout
        row = json.loads(out)
        if cut != row.get("truncated", False) or (cut and not int(size[:-1]) * 1024 - 100 < len(out) <= int(size[:-1]) * 1024 + 1):
            found.append(f"{size}: {len(out)} bytes, truncated {row.get('truncated')}")
        whole = t.last["bytes"].decode().replace("\r\n", "\n")
        if not whole.startswith(row["sip_message"]) or (not cut and whole != row["sip_message"]):
            found.append(f"{size}: another text")
    return found


def words_of(unit):
    """ExecStart of the sample unit, as a shell would split it."""
    with open(unit, encoding="utf-8") as f:
        text = f.read().replace("\\\n", " ")
    return shlex.split(re.search(r"^ExecStart=(.*)$", text, re.M).group(1))


def test_shipping(options, folder):
    """The samples agree with the program and with each other: options, paths, and the time formats on a line that was written."""
    samples = os.path.join(HERE, "..", "..", "samples", "shipping")
    words = words_of(os.path.join(samples, "sipvet.service"))
    paths = {w.split(":", 1)[1] for w in words if re.match(r"(sip-log|media-log|metrics):", w)}
    t = Traffic()
    t.call()
    pcap, site = os.path.join(folder, "ship.pcap"), os.path.join(HERE, "..", "..", "samples", "site.json")
    t.write(pcap)
    at = words.index("-i")
    args = [w.replace("/var/", folder + "/").replace("/etc/sipvet/site.json", site) for w in words[1:at] + words[at + 2:]]
    os.makedirs(os.path.join(folder, "log", "sipvet"))
    done = subprocess.run([options.sipvet, *args, pcap], capture_output=True, check=False)
    if done.returncode != 0:
        return [f"the unit's command: exit {done.returncode}: {done.stderr.decode()}"]
    found = []
    with open(os.path.join(samples, "cloudwatch-agent.json"), encoding="utf-8") as f:
        files = json.load(f)["logs"]["logs_collected"]["files"]["collect_list"]
    with open(os.path.join(samples, "fluent-bit.conf"), encoding="utf-8") as f:
        tailed = set(re.findall(r"^\s+Path\s+(\S+)$", f.read(), re.M))
    if {f["file_path"] for f in files} != paths or tailed != paths:
        found.append(f"{paths} are written, {tailed} and {files} followed")
    with open(os.path.join(samples, "parsers.conf"), encoding="utf-8") as f:
        parser = dict(re.findall(r"^\s+(\w+)\s+(\S+)$", f.read(), re.M))
    if (parser["Format"], parser["Time_Key"], parser["Time_Keep"]) != ("json", "event_time", "On"):
        found.append(f"Fluent Bit's parser: {parser}")
    formats = [(f["file_path"], f["timestamp_format"]) for f in files if f["timezone"] == "UTC"] + [(name, parser["Time_Format"]) for name in paths]
    if len(formats) != 2 * len(paths):
        found.append(f"times of {len(formats)} files are read")
    for name, form in formats:
        with open(name.replace("/var/", folder + "/"), encoding="utf-8") as f:
            line = f.readline()
        row, first = json.loads(line), re.search(r"\d{4}-\d\d-\d\dT[^\"]*", line).group()
        at = datetime.datetime.strptime(first, form.replace("%L", "%f")).replace(tzinfo=datetime.timezone.utc)  # milliseconds, in either's words
        stamp = row["_aws"]["Timestamp"] if "_aws" in row else row["event_timestamp"]
        if not line.startswith('{"event_time":"' + first) or round(at.timestamp() * 1000) != stamp:
            found.append(f"{name}: the first time in a line is {first}, by {form} {at}, not {stamp}")
    groups = [f["log_group_name"] for f in files]
    return found + [f"{g} is no name of a log group" for g in groups if not re.fullmatch(r"(?!aws/)[A-Za-z0-9_./#-]{1,512}", g)]


if __name__ == "__main__":
    loop.run("logs", loop.options_of(__doc__, ("--mutated", 10000), ("--kills", 40)), loop.named(globals(), "test_"))

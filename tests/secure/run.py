#!/usr/bin/env python3
"""Encrypted trunks, the program as a whole: SIP over TLS that Python and openssl(1) encrypt, with key logs that come early, late, in the
capture, growing, wrong or not at all; and that no secret appears in any output.

  run.py --sipvet BIN [--only PART-OF-NAME] [--keep FOLDER] [-v]
"""
import argparse
import json
import os
import re
import ssl
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("cases", "truth")]
import dtls  # noqa: E402
import live_tls  # noqa: E402
import media  # noqa: E402
import trials  # noqa: E402
import tunnel  # noqa: E402
import wire  # noqa: E402
from scene import Leg, Scene  # noqa: E402
from trials import Failed, want  # noqa: E402

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Bench:
    """A folder, the program, and all that it ever printed."""

    def __init__(self, options, folder):
        self.options, self.folder, self.outputs, self.count = options, folder, [], 0
        self.cert = tunnel.certificate(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def keylog(self, name="keys"):
        """A new key log that only its owner reads."""
        self.count += 1
        path = self.path(f"{name}.{self.count}")
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        return path

    def pcap(self, frames):
        self.count += 1
        path = self.path(f"capture.{self.count}.pcap")
        with open(path, "wb") as f:
            f.write(pcap(frames))
        return path

    def run(self, *args, status=0, data=None, env=None):
        """Records and standard error of a run with -o json."""
        done = subprocess.run([self.options.sipvet, "--no-tui", "--messages", "-o", "json", *args], input=data, capture_output=True, timeout=60, check=False,
                              env={**os.environ, **(env or {})})
        self.outputs += [done.stdout, done.stderr]
        if done.returncode != status:
            raise Failed(f"exit status {done.returncode}: {done.stderr.decode(errors='replace')[:300]}")
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def pcap(frames):
    out = [struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, wire.ETHERNET)]
    return b"".join(out + [struct.pack("<IIII", at // wire.SECOND, at % wire.SECOND, len(f), len(f)) + f for at, f in frames])


def pcapng(frames, secrets, behind=False):
    """The secrets as a Decryption Secrets Block in front of the packets, or behind them."""
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    dsb = block(10, struct.pack("<II", 0x544c534b, len(secrets)) + secrets)
    head = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) + block(1, struct.pack("<HHI", wire.ETHERNET, 0, 0))
    packets = b"".join(block(6, struct.pack("<IIIII", 0, at // 1000 >> 32, at // 1000 & 0xffffffff, len(f), len(f)) + f) for at, f in frames)
    return head + (packets + dsb if behind else dsb + packets)


def of(records, kind):
    return [r for r in records if r["record"] == kind]


def call_over(carrier, places=(("10.1.0.1", 40000), ("10.2.0.2", 5061))):
    scene = Scene(carrier)
    Leg(scene, "secure-1@example.com", caller=places[0], callee=places[1]).whole()
    scene.wait(100)
    scene.packets += [(scene.now, p) for p in carrier.close(*places)]
    return scene.frames()


def check_call(records, transport="tls"):
    calls = of(records, "call")
    want("number of calls", len(calls), 1)
    want("state", calls[0]["state"], "completed")
    want("transport", calls[0]["transport"], transport)
    messages = of(records, "message")
    want("messages", len(messages), 7)
    want("messages that are decrypted", [m["decrypted"] for m in messages], [True] * 7)
    want("transports of messages", {m["transport"] for m in messages}, {transport})
    connections = of(records, "connection")
    want("connections", len(connections), 1)
    want("connection decrypted", connections[0]["decrypted"], True)
    want("connection state", connections[0]["state"], "open")
    want("server name", connections[0]["sni"], "sip.example.com")
    want("why", connections[0].get("why"), None)
    want("tls_undecrypted", records[-1]["tls_undecrypted"], 0)
    want("tls_decrypted", records[-1]["tls_decrypted"], 1)
    return connections[0]


def test_a_call_over_tls(bench):
    for version, ciphers, mss, records in ((V13, None, 1460, 1), (V13, None, 100, 3), (V12, "ECDHE-RSA-AES128-GCM-SHA256", 1460, 2), (V12, "AES256-SHA", 700, 1),
                                           (V12, "ECDHE-RSA-CHACHA20-POLY1305", 1460, 1)):
        keys = bench.keylog()
        frames = call_over(tunnel.Tls(bench.cert, keys, version, ciphers, mss=mss, records=records))
        found, _ = bench.run("-q", "-k", keys, bench.pcap(frames))
        connection = check_call(found)
        want("version", connection["version"], "TLS 1.3" if version == V13 else "TLS 1.2")
        want("certificate", connection["certificate"]["names"], ["sip.example.com"])


def test_over_secure_websocket(bench):
    keys = bench.keylog()
    carrier = tunnel.Tls(bench.cert, keys, above="websocket")
    found, _ = bench.run("-q", "--keylog=" + keys, bench.pcap(call_over(carrier, (("10.1.0.1", 40000), ("10.2.0.2", 443)))))
    check_call(found, "wss")


def test_secrets_in_the_capture(bench):
    for behind in (False, True):
        keys = bench.keylog()
        frames = call_over(tunnel.Tls(bench.cert, keys))
        with open(keys, "rb") as f:
            data = pcapng(frames, f.read(), behind)
        args = ["-k", bench.keylog("empty")] if behind else [] # else nothing is known to wait for
        found, _ = bench.run("-q", *args, "-", data=data)
        check_call(found)


def test_without_keys(bench):
    """Everything but the calls: who spoke with whom, how, with which certificate, and why it stays closed."""
    for version, more, why in ((V13, [], "no key log was given"), (V12, [], "no key log was given"), (V12, ["other"], "the key log has no secret of this connection")):
        keys, other = bench.keylog(), bench.keylog()
        tunnel_ = tunnel.Tls(bench.cert, keys, version, "AES128-SHA" if version == V12 else None)
        frames = call_over(tunnel_)
        call_over(tunnel.Tls(bench.cert, other, version))
        found, _ = bench.run("-q", *(["-k", other] if more else []), bench.pcap(frames))
        want("calls", of(found, "call"), [])
        connection = of(found, "connection")[0]
        want("why", connection["why"], why)
        want("state", connection["state"], "open")
        want("decrypted", connection["decrypted"], False)
        want("source", connection["src"], "10.1.0.1:40000")
        want("undecrypted", found[-1]["tls_undecrypted"], 1)
        if version == V12:
            want("suite", connection["suite"], "RSA_WITH_AES_128_CBC_SHA")
            want("subject", connection["certificate"]["subject"], "CN=sip.example.com")


def test_several_key_logs(bench):
    frames, keys = [], []
    for i in range(3):
        keys.append(bench.keylog())
        frames += call_over(tunnel.Tls(bench.cert, keys[-1]), ((f"10.1.0.{i + 1}", 40000), ("10.2.0.2", 5061)))
    frames.sort(key=lambda f: f[0])
    found, _ = bench.run("-q", "-k", keys[0], "-k", keys[1], bench.pcap(frames))
    want("decrypted", sorted(c["decrypted"] for c in of(found, "connection")), [False, True, True])
    want("summary", (found[-1]["tls_connections"], found[-1]["tls_decrypted"], found[-1]["tls_undecrypted"]), (3, 2, 1))


def test_key_log_grows(bench):
    """The key log is empty while the packets are read, is written in pieces in the middle of lines, and once begun anew."""
    keys, growing = bench.keylog(), bench.keylog("growing")
    frames = call_over(tunnel.Tls(bench.cert, keys))
    with open(keys, "rb") as f:
        secrets = f.read()
    process = subprocess.Popen([bench.options.sipvet, "--no-tui", "--messages", "-q", "-o", "json", "-k", growing, "-"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    data = pcap(frames)
    process.stdin.write(data[:-100])
    process.stdin.flush()
    time.sleep(0.3)
    for mode, piece in (("ab", b"# a comment that is longer than what will be there\n" * 40), ("wb", secrets[:100]), ("ab", secrets[100:-200]),
                        ("ab", secrets[-200:].rstrip(b"\n"))):
        with open(growing, mode) as f:
            f.write(piece)
        process.stdin.write(b"")
        time.sleep(0.15)
    out, errors = process.communicate(data[-100:], timeout=20)
    bench.outputs += [out, errors]
    check_call([json.loads(line) for line in out.splitlines()])


def test_no_core_dumps(bench):
    """While keys are held: as soon as the first secret is read."""
    keys = bench.keylog()
    call_over(tunnel.Tls(bench.cert, keys))
    process = subprocess.Popen([bench.options.sipvet, "--no-tui", "-q", "-k", keys, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    process.stdin.write(pcap(call_over(tunnel.Tls(bench.cert, keys))))
    process.stdin.flush()
    time.sleep(0.5)
    with open(f"/proc/{process.pid}/limits", encoding="ascii") as f:
        core = next(line for line in f if line.startswith("Max core file size")).split()[4:6]
    process.communicate(timeout=20)
    want("limit of core dumps", core, ["0", "0"])


def test_open_key_log_is_warned_of(bench):
    keys = bench.keylog()
    path = bench.pcap(call_over(tunnel.Tls(bench.cert, keys)))
    want("warning about a closed file", bench.run("-k", keys, path)[1].count("other users"), 0)
    os.chmod(keys, 0o640)
    errors = bench.run("-k", keys, path)[1]
    want("warning about an open file", errors.count(f"{keys}: warning: other users can open this file of secrets (mode 0640)"), 1)
    want("with -q", bench.run("-q", "-k", keys, path)[1], "")


def test_key_log_that_is_not_there(bench):
    path = bench.pcap(call_over(tunnel.Tls(bench.cert, None)))
    found, errors = bench.run("-k", bench.path("nowhere"), path, status=3)
    want("message", "nowhere: No such file or directory" in errors, True)
    want("the capture is read all the same", len(of(found, "connection")), 1)


def test_broken_key_log(bench):
    keys = bench.keylog()
    path = bench.pcap(call_over(tunnel.Tls(bench.cert, keys)))
    with open(keys, "ab") as f:
        f.write(os.urandom(100000) + b"\nCLIENT_RANDOM 00 11\n" + b"A" * 20000 + b"\n\0\0\0")
    found, _ = bench.run("-q", "-k", keys, path)
    check_call(found)
    want("lines counted", found[-1]["malformed"]["keylog.line"] > 1, True)


def test_text_report(bench):
    keys = bench.keylog()
    path = bench.pcap(call_over(tunnel.Tls(bench.cert, keys)))
    for args, words in ((["-k", keys], "sip.example.com, open, decrypted"), ([], "sip.example.com, open, not decrypted: no key log was given")):
        done = subprocess.run([bench.options.sipvet, "--no-tui", "-v", *args, path], capture_output=True, timeout=20, check=True)
        bench.outputs += [done.stdout, done.stderr]
        want(f"the report says '{words}'", words in " ".join(done.stdout.decode().split()), True)


def test_broken_messages_hide_keys(bench):
    """Wherever a sender's mistake puts a key, findings do not show it: in a header's place, in the suite's, in the tag's, in a line that is cut."""
    site = bench.path("site.json")
    with open(site, "w", encoding="ascii") as f:
        json.dump({"own_networks": ["10.1.0.0/16"], "encryption": "on"}, f)
    seal = media.Seal(seed=400)
    good = media.sdp(media.A, [seal.line()])
    bodies = [good, good.replace("c=IN IP4 10.1.0.1\r\n", ""), good.replace("AES_CM_128_HMAC_SHA1_80 ", ""), good.replace("a=crypto:1 AES_CM_128_HMAC_SHA1_80", "a=crypto:"),
              good.replace("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"), good.replace("a=crypto", "crypto"), good.replace("inline:", "inline: "), good.replace("|2^31", "x" * 90),
              good.replace("s=-\r\n", ""), good.replace("1 AES_CM_128_HMAC_SHA1_80 inline:", "")]
    scene = Scene()
    for i, body in enumerate(bodies):
        leg = Leg(scene, f"broken-{i}@example.com")
        leg.invite(body=body)
        leg.answer(body=body)
        for spoil in (lambda b: b.replace(b"\r\n\r\n", b"\r\n"), lambda b: b.replace(b"\r\n\r\nv=0", b"\r\nX: y\r\nv=0"), lambda b: b[:-40], lambda b: b + b,
                      lambda b: b.replace(b"Contact: ", b"Contact: " + seal.line().encode() + b" ", 1)):
            scene.wait(10)
            scene.send(*leg.places.values(), spoil(leg.invited["bytes"].replace(b"broken", b"spoilt", 1)))
    path = bench.pcap(scene.frames())
    for args in ([], ["-s", site], ["-s", site, "-p", "twilio"], ["-p", "rfc"]):
        records, _ = bench.run("--windows", "-v", *args, path)
        want("findings are made", len(of(records, "finding")) > 10, True)
        done = subprocess.run([bench.options.sipvet, "--no-tui", "-v", *args, path], capture_output=True, timeout=20, check=True)
        bench.outputs += [done.stdout, done.stderr]
    for output in bench.outputs[-12:]:
        where = output.find(seal.text.encode()[:20])
        want("key in an output", output[max(0, where - 150):where + 20] if where >= 0 else None, None)


def secrets_of(folder):
    """All that may not appear: secrets of key logs, in hexadecimal and as bytes, and keys of media."""
    found = set(media.KEYS)
    for name in os.listdir(folder):
        if name.split(".")[0] in ("keys", "growing"):
            with open(os.path.join(folder, name), "rb") as f:
                for secret in re.findall(rb"^[A-Z_0-9]+ [0-9a-f]{64} ([0-9a-f]{64,96})$", f.read(), re.M):
                    found |= {secret, bytes.fromhex(secret.decode())}
    return found


def test_no_secret_is_printed(bench):
    """Comes last: over all that the tests before it made the program print."""
    secrets = secrets_of(bench.folder)
    want("secrets to look for", len(secrets) > 0, True)
    everything = b"\n".join(bench.outputs)
    for secret in secrets:
        if secret in everything or secret.upper() in everything:
            raise Failed("a secret is in an output")


def tests():
    own = trials.trials_of(globals())
    more = media.tests() + dtls.tests() + live_tls.tests()
    last = [t for t in own if t[0] == "no-secret-is-printed"]
    return [t for t in own if t not in last] + more + last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", metavar="FOLDER")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    if subprocess.run(["sh", "-c", "command -v openssl"], stdout=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: there is no openssl(1) to make certificates with")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        chosen = [t for t in tests() if options.only in t[0] or t[0] == "no-secret-is-printed"]
        return trials.run(chosen, Bench(options, folder), options.verbose)


if __name__ == "__main__":
    sys.exit(main())

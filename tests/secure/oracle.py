#!/usr/bin/env python3
"""Encrypted captures of ../shared/corpus that other programs made, against other programs: the text that tshark decrypts of each TLS connection
with a key log is the text of the SIP messages; every packet of the SRTP captures whose keys are known authenticates.

  oracle.py --sipvet BIN [--only PART-OF-PATH] [-v]

Without the corpus the exit status is 77: skipped; without tshark the part that asks it is left out, and that is said.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "..", "..", "..", "shared", "corpus")
sys.path.insert(0, os.path.join(HERE, "..", "cases"))
import wire  # noqa: E402

# Media without signaling, whose keys their makers published: path, suite, key and salt, RTP/AVP payload type.
KNOWN = (("gteissier+srtp-decrypt/marseillaise-srtp.pcap", "AES_CM_128_HMAC_SHA1_80", "aSBrbm93IGFsbCB5b3VyIGxpdHRsZSBzZWNyZXRz", 8, 11888),
         ("sippy+rtpproxy/alice_srtp.pcap", "AES_CM_128_HMAC_SHA1_80", "9sOd+W72ilwfNgNt0FzlGYj6YZPMqN1sJJx43UuS", 9, 1556),
         ("sippy+rtpproxy/bob_srtp.pcap", "AES_CM_128_HMAC_SHA1_80", "NhqBK/JjtVJgmOgPyDKpvMTEjvFCQ4eiyVQelF6x", 9, 1564))


def tshark(*args):
    return subprocess.run(["tshark", *args], capture_output=True, timeout=120, check=True).stdout.decode()


def tshark_texts(path, keys):
    """What each direction of each TLS connection says, as tshark decrypts it."""
    options = ["-o", "tls.keylog_file:" + keys] if keys else []
    streams = {line for line in tshark("-r", path, "-Y", "tls", "-T", "fields", "-e", "tcp.stream").split() if line}
    texts = []
    for stream in sorted(streams, key=int):
        ways = collections.defaultdict(bytes)
        for line in tshark("-r", path, *options, "-q", "-z", f"follow,tls,raw,{stream}").splitlines():
            if re.fullmatch(r"\t?[0-9a-f]+", line):
                ways[line.startswith("\t")] += bytes.fromhex(line.strip())
        texts += ways.values()
    return sorted(t for t in texts if t)


def sipvet_texts(sipvet, path, keys):
    """The same from the messages, in the order of their capture."""
    options = ["-k", keys] if keys else []
    done = subprocess.run([sipvet, "--no-tui", "-q", "-o", "sip-log", "--log-secrets", "--log-line-ends", *options, path], capture_output=True, timeout=60, check=True)
    ways = collections.defaultdict(bytes)
    for line in done.stdout.splitlines():
        message = json.loads(line)
        ways[message["src"], message["dst"]] += message["sip_message"].encode()
    return sorted(ways.values())


def texts_differ(sipvet, path, keys):
    want, got = tshark_texts(path, keys), sipvet_texts(sipvet, path, keys)
    keepalive = re.compile(rb"(?:(?<=\r\n\r\n)|^)(?:\r\n)+(?=[A-Z])")
    want = [keepalive.sub(b"", t) for t in want]
    if not want:
        return "tshark decrypts nothing"
    if want != got:
        return f"{len(got)} texts of {[len(t) for t in got]} bytes; tshark has {len(want)} of {[len(t) for t in want]}"
    return None


def streams_differ(sipvet, paths, packets, keys=None):
    """None where all SRTP streams authenticate from the first to the last packet; packets: how many there are, where that is known."""
    done = subprocess.run([sipvet, "--no-tui", "-q", "-o", "json", *(["-k", keys] if keys else []), *paths], capture_output=True, timeout=60, check=True)
    streams = [r for r in map(json.loads, done.stdout.splitlines()) if r["record"] == "stream" and "srtp" in r]
    for stream in streams:
        srtp = stream["srtp"]
        if (srtp.get("authenticated"), srtp["auth_failures"], srtp["decrypted"]) != (stream["packets"], 0, True):
            return f"stream of {stream['packets']} packets: {srtp}"
    total = sum(s["packets"] for s in streams)
    return None if streams and packets in (None, total) else f"{len(streams)} SRTP streams with {total} packets, expected {packets}"


def signaling(path, suite, key, payload_type, folder):
    """A capture of the call that the media would belong to: it announces the media's ends and key just before they begin."""
    first = tshark("-r", path, "-c", "1", "-T", "fields", "-e", "frame.time_epoch", "-e", "ip.src", "-e", "udp.srcport", "-e", "ip.dst", "-e", "udp.dstport").split()
    seconds, _, fraction = first[0].partition(".")
    at, ends = int(seconds) * wire.SECOND + int(fraction[:9].ljust(9, "0")), ((first[1], int(first[2])), (first[3], int(first[4])))

    def sdp(place):
        return ("v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio {1} RTP/SAVP {2}\r\na=crypto:1 {3} inline:{4}\r\n"
                .format(*place, payload_type, suite, key))

    def message(start, place, body):
        return (start + "\r\nVia: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\nFrom: <sip:a@a.example>;tag=1\r\nTo: <sip:b@b.example>"
                + (";tag=2" if start.startswith("SIP") else "") + "\r\nCall-ID: known@example.com\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
                f"Contact: <sip:{place[0]}>\r\nContent-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()
    caller, callee = (ends[0][0], 5060), (ends[1][0], 5060)
    frames = [(at - 2000000, wire.ethernet(wire.udp_packet(caller, callee, message("INVITE sip:b@b.example SIP/2.0", caller, sdp(ends[0]))))),
              (at - 1000000, wire.ethernet(wire.udp_packet(callee, caller, message("SIP/2.0 200 OK", callee, sdp(ends[1])))))]
    out = os.path.join(folder, "signaling.pcap")
    with open(out, "wb") as f:
        f.write(wire.pcap(frames))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    made = os.path.join(CORPUS, "made")
    if not os.path.isdir(made):
        print(f"skipped: there is no {made}")
        return 77
    asked = shutil.which("tshark") is not None
    passed = failed = 0
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(made)):
            path, keys = os.path.join(made, name), os.path.join(made, re.sub(r"\.\w+$", ".keys", name))
            if not name.endswith((".pcap", ".pcapng")):
                continue
            keys = keys if os.path.exists(keys) else None
            if asked:
                checks.append((name, lambda p=path, k=keys: texts_differ(options.sipvet, p, k)))
            if "srtp" in name:
                checks.append((name + ": SRTP", lambda p=path, k=keys: streams_differ(options.sipvet, [p], None, k)))
        for name, suite, key, payload_type, packets in KNOWN if asked else ():
            path = os.path.join(CORPUS, name)
            checks.append((name, lambda a=(path, suite, key, payload_type, folder), n=packets: streams_differ(options.sipvet, [signaling(*a), a[0]], n)))
        for name, check in checks:
            if options.only not in name:
                continue
            wrong = check()
            passed, failed = passed + (wrong is None), failed + (wrong is not None)
            if wrong or options.verbose:
                print(f"{'FAIL' if wrong else 'pass'} {name}{': ' + wrong if wrong else ''}")
    print(f"{passed} passed, {failed} failed" + ("" if asked else "; skipped what tshark is asked: it is not installed"))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Live capture between two network namespaces that it makes itself: what is sent into one end of a veth pair must be reported from
the other, with and without a capture filter, and an interrupt must finish the outputs.

  run.py --sipvet BIN [-v]

Needs root and ip(8); otherwise exit status 77: skipped. Everything it makes carries its process id and is taken down again.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("cases", "truth", "saving")]
import blocks  # noqa: E402
from rtp import Stream  # noqa: E402
from scene import Leg, Scene  # noqa: E402

CALLS = 4
RTP = 60  # packets of each call, between its answer and its BYE
SENDER = """
import json, socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
for line in sys.stdin:
    s.send(bytes.fromhex(line.strip()))
    time.sleep(0.001)
"""


def frames():
    """CALLS whole calls, each from a caller of its own and with RTP to the callee, and noise that is no SIP."""
    scene = Scene()
    for i in range(CALLS):
        start = scene.now
        Leg(scene, f"live-{i}@example.com", caller=(f"10.1.0.{i + 1}", 5060)).whole()
        stream = Stream(src=(f"10.1.0.{i + 1}", 4000), dst=("10.2.0.2", 6000), ssrc=i + 1, start=start + 2_020_000_000)
        scene.packets += stream.talk(RTP * 0.02).wire()
        scene.other_traffic()
    scene.packets.sort(key=lambda packet: packet[0])
    return [frame for _, frame in scene.frames()]


class Link:
    """Two namespaces joined by a veth pair."""

    def __init__(self):
        self.names = [f"sipvet{os.getpid()}{end}" for end in "ab"]
        self.ends = [f"sv{os.getpid() % 100000}{end}" for end in "ab"]

    def ip(self, *args):
        return subprocess.run(["ip", *args], capture_output=True, text=True, check=False)

    def up(self):
        """An error's text, or None."""
        commands = [["netns", "add", n] for n in self.names]
        commands.append(["link", "add", self.ends[0], "netns", self.names[0], "type", "veth", "peer", "name", self.ends[1], "netns", self.names[1]])
        for name, end in zip(self.names, self.ends):
            commands.append(["-n", name, "link", "set", end, "arp", "off", "addrgenmode", "none"])
            commands.append(["-n", name, "link", "set", end, "up"])
        for command in commands:
            done = self.ip(*command)
            if done.returncode != 0:
                return done.stderr.strip() or "ip failed"
        return None

    def down(self):
        for name in self.names:
            self.ip("netns", "del", name)

    def inside(self, end, *command):
        return ["ip", "netns", "exec", self.names[end], *command]


def capture(options, link, report, *more):
    command = link.inside(1, options.sipvet, "--no-tui", "-q", "-i", link.ends[1], "-o", "json:" + report, *more)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def wait_open(link, process):
    """Until a packet socket stands in the receiver's namespace (sipvet opens its device)."""
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        listed = subprocess.run(link.inside(1, "cat", "/proc/net/packet"), capture_output=True, text=True, check=False).stdout
        if len(listed.splitlines()) > 1:
            time.sleep(0.2)  # the filter and the ring come behind the socket
            return
        time.sleep(0.05)


def send(link, sent):
    lines = "".join(frame.hex() + "\n" for frame in sent)
    subprocess.run(link.inside(0, sys.executable, "-c", SENDER, link.ends[0]), input=lines, text=True, check=True, timeout=30)


def finish(process, seconds=15):
    """Exit status and standard error; None: it did not end."""
    try:
        _, errors = process.communicate(timeout=seconds)
        return process.returncode, errors.decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, "it did not end"


def check(name, status, errors, report, calls, ended):
    """The problems of one run."""
    problems = [] if status == 0 else [f"exit status {status}: {errors.strip()[:300]}"]
    try:
        with open(report, encoding="utf-8") as f:
            records = [json.loads(line) for line in f]
    except (OSError, ValueError) as error:
        return problems + [f"no report: {error}"]
    found = sorted((r["call_id"], r["state"]) for r in records if r["record"] == "call")
    want = sorted((f"live-{i}@example.com", "completed") for i in calls)
    if found != want:
        problems.append(f"calls {found}, expected {want}")
    streams = sorted((r.get("call_id"), r["packets"], r["lost"]) for r in records if r["record"] == "stream")
    if streams != [(call_id, RTP, 0) for call_id, _ in want]:
        problems.append(f"streams {streams}, expected {RTP} packets in each of {[call_id for call_id, _ in want]}")
    summary = records[-1] if records else {}
    if summary.get("record") != "summary":
        return problems + ["the summary is not the last record"]
    if summary.get("kernel_drops") != 0:
        problems.append(f"kernel_drops {summary.get('kernel_drops')}")
    if summary.get("interfaces") is None:
        problems.append("the summary names no interface")
    return problems + ended(summary)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    if os.geteuid() != 0:
        print("skipped: only root can make network namespaces")
        return 77
    link, sent, failed = Link(), frames(), 0
    everyone = range(CALLS)

    def all_packets(summary):
        return [] if summary["packets"] == len(sent) else [f"{summary['packets']} packets, {len(sent)} were sent"]

    def nothing(_):
        return []

    def saved_packets(_):
        """The call's own, as they were sent, and where they came in."""
        file = blocks.read(saved)
        want = sorted(frame for frame in sent if bytes((10, 1, 0, 3)) in frame[26:34])
        problems = [] if sorted(data for _, data, _, _, _ in file.frames) == want else [f"{len(file.frames)} packets saved, expected {len(want)}"]
        return problems + ([] if [i[2] for i in file.interfaces] == [link.ends[1]] else [f"interfaces {file.interfaces}"])

    # name, options, how it ends, calls, what else is asked of the summary
    runs = [
        ("count", ["--count", str(len(sent))], None, everyone, all_packets),
        ("duration", ["--duration", "3"], None, everyone, all_packets),
        ("interrupt", [], signal.SIGINT, everyone, all_packets),
        ("terminate", [], signal.SIGTERM, everyone, all_packets),
        ("filter", ["-f", "host 10.1.0.2", "--duration", "3"], None, [1], nothing),
        ("filter nothing", ["-f", "udp port 9", "--duration", "2"], None, [], nothing),
        ("where", ["-w", "src = 10.1.0.3", "--duration", "3"], None, [2], all_packets),
        ("saved packets", ["-w", "src = 10.1.0.3", "-o", "pcapng:SAVED", "--duration", "3"], None, [2], saved_packets),
    ]
    if shutil.which("ip") is None:
        print("skipped: no network namespaces here: there is no ip command (package iproute2)")
        return 77
    try:
        problem = link.up()
        if problem is not None:
            print(f"skipped: no network namespaces here: {problem}")
            return 77
        with tempfile.TemporaryDirectory() as folder:
            for name, more, end, calls, ended in runs:
                report = os.path.join(folder, name.replace(" ", "-") + ".json")
                saved = os.path.join(folder, "saved.pcapng")
                process = capture(options, link, report, *[word.replace("SAVED", saved) for word in more])
                wait_open(link, process)
                send(link, sent)
                if end is not None:
                    time.sleep(0.5)
                    os.killpg(process.pid, end)
                status, errors = finish(process)
                problems = check(name, status, errors, report, calls, ended)
                failed += bool(problems)
                for text in problems:
                    print(f"FAIL {name}: {text}")
                if options.verbose and not problems:
                    print(f"pass {name}")
    finally:
        link.down()
    print(f"{len(runs) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

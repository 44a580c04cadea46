#!/usr/bin/env python3
"""Measures sipvet against a libpcap count loop (R) on generated workloads, and checks its totals against the truth.

The rows but VA, VB and LB are without a profile (-p none). Prints ratios: it never fails because of a time. A row whose totals differ from the truth says DOES NOT COUNT.

  bench.py --sipvet BIN [--dir D] [--rounds N] [--only P1,P5] [--peers] [--fresh]
  bench.py --sipvet BIN --quick     scale 0.01, one round: exit status 1 when totals differ, so that a test can run it
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# id: workload, unit of the figure, goal (ambitious, minimum), what is measured
ROWS = [
    ("P1", "A", "CPU / R", (0.65, 1.0)),
    ("P5", "B", "CPU / R", (2.5, 4.0)),
    ("P7", "D", "CPU / R", (1.0, 1.6)),
    ("C", "C", "CPU / R", None),
    ("VA", "A", "CPU with all rules / without", (1.1, 1.1)),
    ("VB", "B", "CPU with all rules / without", (1.3, 1.3)),
    ("LB", "B", "CPU with -o sip-log / without", (1.8, 2.0)),
    ("P8", "W200,W20000", "ns per packet, ratio", (1.35, 2.0)),
    ("P9", "P2000000,P4000000", "time ratio; RSS difference MiB", ((2.05, 1), (2.2, 8))),
    ("M1", "A", "peak RSS, MiB", (24, 64)),
    ("M2", "B", "peak RSS / messages, bytes", (112, 300)),
    ("M3", "D", "peak RSS, MiB", (100, 250)),
    ("Q1", "Q", "wall ms", (5, 20)),
]


def measure(folder, command):
    """Runs a command; returns CPU seconds (user+sys), wall seconds, peak RSS bytes and its exit status."""
    result = os.path.join(folder, "measured")
    subprocess.run([os.path.join(folder, "measure"), result, *command], check=True)
    with open(result, encoding="ascii") as f:
        cpu, wall, rss, status = f.read().split()
    return {"cpu": float(cpu), "wall": float(wall), "rss": int(rss), "exit": int(status)}


def build(folder):
    compiler = os.environ.get("CC", "cc")
    for name, sources, libraries in (("generate", ["generate.c", "generate_sip.c"], []), ("count", ["count.c"], ["-lpcap"]),
                                     ("measure", ["measure.c"], [])):
        paths = [os.path.join(HERE, s) for s in sources]
        target = os.path.join(folder, name)
        newest = max(os.path.getmtime(p) for p in paths + [os.path.join(HERE, "generate.h")])
        if not os.path.exists(target) or os.path.getmtime(target) < newest:
            subprocess.run([compiler, "-O2", "-std=c11", "-D_GNU_SOURCE", "-o", target, *paths, *libraries], check=True)


def workload(folder, name, scale):
    """Path of a workload's capture and its truth, generated when missing or older than the generator."""
    label = name if scale == 1 else f"{name}-{scale:g}"
    path = os.path.join(folder, label + ".pcap")
    truth = os.path.join(folder, label + ".truth.json")
    tool = os.path.join(folder, "generate")
    if not os.path.exists(truth) or os.path.getmtime(truth) < os.path.getmtime(tool):
        subprocess.run([tool, name, path, "--scale", str(scale)], check=True)
    with open(truth, encoding="utf-8") as f:
        return path, json.load(f)


def small_file(folder):
    """The 1,000-packet file of Q1: the start of a small C."""
    path = os.path.join(folder, "Q.pcap")
    if not os.path.exists(path):
        source, _ = workload(folder, "C", 0.01)
        with open(source, "rb") as f, open(path, "wb") as g:
            g.write(f.read(24))
            for _ in range(1000):
                header = f.read(16)
                g.write(header + f.read(int.from_bytes(header[8:12], "little")))
    return path


def differences(folder, sipvet, path, truth):
    """What the JSON report says otherwise than the truth; a list of strings."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        status = measure(folder, [sipvet, "--no-tui", "-q", "-o", "json:" + report.name, path])["exit"]
        if status != 0:
            return [f"exit status {status}"]
        states, statuses, streams, summary = {}, {}, {"streams": 0, "packets": 0, "lost": 0, "duplicates": 0, "digits": 0}, {}
        with open(report.name, encoding="utf-8", errors="replace") as f:
            for line in f:
                record = json.loads(line)
                kind = record["record"]
                if kind == "call":
                    states[record["state"]] = states.get(record["state"], 0) + 1
                    statuses[record["call_id"]] = (record["method"], record["state"], record.get("status"))
                elif kind == "stream":
                    streams["streams"] += 1
                    for key in ("packets", "lost", "duplicates"):
                        streams[key] += record.get(key) or 0
                    streams["digits"] += len(record.get("dtmf") or []) + (record.get("dtmf_left_out") or 0)
                elif kind == "summary":
                    summary = record
    found = []

    def compare(what, got, want):
        if got != want:
            found.append(f"{what} {got}, truth {want}")

    for key in ("packets", "sip_messages", "calls"):
        compare(key, summary.get(key), truth[key])
    for state, count in truth["states"].items():
        compare("state " + state, states.get(state, 0), count)
    compare("other states", {s: n for s, n in states.items() if s not in truth["states"]}, {})
    if truth["streams"] and summary.get("streams") is None and streams["streams"] == 0:
        found.append("note: no stream is reported")
    elif truth["streams"]:
        compare("streams", streams["streams"], truth["streams"])
        for key in ("packets", "lost", "duplicates", "digits"):
            compare("rtp " + key, streams[key], truth["rtp"][key])
    for call in truth.get("call_list", []):
        want = (call["method"], call["state"], call["status"])
        if statuses.get(call["call_id"]) != want:
            found.append(f"{call['call_id']} {statuses.get(call['call_id'])}, truth {want}")
    return found


class Bench:
    def __init__(self, options):
        self.options = options
        self.scale = 0.01 if options.quick else 1
        self.rounds = 1 if options.quick else options.rounds
        self.samples = {}
        self.checked = {}
        self.failed = False
        self.log = os.path.join("/dev/shm" if os.path.isdir("/dev/shm") else options.dir, f"sipvet-bench-{os.getpid()}.log")

    def path(self, name):
        if name == "Q":
            return small_file(self.options.dir), None
        return workload(self.options.dir, name, self.scale)

    def commands(self, path, name):
        table = {"R": [os.path.join(self.options.dir, "count"), path],
                 "sipvet": [self.options.sipvet, "-p", "none", "--no-tui", "-q", "-o", "json:/dev/null", path]}
        if name in "AB":
            table["rules"] = [self.options.sipvet, "--no-tui", "-q", "-o", "json:/dev/null", path]
        if name == "B":
            table["log"] = [*table["rules"][:-1], "-o", "sip-log:" + self.log, path]
        if self.options.peers and name in "ABCD" and shutil.which("tshark"):
            taps = ["-z", "sip,stat"] if name == "B" else ["-z", "rtp,streams"]
            table["tshark"] = ["tshark", "-n", "-q", "-r", path, *taps]
        if self.options.peers and name == "C" and shutil.which("sngrep"):
            table["sngrep"] = ["sngrep", "-N", "-q", "-l", "1000000", "-I", path]
        return table

    def take(self, name):
        """The interleaved rounds of one workload: {command: [measures]}."""
        if name in self.samples:
            return self.samples[name]
        path, truth = self.path(name)
        if truth is not None:
            self.checked[name] = differences(self.options.dir, self.options.sipvet, path, truth)
        used = path
        if self.options.fresh:
            used = path + ".copy"
            shutil.copyfile(path, used)
        samples = {}
        for turn in range(self.rounds):
            for tool, command in self.commands(used, name).items():
                if tool in ("tshark", "sngrep") and turn >= 1:
                    continue
                samples.setdefault(tool, []).append(measure(self.options.dir, command))
                if os.path.exists(self.log):
                    os.unlink(self.log)
        if self.options.fresh:
            os.unlink(used)
        self.samples[name] = samples
        return samples

    def figures(self, row):
        """The figures of a row as text, and the peers' text."""
        first, *rest = row[1].split(",")
        a = self.take(first)
        own = a["sipvet"]
        median = statistics.median
        if rest:
            b = self.take(rest[0])
            packets = [self.path(n)[1]["packets"] for n in (first, rest[0])]
            ratio = median(y["cpu"] / max(x["cpu"], 1e-6) for x, y in zip(own, b["sipvet"]))
            if row[0] == "P8":
                return f"{ratio * packets[0] / packets[1]:.2f}", ""
            grown = median(y["rss"] - x["rss"] for x, y in zip(own, b["sipvet"])) / 2**20
            return f"{ratio:.2f}; {grown:+.1f}", ""
        rss = median(x["rss"] for x in own)
        peers = [f"{tool} {m[0]['cpu'] / max(median(x['cpu'] for x in own), 1e-6):.0f}x CPU, {m[0]['rss'] / rss:.0f}x RSS"
                 for tool, m in a.items() if tool in ("tshark", "sngrep")]
        if row[0] == "Q1":
            return f"{median(x['wall'] for x in own) * 1000:.1f}", f"R {median(x['wall'] for x in a['R']) * 1000:.1f}"
        if row[0].startswith("V"):
            return f"{median(x['cpu'] / max(y['cpu'], 1e-6) for x, y in zip(a['rules'], own)):.2f}", "-p none and the default profile"
        if row[0] == "LB":
            return f"{median(x['cpu'] / max(y['cpu'], 1e-6) for x, y in zip(a['log'], a['rules'])):.2f}", "with the default profile; the log is in memory"
        if row[0] == "M2":
            return f"{rss / self.path(first)[1]['sip_messages']:.0f}", ", ".join(peers)
        if row[0].startswith("M"):
            return f"{rss / 2**20:.1f}", ", ".join(peers)
        packets = self.path(first)[1]["packets"]
        ratio = median(x["cpu"] / max(r["cpu"], 1e-6) for x, r in zip(own, a["R"]))
        return f"{ratio:.2f}", ", ".join([f"{median(x['cpu'] for x in own) * 1e9 / packets:.0f} ns/packet"] + peers)

    def print(self):
        chosen = self.options.only.split(",") if self.options.only else [row[0] for row in ROWS]
        print(f"{'id':3} {'workload':18} {'figure':31} {'sipvet':>14}  {'goal':>12} {'minimum':>9}  notes")
        for row in ROWS:
            if row[0] not in chosen:
                continue
            figure, note = self.figures(row)
            goal, least = ("", "") if row[3] is None else (str(row[3][0]).strip("()"), str(row[3][1]).strip("()"))
            print(f"{row[0]:3} {row[1]:18} {row[2]:31} {figure:>14}  {goal:>12} {least:>9}  {note}")
            for name in row[1].split(","):
                exits = {m["exit"] for m in self.samples[name]["sipvet"]}
                problems = [p for p in self.checked.get(name, []) if not p.startswith("note:")]
                if exits != {0}:
                    problems.append(f"exit status {exits}")
                if problems:
                    self.failed = True
                    shown = "; ".join(problems[:8]) + (f"; and {len(problems) - 8} more" if len(problems) > 8 else "")
                    print(f"    DOES NOT COUNT: {name}: {shown}")
                for remark in (p for p in self.checked.get(name, []) if p.startswith("note:")):
                    print(f"    {name}: {remark}")
            sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--dir", default="/tmp/sipvet-bench", help="cache of the tools and generated captures")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="row ids, separated by commas")
    parser.add_argument("--peers", action="store_true", help="also tshark and sngrep, once per workload: minutes")
    parser.add_argument("--fresh", action="store_true", help="copy each capture right before its rounds (page cache in large folios)")
    parser.add_argument("--quick", action="store_true", help="scale 0.01, one round; exit status 1 when totals differ")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    os.makedirs(options.dir, exist_ok=True)
    build(options.dir)
    bench = Bench(options)
    bench.print()
    return 1 if options.quick and bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Gives the program broken, cut and greedy captures: it must end with exit status 0 or 3 in bounded time and memory, never by a
signal or with a sanitizer's report, and every line of its JSON must be JSON.

  run.py --sipvet BIN [--flips N] [--only KIND] [--seconds S] [--rss MIB]

KIND is cut, flip, built or corpus. Default 300 flips; 10000 for the full run. What fails is kept in --keep.
"""
import argparse
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "..", "..", "..", "shared", "corpus")
BATCH = 50
CUT_BYTES = 4096
REPORTS = (b"ERROR: AddressSanitizer", b"runtime error:", b"LeakSanitizer", b"MemorySanitizer", b"ThreadSanitizer", b"Assertion")


def serve(requests, answers):
    """The small process that starts the program: Linux counts the memory of whoever forks into the child's peak. Each request is a
    line of JSON: command, file for standard error, seconds; the answer is wall seconds, peak KiB and exit status (null: too slow)."""
    for line in requests:
        command, error, allowed = json.loads(line)
        begin = time.monotonic()
        with open(error, "wb") as err:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        pid = 0
        while not pid and time.monotonic() - begin <= allowed:
            time.sleep(0.002)
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if not pid:
            process.kill()
            _, _, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status) if pid else -9
        answer = [time.monotonic() - begin, usage.ru_maxrss, process.returncode if pid else None]
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


class Bench:
    def __init__(self, options, folder, server):
        self.server = server
        self.options, self.folder, self.runs, self.files, self.failures = options, folder, 0, 0, 0
        self.slowest, self.largest = (0, ""), (0, "")

    def once(self, paths):
        """Runs the program on the files; returns what is wrong, or None."""
        self.runs += 1
        report, error = os.path.join(self.folder, "report.json"), os.path.join(self.folder, "stderr")
        command = [self.options.sipvet, "--no-tui", "-q", "--messages", "-o", "json:" + report, "-o", "text:/dev/null", *paths]
        allowed = self.options.seconds * (1 if len(paths) == 1 else 3)
        requests, answers = self.server
        requests.write(json.dumps([command, error, allowed]) + "\n")
        requests.flush()
        wall, peak, status = json.loads(answers.readline())
        if status is None:
            return f"more than {allowed:g} s"
        self.slowest = max(self.slowest, (wall, os.path.basename(paths[0])))
        self.largest = max(self.largest, (peak / 1024, os.path.basename(paths[0])))
        with open(error, "rb") as f:
            text = f.read(200000)
        return self.judge(status, text, peak / 1024, report)

    def judge(self, status, text, rss, report):
        for mark in REPORTS:
            if mark in text:
                return text[text.index(mark):][:160].decode(errors="replace").replace("\n", " ")
        if status < 0:
            return f"signal {-status}"
        if status not in (0, 3):
            return f"exit status {status}: {text[:120].decode(errors='replace')}"
        if rss > self.options.rss:
            return f"{rss:.0f} MiB"
        if status == 0 and not os.path.exists(report):
            return "no report"
        if os.path.exists(report):
            with open(report, "rb") as f:
                for n, line in enumerate(f, 1):
                    try:
                        json.loads(line.decode("utf-8"))
                    except ValueError as why:
                        return f"line {n} of the report is not JSON: {why}"
            os.unlink(report)
        return None

    def fail(self, path, why):
        self.failures += 1
        kept = os.path.join(self.options.keep, os.path.basename(path))
        if self.failures <= 50:
            os.makedirs(self.options.keep, exist_ok=True)
            with open(path, "rb") as f, open(kept, "wb") as g:
                g.write(f.read())
        print(f"FAIL {os.path.basename(path)}: {why} (kept as {kept})", flush=True)

    def search(self, paths):
        """Halves a batch that went wrong until single files are to blame."""
        why = self.once(paths)
        if why is None:
            return 0
        if len(paths) == 1:
            self.fail(paths[0], why)
            return 1
        middle = len(paths) // 2
        blamed = self.search(paths[:middle]) + self.search(paths[middle:])
        if blamed == 0:
            self.fail(paths[0], f"only together with the {len(paths) - 1} files after it: {why}")
            return 1
        return blamed

    def batch(self, named):
        """named: pairs of name and bytes, as many as one process shall read."""
        paths = []
        for name, data in named:
            path = os.path.join(self.folder, name)
            with open(path, "wb") as f:
                f.write(data)
            paths.append(path)
        self.files += len(paths)
        self.search(paths)
        for path in paths:
            os.unlink(path)

    def all(self, named):
        waiting = []
        for item in named:
            waiting.append(item)
            if len(waiting) == BATCH:
                self.batch(waiting)
                waiting = []
        if waiting:
            self.batch(waiting)


def start_server():
    """Forks early, while this process is small; returns what to write requests to and to read answers from."""
    to_server, from_us = os.pipe()
    to_us, from_server = os.pipe()
    if os.fork() == 0:
        os.close(from_us)
        os.close(to_us)
        with os.fdopen(to_server) as requests, os.fdopen(from_server, "w") as answers:
            serve(requests, answers)
        os._exit(0)
    os.close(to_server)
    os.close(from_server)
    return os.fdopen(from_us, "w"), os.fdopen(to_us)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def build_cases(folder, only=""):
    import cases  # tests/cases, whose path built.py adds
    return cases.build(folder, only)


def seeds(folder):
    """Captures of tests/cases, one of each kind of parser."""
    wanted = ("flow_answered", "flow_prack", "flow_odd_call_id", "link_qinq_88a8", "link_sll2", "link_mpls_three", "link_pppoe_ipv6", "link_6in4",
              "link_gre_key", "link_erspan", "link_vxlan", "link_gtp_extension", "link_ipv6_chain", "link_sctp_chunks", "link_hep3", "link_hep2",
              "link_tcp_100", "link_websocket_split", "link_websocket_pieces", "fragments_in_order", "fragments_ipv6_reversed", "tcp_repacked",
              "format_pcapng_two_interfaces", "format_pcapng_sections", "format_pcapng_interface_later", "format_pcapng_old_block",
              "format_pcap_gz", "format_pcap_zst", "flow_quoted_in_icmp")
    return [read(path) for case in build_cases(folder) if case.name in wanted for path in case.inputs if os.path.exists(path)]


def cuts(folder):
    """Three captures, cut at every byte of their first 4 kB."""
    for name in ("link_tcp_100", "fragments_ipv6", "format_pcapng_two_interfaces"):
        case = next(c for c in build_cases(folder, name) if c.name == name)
        data = read(case.inputs[0])
        for at in range(min(CUT_BYTES, len(data))):
            yield f"cut-{name}-{at}", data[:at]


def spoil(data, chooser):
    """A few random faults: bits, bytes, lengths, missing and doubled pieces."""
    out = bytearray(data)
    for _ in range(chooser.choice((1, 2, 4, 16, 64))):
        at = chooser.randrange(len(out))
        kind = chooser.randrange(8)
        if kind < 3:
            out[at] ^= 1 << chooser.randrange(8)
        elif kind == 3:
            out[at] = chooser.choice((0, 1, 0x7f, 0x80, 0xff, 0x0d, 0x0a, 0x20))
        elif kind == 4:
            out[at:at + 2] = struct.pack(chooser.choice("<>") + "H", chooser.choice((0, 1, 0x7fff, 0x8000, 0xffff)))
        elif kind == 5:
            out[at:at + 4] = struct.pack(chooser.choice("<>") + "I", chooser.choice((0, 1, 0x7fffffff, 0x80000000, 0xffffffff)))
        elif kind == 6:
            del out[at:at + chooser.randrange(1, 40)]
        else:
            out[at:at] = out[at:at + chooser.randrange(1, 200)]
        if not out:
            out = bytearray(b"\0")
    return bytes(out)


def flips(sources, count, name):
    for seed in range(count):
        chooser = random.Random(f"{name} {seed}")
        yield f"{name}-{seed}", spoil(chooser.choice(sources), chooser)


def corpus(count):
    """Cut and spoiled captures of the corpus, those of at most 300 kB."""
    sources = []
    for folder, _, names in os.walk(CORPUS):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.rsplit(".", 1)[-1] in ("pcap", "pcapng", "cap", "gz", "fuzzed", "ntar") and os.path.getsize(path) < 300000:
                sources.append(path)
    sources.sort()
    for seed in range(count if sources else 0):
        chooser = random.Random(f"corpus {seed}")
        data = read(chooser.choice(sources))
        if data:
            yield f"corpus-{seed}", spoil(data, chooser) if seed % 3 else data[:chooser.randrange(len(data))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--flips", type=int, default=300, metavar="N")
    parser.add_argument("--only", choices=("cut", "flip", "built", "corpus"))
    parser.add_argument("--name", default="", help="only built captures whose name contains this")
    parser.add_argument("--seconds", type=float, default=5, help="for one file; more for a sanitized program")
    parser.add_argument("--rss", type=float, default=512, metavar="MIB")
    parser.add_argument("--keep", default="/tmp/sipvet-nasty", metavar="FOLDER", help="what failed is written here")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    server = start_server()
    sys.path.insert(0, HERE)
    import built  # after the fork: they are large
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, folder, server)
        made = os.path.join(folder, "made")
        os.makedirs(made)
        if options.only in (None, "built"):
            for build in built.BUILT:
                if options.name in build.__name__:
                    bench.batch([("built-" + build.__name__, build())])
        if options.only in (None, "cut"):
            bench.all(cuts(made))
        if options.only in (None, "flip"):
            bench.all(flips(seeds(made), options.flips, "flip"))
        if options.only in (None, "corpus"):
            bench.all(corpus(options.flips))
        print(f"{bench.files} files in {bench.runs} runs; slowest {bench.slowest[0]:.2f} s ({bench.slowest[1]}), "
              f"largest {bench.largest[0]:.0f} MiB ({bench.largest[1]})")
        print(f"{bench.files - bench.failures} passed, {bench.failures} failed")
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())

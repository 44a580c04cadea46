#!/usr/bin/env python3
"""Compares what sipvet says of every capture of ../shared/corpus with the truth that two other programs agreed on.

  compare.py --sipvet BIN [--only PART-OF-PATH] [--streams] [-v]

One line per file that differs, then "N passed, N failed, N skipped". expected_differences.json lists differences that are right:
objects with path, what (a part of the difference's text) and why. Without the corpus it exits with 77: skipped.
"""
import argparse
import collections
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "..", "..", "..", "shared", "corpus")
# File types of the truth that are captures; the rest (NetMon, rtpdump, MPEG, ...) may be refused.
CAPTURES = ("pcap", "pcapng")
IN_DIALOG = {"ACK", "BYE", "CANCEL", "INFO", "NOTIFY", "PRACK", "REFER", "UPDATE"}
NO_FINAL = {"setup", "ringing", "timeout", "partial"}


def final_state(status, invite):
    if status < 300:
        return "in-call" if invite else "done"
    if invite and status < 400:
        return "redirected"
    if invite and status in (486, 600):
        return "busy"
    return "rejected"


def allowed_states(text, late_calls=False):
    """The states of interface.md that a `states` text of the truth may stand for. late_calls: the INVITE may be before the capture."""
    if late_calls and text.startswith(("answered", "failed")):
        return allowed_states(text) | {"partial"}
    head, _, tail = text.partition(" -> ")
    cancelled = text.endswith("+CANCEL")
    text = text.removesuffix(" +CANCEL")
    if text == "answered, BYE":
        return {"completed"}
    if text == "answered, no BYE in capture":
        return {"in-call"}
    if text == "no final response":
        return NO_FINAL | ({"cancelled"} if cancelled else set())
    if text.startswith("failed "):
        status = int(text.split()[1])
        if status == 487:
            return {"cancelled", "rejected"}
        return {final_state(status, True)} | ({"cancelled"} if cancelled else set())
    if head == "(responses only)":
        return {"partial"}
    late = {"partial"} if set(head.split(",")) & IN_DIALOG else set()
    if tail == "no response":
        return {"pending", "timeout"} | late
    finals = [int(s) for s in tail.split("/") if int(s) >= 200]
    if not finals:
        return {"pending", "timeout"} | late
    states = {final_state(finals[-1], False)} | late
    # The truth names each status once, in the order of its first time: after 200 a challenge may have come back, or been met.
    if any(s < 300 for s in finals):
        states = states | {"done"}
    return states | {"pending", "timeout"} if finals[-1] in (401, 407) else states  # the retry may be under way


def match(wanted, groups, late_calls):
    """Pairs texts of the truth with Call-IDs (sets of states); returns the texts left over and the Call-IDs left over."""
    owner = {}

    def place(i, seen):
        for j, states in enumerate(groups):
            if j not in seen and states & allowed_states(wanted[i], late_calls):
                seen.add(j)
                if j not in owner or place(owner[j], seen):
                    owner[j] = i
                    return True
        return False

    sys.setrecursionlimit(100000)
    left = [wanted[i] for i in range(len(wanted)) if not place(i, set())]
    return left, [groups[j] for j in range(len(groups)) if j not in owner]


def counted(items):
    return ", ".join(f"{n}x {k[:60]}" for k, n in sorted(items.items()))


def endpoint(text):
    """address:port of the truth, whose IPv6 addresses are written out and without brackets, as sipvet writes it."""
    address, _, port = text.rpartition(":")
    return f"[{ipaddress.ip_address(address)}]:{port}" if ":" in address else text


class Row:
    """One capture: its truth, and the reports of the two runs."""

    def __init__(self, truth):
        self.truth, self.differences, self.notes = truth, [], []
        # SIP-like text of another protocol (Yahoo's YAHOOREF): all or nothing of it may count.
        self.negative = truth["topic"] == "N" and truth["callids"] > 0
        self.methods, self.status, self.callids_want = truth["methods"], truth["status"], truth["callids"]
        self.states = [text for text, n in truth["states"].items() for _ in range(n)]
        self.readable = any(kind in (truth["filetype"] or "").split(" ")[0] for kind in CAPTURES)
        self.anonymous = any(v.startswith("no Call-ID") for v in truth["violations"])

    def differ(self, text):
        self.differences.append(text)

    def run(self, sipvet, folder, messages):
        report = os.path.join(folder, "report.json")
        if os.path.exists(report):
            os.unlink(report)
        command = [sipvet, "--no-tui", "-q", "-o", "json:" + report] + (["--messages"] if messages else [])
        try:
            done = subprocess.run(command + [os.path.join(CORPUS, self.truth["path"])], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=120, check=False)
        except subprocess.TimeoutExpired:
            self.differ("more than 120 s")
            return None
        error = done.stderr.decode(errors="replace").strip()
        if done.returncode not in (0, 3):
            self.differ(f"exit status {done.returncode}: {error[:200]}")
            return None
        if done.returncode == 3 and not error:
            self.differ("exit status 3 without a message")
        records = []
        if os.path.exists(report):
            with open(report, encoding="utf-8", errors="replace") as f:
                records = [json.loads(line) for line in f]
        kinds = collections.defaultdict(list)
        for record in records:
            kinds[record["record"]].append(record)
        kinds["exit"] = done.returncode
        return kinds

    def compare(self, sipvet, folder, streams):
        first = self.run(sipvet, folder, messages=False)
        second = self.run(sipvet, folder, messages=True) if first is not None else None
        if second is None:
            return
        if not self.readable and first["exit"] == 3 and not first["call"]:
            return  # refused politely
        if self.negative and not first["call"] and not second["message"]:
            self.methods, self.status, self.callids_want, self.states = {}, {}, 0, []
        self.compare_totals(first["summary"][0] if first["summary"] else {}, first["exit"])
        self.compare_calls(first["call"])
        self.compare_messages(second["message"])
        if first["call"] != second["call"] and self.callids(first["call"]) != self.callids(second["call"]):
            self.differ("the calls of two runs are not the same")
        if streams:
            self.compare_streams(first["stream"])

    def compare_totals(self, summary, status):
        want = sum(self.methods.values()) + sum(self.status.values())
        if summary.get("sip_messages", 0) != want:
            self.differ(f"sip_messages {summary.get('sip_messages')}, truth {want}")
        if self.readable and summary.get("packets", 0) != self.truth["frames"]:
            self.differ(f"packets {summary.get('packets')}, truth {self.truth['frames']} (exit {status})")

    @staticmethod
    def callids(calls):
        return collections.Counter(c.get("call_id") or "" for c in calls)

    def compare_calls(self, calls):
        groups = collections.defaultdict(set)
        for call in calls:
            groups[call.get("call_id") or ""].add(call["state"])
        # The truth keeps all messages without a Call-ID under one empty Call-ID; sipvet may keep none of them as a call.
        nameless = 1 if self.anonymous else 0
        want = self.callids_want
        if len(groups) not in (want, want - nameless):
            self.differ(f"Call-IDs {len(groups)}, truth {want}")
        left, over = match(self.states, list(groups.values()), self.truth["invite_dialogs"] > self.methods.get("INVITE", 0))
        if len(left) > nameless or len(over) > nameless:
            self.differ(f"states: not found {counted(collections.Counter(left))}; instead "
                        f"{counted(collections.Counter('+'.join(sorted(s)) for s in over)) or 'nothing'}")
        repeated, truth = sum(c.get("retransmissions") or 0 for c in calls), self.truth["repeated"]
        if abs(repeated - truth) > max(2, truth // 5):
            self.notes.append(f"retransmissions {repeated}, truth's repeated messages {truth}")

    def compare_messages(self, messages):
        methods = collections.Counter(m["method"] for m in messages if m.get("method") and not m.get("status"))
        status = collections.Counter(str(m["status"]) for m in messages if m.get("status"))
        for what, got, want in (("methods", methods, self.methods), ("status", status, self.status)):
            for key in sorted(set(got) | set(want)):
                if got.get(key, 0) != want.get(key, 0):
                    self.differ(f"{what} {key[:40]} {got.get(key, 0)}, truth {want.get(key, 0)}")

    def compare_streams(self, streams):
        found = collections.defaultdict(list)
        for s in streams:
            found[(s.get("ssrc"), s.get("src"), s.get("dst"))].append(s)
        for want in self.truth["rtp_independent"]:
            got = found.get((want["ssrc"], endpoint(want["src"]), endpoint(want["dst"])))
            if not got:
                self.differ(f"stream {want['ssrc']} {want['src']} > {want['dst']} ({want['n']} packets) is not there")
                continue
            for key, name in (("n", "packets"), ("lost", "lost"), ("dup", "duplicates")):
                total = sum(s.get(name) or 0 for s in got)
                if total != want[key]:
                    self.differ(f"stream {want['ssrc']} {want['src']}: {name} {total}, truth {want[key]}")


def excuse(row, expected):
    """Drops the differences that are expected."""
    rules = [e for e in expected if e["path"] == row.truth["path"]]
    row.differences = [d for d in row.differences if not any(e["what"] in d for e in rules)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="", help="only paths that contain this")
    parser.add_argument("--streams", action="store_true", help="also RTP streams: packets, lost, duplicates")
    parser.add_argument("-v", "--verbose", action="store_true", help="also what passed, all differences of a file, and notes")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    truth = os.path.join(CORPUS, "truth.jsonl")
    if not os.path.exists(truth):
        print(f"skipped: no corpus at {os.path.normpath(CORPUS)}")
        return 77
    with open(os.path.join(HERE, "expected_differences.json"), encoding="utf-8") as f:
        expected = json.load(f)
    with open(truth, encoding="utf-8") as f:
        rows = [Row(json.loads(line)) for line in f]
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            path = row.truth["path"]
            if options.only not in path:
                continue
            if not os.path.exists(os.path.join(CORPUS, path)):
                skipped += 1
                continue
            row.compare(options.sipvet, folder, options.streams)
            excuse(row, expected)
            passed, failed = passed + (not row.differences), failed + bool(row.differences)
            if row.differences:
                shown = row.differences if options.verbose else row.differences[:3]
                more = len(row.differences) - len(shown)
                print(f"FAIL {path}: " + "; ".join(shown) + (f"; and {more} more" if more else ""))
            elif options.verbose:
                print(f"pass {path}")
            if options.verbose:
                for note in row.notes:
                    print(f"     note: {note}")
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

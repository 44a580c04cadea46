#!/usr/bin/env python3
"""Compares the facts that sipvet reports of the corpus's best SIP captures with the reviewed ones in facts.jsonl, as data.

  run.py --sipvet BIN [--only PART-OF-PATH] [--update]

facts.jsonl has a line per capture (value 4 or 5, with SIP): its calls in the order of their first packets, and what was damaged.
--update writes what sipvet says now and keeps each line's "why"; run review.py behind it, and look at every difference.
Without the corpus the exit status is 77: skipped.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "..", "..", "..", "shared", "corpus")
FACTS = os.path.join(HERE, "facts.jsonl")
FIELDS = ("call_id", "method", "state", "status", "messages", "retransmissions", "pdd_ms", "duration_ms", "from_user", "to_user",
          "transport", "codecs")
GROUPS = ("truncated", "malformed", "undecoded", "lost")


def captures():
    """The paths of the captures that have goldens, as the truth's values choose them."""
    with open(os.path.join(CORPUS, "truth.jsonl"), encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return [r["path"] for r in rows if r["value"] >= 4 and (r["methods"] or r["status"]) and os.path.exists(os.path.join(CORPUS, r["path"]))]


def facts(sipvet, path):
    """What sipvet says of a capture, as one JSON object."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        done = subprocess.run([sipvet, "--no-tui", "-q", "-o", "json:" + report, os.path.join(CORPUS, path)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120, check=False)
        with open(report, encoding="utf-8") as f:
            records = [json.loads(line) for line in f]
    calls = sorted((r for r in records if r["record"] == "call"), key=lambda r: r["id"])
    summary = records[-1]
    return {"path": path, "exit": done.returncode, "sip_messages": summary["sip_messages"],
            "anomalies": {g: summary[g] for g in GROUPS if summary[g]},
            "calls": [{k: c[k] for k in FIELDS if k in c} for c in calls]}


def read_facts():
    if not os.path.exists(FACTS):
        return {}
    with open(FACTS, encoding="utf-8") as f:
        return {row["path"]: row for row in map(json.loads, f)}


def differences(want, got):
    found = [f"{key} {got[key]!r}, golden {want[key]!r}" for key in ("exit", "sip_messages", "anomalies") if want[key] != got[key]]
    if len(want["calls"]) != len(got["calls"]):
        found.append(f"{len(got['calls'])} calls, golden {len(want['calls'])}")
    for a, b in zip(want["calls"], got["calls"]):
        found += [f"{a.get('call_id')}: {key} {b.get(key)!r}, golden {a.get(key)!r}" for key in FIELDS if a.get(key) != b.get(key)]
    return found


def update(sipvet, known):
    with open(FACTS, "w", encoding="utf-8") as f:
        for path in captures():
            row = facts(sipvet, path)
            why = known.get(path, {}).get("why")
            if why:
                row["why"] = why
            f.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="", help="only paths that contain this")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    if not os.path.exists(os.path.join(CORPUS, "truth.jsonl")):
        print(f"skipped: no corpus at {os.path.normpath(CORPUS)}")
        return 77
    known = read_facts()
    if options.update:
        update(options.sipvet, known)
        return 0
    failed = 0
    chosen = [p for p in captures() if options.only in p]
    for path in chosen:
        found = differences(known[path], facts(options.sipvet, path)) if path in known else ["it has no golden"]
        failed += bool(found)
        for line in found[:5]:
            print(f"FAIL {path}: {line}")
        if len(found) > 5:
            print(f"     and {len(found) - 5} more")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

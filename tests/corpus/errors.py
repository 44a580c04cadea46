#!/usr/bin/env python3
"""Errors that the rfc profile finds in the real captures, against those that were looked at one by one (expected_errors.json: file,
rule, number, what tshark shows there). A new one is a false alarm until somebody looked. Captures that were damaged on purpose are left out.

  errors.py --sipvet BIN [--corpus FOLDER]
"""
import argparse
import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77


def captures(corpus):
    for folder, _, files in sorted(os.walk(corpus)):
        for name in sorted(files):
            if (".pcap" in name or ".cap" in name) and "fuzz" not in name:
                yield os.path.join(folder, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--corpus", default=os.path.join(HERE, "..", "..", "..", "shared", "corpus"))
    options = parser.parse_args()
    if not os.path.isdir(options.corpus):
        print("skipped: ../shared/corpus is not here")
        return SKIPPED
    with open(os.path.join(HERE, "expected_errors.json"), encoding="utf-8") as f:
        expected = {(e["file"], e["rule"]): e["count"] for e in json.load(f)}
    found, examples, files = collections.Counter(), {}, 0
    for path in captures(options.corpus):
        files += 1
        done = subprocess.run([options.sipvet, "--no-tui", "-q", "-p", "rfc", "-o", "json", path], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=60, check=False)
        for record in map(json.loads, done.stdout.splitlines()):
            if record["record"] == "finding" and record["severity"] == "error":
                key = (os.path.relpath(path, options.corpus), record["rule"])
                found[key] += 1
                examples.setdefault(key, f"frame {record['frame']}: {record['text']}")
    problems = [f"{file}: {rule}: {found[file, rule]}, {expected.get((file, rule), 0)} reviewed; {examples.get((file, rule), '')[:160]}"
                for file, rule in sorted(found | collections.Counter(expected)) if found[file, rule] != expected.get((file, rule), 0)]
    for problem in problems:
        print("FAIL", problem)
    print(f"{files} captures, {sum(found.values())} errors of {len(found)} kinds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

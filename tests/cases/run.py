#!/usr/bin/env python3
"""Runs every case against the program and compares what it reports with what the case was built to contain.

  run.py --sipvet BIN [--only PART-OF-NAME] [--keep FOLDER] [-v]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import cases
from scene import ABSENT, AnyOf, AtLeast, Has


def same(want, got):
    if isinstance(want, AnyOf):
        return any(same(v, got) for v in want.values)
    if isinstance(want, str) and want == ABSENT:
        return got is None
    if isinstance(want, AtLeast):
        return number(got) >= want.value
    if isinstance(want, Has):
        return got is not None and all(any(v == x or str(v).lower() in str(x).lower() for x in got) for v in want.values)
    if isinstance(want, bool) or isinstance(got, bool) or got is None:
        return want is got or (want == got and isinstance(want, bool) == isinstance(got, bool))
    return want == got


def fact(key, want, got):
    """Times may differ by the microseconds that segments and fragments take; all else is exact."""
    if key.endswith("_ms") and isinstance(want, (int, float)):
        return isinstance(got, (int, float)) and abs(want - got) < 0.8
    if key.endswith("_ms") and isinstance(want, AnyOf):
        return any(fact(key, v, got) for v in want.values)
    return same(want, got)


def number(value):
    """A count: a number, or the sum of an object's numbers (counts by kind)."""
    if isinstance(value, dict):
        return sum(number(v) for v in value.values())
    return value if isinstance(value, (int, float)) else 0


def command(options, case, report):
    args = [options.sipvet, "--no-tui", "-q", "-o", "json:" + (case.json_path or report)]
    if case.messages is not None or getattr(case, "sizes", None):
        args.append("--messages")
    return args + case.options + case.inputs


def read_report(path, problems):
    records = []
    with open(path, "rb") as f:
        for n, line in enumerate(f, 1):
            try:
                record = json.loads(line.decode("utf-8"))
            except ValueError as error:
                problems.append(f"line {n} of the report is not JSON: {error}")
                continue
            if record.get("schema") != 1:
                problems.append(f"line {n} has no schema 1")
            records.append(record)
    return records


def check_calls(case, records, problems):
    calls = [r for r in records if r.get("record") == "call"]
    left = sorted(calls, key=lambda r: (r.get("start") or "", r.get("id") or 0))
    for want in case.calls:
        found = next((r for r in left if r.get("call_id") == want["call_id"]), None)
        if found is None:
            problems.append(f"no call {want['call_id'][:60]}")
            continue
        left.remove(found)
        for key, value in want.items():
            if not fact(key, value, found.get(key)):
                problems.append(f"{want['call_id'][:40]}: {key} is {found.get(key)!r}, expected {value!r}")
    if left and not getattr(case, "others", False):
        problems.append(f"calls that should not be there: {[(r.get('call_id') or '')[:40] for r in left[:5]]}")
    if getattr(case, "in_order", False):
        ids = [r["id"] for c in case.calls for r in calls if r.get("call_id") == c["call_id"]]
        if ids != sorted(ids):
            problems.append(f"ids are not in the order of the first packets: {ids}")


def check_related(case, records, problems):
    calls = {r.get("call_id"): r for r in records if r.get("record") == "call"}
    ids = {name: r.get("id") for name, r in calls.items()}

    def names(call):
        return [e.get("id", e.get("call")) if isinstance(e, dict) else e for e in calls.get(call, {}).get("related") or []]

    for pair in case.related:
        for one, other in (pair, pair[::-1]):
            if ids.get(other) is None or ids[other] not in names(one):
                problems.append(f"{one} is not related to {other}")
            for entry in calls.get(one, {}).get("related") or []:
                if not isinstance(entry, dict) or not entry.get("why") or "score" not in entry:
                    problems.append(f"{one}: a related entry without why or score: {entry}")
    if getattr(case, "unrelated", False):
        problems.extend(f"{name} is related to {names(name)}" for name in calls if names(name))


def check_messages(case, records, problems):
    messages = [r for r in records if r.get("record") == "message"]
    messages.sort(key=lambda r: r.get("frame") or 0)
    got = [(r.get("frame"), r.get("method") or r.get("status"), bool(r.get("retransmission"))) for r in messages]
    got = [(f if w[0] is not None else None, *rest) for (f, *rest), w in zip(got, case.messages)] + got[len(case.messages):]
    if got != case.messages:
        problems.append(f"messages are {got}, expected {case.messages}")
    sizes = getattr(case, "sizes", None)
    if sizes and [r.get("size") for r in messages] != sizes:
        problems.append(f"sizes are {[r.get('size') for r in messages]}, expected {sizes}")


def check_report(case, path, problems):
    if not os.path.exists(path):
        problems.append("no report was written")
        return
    records = read_report(path, problems)
    summaries = [r for r in records if r.get("record") == "summary"]
    if len(summaries) != 1 or records[-1] is not summaries[0]:
        problems.append("the summary is not the one last record")
    for key, value in case.summary.items():
        got = (summaries or [{}])[-1].get(key)
        if not same(value, got):
            problems.append(f"summary {key} is {got!r}, expected {value!r}")
    check_calls(case, records, problems)
    if case.related or getattr(case, "unrelated", False):
        check_related(case, records, problems)
    if case.messages is not None:
        check_messages(case, records, problems)
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    problems.extend(f"the report contains {t!r}" for t in case.never if t in text)


def run(options, case, folder):
    """The problems of one case; an empty list is a pass."""
    report = os.path.join(folder, case.name + ".report.json")
    problems = []
    try:
        done = subprocess.run(command(options, case, report), input=case.stdin, stdin=None if case.stdin is not None else subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return ["it ran for more than 20 s"]
    if done.returncode != case.exit:
        problems.append(f"exit status {done.returncode}, expected {case.exit}: {done.stderr.decode(errors='replace').strip()[:300]}")
    if case.stderr and not done.stderr.strip():
        problems.append("nothing on standard error")
    said = done.stderr.decode(errors="replace")
    if isinstance(case.stderr, str) and (case.stderr not in said or said.count("\n") != 1):
        problems.append(f"standard error is {said!r}, expected one line with {case.stderr!r}")
    if isinstance(case.stderr, str) and os.path.exists(report):
        problems.append("an output was opened")
    if case.exit == 2 and done.stdout:
        problems.append("wrong usage, and yet something is on standard output")
    if case.reports:
        check_report(case, report, problems)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--keep", metavar="FOLDER", help="write captures and reports here and leave them")
    parser.add_argument("-v", "--verbose", action="store_true", help="also name what passed")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.abspath(options.keep or scratch)
        os.makedirs(folder, exist_ok=True)
        for case in cases.build(folder, options.only):
            if case.skip:
                skipped += 1
                print(f"skip {case.name}: {case.skip}")
                continue
            problems = run(options, case, folder)
            passed, failed = passed + (not problems), failed + bool(problems)
            if problems:
                print(f"FAIL {case.name} ({case.about})")
                for problem in problems[:8]:
                    print(f"     {problem}")
            elif options.verbose:
                print(f"pass {case.name}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

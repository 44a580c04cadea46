#!/usr/bin/env python3
"""Each rule, and each verdict, against traffic that breaks it and traffic that comes close: the finding must name the frame and the value, and good
traffic must have no finding of severity error at all.

  run.py --sipvet BIN [--only PART-OF-ID] [--keep FOLDER] [-v]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

from traffic import Traffic  # puts tests/cases on the path
import rule_cases as cases
import grammar_cases
import quiet_cases
import verdict_cases

# Rules that other suites break and keep.
ELSEWHERE = {"capture-truncated": "tests/nasty", "sip-strict-parser": "tests/dissectors/sip_strict_test.c"}
DISSECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dissectors")


def named_elsewhere():
    """What the dissectors' tests expect by its id: every row of the grammar has its messages there, or here."""
    text = ""
    for name in os.listdir(DISSECTORS):
        if name.endswith((".c", ".h")):
            with open(os.path.join(DISSECTORS, name), encoding="utf-8", errors="replace") as f:
                text += f.read()
    return text


def grammar_problems(options, rule, folder):
    traffic = Traffic()
    grammar_cases.CASES[rule](traffic)
    path = os.path.join(folder, f"grammar.{rule}.pcap")
    traffic.write(path)
    done = subprocess.run([options.sipvet, "--no-tui", "-q", "-p", "rfc", "-o", "json", path], stdout=subprocess.PIPE, timeout=20, check=True)
    found = [r for r in map(json.loads, done.stdout.splitlines()) if r["record"] == "finding"]
    if not any(r["rule"] == rule and r["frame"] == traffic.frame for r in found):
        return [f"no such finding at frame {traffic.frame}; others: " + ", ".join(f"{r['rule']} at {r['frame']}" for r in found)]
    return []


def rules_of(sipvet):
    """Ids in the order of --list-rules; the grammar's own begin behind the last of the catalogue's."""
    out = subprocess.run([sipvet, "--list-rules"], stdout=subprocess.PIPE, check=True).stdout.decode()
    return [line.split()[0] for line in out.splitlines() if line.strip()]


def findings_of(options, rule, bad, folder):
    traffic = Traffic()
    cases.CASES[rule](traffic, bad)
    name = os.path.join(folder, f"{rule}.{'bad' if bad else 'good'}")
    traffic.write(name + ".pcap")
    args = [options.sipvet, "--no-tui", "-q", "-o", f"json:{name}.json", *traffic.options]
    if isinstance(traffic.profile, dict):
        with open(name + ".profile.json", "w", encoding="ascii") as f:
            json.dump({"profile": "own", "schema": 1, "extends": ["voice-connector"], **traffic.profile}, f)
        traffic.profile = name + ".profile.json"
    args += ["-p", traffic.profile]
    if traffic.site:
        with open(name + ".site.json", "w", encoding="ascii") as f:
            json.dump(traffic.site, f)
        args += ["-s", name + ".site.json"]
    done = subprocess.run([*args, name + ".pcap"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20, check=False)
    if done.returncode != 0:
        return traffic, None, done.stderr.decode(errors="replace")
    with open(name + ".json", encoding="utf-8") as f:
        records = [json.loads(line) for line in f]
    return traffic, [r for r in records if r["record"] == "finding"], ""


def problems_of(options, rule, folder):
    problems = []
    traffic, found, error = findings_of(options, rule, True, folder)
    if found is None:
        return [f"bad: {error}"]
    hits = [f for f in found if f["rule"] == rule]
    right = [f for f in hits if f["frame"] == traffic.frame and all(w in f["text"] for w in traffic.words) and
             traffic.subject in (None, f["subject"])]
    if not right:
        problems.append(f"bad: no such finding at frame {traffic.frame} with {traffic.words}; "
                        + ("; ".join(f"{f['frame']}: {f['text']}" for f in hits) or "others: " + ", ".join(f["rule"] for f in found)))
    traffic, found, error = findings_of(options, rule, False, folder)
    if found is None:
        return problems + [f"good: {error}"]
    problems += [f"good: {f['rule']} ({f['severity']}) at frame {f['frame']}: {f['text']}" for f in found
                 if f["rule"] == rule or (f["severity"] == "error" and f["rule"] not in traffic.expected)]
    return problems


def code_of(name):
    """verdict_ok_busy is a second case of ok, verdict_no_response__too_big one of no-response."""
    return "ok" if name.startswith("ok") else name.split("__")[0].replace("_", "-")


def verdict_problems(options, name, folder):
    traffic = Traffic()
    frames = verdict_cases.CASES[name](traffic)
    path = os.path.join(folder, f"verdict.{name}.pcap")
    traffic.write(path)
    done = subprocess.run([options.sipvet, "--no-tui", "-q", "-o", "json", path], stdout=subprocess.PIPE, timeout=20, check=True)
    verdict = next(r for r in map(json.loads, done.stdout.splitlines()) if r["record"] == "call" and r["id"] == 1).get("verdict", {})
    if verdict.get("code") != code_of(name) or (frames is not None and verdict.get("frames", []) != frames) or not verdict["text"].endswith(".") or \
            not all(word in verdict["text"] for word in traffic.words):
        return [f"{verdict}, frames {frames} expected"]
    return []


def quiet_problems(options, name, folder):
    traffic = Traffic()
    never, code = quiet_cases.CASES[name](traffic)
    path = os.path.join(folder, f"quiet.{name}")
    traffic.write(path + ".pcap")
    with open(path + ".site.json", "w", encoding="ascii") as f:
        json.dump(traffic.site, f)
    done = subprocess.run([options.sipvet, "--no-tui", "-q", "-s", path + ".site.json", "-o", "json", path + ".pcap"], stdout=subprocess.PIPE, timeout=20, check=True)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    problems = [f"{r['rule']} at frame {r['frame']}: {r['text']}" for r in records if r["record"] == "finding" and (r["rule"] in never or r["severity"] in never)]
    verdict = next(r for r in records if r["record"] == "call" and r["id"] == 1).get("verdict", {})
    if code not in (None, verdict.get("code")):
        problems.append(f"verdict {verdict}, {code} expected")
    if traffic.at_once not in (None, records[-1]["calls_at_once"]):
        problems.append(f"{records[-1]['calls_at_once']} calls at once, {traffic.at_once} expected")
    return problems


def buffer_problems(options, folder):
    """The jitter buffer model is the profile's, unless the command line says another."""
    profile, path = os.path.join(folder, "buffer.profile.json"), os.path.join(folder, "buffer.pcap")
    traffic = Traffic()
    traffic.call(media=False, talk=False)
    traffic.rtp(300, both=True)
    traffic.write(path)
    problems = []
    for quality, more, wanted in (({}, [], "fixed 60 ms"), ({"buffer_adaptive_ms": 300}, [], "adaptive up to 300 ms"), ({"buffer_fixed_ms": 40}, [], "fixed 40 ms"),
                                  ({"buffer_adaptive_ms": 300}, ["--jitter-buffer", "fixed:80"], "fixed 80 ms")):
        with open(profile, "w", encoding="ascii") as f:
            json.dump({"profile": "buffer", "schema": 1, "extends": ["rfc"], "quality": quality}, f)
        done = subprocess.run([options.sipvet, "--no-tui", "-q", "-p", profile, *more, "-o", "json", path], stdout=subprocess.PIPE, timeout=20, check=True)
        got = {r["mos"]["buffer"] for r in map(json.loads, done.stdout.splitlines()) if r["record"] == "stream"}
        if got != {wanted}:
            problems.append(f"{quality} {more}: {got}, {wanted} expected")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", metavar="FOLDER")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    failed = passed = 0
    ids = rules_of(options.sipvet)
    elsewhere = named_elsewhere()
    without = [i for i in ids if i not in cases.CASES and i not in ELSEWHERE and i not in grammar_cases.CASES and f'"{i}"' not in elsewhere]
    for rule in without if not options.only else []:
        print(f"FAIL {rule}: no case")
        failed += 1
    for rule in cases.CASES:
        if rule not in ids:
            print(f"FAIL {rule}: a case of a rule that is not listed")
            failed += 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        for rule in cases.CASES:
            if options.only not in rule or rule not in ids:
                continue
            problems = problems_of(options, rule, folder)
            failed, passed = failed + bool(problems), passed + (not problems)
            if problems:
                print(f"FAIL {rule}")
                for problem in problems[:6]:
                    print(f"     {problem[:400]}")
            elif options.verbose:
                print(f"pass {rule}")
        for kind, names, problems_in in (("grammar", grammar_cases.CASES, grammar_problems), ("verdict", verdict_cases.CASES, verdict_problems),
                                         ("quiet", quiet_cases.CASES, quiet_problems)):
            for name in [n for n in names if options.only in n]:
                problems = problems_in(options, name, folder)
                failed, passed = failed + bool(problems), passed + (not problems)
                for problem in problems:
                    print(f"FAIL {kind} {name}\n     {problem[:400]}")
        for problem in buffer_problems(options, folder) if not options.only else []:
            print(f"FAIL buffer: {problem}")
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

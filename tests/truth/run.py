#!/usr/bin/env python3
"""Streams with known faults: what sipvet measures is compared with what was done to them.

  run.py --sipvet BIN [--only NAME] [--keep DIR] [--list]

Counts must be exact, jitter within 1 % or 0.002 ms, MOS within 0.02. The last line is "N passed, N failed".
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cases")]
import bundle_cases  # noqa: E402
import clock_cases  # noqa: E402
import digit_cases  # noqa: E402
import emodel  # noqa: E402
import properties  # noqa: E402
import report_cases  # noqa: E402
import sequence_cases  # noqa: E402
import stream_cases  # noqa: E402
import tap_cases  # noqa: E402
import way_cases  # noqa: E402
import wire  # noqa: E402
from scene import ABSENT  # noqa: E402
from talk import Case  # noqa: E402

MODULES = (stream_cases, sequence_cases, digit_cases, clock_cases, tap_cases, way_cases, bundle_cases, report_cases)


def cases_of(module):
    """Its functions of one argument, c, that say in a docstring what is right and why."""
    found = [f for f in vars(module).values() if callable(f) and getattr(f, "__module__", "") == module.__name__ and f.__doc__]
    return sorted((f for f in found if f.__code__.co_varnames[:f.__code__.co_argcount] == ("c",)), key=lambda f: f.__name__)


CASES = [f for module in MODULES for f in cases_of(module)]

# How near a real number must be: (absolute, relative).
NEAR = {"lq": (0.02, 0), "cq": (0.02, 0), "min": (0.02, 0), "mos": (0.02, 0), "loss_pct": (0.01, 0), "late_pct": (0.01, 0),
        "burst_r": (0.001, 0), "burst_loss_pct": (0.01, 0), "gap_loss_pct": (0.01, 0), "burst_ms": (0.05, 0), "gap_ms": (0.05, 0),
        "mean": (0.002, 0.01), "max": (0.002, 0.01), "last": (0.002, 0.01), "jitter_ms": (0.002, 0.01)}


def differences(want, got, path):
    """Texts that say where `got` is not as `want` says."""
    name = path.rsplit(".", 1)[-1]
    if want is ...:
        return [] if got not in (None, "") else [f"{path} is missing"]
    if want == ABSENT:
        return [] if got is None else [f"{path} is {got}, but must be absent"]
    if isinstance(want, tuple) and want[0] == "near":
        return [] if got is not None and abs(got - want[1]) <= want[2] else [f"{path}: {got} instead of {want[1]} +- {want[2]}"]
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return [f"{path} is {got} instead of {want}"]
        return [d for key, value in want.items() for d in differences(value, got.get(key), f"{path}.{key}")]
    if isinstance(want, list) and want and isinstance(want[0], dict):
        if not isinstance(got, list) or len(got) != len(want):
            return [f"{path}: {len(got or [])} items instead of {len(want)}: {got}"]
        return [d for i, item in enumerate(want) for d in differences(item, got[i], f"{path}[{i}]")]
    if isinstance(want, (int, float)) and not isinstance(want, bool) and isinstance(got, (int, float)):
        absolute, relative = NEAR.get(name, (1e-3, 0) if isinstance(want, float) else (0, 0))
        near = abs(got - want) <= max(absolute, relative * abs(want))
        return [] if near else [f"{path}: {got} instead of {want}"]
    return [] if got == want else [f"{path}: {got} instead of {want}"]


def records_of(sipvet, paths, options=()):
    done = subprocess.run([sipvet, "--no-tui", "-q", "-o", "json", *options, *paths], capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.decode(errors='replace')[:300]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(case, records):
    wrong = []
    streams = [r for r in records if r["record"] == "stream"]
    count = len(case.streams) if case.count is None else case.count
    if len(streams) != count:
        wrong.append(f"{len(streams)} streams instead of {count}: " + ", ".join(f"{s.get('ssrc')} {s['src']} {s['packets']}" for s in streams))
    left = list(streams)
    for want in case.streams:
        key = [want[k] if want[k] != ABSENT else None for k in ("ssrc", "src", "dst")]
        got = next((s for s in left if [s.get("ssrc"), s["src"], s["dst"]] == key), None)
        if got is None:
            wrong.append(f"stream {' '.join(map(str, key))} is not there")
            continue
        left.remove(got)
        for name, value in want.items():
            if name not in ("ssrc", "src", "dst"):
                wrong += differences(value, got.get(name), f"{key[0]}.{name}")
    wrong += [f"{s.get('ssrc')}: the worst moment is better than the whole" for s in streams
              if s["mos"].get("lq") is not None and s["mos"]["min"] > s["mos"]["lq"]]
    calls = [r for r in records if r["record"] == "call"]
    for want, got in zip(case.calls, calls):
        wrong += [d for name, value in want.items() for d in differences(value, got.get(name), f"call.{name}")]
    findings = [r for r in records if r["record"] == "finding"]
    for want in case.findings:
        if not any(all(f.get(k) == v for k, v in want.items()) for f in findings):
            wrong.append(f"no finding {want} in {[(f['rule'], f.get('subject')) for f in findings]}")
    wrong += [f"finding {f['rule']}: {f['text']}" for f in findings if f["rule"] in case.never_rules]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", metavar="BIN")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--keep", metavar="DIR", help="leave the captures here")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for build in CASES:
            print(f"{build.__name__:28} {' '.join(build.__doc__.split())}")
        return 0
    sipvet = os.path.abspath(options.sipvet)
    passed, failed = 0, 0
    for what, value, wanted in emodel.published():
        print(f"FAIL the tests' own E-model: {what} is {value}, published {wanted}")
        failed += 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        for build in CASES:
            if options.only not in build.__name__:
                continue
            case = Case(build.__name__, build.__doc__)
            build(case)
            path = os.path.join(folder, case.name + ".pcap")
            with open(path, "wb") as f:
                f.write(wire.pcap(case.frames, case.linktype))
            wrong = check(case, records_of(sipvet, [path], case.options))
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"FAIL {case.name}: " + "; ".join(wrong[:12]))
        for name, test in properties.TESTS:
            if options.only in name:
                wrong = test(sipvet, folder, records_of)
                passed, failed = passed + (not wrong), failed + bool(wrong)
                if wrong:
                    print(f"FAIL {name}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Compares the RTP streams that sipvet finds in the corpus with the reviewed ones in streams.jsonl, and those with tshark.

  streams.py --sipvet BIN [--only PART-OF-PATH] [--update | --review]

streams.jsonl has a line per stream. --update writes what sipvet says now and keeps each line's "why"; --review compares with tshark
(-z rtp,streams): a difference in packets or in mean or maximum jitter of more than 2 % needs a "why". Without the corpus (or tshark, for
--review) the exit status is 77: skipped.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

from run import CORPUS

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "streams.jsonl")
FIELDS = ("why_tied", "codec", "payload_types", "clock_hz", "packets", "bytes", "expected", "lost", "duplicates", "reordered", "restarts",
          "strays", "late", "jitter_mean", "jitter_max", "mos")
ROW = re.compile(r"\s*[\d.]+\s+[\d.]+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(0x\w+)\s+(.*?)\s+(\d+)\s+(-?\d+) \((-?[\d.]+)%\)\s+[\d.]+\s+[\d.]+"
                 r"\s+[\d.]+\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)")


def captures():
    with open(os.path.join(CORPUS, "truth.jsonl"), encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return [r["path"] for r in rows if r["rtp_independent"] and os.path.exists(os.path.join(CORPUS, r["path"]))]


def key(row):
    return row["path"], row["start"], row.get("ssrc"), row["src"], row["dst"]


def streams(sipvet, path):
    out = subprocess.run([sipvet, "--no-tui", "-q", "-o", "json", os.path.join(CORPUS, path)], capture_output=True, timeout=120, check=False)
    for line in out.stdout.decode(errors="replace").splitlines():
        r = json.loads(line)
        if r["record"] != "stream":
            continue
        row = {"path": path, **{k: r[k] for k in ("start", "ssrc", "src", "dst") if k in r}, "why_tied": r["why"]}
        row.update({k: r[k] for k in FIELDS if k in r and k != "mos"})
        if "jitter_ms" in r:
            row.update(jitter_mean=r["jitter_ms"]["mean"], jitter_max=r["jitter_ms"]["max"])
        row["mos"] = r["mos"]["lq"]
        yield row


def read():
    with open(GOLDEN, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def update(sipvet):
    why = {key(r): r["why"] for r in (read() if os.path.exists(GOLDEN) else []) if "why" in r}
    with open(GOLDEN, "w", encoding="utf-8") as f:
        for path in captures():
            for row in streams(sipvet, path):
                if key(row) in why:
                    row["why"] = why[key(row)]
                f.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    return 0


def compare(sipvet, only):
    golden, failed = {}, 0
    for row in read():
        golden.setdefault(row["path"], {})[key(row)] = row
    paths = [p for p in golden if only in p]
    for path in paths:
        got = {key(row): row for row in streams(sipvet, path)}
        wrong = [f"stream {k[2]} of {k[3]} is gone" for k in golden[path] if k not in got]
        wrong += [f"stream {k[2]} of {k[3]} is new" for k in got if k not in golden[path]]
        for k, want in golden[path].items():
            wrong += [f"{k[2]} of {k[3]}: {f} {got[k].get(f)!r}, golden {want.get(f)!r}" for f in FIELDS if k in got and got[k].get(f) != want.get(f)]
        if wrong:
            failed += 1
            print(f"FAIL {path}: " + "; ".join(wrong[:4]))
    print(f"{len(paths) - failed} passed, {failed} failed")
    return 1 if failed else 0


def far(a, b):
    return abs(a - b) > max(0.02 * b, 0.003)


def review(only):
    """Streams of one line each in both; what tshark sees otherwise needs a reason."""
    rows, unexplained, equal, explained = {}, 0, 0, 0
    for row in read():
        rows.setdefault(row["path"], []).append(row)
    for path in rows:
        if only not in path:
            continue
        out = subprocess.run(["tshark", "-q", "-o", "rtp.heuristic_rtp:TRUE", "-r", os.path.join(CORPUS, path), "-z", "rtp,streams"],
                             capture_output=True, timeout=300, check=False).stdout.decode(errors="replace")
        for line in out.splitlines():
            m = ROW.match(line)
            ours = [r for r in rows[path] if m and r.get("ssrc") == f"0x{int(m[5], 16):08x}" and r["src"].endswith(":" + m[2]) and
                    r["dst"].endswith(":" + m[4])] if m else []
            if len(ours) != 1:
                continue
            r = ours[0]
            differs = r["packets"] != int(m[7])
            if "jitter_mean" in r:
                differs = differs or far(r["jitter_mean"], float(m[11])) or far(r["jitter_max"], float(m[12]))
            if not differs:
                equal += 1
            elif "why" in r:
                explained += 1
            else:
                unexplained += 1
                print(f"{path} {r.get('ssrc')} {r['payload_types']}: packets {r['packets']}/{m[7]}, jitter {r.get('jitter_mean')}/{m[11]} "
                      f"most {r.get('jitter_max')}/{m[12]}")
    print(f"{equal} equal, {explained} explained, {unexplained} not explained")
    return 1 if unexplained else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", metavar="BIN")
    parser.add_argument("--only", default="")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--review", action="store_true")
    options = parser.parse_args()
    if not os.path.exists(os.path.join(CORPUS, "truth.jsonl")) or (options.review and not shutil.which("tshark")):
        print("skipped: no corpus (or no tshark)")
        return 77
    if options.review:
        return review(options.only)
    sipvet = os.path.abspath(options.sipvet)
    return update(sipvet) if options.update else compare(sipvet, options.only)


if __name__ == "__main__":
    sys.exit(main())

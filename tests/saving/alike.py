#!/usr/bin/env python3
"""Saves the calls of every capture of ../shared/corpus, of the samples and of the built cases as packets and reads them back: the records of
calls, streams and findings have to be the same, whatever else the capture held; so for all calls, and for two of them alone.

  alike.py --sipvet BIN [--built] [--only PART-OF-PATH] [-v]

--built: the built cases (every link type, tunnel, transport and disorder of tests/cases) instead of the others.

expected_unlike.json lists captures of which they cannot be: objects with path, what (part of a record) and why. Without the corpus only the
samples are looked at.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "..", "..", "..", "shared", "corpus")
SAMPLES = os.path.join(HERE, "..", "..", "samples")
MOST_BYTES = 60 << 20
KINDS = ("call", "stream", "finding")
# Numbers of frames and records are the file's own; related calls may not be there.
OWN = ("id", "frame", "call", "stream", "streams", "related")


def built(folder):
    sys.path.insert(0, os.path.join(HERE, "..", "cases"))
    import cases  # pylint: disable=import-outside-toplevel
    cases.build(folder, "")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if not name.endswith(".json")]


def captures():
    paths = [os.path.join(SAMPLES, name) for name in sorted(os.listdir(SAMPLES))]
    for folder, _, names in sorted(os.walk(CORPUS)):
        paths += [os.path.join(folder, name) for name in sorted(names)]
    return [p for p in paths if re.search(r"\.(pcap|pcapng|cap)(\.gz)?$", p) and os.path.getsize(p) < MOST_BYTES]


def records(sipvet, path, *args):
    done = subprocess.run([sipvet, "--no-tui", "-q", "-o", "json", *args, path], capture_output=True, timeout=120, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def plain(record):
    left = {k: v for k, v in record.items() if k not in OWN}
    if isinstance(left.get("verdict"), dict):
        left["verdict"] = {**left["verdict"], "frames": len(left["verdict"].get("frames", []))}
    text = json.dumps(left, sort_keys=True)
    text = re.sub(r"frames? \d+( and \d+|, \d+)*", "frame N", text)
    return re.sub(r"\b(call|stream) \d+", r"\1 N", text)


def compare(sipvet, path, folder, args=()):
    """What differs, one text each; None where there are no calls."""
    before, _ = records(sipvet, path, *args)
    if not any(r["record"] == "call" for r in before):
        return None
    out = os.path.join(folder, "saved.pcapng")
    done = subprocess.run([sipvet, "--no-tui", "-q", "-o", "text:/dev/null", "-o", "pcapng:" + out, "--pcap-secrets", *args, path], capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 3):
        return [f"saving: exit status {done.returncode}: {done.stderr.decode(errors='replace')[:200]}"]
    after, status = records(sipvet, out, *[a for i, a in enumerate(args) if "-k" not in args[max(0, i - 1):i + 1]])
    want, got = ([plain(r) for r in rs if r["record"] in KINDS and (not args or "-w" not in args or r.get("call") is not None or r["record"] == "call")] for rs in (before, after))
    found = [f"missing {text}" for text in want if text not in got] + [f"new {text}" for text in got if text not in want]
    if status != 0:
        found.append(f"reading back: exit status {status}")
    return found


def some_calls(sipvet, path):
    """The first call and the one with most packets, where there are others."""
    calls = [r for r in records(sipvet, path, *keys_of(path))[0] if r["record"] == "call" and re.fullmatch(r"[\w.@:+-]+", r.get("call_id", ""))]
    return list(dict.fromkeys(c["call_id"] for c in (calls[:1] + sorted(calls, key=lambda c: -c["messages"])[:1]))) if len(calls) > 1 else []


def keys_of(path):
    """The key log beside the capture, where there is one."""
    names = [os.path.splitext(path)[0] + end for end in (".keys", ".keylog", ".keys.txt")]
    return [word for name in names if os.path.exists(name) for word in ("-k", name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--built", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    with open(os.path.join(HERE, "expected_unlike.json"), encoding="utf-8") as f:
        expected = json.load(f)
    passed = failed = calls = 0
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cases:
        for path in built(cases) if options.built else captures():
            if options.only not in path:
                continue
            differs = compare(os.path.abspath(options.sipvet), path, folder, keys_of(path))
            if differs is None:
                continue
            for call_id in some_calls(os.path.abspath(options.sipvet), path):
                args = ["-w", f'call_id = "{call_id}"', *keys_of(path)]
                differs += [f"{call_id} alone: {d}" for d in compare(os.path.abspath(options.sipvet), path, folder, args) or []]
            calls += 1
            right = [e for e in expected if path.endswith(e["path"])]
            left = [d for d in differs if not any(e["what"] in d for e in right)]
            failed += bool(left)
            passed += not left
            if left or options.verbose:
                print(f"{'FAIL' if left else 'pass'} {os.path.relpath(path, HERE)}")
                print("".join(f"    {d[:400 if not options.verbose else 4000]}\n" for d in left[:6]), end="")
    print(f"{passed} passed, {failed} failed" + ("" if os.path.isdir(CORPUS) or options.built else "; skipped the corpus: it is not there"))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

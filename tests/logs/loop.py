"""The loop of a file of cases: each in a folder of its own, what it finds wrong is told, and how many failed is the exit status."""
import argparse
import os
import subprocess
import sys
import tempfile
import time


def options_of(doc, *more):
    """The options that all of these programs have; more: (name, default) of numbers."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("--only", default="", metavar="PART-OF-NAME")
    for name, default in more:
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    options.sipvet = os.path.abspath(options.sipvet)
    return options


def named(functions, prefix):
    """The functions of a module whose names begin so, in order: [(rest of the name, function)]."""
    return [(name[len(prefix):], f) for name, f in functions.items() if name.startswith(prefix)]


def run(title, options, cases, check=lambda options, case, folder: case(options, folder)):
    """check(options, case, folder) returns what is wrong, as lines; None: not for this machine. Does not return."""
    failed = skipped = 0
    chosen = [(name, case) for name, case in cases if options.only in name]
    for name, case in chosen:
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
            begun = time.monotonic()
            try:
                found = check(options, case, os.path.realpath(folder))
            except (ValueError, KeyError, IndexError, StopIteration, subprocess.SubprocessError) as wrong:
                found = [f"{type(wrong).__name__}: {wrong}"]
        skipped += found is None
        failed += bool(found)
        for line in found or []:
            print(f"FAIL {name}: {line}")
        if options.verbose or found is None:
            print(f"{'skip' if found is None else 'FAIL' if found else 'ok  '} {name} ({time.monotonic() - begun:.1f} s)")
    print(f"{title}: {len(chosen)} cases, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    if not chosen:
        print(f"no case is named so: {options.only}")
    sys.exit(1 if failed or not chosen else 0)

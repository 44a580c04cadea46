"""Functions called test_... of a module, run one after the other on a bench, each told of by name."""
import subprocess
import time


class Failed(Exception):
    """What was expected and did not happen."""


def want(what, got, expected):
    if got != expected:
        raise Failed(f"{what} is {got!r}, expected {expected!r}")


def trials_of(names):
    """[(name, function)] of a module's globals(): "test_a_b" is called "a-b"."""
    return [(name[5:].replace("_", "-"), function) for name, function in names.items() if name.startswith("test_")]


def run(trials, bench, verbose):
    """Runs all of them; returns an exit status. A trial that returns words has them printed."""
    failed = passed = 0
    for name, trial in trials:
        begin = time.monotonic()
        try:
            said = trial(bench)
            passed += 1
            if verbose or said:
                print(f"pass {name} ({time.monotonic() - begin:.1f} s){': ' + said if said else ''}")
        except (Failed, AssertionError, KeyError, IndexError, subprocess.SubprocessError) as error:
            failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0

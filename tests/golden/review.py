#!/usr/bin/env python3
"""Reviews facts.jsonl against tshark: messages, first method, statuses and times of each Call-ID, computed from its packets alone.

  review.py [--only PART-OF-PATH] [-v]

Prints what differs; a difference whose golden has a "why" is an explained one. Needs tshark and the corpus; otherwise exit status 77.
"""
import argparse
import collections
import os
import shutil
import subprocess
import sys

from run import CORPUS, read_facts

COLUMNS = ("frame.time_epoch", "sip.Call-ID", "sip.Method", "sip.Status-Code", "sip.CSeq.seq", "sip.CSeq.method", "sip.to.tag")


def messages(path):
    """(time, Call-ID, method, status, CSeq number, CSeq method, To tag) of each SIP message that tshark sees."""
    command = ["tshark", "-n", "-r", os.path.join(CORPUS, path), "-Y", "sip", "-T", "fields", "-E", "separator=\x1f", "-E", "aggregator=\x1e"]
    for column in COLUMNS:
        command += ["-e", column]
    out = subprocess.run(command, capture_output=True, check=False, timeout=300).stdout.decode(errors="replace")
    for line in out.split("\n"):
        parts = line.split("\x1f")
        if len(parts) != len(COLUMNS):
            continue
        lists = [p.split("\x1e") for p in parts]
        methods, statuses = iter(lists[2]), iter(lists[3])
        for i, call_id in enumerate(lists[1]):  # several messages in one packet
            def nth(column, i=i):
                return lists[column][i] if i < len(lists[column]) else ""
            # A packet's requests and responses stand in separate columns: only packets of one kind can be told apart.
            mixed = bool(parts[2]) and bool(parts[3])
            yield (float(lists[0][0]), call_id, "" if mixed else next(methods, ""), "" if mixed else next(statuses, ""), nth(4), nth(5), nth(6))


def expected(seen):
    """What the packets of one Call-ID say: messages, statuses of the first INVITE's answer, pdd and duration."""
    facts = {"messages": len(seen)}
    first = next((m for m in seen if m[2]), None)
    if first:
        facts["method"] = first[2]
    invites = [m for m in seen if m[2] == "INVITE" and not m[6]]
    if not invites:
        return facts
    answers = [m for m in seen if m[3] and m[5] == "INVITE"]
    ok = next((m for m in answers if m[3].startswith("2")), None)
    sequence = invites[-1][4]
    newest = [m for m in invites if m[4] == sequence][0]
    if ok and ok[4] != sequence:
        newest = next((m for m in invites if m[4] == ok[4]), newest)
    ringing = next((m for m in answers if m[3][0] == "1" and m[3] != "100" and m[4] == newest[4]), None)
    if ringing and (not ok or ringing[0] <= ok[0]):
        facts["pdd_ms"] = (ringing[0] - newest[0]) * 1000
    finals = [m for m in answers if m[3] >= "3" and m[4] == newest[4]]
    if ok:
        facts["status"] = int(ok[3])
        bye = next((m for m in seen if m[2] == "BYE" and m[0] >= ok[0]), None)
        if bye:
            facts["duration_ms"] = (bye[0] - ok[0]) * 1000
    elif finals:
        facts["status"] = int(finals[-1][3])
    return facts


def compare(golden):
    by_call = collections.defaultdict(list)
    for message in messages(golden["path"]):
        by_call[message[1]].append(message)
    found = []
    merged = collections.defaultdict(list)
    for call in golden["calls"]:
        merged[call.get("call_id", "")].append(call)
    for call_id in sorted(set(by_call) | set(merged)):
        calls = merged.get(call_id, [])
        seen = by_call.get(call_id, [])
        count = sum(c["messages"] for c in calls)
        if count != len(seen):
            found.append(f"{call_id[:60]}: {count} messages, tshark {len(seen)}")
        if len(calls) != 1 or not seen:
            continue
        for key, value in expected(seen).items():
            got = calls[0].get(key)
            if isinstance(value, float) or key.endswith("_ms"):
                if got is None or abs(got - value) > 0.002:
                    found.append(f"{call_id[:60]}: {key} {got}, tshark {value:.3f}")
            elif got != value and key != "messages":
                found.append(f"{call_id[:60]}: {key} {got}, tshark {value}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only paths that contain this")
    parser.add_argument("-v", "--verbose", action="store_true", help="also the explained differences")
    options = parser.parse_args()
    if shutil.which("tshark") is None or not os.path.exists(CORPUS):
        print("skipped: tshark and the corpus are needed")
        return 77
    failed = explained = equal = 0
    for path, golden in read_facts().items():
        if options.only not in path:
            continue
        found = compare(golden)
        why = golden.get("why")
        equal += not found
        explained += bool(found) and bool(why)
        failed += bool(found) and not why
        if found and (options.verbose or not why):
            print(f"{'explained' if why else 'DIFFERS'} {path}{': ' + why if why else ''}")
            for line in found[:12]:
                print(f"     {line}")
            if len(found) > 12:
                print(f"     and {len(found) - 12} more")
    print(f"{equal} equal, {explained} explained, {failed} not explained")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

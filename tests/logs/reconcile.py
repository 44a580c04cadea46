#!/usr/bin/env python3
"""--reconcile: the service's files are made by sipvet itself from the same traffic, then spoiled one by one: each difference must be told, and
nothing else.

  reconcile.py --sipvet BIN [-v]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "rules"), os.path.join(HERE, "..", "cases"), HERE]
from traffic import Traffic  # noqa: E402


def sipvet(options, *args):
    return subprocess.run([options.sipvet, "--no-tui", "-q", *args], capture_output=True, text=True, timeout=60, check=False)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def write(folder, name, rows, before=""):
    os.makedirs(os.path.join(folder, "exports"), exist_ok=True)
    with open(os.path.join(folder, "exports", name), "w", encoding="utf-8") as f:
        f.write("\n".join(before + json.dumps(row) for row in rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sipvet", required=True, metavar="BIN")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        t = Traffic()
        for i in range(3):
            t.call(invite={"call_id": f"call-{i}", "headers": []})
            t.wait(1000)
        t.reply(t.request("INVITE", call_id="long", body=t.offer()), 200, body=t.answer_body())
        t.request("ACK", call_id="long", to_tag="to1")
        t.rtp(400, both=True)
        t.request("BYE", call_id="long", to_tag="to1", cseq=102)
        t.reply(t.request("INVITE", call_id="busy", body=t.offer()), 486)
        pcap = os.path.join(folder, "r.pcap")
        t.write(pcap)
        bills, media, sip = (lines(sipvet(options, "-o", sink, pcap).stdout) for sink in ("cdr", "media-log", "sip-log"))
        theirs = {row["CallId"]: row["TransactionId"] for row in bills}
        # The service has ids of its own: only the SIP log and the CDR say whose they are.
        own = {old: f"00000000-0000-4000-8000-{i:012}" for i, old in enumerate(theirs.values())}

        def renamed(rows, key):
            return [{**row, key: own[row[key]]} for row in rows]

        def told(spoil):
            for name in os.listdir(folder + "/exports") if os.path.exists(folder + "/exports") else []:
                os.unlink(os.path.join(folder, "exports", name))
            parts = {"bills": renamed(bills, "TransactionId"), "media": renamed(media, "call_id"), "sip": renamed(sip, "call_id")}
            parts = json.loads(json.dumps(parts))
            spoil(parts)
            for i, row in enumerate(parts["bills"]):
                write(folder, f"bill-{i}", [row])
            write(folder, "media.txt", parts["media"], "2026-01-31T12:00:00.000Z ")
            write(folder, "sip.json", [{"events": [{"timestamp": 0, "message": json.dumps(row)} for row in parts["sip"]]}])
            done = sipvet(options, "--reconcile", folder + "/exports", pcap)
            if done.returncode != 0:
                return [f"exit {done.returncode}: {done.stderr}"]
            return done.stdout.splitlines()

        def media_of(parts, call):
            return next(row for row in parts["media"] if row["call_id"] == own[theirs[call]])

        def bill_of(parts, call):
            return next(row for row in parts["bills"] if row["CallId"] == call)

        cases = [
            ("nothing", lambda p: None, ["nothing differs"]),
            ("longer", lambda p: bill_of(p, "call-1").update(BillableDurationSeconds=60), ["call-1: 60 s billed, 4.0 s from answer to BYE in the capture"]),
            ("as text", lambda p: bill_of(p, "call-1").update(BillableDurationSeconds="6"), ["nothing differs"]),
            ("failed", lambda p: bill_of(p, "call-0").update(Status="Failed"), ["call-0: Failed at the service, completed in the capture"]),
            ("answered", lambda p: bill_of(p, "busy").update(Status="Completed"), ["busy: Completed at the service, busy in the capture"]),
            ("not billed", lambda p: p["bills"].remove(bill_of(p, "call-2")), ["call-2: in the capture, but the service has no detail record of it"]),
            ("not captured", lambda p: p["bills"].append({**bill_of(p, "call-0"), "CallId": "other", "TransactionId": "x"}),
             ["other: billed by the service (6 s), not in the capture"]),
            ("late", lambda p: bill_of(p, "call-0").update(StartTimeEpochSeconds=bill_of(p, "call-0")["StartTimeEpochSeconds"] + 100),
             ["call-0: it began +100 s later at the service than in the capture"]),
            ("lost", lambda p: media_of(p, "call-2").update(cust2vc_packets_lost=40),
             ["call-2: customer to trunk: the service lost 40 packets, 0 are missing in the capture"]),
            ("lost a few", lambda p: media_of(p, "call-2").update(vc2cust_packets_lost=3), ["nothing differs"]),
            ("heard badly", lambda p: media_of(p, "long").update(mos_btwn_vc_and_cust=3.1),
             ["long: MOS 3.10 at the service, 4.41 by the capture, each the worst minute"]),
            ("too short to say", lambda p: media_of(p, "call-0").update(mos_btwn_vc_and_cust=3.1), ["nothing differs"]),
            ("junk", lambda p: p["media"].append({"something": "else"}), ["1 files or lines are no records of the service", "nothing differs"]),
        ]
        for name, spoil, want in cases:
            got = told(spoil)
            if got[1:] != want:
                failed.append(f"{name}: {got}, not {want}")
            elif options.verbose:
                print(f"ok   {name}: {got[0]}")
        head = told(lambda p: None)[0]
        if head != f"7 files with {5 + len(media) + len(sip)} records of 5 calls (5 with a detail record, 5 with a SIP Call-ID), 5 calls in the capture, 5 in both":
            failed.append(head)
        missing = sipvet(options, "--reconcile", folder + "/nowhere", pcap)
        if missing.returncode != 3 or "nowhere: No such file" not in missing.stderr:
            failed.append(f"no folder: exit {missing.returncode}, {missing.stderr}")
    for line in failed:
        print("FAIL", line)
    print(f"reconcile: {len(cases)} cases, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

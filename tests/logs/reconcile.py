#!/usr/bin/env python3
"""--reconcile: the service's files are made by sipvet itself from the same traffic, then spoiled one by one: each difference must be told, and
nothing else.

  reconcile.py --sipvet BIN [-v]
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "rules"), os.path.join(HERE, "..", "cases"), HERE]
import loop  # noqa: E402
from traffic import Traffic  # noqa: E402


def sipvet(options, *args):
    return subprocess.run([options.sipvet, "--no-tui", "-q", *args], capture_output=True, text=True, timeout=60, check=False)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def write(folder, name, rows, before=""):
    os.makedirs(os.path.join(folder, "exports"), exist_ok=True)
    with open(os.path.join(folder, "exports", name), "w", encoding="utf-8") as f:
        f.write("\n".join(before + json.dumps(row) for row in rows))


class Service:
    """What the service would have written of the traffic, under ids of its own: only the SIP log and the CDR say whose they are."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        t = Traffic()
        for i in range(3):
            t.call(invite={"call_id": f"call-{i}", "headers": []})
            t.wait(1000)
        t.reply(t.request("INVITE", call_id="long", body=t.offer()), 200, body=t.answer_body())
        t.request("ACK", call_id="long", to_tag="to1")
        t.rtp(400, both=True)
        t.request("BYE", call_id="long", to_tag="to1", cseq=102)
        t.reply(t.request("INVITE", call_id="busy", body=t.offer()), 486)
        self.pcap = os.path.join(folder, "r.pcap")
        t.write(self.pcap)
        self.bills, self.media, self.sip = (lines(sipvet(options, "-o", sink, self.pcap).stdout) for sink in ("cdr", "media-log", "sip-log"))
        theirs = {row["CallId"]: row["TransactionId"] for row in self.bills}
        own = {old: f"00000000-0000-4000-8000-{i:012}" for i, old in enumerate(theirs.values())}
        for rows, key in ((self.bills, "TransactionId"), (self.media, "call_id"), (self.sip, "call_id")):
            for row in rows:
                row[key] = own[row[key]]
        self.ids = {call: own[old] for call, old in theirs.items()}

    def told(self, spoil, folder):
        """What --reconcile says of the files when they are spoiled."""
        parts = json.loads(json.dumps({"bills": self.bills, "media": self.media, "sip": self.sip}))
        parts["ids"] = self.ids
        spoil(parts)
        for i, row in enumerate(parts["bills"]):
            write(folder, f"bill-{i}", [row])
        write(folder, "media.txt", parts["media"], "2026-01-31T12:00:00.000Z ")
        write(folder, "sip.json", [{"events": [{"timestamp": 0, "message": json.dumps(row)} for row in parts["sip"]]}])
        done = sipvet(self.options, "--reconcile", folder + "/exports", self.pcap)
        if done.returncode != 0:
            raise ValueError(f"exit {done.returncode}: {done.stderr}")
        return done.stdout.splitlines()


def media_of(parts, call):
    return next(row for row in parts["media"] if row["call_id"] == parts["ids"][call])


def bill_of(parts, call):
    return next(row for row in parts["bills"] if row["CallId"] == call)


def nothing(parts):
    """They are as they were made."""


CASES = [
    ("nothing", nothing, ["nothing differs"]),
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


def check(service, case, folder):
    spoil, want = case
    head, *rest = service.told(spoil, folder)
    records = 5 + len(service.media) + len(service.sip)
    found = [] if rest == want else [f"{rest}, not {want}"]
    if spoil is nothing and head != (f"7 files with {records} records of 5 calls (5 with a detail record, 5 with a SIP Call-ID), 5 calls in the capture, "
                                     "5 in both"):
        found.append(head)
    return found


def check_missing(service, folder):
    """A folder that is not there is an input that cannot be opened."""
    missing = sipvet(service.options, "--reconcile", folder + "/nowhere", service.pcap)
    return [] if missing.returncode == 3 and "nowhere: No such file" in missing.stderr else [f"exit {missing.returncode}, {missing.stderr}"]


def main():
    options = loop.options_of(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        service = Service(options, folder)
        cases = [(name, lambda options, folder, case=case: check(service, case, folder)) for name, *case in CASES]
        loop.run("reconcile", options, [*cases, ("missing", lambda options, folder: check_missing(service, folder))])


if __name__ == "__main__":
    main()

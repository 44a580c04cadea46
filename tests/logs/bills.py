#!/usr/bin/env python3
"""Detail records against calls whose times, numbers and fates are given: the arithmetic stands beside each case.

  bills.py --sipvet BIN [--only PART-OF-NAME] [-v]

A case builds traffic and says what its records must be; a member that is not named must not be there. Times are seconds since
1970: t0 = 1769860800, 2026-01-31T12:00:00Z, is the first packet's.
"""
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "rules"), os.path.join(HERE, "..", "cases"), HERE]
import loop  # noqa: E402
import schema  # noqa: E402
from traffic import CONNECTOR, Traffic  # noqa: E402

T0 = 1769860800
US = {"SourceCountry": "US", "DestinationCountry": "US"}
NUMBERS = {"SourcePhoneNumber": "+16285551212", "DestinationPhoneNumber": "+12125551212", **US}
TRUNK = {"VoiceConnectorId": CONNECTOR, "Region": "us-east-1", "SchemaVersion": "2.0", "ServiceCode": "AmazonChimeVoiceConnector"}
OUT = {**TRUNK, **NUMBERS, "CallId": "call-1@198.51.100.204", "Direction": "Outbound", "UsageType": "USE1-US-US-outbound-minutes"}
DONE = {"Status": "Completed", "StatusMessage": "Normal Call Clearing"}


def billed(seconds, start, end):
    """minutes = seconds / 60, to six decimals."""
    return {"BillableDurationSeconds": seconds, "BillableDurationMinutes": round(seconds / 60, 6), "StartTimeEpochSeconds": start,
            "EndTimeEpochSeconds": end}


def answered(t, talk_s, **more):
    """INVITE at the moment, 200 one second later, BYE talk_s behind the 200."""
    invited = t.request("INVITE", body=t.offer(), **more)
    t.now -= 1000                       # each packet moves the clock by a microsecond
    t.wait(1000)
    t.reply(invited, 200, body=t.answer_body())
    t.now -= 1000
    common = {k: v for k, v in more.items() if k in ("inbound", "from_user", "to_user", "call_id")}
    t.request("ACK", to_tag="to1", cseq=more.get("cseq", 101), **common)
    t.now -= 1000
    t.wait(talk_s * 1000)
    return t.request("BYE", to_tag="to1", cseq=more.get("cseq", 101) + 1, **common)


def case_4_seconds(t):
    """4 s, up to 6 s: 0.1 min. Answer at t0+1, BYE at t0+5."""
    answered(t, 4)
    return [{**OUT, **DONE, **billed(6, T0 + 1, T0 + 5)}]


def case_30_seconds(t):
    """30 s is five steps of 6 s: 30, 0.5 min."""
    answered(t, 30)
    return [{**OUT, **DONE, **billed(30, T0 + 1, T0 + 31)}]


def case_31_seconds(t):
    """31 s begins the sixth step: 36, 0.6 min."""
    answered(t, 31)
    return [{**OUT, **DONE, **billed(36, T0 + 1, T0 + 32)}]


def case_just_over(t):
    """30.001 s is more than five steps: 36. Ends at t0+31.001."""
    answered(t, 30.001)
    return [{**OUT, **DONE, **billed(36, T0 + 1, T0 + 31)}]


def case_no_time(t):
    """BYE in the very moment of the answer: the minimum, 6."""
    answered(t, 0)
    return [{**OUT, **DONE, **billed(6, T0 + 1, T0 + 1)}]


def case_busy(t):
    """486 after 2 s: nothing to pay; from the INVITE to the final response."""
    invited = t.request("INVITE", body=t.offer())
    t.wait(2000)
    t.reply(invited, 486)
    return [{**OUT, "Status": "Failed", "StatusMessage": "Busy Here", **billed(0, T0, T0 + 2)}]


def case_cause(t):
    """A Reason header with a cause of Q.850 says more than the phrase."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 403, headers=[("Reason", "Q.850;cause=28")])
    return [{**OUT, "Status": "Failed", "StatusMessage": "Invalid Number Format", **billed(0, T0, T0)}]


def cancelled(t):
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 180)
    t.wait(3000)
    cancel = t.request("CANCEL", branch=dict(invited["full"])["Via"].split("branch=")[1])
    return invited, cancel


def case_cancel(t):
    """CANCEL after 3 s and 487: nothing to pay, and no cause says more."""
    invited, cancel = cancelled(t)
    t.reply(cancel, 200)
    t.reply(invited, 487, headers=[("Reason", "Q.850;cause=31")])
    t.request("ACK", to_tag="to1", branch=dict(invited["full"])["Via"].split("branch=")[1])
    return [{**OUT, "Status": "Failed", "StatusMessage": "Request Terminated", **billed(0, T0, T0 + 3)}]


def case_cancel_race(t):
    """The 200 crosses the CANCEL: the call is answered (t0+3), acknowledged, and ended with BYE 1 s later: 6 s."""
    invited, cancel = cancelled(t)
    t.reply(invited, 200, body=t.answer_body())
    t.reply(cancel, 481)
    t.request("ACK", to_tag="to1")
    t.wait(1000)
    t.request("BYE", to_tag="to1", cseq=102)
    return [{**OUT, **DONE, **billed(6, T0 + 3, T0 + 4)}]


def case_credentials(t):
    """407, the same INVITE with credentials, 200: one attempt, one record, with the user's name. Answer at t0+2, 10 s: 12."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 407, tag="x", headers=[("Proxy-Authenticate", 'Digest realm="r", nonce="n"')])
    t.request("ACK", to_tag="x")
    t.now = (T0 + 1) * 10**9
    answered(t, 10, cseq=102, headers=[("Proxy-Authorization", 'Digest username="5600", realm="r", nonce="n", uri="sip:x", response="0"')])
    return [{**OUT, **DONE, "SipAuthUser": "5600", **billed(12, T0 + 2, T0 + 12)}]


def case_redirected(t):
    """302: the call went elsewhere; this one failed."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 302)
    return [{**OUT, "Status": "Failed", "StatusMessage": "Other", **billed(0, T0, T0)}]


def case_hold(t):
    """A re-INVITE and its 200 in the middle: one record. Answer at t0+1; 5 s, re-INVITE, 7 s, BYE: 12 s and microseconds are 18."""
    invited = t.request("INVITE", body=t.offer())
    t.wait(1000)
    t.reply(invited, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1")
    t.wait(5000)
    again = t.request("INVITE", to_tag="to1", cseq=102, body=t.offer(extra=["a=sendonly"]))
    t.reply(again, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1", cseq=102)
    t.wait(7000)
    t.request("BYE", to_tag="to1", cseq=103)
    return [{**OUT, **DONE, **billed(18, T0 + 1, T0 + 13)}]


def case_forked(t):
    """Two forks answer; the second is ended at once: one record, from the first answer (t0+1) to the last BYE (t0+9): 8 s are 12."""
    invited = t.request("INVITE", body=t.offer())
    t.wait(1000)
    t.reply(invited, 200, body=t.answer_body(), tag="to1")
    t.request("ACK", to_tag="to1")
    t.reply(invited, 200, body=t.answer_body(), tag="to2")
    t.request("ACK", to_tag="to2")
    t.request("BYE", to_tag="to2", cseq=102)
    t.wait(8000)
    t.request("BYE", to_tag="to1", cseq=103)
    return [{**OUT, **DONE, **billed(12, T0 + 1, T0 + 9)}]


def case_repeated(t):
    """Retransmissions of INVITE, 200 and BYE change nothing: the first 200 (t0+1) and the first BYE (t0+5) count."""
    invited = t.request("INVITE", body=t.offer())
    t.now -= 1000
    t.wait(500)
    t.repeat(invited)
    t.now -= 1000
    t.wait(500)
    t.reply(invited, 200, body=t.answer_body())
    t.now -= 1000
    t.wait(1000)
    t.reply(invited, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1")
    t.now = (T0 + 5) * 10**9
    ended = t.request("BYE", to_tag="to1", cseq=102)
    t.wait(500)
    t.repeat(ended)
    t.reply(ended, 200)
    return [{**OUT, **DONE, **billed(6, T0 + 1, T0 + 5)}]


def case_no_bye(t):
    """No BYE, but media stop at t0+3.98 (150 packets of 20 ms behind the answer at t0+1) and the capture goes on for 40 s: 3 s are 6."""
    invited = t.request("INVITE", body=t.offer())
    t.wait(1000)
    t.reply(invited, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1")
    t.rtp(150, both=True)
    t.wait(40000)
    t.request("OPTIONS", call_id="ping")
    return [{**OUT, **DONE, "InferredEnd": True, **billed(6, T0 + 1, T0 + 3)}]


def case_goes_on(t):
    """Media up to the end of the capture: the call goes on, and nobody bills it yet."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1")
    t.rtp(150, both=True)
    return []


def case_rings_on(t):
    """Still ringing at the end: its fate is not known."""
    t.reply(t.request("INVITE", body=t.offer()), 180)
    return []


def case_begun_before(t):
    """The capture begins in the middle: when it was answered is not known, so that there is no record."""
    t.rtp(100, both=True)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return []


def case_no_answer(t):
    """No response at all: 32 s later the INVITE has failed; when it ended is not known."""
    t.request("INVITE", body=t.offer())
    t.wait(40000)
    t.request("OPTIONS", call_id="ping")
    bill = {k: v for k, v in billed(0, T0, None).items() if v is not None}
    return [{**OUT, "Status": "Failed", "StatusMessage": "Request Timeout", **bill}]


def case_clock_back(t):
    """The clock steps back by an hour behind the answer: a duration is not known, and none is made up."""
    invited = t.request("INVITE", body=t.offer())
    t.wait(1000)
    t.reply(invited, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1")
    t.now -= 3600 * 10**9
    t.request("BYE", to_tag="to1", cseq=102)
    return [{**OUT, **DONE, "StartTimeEpochSeconds": T0 + 1, "EndTimeEpochSeconds": T0 + 1 - 3600}]


def case_inbound(t):
    """The trunk calls: connector from its header, numbers by P-Asserted-Identity, then From; the usage names the called country."""
    answered(t, 4, inbound=True, from_user="anonymous", to_user="+442079460123",
             headers=[("X-VoiceConnector-ID", "xyz0000000000000000001"), ("P-Asserted-Identity", "<sip:+4930901820@3.80.16.13>")])
    return [{**TRUNK, **DONE, "CallId": "call-1@198.51.100.204", "VoiceConnectorId": "xyz0000000000000000001", "Direction": "Inbound",
             "SourcePhoneNumber": "+4930901820", "SourceCountry": "DE", "DestinationPhoneNumber": "+442079460123",
             "DestinationCountry": "GB", "UsageType": "USE1-GB-inbound-minutes", **billed(6, T0 + 1, T0 + 5)}]


def case_site(t):
    """What only the site knows."""
    t.site = {"account_id": "111122223333", "connector_id": "not-this-one", "region": "us-west-2"}
    answered(t, 4)
    return [{**OUT, **DONE, "AwsAccountId": "111122223333", **billed(6, T0 + 1, T0 + 5)}]


def case_named(t):
    """The site names a number, has nothing streamed and no proxy calls: false is said, and no streaming record is made."""
    t.site = {"number_names": {"+16285551212": "Front \"desk\"", "+12125551213": "not this one"}, "streaming": False, "proxy_calls": False}
    answered(t, 4)
    return [{**OUT, **DONE, "SourcePhoneNumberName": "Front \"desk\"", "Streaming": False, "IsProxyCall": False, **billed(6, T0 + 1, T0 + 5)}]


def case_streamed(t):
    """All of the site's calls are streamed: one that was answered has a streaming record; one that was not, none."""
    t.site = {"number_names": {"+12125551212": "Théâtre"}, "streaming": True, "proxy_calls": True}
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 486)
    t.now = (T0 + 10) * 10**9
    answered(t, 4, call_id="call-1@198.51.100.204.b", cseq=201)
    name = {"DestinationPhoneNumberName": "Théâtre", "Streaming": True, "IsProxyCall": True}
    t.sdr = [{"SchemaVersion": "1.0", "CallId": "call-1@198.51.100.204.b", "VoiceConnectorId": CONNECTOR, "StartTimeEpochSeconds": T0 + 11,
              "EndTimeEpochSeconds": T0 + 15, "Status": "Completed", "StatusMessage": "Streaming succeeded", "ServiceCode": "AmazonChime",
              "UsageType": "USE1-VC-kinesis-audio-streaming", "BillableDurationSeconds": 6, "Region": "us-east-1"}]
    return [{**OUT, **name, "Status": "Failed", "StatusMessage": "Busy Here", **billed(0, T0, T0)},
            {**OUT, **name, **DONE, "CallId": "call-1@198.51.100.204.b", **billed(6, T0 + 11, T0 + 15)}]


def case_numbers(t):
    """%2B is a plus, parameters are none of the number; a short number has no country, and a usage that would name it is left out."""
    answered(t, 4, from_user="5600;ext=1", to_user="%2B12125551212")
    want = {**OUT, **DONE, "SourcePhoneNumber": "5600", **billed(6, T0 + 1, T0 + 5)}
    del want["SourceCountry"], want["UsageType"]
    return [want]


def case_separators(t):
    """Separators are for people: they are no part of a number. A header without a user names no caller."""
    answered(t, 4, from_user="(628)555.1212", to_user="+1-212-555-1212", headers=[("P-Asserted-Identity", "<sip:host.example>")])
    want = {**OUT, **DONE, "SourcePhoneNumber": "6285551212", **billed(6, T0 + 1, T0 + 5)}
    del want["SourceCountry"], want["UsageType"]
    return [want]


def case_no_country(t):
    """Ascension and Kosovo have no code in ISO 3166-1."""
    answered(t, 4, from_user="+24765000", to_user="+38345000000")
    want = {**OUT, **DONE, "SourcePhoneNumber": "+24765000", "DestinationPhoneNumber": "+38345000000", **billed(6, T0 + 1, T0 + 5)}
    del want["SourceCountry"], want["DestinationCountry"], want["UsageType"]
    return [want]


def case_dots_in_names(t):
    """A name keeps its dots."""
    answered(t, 4, from_user="john.doe-1")
    want = {**OUT, **DONE, "SourcePhoneNumber": "john.doe-1", **billed(6, T0 + 1, T0 + 5)}
    del want["SourceCountry"], want["UsageType"]
    return [want]


def case_elsewhere(t):
    """Two hosts of which nobody knows anything: no direction, no connector, no region; what the packets say is there."""
    t.customer, t.trunk = ("192.0.2.1", 5060), ("192.0.2.2", 5060)
    answered(t, 4, uri="sip:+12125551212@192.0.2.2", replace={"To": "<sip:+12125551212@192.0.2.2>"})
    return [{**NUMBERS, **DONE, "CallId": "call-1@198.51.100.204", "SchemaVersion": "2.0", "ServiceCode": "AmazonChimeVoiceConnector",
             **billed(6, T0 + 1, T0 + 5)}]


def case_wild_connector(t):
    """A connector from the wire names a folder: nothing of it leads out of it."""
    answered(t, 4, inbound=True, headers=[("X-VoiceConnector-ID", "../../etc/x")])
    return [{**TRUNK, **DONE, **NUMBERS, "CallId": "call-1@198.51.100.204", "VoiceConnectorId": "../../etc/x", "Direction": "Inbound",
             "UsageType": "USE1-US-inbound-minutes", **billed(6, T0 + 1, T0 + 5)}]


def case_recorded(t):
    """A SIPREC session: a streaming record beside the call's, with the same times, money and transaction."""
    answered(t, 31, headers=[("Require", "siprec")])
    t.sdr = [{"SchemaVersion": "1.0", "CallId": "call-1@198.51.100.204", "VoiceConnectorId": CONNECTOR, "StartTimeEpochSeconds": T0 + 1,
              "EndTimeEpochSeconds": T0 + 32, "Status": "Completed", "StatusMessage": "Streaming succeeded", "ServiceCode": "AmazonChime",
              "UsageType": "USE1-VC-kinesis-audio-streaming", "BillableDurationSeconds": 36, "Region": "us-east-1"}]
    return [{**OUT, **DONE, "Streaming": True, **billed(36, T0 + 1, T0 + 32)}]


def same(want, got):
    """Differences; TransactionId is looked at apart."""
    found = []
    if len(want) != len(got):
        found.append(f"{len(got)} records, not {len(want)}: {got}")
    for a, b in zip(want, got):
        found += [f"{k}: {b.get(k)!r}, not {a.get(k)!r}" for k in sorted({*a, *b} - {"TransactionId"}) if a.get(k) != b.get(k)]
    return found


def objects(folder, kind):
    """The objects of a folder by key; a problem where one is not as it should be."""
    rows, found = {}, []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*"), recursive=True) + glob.glob(os.path.join(folder, "**", ".*"), recursive=True)):
        if os.path.isdir(path):
            continue
        with open(path, "rb") as f:
            data = f.read()
        row = rows[os.path.relpath(path, folder)] = json.loads(data)
        if data != json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode():
            found.append(f"{path} is not compact")
        found += schema.problems(row, schema.read(kind), kind)
    return rows, found


def key_of(row, start_us, kind):
    """Amazon-Chime-Voice-Connector-CDRs/json/CONNECTOR/2026/01/31/12.00.01.000_TRANSACTION"""
    at = row["StartTimeEpochSeconds"]
    minute, second = divmod(at - T0, 60)
    connector = row.get("VoiceConnectorId", "unknown").replace("/", "_")
    connector = ("_" + connector[1:]) if connector[0] == "." else connector
    return (f"Amazon-Chime-Voice-Connector-{kind.upper()}s/json/{connector}/2026/01/31/12.{minute:02}.{second:02}.{start_us:03}_"
            f"{row['TransactionId']}")


def check(options, case, folder):
    t = Traffic()
    t.sdr = []
    want = case(t)
    pcap, lines = os.path.join(folder, "case.pcap"), os.path.join(folder, "lines.jsonl")
    t.write(pcap)
    args = [options.sipvet, "--no-tui", "-q", "-o", f"cdr:{folder}/objects", "-o", f"sdr:{folder}/streams", "-o", f"cdr:{lines}", "-o", f"sip-log:{folder}/sip.log"]
    if t.site:
        with open(os.path.join(folder, "site.json"), "w", encoding="ascii") as f:
            json.dump(t.site, f)
        args += ["-s", os.path.join(folder, "site.json")]
    done = subprocess.run([*args, pcap], capture_output=True, timeout=20, check=False)
    if done.returncode != 0:
        return [f"exit {done.returncode}: {done.stderr.decode()}"]
    rows, found = objects(os.path.join(folder, "objects"), "cdr")
    streams, more = objects(os.path.join(folder, "streams"), "sdr")
    with open(lines, encoding="utf-8") as f:
        listed = [json.loads(line) for line in f]
    if listed != list(rows.values()):
        found.append(f"as lines: {listed}")
    found += more + same(want, list(rows.values())) + same(t.sdr, list(streams.values()))
    with open(os.path.join(folder, "sip.log"), encoding="utf-8") as f:
        messages = [json.loads(line) for line in f]
    for kind, group in (("cdr", rows), ("sdr", streams)):
        for key, row in group.items():
            names = {m["call_id"] for m in messages if f"\nCall-ID: {row['CallId']}\n" in m["sip_message"]}
            if {row["TransactionId"]} != names:
                found.append(f"{kind} {row['TransactionId']}, message log {names}")
            if row["StartTimeEpochSeconds"] >= T0 and key != key_of(row, 0, kind):
                found.append(f"{key}, not {key_of(row, 0, kind)}")
    return found


if __name__ == "__main__":
    loop.run("bills", loop.options_of(__doc__), loop.named(globals(), "case_"), check)

#!/usr/bin/env python3
"""Media by the minute against calls whose packets are counted out: media log and metrics.

  minutes.py --sipvet BIN [--only PART-OF-NAME] [-v]

Packets are 20 ms apart, 172 bytes of RTP header and payload each: a full minute has 3000 in a direction.
"""
import json
import os
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "rules"), os.path.join(HERE, "..", "cases"), HERE]
import loop  # noqa: E402
import schema  # noqa: E402
import wire  # noqa: E402
from traffic import CONNECTOR, CUSTOMER, Traffic  # noqa: E402

T0 = 1769860800
MS = 10**6
WAY = ("rtp_packets", "rtp_bytes", "rtcp_packets", "rtcp_bytes", "packets_lost")
CUSTOMER_RTP, TRUNK_RTP = (CUSTOMER, 25388), ("3.80.17.149", 36488)


def run(options, traffic, sink, folder, *more):
    pcap = os.path.join(folder, "minutes.pcap")
    traffic.write(pcap)
    done = subprocess.run([options.sipvet, "--no-tui", "-q", "-o", sink, *more, pcap], capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise ValueError(f"exit {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def begin(t, **more):
    """Answered at t0 + 1 s."""
    invited = t.request("INVITE", body=t.offer() if not more.get("inbound") else t.answer_body(), **more)
    t.now = (T0 + 1) * 10**9
    t.reply(invited, 200, body=t.answer_body() if not more.get("inbound") else t.offer())
    t.now -= 1000
    t.request("ACK", to_tag="to1", **more)
    t.now -= 1000


def end(t, **more):
    t.request("BYE", to_tag="to1", cseq=102, **more)
    t.wait(10000)
    t.request("OPTIONS", call_id="ping")


def rtp(t, count, **more):
    """Traffic.rtp, behind which exactly 20 ms a packet have passed."""
    start = t.now
    t.rtp(count, **more)
    t.now = start + count * 20 * MS


def way(name, row):
    return tuple(row.get(f"{name}_{what}") for what in WAY)


def check(rows, wants):
    """wants: (seconds behind t0, cust2vc, vc2cust) for each line."""
    found = [problem for row in rows for problem in schema.problems(row, schema.read("media-log"))]
    got = [(round(row["event_timestamp"] / 1000 - T0), way("cust2vc", row), way("vc2cust", row)) for row in rows]
    if got != wants:
        found.append(f"{got}, not {wants}")
    return found


def full(lost=0, gone=0):
    return (3000 - gone, (3000 - gone) * 172, 0, 0, lost)


def case_minutes(options, folder):
    """130 s: two full minutes and ten seconds; 2 packets lost in the first, 1 in the second: the sum goes on."""
    t = Traffic()
    begin(t)
    rtp(t, 6500, both=True, lose={100, 101, 4000})
    end(t)
    rows = run(options, t, "media-log", folder)
    found = check(rows, [(61, full(2, 2), full()), (121, full(3, 1), full()), (133, (500, 86000, 0, 0, 3), (500, 86000, 0, 0, 0))])
    names = {(r["voice_connector_id"], r["aws_region"], r["from_sip_user"], r["to_sip_user"], r["from_country"], r["to_country"]) for r in rows}
    if names != {(CONNECTOR, "us-east-1", "+16285551212", "+12125551212", "US", "US")}:
        found.append(f"{names}")
    return found


def case_short(options, folder):
    """10 s: one line, at the end; its MOS is that of the stream, its id that of the message log and the bill."""
    t = Traffic()
    begin(t)
    rtp(t, 500, both=True, lose=set(range(50, 500, 50)))
    end(t)
    rows = run(options, t, "media-log", folder)
    found = check(rows, [(13, (491, 491 * 172, 0, 0, 9), (500, 86000, 0, 0, 0))])
    worst = min(r["mos"]["lq"] for r in run(options, t, "json", folder) if r["record"] == "stream")
    if rows[0]["mos_btwn_vc_and_cust"] != round(worst, 2):
        found.append(f"MOS {rows[0]['mos_btwn_vc_and_cust']}, stream {worst}")
    ids = {run(options, t, "sip-log", folder)[0]["call_id"], run(options, t, "cdr", folder)[0]["TransactionId"], rows[0]["call_id"]}
    return found if len(ids) == 1 else found + [f"{ids}"]


def case_inbound(options, folder):
    """The trunk calls: what goes to the customer is still vc2cust."""
    t = Traffic()
    begin(t, inbound=True)
    rtp(t, 500)
    end(t, inbound=True)
    return check(run(options, t, "media-log", folder), [(13, (500, 86000, 0, 0, 0), (0, 0, 0, 0, None))])


def case_going_on(options, folder):
    """No BYE: full minutes as they pass, and the rest at the end of the capture, 10 s later."""
    t = Traffic()
    begin(t)
    rtp(t, 3500, both=True)
    t.request("OPTIONS", call_id="ping")
    return check(run(options, t, "media-log", folder), [(61, full(), full()), (71, (500, 86000, 0, 0, 0), (500, 86000, 0, 0, 0))])


def case_silence(options, folder):
    """A minute without a packet is a minute with 0 packets, and what was lost stays lost."""
    t = Traffic()
    begin(t)
    rtp(t, 3000, both=True, lose={5})
    t.now += 60 * 10**9
    end(t)
    return check(run(options, t, "media-log", folder),
                 [(61, full(1, 1), full()), (121, (0, 0, 0, 0, 1), (0, 0, 0, 0, 0)), (123, (0, 0, 0, 0, 1), (0, 0, 0, 0, 0))])


def case_jitter(options, folder):
    """Every second packet 10 ms late: J of RFC 3550 runs to 10 ms (a deviation of 10 ms each time); the mean of 500 is near it."""
    t = Traffic()
    begin(t)
    rtp(t, 500, jitter=10)
    end(t)
    row = run(options, t, "media-log", folder)[0]
    stream = next(r for r in run(options, t, "json", folder) if r["record"] == "stream")
    found = [] if abs(row["cust2vc_jitter"] / 1000 - stream["jitter_ms"]["mean"]) < 0.001 and 9000 < row["cust2vc_jitter"] < 10000 else \
        [f"{row['cust2vc_jitter']} us, stream {stream['jitter_ms']}"]
    return found + (["jitter of nothing"] if "vc2cust_jitter" in row else [])


def report(t, src, dst, ssrc, about=None, ntp=0, last=0, kept_ms=0):
    """A sender report with one block: SSRC `about`, LSR `last`, DLSR kept_ms."""
    head = struct.pack(">IIIIII", ssrc, ntp >> 32, ntp & 0xffffffff, 0, 100, 16000)
    block = b"" if about is None else struct.pack(">IIIIII", about, 0, 1000, 0, last, kept_ms * 65536 // 1000)
    words = (4 + len(head) + len(block)) // 4 - 1
    t.put(wire.udp_packet((src[0], src[1] + 1), (dst[0], dst[1] + 1), struct.pack(">BBH", 0x80 | (about is not None), 200, words) + head + block))


def case_rtcp(options, folder):
    """Reports of both sides, 52 bytes each but for the first, 28. Customer's passes, the trunk quotes it 30 ms later; the trunk's passes, the
    customer quotes it 10 ms later: 40 ms between them, less what each kept it."""
    t = Traffic()
    begin(t)
    rtp(t, 250, both=True)
    customer, trunk = 0x11223344, 0x11223344 ^ 0xffff
    ntp = 5 << 32
    report(t, CUSTOMER_RTP, TRUNK_RTP, customer, ntp=ntp)
    t.now += 35 * MS - 1000
    report(t, TRUNK_RTP, CUSTOMER_RTP, trunk, about=customer, ntp=ntp + (1 << 32), last=(ntp >> 16) & 0xffffffff, kept_ms=5)
    t.now += 17 * MS - 1000
    report(t, CUSTOMER_RTP, TRUNK_RTP, customer, about=trunk, ntp=ntp + (2 << 32), last=((ntp + (1 << 32)) >> 16) & 0xffffffff, kept_ms=7)
    end(t)
    rows = run(options, t, "media-log", folder)
    found = check(rows, [(round(rows[0]["event_timestamp"] / 1000 - T0), (250, 43000, 2, 28 + 52, 0), (250, 43000, 1, 52, 0))])
    if abs(rows[0].get("rtt_btwn_vc_and_cust", 0) - 40000) > 50:
        found.append(f"round trip {rows[0].get('rtt_btwn_vc_and_cust')} us, not 40000")
    return found


def case_rtcp_back(options, folder):
    """Only the customer sends media; the reports of the trunk, of whose SSRC there is no stream, go the other way (RR, 32 bytes)."""
    t = Traffic()
    begin(t)
    rtp(t, 250)
    body = struct.pack(">IIIIIII", 0xabcd, 0x11223344, 0, 1000, 0, 0, 0)
    t.put(wire.udp_packet((TRUNK_RTP[0], TRUNK_RTP[1] + 1), (CUSTOMER, 25389), struct.pack(">BBH", 0x81, 201, 7) + body))
    end(t)
    rows = run(options, t, "media-log", folder)
    return check(rows, [(8, (250, 43000, 0, 0, 0), (0, 0, 1, 32, None))])


def metrics(rows):
    """Minute and what is not 0, by name, without the media's figures of each call."""
    found = []
    for row in rows:
        directive = row["_aws"]["CloudWatchMetrics"][0]
        found.append((round(row["_aws"]["Timestamp"] / 1000 - T0),
                      {m["Name"]: row[m["Name"]] for m in directive["Metrics"] if isinstance(row[m["Name"]], int) and row[m["Name"]] != 0}))
    return found


def emf_problems(rows, namespace="SipTrunkProbe"):
    """What the format asks for beyond the schema: each metric and dimension is a member, no namespace of the service's own."""
    found = [problem for row in rows for problem in schema.problems(row, schema.read("metrics"))]
    for row in rows:
        directive = row["_aws"]["CloudWatchMetrics"][0]
        names = [m["Name"] for m in directive["Metrics"]]
        found += [f"{name} has no value" for name in names + directive["Dimensions"][0] if name not in row]
        found += [f"{name} is no metric" for name in row if name not in names + directive["Dimensions"][0] + ["_aws", "event_time"]]
        if len(names) != len(set(names)) or len(names) > 100 or directive["Namespace"] != namespace:
            found.append(f"{names} in {directive['Namespace']}")
    return found


def case_metrics(options, folder):
    """A call of 130 s from t0 + 1 on, a busy one, one that is challenged and then answered and ended, one that the trunk makes and nobody
    takes; responses that are repeated are one."""
    t = Traffic()
    begin(t)
    t.reply(t.request("INVITE", call_id="busy", body=t.offer()), 486)
    first = t.request("INVITE", call_id="asked", body=t.offer())
    t.reply(first, 407)
    t.reply(t.request("INVITE", call_id="asked", cseq=102, body=t.offer()), 200, body=t.answer_body())
    t.request("BYE", call_id="asked", to_tag="to1", cseq=103)
    cancelled = t.request("INVITE", call_id="in", inbound=True, body=t.answer_body())
    t.reply(cancelled, 180)
    t.repeat(cancelled)
    t.reply(cancelled, 180)
    t.reply(cancelled, 487)
    t.now = (T0 + 1) * 10**9 + 100 * MS
    rtp(t, 6500, both=True)
    end(t)
    rows = run(options, t, "metrics", folder)
    rows, nobody = [r for r in rows if r["VoiceConnectorId"] == CONNECTOR], [r for r in rows if r["VoiceConnectorId"] != CONNECTOR]
    found = emf_problems(rows + nobody)
    want = [(0, {"VoiceConnectorActiveCallCount": 2, "OutboundCallsActive": 2, "OutboundCallAttempts": 3, "OutboundCallsAnswered": 2,
                 "OutboundCallFailures": 1, "InboundCallAttempts": 1, "Sip1xxCodes": 1, "Sip2xxCodes": 2, "Sip4xxCodes": 3}),
            (60, {"VoiceConnectorActiveCallCount": 1, "OutboundCallsActive": 1, "CustomerToVcRtpPackets": 2995, "CustomerToVcRtpBytes": 2995 * 172,
                  "VcToCustomerRtpPackets": 2995, "VcToCustomerRtpBytes": 2995 * 172}),
            (120, {"VoiceConnectorActiveCallCount": 1, "OutboundCallsActive": 1, "CustomerToVcRtpPackets": 3505,
                   "CustomerToVcRtpBytes": 3505 * 172, "VcToCustomerRtpPackets": 3505, "VcToCustomerRtpBytes": 3505 * 172})]
    got = metrics(rows)
    if got != want:
        found += [f"{a}, not {b}" for a, b in zip(got, want) if a != b] or [f"{len(got)} events"]
    if not 4.3 < rows[1].get("MOSBetweenVcAndCustomer", [0])[0] <= 4.4 or rows[1].get("CustomerToVcPacketsLost") != [0]:
        found.append(f"{rows[1]}")
    named = run(options, t, "metrics", folder, "--log-namespace", "Our/Trunk")
    return found + emf_problems(named, "Our/Trunk")


def case_many_calls(options, folder):
    """150 calls at once: counts are sums, and no list of values has more than the 100 that the format takes."""
    t = Traffic()
    for i in range(150):
        t.now = T0 * 10**9 + i * MS
        more = {"call_id": f"c{i}"}
        invited = t.request("INVITE", body=t.offer().replace("25388", str(20000 + 2 * i)), **more)
        t.reply(invited, 200, body=t.answer_body(port=30000 + 2 * i))
        t.request("ACK", to_tag="to1", **more)
        t.now = (T0 + 1) * 10**9 + i * MS
        t.rtp(60, src=(CUSTOMER, 20000 + 2 * i), dst=("3.80.17.149", 30000 + 2 * i), ssrc=i + 1)
        t.request("BYE", to_tag="to1", cseq=102, **more)
    t.packets.sort(key=lambda packet: packet[0])
    t.now = (T0 + 90) * 10**9
    t.request("OPTIONS", call_id="ping")
    rows = run(options, t, "metrics", folder)
    found = emf_problems(rows)
    got = rows[0]
    if (got["OutboundCallsAnswered"], got["OutboundCallsActive"], got["CustomerToVcRtpPackets"], len(got["CustomerToVcPacketsLost"])) != (150, 150, 9000, 100):
        found.append(f"{got}")
    return found


def case_where(options, folder):
    """-w: the lines of the calls that match and no others, each as without it; counts of all calls cannot be chosen from."""
    t = Traffic()
    begin(t)
    rtp(t, 6500, both=True)
    t.request("BYE", to_tag="to1", cseq=102)
    t.wait(500)
    other = {"call_id": "other", "from_user": "+12065550100"}
    t.reply(t.request("INVITE", body=t.offer(port=26000), **other), 200, body=t.answer_body(port=37000))
    t.request("ACK", to_tag="to1", **other)
    rtp(t, 3500, src=(CUSTOMER, 26000), dst=("3.80.17.149", 37000), ssrc=7)
    t.request("BYE", to_tag="to1", cseq=102, **other)
    t.wait(10000)
    t.request("OPTIONS", call_id="ping")
    rows = run(options, t, "media-log", folder)
    found = [] if len(rows) == 5 else [f"{len(rows)} lines"]
    for where, want in (('from_user = "+12065550100"', lambda r: r["from_sip_user"] == "+12065550100"), ("duration_ms > 100000", lambda r: r["from_sip_user"] != "+12065550100"),
                        ("state = busy", lambda r: False)):
        some = run(options, t, "media-log", folder, "-w", where)
        if some != [r for r in rows if want(r)]:
            found.append(f"{where}: {some}")
    refused = subprocess.run([options.sipvet, "-q", "-o", "metrics", "-w", "state = busy", os.path.join(folder, "minutes.pcap")], capture_output=True, check=False)
    if refused.returncode != 2 or b"does not go with -w" not in refused.stderr or refused.stdout:
        found.append(f"metrics: exit {refused.returncode}, {refused.stderr.decode()}")
    return found


def inner_hop(t, early=0):
    """A call from a phone through the SBC to the trunk under one Call-ID: answered at t0 + 1 s. early: packets that the phone sends before."""
    phone, inside = ("192.168.1.10", 5060), ("192.168.1.1", 5060)
    hop = {"src": phone, "dst": inside}
    first = t.request("INVITE", uri="sip:5551212@192.168.1.1", from_user="5600", body=t.offer(address=phone[0], port=10000),
                      replace={"To": "<sip:5551212@192.168.1.1>"}, headers=[("Authorization", 'Digest username="phone"')], **hop)
    t.reply(first, 100)
    second = t.request("INVITE", body=t.offer())
    t.reply(second, 183, body=t.answer_body())
    t.reply(first, 183, body=t.answer_body(address=inside[0], port=11000))
    t.rtp(early, src=(phone[0], 10000), dst=(inside[0], 11000), ssrc=5)
    t.now = (T0 + 1) * 10**9
    t.reply(second, 200, body=t.answer_body())
    t.reply(first, 200, body=t.answer_body(address=inside[0], port=11000))
    t.request("ACK", to_tag="to1", **hop)
    t.request("ACK", to_tag="to1")
    return hop


def case_two_hops(options, folder):
    """Messages and media of a hop within the customer's network are not the trunk's: numbers, codes, packets are those of the other hop."""
    t = Traffic()
    hop = inner_hop(t)
    start = t.now
    t.rtp(300, both=True)
    for src, dst, ssrc in ((("192.168.1.10", 10000), ("192.168.1.1", 11000), 5), (("192.168.1.1", 11000), ("192.168.1.10", 10000), 6)):
        t.now = start
        t.rtp(400, src=src, dst=dst, ssrc=ssrc)
        report(t, (src[0], src[1] + 1), (dst[0], dst[1] + 1), ssrc)
    t.packets.sort(key=lambda packet: packet[0])
    t.request("BYE", to_tag="to1", cseq=102, **hop)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    t.wait(9000)
    t.request("OPTIONS", call_id="ping")
    row = run(options, t, "media-log", folder)[0]
    found = [] if (row["from_sip_user"], row["to_sip_user"]) == ("+16285551212", "+12125551212") else [f"{row}"]
    found += [f"{w}: {way(w, row)}" for w in ("cust2vc", "vc2cust") if way(w, row) != (300, 51600, 0, 0, 0)]
    got = metrics(run(options, t, "metrics", folder))
    want = [(0, {"VoiceConnectorActiveCallCount": 1, "OutboundCallsActive": 1, "OutboundCallAttempts": 1, "OutboundCallsAnswered": 1, "Sip1xxCodes": 1,
                 "Sip2xxCodes": 2, "CustomerToVcRtpPackets": 300, "CustomerToVcRtpBytes": 51600, "VcToCustomerRtpPackets": 300, "VcToCustomerRtpBytes": 51600})]
    if got != want:
        found.append(f"{got}")
    bill = run(options, t, "cdr", folder)[0]
    if (bill["SourcePhoneNumber"], bill["DestinationPhoneNumber"], "SipAuthUser" in bill) != ("+16285551212", "+12125551212", False):
        found.append(f"{bill}")
    return found


def case_early_media(options, folder):
    """Media before the answer are of no minute; those of an inner hop that came first take nothing away from the trunk's."""
    t = Traffic()
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 183, body=t.answer_body())
    t.rtp(40, src=TRUNK_RTP, dst=CUSTOMER_RTP, ssrc=9)
    t.now = (T0 + 1) * 10**9
    t.reply(invited, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1")
    t.rtp(100, src=TRUNK_RTP, dst=CUSTOMER_RTP, ssrc=9)
    end(t)
    row = run(options, t, "media-log", folder)[0]
    found = [] if way("vc2cust", row)[:2] == (100, 17200) else [f"{row}"]
    t = Traffic()
    inner_hop(t, early=40)
    t.rtp(20, both=True)
    end(t)
    row = run(options, t, "media-log", folder)[0]
    return found + ([] if way("cust2vc", row)[:2] == (20, 3440) and way("vc2cust", row)[:2] == (20, 3440) else [f"inner hop: {row}"])


def case_nobody_responds(options, folder):
    """No response within 32 s is a failure of the minute in which these end; any response, late or provisional, and the end of the capture before, are none."""
    t = Traffic()
    t.now = (T0 + 10) * 10**9
    t.request("INVITE", call_id="dead", body=t.offer())                          # over at 42 s
    t.request("INVITE", call_id="dead in", inbound=True, body=t.offer(), headers=[("X-VoiceConnector-ID", CONNECTOR)])
    rings = t.request("INVITE", call_id="rings", body=t.offer())
    t.now = (T0 + 40) * 10**9
    t.request("INVITE", call_id="dead later", body=t.offer())                    # over at 72 s
    t.reply(rings, 100)
    t.now = (T0 + 140) * 10**9
    t.request("INVITE", call_id="dead last", body=t.offer())                     # over at 172 s
    t.now = (T0 + 165) * 10**9
    t.request("INVITE", call_id="nobody knows", body=t.offer())                  # over at 197 s
    t.now = (T0 + 173) * 10**9
    t.request("OPTIONS", call_id="ping")
    rows = run(options, t, "metrics", folder)
    want = [(0, {"OutboundCallAttempts": 3, "OutboundCallFailures": 1, "InboundCallAttempts": 1, "InboundCallFailures": 1, "Sip1xxCodes": 1}),
            (60, {"OutboundCallFailures": 1}), (120, {"OutboundCallAttempts": 2, "OutboundCallFailures": 1})]
    return emf_problems(rows) + ([] if metrics(rows) == want else [f"{metrics(rows)}"])


def case_quiet_minutes(options, folder):
    """A connector that is known has an event each minute, with zeros where nothing came; for an hour. Nobody knows what a gap of more hid."""
    t = Traffic()
    t.request("OPTIONS", call_id="a")
    t.now = (T0 + 4 * 60 + 30) * 10**9
    t.request("OPTIONS", call_id="b")
    t.now = (T0 + 61 * 60 + 4 * 60) * 10**9
    t.request("OPTIONS", call_id="c")
    t.now += 10**9
    for i in range(100):
        t.now += 60 * 10**9
        other = dict(uri="sip:other1234.voiceconnector.chime.aws", replace={"To": "<sip:other1234.voiceconnector.chime.aws>"})
        t.request("OPTIONS", call_id=f"d{i}", **other)
    rows = run(options, t, "metrics", folder)
    times = [r["_aws"]["Timestamp"] // 60000 - T0 // 60 for r in rows if r["VoiceConnectorId"] == CONNECTOR]
    want = [0, 1, 2, 3, 4, *range(65, 65 + 60)]
    found = [] if times == want else [f"{times}"]
    zero = next(r for r in rows if r["_aws"]["Timestamp"] == (T0 + 120) * 1000)
    if zero["OutboundCallAttempts"] != 0 or "MOSBetweenVcAndCustomer" in zero:
        found.append(f"{zero}")
    return found + emf_problems(rows)


def case_strangers(options, folder):
    """A call between hosts that are no trunk's has no line."""
    t = Traffic()
    t.customer, t.trunk = ("192.0.2.1", 5060), ("192.0.2.2", 5060)
    invited = t.request("INVITE", uri="sip:1@192.0.2.2", replace={"To": "<sip:1@192.0.2.2>"}, body=t.offer())
    t.reply(invited, 200, body=t.answer_body())
    rtp(t, 500, both=True)
    rows = run(options, t, "media-log", folder)
    return [f"{rows}"] if rows else []


if __name__ == "__main__":
    loop.run("minutes", loop.options_of(__doc__), loop.named(globals(), "case_"))

#!/usr/bin/env python3
"""Makes samples/voice-connector.pcap: a customer's SBC on a Voice Connector trunk, where one call of each kind breaks the trunk's
specification, the network's or nothing. Usage: samples/make_voice_connector.py"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "rules"))
from rule_cases import CHALLENGE, credentials  # noqa: E402
from traffic import CALLED, CUSTOMER, KEY30, Traffic, sdp, wire  # noqa: E402

CALLS = []


def call(seconds):
    def keep(build):
        traffic = Traffic()
        traffic.now += round(seconds * wire.SECOND)
        number = len(CALLS) + 1
        traffic.ports = (25000 + 2 * number, 36000 + 2 * number)
        traffic.branch = number * 100
        build(traffic, f"{number:08x}@{CUSTOMER}")
        CALLS.append(traffic)
        return build
    return keep


def rest(t, call_id, talk=None, **media):
    """The media of a call that was answered, and its end."""
    t.rtp(talk or 300, both=True, ssrc=0x5eed0000 + t.branch, **media)
    t.reply(t.request("BYE", to_tag="to1", cseq=190, call_id=call_id), 200)


@call(0)
def options_to_an_address(t, call_id):
    t.reply(t.request("OPTIONS", uri="sip:3.80.16.13:5060", call_id=call_id), 200)


@call(1.3)
def good(t, call_id):
    t.call(invite={"call_id": call_id}, media=False, talk=False)
    rest(t, call_id)


@call(3.6)
def number_without_plus(t, call_id):
    invited = t.request("INVITE", to_user="12125551212", body=t.offer(), call_id=call_id)
    t.wait(60)
    t.reply(invited, 403)
    t.request("ACK", to_user="12125551212", to_tag="to1", call_id=call_id)


@call(9.5)
def digits_by_info(t, call_id):
    t.call(invite={"call_id": call_id}, media=False, talk=False)
    t.rtp(100, both=True, ssrc=0x5eed0099)
    for cseq, digit in ((110, 5), (111, 0)):
        asked = t.request("INFO", to_tag="to1", cseq=cseq, call_id=call_id, kind="application/dtmf-relay", body=f"Signal={digit}\r\nDuration=160\r\n")
        t.reply(asked, 405)
    t.rtp(200, both=True, ssrc=0x5eed0099, seq=1100, timestamp=16000, mark=False)
    t.reply(t.request("BYE", to_tag="to1", cseq=190, call_id=call_id), 200)


@call(18)
def media_to_a_private_address(t, call_id):
    t.call(invite={"call_id": call_id}, offer=sdp("192.168.100.10", t.ports[0]), media=False, talk=False)
    t.rtp(250, ssrc=0x5eed0111)
    t.reply(t.request("BYE", to_tag="to1", cseq=190, call_id=call_id), 200)


@call(26)
def too_large(t, call_id):
    invited = t.request("INVITE", body=t.offer(extra=["a=rtpmap:97 iLBC/8000"] * 8), call_id=call_id, headers=[("X-Routing", "x" * 700)])
    for wait in (500, 1000, 2000, 4000, 8000, 16000):
        t.wait(wait)
        t.repeat(invited)


@call(30)
def loss_toward_the_customer(t, call_id):
    t.call(invite={"call_id": call_id}, media=False, talk=False)
    t.rtp(500, both=True, outbound=False, lose=[i for i in range(100, 500) if i % 17 < 2], ssrc=0x5eed0222)
    t.reply(t.request("BYE", to_tag="to1", cseq=190, call_id=call_id), 200)


@call(45)
def wrong_password(t, call_id):
    invited = t.request("INVITE", body=t.offer(), call_id=call_id)
    for cseq in (102, 103, 104):
        t.wait(30)
        nonce = f"n{cseq}"
        t.reply(invited, 407, headers=[(CHALLENGE[0], CHALLENGE[1].replace("abc123", nonce))])
        t.request("ACK", to_tag="to1", cseq=cseq - 1, call_id=call_id)
        if cseq == 104:
            break
        invited = t.request("INVITE", body=t.offer(), cseq=cseq, call_id=call_id,
                            headers=[("Proxy-Authorization", credentials(nonce=f'"{nonce}"'))])


@call(50)
def suite_that_nobody_supports(t, call_id):
    t.request("INVITE", body=t.offer(protocol="RTP/SAVP", crypto=((1, "AEAD_AES_256_GCM", "A" * 59 + "="),)), call_id=call_id)
    t.wait(40)
    t.reply(t.last, 488)
    t.request("ACK", to_tag="to1", call_id=call_id)


@call(60)
def acknowledged_nowhere(t, call_id):
    t.call(invite={"call_id": call_id}, media=False, talk=False, ack=False)
    t.rtp(1580, both=True, ssrc=0x5eed0333)
    t.reply(t.request("BYE", inbound=True, to_tag="from1", cseq=901, call_id=call_id, from_value=f"<sip:{CALLED}@{CUSTOMER}>;tag=to1",
                      headers=[("Reason", 'SIP;cause=408;text="ACK timeout"')]), 200)


@call(70)
def inbound_and_good(t, call_id):
    t.call(invite={"call_id": call_id, "inbound": True, "to_user": "+16185558387"}, offer=t.answer_body(), answer=t.offer(), media=False, talk=False)
    t.rtp(400, both=True, ssrc=0x5eed0444)
    t.reply(t.request("BYE", inbound=True, to_tag="to1", cseq=190, call_id=call_id, drop=("Contact",)), 200)


if __name__ == "__main__":
    whole = Traffic()
    whole.packets = sorted((p for t in CALLS for p in t.packets), key=lambda packet: packet[0])
    whole.write(os.path.join(HERE, "voice-connector.pcap"))

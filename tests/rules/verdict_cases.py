"""Calls that end in each verdict: function name verdict_<code>; returns the frames that the verdict must name (None: any)."""
import struct

from rule_cases import CHALLENGE, credentials, event, repeats  # noqa: F401
from traffic import CALLED, CUSTOMER, sdp, wire


def verdict_ok(t):
    t.call()
    return []


def verdict_ok_busy(t):
    invited = t.request("INVITE", body=t.offer())
    t.wait(500)
    t.reply(invited, 486)
    t.request("ACK", to_tag="to1")
    return []


def verdict_ok_going_on(t):
    t.call(media=False, talk=False)
    t.rtp(200, both=True)
    return []


def verdict_ok_sip_only(t):
    """No RTP in the whole capture: nothing can be said of the audio."""
    t.call(media=False)
    return []


def verdict_partial(t):
    t.request("BYE", to_tag="to1", cseq=102)
    t.reply(t.last, 200)
    return []


def verdict_no_response(t):
    repeats(t, 6)
    t.wait(40000)
    t.request("OPTIONS", call_id="later")
    t.words = ("sent 7 times",)
    return [1, 7]


def verdict_no_response__too_big(t):
    """The router's word is the cause, not just any ICMP error."""
    repeats(t, 6)
    t.put(wire.ip("192.0.2.1", CUSTOMER, 1, struct.pack(">BBHHH", 3, 4, 0, 0, 1400) + wire.udp_packet(t.customer, t.trunk, t.last["bytes"])[:548]))
    t.wait(40000)
    t.request("OPTIONS", call_id="later")
    t.words = ("a router says that the datagram was too big",)
    return [1, 7]


def verdict_no_response__icmp(t):
    repeats(t, 6)
    t.put(wire.ip(t.trunk[0], CUSTOMER, 1, struct.pack(">BBHI", 3, 3, 0, 0) + wire.udp_packet(t.customer, t.trunk, t.last["bytes"])[:548]))
    t.wait(40000)
    t.request("OPTIONS", call_id="later")
    t.words = ("an ICMP error says that it did not arrive",)
    return [1, 7]


def verdict_rejected(t):
    invited = t.request("INVITE", body=t.offer())
    t.wait(50)
    t.reply(invited, 403)
    t.request("ACK", to_tag="to1")
    return [2]


def verdict_rejected__behind_a_proxy(t):
    """The proxy in front of the trunk gives up with 480 and ends the trunk's hop, whose 487 comes last: the 480 is what the caller got."""
    phone, proxy = ("10.1.0.5", 5060), t.customer
    first = t.request("INVITE", src=phone, dst=proxy, body=t.offer())
    t.reply(first, 100)
    onward = t.request("INVITE", body=t.offer())
    t.reply(onward, 100)
    t.wait(20000)
    t.reply(first, 480)
    t.request("CANCEL", branch="z9hG4bK00002")
    t.reply(onward, 487)
    t.words = ("198.51.100.204:5060 refused the call with 480",)
    return [5]


def verdict_auth_missing(t):
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 407, headers=[CHALLENGE])
    t.request("ACK", to_tag="to1")
    return [2]


def verdict_auth_loop(t):
    invited = t.request("INVITE", body=t.offer())
    for cseq in (102, 103, 104):
        t.reply(invited, 407, headers=[(CHALLENGE[0], CHALLENGE[1].replace("abc123", f"n{cseq}"))])
        t.request("ACK", to_tag="to1", cseq=cseq - 1)
        if cseq < 104:
            invited = t.request("INVITE", body=t.offer(), cseq=cseq, headers=[("Proxy-Authorization", credentials(nonce=f'"n{cseq}"'))])
    return [8]


def verdict_ack_missing(t):
    t.call(ack=False, media=False, talk=False)
    t.rtp(300, both=True)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return [4, 605]


def verdict_dropped_32s(t):
    t.call(ack=False, media=False, talk=False)
    t.rtp(1600, both=True)
    t.reply(t.request("BYE", inbound=True, to_tag="from1", cseq=900, from_value=f"<sip:{CALLED}@{CUSTOMER}>;tag=to1"), 200)
    return [4, 3205]


def verdict_dropped_session_timer(t):
    t.call(media=False, talk=False, ok={"headers": [("Session-Expires", "90;refresher=uas"), ("Require", "timer")]})
    t.rtp(3000, both=True)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return [4, 6006]


def verdict_bye_missing(t):
    t.call(media=False, talk=False)
    t.rtp(200, both=True)
    t.wait(120000)
    t.request("OPTIONS", call_id="later")
    return [4]


def verdict_one_way_audio(t):
    t.call(media=False, talk=False)
    t.rtp(250)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return None


def verdict_media_address_private(t):
    t.call(media=False, talk=False, offer=sdp("192.168.100.10", 25388))
    t.rtp(250)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return None


def verdict_no_audio(t):
    t.call(media=False)
    t.ports = (40000, 41000)
    t.rtp(100, both=True, ssrc=0x77)
    return [4]


def verdict_dtmf_lost(t):
    t.call(media=False, talk=False)
    t.request("INFO", to_tag="to1", cseq=102, kind="application/dtmf-relay", body="Signal=5\r\nDuration=160\r\n")
    t.reply(t.last, 405)
    t.rtp(300, both=True)
    t.reply(t.request("BYE", to_tag="to1", cseq=103), 200)
    return [6]


def verdict_poor_quality(t):
    t.call(media=False, talk=False)
    t.rtp(400, both=True, lose=[i for i in range(20, 400) if i % 6 == 0])
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return None


CASES = {name[8:]: function for name, function in list(globals().items()) if name.startswith("verdict_")}

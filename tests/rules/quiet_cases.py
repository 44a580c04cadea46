"""Traffic that looks wrong and is right: quiet_<name>(t) returns the rules that must not fire, and the verdict of call 1 (None: any)."""
import hashlib
import struct

from rule_cases import CHALLENGE, CM128, credentials
from traffic import CALLED, CALLER, CUSTOMER, HOST, KEY30, TRUNK, sdp, wire

PBX, PROXY = ("10.0.0.9", 5060), ("10.0.0.2", 5060)


def relay(t, request, src, dst):
    """A proxy passes a request on: one Via more, other addresses."""
    data = request["bytes"].replace(b"Via:", f"Via: SIP/2.0/UDP {src[0]}:{src[1]};branch=z9hG4bKproxy{len(t.packets)}\r\nVia:".encode(), 1)
    t.send(src, dst, data)
    return {**request, "src": src, "dst": dst, "bytes": data, "full": [("Via", f"SIP/2.0/UDP {src[0]}:{src[1]};branch=z9hG4bKproxy{len(t.packets) - 1}")] +
            [f for f in request["full"]]}


def quiet_tcp_from_the_trunk(t):
    """The trunk opens the connection: its port is any."""
    t.tcp = wire.Tcp()
    invited = t.request("INVITE", inbound=True, src=(TRUNK, 34567), to_user="+16185558387", body=t.answer_body())
    t.reply(invited, 100)
    t.reply(invited, 200, body=t.offer())
    return ["signaling-port", "cleartext-on-tls-port"], None


def quiet_two_challenges(t):
    """SHA-256 and MD5 are offered, the client takes the second."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 407, headers=[("Proxy-Authenticate", 'Digest realm="r", nonce="sha", algorithm=SHA-256, qop="auth"'),
                                   ("Proxy-Authenticate", 'Digest realm="r", nonce="md", algorithm=MD5, qop="auth"')])
    t.request("ACK", to_tag="to1")
    t.reply(t.request("INVITE", body=t.offer(), cseq=102, headers=[("Proxy-Authorization", credentials(realm='"r"', nonce='"md"'))]), 100)
    return ["digest-params", "digest-algorithm", "digest-header-pairing"], None


def quiet_right_responses(t):
    """Responses of each kind (RFC 7616 3.4), from another computation; users of whom no HA1 is known."""
    md5, sha = (lambda *parts: hashlib.md5(":".join(parts).encode()).hexdigest()), (lambda *parts: hashlib.sha256(":".join(parts).encode()).hexdigest())
    uri, body = f"sip:{CALLED}@{HOST}", t.offer()
    t.site = {"digest": {"a": md5("a", "r", "pw").upper(), "b": sha("b", "r", "pw")}}
    kinds = [("a", md5, "", ""), ("a", md5, "MD5", "auth"), ("a", md5, "MD5-sess", "auth"), ("a", md5, "md5", "auth-int"), ("b", sha, "SHA-256", "auth"),
             ("b", sha, "SHA-256-sess", "auth-int"), ("c", md5, "MD5", "auth"), ("a", md5, "SHA-256", "auth"), ("a", md5, "other", "auth")]
    for i, (user, digest, algorithm, qop) in enumerate(kinds):
        call = {"call_id": f"call-{i}@{CUSTOMER}", "body": body}
        kind = f", algorithm={algorithm}" if algorithm else ""
        t.reply(t.request("INVITE", cseq=1, **call), 407, headers=[("Proxy-Authenticate", f'Digest realm="r", nonce="n{i}"{kind}, qop="auth,auth-int"')])
        first = digest(user, "r", "pw")
        first = digest(first, f"n{i}", "c1") if algorithm.endswith("-sess") else first
        second = digest("INVITE", uri, digest(body)) if qop == "auth-int" else digest("INVITE", uri)
        response = digest(first, f"n{i}", "00000001", "c1", qop, second) if qop else digest(first, f"n{i}", second)
        more = f", qop={qop}, nc=00000001, cnonce=\"c1\"" if qop else ""
        t.request("INVITE", cseq=2, headers=[("Proxy-Authorization", f'Digest username="{user}", realm="r", nonce="n{i}", uri="{uri}", '
                                                                     f'response="{response}"{kind}{more}')], **call)
    return ["digest-bad-response"], None


def quiet_mtu_of_another_way(t):
    """A router tells an MTU of the way to one trunk: it is not that of another, nor is what no network has."""
    for trunk, mtu in ((TRUNK, 1400), ("3.80.16.14", 100)):
        t.trunk = (trunk, 5060)
        invited = t.request("INVITE", body=t.offer(), call_id=f"{trunk}@x", headers=[("X-Long", "x" * 500)])
        quoted = wire.udp_packet(t.customer, t.trunk, invited["bytes"])[:200]
        t.put(wire.ip("192.0.2.1", CUSTOMER, 1, struct.pack(">BBHHH", 3, 4, 0, 0, mtu) + quoted))
    for trunk in ("3.80.16.14", "3.80.16.15"):
        t.trunk = (trunk, 5060)
        t.request("INVITE", body=t.offer(), call_id=f"again-{trunk}@x", headers=[("X-Long", "x" * 600)])
    return ["udp-size-near-mtu", "udp-size-over-mtu"], None


def quiet_unanswered_do_not_pile_up(t):
    """An INVITE that nobody answers is over after 32 s, repeated or not: the link has room for two calls."""
    t.site, t.at_once = {"link_kbps": 200}, 1
    for i in range(5):
        invited = t.request("INVITE", body=t.offer(), call_id=f"call-{i}")
        t.wait(16000)
        t.repeat(invited)
        t.wait(16001)
    return ["bandwidth-capacity"], None


def quiet_media_at_the_port_of_dns(t):
    """What leaves port 53 need not be DNS."""
    t.ports = (53, 36488)
    t.call()
    return ["one-way-media"], "ok"


def quiet_ringing_goes_on(t):
    invited = t.request("INVITE", body=t.offer())
    t.wait(20000)
    t.reply(invited, 180)
    t.wait(31000)
    t.request("INVITE", body=t.offer(), call_id="second")
    t.at_once = 2
    return [], None


def quiet_answered_after_all(t):
    """The first call was given up before the second began; then it is answered."""
    t.at_once = 2
    invited = t.request("INVITE", body=t.offer())
    t.wait(40000)
    t.request("INVITE", body=t.offer(), call_id="second")
    t.wait(1000)
    t.reply(invited, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1", branch="z9hG4bKack")
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return [], None


def quiet_proxy_and_server(t):
    """A proxy asks with 407, the server behind it with 401: the retry has credentials for both."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 407, headers=[CHALLENGE])
    t.request("ACK", to_tag="to1")
    again = t.request("INVITE", body=t.offer(), cseq=102, headers=[("Proxy-Authorization", credentials())])
    t.reply(again, 401, headers=[("WWW-Authenticate", 'Digest realm="uas", nonce="n2", algorithm=MD5')])
    t.request("ACK", to_tag="to1", cseq=102)
    last = t.request("INVITE", body=t.offer(), cseq=103, headers=[
        ("Proxy-Authorization", credentials(nc="00000002")), ("Authorization", credentials(realm='"uas"', nonce='"n2"', qop="", nc="", cnonce=""))])
    t.reply(last, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1", cseq=103)
    return ["digest-params", "digest-header-pairing", "digest-stale-loop", "digest-no-retry"], "ok"


def quiet_two_realms(t):
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 407, headers=[CHALLENGE])
    t.request("ACK", to_tag="to1")
    again = t.request("INVITE", body=t.offer(), cseq=102, headers=[("Proxy-Authorization", credentials())])
    t.reply(again, 407, headers=[("Proxy-Authenticate", 'Digest realm="p2", nonce="n2"')])
    t.request("ACK", to_tag="to1", cseq=102)
    t.reply(t.request("INVITE", body=t.offer(), cseq=103, headers=[
        ("Proxy-Authorization", credentials(nc="00000002")), ("Proxy-Authorization", credentials(realm='"p2"', nonce='"n2"', qop="", nc="", cnonce=""))]), 100)
    return ["digest-params", "digest-header-pairing"], None


def quiet_bearer(t):
    asked = t.request("REGISTER", uri="sip:r.example.com")
    t.reply(asked, 401, headers=[("WWW-Authenticate", 'Bearer authz_server="https://x"')])
    t.reply(t.request("REGISTER", uri="sip:r.example.com", cseq=102, headers=[("Authorization", "Bearer eyJhb")]), 200)
    return ["digest-algorithm", "digest-params"], None


def quiet_trying_and_silence(t):
    """100, and then nothing for a minute: no ok."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 100)
    t.wait(60000)
    t.request("OPTIONS", call_id="later")
    return ["retransmit-no-response"], "no-final-response"


def quiet_credentials_unanswered(t):
    """The 407 was an answer; the INVITE with credentials never got one."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 407, headers=[CHALLENGE])
    t.request("ACK", to_tag="to1")
    again = t.request("INVITE", body=t.offer(), cseq=102, headers=[("Proxy-Authorization", credentials())])
    for wait in (500, 1000, 2000, 4000, 8000, 16000):
        t.wait(wait)
        t.repeat(again)
    t.wait(20000)
    t.request("OPTIONS", call_id="later")
    return ["digest-no-retry"], "no-response"


def quiet_no_ack_after_challenge(t):
    """The ACK of the 407 is none of the 200."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 407, headers=[CHALLENGE])
    t.request("ACK", to_tag="to1")
    again = t.request("INVITE", body=t.offer(), cseq=102, headers=[("Proxy-Authorization", credentials())])
    t.reply(again, 200, body=t.answer_body())
    t.wait(32000)
    t.reply(t.request("BYE", inbound=True, to_tag="from1", cseq=900, from_value=f"<sip:{CALLED}@{CUSTOMER}>;tag=to1"), 200)
    return [], "dropped-32s"


def quiet_caller_hangs_up_after_30_s(t):
    """No ACK at the tap, but it was the caller who ended the call."""
    t.call(ack=False, media=False, talk=False)
    t.wait(30000)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return [], "ack-missing"


def quiet_proxy_silent_trunk(t):
    """The proxy says 100 and 408 itself; behind it the trunk is silent: that is the verdict."""
    t.customer = PBX
    invited = t.request("INVITE", dst=PROXY, body=t.offer())
    t.reply(invited, 100)
    onward = relay(t, invited, PROXY, (TRUNK, 5060))
    for wait in (500, 1000, 2000, 4000, 8000, 16000):
        t.wait(wait)
        t.repeat(onward)
    t.reply(invited, 408)
    return [], "no-response"


def quiet_private_hop_to_the_trunk(t):
    """PBX to a public SBC and on to the trunk: the first hop is no wrong address."""
    invited = t.request("INVITE", src=("198.51.100.10", 5060), dst=(CUSTOMER, 5060), body=t.offer())
    relay(t, invited, (CUSTOMER, 5060), (TRUNK, 5060))
    return ["signaling-ip"], None


def quiet_reinvite_moves_media(t):
    """A signalled change of port is no NAT and no mismatch."""
    t.call(media=False, talk=False)
    t.rtp(150, both=True)
    again = t.request("INVITE", to_tag="to1", cseq=102, body=t.offer(port=25500))
    t.reply(again, 200, body=t.answer_body())
    t.request("ACK", to_tag="to1", cseq=102)
    t.rtp(150, both=True, seq=1150, timestamp=150 * 160, mark=False, src=(CUSTOMER, 25500))
    t.reply(t.request("BYE", to_tag="to1", cseq=103), 200)
    return ["nat-rebinding", "media-flow-mismatch"], None


def quiet_rekeying_proxy(t):
    """The proxy offers with a tag of its own and answers with the first one's."""
    t.customer = PBX
    invited = t.request("INVITE", dst=PROXY, body=t.offer(protocol="RTP/SAVP", crypto=((1, CM128, KEY30),)))
    inner = {**invited}
    t.request("INVITE", src=PROXY, body=t.offer(protocol="RTP/SAVP", crypto=((11, CM128, KEY30),)))
    t.reply(t.last, 200, body=t.answer_body(protocol="RTP/SAVP", crypto=((11, CM128, KEY30),)))
    t.reply(inner, 200, body=t.answer_body(protocol="RTP/SAVP", crypto=((1, CM128, KEY30),)))
    return ["srtp-answer-suite"], None


def quiet_identity_second_value(t):
    """The first usable P-Asserted-Identity counts."""
    t.request("INVITE", body=t.offer(), headers=[("P-Asserted-Identity", f"<sip:anonymous@anonymous.invalid>, <tel:{CALLER}>")])
    return ["pai-shadows-from", "callerid-not-e164"], None


def quiet_emergency_codes(t):
    for i, code in enumerate(("911", "933", "112", "988")):
        t.wait(1100)
        t.request("INVITE", to_user=code, body=t.offer(), call_id=f"e{i}")
    return ["ruri-not-e164"], None


def quiet_refused_video(t):
    t.call(answer=t.answer_body(connection=True, extra=["m=video 0 RTP/AVP 96"]))
    return ["sdp-syntax"], "ok"


def quiet_opus_and_pcmu(t):
    t.request("INVITE", body=t.offer(formats=((111, "opus/48000/2"), (0, "PCMU/8000"), (101, "telephone-event/8000"))))
    return ["dtmf-clock-rate"], None


def quiet_few_packets(t):
    """Three packets with far sequence numbers say nothing of loss."""
    t.call(media=False, talk=False)
    t.rtp(2000, lose=range(3, 1997))
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)
    return ["loss-high", "burst-loss"], None


def quiet_hold_at_the_end(t):
    t.call(media=False, talk=False)
    t.rtp(200, both=True)
    held = t.request("INVITE", to_tag="to1", cseq=102, body=t.offer(extra=["a=inactive"]))
    t.reply(held, 200, body=t.answer_body(extra=["a=inactive"]))
    t.request("ACK", to_tag="to1", cseq=102)
    t.wait(120000)
    t.request("OPTIONS", call_id="later")
    return [], "ok"


def quiet_offloaded_tls(t):
    """TLS ends before the tap: Via says so."""
    t.tcp, t.trunk = wire.Tcp(), (TRUNK, 5061)
    t.site = {"encryption": "on"}
    t.request("OPTIONS", via=f"SIP/2.0/TLS {CUSTOMER}:5060;branch=z9hG4bK77")
    return ["cleartext-on-tls-port", "encryption-cleartext-signaling", "via-transport-mismatch"], None


def quiet_refusal_without_trunk_rule(t):
    """404: a fault in the response itself is no reason for it."""
    invited = t.request("INVITE", body=t.offer())
    t.reply(invited, 404, drop=("From",))
    return ["reject-403-explained"], "rejected"


def quiet_inbound_like_the_vendors(t):
    """As the trunk sends it: its own header, no P-Asserted-Identity, a Contact without user. Information at most."""
    t.site = {"own_networks": [CUSTOMER + "/32"]}
    t.call(invite={"inbound": True, "to_user": "+16185558387", "from_value": f"<sip:{CALLER}@{HOST}>;tag=from1",
                   "replace": {"Contact": f"<sip:{TRUNK}:5060;transport=udp>"}, "headers": [("X-VoiceConnector-ID", HOST.split(".")[0])]},
           offer=t.answer_body(), answer=t.offer())
    return ["error", "warning"], "ok"


def quiet_outbound_like_the_vendors(t):
    """The documented INVITE of 1413 bytes: warnings on its size, no error, and the call works."""
    headers = [("Allow", "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO"), ("User-Agent", "PBX"), ("X-Padding", "x" * 718)]
    t.call(invite={"headers": headers})
    assert len(t.packets[0][1]) - 28 == 1413, len(t.packets[0][1]) - 28
    return ["error"], "ok"


CASES = {name[6:]: function for name, function in list(globals().items()) if name.startswith("quiet_")}

"""One function a rule: case_<rule id>(t, bad) builds traffic that breaks the rule (bad) or comes close and does not."""
import hashlib
import math
import os
import ssl
import struct
import tempfile

from traffic import CALLED, CALLER, CONNECTOR, CUSTOMER, HOST, KEY30, KEY46, OTHER_REGION, TRUNK, sdp, wire  # noqa: F401
import tunnel

SITE = {"region": "us-east-1", "connector_id": CONNECTOR, "own_networks": [CUSTOMER + "/32"]}


# ---- the capture ----

def case_icmp_error(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.wait(5)
    t.mark("ICMP port unreachable")
    if bad:
        quoted = wire.udp_packet(t.customer, t.trunk, invited["bytes"])[:200]
        t.put(wire.ip(TRUNK, CUSTOMER, 1, struct.pack(">BBHI", 3, 3, 0, 0) + quoted))
    else:
        t.reply(invited, 403)


def case_one_way_media(t, bad):
    t.call(media=False, talk=False)
    t.mark("No RTP from callee to caller")
    t.rtp(250, both=not bad)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)


# ---- addresses and ports ----

def case_signaling_ip(t, bad):
    if bad:
        t.trunk = ("52.10.1.1", 5060)
    t.mark("52.10.1.1:5060")
    t.call()


def case_signaling_port(t, bad):
    if bad:
        t.trunk = (TRUNK, 5080)
    t.mark("3.80.16.13:5080", "UDP 5060")
    t.call()


def dns_response(name, code, kind=1):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">HHHHHH", 0x9234, 0x8180 | code, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, kind, 1)


def case_dns_failure(t, bad):
    resolver, asker = ("192.0.2.53", 53), (CUSTOMER, 40000)
    t.put(wire.udp_packet(resolver, asker, dns_response("nowhere.example", 3)))
    t.mark("192.0.2.53:53", "_sip._udp." + HOST, "SRV", "NXDOMAIN")
    for _ in range(3):
        t.put(wire.udp_packet(resolver, asker, dns_response("_sip._udp." + HOST.replace("voice", "VOICE"), 3 if bad else 0, 33)))
    t.call()


def case_udp_on_tls_port(t, bad):
    if bad:
        t.trunk = (TRUNK, 5061)
    t.mark("3.80.16.13:5061")
    t.call()


def case_cleartext_on_tls_port(t, bad):
    t.tcp = wire.Tcp()
    if bad:
        t.trunk = (TRUNK, 5061)
    t.mark("3.80.16.13:5061")
    t.frame += 3  # behind the handshake
    t.call(media=False)


WILDCARD = "*.voiceconnector.chime.aws"
CERTIFICATES = tempfile.TemporaryDirectory(prefix="sipvet-cert")


def secure(t, port=5061, names=(WILDCARD,), trust=None, version=ssl.TLSVersion.TLSv1_2):
    """The trunk is spoken to over TLS from here on; the certificate is visible."""
    t.trunk = (TRUNK, port)
    cert = tunnel.certificate(CERTIFICATES.name, names, names[0].replace("*", "any"))
    t.tcp = tunnel.Tls(cert, None, version=version, server_name=HOST, trust=trust)


def alert_frame(t, source):
    """The packet that carries the newest record of an alert in the clear."""
    return 1 + max(i for i, (_, p) in enumerate(t.packets) if p[12:16] == bytes(map(int, source[0].split("."))) and p[40:43] == b"\x15\x03\x03")


def case_tls_on_clear_port(t, bad):
    t.mark("3.80.16.13:5060", "port 5060", subject="3.80.16.13:5060")
    t.frame += 3
    secure(t, 5060 if bad else 5061)
    t.call(media=False)


def case_encryption_port(t, bad):
    t.site = {"encryption": "on"}
    t.mark("3.80.16.13:5063", "port 5063")
    t.frame += 3
    secure(t, 5063 if bad else 5061)
    t.call(media=False)


def case_tls_handshake_failed(t, bad):
    secure(t)
    if bad:
        t.tcp.contexts[0].minimum_version = ssl.TLSVersion.TLSv1_2
        t.tcp.contexts[0].set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
        t.tcp.contexts[1].set_ciphers("AES256-SHA")
        for packet in t.tcp.open(t.customer, t.trunk):
            t.put(packet)
        t.mark("the server ended the handshake with handshake_failure", subject="handshake_failure")
        t.frame = alert_frame(t, t.trunk)
    else:
        t.call(media=False)


def case_tls_version(t, bad):
    t.mark("TLS 1.1 is used", "1.2 and newer", subject="TLS 1.1")
    t.frame += 3
    secure(t, version=ssl.TLSVersion.TLSv1_1 if bad else ssl.TLSVersion.TLSv1_2)
    if bad:
        for context in t.tcp.contexts:
            context.set_ciphers("ALL:@SECLEVEL=0")
    t.call(media=False)


def case_tls_cipher_deprecated(t, bad):
    t.mark("AES128-SHA until 2026-08-01", subject="AES128-SHA")
    t.frame += 3
    secure(t)
    for context in t.tcp.contexts:
        context.set_ciphers("AES128-SHA:@SECLEVEL=0" if bad else "AES128-SHA256:@SECLEVEL=0")
    t.call(media=False)


def case_tls_client_cert_requested(t, bad):
    """The trunk opens the connection; the customer's server asks it for a certificate."""
    t.mark("asks for the client's certificate", subject="CertificateRequest")
    t.frame += 3
    secure(t)
    server, t.tcp.server_name = t.tcp.contexts[1], "sbc.example.com"
    if bad:
        server.verify_mode = ssl.CERT_OPTIONAL
        server.load_verify_locations(tunnel.certificate(CERTIFICATES.name, (WILDCARD,), "any.voiceconnector.chime.aws")[0])
    for packet in t.tcp.open((TRUNK, 34567), (CUSTOMER, 5061)):
        t.put(packet)


def case_tls_cert_name(t, bad):
    secure(t, names=("pbx.local",) if bad else (CONNECTOR + WILDCARD[1:],))
    t.call(media=False)
    t.mark("pbx.local", WILDCARD, subject="pbx.local")
    t.frame = 1 + next((i for i, (_, p) in enumerate(t.packets) if b"pbx.local" in p), 0)


def refused(t, names):
    folder = os.path.join(CERTIFICATES.name, "other")
    os.makedirs(folder, exist_ok=True)
    secure(t, names=names, trust=tunnel.certificate(folder)[0])
    for packet in t.tcp.open(t.customer, t.trunk):
        t.put(packet)
    t.mark(subject="unknown_ca")
    t.frame = alert_frame(t, t.customer)


def case_tls_cert_untrusted(t, bad):
    if bad:
        refused(t, (WILDCARD,))
        t.words = ("does not accept", "unknown_ca")
    else:
        secure(t)
        t.call(media=False)


def case_tls_wildcard_refused(t, bad):
    refused(t, (WILDCARD,) if bad else (HOST,))
    t.words = ("wildcard",)
    t.expected = {"tls-cert-untrusted", "tls-handshake-failed"}


def case_signaling_region_mismatch(t, bad):
    t.site = {"region": "us-west-2"}
    t.trunk = (TRUNK if bad else OTHER_REGION, 5060)
    t.mark("us-east-1", "us-west-2")
    t.request("OPTIONS")


def case_signaling_source_not_listed(t, bad):
    t.site = {"allowed_hosts": ["203.0.113.9/32" if bad else CUSTOMER + "/32"]}
    t.mark(CUSTOMER)
    t.call()


def case_unknown_source_inbound(t, bad):
    t.site = SITE
    t.mark("185.53.88.1")
    t.request("INVITE", inbound=True, src=("185.53.88.1", 5060) if bad else None, to_user="+16185558387", body=sdp("185.53.88.1" if bad else "3.80.17.149", 36488))


def case_media_ip(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.mark("18.1.2.3")
    t.reply(invited, 200, body=t.answer_body(address="18.1.2.3" if bad else "3.80.17.149"))


def case_media_port(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.mark("3.80.17.149:4000")
    t.reply(invited, 200, body=t.answer_body(port=4000 if bad else 5000))


def case_legacy_media_range(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.mark("52.55.63.9:2048")
    t.reply(invited, 200, body=t.answer_body(address="52.55.63.9" if bad else "3.80.17.149", port=2048 if bad else 5002))


def case_media_flow_mismatch(t, bad):
    t.call(media=False, talk=False)
    t.mark("198.51.100.204:61002", "198.51.100.204:25388")
    t.rtp(200, both=True, src=(CUSTOMER, 61002) if bad else None)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)


def case_private_address_in_sdp(t, bad):
    t.mark("192.168.100.10")
    t.request("INVITE", body=sdp("192.168.100.10" if bad else CUSTOMER, 25388))


# ---- methods ----

def case_unsupported_method(t, bad):
    t.call(talk=False)
    t.mark("REFER")
    if bad:
        t.request("REFER", to_tag="to1", cseq=102, headers=[("Refer-To", "<sip:+12065550100@example.com>")])
    else:
        t.request("BYE", to_tag="to1", cseq=102)


def case_method_not_listed(t, bad):
    t.mark("REGISTER")
    t.request("REGISTER" if bad else "OPTIONS", uri=f"sip:{HOST}")


def case_trunk_sent_unsupported(t, bad):
    t.call(talk=False)
    t.mark("UPDATE")
    t.request("UPDATE" if bad else "INVITE", inbound=True, to_tag="from1", cseq=900, from_value=f"<sip:{CALLED}@{HOST}>;tag=to1", body="" if bad else t.answer_body())


def case_allow_advertises_unsupported(t, bad):
    t.mark("REFER, INFO")
    t.request("INVITE", body=t.offer(), headers=[("Allow", "INVITE, ACK, CANCEL, OPTIONS, BYE" + (", REFER, INFO" if bad else ""))])


def case_require_needs_unsupported(t, bad):
    t.mark("100rel", "PRACK")
    t.request("INVITE", body=t.offer(), headers=[("Require" if bad else "Supported", "100rel")])


def case_session_refresh_update(t, bad):
    t.call(talk=False)
    t.mark("Session-Expires 1800")
    t.request("UPDATE" if bad else "INVITE", to_tag="to1", cseq=102, headers=[("Session-Expires", "1800;refresher=uac")], body="" if bad else t.offer())


def case_dtmf_via_info(t, bad):
    t.call(talk=False)
    t.mark("application/dtmf-relay")
    if bad:
        t.request("INFO", to_tag="to1", cseq=102, kind="application/dtmf-relay", body="Signal=5\r\nDuration=160\r\n")
    else:
        t.request("BYE", to_tag="to1", cseq=102)


def case_unsupported_method_response(t, bad):
    t.call(talk=False)
    asked = t.request("INFO" if bad else "BYE", to_tag="to1", cseq=102)
    t.mark("INFO")
    t.reply(asked, 405 if bad else 200)


# ---- headers ----

def case_missing_header(t, bad):
    t.call(talk=False)
    t.mark("Contact", subject="Contact")
    t.request("BYE", to_tag="to1", cseq=102, drop=("Contact",) if bad else ())
    t.request("CANCEL", cseq=101, call_id="other", drop=("Contact",))
    if not bad:
        t.request("OPTIONS", call_id="compact", drop=("Contact",), headers=[("m", "<sip:pbx@198.51.100.204>")])


def case_to_tag_missing_in_dialog(t, bad):
    t.call(talk=False)
    t.mark("To has no tag")
    t.request("BYE", to_tag="" if bad else "to1", cseq=102)


def case_via_transport_mismatch(t, bad):
    t.tcp = wire.Tcp()
    t.mark("UDP", "TCP")
    t.frame += 3
    t.request("OPTIONS", via=f"SIP/2.0/{'UDP' if bad else 'TCP'} {CUSTOMER}:5060;branch=z9hG4bK77")


def case_switch_to_tcp_via(t, bad):
    t.tcp = wire.Tcp(mss=4000)
    t.mark("UDP")
    t.frame += 3
    t.request("INVITE", via=f"SIP/2.0/{'UDP' if bad else 'TCP'} {CUSTOMER}:5060;branch=z9hG4bK77", body=t.offer(), headers=[("X-Padding", "x" * 1000)])


def case_max_forwards_low(t, bad):
    t.mark("Max-Forwards is 0")
    t.request("OPTIONS", replace={"Max-Forwards": "0" if bad else "70"})


def case_contact_uri_invalid(t, bad):
    t.mark("Contact")
    t.request("INVITE", body=t.offer(), replace={"Contact": "<tel:+16285551212>" if bad else "<sip:198.51.100.204>"})


def teams(t):
    """SIP of a trunk that takes TLS only, in the clear, as behind a TLS offload: that much is wrong in the good case too."""
    t.profile = "teams"
    t.site = {"own_networks": [CUSTOMER + "/32"], "sbc_fqdn": "sbc.example.com"}
    t.tcp = wire.Tcp()
    t.trunk = ("52.112.1.1", 5061)
    t.expected = {"cleartext-on-tls-port", "secure-required"}


def case_forbidden_header(t, bad):
    teams(t)
    t.mark("Replaces")
    t.frame += 3
    t.request("INVITE", uri="sip:+12125551212@sip.pstnhub.microsoft.com", body=t.offer(), replace={"Contact": "<sip:sbc.example.com:5061>"},
              headers=[("Replaces", "a@b;to-tag=1;from-tag=2")] if bad else ())


def case_header_constraint(t, bad):
    teams(t)
    t.mark("198.51.100.204" if bad else "")
    t.frame += 3
    t.request("OPTIONS", uri="sip:sip.pstnhub.microsoft.com", replace={"Contact": "<sip:198.51.100.204>" if bad else "<sip:sbc.example.com:5061>"})


# ---- Request-URI and numbers ----

def case_options_ruri_host(t, bad):
    t.mark("3.80.16.13")
    t.request("OPTIONS", uri="sip:3.80.16.13:5060" if bad else None)


def case_options_ruri_connector(t, bad):
    t.site = {"connector_id": "zzzzzzzzzzzzzzzz99999" if bad else CONNECTOR}
    t.mark(CONNECTOR, "zzzzzzzzzzzzzzzz99999")
    t.request("OPTIONS")


def siprec(t, **more):
    t.request("INVITE", headers=[("Require", "siprec")], body=t.offer(), **more)


def case_siprec_ruri_host(t, bad):
    t.mark("3.80.16.13")
    siprec(t, uri="sip:srs@3.80.16.13" if bad else f"sip:{CALLED}@abcd112222223333334444.g.voiceconnector.chime.aws:5060")


def case_siprec_from_e164(t, bad):
    t.mark("recorder")
    siprec(t, from_user="recorder" if bad else CALLER)


def case_invite_ruri_host(t, bad):
    t.mark("3.80.16.13")
    t.request("INVITE", uri="sip:+12125551212@3.80.16.13" if bad else None, body=t.offer())


def case_ruri_not_e164(t, bad):
    t.mark("12125551212", "no plus")
    t.request("INVITE", to_user="12125551212" if bad else CALLED, body=t.offer())


def case_ruri_tel_uri(t, bad):
    t.mark("tel:+12125551212")
    t.request("INVITE", uri="tel:+12125551212" if bad else None, body=t.offer())


def case_dialed_number_invalid(t, bad):
    t.mark("+1212555123", "9 digits follow +1")
    t.request("INVITE", to_user="+1212555123" if bad else CALLED, body=t.offer())
    if not bad:
        t.wait(1500)
        t.request("INVITE", to_user="+493012345678", call_id="other", body=t.offer())


def case_destination_not_in_plan(t, bad):
    t.site = {"calling_plan": ["US"] if bad else ["US", "DE"]}
    t.mark("+493012345678", "DE")
    t.request("INVITE", to_user="+493012345678", body=t.offer())


def case_reject_403_explained(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.mark("Forbidden")
    t.reply(invited, 403 if bad else 486)


def case_inbound_ruri_e164(t, bad):
    t.mark("6555")
    t.request("INVITE", inbound=True, to_user="6555" if bad else "+16185558387", body=t.answer_body())


def case_callerid_not_e164(t, bad):
    t.mark("5600", "From")
    t.request("INVITE", from_user="5600" if bad else CALLER, body=t.offer())


def case_pai_shadows_from(t, bad):
    t.mark("5600", "P-Asserted-Identity")
    t.request("INVITE", body=t.offer(), headers=[("P-Asserted-Identity", "<sip:5600@pbx.example.com>" if bad else f"<sip:{CALLER}@pbx.example.com>")])


def case_pai_from_differ(t, bad):
    t.mark("+15105551212", CALLER)
    t.request("INVITE", body=t.offer(), headers=[("P-Asserted-Identity", f"<sip:{'+15105551212' if bad else CALLER}@pbx.example.com>")])


def case_callerid_not_owned(t, bad):
    t.site = {"owned_numbers": ["+18005550100" if bad else CALLER]}
    t.mark(CALLER)
    t.request("INVITE", body=t.offer())


def case_inbound_callerid_e164(t, bad):
    t.mark("anonymous")
    t.request("INVITE", inbound=True, from_user="anonymous" if bad else CALLER, to_user="+16185558387", body=t.answer_body())


def case_inbound_identity_missing(t, bad):
    t.mark("P-Asserted-Identity")
    t.request("INVITE", inbound=True, to_user="+16185558387", body=t.answer_body(), headers=() if bad else [("P-Asserted-Identity", f"<sip:{CALLER}@{HOST}>")])


def case_inbound_display_name(t, bad):
    t.mark("ACME")
    t.request("INVITE", inbound=True, to_user="+16185558387", body=t.answer_body(),
              from_value=f"{chr(34)}ACME{chr(34)} <sip:{CALLER}@{HOST}>;tag=from1" if bad else None)


def case_display_name_ignored(t, bad):
    t.mark("Testing Account")
    t.request("INVITE", body=t.offer(), from_value=f"{chr(34)}Testing Account{chr(34)} <sip:{CALLER}@{CUSTOMER}>;tag=from1" if bad else None)


# ---- size ----

def padded(t, total, **more):
    """An INVITE of exactly so many bytes."""
    t.request("INVITE", body=t.offer(), headers=[("X-Padding", "")], branch="z9hG4bKpadding")
    bare = len(t.last["bytes"])
    t.packets.pop()
    t.request("INVITE", body=t.offer(), headers=[("X-Padding", "x" * (total - bare))], branch="z9hG4bKpadding", **more)
    assert len(t.last["bytes"]) == total, (len(t.last["bytes"]), total)


def case_udp_size_1300(t, bad):
    t.mark("1301" if bad else "")
    padded(t, 1301 if bad else 1300, df=False)


def case_udp_size_near_mtu(t, bad):
    t.site = {"mtu": 1400}
    t.mark("1201" if bad else "")
    padded(t, 1173 if bad else 1172, df=False)  # and 28 of headers


def case_udp_size_over_mtu(t, bad):
    """The site says 1500; a router told of less."""
    t.site, t.expected = {"mtu": 1500}, {"icmp-error", "icmp-frag-needed"}
    first = t.request("INVITE", body=t.offer(), call_id="first@x")
    t.put(wire.ip("192.0.2.1", CUSTOMER, 1, struct.pack(">BBHHH", 3, 4, 0, 0, 1400) + wire.udp_packet(t.customer, t.trunk, first["bytes"])[:200]))
    t.mark("1401", "1400 by an ICMP error", "DF")
    padded(t, 1373 if bad else 1372)


def case_df_set_large(t, bad):
    t.mark("1300" if bad else "")
    padded(t, 1272, df=bad)


def case_udp_fragmented(t, bad):
    padded(t, 1290, df=False, size=800 if bad else None)
    t.mark("2 IP fragments", back=1)


def case_fragment_lost(t, bad):
    padded(t, 1290, df=False, size=800)
    t.mark("1 fragment came", back=2)
    if bad:
        t.packets.pop()
    t.wait(40000)
    t.request("OPTIONS", call_id="later")


def case_icmp_frag_needed(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.mark("1400")
    t.expected = {"icmp-error"}
    quoted = wire.udp_packet(t.customer, t.trunk, invited["bytes"])[:200]
    t.put(wire.ip("192.0.2.1", CUSTOMER, 1, struct.pack(">BBHHH", 3, 4 if bad else 1, 0, 0, 1400 if bad else 0) + quoted))


def repeats(t, count):
    invited = t.request("INVITE", body=t.offer())
    wait = 500
    for _ in range(count):
        t.wait(wait)
        t.mark("was sent")
        t.repeat(invited)
        wait *= 2
    return invited


def case_retransmit_no_response(t, bad):
    invited = repeats(t, 6 if bad else 0)
    t.wait(100 if not bad else 40000)
    if bad:
        t.request("OPTIONS", call_id="later")
    else:
        t.reply(invited, 100)


def case_request_repeated(t, bad):
    invited = repeats(t, 3 if bad else 1)
    if not bad:
        t.reply(invited, 100)


def case_large_response(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.mark("IP fragments" if False else "its datagram has")
    t.frame += 1 if bad else 0
    t.reply(invited, 200, body=t.answer_body(), headers=[("X-Padding", "x" * (1300 if bad else 100))], df=False, size=1000 if bad else None)


# ---- authentication ----

CHALLENGE = ("Proxy-Authenticate", 'Digest realm="voiceconnector", nonce="abc123", algorithm=MD5, qop="auth"')


def credentials(**change):
    values = {"username": '"u"', "realm": '"voiceconnector"', "nonce": '"abc123"', "uri": f'"sip:{CALLED}@{HOST}"', "response": '"0123456789abcdef0123456789abcdef"',
              "algorithm": "MD5", "qop": "auth", "nc": "00000001", "cnonce": '"xyz"', **change}
    return "Digest " + ", ".join(f"{k}={v}" for k, v in values.items() if v)


def challenged(t, header="Proxy-Authorization", cseq=102, value=None, words=(), status=407, challenge=CHALLENGE):
    invited = t.request("INVITE", body=t.offer())
    t.wait(20)
    t.reply(invited, status, headers=[challenge])
    t.request("ACK", to_tag="to1", branch=None)
    t.wait(20)
    t.mark(*words)
    return t.request("INVITE", body=t.offer(), cseq=cseq, headers=[(header, value or credentials())])


def case_digest_no_retry(t, bad):
    invited = t.request("INVITE", body=t.offer())
    t.mark("407")
    t.reply(invited, 407, headers=[CHALLENGE])
    t.request("ACK", to_tag="to1")
    if not bad:
        t.request("INVITE", body=t.offer(), cseq=102, headers=[("Proxy-Authorization", credentials())])
    t.wait(40000)
    t.request("OPTIONS", call_id="later")


def case_digest_header_pairing(t, bad):
    challenged(t, "Authorization" if bad else "Proxy-Authorization", words=("407", "Authorization"))


def case_digest_params(t, bad):
    challenged(t, value=credentials(realm='"asterisk"' if bad else '"voiceconnector"'), words=("realm", "asterisk"))


def case_digest_uri_mismatch(t, bad):
    challenged(t, value=credentials(uri='"sip:3.80.16.13"') if bad else None, words=("sip:3.80.16.13",))


def case_digest_cseq(t, bad):
    challenged(t, cseq=101 if bad else 102, words=("101",))


def case_digest_nc(t, bad):
    challenged(t, value=credentials(cnonce="") if bad else None, words=("cnonce",))


def case_digest_stale_loop(t, bad):
    again = challenged(t)
    for i in range(2 if bad else 1):
        t.mark("third challenge")
        t.reply(again, 407, headers=[("Proxy-Authenticate", f'Digest realm="voiceconnector", nonce="n{i}", algorithm=MD5, qop="auth"')])
        again = t.request("INVITE", body=t.offer(), cseq=103 + i, headers=[("Proxy-Authorization", credentials(nonce=f'"n{i}"'))])
    t.mark("third challenge", back=2 if bad else 0)


def case_digest_algorithm(t, bad):
    challenged(t, value="Basic dXNlcjpwYXNz" if bad else None, words=("Basic",))


def case_digest_bad_response(t, bad):
    ha1 = hashlib.md5(b"pbx:voiceconnector:secret").hexdigest()
    t.site = {"digest": {"pbx": ha1}}
    first = t.request("INVITE", body=t.offer())
    t.reply(first, 407, headers=[("Proxy-Authenticate", 'Digest realm="voiceconnector", nonce="n1", algorithm=MD5, qop="auth"')])
    t.request("ACK", branch="z9hG4bK00001", to_tag="to1")
    uri = f"sip:{CALLED}@{HOST}"
    ha2 = hashlib.md5(f"INVITE:{uri}".encode()).hexdigest()
    right = hashlib.md5(f"{ha1}:n1:00000001:c1:auth:{ha2}".encode()).hexdigest()
    response = "00" * 16 if bad else right
    t.mark("pbx", "HA1")
    t.request("INVITE", cseq=102, body=t.offer(), headers=[("Proxy-Authorization", f'Digest username="pbx", realm="voiceconnector", nonce="n1", '
                                                            f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c1"')])


def case_digest_challenge_ack_cancel(t, bad):
    t.request("INVITE", body=t.offer(), branch="z9hG4bKsame")
    cancelled = t.request("CANCEL", branch="z9hG4bKsame", drop=("Contact",))
    t.mark("CANCEL")
    t.reply(cancelled, 407 if bad else 200, headers=[CHALLENGE] if bad else ())


# ---- encryption ----

CM128, CM256 = "AES_CM_128_HMAC_SHA1_80", "AES_CM_256_HMAC_SHA1_80"


def offer_crypto(t, *lines, **more):
    t.mark(*more.pop("words", ()))
    return t.request("INVITE", body=t.offer(protocol="RTP/SAVP", crypto=lines or ((1, CM128, KEY30),), **more))


def case_encryption_cleartext_signaling(t, bad):
    t.site = {"encryption": "on" if bad else "off"}
    t.mark("udp")
    t.request("OPTIONS")


def case_encryption_plain_rtp_offer(t, bad):
    t.site = {"encryption": "on" if bad else "off"}
    t.mark("RTP/AVP")
    t.request("INVITE", body=t.offer())


def case_encryption_off_savp(t, bad):
    t.site = {"encryption": "off"}
    t.mark("RTP/SAVP")
    t.request("INVITE", body=t.offer(protocol="RTP/SAVP", crypto=((1, CM128, KEY30),)) if bad else t.offer())


def case_srtp_crypto_missing(t, bad):
    t.mark("no a=crypto")
    t.request("INVITE", body=t.offer(protocol="RTP/SAVP", crypto=() if bad else ((1, CM128, KEY30),)))


def case_srtp_no_supported_suite(t, bad):
    offer_crypto(t, *([(1, "AEAD_AES_256_GCM", "A" * 59 + "=")] + ([] if bad else [(2, CM128, KEY30)])), words=("AEAD_AES_256_GCM",))


def case_srtp_extra_suite(t, bad):
    offer_crypto(t, *([(1, CM128, KEY30)] + ([(2, "AEAD_AES_256_GCM", "A" * 59 + "=")] if bad else [])), words=("AEAD_AES_256_GCM",))


def case_srtp_suite_alias(t, bad):
    offer_crypto(t, (1, "AES_256_CM_HMAC_SHA1_80" if bad else CM256, KEY46 if len(KEY46) == 64 else "A" * 62 + "=="), words=("AES_256_CM_HMAC_SHA1_80",))


def case_srtp_key_length(t, bad):
    offer_crypto(t, (1, CM128, "A" * 42 + "==" if bad else KEY30), words=("31 bytes", "30"))


def case_srtp_answer_suite(t, bad):
    invited = offer_crypto(t)
    t.mark("tag 9")
    t.reply(invited, 200, body=t.answer_body(protocol="RTP/SAVP", crypto=((9 if bad else 1, CM128, KEY30),)))


def case_srtp_key_in_clear(t, bad):
    t.mark("udp")
    t.request("INVITE", body=t.offer(protocol="RTP/SAVP", crypto=((1, CM128, KEY30),)) if bad else t.offer())


def case_srtp_mki(t, bad):
    t.profile = "twilio"
    t.trunk = ("54.172.60.1", 5060)
    t.mark("has an MKI")
    t.request("INVITE", uri="sip:+12125551212@example.pstn.twilio.com", body=t.offer(protocol="RTP/SAVP", crypto=((1, CM128, KEY30 + ("|2^20|1:4" if bad else "|2^20")),)))


def case_srtp_default_order(t, bad):
    t.mark("AEAD_AES_256_GCM")
    key = "A" * 59 + "=" if bad else KEY30
    t.request("INVITE", inbound=True, to_user="+16185558387", body=t.answer_body(protocol="RTP/SAVP", crypto=((1, "AEAD_AES_256_GCM" if bad else CM128, key),)))


def case_concurrent_exceeded(t, bad):
    t.profile = {"limits": {"concurrent_calls": 2 if bad else 3}}
    for i in range(3):
        t.request("INVITE", body=t.offer(), call_id=f"call-{i}")
        t.wait(1100)
    t.mark("call 3", back=1)


def ulaw(value):
    """A 16-bit sample as G.711 mu-law."""
    sign, value = (0x80, -value) if value < 0 else (0, value)
    value = min(value + 132, 32767)
    exponent = max(value.bit_length() - 8, 0)
    return ~(sign | exponent << 4 | (value >> (exponent + 3) & 15)) & 0xff


def case_dtmf_inband(t, bad):
    t.options = ["--tones"]
    t.call(media=False, talk=False)
    t.mark("1 DTMF tones")
    for i in range(300):
        tone = 100 <= i < 110
        samples = bytes(ulaw(round(6000 * (math.sin(2 * math.pi * 770 * n / 8000) + (math.sin(2 * math.pi * 1336 * n / 8000) if bad else 0)))) if tone else 0xff
                        for n in range(i * 160, i * 160 + 160))
        t.put(wire.udp_packet((CUSTOMER, 25388), ("3.80.17.149", 36488), struct.pack(">BBHII", 0x80, 0, 1000 + i, i * 160, 0x11) + samples))
        t.put(wire.udp_packet(("3.80.17.149", 36488), (CUSTOMER, 25388), struct.pack(">BBHII", 0x80, 0, 9000 + i, i * 160, 0x22) + b"\xff" * 160))
        t.wait(20)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)


def case_secure_required(t, bad):
    t.profile = "teams" if bad else "voice-connector"
    t.site = {"own_networks": [CUSTOMER + "/32"]}
    t.tcp = wire.Tcp()
    t.trunk = ("52.112.1.1", 5061) if bad else t.trunk
    t.mark("tcp")
    t.frame += 3
    t.request("OPTIONS", uri="sip:sip.pstnhub.microsoft.com" if bad else None)


# ---- session descriptions ----

def case_sdp_syntax(t, bad):
    t.mark("s=")
    t.request("INVITE", body=t.offer(session=None if bad else "s=-"))


def case_sdp_missing(t, bad):
    t.call(offer="", answer="" if bad else t.answer_body(), media=False)
    t.mark("frame 1", back=5 if False else 0)
    t.frame = 4


def case_sdp_delayed_offer(t, bad):
    teams(t)
    t.mark("no offer")
    t.frame += 3
    t.request("INVITE", uri="sip:+12125551212@sip.pstnhub.microsoft.com", replace={"Contact": "<sip:sbc.example.com:5061>"}, body="" if bad else t.offer())


G729 = ((18, "G729/8000"), (101, "telephone-event/8000"))


def case_codec_pcmu_missing(t, bad):
    t.mark("G729/8000")
    t.request("INVITE", body=t.offer(formats=G729 if bad else ((0, "PCMU/8000"),) + G729))


def case_codec_extra(t, bad):
    t.mark("G729/8000")
    t.request("INVITE", body=t.offer(formats=((0, "PCMU/8000"),) + (G729 if bad else G729[1:])))


def case_codec_not_pcmu_selected(t, bad):
    invited = t.request("INVITE", body=t.offer(formats=((0, "PCMU/8000"), (8, "PCMA/8000"), (101, "telephone-event/8000"))))
    t.mark("PCMA/8000")
    t.reply(invited, 200, body=t.answer_body(formats=((8 if bad else 0, "PCMA/8000" if bad else "PCMU/8000"), (101, "telephone-event/8000"))))


def case_codec_g722_non_meeting(t, bad):
    t.site = {"meeting_numbers": ["+17035550122"]}
    t.mark("G722")
    t.request("INVITE", to_user=CALLED if bad else "+17035550122", body=t.offer(formats=((9, "G722/8000"), (101, "telephone-event/8000"))))


def case_ptime_unusual(t, bad):
    t.mark("60" if bad else "")
    t.request("INVITE", body=t.offer(extra=("a=ptime:60" if bad else "a=ptime:20",)))


def case_dtmf_telephone_event_missing(t, bad):
    t.mark("telephone-event")
    t.request("INVITE", body=t.offer(formats=((0, "PCMU/8000"),) + (() if bad else ((101, "telephone-event/8000"),))))


def case_dtmf_clock_rate(t, bad):
    t.mark("48000", "8000")
    t.request("INVITE", body=t.offer(formats=((0, "PCMU/8000"), (101, "telephone-event/48000" if bad else "telephone-event/8000"))))


def case_fax_t38_line(t, bad):
    t.call(talk=False)
    t.mark("audio")
    body = sdp(CUSTOMER, 25388, formats=(("t38", ""),), kind="audio" if bad else "image", protocol="udptl")
    t.request("INVITE", to_tag="to1", cseq=102, body=body)


def case_fax_rejected(t, bad):
    t.call(talk=False)
    body = sdp(CUSTOMER, 25388, formats=(("t38", ""),), kind="image", protocol="udptl")
    again = t.request("INVITE", to_tag="to1", cseq=102, body=body)
    t.mark("T.38")
    t.reply(again, 488 if bad else 200, body="" if bad else sdp("3.80.17.149", 36488, formats=(("t38", ""),), kind="image", protocol="udptl"))


def case_fax_g711_alaw(t, bad):
    t.call(talk=False)
    again = t.request("INVITE", to_tag="to1", cseq=102, body=sdp(CUSTOMER, 25388, formats=(("t38", ""),), kind="image", protocol="udptl"))
    t.reply(again, 488)
    t.expected = {"fax-rejected"}
    third = t.request("INVITE", to_tag="to1", cseq=103, body=t.offer(formats=((8, "PCMA/8000"), (0, "PCMU/8000"), (101, "telephone-event/8000"))))
    t.mark("PCMA", "T.38")
    kept = (8, "PCMA/8000") if bad else (0, "PCMU/8000")
    t.reply(third, 200, body=t.answer_body(formats=(kept, (101, "telephone-event/8000"))))


def case_fax_bandwidth(t, bad):
    t.call(talk=False)
    fax = {"formats": (("t38", ""),), "kind": "image", "protocol": "udptl"}
    again = t.request("INVITE", to_tag="to1", cseq=102, body=sdp(CUSTOMER, 25388, **fax))
    t.reply(again, 200, body=sdp("3.80.17.149", 36488, **fax))
    t.request("ACK", to_tag="to1", cseq=102)
    t.mark("54.4 kbit/s", "T.38")
    for i in range(300):   # (24 + 28) * 8 / 20 ms is 20.8 kbit/s, (108 + 28) * 8 / 20 is 54.4
        copies = [bytes([0xc0, 1, (i - k) % 256]) for k in range(25 if bad else 4, -1, -1)]
        repeated = b"".join(bytes([len(c)]) + c for c in copies[:-1])
        data = struct.pack(">H", i) + b"\x03" + copies[-1] + bytes([0, len(copies) - 1]) + repeated
        t.put(wire.udp_packet((CUSTOMER, 25388), ("3.80.17.149", 36488), data))
        t.wait(20)


def case_sip_alg(t, bad):
    t.mark("10.0.0.141")
    t.request("INVITE", body=t.offer(origin="10.0.0.141" if bad else CUSTOMER), replace={"Contact": "<sip:10.0.0.141:5060>" if bad else "<sip:198.51.100.204:5060>"})


# ---- streams ----

def talked(t, count=200, **more):
    t.call(media=False, talk=False)
    t.mark(*more.pop("words", ()))
    t.rtp(count, **more)
    ended = t.request("BYE", to_tag="to1", cseq=102)
    t.wait(10)
    t.reply(ended, 200)


def case_audio_bandwidth_low(t, bad):
    t.profile = "ivrpowers"
    opus = {"formats": ((111, "opus/48000/2"),)}
    t.call(media=False, talk=False, offer=t.offer(**opus), answer=t.answer_body(**opus))
    t.mark("28.0 kbit/s")
    t.expected = {"one-way-media"}
    for i in range(400):   # (12 + payload + 28) * 8 / 20 ms
        head = struct.pack(">BBHII", 0x80, 111, i, i * 960, 0x11223344)
        t.put(wire.udp_packet((CUSTOMER, 25388), ("3.80.17.149", 36488), head + bytes([0x78]) + bytes([7] * ((30 if bad else 65) - 1))))
        t.wait(20)


def case_codec_pt_mismatch(t, bad):
    talked(t, both=not bad, pt=18 if bad else 0, payload=20 if bad else 160, words=("18",))


def event(t, digit, packets, ended, timestamp, seq):
    for i in range(packets):
        last = ended and i == packets - 1
        head = struct.pack(">BBHII", 0x80, 101, seq + i, timestamp, 0x11223344)
        t.put(wire.udp_packet((CUSTOMER, 25388), ("3.80.17.149", 36488), head + struct.pack(">BBH", digit, (0x80 if last else 0) | 10, 160 * (i + 1))))
        t.wait(20)


def case_dtmf_event_malformed(t, bad):
    t.call(media=False, talk=False)
    t.mark("no end packet")
    t.rtp(100, both=True)
    event(t, 5, 6, not bad, 16000, 1100)
    t.rtp(100, both=True, seq=1106, timestamp=17000, mark=False)
    ended = t.request("BYE", to_tag="to1", cseq=102)
    t.reply(ended, 200)


def secure_call(t, words, payload):
    t.call(offer=t.offer(protocol="RTP/SAVP", crypto=((1, CM128, KEY30),)), answer=t.answer_body(protocol="RTP/SAVP", crypto=((1, CM128, KEY30),)), media=False, talk=False)
    t.mark(*words)
    t.rtp(200, both=True, payload=payload)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)


def case_srtp_not_encrypted_on_wire(t, bad):
    secure_call(t, ("172",), 160 if bad else 170)


def case_rtp_unexpected_srtp(t, bad):
    talked(t, both=True, payload=170 if bad else 160, words=("182",))


def case_bandwidth_per_call(t, bad):
    talked(t, 400, both=True, ptime=10 if bad else 20, payload=80 if bad else 160, words=("kbit/s",))


def case_rtcp_missing(t, bad):
    t.call(media=False, talk=False)
    t.mark("no RTCP")
    t.frame = 1
    for block in range(6):
        t.rtp(100, both=True, seq=1000 + block * 100, timestamp=block * 16000, mark=block == 0)
        if not bad:
            report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 0x11223344, 0x83aa7e80 + block, 0, block * 16000, 100 * block, 16000 * block)
            t.put(wire.udp_packet((CUSTOMER, 25389), ("3.80.17.149", 36489), report))
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)


def case_rtt_high(t, bad):
    t.call(media=False, talk=False)
    t.mark("round trip")
    delay = 170 if bad else 60  # each way between tap and end, once on each side
    t.rtp(100, both=True)
    sent = 0x83aa7e80
    sr = struct.pack(">BBHIIIIII", 0x80, 200, 6, 0x11223344, sent, 0, 16000, 100, 16000)
    t.put(wire.udp_packet((CUSTOMER, 25389), ("3.80.17.149", 36489), sr))
    t.wait(2 * delay)
    back = struct.pack(">BBHIIIIIIIIIIII", 0x81, 200, 12, 0x11223344 ^ 0xffff, sent, 0, 16000, 100, 16000,
                       0x11223344, 0, 1100, 0, (sent & 0xffff) << 16, 0)
    t.put(wire.udp_packet(("3.80.17.149", 36489), (CUSTOMER, 25389), back))
    lsr = (sent & 0xffff) << 16
    t.wait(2 * delay)
    answer = struct.pack(">BBHIIIIIIIIIIII", 0x81, 200, 12, 0x11223344, sent + 5, 0, 24000, 150, 24000,
                         0x11223344 ^ 0xffff, 0, 1600, 0, lsr, 0)
    t.put(wire.udp_packet((CUSTOMER, 25389), ("3.80.17.149", 36489), answer))
    t.rtp(100, both=True, seq=1100, timestamp=24000, mark=False)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)


def case_jitter_high(t, bad):
    talked(t, 400, both=True, jitter=120 if bad else 5, words=("mean jitter",))


def case_loss_high(t, bad):
    talked(t, 400, both=True, lose=range(20, 400, 25) if bad else (50, 300), words=("were lost",))


def case_burst_loss(t, bad):
    talked(t, 400, both=True, lose=range(100, 112 if bad else 104), words=("12 packets in a row",))


def case_mos_low(t, bad):
    t.profile = {"quality": {"mos_min": 3.9}}
    talked(t, 400, both=True, lose=[i for i in range(20, 400) if i % 6 == 0] if bad else (), words=("MOS is",))


def case_nat_rebinding(t, bad):
    t.call(media=False, talk=False)
    t.rtp(150, both=True)
    t.mark("goes on", "198.51.100.204:25388")
    t.rtp(150, both=True, seq=1150, timestamp=150 * 160, mark=False, src=(CUSTOMER, 61010) if bad else None)
    t.reply(t.request("BYE", to_tag="to1", cseq=102), 200)


# ---- many calls ----

def case_cps_exceeded(t, bad):
    for i in range(2):
        t.request("INVITE", body=t.offer(), call_id=f"call-{i}", cseq=101)
        t.mark("call 2", back=1)
        t.wait(100 if bad else 1100)


def case_bandwidth_capacity(t, bad):
    t.site = {"link_kbps": 200 if bad else 1000}
    for i in range(3):
        t.request("INVITE", body=t.offer(), call_id=f"call-{i}")
        t.wait(1100)
    t.mark("call 3", back=1)


CASES = {name[5:].replace("_", "-"): function for name, function in list(globals().items()) if name.startswith("case_")}

"""What calls do: RFC 3261 flows with one right answer each."""
import wire
from scene import ABSENT, ALICE, BOB, FULL, AnyOf, Has, Leg, Scene, sdp

CAROL, PROXY, PBX = ("10.3.0.3", 5060), ("10.0.0.9", 5060), ("10.0.0.8", 5060)


def one_leg(c, **more):
    scene = Scene()
    return scene, Leg(scene, **more)


def final(c, status, state, ringing=True, **facts):
    """INVITE, 100, 180, a final error, its ACK."""
    scene, leg = one_leg(c)
    if ringing:
        leg.ring()
    else:
        leg.invite()
    scene.wait(500)
    leg.reply(leg.invited, status)
    scene.wait(5)
    leg.ack(status=status)
    c.leg(leg, state=state, status=status, method="INVITE", answer=ABSENT, setup_ms=ABSENT, duration_ms=ABSENT, retransmissions=0, **facts)
    c.capture(scene)


# ---- final responses ----

def flow_answered(c):
    """INVITE, 100, 180, 200, ACK, BYE by the caller, 200: every time of the record."""
    scene, leg = one_leg(c)
    leg.whole()
    c.full(start="2026-01-31T12:00:00.000000Z", answer="2026-01-31T12:00:02.000000Z", end="2026-01-31T12:00:05.000000Z",
           src="10.1.0.1:5060", dst="10.2.0.2:5060", transport="udp", from_user="alice", to_user="bob", request_uri="sip:bob@10.2.0.2",
           reason="OK", user_agents=Has("Alicephone 1.0", "Bobphone 2.0"), codecs=Has("PCMU"))
    c.summary = {"packets": 7, "sip_messages": 7, "calls": 1}
    c.capture(scene)


def flow_callee_hangs_up(c):
    """The callee sends the BYE."""
    scene, leg = one_leg(c)
    leg.whole(by="callee")
    c.full(ended_by="callee")
    c.capture(scene)


def flow_486_busy(c):
    """486 is busy."""
    final(c, 486, "busy", reason="Busy Here")


def flow_600_busy(c):
    """600 is busy."""
    final(c, 600, "busy")


def flow_480_rejected(c):
    """480 is rejected, not busy."""
    final(c, 480, "rejected")


def flow_400_rejected(c):
    """400 and its ACK: rejected, not a call in progress."""
    final(c, 400, "rejected", ringing=False, pdd_ms=ABSENT, ring_ms=ABSENT)


def flow_404_rejected(c):
    """404 before any ringing."""
    final(c, 404, "rejected", ringing=False, pdd_ms=ABSENT)


def flow_603_rejected(c):
    """603 is rejected."""
    final(c, 603, "rejected")


def flow_503_rejected(c):
    """503 is rejected."""
    final(c, 503, "rejected")


def flow_300_redirected(c):
    """300 and its ACK: redirected."""
    final(c, 300, "redirected", ringing=False)


def flow_302_redirected(c):
    """302 is redirected."""
    final(c, 302, "redirected", ringing=False)


def flow_408_rejected(c):
    """408 that somebody sent is a final response: rejected."""
    final(c, 408, "rejected")


def flow_299_unusual_success(c):
    """Any 2xx answers (RFC 3261 8.1.3.2: an unknown code is taken as x00)."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(900)
    leg.reply(leg.invited, 299, reason="Fine", body=sdp(BOB))
    leg.ack()
    scene.wait(1000)
    leg.bye()
    c.leg(leg, state="completed", status=299, reason="Fine", setup_ms=1000, duration_ms=1000)
    c.capture(scene)


def flow_empty_reason(c):
    """A reason phrase may be empty (RFC 3261 7.2)."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(100)
    leg.reply(leg.invited, 486, reason="")
    leg.ack(status=486)
    c.leg(leg, state="busy", status=486)
    c.capture(scene)


# ---- provisional responses ----

def flow_181_then_answered(c):
    """181 is a stage, not an end: the call is completed."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(100)
    leg.reply(leg.invited, 181)
    scene.wait(900)
    leg.answer()
    leg.ack()
    scene.wait(2000)
    leg.bye()
    c.leg(leg, state="completed", status=200, setup_ms=1000, duration_ms=2000)
    c.capture(scene)


def flow_183_early_media(c):
    """183 with SDP is the first 18x."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(300)
    leg.reply(leg.invited, 183, body=sdp(BOB, 6000))
    scene.wait(300)
    leg.reply(leg.invited, 180)
    scene.wait(400)
    leg.answer()
    leg.ack()
    scene.wait(500)
    leg.bye()
    c.leg(leg, state="completed", pdd_ms=300, ring_ms=700, setup_ms=1000, duration_ms=500)
    c.capture(scene)


def flow_100_only(c):
    """100 alone is setup while the capture is younger than 32 s."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(50)
    leg.reply(leg.invited, 100)
    scene.wait(3000)
    scene.other_traffic()
    c.leg(leg, state="setup", status=ABSENT, pdd_ms=ABSENT, answer=ABSENT, end=ABSENT)
    c.capture(scene)


def flow_ringing_at_end(c):
    """180 and then the capture ends."""
    scene, leg = one_leg(c)
    leg.ring()
    c.leg(leg, state="ringing", status=ABSENT, pdd_ms=100, ring_ms=ABSENT, setup_ms=ABSENT, ended_by=AnyOf("none", ABSENT))
    c.capture(scene)


def flow_rings_for_a_minute(c):
    """Timer B ends with the first provisional response: a minute of ringing and then an answer is a completed call."""
    scene, leg = one_leg(c)
    leg.ring()
    for _ in range(6):
        scene.wait(10000)
        scene.other_traffic()
    leg.answer()
    leg.ack()
    scene.wait(1000)
    leg.bye()
    c.leg(leg, state="completed", status=200, ring_ms=60000, setup_ms=60100, duration_ms=1000)
    c.capture(scene)


def flow_timeout(c):
    """Seven INVITEs (T1 doubling) and no answer for 40 s of capture."""
    scene, leg = one_leg(c)
    first = leg.invite()
    for pause in (500, 1000, 2000, 4000, 8000, 16000):
        scene.wait(pause)
        leg.repeat(first)
    scene.wait(8500)
    scene.other_traffic()
    c.leg(leg, state="timeout", status=ABSENT, messages=7, retransmissions=6)
    c.capture(scene)


def flow_no_answer_short(c):
    """No response, but the capture ends after 10 s: still setup."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(10000)
    scene.other_traffic()
    c.leg(leg, state="setup", messages=1)
    c.capture(scene)


# ---- answers ----

def flow_200_without_ack(c):
    """The 2xx answers, whether or not the ACK was captured."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(900)
    leg.answer()
    scene.wait(2000)
    scene.other_traffic()
    c.leg(leg, state="in-call", status=200, setup_ms=1000, duration_ms=ABSENT)
    c.capture(scene)


def flow_200_without_ack_then_bye(c):
    """Answered without a captured ACK, then BYE: completed."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(900)
    leg.answer()
    scene.wait(2000)
    leg.bye()
    c.leg(leg, state="completed", status=200, setup_ms=1000, duration_ms=2000)
    c.capture(scene)


def flow_in_call(c):
    """Answered and no BYE before the capture ends."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(60000)
    scene.other_traffic()
    c.leg(leg, state="in-call", status=200, setup_ms=2000, duration_ms=ABSENT, end=ABSENT)
    c.capture(scene)


def flow_bye_without_reply(c):
    """A BYE ends the call, answered or not."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(990)
    leg.bye(reply=None)
    c.leg(leg, state="completed", duration_ms=1000, ended_by="caller")
    c.capture(scene)


def flow_offer_in_200(c):
    """No SDP in the INVITE: offer in the 200, answer in the ACK (RFC 3264)."""
    scene, leg = one_leg(c, offer=False)
    leg.ring()
    scene.wait(1900)
    leg.answer()
    leg.ack(body=sdp(ALICE))
    scene.wait(3000)
    leg.bye()
    c.full(codecs=Has("PCMU"))
    c.capture(scene)


def flow_no_ringing(c):
    """200 without any provisional response: pdd_ms and ring_ms are absent."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(700)
    leg.answer()
    leg.ack()
    scene.wait(300)
    leg.bye()
    c.leg(leg, state="completed", pdd_ms=ABSENT, ring_ms=ABSENT, setup_ms=700, duration_ms=300)
    c.capture(scene)


# ---- CANCEL ----

def flow_cancelled(c):
    """CANCEL, 200, 487, ACK: cancelled by the caller."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(4900)
    t = leg.cancel()
    scene.wait(10)
    leg.reply(t, 200)
    scene.wait(10)
    leg.reply(leg.invited, 487)
    scene.wait(10)
    leg.ack(status=487)
    c.leg(leg, state="cancelled", status=487, pdd_ms=100, answer=ABSENT, ended_by="caller", end="2026-01-31T12:00:05.020000Z")
    c.capture(scene)


def flow_487_before_200_of_cancel(c):
    """The 487 may come before the 200 of the CANCEL."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(900)
    t = leg.cancel()
    scene.wait(10)
    leg.reply(leg.invited, 487)
    leg.reply(t, 200)
    leg.ack(status=487)
    c.leg(leg, state="cancelled", status=487)
    c.capture(scene)


def flow_cancel_crosses_200(c):
    """The CANCEL comes too late: the call is answered (RFC 3261 9.1) and ends with a BYE."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(1899)
    t = leg.cancel()
    scene.wait(1)
    leg.answer()
    scene.wait(1)
    leg.reply(t, 200)
    leg.ack()
    scene.wait(2999)
    leg.bye()
    c.leg(leg, state="completed", status=200, setup_ms=2000, duration_ms=3000)
    c.capture(scene)


def flow_cancel_crosses_200_in_call(c):
    """As before, and they talk when the capture ends."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(1899)
    t = leg.cancel()
    leg.reply(t, 200)
    scene.wait(1)
    leg.answer()
    leg.ack()
    scene.wait(3000)
    scene.other_traffic()
    c.leg(leg, state="in-call", status=200, setup_ms=2000)
    c.capture(scene)


def flow_cancel_of_reinvite(c):
    """A cancelled re-INVITE does not undo the call."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(490)
    again = leg.request("INVITE", to_tag=True, body=sdp(ALICE, version=2))
    scene.wait(100)
    t = leg.cancel(again)
    leg.reply(t, 200)
    leg.reply(again, 487)
    leg.ack(again, status=487)
    scene.wait(400)
    leg.bye()
    c.leg(leg, state="completed", status=200, duration_ms=1000)
    c.capture(scene)


# ---- authentication ----

def challenge(c, status, header):
    scene, leg = one_leg(c)
    first = leg.invite()
    scene.wait(20)
    leg.reply(first, status, headers=[(header, 'Digest realm="example.com", nonce="abc", algorithm=MD5')])
    scene.wait(5)
    leg.ack(first, status=status)
    scene.wait(75)
    credentials = 'Digest username="alice", realm="example.com", nonce="abc", uri="sip:bob@10.2.0.2", response="00", algorithm=MD5'
    leg.invite(headers=[("Authorization" if status == 401 else "Proxy-Authorization", credentials)])
    return scene, leg


def flow_407_retry(c):
    """407 and the INVITE with credentials are one call, answered."""
    scene, leg = challenge(c, 407, "Proxy-Authenticate")
    scene.wait(100)
    leg.reply(leg.invited, 180)
    scene.wait(800)
    leg.answer()
    leg.ack()
    scene.wait(2000)
    leg.bye()
    c.leg(leg, state="completed", status=200, pdd_ms=AnyOf(100, 200), ring_ms=800, setup_ms=AnyOf(900, 1000), duration_ms=2000,
          retransmissions=0)
    c.capture(scene)


def flow_401_retry(c):
    """401 likewise."""
    scene, leg = challenge(c, 401, "WWW-Authenticate")
    scene.wait(100)
    leg.answer()
    leg.ack()
    scene.wait(1000)
    leg.bye()
    c.leg(leg, state="completed", status=200, duration_ms=1000)
    c.capture(scene)


def flow_407_retry_busy(c):
    """The state is that of the retry."""
    scene, leg = challenge(c, 407, "Proxy-Authenticate")
    scene.wait(100)
    leg.reply(leg.invited, 486)
    leg.ack(status=486)
    c.leg(leg, state="busy", status=486)
    c.capture(scene)


def flow_407_retry_ringing(c):
    """The retry is still ringing."""
    scene, leg = challenge(c, 407, "Proxy-Authenticate")
    scene.wait(100)
    leg.reply(leg.invited, 180)
    c.leg(leg, state="ringing", status=ABSENT)
    c.capture(scene)


def flow_407_retry_cancelled(c):
    """The retry is cancelled."""
    scene, leg = challenge(c, 407, "Proxy-Authenticate")
    scene.wait(100)
    leg.reply(leg.invited, 180)
    t = leg.cancel()
    leg.reply(t, 200)
    leg.reply(leg.invited, 487)
    leg.ack(status=487)
    c.leg(leg, state="cancelled", status=487)
    c.capture(scene)


def flow_407_given_up(c):
    """A challenge that nobody answers is a rejection."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(20)
    leg.reply(leg.invited, 407)
    leg.ack(status=407)
    c.leg(leg, state="rejected", status=407)
    c.capture(scene)


# ---- inside of a dialog ----

def flow_reinvite_hold(c):
    """Hold and resume by re-INVITE: one call; its times are the initial INVITE's."""
    scene, leg = one_leg(c)
    leg.talk()
    for by, direction in (("caller", "sendonly"), ("callee", "sendrecv")):
        scene.wait(500)
        t = leg.request("INVITE", by=by, to_tag=True, body=sdp(ALICE if by == "caller" else BOB, version=2, direction=direction))
        scene.wait(10)
        leg.reply(t, 200, body=sdp(BOB if by == "caller" else ALICE, version=2))
        leg.ack(t)
    scene.wait(1970)
    leg.bye()
    c.leg(leg, **{**FULL, "messages": leg.count})
    c.capture(scene)


def flow_reinvite_rejected(c):
    """A re-INVITE that is refused does not end or change the call."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(990)
    t = leg.request("INVITE", to_tag=True, body=sdp(ALICE, version=2))
    scene.wait(10)
    leg.reply(t, 488)
    leg.ack(t, status=488)
    scene.wait(1990)
    leg.bye()
    c.leg(leg, **{**FULL, "messages": leg.count})
    c.capture(scene)


def flow_update(c):
    """UPDATE before and after the answer."""
    scene, leg = one_leg(c)
    leg.ring()
    t = leg.request("UPDATE", to_tag=True, body=sdp(ALICE, version=2))
    leg.reply(t, 200, body=sdp(BOB))
    scene.wait(1900)
    leg.answer()
    leg.ack()
    t = leg.request("UPDATE", by="callee", to_tag=True)
    leg.reply(t, 200)
    scene.wait(3000)
    leg.bye()
    c.leg(leg, **{**FULL, "messages": leg.count})
    c.capture(scene)


def flow_prack(c):
    """100rel: the 183 is acknowledged by PRACK (RFC 3262)."""
    scene, leg = one_leg(c)
    leg.invite(headers=[("Supported", "100rel")])
    scene.wait(100)
    reliable = leg.reply(leg.invited, 183, headers=[("Require", "100rel"), ("RSeq", "1")], body=sdp(BOB))
    scene.wait(500)
    leg.repeat(reliable)
    scene.wait(10)
    t = leg.request("PRACK", to_tag=True, headers=[("RAck", f"1 {leg.invited['cseq']} INVITE")])
    scene.wait(10)
    leg.reply(t, 200)
    scene.wait(1380)
    leg.answer()
    leg.ack()
    scene.wait(3000)
    leg.bye()
    c.leg(leg, **{**FULL, "messages": leg.count, "retransmissions": 1})
    c.capture(scene)


def flow_refer(c):
    """A blind transfer: REFER, NOTIFY, and the new call has its own record."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(1000)
    t = leg.request("REFER", by="callee", to_tag=True, headers=[("Refer-To", "<sip:carol@10.3.0.3>")])
    leg.reply(t, 202)
    second = Leg(scene, "call-2@example.com", callee=CAROL, to_user="carol")
    second.invite(headers=[("Referred-By", "<sip:bob@10.2.0.2>")])
    scene.wait(100)
    second.answer(body=sdp(CAROL))
    second.ack()
    t = leg.request("NOTIFY", to_tag=True, headers=[("Event", "refer"), ("Subscription-State", "terminated;reason=noresource")],
                    body="SIP/2.0 200 OK\r\n", kind="message/sipfrag;version=2.0")
    leg.reply(t, 200)
    scene.wait(1890)
    leg.bye(by="callee")
    scene.wait(1000)
    second.bye()
    c.leg(leg, **{**FULL, "messages": leg.count, "ended_by": "callee"})
    c.leg(second, state="completed", to_user="carol", dst="10.3.0.3:5060")
    c.capture(scene)


def flow_info(c):
    """INFO inside of the dialog changes nothing."""
    scene, leg = one_leg(c)
    leg.talk()
    for digit in "134":
        scene.wait(100)
        t = leg.request("INFO", to_tag=True, body=f"Signal={digit}\r\nDuration=160\r\n", kind="application/dtmf-relay")
        leg.reply(t, 200)
    scene.wait(2690)
    leg.bye()
    c.leg(leg, **{**FULL, "messages": leg.count})
    c.capture(scene)


def flow_bye_glare(c):
    """Both sides send BYE at once; each answers the other's."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(2990)
    mine = leg.request("BYE", to_tag=True)
    scene.wait(1)
    theirs = leg.request("BYE", by="callee", to_tag=True)
    scene.wait(10)
    leg.reply(mine, 200)
    leg.reply(theirs, 481)
    c.leg(leg, **{**FULL, "messages": leg.count})
    c.capture(scene)


def flow_invite_glare(c):
    """Two re-INVITEs cross; both are refused with 491 (RFC 3261 14.2); the call goes on."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(1000)
    mine = leg.request("INVITE", to_tag=True, body=sdp(ALICE, version=2))
    theirs = leg.request("INVITE", by="callee", to_tag=True, body=sdp(BOB, version=2))
    for t in (mine, theirs):
        leg.reply(t, 491)
        leg.ack(t, status=491)
    scene.wait(1990)
    leg.bye()
    c.leg(leg, **{**FULL, "messages": leg.count})
    c.capture(scene)


def flow_bye_401(c):
    """A BYE that is challenged and sent again with credentials: one end."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(2990)
    leg.bye(reply=401)
    scene.wait(10)
    leg.bye()
    c.leg(leg, state="completed", status=200, ended_by="caller", retransmissions=0)
    c.capture(scene)


# ---- forking ----

def flow_fork_ringing(c):
    """Two branches ring with different To tags, one answers."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(100)
    leg.reply(leg.invited, 180, tag="fork1")
    scene.wait(50)
    leg.reply(leg.invited, 180, tag="fork2")
    scene.wait(1850)
    leg.answer(tag="fork2")
    leg.ack(to_tag="fork2")
    scene.wait(3000)
    t = leg.request("BYE", to_tag="fork2")
    scene.wait(10)
    leg.reply(t, 200)
    c.leg(leg, **{**FULL, "messages": leg.count})
    c.capture(scene)


def flow_fork_two_answers(c):
    """Two branches answer; the caller keeps the first and hangs up the second at once (RFC 3261 13.2.2.4). The call is not over."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(100)
    leg.reply(leg.invited, 180, tag="fork1")
    leg.reply(leg.invited, 180, tag="fork2")
    scene.wait(1900)
    leg.answer(tag="fork1")
    leg.ack(to_tag="fork1")
    scene.wait(20)
    leg.answer(tag="fork2", body=sdp(CAROL))
    leg.ack(to_tag="fork2")
    t = leg.request("BYE", to_tag="fork2")
    leg.reply(t, 200)
    scene.wait(5000)
    scene.other_traffic()
    c.leg(leg, state="in-call", status=200, pdd_ms=100, setup_ms=2000)
    c.capture(scene)


def flow_fork_two_answers_completed(c):
    """As before, and then the first branch is hung up too."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(2000)
    leg.answer(tag="fork1")
    leg.ack(to_tag="fork1")
    leg.answer(tag="fork2", body=sdp(CAROL))
    leg.ack(to_tag="fork2")
    for tag, pause in (("fork2", 100), ("fork1", 2900)):
        scene.wait(pause)
        t = leg.request("BYE", to_tag=tag)
        leg.reply(t, 200)
    c.leg(leg, state="completed", status=200, setup_ms=2000, duration_ms=3000, ended_by="caller")
    c.capture(scene)


def flow_fork_tag_changes(c):
    """The proxy passes on another branch's 200 than the one it first got: the tag that was never acknowledged is no second call."""
    scene, leg = one_leg(c)
    body = sdp(ALICE)
    leg.invite(body=body, dst=PROXY)
    first = leg.invited
    second = proxied(scene, leg, BOB, "z9hG4bKproxy1", body)
    scene.wait(100)
    leg.reply(second, 180, tag="one")
    leg.reply(first, 180, tag="one", src=PROXY)
    scene.wait(1900)
    leg.reply(second, 200, tag="two", body=sdp(BOB))
    leg.reply(first, 200, tag="one", body=sdp(BOB), src=PROXY)
    leg.ack(first, dst=PROXY, to_tag="one")
    scene.wait(3000)
    t = leg.request("BYE", dst=PROXY, to_tag="one")
    leg.reply(t, 200, src=PROXY)
    c.leg(leg, state="completed", status=200, ended_by="caller", retransmissions=0)
    c.capture(scene)


def proxied(scene, leg, target, branch, body):
    """The proxy's copy of the INVITE to a target: its own Via on top."""
    t = leg.invited
    copy = leg.request("INVITE", cseq=t["cseq"], branch=branch, src=PROXY, dst=target, more_vias=[t["via"]], body=body)
    return copy


def flow_proxy_two_hops(c):
    """A stateful proxy: every message is seen on both hops, with one Via more on the second. Not a single retransmission."""
    scene, leg = one_leg(c)
    body = sdp(ALICE)
    leg.invite(body=body, dst=PROXY)
    first = leg.invited
    leg.reply(first, 100, src=PROXY)
    second = proxied(scene, leg, BOB, "z9hG4bKproxy1", body)
    for status, pause, text in ((180, 100, ""), (200, 1900, sdp(BOB))):
        scene.wait(pause)
        leg.reply(second, status, body=text)
        leg.reply(first, status, body=text, src=PROXY)
    leg.ack(first)
    scene.wait(3000)
    leg.bye()
    c.leg(leg, state="completed", status=200, retransmissions=0, pdd_ms=100, setup_ms=2000, duration_ms=3000, src="10.1.0.1:5060",
          dst="10.0.0.9:5060")
    c.capture(scene)


def flow_proxy_forks(c):
    """A forking proxy whose both sides are captured: one target is busy, the other answers. The call is answered."""
    scene, leg = one_leg(c)
    body = sdp(ALICE)
    leg.invite(body=body, dst=PROXY)
    first = leg.invited
    leg.reply(first, 100, src=PROXY)
    to_bob = proxied(scene, leg, BOB, "z9hG4bKfork-1", body)
    to_carol = proxied(scene, leg, CAROL, "z9hG4bKfork-2", body)
    scene.wait(100)
    leg.reply(to_carol, 180, tag="carol")
    leg.reply(first, 180, tag="carol", src=PROXY)
    scene.wait(100)
    leg.reply(to_bob, 486, tag="bobtag")
    leg.ack(to_bob, status=486, src=PROXY, to_tag="bobtag")
    scene.wait(800)
    leg.reply(to_carol, 200, tag="carol", body=sdp(CAROL))
    leg.reply(first, 200, tag="carol", body=sdp(CAROL), src=PROXY)
    leg.ack(first, dst=CAROL, to_tag="carol")
    scene.wait(1000)
    t = leg.request("BYE", dst=CAROL, to_tag="carol")
    leg.reply(t, 200)
    c.leg(leg, state="completed", status=200, retransmissions=0, setup_ms=1000, duration_ms=1000)
    c.capture(scene)


def through_proxy(c, *targets):
    """The caller's INVITE at a proxy, which says 100, and its copies to targets."""
    scene, leg = one_leg(c)
    body = sdp(ALICE)
    leg.invite(body=body, dst=PROXY)
    first = leg.invited
    leg.reply(first, 100, src=PROXY)
    return scene, leg, first, [proxied(scene, leg, target, f"z9hG4bKtarget-{i}", body) for i, target in enumerate(targets)]


def fails(leg, t, status, tag):
    leg.reply(t, status, tag=tag)
    leg.ack(t, status=status, src=PROXY, to_tag=tag)


def flow_proxy_gives_up_ringing(c):
    """The proxy answers 408 for a callee that rings too long, and ends the other hop: the 487 there comes after, and nobody cancelled."""
    scene, leg, first, (bob,) = through_proxy(c, BOB)
    scene.wait(100)
    leg.reply(bob, 180)
    leg.reply(first, 180, src=PROXY)
    scene.wait(29900)
    leg.reply(first, 408, src=PROXY)
    cancel = leg.request("CANCEL", cseq=bob["cseq"], branch=bob["branch"], src=PROXY, dst=BOB)
    leg.reply(cancel, 200)
    scene.wait(5)
    fails(leg, bob, 487, "bobtag")
    leg.ack(first, status=408, dst=PROXY)
    c.leg(leg, state="rejected", status=408, ended_by="callee", pdd_ms=100, retransmissions=0, end="2026-01-31T12:00:30.000000Z")
    c.capture(scene)


def flow_proxy_6xx_stops_forks(c):
    """One fork says 600, the proxy passes it on and ends the other fork, whose 487 comes last: busy, not cancelled."""
    scene, leg, first, (bob, carol) = through_proxy(c, BOB, CAROL)
    scene.wait(50)
    leg.reply(carol, 180, tag="carol")
    leg.reply(first, 180, tag="carol", src=PROXY)
    scene.wait(450)
    fails(leg, bob, 600, "bobtag")
    leg.reply(first, 600, tag="bobtag", src=PROXY)
    leg.request("CANCEL", cseq=carol["cseq"], branch=carol["branch"], src=PROXY, dst=CAROL)
    fails(leg, carol, 487, "carol")
    c.leg(leg, state="busy", status=600, end="2026-01-31T12:00:00.500000Z")
    c.capture(scene)


def flow_proxy_next_target_rings(c):
    """The first target is busy, the proxy tries the next one, which rings when the capture ends."""
    scene, leg, first, (bob,) = through_proxy(c, BOB)
    scene.wait(50)
    fails(leg, bob, 486, "bobtag")
    carol = proxied(scene, leg, CAROL, "z9hG4bKnext", sdp(ALICE))
    scene.wait(50)
    leg.reply(carol, 180, tag="carol")
    leg.reply(first, 180, tag="carol", src=PROXY)
    c.leg(leg, state="ringing", status=ABSENT, end=ABSENT, ended_by="none", pdd_ms=100)
    c.capture(scene)


def flow_proxy_next_target_answers(c):
    """A gateway refuses with 503, the next one rings and answers: the times are the caller's."""
    scene, leg, first, (bob,) = through_proxy(c, BOB)
    scene.wait(20)
    fails(leg, bob, 503, "gw1")
    carol = proxied(scene, leg, CAROL, "z9hG4bKnext", sdp(ALICE))
    scene.wait(80)
    leg.reply(carol, 180, tag="gw2")
    leg.reply(first, 180, tag="gw2", src=PROXY)
    scene.wait(1900)
    leg.reply(carol, 200, tag="gw2", body=sdp(CAROL))
    leg.reply(first, 200, tag="gw2", body=sdp(CAROL), src=PROXY)
    leg.ack(first, dst=PROXY, to_tag="gw2")
    c.leg(leg, state="in-call", status=200, pdd_ms=100, ring_ms=1900, setup_ms=2000)
    c.capture(scene)


def flow_proxy_translates_failure(c):
    """404 behind the proxy, 480 before it, and the 404 once more since its ACK was lost: the caller was told 480."""
    scene, leg, first, (bob,) = through_proxy(c, BOB)
    scene.wait(50)
    refused = leg.reply(bob, 404, tag="bobtag")
    scene.wait(5)
    leg.reply(first, 480, src=PROXY)
    scene.wait(495)
    leg.repeat(refused)
    c.leg(leg, state="rejected", status=480, end="2026-01-31T12:00:00.055000Z", retransmissions=1)
    c.capture(scene)


def flow_only_behind_the_proxy(c):
    """The hop to the caller shows its INVITE alone: what was seen behind the proxy is all that is known."""
    scene, leg = one_leg(c)
    leg.invite(body=sdp(ALICE), dst=PROXY)
    bob = proxied(scene, leg, BOB, "z9hG4bKonly", sdp(ALICE))
    scene.wait(50)
    leg.reply(bob, 486, tag="bobtag")
    c.leg(leg, state="busy", status=486)
    c.capture(scene)


def next_gateway(c):
    """503, and the same request to the next address (RFC 3263 4.3): another branch, the same CSeq."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(50)
    leg.reply(leg.invited, 503)
    leg.ack(status=503)
    scene.wait(50)
    return scene, leg, leg.request("INVITE", cseq=leg.invited["cseq"], dst=CAROL, body=sdp(ALICE))


def flow_next_gateway_answers(c):
    """The caller goes to the next gateway, which rings and answers."""
    scene, leg, second = next_gateway(c)
    scene.wait(100)
    leg.reply(second, 180, tag="gw2")
    scene.wait(1800)
    leg.reply(second, 200, tag="gw2", body=sdp(CAROL))
    leg.ack(second, dst=CAROL, to_tag="gw2")
    c.leg(leg, state="in-call", status=200, pdd_ms=200, ring_ms=1800, setup_ms=2000)
    c.capture(scene)


def flow_next_gateway_is_silent(c):
    """The next gateway never says anything: a timeout, no 503."""
    scene, leg, second = next_gateway(c)
    for pause in (500, 1000, 2000, 4000, 8000, 16000):
        scene.wait(pause)
        leg.repeat(second)
    scene.wait(1000)
    scene.other_traffic()
    c.leg(leg, state="timeout", status=ABSENT, end=ABSENT, retransmissions=6)
    c.capture(scene)


def flow_forks_of_one_sender(c):
    """Only the far side of a forking proxy was captured: one target is busy, the other still rings."""
    scene, leg = one_leg(c, caller=PROXY)
    leg.invite()
    other = leg.request("INVITE", cseq=leg.invited["cseq"], dst=CAROL, body=sdp(ALICE))
    scene.wait(50)
    leg.reply(other, 180, tag="carol")
    scene.wait(50)
    leg.reply(leg.invited, 486)
    c.leg(leg, state="ringing", status=ABSENT, end=ABSENT, pdd_ms=50)
    c.capture(scene)


def flow_101_is_no_ringing(c):
    """101 and 199 tell of no callee; 180 does."""
    scene, leg = one_leg(c)
    leg.invite()
    for status, pause in ((101, 100), (199, 100), (180, 800)):
        scene.wait(pause)
        leg.reply(leg.invited, status)
    scene.wait(1000)
    leg.answer()
    c.leg(leg, state="in-call", pdd_ms=1000, ring_ms=1000)
    c.capture(scene)


def flow_reason_on_two_lines(c):
    """Q.850's cause in the second of two Reason lines, and another one in a CANCEL that the proxy sent to a fork."""
    scene, leg, first, (bob, carol) = through_proxy(c, BOB, CAROL)
    leg.reply(first, 200, tag="bobtag", body=sdp(BOB), src=PROXY)
    leg.ack(first, dst=PROXY, to_tag="bobtag")
    leg.request("CANCEL", cseq=carol["cseq"], branch=carol["branch"], src=PROXY, dst=CAROL, headers=[("Reason", "Q.850;cause=26")])
    fails(leg, carol, 487, "carol")
    c.leg(leg, state="in-call", q850=ABSENT)
    other = Leg(scene, call_id="two@example.com")
    other.talk()
    scene.wait(100)
    other.bye(headers=[("Reason", "SIP;cause=200"), ("Reason", "Q.850;cause=31")])
    c.leg(other, state="completed", q850=31)
    c.capture(scene)


def flow_answer_read_first(c):
    """Two taps, the callee's merged before the caller's: the 200 stands before its INVITE, with the right times."""
    scene, leg = one_leg(c)
    leg.whole()
    c.full()
    c.file("pcap", wire.pcap(sorted(scene.frames(), key=lambda f: f[1][42:50] != b"SIP/2.0 ")))


# ---- retransmissions ----

def flow_failure_repeated(c):
    """A 486 whose ACK is lost comes again and again: the call ended with the first one."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(100)
    busy = leg.reply(leg.invited, 486)
    for pause in (500, 1000, 2000):
        scene.wait(pause)
        leg.repeat(busy)
    leg.ack(status=486)
    other = Leg(scene, call_id="two@example.com")
    asked = other.request("OPTIONS")
    scene.wait(100)
    said = other.reply(asked, 200)
    scene.wait(500)
    other.repeat(said)
    c.leg(leg, state="busy", end="2026-01-31T12:00:00.100000Z", retransmissions=3)
    c.leg(other, state="done", end="2026-01-31T12:00:03.700000Z", retransmissions=1)
    c.capture(scene)


def flow_captured_twice(c):
    """A mirror shows each packet again within a millisecond: nobody sent anything twice."""
    scene, leg = one_leg(c)
    leg.whole()
    frames = [(at + again * 400_000, frame) for at, frame in scene.frames() for again in (0, 1)]
    c.full(messages=14, retransmissions=0)
    c.summary = {"packets": 14, "sip_messages": 14, "calls": 1}
    c.file("pcap", wire.pcap(frames))

def flow_retransmissions(c):
    """The same bytes on the same path again: INVITE twice more, the 200 once more, its ACK once more, BYE once more."""
    scene, leg = one_leg(c)
    invite = leg.invite()
    for pause in (500, 1000):
        scene.wait(pause)
        leg.repeat(invite)
    scene.wait(100)
    leg.reply(invite, 180)
    scene.wait(400)
    answer = leg.answer()
    scene.wait(500)
    leg.repeat(answer)
    ack = leg.ack()
    scene.wait(20)
    leg.repeat(ack)
    scene.wait(1480)
    t = leg.bye(reply=None)
    scene.wait(500)
    leg.repeat(t)
    leg.reply(t, 200)
    c.leg(leg, state="completed", retransmissions=5, pdd_ms=1600, ring_ms=400, setup_ms=2000, duration_ms=2000)
    c.messages = [(n, m, r) for n, (m, r) in enumerate(
        [("INVITE", False), ("INVITE", True), ("INVITE", True), (180, False), (200, False), (200, True), ("ACK", False), ("ACK", True),
         ("BYE", False), ("BYE", True), (200, False)], 1)]
    c.capture(scene)


def flow_same_bytes_two_hops(c):
    """A load balancer that rewrites only addresses, with both of its sides captured: the same bytes on another hop are no repeats."""
    scene, leg = one_leg(c)
    leg.whole()
    copy = Scene()
    for at, src, dst, payload in scene.sent:
        hops = [(src, PROXY), (src, dst)] if dst == BOB else [(src, dst), (PROXY, dst)]
        for i, (a, b) in enumerate(hops):
            copy.now = at + i * 50_000
            copy.send(a, b, payload)
    c.full(messages=14, retransmissions=0, src="10.1.0.1:5060", dst="10.0.0.9:5060")
    c.summary = {"sip_messages": 14, "calls": 1}
    c.capture(copy)


def flow_180_repeated_is_counted(c):
    """A 180 repeated with the same bytes is a retransmission; one with other bytes (a new tag) is not."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(100)
    ringing = leg.reply(leg.invited, 180)
    scene.wait(100)
    leg.repeat(ringing)
    leg.reply(leg.invited, 180, tag="other")
    c.leg(leg, state="ringing", retransmissions=1)
    c.capture(scene)


# ---- loss in the capture, and captures that begin late ----

def flow_bye_only(c):
    """Only the BYE and its 200 were captured: the beginning is not there."""
    scene, leg = one_leg(c)
    leg.bye()
    c.leg(leg, state="partial", method="BYE", answer=ABSENT, duration_ms=ABSENT)
    c.capture(scene)


def flow_starts_with_180(c):
    """The INVITE is before the capture: partial, and no time that needs it."""
    scene, leg = one_leg(c)
    leg.invite(send=False)
    leg.reply(leg.invited, 180)
    scene.wait(500)
    leg.answer()
    leg.ack()
    scene.wait(500)
    leg.bye()
    c.leg(leg, state="partial", pdd_ms=ABSENT, setup_ms=ABSENT)
    c.capture(scene)


def flow_starts_in_dialog(c):
    """The first message is a re-INVITE (its To has a tag)."""
    scene, leg = one_leg(c)
    t = leg.request("INVITE", to_tag=True, body=sdp(ALICE))
    scene.wait(50)
    leg.reply(t, 200, body=sdp(BOB))
    leg.ack(t)
    scene.wait(500)
    leg.bye()
    c.leg(leg, state="partial", method="INVITE", setup_ms=ABSENT, pdd_ms=ABSENT)
    c.capture(scene)


def flow_response_only(c):
    """One response without its request."""
    scene, leg = one_leg(c)
    t = leg.request("OPTIONS", send=False)
    leg.reply(t, 200)
    c.leg(leg, state="partial")
    c.capture(scene)


def flow_180_not_captured(c):
    """The capture lost the 180 and the ACK; the rest still tells the story."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(10)
    leg.reply(leg.invited, 100)
    scene.wait(990)
    leg.answer()
    scene.wait(2000)
    leg.bye()
    c.leg(leg, state="completed", pdd_ms=ABSENT, ring_ms=ABSENT, setup_ms=1000, duration_ms=2000)
    c.capture(scene)


def flow_one_way_requests(c):
    """Only the caller's packets are captured: INVITE, ACK of the 2xx, BYE. There was no final response to see; one record."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(1000)
    leg.ack()
    scene.wait(1000)
    leg.bye(reply=None)
    c.leg(leg, method="INVITE", status=ABSENT, answer=ABSENT, setup_ms=ABSENT)
    c.capture(scene)


def flow_call_id_again(c):
    """A Call-ID used again after its first call ended: two records."""
    scene, leg = one_leg(c)
    leg.whole()
    c.full()
    scene.wait(10000)
    again = Leg(scene, cseq=500)
    again.tags = {"caller": "again-a", "callee": "again-b"}
    again.invite()
    scene.wait(100)
    again.reply(again.invited, 486)
    again.ack(status=486)
    c.leg(again, state="busy", status=486, start="2026-01-31T12:00:15.010000Z")
    c.summary = {"calls": 2}
    c.capture(scene)


def flow_register_then_invite(c):
    """A load generator that registers and calls with one Call-ID: the call must not vanish in the registration."""
    scene, leg = one_leg(c)
    t = leg.request("REGISTER")
    scene.wait(10)
    leg.reply(t, 200)
    c.call(method="REGISTER", state="done", status=200, messages=2)
    scene.wait(990)
    leg.count = 0
    leg.whole()
    c.full(start="2026-01-31T12:00:01.000000Z")
    c.capture(scene)


def flow_same_user_redials(c):
    """Another Call-ID between the same users is another call."""
    scene, leg = one_leg(c)
    leg.whole()
    c.full()
    scene.wait(100)
    second = Leg(scene, "call-2@example.com")
    second.whole()
    c.full("call-2@example.com")
    c.capture(scene)


# ---- not INVITE ----

def simple(c, method, status=200, state="done", headers=(), **facts):
    scene, leg = one_leg(c)
    t = leg.request(method, headers=headers)
    if status:
        scene.wait(20)
        leg.reply(t, status)
    c.leg(leg, method=method, state=state, status=status or ABSENT, **facts)
    c.capture(scene)


def flow_options(c):
    """OPTIONS, 200."""
    simple(c, "OPTIONS")


def flow_options_rejected(c):
    """OPTIONS, 404."""
    simple(c, "OPTIONS", 404, "rejected")


def flow_options_pending(c):
    """OPTIONS without a response in a short capture."""
    simple(c, "OPTIONS", None, "pending")


def flow_options_timeout(c):
    """Timer F: no final response within 32 s of capture."""
    scene, leg = one_leg(c)
    t = leg.request("OPTIONS")
    for pause in (500, 1000, 2000, 4000):
        scene.wait(pause)
        leg.repeat(t)
    scene.wait(26000)
    scene.other_traffic()
    c.leg(leg, state="timeout", method="OPTIONS", retransmissions=4)
    c.capture(scene)


def flow_message(c):
    """MESSAGE, 202."""
    simple(c, "MESSAGE", 202)


def flow_publish(c):
    """PUBLISH, 489."""
    simple(c, "PUBLISH", 489, "rejected", headers=[("Event", "nothing")])


def flow_unknown_method(c):
    """A method that nobody knows is a request like any other."""
    simple(c, "FOO")


def flow_unknown_method_with_marks(c):
    """A method is a token: letters, digits and -.!%*_+`'~ (RFC 3261 25.1)."""
    simple(c, "X-Do_it!2")


def flow_register(c):
    """REGISTER, 401, REGISTER with credentials, 200: one record, done."""
    scene, leg = one_leg(c)
    t = leg.request("REGISTER")
    scene.wait(10)
    leg.reply(t, 401)
    scene.wait(10)
    t = leg.request("REGISTER")
    scene.wait(10)
    leg.reply(t, 200)
    c.leg(leg, method="REGISTER", state="done", status=200, messages=4)
    c.capture(scene)


def flow_register_refresh(c):
    """Refreshes with the same Call-ID and rising CSeq stay one record."""
    scene, leg = one_leg(c)
    for _ in range(5):
        t = leg.request("REGISTER")
        scene.wait(10)
        leg.reply(t, 200)
        scene.wait(60000)
    c.leg(leg, method="REGISTER", state="done", status=200, messages=10, retransmissions=0)
    c.capture(scene)


def flow_register_challenged_only(c):
    """A 401 that is never answered."""
    simple(c, "REGISTER", 401, "rejected")


def flow_register_forbidden(c):
    """401, credentials, 403."""
    scene, leg = one_leg(c)
    for status in (401, 403):
        t = leg.request("REGISTER")
        scene.wait(10)
        leg.reply(t, status)
    c.leg(leg, method="REGISTER", state="rejected", status=403)
    c.capture(scene)


def flow_subscribe_notify(c):
    """SUBSCRIBE, 202, NOTIFYs of the same dialog: one record."""
    scene, leg = one_leg(c)
    t = leg.request("SUBSCRIBE", headers=[("Event", "presence")])
    leg.reply(t, 202)
    for _ in range(3):
        scene.wait(100)
        t = leg.request("NOTIFY", by="callee", to_tag=True, headers=[("Event", "presence"), ("Subscription-State", "active")])
        leg.reply(t, 200)
    c.leg(leg, method="SUBSCRIBE", state="done", messages=8)
    c.capture(scene)


# ---- identity ----

def flow_last_character(c):
    """Call-IDs that differ in the last character stay apart."""
    scene = Scene()
    for last in "abc":
        leg = Leg(scene, "same-same-same@192.168.1.10" + last)
        leg.whole()
        c.full(leg.call_id)
    c.summary = {"calls": 3, "sip_messages": 21}
    c.capture(scene)


def flow_call_id_case(c):
    """Call-IDs are compared byte for byte (RFC 3261 20.8): case counts."""
    scene = Scene()
    for call_id in ("AbCdEf@example.com", "abcdef@example.com"):
        Leg(scene, call_id).whole()
        c.full(call_id)
    c.capture(scene)


def flow_long_call_id(c):
    """A Call-ID of 900 characters is kept whole."""
    scene = Scene()
    for last in "xy":
        leg = Leg(scene, "L" * 900 + last)
        leg.whole()
        c.full(leg.call_id)
    c.capture(scene)


def flow_odd_call_id(c):
    """All characters that word allows (RFC 3261 25.1), and JSON must survive them."""
    scene, leg = one_leg(c, call_id="%Z%45!~*()<>:\\\"/[]?{}'`@x-y_z.+")
    leg.whole()
    c.full(leg.call_id)
    c.capture(scene)


def flow_compact_names(c):
    """Compact header names mean the same (RFC 3261 7.3.3)."""
    scene, leg = one_leg(c)
    leg.whole()
    names = [(b"Via:", b"v:"), (b"From:", b"f:"), (b"To:", b"t:"), (b"Call-ID:", b"i:"), (b"Contact:", b"m:"), (b"Content-Type:", b"c:"),
             (b"Content-Length:", b"l:")]
    scene = rewritten(scene, names)
    c.full(codecs=Has("PCMU"))
    c.capture(scene)


def rewritten(scene, changes):
    """The same scene with text replaced in every message."""
    copy = Scene()
    for at, src, dst, payload in scene.sent:
        for old, new in changes:
            payload = payload.replace(b"\r\n" + old if old.endswith(b":") else old, b"\r\n" + new if old.endswith(b":") else new)
        copy.now = at
        copy.send(src, dst, payload)
    return copy


def flow_spelled_oddly(c):
    """Names in any case, spaces around the colon, folded lines (RFC 3261 7.3.1)."""
    scene, leg = one_leg(c)
    leg.whole()
    c.full()
    c.capture(rewritten(scene, [(b"Call-ID:", b"cALL-id \t:"), (b"CSeq:", b"cseq:\r\n "), (b"From:", b"FROM :"), (b"To:", b"to\t:")]))


def flow_bare_line_feeds(c):
    """Lines that end in LF alone are wrong, but the call is still seen."""
    scene, leg = one_leg(c)
    leg.whole()
    copy = Scene()
    for at, src, dst, payload in scene.sent:
        head, _, body = payload.partition(b"\r\n\r\n")
        copy.now = at
        copy.send(src, dst, head.replace(b"\r\n", b"\n") + b"\n\n" + body)
    c.full()
    c.capture(copy)


def flow_leading_blank_lines(c):
    """CRLFs before the start line are skipped (RFC 3261 7.5), and keep-alives are no messages."""
    scene, leg = one_leg(c)
    leg.whole()
    copy = Scene()
    for at, src, dst, payload in scene.sent:
        copy.now = at
        copy.send(src, dst, b"\r\n\r\n")
        copy.now += 1000
        copy.send(src, dst, b"\r\n" + payload)
    c.full(start="2026-01-31T12:00:00.000001Z")
    c.summary = {"sip_messages": 7, "packets": 14}
    c.capture(copy)


def flow_sip_text_elsewhere(c):
    """Text that talks of SIP is not SIP: mail, HTTP, a log line."""
    scene = Scene()
    for text in (b"INVITE is a word\r\n", b"GET /sip HTTP/1.1\r\nHost: sip\r\n\r\n", b"<134>Jan 31 SIP/2.0 200 OK", b"BYE\r\n",
                 b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\n\r\n"):
        scene.send(ALICE, ("10.2.0.2", 1900), text)
        scene.wait(10)
    c.summary = {"sip_messages": 0, "calls": 0}
    c.capture(scene)


def flow_quoted_in_icmp(c):
    """SIP quoted by an ICMP port unreachable is not a message of the call."""
    scene, leg = one_leg(c)
    t = leg.invite()
    scene.wait(1)
    quoted = wire.udp_packet(t["src"], t["dst"], t["bytes"])[:548]
    body = b"\3\3\0\0\0\0\0\0" + quoted
    body = body[:2] + wire.checksum(body).to_bytes(2, "big") + body[4:]
    scene.packets.append((scene.now, wire.ip(BOB[0], ALICE[0], 1, body)))
    c.leg(leg, messages=1, retransmissions=0, state=AnyOf("setup", "timeout", "rejected"))
    c.summary = {"sip_messages": 1, "calls": 1, "packets": 2}
    c.capture(scene)


def flow_any_port(c):
    """SIP on ports that nobody registered."""
    scene = Scene()
    leg = Leg(scene, caller=("10.1.0.1", 31337), callee=("10.2.0.2", 17))
    leg.whole()
    c.full(src="10.1.0.1:31337", dst="10.2.0.2:17")
    c.capture(scene)


def flow_q850(c):
    """The Reason header's cause (RFC 3326) of a BYE."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(2990)
    leg.bye(headers=[("Reason", 'Q.850;cause=16;text="Normal call clearing"')])
    c.full(q850=16)
    c.capture(scene)


def flow_many_calls(c):
    """Three hundred calls that overlap, with one record each."""
    plays = []
    for i in range(300):
        scene = Scene(start=wire.EPOCH + i * 17_000_000)
        leg = Leg(scene, f"many-{i:03d}@example.com", caller=(f"10.1.{i % 7}.1", 5060))
        leg.whole()
        plays += scene.packets
        c.full(leg.call_id)
    scene = Scene()
    scene.packets = sorted(plays, key=lambda p: p[0])
    c.summary = {"calls": 300, "sip_messages": 2100}
    c.capture(scene)


# ---- legs ----

def two_legs(c, headers=(), same_origin=False, users=("alice", "bob"), pause=40, second_users=None):
    """A B2BUA at PBX: leg 1 alice to PBX, leg 2 PBX to bob, overlapping."""
    scene = Scene()
    first = Leg(scene, "leg-one@10.1.0.1", callee=PBX, from_user=users[0], to_user=users[1], session=1111)
    a, b = second_users or users
    second = Leg(scene, "second-9988@10.0.0.8", caller=PBX, callee=BOB, from_user=a, to_user=b, session=1111 if same_origin else 2222)
    first.invite()
    scene.wait(pause)
    body = sdp(ALICE if same_origin else PBX, port=4000 if same_origin else 7000, session=second.session)
    second.invite(body=body, headers=headers)
    scene.wait(100)
    second.reply(second.invited, 180)
    first.reply(first.invited, 180)
    scene.wait(900)
    second.answer()
    second.ack()
    first.answer(body=sdp(PBX, port=7002, session=3333))
    first.ack()
    scene.wait(2000)
    first.bye()
    second.bye()
    c.leg(first, state="completed")
    c.leg(second, state="completed")
    c.capture(scene)
    return first, second


def legs_x_call_id(c):
    """X-Call-ID of leg 2 names leg 1."""
    two_legs(c, [("X-Call-ID", "leg-one@10.1.0.1")], second_users=("5551", "5552"))
    c.related = [("leg-one@10.1.0.1", "second-9988@10.0.0.8")]


def legs_session_id(c):
    """Session-ID (RFC 7989): the same pair of UUIDs on both legs."""
    scene = Scene()
    local, null = "a" * 31 + "1", "0" * 32
    first = Leg(scene, "leg-one@10.1.0.1", callee=PBX, from_user="u1", to_user="u2")
    second = Leg(scene, "second-9988@10.0.0.8", caller=PBX, callee=BOB, from_user="v1", to_user="v2")
    for leg in (first, second):
        leg.invite(headers=[("Session-ID", f"{local};remote={null}")])
        scene.wait(30)
    for leg in (second, first):
        leg.answer(headers=[("Session-ID", f"{'b' * 31}2;remote={local}")])
        leg.ack()
    c.leg(first, state="in-call")
    c.leg(second, state="in-call")
    c.related = [("leg-one@10.1.0.1", "second-9988@10.0.0.8")]
    c.capture(scene)


def legs_same_origin(c):
    """The same SDP origin line went out on both legs."""
    two_legs(c, same_origin=True, second_users=("5551", "5552"))
    c.related = [("leg-one@10.1.0.1", "second-9988@10.0.0.8")]


def legs_same_numbers(c):
    """The same two numbers within seconds, out of the host that just got them."""
    two_legs(c, users=("+12065550100", "+14255550199"))
    c.related = [("leg-one@10.1.0.1", "second-9988@10.0.0.8")]


def legs_numbers_hours_apart(c):
    """The same two numbers an hour later are another call."""
    scene = Scene()
    for call_id in ("morning-1@10.1.0.1", "evening-77@10.1.0.1"):
        leg = Leg(scene, call_id, from_user="+12065550100", to_user="+14255550199")
        leg.whole()
        c.full(call_id)
        scene.wait(3600000)
    c.related = []
    c.unrelated = True
    c.capture(scene)


def legs_strangers(c):
    """Calls that only overlap in time are not related."""
    scene = Scene()
    for i, place in enumerate((("10.1.0.1", 5060), ("10.7.0.1", 5060))):
        leg = Leg(scene, f"{'xyz' * (i + 1)}-{i}@host{i}", caller=place, callee=(f"10.8.{i}.1", 5060), from_user=f"+1206555010{i}",
                  to_user=f"+1425555019{i}")
        leg.ring()
        c.leg(leg, state="ringing")
    c.unrelated = True
    c.capture(scene)


# ---- what a reader would get wrong who only counts messages ----

def flow_bye_before_200(c):
    """The caller's BYE crosses the 200: the call was answered, and is over."""
    scene, leg = one_leg(c)
    leg.ring()
    scene.wait(500)
    leg.bye()
    scene.wait(15)
    leg.answer()
    scene.wait(10)
    leg.ack()
    c.leg(leg, state="completed", status=200, ended_by="caller", duration_ms=ABSENT)
    c.capture(scene)


def flow_reuse_after_lost_bye(c):
    """The first call's BYE was not captured; its Call-ID comes again with another tag: two calls, and the first keeps its times."""
    scene, leg = one_leg(c)
    leg.talk()
    scene.wait(50000)
    again = Leg(scene)
    again.tags["caller"] = "another"
    again.invite(cseq=7)
    scene.wait(100)
    again.reply(again.invited, 486)
    scene.wait(5)
    again.ack(status=486)
    c.leg(leg, state="in-call", status=200, pdd_ms=100, setup_ms=2000, messages=5)
    c.leg(again, state="busy", status=486, messages=3)
    c.capture(scene)


def flow_reuse_same_cseq(c):
    """A load generator that begins each call with CSeq 1 and one Call-ID."""
    scene, leg = one_leg(c)
    leg.whole()
    scene.wait(5000)
    again = Leg(scene)
    again.tags["caller"] = "another"
    again.invite()
    scene.wait(100)
    again.reply(again.invited, 486)
    scene.wait(5)
    again.ack(status=486)
    c.leg(leg, state="completed", messages=7)
    c.leg(again, state="busy", status=486, messages=3)
    c.capture(scene)


def flow_prack_offers(c):
    """A PRACK with a new offer (RFC 3262 5): its 200 has the agreed codecs, not the PRACK."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(10)
    leg.reply(leg.invited, 183, headers=[("RSeq", "1"), ("Require", "100rel")], body=sdp(BOB, port=6000, session=77))
    scene.wait(10)
    prack = leg.request("PRACK", to_tag=True, headers=[("RAck", "1 1 INVITE")],
                        body=sdp(ALICE, session=leg.session, version=2, codecs=((96, "OPUS/48000/2"), (9, "G722/8000"))))
    scene.wait(10)
    leg.reply(prack, 200, body=sdp(BOB, port=6000, session=77, version=2, codecs=((9, "G722/8000"),)))
    c.leg(leg, state="ringing", codecs=["G722"])
    c.capture(scene)


def flow_late_180(c):
    """A 180 that comes after the 200 is no ringing."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(1000)
    leg.answer()
    scene.wait(10)
    leg.reply(leg.invited, 180)
    leg.ack()
    c.leg(leg, state="in-call", pdd_ms=ABSENT, ring_ms=ABSENT, setup_ms=1000)
    c.capture(scene)


def flow_b2bua_keeps_call_id(c):
    """A B2BUA with one Call-ID on both sides, another tag and CSeq: the record's status is that of the first INVITE."""
    scene, leg = one_leg(c)
    leg.invite()
    scene.wait(5)
    leg.reply(leg.invited, 100)
    inner = Leg(scene, caller=BOB, callee=CAROL, cseq=500)
    inner.tags["caller"] = "inner"
    inner.invite()
    scene.wait(100)
    inner.reply(inner.invited, 503)
    inner.ack(status=503)
    leg.reply(leg.invited, 480)
    leg.ack(status=480)
    c.leg(leg, state="rejected", status=480, messages=7)
    c.capture(scene)


def flow_options_inside_first(c):
    """The capture begins in a call, with an OPTIONS of it: no record may hide the call behind it."""
    scene, leg = one_leg(c)
    leg.cseq["caller"] = 50
    ping = leg.request("OPTIONS", to_tag=True)
    scene.wait(10)
    leg.reply(ping, 200)
    scene.wait(100)
    leg.bye("callee")
    c.leg(leg, state="partial", messages=4, ended_by=ABSENT)
    c.capture(scene)


def flow_487_alone(c):
    """A 487 whose cause was not captured: nobody is blamed."""
    final(c, 487, "cancelled", ended_by=ABSENT)


CASES = [f for name, f in list(globals().items()) if name.startswith(("flow_", "legs_"))]

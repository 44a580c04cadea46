"""SRTP, the program as a whole: streams that an encrypter of our own (ctypes on libcrypto, RFC 3711 and 7714 by the book) seals with keys of SDP."""
import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import os
import random
import struct

import tunnel
import wire
from rtp import Stream
from scene import Leg, Scene
from trials import trials_of

KEYS = []  # all of this file, in base64: no output may hold one

CRYPTO = ctypes.CDLL(ctypes.util.find_library("crypto"))
for _name in ("EVP_CIPHER_CTX_new", "EVP_aes_128_ctr", "EVP_aes_192_ctr", "EVP_aes_256_ctr", "EVP_aes_128_gcm", "EVP_aes_256_gcm"):
    getattr(CRYPTO, _name).restype = ctypes.c_void_p


def cipher(name, key, iv, data, extra=None):
    """Ciphertext; with the tag behind it for GCM."""
    context = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new())
    out, n = ctypes.create_string_buffer(len(data) + 32), ctypes.c_int()
    CRYPTO.EVP_EncryptInit_ex(context, ctypes.c_void_p(getattr(CRYPTO, name)()), None, key, iv)
    if extra is not None:
        CRYPTO.EVP_EncryptUpdate(context, None, ctypes.byref(n), extra, len(extra))
    CRYPTO.EVP_EncryptUpdate(context, out, ctypes.byref(n), data, len(data))
    made = out.raw[:n.value]
    if extra is not None:
        CRYPTO.EVP_EncryptFinal_ex(context, out, ctypes.byref(n))
        tag = ctypes.create_string_buffer(16)
        CRYPTO.EVP_CIPHER_CTX_ctrl(context, 0x10, 16, tag)
        made += tag.raw
    CRYPTO.EVP_CIPHER_CTX_free(context)
    return made


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Seal:
    """One master key: key, salt."""

    def __init__(self, suite="AES_CM_128_HMAC_SHA1_80", seed=1, mki=None, old_192=False, clear=False):
        self.suite, self.mki, self.clear, self.gcm = suite, mki, clear, "GCM" in suite
        self.key_bytes = 32 if "256" in suite else 24 if "192" in suite else 16
        salt_bytes = 12 if self.gcm else 14
        self.tag = 4 if suite.endswith("_32") else 10
        self.old_192, self.salt_bytes = old_192, salt_bytes
        self.set_master(random.Random(seed).randbytes(self.key_bytes + salt_bytes))

    def set_master(self, master):
        old_192, salt_bytes = self.old_192, self.salt_bytes
        self.master = master
        self.text = base64.b64encode(self.master).decode()
        KEYS.append(self.text.encode())
        padded = self.master + bytes(16)
        kdf_bytes = 32 if old_192 else self.key_bytes
        self.kdf_key, self.kdf_salt = padded[:kdf_bytes], padded[kdf_bytes:kdf_bytes + 14]
        self.rtp = [self.derive(label, n) for label, n in ((0, self.key_bytes), (1, 20), (2, salt_bytes))]
        self.rtcp = [self.derive(label, n) for label, n in ((3, self.key_bytes), (4, 20), (5, salt_bytes))]

    def derive(self, label, length):
        iv = bytearray(self.kdf_salt + b"\0\0")
        iv[7] ^= label
        return cipher(f"EVP_aes_{8 * len(self.kdf_key)}_ctr", self.kdf_key, bytes(iv), bytes(length))

    def line(self, tag=1, more=""):
        value = f"inline:{self.text}|2^31" + (f"|{int.from_bytes(self.mki, 'big')}:{len(self.mki)}" if self.mki else "")
        return f"a=crypto:{tag} {self.suite} {value}" + (" UNENCRYPTED_SRTP" if self.clear else "") + more

    def protect(self, packet, roc=0):
        """An RTP packet without CSRC and extension."""
        key, auth, salt = self.rtp
        head, payload = packet[:12], packet[12:]
        index = struct.pack(">I", roc) + packet[2:4]
        if self.gcm:
            iv = xor(b"\0\0" + packet[8:12] + index, salt)
            return head + cipher(f"EVP_aes_{8 * self.key_bytes}_gcm", key, iv, payload, head) + (self.mki or b"")
        if not self.clear:
            iv = xor(salt + b"\0\0", bytes(4) + packet[8:12] + index + b"\0\0")
            payload = cipher(f"EVP_aes_{8 * self.key_bytes}_ctr", key, iv, payload)
        tag = hmac.new(auth, head + payload + struct.pack(">I", roc), hashlib.sha1).digest()[:self.tag]
        return head + payload + (self.mki or b"") + tag

    def protect_rtcp(self, packet, index):
        key, auth, salt = self.rtcp
        head, payload, trailer = packet[:8], packet[8:], struct.pack(">I", 0x80000000 | index)
        if self.gcm:
            iv = xor(b"\0\0" + packet[4:8] + b"\0\0" + struct.pack(">I", index), salt)
            return head + cipher(f"EVP_aes_{8 * self.key_bytes}_gcm", key, iv, payload, head + trailer) + trailer + (self.mki or b"")
        iv = xor(salt + b"\0\0", bytes(4) + packet[4:8] + b"\0\0" + struct.pack(">I", index) + b"\0\0")
        whole = head + cipher(f"EVP_aes_{8 * self.key_bytes}_ctr", key, iv, payload) + trailer
        return whole + (self.mki or b"") + hmac.new(auth, whole, hashlib.sha1).digest()[:10]


A, B = ("10.1.0.1", 4000), ("10.2.0.2", 6000)  # the caller's and the callee's media


def sdp(place, lines, direction="sendrecv"):
    body = ["v=0", f"o=- 1 1 IN IP4 {place[0]}", "s=-", f"c=IN IP4 {place[0]}", "t=0 0", f"m=audio {place[1]} RTP/SAVP 0 101", "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:101 telephone-event/8000", *lines, f"a={direction}"]
    return "".join(line + "\r\n" for line in body)


class Call:
    """A call whose ends say these crypto lines; media is put in between."""

    def __init__(self, offer, answer, carrier=None, places=(("10.1.0.1", 5060), ("10.2.0.2", 5060))):
        self.scene = Scene(carrier)
        self.leg = Leg(self.scene, "secret@example.com", caller=places[0], callee=places[1])
        self.leg.invite(sdp(A, offer))
        self.scene.wait(500)
        self.answer = answer
        self.begun = False

    def pick_up(self):
        self.leg.answer(body=sdp(B, self.answer))
        self.scene.wait(10)
        self.leg.ack()
        self.begun = True

    def stream(self, seal, src=A, dst=B, ssrc=0x5ec0e701, digits="159", seconds=1.0, seq=1000, ts=160000, roc=0, plain=False):
        """Speech and digits, sealed; the roll-over counter goes on."""
        stream = Stream(src, dst, ssrc=ssrc, seq=seq, ts=ts, start=self.scene.now)
        for digit in digits:
            stream.talk(seconds)
            stream.digit("0123456789*#ABCD".index(digit))
        stream.talk(seconds)
        last = seq
        for at, packet in stream.wire():
            payload = packet[28:]
            number = struct.unpack(">H", payload[2:4])[0]
            roc += number < 0x4000 < 0xc000 < last
            last = number
            sealed = payload if plain else seal.protect(payload, roc)
            self.scene.packets.append((at, wire.udp_packet(src, dst, sealed)))
        self.scene.now = stream.now
        return stream

    def frames(self):
        if not self.begun:
            self.pick_up()
        self.leg.bye()
        self.scene.packets.sort(key=lambda p: p[0])
        return self.scene.frames()


def streams_of(bench, call, *args):
    records, _ = bench.run("-q", *args, bench.pcap(call.frames()))
    return sorted((r for r in records if r["record"] == "stream"), key=lambda r: r["id"]), records


def check(stream, digits="159", failures=0, suite=None, decrypted=True):
    srtp = stream["srtp"]
    assert srtp["decrypted"] == decrypted, srtp
    assert srtp["auth_failures"] == failures, srtp
    if decrypted:
        assert srtp["authenticated"] + failures == stream["packets"], (srtp, stream["packets"])
        assert failures or "why" not in srtp, srtp
    assert "".join(d["digit"] for d in stream.get("dtmf", [])) == digits, stream.get("dtmf")
    assert suite is None or srtp["suite"] == suite, srtp
    assert stream["lost"] == 0, stream


SUITES = ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AES_CM_192_HMAC_SHA1_80", "AES_CM_192_HMAC_SHA1_32", "AES_CM_256_HMAC_SHA1_80",
          "AES_CM_256_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
          "AEAD_AES_128_GCM", "AEAD_AES_256_GCM"]


def test_all_suites(bench):
    for suite in SUITES:
        for mki in (None, b"\1", b"\0\0\1\2"):
            ours, theirs = Seal(suite, 1, mki), Seal(suite, 2)
            call = Call([ours.line()], [theirs.line()])
            call.pick_up()
            call.stream(ours)
            call.stream(theirs, B, A, 0xb0b, "2#")
            streams, records = streams_of(bench, call)
            check(streams[0], suite=suite)
            check(streams[1], "2#", suite=suite)
            assert next(r for r in records if r["record"] == "call")["dtmf"] == "1592#"


def test_keys_of_192_bits_by_libsrtp(bench):
    for suite in [s for s in SUITES if "192" in s]:
        ours, theirs = Seal(suite, 1, old_192=True), Seal(suite, 2)
        call = Call([ours.line()], [theirs.line()])
        call.pick_up()
        call.stream(ours)
        call.stream(theirs, B, A, 0xb0b)
        streams, _ = streams_of(bench, call)
        check(streams[0])
        check(streams[1])
        assert "libsrtp" in streams[0]["srtp"]["note"] and "note" not in streams[1]["srtp"], streams


def test_several_lines(bench):
    """The answer takes the third of the offer; base64 without its padding, in another case, with parameters."""
    lines = [Seal(suite, 10 + i) for i, suite in enumerate(("AEAD_AES_256_GCM", "AES_256_CM_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_80"))]
    theirs = Seal("AES_CM_128_HMAC_SHA1_32", 20)
    call = Call([seal.line(i + 1).replace("=", "", 1).replace("a" + "crypto", "a=crypto") if False else seal.line(i + 1, " WSH=128") for i, seal in enumerate(lines)],
                [theirs.line(3).lower().replace(theirs.text.lower(), theirs.text)])
    call.pick_up()
    call.stream(lines[2])
    call.stream(theirs, B, A, 0xb0b)
    streams, _ = streams_of(bench, call)
    check(streams[0], suite="AES_CM_128_HMAC_SHA1_32")
    check(streams[1])


def test_keys_change_in_mid_call(bench):
    """A new offer has new keys; packets with the old ones still come for a moment, and the counter begins anew, or goes on."""
    for roc in (0, 1):
        old, new, theirs = Seal(seed=1), Seal(seed=2), Seal(seed=3)
        call = Call([old.line()], [theirs.line()])
        call.pick_up()
        call.stream(old, seq=65500, roc=0)
        invited = call.leg.invite(sdp(A, [new.line()]), to_tag=True)
        call.scene.wait(5)
        call.leg.answer(invited, body=sdp(B, [theirs.line()]))
        call.scene.wait(5)
        call.leg.ack(invited)
        call.stream(old, seq=65500 + 233 - 65536, ts=160000 + 233 * 160, digits="", seconds=0.1, roc=1)
        call.stream(new, seq=65500 + 238 - 65536, ts=160000 + 238 * 160, digits="#", seconds=0.5, roc=roc)
        streams, _ = streams_of(bench, call)
        assert len(streams) == 1, streams
        check(streams[0], "159#")


def test_capture_begins_in_the_middle(bench):
    """The counter went on before: the key is right, with a counter that has to be found; and it turns in the capture."""
    for suite in ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"):
        ours = Seal(suite)
        call = Call([ours.line()], [Seal(suite, 9).line()])
        call.pick_up()
        call.stream(ours, roc=5, seq=65400)
        streams, _ = streams_of(bench, call)
        check(streams[0])


def test_wrong_key(bench):
    ours, other = Seal(seed=1), Seal(seed=99)
    call = Call([ours.line()], [Seal(seed=2).line()])
    call.pick_up()
    call.stream(other, digits="12", seconds=2)
    streams, _ = streams_of(bench, call)
    check(streams[0], "", streams[0]["packets"], decrypted=False)
    assert "not valid" in streams[0]["srtp"]["why"], streams
    assert streams[0]["jitter_ms"]["mean"] == 0 and streams[0]["mos"]["lq"] > 4.3, streams[0]


def test_some_packets_are_forged(bench):
    ours = Seal()
    call = Call([ours.line()], [Seal(seed=2).line()])
    call.pick_up()
    call.stream(ours)
    for i in (100, 110, 120):
        at, packet = call.scene.packets[i]
        data = packet[28:]
        call.scene.packets[i] = (at, wire.udp_packet(A, B, data[:20] + bytes([data[20] ^ 1]) + data[21:]))
    streams, _ = streams_of(bench, call)
    check(streams[0], failures=3)


def test_keys_that_are_in_no_description(bench):
    f8 = ["a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + Seal(seed=7).text]
    for lines, word in ((["a=fingerprint:sha-256 AB:CD"], "DTLS"), (f8, "not one that is decrypted")):
        call = Call(lines, lines)
        call.pick_up()
        call.stream(Seal(seed=1), digits="")
        streams, _ = streams_of(bench, call)
        check(streams[0], "", decrypted=False)
        assert word in streams[0]["srtp"]["why"], (lines, streams[0]["srtp"])
    for lines, word in (([], "No description"),
                        (["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:tooshort"], "No description"),
                        (["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "*" * 40, "a=crypto:2 AES_CM_128_HMAC_SHA1_80", "a=crypto:"], "No description")):
        call = Call(lines, [Seal(seed=2).line()])
        call.pick_up()
        call.stream(Seal(seed=1), digits="")
        call.stream(Seal(seed=2), B, A, 0xb0b)
        streams, _ = streams_of(bench, call)
        check(streams[0], "", decrypted=False)
        assert word in streams[0]["srtp"]["why"], (lines, streams[0]["srtp"])
        check(streams[1])


def test_only_authenticated(bench):
    ours = Seal(clear=True)
    call = Call([ours.line()], [Seal(seed=2).line()])
    call.pick_up()
    call.stream(ours)
    check(streams_of(bench, call)[0][0])


def test_media_before_its_key(bench):
    """The callee speaks before its answer, which has its key, comes by: the first packets are checked then."""
    ours, theirs = Seal(seed=1), Seal(seed=2)
    call = Call([ours.line()], [theirs.line()])
    call.stream(theirs, B, A, 0xb0b, digits="", seconds=0.1)
    call.pick_up()
    call.stream(theirs, B, A, 0xb0b, seq=1005, ts=160000 + 5 * 160)
    check(streams_of(bench, call)[0][0])


def test_plain_packets_where_srtp_was_agreed(bench):
    ours = Seal()
    call = Call([ours.line()], [Seal(seed=2).line()])
    call.pick_up()
    call.stream(ours, plain=True, digits="")
    stream = streams_of(bench, call)[0][0]
    assert not stream["srtp"]["decrypted"] and stream["srtp"]["auth_failures"] == stream["packets"], stream


def test_reports_are_opened(bench):
    for suite in ("AES_CM_128_HMAC_SHA1_32", "AEAD_AES_256_GCM"):
        ours, theirs = Seal(suite, 1, mki=b"\7"), Seal(suite, 2)
        call = Call([ours.line()], [theirs.line()])
        call.pick_up()
        call.stream(ours)
        report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 0x5ec0e701, 0x83aa7e80, 0, 16000, 100, 16000)
        report += struct.pack(">BBHI", 0x81, 202, 3, 0x5ec0e701) + b"\1\4cnam\0\0"
        call.scene.packets.append((call.scene.now, wire.udp_packet((A[0], A[1] + 1), (B[0], B[1] + 1), ours.protect_rtcp(report, 1))))
        lost = struct.pack(">BBHIIIIIII", 0x81, 201, 7, 0xb0b, 0x5ec0e701, 0x05000007, 1100, 80, 0, 0)
        call.scene.packets.append((call.scene.now + 1000, wire.udp_packet((B[0], B[1] + 1), (A[0], A[1] + 1), theirs.protect_rtcp(lost, 77))))
        streams, records = streams_of(bench, call)
        assert streams[0]["rtcp"]["sr"] == 1 and streams[0]["rtcp"]["cname"] == "cnam" and streams[0]["rtcp"]["lost"] == 7, streams[0].get("rtcp")
        assert (records[-1]["rtcp_decrypted"], records[-1]["rtcp_unread"]) == (2, 0), records[-1]


def test_srtp_under_tls(bench):
    """The keys are in SIP that TLS hides: with the key log all is read, without it nothing, whenever the key log comes."""
    keys, ours, theirs = bench.keylog(), Seal(seed=31), Seal(seed=32)
    call = Call([ours.line()], [theirs.line()], tunnel.Tls(bench.cert, keys), (("10.1.0.1", 40000), ("10.2.0.2", 5061)))
    call.pick_up()
    call.stream(ours)
    path = bench.pcap(call.frames())
    found, _ = bench.run("-q", "-k", keys, path)
    check(next(r for r in found if r["record"] == "stream"))
    found, _ = bench.run("-q", path)
    stream = next(r for r in found if r["record"] == "stream")
    assert "srtp" not in stream and "dtmf" not in stream and stream["packets"] > 150, stream


def test_hostile_crypto_lines(bench):
    """Lines of every length and many of them, in many offers: no more than the newest keys are kept, and the right one is among them."""
    chance = random.Random(5)
    ours = Seal(seed=1)
    call = Call([ours.line()], [Seal(seed=2).line()])
    call.pick_up()
    for i in range(40):
        lines = [Seal(seed=1000 + 8 * i + k).line(k + 1) for k in range(6)]
        lines.append("a=crypto:" + "".join(chr(chance.randrange(32, 127)) for _ in range(chance.randrange(300))))
        lines.append(f"a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:{ours.text}|{'9' * chance.randrange(40)}:{chance.randrange(300)}")
        invited = call.leg.invite(sdp(A, lines + [ours.line()]), to_tag=True)
        call.leg.answer(invited, body=sdp(B, [Seal(seed=2).line()]))
        call.leg.ack(invited)
    call.stream(ours)
    newest = Seal(seed=3)
    invited = call.leg.invite(sdp(A, [newest.line()]), to_tag=True)
    call.leg.answer(invited, body=sdp(B, [Seal(seed=2).line()]))
    call.leg.ack(invited)
    call.stream(newest, seq=1233, ts=160000 + 233 * 160, digits="#")
    check(streams_of(bench, call)[0][0], "159#")


def tests():
    return trials_of(globals())

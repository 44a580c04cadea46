"""DTLS-SRTP: openssl s_client and s_server agree on keys over a relay that keeps their datagrams; media is sealed with what they export.
DTLS 1.3, which openssl(1) does not speak yet, is built here: the two hellos by RFC 9147, the exporter by RFC 8446 7.5 from Python's hmac."""
import hashlib
import hmac
import os
import re
import socket
import struct
import subprocess
import threading
import time

import media
import wire
from scene import Leg

EXPORT = "EXTRACTOR-dtls_srtp"


def relay(server_port, kept, stop):
    """Passes datagrams on; kept: (from the client, bytes) in order. Returns the port for the client."""
    front, back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    front.bind(("127.0.0.1", 0))
    back.connect(("127.0.0.1", server_port))
    for s in (front, back):
        s.settimeout(0.1)
    client = []

    def forward():
        while not stop.is_set():
            try:
                data, client[:] = front.recvfrom(65536)
                kept.append((True, data))
                back.send(data)
            except OSError:
                pass

    def backward():
        while not stop.is_set():
            try:
                data = back.recv(65536)
                kept.append((False, data))
                front.sendto(data, tuple(client))
            except OSError:
                pass

    for run in (forward, backward):
        threading.Thread(target=run, daemon=True).start()
    return front.getsockname()[1]


def handshake(bench, keys, profile, length, version):
    """The datagrams of a handshake, and the key material that the client exported."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    kept, stop = [], threading.Event()
    server = subprocess.Popen(["openssl", "s_server", version, "-accept", str(port), "-cert", bench.cert[0], "-key", bench.cert[1], "-use_srtp", profile, "-quiet"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.4)
        client = subprocess.Popen(["openssl", "s_client", version, "-connect", f"127.0.0.1:{relay(port, kept, stop)}", "-use_srtp", profile, "-keylogfile", keys,
                                   "-keymatexport", EXPORT, "-keymatexportlen", str(length)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        time.sleep(0.8)
        out, _ = client.communicate(b"", timeout=10)
    finally:
        server.kill()
        server.wait(5)
        stop.set()
    material = re.search(rb"Keying material: ([0-9A-F]+)", out)
    assert material, out[-500:]
    return list(kept), bytes.fromhex(material.group(1).decode())


def sdp(place, setup):
    body = media.sdp(place, ["a=fingerprint:sha-256 AB:CD", f"a=setup:{setup}"])
    return body.replace("RTP/SAVP", "UDP/TLS/RTP/SAVP")


def call_between(datagrams):
    """A call whose media ends exchange the datagrams, as (from the client, bytes): the caller is the client."""
    call = media.Call([], [])
    call.leg = Leg(call.scene, "secret@example.com")
    call.leg.invite(sdp(media.A, "active"))
    call.scene.wait(100)
    call.leg.answer(body=sdp(media.B, "passive"))
    call.leg.ack()
    call.begun = True
    for from_client, data in datagrams: # on the ports of the media
        call.scene.wait(5)
        src, dst = (media.A, media.B) if from_client else (media.B, media.A)
        call.scene.packets.append((call.scene.now, wire.udp_packet(src, dst, data)))
    return call


def seals_of(material, suite, key, salt):
    """client key, server key, client salt, server salt (RFC 5764 4.2)"""
    ours, theirs = media.Seal(suite), media.Seal(suite)
    for side, seal in enumerate((ours, theirs)):
        seal.set_master(material[side * key:(side + 1) * key] + material[2 * key + side * salt:2 * key + (side + 1) * salt])
    return ours, theirs


def connection_of(records, **facts):
    """The one record of the DTLS connection, which has these facts."""
    connections = [r for r in records if r["record"] == "connection"]
    assert len(connections) == 1, connections
    got = {name: connections[0].get(name) for name in facts}
    assert got == facts, (got, facts)
    assert (connections[0]["protocol"], connections[0]["src"], connections[0]["dst"]) == ("dtls", "10.1.0.1:4000", "10.2.0.2:6000"), connections[0]
    return connections[0]


def test_keys_agreed_by_dtls(bench):
    for suite, profile, key, salt, version, cipher in (
            ("AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_SHA1_80", 16, 14, "-dtls1_2", "DTLS 1.2"),
            ("AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 32, 12, "-dtls1_2", "DTLS 1.2")):
        keys = bench.keylog()
        datagrams, material = handshake(bench, keys, profile, 2 * (key + salt), version)
        ours, theirs = seals_of(material, suite, key, salt)
        call = call_between(datagrams)
        call.stream(ours)
        call.stream(theirs, media.B, media.A, 0xb0b, "2#")
        path = bench.pcap(call.frames())
        found, _ = bench.run("-q", "-k", keys, path)
        streams = sorted((r for r in found if r["record"] == "stream"), key=lambda r: r["id"])
        media.check(streams[0], suite=suite)
        media.check(streams[1], "2#", suite=suite)
        record = connection_of(found, version=cipher, state="open", srtp=suite, decrypted=True, why=None)
        assert record["suite"].startswith("ECDHE_RSA_WITH_") and record["open"] > record["start"], record
        assert found[-1]["tls_connections"] == 0, found[-1]
        saved = bench.path("saved.pcapng") # with the secret of this handshake it can be read by itself
        bench.run("-q", "-k", keys, "-o", "pcapng:" + saved, "--pcap-secrets", "-w", "method = INVITE", path)
        again, _ = bench.run("-q", saved)
        for number, digits in enumerate(("159", "2#")):
            media.check(sorted((r for r in again if r["record"] == "stream"), key=lambda r: r["id"])[number], digits, suite=suite)
        found, _ = bench.run("-q", path)
        stream = next(r for r in found if r["record"] == "stream")
        assert stream["srtp"]["suite"] == "DTLS-SRTP" and "DTLS" in stream["srtp"]["why"] and not stream["srtp"]["decrypted"], stream["srtp"]
        connection_of(found, version=cipher, state="open", srtp=suite, decrypted=False, why="no key log was given")
        other = bench.keylog("other")
        with open(other, "w", encoding="ascii") as f:
            f.write("CLIENT_RANDOM " + "00" * 32 + " " + "11" * 48 + "\n")
        found, _ = bench.run("-q", "-k", other, path)
        connection_of(found, decrypted=False, why="the key log has no secret of this connection")
        late = call_between(datagrams[-1:])
        found, _ = bench.run("-q", "-k", keys, bench.pcap(late.frames()))
        record = next(r for r in found if r["record"] == "connection")
        assert (record["state"], record["why"]) == ("partial", "its handshake was not captured"), record
        done = subprocess.run([bench.options.sipvet, "--no-tui", "-q", "-k", keys, path], capture_output=True, timeout=20, check=True)
        bench.outputs += [done.stdout, done.stderr]
        assert f"dtls 10.1.0.1:4000 > 10.2.0.2:6000" in done.stdout.decode() and f"{suite}, open, decrypted" in " ".join(done.stdout.decode().split()), done.stdout


def test_dtls_that_fails(bench):
    """A server that refuses the handshake; and one that agrees on no keys of media."""
    keys = bench.keylog()
    datagrams, _ = handshake(bench, keys, "SRTP_AES128_CM_SHA1_80", 60, "-dtls1_2")
    alert = struct.pack(">BHHHIH", 21, 0xfefd, 0, 0, 7, 2) + bytes([2, 40])
    hello = [d for d in datagrams if d[0]][:1]
    found, _ = bench.run("-q", bench.pcap(call_between(hello + [(False, alert)]).frames()))
    record = connection_of(found, state="failed", decrypted=False, why=None)
    assert (record["alert"]["name"], record["alert"]["by"], record["alert"]["fatal"]) == ("handshake_failure", "server", True), record
    found, _ = bench.run("-q", bench.pcap(call_between(hello).frames()))
    connection_of(found, state="handshake", version=None, decrypted=False)


def expand_label(secret, label, context, length):
    """HKDF-Expand-Label of DTLS 1.3 (RFC 9147 5.9): the prefix is "dtls13"."""
    name = b"dtls13" + label
    info = struct.pack(">HB", length, len(name)) + name + bytes([len(context)]) + context
    out, block, hash_ = b"", b"", hashlib.sha256 if len(secret) == 32 else hashlib.sha384
    for i in range(1, length // len(secret) + 2):
        block = hmac.new(secret, block + info + bytes([i]), hash_).digest()
        out += block
    return out[:length]


def exporter(secret, label, length):
    empty = (hashlib.sha256 if len(secret) == 32 else hashlib.sha384)(b"").digest()
    return expand_label(expand_label(secret, label, empty, len(secret)), b"exporter", empty, length)


def hellos_13(random, suite, profiles):
    """The clear part of a DTLS 1.3 handshake, and two encrypted records: the choice among the profiles is in one of them."""
    def extension(kind, value):
        return struct.pack(">HH", kind, len(value)) + value

    def record(message, kind):
        body = bytes([kind]) + struct.pack(">I", len(message))[1:] + struct.pack(">H", 0) + bytes(3) + struct.pack(">I", len(message))[1:] + message
        return struct.pack(">BHHHIH", 22, 0xfefd, 0, 0, 0, len(body)) + body
    srtp = struct.pack(f">H{len(profiles)}HB", 2 * len(profiles), *profiles, 0)
    offered = extension(43, b"\x02\xfe\xfc") + extension(14, srtp)
    client = b"\xfe\xfd" + random + b"\0\0" + struct.pack(">HH", 2, suite) + b"\x01\0" + struct.pack(">H", len(offered)) + offered
    chosen = extension(43, b"\xfe\xfc")
    server = b"\xfe\xfd" + os.urandom(32) + b"\0" + struct.pack(">H", suite) + b"\0" + struct.pack(">H", len(chosen)) + chosen
    return [(True, record(client, 1)), (False, record(server, 2)), (False, b"\x2e\x11\x22" + struct.pack(">H", 80) + os.urandom(80)),
            (True, b"\x2e\x33\x44" + struct.pack(">H", 60) + os.urandom(60))]


def test_dtls_13(bench):
    """The exporter's secret opens media, whichever of the offered profiles the server chose: the packets' tags tell."""
    for number, name, length, offered, suite, key, salt in ((0x1301, "AES_128_GCM_SHA256", 32, [1], "AES_CM_128_HMAC_SHA1_80", 16, 14),
                                                            (0x1302, "AES_256_GCM_SHA384", 48, [8, 7, 1, 2], "AEAD_AES_128_GCM", 16, 12)):
        random, secret = os.urandom(32), os.urandom(length)
        keys = bench.keylog()
        with open(keys, "w", encoding="ascii") as f:
            f.write(f"EXPORTER_SECRET {random.hex()} {secret.hex()}\n")
        ours, theirs = seals_of(exporter(secret, b"EXTRACTOR-dtls_srtp", 2 * (key + salt)), suite, key, salt)
        call = call_between(hellos_13(random, number, offered))
        call.stream(ours)
        call.stream(theirs, media.B, media.A, 0xb0b, "2#")
        path = bench.pcap(call.frames())
        found, _ = bench.run("-q", "-k", keys, path)
        streams = sorted((r for r in found if r["record"] == "stream"), key=lambda r: r["id"])
        media.check(streams[0], suite=suite)
        media.check(streams[1], "2#", suite=suite)
        connection_of(found, version="DTLS 1.3", suite=name, state="open", decrypted=True, why=None, srtp=suite if len(offered) == 1 else None)
        found, _ = bench.run("-q", path)
        connection_of(found, version="DTLS 1.3", decrypted=False, why="no key log was given")
        wrong = bench.keylog()
        with open(wrong, "w", encoding="ascii") as f:
            f.write(f"EXPORTER_SECRET {random.hex()} {os.urandom(length).hex()}\n")
        found, _ = bench.run("-q", "-k", wrong, path)
        stream = next(r for r in found if r["record"] == "stream")
        assert not stream["srtp"]["decrypted"] and stream["srtp"]["auth_failures"] > 0, stream["srtp"]


def tests():
    return [("keys-agreed-by-dtls", test_keys_agreed_by_dtls), ("dtls-that-fails", test_dtls_that_fails), ("dtls-13", test_dtls_13)]

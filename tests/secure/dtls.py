"""DTLS-SRTP: openssl s_client and s_server agree on keys over a relay that keeps their datagrams; media is sealed with what they export."""
import re
import socket
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


def test_keys_agreed_by_dtls(bench):
    for suite, profile, key, salt, version in (("AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_SHA1_80", 16, 14, "-dtls1_2"),
                                               ("AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 32, 12, "-dtls1_2")):
        keys = bench.keylog()
        datagrams, material = handshake(bench, keys, profile, 2 * (key + salt), version)
        ours, theirs = media.Seal(suite), media.Seal(suite)
        for side, seal in enumerate((ours, theirs)): # client key, server key, client salt, server salt (RFC 5764 4.2)
            seal.set_master(material[side * key:(side + 1) * key] + material[2 * key + side * salt:2 * key + (side + 1) * salt])
        call = media.Call([], [])
        call.leg = Leg(call.scene, "secret@example.com")
        call.leg.invite(sdp(media.A, "active"))
        call.scene.wait(100)
        call.leg.answer(body=sdp(media.B, "passive"))
        call.leg.ack()
        call.begun = True
        for from_client, data in datagrams: # the caller is the client, on the ports of the media
            call.scene.wait(5)
            src, dst = (media.A, media.B) if from_client else (media.B, media.A)
            call.scene.packets.append((call.scene.now, wire.udp_packet(src, dst, data)))
        call.stream(ours)
        call.stream(theirs, media.B, media.A, 0xb0b, "2#")
        path = bench.pcap(call.frames())
        found, _ = bench.run("-q", "-k", keys, path)
        streams = sorted((r for r in found if r["record"] == "stream"), key=lambda r: r["id"])
        media.check(streams[0], suite=suite)
        media.check(streams[1], "2#", suite=suite)
        found, _ = bench.run("-q", path)
        stream = next(r for r in found if r["record"] == "stream")
        assert stream["srtp"]["suite"] == "DTLS-SRTP" and "DTLS" in stream["srtp"]["why"] and not stream["srtp"]["decrypted"], stream["srtp"]


def tests():
    return [("keys-agreed-by-dtls", test_keys_agreed_by_dtls)]

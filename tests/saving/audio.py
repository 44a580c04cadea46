#!/usr/bin/env python3
"""Saving what is said (-o audio): every sample of every file against arithmetic: G.711 expanded here by the Recommendation's formula, each packet
where its timestamp puts it, silence where nothing came.

  audio.py --sipvet BIN [--only PART-OF-NAME] [-v]
"""
import os
import random
import struct
import sys
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("cases", "truth", "secure")]
import media  # noqa: E402
import wire  # noqa: E402
from rtp import AUDIO, Stream  # noqa: E402
from packets import ethernet, main  # noqa: E402
from trials import Failed, trials_of, want  # noqa: E402
from scene import sdp  # noqa: E402
from talk import HERE as CALLER, MS, THERE as CALLEE, Talk  # noqa: E402


def from_ulaw(byte):
    """ITU-T G.711, mu-law: all bits inverted; sign, segment, step. 14 bits, here in the upper ones of 16."""
    byte ^= 0xff
    size = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -size if byte & 0x80 else size


def from_alaw(byte):
    """A-law: even bits inverted; 13 bits."""
    byte ^= 0x55
    segment, step = byte >> 4 & 7, byte & 15
    size = (step << 4) + 8 if segment == 0 else (step << 4) + 0x108 << segment - 1
    return size if byte & 0x80 else -size


EXPAND = {0: from_ulaw, 8: from_alaw}


def speak(stream, packets, seed=1, pt=None):
    """Packets of random bytes: no two of them sound alike."""
    rng = random.Random(seed)
    for _ in range(packets):
        stream.put(payload=rng.randbytes(stream.size), pt=pt)
        stream.advance()
    return stream


def expected(stream):
    """What its file holds, from the first packet that came."""
    came = [p for _, p in stream.arrivals() if p.kind == AUDIO]
    first = came[0].ticks
    samples = [0] * max(p.ticks - first + len(p.payload) for p in came)
    for packet in came:
        if packet.ticks >= first:
            for i, byte in enumerate(packet.payload):
                samples[packet.ticks - first + i] = EXPAND[packet.pt](byte)
    return samples


def heard(path, rate=8000):
    with wave.open(path) as file:
        want("format", (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getcomptype()), (1, 2, rate, "NONE"))
        data = file.readframes(file.getnframes())
    want("size of the file", os.path.getsize(path), 44 + len(data))
    return list(struct.unpack(f"<{len(data) // 2}h", data))


def same(what, got, samples):
    if got != samples:
        wrong = [i for i, (a, b) in enumerate(zip(got, samples)) if a != b]
        raise Failed(f"{what}: {len(got)} samples, expected {len(samples)}; {len(wrong)} differ, first {wrong[:1]}: "
                     f"{[got[i] for i in wrong[:3]]}, expected {[samples[i] for i in wrong[:3]]}")


def call_of(*streams, offer=None, answer=None):
    talk = Talk(offer=offer, answer=answer)
    talk.end(max(s.now for s in streams) + 100 * MS)
    return sorted(talk.scene.packets + [p for s in streams for p in s.wire()], key=lambda p: p[0])


def save(bench, packets, *args, status=0, data=None):
    """Files by their names, and what standard error said."""
    folder = bench.path("audio")
    path = [bench.capture(ethernet(packets))] if data is None else ["-"]
    done = bench.run("-o", "audio:" + folder, *args, *path, status=status, data=data)
    return {name: os.path.join(folder, name) for name in sorted(os.listdir(folder))}, done.stderr.decode()


def test_every_value(bench):
    """All 256 codes of both laws."""
    for pt, name in ((0, "PCMU/8000"), (8, "PCMA/8000")):
        stream = Stream(CALLER, CALLEE, pt=pt)
        for i in range(20):
            stream.put(payload=bytes((i * 160 + n) & 0xff for n in range(160)))
            stream.advance()
        body = dict(codecs=((pt, name),))
        files, said = save(bench, call_of(stream, offer=sdp(CALLER, 4000, 1, **body), answer=sdp(CALLEE, 6000, 2, **body)))
        want("files", list(files), ["call-1-stream-1.wav"])
        want("standard error", said, "")
        same(name, heard(files["call-1-stream-1.wav"]), expected(stream))
        want("values", len(set(expected(stream))) >= 255, True)
        want("mode", oct(os.stat(files["call-1-stream-1.wav"]).st_mode & 0o777), "0o600")


def test_losses_and_disorder(bench):
    """Lost packets are silence, those out of order or twice are in their places, pauses of the sender last as long as they did."""
    there, back = speak(Stream(CALLER, CALLEE), 400), speak(Stream(CALLEE, CALLER, ssrc=0xb0b, size=80, ptime=10), 700, 2)
    there.lose(5, 6, 7, 100, 399).delay([20, 50], 55).repeat([30, 31])
    speak(there.silence(3.21), 100, 3)
    there.digit(5)
    speak(there, 50, 4)
    back.lose_random(0.1).delay([9], 35)
    files, said = save(bench, call_of(there, back))
    want("files", list(files), ["call-1-stream-1.wav", "call-1-stream-2.wav"])
    want("standard error", said, "")
    same("there", heard(files["call-1-stream-1.wav"]), expected(there))
    same("back", heard(files["call-1-stream-2.wav"]), expected(back))


def test_timestamps_wrap_and_jump(bench):
    """The 32 bits run over; a sender that begins anew goes on where the clock is."""
    stream = speak(Stream(CALLER, CALLEE, ts=0xffffffff - 16000), 200)
    files, _ = save(bench, call_of(stream))
    same("wrapped", heard(files["call-1-stream-1.wav"]), expected(stream))
    first = speak(Stream(CALLER, CALLEE), 100)
    second = speak(Stream(CALLER, CALLEE, ts=0x70000000, seq=1100, start=first.now), 100, 2)
    files, _ = save(bench, call_of(first, second))
    same("jumped", heard(files["call-1-stream-1.wav"]), expected(first) + expected(second))


def test_only_chosen_calls(bench):
    mine, other = speak(Stream(CALLER, CALLEE), 50), speak(Stream(("10.8.0.1", 4000), ("10.9.0.2", 6000), ssrc=77), 50, 2)
    strange = Talk("other@example.com", ("10.8.0.1", 5060), ("10.9.0.2", 5060))
    strange.end(other.now + 100 * MS)
    packets = sorted(call_of(mine) + strange.scene.packets + other.wire(), key=lambda p: p[0])
    files, _ = save(bench, packets, "-w", 'call_id = "call-1@example.com"')
    want("files", len(files), 1)
    same("mine", heard(list(files.values())[0]), expected(mine))
    files, _ = save(bench, packets)
    want("all files", len(files), 2)
    files, _ = save(bench, None, "-w", 'call_id = "other@example.com"', data=wire.pcap(ethernet(packets), nano=True))
    want("files", len(files), 1)
    same("from a pipe", heard(list(files.values())[0]), expected(other))


def test_what_is_not_decoded(bench):
    """Other codecs are said, once for all streams; a call that changes to one is silent from there on."""
    body = dict(codecs=((18, "G729/8000"), (0, "PCMU/8000")))
    talk = dict(offer=sdp(CALLER, 4000, 1, **body), answer=sdp(CALLEE, 6000, 2, **body))
    there, back = Stream(CALLER, CALLEE, pt=18, size=20), Stream(CALLEE, CALLER, ssrc=5, pt=18, size=20)
    files, said = save(bench, call_of(speak(there, 50), speak(back, 50), **talk))
    want("files", list(files), [])
    want("said", "2 streams of G729 not decoded (PCMU and PCMA are)" in said, True)
    changes = speak(Stream(CALLER, CALLEE), 60)
    kept = expected(changes)
    changes.size = 20
    speak(changes, 60, 2, pt=18)
    files, said = save(bench, call_of(changes, **talk))
    same("until the change", heard(files["call-1-stream-1.wav"]), kept)
    want("said", "1 stream of G729 not decoded" in said, True)


def test_encrypted(bench):
    """SRTP comes out as it was before; with a wrong key nothing does, and that is said."""
    for suite in ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"):
        seal, wrong = media.Seal(suite), media.Seal(suite, seed=9)
        for line, opens in ((seal, True), (wrong, False)):
            call = media.Call([line.line()], [line.line()])
            call.pick_up()
            stream = speak(Stream(media.A, media.B, start=call.scene.now), 300).lose(10, 11)
            for at, packet in stream.wire():
                call.scene.packets.append((at, wire.udp_packet(media.A, media.B, seal.protect(packet[28:], 0))))
            call.scene.now = stream.now
            call.leg.bye()
            files, said = save(bench, sorted(call.scene.packets, key=lambda p: p[0]))
            want(f"{suite}: files", len(files), int(opens))
            want(f"{suite}: said", "no key opens all of 1 stream" in said, not opens)
            if opens:
                same(suite, heard(files["call-1-stream-1.wav"]), expected(stream))


def test_many_streams(bench):
    """More than wait at once, interleaved packet by packet."""
    streams = [speak(Stream((f"10.1.{i // 200}.{i % 200 + 1}", 4000), (f"10.2.{i // 200}.{i % 200 + 1}", 6000), ssrc=i + 1, size=16), 4, i) for i in range(4200)]
    files, _ = save(bench, sorted((p for s in streams for p in s.wire()), key=lambda p: p[0]))
    want("files", len(files), 4200)
    for i, stream in enumerate(streams):
        same(f"stream {i + 1}", heard(files[f"stream-{i + 1}.wav"]), expected(stream))


def test_folder(bench):
    packets = call_of(speak(Stream(CALLER, CALLEE), 50))
    path = bench.capture(ethernet(packets))
    said = bench.run("-o", "audio", path, status=4).stderr.decode()
    want("said without a folder", "needs a folder" in said, True)
    file = bench.write("no-folder", b"x")
    said = bench.run("-o", "audio:" + file, path, status=4).stderr.decode()
    want("said of a file", "cannot write" in said, True)


if __name__ == "__main__":
    sys.exit(main(trials_of(globals()), __doc__))

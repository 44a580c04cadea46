"""Reads capture files that sipvet wrote: every frame with its time, link type and interface, the comments and the secrets."""
import struct

LINK_ETHERNET = 1


class File:
    def __init__(self, data):
        self.frames = []       # (time in ns, bytes, length on the wire, link type, interface's name)
        self.comments = {}     # frame's place from 0: texts
        self.secrets = []      # (place of the frame behind it, lines)
        self.interfaces = []   # (link type, snap length, name, resolution)
        self.ng = data[:4] == b"\x0a\x0d\x0d\x0a"
        self.end = None        # isb_endtime
        (self.read_ng if self.ng else self.read)(data)

    def read(self, data):
        magic, major, minor, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
        assert (magic, major, minor) == (0xa1b23c4d, 2, 4), hex(magic)
        at = 24
        while at < len(data):
            seconds, ns, captured, wire = struct.unpack("<IIII", data[at:at + 16])
            assert at + 16 + captured <= len(data) and ns < 10**9
            self.frames.append((seconds * 10**9 + ns, data[at + 16:at + 16 + captured], wire, link, ""))
            at += 16 + captured

    @staticmethod
    def options(body):
        while len(body) >= 4:
            code, length = struct.unpack("<HH", body[:4])
            if code == 0:
                assert length == 0 and len(body) == 4
                return
            yield code, body[4:4 + length]
            body = body[4 + length + -length % 4:]

    def read_ng(self, data):
        at = 0
        while at < len(data):
            kind, length = struct.unpack("<II", data[at:at + 8])
            assert length % 4 == 0 and struct.unpack("<I", data[at + length - 4:at + length])[0] == length
            self.block(kind, data[at + 8:at + length - 4])
            at += length

    def block(self, kind, body):
        if kind == 0x0a0d0d0a:
            assert struct.unpack("<IHH", body[:8]) == (0x1a2b3c4d, 1, 0)
        elif kind == 1:
            link, _, snaplen = struct.unpack("<HHI", body[:8])
            options = dict(self.options(body[8:]))
            self.interfaces.append((link, snaplen, options.get(2, b"").decode(), options[9][0]))
        elif kind == 6:
            interface, high, low, captured, wire = struct.unpack("<IIIII", body[:20])
            link, _, name, resolution = self.interfaces[interface]
            assert resolution == 9
            texts = [value.decode() for code, value in self.options(body[20 + captured + -captured % 4:]) if code == 1]
            if texts:
                self.comments[len(self.frames)] = texts
            self.frames.append((high << 32 | low, body[20:20 + captured], wire, link, name))
        elif kind == 10:
            form, length = struct.unpack("<II", body[:8])
            assert form == 0x544c534b
            self.secrets.append((len(self.frames), body[8:8 + length].decode()))
        elif kind == 5:
            for code, value in self.options(body[12:]):
                if code == 3:
                    high, low = struct.unpack("<II", value)
                    self.end = high << 32 | low
        else:
            raise AssertionError(f"block {kind}")


def read(path):
    with open(path, "rb") as f:
        return File(f.read())

"""SIP over TLS: Python's own TLS stack talks to itself in memory, and what it sends becomes TCP segments. The secrets go into a key log."""
import os
import ssl
import subprocess

import wire

LEGACY = ":@SECLEVEL=0"


def certificate(folder, names=("sip.example.com",), name="server"):
    """The paths of a self-signed certificate and its key, made by openssl(1) once a folder."""
    cert, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    if not os.path.exists(cert):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "3650", "-subj", f"/CN={names[0]}",
                        "-addext", "subjectAltName=" + ",".join("DNS:" + n for n in names)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, key


class Tls:
    """A carrier as wire.Tcp is one. What one end sends in a call of send() is one TLS record, or as many as `records` says.

    trust: what the client checks the server's certificate against; None: nothing. above: frames each message (wss)."""

    def __init__(self, cert, keylog, version=ssl.TLSVersion.TLSv1_3, ciphers=None, server_name="sip.example.com", mss=1460, records=1, trust=None, above=None):
        self.tcp, self.records, self.above, self.server_name = wire.Tcp(mss), records, above, server_name
        self.name = "wss" if above else "tls"
        self.contexts = [ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)]
        for context in self.contexts:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version
            context.minimum_version = version
            if ciphers:
                context.set_ciphers(ciphers + LEGACY)
        client, server = self.contexts
        server.load_cert_chain(*cert)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE if trust is None else ssl.CERT_REQUIRED
        if trust:
            client.load_verify_locations(trust)
        if keylog:
            client.keylog_filename = keylog
        self.ends, self.error = {}, None

    def open(self, src, dst):
        """The handshake; self.error is what the client says where it fails."""
        wires = {place: (ssl.MemoryBIO(), ssl.MemoryBIO()) for place in (src, dst)}
        self.client = src
        self.ends = {src: (self.contexts[0].wrap_bio(*wires[src], server_hostname=self.server_name), *wires[src]),
                     dst: (self.contexts[1].wrap_bio(*wires[dst], server_side=True), *wires[dst])}
        packets = self.tcp.open(src, dst)
        for _ in range(10):
            for place, other in ((src, dst), (dst, src)):
                try:
                    self.ends[place][0].do_handshake()
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError as error:
                    self.error = error
                packets += self.flush(place, other)
        if self.above:
            for at, head in ((src, b"GET /sip HTTP/1.1\r\nHost: sip.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"),
                             (dst, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n")):
                packets += self.say(at, dst if at == src else src, head)
        return packets

    def flush(self, place, other):
        """What the end wants to send, as segments; it arrives."""
        out = self.ends[place][2].read()
        self.ends[other][1].write(out)
        return self.tcp.send(place, other, out) if out else []

    def say(self, src, dst, payload):
        size = -(-len(payload) // self.records)
        packets = []
        for i in range(0, len(payload), size):
            self.ends[src][0].write(payload[i:i + size])
            packets += self.flush(src, dst)
            try:
                self.ends[dst][0].read(65536)
            except ssl.SSLWantReadError:
                pass
        return packets

    def send(self, src, dst, payload):
        packets = [] if self.ends else self.open(src, dst)
        if self.above:
            payload = wire.websocket_frame(payload, src == self.client)
        return packets + self.say(src, dst, payload)

    def close(self, src, dst):
        for place, other in ((src, dst), (dst, src)):
            try:
                self.ends[place][0].unwrap()
            except ssl.SSLError:
                pass
        return self.flush(src, dst) + self.flush(dst, src) + self.tcp.close(src, dst)

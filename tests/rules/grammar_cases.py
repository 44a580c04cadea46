"""Defects of the grammar that carry the trunk catalogue's ids, or that tests/dissectors does not name: id -> a change of a good INVITE."""
from traffic import CALLER, CUSTOMER


def raw(t, old, new):
    """The INVITE with some bytes changed."""
    t.request("INVITE", body=t.offer())
    t.packets.pop()
    data = t.last["bytes"]
    assert old in data, old
    t.mark()
    t.send(t.customer, t.trunk, data.replace(old, new, 1))


CASES = {
    "sip-line-end": lambda t: raw(t, b"Max-Forwards: 70\r\n", b"Max-Forwards: 70\n"),
    "sip-contact-missing-rfc2543": lambda t: raw(t, f"Contact: <sip:{CALLER}@{CUSTOMER}:5060>\r\n".encode(), b"X-Old: 1\r\n"),
    "sip-call-id": lambda t: raw(t, b"Call-ID: call-1@", b"Call-ID: call 1@"),
    "from-tag-missing": lambda t: raw(t, b";tag=from1", b""),
    "empty-header": lambda t: raw(t, f"Contact: <sip:{CALLER}@{CUSTOMER}:5060>".encode(), b"Contact:"),
    "duplicate-single-header": lambda t: raw(t, b"Max-Forwards: 70\r\n", b"Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=x\r\n"),
    "cseq-method-mismatch": lambda t: raw(t, b"101 INVITE", b"101 BYE"),
    "via-branch-cookie": lambda t: raw(t, b"branch=z9hG4bK", b"branch="),
    "content-length-mismatch": lambda t: raw(t, b"Content-Length: ", b"Content-Length: 9"),
    "body-without-content-type": lambda t: raw(t, b"Content-Type: application/sdp\r\n", b""),
}


def contact_missing_old(t):
    """RFC 2543 style: neither cookie nor Contact."""
    t.request("INVITE", body=t.offer(), drop=("Contact",), branch="77")
    t.mark(back=1)


def length_missing_tcp(t):
    import wire
    t.tcp = wire.Tcp()
    t.mark()
    t.frame += 3
    t.request("INVITE", drop=("Content-Length",))
    t.put(t.tcp.close(t.customer, t.trunk)[0])


CASES["sip-contact-missing-rfc2543"] = contact_missing_old
CASES["content-length-missing-tcp"] = length_missing_tcp

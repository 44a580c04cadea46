"""SIP over TLS between openssl s_client and s_server on the loopback of a network namespace of its own, sniffed while the key log grows."""
import json
import os
import signal
import subprocess
import time

PORT = 5061
OPTIONS = ("OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:5090;branch=z9hG4bK{0}\r\nMax-Forwards: 70\r\nFrom: <sip:b@127.0.0.1>;tag=1\r\n"
           "To: <sip:a@127.0.0.1>\r\nCall-ID: live-{0}\r\nCSeq: 1 OPTIONS\r\nContact: <sip:b@127.0.0.1>\r\nContent-Length: 0\r\n\r\n")


def namespace():
    """Its name, or why there is none."""
    if os.geteuid() != 0:
        return None, "only root can make network namespaces"
    name = f"sipvet-tls-{os.getpid()}"
    for command in (["ip", "netns", "add", name], ["ip", "-n", name, "link", "set", "lo", "up"]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            return None, str(error)
        if done.returncode != 0:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
            return None, done.stderr.strip()
    return name, None


def speak(inside, bench, keys, client_args, update):
    """One connection: a request, with a key update in its middle where that is asked for, another one; then the end."""
    server = subprocess.Popen([*inside, "openssl", "s_server", "-quiet", "-accept", str(PORT), "-cert", bench.cert[0], "-key", bench.cert[1], "-naccept", "1"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.4)
    client = subprocess.Popen([*inside, "openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-keylogfile", keys, "-servername", "sip.example.com", *client_args],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.4)
    for part in ([OPTIONS.format("a")] + ([update] if update else []) + [OPTIONS.format("b")]):
        client.stdin.write(part.encode())
        client.stdin.flush()
        time.sleep(0.3)
    client.stdin.close()
    client.wait(10)
    server.stdin.close()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(5)


def test_openssl_on_loopback(bench):
    name, problem = namespace()
    if name is None:
        return f"skipped: {problem}"
    try:
        inside = ["ip", "netns", "exec", name]
        for args, update in ((["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], "K\n"), (["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], None)):
            keys, report = bench.keylog(), bench.path(f"live.{args[0]}.json")
            sniffer = subprocess.Popen([*inside, bench.options.sipvet, "--no-tui", "-q", "--messages", "-i", "lo", "-k", keys, "-o", "json:" + report],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            time.sleep(0.8)
            speak(inside, bench, keys, args, update)
            time.sleep(0.5)
            sniffer.send_signal(signal.SIGINT)
            _, errors = sniffer.communicate(timeout=15)
            with open(report, "rb") as f:
                bench.outputs += [errors, f.read()]
            records = [json.loads(line) for line in bench.outputs[-1].splitlines()]
            found = sorted(r["call_id"] for r in records if r["record"] == "message" and r["decrypted"])
            assert sniffer.returncode == 0, errors
            assert found == ["live-a", "live-b"], (args, found, [r for r in records if r["record"] == "connection"])
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return None


def tests():
    return [("openssl-on-loopback", test_openssl_on_loopback)]

#!/usr/bin/env python3
"""Runs the interface in a real terminal (tmux): it shows the sample, answers keys, follows resizes, stops and goes on, leaves the
terminal as it was, and ends when the terminal is gone. Then, on a pty of its own, how soon keys are answered while a file is read.

  terminal.py --sipvet BIN [--within SECONDS] [--only NAME]

Without tmux, or where no pseudo-terminal can be opened, the exit status is 77: skipped. Waits are loops that look for a text, never fixed times.
"""
import argparse
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "..", "..", "samples", "trunk.pcap")
PATIENCE = 20  # seconds


class Failed(Exception):
    pass


class Terminal:
    """A tmux server of its own with one shell; its socket is in the test's folder, so that tests side by side do not meet."""

    servers = 0

    def __init__(self, columns, rows, **environment):
        Terminal.servers += 1
        self.socket = os.path.join(os.getcwd(), f"tmux-{Terminal.servers}")
        settings = {"TERM": "tmux-256color", "LC_ALL": "C.UTF-8", "NO_COLOR": "", "SNGREPRC": "/nonexistent", "XDG_CONFIG_HOME": os.path.join(os.getcwd(), "config"), "PS1": "ready> ", **environment}
        shell = "env " + " ".join(f"'{k}={v}'" for k, v in settings.items()) + " bash --norc --noprofile"
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), shell)
        self.wait("ready>")

    def tmux(self, *args, check=True):
        done = subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *args], capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise Failed(f"tmux {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout

    def screen(self, colours=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def wait(self, *texts, gone=()):
        """The screen, as soon as all texts are on it and none of those that should be gone."""
        until = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if all(t in screen for t in texts) and not any(t in screen for t in gone):
                return screen
            if time.monotonic() > until:
                raise Failed(f"waited for {texts} without {gone}, and the screen is:\n{screen}")
            time.sleep(0.02)

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def run(self, command):
        self.type(command)
        self.keys("Enter")

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def close(self):
        self.tmux("kill-server", check=False)


def expect(condition, what, screen=""):
    if not condition:
        raise Failed(f"{what}\n{screen}")


def alive(pid):
    """Zombies do not count: who reaps them is not the program's affair."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pid_of(terminal):
    """Of the program that runs in the pane: the shell's child."""
    shell = terminal.tmux("display-message", "-p", "#{pane_pid}").strip()
    for _ in range(100):
        children = open(f"/proc/{shell}/task/{shell}/children", encoding="ascii").read().split()
        if children:
            return int(children[0])
        time.sleep(0.02)
    raise Failed("the program does not run")


def walk(options):
    """List, call, search, help, resize, quit; the terminal is as before."""
    terminal = Terminal(100, 30)
    try:
        terminal.run("stty -g > before; true")
        terminal.run(f"{options.sipvet} {SAMPLE}; echo status=$?")  # on a terminal the screens open by themselves
        screen = terminal.wait("read: 14 calls", "F1 Help")
        expect("-- 2026" not in screen, "the report was printed too", screen)
        terminal.keys("Down", "Down", "Enter")
        terminal.wait("486 Busy Here", "INVITE (SDP)", "call 3")
        terminal.keys("Down", "Down", "Enter")  # its text is read again from the file
        terminal.wait("SIP/2.0 486 Busy Here", "CSeq: 1 INVITE", "frame 11")
        terminal.keys("Escape", "v")
        terminal.wait("Verdict", "call 3")
        terminal.keys("Escape", "Escape")
        terminal.wait("3/14")
        terminal.type("/rejected 12065550100")
        terminal.wait("/3", gone=["timeout"])
        terminal.keys("Escape")
        terminal.wait("3/14", "timeout")
        terminal.keys("F1")
        terminal.wait("Keys of every screen")
        terminal.resize(40, 10)
        terminal.wait("Calls: keys", gone=["Keys of every screen"])
        terminal.keys("Escape")
        terminal.wait("3/14", ">    3 busy")
        terminal.resize(140, 40)
        terminal.wait("203.0.113.99:5060", "Msgs")
        terminal.keys("Escape")
        terminal.wait("Quit sipvet?")
        terminal.keys("n")
        terminal.wait("F1 Help", gone=["Quit sipvet?"])
        terminal.keys("q")
        screen = terminal.wait("status=0", "ready>")
        expect("F1 Help" not in screen, "the screen was not taken away", screen)
        terminal.run("stty -g > after; cmp before after && echo same")
        terminal.wait("\nsame")
        expect(terminal.tmux("display-message", "-p", "#{cursor_flag}#{alternate_on}").strip() == "10", "no cursor, or the other screen")
    finally:
        terminal.close()


def keeps(options):
    """Settings are kept and come back; calls are saved, and nothing is written over unasked; the mouse clicks."""
    terminal = Terminal(100, 30)
    try:
        terminal.run(f"{options.sipvet} {SAMPLE}; echo status=$?")
        terminal.wait("read: 14 calls", "Verdict")
        terminal.type("tGkkk ")  # the column of retransmissions
        terminal.wait("[x] Again")
        terminal.type("s")
        terminal.wait("kept in", "sipvet/config.json")
        terminal.keys("Escape")
        terminal.wait("Again", "14 calls")
        terminal.type("\033[M 5(")  # the fifth call: button 1, column and row from 33 on
        terminal.wait(" 5/14")
        terminal.keys("Space", "F2")
        terminal.wait("Save 1 call ", "calls.json")
        terminal.keys("Enter")
        terminal.wait("1 call saved in calls.json")
        terminal.keys("Escape", "F2", "Enter")
        terminal.wait("Write over it?")
        terminal.keys("n")
        terminal.wait("File:", gone=["Write over it?"])
        terminal.keys("C-u")
        terminal.type("call.pcap")
        terminal.keys("Enter")
        terminal.wait("1 call saved in call.pcap")
        terminal.keys("Escape")
        terminal.wait("1 marked")
        terminal.keys("Enter")
        terminal.wait("Call flow")
        terminal.type("S")
        terminal.wait("Save the flow")
        terminal.keys("Enter")
        terminal.wait("saved in flow.txt")
        terminal.keys("Escape")
        terminal.wait("Call flow")
        terminal.keys("Escape", "F2")
        terminal.wait("File:")
        terminal.keys("C-u")
        terminal.type("/no/such/folder/a.txt")
        terminal.keys("Enter")
        terminal.wait("not saved:")
        terminal.keys("C-u")
        terminal.type(SAMPLE)
        terminal.keys("Enter", "y")
        terminal.wait("is an input")
        terminal.keys("Escape", "q")
        terminal.wait("status=0")
        with open("flow.txt", encoding="utf-8") as file:
            flow = file.read()
        expect(flow.startswith("  Time") and "INVITE (SDP)" in flow and "\nSIP/2.0 200 OK\n" in flow, "the flow is not in the file", flow)
        terminal.run(f"clear; {options.sipvet} --no-tui -q -o json call.pcap | grep -oE '\"call_id\":\"[^\"]*|\"packets\":[0-9]*,\"bytes|sip_messages\":[0-9]*'; echo end")
        saved = terminal.wait("\nend")
        expect('"0005c0de00009aab@192.0.2.10' in saved and '"packets":6,' in saved and 'sip_messages":6' in saved, "its packets are not in call.pcap", saved)
        terminal.run("clear; grep -c record calls.json; grep -o '\"id\":5' calls.json")
        terminal.wait("1\n", '"id":5')
        terminal.run(f"clear; {options.sipvet} {SAMPLE}; echo status=$?")
        terminal.wait("read: 14 calls", "Again")
        terminal.keys("q")
        terminal.wait("status=0")
        with open("config/sipvet/config.json", "w", encoding="ascii") as file:
            file.write('{"colums": []}')
        terminal.run(f"clear; {options.sipvet} {SAMPLE}; echo status=$?")
        terminal.wait("settings problem: see t")
        terminal.type("ts")
        terminal.wait("not written over")
        terminal.keys("q")
        terminal.wait("status=0")
    finally:
        terminal.close()


def chooses(options):
    """Keys, names of addresses and columns of the user's files, and that keeping settings keeps them, but not what is sngrep's."""
    os.makedirs("config/sipvet", exist_ok=True)
    config, sngreprc = os.path.abspath("config/sipvet/config.json"), os.path.abspath("sngreprc")
    with open(config, "w", encoding="utf-8") as file:
        file.write('{"columns": ["id", "state", "dst", "header:User-Agent"], "aliases": {"203.0.113.20:5060": "carrier"},'
                   ' "keys": {"common": {"help": "F12", "quit": "Q"}, "calls": {"mark": ["Enter", "Insert"], "flow": "^T"}}}')
    with open(sngreprc, "w", encoding="utf-8") as file:
        file.write("alias 192.0.2.71 pbx\nset cl.column0 index\n")
    terminal = Terminal(100, 30, SNGREPRC=sngreprc)
    try:
        terminal.run(f"{options.sipvet} {SAMPLE}; echo status=$?")
        terminal.wait("read: 14 calls", "carrier", "pbx:5060", "ExampleSBC", "F12 Help", "^T Flow")
        terminal.keys("a")
        terminal.wait("203.0.113.20:5060", gone=["carrier", "pbx"])
        terminal.keys("a", "Enter", "IC")
        terminal.wait("2 marked", "carrier")
        terminal.keys("F12")
        terminal.wait("Enter Insert   mark the call")
        terminal.keys("Escape", "C-t")
        terminal.wait("Call flow", "2 calls")
        terminal.keys("Escape")
        terminal.wait("2 marked")
        terminal.type("ts")
        terminal.wait("kept in")
        terminal.keys("Q")
        terminal.wait("status=0")
        with open(config, encoding="utf-8") as file:
            kept = json.load(file)
        expect(kept["aliases"] == {"203.0.113.20:5060": "carrier"}, "the aliases are others", str(kept))
        expect(kept["keys"]["calls"]["mark"] == ["Enter", "Insert"] and kept["columns"][3] == "header:User-Agent", "not all was kept", str(kept))
    finally:
        os.unlink(config)
        terminal.close()


def stops(options):
    """Ctrl-Z gives the terminal back and fg goes on; Ctrl-C, SIGTERM and quitting in the middle of a pipe end it, and outputs are whole."""
    terminal = Terminal(100, 30)
    try:
        terminal.run(f"{options.sipvet} --tui {SAMPLE}; echo status=$?")
        terminal.wait("read: 14 calls")
        terminal.keys("C-z")
        terminal.wait("Stopped", "ready>", gone=["F1 Help"])
        terminal.run("clear; fg; echo again=$?")
        terminal.wait("read: 14 calls", "F1 Help")
        terminal.keys("i")
        terminal.wait("Final answers")
        terminal.keys("C-c")
        terminal.wait("again=0", "ready>")
        # A pipe that nothing comes from any more: the read that waits must not keep the program. Texts of a pipe are kept in memory.
        os.mkfifo("stalled")
        terminal.run(f"clear; {options.sipvet} --tui - < stalled; echo pipe=$?")
        with open("stalled", "wb", buffering=0) as stalled, open(SAMPLE, "rb") as sample:
            stalled.write(sample.read(9000))
            terminal.wait("reading", "+12025550143", "standard input")
            terminal.keys("j", "j", "Enter")
            terminal.wait("call 3")
            terminal.keys("Enter")
            terminal.wait("INVITE sip:+12065550100@203.0.113.20 SIP/2.0")
            terminal.keys("q")
            terminal.wait("pipe=0", "ready>")
        terminal.run(f"clear; {options.sipvet} --tui -o json:calls.jsonl {SAMPLE}; echo killed=$?")
        terminal.wait("read: 14 calls")
        until = time.monotonic() + PATIENCE
        while open("calls.jsonl", encoding="ascii").read().count('"record":"call"') < 14:  # while the screens are still there
            expect(time.monotonic() < until, "the output waits for the screens to end")
            time.sleep(0.02)
        os.kill(pid_of(terminal), signal.SIGTERM)
        terminal.wait("killed=0", "ready>")
        terminal.run("clear; grep -c '\"record\":\"call\"' calls.jsonl")
        terminal.wait("14\n")
    finally:
        terminal.close()


def looks(options):
    """Without UTF-8: ASCII. With NO_COLOR, or a terminal that has none: no colour. Terminals that cannot: a message."""
    for environment, colours, ascii_only in (({}, True, False), ({"NO_COLOR": "1"}, False, False), ({"TERM": "vt100"}, False, False),
                                             ({"TERM": "xterm"}, True, False), ({"LC_ALL": "C"}, True, True)):
        terminal = Terminal(40, 10, **environment)  # so narrow that something is cut, with a mark
        try:
            terminal.run(f"{options.sipvet} --tui {SAMPLE}")
            screen = terminal.wait("read: 14 calls", "F1 Help")
            expect(("…" in screen, "~" in screen) == (not ascii_only, ascii_only), f"{environment}: ASCII only should be {ascii_only}", screen)
            coded = terminal.screen(colours=True).split("read:")[1]
            # SGR 30-49 and 90-107 are colours; 39 and 49 take them back.
            codes = {int(c) for part in coded.split("\x1b[")[1:] for c in part.split("m")[0].split(";") if c.isdigit()}
            found = any(30 <= c <= 48 and c != 39 or 90 <= c <= 107 for c in codes)
            expect(found == colours, f"{environment}: colours should be {colours}, codes are {codes}")
            terminal.keys("q")  # ended by a hang-up, LeakSanitizer can be stopped in its tracks, and spins
            terminal.wait("ready>", gone=["F1 Help"])
        finally:
            terminal.close()
    terminal = Terminal(80, 24)
    try:
        for environment, message in (("TERM=no-such-terminal", "terminal type"), ("TERM=dumb", "cannot show screens")):
            terminal.run(f"clear; {environment} {options.sipvet} --tui {SAMPLE}; echo status=$?")
            terminal.wait("status=2", message)
        # What nobody asked for is not missed: the report.
        for command in (f"TERM=dumb {options.sipvet} {SAMPLE}", f"{options.sipvet} {SAMPLE} | cat", f"{options.sipvet} --no-tui {SAMPLE}",
                        f"{options.sipvet} -o text {SAMPLE}", f"{options.sipvet} --check {SAMPLE}; true", f"{options.sipvet} -q {SAMPLE}"):
            terminal.run(f"clear; {command}; echo status=$?")
            terminal.wait("status=0", "malformed: 1", gone=["F1 Help"])
        terminal.run(f"clear; {options.sipvet} no-such-file; echo status=$?")
        terminal.wait("status=3", "no-such-file: cannot open")
        terminal.run(f"clear; {options.sipvet} --tui -o json {SAMPLE}; echo status=$?")
        terminal.wait("status=2", "give it a path")
        terminal.run(f"clear; setsid -w {options.sipvet} --tui {SAMPLE}; echo status=$?")
        terminal.wait("status=2", "no terminal")
    finally:
        terminal.close()


def gone(options):
    """The terminal is closed: the program ends, and does not spin until then."""
    terminal = Terminal(80, 24)
    try:
        # The hang-up comes twice, and the second one can stop LeakSanitizer in its tracks.
        terminal.run(f"ASAN_OPTIONS=detect_leaks=0 {options.sipvet} --tui {SAMPLE}")
        terminal.wait("read: 14 calls")
        pid = pid_of(terminal)
        before = sum(int(x) for x in open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()[11:13])
        time.sleep(1)
        after = sum(int(x) for x in open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()[11:13])
        expect(after - before <= 5, f"{after - before} ticks of CPU in a second of doing nothing")
    finally:
        terminal.close()
    until = time.monotonic() + PATIENCE
    while alive(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            raise Failed("the program outlives its terminal")
        time.sleep(0.02)


def quick(options):
    """Keys while a large file is read: the middle one of the answers comes within 50 ms. Quitting stops the reading."""
    capture = "large.pcap"
    bench = os.path.join(HERE, "..", "bench")
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", "generate", *(os.path.join(bench, f) for f in ("generate.c", "generate_sip.c"))],
                   check=True)
    subprocess.run(["./generate", "B", capture, "--scale", str(options.scale)], check=True, stdout=subprocess.DEVNULL)
    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.execv(options.sipvet, [options.sipvet, "--tui", *[capture] * 4])
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    seen = b""

    def read(seconds, mark=None):
        nonlocal seen
        until = time.monotonic() + seconds
        while mark is None or mark not in seen:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return mark is None
            seen += os.read(descriptor, 65536)
        return True

    try:
        expect(read(PATIENCE, b"INVITE"), "no calls are shown")
        waits = []
        for i in range(15):
            read(0.02)
            expect(b"read: " not in seen, f"the file was read before the keys were tried ({i}): make it larger")
            seen = b""
            begun = time.monotonic()
            os.write(descriptor, b"jk"[i % 2:i % 2 + 1])
            expect(read(PATIENCE, b">"), "no answer to a key")
            waits.append(time.monotonic() - begun)
        waits.sort()
        print(f"keys while reading: {waits[7] * 1000:.1f} ms in the middle, {waits[-1] * 1000:.1f} ms at most")
        expect(waits[7] < options.within, f"keys were answered after {waits[7] * 1000:.0f} ms")
        os.write(descriptor, b"q")
        try:
            while os.read(descriptor, 65536):
                pass
        except OSError:  # the other end is closed
            pass
    finally:
        os.kill(pid, signal.SIGTERM)
    expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "quitting in the middle of a file is no failure")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sipvet", required=True, type=os.path.abspath)
    parser.add_argument("--scale", type=float, default=0.1, help="of the workload that is read while keys are pressed")
    parser.add_argument("--within", type=float, default=0.05, help="seconds that the answer to a key may take")
    parser.add_argument("--only")
    options = parser.parse_args()
    if shutil.which("tmux") is None:
        print("skipped: tmux is not installed")
        return 77
    try:
        for descriptor in pty.openpty():
            os.close(descriptor)
    except OSError as why:
        print(f"skipped: no pseudo-terminal can be opened here: {why}")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for test in (walk, keeps, chooses, stops, looks, gone, quick):
            if options.only not in (None, test.__name__):
                continue
            try:
                test(options)
                print(f"terminal: {test.__name__} in order")
            except Failed as wrong:
                failed += 1
                print(f"terminal: {test.__name__}: {wrong}")
    return 1 if failed else 0


sys.exit(main())

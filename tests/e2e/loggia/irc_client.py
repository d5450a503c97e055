"""A small IRC client: one socket, lines in and out, no thread."""

import re
import socket
import time
from itertools import count

from .waiting import PATIENCE_SECONDS

_tokens = count(1)


class Line:
    """One received line, split as the protocol says."""

    def __init__(self, text):
        self.text = text
        rest = text
        self.tags = {}
        if rest.startswith("@"):
            tags, rest = rest[1:].split(" ", 1)
            for tag in tags.split(";"):
                key, _, value = tag.partition("=")
                self.tags[key] = value
        self.source = ""
        if rest.startswith(":"):
            self.source, rest = rest[1:].split(" ", 1)
        head, colon, trailing = rest.partition(" :")
        words = head.split()
        self.command = words[0]
        self.parameters = words[1:] + ([trailing] if colon else [])

    @property
    def nick(self):
        return self.source.split("!", 1)[0]

    def __repr__(self):
        return self.text


class Closed(Exception):
    """The server ended the connection: `how` is "end" (FIN) or "reset"."""

    def __init__(self, how):
        super().__init__(how)
        self.how = how


class IrcClient:
    """Connects, by TLS when a context for it is given, and, when a nick is given, registers."""

    def __init__(self, port, nick=None, caps=(), host="127.0.0.1", receive_buffer=None, tls=None):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.nick = nick
        self.seen = []  # every line ever received, for failure messages
        self._pending = b""
        if nick is not None:
            if caps:
                self.send("CAP REQ :" + " ".join(caps))
            self.send(f"NICK {nick}", f"USER {nick} 0 * :{nick.title()} of the tests")
            if caps:
                self.expect("CAP", "ACK")
                self.send("CAP END")
            self.burst = self.collect_until("376|422")

    def send(self, *lines):
        self.send_raw("".join(line + "\r\n" for line in lines).encode("utf-8"))

    def send_raw(self, data):
        self.socket.sendall(data)

    def next_line(self, seconds=PATIENCE_SECONDS):
        """The next line; answers the server's PINGs on the way. Raises Closed at the end, AssertionError when none comes."""
        deadline = time.monotonic() + seconds
        while True:
            while b"\n" not in self._pending:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self.nick}: no line within {seconds} s; the last were {self.seen[-12:]}")
                self.socket.settimeout(left)
                try:
                    data = self.socket.recv(65536)
                except socket.timeout:
                    continue
                except ConnectionError:
                    raise Closed("reset") from None
                if not data:
                    assert not self._pending, f"the connection ended inside a line: {self._pending!r}"
                    raise Closed("end")
                self._pending += data
            raw, self._pending = self._pending.split(b"\n", 1)
            assert raw.endswith(b"\r"), f"a line must end with CR LF: {raw!r}"
            line = Line(raw[:-1].decode("utf-8"))
            self.seen.append(line)
            if line.command == "PING":
                self.send(f"PONG :{line.parameters[0]}")
                continue
            return line

    def expect(self, command, *patterns, seconds=PATIENCE_SECONDS):
        """Skips to the next line whose command and text match these regular expressions."""
        return self.collect_until(command, *patterns, seconds=seconds)[-1]

    def collect_until(self, command, *patterns, seconds=PATIENCE_SECONDS):
        """All lines up to and with the matching one."""
        deadline = time.monotonic() + seconds
        lines = []
        while True:
            left = deadline - time.monotonic()
            try:
                lines.append(self.next_line(max(left, 0.001)))
            except Closed as closed:
                raise AssertionError(f"{self.nick}: closed ({closed.how}) while waiting for {command} {patterns}; got {lines}") from None
            except AssertionError as error:
                raise AssertionError(f"{self.nick}: waiting for {command} {patterns}: {error}") from None
            line = lines[-1]
            if re.fullmatch(command, line.command) and all(re.search(pattern, line.text) for pattern in patterns):
                return lines

    def sync(self):
        """Returns every line that was on its way: sends a PING and reads to its PONG."""
        token = f"sync-{next(_tokens)}"
        self.send(f"PING {token}")
        return self.collect_until("PONG", token)[:-1]

    def join(self, channel):
        self.send(f"JOIN {channel}")
        return self.collect_until("366", re.escape(channel))

    def say(self, target, text):
        self.send(f"PRIVMSG {target} :{text}")

    def read_to_end(self, seconds=PATIENCE_SECONDS):
        """Everything up to the end of the connection: the lines, and "end" or "reset"."""
        deadline = time.monotonic() + seconds
        lines = []
        while True:
            try:
                lines.append(self.next_line(max(deadline - time.monotonic(), 0.001)))
            except Closed as closed:
                return lines, closed.how

    def close(self):
        self.socket.close()

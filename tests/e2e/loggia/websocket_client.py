"""A WebSocket on a raw socket: every frame is the test's own, so that wrong ones can be sent too."""

import base64
import hashlib
import os
import socket
import struct

from .waiting import PATIENCE_SECONDS

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class RawWebSocket:
    """Asks for a WebSocket; `status` and `headers` are the answer."""

    def __init__(self, port, path="/irc", headers=None, source=None, method="GET", version="13", first=b""):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS, source_address=source)
        self.key = base64.b64encode(os.urandom(16))
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: keep-alive, Upgrade",
            f"Sec-WebSocket-Key: {self.key.decode()}",
            f"Sec-WebSocket-Version: {version}",
        ]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8") + first)
        self._pending = b""
        while b"\r\n\r\n" not in self._pending:
            self._more()
        head, self._pending = self._pending.split(b"\r\n\r\n", 1)
        status, *rest = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in rest)}
        if self.status == 101:
            expected = base64.b64encode(hashlib.sha1(self.key + _GUID).digest()).decode()
            assert self.headers["sec-websocket-accept"] == expected

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(self._pending)
        self._pending += data

    def _take(self, count):
        while len(self._pending) < count:
            self._more()
        taken, self._pending = self._pending[:count], self._pending[count:]
        return taken

    @staticmethod
    def frame(opcode, payload, final=True, mask=b"\x12\x00\xff\x5a"):
        head = bytes([(0x80 if final else 0) | opcode])
        marked = 0x80 if mask else 0
        if len(payload) < 126:
            head += bytes([marked | len(payload)])
        elif len(payload) < 65536:
            head += bytes([marked | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([marked | 127]) + struct.pack(">Q", len(payload))
        if not mask:
            return head + payload
        return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))

    def send(self, *lines, opcode=TEXT):
        self.socket.sendall(b"".join(self.frame(opcode, line.encode("utf-8")) for line in lines))

    def send_frame(self, opcode, payload, **how):
        self.socket.sendall(self.frame(opcode, payload, **how))

    def next_frame(self):
        """Kind and payload of the next frame, which must be whole and unmasked."""
        first, length = self._take(2)
        assert first & 0xF0 == 0x80 and length < 0x80, (first, length)
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        return first & 0x0F, self._take(length)

    def next_line(self, kind=TEXT):
        opcode, payload = self.next_frame()
        assert opcode == kind, (opcode, payload)
        assert not payload.endswith((b"\r", b"\n")), payload
        return payload.decode("utf-8")

    def expect(self, part, kind=TEXT):
        """Skips to the next line that contains this."""
        seen = []
        while True:
            seen.append(self.next_line(kind))
            if part in seen[-1]:
                return seen[-1]
            assert len(seen) < 200, seen

    def expect_close(self):
        """Skips to the close; returns its code, after which the connection must end."""
        while True:
            opcode, payload = self.next_frame()
            if opcode == CLOSE:
                break
        try:
            rest = self.socket.recv(1)
        except ConnectionError:
            rest = b""
        assert rest == b"" and self._pending == b""
        return struct.unpack(">H", payload[:2])[0] if payload else None

    def register(self, nick, kind=TEXT):
        self.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}", opcode=kind)
        self.expect(" 376 ", kind)

    def close(self):
        self.socket.close()

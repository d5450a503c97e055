"""A raw socket as the classroom clients use it: what one `recv` returns is one row."""

import socket
import struct
import threading
import time

from .waiting import PATIENCE_SECONDS, stays_false, until


class PlainClient:
    """Connects; a thread collects what each recv(1024) returned, with its time, like the clients' receivers do."""

    def __init__(self, port, name=None, line_end=None, host="127.0.0.1"):
        self.started = time.monotonic()
        self.socket = socket.create_connection((host, port), timeout=PATIENCE_SECONDS)
        self.socket.settimeout(None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.chunks = []  # (seconds since the connection was opened, bytes)
        self.ended = None  # "end" (FIN) or "reset"
        self.ended_at = None
        self.line_end = line_end or b""
        self._searched = 0
        threading.Thread(target=self._receive, daemon=True).start()
        if name is not None:
            self.wait_rows(1)
            self.send(name)

    def _receive(self):
        while True:
            try:
                data = self.socket.recv(1024)
            except OSError:
                self.ended, self.ended_at = "reset", time.monotonic()
                return
            if not data:
                self.ended, self.ended_at = "end", time.monotonic()
                return
            self.chunks.append((time.monotonic() - self.started, data))

    @property
    def rows(self):
        """What the receiver of a classroom client would have drawn, row by row."""
        return [data.decode("utf-8") for _, data in list(self.chunks)]

    @property
    def text(self):
        return b"".join(data for _, data in list(self.chunks)).decode("utf-8", "replace")

    @property
    def lines(self):
        return self.text.splitlines()

    def send(self, text):
        self.send_raw((text if isinstance(text, bytes) else text.encode("utf-8")) + self.line_end)

    def send_raw(self, data):
        self.socket.sendall(data)

    def wait_rows(self, number, seconds=PATIENCE_SECONDS):
        return until(lambda: self.rows if len(self.chunks) >= number else None, lambda: f"{number} rows; got {self.rows}", seconds)

    def wait_text(self, text, seconds=PATIENCE_SECONDS):
        """Waits for `text` after what an earlier wait has found."""

        def found():
            at = self.text.find(text, self._searched)
            if at < 0:
                assert self.ended is None, f"closed ({self.ended}) before {text!r}; got {self.text!r}"
                return False
            self._searched = at + len(text)
            return True

        until(found, lambda: f"{text!r} in {self.text[self._searched:]!r} (before it: {self.text[:self._searched]!r})", seconds)

    def wait_end(self, seconds=PATIENCE_SECONDS):
        return until(lambda: self.ended, lambda: f"the end of the connection; rows {self.rows}", seconds)

    def stays_silent(self, seconds=0.4):
        before = len(self.chunks)
        stays_false(lambda: len(self.chunks) > before, lambda: f"new rows {self.rows[before:]}", seconds)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends the connection the way a killed Windows program does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.shutdown(socket.SHUT_RD)  # lets go of our own recv, without which close() sends nothing
        self.wait_end()
        self.socket.close()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended already
        self.socket.close()
